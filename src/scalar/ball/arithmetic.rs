//! The ladder for [`Ball`]: each endpoint of `X op Y` is one directed rounding of the extreme value.
//!
//! ```text
//! X + Y = [x- + y-, x+ + y+]     X - Y = [x- - y+, x+ - y-]     f(X) = [f(x-), f(x+)], f increasing
//! X Y   = [min, max] of the four endpoint products, picked by the signs of X and Y
//! ```
//!
//! Tests (`tests/enclosure_laws.rs`): `ball_vs_exact_hull` (tightest possible endpoints),
//! `dot_vs_multiply_and_add`, `exp_vs_taylor`, `ln_vs_artanh_series`, `ball_vs_radical`; here
//! `invariant_survives_extremes`.

use super::{Ball, WORD};
use crate::scalar::{Field, NoValue, Ordered, Real, Ring, Transcendental, Undecided};
use rug::Float;
use rug::float::Round;
use rug::ops::{AddAssignRound, Pow};
use std::cmp::Ordering;

/// Where an interval lies with respect to 0 (`[0, 0]` counts as `Plus`).
#[derive(Clone, Copy)]
enum Side {
    Plus,
    Minus,
    Both,
}

/// `total += x y` of two endpoints with one rounding; an unbounded side times 0 is 0, since the
/// numbers themselves are finite.
fn add_endpoint_product(total: &mut Float, (x, y): (&Float, &Float), round: Round) {
    if !x.is_zero() && !y.is_zero() {
        total.add_assign_round(x * y, round);
    }
}

impl Ball {
    fn side(&self) -> Side {
        if !self.lo.is_sign_negative() || self.lo.is_zero() {
            Side::Plus
        } else if self.hi.is_sign_negative() || self.hi.is_zero() {
            Side::Minus
        } else {
            Side::Both
        }
    }

    /// `self += x`, in place.
    fn add_in_place(&mut self, x: &Self) {
        self.reserve(x.bits());
        self.lo.add_assign_round(&x.lo, Round::Down);
        self.hi.add_assign_round(&x.hi, Round::Up);
    }

    /// `self += x y`, in place, one rounding per endpoint: the inner loop of every dot product.
    fn add_product(&mut self, x: &Self, y: &Self) {
        use Side::{Both, Minus, Plus};
        self.reserve(x.common_bits(y));
        let (low, high) = match (x.side(), y.side()) {
            (Plus, Plus) => ((&x.lo, &y.lo), (&x.hi, &y.hi)),
            (Plus, Minus) => ((&x.hi, &y.lo), (&x.lo, &y.hi)),
            (Plus, Both) => ((&x.hi, &y.lo), (&x.hi, &y.hi)),
            (Minus, Plus) => ((&x.lo, &y.hi), (&x.hi, &y.lo)),
            (Minus, Minus) => ((&x.hi, &y.hi), (&x.lo, &y.lo)),
            (Minus, Both) => ((&x.lo, &y.hi), (&x.lo, &y.lo)),
            (Both, Plus) => ((&x.lo, &y.hi), (&x.hi, &y.hi)),
            (Both, Minus) => ((&x.hi, &y.lo), (&x.lo, &y.lo)),
            (Both, Both) => return self.add_mixed_product(x, y),
        };
        add_endpoint_product(&mut self.lo, low, Round::Down);
        add_endpoint_product(&mut self.hi, high, Round::Up);
    }

    /// `self += x y` where both straddle 0: either of two products may be the extreme one.
    fn add_mixed_product(&mut self, x: &Self, y: &Self) {
        let mut other = self.clone();
        add_endpoint_product(&mut other.lo, (&x.hi, &y.lo), Round::Down);
        add_endpoint_product(&mut other.hi, (&x.lo, &y.lo), Round::Up);
        add_endpoint_product(&mut self.lo, (&x.lo, &y.hi), Round::Down);
        add_endpoint_product(&mut self.hi, (&x.hi, &y.hi), Round::Up);
        self.lo.min_mut(&other.lo);
        self.hi.max_mut(&other.hi);
    }

    /// Raises the precision to at least `bits`, which is exact.
    fn reserve(&mut self, bits: u32) {
        if bits > self.bits() {
            self.lo.set_prec(bits);
            self.hi.set_prec(bits);
        }
    }
}

impl Ring for Ball {
    fn from_int(n: i64) -> Self {
        Ball::outward(WORD, n, n)
    }
    fn add(&self, other: &Self) -> Self {
        let bits = self.common_bits(other);
        Ball::outward(bits, &self.lo + &other.lo, &self.hi + &other.hi)
    }
    fn sub(&self, other: &Self) -> Self {
        let bits = self.common_bits(other);
        Ball::outward(bits, &self.lo - &other.hi, &self.hi - &other.lo)
    }
    fn mul(&self, other: &Self) -> Self {
        let mut result = Ball::outward(self.common_bits(other), 0, 0);
        result.add_product(self, other);
        result
    }
    fn neg(&self) -> Self {
        Ball::outward(self.bits(), -&self.hi, -&self.lo)
    }
    fn square(&self) -> Self {
        self.pow(2)
    }
    /// One rounding per endpoint, and `[0, ...]` for even powers across 0; `x^0 = 1`.
    fn pow(&self, k: u32) -> Self {
        let bits = self.bits();
        if k == 0 {
            return Ball::outward(bits, 1, 1);
        }
        let (lo, hi) = (&self.lo, &self.hi);
        match self.side() {
            Side::Minus if k.is_multiple_of(2) => Ball::outward(bits, hi.pow(k), lo.pow(k)),
            Side::Both if k.is_multiple_of(2) => {
                let far = if lo.cmp_abs(hi) == Some(Ordering::Greater) {
                    lo
                } else {
                    hi
                };
                Ball::outward(bits, 0, far.pow(k))
            }
            _ => Ball::outward(bits, lo.pow(k), hi.pow(k)),
        }
    }
    /// In place, one rounding per term and endpoint.
    fn sum<'a>(items: impl IntoIterator<Item = &'a Self>) -> Self {
        items.into_iter().fold(Ball::zero(), |mut total, x| {
            total.add_in_place(x);
            total
        })
    }
    /// In place, one rounding per term and endpoint.
    fn sum_of_products<'a>(pairs: impl IntoIterator<Item = (&'a Self, &'a Self)>) -> Self {
        pairs.into_iter().fold(Ball::zero(), |mut total, (x, y)| {
            total.add_product(x, y);
            total
        })
    }
}

impl Ordered for Ball {
    fn sign(&self) -> Result<Ordering, Undecided> {
        if self.lo > 0 {
            Ok(Ordering::Greater)
        } else if self.hi < 0 {
            Ok(Ordering::Less)
        } else if self.lo.is_zero() && self.hi.is_zero() {
            Ok(Ordering::Equal)
        } else {
            Err(Undecided("an enclosure straddles zero"))
        }
    }
    /// From the endpoints, without the rounding of a difference.
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
        Ball::one().div(self)
    }
    fn div(&self, other: &Self) -> Result<Self, NoValue> {
        match other.sign() {
            Ok(Ordering::Equal) => return Err(NoValue::Undefined("division by zero")),
            Ok(Ordering::Less) => return self.neg().div(&other.neg()),
            Ok(Ordering::Greater) => {}
            Err(_) => return Err(Undecided("a divisor's enclosure straddles zero").into()),
        }
        let (low, high) = match self.side() {
            Side::Plus => (&other.hi, &other.lo),
            Side::Minus => (&other.lo, &other.hi),
            Side::Both => (&other.lo, &other.lo),
        };
        Ok(Ball::outward(
            self.common_bits(other),
            &self.lo / low,
            &self.hi / high,
        ))
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
        Ok(Ball::outward(
            self.bits(),
            self.lo.root_ref(k),
            self.hi.root_ref(k),
        ))
    }
}

impl Transcendental for Ball {
    fn exp(&self) -> Self {
        Ball::outward(self.bits(), self.lo.exp_ref(), self.hi.exp_ref())
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
        Ok(Ball::outward(
            self.bits(),
            self.lo.ln_ref(),
            self.hi.ln_ref(),
        ))
    }
}
