//! Labelled data: the paper's distributions and samples, exact (Wen, Li, Ma 2023, Section 2).
//!
//! [`xor`] and [`complete`] are the paper's data, [`circle`] that of Proposition A.2; [`affine`] measures how
//! far a complete set reaches; [`extreme`] and [`face`] decide questions of convexity, with the
//! witnesses that [`convex`] checks.

pub mod affine;
pub mod circle;
pub mod complete;
pub mod convex;
pub mod extreme;
pub mod face;
pub mod xor;

use crate::scalar::Ring;

/// `n` labelled samples in dimension `d`: `x[i]` has `d` entries, `y[i]` is its label.
///
/// Samples are a list, not a set: inputs may repeat and labels may contradict each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<S> {
    /// The inputs, `n` rows of `d` entries.
    pub x: Vec<Vec<S>>,
    /// The labels, `n` entries.
    pub y: Vec<S>,
}

impl<S> Dataset<S> {
    /// The number of samples, `n`.
    pub fn len(&self) -> usize {
        self.x.len()
    }
    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }
    /// The input dimension, `d` (0 for an empty dataset).
    pub fn dim(&self) -> usize {
        self.x.first().map_or(0, Vec::len)
    }
    /// The same data over another number type.
    pub fn map<T>(&self, mut f: impl FnMut(&S) -> T) -> Dataset<T> {
        let x = self
            .x
            .iter()
            .map(|row| row.iter().map(&mut f).collect())
            .collect();
        Dataset {
            x,
            y: self.y.iter().map(&mut f).collect(),
        }
    }
}

impl<S: Clone + PartialEq> Dataset<S> {
    /// Each distinct input once with its label, in order of first appearance; `None` if some input
    /// comes with two labels, so that nothing interpolates.
    pub fn distinct(&self) -> Option<Self> {
        let mut distinct: Self = Dataset {
            x: Vec::new(),
            y: Vec::new(),
        };
        for (x, y) in self.x.iter().zip(&self.y) {
            match distinct.x.iter().position(|seen| seen == x) {
                Some(i) if distinct.y[i] != *y => return None,
                Some(_) => {}
                None => {
                    distinct.x.push(x.clone());
                    distinct.y.push(y.clone());
                }
            }
        }
        Some(distinct)
    }
}

impl<S: Ring> Dataset<S> {
    /// `x' = (x, 1)` for every input.
    pub fn with_bias(&self) -> Vec<Vec<S>> {
        self.x.iter().map(|x| with_bias(x)).collect()
    }
    /// `R_i^2 = ||x_i||^2 + 1` for every input.
    pub fn radius_squared(&self) -> Vec<S> {
        self.x.iter().map(|x| S::dot(x, x).add(&S::one())).collect()
    }
}

/// `x' = (x, 1)`.
pub fn with_bias<S: Ring>(x: &[S]) -> Vec<S> {
    x.iter().cloned().chain([S::one()]).collect()
}

#[cfg(test)]
mod tests {
    use super::Dataset;

    #[test]
    fn distinct_keeps_first_appearances_and_refuses_contradictions() {
        let data = |samples: &[(i64, i64)]| Dataset {
            x: samples.iter().map(|(x, _)| vec![*x]).collect(),
            y: samples.iter().map(|(_, y)| *y).collect(),
        };
        let repeated = data(&[(2, 1), (1, 1), (2, 1), (1, 1)]);
        assert_eq!(repeated.distinct(), Some(data(&[(2, 1), (1, 1)])));
        assert_eq!(data(&[(2, 1), (1, 1), (2, 3)]).distinct(), None);
        assert_eq!(data(&[]).distinct(), Some(data(&[])));
    }
}
