//! One-sample steps of two-layer networks, by structure: the gradient of a sample has rank one.
//!
//! With `z = W1' x'`, `h = act(z)`, `R = ||x'||` and `r = dl/df`, the gradient is `r (s x'^T, t)`,
//! `s = df/dz`, `t = df/da`, so that `||g||^2 = r^2 (R^2 ||s||^2 + ||t||^2)`, the perturbed
//! pre-activation is `z~ = z + kappa R^2 s` without a second matrix product, and the step is
//! `W1' += c x'^T`, `c = -eta r~ s~`.
//!
//! Steps go in blocks of sixteen entries of the order, which is known in advance:
//!
//! | | per block | file |
//! |---|---|---|
//! | 1 | last block's `W1'_j += sum_s c_s[j] x'_s`, active pairs only; then `Z = W1' X'^T` | `sweep` |
//! | 2 | sixteen steps: `z_t = Z_t + sum_(s<t) c_s K_st`, `K = X' X'^T` | `relu`, `softplus` |
//!
//! Every block starts from `W1'`, so rounding drifts through sixteen steps at most. Weight decay and
//! projection scale W1' as a whole: inside a block `W1' = alpha V` with a number alpha, and `c` is
//! kept in units of V. Tests: `rank_one_vs_naive`, `rank_one_vs_plain_stepper`, `rank_one_vs_exact_step`, `portable_vs_*`.

mod block;
#[cfg(test)]
mod naive;
mod relu;
mod softplus;
mod sweep;
#[cfg(test)]
mod tests;

use super::model::{Activation, Architecture, Model, Samples, Shape};
use super::simd::{Isa, Kernel, Lanes};
use super::step::{Rule, Stepper};
use block::{Block, Scratch};
use sweep::Then;

/// The smallest factor of weight decay, `1 - eta wd`, that a block can carry in alpha.
const LEAST_DECAY: f32 = 0.5;

/// The stepper; see the module.
#[derive(Clone, Debug)]
pub struct RankOne {
    isa: Isa,
    scratch: Scratch,
}

impl RankOne {
    /// For one-sample steps of a two-layer network without batch norm; `None` for other steps.
    pub fn new(isa: Isa, shape: &Shape, rule: &Rule) -> Option<Self> {
        let normal = match shape.architecture {
            Architecture::NoBias | Architecture::Bias => true,
            Architecture::SimLn => shape.activation == Activation::Relu,
            Architecture::SimBn => false,
        };
        let decay = 1.0 - rule.eta * rule.weight_decay;
        let fits = shape.depth == 2 && rule.batch == 1 && decay >= LEAST_DECAY;
        (normal && fits).then(|| Self {
            isa,
            scratch: Scratch::new(shape),
        })
    }
}

impl Stepper for RankOne {
    fn run(
        &mut self,
        model: &mut Model,
        samples: &Samples,
        order: &[u32],
        labels: &[f32],
        rule: &Rule,
    ) {
        let run = Run {
            scratch: &mut self.scratch,
            model,
            samples,
            order,
            labels,
            rule,
        };
        self.isa.run(run);
    }
}

/// One call of [`Stepper::run`].
struct Run<'a> {
    scratch: &'a mut Scratch,
    model: &'a mut Model,
    samples: &'a Samples,
    order: &'a [u32],
    labels: &'a [f32],
    rule: &'a Rule,
}

impl Kernel for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, lanes: L) {
        let shape = self.model.shape;
        self.scratch.open(self.model);
        let then = match self.rule.project {
            Some(_) => Then::ProductsAndNorm,
            None => Then::Products,
        };
        let steps = self.order.len().min(self.labels.len());
        let mut at = 0;
        while at < steps {
            let block = Block {
                order: &self.order[at..steps],
                labels: &self.labels[at..steps],
                samples: self.samples,
                rule: self.rule,
            };
            self.scratch.enter(lanes, &block);
            self.sweep(lanes, then);
            let scratch = &mut *self.scratch;
            at += match (shape.activation, shape.architecture) {
                (Activation::Softplus, _) => softplus::steps(lanes, scratch, &block),
                (Activation::Relu, Architecture::SimLn) => {
                    relu::steps::<L, true>(lanes, scratch, &block, Some(shape.eps))
                }
                _ if block.scales() => relu::steps::<L, true>(lanes, scratch, &block, None),
                _ => relu::steps::<L, false>(lanes, scratch, &block, None),
            };
        }
        self.scratch.leave();
        self.sweep(lanes, Then::Stop);
        self.scratch.close(self.model);
    }
}
