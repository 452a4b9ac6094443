//! [`Lanes`] on AVX2 with FMA: two registers, lanes 0 to 7 and 8 to 15.

use super::lanes::{Chunk, Kernel, Lanes, WIDTH};
use std::arch::x86_64::*;

/// Proof that the machine has AVX2 and FMA, and counts bits (POPCNT, BMI).
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// The token, if the machine has the instructions.
    pub fn new() -> Option<Self> {
        (is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2"))
        .then_some(Self(()))
    }

    /// Runs `kernel`, compiled with these instructions.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,fma,popcnt,bmi1,bmi2")]
        fn entry<K: Kernel>(lanes: Avx2, kernel: K) -> K::Output {
            kernel.run(lanes)
        }
        // SAFETY: the token exists only where `new` found the instructions.
        unsafe { entry(self, kernel) }
    }
}

/// The sum of eight lanes by the tree of halves.
///
/// # Safety
/// The machine has AVX.
#[inline(always)]
pub(super) unsafe fn sum_of_eight(a: __m256) -> f32 {
    // SAFETY: the caller's.
    unsafe {
        let quarter = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
        let eighth = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
        let last = _mm_add_ss(eighth, _mm_shuffle_ps::<1>(eighth, eighth));
        _mm_cvtss_f32(last)
    }
}

/// Eight rows of eight, transposed.
///
/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn eight_by_eight(r: [__m256; 8]) -> [__m256; 8] {
    // SAFETY: the caller's.
    unsafe {
        let [a, b, c, d] = quarters([r[0], r[1], r[2], r[3]]);
        let [e, f, g, h] = quarters([r[4], r[5], r[6], r[7]]);
        [
            _mm256_permute2f128_ps::<0x20>(a, e),
            _mm256_permute2f128_ps::<0x20>(b, f),
            _mm256_permute2f128_ps::<0x20>(c, g),
            _mm256_permute2f128_ps::<0x20>(d, h),
            _mm256_permute2f128_ps::<0x31>(a, e),
            _mm256_permute2f128_ps::<0x31>(b, f),
            _mm256_permute2f128_ps::<0x31>(c, g),
            _mm256_permute2f128_ps::<0x31>(d, h),
        ]
    }
}

/// Column `4 h + k` of four rows stands in half `h` of result `k`.
///
/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn quarters([a, b, c, d]: [__m256; 4]) -> [__m256; 4] {
    // SAFETY: the caller's.
    unsafe {
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        [
            _mm256_shuffle_ps::<0x44>(ab, cd),
            _mm256_shuffle_ps::<0xee>(ab, cd),
            _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm256_shuffle_ps::<0xee>(ab_high, cd_high),
        ]
    }
}

/// Entry `b`: the places of the set bits of `b`, lowest first, then anything.
static ONES: [[u32; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][count] = bit as u32;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
};

/// Half `h` of the result holds what is left of row `h` after `(l, l + 8)` and `(l, l + 4)`.
///
/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn halves_of_sums(a: V, b: V) -> __m256 {
    // SAFETY: the caller's.
    unsafe {
        let (a, b) = (_mm256_add_ps(a[0], a[1]), _mm256_add_ps(b[0], b[1]));
        _mm256_add_ps(
            _mm256_permute2f128_ps::<0x20>(a, b),
            _mm256_permute2f128_ps::<0x31>(a, b),
        )
    }
}

/// Lane `l` is the sum of row `l`.
///
/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn sums_of_eight(r: [V; 8]) -> __m256 {
    // SAFETY: the caller's.
    unsafe {
        let (a, b) = (halves_of_sums(r[0], r[4]), halves_of_sums(r[1], r[5]));
        let (c, d) = (halves_of_sums(r[2], r[6]), halves_of_sums(r[3], r[7]));
        let ab = _mm256_add_ps(
            _mm256_shuffle_ps::<0x44>(a, b),
            _mm256_shuffle_ps::<0xee>(a, b),
        );
        let cd = _mm256_add_ps(
            _mm256_shuffle_ps::<0x44>(c, d),
            _mm256_shuffle_ps::<0xee>(c, d),
        );
        _mm256_add_ps(
            _mm256_shuffle_ps::<0x88>(ab, cd),
            _mm256_shuffle_ps::<0xdd>(ab, cd),
        )
    }
}

type V = [__m256; 2];

/// Both halves by one instruction.
macro_rules! both {
    ($f:ident, $($a:ident),+) => {
        // SAFETY: the token exists only where `new` found the instructions.
        unsafe { [$f($($a[0]),+), $f($($a[1]),+)] }
    };
}

impl Lanes for Avx2 {
    type V = V;
    type M = V;
    const REGISTERS: usize = 8;

    #[inline(always)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        self.run(kernel)
    }

    #[inline(always)]
    fn splat(self, x: f32) -> V {
        // SAFETY: the token.
        unsafe { [_mm256_set1_ps(x); 2] }
    }
    #[inline(always)]
    fn load(self, from: &Chunk) -> V {
        let p = from.0.as_ptr();
        // SAFETY: the token; a chunk is 64 aligned bytes.
        unsafe { [_mm256_load_ps(p), _mm256_load_ps(p.add(8))] }
    }
    #[inline(always)]
    fn store(self, v: V, to: &mut Chunk) {
        let p = to.0.as_mut_ptr();
        // SAFETY: the token; a chunk is 64 aligned bytes.
        unsafe {
            _mm256_store_ps(p, v[0]);
            _mm256_store_ps(p.add(8), v[1]);
        }
    }
    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        both!(_mm256_add_ps, a, b)
    }
    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        both!(_mm256_sub_ps, a, b)
    }
    #[inline(always)]
    fn mul(self, a: V, b: V) -> V {
        both!(_mm256_mul_ps, a, b)
    }
    #[inline(always)]
    fn div(self, a: V, b: V) -> V {
        both!(_mm256_div_ps, a, b)
    }
    #[inline(always)]
    fn mul_add(self, a: V, b: V, c: V) -> V {
        both!(_mm256_fmadd_ps, a, b, c)
    }
    #[inline(always)]
    fn sqrt(self, a: V) -> V {
        both!(_mm256_sqrt_ps, a)
    }
    #[inline(always)]
    fn gt(self, a: V, b: V) -> V {
        // SAFETY: the token.
        unsafe {
            [
                _mm256_cmp_ps::<_CMP_GT_OQ>(a[0], b[0]),
                _mm256_cmp_ps::<_CMP_GT_OQ>(a[1], b[1]),
            ]
        }
    }
    #[inline(always)]
    fn select(self, m: V, a: V, b: V) -> V {
        both!(_mm256_blendv_ps, b, a, m)
    }
    #[inline(always)]
    fn keep(self, m: V, a: V) -> V {
        both!(_mm256_and_ps, m, a)
    }
    #[inline(always)]
    fn bits(self, m: V) -> u16 {
        // SAFETY: the token.
        unsafe { (_mm256_movemask_ps(m[0]) | _mm256_movemask_ps(m[1]) << 8) as u16 }
    }
    #[inline(always)]
    fn round(self, a: V) -> V {
        let one = |a| {
            // SAFETY: the token.
            unsafe { _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
        };
        a.map(one)
    }
    #[inline(always)]
    fn power_of_two(self, k: V) -> V {
        // SAFETY: the token.
        let one = |k| unsafe {
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(k), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
        };
        k.map(one)
    }
    #[inline(always)]
    fn mantissa_exponent(self, a: V) -> (V, V) {
        // SAFETY: the token.
        let mantissa = |a| unsafe {
            let bits = _mm256_castps_si256(a);
            let fraction = _mm256_and_si256(bits, _mm256_set1_epi32(0x007f_ffff));
            _mm256_castsi256_ps(_mm256_or_si256(fraction, _mm256_set1_epi32(0x3f80_0000)))
        };
        // SAFETY: the token.
        let exponent = |a| unsafe {
            let field = _mm256_cvtepi32_ps(_mm256_srli_epi32::<23>(_mm256_castps_si256(a)));
            _mm256_sub_ps(field, _mm256_set1_ps(127.0))
        };
        (a.map(mantissa), a.map(exponent))
    }
    #[inline(always)]
    fn sum(self, a: V) -> f32 {
        // SAFETY: the token.
        unsafe { sum_of_eight(_mm256_add_ps(a[0], a[1])) }
    }
    #[inline(always)]
    fn relu(self, a: V) -> V {
        // The instruction gives its second operand unless the first is greater.
        let zero = self.splat(0.0);
        both!(_mm256_max_ps, a, zero)
    }
    #[inline(always)]
    fn sums(self, r: [V; WIDTH]) -> V {
        // SAFETY: the token.
        unsafe {
            [
                sums_of_eight([r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]]),
                sums_of_eight([r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]]),
            ]
        }
    }
    #[inline(always)]
    fn pack(self, a: V, bits: u16, to: &mut [f32; WIDTH]) {
        let [low, high] = bits.to_le_bytes().map(usize::from);
        let middle = low.count_ones() as usize;
        // SAFETY: the token; eight f32 from places 0 and at most 8, aligned or not.
        unsafe {
            let first = _mm256_loadu_si256(ONES[low].as_ptr().cast());
            let second = _mm256_loadu_si256(ONES[high].as_ptr().cast());
            let to = to.as_mut_ptr();
            _mm256_storeu_ps(to, _mm256_permutevar8x32_ps(a[0], first));
            _mm256_storeu_ps(to.add(middle), _mm256_permutevar8x32_ps(a[1], second));
        }
    }
    #[inline(always)]
    fn transpose(self, r: [V; WIDTH]) -> [V; WIDTH] {
        // block (i, l) of the result is the transposed block (l, i)
        let mut out = [self.splat(0.0); WIDTH];
        for i in 0..2 {
            for l in 0..2 {
                let mut rows = [r[8 * l][i]; 8];
                for (k, row) in rows.iter_mut().enumerate() {
                    *row = r[8 * l + k][i];
                }
                // SAFETY: the token.
                let columns = unsafe { eight_by_eight(rows) };
                for (k, column) in columns.into_iter().enumerate() {
                    out[8 * i + k][l] = column;
                }
            }
        }
        out
    }
}
