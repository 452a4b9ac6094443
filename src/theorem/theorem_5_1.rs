//! Theorem 5.1 (Wen, Li, Ma 2023): on extreme inputs and for eps small enough, a width-n memorising
//! `2-MLP-Sim-LN` attains the bound of Lemma A.12, `(2/n) sum_i min(1, (2/eps) R_i |y_i|)`.
//!
//! Three cases: the existence claim, the printed construction, and the repaired statement (no label 0,
//! the construction's cases parted at `R_i|y_i| = eps/2`, any eps > 0). Nets:
//! [`crate::construction::theorem_5_1`]; claims: [`super::claims`].

use super::hunt::Quarry;
use super::hunt::draw::{inputs_and_labels, simpler_data, simpler_same_zeros, zeros_late};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::theorem_5_1::{dead_at_zero_labels, printed, repaired};
use crate::data::Dataset;
use crate::network::{Network, SimLn};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::{self, Labels};
use instances::{Instance, cubes, exact, random, simpler_with_eps, small_eps};
use rand_chacha::ChaCha8Rng;

mod instances;

/// The existence claim.
pub static CASE: Case = Case {
    id: "theorem-5.1",
    aliases: &[],
    title: "a memorising network is flattest with layer norm",
    kind: Kind::Existence,
    place: "Section 5",
    printed: "If the inputs are extreme points and eps is small enough, some width-n memorising \
              2-MLP-Sim-LN has minimal sharpness, (2/n) sum_i min(1, (2/eps) R_i |y_i|).",
    hypotheses: "Extreme inputs, any labels (0 is not excluded), eps > 0 small: here below R_i |y_i| \
                 for every label that is not 0.",
    construction: "The printed network; where a label is 0, the same network with that neuron dead.",
    remark: "At y_i = 0 the least squared gradient is 0, but a memorising network has a neuron of height \
             h > 0 there, whose derivative in W2 is h / max(||h||, eps) > 0: it is strictly above the \
             bound, which the network with that neuron dead attains.",
    repairs: &["theorem-5.1-repaired"],
    control: "eps is allowed to lie above 2 R_i |y_i| and the network is still built with heights 2 eps",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "theorem-5.1",
            draw: |rng, attempt| {
                let (family, data) = inputs_and_labels(rng, attempt);
                let eps = small_eps(&data);
                (family, (data, eps))
            },
            judge: |(data, eps)| {
                if *eps > small_eps(data) {
                    return Err(Finding::Vacuous("eps is not small".into()));
                }
                existence(&Instance::with_eps(data, eps)?)
            },
            simpler: |it| simpler_with_eps(it, simpler_data),
        }
        .hunt(search)
    }),
    judge: judge_existence,
};

/// The construction as printed.
pub static PRINTED: Case = Case {
    id: "theorem-5.1-printed",
    aliases: &[],
    title: "the printed memorising network with layer norm",
    kind: Kind::Construction,
    place: "Appendix A, proof of Theorem 5.1",
    printed: "W1_i = u_i w_i/delta, b_i = u_i (-w_i.x_i + delta)/delta, W2_i = r_i y_i, with r_i = 1, u_i = 2 eps \
              if R_i|y_i| > eps; r_i = (eps/(R_i|y_i|))^(1/2), u_i = eps (R_i|y_i|/eps)^(1/2) if \
              0 < R_i|y_i| <= eps; r_i = 0, u_i = 2 eps if y_i = 0. It is memorising and attains the bound.",
    hypotheses: "Extreme inputs, any labels, any eps > 0, delta small.",
    construction: "As printed.",
    remark: "Between eps/2 and eps case (2) costs 2 R_i|y_i|/eps > 1 where case (1) costs 1; at R_i|y_i| = eps \
             it sits on the kink ||h|| = eps; a label 0 costs 1 instead of 0. If eps may be chosen after the \
             labels, case (2) is empty and only label 0 remains.",
    repairs: &["theorem-5.1-repaired"],
    control: "the height u_i of case (1) is eps instead of 2 eps",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "theorem-5.1-printed",
            draw: |rng, attempt| {
                let (family, data) = inputs_and_labels(rng, attempt);
                let eps = generate::positive(rng);
                (family, (zeros_late(attempt, data), eps))
            },
            judge: |(data, eps)| is_as_printed(&Instance::with_eps(data, eps)?, Form::Stated),
            simpler: |it| simpler_with_eps(it, simpler_same_zeros),
        }
        .hunt(search)
    }),
    judge: judge_printed,
};

/// The repaired statement.
pub static REPAIRED: Case = Case {
    id: "theorem-5.1-repaired",
    aliases: &[],
    title: "memorising and flattest with layer norm, labels not 0",
    kind: Kind::Existence,
    place: "ours, after Theorem 5.1",
    printed: "If the inputs are extreme points and no label is 0, then for every eps > 0 a width-n memorising \
              2-MLP-Sim-LN attains the bound of Lemma A.12.",
    hypotheses: "Extreme inputs, labels not 0, eps > 0.",
    construction: "The printed network with its cases (1) and (2) parted at R_i|y_i| = eps/2.",
    remark: "Case (1) costs 1 and case (2) costs 2 R_i|y_i|/eps per sample: the smaller is the least possible.",
    repairs: &[],
    control: "the cases are parted at eps/2 for labels smaller by one part in 10^30",
    file: file!(),
    coq: None,
    hunt: None,
    judge: judge_repaired,
};

fn judge_existence(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let zero = Instance::one_sample(
        "one input 0 with label 0",
        Rational::new(),
        Rational::new(),
        Rational::from(1),
    );
    if form == Form::Control {
        // heights 2 eps at eps = 5 > 2 R |y| = 2: cost 1 against the least 2/5
        let far = Instance::one_sample(
            "one input 0 with label 1",
            Rational::new(),
            Rational::from(1),
            Rational::from(5),
        );
        let net = SimLn {
            first: vec![vec![10.into(), 10.into()]],
            last: vec![1.into()],
            eps: 5.into(),
        };
        tally.all("eps too large", vec![far], |i| {
            i.judge("theorem-5.1", Ok(net.clone()), |c| c.of_construction())
        });
        return tally.finish("");
    }
    tally.all("label 0", vec![zero], |i| zero_label(&i));
    let small = |_: &mut ChaCha8Rng, data: &Dataset<Rational>| small_eps(data);
    let mut rng = run.rng("theorem-5.1/zero");
    let with_zero = random(&mut rng, Labels::Any, run.pick(6, 60, 300), small);
    let (zeros, others): (Vec<_>, Vec<_>) = with_zero
        .into_iter()
        .partition(|i| i.data.y.iter().any(|y| y.is_zero()));
    tally.all("extreme points, a label 0 among them", zeros, |i| {
        zero_label(&i)
    });
    let exists = |i: Instance| existence(&i);
    tally.all("extreme points, labels not 0", others, exists);
    tally.all("P_xor", cubes(run, "theorem-5.1/xor"), exists);
    tally.finish("a memorising network attains the bound")
}

/// The printed network is the candidate where no label is 0.
fn existence(i: &Instance) -> Result<Finding, Finding> {
    if i.data.y.iter().any(Rational::is_zero) {
        return zero_label(i);
    }
    let net = printed(&i.data, &i.v, &i.eps);
    i.judge("theorem-5.1", net, |c| c.of_existence())
}

fn is_as_printed(i: &Instance, form: Form) -> Result<Finding, Finding> {
    let mut net = printed(&i.data, &i.v, &i.eps);
    if let (Form::Control, Ok(net)) = (form, &mut net) {
        let half = Radical::from_rational(Rational::from((1, 2)));
        net.first
            .iter_mut()
            .flatten()
            .for_each(|w| *w = w.mul(&half));
    }
    i.judge("theorem-5.1-printed", net, |c| c.of_construction())
}

/// No memorising network attains the bound at a label 0; the one with that neuron dead does.
fn zero_label(instance: &Instance) -> Result<Finding, Finding> {
    let data = exact(&instance.data);
    let Some(sample) = instance.data.y.iter().position(Rational::is_zero) else {
        return Ok(Finding::Vacuous("no label is 0".into()));
    };
    let flattest = Network::SimLn(dead_at_zero_labels(
        &instance.data,
        &instance.v,
        &instance.eps,
    )?);
    let memorising = Network::SimLn(printed(&instance.data, &instance.v, &instance.eps)?);
    let i = sample + 1;
    let says = format!(
        "{}: y_{i} = 0, so a memorising network has ||grad f(x_{i})|| > 0 where the bound counts 0, \
         and a network with that neuron dead attains the bound",
        instance.name
    );
    let equal = Fact::TraceAgainstBound {
        is: Relation::Equal,
    };
    let flat = Member::new("attains the bound, not memorising")
        .data(&data)
        .network(&flattest)
        .fact(equal)
        .fact(Fact::Memorising { holds: false })
        .fact(Fact::SquaredGradient {
            sample,
            is: Relation::Equal,
            value: "0".into(),
        });
    let above = Member::new("memorising, above the bound")
        .data(&data)
        .network(&memorising)
        .fact(Fact::Memorising { holds: true })
        .fact(Fact::SquaredGradient {
            sample,
            is: Relation::Greater,
            value: "0".into(),
        })
        .fact(Fact::TraceAgainstBound {
            is: Relation::Greater,
        });
    let witness = Witness::refutation("theorem-5.1", says, vec![flat, above]);
    Ok(Finding::Fails(Box::new(witness)))
}

fn judge_printed(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let one = Rational::from(1);
    // x = 0: R = 1, so R|y| is the label
    let sample = |name: &str, y: (i64, i64)| {
        Instance::one_sample(name, Rational::new(), Rational::from(y), one.clone())
    };
    let boundary = vec![
        sample(
            "R|y| = 3/4 eps falls under case (2) where case (1) is cheaper (x = 0, y = 3/4, eps = 1)",
            (3, 4),
        ),
        sample("R|y| = eps (x = 0, y = 1, eps = 1)", (1, 1)),
        sample("label 0 (x = 0, eps = 1)", (0, 1)),
        sample("R|y| = eps/2 (x = 0, y = 1/2, eps = 1)", (1, 2)),
        sample("R|y| = 2 eps (x = 0, y = -2, eps = 1)", (-2, 1)),
    ];
    let judge = |i: Instance| is_as_printed(&i, form);
    if form == Form::Control {
        tally.all("P_xor", cubes(run, "theorem-5.1/xor"), judge);
        return tally.finish("");
    }
    tally.all("one sample at and around the thresholds", boundary, judge);
    let mut rng = run.rng("theorem-5.1-printed/random");
    let any_eps = |rng: &mut ChaCha8Rng, _: &Dataset<Rational>| generate::positive(rng);
    tally.all(
        "extreme points, any eps",
        random(&mut rng, Labels::Any, run.pick(6, 60, 300), any_eps),
        judge,
    );
    tally.all("P_xor", cubes(run, "theorem-5.1/xor"), judge);
    tally.finish("memorising and at the bound")
}

fn judge_repaired(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let shrunk = Rational::from(1) - Rational::from(Rational::from(10).pow(30).recip_ref());
    let judge = |i: Instance| match form {
        Form::Stated => i.judge(
            "theorem-5.1-repaired",
            repaired(&i.data, &i.v, &i.eps),
            |c| c.of_existence(),
        ),
        Form::Control => {
            let smaller = Dataset {
                x: i.data.x.clone(),
                y: i.data.y.iter().map(|y| y.mul(&shrunk)).collect(),
            };
            let net = repaired(&smaller, &i.v, &i.eps);
            i.judge("theorem-5.1-repaired", net, |c| c.of_construction())
        }
    };
    let sample = |y: (i64, i64)| {
        Instance::one_sample(
            "one input 0, eps = 1",
            Rational::new(),
            Rational::from(y),
            Rational::from(1),
        )
    };
    let boundary = [(1, 2), (3, 4), (1, 1), (1, 3), (-1, 2), (-5, 1)].map(sample);
    tally.all(
        "one sample at and around the thresholds",
        boundary.into(),
        judge,
    );
    let mut rng = run.rng("theorem-5.1-repaired/random");
    let any_eps = |rng: &mut ChaCha8Rng, _: &Dataset<Rational>| generate::positive(rng);
    tally.all(
        "extreme points, any eps",
        random(&mut rng, Labels::Nonzero, run.pick(6, 90, 500), any_eps),
        judge,
    );
    tally.all("P_xor", cubes(run, "theorem-5.1/xor"), judge);
    tally.finish("a memorising network attains the bound for every eps")
}
