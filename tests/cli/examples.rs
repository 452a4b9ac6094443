//! The examples of `train` and `reproduce` in the README, in `docs/training.md` and in `--help`.
//!
//! Each runs as printed, in a folder of its own, unless `(long)` stands in its comment. Of a long one the
//! arguments are tried: a folder that cannot be made is the last thing that is refused before the runs
//! start, so that where nothing else is refused the arguments are those of a run.

use super::{flatproof, is_proper};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const README: &str = include_str!("../../README.md");
const PAGE: &str = include_str!("../../docs/training.md");

/// Nobody waits longer for an example that is not marked.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command of `train` or `reproduce`: its arguments, and whether it is marked.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Example {
    arguments: Vec<String>,
    long: bool,
}

impl Example {
    /// From `flatproof ARGUMENTS # comment`.
    fn read(line: &str) -> Option<Self> {
        let (command, comment) = line.split_once('#').unwrap_or((line, ""));
        let words = command.strip_prefix("flatproof ")?.split_whitespace();
        let arguments: Vec<String> = words.map(String::from).collect();
        let ours = ["train", "reproduce"].contains(&arguments.first()?.as_str());
        let long = comment.contains("(long)");
        ours.then_some(Self { arguments, long })
    }

    /// Runs as printed, where nothing is yet.
    fn run(&self) -> Result<(), String> {
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_flatproof"))
            .args(&self.arguments)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match child.try_wait().unwrap() {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("{self:?} ends with {status}")),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        Err(format!("{self:?} takes too long; mark it (long)"))
    }

    /// All that is wrong with it is the folder.
    fn try_arguments(&self) -> Result<(), String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut arguments = self.arguments.clone();
        arguments.extend(["--out".into(), file.path().display().to_string()]);
        let answer = flatproof(arguments);
        is_proper(&answer)?;
        match answer.stderr.contains("choose another --out") {
            true => Ok(()),
            false => Err(format!("{self:?}: {}", answer.stderr)),
        }
    }

    fn check(&self) -> Result<(), String> {
        match self.long {
            true => self.try_arguments(),
            false => self.run(),
        }
    }
}

fn examples<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Example> {
    lines.filter_map(Example::read).collect()
}

/// The examples of each place.
fn all() -> [Vec<Example>; 4] {
    let section = README.split("\n## ").find(|text| text.starts_with("Train"));
    let help = |verb| {
        let help = flatproof([verb, "--help"]).stdout;
        let lines = help.lines().map(str::trim_start);
        examples(lines.filter_map(|line| line.strip_prefix("Example: ")))
    };
    [
        examples(section.unwrap().lines()),
        examples(PAGE.lines()),
        help("train"),
        help("reproduce"),
    ]
}

#[test]
fn every_example_runs_or_is_marked() {
    let all = all();
    assert!(all.iter().all(|examples| examples.len() >= 3), "{all:?}");
    let distinct: BTreeSet<Example> = all.into_iter().flatten().collect();
    for example in distinct {
        example.check().unwrap();
    }
}

#[test]
fn wrong_examples_are_noticed() {
    for wrong in [
        "flatproof train --figure 4c",
        "flatproof train --figure 4b --scale 0.01 --epoch 3",
        "flatproof train --eta 0  # one run",
        "flatproof reproduce 4c --seeds 3  # (long)",
        "flatproof reproduce init-scale-bias --seeds 0  # (long)",
        "flatproof train --rho 0.1,0.2,0.3 --epochs 2e5,4e5  # (long)",
        "flatproof train --epochs 1e10  # (long)",
    ] {
        let example = Example::read(wrong).unwrap();
        assert_eq!(example.long, wrong.contains("(long)"));
        assert!(example.check().is_err(), "{wrong}");
    }
    for other in ["flatproof verify", "make reproduce", "flatproof", ""] {
        assert_eq!(Example::read(other), None);
    }
}
