//! One step on one sample of a biased network of any depth by the formulas of [`crate::engine::deep`], with
//! bounds: gradients are products of two vectors, so theta~ needs no second set of weights.
//!
//! ```text
//! ||grad f||^2 = sum_k ||delta_k||^2 ||h_{k-1}||^2,   delta_D = 1
//! z~_1 = z_1 + s ||x'||^2 delta_1,     z~_k = W_k h~_{k-1} + s (h_{k-1} . h~_{k-1}) delta_k
//! W~_k^T delta~_k = W_k^T delta~_k + s (delta_k . delta~_k) h_{k-1}
//! W_k' = keep W_k + rate delta~_k h~_{k-1}^T,   rate = -eta l'(f~),   keep = 1 - eta wd,   k = 1, D
//! W_k' = keep (W_k + (rate/keep) delta~_k h~_{k-1}^T)   between them
//! ```
//!
//! The exact values are those of [`super::step()`]; only the rounding differs. Rung 6,
//! `fastest_vs_exact_step`.

use super::near::{Near, Sum, dot};
use super::pass::{Hidden, Weights, inputs};
use super::smooth::at_output;
use super::step::{ascent, project};
use crate::engine::model::{Model, Samples};
use crate::engine::step::Rule;

/// The sample at one point: `h_0 = x'`, `h_1 ..`, their pre-activations and slopes from `h_1` on, and
/// `delta_1 ..`.
struct Point {
    h: Vec<Vec<Near>>,
    z: Vec<Vec<Near>>,
    slope: Vec<Vec<Near>>,
    delta: Vec<Vec<Near>>,
}

impl Point {
    /// The point with pre-activations `z(k, h_k)` of layer `k + 1`, and `W^T delta` plus `extra(k, delta)`.
    fn new(
        model: &Model,
        theta: &Weights,
        x: &[Near],
        last: &[Near],
        z: impl Fn(usize, &[Near]) -> Vec<Near>,
        extra: impl Fn(usize, &[Near]) -> (Near, Vec<Near>),
    ) -> Self {
        let mut point = Self {
            h: vec![x.to_vec()],
            z: Vec::new(),
            slope: Vec::new(),
            delta: Vec::new(),
        };
        let top = theta.hidden.len();
        for k in 0..=top {
            let mut layer = Hidden::at(model.shape.activation, vec![z(k, &point.h[k])]);
            point.z.push(layer.z.swap_remove(0));
            point.h.push(layer.h.swap_remove(0));
            point.slope.push(layer.slope.swap_remove(0));
        }
        let masked = |v: &[Near], slope: &[Near]| -> Vec<Near> {
            v.iter().zip(slope).map(|(v, slope)| v.mul(slope)).collect()
        };
        let mut deltas = vec![masked(last, &point.slope[top])];
        for k in (0..top).rev() {
            let delta = &deltas[deltas.len() - 1];
            let (factor, along) = extra(k + 1, delta);
            let mut sums = vec![Sum::default(); along.len()];
            for (row, delta) in theta.hidden[k].iter().zip(delta) {
                let terms = sums.iter_mut().zip(row);
                terms.for_each(|(sum, w)| sum.add_product(w, delta));
            }
            for (sum, h) in sums.iter_mut().zip(&along) {
                sum.add_product(&factor, h);
            }
            let back: Vec<Near> = sums.iter().map(Sum::round).collect();
            deltas.push(masked(&back, &point.slope[k]));
        }
        deltas.reverse();
        point.delta = deltas;
        point
    }
}

/// theta' of one step of `rule` from `model` at sample `i` of `train` with label `y`.
pub fn deep_step(model: &Model, train: &Samples, i: usize, y: f32, rule: &Rule) -> Weights {
    let mut theta = Weights::of(model);
    let x = inputs(train).swap_remove(i);
    let rows = |k: usize| match k {
        0 => &theta.first,
        _ => &theta.hidden[k - 1],
    };
    let product = |k: usize, h: &[Near]| rows(k).iter().map(|w| dot(w, h)).collect::<Vec<_>>();
    let nothing = |_: usize, delta: &[Near]| (Near::ZERO, vec![Near::ZERO; delta.len()]);
    let here = Point::new(model, &theta, &x, &theta.last, product, nothing);
    let top = here.delta.len();
    let mut e = at_output(rule.loss, &dot(&theta.last, &here.h[top]), y).slope;
    let mut square = Sum::default();
    square.add(&dot(&here.h[top], &here.h[top]));
    for (h, delta) in here.h.iter().zip(&here.delta) {
        square.add_product(&dot(delta, delta), &dot(h, h));
    }
    let s = ascent(rule, &e, &square.round().sqrt());
    let there = if s == Near::ZERO {
        here
    } else {
        let along = |(w, h): (&Near, &Near)| dot(&[*w, s], &[Near::ONE, *h]);
        let last: Vec<Near> = theta.last.iter().zip(&here.h[top]).map(along).collect();
        let z = |k: usize, h: &[Near]| {
            let shift = s.mul(&dot(&here.h[k], h));
            let moved = |j: usize, z: &Near| dot(&[*z, shift], &[Near::ONE, here.delta[k][j]]);
            let plain = if k == 0 {
                here.z[0].clone()
            } else {
                product(k, h)
            };
            plain.iter().enumerate().map(|(j, z)| moved(j, z)).collect()
        };
        let extra =
            |k: usize, delta: &[Near]| (s.mul(&dot(&here.delta[k], delta)), here.h[k].clone());
        let there = Point::new(model, &theta, &x, &last, z, extra);
        e = at_output(rule.loss, &dot(&last, &there.h[top]), y).slope;
        there
    };
    let eta = Near::new(rule.eta);
    let keep = Near::ONE.sub(&eta.mul(&Near::new(rule.weight_decay)));
    let rate = eta.neg().mul(&e);
    for (row, delta) in theta.first.iter_mut().zip(&there.delta[0]) {
        for (w, x) in row.iter_mut().zip(&x) {
            *w = dot(&[keep, rate.mul(x)], &[*w, *delta]);
        }
    }
    let scaled = if keep == Near::ONE {
        rate
    } else {
        rate.div(&keep)
    };
    for (k, w) in theta.hidden.iter_mut().enumerate() {
        for (row, delta) in w.iter_mut().zip(&there.delta[k + 1]) {
            for (w, h) in row.iter_mut().zip(&there.h[k + 1]) {
                let moved = dot(&[Near::ONE, scaled.mul(h)], &[*w, *delta]);
                *w = moved.mul(&keep);
            }
        }
    }
    for (w, h) in theta.last.iter_mut().zip(&there.h[top]) {
        *w = dot(&[keep, rate], &[*w, *h]);
    }
    project(&mut theta, rule);
    theta
}
