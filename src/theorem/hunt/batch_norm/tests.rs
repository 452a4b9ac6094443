//! The hunts of the batch-norm and the logistic cases: what is wrong is found, by a witness that
//! re-checks, and in the repaired forms the same draws find nothing.

use super::*;
use crate::certificate::check;
use crate::theorem::{Hunted, Search, Verdict, falsify, find};

/// Theorem 3.2 has a test of its own.
const REFUTED: [&str; 6] = [
    "lemma-a.1",
    "lemma-a.1-printed",
    "lemma-a.2",
    "lemma-a.3",
    "lemma-a.13",
    "theorem-a.2",
];

fn hunted(id: &str, attempts: usize) -> Hunted {
    falsify(find(id).unwrap(), &Search::new(1, attempts))
}

#[test]
fn what_is_wrong_is_found() {
    for id in REFUTED {
        let found = hunted(id, 200);
        let witness = found.witness.as_ref();
        let facts = check(witness.expect(id));
        assert!(facts.is_ok_and(|count| count > 0), "{id}");
    }
}

/// The value clause of Theorem 3.2 fails at every kappa, in the smallest dimension that leaves out a
/// point and at the least width: by one near-dead neuron that a row absorbs. The row clause fails at
/// the same width.
#[test]
fn theorem_3_2_fails_at_its_least_width() {
    let found = hunted("theorem-3.2", 200);
    let members = found.witness.expect("found").members;
    let states = |member: &&Member, value: bool| {
        let of_value = |fact: &Fact| {
            matches!(
                fact,
                Fact::Prediction {
                    is: Relation::Less,
                    ..
                }
            )
        };
        let of_rows = |fact: &Fact| matches!(fact, Fact::RelativeTailSquared { .. });
        let facts = &member.facts;
        facts
            .iter()
            .any(|fact| if value { of_value(fact) } else { of_rows(fact) })
    };
    for (value, at) in [
        (true, "d = 4, |S| = 3, m = 5"),
        (false, "d = 3, |S| = 2, m = 5"),
    ] {
        let names: Vec<&str> = members
            .iter()
            .filter(|member| states(member, value))
            .map(|member| member.name.as_str())
            .collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(names.iter().all(|name| name.starts_with(at)), "{names:?}");
    }
}

#[test]
fn what_is_repaired_is_not() {
    let repaired = [
        "lemma-a.1-repaired",
        "lemma-a.3-repaired",
        "lemma-a.13-repaired",
        "theorem-a.2-repaired",
    ];
    for id in repaired {
        let found = hunted(id, 48);
        assert_eq!(found.verdict(), Verdict::Undecided, "{id}");
        assert_eq!(found.undecided, (0, None), "{id}");
        assert!(found.vacuous < found.instances(), "{id}");
    }
}

/// A network of a scene interpolates at every t or is refused; both happen.
#[test]
fn trials_interpolate_or_are_refused() {
    let mut seen = [0, 0];
    for attempt in 0..24 {
        let rng = &mut crate::search::rng(5, &format!("trials/{attempt}"));
        let (_, scene) = Scene::draw(rng, attempt);
        for e in [0, 3, 12] {
            match scene.at(e) {
                Ok(trial) => {
                    seen[0] += 1;
                    let x = &trial.data.x;
                    assert_eq!(trial.network.outputs(x, x).unwrap(), trial.data.y);
                }
                Err(Finding::Vacuous(_)) => seen[1] += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(seen[0] > 20 && seen[1] > 0, "{seen:?}");
}
