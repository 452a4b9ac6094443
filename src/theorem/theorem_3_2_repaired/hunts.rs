//! The hunts of what survives of Theorem 3.2 (Wen, Li, Ma 2023): the perturbed generalisers that refute the
//! printed theorem, judged with the added hypotheses. They are the negative control of that search: it
//! must find nothing here, though the hypotheses are met often enough (test
//! `the_hypotheses_are_met`).

use super::active;
use crate::certificate::{Fact, Relation};
use crate::scalar::{Integer, Ordered, Radical, Rational, Ring};
use crate::theorem::Finding;
use crate::theorem::bn_stability::Stability;
use crate::theorem::hunt::Quarry;
use crate::theorem::hunt::batch_norm::{Clause, Met, Scene, Survivor, Trial};

/// `sum |c_j| = 2`: perfect, and no tails where `c_j != 0`.
pub(super) const EXACT: Quarry<Scene> = Quarry {
    case: "theorem-3.2-repaired-exact",
    draw: Scene::draw,
    judge: |scene| {
        Survivor {
            case: "theorem-3.2-repaired-exact",
            hypothesis: |trial, _| {
                let least = trial.coefficient_sum()? == Radical::from_int(2);
                let (is, value) = (Relation::Equal, "2".into());
                Ok(least.then(|| vec![Fact::CoefficientSum { is, value }]))
            },
            exact: true,
            clauses: &[Clause::TwoSided, Clause::ActiveRows],
        }
        .judge(scene)
    },
    simpler: Scene::simpler,
};

/// Activations bounded on the cube, by the least integer that bounds them.
pub(super) const BOUNDED: Quarry<Scene> = Quarry {
    case: "theorem-3.2-repaired-bounded",
    judge: |scene| {
        Survivor {
            case: "theorem-3.2-repaired-bounded",
            hypothesis: |trial, eps| {
                let Some(square) = trial.largest_activation_squared()?.as_rational() else {
                    return Ok(None);
                };
                let square: Integer = square.ceil().into_numer_denom().0;
                let bound = Rational::from(square.sqrt() + 1u32);
                let (is, value) = (Relation::AtMost, bound.to_string());
                let fact = Fact::LargestActivation { is, value };
                near(trial, stability(trial)?.kappa_bounded(eps, &bound), fact)
            },
            exact: false,
            clauses: &[Clause::TwoSided],
        }
        .judge(scene)
    },
    ..EXACT
};

/// Every `c_j` 0 or at least c_0.
pub(super) const ACTIVE: Quarry<Scene> = Quarry {
    case: "theorem-3.2-repaired-active",
    judge: |scene| {
        Survivor {
            case: "theorem-3.2-repaired-active",
            hypothesis: |trial, eps| {
                let gap = active::gap();
                let least = Radical::from_rational(gap.clone());
                for c in trial.net.coefficients() {
                    if c.signum().is_ne() && c.abs()? < least {
                        return Ok(None);
                    }
                }
                let (is, value) = (Relation::AtLeast, gap.to_string());
                let fact = Fact::ActiveCoefficients { is, value };
                near(trial, stability(trial)?.kappa_active(eps, &gap), fact)
            },
            exact: false,
            clauses: &[Clause::TwoSided, Clause::ActiveRows],
        }
        .judge(scene)
    },
    ..EXACT
};

/// Width 4.
pub(super) const WIDTH_4: Quarry<Scene> = Quarry {
    case: "theorem-3.2-repaired-m4",
    judge: |scene| {
        Survivor {
            case: "theorem-3.2-repaired-m4",
            hypothesis: |trial, eps| match trial.net.first.len() {
                4 => near(
                    trial,
                    stability(trial)?.kappa_width_4(eps),
                    Fact::Admissible,
                ),
                _ => Ok(None),
            },
            exact: false,
            clauses: &[Clause::TwoSided, Clause::Rows],
        }
        .judge(scene)
    },
    ..EXACT
};

/// Width 4, by the norms instead of the trace.
pub(super) const LEMMA_A_2: Quarry<Scene> = Quarry {
    case: "lemma-a.2-repaired",
    judge: |scene| {
        Survivor {
            case: "lemma-a.2-repaired",
            hypothesis: |trial, eps| {
                let kappa = stability(trial)?.kappa_width_4(eps);
                let limit = Radical::from_rational(kappa / 2u32 + 4u32);
                let met = trial.net.first.len() == 4 && trial.norms() <= limit;
                let (is, value) = (Relation::AtMost, limit.to_string());
                Ok(met.then(|| vec![Fact::NormSum { is, value }]))
            },
            exact: false,
            clauses: &[Clause::TwoSided, Clause::Rows],
        }
        .judge(scene)
    },
    ..EXACT
};

fn stability(trial: &Trial) -> Result<Stability, Finding> {
    Stability::new(&trial.set).map_err(|e| Finding::Undecided(e.to_string()))
}

/// `Tr <= 8 + kappa`, with the fact of the rest of the hypothesis.
fn near(trial: &Trial, kappa: Rational, rest: Fact) -> Result<Met, Finding> {
    let limit = Radical::from_rational(kappa + 8u32);
    if trial.trace()? > limit {
        return Ok(None);
    }
    let (is, value) = (Relation::AtMost, limit.to_string());
    Ok(Some(vec![rest, Fact::Trace { is, value }]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theorem::{Search, Verdict};

    #[test]
    fn the_hypotheses_are_met() {
        for quarry in [EXACT, BOUNDED, ACTIVE, WIDTH_4, LEMMA_A_2] {
            let found = quarry.hunt(&Search::new(1, 48));
            assert_eq!(
                found.verdict(),
                Verdict::Undecided,
                "{}: {found:?}",
                quarry.case
            );
            assert_eq!(found.undecided, (0, None), "{}", quarry.case);
            assert!(found.vacuous < found.instances(), "{}", quarry.case);
        }
    }
}
