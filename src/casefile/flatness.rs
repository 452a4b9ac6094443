//! Claims about how flat a network is: its trace against the infimum, its extreme eigenvalues.

use super::claim::Side;
use super::decide::{Answer, Answered, Judge, number, undecided};
use super::infimum::{Evidence, Infimum};
use crate::certificate::{Discrepancy, Fact, Member, Relation, Witness, check};
use crate::scalar::text::{Fault, Trouble};
use crate::scalar::{Ordered, Radical, Ring};
use crate::sharpness::spectrum::eigenvalues;
use crate::theorem::Verdict;
use std::cmp::Ordering;

impl Judge<'_> {
    /// The trace against the infimum, plus kappa or times 1 + kappa.
    pub(super) fn near(&self, slack: Option<(bool, &Side)>) -> Answered {
        if let Some(answer) = self.misfit()? {
            return Ok(answer);
        }
        let trace = self.frame.scene.sharpness()?.clone();
        let kappa = match slack {
            Some((relative, side)) => Some((relative, self.value(side)?)),
            None => None,
        };
        let allowed = |bound: &Radical| match &kappa {
            None => bound.clone(),
            Some((false, kappa)) => bound.add(kappa),
            Some((true, kappa)) => bound.add(&bound.mul(kappa)),
        };
        let infimum = self.infimum.get_or_init(|| Infimum::of(self.frame));
        if let Some((bound, fact)) = &infimum.lower {
            let limit = allowed(bound);
            if trace.compare(&limit).map_err(undecided)?.is_le() {
                let found = format!(
                    "the trace is {}, the lower bound {}",
                    number(&trace),
                    number(bound)
                );
                let value = limit.to_string();
                let facts = vec![
                    fact.clone(),
                    Fact::Trace {
                        is: Relation::AtMost,
                        value,
                    },
                ];
                return Ok(Answer::new(true, found, facts));
            }
        }
        if let Some((least, evidence)) = &infimum.upper {
            let limit = allowed(least);
            if trace.compare(&limit).map_err(undecided)?.is_gt() {
                let found = format!(
                    "the trace is {}, the infimum at most {}",
                    number(&trace),
                    number(least)
                );
                let value = limit.to_string();
                let mut facts = vec![Fact::Trace {
                    is: Relation::Greater,
                    value,
                }];
                let mut members = Vec::new();
                match evidence {
                    Evidence::Network(member) => members.push((**member).clone()),
                    Evidence::Same => {
                        facts.extend(infimum.lower.iter().map(|(_, fact)| fact.clone()))
                    }
                }
                let mut answer = Answer::new(false, found, facts);
                answer.members = members;
                return Ok(answer);
            }
        }
        let bound = infimum
            .lower
            .as_ref()
            .map_or("unknown".into(), |(bound, _)| number(bound));
        let found = format!(
            "the trace is {}, the lower bound is {bound}, and no network is known that decides",
            number(&trace)
        );
        Ok(Answer::open(Verdict::Undecided, found))
    }

    /// The largest or least of the n eigenvalues of `(2/n) J J^T`.
    pub(super) fn eigenvalue(&self, largest: bool, is: Relation, side: &Side) -> Answered {
        if let Some(answer) = self.misfit()? {
            let found = format!(
                "the eigenvalues are known where the network interpolates: {}",
                answer.found
            );
            return Ok(Answer::open(Verdict::Undecided, found));
        }
        let value = self.value(side)?;
        let (net, data) = self.frame.scene.both()?;
        let counts = eigenvalues(net, &data.x, &value)?;
        let order = match (largest, counts.below, counts.at, counts.above) {
            (true, _, _, 1..) | (false, 0, 0, _) => Ordering::Greater,
            (true, _, 0, _) | (false, 1.., _, _) => Ordering::Less,
            _ => Ordering::Equal,
        };
        let of = |is, count| Fact::Eigenvalues {
            is,
            value: value.to_string(),
            count,
        };
        let facts = vec![
            of(Relation::Greater, counts.above),
            of(Relation::Equal, counts.at),
        ];
        let found = format!(
            "of {} eigenvalues {} are below {}, {} equal and {} above",
            data.len(),
            counts.below,
            number(&value),
            counts.at,
            counts.above
        );
        Ok(Answer::new(is.admits(order), found, facts))
    }

    /// By the check of witnesses itself, which encloses the logarithms: an equality of irrational numbers
    /// stays undecided.
    pub(super) fn logistic_trace(&self, [p, odds, factor]: [&Side; 3], is: Relation) -> Answered {
        let fact = |is| Fact::LogisticTrace {
            p: p.text.clone(),
            odds: odds.text.clone(),
            is,
            value: factor.text.clone(),
        };
        let checked = |is| {
            let member = self.dressed(Member::new("logistic loss")).fact(fact(is));
            check(&Witness::certificate("", "", vec![member]))
        };
        let found = |is: Relation| {
            format!(
                "the logistic trace {is} {} (1/n) sum ||grad f(x_i)||^2",
                factor.text
            )
        };
        let sentence = match checked(is) {
            Ok(_) => return Ok(Answer::new(true, found(is), vec![fact(is)])),
            Err(Discrepancy::Undecided { sentence, .. }) => {
                return Ok(Answer::open(Verdict::Undecided, sentence));
            }
            Err(Discrepancy::Unreadable { sentence, .. }) => {
                return Err(Fault::new(Trouble::Name, sentence));
            }
            Err(Discrepancy::Fact { sentence, .. }) => sentence,
        };
        let contrary = is.negated();
        Ok(match checked(contrary) {
            Ok(_) => Answer::new(false, found(contrary), vec![fact(contrary)]),
            Err(_) => Answer::open(Verdict::Vacuous, sentence),
        })
    }
}
