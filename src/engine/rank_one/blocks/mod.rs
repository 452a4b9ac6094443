//! Steps in blocks of sixteen entries of the order, which is known in advance: for many active neurons.
//!
//! | | per block | file |
//! |---|---|---|
//! | 1 | last block's `W1'_j += sum_s c_s[j] x'_s`, active pairs only; then `Z = W1' X'^T` | `sweep` |
//! | 2 | sixteen steps: `z_t = Z_t + sum_(s<t) c_s K_st`, `K = X' X'^T` | `relu`, `softplus` |
//!
//! Every block starts from `W1'`, so rounding drifts through sixteen steps at most. Weight decay and
//! projection scale W1' as a whole: inside a block `W1' = alpha V` with a number alpha, and `c` is
//! kept in units of V.

mod relu;
mod scratch;
mod softplus;
mod sweep;

pub use scratch::Scratch;

use super::Steps;
use crate::engine::model::{Activation, Architecture};
use crate::engine::simd::Lanes;
use scratch::Block;
use sweep::Then;

impl Scratch {
    /// All steps.
    #[inline(always)]
    pub fn run<L: Lanes>(&mut self, lanes: L, on: Steps) {
        let Steps {
            model,
            samples,
            order,
            labels,
            rule,
        } = on;
        let shape = model.shape;
        self.open(model);
        let then = match rule.project {
            Some(_) => Then::ProductsAndNorm,
            None => Then::Products,
        };
        let mut at = 0;
        while at < order.len() {
            let block = Block {
                order: &order[at..],
                labels: &labels[at..],
                samples,
                rule,
            };
            self.enter(lanes, &block);
            self.sweep(lanes, model, then);
            at += match (shape.activation, shape.architecture) {
                (Activation::Softplus, _) => softplus::steps(lanes, self, &block),
                (Activation::Relu, Architecture::SimLn) => {
                    relu::steps::<L, true>(lanes, self, &block, Some(shape.eps))
                }
                _ if block.scales() => relu::steps::<L, true>(lanes, self, &block, None),
                _ => relu::steps::<L, false>(lanes, self, &block, None),
            };
        }
        self.leave();
        self.sweep(lanes, model, Then::Stop);
        self.close(model);
    }
}
