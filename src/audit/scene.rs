//! A model and its training set as dyadic rationals, which f32 numbers are, with what every neuron
//! does at every training input. Tests: `odd_models_are_refused`.

use super::Refused;
use crate::data::Malformed;
use crate::engine::{Activation, Architecture, Matrix, Model, Samples};
use crate::network::{Activations, Network};
use crate::scalar::{Dyadic, Ring};
use rayon::prelude::*;

/// A network at its training inputs, exactly.
pub(super) struct Scene<'a> {
    /// The model, for its sizes.
    pub model: &'a Model,
    /// The inputs, without the bias coordinate.
    pub x: Vec<Vec<Dyadic>>,
    /// The labels.
    pub y: Vec<Dyadic>,
    /// The function and what its neurons do.
    pub function: Function,
}

/// A network over dyadic rationals at the training inputs.
pub(super) enum Function {
    /// With relu.
    Relu {
        /// The network.
        net: Box<Network<Dyadic>>,
        /// What fires where.
        activations: Activations<Dyadic>,
    },
    /// With softplus, which no dyadic rational but 0 leaves rational.
    Softplus {
        /// `W1_j . x'_i`, for every sample a row.
        pre_activations: Vec<Vec<Dyadic>>,
        /// `W2`.
        last: Vec<Dyadic>,
    },
}

/// The number that a finite float is; [`Scene::new`] has refused the others.
fn exact(x: f32) -> Dyadic {
    Dyadic::from_f32(x).unwrap_or_else(Dyadic::zero)
}

/// The least exponent of the weights that are not 0.
fn least_exponent(model: &Model) -> i32 {
    let rows = model
        .parts()
        .flat_map(|part| (0..part.rows()).map(|j| part.row(j)));
    let weights = rows.flatten().filter(|w| **w != 0.0);
    weights.fold(0, |least, &w| exact(w).exponent().min(least))
}

fn exact_row(row: &[f32]) -> Vec<Dyadic> {
    row.iter().map(|&x| exact(x)).collect()
}

impl<'a> Scene<'a> {
    /// Evaluates the first layers.
    pub fn new(model: &'a Model, samples: &Samples) -> Result<Self, Refused> {
        fitting(model, samples)?;
        finite(model, samples)?;
        let (d, n) = (model.shape.input_dim, samples.len());
        let x: Vec<_> = (0..n).map(|i| exact_row(&samples.x.row(i)[..d])).collect();
        let least = least_exponent(model);
        let function = match model.network(|w| exact(w).aligned(least)) {
            Some(net) => Function::Relu {
                activations: net.activations(&x).map_err(Refused::from)?,
                net: Box::new(net),
            },
            None => {
                let m = model.shape.width;
                let rows: Vec<_> = (0..m).map(|j| exact_row(model.first.row(j))).collect();
                let at = |i| {
                    let x = exact_row(samples.x.row(i));
                    rows.iter().map(|row| Dyadic::dot(row, &x)).collect()
                };
                Function::Softplus {
                    pre_activations: (0..n).into_par_iter().map(at).collect(),
                    last: exact_row(model.last.row(0)),
                }
            }
        };
        let y = exact_row(&samples.y);
        Ok(Self {
            model,
            x,
            y,
            function,
        })
    }

    /// `n`.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// The network, with relu.
    pub fn relu(&self) -> Option<(&Network<Dyadic>, &Activations<Dyadic>)> {
        match &self.function {
            Function::Relu { net, activations } => Some((net, activations)),
            Function::Softplus { .. } => None,
        }
    }

    /// The paper's name of the architecture.
    pub fn name(&self) -> String {
        let paper = match &self.function {
            Function::Relu { net, .. } => net.architecture().name(),
            Function::Softplus { .. } if self.model.shape.architecture == Architecture::NoBias => {
                "2-MLP-No-Bias"
            }
            Function::Softplus { .. } => "2-MLP-Bias",
        };
        match self.model.shape.activation {
            Activation::Relu => paper.into(),
            Activation::Softplus => format!("{paper} with softplus"),
        }
    }

    /// `R_i^2 = ||x_i||^2 + 1`, without bias `||x_i||^2`.
    pub fn radius_squared(&self, i: usize) -> Dyadic {
        let norm = Dyadic::dot(&self.x[i], &self.x[i]);
        match self.model.shape.architecture {
            Architecture::NoBias => norm,
            _ => norm.add(&Dyadic::one()),
        }
    }
}

fn malformed(sentence: impl Into<String>) -> Refused {
    Malformed(sentence.into()).into()
}

/// Whether all parts have the sizes that the shape says.
fn fitting(model: &Model, samples: &Samples) -> Result<(), Refused> {
    let shape = &model.shape;
    let (m, columns) = (shape.width, shape.columns());
    let size = |part: &Matrix| (part.rows(), part.columns());
    let gamma = match shape.architecture {
        Architecture::SimBn => m,
        _ => 0,
    };
    let fits = m > 0
        && shape.input_dim > 0
        && size(&model.first) == (m, columns)
        && model.hidden.len() + 2 == shape.depth
        && model.hidden.iter().all(|w| size(w) == (m, m))
        && size(&model.gamma) == (1, gamma)
        && size(&model.last) == (1, m);
    if !fits {
        return Err(malformed(
            "the parts of the model do not have the sizes of its shape",
        ));
    }
    let plain = matches!(
        shape.architecture,
        Architecture::NoBias | Architecture::Bias
    );
    let softplus = shape.activation == Activation::Softplus;
    let deep = shape.depth > 2;
    if softplus && (deep || !plain) || deep && shape.architecture != Architecture::Bias {
        return Err(Refused::Unknown);
    }
    if samples.is_empty() || samples.x.rows() != samples.len() || samples.x.columns() != columns {
        return Err(malformed(format!(
            "the samples are {} inputs of {} coordinates with {} labels; the model reads {columns}",
            samples.x.rows(),
            samples.x.columns(),
            samples.len()
        )));
    }
    let bias = |i: usize| {
        samples.x.row(i)[shape.input_dim..]
            .iter()
            .all(|&one| one == 1.0)
    };
    match (0..samples.len()).find(|&i| !bias(i)) {
        Some(i) => Err(malformed(format!(
            "the bias coordinate of input {} is not 1",
            i + 1
        ))),
        None => Ok(()),
    }
}

/// Whether every number is one.
fn finite(model: &Model, samples: &Samples) -> Result<(), Refused> {
    let not = |what: String, value: f32| Err(Refused::NotFinite { what, value });
    let entry = |part: &Matrix| {
        let rows = (0..part.rows()).map(|j| (j, part.row(j)));
        let mut bad = rows.filter_map(|(j, row)| Some((j, *row.iter().find(|w| !w.is_finite())?)));
        bad.next()
    };
    if let Some((j, value)) = entry(&model.first) {
        return not(format!("a first-layer weight of neuron {}", j + 1), value);
    }
    for (k, part) in model.hidden.iter().enumerate() {
        if let Some((j, value)) = entry(part) {
            return not(
                format!("a weight of neuron {} in layer {}", j + 1, k + 2),
                value,
            );
        }
    }
    for (name, part) in [("gamma", &model.gamma), ("the last layer", &model.last)] {
        if let Some((_, value)) = entry(part) {
            return not(format!("an entry of {name}"), value);
        }
    }
    if let Some((i, value)) = entry(&samples.x) {
        return not(format!("a coordinate of input {}", i + 1), value);
    }
    if let Some(i) = samples.y.iter().position(|y| !y.is_finite()) {
        return not(format!("label {}", i + 1), samples.y[i]);
    }
    let eps = model.shape.eps;
    if model.shape.architecture == Architecture::SimLn && !eps.is_finite() {
        return not("eps of layer norm".into(), eps);
    }
    Ok(())
}
