//! Instances for the statements on extreme inputs (Wen, Li, Ma 2023, Theorems 4.1 and 5.1), the
//! boundary of their hypotheses included: one sample, label 0, repeats, contradictions, inputs that
//! are not extreme.

use super::Run;
use crate::data::extreme::extreme_points;
use crate::data::{Dataset, xor};
use crate::scalar::{Rational, Ring};
use crate::search::generate::{Inputs, Labels, Options, below, between, dataset, nonzero, small};
use rand::Rng;

type Data = Dataset<Rational>;

/// Families of small data sets by name, the smallest first.
pub(super) fn families(run: &Run, stream: &str) -> Vec<(&'static str, Vec<Data>)> {
    let rng = &mut run.rng(stream);
    let count = run.pick(3, 12, 40);
    let many = |rng: &mut _, one: fn(&mut _) -> Data| (0..count).map(|_| one(rng)).collect();
    vec![
        ("one sample", [0, 1, -2].map(one_sample).into()),
        (
            "samples of P_xor",
            (0..count)
                .map(|n| xor_sample(rng, 2 + n % 3, 1 + n))
                .collect(),
        ),
        (
            "extreme rational points, non-zero labels",
            many(rng, extreme),
        ),
        ("one label 0 among them", many(rng, with_label_zero)),
        ("repeated samples", many(rng, with_repeats)),
        ("one input with two labels", vec![contradiction()]),
        (
            "an input that is not extreme",
            [vec![middle()], many(rng, with_inner_point)].concat(),
        ),
    ]
}

/// n draws from P_xor(d), 2 <= d <= 65536.
pub(super) fn xor_sample(rng: &mut impl Rng, d: usize, n: usize) -> Data {
    xor::sample(d, n, rng).expect("d is in range")
}

/// The input 1 in R^1.
fn one_sample(label: i64) -> Data {
    on_a_line(&[(1, label)])
}

/// One input, two labels.
fn contradiction() -> Data {
    on_a_line(&[(1, 1), (1, -1)])
}

/// -1, 0, 1: the middle one is not extreme.
fn middle() -> Data {
    on_a_line(&[(-1, 1), (0, -1), (1, 1)])
}

fn on_a_line(samples: &[(i64, i64)]) -> Data {
    Dataset {
        x: samples
            .iter()
            .map(|(x, _)| vec![Rational::from(*x)])
            .collect(),
        y: samples.iter().map(|(_, y)| Rational::from(*y)).collect(),
    }
}

/// Points of the unit sphere, or the vertices of the hull of random points, with labels up to
/// thirty digits.
fn extreme(rng: &mut impl Rng) -> Data {
    let (n, d) = (2 + below(rng, 7), 1 + below(rng, 4));
    if below(rng, 2) == 0 {
        let options = Options {
            inputs: Inputs::Sphere,
            labels: Labels::Nonzero,
            ..Options::default()
        };
        return dataset(rng, n, d, &options);
    }
    let points: Vec<Vec<Rational>> = (0..n)
        .map(|_| (0..d).map(|_| small(rng)).collect())
        .collect();
    let found = extreme_points(&points);
    let vertices = points
        .into_iter()
        .zip(&found)
        .filter(|(_, found)| found.is_ok());
    let x: Vec<Vec<Rational>> = vertices.map(|(x, _)| x).collect();
    let y = x.iter().map(|_| nonzero(rng)).collect();
    Dataset { x, y }
}

fn with_label_zero(rng: &mut impl Rng) -> Data {
    let mut data = extreme(rng);
    let i = below(rng, data.len());
    if let Some(y) = data.y.get_mut(i) {
        *y = Rational::new();
    }
    data
}

fn with_repeats(rng: &mut impl Rng) -> Data {
    let mut data = extreme(rng);
    for _ in 0..if data.is_empty() {
        0
    } else {
        between(rng, 1, 3)
    } {
        let i = below(rng, data.len());
        data.x.push(data.x[i].clone());
        data.y.push(data.y[i].clone());
    }
    data
}

/// With the midpoint of the first two points, if there are two.
fn with_inner_point(rng: &mut impl Rng) -> Data {
    let mut data = extreme(rng);
    if let [a, b, ..] = data.x.as_slice() {
        let half = Rational::from((1, 2));
        data.x
            .push(a.iter().zip(b).map(|(a, b)| a.add(b).mul(&half)).collect());
        data.y.push(nonzero(rng));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theorem::Size;

    /// The families are what their names say.
    #[test]
    fn families_meet_and_miss_the_hypotheses() {
        let families = families(&Run::new(3, Size::Default), "test");
        let of = |name: &str| -> &Vec<Data> {
            let found = families.iter().find(|(family, _)| family.contains(name));
            &found.unwrap().1
        };
        let all_extreme = |data: &Data| {
            let distinct = data.distinct().unwrap();
            extreme_points(&distinct.x).iter().all(Result::is_ok)
        };
        let has_zero = |data: &Data| data.y.iter().any(Rational::is_zero);
        for data in of("non-zero labels").iter().chain(of("repeated")) {
            assert!(all_extreme(data) && !has_zero(data) && !data.is_empty());
        }
        assert!(
            of("repeated")
                .iter()
                .all(|data| data.distinct().unwrap().len() < data.len())
        );
        assert!(
            of("label 0")
                .iter()
                .all(|data| all_extreme(data) && has_zero(data))
        );
        let inner = of("not extreme")
            .iter()
            .filter(|data| !all_extreme(data))
            .count();
        assert!(inner > of("not extreme").len() / 2);
        assert!(
            of("two labels")
                .iter()
                .all(|data| data.distinct().is_none())
        );
    }
}
