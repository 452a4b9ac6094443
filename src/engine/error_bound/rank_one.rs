//! One step on one sample by the formulas of [`crate::engine::rank_one`], with bounds: the gradient has
//! rank one, so the perturbed pre-activation needs no second product.
//!
//! ```text
//! z = W1' x',  h = act(z),  i = 1/s,  n = p i         1/s and p as in the forward pass
//! F = a.h,  H = ||h||^2,  A = sum_{active} a_j^2,  f = i F
//! relu      ||df/dz||^2 = i^2 A - f n,    df/dz = i a - n h     on active neurons
//! softplus  df/dz = a sigma(z),           i = 1, n = 0
//! kappa = rho sign(r) / sqrt(R^2 ||df/dz||^2 + i^2 H)   normalised;   rho r otherwise;   r = l'(f)
//! z~ = z + kappa R^2 df/dz,   a~ = a + kappa i h
//! c  = g (i~ a~ - n~ h~) / keep on active neurons,  g = -eta r~,  keep = 1 - eta wd
//! W1'' = keep (W1' + c x'^T),   a' = keep a + g i~ h~
//! projected: W1'' = project / ||V|| V,  ||V||^2 = ||W1'||^2 + 2 c.z + R^2 ||c||^2
//! ```
//!
//! The exact values are those of [`super::step()`]; only the rounding differs. An inactive neuron has
//! gradient 0 and stays where it is. Rung 6, `rank_one_vs_exact_step`.

use super::near::{Near, Sum, dot};
use super::pass::{Hidden, Weights, inputs, read};
use super::smooth::at_output;
use super::step::ascent;
use crate::engine::model::{Activation, Model, Samples, Shape};
use crate::engine::step::Rule;

/// One point of the step: the sample's activations and output.
struct Point {
    h: Vec<Near>,
    slope: Vec<Near>,
    f: Near,
    /// `i`.
    scale: Near,
    /// `n`.
    normal: Near,
}

impl Point {
    fn new(shape: &Shape, z: Vec<Near>, last: &[Near]) -> Self {
        let mut layer = Hidden::at(shape.activation, vec![z]);
        let (h, slope) = (layer.h.swap_remove(0), layer.slope.swap_remove(0));
        let (f, scale, pull) = read(shape, last, &h);
        let normal = pull.mul(&scale).either(&f.mul(&scale).mul(&scale));
        // within eps the pull is certified 0, and so is n
        let normal = if pull == Near::ZERO { pull } else { normal };
        Self {
            h,
            slope,
            f,
            scale,
            normal,
        }
    }
}

/// theta' of one step of `rule` from `model` at sample `i` of `train` with label `y`.
pub fn rank_one_step(model: &Model, train: &Samples, i: usize, y: f32, rule: &Rule) -> Weights {
    let (shape, mut theta) = (&model.shape, Weights::of(model));
    let x = inputs(train).swap_remove(i);
    let radius = dot(&x, &x);
    let z: Vec<Near> = theta.first.iter().map(|w| dot(w, &x)).collect();
    let here = Point::new(shape, z.clone(), &theta.last);
    let kappa = kappa_at(&here, &theta.last, &radius, y, rule);
    let (there, ascended) = if kappa == Near::ZERO {
        (here, theta.last.clone())
    } else {
        perturbed(shape, &here, &z, &theta.last, &kappa, &radius)
    };
    let g = Near::new(-rule.eta).mul(&at_output(rule.loss, &there.f, y).slope);
    let keep = Near::ONE.sub(&Near::new(rule.eta).mul(&Near::new(rule.weight_decay)));
    let along = [
        g.mul(&there.scale).div(&keep),
        g.neg().mul(&there.normal).div(&keep),
    ];
    let c: Vec<Near> = (0..ascended.len())
        .map(|j| dot(&along, &[ascended[j], there.h[j]]).mul(&there.slope[j]))
        .collect();
    let squares = theta.first.iter().map(|w| dot(w, w));
    let mut norm = Sum::default(); // ||V||^2
    squares.for_each(|square| norm.add(&square));
    norm.add_product(&Near::new(2.0), &dot(&c, &z));
    norm.add_product(&radius, &dot(&c, &c));
    let alpha = match rule.project {
        Some(target) => Near::new(target).div(&norm.round().sqrt()),
        None => keep,
    };
    for (row, c) in theta.first.iter_mut().zip(&c) {
        for (w, x) in row.iter_mut().zip(&x) {
            *w = dot(&[*w, *c], &[Near::ONE, *x]).mul(&alpha);
        }
    }
    let descent = g.mul(&there.scale);
    for (a, h) in theta.last.iter_mut().zip(&there.h) {
        *a = dot(&[keep, descent], &[*a, *h]);
    }
    theta
}

/// kappa, from the norm of `(df/dz x'^T, df/da)`.
fn kappa_at(here: &Point, last: &[Near], radius: &Near, y: f32, rule: &Rule) -> Near {
    let r = at_output(rule.loss, &here.f, y).slope;
    let per = here.scale.mul(&here.scale);
    let active: Vec<Near> = last
        .iter()
        .zip(&here.slope)
        .map(|(a, s)| a.mul(s))
        .collect();
    let mut slopes = dot(&active, &active).mul(&per); // ||df/dz||^2
    if here.normal != Near::ZERO {
        slopes = slopes.sub(&here.f.mul(&here.normal)).max(0.0);
    }
    let mut square = Sum::default();
    square.add_product(radius, &slopes);
    square.add(&dot(&here.h, &here.h).mul(&per));
    ascent(rule, &r, &square.round().sqrt())
}

/// The point theta~ and `a~`.
fn perturbed(
    shape: &Shape,
    here: &Point,
    z: &[Near],
    last: &[Near],
    kappa: &Near,
    radius: &Near,
) -> (Point, Vec<Near>) {
    let up = kappa.mul(radius);
    let own = Near::ONE.sub(&up.mul(&here.normal));
    let per = up.mul(&here.scale);
    let moved = |j: usize| {
        let (h, a, slope) = (&here.h[j], &last[j], &here.slope[j]);
        if shape.activation == Activation::Softplus {
            return dot(&[z[j], up], &[Near::ONE, a.mul(slope)]);
        }
        match z[j].sign() {
            Some(true) => dot(&[own, per], &[*h, *a]),
            Some(false) => z[j],
            None => Near::UNKNOWN,
        }
    };
    let z = (0..last.len()).map(moved).collect();
    let ascent = kappa.mul(&here.scale);
    let ascended = |(a, h): (&Near, &Near)| dot(&[*a, ascent], &[Near::ONE, *h]);
    let ascended: Vec<Near> = last.iter().zip(&here.h).map(ascended).collect();
    (Point::new(shape, z, &ascended), ascended)
}
