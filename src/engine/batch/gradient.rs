//! Mean loss and gradient of a batch.
//!
//! With `c_i` the slopes of the mean loss in the outputs `f_i`, `H` the last hidden layer:
//!
//! ```text
//! last        sum_i c_i/s_i h_ij
//! delta_ij    c_i/s_i (w_j - p_i h_ij) act'(z_ij)                      p_i: forward::Read
//! W_k         delta_k H_{k-1}^T,   delta_{k-1} = W_k^T delta_k . act'(Z_{k-1}),   H_0 = X'^T
//! relu, two layers, no layer norm
//!   W1'_j     w_j sum_{i active} c_i x'_i                              active::sum_active
//! Sim-BN, S_j = sum_i c_i h_ij, i over the training set, c_i = 0 outside the batch
//!   last      gamma_j S_j / a_j,   gamma: W2_j S_j / a_j
//!   W1'_j     w_j (sum_{i active} c_i x'_i - S_j/(n a_j^2) sum_i h_ij x'_i)
//! ```
//!
//! Tests: `batch_vs_reference`, `plain_vs_exact_step`.

use super::active::{Subsets, sum_active};
use super::forward::{Inputs, Layer, Read, Readout, dot, forward, inverse_rms, layers};
use super::loss::Entries;
use super::product::{Left, product};
use crate::engine::matrix::Matrix;
use crate::engine::model::{Activation, Architecture, Model};
use crate::engine::simd::{Kernel, Lanes, WIDTH};
use crate::engine::step::Loss;
use std::borrow::Cow;

/// Samples with labels, some perhaps more than once.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The inputs; with batch norm the whole training set.
    pub inputs: &'a Inputs,
    /// For every entry of the batch the input it is.
    pub entries: &'a [u32],
    /// The label of every entry.
    pub labels: &'a [f32],
}

/// The inputs that the batch `indices` of `all` needs, and its entries among them: all of them for batch
/// norm and where the batch is as large, its own otherwise.
pub fn chosen<'a>(
    model: &Model,
    all: &'a Inputs,
    indices: &'a [u32],
) -> (Cow<'a, Inputs>, Cow<'a, [u32]>) {
    let whole = model.shape.architecture == Architecture::SimBn || indices.len() >= all.len();
    if whole {
        return (Cow::Borrowed(all), Cow::Borrowed(indices));
    }
    let rows = indices.iter().map(|&i| i as usize);
    let entries = (0..indices.len() as u32).collect();
    (
        Cow::Owned(Inputs::gather(&all.rows, rows)),
        Cow::Owned(entries),
    )
}

/// Memory to work in, for one shape of model; remade where it does not fit.
#[derive(Default)]
pub struct Scratch {
    layers: Vec<Layer>,
    delta: Matrix,
    below: Matrix,
    masks: Vec<u16>,
    subsets: Vec<Subsets>,
    left_out: u64,
}

impl Scratch {
    /// How many neurons the last gradient left out because their `a_j` is 0.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    fn fit(&mut self, model: &Model, n: usize) {
        let m = model.shape.width;
        let fits = |layer: &Layer| (layer.post.rows(), layer.post.columns()) == (m, n);
        if self.layers.len() != 1 + model.hidden.len() || !self.layers.iter().all(fits) {
            self.layers = layers(model, n);
            (self.delta, self.below) = (Matrix::zeros(m, n), Matrix::zeros(m, n));
        }
    }
}

/// [`Kernel`] of the mean loss and gradient.
pub struct LossAndGradient<'a> {
    /// The network.
    pub model: &'a Model,
    /// The batch; not empty.
    pub batch: Batch<'a>,
    /// The loss.
    pub loss: Loss,
    /// Memory.
    pub scratch: &'a mut Scratch,
    /// Where the gradient goes: of the model's shape.
    pub gradient: &'a mut Model,
}

impl Kernel for LossAndGradient<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> f32 {
        let (model, batch, scratch) = (self.model, self.batch, self.scratch);
        scratch.fit(model, batch.inputs.len());
        forward(lanes, model, &batch.inputs.columns, &mut scratch.layers);
        let top = &scratch.layers[scratch.layers.len() - 1];
        let inverse_rms = match model.shape.architecture {
            Architecture::SimBn => inverse_rms(lanes, &top.post),
            _ => Vec::new(),
        };
        scratch.left_out = zeros(&inverse_rms);
        let readout = Readout::new(model, &inverse_rms);
        let read = readout.read(lanes, &top.post);
        let (mean, slopes) = mean_and_slopes(lanes, self.loss, batch, &read.outputs);
        let relu = model.shape.activation == Activation::Relu;
        match readout {
            Readout::Linear(weights) if relu && model.hidden.is_empty() => {
                let sums = read_back(lanes, &slopes, scratch);
                by_active(
                    lanes,
                    &weights,
                    &slopes,
                    batch.inputs,
                    scratch,
                    self.gradient,
                );
                if inverse_rms.is_empty() {
                    self.gradient.last.row_mut(0).copy_from_slice(&sums);
                } else {
                    let bn = BatchNorm {
                        model,
                        weights,
                        inverse_rms,
                        sums,
                    };
                    bn.correct(lanes, batch.inputs, scratch, self.gradient);
                }
            }
            _ => by_delta(
                lanes,
                model,
                &slopes,
                &read,
                batch.inputs,
                scratch,
                self.gradient,
            ),
        }
        mean
    }
}

/// How many of the numbers are 0.
fn zeros(numbers: &[f32]) -> u64 {
    numbers.iter().filter(|t| **t == 0.0).count() as u64
}

/// The mean loss, and its slope in the output of every input.
#[inline(always)]
fn mean_and_slopes<L: Lanes>(
    lanes: L,
    loss: Loss,
    batch: Batch,
    outputs: &Matrix,
) -> (f32, Matrix) {
    let (f, n) = (outputs.row(0), batch.entries.len());
    let f = Matrix::from_fn(1, n, |_, t| f[batch.entries[t] as usize]);
    let entries = Entries::new(lanes, loss, f, batch.labels);
    let mut slopes = Matrix::zeros(1, outputs.columns());
    for (&i, slope) in batch.entries.iter().zip(entries.slopes.row(0)) {
        slopes.row_mut(0)[i as usize] += slope / n as f32;
    }
    (entries.mean() as f32, slopes)
}

/// `sum_i c_i h_ij` for every neuron; leaves the activity patterns in `scratch.masks`.
#[inline(always)]
fn read_back<L: Lanes>(lanes: L, slopes: &Matrix, scratch: &mut Scratch) -> Vec<f32> {
    let h = &scratch.layers[0].post;
    let mut sums = Vec::with_capacity(h.rows());
    scratch.masks.clear();
    for j in 0..h.rows() {
        sums.push(dot(lanes, slopes, h, j));
        for h in h.row_chunks(j) {
            let active = lanes.gt(lanes.load(h), lanes.splat(0.0));
            scratch.masks.push(lanes.bits(active));
        }
    }
    sums
}

/// `W1'_j` gets `w_j sum_{i active} c_i x'_i`.
#[inline(always)]
fn by_active<L: Lanes>(
    lanes: L,
    weights: &[f32],
    slopes: &Matrix,
    inputs: &Inputs,
    scratch: &mut Scratch,
    gradient: &mut Model,
) {
    let slopes = slopes.row(0);
    let words = slopes.len().div_ceil(WIDTH);
    for column in 0..inputs.rows.stride() {
        scratch.subsets.clear();
        for (word, slopes) in slopes.chunks(WIDTH).enumerate() {
            let mut vectors = [lanes.splat(0.0); WIDTH];
            for (i, (vector, &c)) in vectors.iter_mut().zip(slopes).enumerate() {
                let x = lanes.load(&inputs.rows.row_chunks(word * WIDTH + i)[column]);
                *vector = lanes.mul(lanes.splat(c), x);
            }
            scratch.subsets.push(Subsets::new(lanes, &vectors));
        }
        for (j, masks) in scratch.masks.chunks_exact(words).enumerate() {
            let sum = sum_active(lanes, &scratch.subsets, masks);
            let row = lanes.mul(lanes.splat(weights[j]), sum);
            lanes.store(row, &mut gradient.first.row_chunks_mut(j)[column]);
        }
    }
}

/// What the gradient of batch norm needs beyond that of its weights.
struct BatchNorm<'a> {
    model: &'a Model,
    weights: Vec<f32>,
    inverse_rms: Vec<f32>,
    sums: Vec<f32>,
}

impl BatchNorm<'_> {
    /// The terms through `a_j`, onto [`by_active`]; gradients of `gamma` and `W2`.
    #[inline(always)]
    fn correct<L: Lanes>(
        &self,
        lanes: L,
        inputs: &Inputs,
        scratch: &mut Scratch,
        gradient: &mut Model,
    ) {
        let n = inputs.len() as f32;
        let mut moments = Matrix::zeros(self.sums.len(), inputs.rows.columns());
        let h = &scratch.layers[0].post;
        product(lanes, Left::new(h), &inputs.rows, &mut moments); // n g_j = sum_i h_ij x'_i
        for (j, (s, a)) in self.sums.iter().zip(&self.inverse_rms).enumerate() {
            let normalised = s * a; // S_j / a_j
            gradient.last.row_mut(0)[j] = self.model.gamma.row(0)[j] * normalised;
            gradient.gamma.row_mut(0)[j] = self.model.last.row(0)[j] * normalised;
            let pull = lanes.splat(-self.weights[j] * (normalised * a / n));
            let row = gradient.first.row_chunks_mut(j);
            for (g, moment) in row.iter_mut().zip(moments.row_chunks(j)) {
                let sum = lanes.mul_add(pull, lanes.load(moment), lanes.load(g));
                lanes.store(sum, g);
            }
        }
    }
}

/// The general road, by backward signals.
#[inline(always)]
fn by_delta<L: Lanes>(
    lanes: L,
    model: &Model,
    slopes: &Matrix,
    read: &Read,
    inputs: &Inputs,
    scratch: &mut Scratch,
    gradient: &mut Model,
) {
    let mut scaled = slopes.clone(); // c_i / s_i
    for (c, scale) in scaled.chunks_mut().iter_mut().zip(read.scales.chunks()) {
        lanes.store(lanes.mul(lanes.load(c), lanes.load(scale)), c);
    }
    let Scratch {
        layers,
        delta,
        below,
        ..
    } = scratch;
    let top = &layers[layers.len() - 1];
    for j in 0..model.shape.width {
        gradient.last.row_mut(0)[j] = dot(lanes, &scaled, &top.post, j);
    }
    start(lanes, model.last.row(0), &scaled, read, top, delta);
    for (k, w) in model.hidden.iter().enumerate().rev() {
        let h = layers[k].post.transposed();
        product(lanes, Left::new(delta), &h, &mut gradient.hidden[k]);
        back(lanes, w, delta, &layers[k], below);
        std::mem::swap(delta, below);
    }
    product(lanes, Left::new(delta), &inputs.rows, &mut gradient.first);
}

/// `delta_ij = c_i/s_i (w_j - p_i h_ij) act'(z_ij)` at the last hidden layer, from `c_i/s_i`.
#[inline(always)]
pub fn start<L: Lanes>(
    lanes: L,
    weights: &[f32],
    scaled: &Matrix,
    read: &Read,
    top: &Layer,
    delta: &mut Matrix,
) {
    for (j, &w) in weights.iter().enumerate() {
        let w = lanes.splat(w);
        for (c, delta) in delta.row_chunks_mut(j).iter_mut().enumerate() {
            let h = lanes.load(&top.post.row_chunks(j)[c]);
            let p = lanes.load(&read.pulls.row_chunks(0)[c]);
            let tangent = lanes.sub(w, lanes.mul(p, h));
            let slope = lanes.mul(top.slope(lanes, j, c), lanes.load(&scaled.row_chunks(0)[c]));
            lanes.store(lanes.mul(tangent, slope), delta);
        }
    }
}

/// `below = W^T delta . act'`.
#[inline(always)]
pub fn back<L: Lanes>(lanes: L, w: &Matrix, delta: &Matrix, layer: &Layer, below: &mut Matrix) {
    product(lanes, Left::transposed(w), delta, below);
    for j in 0..below.rows() {
        for (c, below) in below.row_chunks_mut(j).iter_mut().enumerate() {
            let slope = layer.slope(lanes, j, c);
            lanes.store(lanes.mul(lanes.load(below), slope), below);
        }
    }
}
