//! `2-MLP-No-Bias` (Wen, Li, Ma 2023, Section 3):
//!
#![doc = flatproof_math::tex!(r"f(x) = W_2 \operatorname{relu}(W_1 x) = \sum_j W_{2,j} \operatorname{relu}(W_{1,j} \cdot x)")]

use super::{Activations, Architecture, Refusal, map_rows, read_out};
use crate::scalar::Real;

/// A two-layer network without bias.
#[derive(Clone, Debug, PartialEq)]
pub struct NoBias<S> {
    /// `W1`, `m` rows of `d` entries.
    pub first: Vec<Vec<S>>,
    /// `W2`, `m` entries.
    pub last: Vec<S>,
}

impl<S> NoBias<S> {
    /// The same network over another number type, parameters in order.
    pub fn map<T>(&self, f: &mut impl FnMut(&S) -> T) -> NoBias<T> {
        NoBias {
            first: map_rows(&self.first, f),
            last: self.last.iter().map(f).collect(),
        }
    }
}

impl<S: Real> Architecture<S> for NoBias<S> {
    fn name(&self) -> &'static str {
        "2-MLP-No-Bias"
    }
    fn input_dim(&self) -> usize {
        self.first.first().map_or(0, Vec::len)
    }
    fn width(&self) -> usize {
        self.first.len()
    }
    fn activations(&self, x: &[Vec<S>]) -> Result<Activations<S>, Refusal> {
        Ok(vec![S::fire(&self.first, x)?])
    }
    fn outputs(&self, _train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
        let fired = S::fire(&self.first, at)?;
        Ok(fired.iter().map(|z| read_out(&self.last, z)).collect())
    }
}
