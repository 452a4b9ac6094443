//! Networks and samples in f32, as the kernels want them.
//!
//! | part | shape | architectures |
//! |---|---|---|
//! | `first` | m rows `(W1_j, b_j)`; without bias `W1_j` | all |
//! | `hidden` | D - 2 matrices m x m, rows `(W_k)_j` | bias of depth D |
//! | `gamma` | m | Sim-BN |
//! | `last` | m | all |
//!
//! An f32 is a dyadic rational, so [`Model::network`] gives the same network over any exact scalar
//! (test `model_vs_network`).

use super::matrix::Matrix;
use crate::network::{Bias, Layer, Network, NoBias, SimBn, SimLn};
use serde::{Deserialize, Serialize};

/// What stands between the hidden layer and the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// `2-MLP-No-Bias`.
    NoBias,
    /// `MLP-Bias`, of any depth.
    Bias,
    /// `2-MLP-Sim-BN`.
    SimBn,
    /// `2-MLP-Sim-LN`.
    SimLn,
}

/// The nonlinearity of the hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `max(t, 0)`, with `relu'(0) = 0` in training.
    Relu,
    /// `ln(1 + e^t)`, without normalisation only.
    Softplus,
}

/// The sizes and kind of a network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The architecture.
    pub architecture: Architecture,
    /// The nonlinearity.
    pub activation: Activation,
    /// `d`, at least 1.
    pub input_dim: usize,
    /// `m`, at least 1.
    pub width: usize,
    /// `D`, at least 2; above 2 for `MLP-Bias` with relu only.
    pub depth: usize,
    /// eps of layer norm, positive; unused elsewhere.
    pub eps: f32,
}

impl Shape {
    /// Columns of the first layer: `d + 1`, without bias `d`.
    pub fn columns(&self) -> usize {
        self.input_dim + usize::from(self.architecture != Architecture::NoBias)
    }
}

/// A network in f32.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Sizes and kind.
    pub shape: Shape,
    /// `W1'`, `m` rows.
    pub first: Matrix,
    /// `W_2 .. W_{D-1}`.
    pub hidden: Vec<Matrix>,
    /// `gamma`, one row; 0 columns without batch norm.
    pub gamma: Matrix,
    /// `W_D`, one row.
    pub last: Matrix,
}

impl Model {
    /// All parameters 0.
    pub fn zeros(shape: Shape) -> Self {
        let m = shape.width;
        let gamma = if shape.architecture == Architecture::SimBn {
            m
        } else {
            0
        };
        Self {
            shape,
            first: Matrix::zeros(m, shape.columns()),
            hidden: vec![Matrix::zeros(m, m); shape.depth - 2],
            gamma: Matrix::zeros(1, gamma),
            last: Matrix::zeros(1, m),
        }
    }

    /// Every part, in the order of the parameters.
    pub fn parts(&self) -> impl Iterator<Item = &Matrix> {
        let first = std::iter::once(&self.first);
        first.chain(&self.hidden).chain([&self.gamma, &self.last])
    }
    /// Every part, in the order of the parameters.
    pub fn parts_mut(&mut self) -> impl Iterator<Item = &mut Matrix> {
        let first = std::iter::once(&mut self.first);
        let last = [&mut self.gamma, &mut self.last];
        first.chain(&mut self.hidden).chain(last)
    }

    /// The same network over another scalar; `None` with softplus, which [`Network`] has not.
    pub fn network<S>(&self, scalar: impl Fn(f32) -> S) -> Option<Network<S>> {
        if self.shape.activation != Activation::Relu {
            return None;
        }
        let row = |row: &[f32]| row.iter().map(|&w| scalar(w)).collect::<Vec<S>>();
        let rows = |w: &Matrix| (0..w.rows()).map(|j| row(w.row(j))).collect::<Vec<_>>();
        let (first, last) = (rows(&self.first), row(self.last.row(0)));
        Some(match self.shape.architecture {
            Architecture::NoBias => Network::NoBias(NoBias { first, last }),
            Architecture::Bias => {
                let hidden = self.hidden.iter().map(|w| Layer::Dense(rows(w))).collect();
                Network::Bias(Bias {
                    first,
                    hidden,
                    last,
                })
            }
            Architecture::SimBn => {
                let gamma = row(self.gamma.row(0));
                Network::SimBn(SimBn { first, gamma, last })
            }
            Architecture::SimLn => {
                let eps = scalar(self.shape.eps);
                Network::SimLn(SimLn { first, last, eps })
            }
        })
    }
}

/// Labelled inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// `n` rows `x'_i = (x_i, 1)`; without bias `x_i`.
    pub x: Matrix,
    /// `n` labels.
    pub y: Vec<f32>,
}

impl Samples {
    /// From rows of `d` coordinates (0 rows are not refused here) and as many labels.
    pub fn new(shape: &Shape, x: &[Vec<f32>], y: Vec<f32>) -> Self {
        let entry = |i: usize, k: usize| x[i].get(k).copied().unwrap_or(1.0); // the bias coordinate
        Self {
            x: Matrix::from_fn(x.len(), shape.columns(), entry),
            y,
        }
    }
    /// `n`.
    pub fn len(&self) -> usize {
        self.y.len()
    }
    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Rational;

    /// A model of every architecture whose parameters count 1, 2, 3, ...
    fn counted(architecture: Architecture, depth: usize) -> Model {
        let shape = Shape {
            architecture,
            activation: Activation::Relu,
            input_dim: 2,
            width: 19,
            depth,
            eps: 0.5,
        };
        let mut model = Model::zeros(shape);
        let mut next = 0.0;
        for part in model.parts_mut() {
            for i in 0..part.rows() {
                for w in part.row_mut(i) {
                    next += 1.0;
                    *w = next;
                }
            }
        }
        model
    }

    #[test]
    fn model_vs_network() {
        for (architecture, depth) in [
            (Architecture::NoBias, 2),
            (Architecture::Bias, 2),
            (Architecture::Bias, 4),
            (Architecture::SimBn, 2),
            (Architecture::SimLn, 2),
        ] {
            let model = counted(architecture, depth);
            let net = model
                .network(|w| Rational::from_f32(w).expect("finite"))
                .expect("relu");
            let count = net.parameter_count() as i64;
            let counting: Vec<_> = (1..=count).map(Rational::from).collect();
            assert_eq!(net.parameters(), counting);
        }
    }

    #[test]
    fn samples_end_with_the_bias_coordinate() {
        let shape = |architecture| counted(architecture, 2).shape;
        let samples =
            |architecture| Samples::new(&shape(architecture), &[vec![3.0, 4.0]], vec![5.0]);
        assert_eq!(samples(Architecture::Bias).x.row(0), [3.0, 4.0, 1.0]);
        assert_eq!(samples(Architecture::NoBias).x.row(0), [3.0, 4.0]);
    }
}
