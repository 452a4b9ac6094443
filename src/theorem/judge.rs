//! From findings on instances to a verdict: the only place where verdicts are made.
//!
//! | findings | verdict |
//! |---|---|
//! | some failure whose witness re-checks | refuted |
//! | else some undecided (or a witness that does not re-check) | undecided |
//! | else some that hold | verified |
//! | else | vacuous |

use super::{Outcome, Verdict};
use crate::certificate::{Witness, check};
use crate::network::Refusal;
use crate::scalar::{NoValue, Undecided};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::time::Instant;

/// How large the instances are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For tests: seconds for all cases, unoptimised.
    Small,
    /// The default of `verify`.
    Default,
    /// `verify --full`.
    Full,
}

/// One run of the cases.
#[derive(Clone, Debug)]
pub struct Run {
    /// The seed every generator starts from.
    pub seed: u64,
    /// How large the instances are.
    pub size: Size,
    /// When to stop, if a budget was given.
    pub deadline: Option<Instant>,
}

impl Run {
    /// A run without a budget.
    pub fn new(seed: u64, size: Size) -> Self {
        Self {
            seed,
            size,
            deadline: None,
        }
    }
    /// The generator of the stream `name` (a case id, or a family of a case).
    pub fn rng(&self, name: &str) -> ChaCha8Rng {
        crate::search::rng(self.seed, name)
    }
    /// The value for this run's size.
    pub fn pick<T>(&self, small: T, default: T, full: T) -> T {
        match self.size {
            Size::Small => small,
            Size::Default => default,
            Size::Full => full,
        }
    }
    /// Whether the budget is spent.
    pub fn is_over(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// What one instance showed.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The statement holds on it.
    Holds,
    /// An existence claim holds on it, by this certificate.
    Exists(Box<Witness>),
    /// The statement fails on it: why, in one sentence with the exact numbers, and the witness.
    Fails(Box<Witness>),
    /// Its hypothesis is empty, or it needs a derivative at a kink.
    Vacuous(String),
    /// It could not be decided.
    Undecided(String),
}

impl Finding {
    /// `Holds`, or the failure that `witness` builds.
    pub fn from_check(holds: bool, witness: impl FnOnce() -> Witness) -> Self {
        if holds {
            Self::Holds
        } else {
            Self::Fails(Box::new(witness()))
        }
    }
}

impl From<Undecided> for Finding {
    fn from(undecided: Undecided) -> Self {
        Self::Undecided(undecided.to_string())
    }
}

impl From<NoValue> for Finding {
    fn from(no: NoValue) -> Self {
        match no {
            NoValue::Undecided(undecided) => undecided.into(),
            NoValue::Undefined(what) => Self::Vacuous(format!("undefined: {what}")),
        }
    }
}

impl From<Refusal> for Finding {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Kink(kink) => Self::Vacuous(format!("kink: {kink}")),
            Refusal::Malformed(malformed) => Self::Undecided(malformed.to_string()),
            Refusal::NoValue(no) => no.into(),
        }
    }
}

/// `?` in a function that makes findings: a `Result` whose error is itself a finding.
impl From<Result<Finding, Finding>> for Finding {
    fn from(result: Result<Finding, Finding>) -> Self {
        result.unwrap_or_else(|finding| finding)
    }
}

/// One instance, ready to be judged.
type Job<'a> = Box<dyn FnOnce() -> Finding + Send + 'a>;

/// Runs the jobs, findings in the order of the jobs. Boxed, so that the parallel machinery is
/// compiled once and not for every family of every case.
fn in_parallel(run: &Run, jobs: Vec<Job<'_>>) -> Vec<Finding> {
    let one = |job: Job<'_>| {
        if run.is_over() {
            return Finding::Undecided("the budget ran out".into());
        }
        job()
    };
    jobs.into_par_iter().map(one).collect()
}

/// Counts findings.
pub struct Tally<'a> {
    run: &'a Run,
    scalars: Vec<&'static str>,
    families: Vec<(String, u64)>,
    held: u64,
    failures: u64,
    refutation: Option<Witness>,
    certificate: Option<Witness>,
    vacuous: Option<String>,
    vacuous_count: u64,
    undecided: Option<String>,
}

impl<'a> Tally<'a> {
    /// An empty tally; `scalars` are the number types that decide this case.
    pub fn new(run: &'a Run, scalars: &[&'static str]) -> Self {
        Self {
            run,
            scalars: scalars.to_vec(),
            families: Vec::new(),
            held: 0,
            failures: 0,
            refutation: None,
            certificate: None,
            vacuous: None,
            vacuous_count: 0,
            undecided: None,
        }
    }

    /// Adds one finding of a named family of instances. The first failure and the last certificate
    /// are kept, so put the smallest instances first: the witness is readable, the certificate says
    /// most.
    pub fn add(&mut self, family: &str, finding: impl Into<Finding>) {
        match self.families.iter_mut().find(|(name, _)| name == family) {
            Some((_, count)) => *count += 1,
            None => self.families.push((family.into(), 1)),
        }
        match finding.into() {
            Finding::Holds => self.held += 1,
            Finding::Exists(certificate) => {
                self.held += 1;
                self.certificate = Some(*certificate);
            }
            Finding::Fails(witness) => {
                self.failures += 1;
                self.refutation.get_or_insert(*witness);
            }
            Finding::Vacuous(why) => {
                self.vacuous_count += 1;
                self.vacuous.get_or_insert(why);
            }
            Finding::Undecided(why) => {
                self.undecided.get_or_insert(why);
            }
        }
    }

    /// Judges independent instances in parallel; the findings are added in order, so the outcome
    /// does not depend on the number of threads.
    pub fn all<I: Send>(
        &mut self,
        family: &str,
        instances: Vec<I>,
        judge: impl Fn(I) -> Result<Finding, Finding> + Sync,
    ) {
        let judge = &judge;
        let job = |instance: I| -> Job<'_> { Box::new(move || judge(instance).into()) };
        let jobs = instances.into_iter().map(job).collect();
        for finding in in_parallel(self.run, jobs) {
            self.add(family, finding);
        }
    }

    /// The outcome. `about_success` says, for a verified case, what was checked, in one sentence.
    pub fn finish(self, about_success: &str) -> Outcome {
        let instances: u64 = self.families.iter().map(|(_, count)| count).sum();
        let refutation = self
            .refutation
            .map(|witness| (check(&witness).err(), witness));
        let certificate = self
            .certificate
            .map(|witness| (check(&witness).err(), witness));
        let (verdict, reason, witness) = match (refutation, &certificate, self.undecided) {
            (Some((None, witness)), _, undecided) => {
                let elsewhere = undecided.map(|why| format!("; undecided elsewhere: {why}"));
                let reason = format!("{}{}", witness.says, elsewhere.unwrap_or_default());
                (Verdict::Refuted, reason, Some(witness))
            }
            (Some((Some(discrepancy), _)), _, _) => {
                let reason = format!("a witness does not re-check: {discrepancy}");
                (Verdict::Undecided, reason, None)
            }
            (None, Some((Some(discrepancy), _)), _) => {
                let reason = format!("a certificate does not re-check: {discrepancy}");
                (Verdict::Undecided, reason, None)
            }
            (None, _, Some(why)) => (Verdict::Undecided, why, None),
            (None, _, None) if self.held > 0 => {
                let vacuous = match self.vacuous_count {
                    0 => String::new(),
                    count => format!("; vacuous on {count} more"),
                };
                (
                    Verdict::Verified,
                    format!("{about_success} ({} instances{vacuous})", self.held),
                    None,
                )
            }
            (None, _, None) => (
                Verdict::Vacuous,
                self.vacuous.unwrap_or("no instance was tried".into()),
                None,
            ),
        };
        let keep = verdict == Verdict::Verified;
        Outcome {
            verdict,
            reason,
            instances,
            families: self.families,
            scalars: self.scalars,
            witness,
            certificate: certificate.map(|(_, witness)| witness).filter(|_| keep),
        }
    }
}
