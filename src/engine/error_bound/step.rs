//! One training step with bounds on every parameter (see [`crate::engine::step`] for the step):
//!
//! ```text
//! g      = grad l(theta)
//! theta~ = theta + t g,   t = rho / ||g||  (normalised; rho otherwise)
//! theta' = (1 - eta wd) theta - eta grad l(theta~),   then W1' scaled to the norm `project`
//! ```
//!
//! All signs of relu count at both points: [`Step::certified`]. Where `||g||` may be 0 there is no
//! bound, unless every entry of g is certified 0: then `theta~ = theta`.
//!
//! Rung 6, `plain_vs_exact_step`.

use super::gradient::norm;
use super::near::{Near, dot};
use super::pass::{Pass, Weights, inputs};
use crate::engine::model::{Model, Samples};
use crate::engine::step::Rule;

/// A step with its bounds.
#[derive(Clone, Debug)]
pub struct Step {
    /// theta'.
    pub weights: Weights,
    /// `||g||` at theta.
    pub gradient_norm: Near,
    /// Signs certified at theta and at theta~, and all there are.
    pub certified: (usize, usize),
}

/// One step of `rule` from `model` at the samples `batch` of `train`, with their labels.
pub fn step(model: &Model, train: &Samples, batch: (&[u32], &[f32]), rule: &Rule) -> Step {
    let theta = Weights::of(model);
    let here = Pass::new(&model.shape, theta.clone(), inputs(train));
    let (mut certified, mut all) = here.certified();
    let mut g = here.gradient(rule.loss, batch);
    let gradient_norm = norm(&g);
    if rule.rho != 0.0 && gradient_norm != Near::ZERO {
        let rho = Near::new(rule.rho);
        let t = match (rule.normalised, gradient_norm.sign()) {
            (true, _) => rho.div(&gradient_norm),
            (false, Some(_)) => rho,
            (false, None) => rho.mul(&Near::SLOPE), // f32 may see the norm 0, and stay
        };
        let there = Pass::new(&model.shape, moved(&theta, &g, &t), inputs(train));
        let (more, of) = there.certified();
        (certified, all) = (certified + more, all + of);
        g = there.gradient(rule.loss, batch);
    }
    Step {
        weights: descended(theta, &g, rule),
        gradient_norm,
        certified: (certified, all),
    }
}

/// `theta + t g`.
fn moved(theta: &Weights, g: &Weights, t: &Near) -> Weights {
    let mut there = theta.clone();
    for (w, g) in there.entries_mut().zip(g.entries()) {
        *w = dot(&[*w, *t], &[Near::ONE, *g]);
    }
    there
}

/// `(1 - eta wd) theta - eta g`, projected.
fn descended(mut theta: Weights, g: &Weights, rule: &Rule) -> Weights {
    let eta = Near::new(rule.eta);
    let keep = Near::ONE.sub(&eta.mul(&Near::new(rule.weight_decay)));
    for (w, g) in theta.entries_mut().zip(g.entries()) {
        *w = dot(&[keep, eta.neg()], &[*w, *g]);
    }
    project(&mut theta, rule);
    theta
}

/// The projection of the first layer.
pub(super) fn project(theta: &mut Weights, rule: &Rule) {
    if let Some(target) = rule.project {
        let entries: Vec<Near> = theta.first.iter().flatten().copied().collect();
        let factor = Near::new(target).div(&dot(&entries, &entries).sqrt());
        let first = theta.first.iter_mut().flatten();
        first.for_each(|w| *w = w.mul(&factor));
    }
}

/// `s` with `theta~ = theta + s grad f` of one sample, from `e = l'(f)` and `||grad f||`.
pub(super) fn ascent(rule: &Rule, e: &Near, norm: &Near) -> Near {
    let rho = Near::new(rule.rho);
    if rule.rho == 0.0 || *e == Near::ZERO || *norm == Near::ZERO {
        return Near::ZERO;
    }
    match (rule.normalised, e.sign(), norm.sign()) {
        (_, None, _) | (_, _, None) => Near::UNKNOWN, // f32 may see a gradient of 0, and stay
        (true, Some(true), _) => rho.div(norm),
        (true, Some(false), _) => rho.neg().div(norm),
        (false, ..) => rho.mul(e),
    }
}
