//! One data set, one network and named numbers, and the language in which facts speak of them.
//!
//! Expressions over a scene know, beside the named numbers, indices counted from 1 as in the paper
//! (Wen, Li, Ma 2023, Sections 1 to 4):
//!
//! | name | value |
//! |---|---|
//! | `n`, `d`, `m`, `D` | samples, input dimension, width of the first hidden layer, depth |
//! | `x[i,k]`, `y[i]`, `R[i]` | inputs, labels, `sqrt(||x_i||^2 + 1)` |
//! | `W1[j,k]`, `b1[j]` | the first layer and its bias |
//! | `W[l,j,k]` | entry (j, k) of the hidden matrix `W_l`, 2 <= l <= D-1 |
//! | `W2[j]` or `WD[j]` | the last layer |
//! | `gamma[j]`, `a[j]` | batch norm: the factors, `sqrt((1/n) sum_i relu(z_ij)^2)` |
//! | `eps` | layer norm |
//! | `h[i,j]`, `h[i,j,l]` | the activation of neuron j of hidden layer l (1 if not given) at x_i |
//! | `f[i]`, `prediction(v)` | the output at x_i, at a vector `v[k]` or at d numbers |
//! | `squared_gradient[i]` | `||grad f(x_i)||^2` |
//! | `gram[i,l]` | `(2/n) grad f(x_i) . grad f(x_l)`, where theta interpolates the Hessian's part that is not 0 |
//! | `multiplicity(v)` | how many of the n eigenvalues of that matrix are v |
//! | `sharpness` | the trace of the Hessian of the MSE |
//! | `lower_bound` | the least trace any interpolating theta of the architecture can have on the data |
//! | `population_error`, `population_mse`, `population_deviation` | over {-1,1}^d with y = x1 x2: `Pr(y f <= 0)`, `E (f - y)^2`, `max abs(f - y)` |
//!
//! [`definitions`] add names for expressions. Derivatives at a kink are [`Trouble::Undefined`]. Tied to `names_vs_fields`.

pub mod definitions;
pub mod names;
#[cfg(test)]
mod tests;

pub use definitions::Definitions;

use crate::data::Dataset;
use crate::network::{Activations, Network, Refusal};
use crate::population::exact::NoError;
use crate::scalar::text::{Fault, Trouble};
use crate::scalar::{NoValue, Radical, Real, Ring};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::{mean_twice, squared_gradients};
use crate::sharpness::definition::mse_trace;
use crate::sharpness::spectrum::{MAX_SAMPLES, hessian_gram};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The most parameters of a network whose Hessian is taken by its definition.
pub(super) const MAX_PARAMETERS: usize = 2_000;

/// What a quantity is, computed once.
type Once<T> = OnceCell<Result<T, Fault>>;

/// A data set, a network and named numbers.
#[derive(Default)]
pub struct Scene {
    /// Named exact numbers.
    pub parameters: BTreeMap<String, Radical>,
    /// Named expressions.
    pub definitions: Definitions,
    /// The training set.
    pub data: Option<Dataset<Radical>>,
    /// The network, of the data's dimension.
    pub network: Option<Network<Radical>>,
    outputs: Once<Vec<Radical>>,
    activations: Once<Activations<Radical>>,
    normalisers: Once<Vec<Radical>>,
    squared_gradients: Once<Vec<Radical>>,
    gram: Once<Vec<Vec<Radical>>>,
    sharpness: Once<Radical>,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Kink(_) => Self::new(Trouble::Undefined, refusal.to_string()),
            Refusal::Malformed(_) => Self::new(Trouble::Name, refusal.to_string()),
            Refusal::NoValue(no) => no.into(),
        }
    }
}

impl From<NoError> for Fault {
    fn from(error: NoError) -> Self {
        match error {
            NoError::Refusal(refusal) => refusal.into(),
            other => Self::new(Trouble::Undecided, other.to_string()),
        }
    }
}

impl Scene {
    /// A scene; the network's shapes fit each other and the data.
    pub fn new(
        parameters: BTreeMap<String, Radical>,
        data: Option<Dataset<Radical>>,
        network: Option<Network<Radical>>,
    ) -> Self {
        Self {
            parameters,
            data,
            network,
            ..Self::default()
        }
    }

    /// `f(x_i)` at the training inputs.
    pub fn outputs(&self) -> Result<&[Radical], Fault> {
        let (net, data) = self.both()?;
        once(&self.outputs, || Ok(net.outputs(&data.x, &data.x)?)).map(Vec::as_slice)
    }

    /// The first sample that the network does not fit; `None` if it interpolates.
    pub fn misfit(&self) -> Result<Option<usize>, Fault> {
        let (_, data) = self.both()?;
        let outputs = self.outputs()?;
        Ok((0..data.len()).find(|i| outputs[*i] != data.y[*i]))
    }

    /// `||grad f(x_i)||^2` at the training inputs.
    pub fn squared_gradients(&self) -> Result<&[Radical], Fault> {
        let (net, data) = self.both()?;
        once(&self.squared_gradients, || {
            Ok(squared_gradients(net, &data.x)?)
        })
        .map(Vec::as_slice)
    }

    /// The trace of the Hessian of the MSE: in closed form where the loss has no curvature of f in
    /// it (theta interpolates, or the network is linear in each layer), else by its definition.
    pub fn sharpness(&self) -> Result<&Radical, Fault> {
        let (net, data) = self.both()?;
        once(&self.sharpness, || {
            let linear = matches!(net, Network::NoBias(_) | Network::Bias(_));
            net.admissible(&data.x)?;
            if linear || self.misfit()?.is_none() {
                return Ok(mean_twice(self.squared_gradients()?)?);
            }
            let count = net.parameter_count();
            if count > MAX_PARAMETERS {
                let sentence = format!(
                    "the Hessian of a network that does not interpolate needs at most \
                     {MAX_PARAMETERS} parameters, this one has {count}"
                );
                return Err(Fault::new(Trouble::Undecided, sentence));
            }
            Ok(mse_trace(net, data)?)
        })
    }

    /// The least trace any interpolating theta of the architecture can have on the data.
    pub fn lower_bound(&self) -> Result<Radical, Fault> {
        let (net, data) = self.both()?;
        let bounded = Bounded::of(net)
            .ok_or_else(|| Fault::new(Trouble::Undecided, "batch norm has no bound per sample"))?;
        Ok(bounded.least_trace(data)?)
    }

    /// Network and data, if both are there.
    pub fn both(&self) -> Result<(&Network<Radical>, &Dataset<Radical>), Fault> {
        let missing = |what: &str| Fault::new(Trouble::Name, format!("there is no {what} yet"));
        Ok((
            self.network.as_ref().ok_or_else(|| missing("network"))?,
            self.data.as_ref().ok_or_else(|| missing("data"))?,
        ))
    }

    fn activations(&self) -> Result<&Activations<Radical>, Fault> {
        let (net, data) = self.both()?;
        once(&self.activations, || {
            Ok(net.architecture().activations(&data.x)?)
        })
    }

    /// `(2/n) J J^T`.
    fn gram(&self) -> Result<&Vec<Vec<Radical>>, Fault> {
        let (net, data) = self.both()?;
        once(&self.gram, || {
            if data.len() > MAX_SAMPLES {
                let sentence = format!("gram has at most {MAX_SAMPLES} rows");
                return Err(Fault::new(Trouble::Undecided, sentence));
            }
            Ok(hessian_gram(net, &data.x)?)
        })
    }

    /// `a_j` of batch norm.
    fn normaliser(&self, j: i64) -> Option<Result<Radical, Fault>> {
        let Some(Network::SimBn(net)) = &self.network else {
            return None;
        };
        let all = once(&self.normalisers, || {
            let squares = net.mean_squares(&self.activations()?[0])?;
            let roots = squares.iter().map(Real::sqrt);
            Ok(roots.collect::<Result<_, NoValue>>()?)
        });
        Some(all.and_then(|all| entry(all, j, "a").cloned()))
    }

    fn activation(&self, i: i64, j: i64, layer: i64) -> Result<Radical, Fault> {
        let layers = self.activations()?;
        let fired = entry(entry(layers, layer, "the hidden layers")?, i, "the samples")?;
        let (net, _) = self.both()?;
        let width = match net {
            Network::Bias(net) if layer > 1 => net.hidden[layer as usize - 2].height(),
            _ => net.architecture().width(),
        };
        if !(1..=width as i64).contains(&j) {
            return Err(out_of_range("the neurons", j, width));
        }
        let active = fired.active.iter().find(|(k, _)| *k as i64 == j - 1);
        Ok(active.map_or_else(Radical::zero, |(_, z)| z.clone()))
    }
}

/// The value, computed at the first call.
fn once<T>(cell: &Once<T>, compute: impl FnOnce() -> Result<T, Fault>) -> Result<&T, Fault> {
    cell.get_or_init(compute).as_ref().map_err(Fault::clone)
}

/// Entry `index`, counted from 1.
fn entry<'a, T>(items: &'a [T], index: i64, name: &str) -> Result<&'a T, Fault> {
    let place = usize::try_from(index)
        .ok()
        .and_then(|index| index.checked_sub(1));
    let found = place.and_then(|place| items.get(place));
    found.ok_or_else(|| out_of_range(name, index, items.len()))
}

fn out_of_range(name: &str, index: i64, count: usize) -> Fault {
    let sentence = format!("index {index} of {name} is outside 1..{count}");
    Fault::new(Trouble::Name, sentence)
}
