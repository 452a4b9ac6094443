//! Enclosures: a real number known to lie in `[lo, hi]`, with MPFR endpoints.
//!
//! Every endpoint of every operation is one MPFR call on exact operands, rounded outward (`lo` down,
//! `hi` up); nothing is rounded to nearest and widened afterwards. So if `x` is in `X` and `y` is in
//! `Y`, `x op y` is in `X op Y`, whatever the precision.
//!
//! Precision travels in the value: the result of an operation has the largest precision of its
//! operands, and integers come in exactly at 64 bits. Hence `1/n` of a `from_int(n)` has 64 bits for
//! ever: divide (`x.div(&n)`, at the precision of `x`) instead of multiplying by `n.inv()`.
//!
//! An answer that depends on where in `[lo, hi]` the number lies is [`Undecided`]; an operation that
//! is meaningless for the whole enclosure is [`NoValue::Undefined`]. Overflow leaves a side
//! unbounded; an endpoint is never NaN.
//!
//! Tests: `tests/enclosure_laws.rs` holds every operation against exact rationals.

use super::{Field, NoValue, Ordered, Real, Ring, Transcendental, Undecided};
use rug::float::{self, Round, Special};
use rug::ops::{AssignRound, Pow};
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

/// `value` rounded down to `bits`.
fn down<T>(bits: u32, value: T) -> Float
where
    Float: AssignRound<T, Round = Round, Ordering = Ordering>,
{
    Float::with_val_round(bits, value, Round::Down).0
}

/// `value` rounded up to `bits`.
fn up<T>(bits: u32, value: T) -> Float
where
    Float: AssignRound<T, Round = Round, Ordering = Ordering>,
{
    Float::with_val_round(bits, value, Round::Up).0
}

/// `x y` of two endpoints; an unbounded side times 0 is 0, since the numbers themselves are finite.
fn product(bits: u32, x: &Float, y: &Float, round: Round) -> Float {
    if x.is_zero() || y.is_zero() {
        return Float::new(bits);
    }
    Float::with_val_round(bits, x * y, round).0
}

/// Where an interval lies with respect to 0 (`[0, 0]` counts as `Plus`).
#[derive(Clone, Copy)]
enum Side {
    Plus,
    Minus,
    Both,
}

impl Ball {
    /// `[lo, hi]`; the whole line if an endpoint is NaN, `lo > hi`, or no real lies between.
    pub fn from_bounds(lo: Float, hi: Float) -> Self {
        let bits = lo.prec().max(hi.prec());
        let ordered = lo <= hi; // false for NaN
        let no_real =
            lo.is_infinite() && lo.is_sign_positive() || hi.is_infinite() && hi.is_sign_negative();
        if !ordered || no_real {
            return Ball::whole(bits);
        }
        Ball {
            lo: down(bits, &lo),
            hi: up(bits, &hi),
        } // widening a precision is exact
    }

    /// The whole line, at `bits`.
    pub fn whole(bits: u32) -> Self {
        let bits = clamp(bits);
        Ball {
            lo: Float::with_val(bits, Special::NegInfinity),
            hi: Float::with_val(bits, Special::Infinity),
        }
    }

    /// The tightest enclosure of `x` at `bits` (a point if `x` fits).
    pub fn from_rational(x: &Rational, bits: u32) -> Self {
        let bits = clamp(bits);
        Ball {
            lo: down(bits, x),
            hi: up(bits, x),
        }
    }

    /// `x` exactly; NaN and the infinities are no reals and give the whole line.
    pub fn from_f64(x: f64) -> Self {
        Ball::from_bounds(Float::with_val(WORD, x), Float::with_val(WORD, x))
    }

    /// `x` exactly; NaN and the infinities are no reals and give the whole line.
    pub fn from_f32(x: f32) -> Self {
        Ball::from_f64(x.into())
    }

    /// The lower endpoint.
    pub fn lo(&self) -> &Float {
        &self.lo
    }

    /// The upper endpoint.
    pub fn hi(&self) -> &Float {
        &self.hi
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
        up(self.bits(), &self.hi - &self.lo)
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
        let bits = self.common_bits(other);
        let (lo, hi) = (lesser(&self.lo, &other.lo), lesser(&self.hi, &other.hi));
        Ball {
            lo: down(bits, lo),
            hi: up(bits, hi),
        }
    }

    /// The larger of the two numbers, whichever it is; `max(x, 0)` is `relu` without a kink check.
    pub fn max(&self, other: &Self) -> Self {
        let bits = self.common_bits(other);
        let (lo, hi) = (greater(&self.lo, &other.lo), greater(&self.hi, &other.hi));
        Ball {
            lo: down(bits, lo),
            hi: up(bits, hi),
        }
    }

    /// `self^k`; negative powers as [`Field::inv`] allows.
    pub fn pow_int(&self, k: i32) -> Result<Self, NoValue> {
        let power = self.pow(k.unsigned_abs());
        if k < 0 { power.inv() } else { Ok(power) }
    }

    /// `self^q`: the power, then the root, where numerator and denominator fit in 31 bits, else
    /// `exp(q ln self)`. Of a negative number only integer powers are defined; `x^0 = 1`.
    pub fn pow_rational(&self, q: &Rational) -> Result<Self, NoValue> {
        match (q.numer().to_i32(), q.denom().to_u32()) {
            (Some(k), Some(1)) => self.pow_int(k),
            (Some(k), Some(n)) if k > i32::MIN => {
                // The root of the power, not of the number: x^2 >= 0 would hide a negative x.
                self.root(1)?;
                let root = self.pow(k.unsigned_abs()).root(n)?;
                if k < 0 { root.inv() } else { Ok(root) }
            }
            _ => Ok(self.ln()?.mul(&Ball::from_rational(q, self.bits())).exp()),
        }
    }

    fn common_bits(&self, other: &Self) -> u32 {
        self.bits().max(other.bits())
    }

    fn is_zero(&self) -> bool {
        self.lo.is_zero() && self.hi.is_zero()
    }

    fn side(&self) -> Side {
        if self.lo >= 0 {
            Side::Plus
        } else if self.hi <= 0 {
            Side::Minus
        } else {
            Side::Both
        }
    }
}

/// `bits` within what MPFR offers.
fn clamp(bits: u32) -> u32 {
    bits.clamp(float::prec_min().max(2), float::prec_max())
}

fn lesser<'a>(x: &'a Float, y: &'a Float) -> &'a Float {
    if x <= y { x } else { y }
}

fn greater<'a>(x: &'a Float, y: &'a Float) -> &'a Float {
    if x >= y { x } else { y }
}

impl Ring for Ball {
    fn from_int(n: i64) -> Self {
        Ball {
            lo: Float::with_val(WORD, n),
            hi: Float::with_val(WORD, n),
        }
    }
    fn add(&self, other: &Self) -> Self {
        let bits = self.common_bits(other);
        Ball {
            lo: down(bits, &self.lo + &other.lo),
            hi: up(bits, &self.hi + &other.hi),
        }
    }
    fn sub(&self, other: &Self) -> Self {
        let bits = self.common_bits(other);
        Ball {
            lo: down(bits, &self.lo - &other.hi),
            hi: up(bits, &self.hi - &other.lo),
        }
    }
    fn mul(&self, other: &Self) -> Self {
        use Side::{Both, Minus, Plus};
        let (a, b, bits) = (self, other, self.common_bits(other));
        let ((p, q), (r, s)) = match (a.side(), b.side()) {
            (Plus, Plus) => ((&a.lo, &b.lo), (&a.hi, &b.hi)),
            (Plus, Minus) => ((&a.hi, &b.lo), (&a.lo, &b.hi)),
            (Plus, Both) => ((&a.hi, &b.lo), (&a.hi, &b.hi)),
            (Minus, Plus) => ((&a.lo, &b.hi), (&a.hi, &b.lo)),
            (Minus, Minus) => ((&a.hi, &b.hi), (&a.lo, &b.lo)),
            (Minus, Both) => ((&a.lo, &b.hi), (&a.lo, &b.lo)),
            (Both, Plus) => ((&a.lo, &b.hi), (&a.hi, &b.hi)),
            (Both, Minus) => ((&a.hi, &b.lo), (&a.lo, &b.lo)),
            (Both, Both) => {
                let low = |x, y| product(bits, x, y, Round::Down);
                let high = |x, y| product(bits, x, y, Round::Up);
                let lo = low(&a.lo, &b.hi).min(&low(&a.hi, &b.lo));
                let hi = high(&a.lo, &b.lo).max(&high(&a.hi, &b.hi));
                return Ball { lo, hi };
            }
        };
        Ball {
            lo: product(bits, p, q, Round::Down),
            hi: product(bits, r, s, Round::Up),
        }
    }
    fn neg(&self) -> Self {
        let bits = self.bits();
        Ball {
            lo: down(bits, -&self.hi),
            hi: up(bits, -&self.lo),
        }
    }
    fn square(&self) -> Self {
        self.pow(2)
    }
    /// One rounding per endpoint, and `[0, ...]` for even powers across 0.
    fn pow(&self, k: u32) -> Self {
        let bits = self.bits();
        if k == 0 {
            return Ball {
                lo: Float::with_val(bits, 1),
                hi: Float::with_val(bits, 1),
            };
        }
        let low = |x: &Float| down(bits, x.pow(k));
        let high = |x: &Float| up(bits, x.pow(k));
        match self.side() {
            Side::Minus if k.is_multiple_of(2) => Ball {
                lo: low(&self.hi),
                hi: high(&self.lo),
            },
            Side::Both if k.is_multiple_of(2) => {
                let far = if self.lo.cmp_abs(&self.hi) == Some(Ordering::Greater) {
                    &self.lo
                } else {
                    &self.hi
                };
                Ball {
                    lo: Float::new(bits),
                    hi: high(far),
                }
            }
            _ => Ball {
                lo: low(&self.lo),
                hi: high(&self.hi),
            },
        }
    }
}

impl Ordered for Ball {
    fn sign(&self) -> Result<Ordering, Undecided> {
        if self.lo > 0 {
            Ok(Ordering::Greater)
        } else if self.hi < 0 {
            Ok(Ordering::Less)
        } else if self.is_zero() {
            Ok(Ordering::Equal)
        } else {
            Err(Undecided("an enclosure straddles zero"))
        }
    }
    fn compare(&self, other: &Self) -> Result<Ordering, Undecided> {
        if self.lo > other.hi {
            Ok(Ordering::Greater)
        } else if self.hi < other.lo {
            Ok(Ordering::Less)
        } else if self.lo == other.hi && self.hi == other.lo {
            Ok(Ordering::Equal)
        } else {
            Err(Undecided("two enclosures overlap"))
        }
    }
    /// Always decided: across 0 it is `[0, max(-lo, hi)]`.
    fn abs(&self) -> Result<Self, Undecided> {
        Ok(match self.side() {
            Side::Plus => self.clone(),
            Side::Minus => self.neg(),
            Side::Both => Ball {
                lo: Float::new(self.bits()),
                hi: self.neg().max(self).hi,
            },
        })
    }
}

impl Field for Ball {
    fn inv(&self) -> Result<Self, NoValue> {
        Ball::from_int(1).div(self)
    }
    fn div(&self, other: &Self) -> Result<Self, NoValue> {
        let (a, b, bits) = (self, other, self.common_bits(other));
        match b.sign() {
            Ok(Ordering::Equal) => return Err(NoValue::Undefined("division by zero")),
            Ok(Ordering::Less) => return a.neg().div(&b.neg()),
            Ok(Ordering::Greater) => {}
            Err(_) => return Err(Undecided("a divisor's enclosure straddles zero").into()),
        }
        let (p, q) = match a.side() {
            Side::Plus => (&b.hi, &b.lo),
            Side::Minus => (&b.lo, &b.hi),
            Side::Both => (&b.lo, &b.lo),
        };
        Ok(Ball {
            lo: down(bits, &a.lo / p),
            hi: up(bits, &a.hi / q),
        })
    }
}

impl Real for Ball {
    fn root(&self, k: u32) -> Result<Self, NoValue> {
        if k == 0 {
            return Err(NoValue::Undefined("a root of order zero"));
        }
        if self.hi < 0 {
            return Err(NoValue::Undefined("a root of a negative number"));
        }
        if self.lo < 0 {
            return Err(Undecided("a root's enclosure straddles zero").into());
        }
        let bits = self.bits();
        Ok(Ball {
            lo: down(bits, self.lo.root_ref(k)),
            hi: up(bits, self.hi.root_ref(k)),
        })
    }
}

impl Transcendental for Ball {
    fn exp(&self) -> Self {
        let bits = self.bits();
        Ball {
            lo: down(bits, self.lo.exp_ref()),
            hi: up(bits, self.hi.exp_ref()),
        }
    }
    fn ln(&self) -> Result<Self, NoValue> {
        if self.hi <= 0 {
            return Err(NoValue::Undefined(
                "the logarithm of a number that is not positive",
            ));
        }
        if self.lo <= 0 {
            return Err(Undecided("a logarithm's enclosure straddles zero").into());
        }
        let bits = self.bits();
        Ok(Ball {
            lo: down(bits, self.lo.ln_ref()),
            hi: up(bits, self.hi.ln_ref()),
        })
    }
}

/// `[lo, hi]` in decimal, rounded outward; `{:.n}` asks for `n` significant digits (6 by default).
impl fmt::Display for Ball {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = Some(f.precision().unwrap_or(6).max(1));
        let lo = self.lo.to_string_radix_round(10, digits, Round::Down);
        let hi = self.hi.to_string_radix_round(10, digits, Round::Up);
        write!(f, "[{lo}, {hi}]")
    }
}
