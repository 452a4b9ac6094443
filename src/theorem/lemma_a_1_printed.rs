//! The network printed as the minimiser in Lemma A.1 (Wen, Li, Ma 2023, Appendix A), judged by itself: does
//! it interpolate a complete training set with `sum_j |gamma_j W2_j| = 2`?
//!
//! No: its active neurons have normalised output 2 and weight 1/2 whatever their quadrant's label, so
//! f = 1 also where y = -1; and its spare neurons (m > 4) have W1 = 0, b = 0, hence a = 0, outside the
//! domain. With `W2_j = s t / 2` and `b_k = 1` it does what it should (part of `lemma-a.1-repaired`; test
//! `the_corrected_network_passes`).

use super::bn_instances::{complete_sets, describe, exact};
use super::hunt::Quarry;
use super::hunt::batch_norm::{complete_set, smaller_sets};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::lemma_a_1::{Text, network};
use crate::data::complete::CompleteSet;
use crate::network::{Kink, Network, Refusal};
use crate::scalar::{Ordered, Radical, Ring};
use crate::search::generate::below;

/// The case.
pub static CASE: Case = Case {
    id: "lemma-a.1-printed",
    aliases: &[],
    title: "the printed minimiser of sum |gamma_j W2_j|",
    kind: Kind::Construction,
    place: "Appendix A",
    printed: "W1_j = (s, t, 0, ..., 0), b_j = -1, gamma_j = 1, W2_j = 1/2 for s, t in {-1,1}; for the other \
              neurons W1_k = 0, b_k = 0, W2_k = 0, gamma_k = 1. It interpolates, with sum |gamma_j W2_j| = 2.",
    hypotheses: "Complete training set, m >= 4.",
    construction: "As printed.",
    remark: "Two slips: W2_j must carry the label, W2_j = s t / 2; and a neuron with W1_k = 0, b_k = 0 is dead, \
             a_k = 0, which the model excludes (b_k = 1 does).",
    repairs: &["lemma-a.1-repaired"],
    control: "the corrected network with the sign of one W2_j flipped",
    file: file!(),
    coq: None,
    hunt: Some(|search| HUNT.hunt(search)),
    judge,
};

/// The printed network on any complete set, at widths from 4 to 9.
const HUNT: Quarry<(CompleteSet, usize)> = Quarry {
    case: CASE.id,
    draw: |rng, attempt| {
        let set = complete_set(rng, attempt);
        ("the printed network", (set, 4 + below(rng, 6)))
    },
    judge: |(set, m)| check(set, &network(set.d(), *m, Text::Printed)),
    simpler: |(set, m)| {
        let narrower = (4..*m).map(|m| (set.clone(), m));
        let smaller = smaller_sets(set).into_iter().map(|(set, _)| (set, *m));
        narrower.chain(smaller).collect()
    },
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let sets = complete_sets(run, "lemma-a.1-printed", run.pick(3, 7, 8));
    for m in 4..=run.pick(5, 8, 12) {
        let sets = sets.clone();
        let width = format!("width {m}");
        tally.all(&width, sets, |set| match form {
            Form::Stated => check(&set, &network(set.d(), m, Text::Printed)),
            Form::Control => check(&set, &flipped(set.d(), m)),
        });
    }
    tally.finish("the network interpolates with sum |gamma_j W2_j| = 2")
}

fn flipped(d: usize, m: usize) -> Network<Radical> {
    let mut net = network(d, m, Text::Corrected);
    if let Network::SimBn(net) = &mut net {
        net.last[0] = net.last[0].neg();
    }
    net
}

/// In the domain, interpolating, `sum |c| = 2`; the first that fails is the refutation.
fn check(set: &CompleteSet, net: &Network<Radical>) -> Result<Finding, Finding> {
    let data = exact(&set.training_set());
    let m = net.architecture().width();
    let name = format!("{}, m = {m}", describe(set));
    let member = Member::new(&name)
        .data(&data)
        .network(net)
        .fact(Fact::CompleteSet);
    let fails = |says: String, fact: Fact| {
        let members = vec![member.clone().fact(fact)];
        Ok(Finding::Fails(Box::new(Witness::refutation(
            CASE.id, says, members,
        ))))
    };
    let outputs = match net.outputs(&data.x, &data.x) {
        Err(Refusal::Kink(kink @ Kink::ZeroNormaliser { .. })) => {
            return fails(format!("{name}: {kink}"), (&kink).into());
        }
        outputs => outputs?,
    };
    if let Some(sample) = (0..data.len()).find(|i| outputs[*i] != data.y[*i]) {
        let (f, y) = (&outputs[sample], &data.y[sample]);
        let x = data.x[sample]
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let wrong = (0..data.len())
            .filter(|i| outputs[*i] != data.y[*i])
            .count();
        let says = format!(
            "{name}: f({x}) = {f} where y = {y}, as at {wrong} of the {} training points (W2_j = s t / 2 is right)",
            data.len()
        );
        return fails(
            says,
            Fact::Misfit {
                sample,
                output: f.to_string(),
            },
        );
    }
    let Network::SimBn(bn) = net else {
        return Err(Finding::Undecided("not a batch-norm network".into()));
    };
    let sizes: Vec<Radical> = bn
        .coefficients()
        .iter()
        .map(Ordered::abs)
        .collect::<Result<_, _>>()?;
    let sum = Radical::sum(&sizes);
    if sum != Radical::from_int(2) {
        let (is, value) = (Relation::Equal, sum.to_string());
        return fails(
            format!("{name}: sum |gamma_j W2_j| = {sum}"),
            Fact::CoefficientSum { is, value },
        );
    }
    Ok(Finding::Holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theorem::Size;

    #[test]
    fn the_corrected_network_passes() {
        for set in complete_sets(&Run::new(1, Size::Small), "corrected", 4) {
            for m in 4..7 {
                let finding = check(&set, &network(set.d(), m, Text::Corrected));
                assert!(matches!(finding, Ok(Finding::Holds)));
                let dead = check(&set, &network(set.d(), m, Text::Printed)).unwrap();
                assert!(matches!(dead, Finding::Fails(_)));
            }
        }
    }
}
