//! Number types that need a word of their own: integers over one common denominator, weights with
//! the factor `31^(1/4)`, floats and what they may be off by.

use crate::evaluation::{D, Evaluation, Instance, N, WIDTH};
use flatproof::scalar::{Field, Integer, Ordered, Radical, Rational, Real, Ring, Undecided};
use std::cmp::Ordering;

/// Integers as a ring: numerators over one common denominator.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole(Integer);

impl Ring for Whole {
    fn from_int(n: i64) -> Self {
        Whole(n.into())
    }
    fn add(&self, other: &Self) -> Self {
        Whole(Integer::from(&self.0 + &other.0))
    }
    fn sub(&self, other: &Self) -> Self {
        Whole(Integer::from(&self.0 - &other.0))
    }
    fn mul(&self, other: &Self) -> Self {
        Whole(Integer::from(&self.0 * &other.0))
    }
    fn neg(&self) -> Self {
        Whole(Integer::from(-&self.0))
    }
    /// In place.
    fn dot(a: &[Self], b: &[Self]) -> Self {
        let pairs = a.iter().zip(b);
        Whole(pairs.fold(Integer::new(), |total, (a, b)| total + &a.0 * &b.0))
    }
}

impl Ordered for Whole {
    fn sign(&self) -> Result<Ordering, Undecided> {
        Ok(self.0.cmp0())
    }
}

/// All weights over one denominator D, labels over D^2 like the outputs; and D.
pub fn over_common_denominator(at: &Instance<Rational>) -> (Instance<Whole>, Integer) {
    let weights = at.first.iter().flatten().chain(&at.last);
    let common = weights.fold(Integer::from(1), |lcm, w| lcm.lcm(w.denom()));
    let whole = |q: &Rational, scale: &Integer| Whole(Integer::from(q.numer() * scale) / q.denom());
    let (one, square) = (Integer::from(1), common.clone().square());
    let scaled = |scale: &Integer| at.map(|q| whole(q, scale));
    let (by_d, by_1, by_d2) = (scaled(&common), scaled(&one), scaled(&square));
    let at = Instance {
        first: by_d.first,
        last: by_d.last,
        x: by_1.x,
        y: by_d2.y,
    };
    (at, common)
}

/// The rationals that an evaluation over the common denominator D stands for: the loss has D^4
/// below it, the gradient D^3, the trace D^2.
pub fn reduced(found: &Evaluation<Whole>, common: &Integer) -> Evaluation<Rational> {
    let over = |n: &Whole, k: u32| {
        let below = (0..k).fold(Integer::from(1), |power, _| power * common);
        Rational::from((n.0.clone(), below))
    };
    Evaluation {
        loss: over(&found.loss, 4),
        gradient: found.gradient.iter().map(|g| over(g, 3)).collect(),
        trace: over(&found.trace, 2),
    }
}

/// The balance of Theorem 4.1: `W1' -> c W1'`, `W2 -> W2 / c` with `c = 31^(1/4)`; f stays.
pub fn balanced(at: &Instance<Rational>) -> Instance<Radical> {
    let c = balance();
    let inverse = c.inv().expect("c > 0");
    let plain = at.map(|q| Radical::from_rational(q.clone()));
    let scale = |row: &Vec<Radical>| row.iter().map(|w| Ring::mul(w, &c)).collect();
    Instance {
        first: plain.first.iter().map(scale).collect(),
        last: plain.last.iter().map(|w| Ring::mul(w, &inverse)).collect(),
        ..plain
    }
}

/// `(d + 1)^(1/4)`.
fn balance() -> Radical {
    Radical::root_of(&Rational::from(D + 1), 4).expect("31 > 0")
}

/// What [`balanced`] makes of the reference: the loss stays, `grad_W1` is divided by c, `grad_W2`
/// multiplied by it, and `n Tr = a + b` with `a = 2 (d+1) sum W2_j^2` over all active pairs becomes
/// `a / c^2 + b c^2`.
pub fn rebalanced(
    at: &Instance<Rational>,
    reference: &Evaluation<Rational>,
) -> Evaluation<Radical> {
    let (c, plain) = (balance(), |q: &Rational| Radical::from_rational(q.clone()));
    let (inverse, split) = (c.inv().expect("c > 0"), WIDTH * (D + 1));
    let scale =
        |(k, g): (usize, &Rational)| Ring::mul(&plain(g), if k < split { &inverse } else { &c });
    let fired = Rational::fire(&at.first, &at.x).expect("rational signs are decided");
    let active = fired.iter().flat_map(|h| &h.active);
    let squares: Rational = active.map(|(j, _)| Ring::square(&at.last[*j])).sum();
    let a = squares * Rational::from(2 * (D + 1));
    let b = Rational::from(&reference.trace - &a);
    Evaluation {
        loss: plain(&reference.loss),
        gradient: reference.gradient.iter().enumerate().map(scale).collect(),
        trace: Ring::add(
            &Ring::mul(&plain(&a), &inverse.square()),
            &Ring::mul(&plain(&b), &c.square()),
        ),
    }
}

/// f64 and f32: how to get there and back.
pub trait Float: Real {
    /// Significant bits.
    const DIGITS: u32;
    fn nearest(q: &Rational) -> Self;
    fn rational(&self) -> Option<Rational>;
}

impl Float for f64 {
    const DIGITS: u32 = f64::MANTISSA_DIGITS;
    fn nearest(q: &Rational) -> Self {
        q.to_f64()
    }
    fn rational(&self) -> Option<Rational> {
        Rational::from_f64(*self)
    }
}

impl Float for f32 {
    const DIGITS: u32 = f32::MANTISSA_DIGITS;
    fn nearest(q: &Rational) -> Self {
        q.to_f32()
    }
    fn rational(&self) -> Option<Rational> {
        Rational::from_f32(*self)
    }
}

/// What floats may be off by, given that they see the same signs. Every number here is a polynomial
/// in weights, inputs and labels evaluated with at most K roundings on any path from an input to
/// the result, so (Higham, Accuracy and Stability of Numerical Algorithms, Section 3.1)
///
/// ```text
/// |computed - exact| <= gamma p(|W1'|, |W2|, |x'|, -|y|),  gamma = K u / (1 - K u)
/// K = 2 (z: D + 2, f: WIDTH + 1, r: 1) + square, doubling, sum over n, two more products
/// ```
///
/// where p is the same polynomial without cancellation. No product of two factors other than 0 is
/// below 2^-102 here, so nothing underflows.
pub fn float_bound(at: &Instance<Rational>, unit: Rational) -> Evaluation<Rational> {
    let mut sizes = at.map(|q| Rational::from(q.abs_ref()));
    sizes.y.iter_mut().for_each(|y| *y *= -1);
    let mut fired = Rational::fire(&sizes.first, &sizes.x).expect("rational signs are decided");
    let pattern = Rational::fire(&at.first, &at.x).expect("rational signs are decided");
    for (sizes, h) in fired.iter_mut().zip(&pattern) {
        sizes
            .active
            .retain(|(j, _)| h.active.iter().any(|(k, _)| j == k));
    }
    let p = sizes.evaluate(&fired);
    let k_u = Rational::from(2 * (D + 2 + WIDTH + 1 + 1) + N + 6) * unit;
    let gamma = k_u.clone() / (1 - k_u);
    let scale = |q: &Rational| Rational::from(q * &gamma);
    Evaluation {
        loss: scale(&p.loss),
        gradient: p.gradient.iter().map(scale).collect(),
        trace: scale(&p.trace),
    }
}

/// The largest error of a float evaluation as a part of its bound; at most 1, or it panics.
pub fn worst_share<S: Float>(
    found: &Evaluation<S>,
    exact: &Evaluation<Rational>,
    bound: &Evaluation<Rational>,
) -> f64 {
    let share = |((found, exact), bound): ((&S, &Rational), &Rational)| {
        let error = (found.rational().expect("finite") - exact).abs();
        assert!(error <= *bound, "{error} is above {bound}");
        if error == 0 {
            0.0
        } else {
            (error / bound).to_f64()
        }
    };
    let all = found.numbers().zip(exact.numbers()).zip(bound.numbers());
    all.map(share).fold(0.0, f64::max)
}
