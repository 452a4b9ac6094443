//! Falsification by search alone: what is refuted is found again, by a witness that re-checks; the
//! seed alone decides which; and where nothing is wrong nothing is found.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use flatproof::certificate::check;
use flatproof::theorem::{Case, Hunted, Kind, Search, Verdict, falsify, find, index};
use rayon::prelude::*;

fn hunted(case: &Case, attempts: usize, threads: usize) -> Hunted {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap()
        .install(|| falsify(case, &Search::new(1, attempts)))
}

/// The cases of this verdict on record.
fn on_record(verdict: Verdict) -> Vec<&'static Case> {
    let record: toml::Table = include_str!("../expected.toml").parse().unwrap();
    let is = |case: &&Case| record["verdicts"][case.id].as_str() == Some(&verdict.to_string());
    index().into_iter().filter(is).collect()
}

/// "There is a kappa > 0 such that ..." is contradicted at every kappa, so by no single instance: what
/// a search finds is a family, checked at several kappas. Every other refutation is one instance.
#[test]
fn what_is_refuted_is_found_by_a_search_of_its_own() {
    on_record(Verdict::Refuted).par_iter().for_each(|case| {
        assert!(case.hunt.is_some(), "{}", case.id);
        let found = hunted(case, 160, 1);
        let says = format!("{}: {}", case.id, found.reason());
        assert_eq!(found.verdict(), Verdict::Refuted, "{says}");
        let witness = found.witness.as_ref().unwrap();
        assert_eq!(witness.case, case.id);
        check(witness).unwrap_or_else(|no| panic!("{}: {no}", case.id));
        let is_family = witness.members.len() >= 4;
        assert_eq!(is_family, case.kind == Kind::Limit, "{says}");
        assert_eq!(found, hunted(case, 160, 2), "threads matter: {says}");
    });
}

#[test]
fn where_nothing_is_wrong_nothing_is_found() {
    on_record(Verdict::Verified).par_iter().for_each(|case| {
        let found = hunted(case, 80, 1);
        assert_eq!(
            found.verdict(),
            Verdict::Undecided,
            "{}: {}",
            case.id,
            found.reason()
        );
        assert!(found.instances() >= 80, "{}: {}", case.id, found.reason());
        // a good part meets the hypotheses; few have labels whose roots are beyond radicals
        let judged = found.instances() - found.vacuous;
        assert!(
            4 * judged >= found.instances(),
            "{}: {}",
            case.id,
            found.reason()
        );
        assert!(
            10 * found.undecided.0 <= judged,
            "{}: {}",
            case.id,
            found.reason()
        );
    });
}

#[test]
fn another_seed_tries_other_instances() {
    let case = find("lemma-4.1").unwrap();
    let vacuous = |seed| falsify(case, &Search::new(seed, 160)).vacuous;
    assert!((2..8).any(|seed| vacuous(seed) != vacuous(1)));
}
