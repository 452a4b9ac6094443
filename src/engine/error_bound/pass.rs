//! The forward pass with bounds: every pre-activation, every activation, every output.
//!
//! ```text
//! z_i1 = W1' x'_i,   z_ik = W_k h_i,k-1,   h = act(z)
//! f_i  = (sum_j w_j h_ij) / s_i
//!   no bias, bias   w = W_D                        s = 1
//!   Sim-BN          w_j = W2_j gamma_j / a_j       s = 1      a_j^2 = (1/n) sum_i h_ij^2
//!   Sim-LN          w = W2                         s = max(||h_i||, eps)
//! ```
//!
//! Relu is 1-Lipschitz, so outputs have a bound where signs are not certified. Batch norm: a neuron
//! all of whose activations are certified 0 has `w_j = 0`; if some may be positive, `1/a_j` has a
//! bound only where `a_j` is certified positive.
//!
//! Tests: `f32_vs_enclosure`, `computed_vs_exact_outputs` and the rungs.

use super::near::{Near, Sum, dot};
use super::smooth::{sigmoid, softplus};
use crate::engine::model::{Activation, Architecture, Model, Samples, Shape};

/// The parameters of a network, each with its two readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Rows of the first layer, bias last.
    pub first: Vec<Vec<Near>>,
    /// `W_2 .. W_{D-1}`, by rows.
    pub hidden: Vec<Vec<Vec<Near>>>,
    /// `gamma`; empty without batch norm.
    pub gamma: Vec<Near>,
    /// `W_D`.
    pub last: Vec<Near>,
}

/// A matrix of f32 as exact numbers.
fn rows(matrix: &crate::engine::Matrix) -> Vec<Vec<Near>> {
    let row = |i| matrix.row(i).iter().map(|&w| Near::new(w)).collect();
    (0..matrix.rows()).map(row).collect()
}

impl Weights {
    /// The parameters of `model`, which are exact.
    pub fn of(model: &Model) -> Self {
        let flat = |matrix| rows(matrix).into_iter().flatten().collect();
        Self {
            first: rows(&model.first),
            hidden: model.hidden.iter().map(rows).collect(),
            gamma: flat(&model.gamma),
            last: flat(&model.last),
        }
    }
    /// Every parameter, in the order of [`Model::parts`].
    pub fn entries(&self) -> impl Iterator<Item = &Near> {
        let matrices = std::iter::once(&self.first).chain(&self.hidden);
        let matrices = matrices.flatten().flatten();
        matrices.chain(&self.gamma).chain(&self.last)
    }
    /// Every parameter, in the order of [`Model::parts`].
    pub fn entries_mut(&mut self) -> impl Iterator<Item = &mut Near> {
        let matrices = std::iter::once(&mut self.first).chain(&mut self.hidden);
        let matrices = matrices.flatten().flatten();
        matrices.chain(&mut self.gamma).chain(&mut self.last)
    }
}

/// The inputs `x'_i`, which are exact.
pub fn inputs(samples: &Samples) -> Vec<Vec<Near>> {
    rows(&samples.x)
}

/// One hidden layer at every input: `z[i][j]` and `h[i][j]`.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// Pre-activations.
    pub z: Vec<Vec<Near>>,
    /// Activations.
    pub h: Vec<Vec<Near>>,
    /// `act'(z)`; [`Near::SLOPE`] where relu's sign is not certified.
    pub slope: Vec<Vec<Near>>,
}

impl Hidden {
    fn new(activation: Activation, weights: &[Vec<Near>], below: &[Vec<Near>]) -> Self {
        let product = |x: &Vec<Near>| weights.iter().map(|w| dot(w, x)).collect();
        Self::at(activation, below.iter().map(product).collect())
    }
    /// The layer with pre-activations `z`.
    pub fn at(activation: Activation, z: Vec<Vec<Near>>) -> Self {
        let map = |f: &dyn Fn(&Near) -> Near| -> Vec<Vec<Near>> {
            z.iter().map(|z| z.iter().map(f).collect()).collect()
        };
        let (h, slope) = match activation {
            Activation::Relu => (map(&|z| z.max(0.0)), map(&relu_slope)),
            Activation::Softplus => (map(&softplus), map(&sigmoid)),
        };
        Self { z, h, slope }
    }
}

/// `1[z > 0]` where the sign of both readings is certified.
fn relu_slope(z: &Near) -> Near {
    match z.sign() {
        Some(true) => Near::ONE,
        Some(false) => Near::ZERO,
        None => Near::SLOPE,
    }
}

/// What reads the last hidden layer.
#[derive(Clone, Debug)]
pub struct Readout {
    /// `w_j`.
    pub weights: Vec<Near>,
    /// `1/a_j`; empty without batch norm.
    pub inverse_rms: Vec<Near>,
    /// `1/s_i`.
    pub scales: Vec<Near>,
    /// `p_i = f_i/s_i` beyond eps, 0 within, between them where that is not certified; 0 without layer norm.
    pub pulls: Vec<Near>,
}

/// A forward pass over all samples.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The network.
    pub weights: Weights,
    /// Its sizes.
    pub shape: Shape,
    /// `x'_i`.
    pub inputs: Vec<Vec<Near>>,
    /// Every hidden layer.
    pub hidden: Vec<Hidden>,
    /// How the last one is read.
    pub readout: Readout,
    /// `f_i`.
    pub outputs: Vec<Near>,
}

impl Pass {
    /// The pass of `weights` over `inputs`; batch norm takes its statistics over them.
    pub fn new(shape: &Shape, weights: Weights, inputs: Vec<Vec<Near>>) -> Self {
        let first = Hidden::new(shape.activation, &weights.first, &inputs);
        Self::from_first(shape, weights, inputs, first)
    }

    /// The pass from its first hidden layer on.
    pub fn from_first(
        shape: &Shape,
        weights: Weights,
        inputs: Vec<Vec<Near>>,
        first: Hidden,
    ) -> Self {
        let hidden = above(shape, &weights, first);
        let h = &hidden[hidden.len() - 1].h;
        let [scaled, inverse_rms] = readout_weights(shape, &weights, h);
        let mut readout = Readout {
            weights: scaled,
            inverse_rms,
            scales: Vec::new(),
            pulls: Vec::new(),
        };
        let mut outputs = Vec::new();
        for h in h {
            let (f, scale, pull) = read(shape, &readout.weights, h);
            outputs.push(f);
            readout.scales.push(scale);
            readout.pulls.push(pull);
        }
        Self {
            weights,
            shape: *shape,
            inputs,
            hidden,
            readout,
            outputs,
        }
    }

    /// `f` at other inputs, `x'`; batch norm keeps the statistics of this pass.
    pub fn outputs_at(&self, inputs: &[Vec<Near>]) -> Vec<Near> {
        let first = Hidden::new(self.shape.activation, &self.weights.first, inputs);
        let hidden = above(&self.shape, &self.weights, first);
        let read = |h: &Vec<Near>| read(&self.shape, &self.readout.weights, h).0;
        hidden[hidden.len() - 1].h.iter().map(read).collect()
    }

    /// The pass of a network over its training set.
    pub fn of(model: &Model, train: &Samples) -> Self {
        Self::new(&model.shape, Weights::of(model), inputs(train))
    }

    /// `(certified, all)`: at how many pairs of a neuron, in any layer, and a sample the sign of the
    /// pre-activation is certified.
    pub fn certified(&self) -> (usize, usize) {
        let all = self
            .hidden
            .iter()
            .flat_map(|layer| layer.z.iter().flatten());
        all.fold((0, 0), |(certified, all), z| {
            (certified + usize::from(z.sign().is_some()), all + 1)
        })
    }
}

/// Every hidden layer from the first on.
fn above(shape: &Shape, weights: &Weights, first: Hidden) -> Vec<Hidden> {
    let mut hidden = vec![first];
    for w in &weights.hidden {
        let below = &hidden[hidden.len() - 1].h;
        hidden.push(Hidden::new(shape.activation, w, below));
    }
    hidden
}

/// `w_j` and `1/a_j`; `h` is the last hidden layer at the training set.
fn readout_weights(shape: &Shape, weights: &Weights, h: &[Vec<Near>]) -> [Vec<Near>; 2] {
    if shape.architecture != Architecture::SimBn {
        return [weights.last.clone(), Vec::new()];
    }
    let inverse_rms: Vec<Near> = (0..shape.width).map(|j| inverse_rms(h, j)).collect();
    let terms = weights.last.iter().zip(&weights.gamma).zip(&inverse_rms);
    let scaled = terms.map(|((w, g), a)| w.mul(g).mul(a)).collect();
    [scaled, inverse_rms]
}

/// `(f, 1/s, p)` from the last hidden layer at one input.
pub(super) fn read(shape: &Shape, weights: &[Near], h: &[Near]) -> (Near, Near, Near) {
    let sum = dot(weights, h);
    if shape.architecture != Architecture::SimLn {
        return (sum, Near::ONE, Near::ZERO);
    }
    let norm = dot(h, h).sqrt();
    let s = norm.max(shape.eps);
    let inverse = Near::ONE.div(&s);
    let f = sum.mul(&inverse).either(&sum.div(&s));
    let pull = f.mul(&inverse);
    let pull = match norm.sub(&Near::new(shape.eps)).sign() {
        Some(true) => pull,
        Some(false) => Near::ZERO,
        None => pull.mul(&Near::SLOPE),
    };
    (f, inverse, pull)
}

/// `1/a_j`; 0 where every activation is certified 0.
fn inverse_rms(h: &[Vec<Near>], j: usize) -> Near {
    let mut squares = Sum::default();
    for h in h {
        squares.add_product(&h[j], &h[j]);
    }
    let a = squares.round().div(&Near::new(h.len() as f32)).sqrt();
    if a == Near::ZERO {
        Near::ZERO
    } else {
        Near::ONE.div(&a)
    }
}
