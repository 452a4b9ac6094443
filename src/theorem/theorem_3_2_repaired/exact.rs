//! `theorem-3.2-repaired-exact`: the exact-minimum form of Theorem 3.2 (Wen, Li, Ma 2023, Section 3.2):
//! interpolation and `sum |gamma_j W2_j| = 2` force `W1_j[3:d] = 0` wherever `gamma_j W2_j != 0`, and f is
//! perfect (the steps of `bn_stability` at E = 0).

use super::{COPIES, Family, Instance, Kin, Repair, copies, hunts, tail};
use crate::certificate::{Fact, Relation, Witness};
use crate::data::complete::CompleteSet;
use crate::scalar::{Radical, Rational, Ring};
use crate::theorem::near_minimal::NearMinimal;
use crate::theorem::{Case, Finding, Form, Kind, Outcome, Run};
use rand_chacha::ChaCha8Rng;

const ID: &str = "theorem-3.2-repaired-exact";

/// The case.
pub static CASE: Case = Case {
    id: ID,
    aliases: &[],
    title: "batch-norm networks of least coefficient sum generalise",
    kind: Kind::Universal,
    place: "Section 3.2, repaired",
    printed: "On a complete training set, an interpolating batch-norm network of any width with \
              sum |gamma_j W2_j| = 2 has W1_j[3:d] = 0 for every j with gamma_j W2_j != 0, and f = x1 x2 on \
              {-1,1}^d.",
    hypotheses: "Condition 1; every a_j > 0.",
    construction: "Equality in the lower bound: alpha_j = 1, so the neuron is active on one quadrant only, with \
                   the same value at every suffix; S - S spans, so its tail is 0.",
    remark: "The trace itself is 8 at none of these networks for d >= 3: the infimum is approached as W1 grows. \
             Every step of the proof is checked on random neurons; a proof in Coq is to carry it.",
    repairs: &[],
    control: "every j instead of gamma_j W2_j != 0",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunts::EXACT.hunt(search)),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let repair = Repair {
        id: ID,
        control: ("null neuron", null_neuron),
        with_steps: true,
        families: &[
            COPIES,
            Family {
                name: "leaning: above the minimum",
                draw: |set, rng| tilt(set, rng).map(Kin::Leaning),
            },
            Family {
                name: "opposed tails: above the minimum",
                draw: |set, rng| tilt(set, rng).map(Kin::Opposed),
            },
        ],
        claim: perfect,
        conclusion: "every step of the proof holds, every network at the minimum is perfect and every tilted one above it",
    };
    repair.judge(run, form)
}

/// A tail other than 0, if one is drawn.
fn tilt(set: &CompleteSet, rng: &mut ChaCha8Rng) -> Option<Vec<Rational>> {
    Some(tail(set, rng)).filter(|tail| tail.iter().any(|w| !w.is_zero()))
}

fn sum_is_2() -> Fact {
    Fact::CoefficientSum {
        is: Relation::Equal,
        value: "2".into(),
    }
}

/// Either `sum |c| > 2`, or the conclusions hold exactly.
fn perfect(instance: &Instance) -> Result<Finding, Finding> {
    let near = instance.near(&Rational::from((1, 1000)))?;
    let price = near.sum.price(&instance.set.training_set())?; // 4 sum |c|
    if price > Radical::from_int(8) {
        return Ok(Finding::Holds);
    }
    near.clauses(ID, &Rational::new(), true, vec![sum_is_2()])
}

fn null_neuron() -> Result<Finding, Finding> {
    let set = CompleteSet::all(3).map_err(|e| Finding::Undecided(e.to_string()))?;
    let build = |_: &Rational| Some(copies(3, &[Rational::from(1)], 1));
    let near = NearMinimal::first(&set, &Rational::from(1), 2, build)?;
    let near = near.ok_or_else(|| Finding::Undecided("no network".into()))?;
    let tail = Fact::TailSquared {
        neuron: 4,
        is: Relation::Greater,
        value: "0".into(),
    };
    let member = near.member("null neuron").fact(sum_is_2()).fact(tail);
    let says = "d = 3, m = 5: a null neuron with row (0, 0, 1) and sum |gamma_j W2_j| = 2";
    Ok(Finding::Fails(Box::new(Witness::refutation(
        ID,
        says,
        vec![member],
    ))))
}
