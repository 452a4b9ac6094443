//! Our own `exp`, softplus and sigmoid, with the same bits on every instruction set.
//!
//! ```text
//! e^x         = 2^k e^r,   k = round(x / ln 2),  r = x - k ln 2 in two pieces,
//!               e^r = 1 + r + r^2 p(r)                       |r| <= (ln 2)/2
//! ln(1 + e^t) = max(t, 0) + ln(1 + u),  u = e^-|t|,
//!               ln(1 + u) = u (1 + u q(u))                   0 <= u <= 1
//! 1/(1+e^-t)  = 1/(1 + u) for t > 0, else u/(1 + u)
//! ```
//!
//! `p` and `q` interpolate at Chebyshev points, with coefficients rounded to f32; relative to the
//! function the first is off by 0.2, the second by 0.6 units of 2^-24. Nothing but the operations of
//! [`Lanes`] is used, so the bits are the contract's.
//!
//! Error, in units in the last place of the exact value (2^-149 below the normal range): `exp` at
//! most 1, softplus and sigmoid at most 2 (tests `*_vs_mpfr`). NaN gives NaN; the limits at
//! +-infinity are exact; results below the normal range are rounded once more, not flushed.

use super::simd::lanes::{Lanes, WIDTH};
use super::simd::portable::Portable;

/// `1/ln 2`.
const PER_LN_2: f32 = std::f32::consts::LOG2_E;
/// `ln 2` rounded; `x - k LN_2_HIGH` is exact wherever it is used.
const LN_2_HIGH: f32 = std::f32::consts::LN_2;
/// `ln 2 - LN_2_HIGH`, rounded.
const LN_2_LOW: f32 = -1.904_654_2e-9;
/// Above it e^x overflows, below `-RANGE.0` it rounds to 0.
const RANGE: (f32, f32) = (-104.0, 89.0);

/// `p`, lowest degree first.
const EXP: [f32; 5] = [
    0.5,
    0.166_665_78,
    0.041_666_556,
    0.008_363_173,
    0.001_392_617_6,
];
/// `q`, lowest degree first.
const LOG: [f32; 9] = [
    -0.499_999_97,
    0.333_328_43,
    -0.249_865_26,
    0.198_541_06,
    -0.158_475_65,
    0.115_618_45,
    -0.066_757_72,
    0.025_224_054,
    -0.004_466_211_4,
];

/// The polynomial with these coefficients, lowest degree first, by Horner's rule.
#[inline(always)]
fn horner<L: Lanes, const N: usize>(lanes: L, coefficients: &[f32; N], x: L::V) -> L::V {
    let mut value = lanes.splat(coefficients[N - 1]);
    for &c in coefficients[..N - 1].iter().rev() {
        value = lanes.mul_add(value, x, lanes.splat(c));
    }
    value
}

/// `e^x`.
#[inline(always)]
pub fn exp<L: Lanes>(lanes: L, x: L::V) -> L::V {
    let (low, high) = (lanes.splat(RANGE.0), lanes.splat(RANGE.1));
    let x = lanes.select(lanes.gt(x, high), high, x);
    let x = lanes.select(lanes.gt(low, x), low, x);
    let k = lanes.round(lanes.mul(x, lanes.splat(PER_LN_2)));
    let r = lanes.mul_add(k, lanes.splat(-LN_2_HIGH), x);
    let r = lanes.mul_add(k, lanes.splat(-LN_2_LOW), r);
    let one = lanes.splat(1.0);
    let p = horner(lanes, &EXP, r);
    let e = lanes.mul_add(lanes.mul_add(p, r, one), r, one);
    // 2^k in two factors: k may lie outside the normal exponents, and then only the last rounds
    let half = lanes.round(lanes.mul(k, lanes.splat(0.5)));
    let rest = lanes.sub(k, half);
    let scaled = lanes.mul(e, lanes.power_of_two(half));
    lanes.mul(scaled, lanes.power_of_two(rest))
}

/// `u = e^-|t|` and where `t > 0`.
#[inline(always)]
fn decay<L: Lanes>(lanes: L, t: L::V) -> (L::V, L::M) {
    let zero = lanes.splat(0.0);
    let positive = lanes.gt(t, zero);
    let u = exp(lanes, lanes.select(positive, lanes.sub(zero, t), t));
    (u, positive)
}

/// `ln(1 + e^t)` from [`decay`].
#[inline(always)]
fn softplus_of<L: Lanes>(lanes: L, t: L::V, u: L::V) -> L::V {
    let q = horner(lanes, &LOG, u);
    let log = lanes.mul_add(q, u, lanes.splat(1.0)); // ln(1 + u) / u
    lanes.mul_add(u, log, lanes.relu(t))
}

/// `1/(1 + e^-t)` from [`decay`].
#[inline(always)]
fn sigmoid_of<L: Lanes>(lanes: L, u: L::V, positive: L::M) -> L::V {
    let one = lanes.splat(1.0);
    lanes.div(lanes.select(positive, one, u), lanes.add(one, u))
}

/// `ln(1 + e^t)`.
#[inline(always)]
pub fn softplus<L: Lanes>(lanes: L, t: L::V) -> L::V {
    let (u, _) = decay(lanes, t);
    softplus_of(lanes, t, u)
}

/// `1/(1 + e^-t)`.
#[inline(always)]
pub fn sigmoid<L: Lanes>(lanes: L, t: L::V) -> L::V {
    let (u, positive) = decay(lanes, t);
    sigmoid_of(lanes, u, positive)
}

/// `(softplus, sigmoid)`, a function and its derivative, for one exponential.
#[inline(always)]
pub fn softplus_sigmoid<L: Lanes>(lanes: L, t: L::V) -> (L::V, L::V) {
    let (u, positive) = decay(lanes, t);
    (softplus_of(lanes, t, u), sigmoid_of(lanes, u, positive))
}

/// `e^x`, one number.
pub fn exp_one(x: f32) -> f32 {
    exp(Portable, [x; WIDTH])[0]
}

/// `ln(1 + e^t)`, one number.
pub fn softplus_one(t: f32) -> f32 {
    softplus(Portable, [t; WIDTH])[0]
}

/// `1/(1 + e^-t)`, one number.
pub fn sigmoid_one(t: f32) -> f32 {
    sigmoid(Portable, [t; WIDTH])[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Isa;
    use crate::engine::simd::lanes::{Chunk, Kernel, flat, flat_mut};
    use rug::Float;

    /// Inputs to [exp, softplus, sigmoid] at all of them.
    struct All<'a>(&'a [Chunk]);
    impl Kernel for All<'_> {
        type Output = [Vec<Chunk>; 3];
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let mut out = [(); 3].map(|()| vec![Chunk::default(); self.0.len()]);
            for (i, chunk) in self.0.iter().enumerate() {
                let t = lanes.load(chunk);
                let (soft, slope) = softplus_sigmoid(lanes, t);
                lanes.store(exp(lanes, t), &mut out[0][i]);
                lanes.store(soft, &mut out[1][i]);
                lanes.store(slope, &mut out[2][i]);
            }
            out
        }
    }

    /// Every exponent, both signs, mantissas spread and at the ends, and the special values.
    fn inputs() -> Vec<Chunk> {
        let mantissas = (0..48u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 9);
        let mantissas: Vec<u32> = mantissas.chain([0, 1, 0x7f_fffe, 0x7f_ffff]).collect();
        let mut all = Vec::new();
        for exponent in 0..=255u32 {
            for &mantissa in &mantissas {
                let x = f32::from_bits(exponent << 23 | mantissa);
                all.extend([x, -x]);
            }
        }
        // where the functions live: steps of about 2^-9
        all.extend((-60_000..60_000).map(|i| i as f32 * 0.001_953_7));
        let mut chunks = vec![Chunk::default(); all.len().div_ceil(WIDTH)];
        flat_mut(&mut chunks)[..all.len()].copy_from_slice(&all);
        chunks
    }

    /// The error of `got` in units in the last place of `exact`.
    fn ulps(got: f32, exact: &Float) -> f64 {
        let exponent = exact.get_exp().unwrap_or(-149).max(-125); // 2^(e-1) <= |exact| < 2^e
        let max = Float::with_val(64, f32::MAX);
        if got.is_infinite() {
            return f64::from(u8::from(*exact <= max)) * 1e9; // overflow where there is none
        }
        let error = Float::with_val(64, exact - got);
        let unit = Float::with_val(64, 1) << (exponent - 24);
        (error / unit).to_f64().abs()
    }

    /// The worst error of function `which` against `exact`, over all inputs but NaN.
    fn worst(which: usize, exact: impl Fn(Float) -> Float) -> f64 {
        let inputs = inputs();
        let got = Isa::best().run(All(&inputs));
        let pairs = flat(&inputs).iter().zip(flat(&got[which]));
        pairs.fold(0.0, |worst, (&x, &y)| {
            assert_eq!(x.is_nan(), y.is_nan(), "at {x}");
            if x.is_nan() {
                return worst;
            }
            let error = ulps(y, &exact(Float::with_val(64, x)));
            assert!(error < 1e3, "at {x:e}: {y:e}");
            worst.max(error)
        })
    }

    #[test]
    fn exp_vs_mpfr() {
        let error = worst(0, Float::exp);
        assert!(error <= 1.0, "{error}");
        assert!(
            error > 0.4,
            "an error of {error} is too good: nothing was compared"
        );
    }

    #[test]
    fn softplus_vs_mpfr() {
        // above 60 the difference to t is below 2^-80, and e^t soon too large
        let exact = |t: Float| if t > 60 { t } else { t.exp().ln_1p() };
        let error = worst(1, exact);
        assert!(error <= 2.0, "{error}");
    }

    #[test]
    fn sigmoid_vs_mpfr() {
        let error = worst(2, |t| ((-t).exp() + 1u32).recip());
        assert!(error <= 2.0, "{error}");
    }

    #[test]
    fn limits() {
        let inf = f32::INFINITY;
        assert_eq!((exp_one(-inf), exp_one(inf), exp_one(0.0)), (0.0, inf, 1.0));
        assert_eq!((softplus_one(-inf), softplus_one(inf)), (0.0, inf));
        assert_eq!(
            (softplus_one(f32::MAX), softplus_one(200.0)),
            (f32::MAX, 200.0)
        );
        assert_eq!(
            (sigmoid_one(-inf), sigmoid_one(inf), sigmoid_one(0.0)),
            (0.0, 1.0, 0.5)
        );
        assert!(exp_one(f32::NAN).is_nan() && softplus_one(f32::NAN).is_nan());
        assert_eq!(exp_one(f32::from_bits(1)), 1.0);
        assert!(exp_one(88.722).is_finite() && exp_one(88.723).is_infinite());
        assert!(exp_one(-103.9) > 0.0 && exp_one(-104.0) == 0.0);
    }

    #[test]
    fn monotone_at_the_ends() {
        let rising = |f: fn(f32) -> f32, from: f32, step: f32| {
            let values: Vec<f32> = (0..4000).map(|i| f(from + i as f32 * step)).collect();
            values.windows(2).all(|w| w[0] <= w[1])
        };
        for f in [exp_one, softplus_one, sigmoid_one] {
            assert!(rising(f, -105.0, 0.005) && rising(f, 15.0, 0.02));
        }
        assert!(!rising(|t| -exp_one(t), -80.0, 0.01));
    }

    fn same_bits(isa: Isa) {
        let inputs = inputs();
        let (left, right) = (Isa::Portable.run(All(&inputs)), isa.run(All(&inputs)));
        for (left, right) in left.iter().zip(&right) {
            for (l, r) in flat(left).iter().zip(flat(right)) {
                assert!(l.to_bits() == r.to_bits() || l.is_nan() && r.is_nan());
            }
        }
    }

    #[test]
    fn portable_vs_avx2() {
        same_bits(Isa::Avx2);
    }

    #[test]
    fn portable_vs_avx512() {
        same_bits(Isa::Avx512);
    }

    #[test]
    fn one_vs_lanes() {
        let x = 0.3;
        let lanes = softplus_sigmoid(Portable, [x; WIDTH]);
        assert_eq!((lanes.0[7], lanes.1[7]), (softplus_one(x), sigmoid_one(x)));
    }
}
