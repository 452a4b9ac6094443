//! Single-sample SGD and SAM for `2-MLP-Sim-BN`, statistics over the whole training set, gradients
//! through `a_j` (Wen, Li, Ma 2023, Section 3 and Figures 2a, 10a).
//!
//! With `z_jk = w_j . x'_k`, `r = relu(z)`, `q_j = (1/n) sum_k r_jk x'_k`, `a_j^2 = (1/n) sum_k r_jk^2`,
//! and for the sample i of the step `u_j = r_ji / a_j`:
//!
//! ```text
//! f(x_i)   = sum_j gamma_j v_j u_j
//! d gamma_j = v_j u_j,   d v_j = gamma_j u_j
//! d w_j     = (gamma_j v_j / a_j) (1[z_ji > 0] x'_i - (u_j / a_j) q_j)
//! ```
//!
//! All three are 0 where `z_ji <= 0`: only the neurons that fire at the sample work. Per firing neuron
//! and point the step costs two products, `z_j = X w_j` and `q_j = X^T r_j / n`, for sixteen neurons at
//! once; where the entries of `X` are 1 and -1 both are look-ups, 1600 of them instead of 6200 fused
//! products at d = 30, n = 100. A neuron that does not move keeps `a_j` and `q_j`. Under SAM most
//! neurons fade (`gamma_j v_j -> 0`), and their pre-activations no longer move in f32: see [`STILL`].
//!
//! | file | holds |
//! |---|---|
//! | `state` | statistics, rebuilt from the model |
//! | `block` | statistics of sixteen neurons |
//! | `signs`, `dense` | its products with the samples: look-ups where all entries are 1 and -1 |
//! | `step` | the step |
//!
//! A neuron with `a_j = 0` (in f32) has output 0 and is left out of the step, see
//! [`Stepper::left_out`]. Tests: `sim_bn_vs_definition`, `portable_vs_avx2_vs_avx512`,
//! `look_ups_vs_products`, `still_vs_moved`.

mod block;
mod dense;
mod signs;
mod state;
mod step;
#[cfg(test)]
mod tests;

use super::model::{Architecture, Model, Samples, Shape};
use super::simd::{Isa, Kernel, Lanes};
use super::step::{Rule, Stepper};
use state::State;

/// Where a step moves every pre-activation of a neuron by less than this times `a_j`, half a unit in the
/// last place of `a_j`, its statistics `a_j` and `q_j` stay as they are; the weights move.
///
/// By `|x'_k . (x'_i - c q_j)| <= ||x'_k|| ||x'_i - c q_j||` that is decided without them. Such moves
/// are added up per neuron: all of them together stay below this bound, and a call starts without any.
pub const STILL: f32 = 1.0 / (1 << 24) as f32;

/// The single-sample stepper of `2-MLP-Sim-BN`.
#[derive(Debug)]
pub struct SimBnStepper {
    isa: Isa,
    left_out: u64,
    state: Option<State>,
}

impl SimBnStepper {
    /// For `2-MLP-Sim-BN` and rules with one sample per step; `None` for others.
    pub fn new(isa: Isa, shape: &Shape, rule: &Rule) -> Option<Self> {
        let fits = shape.architecture == Architecture::SimBn && rule.batch == 1;
        fits.then_some(Self {
            isa,
            left_out: 0,
            state: None,
        })
    }
}

impl Stepper for SimBnStepper {
    fn run(
        &mut self,
        model: &mut Model,
        samples: &Samples,
        order: &[u32],
        labels: &[f32],
        rule: &Rule,
    ) {
        // scratch: all that a step reads is rebuilt from the model
        let kept = self.state.take().filter(|s| s.fits(model, samples));
        let state = kept.unwrap_or_else(|| State::new(model, samples, STILL));
        self.left_out += self.isa.run(Run {
            state: self.state.insert(state),
            model,
            samples,
            order,
            labels,
            rule,
        });
    }

    fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// One call of [`Stepper::run`] as a kernel.
struct Run<'a> {
    state: &'a mut State,
    model: &'a mut Model,
    samples: &'a Samples,
    order: &'a [u32],
    labels: &'a [f32],
    rule: &'a Rule,
}

impl Kernel for Run<'_> {
    type Output = u64;
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> u64 {
        let mut left_out = 0;
        self.state.rebuild(lanes, self.model, self.samples);
        for (&i, &y) in self.order.iter().zip(self.labels) {
            let (model, i) = (&mut *self.model, i as usize);
            left_out += self.state.step(lanes, model, self.samples, i, y, self.rule);
        }
        left_out
    }
}
