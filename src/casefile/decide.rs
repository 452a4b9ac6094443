//! One claim at one choice of parameters, decided exactly.
//!
//! | what is found | verdict of the claim |
//! |---|---|
//! | what it asserts | verified |
//! | the contrary (of a negation: what it denies) | refuted |
//! | a hypothesis fails, or a number is undefined, as a derivative at a kink | vacuous |
//! | a number is out of reach, or no matching bound is known | undecided |
//!
//! What is found comes with [`Fact`]s, which [`super::check()`] has decided again from their text before
//! the verdict stands.

use super::claim::{Assertion, Claim, Property, Side};
use super::frame::{Built, Frame, Stop};
use super::infimum::Infimum;
use super::{CaseFile, Choice};
use crate::certificate::{Fact, Member, NetworkRecord, Relation};
use crate::network::Refusal;
use crate::population::equivalent::{On, equivalent};
use crate::scalar::text::{
    Evaluator, Fault, MAX_VALUES, Meter, ParseError, Scope, Trouble, no_range,
};
use crate::scalar::{Ordered, Radical, Ring};
use crate::theorem::Verdict;
use std::cell::OnceCell;

/// What was found about a claim.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The verdict on the claim.
    pub verdict: Verdict,
    /// What was found, in one sentence with the exact numbers.
    pub found: String,
    /// What shows it, about the network of the case.
    pub facts: Vec<Fact>,
    /// What shows it, about other networks, or at one value of an index.
    pub members: Vec<Member>,
}

/// What an assertion comes to.
pub(super) struct Answer {
    verdict: Verdict,
    pub(super) found: String,
    facts: Vec<Fact>,
    pub(super) members: Vec<Member>,
}

impl Answer {
    pub(super) fn new(holds: bool, found: impl Into<String>, facts: Vec<Fact>) -> Self {
        Self {
            verdict: if holds {
                Verdict::Verified
            } else {
                Verdict::Refuted
            },
            found: found.into(),
            facts,
            members: Vec::new(),
        }
    }

    pub(super) fn open(verdict: Verdict, found: impl Into<String>) -> Self {
        Self {
            verdict,
            found: found.into(),
            facts: Vec::new(),
            members: Vec::new(),
        }
    }

    fn negated(mut self) -> Self {
        self.verdict = match self.verdict {
            Verdict::Verified => Verdict::Refuted,
            Verdict::Refuted => Verdict::Verified,
            open => open,
        };
        self
    }
}

/// An answer, a fault that leaves the claim open, or an error of the file.
pub(super) type Answered = Result<Answer, Fault>;

/// Decides claims about the network of a frame.
pub struct Judge<'a> {
    file: &'a CaseFile,
    choice: &'a Choice,
    pub(super) frame: &'a Frame,
    pub(super) infimum: OnceCell<Infimum>,
}

impl<'a> Judge<'a> {
    /// For a frame with data and network.
    pub fn new(file: &'a CaseFile, choice: &'a Choice, frame: &'a Frame) -> Self {
        Self {
            file,
            choice,
            frame,
            infimum: OnceCell::new(),
        }
    }

    /// Decides a claim.
    ///
    /// # Errors
    /// [`Stop`] if the claim itself is wrong: an unknown name, an index out of range.
    pub fn decide(&self, claim: &Claim) -> Built<Decision> {
        let (mut facts, mut members) = (Vec::new(), Vec::new());
        for hypothesis in &claim.hypotheses {
            let answer = self.answer(hypothesis, claim)?;
            if answer.verdict != Verdict::Verified {
                let verdict = match answer.verdict {
                    Verdict::Undecided => Verdict::Undecided,
                    _ => Verdict::Vacuous,
                };
                let found = format!("a hypothesis fails: {}", answer.found);
                return Ok(Decision {
                    verdict,
                    found,
                    facts: answer.facts,
                    members: answer.members,
                });
            }
            facts.extend(answer.facts);
            members.extend(answer.members);
        }
        let answer = self.answer(&claim.conclusion, claim)?;
        facts.extend(answer.facts);
        members.extend(answer.members);
        Ok(Decision {
            verdict: answer.verdict,
            found: answer.found,
            facts,
            members,
        })
    }

    fn answer(&self, assertion: &Assertion, claim: &Claim) -> Built<Answer> {
        let answer = match self.property(&assertion.property) {
            Ok(answer) => answer,
            Err(fault) => match fault.trouble {
                Trouble::Undefined => Answer::open(Verdict::Vacuous, fault.message),
                Trouble::Undecided => Answer::open(Verdict::Undecided, fault.message),
                Trouble::Syntax | Trouble::Name | Trouble::Limit => {
                    let position = fault.position.unwrap_or_default();
                    let error = ParseError::new(fault.trouble, position, fault.message);
                    return Err(Stop::inside(claim.place, &claim.text, error));
                }
            },
        };
        Ok(if assertion.negated {
            answer.negated()
        } else {
            answer
        })
    }

    fn property(&self, property: &Property) -> Answered {
        match property {
            Property::Admissible => self.admissible(),
            Property::Interpolates => Ok(match self.misfit()? {
                Some(answer) => answer,
                None => Answer::new(true, "f(x_i) = y_i for all i", vec![Fact::Interpolates]),
            }),
            Property::Flattest => self.near(None),
            Property::NearFlattestAbs(kappa) => self.near(Some((false, kappa))),
            Property::NearFlattestRel(kappa) => self.near(Some((true, kappa))),
            Property::Memorising => self.memorising(),
            Property::Equivalent { other, on } => self.equivalent(other, *on),
            Property::LambdaMax(is, value) => self.eigenvalue(true, *is, value),
            Property::LambdaMin(is, value) => self.eigenvalue(false, *is, value),
            Property::LogisticTrace {
                p,
                odds,
                is,
                factor,
            } => self.logistic_trace([p, odds, factor], *is),
            Property::Compare(left, is, right) => self.compare(left, *is, right),
            Property::ForAll {
                index,
                range,
                left,
                is,
                right,
            } => self.for_all(index, range.as_ref(), left, *is, right),
        }
    }

    fn admissible(&self) -> Answered {
        let (net, data) = self.frame.scene.both()?;
        match net.admissible(&data.x) {
            Ok(_) => Ok(Answer::new(
                true,
                "no kink at any training input",
                vec![Fact::Admissible],
            )),
            Err(Refusal::Kink(kink)) => {
                Ok(Answer::new(false, kink.to_string(), vec![(&kink).into()]))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// That the network does not interpolate, if it does not.
    pub(super) fn misfit(&self) -> Result<Option<Answer>, Fault> {
        let scene = &self.frame.scene;
        let (_, data) = scene.both()?;
        Ok(scene.misfit()?.map(|i| {
            let (sample, Ok(outputs)) = (i, scene.outputs()) else {
                return Answer::open(Verdict::Undecided, "no outputs");
            };
            let output = outputs[sample].to_string();
            let found = format!(
                "f(x_{}) = {} but y_{} = {}",
                sample + 1,
                number(&outputs[sample]),
                sample + 1,
                number(&data.y[sample])
            );
            Answer::new(false, found, vec![Fact::Misfit { sample, output }])
        }))
    }

    /// Definition 4.2, which includes that it interpolates.
    fn memorising(&self) -> Answered {
        if let Some(answer) = self.misfit()? {
            return Ok(answer);
        }
        let (net, data) = self.frame.scene.both()?;
        let holds = net.is_memorising(&data.x)?;
        let found = match holds {
            true => "one neuron of its own for each training input, in every hidden layer",
            false => "not one neuron of its own for each training input",
        };
        Ok(Answer::new(
            holds,
            found,
            vec![Fact::Interpolates, Fact::Memorising { holds }],
        ))
    }

    fn equivalent(&self, name: &str, on: On) -> Answered {
        let other = self.file.build_other(name, self.choice, self.frame);
        let other = other.map_err(|stop| {
            Fault::new(stop.trouble, format!("there is no network {name}: {stop}"))
        })?;
        let (net, data) = self.frame.scene.both()?;
        let record = NetworkRecord::of(&other);
        Ok(match equivalent(net, &other, &data.x, on)? {
            None => {
                let facts = vec![Fact::SameFunction { on, other: record }];
                Answer::new(true, format!("the same as {name} everywhere there"), facts)
            }
            Some(difference) => {
                let at: Vec<String> = difference.at.iter().map(Radical::to_string).collect();
                let found = format!(
                    "f = {} and {name} = {} at ({})",
                    number(&difference.left),
                    number(&difference.right),
                    at.join(", ")
                );
                Answer::new(
                    false,
                    found,
                    vec![Fact::Differs {
                        on,
                        other: record,
                        at,
                    }],
                )
            }
        })
    }

    fn compare(&self, left: &Side, is: Relation, right: &Side) -> Answered {
        let (a, b) = (self.value(left)?, self.value(right)?);
        let holds = is.admits(a.compare(&b).map_err(undecided)?);
        let fact = Fact::Compare {
            left: left.text.clone(),
            is: if holds { is } else { is.negated() },
            right: right.text.clone(),
        };
        let found = format!(
            "{} = {}; {} = {}",
            left.text,
            number(&a),
            right.text,
            number(&b)
        );
        let plain = |side: &Side, value: &Radical| side.text == value.to_string();
        let found = match (plain(left, &a), plain(right, &b)) {
            (false, true) => format!("{} = {}", left.text, number(&a)),
            (true, false) => format!("{} = {}", right.text, number(&b)),
            _ => found,
        };
        Ok(Answer::new(holds, found, vec![fact]))
    }

    fn for_all(
        &self,
        index: &str,
        range: Option<&(Side, Side)>,
        left: &Side,
        is: Relation,
        right: &Side,
    ) -> Answered {
        let (from, to) = match range {
            Some((from, to)) => {
                let mut evaluator = self.frame.evaluator();
                (evaluator.integer(&from.tree)?, evaluator.integer(&to.tree)?)
            }
            None => {
                let missing = || Fault::new(Trouble::Name, no_range(index));
                self.frame.range(index).ok_or_else(missing)?
            }
        };
        if to.saturating_sub(from) >= MAX_VALUES {
            let message = format!("{index} = {from}..{to} has more than {MAX_VALUES} values");
            return Err(Fault::new(Trouble::Limit, message));
        }
        for value in from..=to {
            let meter = Meter::default();
            let at = |side: &Side| -> Result<Radical, ParseError> {
                Evaluator::new(self.frame, &meter, &[(index, value)]).value(&side.tree)
            };
            let (a, b) = (at(left)?, at(right)?);
            if !is.admits(a.compare(&b).map_err(undecided)?) {
                let found = format!(
                    "at {index} = {value}: {} = {}, {} = {}",
                    left.text,
                    number(&a),
                    right.text,
                    number(&b)
                );
                let fact = Fact::Compare {
                    left: left.text.clone(),
                    is: is.negated(),
                    right: right.text.clone(),
                };
                let member = Member::new(format!("{index} = {value}"))
                    .parameter(index, &Radical::from_int(value))
                    .fact(fact);
                let mut answer = Answer::new(false, found, Vec::new());
                answer.members.push(member);
                return Ok(answer);
            }
        }
        let fact = Fact::ForAll {
            index: index.into(),
            from: range.map(|(from, _)| from.text.clone()),
            to: range.map(|(_, to)| to.text.clone()),
            left: left.text.clone(),
            is,
            right: right.text.clone(),
        };
        Ok(Answer::new(
            true,
            format!("for {index} = {from}..{to}"),
            vec![fact],
        ))
    }

    /// A member of a witness with the parameters, definitions, data and network at hand.
    pub(super) fn dressed(&self, mut member: Member) -> Member {
        for (name, value) in self.choice {
            member = member.parameter(name, value);
        }
        for (head, body) in self.file.definition_texts() {
            member = member.definition(head, body);
        }
        if let Ok((network, data)) = self.frame.scene.both() {
            member = member.data(data).network(network);
        }
        member
    }

    pub(super) fn value(&self, side: &Side) -> Result<Radical, Fault> {
        Ok(self.frame.evaluator().value(&side.tree)?)
    }
}

pub(super) fn undecided(no: crate::scalar::Undecided) -> Fault {
    crate::scalar::NoValue::from(no).into()
}

/// An exact number for people, with its approximation if it is long to read.
pub fn number(value: &Radical) -> String {
    let text = value.to_string();
    match value.as_rational() {
        Some(_) if text.len() <= 24 => text,
        Some(_) => format!(
            "{} (exactly a fraction of {} characters)",
            value.approx(12),
            text.len()
        ),
        None if text.len() <= 60 => format!("{text} ({})", value.approx(8)),
        None => format!(
            "{} (exactly a radical of {} characters)",
            value.approx(12),
            text.len()
        ),
    }
}
