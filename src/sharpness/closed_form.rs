//! Closed forms of `||grad f(x_i)||^2` for each architecture, and with them the trace of the Hessian at an
//! interpolating theta (Wen, Li, Ma 2023, Lemma 4.1):
//!
#![doc = flatproof_math::tex!(r"\operatorname{Tr} \nabla^2 L = \frac{2}{n} \sum_{i=1}^n \lVert \nabla f(x_i) \rVert^2")]
//!
//! With `A` the active neurons at `x_i`, `R_i^2 = ||x_i||^2 + 1`:
//!
//! | architecture | `||grad f(x_i)||^2` |
//! |---|---|
//! | no bias | `sum_A W2_j^2 ||x_i||^2 + z_ij^2` |
//! | bias | `sum_k ||h_{k-1}||^2 ||delta_k||^2`, `h_0 = x'`, `delta_k` the backward signal |
//! | BN | `sum_A (gamma_j^2 + W2_j^2) z^2/a^2 + c_j^2 (R_i^2/a^2 - 2 z (g.x'_i)/a^4 + z^2 ||g||^2/a^6)`, `g_j = (1/n) sum_k z_kj x'_k` |
//! | LN, `||h|| > eps` | `1 + R_i^2 (||W2_A||^2 - (W2.h)^2/||h||^2) / ||h||^2` |
//! | LN, `||h|| < eps` | `(||h||^2 + R_i^2 ||W2_A||^2) / eps^2` |
//!
//! Only squares occur, so rational data and balance factors that are radicals stay cheap.
//! Tested against the definition: `definition_vs_closed_form` in `tests/sharpness.rs`.

use crate::data::with_bias;
use crate::network::sim_ln::norm_squared;
use crate::network::{Activations, Bias, Layer, Network, NoBias, Refusal, SimBn, SimLn};
use crate::scalar::{Fired, Real, Ring};
use rayon::prelude::*;

/// `||grad f(x_i)||^2` at every training input; refuses an inadmissible theta.
pub fn squared_gradients<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
    squared_gradients_at(net, train, &net.admissible(train)?)
}

/// [`squared_gradients`] from activations already known to be admissible.
pub fn squared_gradients_at<S: Real>(
    net: &Network<S>,
    train: &[Vec<S>],
    activations: &Activations<S>,
) -> Result<Vec<S>, Refusal> {
    match net {
        Network::NoBias(net) => Ok(no_bias(net, train, &activations[0])),
        Network::Bias(net) => Ok(bias(net, train, activations)),
        Network::SimBn(net) => sim_bn(net, train, &activations[0]),
        Network::SimLn(net) => sim_ln(net, train, &activations[0]),
    }
}

/// `(2/n) sum_i ||grad f(x_i)||^2`: the trace of the Hessian of the MSE at an interpolating,
/// admissible theta. Whether theta interpolates is the caller's to check.
pub fn trace<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<S, Refusal> {
    let squares = squared_gradients(net, train)?;
    Ok(mean_twice(&squares)?)
}

/// `(2/n) sum_i q_i`.
pub fn mean_twice<S: Real>(q: &[S]) -> Result<S, crate::scalar::NoValue> {
    S::from_int(2)
        .mul(&S::sum(q))
        .div(&S::from_int(q.len() as i64))
}

/// `sum_{j in A} W2_j^2`.
fn active_weight<S: Ring>(weights: &[S], fired: &Fired<S>) -> S {
    let squares = fired
        .active
        .iter()
        .map(|(j, _)| (&weights[*j], &weights[*j]));
    S::sum_of_products(squares)
}

/// `R_i^2 = ||x_i||^2 + 1`.
fn radius_squared<S: Ring>(x: &[S]) -> S {
    S::dot(x, x).add(&S::one())
}

fn no_bias<S: Real>(net: &NoBias<S>, train: &[Vec<S>], fired: &[Fired<S>]) -> Vec<S> {
    let one = |(x, z): (&Vec<S>, &Fired<S>)| {
        active_weight(&net.last, z)
            .mul(&S::dot(x, x))
            .add(&norm_squared(z))
    };
    train.iter().zip(fired).map(one).collect()
}

fn bias<S: Real>(net: &Bias<S>, train: &[Vec<S>], layers: &Activations<S>) -> Vec<S> {
    let one = |i: usize| {
        let mut total = norm_squared(&layers[layers.len() - 1][i]); // ||h_{D-1}||^2 * ||delta_D||^2, delta_D = 1
        let mut delta = backward_start(net, &layers[layers.len() - 1][i]);
        for k in (0..layers.len()).rev() {
            let below = match k {
                0 => radius_squared(&train[i]), // ||x'||^2
                _ => norm_squared(&layers[k - 1][i]),
            };
            let size = S::sum_of_products(delta.iter().map(|(_, v)| (v, v)));
            total = total.add(&below.mul(&size));
            if k > 0 {
                delta = backward(&net.hidden[k - 1], &delta, &layers[k - 1][i]);
            }
        }
        total
    };
    (0..train.len()).into_par_iter().map(one).collect()
}

/// `delta_{D-1} = W_D` on the active neurons of the last hidden layer.
pub(super) fn backward_start<S: Ring>(net: &Bias<S>, h: &Fired<S>) -> Vec<(usize, S)> {
    h.active
        .iter()
        .map(|(j, _)| (*j, net.last[*j].clone()))
        .collect()
}

/// `delta_{k} = (W_{k+1}^T delta_{k+1})` on the active neurons of layer k.
pub(super) fn backward<S: Ring>(
    w: &Layer<S>,
    delta: &[(usize, S)],
    below: &Fired<S>,
) -> Vec<(usize, S)> {
    let entry = |(i, _): &(usize, S)| {
        let products = delta.iter().map(|(j, v)| (w.entry(*j, *i), v));
        (*i, S::sum_of_products(products))
    };
    below.active.iter().map(entry).collect()
}

fn sim_bn<S: Real>(
    net: &SimBn<S>,
    train: &[Vec<S>],
    fired: &[Fired<S>],
) -> Result<Vec<S>, Refusal> {
    let n = S::from_int(train.len() as i64);
    let lifted: Vec<Vec<S>> = train.iter().map(|x| with_bias(x)).collect();
    let statistics = BnStatistics::new(net, &lifted, fired)?;
    let one = |i: usize| {
        let mut total = S::zero();
        for (j, z) in &fired[i].active {
            let (g, a2_inv) = (&statistics.sums[*j], &statistics.inverse_squares[*j]);
            let scale = net.gamma[*j].square().add(&net.last[*j].square());
            let z2 = z.square().mul(a2_inv); // z^2 / a^2
            let c2 = net.gamma[*j].mul(&net.last[*j]).square().mul(a2_inv); // c^2 / a^2
            // with G = n g: ||1 x'/a - z g/a^3||^2 = (R^2 - 2 z (G.x')/(n a^2) + (z^2/a^2) ||G||^2/(n a)^2) / a^2
            let step = a2_inv.div(&n)?;
            let cross = S::from_int(2).mul(z).mul(&S::dot(g, &lifted[i])).mul(&step);
            let tail = z2.mul(&S::dot(g, g)).mul(&step).div(&n)?;
            let row = S::dot(&lifted[i], &lifted[i]).sub(&cross).add(&tail);
            total = total.add(&scale.mul(&z2)).add(&c2.mul(&row));
        }
        Ok(total)
    };
    (0..train.len()).map(one).collect()
}

/// The training statistics of batch norm that gradients need.
pub(super) struct BnStatistics<S> {
    /// `n g_j = sum_k z_kj x'_k`.
    pub sums: Vec<Vec<S>>,
    /// `1 / a_j^2`.
    pub inverse_squares: Vec<S>,
}

impl<S: Real> BnStatistics<S> {
    pub fn new(net: &SimBn<S>, lifted: &[Vec<S>], fired: &[Fired<S>]) -> Result<Self, Refusal> {
        let columns = lifted.first().map_or(0, Vec::len);
        let mut sums = vec![vec![S::zero(); columns]; net.first.len()];
        for (x, z) in lifted.iter().zip(fired) {
            for (j, z) in &z.active {
                for (s, x) in sums[*j].iter_mut().zip(x) {
                    *s = s.add(&z.mul(x));
                }
            }
        }
        let squares = net.mean_squares(fired)?;
        let inverse_squares = squares.iter().map(S::inv).collect::<Result<_, _>>()?;
        Ok(Self {
            sums,
            inverse_squares,
        })
    }
}

fn sim_ln<S: Real>(
    net: &SimLn<S>,
    train: &[Vec<S>],
    fired: &[Fired<S>],
) -> Result<Vec<S>, Refusal> {
    let one = |(x, h): (&Vec<S>, &Fired<S>)| {
        let (r2, h2) = (radius_squared(x), norm_squared(h));
        let weight = active_weight(&net.last, h);
        if net.norm_against_eps(h)?.is_gt() {
            let output2 = h.weighted(&net.last).square(); // (W2.h)^2
            let tangent = weight.sub(&output2.div(&h2)?);
            Ok(S::one().add(&r2.mul(&tangent).div(&h2)?))
        } else {
            Ok(h2.add(&r2.mul(&weight)).div(&net.eps.square())?)
        }
    };
    train.iter().zip(fired).map(one).collect()
}
