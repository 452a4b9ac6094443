//! `grad f(x_i)` over all parameters, sparse, in the order of [`crate::network`]'s table.
//!
//! The rows of the Jacobian J; at an interpolating theta the Hessian of the MSE is `(2/n) J^T J`.
//! Tested against first-order jets (`jet_vs_gradient`) and against the closed forms of the squared
//! norms (`gradient_vs_closed_form`) in `tests/sharpness.rs`.

use super::closed_form::{BnStatistics, backward, backward_start};
use crate::data::with_bias;
use crate::network::sim_ln::norm_squared;
use crate::network::{Activations, Bias, Network, NoBias, Refusal, SimBn, SimLn, read_out};
use crate::scalar::{Fired, Real, Ring};

/// A gradient: `(parameter, value)` ascending in the parameter, zeros left out where they are
/// structural.
pub type Gradient<S> = Vec<(usize, S)>;

/// `grad f(x_i)` at every training input; refuses an inadmissible theta.
pub fn gradients<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Vec<Gradient<S>>, Refusal> {
    let activations = net.admissible(train)?;
    match net {
        Network::NoBias(net) => Ok(no_bias(net, train, &activations[0])),
        Network::Bias(net) => Ok(bias(net, train, &activations)),
        Network::SimBn(net) => sim_bn(net, train, &activations[0]),
        Network::SimLn(net) => sim_ln(net, train, &activations[0]),
    }
}

/// The inner product of two gradients.
pub fn inner<S: Ring>(a: &Gradient<S>, b: &Gradient<S>) -> S {
    let mut total = S::zero();
    let mut b = b.iter().peekable();
    for (k, x) in a {
        while b.next_if(|(l, _)| l < k).is_some() {}
        if let Some((_, y)) = b.next_if(|(l, _)| l == k) {
            total = total.add(&x.mul(y));
        }
    }
    total
}

/// The Gram matrix `J J^T`, n x n.
pub fn gram<S: Ring>(gradients: &[Gradient<S>]) -> Vec<Vec<S>> {
    gradients
        .iter()
        .map(|a| gradients.iter().map(|b| inner(a, b)).collect())
        .collect()
}

/// `v_j x` for every row j in `rows`, as entries of a matrix stored at `offset`.
fn outer<S: Ring>(into: &mut Gradient<S>, offset: usize, rows: &[(usize, S)], x: &[S]) {
    for (j, v) in rows {
        let start = offset + j * x.len();
        into.extend(x.iter().enumerate().map(|(k, x)| (start + k, v.mul(x))));
    }
}

fn no_bias<S: Real>(net: &NoBias<S>, train: &[Vec<S>], fired: &[Fired<S>]) -> Vec<Gradient<S>> {
    let one = |(x, h): (&Vec<S>, &Fired<S>)| {
        let mut gradient = Vec::new();
        let delta: Vec<_> = h
            .active
            .iter()
            .map(|(j, _)| (*j, net.last[*j].clone()))
            .collect();
        outer(&mut gradient, 0, &delta, x);
        let last = net.first.len() * x.len();
        gradient.extend(h.active.iter().map(|(j, z)| (last + j, z.clone())));
        gradient
    };
    train.iter().zip(fired).map(one).collect()
}

fn bias<S: Real>(net: &Bias<S>, train: &[Vec<S>], layers: &Activations<S>) -> Vec<Gradient<S>> {
    let one = |i: usize| {
        let top = layers.len() - 1;
        let mut deltas = vec![backward_start(net, &layers[top][i])];
        for k in (0..top).rev() {
            let below = backward(&net.hidden[k], &deltas[deltas.len() - 1], &layers[k][i]);
            deltas.push(below);
        }
        deltas.reverse();
        let x = with_bias(&train[i]);
        let mut gradient = Vec::new();
        outer(&mut gradient, 0, &deltas[0], &x);
        let mut offset = net.first.len() * x.len();
        for (k, w) in net.hidden.iter().enumerate() {
            let (h, width) = (&layers[k][i], layer_width(net, k));
            for (j, v) in &deltas[k + 1] {
                let start = offset + j * width;
                gradient.extend(h.active.iter().map(|(l, z)| (start + l, v.mul(z))));
            }
            offset += w.height() * width;
        }
        gradient.extend(
            layers[top][i]
                .active
                .iter()
                .map(|(j, z)| (offset + j, z.clone())),
        );
        gradient
    };
    (0..train.len()).map(one).collect()
}

/// The width of hidden layer `k`, counted from 0.
fn layer_width<S>(net: &Bias<S>, k: usize) -> usize {
    if k == 0 {
        net.first.len()
    } else {
        net.hidden[k - 1].height()
    }
}

fn sim_bn<S: Real>(
    net: &SimBn<S>,
    train: &[Vec<S>],
    fired: &[Fired<S>],
) -> Result<Vec<Gradient<S>>, Refusal> {
    let (n, m) = (S::from_int(train.len() as i64), net.first.len());
    let lifted: Vec<Vec<S>> = train.iter().map(|x| with_bias(x)).collect();
    let statistics = BnStatistics::new(net, &lifted, fired)?;
    let one = |(x, h): (&Vec<S>, &Fired<S>)| {
        let (mut gradient, mut by_gamma, mut by_last) = (Vec::new(), Vec::new(), Vec::new());
        let offset = m * x.len();
        for (j, z) in &h.active {
            let a2_inv = &statistics.inverse_squares[*j];
            let a_inv = a2_inv.sqrt()?;
            let c = net.gamma[*j].mul(&net.last[*j]).mul(&a_inv); // c / a
            let pull = z.mul(a2_inv).div(&n)?; // z / (n a^2)
            for (k, x) in x.iter().enumerate() {
                let row = x.sub(&pull.mul(&statistics.sums[*j][k])); // x' - z g / a^2
                gradient.push((j * lifted[0].len() + k, c.mul(&row)));
            }
            let normalised = z.mul(&a_inv);
            by_gamma.push((offset + j, net.last[*j].mul(&normalised)));
            by_last.push((offset + m + j, net.gamma[*j].mul(&normalised)));
        }
        gradient.extend(by_gamma);
        gradient.extend(by_last);
        Ok(gradient)
    };
    lifted.iter().zip(fired).map(one).collect()
}

fn sim_ln<S: Real>(
    net: &SimLn<S>,
    train: &[Vec<S>],
    fired: &[Fired<S>],
) -> Result<Vec<Gradient<S>>, Refusal> {
    let one = |(x, h): (&Vec<S>, &Fired<S>)| {
        let x = with_bias(x);
        let h2 = norm_squared(h);
        let (scale, pull) = if net.norm_against_eps(h)?.is_gt() {
            (h2.sqrt()?, read_out(&net.last, h).div(&h2)?) // ||h||, (W2.h) / ||h||^2
        } else {
            (net.eps.clone(), S::zero())
        };
        let scale_inv = scale.inv()?;
        let row = |(j, z): &(usize, S)| (*j, net.last[*j].sub(&pull.mul(z)).mul(&scale_inv));
        let delta: Vec<_> = h.active.iter().map(row).collect();
        let mut gradient = Vec::new();
        outer(&mut gradient, 0, &delta, &x);
        let last = net.first.len() * x.len();
        gradient.extend(h.active.iter().map(|(j, z)| (last + j, z.mul(&scale_inv))));
        Ok(gradient)
    };
    train.iter().zip(fired).map(one).collect()
}
