//! `lemma-a.2-repaired`: Lemma A.2 (Wen, Li, Ma 2023, Appendix A) at width 4 with a relative row clause.
//!
//! `F = ||gamma||^2 + ||W2||^2 <= 4 + kappa/2` gives `sum |c_j| <= 2 + kappa/4`, which is all that the
//! proof of `theorem-3.2-repaired-m4` uses of the trace; f and the relative tails do not depend on the
//! scale of W1. So the networks of that case are tried with their rows divided by [`SHRINK`]: F is
//! near its infimum and the trace far from its own.

use super::{Family, Instance, LEANING, Repair, hunts, near_dead};
use crate::certificate::{Fact, Relation};
use crate::network::{Network, SimBn};
use crate::scalar::{Radical, Rational, Ring};
use crate::sharpness::closed_form::trace;
use crate::theorem::{Case, Finding, Form, Kind, Outcome, Run};

const ID: &str = "lemma-a.2-repaired";

/// What the rows of W1 are divided by, times `1/kappa`.
const SHRINK: i64 = 1_000_000;

/// The case.
pub static CASE: Case = Case {
    id: ID,
    aliases: &[],
    title: "near-minimal ||gamma||^2 + ||W2||^2 at width 4 means near the generaliser",
    kind: Kind::Limit,
    place: "Appendix A, repaired",
    printed: "On a complete training set, for eps > 0 and the kappa of theorem-3.2-repaired-m4, every interpolating \
              batch-norm network of width 4 with ||gamma||^2 + ||W2||^2 <= 4 + kappa/2 has |x1 x2 - f(x)| <= eps on \
              {-1,1}^d and ||W1_j[3:d]|| <= eps ||W1_j|| for all j.",
    hypotheses: "Condition 1; theta admissible and interpolating; m = 4.",
    construction: "That of theorem-3.2-repaired-m4, whose proof uses the trace only through sum |gamma_j W2_j|.",
    remark: "Relative instead of absolute tails, since the scale of W1 is free, and width 4, since wider networks \
             have null and near-dead neurons. The steps of the proof are checked in theorem-3.2-repaired-m4.",
    repairs: &[],
    control: "width 5 allowed",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunts::LEMMA_A_2.hunt(search)),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let repair = Repair {
        id: ID,
        control: ("width 5", || generalises(&near_dead(true)?, 5, false)),
        with_steps: false,
        families: &[Family {
            name: "leaning, small rows",
            ..LEANING
        }],
        claim: |instance| generalises(instance, 4, true),
        conclusion: "both clauses hold on every network of width 4 with near-minimal norms",
    };
    repair.judge(run, form)
}

/// Both clauses at `F <= 4 + kappa/2`; `shrunk`: with rows so small that the trace is not near 8.
fn generalises(instance: &Instance, width: usize, shrunk: bool) -> Result<Finding, Finding> {
    let kappa = instance.stability()?.kappa_width_4(&instance.eps);
    let mut near = instance.near(&kappa)?;
    let Network::SimBn(net) = &mut near.network else {
        return Err(Finding::Undecided("not a batch-norm network".into()));
    };
    if net.first.len() != width {
        return Err(Finding::Vacuous(format!("the width is not {width}")));
    }
    if shrunk {
        let factor = Radical::from_rational(Rational::from(&kappa / SHRINK));
        net.first
            .iter_mut()
            .flatten()
            .for_each(|w| *w = w.mul(&factor));
    }
    let bound = Rational::from(&kappa / 2u32) + 4u32;
    if norms(net) > Radical::from_rational(bound) {
        return Err(Finding::Undecided("the norms are not near minimal".into()));
    }
    let flat = trace(&near.network, &near.data.x)? <= Radical::from_rational(kappa + 8u32);
    if shrunk && flat && instance.set.d() > 2 {
        return Err(Finding::Undecided("the trace was meant to be large".into()));
    }
    let is_near = Fact::NormSum {
        is: Relation::AtMost,
        value: "4 + kappa/2".into(),
    };
    near.clauses(ID, &instance.eps, true, vec![is_near])
}

/// `||gamma||^2 + ||W2||^2`.
fn norms(net: &SimBn<Radical>) -> Radical {
    Radical::dot(&net.gamma, &net.gamma).add(&Radical::dot(&net.last, &net.last))
}
