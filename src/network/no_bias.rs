//! `2-MLP-No-Bias` (Wen, Li, Ma 2023, Section 3):
//!
#![doc = flatproof_math::tex!(r"f(x) = W_2 \operatorname{relu}(W_1 x) = \sum_j W_{2,j} \operatorname{relu}(W_{1,j} \cdot x)")]

use super::{Architecture, Refusal, map_rows};
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
    fn first_layer(&self) -> &[Vec<S>] {
        &self.first
    }
    fn has_bias(&self) -> bool {
        false
    }
    fn outputs(&self, _train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
        Ok(S::relu_sums(&self.last, &self.first, at)?)
    }
}
