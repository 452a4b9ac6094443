//! What a training step is, whoever computes it.
//!
//! With `l` the mean loss of the step's batch, over all parameters theta:
//!
//! ```text
//! g      = grad l(theta)
//! theta~ = theta + rho g / ||g||         (normalised; theta + rho g otherwise)
//! theta' = (1 - eta wd) theta - eta grad l(theta~)
//! then, if asked for, (W1, b1) is rescaled to norm `project`
//! ```
//!
//! The zero gradient: where `||g|| = 0` the direction `g/||g||` is 0/0, and `theta~ = theta`. With
//! `rho = 0` the step is that of SGD, bit for bit, whatever the implementation. A Sim-BN neuron with
//! `a_j = 0` has output and gradient 0.

use super::model::{Model, Samples};
use serde::{Deserialize, Serialize};

/// The loss of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum Loss {
    /// `(f - y)^2`.
    SquaredError,
    /// `softplus(f) - q f`, `q = p b + (1-p)(1-b)`, `b = 1` iff `y > 0`.
    Logistic {
        /// Label smoothing, 0 < p < 1.
        p: f32,
    },
}

/// The numbers of a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The loss.
    pub loss: Loss,
    /// Learning rate.
    pub eta: f32,
    /// Radius of SAM; 0 is SGD.
    pub rho: f32,
    /// `rho g/||g||` rather than `rho g`.
    pub normalised: bool,
    /// Weight decay, coupled, on all parameters.
    pub weight_decay: f32,
    /// Samples per step, at least 1.
    pub batch: usize,
    /// The norm of (W1, b1) after every step.
    pub project: Option<f32>,
}

/// A way to run steps. It keeps scratch only: every call starts from the model alone, which is what
/// makes resuming at the ends of calls bit for bit.
pub trait Stepper {
    /// One step per `rule.batch` entries of `order` (the last may be shorter), in that order; entry
    /// `t` is the sample `order[t]` with label `labels[t]`.
    ///
    /// `samples` is the whole training set: batch norm takes its statistics over it.
    fn run(
        &mut self,
        model: &mut Model,
        samples: &Samples,
        order: &[u32],
        labels: &[f32],
        rule: &Rule,
    );

    /// How many times, in all calls so far, a neuron was left out of a step because its `a_j` was 0 at
    /// theta: the sum over steps of the number of such neurons.
    fn left_out(&self) -> u64 {
        0
    }
}
