//! Lemma A.13 (Wen, Li, Ma 2023, Appendix A): the label-smoothed logistic loss
//! `l(a, b) = -p ln(e^{ba}/(1+e^a)) - (1-p) ln(e^{(1-b)a}/(1+e^a))` pointwise.
//!
//! Printed: minimal at `a = (2b-1) gamma_p`, `gamma_p = ln((1-p)/p)`, with `l'' = 1/(p(1-p))` there.
//! Judged in exact odds `t = e^a` (see [`crate::network::odds`]): `l' = t/(1+t) - q`,
//! `l'' = t/(1+t)^2`. `l'` increases with t, so `l' = 0` is the global minimum; that the printed loss
//! is larger elsewhere is also read off enclosures. Test `slope_vs_enclosed_losses`.

use super::hunt::Quarry;
use super::smoothing::{
    self, CONTROL_IN_WORDS, Claim, any_p, boundary_p, compare_losses, random_p, simpler_p,
};
use super::{Case, Finding, Kind, Outcome, Run, Tally};
use crate::certificate::{Member, Relation, Witness};
use crate::scalar::{Field, Radical, Ring};

/// As printed.
pub static CASE: Case = Case {
    id: "lemma-a.13",
    aliases: &[],
    title: "minimum of the label-smoothed logistic loss",
    kind: Kind::Universal,
    place: "Appendix A",
    printed: "For p in (0, 1), b in {0, 1}: l(a, b) is minimal over a at (2b-1) gamma_p, \
              gamma_p = ln((1-p)/p), and its second derivative there is 1/(p(1-p)).",
    hypotheses: "p in (0, 1), rational or not; both labels.",
    construction: "With q = p b + (1-p)(1-b): l' = sigma(a) - q, l'' = sigma(a)(1 - sigma(a)).",
    remark: "l' = 0 at a = (2b-1) ln(p/(1-p)): gamma_p has the wrong sign unless p = 1/2. The curvature \
             is p(1-p), at -gamma_p and at gamma_p alike; 1/(p(1-p)) is its reciprocal and never equal \
             to it.",
    repairs: &["lemma-a.13-repaired"],
    control: CONTROL_IN_WORDS,
    file: file!(),
    coq: None,
    hunt: Some(|search| HUNT.hunt(search)),
    judge: |run, form| judge(run, &CASE, smoothing::PRINTED.in_form(form)),
};

/// With `gamma_p = ln(p/(1-p))` and `p(1-p)`.
pub static REPAIRED: Case = Case {
    id: "lemma-a.13-repaired",
    title: "the same with gamma_p = ln(p/(1-p)) and l'' = p(1-p)",
    printed: "For p in (0, 1), b in {0, 1}: l(a, b) is minimal over a at (2b-1) gamma_p, \
              gamma_p = ln(p/(1-p)), and its second derivative there is p(1-p).",
    remark: "sigma(ln(p/(1-p))) = p, so l' = 0 and l'' = p(1-p) there; l' increases.",
    repairs: &[],
    judge: |run, form| judge(run, &REPAIRED, smoothing::REPAIRED.in_form(form)),
    hunt: Some(|search| HUNT_REPAIRED.hunt(search)),
    ..CASE
};

/// Any p, both labels.
const HUNT: Quarry<Radical> = Quarry {
    case: CASE.id,
    draw: |rng, _| ("p in (0, 1)", any_p(rng)),
    judge: |p| check(&CASE, &smoothing::PRINTED, p),
    simpler: simpler_p,
};
const HUNT_REPAIRED: Quarry<Radical> = Quarry {
    case: REPAIRED.id,
    judge: |p| check(&REPAIRED, &smoothing::REPAIRED, p),
    ..HUNT
};

fn judge(run: &Run, case: &Case, claim: Claim) -> Outcome {
    let mut tally = Tally::new(run, &["Radical", "Ball"]);
    let check = |p: Radical| check(case, &claim, &p);
    tally.all("p = 1/4, 1/2, 1/3, ..., both ends", boundary_p(), check);
    let mut rng = run.rng(case.id);
    let random = (0..run.pick(10, 500, 5_000)).map(|_| random_p(&mut rng));
    tally.all("random p", random.collect(), check);
    tally.finish("slope 0 and the stated curvature, exactly; larger losses elsewhere, enclosed")
}

fn check(case: &Case, claim: &Claim, p: &Radical) -> Result<Finding, Finding> {
    let curvature = claim.curvature(p)?;
    let (mut facts, mut wrong) = (Vec::new(), Vec::new());
    for b in [true, false] {
        let at = claim.at_minimiser(p, b)?;
        let label = u8::from(b);
        if at.slope != Radical::zero() {
            let repaired = smoothing::REPAIRED.at_minimiser(p, b)?;
            wrong.push(format!(
                "for label {label} the slope at a = ln({}) is {}, not 0; at ln({}) it is {}",
                at.odds, at.slope, repaired.odds, repaired.slope
            ));
            facts.push(claim.derivative_fact(1, b, Relation::Equal, &at.slope));
            facts.push(claim.derivative_fact(1, b, Relation::Different, 0));
        }
        if at.curvature != curvature {
            let sentence = format!(
                "the curvature there is {}, not {} = {curvature}",
                at.curvature, claim.curvature
            );
            if !wrong.contains(&sentence) {
                wrong.push(sentence);
            }
            facts.push(claim.derivative_fact(2, b, Relation::Equal, &at.curvature));
            facts.push(claim.derivative_fact(2, b, Relation::Different, claim.curvature));
        }
        if wrong.is_empty() {
            for u in others(&at.odds)? {
                if !compare_losses(p, b, &u, &at.odds)?.is_gt() {
                    let why = format!("p = {p}: the loss at ln({u}) is not above the minimum");
                    return Err(Finding::Undecided(why));
                }
            }
        }
    }
    if facts.is_empty() {
        return Ok(Finding::Holds);
    }
    let says = format!("p = {p}: {}", wrong.join("; "));
    let mut member = Member::new(format!("p = {p}")).parameter("p", p);
    member.facts = facts;
    Ok(Finding::Fails(Box::new(Witness::refutation(
        case.id,
        says,
        vec![member],
    ))))
}

/// Odds other than `t`, near and far, the mirrored ones among them.
fn others(t: &Radical) -> Result<Vec<Radical>, Finding> {
    let times = |q: i64| t.mul(&Radical::from_int(q));
    let half = t.div(&Radical::from_int(2))?;
    let mut others = vec![times(2), half, times(1000), t.inv()?];
    others.retain(|u| u != t);
    Ok(others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Fact;
    use crate::network::odds;
    use crate::search::rng;

    /// The sign of the slope, exactly, against losses at nearby points, enclosed.
    #[test]
    fn slope_vs_enclosed_losses() {
        let rng = &mut rng(0, "slopes");
        for _ in 0..40 {
            let (p, t) = (random_p(rng), random_p(rng).inv().unwrap());
            let near = t.mul(&"1 + 1/10^40".parse().unwrap());
            for b in [true, false] {
                let slope = odds::slope(&p, &t, b).unwrap().signum();
                if slope.is_ne() {
                    assert_eq!(
                        compare_losses(&p, b, &near, &t),
                        Ok(slope),
                        "p = {p}, t = {t}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_half_has_the_right_minimum_and_the_wrong_curvature() {
        let half: Radical = "1/2".parse().unwrap();
        let Ok(Finding::Fails(witness)) = check(&CASE, &smoothing::PRINTED, &half) else {
            panic!("1/4 is not 4");
        };
        let order = |fact: &Fact| matches!(fact, Fact::LogisticDerivative { order: 2, .. });
        assert!(witness.members[0].facts.iter().all(order), "{witness:?}");
    }
}
