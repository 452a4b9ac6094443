//! Lemma A.3 (Wen, Li, Ma 2023, Appendix A): at an interpolating batch-norm theta
//! `Tr >= ||W2||^2 + ||gamma||^2`, and the infima of the two sides are said to agree.
//!
//! Exactly, since the normalised activations have mean square 1,
//!
//! ```text
//! Tr = F2 + (2/n) sum_i |grad_(W1,b) f(x_i)|^2,      F2 = 2 (||gamma||^2 + ||W2||^2).
//! ```
//!
//! Rows times t leave f and F2 alone and divide the second part by t^2, so `inf Tr = inf F2`: the
//! printed inequality holds and the infima differ by the factor 2 lost, unless both are 0. Tests
//! `trace_vs_definition`, and the identity above, where the second part comes from the gradients.

use super::bn_instances::{
    complete_sets, describe, exact, interpolants, norm_sum, power_of_ten, random_scene, scaled,
};
use super::hunt::Quarry;
use super::hunt::batch_norm::{Scene as Perturbed, Trial};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::sim_bn_generaliser::generaliser;
use crate::data::Dataset;
use crate::data::complete::CompleteSet;
use crate::network::{Network, SimBn};
use crate::scalar::{Field, Ordered, Radical, Rational, Ring};
use crate::sharpness::closed_form::trace;
use crate::sharpness::gradient::gradients;

/// The case as printed.
pub static CASE: Case = Case {
    id: "lemma-a.3",
    aliases: &[],
    title: "the trace against ||W2||^2 + ||gamma||^2",
    kind: Kind::Inequality,
    place: "Appendix A",
    printed: "At an interpolating theta of a 2-MLP-Sim-BN, Tr >= ||W2||^2 + ||gamma||^2, and the infima over \
              the interpolating theta agree.",
    hypotheses: "Any data; theta admissible and interpolating; any width that can interpolate.",
    construction: "The rows of W1 and b times t, t to infinity.",
    remark: "A factor 2 is lost: Tr = 2 (||gamma||^2 + ||W2||^2) + (2/n) sum |grad_(W1,b) f|^2. So inf Tr is \
             twice inf (||gamma||^2 + ||W2||^2), and they agree only if both are 0, that is if all labels are 0: \
             |f(x_i)| <= sqrt(n) (||gamma||^2 + ||W2||^2)/2. The uses of the lemma survive the factor.",
    repairs: &["lemma-a.3-repaired"],
    control: "Tr >= (2 + 10^-30) (||W2||^2 + ||gamma||^2)",
    file: file!(),
    coq: None,
    hunt: Some(|search| HUNT.hunt(search)),
    judge,
};

/// The factor restored.
pub static REPAIRED: Case = Case {
    id: "lemma-a.3-repaired",
    aliases: &[],
    title: "the trace against 2 (||W2||^2 + ||gamma||^2)",
    kind: Kind::Inequality,
    place: "ours; Appendix A",
    printed: "At an interpolating theta of a 2-MLP-Sim-BN, Tr = 2 (||W2||^2 + ||gamma||^2) + (2/n) sum_i \
              |grad_(W1,b) f(x_i)|^2, and the infimum of Tr over the interpolating theta is that of 2 (||W2||^2 + \
              ||gamma||^2).",
    hypotheses: "Any data; theta admissible and interpolating; any width.",
    construction: "The rows of W1 and b times t, t to infinity: f, gamma and W2 stay, the second part falls as 1/t^2.",
    remark: "Every normalised activation has mean square 1 over the training set.",
    repairs: &[],
    control: "Tr >= (2 + 10^-30) (||W2||^2 + ||gamma||^2)",
    file: file!(),
    coq: None,
    hunt: Some(|search| HUNT_REPAIRED.hunt(search)),
    judge: judge_repaired,
};

/// Perturbed generalisers: the inequality, and the infima.
const HUNT: Quarry<Perturbed> = Quarry {
    case: CASE.id,
    draw: Perturbed::draw,
    judge: |perturbed| {
        let trial = perturbed.at(0)?;
        let scene = (trial.data.clone(), trial.net.clone());
        match at_least(CASE.id, &scene, &Radical::one(), "1")? {
            Finding::Holds => below_the_infimum(&trial),
            other => Ok(other),
        }
    },
    simpler: Perturbed::simpler,
};
/// The identity on the same networks.
const HUNT_REPAIRED: Quarry<Perturbed> = Quarry {
    case: REPAIRED.id,
    judge: |perturbed| {
        perturbed
            .at(0)
            .and_then(|trial| identity(&(trial.data, trial.net)))
    },
    ..HUNT
};

/// Every trace on a complete set is at least 8: norms below that refute that the infima agree.
fn below_the_infimum(trial: &Trial) -> Result<Finding, Finding> {
    let norms = trial.norms();
    Ok(Finding::from_check(norms >= Radical::from_int(8), || {
        let member = Member::new(trial.name())
            .data(&trial.data)
            .network(&trial.network)
            .fact(Fact::CompleteSet)
            .fact(Fact::Interpolates)
            .fact(Fact::NormSum {
                is: Relation::Less,
                value: "8".into(),
            });
        let says = format!(
            "{}: every interpolating theta has Tr >= 8, but this one has ||gamma||^2 + ||W2||^2 = {}",
            trial.name(),
            norms.approx(6)
        );
        Witness::refutation(CASE.id, says, vec![member])
    }))
}

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    match form {
        Form::Control => below_control(run, &mut tally, CASE.id),
        Form::Stated => {
            tally.all("infima, labels 0", vec![()], |()| all_labels_zero());
            let sets = complete_sets(run, "lemma-a.3/sets", run.pick(3, 6, 8));
            tally.all("infima, complete sets", sets, |set| infima_differ(&set));
            let scenes = scenes(run, "lemma-a.3");
            let factor = Radical::one();
            tally.all("inequality", scenes, |scene| {
                at_least(CASE.id, &scene, &factor, "1")
            });
        }
    }
    tally.finish("the inequality holds and the infima agree")
}

fn judge_repaired(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    match form {
        Form::Control => below_control(run, &mut tally, REPAIRED.id),
        Form::Stated => {
            let scenes = scenes(run, "lemma-a.3-repaired");
            tally.all("random networks and data", scenes, |scene| identity(&scene));
            let mut rng = run.rng("lemma-a.3-repaired/complete");
            for set in complete_sets(run, "lemma-a.3-repaired/sets", run.pick(3, 5, 7)) {
                let nets = interpolants(&set, &mut rng);
                let scene = |i: super::bn_instances::Instance| identity(&i.scene()?);
                tally.all("interpolating a complete set", nets, scene);
            }
        }
    }
    tally.finish("the identity holds and its second part falls as 1/t^2")
}

type Scene = (Dataset<Radical>, SimBn<Radical>);

fn scenes(run: &Run, stream: &str) -> Vec<Scene> {
    let mut rng = run.rng(stream);
    let count = run.pick(20, 400, 4000);
    (0..count).map(|_| random_scene(&mut rng)).collect()
}

/// Random networks with their rows times 10^40, where the second part of Tr is far below 10^-30.
fn below_control(run: &Run, tally: &mut Tally, case: &'static str) {
    let text = "2 + 1/10^30";
    let factor = Radical::from_int(2).add(&Radical::from_rational(power_of_ten(30)));
    let far = Radical::from_rational(power_of_ten(40).recip());
    let scenes = scenes(run, "lemma-a.3/control").into_iter();
    let scenes = scenes.map(|(data, net)| (data, scaled(&net, &far)));
    tally.all("rows times 10^40", scenes.collect(), |scene| {
        at_least(case, &scene, &factor, text)
    });
}

/// `Tr >= factor * (||gamma||^2 + ||W2||^2)`.
fn at_least(
    case: &str,
    (data, net): &Scene,
    factor: &Radical,
    text: &str,
) -> Result<Finding, Finding> {
    let norm = norm_sum(net);
    let network = Network::SimBn(net.clone());
    let found = trace(&network, &data.x)?;
    let holds = found.compare(&factor.mul(&norm))?.is_ge();
    Ok(Finding::from_check(holds, || {
        let (n, m) = (data.len(), net.first.len());
        let says = format!(
            "n = {n}, d = {}, m = {m}: Tr = ~{} is below ({text}) (||gamma||^2 + ||W2||^2), the norms being ~{}",
            data.dim(),
            found.approx(8),
            norm.approx(8)
        );
        let member = Member::new("an interpolating network")
            .parameter("norms", &norm)
            .data(data)
            .network(&network)
            .fact(Fact::NormSum {
                is: Relation::Equal,
                value: "norms".into(),
            })
            .fact(Fact::Trace {
                is: Relation::Less,
                value: format!("({text})*norms"),
            });
        Witness::refutation(case, says, vec![member])
    }))
}

/// On labels 0 the network with gamma = W2 = 0 attains 0 on both sides.
fn all_labels_zero() -> Result<Finding, Finding> {
    let one = Radical::one();
    let data = Dataset {
        x: vec![vec![one.clone()]],
        y: vec![Radical::zero()],
    };
    let net = SimBn {
        first: vec![vec![one.clone(), one]],
        gamma: vec![Radical::zero()],
        last: vec![Radical::zero()],
    };
    let zero = Radical::zero();
    let both = norm_sum(&net) == zero && trace(&Network::SimBn(net), &data.x)? == zero;
    match both {
        true => Ok(Finding::Holds),
        false => Err(Finding::Undecided(
            "the null network does not attain 0".into(),
        )),
    }
}

/// On a complete set inf Tr = 8, but the generaliser has `||gamma||^2 + ||W2||^2 = 4`.
fn infima_differ(set: &CompleteSet) -> Result<Finding, Finding> {
    let data = exact(&set.training_set());
    let net = generaliser(set.d(), &[(); 4].map(|()| Rational::from(1)))?;
    let number = |value: i64| value.to_string();
    let member = Member::new(format!("{}, m = 4", describe(set)))
        .data(&data)
        .network(&net)
        .fact(Fact::CompleteSet)
        .fact(Fact::Trace {
            is: Relation::AtLeast,
            value: number(8),
        })
        .fact(Fact::NormSum {
            is: Relation::Equal,
            value: number(4),
        });
    let says = format!(
        "{}, m = 4: every interpolating theta has Tr >= 8, but the generaliser has ||gamma||^2 + ||W2||^2 = 4 \
         exactly, so the infima are 8 and 4: the factor 2 of the trace is lost",
        describe(set)
    );
    Ok(Finding::Fails(Box::new(Witness::refutation(
        CASE.id,
        says,
        vec![member],
    ))))
}

/// `Tr - F2 = (2/n) sum |grad_(W1,b) f|^2`, and at rows times t it is that over t^2.
fn identity((data, net): &Scene) -> Result<Finding, Finding> {
    let network = Network::SimBn(net.clone());
    let twice = Radical::from_int(2).mul(&norm_sum(net));
    let excess = trace(&network, &data.x)?.sub(&twice);
    let rows = net.first.iter().map(Vec::len).sum::<usize>();
    let all = gradients(&network, &data.x)?;
    let of_rows = all.iter().flatten().filter(|(p, _)| *p < rows);
    let squares = of_rows.fold(Radical::zero(), |sum, (_, v)| sum.add(&v.square()));
    let part = Radical::from_int(2)
        .mul(&squares)
        .div(&Radical::from_int(data.len() as i64))?;
    let mut holds = excess == part && excess.sign()?.is_ge();
    let mut witness = (network, twice.add(&part));
    for t in [
        Radical::from_int(3),
        Radical::from_rational(power_of_ten(10).recip()),
    ] {
        let network = Network::SimBn(scaled(net, &t));
        let found = trace(&network, &data.x)?;
        let expected = twice.add(&part.div(&t.square())?);
        let same = network.outputs(&data.x, &data.x)? == data.y;
        if holds && (found != expected || !same) {
            (holds, witness) = (false, (network, expected));
        }
    }
    let (network, expected) = witness;
    Ok(Finding::from_check(holds, || {
        let says = format!(
            "the trace is not 2 (||gamma||^2 + ||W2||^2) + the W1-part = ~{}",
            expected.approx(8)
        );
        let member = Member::new("an interpolating network")
            .data(data)
            .network(&network);
        let (is, value) = (Relation::Different, expected.to_string());
        Witness::refutation(
            REPAIRED.id,
            says,
            vec![member.fact(Fact::Trace { is, value })],
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharpness::definition::mse_trace;
    use crate::theorem::Size;

    #[test]
    fn trace_vs_definition() {
        let run = Run::new(5, Size::Small);
        for (data, net) in scenes(&run, "trace_vs_definition").into_iter().take(6) {
            let network = Network::SimBn(net);
            let closed = trace(&network, &data.x).unwrap();
            assert_eq!(closed, mse_trace(&network, &data).unwrap());
        }
    }
}
