//! Rigorous enclosures of radicals by MPFR floats with directed rounding.
//!
//! Every step rounds once, down for the lower end and up for the upper one, from operands that bound
//! the exact ones: `b^(n/d) = root_d(b^n)`, all factors are positive and both steps are monotone.
//! Tied to the tests `enclosure_vs_powers` and `approximation_of_known_digits`.

use super::{Factor, Radical, Term};
use crate::scalar::Ball;
use rug::float::Round::{Down, Up};
use rug::float::{Round, prec_max};
use rug::ops::{AddAssignRound, DivAssignRound, MulAssignRound, PowAssignRound};
use rug::{Float, Integer, Rational};
use std::cmp::Ordering;

/// Exponents `n/d` with both parts up to this are evaluated as roots of powers, others by `pow`.
const ROOT_CAP: u32 = 64;

impl Radical {
    /// Floats of precision `bits` with `lo <= self <= hi`, at most `2^(2 - bits) |self|` apart.
    pub fn enclose(&self, bits: u32) -> (Float, Float) {
        let bits = bits.clamp(2, prec_max() / 2);
        let mut precision = bits + 32;
        loop {
            let (mut lo, mut hi) = self.enclose_once(precision);
            lo.set_prec_round(bits, Down);
            hi.set_prec_round(bits, Up);
            if is_tight(&lo, &hi, bits) || precision >= prec_max() / 2 {
                return (lo, hi);
            }
            precision += precision.min(1 << 20) + 32;
        }
    }

    /// The enclosure at `bits` as a number of its own.
    pub fn ball(&self, bits: u32) -> Ball {
        let (lo, hi) = self.enclose(bits);
        Ball::from_bounds(lo, hi)
    }

    /// `digits` significant decimal digits, marked by a leading `~` as approximate; an error of at
    /// most one unit of the last one. For people only.
    pub fn approx(&self, digits: usize) -> String {
        let digits = digits.clamp(1, 1 << 20);
        let (lo, _) = self.enclose(4 * digits as u32 + 16);
        let (negative, digits, exponent) = lo.to_sign_string_exp(10, Some(digits));
        let sign = if negative { "-" } else { "" };
        format!("~{sign}{}", decimal(&digits, exponent.unwrap_or(1)))
    }

    /// The sign of a sum that is not 0.
    pub(super) fn enclosed_sign(&self) -> Ordering {
        let mut precision = 64;
        loop {
            let (lo, hi) = self.enclose_once(precision);
            if lo > 0 {
                return Ordering::Greater;
            }
            if hi < 0 {
                return Ordering::Less;
            }
            precision *= 2; // ends: the sum is not 0, and the width tends to 0
        }
    }

    fn enclose_once(&self, precision: u32) -> (Float, Float) {
        let mut ends = (Float::new(precision), Float::new(precision));
        for term in self.terms() {
            let (lo, hi) = enclose_term(term, precision);
            ends.0.add_assign_round(&lo, Down);
            ends.1.add_assign_round(&hi, Up);
        }
        ends
    }
}

/// `0.digits * 10^exponent`, with an exponent only where the zeros would be many.
fn decimal(digits: &str, exponent: i32) -> String {
    match usize::try_from(exponent) {
        Ok(point) if (1..digits.len()).contains(&point) => {
            format!("{}.{}", &digits[..point], &digits[point..])
        }
        Ok(point) if point == digits.len() => digits.to_string(),
        _ if (-4..=0).contains(&exponent) => {
            format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize))
        }
        _ => {
            let (first, rest) = digits.split_at(digits.len().min(1));
            let rest = if rest.is_empty() {
                String::new()
            } else {
                format!(".{rest}")
            };
            format!("{first}{rest}e{}", i64::from(exponent) - 1)
        }
    }
}

/// Whether `hi - lo <= 2^(2 - bits) min(|lo|, |hi|)`.
fn is_tight(lo: &Float, hi: &Float, bits: u32) -> bool {
    if lo == hi {
        return true;
    }
    if lo.is_sign_negative() != hi.is_sign_negative() || lo.is_zero() || hi.is_zero() {
        return false;
    }
    let width = Float::with_val_round(bits, hi - lo, Up).0;
    let inner = if lo.is_sign_negative() { hi } else { lo };
    width <= Float::with_val(bits, inner.abs_ref()) >> (bits - 2)
}

fn enclose_term(term: &Term, precision: u32) -> (Float, Float) {
    let size = Rational::from(term.coefficient.abs_ref());
    let lo = product(&size, term.monomial.factors(), precision, Down);
    let hi = product(&size, term.monomial.factors(), precision, Up);
    if term.coefficient.cmp0().is_lt() {
        (-hi, -lo)
    } else {
        (lo, hi)
    }
}

/// `size * prod b^e` rounded in one direction; all of it is positive.
fn product(size: &Rational, factors: &[Factor], precision: u32, round: Round) -> Float {
    let mut value = Float::with_val_round(precision, size.numer(), round).0;
    for factor in factors {
        value.mul_assign_round(&power(factor, precision, round), round);
    }
    value.div_assign_round(
        &Float::with_val_round(precision, size.denom(), opposite(round)).0,
        round,
    );
    value
}

fn opposite(round: Round) -> Round {
    if round == Down { Up } else { Down }
}

/// `b^e` rounded in one direction, for `b > 1` and `0 < e < 1`.
fn power(factor: &Factor, precision: u32, round: Round) -> Float {
    let mut value = Float::with_val_round(precision, factor.base(), round).0;
    let small = |n: &Integer| n.to_u32().filter(|n| *n <= ROOT_CAP);
    match (
        small(factor.exponent().numer()),
        small(factor.exponent().denom()),
    ) {
        (Some(n), Some(d)) => {
            value.pow_assign_round(n, round);
            value.root_round(d, round);
        }
        _ => {
            let e = Float::with_val_round(precision, factor.exponent(), round).0;
            value.pow_assign_round(&e, round); // increasing in b and in e
        }
    }
    value
}
