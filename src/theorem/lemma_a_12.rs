//! Lemma A.12 (Wen, Li, Ma 2023, Appendix A): for `2-MLP-Sim-LN`, width n and extreme inputs,
//! `inf Tr >= (2/n) sum_i min(1, (2/eps) R_i |y_i|)`.
//!
//! Checked sample by sample, `||grad f(x_i)||^2 >= min(1, (2/eps) R_i |y_i|)`, at admissible nets made
//! to interpolate by taking their outputs as labels: more than is printed (any width, any inputs), in
//! both regimes of `max(||h||, eps)`, and at nets that attain it.

use super::hunt::draw::size;
use super::hunt::{OwnLabels, Quarry};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::theorem_4_1::separators;
use crate::construction::theorem_5_1::dead_at_zero_labels;
use crate::data::Dataset;
use crate::network::{Network, SimLn};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::{self, Inputs, Options};
use crate::search::networks::Kind as Architecture;
use crate::search::perturb::Family;
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::squared_gradients;
use rand_chacha::ChaCha8Rng;

/// The case.
pub static CASE: Case = Case {
    id: "lemma-a.12",
    aliases: &[],
    title: "lower bound on the sharpness with layer norm",
    kind: Kind::Inequality,
    place: "Appendix A, for Section 5",
    printed: "For 2-MLP-Sim-LN on extreme inputs at width n, the infimum of the trace of the Hessian \
              over interpolating theta is at least (2/n) sum_i min(1, (2/eps) R_i |y_i|), with \
              R_i^2 = ||x_i||^2 + 1.",
    hypotheses: "theta admissible (no pre-activation 0, ||h|| != eps) and interpolating. Neither the \
                 width nor extreme inputs are needed.",
    construction: "||h|| > eps: the gradient in W2 alone is h/||h||, of norm 1. ||h|| < eps: f = W2.h/eps, \
                   and ||h||^2 + R^2 ||W2_A||^2 >= 2 R |W2.h| = 2 R eps |y|.",
    remark: "",
    repairs: &[],
    control: "the constant 2/eps made larger by one part in 10^30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "lemma-a.12",
            draw: |rng, attempt| {
                let n = size(rng, attempt, 4);
                let flattest = match generate::one_in(rng, 2) {
                    true => flattest(rng, n),
                    false => None,
                };
                match flattest {
                    Some(own) => (
                        "networks that attain it, perturbed",
                        own.perturbed(rng, attempt, &Family::ALL),
                    ),
                    None => (
                        "random networks",
                        OwnLabels::draw(rng, attempt, Architecture::SimLn),
                    ),
                }
            },
            judge: |it| {
                let (net, data) = it.exact()?;
                check(&net, &data, &Radical::one())
            },
            simpler: OwnLabels::simpler,
        }
        .hunt(search)
    }),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Rational", "Radical"]);
    let factor = match form {
        Form::Stated => Rational::from(1),
        Form::Control => Rational::from(1) + Rational::from(Rational::from(10).pow(30).recip_ref()),
    };
    let factor = Radical::from_rational(factor);
    let count = run.pick(12, 150, 1_000);
    let mut rng = run.rng("lemma-a.12/attained");
    let attained = (0..count)
        .filter_map(|k| flattest(&mut rng, 1 + k % 5))
        .collect();
    tally.all(
        "nets that attain it, label 0 among them",
        attained,
        |own: OwnLabels| {
            let (net, data) = own.exact()?;
            check(&net, &data, &factor)
        },
    );
    let mut rng = run.rng("lemma-a.12/random");
    let random: Vec<_> = (0..count).map(|k| random_net(&mut rng, k)).collect();
    tally.all("random nets, both regimes", random, |(net, x)| {
        let y = net.outputs(&x, &x)?;
        check(&net, &Dataset { x, y }, &factor)
    });
    tally.finish("||grad f(x_i)||^2 is at least the printed bound at every sample")
}

/// A net that attains the bound on random extreme points with any labels, which are its outputs.
fn flattest(rng: &mut ChaCha8Rng, n: usize) -> Option<OwnLabels> {
    let inputs = if generate::one_in(rng, 2) {
        Inputs::Sphere
    } else {
        Inputs::Cube
    };
    let d = 1 + generate::below(rng, 4);
    let data = generate::dataset(
        rng,
        n,
        d,
        &Options {
            inputs,
            ..Options::default()
        },
    );
    let eps = generate::positive(rng);
    let net = dead_at_zero_labels(&data, &separators(&data.x).ok()?, &eps).ok()?;
    Some(OwnLabels {
        net: Network::SimLn(net),
        x: data.x,
    })
}

/// A rational net of width 1 to 4 and 1 to 4 inputs; eps small or large by turns.
fn random_net(rng: &mut ChaCha8Rng, k: usize) -> (Network<Radical>, Vec<Vec<Radical>>) {
    let (d, m, n) = (1 + k % 3, 1 + k % 4, 1 + k % 5 % 4);
    let radicals = |v: Vec<Rational>| v.into_iter().map(Radical::from_rational).collect();
    let first = generate::matrix(rng, m, d + 1)
        .into_iter()
        .map(radicals)
        .collect();
    let last = radicals(generate::vector(rng, m));
    let scale = Rational::from(if generate::one_in(rng, 2) { 1 } else { 1000 });
    let eps = Radical::from_rational(generate::positive(rng).mul(&scale));
    let x = generate::matrix(rng, n, d)
        .into_iter()
        .map(radicals)
        .collect();
    (Network::SimLn(SimLn { first, last, eps }), x)
}

fn check(
    net: &Network<Radical>,
    data: &Dataset<Radical>,
    factor: &Radical,
) -> Result<Finding, Finding> {
    let squares = squared_gradients(net, &data.x)?;
    let Network::SimLn(SimLn { eps, .. }) = net else {
        return Ok(Finding::Undecided("not a layer-norm net".into()));
    };
    // (2/eps) R |y| times the factor: the bound of eps / factor
    let eps = crate::scalar::Field::div(eps, factor)?;
    let bound = Bounded::SimLn { eps };
    for (sample, found) in squares.iter().enumerate() {
        let least = bound.least_squared_gradient(&data.x[sample], &data.y[sample])?;
        if *found < least {
            let i = sample + 1;
            let says = format!("||grad f(x_{i})||^2 = {found} is below {least}");
            let fact = Fact::SquaredGradient {
                sample,
                is: Relation::Less,
                value: least.to_string(),
            };
            let member = Member::new("net").data(data).network(net);
            let member = member.fact(Fact::Interpolates).fact(fact);
            let witness = Witness::refutation("lemma-a.12", says, vec![member]);
            return Ok(Finding::Fails(Box::new(witness)));
        }
    }
    Ok(Finding::Holds)
}
