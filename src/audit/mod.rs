//! The exact audit of a trained f32 network against its training set (Wen, Li, Ma 2023, Sections 2 to 6).
//!
//! f32 numbers are dyadic rationals, so a trained network is an exact object. Without normalisation and
//! with squared error the loss and the trace of the Hessian are rationals and come out exactly; roots,
//! exponentials and logarithms are enclosed; signs are decided exactly. Each [`Number`] says which.
//!
//! ```text
//! Tr Hess L = (1/n) sum_i l_i''(f_i) ||grad f(x_i)||^2 + l_i'(f_i) Tr Hess f(x_i)
//! ```
//!
//! at this theta, interpolating or not. At a kink there is no Hessian, and the sharpness is refused.
//!
//! | file | holds |
//! |---|---|
//! | [`number`] | numbers with their decimals and their arithmetic |
//! | `scene` | model and samples as dyadic rationals |
//! | `points` | `f`, `||grad f||^2`, `Tr Hess f` at each input; `batch_norm`, `softplus` |
//! | `objective`, `bound`, `hessian` | losses, lower bounds, the trace and its gaps |
//! | `work` | residuals, signs, remarks: what the audit puts together |
//! | [`patterns`] | which neurons fire where |
//! | `report` | the table for people |
//!
//! Tests: `audit_vs_rational_network`, `audit_trace_vs_definition`.

mod batch_norm;
mod bound;
mod hessian;
pub mod number;
mod objective;
pub mod patterns;
mod points;
mod report;
mod scene;
mod softplus;
#[cfg(test)]
mod tests;
mod work;

pub use number::{Arithmetic, Number, Sign};
pub use patterns::{Kind, LayerPatterns};

use crate::data::Malformed;
use crate::engine::{Loss, Model, Samples};
use crate::network::{Kink, Refusal};
use crate::scalar::NoValue;
use serde::{Deserialize, Serialize};
use work::Work;

/// The most kinks that are written out.
const MAX_KINKS: usize = 10;

/// What the audit found. Samples, neurons and layers count from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// The paper's name of the architecture.
    pub architecture: String,
    /// `d`.
    pub input_dim: usize,
    /// `m`.
    pub width: usize,
    /// `D`.
    pub depth: usize,
    /// `n`.
    pub samples: usize,
    /// The loss of one sample.
    pub loss: Loss,
    /// The mean of the loss over the training set.
    pub training_loss: Number,
    /// Signs of the outputs against the labels.
    pub accuracy: Accuracy,
    /// The largest residual.
    pub residual: Residual,
    /// Whether every residual is 0; none where that is undecided.
    pub interpolates: Option<bool>,
    /// Where theta is not admissible.
    pub kinks: Kinks,
    /// The trace of the Hessian; none at a kink.
    pub sharpness: Option<Sharpness>,
    /// Which neurons fire, for every hidden layer; none with softplus.
    pub patterns: Vec<LayerPatterns>,
    /// What a reader must know to read the numbers, in sentences.
    pub remarks: Vec<String>,
}

/// How many outputs have the sign of their label; an output of 0 is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Samples with `y f(x) > 0`, decided exactly.
    pub correct: usize,
    /// Samples with `y f(x) <= 0`.
    pub errors: Vec<usize>,
    /// Samples with `f(x) = 0`, also among the errors.
    pub zero_outputs: Vec<usize>,
    /// Samples where the sign of `f(x)` is undecided; neither correct nor errors.
    pub undecided: Vec<usize>,
}

/// The largest `|f(x_i) - y_i|`, of the logistic loss `|l_i'(f(x_i))|`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residual {
    /// Its size.
    pub size: Number,
    /// Where it is attained; several samples if they are equal or cannot be told apart.
    pub samples: Vec<usize>,
}

/// The points where the loss has no Hessian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinks {
    /// How many.
    pub count: usize,
    /// The first of them, in words.
    pub first: Vec<String>,
}

/// The trace of the Hessian of the training loss at this theta.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharpness {
    /// `Tr Hess L`, in full.
    pub trace: Number,
    /// Its Gauss-Newton part, `(1/n) sum_i l_i'' ||grad f(x_i)||^2`.
    pub gauss_newton: Number,
    /// The trace against the lower bound for interpolating networks of the architecture, if one is known.
    pub interpolators: Option<Gap>,
    /// The Gauss-Newton part against its lower bound at the network's own outputs, if one is known;
    /// never negative.
    pub outputs: Option<Gap>,
}

/// A distance to a lower bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The bound.
    pub bound: Number,
    /// The number minus the bound.
    pub gap: Number,
    /// The sign of the gap.
    pub sign: Sign,
}

/// Why a network was not audited, in one sentence.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// NaN or an infinity.
    #[error("{what} is {value}, which is no number to audit")]
    NotFinite {
        /// Where it stands.
        what: String,
        /// What stands there.
        value: f32,
    },
    /// The model or the samples do not fit together.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A combination that the paper does not have.
    #[error(
        "depth above 2 is for relu networks with bias, softplus for networks of depth 2 without normalisation"
    )]
    Unknown,
    /// The label smoothing is not in (0, 1).
    #[error("the label smoothing is {0}, but it must lie strictly between 0 and 1")]
    Smoothing(f32),
    /// A number that cannot be enclosed.
    #[error("the audit could not enclose a number: {0}")]
    NoValue(#[from] NoValue),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed(malformed) => malformed.into(),
            Refusal::NoValue(no) => no.into(),
            Refusal::Kink(kink) => Malformed(kink.to_string()).into(),
        }
    }
}

/// Audits `model` on its training set.
///
/// ```
/// use flatproof::engine::{Activation, Architecture, Loss, Matrix, Model, Samples, Shape};
///
/// let shape = Shape {
///     architecture: Architecture::Bias,
///     activation: Activation::Relu,
///     input_dim: 2,
///     width: 1,
///     depth: 2,
///     eps: 0.0,
/// };
/// let mut model = Model::zeros(shape);
/// model.first = Matrix::vector(&[1.0, 1.0, -1.0]); // f = 3 relu(x1 + x2 - 1)
/// model.last = Matrix::vector(&[3.0]);
/// let samples = Samples::new(&shape, &[vec![1.0, 1.0]], vec![3.5]);
/// let audit = flatproof::audit::audit(&model, &samples, Loss::SquaredError)?;
/// assert_eq!(audit.training_loss.exact.as_deref(), Some("1/4"));
/// let sharpness = audit.sharpness.expect("no kink");
/// assert_eq!(sharpness.trace.exact.as_deref(), Some("56")); // 2 (W2^2 R^2 + z^2) = 2 (9 * 3 + 1)
/// # Ok::<(), flatproof::audit::Refused>(())
/// ```
///
/// # Errors
/// [`Refused`]: numbers that are none, parts that do not fit. Kinks are no errors: they are listed.
pub fn audit(model: &Model, samples: &Samples, loss: Loss) -> Result<Audit, Refused> {
    let work = Work::new(model, samples, loss)?;
    let scene = &work.scene;
    let kinks = match scene.relu() {
        Some((net, activations)) => net.kinks_of(activations)?,
        None => Vec::new(),
    };
    let residuals = work.residuals()?;
    let interpolates = work.interpolates(&residuals);
    let sharpness = match kinks.is_empty() {
        true => Some(hessian::sharpness(&work)?),
        false => None,
    };
    Ok(Audit {
        architecture: scene.name(),
        input_dim: model.shape.input_dim,
        width: model.shape.width,
        depth: model.shape.depth,
        samples: scene.len(),
        loss,
        training_loss: match &work.rational {
            Some((points, objective)) => (&objective::loss(points, objective)?).into(),
            None => (&objective::loss(&work.enclosed, work.objective.as_ref())?).into(),
        },
        accuracy: work.accuracy(),
        residual: work.largest(&residuals),
        interpolates,
        remarks: work.remarks(&kinks, interpolates, sharpness.as_ref()),
        kinks: Kinks {
            count: kinks.len(),
            first: kinks.iter().take(MAX_KINKS).map(Kink::to_string).collect(),
        },
        sharpness,
        patterns: patterns::patterns(scene, work.bits)?,
    })
}
