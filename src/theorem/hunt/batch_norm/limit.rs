//! The two kinds of statement around Theorem 3.2 (Wen, Li, Ma 2023), judged on a [`Scene`].
//!
//! [`Limit`]: "there is kappa > 0 such that every interpolating network within kappa of the infimum
//! ...": refuted by a scene with a network at every one of [`KAPPAS`] that is as near and violates the
//! clause. [`Survivor`]: a repaired form, whose hypothesis the networks of a scene meet or not.

use super::{Clause, MOST, Scene, Trial};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::scalar::{Radical, Rational};
use crate::theorem::Finding;
use crate::theorem::bn_instances::power_of_ten;
use crate::theorem::hunt::Hunted;

/// `kappa = 10^-digits`, for each of these.
const KAPPAS: [u32; 4] = [0, 3, 6, 12];

/// What is near its infimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::theorem) enum Measure {
    /// The trace, whose infimum is four times the least sum.
    Trace,
    /// `||gamma||^2 + ||W2||^2`, whose infimum is twice the least sum.
    Norms,
}

impl Measure {
    fn of(self, trial: &Trial) -> Result<Radical, Finding> {
        match self {
            Self::Trace => trial.trace(),
            Self::Norms => Ok(trial.norms()),
        }
    }
    fn infimum(self, trial: &Trial) -> Result<i64, Finding> {
        let times = match self {
            Self::Trace => 4,
            Self::Norms => 2,
        };
        Ok(times * trial.least()?)
    }
    fn fact(self, value: String) -> Fact {
        let is = Relation::AtMost;
        match self {
            Self::Trace => Fact::Trace { is, value },
            Self::Norms => Fact::NormSum { is, value },
        }
    }
    fn symbol(self) -> &'static str {
        match self {
            Self::Trace => "Tr",
            Self::Norms => "||gamma||^2 + ||W2||^2",
        }
    }
}

/// "For any eps there is kappa such that `measure <= inf + kappa` implies the clause."
pub(in crate::theorem) struct Limit {
    pub case: &'static str,
    pub measure: Measure,
    pub clause: Clause,
}

impl Limit {
    /// A refutation with one member per kappa; at each the largest t that will do.
    pub fn judge(&self, scene: &Scene) -> Result<Finding, Finding> {
        // a network that has to be mended by pairs is not looked at, which spares most of the work
        Trial::new(scene.set.clone(), scene.net.clone())?;
        let mut members: Vec<(Member, String)> = Vec::new();
        let (mut e, mut near, mut least) = (0, false, 0);
        for digits in KAPPAS {
            let kappa = power_of_ten(digits);
            let found = loop {
                if e > MOST {
                    break None;
                }
                let trial = match scene.at(e) {
                    Err(Finding::Vacuous(_)) if scene.may_fit_below(e) => {
                        e += 1;
                        continue;
                    }
                    trial => trial?,
                };
                let infimum = self.measure.infimum(&trial)?;
                least = infimum;
                let limit = Radical::from_rational(Rational::from(&kappa + infimum));
                if self.measure.of(&trial)? <= limit {
                    near = true;
                    if let Some(violation) = self.clause.violated(&trial, &scene.eps)? {
                        break Some(self.member(&trial, &scene.eps, digits, infimum, violation)?);
                    }
                }
                e += 1;
            };
            match found {
                Some(member) => members.push(member),
                None if near => return Ok(Finding::Holds),
                None => return Err(Finding::Vacuous("never near the infimum".into())),
            }
        }
        let says = members
            .last()
            .map_or_else(String::new, |(_, says)| says.clone());
        let says = format!(
            "{}, eps = {}: {} <= {least} + kappa at kappa = 1, 10^-3, 10^-6 and 10^-12 (the infimum is {least}), but \
             at the last {says}",
            scene.name(),
            scene.eps,
            self.measure.symbol(),
        );
        let members = members.into_iter().map(|(member, _)| member).collect();
        Ok(Finding::Fails(Box::new(Witness::refutation(
            self.case, says, members,
        ))))
    }

    fn member(
        &self,
        trial: &Trial,
        eps: &Rational,
        digits: u32,
        infimum: i64,
        (fact, says): (Fact, String),
    ) -> Result<(Member, String), Finding> {
        let real = |q: &Rational| Radical::from_rational(q.clone());
        let member = trial
            .member(format!("{}, {}", trial.name(), kappa_is(digits)))?
            .parameter("kappa", &real(&power_of_ten(digits)))
            .parameter("eps", &real(eps))
            .fact(self.measure.fact(format!("{infimum} + kappa")))
            .fact(fact);
        Ok((member, says))
    }
}

/// `kappa = 10^-3`.
fn kappa_is(digits: u32) -> String {
    match digits {
        0 => "kappa = 1".into(),
        digits => format!("kappa = 10^-{digits}"),
    }
}

/// Both hunts as one: the members of either witness, the counts of both.
pub(in crate::theorem) fn either(first: Hunted, second: Hunted) -> Hunted {
    let mut both = first;
    both.vacuous += second.vacuous;
    both.undecided.0 += second.undecided.0;
    both.undecided.1 = both.undecided.1.or(second.undecided.1);
    both.simplified += second.simplified;
    both.stopped |= second.stopped;
    for (family, count) in second.tried {
        match both.tried.iter_mut().find(|(name, _)| *name == family) {
            Some((_, so_far)) => *so_far += count,
            None => both.tried.push((family, count)),
        }
    }
    both.witness = match (both.witness, second.witness) {
        (Some(mut first), Some(second)) => {
            first.says = format!("{}; and {}", first.says, second.says);
            first.members.extend(second.members);
            Some(first)
        }
        (first, second) => first.or(second),
    };
    both
}

/// The facts that a hypothesis is met by a network, at some eps; `None` if it is not.
pub(in crate::theorem) type Met = Option<Vec<Fact>>;

/// A repaired form: where the hypothesis is met, at this eps, every clause holds.
pub(in crate::theorem) struct Survivor {
    pub case: &'static str,
    pub hypothesis: fn(&Trial, &Rational) -> Result<Met, Finding>,
    /// Whether eps is 0.
    pub exact: bool,
    pub clauses: &'static [Clause],
}

impl Survivor {
    /// Every clause on every network of the scene that meets the hypothesis; vacuous if none does.
    pub fn judge(&self, scene: &Scene) -> Result<Finding, Finding> {
        let eps = match self.exact {
            true => Rational::new(),
            false => scene.eps.clone(),
        };
        let mut met = false;
        for e in 0..=MOST {
            let trial = scene.at(e)?;
            let Some(facts) = (self.hypothesis)(&trial, &eps)? else {
                continue;
            };
            met = true;
            for clause in self.clauses {
                if let Some((fact, says)) = clause.violated(&trial, &eps)? {
                    let member = trial.member(trial.name())?;
                    let eps = Radical::from_rational(eps);
                    let member = member.parameter("eps", &eps);
                    let facts = facts.into_iter().chain([fact]);
                    let member = facts.fold(member, Member::fact);
                    let says = format!("{}, eps = {eps}: {says}", trial.name());
                    let witness = Witness::refutation(self.case, says, vec![member]);
                    return Ok(Finding::Fails(Box::new(witness)));
                }
            }
        }
        match met {
            true => Ok(Finding::Holds),
            false => Err(Finding::Vacuous("the hypothesis is never met".into())),
        }
    }
}
