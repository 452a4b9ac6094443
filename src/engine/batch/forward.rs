//! The forward pass: rows are neurons, lanes are samples.
//!
//! ```text
//! Z_1 = W1' X'^T,   H_k = act(Z_k),   Z_k = W_k H_{k-1}
//! f_i = sum_j w_j h_ij / s_i
//! ```
//!
//! | architecture | `w_j` | `s_i` |
//! |---|---|---|
//! | no bias, bias | `W_D,j` | 1 |
//! | Sim-BN | `W2_j gamma_j / a_j`, 0 where `a_j = 0` | 1 |
//! | Sim-LN | `W2_j` | `max(||h_i||, eps)` |
//!
//! Sums over neurons run in their order, one fused multiply-add each. Test `batch_vs_reference`.

use super::product::{Left, product};
use crate::engine::exp_log::softplus_sigmoid;
use crate::engine::matrix::Matrix;
use crate::engine::model::{Activation, Architecture, Model};
use crate::engine::simd::{Chunk, Kernel, Lanes};

/// Samples for the kernels: as rows and as columns.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// `n` rows `x'_i`.
    pub rows: Matrix,
    /// The same, transposed.
    pub columns: Matrix,
}

impl Inputs {
    /// The given rows of `x`, in the given order.
    pub fn gather(x: &Matrix, indices: impl ExactSizeIterator<Item = usize>) -> Self {
        let mut rows = Matrix::zeros(indices.len(), x.columns());
        for (i, index) in indices.enumerate() {
            rows.row_chunks_mut(i).copy_from_slice(x.row_chunks(index));
        }
        let columns = rows.transposed();
        Self { rows, columns }
    }
    /// All rows of `x`.
    pub fn all(x: &Matrix) -> Self {
        Self::gather(x, 0..x.rows())
    }
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.rows.rows()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A hidden layer at some samples; in the padding of a row stands what the activation makes of 0.
#[derive(Clone, Debug)]
pub struct Layer {
    /// `act(z)`.
    pub post: Matrix,
    /// `act'(z)`, for softplus only (no rows otherwise): relu's slope can be told from `post`.
    pub slopes: Matrix,
}

impl Layer {
    /// Room for `m` neurons at `n` samples.
    pub fn zeros(activation: Activation, m: usize, n: usize) -> Self {
        let sloped = match activation {
            Activation::Relu => 0,
            Activation::Softplus => m,
        };
        Self {
            post: Matrix::zeros(m, n),
            slopes: Matrix::zeros(sloped, n),
        }
    }

    /// `post = act(left b)`.
    #[inline(always)]
    fn fill<L: Lanes>(&mut self, lanes: L, left: Left, b: &Matrix) {
        product(lanes, left, b, &mut self.post);
        if self.slopes.rows() > 0 {
            return lanes.call(Softplus(self));
        }
        for h in self.post.chunks_mut() {
            lanes.store(lanes.relu(lanes.load(h)), h);
        }
    }

    /// `act'(z)` of neuron `j` at chunk `c` of the samples; `relu'(0) = 0`.
    #[inline(always)]
    pub fn slope<L: Lanes>(&self, lanes: L, j: usize, c: usize) -> L::V {
        if self.slopes.rows() == 0 {
            let h = lanes.load(&self.post.row_chunks(j)[c]);
            lanes.keep(lanes.gt(h, lanes.splat(0.0)), lanes.splat(1.0))
        } else {
            lanes.load(&self.slopes.row_chunks(j)[c])
        }
    }
}

/// From `z` in `post` to softplus and its slope.
struct Softplus<'a>(&'a mut Layer);

impl Kernel for Softplus<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let slopes = self.0.slopes.chunks_mut().iter_mut();
        for (h, slope) in self.0.post.chunks_mut().iter_mut().zip(slopes) {
            let (softplus, sigmoid) = softplus_sigmoid(lanes, lanes.load(h));
            lanes.store(softplus, h);
            lanes.store(sigmoid, slope);
        }
    }
}

/// Room for every hidden layer of `model` at `n` samples.
pub fn layers(model: &Model, n: usize) -> Vec<Layer> {
    let shape = &model.shape;
    vec![Layer::zeros(shape.activation, shape.width, n); 1 + model.hidden.len()]
}

/// Fills the hidden layers at the samples `columns` (transposed), which must fit.
#[inline(always)]
pub fn forward<L: Lanes>(lanes: L, model: &Model, columns: &Matrix, layers: &mut [Layer]) {
    layers[0].fill(lanes, Left::new(&model.first), columns);
    for (k, w) in model.hidden.iter().enumerate() {
        let (below, above) = layers.split_at_mut(k + 1);
        above[0].fill(lanes, Left::new(w), &below[k].post);
    }
}

/// `sum_j w_j h_ij` for every sample, one row.
#[inline(always)]
pub fn weighted<L: Lanes>(lanes: L, weights: &[f32], h: &Matrix) -> Matrix {
    let left = Left {
        entries: weights,
        row: weights.len(),
        column: 1,
    };
    let mut sums = Matrix::zeros(1, h.columns());
    product(lanes, left, h, &mut sums);
    sums
}

/// `||h_i||^2` for every sample, one row; padding is not 0 with softplus.
#[inline(always)]
pub fn norms_squared<L: Lanes>(lanes: L, h: &Matrix) -> Matrix {
    let mut sums = Matrix::zeros(1, h.columns());
    for j in 0..h.rows() {
        for (sum, h) in sums.chunks_mut().iter_mut().zip(h.row_chunks(j)) {
            let h = lanes.load(h);
            lanes.store(lanes.mul_add(h, h, lanes.load(sum)), sum);
        }
    }
    sums
}

/// `sum_i v_i h_i` over the samples of a row: lane by lane in their order, then the tree.
#[inline(always)]
pub fn dot<L: Lanes>(lanes: L, v: &Matrix, h: &Matrix, j: usize) -> f32 {
    let mut sum = lanes.splat(0.0);
    for (v, h) in v.row_chunks(0).iter().zip(h.row_chunks(j)) {
        sum = lanes.mul_add(lanes.load(v), lanes.load(h), sum);
    }
    lanes.sum(sum)
}

/// What reads the last hidden layer.
pub enum Readout {
    /// `f = sum_j w_j h_j`.
    Linear(Vec<f32>),
    /// `f = sum_j w_j h_j / max(||h||, eps)`.
    LayerNorm {
        /// `W2`.
        weights: Vec<f32>,
        /// eps.
        eps: f32,
    },
}

impl Readout {
    /// Of a network without batch norm, or with it from [`inverse_rms`].
    pub fn new(model: &Model, inverse_rms: &[f32]) -> Self {
        let last = model.last.row(0);
        match model.shape.architecture {
            Architecture::NoBias | Architecture::Bias => Self::Linear(last.to_vec()),
            Architecture::SimBn => {
                let terms = last.iter().zip(model.gamma.row(0)).zip(inverse_rms);
                Self::Linear(terms.map(|((w, gamma), a)| w * gamma * a).collect())
            }
            Architecture::SimLn => Self::LayerNorm {
                weights: last.to_vec(),
                eps: model.shape.eps,
            },
        }
    }

    /// Reads the last hidden layer `h`.
    #[inline(always)]
    pub fn read<L: Lanes>(&self, lanes: L, h: &Matrix) -> Read {
        let n = h.columns();
        match self {
            Self::Linear(weights) => Read {
                outputs: weighted(lanes, weights, h),
                scales: Matrix::from_fn(1, n, |_, _| 1.0),
                pulls: Matrix::zeros(1, n),
            },
            Self::LayerNorm { weights, eps } => {
                let mut read = Read {
                    outputs: weighted(lanes, weights, h),
                    scales: norms_squared(lanes, h),
                    pulls: Matrix::zeros(1, n),
                };
                let (one, eps) = (lanes.splat(1.0), lanes.splat(*eps));
                let scales = read.scales.chunks_mut().iter_mut();
                let rest = read
                    .outputs
                    .chunks_mut()
                    .iter_mut()
                    .zip(read.pulls.chunks_mut());
                for (scale, (f, pull)) in scales.zip(rest) {
                    let norm = lanes.sqrt(lanes.load(scale));
                    let beyond = lanes.gt(norm, eps);
                    let inverse = lanes.div(one, lanes.select(beyond, norm, eps));
                    let output = lanes.mul(lanes.load(f), inverse);
                    lanes.store(output, f);
                    lanes.store(inverse, scale);
                    lanes.store(lanes.keep(beyond, lanes.mul(output, inverse)), pull);
                }
                read
            }
        }
    }
}

/// What a [`Readout`] makes of the last hidden layer, one row each.
pub struct Read {
    /// `f_i`.
    pub outputs: Matrix,
    /// `1/s_i`.
    pub scales: Matrix,
    /// `p_i = f_i/s_i` where layer norm has `||h|| > eps`, else 0: then
    /// `df_i/dh_j = (w_j - p_i h_ij) / s_i`.
    pub pulls: Matrix,
}

/// `1/a_j` over the training set's hidden layer `h`, 0 where `a_j = 0` (as rounded).
#[inline(always)]
pub fn inverse_rms<L: Lanes>(lanes: L, h: &Matrix) -> Vec<f32> {
    let mut inverses = Vec::with_capacity(h.rows());
    for j in 0..h.rows() {
        let a = (norm_squared(lanes, h.row_chunks(j)) / h.columns() as f32).sqrt();
        inverses.push(if a > 0.0 { 1.0 / a } else { 0.0 });
    }
    inverses
}

/// The sum of squares: by chunks in order, four sums in turn, `(s0 + s1) + (s2 + s3)`, then the tree.
#[inline(always)]
pub fn norm_squared<L: Lanes>(lanes: L, chunks: &[Chunk]) -> f32 {
    let mut sums = [lanes.splat(0.0); 4];
    for four in chunks.chunks(4) {
        for (sum, chunk) in sums.iter_mut().zip(four) {
            let v = lanes.load(chunk);
            *sum = lanes.mul_add(v, v, *sum);
        }
    }
    let [s0, s1, s2, s3] = sums;
    lanes.sum(lanes.add(lanes.add(s0, s1), lanes.add(s2, s3)))
}
