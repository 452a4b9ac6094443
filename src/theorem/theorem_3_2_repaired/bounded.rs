//! `theorem-3.2-repaired-bounded`: Theorem 3.2 (Wen, Li, Ma 2023, Section 3.2) for networks whose
//! normalised activations are bounded on the cube, with `kappa = min(1, 2 eta eps / B)`,
//! `eta = min(1/32, (eps / 24 C)^2) / N` (proof and constants: `bn_stability`).

use super::{
    BOUNDED_FACES, BOUNDED_PAIRS, COPIES, Instance, LEANING, OPPOSED, Repair, activation_bound,
    hunts, near_dead,
};
use crate::certificate::{Fact, Relation};
use crate::scalar::{Rational, Ring};
use crate::theorem::{Case, Finding, Form, Kind, Outcome, Run};

const ID: &str = "theorem-3.2-repaired-bounded";

/// The case.
pub static CASE: Case = Case {
    id: ID,
    aliases: &[],
    title: "near-flattest batch-norm networks with bounded activations predict well",
    kind: Kind::Limit,
    place: "Section 3.2, repaired",
    printed: "On a complete training set, for eps > 0 and B > 0 let C = max(1, max_u sum |k_i|), the largest \
              sum of affine coordinates of a suffix in S, eta = min(1/32, (eps/24C)^2) / |S| and \
              kappa = min(1, 2 eta eps / B). Then every interpolating batch-norm network of any width with \
              Tr <= 8 + kappa and relu(z_j)/a_j <= B on {-1,1}^d for all j has |x1 x2 - f(x)| <= eps there.",
    hypotheses: "Condition 1; theta admissible and interpolating; the bound B at every point of the cube.",
    construction: "Split the neurons by their alignment alpha_j with the labels: the misaligned ones have \
                   coefficients that sum to kappa/(4 eta) at most, so they move f by B times that; the aligned \
                   ones are nearly constant on one quadrant of the training set, hence, as S spans, nearly \
                   constant off it.",
    remark: "The added hypothesis excludes exactly the near-dead neurons of theorem-3.2. The row clause is \
             left out: a null neuron is bounded too. Every step of the proof is checked on random neurons and \
             networks; a proof in Coq is to carry it.",
    repairs: &[],
    control: "the bound B dropped",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunts::BOUNDED.hunt(search)),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let repair = Repair {
        id: ID,
        control: ("near-dead pair", near_dead_pair),
        with_steps: true,
        families: &[COPIES, LEANING, OPPOSED, BOUNDED_PAIRS, BOUNDED_FACES],
        claim: predicts,
        conclusion: "every step of the proof holds, and every near-minimal bounded network predicts within eps",
    };
    repair.judge(run, form)
}

fn near_dead_pair() -> Result<Finding, Finding> {
    let instance = near_dead(false)?;
    let bound = Rational::from(4);
    let kappa = instance.stability()?.kappa_bounded(&instance.eps, &bound);
    let hypothesis = activations(Relation::Greater, &bound);
    let near = instance.near(&kappa)?;
    near.clauses(ID, &instance.eps, false, vec![hypothesis])
}

fn activations(is: Relation, bound: &Rational) -> Fact {
    Fact::LargestActivation {
        is,
        value: bound.to_string(),
    }
}

fn predicts(instance: &Instance) -> Result<Finding, Finding> {
    let bound = activation_bound(instance)?;
    let kappa = instance.stability()?.kappa_bounded(&instance.eps, &bound);
    let near = instance.near(&kappa)?;
    if near.largest_activation_squared() > Ring::square(&bound) {
        return Err(Finding::Vacuous("the activations exceed the bound".into()));
    }
    near.clauses(
        ID,
        &instance.eps,
        false,
        vec![activations(Relation::AtMost, &bound)],
    )
}
