//! Verdicts claim by claim, against the record, the theory cases, and the table of the README.

use super::files::FILES;
use super::{ALL, Checked, folder};
use flatproof::casefile::ClaimReport;
use flatproof::casefile::claim::{Assertion, Property};
use flatproof::population::equivalent::On;
use flatproof::theorem::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// `verified 4, refuted 2`, in the order of the verdicts below.
fn counts<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> String {
    let mut by: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    for verdict in verdicts {
        let place = match verdict {
            Verdict::Verified => 0,
            Verdict::Refuted => 1,
            Verdict::Vacuous => 2,
            Verdict::Undecided => 3,
        };
        by.entry(place).or_insert((0, verdict.to_string())).0 += 1;
    }
    let parts: Vec<String> = by.values().map(|(n, name)| format!("{name} {n}")).collect();
    parts.join(", ")
}

impl Checked {
    /// The reports of all claims at all choices.
    fn claims(&self) -> impl Iterator<Item = &ClaimReport> {
        self.reports.iter().flat_map(|report| &report.claims)
    }

    /// The reports of the claim at a place of the list, one for each choice of the parameters.
    fn of_claim(&self, claim: usize) -> impl Iterator<Item = &ClaimReport> {
        self.reports.iter().map(move |report| &report.claims[claim])
    }
}

/// The record, as a file of this table would say it.
fn record() -> String {
    let mut text = String::new();
    for checked in ALL.iter() {
        text += &format!("\n[\"{}\"]\n", checked.stem);
        for (place, claim) in checked.file.claims.iter().enumerate() {
            let verdicts = checked.of_claim(place).map(|report| &report.verdict);
            text += &format!("\"{}\" = \"{}\"\n", claim.text, counts(verdicts));
        }
    }
    text
}

#[test]
fn verdicts_vs_record() {
    let found: toml::Table = record().parse().unwrap();
    let expected: toml::Table = include_str!("expected.toml").parse().unwrap();
    if found != expected {
        for (stem, claims) in &found {
            let known = expected.get(stem);
            let differs = |(claim, _): &(&String, &toml::Value)| {
                known.and_then(|k| k.get(claim)) != claims.get(claim)
            };
            for (claim, verdicts) in claims.as_table().unwrap().iter().filter(differs) {
                eprintln!("{stem}: {claim}: {verdicts}");
            }
        }
        panic!("the record should be\n{}", record());
    }
}

/// A refuted theory case has a file with a refuted or vacuous claim; the files of a verified one verify.
#[test]
fn verdicts_vs_theory_cases() {
    let record: toml::Table = include_str!("../../expected.toml").parse().unwrap();
    let stems: Vec<&str> = ALL.iter().map(|checked| checked.stem.as_str()).collect();
    let listed: Vec<&str> = FILES.iter().map(|(stem, _)| *stem).collect();
    assert_eq!(stems, listed);
    for (checked, (stem, case)) in ALL.iter().zip(FILES) {
        let fails = checked.claims().find(|claim| {
            let open = claim.verdict != Verdict::Verified;
            open && !claim.found.starts_with("a hypothesis fails")
        });
        let Some(case) = case else {
            assert!(fails.is_some() && stem.ends_with("-printed"));
            continue;
        };
        let says = fails.map(|claim| format!("{}: {}", claim.claim, claim.found));
        match record["verdicts"][*case].as_str() {
            Some("refuted") => assert!(says.is_some(), "{stem}: nothing fails"),
            Some("verified") => assert_eq!(says, None, "{stem}"),
            other => panic!("{case}: {other:?}"),
        }
        assert!(fails.is_none() || stem.ends_with("-printed"), "{stem}");
    }
}

#[test]
fn nothing_is_undecided() {
    for checked in ALL.iter() {
        let open = checked
            .claims()
            .find(|claim| claim.verdict == Verdict::Undecided);
        let says = open.map(|claim| (&claim.claim, &claim.found));
        assert_eq!(says, None, "{}", checked.stem);
    }
}

/// A claim that never says anything would pass for true.
#[test]
fn every_claim_of_a_true_file_is_verified_somewhere() {
    for checked in ALL.iter().filter(|c| !c.stem.ends_with("-printed")) {
        for (place, claim) in checked.file.claims.iter().enumerate() {
            let somewhere = checked
                .of_claim(place)
                .any(|report| report.verdict == Verdict::Verified);
            assert!(somewhere, "{}: {}", checked.stem, claim.text);
        }
    }
}

fn kind(property: &Property) -> &'static str {
    match property {
        Property::Admissible => "admissible",
        Property::Interpolates => "interpolates",
        Property::Flattest => "flattest",
        Property::NearFlattestAbs(_) => "near_flattest_abs",
        Property::NearFlattestRel(_) => "near_flattest_rel",
        Property::Memorising => "memorising",
        Property::Equivalent { on: On::Train, .. } => "equivalent on train",
        Property::Equivalent { on: On::Cube, .. } => "equivalent on cube",
        Property::LambdaMax(..) => "lambda_max",
        Property::LambdaMin(..) => "lambda_min",
        Property::LogisticTrace { .. } => "logistic_trace",
        Property::Compare(..) => "comparison",
        Property::ForAll { range: None, .. } => "for all",
        Property::ForAll { range: Some(_), .. } => "for all in a range",
    }
}

#[test]
fn every_kind_of_claim_occurs() {
    let mut kinds = BTreeSet::new();
    let (mut negated, mut hypotheses, mut both) = (0, 0, 0);
    for claim in ALL.iter().flat_map(|checked| &checked.file.claims) {
        let all: Vec<&Assertion> = claim.hypotheses.iter().chain([&claim.conclusion]).collect();
        kinds.extend(all.iter().map(|assertion| kind(&assertion.property)));
        negated += usize::from(all.iter().any(|assertion| assertion.negated));
        hypotheses += usize::from(!claim.hypotheses.is_empty());
        both += usize::from(claim.hypotheses.len() > 1);
    }
    assert_eq!(kinds.len(), 14, "{kinds:?}");
    assert!(negated > 0 && hypotheses > 0 && both > 0);
}

/// The rows of the README's table.
fn rows() -> Vec<String> {
    let row = |checked: &Checked| {
        let stem = &checked.stem;
        let case = FILES.iter().find(|(name, _)| name == stem).unwrap().1;
        let failing = checked
            .file
            .claims
            .iter()
            .enumerate()
            .filter_map(|(place, claim)| {
                let of = |verdict: Verdict| {
                    checked
                        .of_claim(place)
                        .filter(|r| {
                            r.verdict == verdict && !r.found.starts_with("a hypothesis fails")
                        })
                        .count()
                };
                let (refuted, vacuous) = (of(Verdict::Refuted), of(Verdict::Vacuous));
                let word = match (refuted, vacuous) {
                    (0, 0) => return None,
                    (_, 0) => format!("refuted {refuted}"),
                    (0, _) => format!("vacuous {vacuous}"),
                    _ => format!("refuted {refuted}, vacuous {vacuous}"),
                };
                let text = claim.text.replace('|', "\\|");
                Some(format!("`{text}`: {word} of {}", checked.reports.len()))
            });
        let failing: Vec<String> = failing.collect();
        let found = match failing.as_slice() {
            [] => "all verified".into(),
            failing => failing.join("; "),
        };
        let case = case.map_or("-".into(), |case| format!("`{case}`"));
        let title = checked.file.title.replace('|', "\\|");
        format!("| [{stem}]({stem}.toml) | {case} | {title} | {found} |")
    };
    ALL.iter().map(row).collect()
}

#[test]
fn readme_vs_results() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let table: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("| ["))
        .collect();
    assert_eq!(table, rows(), "the rows should be\n{}\n", rows().join("\n"));
}
