//! `theorem-3.2-repaired-m4`: Theorem 3.2 (Wen, Li, Ma 2023, Section 3.2) at width 4 exactly, with the
//! kappa of `theorem-3.2-repaired-active` at `c_0 = 1/4` (proof and constants: `bn_stability`).

use super::{ALONE, Instance, LEANING, Repair, hunts, near_dead};
use crate::theorem::{Case, Finding, Form, Kind, Outcome, Run};

const ID: &str = "theorem-3.2-repaired-m4";

/// The case.
pub static CASE: Case = Case {
    id: ID,
    aliases: &[],
    title: "near-flattest batch-norm networks of width 4 generalise",
    kind: Kind::Limit,
    place: "Section 3.2, repaired",
    printed: "On a complete training set, for eps > 0 let C = max(1, max_u sum |k_i|) and \
              kappa = min(1/32, (eps/C)^2 min(1/144, 1/(4(d-2)))) / |S|. Then every interpolating batch-norm network \
              of width 4 with Tr <= 8 + kappa has |x1 x2 - f(x)| <= eps on {-1,1}^d and \
              ||W1_j[3:d]|| <= eps ||W1_j|| for all j.",
    hypotheses: "Condition 1; theta admissible and interpolating; m = 4.",
    construction: "Pigeonhole: misaligned neurons have too little weight to fit a quadrant, and an aligned one \
                   is at most 1/10 off its own; so each quadrant has its own aligned neuron, its coefficient is \
                   at least 1/4, and theorem-3.2-repaired-active applies.",
    remark: "For d >= 4 and an S that leaves out a point, width 4 is the only one at which Theorem 3.2 holds as \
             printed and says something: width 3 fails the row clause, every larger width both clauses \
             (theorem-3.2), and narrower networks do not interpolate. Every step of the proof is checked on random neurons \
             and networks; a proof in Coq is to carry it.",
    repairs: &[],
    control: "width 5 allowed",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunts::WIDTH_4.hunt(search)),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let repair = Repair {
        id: ID,
        control: ("width 5", || generalises(&near_dead(true)?, 5)),
        with_steps: true,
        families: &[ALONE, LEANING],
        claim: |instance| generalises(instance, 4),
        conclusion: "every step of the proof holds, and both clauses on every near-minimal network of width 4",
    };
    repair.judge(run, form)
}

fn generalises(instance: &Instance, width: usize) -> Result<Finding, Finding> {
    let kappa = instance.stability()?.kappa_width_4(&instance.eps);
    let near = instance.near(&kappa)?;
    if near.sum.width() != width {
        return Err(Finding::Vacuous(format!("the width is not {width}")));
    }
    near.clauses(ID, &instance.eps, true, vec![])
}
