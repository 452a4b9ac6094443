//! [`Lanes`] on AVX-512 (F and DQ): one register.

use super::lanes::{Chunk, Kernel, Lanes, WIDTH};
use std::arch::x86_64::*;

/// Proof that the machine has AVX-512 F, DQ and VL, and all that AVX2 asks for.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    /// The token, if the machine has the instructions.
    pub fn new() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && super::avx2::Avx2::new().is_some())
        .then_some(Self(()))
    }

    /// Runs `kernel`, compiled with these instructions.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma,popcnt,bmi1,bmi2")]
        fn entry<K: Kernel>(lanes: Avx512, kernel: K) -> K::Output {
            kernel.run(lanes)
        }
        // SAFETY: the token exists only where `new` found the instructions.
        unsafe { entry(self, kernel) }
    }
}

/// Column `4 h + k` of four rows stands in quarter `h` of result `k`.
///
/// # Safety
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn quarters([a, b, c, d]: [__m512; 4]) -> [__m512; 4] {
    // SAFETY: the caller's.
    unsafe {
        let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
        [
            _mm512_shuffle_ps::<0x44>(ab, cd),
            _mm512_shuffle_ps::<0xee>(ab, cd),
            _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm512_shuffle_ps::<0xee>(ab_high, cd_high),
        ]
    }
}

/// Result `h` is made of quarter `h` of all four.
///
/// # Safety
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn columns([a, b, c, d]: [__m512; 4]) -> [__m512; 4] {
    // SAFETY: the caller's.
    unsafe {
        let ab = _mm512_shuffle_f32x4::<0x88>(a, b);
        let cd = _mm512_shuffle_f32x4::<0x88>(c, d);
        let ab_odd = _mm512_shuffle_f32x4::<0xdd>(a, b);
        let cd_odd = _mm512_shuffle_f32x4::<0xdd>(c, d);
        [
            _mm512_shuffle_f32x4::<0x88>(ab, cd),
            _mm512_shuffle_f32x4::<0x88>(ab_odd, cd_odd),
            _mm512_shuffle_f32x4::<0xdd>(ab, cd),
            _mm512_shuffle_f32x4::<0xdd>(ab_odd, cd_odd),
        ]
    }
}

/// Quarter `h` of the result holds what is left of row `h` after `(l, l + 8)` and `(l, l + 4)`.
///
/// # Safety
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn quarters_of_sums(a: __m512, b: __m512, c: __m512, d: __m512) -> __m512 {
    // SAFETY: the caller's.
    unsafe {
        let ab = _mm512_add_ps(
            _mm512_shuffle_f32x4::<0x44>(a, b),
            _mm512_shuffle_f32x4::<0xee>(a, b),
        );
        let cd = _mm512_add_ps(
            _mm512_shuffle_f32x4::<0x44>(c, d),
            _mm512_shuffle_f32x4::<0xee>(c, d),
        );
        _mm512_add_ps(
            _mm512_shuffle_f32x4::<0x88>(ab, cd),
            _mm512_shuffle_f32x4::<0xdd>(ab, cd),
        )
    }
}

/// In every quarter the sums of that quarter of all four, by `(l, l + 2)` and `(l, l + 1)`.
///
/// # Safety
/// The machine has AVX-512 F.
#[inline(always)]
unsafe fn sums_of_quarters([a, b, c, d]: [__m512; 4]) -> __m512 {
    // SAFETY: the caller's.
    unsafe {
        let ab = _mm512_add_ps(
            _mm512_shuffle_ps::<0x44>(a, b),
            _mm512_shuffle_ps::<0xee>(a, b),
        );
        let cd = _mm512_add_ps(
            _mm512_shuffle_ps::<0x44>(c, d),
            _mm512_shuffle_ps::<0xee>(c, d),
        );
        _mm512_add_ps(
            _mm512_shuffle_ps::<0x88>(ab, cd),
            _mm512_shuffle_ps::<0xdd>(ab, cd),
        )
    }
}

// Every `unsafe` below: the token exists only where `new` found the instructions, and references to a
// `Chunk` are valid and aligned for 64 bytes.
impl Lanes for Avx512 {
    type V = __m512;
    type M = __mmask16;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        self.run(kernel)
    }

    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_set1_ps(x) }
    }
    #[inline(always)]
    fn load(self, from: &Chunk) -> __m512 {
        // SAFETY: the token; a chunk is 64 aligned bytes.
        unsafe { _mm512_load_ps(from.0.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, v: __m512, to: &mut Chunk) {
        // SAFETY: the token; a chunk is 64 aligned bytes.
        unsafe { _mm512_store_ps(to.0.as_mut_ptr(), v) }
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_div_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn sqrt(self, a: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_sqrt_ps(a) }
    }
    #[inline(always)]
    fn gt(self, a: __m512, b: __m512) -> __mmask16 {
        // SAFETY: the token.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b) }
    }
    #[inline(always)]
    fn select(self, m: __mmask16, a: __m512, b: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_mask_blend_ps(m, b, a) }
    }
    #[inline(always)]
    fn keep(self, m: __mmask16, a: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_maskz_mov_ps(m, a) }
    }
    #[inline(always)]
    fn bits(self, m: __mmask16) -> u16 {
        m
    }
    #[inline(always)]
    fn round(self, a: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
    }
    #[inline(always)]
    fn power_of_two(self, k: __m512) -> __m512 {
        // SAFETY: the token.
        unsafe {
            let biased = _mm512_add_epi32(_mm512_cvtps_epi32(k), _mm512_set1_epi32(127));
            _mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased))
        }
    }
    #[inline(always)]
    fn mantissa_exponent(self, a: __m512) -> (__m512, __m512) {
        // SAFETY: the token.
        unsafe {
            let bits = _mm512_castps_si512(a);
            let fraction = _mm512_and_si512(bits, _mm512_set1_epi32(0x007f_ffff));
            let mantissa = _mm512_or_si512(fraction, _mm512_set1_epi32(0x3f80_0000));
            let exponent = _mm512_cvtepi32_ps(_mm512_srli_epi32::<23>(bits));
            (
                _mm512_castsi512_ps(mantissa),
                _mm512_sub_ps(exponent, _mm512_set1_ps(127.0)),
            )
        }
    }
    #[inline(always)]
    fn sum(self, a: __m512) -> f32 {
        // SAFETY: the token.
        unsafe {
            let half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps::<1>(a));
            super::avx2::sum_of_eight(half)
        }
    }
    #[inline(always)]
    fn relu(self, a: __m512) -> __m512 {
        // SAFETY: the token. The instruction gives its second operand unless the first is greater.
        unsafe { _mm512_max_ps(a, _mm512_setzero_ps()) }
    }
    #[inline(always)]
    fn sums(self, r: [__m512; WIDTH]) -> __m512 {
        // Lane `4 h + k` comes from quarter `h` of the `k`-th of four.
        // SAFETY: the token.
        unsafe {
            sums_of_quarters([
                quarters_of_sums(r[0], r[4], r[8], r[12]),
                quarters_of_sums(r[1], r[5], r[9], r[13]),
                quarters_of_sums(r[2], r[6], r[10], r[14]),
                quarters_of_sums(r[3], r[7], r[11], r[15]),
            ])
        }
    }
    #[inline(always)]
    fn pack(self, a: __m512, bits: u16, to: &mut [f32; WIDTH]) {
        // SAFETY: the token; sixteen f32, aligned or not.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), _mm512_maskz_compress_ps(bits, a)) }
    }
    #[inline(always)]
    fn transpose(self, r: [__m512; WIDTH]) -> [__m512; WIDTH] {
        // Four by four inside the quarters of four rows, then the quarters. No closures: they would
        // not be compiled with the instructions.
        // SAFETY: the token.
        unsafe {
            let a = quarters([r[0], r[1], r[2], r[3]]);
            let b = quarters([r[4], r[5], r[6], r[7]]);
            let c = quarters([r[8], r[9], r[10], r[11]]);
            let d = quarters([r[12], r[13], r[14], r[15]]);
            let [p0, p4, p8, p12] = columns([a[0], b[0], c[0], d[0]]);
            let [p1, p5, p9, p13] = columns([a[1], b[1], c[1], d[1]]);
            let [p2, p6, p10, p14] = columns([a[2], b[2], c[2], d[2]]);
            let [p3, p7, p11, p15] = columns([a[3], b[3], c[3], d[3]]);
            [
                p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15,
            ]
        }
    }
}
