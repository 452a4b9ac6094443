//! The step of [`super::step`] as it is written, for any network and any batch: two gradients of the
//! batch, one update. What every faster stepper is held against.
//!
//! ```text
//! theta~ = s g + theta,  s = rho / ||g|| (normalised), rho otherwise;   theta where ||g|| = 0 or rho = 0
//! theta' = -eta g~ + (1 - eta wd) theta
//! then W1' <- (project / ||W1'||) W1', unless that norm is 0
//! ```
//!
//! The norm is the rounded one: squares below f32 count as 0. Tests: `plain_vs_exact_step`,
//! `sam_without_radius_vs_sgd`, `zero_gradient`.

use super::batch::forward::{Inputs, norm_squared};
use super::batch::gradient::{Batch, LossAndGradient, Scratch, chosen};
use super::matrix::Matrix;
use super::model::{Model, Samples};
use super::simd::{Isa, Kernel, Lanes};
use super::step::{Rule, Stepper};

/// The plain stepper.
#[derive(Default)]
pub struct Plain {
    isa: Option<Isa>,
    scratch: Scratch,
    left_out: u64,
}

impl Plain {
    /// On the given instruction set.
    pub fn new(isa: Isa) -> Self {
        Self {
            isa: Some(isa),
            ..Self::default()
        }
    }
}

impl Stepper for Plain {
    fn run(
        &mut self,
        model: &mut Model,
        samples: &Samples,
        order: &[u32],
        labels: &[f32],
        rule: &Rule,
    ) {
        let run = Run {
            samples,
            order,
            labels,
            rule,
            scratch: &mut self.scratch,
            model,
        };
        self.left_out += self.isa.unwrap_or_else(Isa::best).run(run);
    }

    fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// All steps of a call.
struct Run<'a> {
    samples: &'a Samples,
    order: &'a [u32],
    labels: &'a [f32],
    rule: &'a Rule,
    scratch: &'a mut Scratch,
    model: &'a mut Model,
}

impl Kernel for Run<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> u64 {
        let size = self.rule.batch.max(1);
        let mut step = Step {
            rule: self.rule,
            gradient: Model::zeros(self.model.shape),
            perturbed: self.model.clone(),
            scratch: self.scratch,
            left_out: 0,
        };
        let all = Inputs::all(&self.samples.x);
        let batches = self.order.chunks(size).zip(self.labels.chunks(size));
        for (indices, labels) in batches {
            let (inputs, entries) = chosen(self.model, &all, indices);
            let batch = Batch {
                inputs: &inputs,
                entries: &entries,
                labels,
            };
            step.take(lanes, self.model, batch);
        }
        step.left_out
    }
}

/// One step, and its memory.
struct Step<'a> {
    rule: &'a Rule,
    gradient: Model,
    perturbed: Model,
    scratch: &'a mut Scratch,
    left_out: u64,
}

impl Step<'_> {
    #[inline(always)]
    fn take<L: Lanes>(&mut self, lanes: L, model: &mut Model, batch: Batch) {
        let rule = self.rule;
        lanes.call(LossAndGradient {
            model,
            batch,
            loss: rule.loss,
            scratch: &mut *self.scratch,
            gradient: &mut self.gradient,
        });
        self.left_out += self.scratch.left_out();
        if rule.rho != 0.0 && self.perturb(lanes, model) {
            lanes.call(LossAndGradient {
                model: &self.perturbed,
                batch,
                loss: rule.loss,
                scratch: &mut *self.scratch,
                gradient: &mut self.gradient,
            });
        }
        let keep = lanes.splat(1.0 - rule.eta * rule.weight_decay);
        let minus_eta = lanes.splat(-rule.eta);
        for (w, g) in model.parts_mut().zip(self.gradient.parts()) {
            for (w, g) in w.chunks_mut().iter_mut().zip(g.chunks()) {
                let kept = lanes.mul(keep, lanes.load(w));
                lanes.store(lanes.mul_add(minus_eta, lanes.load(g), kept), w);
            }
        }
        if let Some(norm) = rule.project {
            rescale(lanes, &mut model.first, norm);
        }
    }

    /// `self.perturbed = theta~`; false where that is theta.
    #[inline(always)]
    fn perturb<L: Lanes>(&mut self, lanes: L, model: &Model) -> bool {
        let mut square = 0.0;
        for part in self.gradient.parts() {
            square += norm_squared(lanes, part.chunks());
        }
        let norm = square.sqrt();
        if norm == 0.0 {
            return false;
        }
        let rule = self.rule;
        let radius = if rule.normalised {
            rule.rho / norm
        } else {
            rule.rho
        };
        let s = lanes.splat(radius);
        let pairs = model.parts().zip(self.gradient.parts());
        for (to, (w, g)) in self.perturbed.parts_mut().zip(pairs) {
            let pairs = w.chunks().iter().zip(g.chunks());
            for (to, (w, g)) in to.chunks_mut().iter_mut().zip(pairs) {
                lanes.store(lanes.mul_add(s, lanes.load(g), lanes.load(w)), to);
            }
        }
        true
    }
}

/// Scales `w` to the given norm, unless its norm is 0.
#[inline(always)]
fn rescale<L: Lanes>(lanes: L, w: &mut Matrix, norm: f32) {
    let present = norm_squared(lanes, w.chunks()).sqrt();
    if present > 0.0 {
        let factor = lanes.splat(norm / present);
        for w in w.chunks_mut() {
            lanes.store(lanes.mul(factor, lanes.load(w)), w);
        }
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
