//! Lemma A.2 (Wen, Li, Ma 2023, Appendix A): near-minimal `F = ||gamma||^2 + ||W2||^2` of a batch-norm network
//! that interpolates a complete training set is said to bring prediction and first layer near the generaliser.
//!
//! `F >= 2 sum |gamma_j W2_j|`, so `inf F = 4` for m >= 4 and 6 for m = 3 (`lemma-a.1-repaired`). Refuted by
//! families at kappa = 10^-2 ... 10^-12; since `4 + kappa <= 4 (1 + kappa)` they are also near in the relative
//! sense:
//!
//! | family | width | S | F | violation |
//! |---|---|---|---|---|
//! | tilted | 4 | every S, d >= 3 | `4 sqrt(p ((2+e)^2 + 2e^2) + (1-p) (2-e)^2) / (2-e)` | tail `T e` for any T |
//! | tilted | 3 | every S, d >= 3 | tends to 6 | tail `T e` for any T |
//! | null neuron | 5 | every S, d >= 3 | 4 | tail T for any T |
//! | leaning | 5 | every S that leaves out a point | tends to 4 | `x1 x2 - f = eta (2k - delta)/delta` |
//! | near-dead pair | 6 | every S that leaves out a point | `4 + 4 s delta / sqrt(n)` | `x1 x2 - f = s (2k + delta)` |
//!
//! At d = 2 there is no tail and no unseen point, and the lemma holds. Tests `every_family_refutes`,
//! `tampered_members_fail`.

use super::bn_instances::{complete_sets, describe, power_of_ten};
use super::hunt::Quarry;
use super::hunt::batch_norm::{Clause, Limit, Measure, Scene, either};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Member, Witness, check};
use crate::data::complete::CompleteSet;
use crate::scalar::{Integer, Rational};
use families::{FAMILIES, Family};
use rug::ops::Pow;

mod families;

const ID: &str = "lemma-a.2";

/// The case.
pub static CASE: Case = Case {
    id: ID,
    aliases: &[],
    title: "near-minimal ||gamma||^2 + ||W2||^2 means near the generaliser",
    kind: Kind::Limit,
    place: "Appendix A",
    printed: "On a complete training set, for any eps > 0 and any width m there is kappa > 0 such that every \
              interpolating 2-MLP-Sim-BN with ||gamma||^2 + ||W2||^2 <= kappa + inf has x1 x2 - f(x) <= eps on \
              {-1,1}^d and ||W1_j[3:d]|| <= eps for all j.",
    hypotheses: "Training set {-1,1}^2 x S with S - S spanning (Condition 1), labels x1 x2; the value clause read \
                 one-sided, as printed.",
    construction: "The generaliser tilted by e, rows times T (batch norm is free of the scale of W1); a null \
                   neuron; near-dead neurons.",
    remark: "Three errors. The row clause is absolute, but neither f nor F depends on the scale of W1: it fails at \
             every width m >= 3 for every S, d >= 3. \"For all j\" fails at m >= 5 even in relative form, by null \
             neurons. And the value clause fails at m >= 5 for every S that leaves out a point, since f is not \
             continuous where some a_j tends to 0. At d = 2 nothing is left to fail.",
    repairs: &["lemma-a.2-repaired"],
    control: "eps = 10^30",
    file: file!(),
    coq: None,
    hunt: Some(|search| either(VALUE.hunt(search), ROWS.hunt(search))),
    judge,
};

/// The value clause.
const VALUE: Quarry<Scene> = Quarry {
    case: ID,
    draw: Scene::draw,
    judge: |scene| near(Clause::Value).judge(scene),
    simpler: Scene::simpler,
};
/// The row clause, absolute as printed.
const ROWS: Quarry<Scene> = Quarry {
    judge: |scene| near(Clause::AbsoluteRows).judge(scene),
    ..VALUE
};

fn near(clause: Clause) -> Limit {
    Limit {
        case: ID,
        measure: Measure::Norms,
        clause,
    }
}

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let eps = match form {
        Form::Stated => Rational::from((1, 2)),
        Form::Control => Rational::from(Integer::from(10).pow(30)),
    };
    let sets = complete_sets(run, "lemma-a.2/sets", run.pick(4, 6, 8));
    let digits = run.pick(
        vec![2, 12],
        vec![2, 4, 6, 8, 10, 12],
        vec![2, 4, 6, 8, 10, 12],
    );
    if form == Form::Stated {
        tally.all("d = 3 and 4, every family", vec![()], |()| {
            smallest(&eps, &digits)
        });
    }
    for family in &FAMILIES {
        let sets = sets.clone();
        tally.all(family.name, sets, |set| refute(family, &set, &eps, &digits));
    }
    tally.finish("both clauses hold on every member tried")
}

/// The family on this set at every kappa; at d = 2, or where it needs an unseen point, nothing to try.
fn refute(
    family: &Family,
    set: &CompleteSet,
    eps: &Rational,
    digits: &[u32],
) -> Result<Finding, Finding> {
    let members = members(family, set, eps, digits)?;
    if members.is_empty() {
        let why = format!("{}: {} has no member here", describe(set), family.name);
        return Ok(Finding::Vacuous(why));
    }
    let says = format!(
        "{}, {}: eps = {eps} fails at every kappa tried, down to 10^-12",
        describe(set),
        family.name
    );
    Ok(confirmed(Witness::refutation(ID, says, members)))
}

fn members(
    family: &Family,
    set: &CompleteSet,
    eps: &Rational,
    digits: &[u32],
) -> Result<Vec<Member>, Finding> {
    let one = |&digits: &u32| family.member(set, eps, &power_of_ten(digits)).transpose();
    let members: Vec<Member> = digits.iter().filter_map(one).collect::<Result<_, _>>()?;
    Ok(members)
}

/// A refutation if its witness re-checks; the witness of a failed attempt decides nothing.
fn confirmed(witness: Witness) -> Finding {
    match check(&witness) {
        Ok(_) => Finding::Fails(Box::new(witness)),
        Err(discrepancy) => Finding::Undecided(discrepancy.to_string()),
    }
}

/// The witness of the case: the row families at d = 3, the value families at d = 4.
fn smallest(eps: &Rational, digits: &[u32]) -> Result<Finding, Finding> {
    let mut all = Vec::new();
    for family in &FAMILIES {
        let d = if family.unseen { 4 } else { 3 };
        let set = CompleteSet::smallest(d).map_err(|e| Finding::Undecided(e.to_string()))?;
        all.extend(members(family, &set, eps, digits)?);
    }
    let says = "eps = 1/2, at every kappa tried down to 10^-12, absolute or relative: d = 3, m = 4: rows T (s, t, e), \
                bias 0, e = kappa/8, T = 8/kappa interpolate with F = 4 sqrt(4 + 2e^2)/(2 - e) <= 4 + kappa (inf 4) \
                and have ||W1_j[3:d]|| = T e = 1; d = 4, S = {(1,1), (-1,1), (1,-1)}, m = 6: F = 4 + kappa/sqrt(12), but \
                x1 x2 - f = 2 + kappa/4 at (1,1,-1,-1); rows fail from m = 3 on, values from m = 5 on";
    Ok(confirmed(Witness::refutation(ID, says, all)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Ring;

    fn all_members(kappa: &Rational) -> Vec<Member> {
        let set = CompleteSet::smallest(4).unwrap();
        let eps = Rational::from((1, 2));
        let member = |family: &Family| family.member(&set, &eps, kappa).unwrap().unwrap();
        FAMILIES.iter().map(member).collect()
    }

    fn passes(member: Member) -> bool {
        check(&Witness::refutation(ID, "", vec![member])).is_ok()
    }

    #[test]
    fn every_family_refutes() {
        for digits in [1, 5, 12] {
            for member in all_members(&power_of_ten(digits)) {
                let name = member.name.clone();
                assert!(passes(member), "{name}");
            }
        }
    }

    /// The facts carry the refutation: with kappa a thousandth of what a member was built for, none but
    /// the null neuron passes.
    #[test]
    fn tampered_members_fail() {
        let kappa = power_of_ten(3);
        let survivors: Vec<String> = all_members(&kappa)
            .into_iter()
            .map(|mut member| {
                let smaller = kappa.mul(&power_of_ten(3)).to_string();
                member.parameters.insert("kappa".into(), smaller);
                member
            })
            .filter(|member| passes(member.clone()))
            .map(|member| member.name)
            .collect();
        assert!(
            survivors.iter().all(|name| name.starts_with("null")),
            "{survivors:?}"
        );
    }
}
