//! The naive road: the numbers of the engine by the generic code of [`crate::network`], over f32 or any
//! other scalar, with derivatives by jets along every parameter. Every kernel is tested against it.
//!
//! ```text
//! d l / d p = first part of l(theta + t e_p),      Tr Hess l = sum_p second part
//! ```
//!
//! A pre-activation of 0 counts as inactive. Batch-norm neurons that are dead on the training set are
//! left out. Test `batch_vs_reference`.

use super::matrix::Matrix;
use super::model::{Architecture, Model, Samples};
use super::step::Loss;
use crate::data::with_bias;
use crate::network::loss::{Logistic, softplus, squared_error};
use crate::network::{Network, Refusal};
use crate::scalar::{Jet1, Jet2, NoValue, Ring, Transcendental};

/// All parameters in the order of [`Model::parts`], without padding.
pub fn parameters(model: &Model) -> Vec<f32> {
    let rows = |part: &Matrix| {
        let rows = (0..part.rows()).map(|i| part.row(i).to_vec());
        rows.collect::<Vec<_>>()
    };
    model.parts().flat_map(rows).flatten().collect()
}

/// `f` at the inputs `at`; batch norm takes its statistics from the inputs `train`.
///
/// # Errors
/// Numbers that the scalar does not have, such as those that come after an overflow of f32.
pub fn outputs<S: Transcendental>(
    model: &Model,
    train: &Samples,
    at: &Samples,
    lift: impl Fn(f32) -> S,
) -> Result<Vec<S>, Refusal> {
    let Living { model, .. } = living(model, train);
    let rows = |samples: &Samples| inputs(&model, samples, &lift);
    network_outputs(&model, &lift, &lift, &rows(train), &rows(at))
}

/// The mean loss of the samples `indices` of `train` with `labels` (one each), and its gradient in the
/// order of [`parameters`].
///
/// # Errors
/// As [`outputs`]; no sample.
pub fn loss_and_gradient<S: Transcendental>(
    model: &Model,
    train: &Samples,
    (indices, labels): (&[u32], &[f32]),
    loss: Loss,
    lift: impl Fn(f32) -> S,
) -> Result<(S, Vec<S>), Refusal> {
    let whole = parameters(model).len();
    let Living { model, origins } = living(model, train);
    let constant = |w: f32| Jet1::constant(lift(w));
    let rows = inputs(&model, train, constant);
    let at: Vec<_> = indices.iter().map(|&i| rows[i as usize].clone()).collect();
    let along = |p: usize| {
        let mut index = 0;
        let parameter = |w: f32| {
            index += 1;
            if index - 1 == p {
                Jet1::variable(lift(w))
            } else {
                constant(w)
            }
        };
        let f = network_outputs(&model, parameter, constant, &rows, &at)?;
        mean_loss(loss, &f, labels, constant)
    };
    let mut gradient = vec![S::zero(); whole];
    for (p, &origin) in origins.iter().enumerate() {
        gradient[origin] = along(p)?.first;
    }
    Ok((along(origins.len())?.value, gradient))
}

/// The trace of the Hessian of the training loss over all parameters.
///
/// # Errors
/// As [`loss_and_gradient`].
pub fn sharpness<S: Transcendental>(
    model: &Model,
    train: &Samples,
    loss: Loss,
    lift: impl Fn(f32) -> S,
) -> Result<S, Refusal> {
    let Living { model, origins } = living(model, train);
    let constant = |w: f32| Jet2::constant(lift(w));
    let rows = inputs(&model, train, constant);
    let mut trace = S::zero();
    for p in 0..origins.len() {
        let mut index = 0;
        let parameter = |w: f32| {
            index += 1;
            if index - 1 == p {
                Jet2::variable(lift(w))
            } else {
                constant(w)
            }
        };
        let f = network_outputs(&model, parameter, constant, &rows, &rows)?;
        trace = trace.add(&mean_loss(loss, &f, &train.y, constant)?.second);
    }
    Ok(trace)
}

/// `(1/n) sum_i l(f_i, y_i)`.
fn mean_loss<S: Transcendental>(
    loss: Loss,
    f: &[S],
    labels: &[f32],
    lift: impl Fn(f32) -> S,
) -> Result<S, Refusal> {
    let mut total = S::zero();
    for (f, &y) in f.iter().zip(labels) {
        let value = match loss {
            Loss::SquaredError => squared_error(f, &lift(y)),
            Loss::Logistic { p } => Logistic::new(lift(p))?.value(f, y > 0.0)?,
        };
        total = total.add(&value);
    }
    Ok(total.div(&S::from_int(f.len() as i64))?)
}

/// The inputs without their bias coordinate.
fn inputs<S>(model: &Model, samples: &Samples, lift: impl Fn(f32) -> S) -> Vec<Vec<S>> {
    let d = model.shape.input_dim;
    let row = |i: usize| samples.x.row(i)[..d].iter().map(|&x| lift(x)).collect();
    (0..samples.len()).map(row).collect()
}

/// The network's outputs, parameters lifted in order by `parameter` and eps by `constant`.
fn network_outputs<S: Transcendental>(
    model: &Model,
    mut parameter: impl FnMut(f32) -> S,
    constant: impl Fn(f32) -> S,
    train: &[Vec<S>],
    at: &[Vec<S>],
) -> Result<Vec<S>, Refusal> {
    if model.shape.width == 0 {
        return Ok(vec![S::zero(); at.len()]);
    }
    match model.network(|w| w) {
        Some(network) => {
            let network: Network<S> = network.map(|&w| parameter(w), |&c| constant(c));
            network.outputs(train, at)
        }
        None => {
            let mut row = |row: &[f32]| row.iter().map(|&w| parameter(w)).collect::<Vec<S>>();
            let rows = (0..model.first.rows()).map(|j| row(model.first.row(j)));
            let rows: Vec<Vec<S>> = rows.collect();
            let last = row(model.last.row(0));
            let bias = model.shape.architecture == Architecture::Bias;
            let f = |x: &Vec<S>| {
                let x = if bias { with_bias(x) } else { x.clone() };
                sum_of_softplus(&rows, &last, &x)
            };
            Ok(at.iter().map(f).collect::<Result<_, NoValue>>()?)
        }
    }
}

/// `sum_j last_j softplus(row_j . x)`.
fn sum_of_softplus<S: Transcendental>(rows: &[Vec<S>], last: &[S], x: &[S]) -> Result<S, NoValue> {
    let mut sum = S::zero();
    for (row, w) in rows.iter().zip(last) {
        sum = sum.add(&w.mul(&softplus(&S::dot(row, x))?));
    }
    Ok(sum)
}

/// A model without its dead batch-norm neurons.
struct Living {
    model: Model,
    /// Where each of its parameters stands among those of the whole model.
    origins: Vec<usize>,
}

fn living(model: &Model, train: &Samples) -> Living {
    let (m, columns) = (model.shape.width, model.first.columns());
    if model.shape.architecture != Architecture::SimBn {
        let origins = (0..parameters(model).len()).collect();
        let model = model.clone();
        return Living { model, origins };
    }
    let alive = |j: &usize| {
        let fires = |i: usize| f32::dot(model.first.row(*j), train.x.row(i)) > 0.0;
        (0..train.len()).any(fires)
    };
    let kept: Vec<usize> = (0..m).filter(alive).collect();
    let entries = |part: &Matrix| Matrix::from_fn(1, kept.len(), |_, j| part.row(0)[kept[j]]);
    let mut shape = model.shape;
    shape.width = kept.len();
    let first = Matrix::from_fn(kept.len(), columns, |j, k| model.first.row(kept[j])[k]);
    let rows = kept
        .iter()
        .flat_map(|j| (0..columns).map(move |k| j * columns + k));
    let gamma = kept.iter().map(|j| m * columns + j);
    let last = kept.iter().map(|j| m * (columns + 1) + j);
    Living {
        model: Model {
            shape,
            first,
            hidden: Vec::new(),
            gamma: entries(&model.gamma),
            last: entries(&model.last),
        },
        origins: rows.chain(gamma).chain(last).collect(),
    }
}
