//! `theorem-3.2-repaired-active`: Theorem 3.2 (Wen, Li, Ma 2023, Section 3.2) for networks whose
//! coefficients are 0 or at least `c_0`, with `kappa = min(1, 4 c_0 eta)`,
//! `eta = min(1/32, (eps/C)^2 min(1/144, 1/(4(d-2)))) / N` (proof and constants: `bn_stability`).

use super::{COPIES, Instance, LEANING, OPPOSED, Repair, hunts, near_dead};
use crate::certificate::{Fact, Relation};
use crate::scalar::{Radical, Rational, Ring};
use crate::theorem::{Case, Finding, Form, Kind, Outcome, Run};

const ID: &str = "theorem-3.2-repaired-active";

/// The case.
pub static CASE: Case = Case {
    id: ID,
    aliases: &[],
    title: "near-flattest batch-norm networks without faint neurons generalise",
    kind: Kind::Limit,
    place: "Section 3.2, repaired",
    printed: "On a complete training set, for eps > 0 and c_0 > 0 let C = max(1, max_u sum |k_i|), \
              eta = min(1/32, (eps/C)^2 min(1/144, 1/(4(d-2)))) / |S| and kappa = min(1, 4 c_0 eta). Then every \
              interpolating batch-norm network of any width with Tr <= 8 + kappa and gamma_j W2_j = 0 or \
              |gamma_j W2_j| >= c_0 for every j has |x1 x2 - f(x)| <= eps on {-1,1}^d, and \
              ||W1_j[3:d]|| <= eps ||W1_j|| for every j with gamma_j W2_j != 0.",
    hypotheses: "Condition 1; theta admissible and interpolating; the gap in the coefficients.",
    construction: "As theorem-3.2-repaired-bounded, but no neuron can be misaligned: each would cost \
                   |c_j| (1 - alpha_j) <= kappa/4. Aligned neurons are single-quadrant and nearly constant there, \
                   so their tails are small against the difference between the quadrants.",
    remark: "Every step of the proof is checked on random neurons and networks; a proof in Coq is to carry it.",
    repairs: &[],
    control: "the gap in the coefficients dropped",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunts::ACTIVE.hunt(search)),
    judge,
};

/// `c_0` of the instances.
pub(super) fn gap() -> Rational {
    Rational::from((1, 16))
}

fn judge(run: &Run, form: Form) -> Outcome {
    let repair = Repair {
        id: ID,
        control: ("near-dead pair", near_dead_pair),
        with_steps: true,
        families: &[COPIES, LEANING, OPPOSED],
        claim: generalises,
        conclusion: "every step of the proof holds, and both clauses on every near-minimal network without faint neurons",
    };
    repair.judge(run, form)
}

fn near_dead_pair() -> Result<Finding, Finding> {
    let instance = near_dead(false)?;
    let near = instance.near(&kappa(&instance)?)?;
    near.clauses(ID, &instance.eps, true, vec![])
}

fn kappa(instance: &Instance) -> Result<Rational, Finding> {
    Ok(instance.stability()?.kappa_active(&instance.eps, &gap()))
}

fn generalises(instance: &Instance) -> Result<Finding, Finding> {
    let near = instance.near(&kappa(instance)?)?;
    let least = Radical::from_rational(gap());
    let coefficients = near.sum.coefficients(&instance.set.training_set())?;
    let faint = |c: &Radical| !c.terms().is_empty() && *c < least && c.neg() < least;
    if coefficients.iter().any(faint) {
        return Err(Finding::Vacuous("a coefficient is faint".into()));
    }
    let hypothesis = Fact::ActiveCoefficients {
        is: Relation::AtLeast,
        value: gap().to_string(),
    };
    near.clauses(ID, &instance.eps, true, vec![hypothesis])
}
