//! What survives of Theorem 3.2 (Wen, Li, Ma 2023), one file per repair, and what they share: complete
//! sets, random neurons for the steps of the proof ([`super::bn_stability`]), and families of
//! near-minimal networks that satisfy the added hypotheses without being the generaliser.

use super::bn_stability::Stability;
use super::near_minimal::NearMinimal;
use super::{Finding, Form, Outcome, Run, Tally};
use crate::construction::relu_sum::{ReluSum, Term};
use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::construction::theorem_3_2_absorbed as absorbed;
use crate::construction::theorem_3_2_leaning::{leaning, opposed, width_5};
use crate::construction::theorem_3_2_pairs::{along, generaliser, one_pair};
use crate::data::complete::{CompleteSet, Incomplete};
use crate::network::Network;
use crate::scalar::{Integer, Radical, Rational, Ring};
use crate::search::generate::{below, between, choose};
use crate::sharpness::alignment::misaligned_mass;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

pub mod active;
pub mod bounded;
pub mod exact;
mod hunts;
pub mod lemma_a_2;
pub mod width_4;

/// A family of networks around the generaliser, in a parameter t that tends to 0.
#[derive(Clone, Debug)]
enum Kin {
    /// Copies of the four neurons with these shares of each weight, and null neurons.
    Copies { shares: Vec<Rational>, nulls: usize },
    /// `leaning` with tail `t w` and `alpha = t (1/2 - min_S w.s)`: elsewhere it may stop leaning.
    Leaning(Vec<Rational>),
    /// `opposed` with tail `t w`.
    Opposed(Vec<Rational>),
    /// A pair at an unseen point with delta = 1/2 and strength t: its activations stay bounded.
    BoundedPair(u64),
    /// The same without canceller, where S is affinely independent.
    BoundedFace(u64),
    /// A pair with delta = t^2 and strength 1/t: near-dead.
    NearDead(u64),
    /// The counterexample of width 5.
    Width5(u64),
}

impl Kin {
    /// The network at t; `None` where it needs another S.
    fn build(&self, set: &CompleteSet, t: &Rational) -> Option<ReluSum> {
        let half = Rational::from((1, 2));
        let scaled = |w: &[Rational]| -> Vec<Rational> { w.iter().map(|w| w.mul(t)).collect() };
        let q = |u: &u64| QUADRANTS[(u & 3) as usize];
        Some(match self {
            Self::Copies { shares, nulls } => copies(set.d(), shares, *nulls),
            Self::Opposed(w) => opposed(&scaled(w)),
            Self::Leaning(w) => {
                let lowest = set.suffixes().iter().map(|&s| along(w, s)).min()?;
                leaning(&(half - lowest).mul(t), &scaled(w))
            }
            Self::BoundedPair(u) => one_pair(set, q(u), u >> 2, &half, t),
            Self::BoundedFace(u) => absorbed::one_face(set, q(u), u >> 2, &half, t)?,
            Self::NearDead(u) => one_pair(set, q(u), u >> 2, &Ring::square(t), &t.clone().recip()),
            Self::Width5(u) => width_5(set, u >> 2, t, &Ring::square(t)),
        })
    }
}

fn copies(d: usize, shares: &[Rational], nulls: usize) -> ReluSum {
    let mut sum = ReluSum::default();
    for term in generaliser(d).terms {
        let copy = |share: &Rational| Term {
            row: term.row.iter().map(|w| Rational::from(w / share)).collect(),
            weight: term.weight.mul(&Ring::square(share)), // sum of share^2 / share = 1
        };
        sum.terms.extend(shares.iter().map(copy));
    }
    let null = |k: usize| {
        let mut row = vec![Rational::new(); d + 1];
        row[(2 + k).min(d - 1)] = Rational::from(1);
        row[d] = Rational::from(2);
        Term {
            row,
            weight: Rational::new(),
        }
    };
    sum.terms.extend((0..nulls).map(null));
    sum
}

/// A network to be tried at eps.
#[derive(Clone, Debug)]
struct Instance {
    set: CompleteSet,
    kin: Kin,
    eps: Rational,
}

impl Instance {
    fn stability(&self) -> Result<Stability, Finding> {
        Stability::new(&self.set).map_err(|e| Finding::Undecided(e.to_string()))
    }

    /// The network near enough for kappa, or vacuous; checks `sum |c_j| (1 - alpha_j) <= kappa/4` on it.
    fn near(&self, kappa: &Rational) -> Result<NearMinimal, Finding> {
        let build = |t: &Rational| self.kin.build(&self.set, t);
        let near = NearMinimal::first(&self.set, kappa, 2, build)?;
        let near = near.ok_or_else(|| Finding::Vacuous("the family needs another S".into()))?;
        if let Network::SimBn(net) = &near.network {
            let mass = misaligned_mass(net, &near.data)?;
            if mass > Radical::from_rational(Rational::from(kappa / 4)) {
                return Err(Finding::Undecided(format!("the misaligned mass is {mass}")));
            }
        }
        Ok(near)
    }
}

/// A family of networks and how its data are drawn; `None` where it needs another S.
#[derive(Clone, Copy)]
struct Family {
    name: &'static str,
    draw: fn(&CompleteSet, &mut ChaCha8Rng) -> Option<Kin>,
}

const ALONE: Family = Family {
    name: "generaliser",
    draw: |_, _| {
        let shares = vec![Rational::from(1)];
        Some(Kin::Copies { shares, nulls: 0 })
    },
};
const COPIES: Family = Family {
    name: "copies and null neurons",
    draw: |_, rng| Some(some_copies(rng)),
};
const LEANING: Family = Family {
    name: "leaning",
    draw: |set, rng| Some(Kin::Leaning(tail(set, rng))),
};
const OPPOSED: Family = Family {
    name: "opposed tails",
    draw: |set, rng| Some(Kin::Opposed(tail(set, rng))),
};
const BOUNDED_PAIRS: Family = Family {
    name: "bounded pairs",
    draw: |set, rng| unseen(set, rng).map(Kin::BoundedPair),
};
const BOUNDED_FACES: Family = Family {
    name: "bounded faces",
    draw: |set, rng| unseen(set, rng).map(Kin::BoundedFace),
};

/// How a repair is judged.
struct Repair {
    id: &'static str,
    /// The false variant: its family, and what is found.
    control: (&'static str, fn() -> Result<Finding, Finding>),
    /// Whether the steps of the proof are checked too.
    with_steps: bool,
    families: &'static [Family],
    /// What is claimed of every instance.
    claim: fn(&Instance) -> Result<Finding, Finding>,
    /// What it means if all hold.
    conclusion: &'static str,
}

impl Repair {
    fn judge(&self, run: &Run, form: Form) -> Outcome {
        let mut tally = Tally::new(run, &["Radical", "Rational"]);
        match (form, sets(run, self.id)) {
            (Form::Control, _) => tally.all(self.control.0, vec![()], |()| (self.control.1)()),
            (Form::Stated, Err(e)) => {
                tally.add("complete sets", Finding::Undecided(e.to_string()));
            }
            (Form::Stated, Ok(sets)) => {
                if self.with_steps {
                    steps(&mut tally, run, self.id, &sets);
                }
                let rng = &mut run.rng(self.id);
                for family in self.families {
                    let instances = instances(run, &sets, rng, family.draw);
                    tally.all(family.name, instances, |instance| (self.claim)(&instance));
                }
            }
        }
        tally.finish(self.conclusion)
    }
}

/// The complete sets tried: the smallest, all suffixes, random ones.
fn sets(run: &Run, name: &str) -> Result<Vec<CompleteSet>, Incomplete> {
    let mut rng = run.rng(&format!("{name}/sets"));
    let mut sets = vec![
        CompleteSet::smallest(2)?,
        CompleteSet::all(3)?,
        CompleteSet::smallest(4)?,
        CompleteSet::all(4)?,
    ];
    for d in run.pick(vec![5], vec![5, 6, 7], vec![5, 6, 7, 8]) {
        let all = 1 << (d - 2);
        let size = d - 1 + below(&mut rng, all + 1 - (d - 1));
        sets.push(CompleteSet::random(d, d - 1, &mut rng)?);
        sets.push(CompleteSet::random(d, size, &mut rng)?);
    }
    Ok(sets)
}

/// Instances of one family on every set: `kin` draws the family's data.
fn instances(
    run: &Run,
    sets: &[CompleteSet],
    rng: &mut ChaCha8Rng,
    draw: fn(&CompleteSet, &mut ChaCha8Rng) -> Option<Kin>,
) -> Vec<Instance> {
    let eps = [(1, 2), (1, 10), (1, 1000)].map(Rational::from);
    let mut all = Vec::new();
    for set in sets {
        for eps in &eps[..run.pick(2, 3, 3)] {
            for _ in 0..run.pick(1, 2, 10) {
                let drawn = draw(set, rng).map(|kin| Instance {
                    set: set.clone(),
                    kin,
                    eps: eps.clone(),
                });
                all.extend(drawn);
            }
        }
    }
    all
}

/// Entries in -3..=3.
fn tail(set: &CompleteSet, rng: &mut impl Rng) -> Vec<Rational> {
    (2..set.d())
        .map(|_| Rational::from(between(rng, -3, 3)))
        .collect()
}

/// One to three copies, with up to two null neurons.
fn some_copies(rng: &mut impl Rng) -> Kin {
    let shares: [&[(i64, i64)]; 3] = [&[(1, 1)], &[(1, 2), (1, 2)], &[(1, 2), (1, 4), (1, 4)]];
    let shares = shares[below(rng, 3)]
        .iter()
        .map(|q| Rational::from(*q))
        .collect();
    Kin::Copies {
        shares,
        nulls: below(rng, 3),
    }
}

/// A random unseen point, if there is one.
fn unseen(set: &CompleteSet, rng: &mut impl Rng) -> Option<u64> {
    choose(rng, &set.unseen().unwrap_or_default()).copied()
}

/// The steps of the proof on random neurons: arbitrary ones, and near a quadrant's own.
fn steps(tally: &mut Tally, run: &Run, case: &str, sets: &[CompleteSet]) {
    let mut rng = run.rng(&format!("{case}/neurons"));
    let count = run.pick(20, 400, 10_000);
    for set in sets {
        let rows: Vec<Vec<Rational>> = (0..count).map(|_| random_row(set.d(), &mut rng)).collect();
        let stability = Stability::new(set).map_err(|e| Finding::Undecided(e.to_string()));
        tally.all(
            "steps of the proof on random neurons",
            rows,
            |row| match stability.clone()?.steps(&row) {
                Ok(Some(_)) => Ok(Finding::Holds),
                Ok(None) => Ok(Finding::Vacuous(
                    "the neuron is dead on the training set".into(),
                )),
                Err(step) => Ok(Finding::Undecided(format!(
                    "the step \"{step}\" fails at the row {row:?}"
                ))),
            },
        );
    }
}

fn random_row(d: usize, rng: &mut impl Rng) -> Vec<Rational> {
    let mut row: Vec<Rational> = (0..=d)
        .map(|_| Rational::from(between(rng, -3, 3)))
        .collect();
    let size = [0, 10, 100, 10_000][below(rng, 4)];
    let (s, t) = QUADRANTS[below(rng, 4)];
    row[0] += size * s;
    row[1] += size * t;
    row[d] -= size;
    row
}

/// An integer B with `B^2 > ` the square of every activation the family has at t = 1/64.
fn activation_bound(instance: &Instance) -> Result<Rational, Finding> {
    let build = |_: &Rational| instance.kin.build(&instance.set, &Rational::from((1, 64)));
    let loose = NearMinimal::first(&instance.set, &Rational::from(100), 2, build)?;
    let loose = loose.ok_or_else(|| Finding::Vacuous("the family needs another S".into()))?;
    let square: Integer = loose
        .largest_activation_squared()
        .ceil()
        .into_numer_denom()
        .0;
    Ok(Rational::from(square.sqrt() + 2))
}

/// A network off by more than eps = 1/2 somewhere: near-dead, or of width 5.
fn near_dead(width_5: bool) -> Result<Instance, Finding> {
    let set = CompleteSet::smallest(4).map_err(|e| Finding::Undecided(e.to_string()))?;
    let u = set
        .unseen()
        .unwrap_or_default()
        .last()
        .copied()
        .unwrap_or(0);
    let kin = if width_5 {
        Kin::Width5(u)
    } else {
        Kin::NearDead(u)
    };
    let eps = Rational::from((1, 2));
    Ok(Instance { set, kin, eps })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theorem::{Case, Size, Verdict};

    const REPAIRS: [&Case; 5] = [
        &exact::CASE,
        &bounded::CASE,
        &active::CASE,
        &width_4::CASE,
        &lemma_a_2::CASE,
    ];

    #[test]
    fn repairs_are_verified() {
        let run = Run::new(1, Size::Small);
        for case in REPAIRS {
            let outcome = (case.judge)(&run, Form::Stated);
            assert_eq!(
                outcome.verdict,
                Verdict::Verified,
                "{}: {}",
                case.id,
                outcome.reason
            );
        }
    }

    /// A kappa of the size of eps is too large: bounded activations and all, f is off by more.
    #[test]
    fn kappa_matters() {
        let eps = Rational::from((1, 1000));
        let set = CompleteSet::smallest(4).unwrap();
        let instance = Instance {
            kin: Kin::BoundedPair(0),
            set,
            eps: eps.clone(),
        };
        let near = |kappa: &Rational| instance.near(kappa).unwrap();
        let judged = |kappa| near(&kappa).clauses("x", &eps, false, vec![]).unwrap();
        let bound = activation_bound(&instance).unwrap();
        let kappa = instance.stability().unwrap().kappa_bounded(&eps, &bound);
        assert!(matches!(judged(kappa), Finding::Holds));
        assert!(matches!(judged(eps.clone() * 4), Finding::Fails(_)));
    }
}
