//! Batch-norm networks that interpolate complete training sets (ours), as sums of relus.
//!
//! * *aligned*: one neuron per quadrant, positive nowhere else: `sum |c| = 2`, the minimum for m >= 4;
//! * *three*: a constant neuron and two quadrant neurons: `sum |c| = 3`, the minimum for m = 3;
//! * *tilted*: rows `(s, t, e, 0, ...)`, bias 0. On its own quadrant a neuron is `2 + e x3`, on the two
//!   quadrants of the other label `relu(e x3)`, so with weights `s t / (2 - e)`
//!
//!   ```text
//!   y f = (2 + e x3 - 2 relu(e x3)) / (2 - e) = (2 - e |x3|) / (2 - e) = 1
//!   sum |c| = 2 sqrt(p ((2+e)^2 + 2 e^2) + (1-p) (2-e)^2) / (2 - e),
//!   ```
//!
//!   p the share of S with `x3 = 1`: near-minimal nets with a tail other than 0, `d >= 3`, `0 < e < 2`;
//! * *tilted three*: the same for m = 3, where `sum |c|` tends to 3;
//! * *through*: any rows, the weights by an exact solve.
//!
//! Tests `families_vs_label`, `coefficient_sums_vs_closed_form`, `through_vs_labels`.

use super::relu_sum::{ReluSum, Term};
use super::sim_bn_generaliser::{QUADRANTS, row};
use crate::data::complete::CompleteSet;
use crate::data::xor::coordinate;
use crate::data::{Dataset, with_bias};
use crate::linalg::solve;
use crate::scalar::{NoValue, Radical, Rational, Real, Ring};

/// The neuron of the quadrant (s, t) with row `(first s, second t, 0, ..., 0)` and a bias between
/// the two: positive on its quadrant and nowhere else iff `-(first + second) < bias <= -|first -
/// second|`. Its weight makes it `s t` there. `None` outside that range.
pub fn aligned(
    d: usize,
    (s, t): (i64, i64),
    first: &Rational,
    second: &Rational,
    bias: &Rational,
) -> Option<Term> {
    let value = Rational::from(first + second) + bias;
    let off = Rational::from(first - second).abs() + bias;
    if value <= 0 || off > 0 || first.cmp0().is_lt() || second.cmp0().is_lt() {
        return None;
    }
    let mut row = row((s, t), &zeros(d), bias.clone());
    row[0] = first.mul(&row[0]);
    row[1] = second.mul(&row[1]);
    let weight = Rational::from(s * t) / value;
    Some(Term { row, weight })
}

/// `d - 2` zeros.
fn zeros(d: usize) -> Vec<Rational> {
    vec![Rational::new(); d.saturating_sub(2)]
}

/// `(e, 0, ..., 0)` of `d - 2` entries.
fn tilt(d: usize, e: &Rational) -> Vec<Rational> {
    let mut tail = zeros(d);
    if let Some(first) = tail.first_mut() {
        first.clone_from(e);
    }
    tail
}

/// Four tilted neurons, perfect on the cube. `d >= 3`, `0 < e < 2` (`e = 0`: kinks).
pub fn tilted(d: usize, e: &Rational) -> ReluSum {
    let own = Rational::from(2 - e);
    let term = |q: (i64, i64)| Term {
        row: row(q, &tilt(d, e), Rational::new()),
        weight: Rational::from(q.0 * q.1) / &own,
    };
    ReluSum {
        terms: QUADRANTS.into_iter().map(term).collect(),
    }
}

/// The share of suffixes with `x3 = 1`; `None` for `d = 2`.
pub fn share(set: &CompleteSet) -> Option<Rational> {
    let ones = set.suffixes().iter().filter(|s| coordinate(**s, 0) == 1);
    (set.d() > 2).then(|| Rational::from((ones.count(), set.suffixes().len())))
}

/// `sum |c|` of [`tilted`], in closed form.
///
/// # Errors
/// None for `0 <= e < 2`.
pub fn tilted_sum(share: &Rational, e: &Rational) -> Result<Radical, NoValue> {
    let (plus, minus) = (Rational::from(2 + e), Rational::from(2 - e));
    let high = Ring::square(&plus) + Ring::square(e) * 2;
    let low = Ring::square(&minus);
    let inside = high * share + low * (Rational::from(1) - share);
    let root = Radical::from_rational(inside).sqrt()?;
    Ok(root.mul(&Radical::from_rational(Rational::from(2) / minus)))
}

/// Width 3, perfect on the cube: a constant neuron of weight `label` and, on each quadrant of the
/// other label, a neuron that adds `-2 label`. `label` is 1 or -1, `d >= 2`.
pub fn three(d: usize, label: i64) -> ReluSum {
    let constant = Term {
        row: row((0, 0), &zeros(d), Rational::from(1)),
        weight: Rational::from(label),
    };
    let other = QUADRANTS.into_iter().filter(|(s, t)| s * t != label);
    let term = |q| Term {
        row: row(q, &zeros(d), Rational::from(-1)),
        weight: Rational::from(-2 * label),
    };
    ReluSum {
        terms: [constant].into_iter().chain(other.map(term)).collect(),
    }
}

/// Width 3 with a tail: `k = 2/(2-e)`; rows `(0, 0, k e, 0, ...)`, bias `1 + k e`, and `(1, -1, e, ...)`,
/// `(-1, 1, e, ...)`, bias 0, weights 1, -k, -k. Perfect on the cube. `d >= 3`, `0 < e < 2`.
pub fn tilted_three(d: usize, e: &Rational) -> ReluSum {
    let k = Rational::from(2) / Rational::from(2 - e);
    let lift = k.mul(e);
    let positive = Term {
        row: row((0, 0), &tilt(d, &lift), lift.clone() + 1),
        weight: Rational::from(1),
    };
    let negative = [(1, -1), (-1, 1)].map(|q| Term {
        row: row(q, &tilt(d, e), Rational::new()),
        weight: k.neg(),
    });
    ReluSum {
        terms: [positive].into_iter().chain(negative).collect(),
    }
}

/// `term` as copies that share its weight in these proportions (which sum to 1), copy k with its
/// row times `k + 1`: the same function and the same `sum |c|`.
pub fn split(term: &Term, shares: &[Rational]) -> Vec<Term> {
    let copy = |(k, share): (usize, &Rational)| {
        let scale = Rational::from(k + 1);
        Term {
            row: term.row.iter().map(|w| w.mul(&scale)).collect(),
            weight: term.weight.mul(share) / scale,
        }
    };
    shares.iter().enumerate().map(copy).collect()
}

/// The neurons with these rows and weights that make `f = y` on the data, `extra` added; `None` if
/// there are no such weights.
pub fn through(
    data: &Dataset<Rational>,
    rows: &[Vec<Rational>],
    extra: &[Term],
) -> Option<ReluSum> {
    let extra = ReluSum {
        terms: extra.to_vec(),
    };
    let relu = |z: Rational| if z.cmp0().is_gt() { z } else { Rational::new() };
    let features = |x: &Vec<Rational>| -> Vec<Rational> {
        let lifted = with_bias(x);
        let value = |row: &Vec<Rational>| relu(Ring::dot(row, &lifted));
        rows.iter().map(value).collect()
    };
    let matrix: Vec<Vec<Rational>> = data.x.iter().map(features).collect();
    let rest = data.x.iter().zip(&data.y);
    let rest: Vec<Rational> = rest.map(|(x, y)| y.sub(&extra.value(x))).collect();
    let weights = solve(&matrix, &rest).ok()?;
    let solved = rows.iter().cloned().zip(weights);
    let solved = solved.map(|(row, weight)| Term { row, weight });
    Some(ReluSum {
        terms: solved.chain(extra.terms).collect(),
    })
}

/// One neuron per training point of a set of cube points: `x_i`, bias `-(d - 1)`, 1 there and not
/// positive on the rest of the cube, with the point's label as weight. Points must be distinct.
pub fn memoriser(data: &Dataset<Rational>) -> ReluSum {
    let term = |(x, y): (&Vec<Rational>, &Rational)| Term {
        row: x
            .iter()
            .cloned()
            .chain([Rational::from(1 - x.len() as i64)])
            .collect(),
        weight: y.clone(),
    };
    ReluSum {
        terms: data.x.iter().zip(&data.y).map(term).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn perfect(sum: &ReluSum, d: usize) -> bool {
        xor::cube(d)
            .unwrap()
            .all(|u| sum.value(&xor::point(u, d)) == xor::label_of_bits(u))
    }

    fn coefficient_sum(sum: &ReluSum, set: &CompleteSet) -> Radical {
        let four = Radical::from_int(4);
        let price = sum.price(&set.training_set()).unwrap();
        crate::scalar::Field::div(&price, &four).unwrap()
    }

    fn random_set(d: usize, size: usize, seed: u64) -> CompleteSet {
        let size = d - 1 + size % ((1 << (d - 2)) - (d - 1) + 1);
        CompleteSet::random(d, size, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn families_vs_label(d in 3usize..=6, k in 1i64..199, p in 0i64..9, q in 1i64..9, b in -20i64..20) {
            let e = Rational::from((k, 100));
            prop_assert!(perfect(&tilted(d, &e), d));
            prop_assert!(perfect(&tilted_three(d, &e), d));
            prop_assert!(!perfect(&tilted(d, &Rational::from(3)), d));
            for label in [1, -1] {
                prop_assert!(perfect(&three(d, label), d));
            }
            let [p, q, b] = [p, q, b].map(Rational::from);
            let four = QUADRANTS.map(|quadrant| aligned(d, quadrant, &p, &q, &b));
            if let Some(terms) = four.into_iter().collect::<Option<Vec<Term>>>() {
                let sum = ReluSum { terms };
                prop_assert!(perfect(&sum, d));
            }
        }

        #[test]
        fn coefficient_sums_vs_closed_form(d in 3usize..=6, k in 1i64..199, size in any::<usize>(), seed in any::<u64>()) {
            let set = random_set(d, size, seed);
            let e = Rational::from((k, 100));
            let expected = tilted_sum(&share(&set).unwrap(), &e).unwrap();
            prop_assert_eq!(coefficient_sum(&tilted(d, &e), &set), expected);
            let [two, three_] = [2, 3].map(Radical::from_int);
            prop_assert_eq!(coefficient_sum(&three(d, 1), &set), three_);
            let (one, off) = (Rational::from(1), Rational::from((-1, 3)));
            let term = |q| aligned(d, q, &one, &one, &off).unwrap();
            let parts = [(1, 3), (2, 3)].map(Rational::from);
            let terms = QUADRANTS.into_iter().flat_map(|q| split(&term(q), &parts)).collect();
            prop_assert_eq!(coefficient_sum(&ReluSum { terms }, &set), two);
        }

        #[test]
        fn through_vs_labels(size in any::<usize>(), seed in any::<u64>(), rows in prop::collection::vec(prop::collection::vec(-3i64..=3, 5), 24)) {
            let data = random_set(4, size, seed).training_set();
            let rows: Vec<Vec<Rational>> =
                rows.iter().map(|r| r.iter().map(|w| Rational::from(*w)).collect()).collect();
            if let Some(sum) = through(&data, &rows, &memoriser(&data).terms[..1]) {
                prop_assert!(data.x.iter().zip(&data.y).all(|(x, y)| sum.value(x) == *y));
            }
            let own = memoriser(&data);
            prop_assert!(data.x.iter().zip(&data.y).all(|(x, y)| own.value(x) == *y));
        }
    }
}
