//! What a trained network does at one training input, over any scalar: `f(x_i)`, `||grad f(x_i)||^2` and
//! `Tr Hess f(x_i)`, which is 0 without normalisation, since `f` is linear in each single parameter.
//!
//! With `h` the active pre-activations, `p = W2.h`, `q = ||h||^2`, `w = ||W2_A||^2`, `k = |A|`, layer norm:
//!
//! ```text
//! ||h|| > eps   f = p / sqrt(q),  ||grad||^2 = 1 + R^2 (w q - p^2) / q^2,  Tr Hess f = R^2 (1 - k) f / q
//! ||h|| <= eps  f = p / eps,      ||grad||^2 = (q + R^2 w) / eps^2,        Tr Hess f = 0
//! ```
//!
//! (`d^2 f / d h_j^2 = -2 W2_j h_j / q^(3/2) - p / q^(3/2) + 3 p h_j^2 / q^(5/2)`, summed over A and
//! over the coordinates of x'.) Batch norm is in [`super::batch_norm`], softplus in [`super::softplus`].
//! Sums and products before the last division or root are exact, so nothing cancels in an enclosure.
//! Test: `audit_trace_vs_definition`.

use super::scene::{Function, Scene};
use super::{batch_norm, softplus};
use crate::network::sim_ln::norm_squared;
use crate::network::{Network, Refusal, SimLn};
use crate::scalar::{Ball, Dyadic, Fired, NoValue, Radical, Real, Ring};
use crate::sharpness::closed_form::squared_gradients_at;
use rayon::prelude::*;

/// A network at one training input.
#[derive(Clone, Debug)]
pub(super) struct Point<S> {
    /// `f(x_i)`.
    pub output: S,
    /// `||grad f(x_i)||^2`.
    pub squared_gradient: S,
    /// `Tr Hess f(x_i)`.
    pub hessian_trace: S,
}

impl<S> Point<S> {
    /// The same point over another scalar.
    pub fn map<T>(&self, lift: impl Fn(&S) -> T) -> Point<T> {
        Point {
            output: lift(&self.output),
            squared_gradient: lift(&self.squared_gradient),
            hessian_trace: lift(&self.hessian_trace),
        }
    }
}

/// A scalar that dyadic rationals go to.
pub(super) trait Lifted: Real {
    /// The number, or the tightest enclosure of `bits` bits.
    fn lift(x: &Dyadic, bits: u32) -> Self;
}

impl Lifted for Ball {
    fn lift(x: &Dyadic, bits: u32) -> Self {
        x.to_ball(bits)
    }
}

impl Lifted for Radical {
    fn lift(x: &Dyadic, _bits: u32) -> Self {
        Radical::from_rational(x.to_rational())
    }
}

/// The points of an un-normalised network with relu, exactly; `None` for any other.
pub(super) fn exact(scene: &Scene) -> Result<Option<Vec<Point<Dyadic>>>, Refusal> {
    let Some((net @ (Network::NoBias(_) | Network::Bias(_)), activations)) = scene.relu() else {
        return Ok(None);
    };
    let squares = squared_gradients_at(net, &scene.x, activations)?;
    let last = &activations[activations.len() - 1];
    let point = |(h, squared_gradient): (&Fired<Dyadic>, Dyadic)| Point {
        output: h.weighted(net.last()),
        squared_gradient,
        hessian_trace: Dyadic::zero(),
    };
    Ok(Some(last.iter().zip(squares).map(point).collect()))
}

/// The points of a normalised network with relu over any scalar; `None` for any other.
pub(super) fn normalised<S: Lifted>(
    scene: &Scene,
    bits: u32,
) -> Result<Option<Vec<Point<S>>>, NoValue> {
    match scene.relu() {
        Some((Network::SimLn(net), activations)) => {
            let at = |i| layer_norm(scene, net, &activations[0][i], i, bits);
            let points: Result<_, NoValue> = (0..scene.len()).into_par_iter().map(at).collect();
            points.map(Some)
        }
        Some((Network::SimBn(net), activations)) => {
            batch_norm::points(scene, net, &activations[0], bits).map(Some)
        }
        _ => Ok(None),
    }
}

/// Enclosures of the points of any network, from the exact ones where it has them.
pub(super) fn enclosed(
    scene: &Scene,
    exact: Option<&[Point<Dyadic>]>,
    bits: u32,
) -> Result<Vec<Point<Ball>>, NoValue> {
    if let Some(points) = exact {
        return Ok(points.iter().map(|p| p.map(|x| x.to_ball(bits))).collect());
    }
    match &scene.function {
        Function::Softplus {
            pre_activations,
            last,
        } => softplus::points(scene, pre_activations, last, bits),
        Function::Relu { .. } => Ok(normalised(scene, bits)?.unwrap_or_default()),
    }
}

fn layer_norm<S: Lifted>(
    scene: &Scene,
    net: &SimLn<Dyadic>,
    h: &Fired<Dyadic>,
    i: usize,
    bits: u32,
) -> Result<Point<S>, NoValue> {
    let lift = |x: &Dyadic| S::lift(x, bits);
    let (p, q) = (h.weighted(&net.last), norm_squared(h));
    let active = h.active.iter().map(|(j, _)| (&net.last[*j], &net.last[*j]));
    let w = Dyadic::sum_of_products(active);
    let r2 = scene.radius_squared(i);
    if net.norm_against_eps(h)?.is_le() {
        return Ok(Point {
            output: lift(&p).div(&lift(&net.eps))?,
            squared_gradient: lift(&q.add(&r2.mul(&w))).div(&lift(&net.eps.square()))?,
            hessian_trace: S::zero(),
        });
    }
    let output = lift(&p).div(&lift(&q).sqrt()?)?;
    let tangent = r2.mul(&w.mul(&q).sub(&p.square())); // R^2 (w q - p^2)
    let bend = r2.mul(&Dyadic::from_int(1 - h.active.len() as i64)); // R^2 (1 - k)
    Ok(Point {
        squared_gradient: S::one().add(&lift(&tangent).div(&lift(&q.square()))?),
        hessian_trace: lift(&bend).mul(&output).div(&lift(&q))?,
        output,
    })
}
