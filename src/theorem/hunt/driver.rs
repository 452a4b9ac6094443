//! The hunt itself: attempts in parallel, counted in order, until a few have failed; then for each of
//! these simpler instances one after the other.

use crate::certificate::{Witness, check};
use crate::search;
use crate::search::shrink::minimise;
use crate::theorem::{Case, Finding, Form, Run, Size, Verdict};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::time::Instant;

/// Attempts judged at a time.
const CHUNK: usize = 32;
/// How many failing instances are made simpler: the simplest of one may be a dead end.
const FAILURES: usize = 8;
/// Simpler candidates judged at most for each of them, kept or not.
const CANDIDATES: usize = 2_000;

/// How long and from which seed to search.
#[derive(Clone, Debug)]
pub struct Search {
    /// The seed of every attempt.
    pub seed: u64,
    /// How many instances to try.
    pub attempts: usize,
    /// When to stop, if a budget was given.
    pub deadline: Option<Instant>,
}

impl Search {
    /// A search without a deadline.
    pub fn new(seed: u64, attempts: usize) -> Self {
        Self {
            seed,
            attempts,
            deadline: None,
        }
    }
    fn is_over(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// Instances that can be searched for one that fails.
pub trait Space: Sync {
    /// An instance.
    type Instance;
    /// What the stream of random numbers is named after.
    fn name(&self) -> &str;
    /// An instance for the attempt of this number and the name of its family: later ones may be
    /// larger. The hypotheses need not be met: the judge calls such an instance vacuous.
    fn draw(&self, rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self::Instance);
    /// What the instance shows.
    fn judge(&self, instance: &Self::Instance) -> Result<Finding, Finding>;
    /// Strictly simpler instances, simplest first.
    fn simpler(&self, instance: &Self::Instance) -> Vec<Self::Instance>;
}

/// The space of a case: the judge is that of `verify`.
pub(in crate::theorem) struct Quarry<I> {
    /// The case's id.
    pub case: &'static str,
    /// [`Space::draw`].
    pub draw: fn(&mut ChaCha8Rng, usize) -> (&'static str, I),
    /// [`Space::judge`].
    pub judge: fn(&I) -> Result<Finding, Finding>,
    /// [`Space::simpler`].
    pub simpler: fn(&I) -> Vec<I>,
}

/// What a hunt found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hunted {
    /// The simplest refutation found; it re-checks.
    pub witness: Option<Witness>,
    /// Instances tried per family, in the order of their first.
    pub tried: Vec<(String, u64)>,
    /// How many of them miss the hypotheses or need a derivative at a kink.
    pub vacuous: u64,
    /// How many could not be decided, and why the first could not.
    pub undecided: (u64, Option<String>),
    /// How often the failing instance was made simpler before the witness.
    pub simplified: usize,
    /// Whether the deadline came before the last attempt.
    pub stopped: bool,
}

impl Hunted {
    /// `Refuted` with a witness, else `Undecided`: a search that finds nothing proves nothing.
    pub fn verdict(&self) -> Verdict {
        match self.witness {
            Some(_) => Verdict::Refuted,
            None => Verdict::Undecided,
        }
    }

    /// Instances tried.
    pub fn instances(&self) -> u64 {
        self.tried.iter().map(|(_, count)| count).sum()
    }

    /// One sentence: what the witness says, or what was tried.
    pub fn reason(&self) -> String {
        if let Some(witness) = &self.witness {
            return witness.says.clone();
        }
        let families: Vec<String> = self
            .tried
            .iter()
            .map(|(family, count)| format!("{count} of {family:?}"))
            .collect();
        let mut reason = match self.instances() {
            0 => "no instance was tried".into(),
            count => format!(
                "none found among {count} instances: {}",
                families.join(", ")
            ),
        };
        if self.vacuous > 0 {
            reason += &format!("; {} of them miss the hypotheses", self.vacuous);
        }
        if let (count, Some(why)) = &self.undecided {
            reason += &format!("; {count} of them undecided, the first because {why}");
        }
        if self.stopped {
            reason += "; the budget ran out";
        }
        reason
    }

    fn count(&mut self, family: &str, count: u64) {
        match self.tried.iter_mut().find(|(name, _)| name == family) {
            Some((_, so_far)) => *so_far += count,
            None => self.tried.push((family.into(), count)),
        }
    }

    fn could_not_decide(&mut self, why: String) {
        self.undecided.0 += 1;
        self.undecided.1.get_or_insert(why);
    }

    /// Takes in one attempt; true if it is a refutation.
    fn take(&mut self, family: &str, shown: Shown) -> bool {
        self.count(family, 1);
        match shown {
            Shown::Holds => {}
            Shown::Vacuous => self.vacuous += 1,
            Shown::Undecided(why) => self.could_not_decide(why),
            Shown::Fails(_) => return true,
        }
        false
    }
}

/// A finding as far as a hunt is concerned.
enum Shown {
    Holds,
    Vacuous,
    Undecided(String),
    /// With a witness that re-checks.
    Fails(Box<Witness>),
}

impl From<Result<Finding, Finding>> for Shown {
    fn from(finding: Result<Finding, Finding>) -> Self {
        match finding.into() {
            Finding::Holds | Finding::Exists(_) => Self::Holds,
            Finding::Vacuous(_) => Self::Vacuous,
            Finding::Undecided(why) => Self::Undecided(why),
            Finding::Fails(witness) => match check(&witness) {
                Ok(_) => Self::Fails(witness),
                Err(no) => Self::Undecided(format!("a witness does not re-check: {no}")),
            },
        }
    }
}

impl<I> Space for Quarry<I> {
    type Instance = I;
    fn name(&self) -> &str {
        self.case
    }
    fn draw(&self, rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, I) {
        (self.draw)(rng, attempt)
    }
    fn judge(&self, instance: &I) -> Result<Finding, Finding> {
        (self.judge)(instance)
    }
    fn simpler(&self, instance: &I) -> Vec<I> {
        (self.simpler)(instance)
    }
}

impl<I> Quarry<I> {
    /// [`hunt`].
    pub fn hunt(&self, search: &Search) -> Hunted {
        hunt(self, search)
    }
}

/// Draws and judges instances, makes the first that fail simpler, and keeps the simplest.
pub fn hunt(space: &impl Space, search: &Search) -> Hunted {
    let (mut found, failures) = attempts(search, &|attempt| {
        let (family, instance) = drawn(space, search, attempt);
        (family, space.judge(&instance).into())
    });
    let simplify = |attempt| simplest(space, search, attempt);
    let simplest: Vec<_> = in_order(failures, &simplify);
    if let Some((witness, steps)) = simplest.into_iter().flatten().min_by_key(|(w, _)| size(w)) {
        (found.witness, found.simplified) = (Some(witness), steps);
    }
    found
}

fn drawn<S: Space>(space: &S, search: &Search, attempt: usize) -> (&'static str, S::Instance) {
    let stream = format!("{}/falsify/{attempt}", space.name());
    space.draw(&mut search::rng(search.seed, &stream), attempt)
}

/// The witness of the simplest instance found below the failing one, and the steps to it.
fn simplest<S: Space>(space: &S, search: &Search, failing: usize) -> Option<(Witness, usize)> {
    let refuted = |instance: &S::Instance| match space.judge(instance).into() {
        Shown::Fails(witness) => Some(*witness),
        _ => None,
    };
    let (_, instance) = drawn(space, search, failing);
    let mut found = (refuted(&instance)?, 0);
    let mut left = CANDIDATES;
    let still_fails = |instance: &S::Instance| {
        if left == 0 || search.is_over() {
            return false;
        }
        left -= 1;
        let witness = refuted(instance);
        let fails = witness.is_some();
        if let Some(witness) = witness {
            found = (witness, found.1 + 1);
        }
        fails
    };
    minimise(instance, |instance| space.simpler(instance), still_fails);
    Some(found)
}

/// How long a witness is to read.
fn size(witness: &Witness) -> usize {
    serde_json::to_string(witness).map_or(usize::MAX, |text| text.len())
}

/// What an attempt shows, with the name of its family.
type Attempt<'a> = dyn Fn(usize) -> (&'static str, Shown) + Sync + 'a;

/// Everything up to the attempt, in order, that completes the [`FAILURES`], and which failed. Not
/// generic, so that the parallel machinery is compiled once.
fn attempts(search: &Search, attempt: &Attempt) -> (Hunted, Vec<usize>) {
    let (mut found, mut failures) = (Hunted::default(), Vec::new());
    for start in (0..search.attempts).step_by(CHUNK) {
        let chunk = start..search.attempts.min(start + CHUNK);
        let one = |k: usize| (!search.is_over()).then(|| attempt(k));
        let shown: Vec<_> = chunk.clone().into_par_iter().map(one).collect();
        for (k, shown) in chunk.zip(shown) {
            let Some((family, shown)) = shown else {
                found.stopped = true;
                continue;
            };
            if found.take(family, shown) {
                failures.push(k);
            }
            if failures.len() == FAILURES {
                return (found, failures);
            }
        }
        if found.stopped {
            break;
        }
    }
    (found, failures)
}

/// Applies `f` to the attempts in parallel; results in order.
fn in_order<T: Send>(attempts: Vec<usize>, f: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    attempts.into_par_iter().map(f).collect()
}

/// Searches for an instance on which the case fails: by its own hunt, or for a case without one among
/// the instances of [`Case::judge`] under successive seeds.
pub fn falsify(case: &Case, search: &Search) -> Hunted {
    match case.hunt {
        Some(hunt) => hunt(search),
        None => own_instances(case, search),
    }
}

/// The name of the family of [`own_instances`].
const OWN: &str = "the case's own instances";

fn own_instances(case: &Case, search: &Search) -> Hunted {
    let mut found = Hunted::default();
    for round in 0.. {
        if found.instances() >= search.attempts as u64 || found.stopped {
            break;
        }
        if search.is_over() {
            found.stopped = true;
            break;
        }
        let run = Run {
            deadline: search.deadline,
            ..Run::new(search.seed.wrapping_add(round), Size::Small)
        };
        let outcome = (case.judge)(&run, Form::Stated);
        found.count(OWN, outcome.instances.max(1)); // ends if a judge tries nothing
        found.stopped = run.is_over();
        match outcome.verdict {
            Verdict::Refuted => {
                found.witness = outcome.witness;
                break;
            }
            Verdict::Undecided if !found.stopped => found.could_not_decide(outcome.reason),
            Verdict::Verified | Verdict::Vacuous | Verdict::Undecided => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Fact, Member, Relation};
    use crate::scalar::Rational;
    use crate::search::{generate, shrink};

    /// "q^2 < 10": fails on small numbers, and simplest at 4.
    const SQUARES: Quarry<Rational> = Quarry {
        case: "squares",
        draw: |rng, attempt| match attempt % 2 {
            0 => ("boundary values", generate::boundary(rng)),
            _ => ("any", generate::rational(rng)),
        },
        judge: |q| squared(q, Relation::AtLeast),
        simpler: shrink::rational,
    };

    /// Fails if `q^2 >= 10`, by a witness that says `q^2 is 10`.
    fn squared(q: &Rational, is: Relation) -> Result<Finding, Finding> {
        if q.is_zero() {
            return Err(Finding::Vacuous("0".into()));
        }
        let left = Rational::from(q * q);
        Ok(Finding::from_check(left < 10, || {
            let fact = Fact::Compare {
                left: left.to_string(),
                is,
                right: "10".into(),
            };
            let member = Member::new("square").fact(fact);
            Witness::refutation("squares", format!("{q} squared"), vec![member])
        }))
    }

    #[test]
    fn the_simplest_failure_is_found_on_any_number_of_threads() {
        let with_threads = |n| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
            let found = pool.unwrap().install(|| SQUARES.hunt(&Search::new(7, 100)));
            (found.witness.clone(), found.tried.clone(), found.reason())
        };
        let (witness, tried, reason) = with_threads(1);
        assert_eq!(reason, "4 squared");
        assert_eq!(witness.unwrap().members[0].facts.len(), 1);
        assert_eq!(tried[0].0, "boundary values");
        assert_eq!(with_threads(1), with_threads(3));
    }

    #[test]
    fn finding_nothing_is_undecided_and_says_what_was_tried() {
        let only_small = Quarry {
            draw: |rng, _| ("boundary values", generate::boundary(rng)),
            ..SQUARES
        };
        let found = only_small.hunt(&Search::new(7, 50));
        assert_eq!(found.verdict(), Verdict::Undecided);
        assert!(found.vacuous > 0 && found.vacuous < 50);
        let start = "none found among 50 instances: 50 of \"boundary values\"";
        assert!(found.reason().starts_with(start), "{}", found.reason());
    }

    #[test]
    fn a_witness_that_does_not_re_check_refutes_nothing() {
        let wrong = Quarry {
            judge: |q| squared(q, Relation::Less),
            ..SQUARES
        };
        let found = wrong.hunt(&Search::new(7, 50));
        assert_eq!(found.verdict(), Verdict::Undecided);
        assert!(found.reason().contains("does not re-check"), "{found:?}");
    }

    #[test]
    fn a_deadline_that_has_passed_stops_before_the_first_attempt() {
        let search = Search {
            deadline: Some(Instant::now()),
            ..Search::new(7, 50)
        };
        let found = SQUARES.hunt(&search);
        assert_eq!(found.reason(), "no instance was tried; the budget ran out");
    }
}
