//! `docs/case-files.md`, `docs/training.md` and the README, held against the program: every example
//! runs and prints what stands below it (those of training: `tests/cli/examples.rs`), and every table of
//! keys, names, functions, limits and fields is complete.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use flatproof::casefile::{self, data, network};
use flatproof::certificate::scene::names;
use flatproof::cli::{Answer, answer};
use flatproof::scalar::text;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tempfile::TempDir;

const PAGE: &str = include_str!("../docs/case-files.md");
const TRAINING: &str = include_str!("../docs/training.md");
const README: &str = include_str!("../README.md");

/// A fenced block: what stands behind the fence, and the text.
struct Block<'a> {
    info: &'a str,
    text: String,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                let text = String::new();
                open = Some(Block { info, text });
            }
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "an open block");
    blocks
}

fn check(folder: &Path, file: &str, format: &str) -> Answer {
    let path = folder.join(file).display().to_string();
    let out = folder.join("out").display().to_string();
    let arguments = [
        "flatproof",
        "check",
        &path,
        "--out",
        &out,
        "--format",
        format,
    ];
    answer(arguments.map(Into::into))
}

/// Saves the named blocks of a page as files and runs its commands; the names of the files, each of
/// which some command runs.
fn run(page: &str) -> usize {
    let folder = TempDir::new().unwrap();
    let mut unchecked = BTreeSet::new();
    let mut commands = 0;
    for Block { info, text } in blocks(page) {
        if let Some((language @ ("toml" | "csv"), name)) = info.split_once(' ') {
            std::fs::write(folder.path().join(name), &text).unwrap();
            if language == "toml" {
                unchecked.insert(name.to_owned());
            }
        } else if let Some(command) = text.strip_prefix("$ flatproof check ") {
            let (name, expected) = command.split_once('\n').unwrap();
            let found = check(folder.path(), name, "text");
            assert_eq!(found.stderr, "", "{name}");
            let home = format!("{}/", folder.path().display());
            let found = found.stdout.replace(&home, "");
            let found = found.split("The facts are in").next().unwrap();
            assert_eq!(found, expected, "{name} prints\n{found}");
            unchecked.remove(name);
            commands += 1;
        }
    }
    assert!(unchecked.is_empty(), "never run: {unchecked:?}");
    commands
}

#[test]
fn the_page_prints_what_the_program_prints() {
    assert!(run(PAGE) >= 4);
}

#[test]
fn the_readme_prints_what_the_program_prints() {
    assert_eq!(run(README), 1);
}

#[test]
fn every_toml_block_is_a_file_that_is_run() {
    let fences = blocks(PAGE);
    let toml = fences.iter().filter(|block| block.info.starts_with("toml"));
    assert!(toml.clone().count() >= 4);
    for block in toml {
        assert!(block.info.ends_with(".toml"), "no name: {}", block.text);
    }
}

/// The cells of the table of [`PAGE`] whose first header cell is this.
fn table(header: &str) -> Vec<Vec<&'static str>> {
    table_of(PAGE, header)
}

fn table_of(page: &'static str, header: &str) -> Vec<Vec<&'static str>> {
    let start = format!("| {header} |");
    let lines = page.lines().skip_while(|line| !line.starts_with(&start));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &'static str| line.trim_matches('|').split(" | ").map(str::trim).collect();
    let rows: Vec<Vec<&str>> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "no table {header}");
    rows
}

/// What stands in backticks.
fn spans(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(String::from)
}

/// What stands in backticks in the first column of a table of [`PAGE`].
fn first(header: &str) -> BTreeSet<String> {
    first_of(PAGE, header)
}

fn first_of(page: &'static str, header: &str) -> BTreeSet<String> {
    let rows = table_of(page, header);
    rows.iter().flat_map(|row| spans(row[0])).collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(String::from).collect()
}

#[test]
fn keys_are_those_of_the_code() {
    assert_eq!(first("key"), set(casefile::KEYS));
    for (header, kinds, common) in [
        ("`kind`", data::KINDS, data::COMMON.as_slice()),
        (
            "`architecture`",
            network::ARCHITECTURES,
            network::COMMON.as_slice(),
        ),
    ] {
        let shown: BTreeMap<String, BTreeSet<String>> = table(header)
            .iter()
            .map(|row| (spans(row[0]).next().unwrap(), spans(row[1]).collect()))
            .collect();
        let known = kinds
            .iter()
            .map(|(kind, keys)| (kind.to_string(), set(keys.iter().copied())))
            .collect();
        assert_eq!(shown, known);
        assert!(common.iter().all(|key| PAGE.contains(&format!("`{key}`"))));
    }
}

#[test]
fn constructions_are_those_of_the_code() {
    let shown: BTreeMap<String, BTreeSet<String>> = table("`construction`")
        .iter()
        .flat_map(|row| spans(row[0]).map(|name| (name, spans(row[1]).collect())))
        .collect();
    let known = casefile::named::ALL.iter().map(|named| {
        let keys = named.arguments.iter().map(|(key, _)| *key);
        (named.name.to_owned(), set(keys))
    });
    assert_eq!(shown, known.collect());
}

#[test]
fn functions_and_names_are_those_of_the_code() {
    let functions = text::FUNCTIONS.iter().map(|(_, usage)| *usage);
    assert_eq!(first("function"), set(functions));
    let mut known = set(names::NAMES.iter().map(|(_, usage, _)| *usage));
    known.extend(casefile::frame::SEPARATORS.map(|name| format!("{name}[i,k]")));
    assert_eq!(first("name"), known);
    // each has a meaning of its own already, or a value that a parameter must share
    for (name, _, _) in names::NAMES {
        let may_be_given = ["n", "d", "m", "D", "eps"].contains(name);
        assert_ne!(casefile::RESERVED.contains(name), may_be_given, "{name}");
    }
}

#[test]
fn assertions_are_those_of_the_code() {
    let words = first("assertion").into_iter().map(|assertion| {
        let end = assertion.find(|c: char| c != '_' && !c.is_alphanumeric());
        assertion[..end.unwrap_or(assertion.len())].to_owned()
    });
    let others = ["lambda_max", "lambda_min", "EXPR", "for"];
    let known = casefile::claim::PREDICATES.into_iter().chain(others);
    assert_eq!(words.collect::<BTreeSet<_>>(), set(known));
}

#[test]
fn limits_are_those_of_the_code() {
    let shown: BTreeMap<&str, &str> = table("limit").iter().map(|row| (row[0], row[1])).collect();
    let known: [(&str, u64); 16] = [
        ("bytes of a file", casefile::MAX_BYTES),
        ("choices of the parameters", casefile::MAX_CHOICES as u64),
        ("definitions", casefile::MAX_DEFINITIONS as u64),
        ("d", data::MAX_D as u64),
        ("n", data::MAX_N as u64),
        ("width", network::MAX_WIDTH as u64),
        ("depth", network::MAX_DEPTH as u64),
        (
            "numbers in the inputs or in one layer",
            data::MAX_ENTRIES as u64,
        ),
        (
            "numbers in the inputs, for separators",
            casefile::frame::MAX_SEPARATED as u64,
        ),
        ("values of an index", text::MAX_VALUES as u64),
        ("characters of a formula", text::MAX_LENGTH as u64),
        (
            "nesting of a formula or of definitions",
            text::MAX_DEPTH as u64,
        ),
        ("digits of an integer", text::MAX_DIGITS as u64),
        (
            "numerator and denominator of an exponent",
            text::MAX_EXPONENT.into(),
        ),
        (
            "samples for eigenvalues",
            flatproof::sharpness::spectrum::MAX_SAMPLES as u64,
        ),
        (
            "coordinates the network looks at, for claims on the cube",
            flatproof::population::exact::MAX_ACTIVE as u64,
        ),
    ];
    let known: BTreeMap<&str, String> = known.map(|(what, most)| (what, most.to_string())).into();
    let known: BTreeMap<&str, &str> = known.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(shown, known);
}

fn keys(value: &serde_json::Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn json_fields_are_those_of_the_program() {
    let folder = TempDir::new().unwrap();
    let example = blocks(PAGE).remove(0);
    std::fs::write(folder.path().join("my.toml"), example.text).unwrap();
    let report = check(folder.path(), "my.toml", "json").stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert!(PAGE.contains(&format!("`{}`", report["schema"].as_str().unwrap())));
    assert_eq!(keys(&report["files"][0]["claims"][0]), first("field"));
    for key in keys(&report["files"][0]).union(&keys(&report)) {
        assert!(PAGE.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn the_error_on_the_page_is_the_program_s() {
    let folder = TempDir::new().unwrap();
    let example = blocks(PAGE).remove(0).text.replace("sharpness", "sharpnes");
    std::fs::write(folder.path().join("my.toml"), example).unwrap();
    let error = check(folder.path(), "my.toml", "text").stderr;
    let home = format!("flatproof: {}/", folder.path().display());
    let sentence = error.strip_prefix(&home).unwrap().split(" (known").next();
    assert!(
        PAGE.contains(&format!("`{}`", sentence.unwrap())),
        "{error}"
    );
}

#[test]
fn fields_and_files_of_a_run_are_those_of_the_program() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().display().to_string();
    let small =
        "train --width 3 --dim 4 --samples 5 --test-samples 10 --epochs 2 --format json --out";
    let arguments = ["flatproof"]
        .into_iter()
        .chain(small.split(' '))
        .chain([out.as_str()]);
    let record = answer(arguments.map(Into::into)).stdout;
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!(keys(&record), first_of(TRAINING, "field"));
    assert!(TRAINING.contains(record["schema"].as_str().unwrap()));
    // a curve's columns are the keys of a measurement, epoch is described above the table
    let mut columns = first_of(TRAINING, "column");
    columns.insert("epoch".into());
    assert_eq!(keys(&record["last"]), columns);
    for file in first_of(TRAINING, "file") {
        let file = file.replace("NAME", "run-seed1");
        assert!(
            file == "figures/*" || folder.path().join(&file).is_file(),
            "{file}"
        );
    }
    let saved = folder.path().join("runs/run-seed1.safetensors");
    let saved = flatproof::experiment::checkpoint::read(&saved).unwrap();
    let meta = serde_json::to_value(&saved.meta).unwrap();
    for key in keys(&meta).union(&keys(&meta["state"])) {
        assert!(TRAINING.contains(&format!("`{key}`")), "{key}");
    }
}
