//! Near-dead pairs against Theorem 3.2 (Wen, Li, Ma 2023): batch-norm networks as flat as one likes
//! that interpolate a complete training set and are wrong off it.
//!
//! For an unseen point `u = (q, sigma)` let `s*` be the suffix in S nearest to sigma, k their Hamming
//! distance, `x* = (q, s*)`. The *face neuron* has weight `u_i` where u and x* differ and `2k u_i`
//! where they agree, and a bias that makes it delta at x*: it is `delta + 2j` after j of the k flips
//! from x* to u and negative off the face [x*, u], whose only training point is x*. The *canceller*
//! `(x*, -(d-1))` is 1 at x* and negative on the rest of the cube. With weights `-y` and `y delta`
//! (of [`ReluSum`]) they cancel on the training set at the price `8 delta / sqrt n`, while
//! `y f = 1 - (2j + delta)` on the face: every unseen point on it is wrong, for every delta > 0.
//! Tests `cover_reaches_every_unseen_point`, `smallest_dimension_vs_closed_form`.

use super::relu_sum::{ReluSum, Term};
use super::sim_bn_generaliser::{Neuron, QUADRANTS, balanced, four_neurons, row};
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::network::Network;
use crate::scalar::{NoValue, Radical, Rational, Ring};
use std::collections::BTreeMap;

/// The family of the smallest dimension, d = 4, width 6, S = {(1,1), (1,-1), (-1,1)}: four neurons
/// `R (s, t, 0, 0)`, bias `-R`, `c = s t / 2`; the bad neuron `(1, 1, -1, -2)`, bias `delta - 3`,
/// coefficient `-c`; the canceller `(1, 1, 1, -1)`, bias -3, coefficient `c`. For c > 0 and
/// 0 < delta < 2
///
/// ```text
/// Tr = 8 + 8 c + 32 / (9 R^2),   f(1, 1, -1, -1) = 1 - c sqrt(12) (2 + delta) / delta.
/// ```
///
/// # Errors
/// None for rational arguments; the type is that of `balanced`.
pub fn smallest_dimension(
    c: &Rational,
    r: &Rational,
    delta: &Rational,
) -> Result<Network<Radical>, NoValue> {
    let tail = |a: i64, b: i64| [a, b].map(Rational::from);
    let bad = Neuron {
        row: row((1, 1), &tail(-1, -2), Rational::from(delta - 3)),
        coefficient: Radical::from_rational(c.neg()),
    };
    let canceller = Neuron {
        row: row((1, 1), &tail(1, -1), Rational::from(-3)),
        coefficient: Radical::from_rational(c.clone()),
    };
    let scales = [(); 4].map(|()| r.clone());
    let mut neurons = four_neurons(4, &scales);
    neurons.extend([bad, canceller]);
    balanced(&neurons)
}

/// The first suffix of S at the least Hamming distance from `sigma`, and that distance.
pub fn nearest(set: &CompleteSet, sigma: u64) -> (u64, usize) {
    let distance = |s: &u64| (s ^ sigma).count_ones();
    let nearest = set.suffixes().iter().copied().min_by_key(distance);
    let nearest = nearest.expect("Condition 1: S is not empty");
    (nearest, distance(&nearest) as usize)
}

/// The tail of a face neuron: `sigma_i` where sigma and `anchor` differ, `2k sigma_i` where they
/// agree, k their distance. Each flip from `anchor` towards sigma adds 2, leaving the face costs 4k.
pub fn face_tail(length: usize, sigma: u64, anchor: u64) -> Vec<Rational> {
    let k = (sigma ^ anchor).count_ones();
    let entry = |i: usize| {
        let agree = (sigma ^ anchor) >> i & 1 == 0;
        Rational::from(xor::coordinate(sigma, i) * if agree { 2 * i64::from(k) } else { 1 })
    };
    (0..length).map(entry).collect()
}

/// `tail . s`.
pub fn along(tail: &[Rational], s: u64) -> Rational {
    let entry = |(i, w): (usize, &Rational)| w.mul(&Rational::from(xor::coordinate(s, i)));
    tail.iter().enumerate().map(entry).sum()
}

/// The row `(g q_1, g q_2, tail)` with value `height` at `(q, anchor)`.
pub fn row_at(
    q: (i64, i64),
    g: &Rational,
    tail: &[Rational],
    anchor: u64,
    height: &Rational,
) -> Vec<Rational> {
    let bias = height.sub(&along(tail, anchor)).sub(&Rational::from(g * 2));
    let mut row = row(q, tail, bias);
    row[0] = g.mul(&row[0]);
    row[1] = g.mul(&row[1]);
    row
}

/// The four generalising neurons: `s t relu(s x1 + t x2 - 1)`.
pub fn generaliser(d: usize) -> ReluSum {
    let length = d.saturating_sub(2);
    let term = |&(s, t): &(i64, i64)| Term {
        row: row((s, t), &vec![Rational::new(); length], Rational::from(-1)),
        weight: Rational::from(s * t),
    };
    ReluSum {
        terms: QUADRANTS.iter().map(term).collect(),
    }
}

/// The face neuron of `(q, sigma)`, weight `-y`: `0 < delta < 2`.
pub fn face_term(set: &CompleteSet, q: (i64, i64), sigma: u64, delta: &Rational) -> Term {
    let (anchor, k) = nearest(set, sigma);
    let tail = face_tail(set.d() - 2, sigma, anchor);
    Term {
        row: row_at(q, &Rational::from(2 * k), &tail, anchor, delta),
        weight: Rational::from(-q.0 * q.1),
    }
}

/// The canceller at `(q, anchor)`: 1 there, negative on the rest of the cube.
pub fn canceller_term(d: usize, q: (i64, i64), anchor: u64, weight: Rational) -> Term {
    let length = d.saturating_sub(2);
    let tail: Vec<Rational> = (0..length)
        .map(|i| Rational::from(xor::coordinate(anchor, i)))
        .collect();
    Term {
        row: row(q, &tail, Rational::from(1 - d as i64)),
        weight,
    }
}

/// One pair at the unseen point `(q, sigma)`, width 6: the face neuron and its canceller with
/// weights `-+ y strength`, so `y f = 1 - strength (2j + delta)` on the face.
pub fn one_pair(
    set: &CompleteSet,
    q: (i64, i64),
    sigma: u64,
    delta: &Rational,
    strength: &Rational,
) -> ReluSum {
    let mut sum = generaliser(set.d());
    let mut face = face_term(set, q, sigma, delta);
    face.weight = face.weight.mul(strength);
    let weight = face.weight.neg().mul(delta);
    let (anchor, _) = nearest(set, sigma);
    sum.terms
        .extend([face, canceller_term(set.d(), q, anchor, weight)]);
    sum
}

/// How all unseen points are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One pair per unseen point: width 4 + 2U.
    Pairs,
    /// One face neuron per face of a cover, one canceller per anchor: width 4 + 4F + 4A, where F
    /// faces `[s*, sigma]` cover the unseen suffixes and A of their anchors are distinct.
    Cover,
}

/// Every unseen point wrong at once. `0 < delta < 2`; the weights are those of the module's text.
///
/// # Errors
/// As [`CompleteSet::unseen`].
pub fn every_point(
    set: &CompleteSet,
    delta: &Rational,
    plan: Plan,
) -> Result<ReluSum, xor::BadDimension> {
    let unseen: Vec<u64> = set.unseen()?.chunks(4).map(|four| four[0] >> 2).collect();
    let targets = match plan {
        Plan::Pairs => unseen,
        Plan::Cover => cover(set, unseen),
    };
    let mut sum = generaliser(set.d());
    for q in QUADRANTS {
        let mut faces_at: BTreeMap<u64, u32> = BTreeMap::new();
        for &sigma in &targets {
            *faces_at.entry(nearest(set, sigma).0).or_default() += 1;
            sum.terms.push(face_term(set, q, sigma, delta));
        }
        let y = Rational::from(q.0 * q.1).mul(delta);
        let canceller = |anchor, count: u32| canceller_term(set.d(), q, anchor, y.clone() * count);
        for (&anchor, &count) in &faces_at {
            match plan {
                Plan::Pairs => {
                    let own = (0..count).map(|_| canceller(anchor, 1));
                    sum.terms.extend(own);
                }
                Plan::Cover => sum.terms.push(canceller(anchor, count)),
            }
        }
    }
    Ok(sum)
}

/// Unseen suffixes whose faces contain all of them: greedily, the farthest first.
pub fn cover(set: &CompleteSet, mut unseen: Vec<u64>) -> Vec<u64> {
    unseen.sort_by_key(|&sigma| (std::cmp::Reverse(nearest(set, sigma).1), sigma));
    let mut chosen: Vec<u64> = Vec::new();
    for sigma in unseen {
        let on_face = |&top: &u64| (sigma ^ top) & !(top ^ nearest(set, top).0) == 0;
        if !chosen.iter().any(on_face) {
            chosen.push(sigma);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharpness::closed_form;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn random_sets() -> impl Strategy<Value = CompleteSet> {
        (4usize..=6, any::<usize>(), any::<u64>()).prop_map(|(d, size, seed)| {
            let size = d - 1 + size % ((1 << (d - 2)) - (d - 1));
            CompleteSet::random(d, size, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Interpolates, and y f = 1 - sum over the faces through the point of (2j + delta) < 0.
        #[test]
        fn cover_reaches_every_unseen_point(set in random_sets(), k in 1i64..1000) {
            let delta = Rational::from((1, k));
            for plan in [Plan::Pairs, Plan::Cover] {
                let sum = every_point(&set, &delta, plan).unwrap();
                let data = set.training_set();
                for (x, y) in data.x.iter().zip(&data.y) {
                    prop_assert_eq!(&sum.value(x), y);
                }
                for u in set.unseen().unwrap() {
                    let margin = sum.value(&xor::point(u, set.d())) * xor::label_of_bits(u);
                    prop_assert!(margin <= -1 - delta.clone(), "{margin}");
                }
                if plan == Plan::Pairs {
                    prop_assert_eq!(sum.width(), 4 + 2 * set.unseen().unwrap().len());
                }
            }
        }

        /// The negative control: without its canceller a pair does not interpolate.
        #[test]
        fn one_pair_needs_its_canceller(set in random_sets(), pick in any::<usize>()) {
            let unseen = set.unseen().unwrap();
            let u = unseen[pick % unseen.len()];
            let q = (xor::coordinate(u, 0), xor::coordinate(u, 1));
            let (delta, strength) = (Rational::from((1, 100)), Rational::from(7));
            let mut sum = one_pair(&set, q, u >> 2, &delta, &strength);
            let data = set.training_set();
            let fits = |sum: &ReluSum| data.x.iter().zip(&data.y).all(|(x, y)| sum.value(x) == *y);
            prop_assert!(fits(&sum));
            let k = nearest(&set, u >> 2).1;
            let expected = Rational::from(1) - strength * (delta + 2 * k);
            prop_assert_eq!(sum.value(&xor::point(u, set.d())) * (q.0 * q.1), expected);
            sum.terms.pop();
            prop_assert!(!fits(&sum));
        }
    }

    #[test]
    fn smallest_dimension_vs_closed_form() {
        let set = CompleteSet::smallest(4).unwrap();
        let data = set
            .training_set()
            .map(|q| Radical::from_rational(q.clone()));
        let [c, r, delta] = [(1, 400), (30, 1), (1, 7)].map(Rational::from);
        let net = smallest_dimension(&c, &r, &delta).unwrap();
        assert_eq!(net.outputs(&data.x, &data.x).unwrap(), data.y);
        let trace = Rational::from(8) + c.clone() * 8 + Rational::from((32, 9 * 30 * 30));
        assert_eq!(
            closed_form::trace(&net, &data.x).unwrap(),
            Radical::from_rational(trace)
        );
        let at: Vec<Radical> = [1, 1, -1, -1].map(Radical::from_int).to_vec();
        let slope = Rational::from(&delta + 2) / &delta * c;
        let slope = Radical::from_rational(slope);
        let root = Radical::root_of(&Rational::from(12), 2).unwrap();
        let expected = Radical::one().sub(&slope.mul(&root));
        assert_eq!(net.outputs(&data.x, &[at]).unwrap(), vec![expected]);
    }
}
