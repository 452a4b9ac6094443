//! The trace of the Hessian by its definition, by second-order jets along every parameter `p`
//! (Wen, Li, Ma 2023, Section 4):
//!
#![doc = flatproof_math::tex!(r"\operatorname{Tr} \nabla^2 L = \sum_p \frac{\mathrm{d}^2}{\mathrm{d} t^2} L(\theta + t e_p) \Big|_{t=0}")]
//!
//!
//! One forward pass per parameter, so for small instances; it shares no formula with
//! [`super::closed_form`]. Structured layers are written out: every entry of a matrix counts.
//! Test `definition_vs_closed_form` in `tests/sharpness.rs`.

use crate::data::{Dataset, Malformed};
use crate::network::loss::Logistic;
use crate::network::{Network, Refusal};
use crate::scalar::{Jet2, NoValue, Real, Ring, Transcendental};
use rayon::prelude::*;

/// The trace of the Hessian of the MSE, `L = (1/n) sum_i (f(x_i) - y_i)^2`, at an admissible theta
/// (interpolating or not).
pub fn mse_trace<S: Real>(net: &Network<S>, data: &Dataset<S>) -> Result<S, Refusal> {
    data.check()?;
    let loss = |i: usize, f: &Jet2<S>| Ok(f.sub(&Jet2::constant(data.y[i].clone())).square());
    trace(net, &data.x, loss)
}

/// The trace of the Hessian of `L = (1/n) sum_i l(f(x_i), b_i)` at an admissible theta, `l` the
/// logistic loss with label smoothing `p` in (0, 1), as printed; one label per training input, else
/// [`Malformed`].
pub fn logistic_trace<S: Transcendental>(
    net: &Network<S>,
    train: &[Vec<S>],
    labels: &[bool],
    p: &S,
) -> Result<S, Refusal> {
    one_each(labels.len(), train.len())?;
    let logistic = Logistic::new(Jet2::constant(p.clone()))?;
    trace(net, train, |i, f| logistic.printed(f, labels[i]))
}

/// The trace of the Hessian of `L = (1/n) sum_i l_i(f(x_i))` at an admissible theta, of which only
/// `derivatives[i] = (l_i', l_i'')` at `f(x_i)` matter; one pair per training input, else
/// [`Malformed`].
///
/// Exact where the losses themselves are not; with `l_i'' = 0` it is `(1/n) sum_i l_i' Tr Hess f(x_i)`.
pub fn trace_from_derivatives<S: Real>(
    net: &Network<S>,
    train: &[Vec<S>],
    derivatives: &[(S, S)],
) -> Result<S, Refusal> {
    one_each(derivatives.len(), train.len())?;
    trace(net, train, |i, f| {
        let (first, second) = &derivatives[i];
        Ok(Jet2 {
            value: S::zero(),
            first: first.mul(&f.first),
            second: second.mul(&f.first.square()).add(&first.mul(&f.second)), // l'' f'^2 + l' f''
        })
    })
}

fn one_each(given: usize, samples: usize) -> Result<(), Malformed> {
    match given == samples {
        true => Ok(()),
        false => Err(Malformed(format!("{samples} inputs but {given} labels"))),
    }
}

/// The trace of the Hessian of `L = (1/n) sum_i loss(i, f(x_i))` at an admissible theta.
pub fn trace<S: Real>(
    net: &Network<S>,
    train: &[Vec<S>],
    loss: impl Fn(usize, &Jet2<S>) -> Result<Jet2<S>, NoValue> + Sync,
) -> Result<S, Refusal> {
    net.admissible(train)?;
    let lifted: Vec<Vec<Jet2<S>>> = train
        .iter()
        .map(|x| x.iter().map(|x| Jet2::constant(x.clone())).collect())
        .collect();
    let second = |p: usize| {
        let mut index = 0;
        let along_p = |w: &S| {
            index += 1;
            let w = w.clone();
            if index - 1 == p {
                Jet2::variable(w)
            } else {
                Jet2::constant(w)
            }
        };
        let moved = net.map(along_p, |c| Jet2::constant(c.clone()));
        let outputs = moved.outputs(&lifted, &lifted)?;
        let losses = outputs.iter().enumerate().map(|(i, f)| loss(i, f));
        losses
            .map(|l| l.map(|l| l.second))
            .collect::<Result<Vec<S>, _>>()
            .map_err(Refusal::from)
    };
    let count = net.parameters().len();
    let per_parameter: Vec<Vec<S>> = (0..count)
        .into_par_iter()
        .map(second)
        .collect::<Result<_, _>>()?;
    let total = S::sum(per_parameter.iter().flatten());
    Ok(total.div(&S::from_int(train.len() as i64))?)
}
