//! `P_xor(d)`: `x` uniform on `{-1,1}^d`, `y = x[1] x[2]` (Wen, Li, Ma 2023, Section 2).
//!
//! A point is the bits of a `u64`: bit `k` set means `x[k+1] = +1` (the paper counts coordinates from
//! 1), clear means -1. So `y = +1` iff bits 0 and 1 agree (test `label_of_bits_vs_product`).
//! Samples are drawn coordinate by coordinate and have no bound on `d`.

use super::Dataset;
use crate::scalar::{Rational, Ring};
use rand::Rng;
use std::ops::Range;

/// The largest `d` for which [`cube`] enumerates.
pub const MAX_CUBE: usize = 30;
/// The largest `d` for which [`full_cube`] builds all inputs in memory.
pub const MAX_FULL_CUBE: usize = 16;

/// A dimension outside the range a function can serve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dimension d = {d} is outside {min}..={max} for {what}")]
pub struct BadDimension {
    /// The dimension asked for.
    pub d: usize,
    /// The least one served.
    pub min: usize,
    /// The largest one served.
    pub max: usize,
    /// What was asked for.
    pub what: &'static str,
}

impl BadDimension {
    /// `Ok` iff `min <= d <= max`.
    pub(crate) fn check(d: usize, min: usize, max: usize, what: &'static str) -> Result<(), Self> {
        if (min..=max).contains(&d) {
            return Ok(());
        }
        Err(Self { d, min, max, what })
    }
}

/// Coordinate `k` (from 0) of a point: +1 or -1. `k < 64`.
pub fn coordinate(point: u64, k: usize) -> i64 {
    if point >> k & 1 == 1 { 1 } else { -1 }
}

/// `y = x[1] x[2]` of a point.
pub fn label_of_bits(point: u64) -> i64 {
    coordinate(point, 0) * coordinate(point, 1)
}

/// `y = x[1] x[2]`; `x` has at least two entries.
pub fn label<S: Ring>(x: &[S]) -> S {
    x[0].mul(&x[1])
}

/// The `d` coordinates of a point, `d <= 64`.
pub fn point<S: Ring>(point: u64, d: usize) -> Vec<S> {
    (0..d).map(|k| S::from_int(coordinate(point, k))).collect()
}

/// Every point of `{-1,1}^d` once, ascending as numbers.
///
/// # Errors
/// [`BadDimension`] unless `2 <= d <= MAX_CUBE`.
pub fn cube(d: usize) -> Result<Range<u64>, BadDimension> {
    BadDimension::check(d, 2, MAX_CUBE, "enumerating the cube")?;
    Ok(0..1 << d)
}

/// All `2^d` labelled points, in the order of [`cube`].
///
/// # Errors
/// [`BadDimension`] unless `2 <= d <= MAX_FULL_CUBE`.
pub fn full_cube(d: usize) -> Result<Dataset<Rational>, BadDimension> {
    BadDimension::check(d, 2, MAX_FULL_CUBE, "the full cube in memory")?;
    Ok(labelled(cube(d)?, d))
}

/// The given points with their labels; `2 <= d <= 64`.
pub(crate) fn labelled(points: impl IntoIterator<Item = u64>, d: usize) -> Dataset<Rational> {
    from_inputs(points.into_iter().map(|p| point(p, d)).collect())
}

/// `n` i.i.d. draws from `P_xor(d)`: points may repeat.
///
/// # Errors
/// [`BadDimension`] unless `2 <= d <= 65536`.
pub fn sample(d: usize, n: usize, rng: &mut impl Rng) -> Result<Dataset<Rational>, BadDimension> {
    BadDimension::check(d, 2, 1 << 16, "sampling P_xor")?;
    // One word per 64 coordinates.
    let mut input = || -> Vec<Rational> {
        let words = (0..d)
            .step_by(64)
            .map(|start| (rng.next_u64(), 64.min(d - start)));
        words
            .flat_map(|(word, length)| point::<Rational>(word, length))
            .collect()
    };
    Ok(from_inputs((0..n).map(|_| input()).collect()))
}

fn from_inputs(x: Vec<Vec<Rational>>) -> Dataset<Rational> {
    let y = x.iter().map(|x| label(x)).collect();
    Dataset { x, y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use std::collections::BTreeSet;

    #[test]
    fn label_of_bits_vs_product() {
        for d in 2..=6 {
            for p in cube(d).unwrap() {
                let x: Vec<Rational> = point(p, d);
                assert_eq!(label(&x), label_of_bits(p));
                // The other reading of y, by parity: a product of signs is the parity of -1s.
                let minus_ones = x[..2].iter().filter(|x| **x == -1).count();
                assert_eq!(label_of_bits(p) == 1, minus_ones % 2 == 0);
            }
        }
    }

    #[test]
    fn cube_is_every_point_once() {
        for d in 2..=8 {
            let data = full_cube(d).unwrap();
            let distinct: BTreeSet<_> = data.x.iter().cloned().collect();
            assert_eq!(
                (data.len(), data.dim(), distinct.len()),
                (1 << d, d, 1 << d)
            );
            assert!(data.x.iter().flatten().all(|x| *x == 1 || *x == -1));
            // Balanced, and uncorrelated with every single coordinate.
            for k in 0..d {
                let total: Rational = data.x.iter().zip(&data.y).map(|(x, y)| x[k].mul(y)).sum();
                assert_eq!(total, 0);
            }
        }
        assert!(
            cube(1).is_err()
                && cube(31).is_err()
                && full_cube(17).is_err()
                && cube(usize::MAX).is_err()
        );
    }

    #[test]
    fn samples_are_reproducible_and_may_repeat() {
        let draw = |d, n, seed| sample(d, n, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        for d in [2, 30, 64, 65, 128] {
            let data = draw(d, 20, 7);
            assert_eq!(data, draw(d, 20, 7));
            assert_ne!(data, draw(d, 20, 8));
            assert_eq!((data.len(), data.dim()), (20, d));
            assert!(
                data.x
                    .iter()
                    .zip(&data.y)
                    .all(|(x, y)| x[0].mul(&x[1]) == *y)
            );
            // Past coordinate 64 too both signs occur.
            for k in 0..d {
                let distinct: BTreeSet<_> = data.x.iter().map(|x| x[k].clone()).collect();
                assert_eq!(distinct.len(), 2, "d = {d}, k = {k}");
            }
        }
        let crowded = draw(2, 5, 1);
        assert!(
            crowded.x.iter().collect::<BTreeSet<_>>().len() < 5,
            "five draws from four points"
        );
        assert!(sample(1, 3, &mut ChaCha8Rng::seed_from_u64(0)).is_err());
        assert!(draw(3, 0, 0).is_empty());
    }
}
