//! Labelled data: the paper's distributions and samples, exact (Wen, Ma, Li 2023, Section 2).

pub mod affine;
pub mod circle;
pub mod complete;
pub mod convex;
pub mod extreme;
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
