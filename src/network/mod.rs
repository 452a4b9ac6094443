//! The paper's architectures over any scalar, one file each (Wen, Li, Ma 2023, Section 3).
//!
//! | file | network | parameters, in this order |
//! |---|---|---|
//! | [`no_bias`] | `2-MLP-No-Bias` | W1 by rows, W2 |
//! | [`bias`] | `MLP-Bias` of depth D | (W1, b1) by rows, W_2 .. W_{D-1} by rows, W_D |
//! | [`sim_bn`] | `2-MLP-Sim-BN` | (W1, b1) by rows, gamma, W2 |
//! | [`sim_ln`] | `2-MLP-Sim-LN` | (W1, b1) by rows, W2 |
//!
//! Each file opens with its formula.
//!
//! A biased first layer is stored as rows `W1'_j = (W1_j, b_j)` acting on `x' = (x, 1)`.
//! Values exist everywhere in the domain; derivatives only at *admissible* parameters, and
//! [`Network::admissible`] names the [`Kink`] that forbids them.

use crate::data::{Dataset, Malformed, with_bias};
use crate::scalar::retry::Retry;
use crate::scalar::{Fired, NoValue, Radical, Real, Ring, Undecided};
use std::fmt;

pub mod bias;
pub mod loss;
mod memorising;
pub mod no_bias;
pub mod odds;
mod shape;
pub mod sim_bn;
pub mod sim_ln;

pub use bias::{Bias, Layer};
pub use no_bias::NoBias;
pub use sim_bn::SimBn;
pub use sim_ln::SimLn;

/// A point where the paper's sharpness is not defined. The fields count from 0, the sentence from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kink {
    /// A pre-activation is exactly 0 at a training input.
    PreActivation {
        /// Hidden layer, 0 for the first.
        layer: usize,
        /// Neuron of that layer.
        neuron: usize,
        /// Training input.
        sample: usize,
    },
    /// Layer norm: `||h|| = eps` at a training input.
    NormIsEps {
        /// Training input.
        sample: usize,
    },
    /// Batch norm: `a_j = 0`, the neuron is dead on the training set and outside the domain.
    ZeroNormaliser {
        /// The neuron.
        neuron: usize,
    },
}

impl fmt::Display for Kink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PreActivation {
                layer,
                neuron,
                sample,
            } => write!(
                f,
                "the pre-activation of neuron {} in hidden layer {} is 0 at training input {}",
                neuron + 1,
                layer + 1,
                sample + 1
            ),
            Self::NormIsEps { sample } => {
                write!(
                    f,
                    "the hidden norm equals eps at training input {}",
                    sample + 1
                )
            }
            Self::ZeroNormaliser { neuron } => {
                write!(
                    f,
                    "neuron {} is dead on the training set, so its normaliser is 0",
                    neuron + 1
                )
            }
        }
    }
}

/// Why a network gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The mathematics is not defined here.
    #[error("kink: {0}")]
    Kink(Kink),
    /// The network's parts do not fit together, or not with the data.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The number type could not produce a value.
    #[error(transparent)]
    NoValue(#[from] NoValue),
}

impl Retry for Refusal {
    fn may_help(&self) -> bool {
        matches!(self, Self::NoValue(no) if no.may_help())
    }
}

impl From<Undecided> for Refusal {
    fn from(undecided: Undecided) -> Self {
        Self::NoValue(undecided.into())
    }
}

impl From<Kink> for Refusal {
    fn from(kink: Kink) -> Self {
        Self::Kink(kink)
    }
}

/// What each hidden layer does at each of some inputs: `fired[layer][input]`.
pub type Activations<S> = Vec<Vec<Fired<S>>>;

/// A network of one of the paper's architectures.
///
/// [`Network::bias`] and its likes build one from integers, rationals or radicals. The number type is
/// [`Radical`] unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Network<S = Radical> {
    /// `2-MLP-No-Bias`.
    NoBias(NoBias<S>),
    /// `2-MLP-Bias` and its deeper version, bias in the first layer only.
    Bias(Bias<S>),
    /// `2-MLP-Sim-BN`.
    SimBn(SimBn<S>),
    /// `2-MLP-Sim-LN`.
    SimLn(SimLn<S>),
}

/// What an architecture has to say for itself. Inputs are given without the bias coordinate.
///
/// Sizes are the caller's to check; the methods of [`Network`] do.
pub trait Architecture<S: Real> {
    /// The paper's name.
    fn name(&self) -> &'static str;
    /// The rows of the first layer: `(W1_j, b_j)`, without bias `W1_j`.
    fn first_layer(&self) -> &[Vec<S>];
    /// Whether these rows end with a bias.
    fn has_bias(&self) -> bool {
        true
    }
    /// `d`.
    fn input_dim(&self) -> usize {
        let columns = self.first_layer().first().map_or(0, Vec::len);
        columns.saturating_sub(usize::from(self.has_bias()))
    }
    /// The number of neurons of the first hidden layer, `m`.
    fn width(&self) -> usize {
        self.first_layer().len()
    }
    /// The activations of every hidden layer at the inputs `x`; of the first, where it is the only one.
    fn activations(&self, x: &[Vec<S>]) -> Result<Activations<S>, Refusal> {
        let first = self.first_layer();
        Ok(vec![if self.has_bias() {
            fire_with_bias(first, x)?
        } else {
            S::fire(first, x)?
        }])
    }
    /// The smoothness conditions beyond "no pre-activation is 0", at the training inputs: all that
    /// fail.
    fn extra_kinks(&self, _train: &Activations<S>) -> Result<Vec<Kink>, Refusal> {
        Ok(Vec::new())
    }
    /// `f` at the inputs `at`; `train` are the training inputs, whose statistics batch norm uses.
    fn outputs(&self, train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal>;
}

impl<S: Real> Network<S> {
    /// The architecture behind the enum: the one place that dispatches.
    pub fn architecture(&self) -> &dyn Architecture<S> {
        match self {
            Self::NoBias(net) => net,
            Self::Bias(net) => net,
            Self::SimBn(net) => net,
            Self::SimLn(net) => net,
        }
    }

    /// The rows of the first layer: `(W1_j, b_j)`, without bias `W1_j`.
    pub fn first_layer(&self) -> &[Vec<S>] {
        self.architecture().first_layer()
    }

    /// `f` at the inputs `at`. Values at a kink are fine; a batch-norm neuron that is dead on
    /// `train` is refused.
    ///
    /// ```
    /// use flatproof::{Dataset, Network};
    /// let net: Network = Network::bias([[1, 1, -1]], [3])?;
    /// let data: Dataset = Dataset::new([[1, 1], [1, -1]], [3, 0])?;
    /// assert_eq!(net.outputs(&data.x, &data.x)?, data.y);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn outputs(&self, train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
        self.check_inputs(train)?;
        self.check_inputs(at)?;
        self.architecture().outputs(train, at)
    }

    /// The activations of every hidden layer at the inputs `x`.
    pub fn activations(&self, x: &[Vec<S>]) -> Result<Activations<S>, Refusal> {
        self.check_inputs(x)?;
        self.architecture().activations(x)
    }

    /// The activations at the training inputs, if theta is admissible: no pre-activation is 0 in
    /// any layer (for layer norm also `||h|| != eps`, for batch norm every `a_j > 0`).
    ///
    /// # Errors
    /// The first of the [`Self::kinks`], or what hinders the evaluation.
    pub fn admissible(&self, train: &[Vec<S>]) -> Result<Activations<S>, Refusal> {
        let activations = self.activations(train)?;
        match self.kinks_of(&activations)?.into_iter().next() {
            Some(kink) => Err(kink.into()),
            None => Ok(activations),
        }
    }

    /// Every kink at the training inputs; none where theta is admissible.
    ///
    /// ```
    /// use flatproof::{Kink, Network, Radical};
    /// let net: Network = Network::no_bias([[1, 1], [1, 0]], [1, 1])?;
    /// let x = [[1, -1], [1, 1]].map(|x| x.map(Radical::from).to_vec());
    /// assert_eq!(net.kinks(&x)?, [Kink::PreActivation { layer: 0, neuron: 0, sample: 0 }]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kinks(&self, train: &[Vec<S>]) -> Result<Vec<Kink>, Refusal> {
        self.kinks_of(&self.activations(train)?)
    }

    /// [`Self::kinks`] from the activations at the training inputs.
    pub fn kinks_of(&self, activations: &Activations<S>) -> Result<Vec<Kink>, Refusal> {
        let mut kinks = pre_activation_kinks(activations);
        kinks.extend(self.architecture().extra_kinks(activations)?);
        Ok(kinks)
    }

    /// Whether `f(x_i) = y_i` at every sample.
    ///
    /// ```
    /// use flatproof::{Dataset, Network};
    /// let net: Network = Network::bias([[1, 1, -1]], [3])?;
    /// assert!(net.interpolates(&Dataset::new([[1, 1]], [3])?)?);
    /// assert!(!net.interpolates(&Dataset::new([[1, 1]], [2])?)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn interpolates(&self, data: &Dataset<S>) -> Result<bool, Refusal> {
        data.check()?;
        for (f, y) in self.outputs(&data.x, &data.x)?.iter().zip(&data.y) {
            if f.compare(y)?.is_ne() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl<S> Network<S> {
    /// The weights of the last layer, one per neuron of the last hidden layer.
    pub fn last(&self) -> &[S] {
        match self {
            Self::NoBias(net) => &net.last,
            Self::Bias(net) => &net.last,
            Self::SimBn(net) => &net.last,
            Self::SimLn(net) => &net.last,
        }
    }
}

impl<S: Ring> Network<S> {
    /// The same network over another number type: `parameter` maps the parameters in the order of
    /// the module's table, `constant` the numbers that are not parameters (eps of layer norm).
    ///
    /// Structured layers are written out densely, since every entry of a matrix is a parameter.
    pub fn map<T>(
        &self,
        mut parameter: impl FnMut(&S) -> T,
        constant: impl Fn(&S) -> T,
    ) -> Network<T> {
        let p = &mut parameter;
        match self {
            Self::NoBias(net) => Network::NoBias(net.map(p)),
            Self::Bias(net) => Network::Bias(net.map(p)),
            Self::SimBn(net) => Network::SimBn(net.map(p)),
            Self::SimLn(net) => Network::SimLn(net.map(p, constant)),
        }
    }

    /// The network that computes `factor * f`: the last layer multiplied by it.
    pub fn scaled(&self, factor: &S) -> Self {
        let mut net = self.clone();
        let last = match &mut net {
            Self::NoBias(net) => &mut net.last,
            Self::Bias(net) => &mut net.last,
            Self::SimBn(net) => &mut net.last,
            Self::SimLn(net) => &mut net.last,
        };
        last.iter_mut().for_each(|w| *w = w.mul(factor));
        net
    }

    /// The number of parameters, counted without writing out structured layers.
    pub fn parameter_count(&self) -> usize {
        let matrix = |rows: &[Vec<S>]| rows.iter().map(Vec::len).sum::<usize>();
        match self {
            Self::NoBias(net) => matrix(&net.first) + net.last.len(),
            Self::Bias(net) => {
                let widths = [net.first.len()].into_iter();
                let widths: Vec<usize> =
                    widths.chain(net.hidden.iter().map(Layer::height)).collect();
                let hidden = widths.windows(2).map(|w| w[0].saturating_mul(w[1]));
                let hidden = hidden.fold(0, usize::saturating_add);
                hidden.saturating_add(matrix(&net.first) + net.last.len())
            }
            Self::SimBn(net) => matrix(&net.first) + net.gamma.len() + net.last.len(),
            Self::SimLn(net) => matrix(&net.first) + net.last.len(),
        }
    }

    /// All parameters, in the order of the module's table.
    pub fn parameters(&self) -> Vec<S> {
        let mut all = Vec::new();
        self.map(|s| all.push(s.clone()), |_| ());
        all
    }
}

/// The exact zeros among the pre-activations.
fn pre_activation_kinks<S>(activations: &Activations<S>) -> Vec<Kink> {
    let mut kinks = Vec::new();
    for (layer, samples) in activations.iter().enumerate() {
        for (sample, fired) in samples.iter().enumerate() {
            kinks.extend(fired.zero.iter().map(|&neuron| Kink::PreActivation {
                layer,
                neuron,
                sample,
            }));
        }
    }
    kinks
}

/// The first layer of a biased network at `x' = (x, 1)`.
fn fire_with_bias<S: Real>(rows: &[Vec<S>], x: &[Vec<S>]) -> Result<Vec<Fired<S>>, Refusal> {
    Ok(S::fire(rows, &lifted(x))?)
}

/// `x' = (x, 1)` for every input.
fn lifted<S: Ring>(x: &[Vec<S>]) -> Vec<Vec<S>> {
    x.iter().map(|x| with_bias(x)).collect()
}

/// Maps a matrix entry by entry, rows in order.
fn map_rows<S, T>(rows: &[Vec<S>], f: &mut impl FnMut(&S) -> T) -> Vec<Vec<T>> {
    rows.iter()
        .map(|row| row.iter().map(&mut *f).collect())
        .collect()
}
