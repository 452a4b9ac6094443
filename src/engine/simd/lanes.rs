//! The contract of every instruction set: sixteen f32 at once, each operation rounded once.
//!
//! One virtual width and one reduction tree, whatever the registers of the machine: portable, AVX2
//! (two registers) and AVX-512 (one) give the same bits (tests `portable_vs_*` beside the sets).
//! Written once over [`Lanes`], a kernel never names an instruction set.

/// The virtual width: f32 per vector.
pub const WIDTH: usize = 16;

/// Sixteen f32 on a cache line of their own: what memory holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Chunk(pub [f32; WIDTH]);

/// Chunks as plain numbers.
pub fn flat(chunks: &[Chunk]) -> &[f32] {
    // SAFETY: a chunk is `repr(C)`, sixteen f32 and no padding.
    unsafe { std::slice::from_raw_parts(chunks.as_ptr().cast(), chunks.len() * WIDTH) }
}

/// Chunks as plain numbers.
pub fn flat_mut(chunks: &mut [Chunk]) -> &mut [f32] {
    // SAFETY: a chunk is `repr(C)`, sixteen f32 and no padding.
    unsafe { std::slice::from_raw_parts_mut(chunks.as_mut_ptr().cast(), chunks.len() * WIDTH) }
}

/// An instruction set. The value is a token: whoever holds one may use its instructions.
///
/// Laws: every operation is IEEE-754 round to nearest, lane by lane; `mul_add` rounds once; a
/// comparison with NaN is false; [`Self::sum`] is the tree of halves, `(l, l + 8)`, `(l, l + 4)`,
/// `(l, l + 2)`, `(l, l + 1)`.
pub trait Lanes: Copy {
    /// Sixteen f32.
    type V: Copy;
    /// Sixteen truth values.
    type M: Copy;
    /// How many vectors fit in registers, roughly: what blocked kernels may hold at once.
    const REGISTERS: usize;

    /// Runs `kernel` as a function of its own, compiled once with these instructions however often it
    /// is called.
    fn call<K: Kernel>(self, kernel: K) -> K::Output;

    /// `x` in every lane.
    fn splat(self, x: f32) -> Self::V;
    /// The lanes of a chunk.
    fn load(self, from: &Chunk) -> Self::V;
    /// Writes all lanes.
    fn store(self, v: Self::V, to: &mut Chunk);
    /// `a + b`.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`.
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b`.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a / b`.
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The square root.
    fn sqrt(self, a: Self::V) -> Self::V;
    /// `a > b`.
    fn gt(self, a: Self::V, b: Self::V) -> Self::M;
    /// `a` where `m`, else `b`.
    fn select(self, m: Self::M, a: Self::V, b: Self::V) -> Self::V;
    /// Bit `l` is lane `l`.
    fn bits(self, m: Self::M) -> u16;
    /// The nearest integer, ties to even.
    fn round(self, a: Self::V) -> Self::V;
    /// `2^k` for integral `k` in -126..=127; any value for another `k`.
    fn power_of_two(self, k: Self::V) -> Self::V;
    /// `(m, e)` with `a = m 2^e`, `1 <= m < 2`, for normal `a > 0`; any value for another `a`.
    fn mantissa_exponent(self, a: Self::V) -> (Self::V, Self::V);
    /// The sum of the lanes, by the tree of halves.
    fn sum(self, a: Self::V) -> f32;
    /// Lane `l` is `sum(rows[l])`, bit for bit.
    fn sums(self, rows: [Self::V; WIDTH]) -> Self::V;
    /// The lanes whose bits are set, in order, at the front of `to`; what follows there is undefined.
    fn pack(self, a: Self::V, bits: u16, to: &mut [f32; WIDTH]);
    /// Lane `l` of the `i`-th result is lane `i` of `rows[l]`.
    fn transpose(self, rows: [Self::V; WIDTH]) -> [Self::V; WIDTH];

    /// `a` where `a > 0`, else `+0` (NaN too).
    #[inline(always)]
    fn relu(self, a: Self::V) -> Self::V {
        let zero = self.splat(0.0);
        self.select(self.gt(a, zero), a, zero)
    }
    /// `a` where `m`, else `+0`.
    #[inline(always)]
    fn keep(self, m: Self::M, a: Self::V) -> Self::V {
        self.select(m, a, self.splat(0.0))
    }
}

/// Work written once for all instruction sets. Mark `run` and what it calls `#[inline(always)]`:
/// only what is inlined into the entry of a set is compiled with its instructions.
pub trait Kernel {
    /// What the work gives.
    type Output;
    /// The work.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}
