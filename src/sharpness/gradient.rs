//! `grad f(x_i)` over all parameters, sparse, in the order of [`crate::network`]'s table, and the Gram
//! matrix `J J^T` of these rows of the Jacobian; at an interpolating theta the Hessian of the MSE is
//! `(2/n) J^T J`.
//!
//! Without batch norm the gradient in each weight matrix is a product, so inner products need no entry:
//!
//! ```text
//! d f(x_i) / d W_k = delta_ik h_{i,k-1}^T,      h_{i,0} = x'_i (x_i without bias)
//! grad f(x_i) . grad f(x_l) = sum_k (delta_ik . delta_lk) (h_{i,k-1} . h_{l,k-1})
//! ```
//!
//! Tested against first-order jets (`jet_vs_gradient`), against the closed forms of the squared norms
//! (`gradient_vs_closed_form`) and against each other (`gram_vs_inner`) in `tests/sharpness.rs`.

use super::closed_form::{BnStatistics, backward, backward_start};
use crate::data::with_bias;
use crate::network::sim_ln::norm_squared;
use crate::network::{Activations, Bias, Network, NoBias, Refusal, SimBn, SimLn};
use crate::scalar::{Fired, Real, Ring};
use rayon::prelude::*;

/// A gradient: `(parameter, value)` ascending in the parameter, zeros left out where they are
/// structural.
pub type Gradient<S> = Vec<(usize, S)>;

/// `grad f(x_i)` at every training input; refuses an inadmissible theta.
pub fn gradients<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Vec<Gradient<S>>, Refusal> {
    Ok(match jacobian(net, train)? {
        Jacobian::Products(rows) => rows.iter().map(|row| written_out(row)).collect(),
        Jacobian::Entries(rows) => rows,
    })
}

/// The n x n matrix `J J^T` of inner products of the gradients; refuses an inadmissible theta.
pub fn gram<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Vec<Vec<S>>, Refusal> {
    let lower: Vec<Vec<S>> = match jacobian(net, train)? {
        Jacobian::Products(rows) => lower_half(&rows, |a, b| inner_of_products(a, b)),
        Jacobian::Entries(rows) => lower_half(&rows, inner),
    };
    let entry = |i: usize, l: usize| lower[i.max(l)][i.min(l)].clone();
    let n = lower.len();
    Ok((0..n)
        .map(|i| (0..n).map(|l| entry(i, l)).collect())
        .collect())
}

/// The entries on and below the diagonal.
fn lower_half<R: Sync, S: Ring>(rows: &[R], inner: impl Fn(&R, &R) -> S + Sync) -> Vec<Vec<S>> {
    let row = |i: usize| {
        rows[..=i]
            .iter()
            .map(|other| inner(&rows[i], other))
            .collect()
    };
    (0..rows.len()).into_par_iter().map(row).collect()
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

/// The gradients of all training inputs.
enum Jacobian<S> {
    /// One product per weight matrix.
    Products(Vec<Vec<Product<S>>>),
    /// Entry by entry: with batch norm every gradient depends on every input.
    Entries(Vec<Gradient<S>>),
}

/// The gradient in one weight matrix, `delta h^T`, both sparse.
struct Product<S> {
    shape: (usize, usize),
    delta: Vec<(usize, S)>,
    h: Vec<(usize, S)>,
}

impl<S: Ring> Product<S> {
    /// The gradient in the last layer, a single row.
    fn last(h: Vec<(usize, S)>, width: usize) -> Self {
        let (shape, delta) = ((1, width), vec![(0, S::one())]);
        Self { shape, delta, h }
    }
}

fn jacobian<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Jacobian<S>, Refusal> {
    let activations = net.admissible(train)?;
    Ok(match net {
        Network::NoBias(net) => Jacobian::Products(no_bias(net, train, &activations[0])),
        Network::Bias(net) => Jacobian::Products(bias(net, train, &activations)),
        Network::SimLn(net) => Jacobian::Products(sim_ln(net, train, &activations[0])?),
        Network::SimBn(net) => Jacobian::Entries(sim_bn(net, train, &activations[0])?),
    })
}

fn inner_of_products<S: Ring>(a: &[Product<S>], b: &[Product<S>]) -> S {
    let term =
        |(a, b): (&Product<S>, &Product<S>)| inner(&a.delta, &b.delta).mul(&inner(&a.h, &b.h));
    a.iter()
        .zip(b)
        .map(term)
        .fold(S::zero(), |total, term| total.add(&term))
}

fn written_out<S: Ring>(products: &[Product<S>]) -> Gradient<S> {
    let (mut gradient, mut offset) = (Vec::new(), 0);
    for Product {
        shape: (rows, columns),
        delta,
        h,
    } in products
    {
        for (j, v) in delta {
            let start = offset + j * columns;
            gradient.extend(h.iter().map(|(l, z)| (start + l, v.mul(z))));
        }
        offset += rows * columns;
    }
    gradient
}

fn dense<S>(x: Vec<S>) -> Vec<(usize, S)> {
    x.into_iter().enumerate().collect()
}

fn no_bias<S: Real>(net: &NoBias<S>, train: &[Vec<S>], fired: &[Fired<S>]) -> Vec<Vec<Product<S>>> {
    let width = net.first.len();
    let one = |(x, h): (&Vec<S>, &Fired<S>)| {
        let delta = h.active.iter().map(|(j, _)| (*j, net.last[*j].clone()));
        let first = Product {
            shape: (width, x.len()),
            delta: delta.collect(),
            h: dense(x.clone()),
        };
        vec![first, Product::last(h.active.clone(), width)]
    };
    train.iter().zip(fired).map(one).collect()
}

fn bias<S: Real>(net: &Bias<S>, train: &[Vec<S>], layers: &Activations<S>) -> Vec<Vec<Product<S>>> {
    let one = |i: usize| {
        let top = layers.len() - 1;
        let mut deltas = vec![backward_start(net, &layers[top][i])];
        for k in (0..top).rev() {
            let below = backward(&net.hidden[k], &deltas[deltas.len() - 1], &layers[k][i]);
            deltas.push(below);
        }
        let x = with_bias(&train[i]);
        let (mut width, mut below) = (x.len(), dense(x));
        let mut products = Vec::new();
        for (k, delta) in deltas.into_iter().rev().enumerate() {
            let height = layer_width(net, k);
            let shape = (height, width);
            products.push(Product {
                shape,
                delta,
                h: below,
            });
            (width, below) = (height, layers[k][i].active.clone());
        }
        products.push(Product::last(below, width));
        products
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
) -> Result<Vec<Vec<Product<S>>>, Refusal> {
    let width = net.first.len();
    let one = |(x, h): (&Vec<S>, &Fired<S>)| {
        let x = with_bias(x);
        let h2 = norm_squared(h);
        let (scale, pull) = if net.norm_against_eps(h)?.is_gt() {
            (h2.sqrt()?, h.weighted(&net.last).div(&h2)?) // ||h||, (W2.h) / ||h||^2
        } else {
            (net.eps.clone(), S::zero())
        };
        let scale_inv = scale.inv()?;
        let row = |(j, z): &(usize, S)| (*j, net.last[*j].sub(&pull.mul(z)).mul(&scale_inv));
        let first = Product {
            shape: (width, x.len()),
            delta: h.active.iter().map(row).collect(),
            h: dense(x),
        };
        let normalised = h.active.iter().map(|(j, z)| (*j, z.mul(&scale_inv)));
        Ok(vec![first, Product::last(normalised.collect(), width)])
    };
    train.iter().zip(fired).map(one).collect()
}
