//! [`Point`]s of a two-layer network with softplus, enclosed: with the exact pre-activations `z_j`,
//!
//! ```text
//! f            = sum_j W2_j softplus(z_j)
//! ||grad f||^2 = sum_j softplus(z_j)^2 + R^2 W2_j^2 sigma(z_j)^2
//! Tr Hess f    = R^2 sum_j W2_j sigma(z_j) sigma(-z_j)
//! ```
//!
//! `R_i^2` is `||x_i||^2` without bias. Tests: `softplus_vs_jets`, `exact_zeros_of_softplus`.

use super::points::Point;
use super::scene::Scene;
use crate::network::loss::softplus;
use crate::scalar::{Ball, Dyadic, Field, NoValue, Ordered, Ring, Transcendental};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The points, all training inputs in order.
pub(super) fn points(
    scene: &Scene,
    pre_activations: &[Vec<Dyadic>],
    last: &[Dyadic],
    bits: u32,
) -> Result<Vec<Point<Ball>>, NoValue> {
    let at = |(i, z): (usize, &Vec<Dyadic>)| point(scene.radius_squared(i), z, last, bits);
    pre_activations.par_iter().enumerate().map(at).collect()
}

fn point(r2: Dyadic, z: &[Dyadic], last: &[Dyadic], bits: u32) -> Result<Point<Ball>, NoValue> {
    let r2 = r2.to_ball(bits);
    let (mut output, mut values, mut slopes, mut bends) =
        (Ball::zero(), Ball::zero(), Ball::zero(), Ball::zero());
    for (z, w) in z.iter().zip(last) {
        let (z, w) = (z.to_ball(bits), w.to_ball(bits));
        let (value, slope, other) = neuron(&z)?;
        output = output.add(&w.mul(&value));
        values = values.add(&value.square());
        slopes = slopes.add(&w.mul(&slope).square());
        bends = bends.add(&w.mul(&slope).mul(&other));
    }
    Ok(Point {
        output,
        squared_gradient: values.add(&r2.mul(&slopes)),
        hessian_trace: r2.mul(&bends),
    })
}

/// `(softplus(z), sigma(z), sigma(-z))` with one exponential, `e = exp(-|z|) <= 1`:
/// `softplus(z) = max(z, 0) + ln(1 + e)`, and the sigmoids are `1 / (1 + e)` and `e / (1 + e)`.
fn neuron(z: &Ball) -> Result<(Ball, Ball, Ball), NoValue> {
    let negative = z.sign()?.is_lt(); // z is exact: its sign is decided
    let e = z.abs()?.neg().exp();
    let total = Ball::one().add(&e);
    let (large, small) = (Ball::one().div(&total)?, e.div(&total)?);
    let log = total.ln()?;
    Ok(if negative {
        (log, small, large)
    } else {
        (z.add(&log), large, small)
    })
}

/// The sign of `sum_j W2_j softplus(z_j)` from enclosures of at most `cap` bits, or exactly where the terms
/// cancel: `softplus(-t) = softplus(t) - t`, so the sum is `B + sum_t A_t softplus(t)` over distinct `t >= 0`.
pub(super) fn sign(z: &[Dyadic], last: &[Dyadic], start: u32, cap: u32) -> Option<Ordering> {
    let mut weights: BTreeMap<crate::scalar::Rational, Dyadic> = BTreeMap::new();
    let mut rest = Dyadic::zero(); // B
    for (z, w) in z.iter().zip(last) {
        let negative = z.sign().is_ok_and(Ordering::is_lt);
        let t = if negative { z.neg() } else { z.clone() };
        if negative {
            rest = rest.sub(&w.mul(&t));
        }
        let total = weights.entry(t.to_rational()).or_insert_with(Dyadic::zero);
        *total = total.add(w);
    }
    weights.retain(|_, weight| *weight != Dyadic::zero());
    if weights.is_empty() {
        return rest.sign().ok();
    }
    let attempt = |bits: u32| {
        let mut sum = rest.to_ball(bits);
        for (t, weight) in &weights {
            let value = softplus(&Ball::from_rational(t, bits))?;
            sum = sum.add(&weight.to_ball(bits).mul(&value));
        }
        Ok::<_, NoValue>(sum.sign()?)
    };
    crate::scalar::retry::decide(start, cap, attempt).ok()
}
