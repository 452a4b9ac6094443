//! Training sets for the hunts, by what a statement's hypotheses let through, and simpler ones: small
//! sets first, plain numbers mostly, so that the first failure is nearly readable.

use crate::data::extreme::extreme_points;
use crate::data::{Dataset, xor};
use crate::scalar::{Rational, Ring};
use crate::search::generate::{below, between, one_in, rational, small};
use crate::search::shrink;
use rand::Rng;
use std::collections::BTreeSet;

type Data = Dataset<Rational>;

/// `1..=most`, near 1 in early attempts.
pub(in crate::theorem) fn size(rng: &mut impl Rng, attempt: usize, most: usize) -> usize {
    1 + below(rng, most.min(2 + attempt / 16))
}

/// A set for a statement on extreme inputs and its family: samples of P_xor, extreme points and any
/// points by turns, with any labels but for P_xor.
pub(in crate::theorem) fn inputs_and_labels(
    rng: &mut impl Rng,
    attempt: usize,
) -> (&'static str, Data) {
    match attempt % 3 {
        0 => ("samples of P_xor", xor_samples(rng, attempt)),
        1 => ("extreme points, any labels", extreme(rng, attempt)),
        _ => ("any points, any labels", any_points(rng, attempt)),
    }
}

/// A sample of P_xor, repeats as they come.
pub(in crate::theorem) fn xor_samples(rng: &mut impl Rng, attempt: usize) -> Data {
    let (d, n) = (1 + size(rng, attempt, 5), size(rng, attempt, 12));
    xor::sample(d, n, rng).expect("d is in range")
}

/// The extreme ones of a few random points, one of them twice at times, with any labels.
pub(in crate::theorem) fn extreme(rng: &mut impl Rng, attempt: usize) -> Data {
    let (n, d) = (size(rng, attempt, 7), size(rng, attempt, 4));
    let points: BTreeSet<Vec<Rational>> = (0..n).map(|_| point(rng, d)).collect();
    let points: Vec<Vec<Rational>> = points.into_iter().collect();
    let found = extreme_points(&points);
    let vertices = points.into_iter().zip(&found).filter(|(_, e)| e.is_ok());
    let mut x: Vec<Vec<Rational>> = vertices.map(|(x, _)| x).collect();
    let mut y: Vec<Rational> = x.iter().map(|_| label(rng)).collect();
    if one_in(rng, 4) && !x.is_empty() {
        let twin = below(rng, x.len());
        x.push(x[twin].clone());
        y.push(y[twin].clone());
    }
    Dataset { x, y }
}

/// Any points, repeats among them, with any labels, contradictions too.
pub(in crate::theorem) fn any_points(rng: &mut impl Rng, attempt: usize) -> Data {
    let (n, d) = (size(rng, attempt, 7), size(rng, attempt, 4));
    let mut x: Vec<Vec<Rational>> = Vec::new();
    for _ in 0..n {
        let twin = below(rng, x.len() + 2);
        let next = x.get(twin).cloned();
        x.push(next.unwrap_or_else(|| point(rng, d)));
    }
    let y = x.iter().map(|_| label(rng)).collect();
    Dataset { x, y }
}

/// Small integers, any small rationals one time in four.
pub(in crate::theorem) fn point(rng: &mut impl Rng, d: usize) -> Vec<Rational> {
    let fractions = one_in(rng, 4);
    let entry = |_| match fractions {
        true => small(rng),
        false => Rational::from(between(rng, -2, 2)),
    };
    (0..d).map(entry).collect()
}

/// 0, 1 or -1 half of the time.
pub(in crate::theorem) fn label(rng: &mut impl Rng) -> Rational {
    match below(rng, 4) {
        0 | 1 => Rational::from(between(rng, -1, 1)),
        2 => small(rng),
        _ => rational(rng),
    }
}

/// Simpler sets with at least one sample.
pub(in crate::theorem) fn simpler_data(data: &Data) -> Vec<Data> {
    let mut simpler = shrink::dataset(data);
    simpler.retain(|data| !data.is_empty());
    simpler
}

/// Those of [`simpler_data`] with a label 0 iff there is one already: label 0 is a case of its own.
pub(in crate::theorem) fn simpler_same_zeros(data: &Data) -> Vec<Data> {
    let has_zero = |data: &Data| data.y.iter().any(Rational::is_zero);
    let mut simpler = simpler_data(data);
    simpler.retain(|simpler| has_zero(simpler) == has_zero(data));
    simpler
}

/// The labels 0 replaced by 1 in early attempts: a failure that needs no odd label is told first.
pub(in crate::theorem) fn zeros_late(attempt: usize, mut data: Data) -> Data {
    const LATE: usize = 100;
    if attempt < LATE {
        let zeros = data.y.iter_mut().filter(|y| y.is_zero());
        zeros.for_each(|y| *y = Rational::one());
    }
    data
}

/// Simpler samples of P_xor: fewer, without a coordinate after the second, or with a 1 for a -1.
pub(in crate::theorem) fn simpler_xor(data: &Data) -> Vec<Data> {
    let labelled = |x: Vec<Vec<Rational>>| Dataset {
        y: x.iter().map(|x| xor::label(x)).collect(),
        x,
    };
    let fewer = (0..data.len()).filter(|_| data.len() > 1).map(|i| {
        let mut x = data.x.clone();
        x.remove(i);
        x
    });
    let lower = (2..data.dim()).map(|k| {
        let mut x = data.x.clone();
        x.iter_mut().for_each(|x| drop(x.remove(k)));
        x
    });
    let entries = (0..data.len()).flat_map(|i| (0..data.dim()).map(move |k| (i, k)));
    let plainer = entries.filter(|(i, k)| data.x[*i][*k] != 1).map(|(i, k)| {
        let mut x = data.x.clone();
        x[i][k] = Rational::one();
        x
    });
    fewer.chain(lower).chain(plainer).map(labelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use proptest::prelude::*;

    fn measure(data: &Data) -> (usize, usize, usize) {
        let negative = data.x.iter().flatten().filter(|x| **x < 0).count();
        (data.len(), data.dim(), negative)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn sets_are_what_their_names_say(seed in any::<u64>(), attempt in 0usize..400) {
            let rng = &mut rng(seed, "draw");
            let sample = xor_samples(rng, attempt);
            prop_assert!(sample.x.iter().zip(&sample.y).all(|(x, y)| xor::label(x) == *y));
            prop_assert!(sample.dim() >= 2 && !sample.is_empty());
            let distinct = extreme(rng, attempt).distinct().unwrap();
            prop_assert!(!distinct.is_empty());
            prop_assert!(extreme_points(&distinct.x).iter().all(Result::is_ok));
            let any = any_points(rng, attempt);
            prop_assert!(any.x.iter().all(|x| x.len() == any.dim()) && !any.is_empty());
            prop_assert!(size(rng, 0, 7) <= 2 && size(rng, attempt, 7) <= 7);
        }

        #[test]
        fn simpler_samples_are_simpler_samples(seed in any::<u64>(), attempt in 0usize..100) {
            let data = xor_samples(&mut rng(seed, "draw"), attempt);
            for simpler in simpler_xor(&data) {
                prop_assert!(measure(&simpler) < measure(&data));
                prop_assert!(simpler.x.iter().zip(&simpler.y).all(|(x, y)| xor::label(x) == *y));
                prop_assert!(simpler.dim() >= 2 && !simpler.is_empty());
            }
            let smallest = shrink::minimise(data, simpler_xor, |_| true);
            prop_assert_eq!(measure(&smallest), (1, 2, 0));
        }
    }

    #[test]
    fn boundary_labels_and_repeats_come_up() {
        let rng = &mut rng(0, "boundary");
        let drawn: Vec<Data> = (0..200).map(|k| inputs_and_labels(rng, k).1).collect();
        let zero = |data: &Data| data.y.iter().any(Rational::is_zero);
        assert!(drawn.iter().any(zero));
        assert!(drawn.iter().any(|data| data.distinct().is_none()));
        let repeats = |data: &Data| data.distinct().is_some_and(|d| d.len() < data.len());
        assert!(drawn.iter().any(repeats));
        let kept = |data: &Data| {
            simpler_same_zeros(data)
                .iter()
                .all(|s| zero(s) == zero(data))
        };
        assert!(drawn.iter().all(kept));
        assert!(drawn.iter().all(|data| !zero(&zeros_late(0, data.clone()))));
        assert!(
            drawn
                .iter()
                .all(|data| zeros_late(200, data.clone()) == *data)
        );
    }
}
