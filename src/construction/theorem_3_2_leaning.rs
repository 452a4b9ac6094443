//! Leaning generalisers against Theorem 3.2 (Wen, Li, Ma 2023): a counterexample of width 5 for
//! *every* complete set that leaves out a point (ours).
//!
//! In the ring of quadrants (1,1) -> (-1,1) -> (-1,-1) -> (1,-1) -> (1,1) let the neuron of each be
//! `1 + alpha + h(s)` on its own quadrant, lean on the next one with `alpha + h(s)` and be negative
//! on the other two, h linear in the suffix and small. On every quadrant the neuron that leans on it
//! has the other label, so `f = y (1 + alpha + h) - y (alpha + h) = y` exactly although no neuron is
//! constant: tails are free at width 4, at the price `sum |c| = 2 + O(alpha)`.
//!
//! So a generaliser can also be a canceller. With `h = eta s*.s` the neuron of (1,1) is raised on
//! (1,-1) until it is `tau <= 2 eta` at `(1,-1,s*)` and still negative at every other point there. A fifth
//! neuron with weight `-tau/delta` is delta at `(1,-1,s*)`, `-delta` at `(1,1,s*)` and grows along the face
//! from s* to an unseen sigma at distance k (`face_tail`): it cancels tau on the training set, and
//!
//! ```text
//! f(1, 1, sigma) = 1 - tau (2k - delta) / delta.
//! ```
//!
//! Also here: free tails at width 8 without leaning, and a leaning family of width 3.
//! Tests `leaning_sums_fit_the_cube`, `opposed_and_width_3_fit_the_cube`, `width_5_vs_closed_form`.

use super::relu_sum::{ReluSum, Term};
use super::sim_bn_generaliser::QUADRANTS;
use super::theorem_3_2_pairs::{along, face_tail, nearest};
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::scalar::{Rational, Ring};

/// The row of quadrant (s, t) that is `own` there, `flip1` after flipping x1, `flip2` after flipping
/// x2 (and `flip1 + flip2 - own` opposite), each plus `tail . suffix`.
fn row_of_values(
    (s, t): (i64, i64),
    [own, flip1, flip2]: [&Rational; 3],
    tail: &[Rational],
) -> Vec<Rational> {
    let first = Rational::from(own - flip1) * s / 2;
    let second = Rational::from(own - flip2) * t / 2;
    let bias = Rational::from(flip1 + flip2) / 2;
    let tail = tail.iter().cloned();
    [first, second]
        .into_iter()
        .chain(tail)
        .chain([bias])
        .collect()
}

/// The four leaning neurons with `h(s) = tail . s`. The neuron of (1,1) is `raised + h` on (1,-1).
fn ring(alpha: &Rational, tail: &[Rational], raised: &Rational) -> ReluSum {
    let own = Rational::from(alpha + 1);
    let off = Rational::from(-1);
    let term = |q: (i64, i64)| {
        let other = if q == (1, 1) { raised } else { &off };
        // label +1 leans across x1, label -1 across x2
        let values = if q.0 * q.1 > 0 {
            [&own, alpha, other]
        } else {
            [&own, other, alpha]
        };
        Term {
            row: row_of_values(q, values, tail),
            weight: Rational::from(q.0 * q.1),
        }
    };
    ReluSum {
        terms: QUADRANTS.into_iter().map(term).collect(),
    }
}

/// Four leaning neurons: `f = y` wherever `-alpha <= h(s) < 1`, and `f = y (1 + alpha + h(s))` where
/// `-1 - alpha <= h(s) <= -alpha`. `tail` has d - 2 entries.
pub fn leaning(alpha: &Rational, tail: &[Rational]) -> ReluSum {
    ring(alpha, tail, &Rational::from(-1))
}

/// Two neurons per quadrant, `1 + h(s)` and `1 - h(s)` with weight `y/2` each: `f = y` wherever
/// `|h| <= 1` although all tails are free, at the price `sum |c| = 2 + O(h^2)`; width 8.
pub fn opposed(tail: &[Rational]) -> ReluSum {
    let one = Rational::from(1);
    let off = Rational::from(-1);
    let term = |q: (i64, i64), tail: &[Rational]| Term {
        row: row_of_values(q, [&one, &off, &off], tail),
        weight: Rational::from((q.0 * q.1, 2)),
    };
    let opposite: Vec<Rational> = tail.iter().map(Ring::neg).collect();
    let pair = |q| [term(q, tail), term(q, &opposite)];
    ReluSum {
        terms: QUADRANTS.into_iter().flat_map(pair).collect(),
    }
}

/// Width 3, the row clause: a neuron `1 + alpha + h(s)` on every quadrant, and for each quadrant of
/// label -1 one that is `2 + alpha + h` there with weight -1 and leans on one quadrant of label +1 with
/// `alpha + h`. `f = y` wherever `|h| <= alpha`, and the first row is all tail, at the price
/// `sum |c| = 3 + O(alpha)`, 3 being the least at width 3.
pub fn width_3(alpha: &Rational, tail: &[Rational]) -> ReluSum {
    let (own, off) = (Rational::from(alpha + 2), Rational::from(-1));
    let all = Term {
        row: row_of_values((1, 1), [&Rational::from(alpha + 1); 3], tail),
        weight: Rational::from(1),
    };
    let term = |q| Term {
        row: row_of_values(q, [&own, &off, alpha], tail),
        weight: Rational::from(-1),
    };
    ReluSum {
        terms: vec![all, term((1, -1)), term((-1, 1))],
    }
}

/// The counterexample of width 5 at the unseen suffix sigma: `alpha = d eta`, `tau = eta`,
/// `0 < eta < 1/d`, `0 < delta < 2`. Wrong at `(1, 1, sigma)` where `eta (2k - delta) >= delta`.
pub fn width_5(set: &CompleteSet, sigma: u64, eta: &Rational, delta: &Rational) -> ReluSum {
    let length = set.d() - 2;
    let (anchor, k) = nearest(set, sigma);
    let tail: Vec<Rational> = (0..length)
        .map(|i| eta.clone() * xor::coordinate(anchor, i))
        .collect();
    let alpha = eta.clone() * set.d() as u64;
    let raised = eta.sub(&along(&tail, anchor)); // tau - h(s*), tau = eta
    let mut sum = ring(&alpha, &tail, &raised);
    let face = face_tail(length, sigma, anchor);
    let across = Rational::from(2 * k); // x1 = -1 costs 4k
    let bias = along(&face, anchor).neg().sub(&across);
    let row = [across, delta.neg()].into_iter().chain(face).chain([bias]);
    sum.terms.push(Term {
        row: row.collect(),
        weight: Rational::from(eta / delta).neg(),
    });
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
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
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn leaning_sums_fit_the_cube(d in 2usize..=5, tail in prop::collection::vec(-9i64..=9, 3)) {
            let tail: Vec<Rational> = tail[..d - 2].iter().map(|w| Rational::from((*w, 1000))).collect();
            let size: Rational = tail.iter().map(|w| w.clone().abs()).sum();
            let perfect = |alpha: &Rational| {
                let sum = leaning(alpha, &tail);
                xor::cube(d).unwrap().all(|u| sum.value(&xor::point(u, d)) == xor::label_of_bits(u))
            };
            prop_assert!(perfect(&size));
            if size > 0 {
                prop_assert!(!perfect(&(size / 2)), "where h < -alpha no neuron leans");
            }
        }

        #[test]
        fn opposed_and_width_3_fit_the_cube(d in 3usize..=5, tail in prop::collection::vec(-9i64..=9, 3)) {
            let tail: Vec<Rational> = tail[..d - 2].iter().map(|w| Rational::from((*w, 1000))).collect();
            let size: Rational = tail.iter().map(|w| w.clone().abs()).sum();
            for sum in [opposed(&tail), width_3(&size, &tail)] {
                for u in xor::cube(d).unwrap() {
                    prop_assert_eq!(sum.value(&xor::point(u, d)), xor::label_of_bits(u));
                }
            }
        }

        #[test]
        fn width_5_vs_closed_form(set in random_sets(), pick in any::<usize>(), k in 20i64..500) {
            let unseen = set.unseen().unwrap();
            let sigma = unseen[pick % unseen.len()] >> 2;
            let [eta, delta] = [(1, 40), (1, 4 * k)].map(Rational::from);
            let sum = width_5(&set, sigma, &eta, &delta);
            let data = set.training_set();
            prop_assert_eq!(sum.width(), 5);
            for (x, y) in data.x.iter().zip(&data.y) {
                prop_assert_eq!(&sum.value(x), y);
            }
            let distance = nearest(&set, sigma).1;
            let expected = Rational::from(1) - eta * (Rational::from(2 * distance) - &delta) / &delta;
            prop_assert!(expected < 0);
            prop_assert_eq!(sum.value(&xor::point(sigma << 2 | 3, set.d())), expected);
        }
    }
}
