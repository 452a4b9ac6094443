//! Near-dead neurons without cancellers against Theorem 3.2 (Wen, Li, Ma 2023), where S is affinely
//! independent (|S| = d - 1): the four generalising neurons absorb them through their own tails.
//!
//! Given extra neurons with sum e(x), the neuron of quadrant q is
//! `relu(g (q_1 x1 + q_2 x2 - 2) + v_q(s))` with v_q affine and `v_q(s) = 1 - y e(q, s)` on S, which
//! exists since S is affinely independent; g keeps it negative on the other quadrants. Then f = y on
//! the training set whatever e is. As e tends to 0 there, `sum |c|` tends to 2; off the training
//! set e need not be small.
//!
//! *Hamming ball*: S = (1, ..., 1) and its neighbours, nu(s) the number of -1s in s, so nu <= 1 on S
//! and nu >= 2 on every unseen suffix. Three extra neurons `relu(nu - 1 + delta)`, on all quadrants
//! with weight `-beta/delta` and on each quadrant of label -1 with `2 beta/delta`, make
//! `y f = 1 - beta (nu - 1)(1 - delta)/delta` on the whole cube but nu = 0: width 7 makes every unseen
//! point wrong in every dimension, the first extra neuron alone (width 5) those of label +1.
//! Tests `absorbed_sums_interpolate`, `hamming_ball_vs_closed_form`.

use super::relu_sum::{ReluSum, Term};
use super::sim_bn_generaliser::QUADRANTS;
use super::theorem_3_2_pairs::{cover, face_term, row_at};
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::linalg::solve;
use crate::scalar::{Rational, Ring};

/// The extra neurons and, before them, the four generalising ones that absorb them; `None` unless
/// |S| = d - 1 and |e| < 1 on the training set.
pub fn absorb(set: &CompleteSet, extras: Vec<Term>) -> Option<ReluSum> {
    let d = set.d();
    let suffixes = set.suffixes();
    if suffixes.len() != d - 1 {
        return None;
    }
    let extra = ReluSum { terms: extras };
    let differences: Vec<Vec<Rational>> = suffixes[1..]
        .iter()
        .map(|&s| {
            (0..d - 2)
                .map(|i| Rational::from(xor::coordinate(s, i) - xor::coordinate(suffixes[0], i)))
                .collect()
        })
        .collect();
    let mut terms = Vec::new();
    for q in QUADRANTS {
        let y = Rational::from(q.0 * q.1);
        let at = |s: u64| -> Vec<Rational> { xor::point(point(q, s), d) };
        let heights: Vec<Rational> = suffixes
            .iter()
            .map(|&s| Rational::from(1) - extra.value(&at(s)).mul(&y)) // v_q(s) = 1 - y e(q, s)
            .collect();
        if heights.iter().any(|v| *v <= 0 || *v >= 2) {
            return None;
        }
        let rises: Vec<Rational> = heights[1..].iter().map(|v| v.sub(&heights[0])).collect();
        let tail = solve(&differences, &rises).ok()?;
        // flipping x1 or x2 costs 2g, more than v_q < 2 + 2 sum |w| anywhere on the cube
        let g: Rational = tail.iter().map(|w| w.clone().abs()).sum::<Rational>() + 1;
        terms.push(Term {
            row: row_at(q, &g, &tail, suffixes[0], &heights[0]),
            weight: y,
        });
    }
    terms.extend(extra.terms);
    Some(ReluSum { terms })
}

/// The point with prefix q and suffix s.
pub fn point(q: (i64, i64), s: u64) -> u64 {
    s << 2 | u64::from(q.1 == 1) << 1 | u64::from(q.0 == 1)
}

/// Face neurons of `theorem_3_2_pairs` that reach every unseen point, absorbed: width `4 + 4F`, at
/// most `4 + U`. `None` unless |S| = d - 1, delta is small enough and d is small enough to list.
pub fn every_point(set: &CompleteSet, delta: &Rational) -> Option<ReluSum> {
    let unseen: Vec<u64> = set
        .unseen()
        .ok()?
        .chunks(4)
        .map(|four| four[0] >> 2)
        .collect();
    let targets = cover(set, unseen);
    let faces = |q| {
        targets
            .iter()
            .map(move |&sigma| face_term(set, q, sigma, delta))
    };
    absorb(set, QUADRANTS.into_iter().flat_map(faces).collect())
}

/// One face neuron at `(q, sigma)` with weight `-y strength`, absorbed: width 5.
pub fn one_face(
    set: &CompleteSet,
    q: (i64, i64),
    sigma: u64,
    delta: &Rational,
    strength: &Rational,
) -> Option<ReluSum> {
    let mut face = face_term(set, q, sigma, delta);
    face.weight = face.weight.mul(strength);
    absorb(set, vec![face])
}

/// Which unseen points the Hamming-ball family makes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of label +1: width 5.
    Positive,
    /// All: width 7.
    All,
}

/// The Hamming-ball family on [`CompleteSet::smallest`], `0 < beta, delta < 1/2`, d >= 3. With
/// weight pattern phi on the quadrants (-1 everywhere, or -y), `f = y + phi beta (nu - 1)(1 - delta)/delta`
/// wherever nu >= 1.
pub fn hamming_ball(
    set: &CompleteSet,
    beta: &Rational,
    delta: &Rational,
    reach: Reach,
) -> Option<ReluSum> {
    let length = set.d() - 2;
    let tail = vec![Rational::from((-1, 2)); length]; // nu = (d - 2)/2 - sum_i s_i / 2
    let ones = (1u64 << length) - 1;
    let height = Rational::from(delta - 1); // nu - 1 + delta at nu = 0
    let weight = Rational::from(beta / delta);
    let term = |q, g: i64, weight: Rational| Term {
        row: row_at(q, &Rational::from(g), &tail, ones, &height),
        weight,
    };
    let mut extras = vec![term((1, 1), 0, weight.neg())];
    if reach == Reach::All {
        let negative = QUADRANTS.into_iter().filter(|(s, t)| s * t < 0);
        let d = set.d() as i64;
        extras.extend(negative.map(|q| term(q, d, weight.clone() * 2)));
    }
    absorb(set, extras)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn independent_sets() -> impl Strategy<Value = CompleteSet> {
        (4usize..=6, any::<u64>()).prop_map(|(d, seed)| {
            CompleteSet::random(d, d - 1, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap()
        })
    }

    fn interpolates(set: &CompleteSet, sum: &ReluSum) -> bool {
        let data = set.training_set();
        data.x.iter().zip(&data.y).all(|(x, y)| sum.value(x) == *y)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn absorbed_sums_interpolate(set in independent_sets(), pick in any::<usize>()) {
            let delta = Rational::from((1, 1000));
            let sum = every_point(&set, &delta).unwrap();
            prop_assert!(interpolates(&set, &sum));
            let unseen = set.unseen().unwrap();
            prop_assert!(sum.width() <= 4 + unseen.len());
            for &u in &unseen {
                prop_assert!(sum.value(&xor::point(u, set.d())) * xor::label_of_bits(u) < 0);
            }
            let u = unseen[pick % unseen.len()];
            let q = (xor::coordinate(u, 0), xor::coordinate(u, 1));
            let one = one_face(&set, q, u >> 2, &delta, &Rational::from(5)).unwrap();
            prop_assert!(interpolates(&set, &one));
            prop_assert_eq!(one.width(), 5);
            prop_assert!(one.value(&xor::point(u, set.d())) * xor::label_of_bits(u) < -3);
        }
    }

    #[test]
    fn hamming_ball_vs_closed_form() {
        let [beta, delta] = [(1, 100), (1, 300)].map(Rational::from);
        for d in 3..=7 {
            let set = CompleteSet::smallest(d).unwrap();
            for (reach, width) in [(Reach::Positive, 5), (Reach::All, 7)] {
                let sum = hamming_ball(&set, &beta, &delta, reach).unwrap();
                assert_eq!(sum.width(), width);
                assert!(interpolates(&set, &sum));
                for u in set.unseen().unwrap() {
                    let y = Rational::from(xor::label_of_bits(u));
                    let nu = (u >> 2).count_zeros() - (64 - (d as u32 - 2));
                    let phi = if reach == Reach::All {
                        y.neg()
                    } else {
                        Rational::from(-1)
                    };
                    let shift = phi * &beta * (nu - 1) * (Rational::from(1) - &delta) / &delta;
                    assert_eq!(sum.value(&xor::point(u, d)), y + shift);
                }
            }
        }
    }

    #[test]
    fn larger_sets_are_not_absorbed() {
        let set = CompleteSet::all(4).unwrap();
        assert_eq!(absorb(&set, vec![]), None);
    }
}
