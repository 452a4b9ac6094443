//! Enclosures: a real number known to lie in `[lo, hi]`, with MPFR endpoints.
//!
//! Every endpoint of every operation is one MPFR call on exact operands, rounded outward (`lo` down,
//! `hi` up); nothing is rounded to nearest and widened afterwards. So if `x` is in `X` and `y` is in
//! `Y`, `x op y` is in `X op Y`, whatever the precision.
//!
//! Precision travels in the value: the result of an operation has the largest precision of its
//! operands, and integers come in exactly at 64 bits. Hence `1/n` of a `from_int(n)` has 64 bits for
//! ever: divide (`x.div(&n)`, at the precision of `x`) instead of multiplying by `n.inv()`, or raise
//! it first ([`Ball::with_bits`]).
//!
//! An answer that depends on where in `[lo, hi]` the number lies is [`Undecided`](super::Undecided);
//! an operation that is meaningless for the whole enclosure is [`NoValue::Undefined`]. Overflow
//! leaves a side unbounded; an endpoint is never NaN.
//!
//! The operations are in `arithmetic`. Tests: `tests/enclosure_laws.rs` holds every one of them
//! against exact rationals; the ends of MPFR's range are in `tests`.

mod arithmetic;
#[cfg(test)]
mod tests;

use super::{Field, NoValue, Real, Ring, Transcendental};
use rug::float::{self, Round, Special};
use rug::ops::AssignRound;
use rug::{Float, Rational};
use std::cmp::Ordering;
use std::fmt;

/// Bits that hold every `i64` and every `f64` exactly.
const WORD: u32 = 64;

/// A closed interval `[lo, hi]` of reals; `lo = -inf` or `hi = inf` where nothing is known.
///
/// Invariant: `lo <= hi`, `lo < inf`, `hi > -inf`, no NaN, both endpoints of the same precision.
#[derive(Clone, Debug)]
pub struct Ball {
    lo: Float,
    hi: Float,
}

impl Ball {
    /// `[lo, hi]`; the whole line if an endpoint is NaN, `lo > hi`, or no real lies between.
    pub fn from_bounds(lo: Float, hi: Float) -> Self {
        let bits = lo.prec().max(hi.prec());
        let ordered = lo <= hi; // false for NaN
        let beyond = |x: &Float, end: Special| *x == Float::with_val(2, end);
        if !ordered || beyond(&lo, Special::Infinity) || beyond(&hi, Special::NegInfinity) {
            return Ball::whole(bits);
        }
        Ball::outward(bits, &lo, &hi)
    }

    /// The whole line, at `bits`.
    pub fn whole(bits: u32) -> Self {
        Ball::outward(clamp(bits), Special::NegInfinity, Special::Infinity)
    }

    /// The tightest enclosure of `x` at `bits` (a point if `x` fits).
    pub fn from_rational(x: &Rational, bits: u32) -> Self {
        Ball::outward(clamp(bits), x, x)
    }

    /// `x` exactly; NaN and the infinities are no reals and give the whole line.
    pub fn from_f64(x: f64) -> Self {
        Ball::from_bounds(Float::with_val(WORD, x), Float::with_val(WORD, x))
    }

    /// `x` exactly; NaN and the infinities are no reals and give the whole line.
    pub fn from_f32(x: f32) -> Self {
        Ball::from_f64(x.into())
    }

    /// The same number at `bits`, rounded outward.
    pub fn with_bits(&self, bits: u32) -> Self {
        Ball::outward(clamp(bits), &self.lo, &self.hi)
    }

    /// The lower endpoint.
    pub fn lo(&self) -> &Float {
        &self.lo
    }

    /// The upper endpoint.
    pub fn hi(&self) -> &Float {
        &self.hi
    }

    /// `lo` rounded down and `hi` rounded up to that many significant decimal digits, at least 1.
    pub fn decimals(&self, digits: usize) -> [String; 2] {
        let end = |x, round| decimal(x, digits.max(1), round);
        [end(&self.lo, Round::Down), end(&self.hi, Round::Up)]
    }

    /// The precision of the endpoints, in bits.
    pub fn bits(&self) -> u32 {
        self.lo.prec()
    }

    /// Whether `x` lies in the enclosure, exactly.
    pub fn contains(&self, x: &Rational) -> bool {
        self.lo <= *x && *x <= self.hi
    }

    /// Whether the two enclosures meet: what two roads to one number must do.
    pub fn intersects(&self, other: &Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// `hi - lo`, rounded up; infinite if a side is unbounded.
    pub fn width(&self) -> Float {
        Float::with_val_round(self.bits(), &self.hi - &self.lo, Round::Up).0
    }

    /// A number near the middle; infinite if one side is unbounded, 0 for the whole line.
    pub fn mid(&self) -> Float {
        let mid = Float::with_val(self.bits(), &self.lo + &self.hi) / 2u32;
        if mid.is_nan() {
            Float::new(self.bits())
        } else {
            mid
        }
    }

    /// The smaller of the two numbers, whichever it is.
    pub fn min(&self, other: &Self) -> Self {
        let lo = if self.lo < other.lo { self } else { other };
        let hi = if self.hi < other.hi { self } else { other };
        Ball::outward(self.common_bits(other), &lo.lo, &hi.hi)
    }

    /// The larger of the two numbers, whichever it is; `max(x, 0)` is `relu` without a kink check.
    pub fn max(&self, other: &Self) -> Self {
        let lo = if self.lo > other.lo { self } else { other };
        let hi = if self.hi > other.hi { self } else { other };
        Ball::outward(self.common_bits(other), &lo.lo, &hi.hi)
    }

    /// `self^k`; negative powers as [`Field::inv`] allows.
    pub fn pow_int(&self, k: i32) -> Result<Self, NoValue> {
        let power = self.pow(k.unsigned_abs());
        if k < 0 { power.inv() } else { Ok(power) }
    }

    /// `self^q`: a power, then a root, where numerator and denominator of `q` are machine integers,
    /// else `exp(q ln self)`. Of a negative number only integer powers are defined; `x^0 = 1`.
    pub fn pow_rational(&self, q: &Rational) -> Result<Self, NoValue> {
        match (q.numer().to_i32(), q.denom().to_u32()) {
            (Some(k), Some(1)) => self.pow_int(k),
            (Some(k), Some(n)) => {
                self.root(n)?; // refuses a negative number, which an even power would hide
                let root = self.pow(k.unsigned_abs()).root(n)?;
                if k < 0 { root.inv() } else { Ok(root) }
            }
            _ => Ok(self.ln()?.mul(&Ball::from_rational(q, self.bits())).exp()),
        }
    }

    /// `lo` rounded down and `hi` rounded up to `bits`: the only way an endpoint comes about.
    fn outward<L, H>(bits: u32, lo: L, hi: H) -> Self
    where
        Float: AssignRound<L, Round = Round, Ordering = Ordering>,
        Float: AssignRound<H, Round = Round, Ordering = Ordering>,
    {
        Ball {
            lo: Float::with_val_round(bits, lo, Round::Down).0,
            hi: Float::with_val_round(bits, hi, Round::Up).0,
        }
    }

    fn common_bits(&self, other: &Self) -> u32 {
        self.bits().max(other.bits())
    }
}

/// `bits` within what MPFR offers.
fn clamp(bits: u32) -> u32 {
    bits.clamp(float::prec_min().max(2), float::prec_max())
}

/// `[lo, hi]` in decimal, rounded outward; `{:.n}` asks for `n` significant digits (6 by default).
impl fmt::Display for Ball {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lo, hi] = self.decimals(f.precision().unwrap_or(6));
        write!(f, "[{lo}, {hi}]")
    }
}

/// `x` to `digits` significant digits: positional near 1, else in MPFR's scientific notation.
fn decimal(x: &Float, digits: usize, round: Round) -> String {
    if x.is_zero() {
        return "0".into(); // of either sign
    }
    let (negative, figures, point) = x.to_sign_string_exp_round(10, Some(digits), round);
    let sign = if negative { "-" } else { "" };
    match point.map(|p| (usize::try_from(p), p)) {
        // figures = d1 d2 ..., x = 0.d1d2... * 10^p
        Some((Ok(p), _)) if 0 < p && p < figures.len() => {
            format!("{sign}{}.{}", &figures[..p], &figures[p..])
        }
        Some((Ok(p), _)) if p == figures.len() => format!("{sign}{figures}"),
        Some((_, p @ -3..=0)) => {
            format!("{sign}0.{}{figures}", "0".repeat(p.unsigned_abs() as usize))
        }
        _ => x.to_string_radix_round(10, Some(digits), round),
    }
}
