//! Every case on small instances: verdicts as recorded, controls refuted, witnesses re-checkable.

use flatproof::certificate::check;
use flatproof::theorem::{Form, Run, Size, Verdict, index};
use rayon::prelude::*;
use std::collections::BTreeSet;

fn run() -> Run {
    Run::new(1, Size::Small)
}

/// The record decides exit codes only; here it pins what small instances find.
#[test]
fn small_instances_find_what_is_on_record() {
    let record: toml::Table = include_str!("../expected.toml").parse().unwrap();
    let differences: Vec<String> = index()
        .par_iter()
        .map(|case| (case.id, (case.judge)(&run(), Form::Stated)))
        .filter(|(id, outcome)| {
            record["verdicts"].get(id).and_then(|v| v.as_str())
                != Some(&outcome.verdict.to_string())
        })
        .map(|(id, outcome)| format!("{id}: {} ({})", outcome.verdict, outcome.reason))
        .collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

/// The false variant of every case must be refuted, by a witness that re-checks.
#[test]
fn negative_controls_are_refuted() {
    let survivors: Vec<String> = index()
        .par_iter()
        .map(|case| (case.id, (case.judge)(&run(), Form::Control)))
        .filter(|(_, outcome)| outcome.verdict != Verdict::Refuted)
        .map(|(id, outcome)| format!("{id}: {} ({})", outcome.verdict, outcome.reason))
        .collect();
    assert!(survivors.is_empty(), "{survivors:#?}");
}

/// What a refutation or an existence claim rests on survives a round trip through its text.
#[test]
fn witnesses_re_check_from_text() {
    index().par_iter().for_each(|case| {
        let outcome = (case.judge)(&run(), Form::Stated);
        assert_eq!(
            outcome.witness.is_some(),
            outcome.verdict == Verdict::Refuted,
            "{}",
            case.id
        );
        for witness in outcome.witness.iter().chain(&outcome.certificate) {
            let text = serde_json::to_string(witness).unwrap();
            let read = serde_json::from_str(&text).unwrap();
            assert_eq!(witness, &read, "{}", case.id);
            check(&read).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        }
    });
}

#[test]
fn ids_and_repairs_are_consistent() {
    let cases = index();
    let ids: BTreeSet<&str> = cases
        .iter()
        .flat_map(|c| c.aliases.iter().copied().chain([c.id]))
        .collect();
    let count: usize = cases.iter().map(|c| c.aliases.len() + 1).sum();
    assert_eq!(ids.len(), count, "an id or alias is used twice");
    for case in cases {
        assert_eq!(case.id, case.id.to_ascii_lowercase());
        for repair in case.repairs {
            assert!(
                ids.contains(repair),
                "{} names an unknown repair {repair}",
                case.id
            );
        }
    }
}

/// The README's table says what is on record, and names cases that exist.
#[test]
fn the_readme_says_what_is_on_record() {
    let record: toml::Table = include_str!("../expected.toml").parse().unwrap();
    let verdicts = record["verdicts"].as_table().unwrap();
    let rows = include_str!("../README.md").lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        Some((cells.next()?.trim_end_matches('`'), cells.next()?))
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 10, "{rows:?}");
    for (id, verdict) in rows {
        let recorded = verdicts.get(id).and_then(|v| v.as_str());
        assert_eq!(recorded, Some(verdict), "{id}");
    }
}
