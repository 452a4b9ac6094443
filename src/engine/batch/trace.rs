//! Sharpness: the trace of the Hessian of the training loss, at any theta (Wen, Li, Ma 2023, Section 4):
//!
//! ```text
//! Tr = (1/n) sum_i (l_i'' ||grad f_i||^2 + l_i' Tr Hess f_i)       squared error: l'' = 2, l' = 2 (f - y)
//! ```
//!
//! With `R_i = ||x'_i||`, the last hidden layer `h` and `A` its active neurons:
//!
//! | architecture | `||grad f||^2` | `Tr Hess f` |
//! |---|---|---|
//! | no bias, bias | `sum_k ||h_{k-1}||^2 ||delta_k||^2`, `h_0 = x'`, `delta_D = 1` | 0 with relu; softplus `R^2 sum_j W2_j sigma'(z_j)` |
//! | Sim-LN | `||h||^2/s^2 + R^2/s^2 sum_A (W2_j - p h_j)^2` | `-(|A| - 1) R^2 f / ||h||^2` if `||h|| > eps`, else 0 |
//! | Sim-BN | `sum_j (gamma_j^2 + W2_j^2) h^2/a^2 + c_j^2/a^2 ||v||^2` | `sum_j c_j (-2 v.g - h V) / a^3` |
//!
//! Batch norm, per neuron: `c = gamma W2`, `g = (1/n) sum_k h_k x'_k`, `v_k = 1_k x'_k - h_k g/a^2`,
//! `V = (1/n) sum_k ||v_k||^2`, which all vanish where a single sample is active.
//!
//! Why: `f` is linear in each single weight but for the normalisers. LN: `d^2f/dh_j^2 =
//! (-2 W2_j h_j - W2.h) / ||h||^3 + 3 (W2.h) h_j^2 / ||h||^5`, summed over `A`. BN: the gradient of
//! `z q^{-1/2}` in a row of the first layer is `v/a`, its Laplacian `-2 1 x'.g/a^3 - h Q/a^3 + 3 h ||g||^2/a^5`
//! with `q = a^2`, `grad q = 2 g`, `Lap q = 2 Q`, `Q = V + ||g||^2/a^2`.
//!
//! Test `trace_vs_definition`: against second-order jets along every parameter.

use super::forward::{Inputs, Read, Readout, forward, inverse_rms, layers, norms_squared};
use super::gradient::{back, start};
use super::loss::Entries;
use super::product::{Left, product};
use crate::engine::matrix::Matrix;
use crate::engine::model::{Architecture, Model, Samples};
use crate::engine::simd::{Chunk, Isa, Kernel, Lanes};
use crate::engine::step::Loss;

/// The trace of the Hessian of the training loss, and its part that is never negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sharpness {
    /// `(1/n) sum_i l_i'' ||grad f_i||^2`: all of it where theta interpolates.
    pub gauss_newton: f64,
    /// The trace.
    pub full: f64,
}

/// The sharpness at the training set; terms in f32, their sum over samples in f64, in order. NaN
/// without samples.
///
/// At a kink it is the trace with `relu'(0) = 0`; neurons with `a_j = 0` count as absent.
pub fn sharpness(isa: Isa, model: &Model, train: &Samples, loss: Loss) -> Sharpness {
    isa.run(Trace { model, train, loss })
}

struct Trace<'a> {
    model: &'a Model,
    train: &'a Samples,
    loss: Loss,
}

impl Kernel for Trace<'_> {
    type Output = Sharpness;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Sharpness {
        let (model, inputs) = (self.model, Inputs::all(&self.train.x));
        let mut at = Point {
            hidden: layers(model, inputs.len()),
            inverse_rms: Vec::new(),
            inputs,
        };
        forward(lanes, model, &at.inputs.columns, &mut at.hidden);
        let top = &at.hidden[at.hidden.len() - 1].post;
        if model.shape.architecture == Architecture::SimBn {
            at.inverse_rms = inverse_rms(lanes, top);
        }
        let read = Readout::new(model, &at.inverse_rms).read(lanes, top);
        let terms = match model.shape.architecture {
            Architecture::SimBn => batch_norm(lanes, model, &at),
            _ => by_layers(lanes, model, &at, &read),
        };
        let entries = Entries::new(lanes, self.loss, read.outputs, &self.train.y);
        terms.mean(&entries)
    }
}

/// The hidden layers at the training set.
struct Point {
    inputs: Inputs,
    hidden: Vec<super::forward::Layer>,
    inverse_rms: Vec<f32>,
}

/// Two numbers for every sample, one row each.
struct Terms {
    /// `||grad f_i||^2`.
    squares: Matrix,
    /// `Tr Hess f_i`.
    curvatures: Matrix,
}

impl Terms {
    fn mean(&self, entries: &Entries) -> Sharpness {
        let (mut gauss_newton, mut rest) = (0.0, 0.0);
        let n = self.squares.columns();
        for i in 0..n {
            let at = |row: &Matrix| f64::from(row.row(0)[i]);
            gauss_newton += at(&entries.curvatures) * at(&self.squares);
            rest += at(&entries.slopes) * at(&self.curvatures);
        }
        Sharpness {
            gauss_newton: gauss_newton / n as f64,
            full: (gauss_newton + rest) / n as f64,
        }
    }
}

/// Every architecture but batch norm, lanes along samples.
#[inline(always)]
fn by_layers<L: Lanes>(lanes: L, model: &Model, at: &Point, read: &Read) -> Terms {
    let (n, depth) = (at.inputs.len(), at.hidden.len());
    let radii = norms_squared(lanes, &at.inputs.columns);
    let top = &at.hidden[depth - 1];
    let mut squares = norms_squared(lanes, &top.post); // ||h||^2 / s^2, and delta_D = 1
    for (q, scale) in squares.chunks_mut().iter_mut().zip(read.scales.chunks()) {
        let scale = lanes.load(scale);
        lanes.store(lanes.mul(lanes.mul(lanes.load(q), scale), scale), q);
    }
    let mut delta = top.post.clone();
    let mut below = delta.clone();
    start(
        lanes,
        model.last.row(0),
        &read.scales,
        read,
        top,
        &mut delta,
    );
    for k in (0..depth).rev() {
        let inputs = match k {
            0 => radii.clone(),
            _ => norms_squared(lanes, &at.hidden[k - 1].post),
        };
        let sizes = norms_squared(lanes, &delta);
        let pairs = inputs.chunks().iter().zip(sizes.chunks());
        for (q, (h, d)) in squares.chunks_mut().iter_mut().zip(pairs) {
            let sum = lanes.mul_add(lanes.load(h), lanes.load(d), lanes.load(q));
            lanes.store(sum, q); // ||h_{k-1}||^2 ||delta_k||^2
        }
        if k > 0 {
            back(
                lanes,
                &model.hidden[k - 1],
                &delta,
                &at.hidden[k - 1],
                &mut below,
            );
            std::mem::swap(&mut delta, &mut below);
        }
    }
    let mut curvatures = Matrix::zeros(1, n);
    for c in 0..curvatures.stride() {
        let counted = match model.shape.architecture {
            Architecture::SimLn => layer_norm_curvature(lanes, at, read, c),
            _ => activation_curvature(lanes, model, at, c),
        };
        let radius = lanes.load(&radii.row_chunks(0)[c]);
        let out = &mut curvatures.row_chunks_mut(0)[c];
        lanes.store(lanes.mul(radius, counted), out);
    }
    Terms {
        squares,
        curvatures,
    }
}

/// `sum_j W2_j sigma'(z_j)` with softplus, 0 with relu.
#[inline(always)]
fn activation_curvature<L: Lanes>(lanes: L, model: &Model, at: &Point, c: usize) -> L::V {
    let mut sum = lanes.splat(0.0);
    let slopes = &at.hidden[0].slopes; // no rows with relu
    for j in 0..slopes.rows() {
        let sigma = lanes.load(&slopes.row_chunks(j)[c]);
        let second = lanes.mul(sigma, lanes.sub(lanes.splat(1.0), sigma)); // sigma' = sigma (1 - sigma)
        sum = lanes.mul_add(lanes.splat(model.last.row(0)[j]), second, sum);
    }
    sum
}

/// `(1 - |A|) f / ||h||^2` beyond eps, else 0.
#[inline(always)]
fn layer_norm_curvature<L: Lanes>(lanes: L, at: &Point, read: &Read, c: usize) -> L::V {
    let (one, h) = (lanes.splat(1.0), &at.hidden[0]);
    let mut idle = one;
    for j in 0..h.post.rows() {
        idle = lanes.sub(idle, h.slope(lanes, j, c));
    }
    let pull = lanes.load(&read.pulls.row_chunks(0)[c]); // f / ||h||, 0 within eps
    let scale = lanes.load(&read.scales.row_chunks(0)[c]);
    lanes.mul(idle, lanes.mul(pull, scale))
}

/// Batch norm, neuron by neuron, lanes along inputs.
#[inline(always)]
fn batch_norm<L: Lanes>(lanes: L, model: &Model, at: &Point) -> Terms {
    let (x, h) = (&at.inputs.rows, &at.hidden[0].post);
    let n = x.rows();
    let mut moments = Matrix::zeros(h.rows(), x.columns());
    product(lanes, Left::new(h), x, &mut moments); // n g
    let (mut squares, mut curvatures) = (Matrix::zeros(1, n), Matrix::zeros(1, n));
    let mut pairs = vec![(0.0, 0.0); n]; // ||v_i||^2, v_i . n g
    for (j, &a) in at.inverse_rms.iter().enumerate() {
        let (gamma, w) = (model.gamma.row(0)[j], model.last.row(0)[j]);
        let (both, c) = (gamma * gamma + w * w, gamma * w * a); // c / a
        let (h, g, u) = (h.row(j), moments.row_chunks(j), a / n as f32); // u n g = g / a
        for (i, pair) in pairs.iter_mut().enumerate() {
            *pair = match h[i] > 0.0 {
                true => residual(lanes, x.row_chunks(i), g, -h[i] * a * u),
                false => (0.0, 0.0),
            };
        }
        let spread = pairs.iter().fold(0.0, |sum, (v2, _)| sum + v2) / n as f32; // V
        for (i, (v2, vg)) in pairs.iter().enumerate() {
            let z = h[i] * a; // h / a
            squares.row_mut(0)[i] += both * (z * z) + c * c * v2;
            curvatures.row_mut(0)[i] += c * a * (-2.0 * (vg * u) - z * spread);
        }
    }
    Terms {
        squares,
        curvatures,
    }
}

/// `(||v||^2, v.g)` with `v = x + factor g`.
#[inline(always)]
fn residual<L: Lanes>(lanes: L, x: &[Chunk], g: &[Chunk], factor: f32) -> (f32, f32) {
    let factor = lanes.splat(factor);
    let (mut square, mut inner) = (lanes.splat(0.0), lanes.splat(0.0));
    for (x, g) in x.iter().zip(g) {
        let g = lanes.load(g);
        let v = lanes.mul_add(factor, g, lanes.load(x));
        square = lanes.mul_add(v, v, square);
        inner = lanes.mul_add(v, g, inner);
    }
    (lanes.sum(square), lanes.sum(inner))
}
