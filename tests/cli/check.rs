//! `check` as its user meets it: exit codes, errors with places, JSON, JUnit, saved facts.

use super::{flatproof, is_proper, recheck, write};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// The data and network of most files here; `W2 = 1` at input `++`.
pub(super) const REST: &str = r#"
[data]
kind = "points"
points = ["++", "--"]
labels = [1, 0]

[network]
architecture = "2-MLP-Bias"
width = 1
W1 = 1
b1 = -1
W2 = 1
"#;

pub(super) fn with_claims(claims: &str) -> String {
    format!("flatproof = 1\nclaims = [{claims}]\n{REST}")
}

/// The answer to `check` on this file, `more` behind it.
pub(super) fn check(folder: &Path, text: &[u8], more: &[&str]) -> flatproof::cli::Answer {
    let file = write(folder, "case.toml", text).display().to_string();
    let out = folder.join("out").display().to_string();
    let own = ["check", file.as_str(), "--out", out.as_str()];
    flatproof(own.iter().chain(more).copied())
}

fn code(claims: &str, more: &[&str]) -> u8 {
    let folder = TempDir::new().unwrap();
    let answer = check(folder.path(), with_claims(claims).as_bytes(), more);
    is_proper(&answer).unwrap();
    answer.code
}

#[test]
fn exit_codes() {
    let open = r#""lower_bound = 1", "near_flattest_abs(1/100)""#;
    assert_eq!(
        code(r#""interpolates", "not memorising implies f[1] = 2""#, &[]),
        1
    );
    assert_eq!(code(r#""interpolates", "f[1] = 1""#, &[]), 0);
    assert_eq!(code(r#""interpolates", "f[1] = 2""#, &[]), 1);
    assert_eq!(code(r#""f[1] = 1/0""#, &[]), 1);
    assert_eq!(code(r#""f[3] = 1""#, &[]), 2);
    assert_eq!(code(open, &["--budget", "0"]), 3);
    assert_eq!(code(r#""f[1] = 2""#, &["--budget", "0"]), 3);
}

#[test]
fn no_budget_leaves_everything_undecided() {
    let folder = TempDir::new().unwrap();
    let text = with_claims(r#""interpolates""#);
    let answer = check(folder.path(), text.as_bytes(), &["--budget", "0"]);
    assert!(
        answer.stdout.contains("the budget ran out"),
        "{}",
        answer.stdout
    );
    assert!(answer.stdout.contains("1 undecided"), "{}", answer.stdout);
}

#[test]
fn json_has_its_schema_and_the_same_bits_for_any_threads() {
    let folder = TempDir::new().unwrap();
    let text = r#"flatproof = 1
title = "t"
where = ["t != 3"]
claims = ["interpolates", "f[1] = t", "sharpness >= lower_bound"]
[parameters]
t = "1..4"
[data]
kind = "xor"
d = 4
n = "t"
seed = 5
[network]
architecture = "2-MLP-Bias"
width = 4
W1 = "if(k = 1, if(j <= 2, 1, -1), k = 2, if(mod(j, 2) = 1, 1, -1), 0)"
b1 = -1
W2 = "if(j = 1, 1, j = 4, 1, -1)"
"#;
    let mut reports: Vec<Value> = ["1", "2"]
        .map(|jobs| {
            let more = ["--format", "json", "--jobs", jobs];
            let answer = check(folder.path(), text.as_bytes(), &more);
            assert_eq!(answer.code, 1, "{answer:?}");
            serde_json::from_str(&answer.stdout).unwrap()
        })
        .into();
    for report in &mut reports {
        assert_eq!(report["schema"], "flatproof.check/1");
        let file = &mut report["files"][0];
        assert_eq!(
            (&file["title"], &file["left_out"]),
            (&"t".into(), &1.into())
        );
        let claims = file["claims"].as_array_mut().unwrap();
        assert_eq!(claims.len(), 9);
        let places: Vec<_> = claims.iter().map(|c| (&c["line"], &c["column"])).collect();
        assert_eq!(places[1], (&4.into(), &28.into()));
        assert_eq!(claims[3]["parameters"]["t"], "2");
        for claim in claims {
            let known = ["verified", "refuted", "vacuous", "undecided"];
            assert!(known.contains(&claim["verdict"].as_str().unwrap()));
            let witness = claim["witness"].as_str().unwrap();
            assert!(Path::new(witness).exists(), "{witness}");
            assert!(claim["seconds"].take().as_f64().is_some());
        }
    }
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn facts_recheck_and_those_of_an_earlier_run_go() {
    let folder = TempDir::new().unwrap();
    let saved = folder.path().join("out/check/case-1.json");
    check(folder.path(), with_claims(r#""f[1] = 2""#).as_bytes(), &[]);
    let facts = std::fs::read_to_string(&saved).unwrap();
    assert_eq!(recheck(&facts).code, 0);
    // f[1] != 1 is not so
    assert_ne!(recheck(facts.replace("\"2\"", "\"1\"")).code, 0);
    check(
        folder.path(),
        with_claims(r#""f[1] = 1/0""#).as_bytes(),
        &[],
    );
    assert!(!saved.exists(), "a stale witness");
}

#[test]
fn junit_counts_what_was_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("report.xml").display().to_string();
    let text = with_claims(r#""interpolates", "f[1] = 2 < 3", "f[1] = 2", "f[1] = 1/0""#);
    let wrong = check(folder.path(), text.as_bytes(), &["--junit", &path]);
    assert_eq!(wrong.code, 2); // two relations in one claim
    let text = with_claims(r#""interpolates", "f[1] = 2", "f[1] = 1/0""#);
    check(folder.path(), text.as_bytes(), &["--junit", &path]);
    let xml = std::fs::read_to_string(&path).unwrap();
    let tree = roxmltree::Document::parse(&xml).unwrap();
    let count = |tag: &str| tree.descendants().filter(|n| n.has_tag_name(tag)).count();
    assert_eq!(
        (count("testcase"), count("failure"), count("error")),
        (3, 2, 0)
    );
    check(
        folder.path(),
        text.as_bytes(),
        &["--junit", &path, "--budget", "0"],
    );
    let xml = std::fs::read_to_string(&path).unwrap();
    assert_eq!(xml.matches("<error").count(), 3);
}

/// A number that does not exist is told where it was asked for, and makes the claims vacuous.
#[test]
fn no_network_at_a_choice() {
    let folder = TempDir::new().unwrap();
    let text = with_claims("\"interpolates\"").replace("W1 = 1", "W1 = \"1/y[3-k]\"");
    let answer = check(folder.path(), text.as_bytes(), &[]);
    assert_eq!(answer.code, 1);
    let found = answer
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let expected = "there is no network here: 12:9: division by zero is undefined, at j = 1, k = 1";
    assert!(
        found.contains("vacuous") && found.contains(expected),
        "{found}"
    );
}
