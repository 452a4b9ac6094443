//! Half-spaces and layer norm (ours, on Section 5 of Wen, Li, Ma 2023): for `2-MLP-Sim-LN` with
//! `|y_i| = 1` and `eps < 2 R_i`, an admissible, interpolating theta is flattest iff at every training
//! input `||h|| > eps` and `W2_A = y_i z_A / ||z_A||` on the active neurons A. So with one active
//! neuron per input any cut of the inputs by half-spaces with labels of one sign does, with
//! `|W2_j| = 1` and any heights above eps: the flattest set knows no scale of W1.
//!
//! Checked as an equivalence (trace = bound against the condition) on nets on both sides of it.

use super::hunt::draw::extreme;
use super::hunt::{OwnLabels, Quarry};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::data::{Dataset, xor};
use crate::network::sim_ln::norm_squared;
use crate::network::{Network, SimLn};
use crate::scalar::{Fired, Radical, Rational, Ring};
use crate::search::perturb::Family;
use crate::search::{generate, networks};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::trace;
use rand_chacha::ChaCha8Rng;

/// The case.
pub static CASE: Case = Case {
    id: "ln-half-spaces",
    aliases: &["t21"],
    title: "with layer norm, half-space cuts of one label are flattest at any heights",
    kind: Kind::Universal,
    place: "ours, on Section 5",
    printed: "For 2-MLP-Sim-LN with |y_i| = 1 and eps < 2 R_i, an admissible interpolating theta is \
              flattest iff at every training input ||h|| > eps and W2 restricted to the active \
              neurons is y_i z / ||z||. With single active neurons any half-space cut with labels of \
              one sign, |W2_j| = 1 and heights above eps is flattest.",
    hypotheses: "Labels 1 and -1, eps < 2 R_i for every i, theta admissible and interpolating.",
    construction: "Quadrant cuts of P_xor with random tails and scales; the same with each neuron split \
                   in two parallel ones; splits that are not parallel; heights below eps.",
    remark: "Above eps the squared gradient is 1 + R^2 (||W2_A||^2 - (W2.h)^2/||h||^2)/||h||^2, which is 1 \
             iff W2_A is parallel to h; below eps it is at least 2R/eps > 1. With bias alone the masses \
             a^2 R must add up to |y| and every height is fixed; here neither is.",
    repairs: &[],
    control: "W2 need only have the sign of y on the active neurons",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "ln-half-spaces",
            draw: drawn,
            judge: |own| match own.exact()? {
                (Network::SimLn(net), data) if is_met(&net, &data) => {
                    check(net, &data, Form::Stated)
                }
                _ => Err(Finding::Vacuous(
                    "a label is not 1 or -1, or eps >= 2 R".into(),
                )),
            },
            simpler: OwnLabels::simpler,
        }
        .hunt(search)
    }),
    judge,
};

/// How the neurons of the quadrants are made.
#[derive(Clone, Copy, Debug)]
enum Split {
    /// One neuron each, heights above eps.
    Single,
    /// Two parallel neurons each, `W2 = y z / ||z||`.
    Parallel,
    /// Two equal neurons with unequal `W2`: interpolates, but W2 is not parallel to h.
    Skew,
    /// One neuron each, heights constant and below eps.
    Low,
}

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let families = [
        ("single cuts at random heights", Split::Single),
        ("parallel splits", Split::Parallel),
        ("splits that are not parallel", Split::Skew),
        ("heights below eps", Split::Low),
    ];
    for (name, split) in families {
        let mut rng = run.rng(&format!("ln-half-spaces/{name}"));
        let count = run.pick(4, 40, 200);
        let instances: Vec<_> = (0..count).map(|_| instance(&mut rng, split)).collect();
        tally.all(name, instances, |(net, data)| {
            let data = data.map(|q| Radical::from_rational(q.clone()));
            check(net, &data, form)
        });
    }
    tally.finish("flattest exactly where the condition holds")
}

/// Quadrant cuts `scale (s, t, tail, -1)` with `||tail||_1 < 1` on a P_xor sample.
fn instance(rng: &mut ChaCha8Rng, split: Split) -> (SimLn<Radical>, Dataset<Rational>) {
    let d = 2 + generate::below(rng, 4);
    let n = 1 + generate::below(rng, 8);
    let data = xor::sample(d, n, rng).expect("d >= 2");
    let eps = Rational::from((1 + generate::below(rng, 20) as i64, 12)); // at most 5/3 < 2 sqrt 3
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (s, t) in QUADRANTS {
        let tail: Vec<Rational> = match split {
            Split::Low => vec![Rational::new(); d - 2],
            _ => (2..d)
                .map(|_| Rational::from((generate::between(rng, -9, 9), 10 * d as i64)))
                .collect(),
        };
        let scale = match split {
            Split::Low => Rational::from(&eps / 2u32), // height eps/2 on the quadrant, W2 = 2 y
            _ => eps.clone() * (10 * (d as i64) + generate::between(rng, 0, 50)), // every height > eps
        };
        let row = |by: Rational| -> Vec<Radical> {
            let signs = [Rational::from(s), Rational::from(t)];
            let entries = signs
                .into_iter()
                .chain(tail.iter().cloned())
                .chain([Rational::from(-1)]);
            entries.map(|w| Radical::from_rational(w * &by)).collect()
        };
        let weight = |p: i64, q: i64| Radical::from_rational(Rational::from((s * t * p, q)));
        let mut push = |by: i64, out: Radical| {
            first.push(row(Rational::from(&scale * by)));
            last.push(out);
        };
        match split {
            Split::Single => push(1, weight(1, 1)),
            Split::Low => push(1, weight(2, 1)),
            Split::Parallel => {
                push(3, weight(3, 5)); // (3, 4) / 5
                push(4, weight(4, 5));
            }
            Split::Skew => {
                push(3, weight(1, 1)); // 3 * 1 + 4 * 1/2 = 5
                push(4, weight(1, 2));
            }
        }
    }
    let net = SimLn {
        first,
        last,
        eps: Radical::from_rational(eps),
    };
    (net, data)
}

/// Random networks solved for labels 1 and -1, and quadrant cuts perturbed, by turns.
fn drawn(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, OwnLabels) {
    if attempt.is_multiple_of(2)
        && let Some(data) = extreme(rng, attempt).distinct()
    {
        let sign = |y: &Rational| Rational::from(if *y < 0 { -1 } else { 1 });
        let y: Vec<Rational> = data.y.iter().map(sign).collect();
        let x = data.x;
        if let Some(net) = networks::interpolating(rng, networks::Kind::SimLn, &x, &y) {
            return ("random networks, labels 1 and -1", OwnLabels { net, x });
        }
    }
    let splits = [Split::Single, Split::Parallel, Split::Skew, Split::Low];
    let split = splits[generate::below(rng, splits.len())];
    let (net, data) = instance(rng, split);
    let own = OwnLabels {
        net: Network::SimLn(net),
        x: data.x,
    };
    (
        "quadrant cuts, perturbed",
        own.perturbed(rng, attempt, &Family::ALL),
    )
}

/// `|y_i| = 1` and `eps < 2 R_i`.
fn is_met(net: &SimLn<Radical>, data: &Dataset<Radical>) -> bool {
    let one = Radical::one();
    let four = Radical::from_int(4);
    let below_2r = |x: &Vec<Radical>| {
        let radius2 = Radical::dot(x, x).add(&one);
        net.eps.square() < four.mul(&radius2)
    };
    data.y.iter().all(|y| y.square() == one) && data.x.iter().all(below_2r)
}

/// `||h|| > eps` and `W2_A = y z_A / ||z_A||`: the signs of y, and `W2_j^2 ||z_A||^2 = z_j^2`.
fn meets_condition(net: &SimLn<Radical>, h: &Fired<Radical>, y: &Radical, form: Form) -> bool {
    let square = norm_squared(h);
    let in_line = |(j, z): &(usize, Radical)| {
        let w = &net.last[*j];
        let parallel = form == Form::Control || w.square().mul(&square) == z.square();
        w.mul(y) > Radical::zero() && parallel
    };
    square > net.eps.square() && h.active.iter().all(in_line)
}

fn check(net: SimLn<Radical>, data: &Dataset<Radical>, form: Form) -> Result<Finding, Finding> {
    let network = Network::SimLn(net.clone());
    let activations = network.admissible(&data.x)?;
    if network.outputs(&data.x, &data.x)? != data.y {
        return Ok(Finding::Undecided(
            "the net was meant to interpolate".into(),
        ));
    }
    let bound = Bounded::SimLn {
        eps: net.eps.clone(),
    }
    .least_trace(data)?;
    let flattest = trace(&network, &data.x)? == bound;
    let condition = activations[0]
        .iter()
        .zip(&data.y)
        .all(|(h, y)| meets_condition(&net, h, y, form));
    Ok(Finding::from_check(flattest == condition, || {
        let is = if flattest {
            Relation::Equal
        } else {
            Relation::Greater
        };
        let says =
            format!("flattest is {flattest}, the condition on the active neurons is {condition}");
        let member = Member::new("net").data(data).network(&network);
        Witness::refutation(
            "ln-half-spaces",
            says,
            vec![member.fact(Fact::TraceAgainstBound { is })],
        )
    }))
}
