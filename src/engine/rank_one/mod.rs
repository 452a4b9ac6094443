//! One-sample steps of two-layer networks, by structure: the gradient of a sample has rank one.
//!
//! With `z = W1' x'`, `h = act(z)`, `R = ||x'||` and `r = dl/df`, the gradient is `r (s x'^T, t)`,
//! `s = df/dz`, `t = df/da`, so that `||g||^2 = r^2 (R^2 ||s||^2 + ||t||^2)`, the perturbed
//! pre-activation is `z~ = z + kappa R^2 s` without a second matrix product, and the step is
//! `W1' += c x'^T`, `c = -eta r~ s~`.
//!
//! | | for | |
//! |---|---|---|
//! | `blocks` | softplus; relu with many active neurons | dense passes, one over W1' for sixteen steps |
//! | `lists` | relu with few | products with the neurons that can be active, and no others |
//!
//! Which of them runs a call depends on the network and the first sample of the call alone, so that calls
//! leave no trace. Tests: `rank_one_vs_naive`, `rank_one_vs_plain_stepper`, `rank_one_vs_exact_step`,
//! `lists_vs_blocks`, `portable_vs_*`.

mod blocks;
mod lists;
#[cfg(test)]
mod naive;
mod relu;
#[cfg(test)]
mod tests;

use super::model::{Activation, Architecture, Model, Samples, Shape};
use super::simd::picked::dot_rows;
use super::simd::{Isa, Kernel, Lanes, WIDTH};
use super::step::{Rule, Stepper};
use blocks::Scratch;
use lists::{Lists, front, numbers_of};

/// The smallest factor of weight decay, `1 - eta wd`, that alpha can carry.
const LEAST_DECAY: f32 = 0.5;
/// Lists are faster where at most so many neurons in 32 are active.
const FEW: usize = 7;

/// The stepper; see the module.
#[derive(Clone, Debug)]
pub struct RankOne {
    isa: Isa,
    blocks: Scratch,
    lists: Lists,
    /// Whether the last call went by lists, so that they are likely to hold.
    by_lists: bool,
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
            blocks: Scratch::new(shape),
            lists: Lists::default(),
            by_lists: false,
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
        let steps = order.len().min(labels.len());
        let on = Steps {
            model,
            samples,
            order: &order[..steps],
            labels: &labels[..steps],
            rule,
        };
        self.isa.run(Run { stepper: self, on });
    }
}

/// What a call of [`Stepper::run`] gives; as many labels as entries of the order.
struct Steps<'a> {
    model: &'a mut Model,
    samples: &'a Samples,
    order: &'a [u32],
    labels: &'a [f32],
    rule: &'a Rule,
}

impl Steps<'_> {
    /// How many neurons are active at sample `i`.
    #[inline(always)]
    fn active<L: Lanes>(&self, lanes: L, i: usize) -> usize {
        let (x, m) = (self.samples.x.row_chunks(i), self.model.shape.width);
        let mut active = 0;
        for group in 0..m.div_ceil(WIDTH) {
            let z = dot_rows(lanes, self.model.first.chunks(), &numbers_of(group, m), x);
            let fires = lanes.bits(lanes.gt(z, lanes.splat(0.0)));
            active += (fires & front(m - WIDTH * group)).count_ones() as usize;
        }
        active
    }
}

/// One call of [`Stepper::run`].
struct Run<'a> {
    stepper: &'a mut RankOne,
    on: Steps<'a>,
}

impl Kernel for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let (to, on) = (self.stepper, self.on);
        let Some(i) = on.order.first().map(|&i| i as usize) else {
            return;
        };
        let few = |active| 32 * active <= FEW * on.model.shape.width;
        let relu = on.model.shape.activation == Activation::Relu;
        let before = relu && to.by_lists;
        if before {
            to.lists.open(lanes, &on);
            to.by_lists = few(to.lists.active(lanes, &on, i));
        } else {
            to.by_lists = relu && few(on.active(lanes, i));
        }
        if !to.by_lists {
            return to.blocks.run(lanes, on);
        }
        if !before {
            to.lists.open(lanes, &on);
        }
        to.lists.run(lanes, on);
    }
}
