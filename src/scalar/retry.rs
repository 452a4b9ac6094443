//! The one retry loop of the crate: enclosure, more bits, exact.
//!
//! `bits = start, 2 start, 4 start, ..., cap`: the work of all attempts is a constant times that of
//! the last. Only "unable" is retried; "undefined" ends the loop at once.
//!
//! Tests: `doubles_until_decided`, `cap_answers_undecided`, `undefined_is_not_retried`.

use super::{NoValue, Undecided};

/// An answer "no" that may or may not change with more precision.
pub trait Retry {
    /// Whether more bits may give a value.
    fn may_help(&self) -> bool;
}

impl Retry for Undecided {
    fn may_help(&self) -> bool {
        true
    }
}

impl Retry for NoValue {
    fn may_help(&self) -> bool {
        matches!(self, NoValue::Undecided(_))
    }
}

/// `attempt(bits)` with doubling bits until it is decided; the last attempt is at `cap`, and its
/// error is the answer.
pub fn decide<T, E: Retry>(
    start: u32,
    cap: u32,
    mut attempt: impl FnMut(u32) -> Result<T, E>,
) -> Result<T, E> {
    let mut bits = start.clamp(1, cap.max(1));
    loop {
        match attempt(bits) {
            Err(no) if no.may_help() && bits < cap => bits = bits.saturating_mul(2).min(cap),
            answer => return answer,
        }
    }
}

/// [`decide`], and where even `cap` bits do not suffice, `exact()`.
pub fn decide_or_exact<T, E: Retry>(
    start: u32,
    cap: u32,
    attempt: impl FnMut(u32) -> Result<T, E>,
    exact: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    match decide(start, cap, attempt) {
        Err(no) if no.may_help() => exact(),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Ball, Field, Ordered, Rational, Real, Ring};
    use std::cmp::Ordering;

    /// The sign of `sqrt(2) - p/q` from enclosures at `bits`.
    fn sqrt_two_against(q: &Rational, bits: u32) -> Result<Ordering, NoValue> {
        let two = Ball::from_rational(&Rational::from(2), bits);
        Ok(two.sqrt()?.compare(&Ball::from_rational(q, bits))?)
    }

    #[test]
    fn doubles_until_decided() {
        // A convergent p/q of sqrt(2), p^2 = 2 q^2 + 1, with q about 2^100: |sqrt 2 - p/q| ~ 2^-201.
        let (mut p, mut q) = (rug::Integer::from(3), rug::Integer::from(2));
        while q.significant_bits() < 100 {
            (p, q) = (p.clone() * 3 + q.clone() * 4, p * 2 + q * 3);
        }
        let (q, mut tried) = (Rational::from((p, q)), Vec::new());
        let answer = decide(16, 4096, |bits| {
            tried.push(bits);
            sqrt_two_against(&q, bits)
        });
        assert_eq!(answer, Ok(Ordering::Less));
        assert_eq!(tried, [16, 32, 64, 128, 256]);
    }

    #[test]
    fn cap_answers_undecided() {
        // sqrt(2)^2 - 2 = 0 is beyond every enclosure; the exact road decides it.
        let mut tried = Vec::new();
        let mut attempt = |bits: u32| -> Result<Ordering, NoValue> {
            tried.push(bits);
            let two = Ball::from_rational(&Rational::from(2), bits);
            Ok(two.sqrt()?.square().sub(&two).sign()?)
        };
        let capped = decide(64, 100, &mut attempt);
        assert!(matches!(capped, Err(NoValue::Undecided(_))));
        let exact = decide_or_exact(300, 100, &mut attempt, || Ok(Ordering::Equal));
        assert_eq!(exact, Ok(Ordering::Equal));
        assert_eq!(tried, [64, 100, 100]);
    }

    #[test]
    fn undefined_is_not_retried() {
        let mut tried = 0;
        let answer = decide_or_exact(
            64,
            1024,
            |_| {
                tried += 1;
                Ball::zero().inv()
            },
            || Ok(Ball::one()),
        );
        assert!(matches!(answer, Err(NoValue::Undefined(_))));
        assert_eq!(tried, 1);
    }

    #[test]
    fn odd_bounds_end() {
        let mut tried = Vec::new();
        for (start, cap) in [(0, 0), (0, 3), (5, 0), (u32::MAX, u32::MAX)] {
            let _ = decide(start, cap, |bits| {
                tried.push(bits);
                Err::<(), _>(Undecided("never"))
            });
        }
        assert_eq!(tried, [1, 1, 2, 3, 1, u32::MAX]);
    }
}
