//! Lemma 4.1 (Wen, Li, Ma 2023): at an interpolating theta where f is differentiable,
//! `Tr = (2/n) sum_i ||grad f(x_i)||^2`.
//!
//! The left side by its definition (second-order jets along every parameter,
//! [`definition`]), the right side by the closed forms ([`closed_form`]); both exact and compared with
//! `==`. Beyond the lemma, at any labels, `Tr = (2/n) sum_i (||grad f_i||^2 + (f_i - y_i) Tr Hess f_i)`,
//! whose last trace vanishes for the un-normalised networks and not for the others (test
//! `without_interpolation_only_normalised_networks_differ`).

use super::hunt::{OwnLabels, Quarry};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::data::Dataset;
use crate::network::{Network, Refusal};
use crate::scalar::{Radical, Rational, Real};
use crate::search::generate::{below, one_in, rational};
use crate::search::networks::{self, Kind as Architecture};
use crate::search::perturb::Family;
use crate::sharpness::closed_form::{self, mean_twice};
use crate::sharpness::definition;
use rand::Rng;

/// The case.
pub static CASE: Case = Case {
    id: "lemma-4.1",
    aliases: &[],
    title: "trace of the Hessian at an interpolator",
    kind: Kind::Identity,
    place: "Section 4",
    printed: "If theta interpolates and every f(x_i) is differentiable there, \
              Tr Hess L = (2/n) sum_i ||grad f(x_i)||^2.",
    hypotheses: "Any architecture of the paper, depth 2 to 4; any inputs, repeated ones too; labels are \
                 the network's own outputs, 0 among them; theta admissible.",
    construction: "The residual multiplies Tr Hess f(x_i) and is 0.",
    remark: "Also checked: with any labels, Tr = (2/n) sum (||grad f_i||^2 + (f_i - y_i) Tr Hess f_i). \
             For the un-normalised networks Tr Hess f_i = 0 wherever f is smooth, so the formula of the \
             lemma holds there without interpolation; for BN and LN it does not.",
    repairs: &[],
    control: "2/n replaced by (2/n) (1 + 10^-30)",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "lemma-4.1",
            draw: |rng, attempt| {
                let kind = Architecture::ALL[attempt % Architecture::ALL.len()];
                let own = OwnLabels::draw(rng, attempt, kind);
                match one_in(rng, 2) {
                    true => ("random networks", own),
                    false => ("perturbed", own.perturbed(rng, attempt, &Family::ALL)),
                }
            },
            judge: |it| {
                let (net, Dataset { x, .. }) = it.exact()?;
                check(&Instance::interpolating(net, x), false, Radical::clone)
            },
            simpler: OwnLabels::simpler,
        }
        .hunt(search)
    }),
    judge,
};

/// An instance; its labels, if they are not to be the outputs.
struct Instance<S> {
    net: Network<S>,
    x: Vec<Vec<S>>,
    labels: Option<Vec<S>>,
}

impl<S> Instance<S> {
    /// Labels are the outputs.
    fn interpolating(net: Network<S>, x: Vec<Vec<S>>) -> Self {
        Self {
            net,
            x,
            labels: None,
        }
    }
}

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Rational", "Radical"]);
    let control = form == Form::Control;
    let over_rationals =
        |it: Instance<Rational>| check(&it, control, |q| Radical::from_rational(q.clone()));
    let over_radicals = |it: Instance<Radical>| check(&it, control, Radical::clone);
    let rng = &mut run.rng(CASE.id);
    tally.all("boundary cases, rational", boundary(), over_rationals);
    let mut rational_ones = Vec::new();
    let mut radical_ones = Vec::new();
    let mut with_labels = Vec::new();
    for _ in 0..run.pick(2, 40, 600) {
        for kind in [
            Architecture::NoBias,
            Architecture::Bias(2),
            Architecture::Bias(3),
        ] {
            rational_ones.extend(random(rng, kind));
        }
        let kinds = Architecture::ALL.into_iter().chain([Architecture::Bias(4)]);
        for kind in kinds {
            radical_ones.extend(random(rng, kind).map(|it| to_radicals(rng, &it)));
            with_labels.extend(random(rng, kind).map(|it| relabelled(rng, &it)));
        }
    }
    tally.all("random, rational", rational_ones, over_rationals);
    tally.all("random, with radicals", radical_ones, over_radicals);
    tally.all("random, any labels", with_labels, over_radicals);
    tally.all("kinks", kinks(), over_rationals);
    tally.finish("definition and formula agree exactly, for every architecture")
}

/// `Holds` iff the two sides agree; `control` multiplies the right side by `1 + 10^-30`.
fn check<S: Real + PartialEq>(
    it: &Instance<S>,
    control: bool,
    exact: impl Fn(&S) -> Radical,
) -> Result<Finding, Finding> {
    let outputs = it.net.outputs(&it.x, &it.x)?;
    let y = it.labels.clone().unwrap_or_else(|| outputs.clone());
    let data = Dataset { x: it.x.clone(), y };
    let left = definition::mse_trace(&it.net, &data);
    let squares = closed_form::squared_gradients(&it.net, &data.x);
    let (left, squares) = match (left, squares) {
        (Err(Refusal::Kink(a)), Err(Refusal::Kink(b))) if a == b => {
            return Ok(Refusal::Kink(a).into());
        }
        (left, squares) => (left?, squares?),
    };
    let mut right = mean_twice(&squares)?;
    if it.labels.is_some() {
        let residual = |(f, y): (&S, &S)| (f.sub(y), S::zero());
        let residuals: Vec<(S, S)> = outputs.iter().zip(&data.y).map(residual).collect();
        let rest = definition::trace_from_derivatives(&it.net, &data.x, &residuals)?;
        right = right.add(&S::from_int(2).mul(&rest)); // (2/n) sum (f_i - y_i) Tr Hess f_i
    }
    if control {
        let tiny = S::from_int(10).pow(30).inv()?;
        right = right.add(&right.mul(&tiny));
    }
    Ok(Finding::from_check(left == right, || {
        let (left, right) = (exact(&left), exact(&right));
        let name = it.net.architecture().name();
        let n = data.len();
        let says =
            format!("{name}, n = {n}: the trace of the Hessian is {left}, the right side {right}");
        let squares = squares
            .iter()
            .enumerate()
            .map(|(sample, value)| Fact::SquaredGradient {
                sample,
                is: Relation::Equal,
                value: exact(value).to_string(),
            });
        let mut member = Member::new(name)
            .data(&data.map(&exact))
            .network(&it.net.map(&exact, &exact));
        member.facts.extend(squares);
        if it.labels.is_none() {
            member = member.fact(Fact::Interpolates);
        }
        let different = Fact::HessianTrace {
            is: Relation::Different,
            value: right.to_string(),
        };
        Witness::refutation(CASE.id, says, vec![member.fact(different)])
    }))
}

fn integers(rows: &[&[i64]]) -> Vec<Vec<Rational>> {
    let row = |row: &&[i64]| row.iter().map(|n| Rational::from(*n)).collect();
    rows.iter().map(row).collect()
}

/// The smallest networks; label 0 by dead and by cancelling neurons, repeated and contradicting
/// samples, batch norm with rational normalisers, layer norm on either side of eps.
fn boundary() -> Vec<Instance<Rational>> {
    use crate::network::{Bias, NoBias, SimBn, SimLn};
    let row = |numbers: &[i64]| integers(&[numbers]).remove(0);
    let no_bias = |first: &[&[i64]], last: &[i64]| {
        Network::NoBias(NoBias {
            first: integers(first),
            last: row(last),
        })
    };
    let bias = |first: &[&[i64]], last: &[i64]| {
        Network::Bias(Bias {
            first: integers(first),
            hidden: vec![],
            last: row(last),
        })
    };
    let layer_norm = |eps: i64| {
        Network::SimLn(SimLn {
            first: integers(&[&[3, 0], &[4, 0]]),
            last: row(&[1, -2]),
            eps: Rational::from(eps),
        })
    };
    // On -3, -1, 1, 3 the three neurons fire once, once and always with height 1: a = 1/2, 1/2, 1.
    let batch_norm = Network::SimBn(SimBn {
        first: integers(&[&[1, -2], &[-1, -2], &[0, 1]]),
        gamma: row(&[1, 2, -1]),
        last: row(&[3, 1, 1]),
    });
    vec![
        Instance::interpolating(no_bias(&[&[1]], &[1]), integers(&[&[1]])),
        Instance::interpolating(no_bias(&[&[1]], &[0]), integers(&[&[1]])),
        Instance::interpolating(no_bias(&[&[-1]], &[1]), integers(&[&[1], &[1]])),
        Instance::interpolating(
            bias(&[&[1, 0], &[1, 0]], &[1, -1]),
            integers(&[&[2], &[-1]]),
        ),
        Instance::interpolating(bias(&[&[0, 1]], &[5]), integers(&[&[0], &[0], &[7]])),
        Instance::interpolating(batch_norm, integers(&[&[-3], &[-1], &[1], &[3]])),
        Instance::interpolating(layer_norm(4), integers(&[&[1], &[1], &[-1]])), // norm 5 > eps
        Instance::interpolating(layer_norm(6), integers(&[&[1], &[1], &[-1]])), // norm 5 < eps
    ]
}

/// The lemma says nothing here: a pre-activation 0, a hidden norm equal to eps, a dead normaliser.
fn kinks() -> Vec<Instance<Rational>> {
    use crate::network::{NoBias, SimLn};
    let pre_activation = Network::NoBias(NoBias {
        first: integers(&[&[1, -1]]),
        last: vec![Rational::from(1)],
    });
    let norm = Network::SimLn(SimLn {
        first: integers(&[&[3, 0], &[4, 0]]),
        last: integers(&[&[1, 1]]).remove(0),
        eps: Rational::from(5),
    });
    vec![
        Instance::interpolating(pre_activation, integers(&[&[1, 1]])),
        Instance::interpolating(norm, integers(&[&[1]])),
    ]
}

fn random(rng: &mut impl Rng, kind: Architecture) -> Option<Instance<Rational>> {
    let (d, m, n) = (1 + below(rng, 3), 1 + below(rng, 3), 1 + below(rng, 4));
    let x = networks::inputs(rng, n, d);
    let net = networks::admissible(rng, kind, m, &x)?;
    Some(Instance::interpolating(net, x))
}

fn lift(q: &Rational) -> Radical {
    Radical::from_rational(q.clone())
}

fn to_radicals(rng: &mut impl Rng, it: &Instance<Rational>) -> Instance<Radical> {
    let x = it.x.iter().map(|x| x.iter().map(lift).collect()).collect();
    Instance::interpolating(networks::with_radicals(rng, &it.net), x)
}

/// The same network with random labels.
fn relabelled(rng: &mut impl Rng, it: &Instance<Rational>) -> Instance<Radical> {
    Instance {
        net: it.net.map(lift, lift),
        x: it.x.iter().map(|x| x.iter().map(lift).collect()).collect(),
        labels: Some(it.x.iter().map(|_| lift(&rational(rng))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Ring;
    use crate::search::rng;

    /// Off interpolation the lemma's formula fails for BN and LN and holds for the others.
    #[test]
    fn without_interpolation_only_normalised_networks_differ() {
        let rng = &mut rng(1, "residuals");
        for kind in Architecture::ALL {
            let mut differs = 0;
            for _ in 0..8 {
                let it = random(rng, kind).unwrap();
                let x: Vec<Vec<Radical>> =
                    it.x.iter().map(|x| x.iter().map(lift).collect()).collect();
                let net = it.net.map(lift, lift);
                let outputs = net.outputs(&x, &x).unwrap();
                let y = outputs.iter().map(|f| f.add(&Radical::one())).collect();
                let data = Dataset { x, y };
                let by_definition = definition::mse_trace(&net, &data).unwrap();
                let closed = closed_form::trace(&net, &data.x).unwrap();
                differs += usize::from(by_definition != closed);
            }
            let normalised = matches!(kind, Architecture::SimBn | Architecture::SimLn);
            assert_eq!(differs > 0, normalised, "{kind:?}: {differs} of 8");
        }
    }
}
