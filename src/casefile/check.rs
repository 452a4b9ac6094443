//! All claims of a case file at all choices of its parameters.
//!
//! The facts found at a choice go into one witness, and [`crate::certificate::check()`] decides them again
//! from its text; a claim whose facts do not re-check is undecided, whatever was found.

use super::decide::{Decision, Judge};
use super::frame::{Built, Stop};
use super::{CaseFile, Choice, Claim, Frame, Place};
use crate::certificate::{Member, Purpose, Witness, check as recheck};
use crate::scalar::text::Trouble;
use crate::theorem::{Finding, Verdict};
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// What was found at one choice of the parameters.
#[derive(Clone, Debug)]
pub struct ChoiceReport {
    /// The parameters and their values, in the order of the file.
    pub parameters: Vec<(String, String)>,
    /// One for each claim, in the order of the file.
    pub claims: Vec<ClaimReport>,
    /// The facts, if there are any.
    pub witness: Option<Witness>,
}

/// What was found about one claim.
#[derive(Clone, Debug)]
pub struct ClaimReport {
    /// As written.
    pub claim: String,
    /// Where it stands.
    pub place: Place,
    /// The verdict.
    pub verdict: Verdict,
    /// In one sentence, with the exact numbers.
    pub found: String,
    /// How long it took.
    pub time: Duration,
}

/// Everything there is to say about a case file: the reports, and how many choices its conditions left
/// out. `case` names it in witnesses; choices that begin after the deadline are undecided, and
/// `finished` is called after each.
///
/// # Errors
/// [`Stop`] where the file itself is wrong.
pub fn check(
    file: &CaseFile,
    case: &str,
    deadline: Option<Instant>,
    finished: impl Fn() + Sync,
) -> Built<(Vec<ChoiceReport>, usize)> {
    let (choices, left_out) = file.choices()?;
    let reports = check_choices(file, case, &choices, deadline, finished)?;
    Ok((reports, left_out))
}

/// [`check()`] at these choices of the parameters; one report for each, in order.
///
/// # Errors
/// [`Stop`] where the file itself is wrong.
pub fn check_choices(
    file: &CaseFile,
    case: &str,
    choices: &[Choice],
    deadline: Option<Instant>,
    finished: impl Fn() + Sync,
) -> Built<Vec<ChoiceReport>> {
    let one = |choice: &Choice| {
        let over = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let report = if over {
            Ok(open(file, choice, Verdict::Undecided, "the budget ran out"))
        } else {
            judged(file, case, choice)
        };
        finished();
        report
    };
    choices.par_iter().map(one).collect()
}

/// What is found at one choice of the parameters.
pub(super) fn judged(file: &CaseFile, case: &str, choice: &Choice) -> Built<ChoiceReport> {
    let frame = match scene(file, choice) {
        Ok(frame) => frame,
        Err(stop) => {
            let verdict = match stop.trouble {
                Trouble::Undefined => Verdict::Vacuous,
                Trouble::Undecided => Verdict::Undecided,
                Trouble::Syntax | Trouble::Name | Trouble::Limit => return Err(stop),
            };
            return Ok(open(
                file,
                choice,
                verdict,
                &format!("there is no network here: {stop}"),
            ));
        }
    };
    let judge = Judge::new(file, choice, &frame);
    let mut decided = Vec::new();
    for claim in &file.claims {
        let start = Instant::now();
        decided.push((claim, judge.decide(claim)?, start.elapsed()));
    }
    let witness = shown(&judge, case, choice, &mut decided);
    let claims = decided
        .into_iter()
        .map(|(claim, decision, time)| ClaimReport {
            claim: claim.line(),
            place: claim.place,
            verdict: decision.verdict,
            found: decision.found,
            time,
        })
        .collect();
    Ok(ChoiceReport {
        parameters: texts(choice),
        claims,
        witness,
    })
}

/// The witness of all decisions, which re-checks: a decision whose own facts do not becomes undecided.
fn shown(
    judge: &Judge,
    case: &str,
    choice: &Choice,
    decided: &mut [(&Claim, Decision, Duration)],
) -> Option<Witness> {
    let all = |decided: &[(&Claim, Decision, Duration)]| {
        let decisions = decided.iter().map(|(_, decision, _)| decision);
        witness(judge, case, choice, decisions)
    };
    let together = all(decided)?;
    if recheck(&together).is_ok() {
        return Some(together);
    }
    for (_, decision, _) in decided.iter_mut() {
        let own = witness(judge, case, choice, [&*decision].into_iter());
        if let Some(discrepancy) = own.and_then(|own| recheck(&own).err()) {
            *decision = Decision {
                verdict: Verdict::Undecided,
                found: format!(
                    "{}, but its facts do not re-check: {discrepancy}",
                    decision.found
                ),
                facts: Vec::new(),
                members: Vec::new(),
            };
        }
    }
    all(decided)
}

/// Which claims a network can refute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All: it is the one the file builds.
    All,
    /// Those about every network that meets their hypotheses.
    Universal,
}

/// The first claim that the network of a frame refutes, as a finding.
pub(super) fn refutation(
    file: &CaseFile,
    case: &str,
    choice: &Choice,
    frame: &Frame,
    part: Part,
) -> Built<Finding> {
    let judge = Judge::new(file, choice, frame);
    let mut summary = Finding::Vacuous("every claim is vacuous here".into());
    let claims = file.claims.iter();
    for claim in claims.filter(|claim| part == Part::All || !claim.hypotheses.is_empty()) {
        let decision = judge.decide(claim)?;
        match decision.verdict {
            Verdict::Refuted => {
                let witness = witness(&judge, case, choice, [&decision].into_iter());
                let unshown =
                    || Finding::Undecided(format!("no fact shows it: {}", decision.found));
                return Ok(witness.map_or_else(unshown, |mut witness| {
                    witness.says = format!("{}, against the claim {:?}", witness.says, claim.text);
                    Finding::Fails(Box::new(witness))
                }));
            }
            Verdict::Undecided => summary = Finding::Undecided(decision.found),
            Verdict::Verified if matches!(summary, Finding::Vacuous(_)) => summary = Finding::Holds,
            Verdict::Verified | Verdict::Vacuous => {}
        }
    }
    Ok(summary)
}

fn scene(file: &CaseFile, choice: &Choice) -> Result<Frame, Stop> {
    let mut frame = file.build_data(choice, 0)?;
    file.build_network(&mut frame)?;
    Ok(frame)
}

fn open(file: &CaseFile, choice: &Choice, verdict: Verdict, why: &str) -> ChoiceReport {
    let claim = |claim: &Claim| ClaimReport {
        claim: claim.line(),
        place: claim.place,
        verdict,
        found: why.into(),
        time: Duration::ZERO,
    };
    ChoiceReport {
        parameters: texts(choice),
        claims: file.claims.iter().map(claim).collect(),
        witness: None,
    }
}

fn texts(choice: &Choice) -> Vec<(String, String)> {
    choice
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect()
}

/// The facts found at a choice, each once.
fn witness<'d>(
    judge: &Judge,
    case: &str,
    choice: &Choice,
    decisions: impl Iterator<Item = &'d Decision> + Clone,
) -> Option<Witness> {
    let mut main = judge.dressed(Member::new("the network of the case"));
    let mut others: Vec<Member> = Vec::new();
    for decision in decisions.clone() {
        for fact in &decision.facts {
            if !main.facts.contains(fact) {
                main = main.fact(fact.clone());
            }
        }
        for member in &decision.members {
            let member = match member.network {
                Some(_) => member.clone(),
                None => judge.dressed(member.clone()),
            };
            if !others.contains(&member) {
                others.push(member);
            }
        }
    }
    let mut members: Vec<Member> = [main].into_iter().chain(others).collect();
    members.retain(|member| !member.facts.is_empty());
    if members.is_empty() {
        return None;
    }
    for member in &mut members {
        judge.frame.add_separators(member);
    }
    let refuted: Vec<&Decision> = decisions
        .clone()
        .filter(|decision| decision.verdict == Verdict::Refuted)
        .collect();
    let at: Vec<String> = texts(choice)
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let at = if at.is_empty() {
        String::new()
    } else {
        format!("{}: ", at.join(", "))
    };
    let found = |decision: &Decision| decision.found.clone();
    let says = match refuted.as_slice() {
        [] => decisions.map(found).collect::<Vec<_>>(),
        refuted => refuted.iter().map(|decision| found(decision)).collect(),
    };
    let says = format!("{at}{}", says.join("; "));
    let mut witness = Witness::certificate(case, says, members);
    if !refuted.is_empty() {
        witness.purpose = Purpose::Refutation;
    }
    Some(witness)
}
