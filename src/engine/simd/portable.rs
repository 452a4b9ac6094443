//! [`Lanes`] in plain Rust: the meaning of every operation, on any machine. Slow where the machine has
//! no fused multiply-add of its own.

use super::lanes::{Chunk, Kernel, Lanes, WIDTH};
use std::array::from_fn;

/// Plain Rust; always there.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

type V = [f32; WIDTH];

impl Lanes for Portable {
    type V = V;
    type M = [bool; WIDTH];
    const REGISTERS: usize = 1;

    #[inline(never)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }

    #[inline(always)]
    fn splat(self, x: f32) -> V {
        [x; WIDTH]
    }
    #[inline(always)]
    fn load(self, from: &Chunk) -> V {
        from.0
    }
    #[inline(always)]
    fn store(self, v: V, to: &mut Chunk) {
        to.0 = v;
    }
    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        from_fn(|l| a[l] + b[l])
    }
    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        from_fn(|l| a[l] - b[l])
    }
    #[inline(always)]
    fn mul(self, a: V, b: V) -> V {
        from_fn(|l| a[l] * b[l])
    }
    #[inline(always)]
    fn div(self, a: V, b: V) -> V {
        from_fn(|l| a[l] / b[l])
    }
    #[inline(always)]
    fn mul_add(self, a: V, b: V, c: V) -> V {
        from_fn(|l| a[l].mul_add(b[l], c[l]))
    }
    #[inline(always)]
    fn sqrt(self, a: V) -> V {
        a.map(f32::sqrt)
    }
    #[inline(always)]
    fn gt(self, a: V, b: V) -> Self::M {
        from_fn(|l| a[l] > b[l])
    }
    #[inline(always)]
    fn select(self, m: Self::M, a: V, b: V) -> V {
        from_fn(|l| if m[l] { a[l] } else { b[l] })
    }
    #[inline(always)]
    fn bits(self, m: Self::M) -> u16 {
        (0..WIDTH).fold(0, |bits, l| bits | u16::from(m[l]) << l)
    }
    #[inline(always)]
    fn round(self, a: V) -> V {
        a.map(f32::round_ties_even)
    }
    #[inline(always)]
    fn power_of_two(self, k: V) -> V {
        // the biased exponent field, nothing else set
        k.map(|k| f32::from_bits(((k as i32).wrapping_add(127) as u32) << 23))
    }
    #[inline(always)]
    fn mantissa_exponent(self, a: V) -> (V, V) {
        let mantissa = a.map(|a| f32::from_bits(a.to_bits() & 0x007f_ffff | 0x3f80_0000));
        let exponent = a.map(|a| (a.to_bits() >> 23) as i32 as f32 - 127.0);
        (mantissa, exponent)
    }
    #[inline(always)]
    fn sum(self, a: V) -> f32 {
        let half: [f32; 8] = from_fn(|l| a[l] + a[l + 8]);
        let quarter: [f32; 4] = from_fn(|l| half[l] + half[l + 4]);
        let eighth: [f32; 2] = from_fn(|l| quarter[l] + quarter[l + 2]);
        eighth[0] + eighth[1]
    }
    #[inline(always)]
    fn sums(self, rows: [V; WIDTH]) -> V {
        rows.map(|row| self.sum(row))
    }
    #[inline(always)]
    fn pack(self, a: V, bits: u16, to: &mut [f32; WIDTH]) {
        let mut at = 0;
        for (l, a) in a.into_iter().enumerate() {
            to[at] = a; // overwritten by the next if its bit is not set
            at = (at + usize::from(bits >> l & 1)).min(WIDTH - 1);
        }
    }
    #[inline(always)]
    fn transpose(self, rows: [V; WIDTH]) -> [V; WIDTH] {
        from_fn(|i| from_fn(|l| rows[l][i]))
    }
}
