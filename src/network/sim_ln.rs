//! `2-MLP-Sim-LN` (Wen, Li, Ma 2023, Section 3); eps > 0 is fixed, not a parameter:
//!
#![doc = flatproof_math::tex!(
    r"f(x) = \frac{W_2\, h}{\max(\lVert h \rVert, \epsilon)}, \qquad
    h = \operatorname{relu}(W_1 x + b_1)"
)]

use super::{Activations, Architecture, Kink, Refusal, fire_with_bias, map_rows};
use crate::scalar::{Fired, Real, Ring, Undecided};
use std::cmp::Ordering;

/// A two-layer network with simplified layer norm.
#[derive(Clone, Debug, PartialEq)]
pub struct SimLn<S> {
    /// `W1' = (W1, b1)`, `m` rows of `d + 1` entries.
    pub first: Vec<Vec<S>>,
    /// `W2`, `m` entries.
    pub last: Vec<S>,
    /// The constant eps > 0.
    pub eps: S,
}

impl<S> SimLn<S> {
    /// The same network over another number type: parameters in order by `f`, eps by `constant`.
    pub fn map<T>(&self, f: &mut impl FnMut(&S) -> T, constant: impl Fn(&S) -> T) -> SimLn<T> {
        SimLn {
            first: map_rows(&self.first, f),
            last: self.last.iter().map(f).collect(),
            eps: constant(&self.eps),
        }
    }
}

/// `||h||^2`.
pub fn norm_squared<S: Ring>(h: &Fired<S>) -> S {
    S::sum_of_products(h.active.iter().map(|(_, z)| (z, z)))
}

impl<S: Real> SimLn<S> {
    /// `||h||` against eps, through the squares (both are non-negative).
    pub fn norm_against_eps(&self, h: &Fired<S>) -> Result<Ordering, Undecided> {
        norm_squared(h).compare(&self.eps.square())
    }
}

impl<S: Real> Architecture<S> for SimLn<S> {
    fn name(&self) -> &'static str {
        "2-MLP-Sim-LN"
    }
    fn first_layer(&self) -> &[Vec<S>] {
        &self.first
    }
    fn extra_kinks(&self, train: &Activations<S>) -> Result<Vec<Kink>, Refusal> {
        let mut kinks = Vec::new();
        for (sample, h) in train[0].iter().enumerate() {
            if self.norm_against_eps(h)?.is_eq() {
                kinks.push(Kink::NormIsEps { sample });
            }
        }
        Ok(kinks)
    }
    fn outputs(&self, _train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
        let output = |h: &Fired<S>| {
            let scale = match self.norm_against_eps(h)? {
                Ordering::Greater => norm_squared(h).sqrt()?, // ||h||
                _ => self.eps.clone(),
            };
            Ok(h.weighted(&self.last).div(&scale)?) // W2 h / max(||h||, eps)
        };
        fire_with_bias(&self.first, at)?
            .iter()
            .map(output)
            .collect()
    }
}
