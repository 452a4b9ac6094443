//! One bound of the forward pass for a whole box of inputs, for sweeps over the population.
//!
//! With `|x_k| <= reach` and `X_k = max |x'_k|`, layer by layer, `K` terms in a sum:
//!
//! ```text
//! T_j = sum_k |w_jk| X_k               >= sum of |terms|, so  |z_j| <= T_j
//! e_j = sum_k |w_jk| e_k + gamma_K sum_k |w_jk| (X_k + e_k) + K 2^-149     >= |z^_j - z_j|
//! X'_j = T_j for the next layer, since 0 <= relu(z) <= |z|; e' = e, since relu is 1-Lipschitz
//! ```
//!
//! The last sum is `sum_j w_j h_j`, the weights `w_j` of batch norm having an error of their own. It is `f` but
//! for layer norm, where it has the sign of `f`.
//!
//! A sweep computes the sum in f32, in any order, and trusts its sign where it exceeds the bound in
//! size. For one input [`Pass::outputs_at`] is tighter. Tests: `f32_vs_forward_bound`,
//! `bounds_are_not_vacuous`.

use super::near::{Near, gamma, up};
use super::pass::Pass;
use crate::engine::model::{Activation, Architecture};

/// How far f32 can be off, over a box of inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forward {
    /// `>= |fl(sum_j w_j h_j) - sum_j w_j h_j|`; infinite where there is no bound.
    pub sum: f64,
}

/// A bound of the size of a number, and of its error.
#[derive(Clone, Copy)]
struct Range {
    size: f64,
    error: f64,
}

impl Range {
    /// `sum_k w_k b_k`, which overflows nowhere or has no bound.
    fn dot(weights: &[Near], below: &[Range]) -> Self {
        let (mut size, mut error, mut mass, mut terms) = (0.0, 0.0, 0.0, 0);
        for (w, b) in weights.iter().zip(below) {
            let (wide, off) = (w.magnitude(), w.error());
            size = up(size + wide * b.size);
            // w^ b^ - w b = w^ (b^ - b) + (w^ - w) b
            error = up(error + wide * b.error + off * b.size);
            mass = up(mass + wide * (b.size + b.error));
            terms += 1;
        }
        let rounding = gamma(terms) * mass + terms as f64 * Near::UNDERFLOW;
        let fits = up(2.0 * mass) <= f64::from(f32::MAX);
        Self {
            size,
            error: if fits {
                up(error + rounding)
            } else {
                f64::INFINITY
            },
        }
    }
}

impl Forward {
    /// For the network of `pass` at every input with `|x_k| <= reach`. With softplus there is no bound.
    pub fn new(pass: &Pass, reach: f32) -> Self {
        if pass.shape.activation == Activation::Softplus {
            return Self { sum: f64::INFINITY };
        }
        let exactly = |size| Range { size, error: 0.0 };
        let mut below = vec![exactly(reach.abs().into()); pass.shape.input_dim];
        if pass.shape.architecture != Architecture::NoBias {
            below.push(exactly(1.0));
        }
        for layer in std::iter::once(&pass.weights.first).chain(&pass.weights.hidden) {
            below = layer.iter().map(|row| Range::dot(row, &below)).collect();
        }
        Self {
            sum: Range::dot(&pass.readout.weights, &below).error,
        }
    }
}
