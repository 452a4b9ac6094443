//! One JSON record per run: everything that made it, and for each number the arithmetic behind it.
//!
//! | field | is |
//! |---|---|
//! | `name`, `figure`, `title` | the run |
//! | `options`, `steps` | all that defines it (its seed too); steps of the whole run |
//! | `program`, `host` | version, compiler; processor, cores, instruction set |
//! | `outcome` | `finished`, or `diverged` with the epoch |
//! | `left_out` | with batch norm: sum over steps of the number of neurons with `a_j = 0`, left out of them |
//! | `resumed_at`, `seconds`, `steps_per_second` | of the last sitting alone, measurements included |
//! | `last` | at the end, on the whole test set |
//! | `best` | the greatest test accuracy along the curve, on its part of the test set |
//! | `arithmetic` | how each number came about |
//! | `audit` | what exact arithmetic says about the final network on its training set |
//! | `not_audited` | why not, in one sentence |
//!
//! [`Record::curve`] is the CSV beside it.

use super::job::Job;
use crate::audit::Audit;
use crate::engine::Isa;
use crate::train::{Machine, Measurement, Options};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the JSON.
pub const SCHEMA: &str = "flatproof.run/1";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// After all its epochs.
    Finished,
    /// At a number that is not finite, found after so many epochs.
    Diverged(u64),
}

/// The program that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The version of this crate.
    pub flatproof: String,
    /// The compiler's.
    pub rustc: String,
    /// What it was compiled for.
    pub target: String,
}

impl Program {
    /// This program.
    pub fn this() -> Self {
        let unknown = "unknown";
        Self {
            flatproof: env!("CARGO_PKG_VERSION").into(),
            rustc: option_env!("FLATPROOF_RUSTC").unwrap_or(unknown).into(),
            target: option_env!("FLATPROOF_TARGET").unwrap_or(unknown).into(),
        }
    }
}

/// The computer it ran on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The processor, as the system names it.
    pub cpu: String,
    /// Its cores, as far as this process may use them.
    pub cores: usize,
    /// The instruction set that was used.
    pub isa: Isa,
}

impl Host {
    /// This computer.
    pub fn this(isa: Isa) -> Self {
        Self {
            cpu: cpu().unwrap_or_else(|| "unknown".into()),
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            isa,
        }
    }
}

/// The processor's name where Linux tells it.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// The stem of the run's files.
    pub name: String,
    /// The figure's panel or the sweep's point.
    pub figure: String,
    /// What it is, in words.
    pub title: String,
    /// Everything that defines it.
    pub options: Options,
    /// Whether the plain stepper was used.
    pub plain: bool,
    /// Steps of the whole run.
    pub steps: u64,
    /// The program.
    pub program: Program,
    /// The computer.
    pub host: Host,
    /// How it ended.
    pub outcome: Outcome,
    /// The sum over all steps of the number of batch-norm neurons that were left out, their `a_j` being
    /// 0; none without batch norm.
    pub left_out: Option<u64>,
    /// The epoch from which the last sitting went on; 0 if there was one alone.
    pub resumed_at: u64,
    /// Length of the last sitting, measurements included.
    pub seconds: f64,
    /// Steps of the last sitting per second of it.
    pub steps_per_second: f64,
    /// At the end, on the whole test set; none if the run diverged.
    pub last: Option<Measurement>,
    /// The measurement with the greatest test accuracy, the first of equals.
    pub best: Option<Measurement>,
    /// For each number, how it came about.
    pub arithmetic: BTreeMap<String, String>,
    /// What exact arithmetic says about the final network on its training set; none if it diverged.
    pub audit: Option<Audit>,
    /// Why it was not audited.
    pub not_audited: Option<String>,
    /// What was measured along the run; in the CSV, not here.
    #[serde(skip)]
    pub curve: Vec<Measurement>,
}

/// The last sitting of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sitting {
    /// Epochs finished before it.
    pub resumed_at: u64,
    /// Steps in it.
    pub steps: u64,
    /// Its length.
    pub seconds: f64,
}

impl Record {
    /// The record of a run that ended, without audit.
    pub fn new(job: &Job, machine: Machine, sitting: Sitting) -> Self {
        Self {
            schema: SCHEMA.into(),
            name: job.name(),
            figure: job.figure.clone(),
            title: job.title.clone(),
            options: job.options.clone(),
            plain: machine.plain,
            steps: job.steps(),
            program: Program::this(),
            host: Host::this(machine.isa),
            outcome: Outcome::Finished,
            left_out: None,
            resumed_at: sitting.resumed_at,
            seconds: sitting.seconds,
            steps_per_second: sitting.steps as f64 / sitting.seconds.max(f64::MIN_POSITIVE),
            last: None,
            best: None,
            arithmetic: arithmetic(),
            audit: None,
            not_audited: None,
            curve: Vec::new(),
        }
    }

    /// Whether this is the end of the given run, computed in the given way.
    pub fn is_of(&self, job: &Job, machine: Machine) -> bool {
        (&self.options, self.plain) == (&job.options, machine.plain)
            && self.program.flatproof == env!("CARGO_PKG_VERSION")
            && self.schema == SCHEMA
    }
}

/// The measurement with the greatest test accuracy, the first of equals.
pub fn best(curve: &[Measurement]) -> Option<Measurement> {
    let better = |best: Measurement, next: &Measurement| {
        if next.test_accuracy > best.test_accuracy {
            *next
        } else {
            best
        }
    };
    let first = *curve.first()?;
    Some(curve.iter().fold(first, better))
}

fn arithmetic() -> BTreeMap<String, String> {
    let floats = "f32 terms, no error bound";
    [
        (
            "weights",
            "f32, one rounding per operation, in a fixed order",
        ),
        ("loss", floats),
        ("train_accuracy", "share of f32 outputs f with y f > 0"),
        ("test_loss", floats),
        ("test_accuracy", "share of f32 outputs f with y f > 0"),
        (
            "sharpness",
            "closed form of the trace, f32 terms, sum over samples in f64, relu'(0) = 0",
        ),
        ("left_out", "count of a_j that are 0 in f32"),
        ("seconds", "wall clock"),
        ("audit", "says for each of its numbers how it came about"),
    ]
    .map(|(number, how)| (number.to_owned(), how.to_owned()))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::table_2;

    fn record() -> Record {
        let machine = Machine {
            isa: Isa::Portable,
            plain: false,
        };
        let sitting = Sitting {
            resumed_at: 3,
            steps: 100,
            seconds: 0.1,
        };
        Record::new(&table_2::row("4b").unwrap().seeded(2), machine, sitting)
    }

    #[test]
    fn round_trip() {
        let record = record();
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        assert_eq!(
            (record.name.as_str(), record.steps),
            ("4b-seed2", 60_000_000)
        );
    }

    #[test]
    fn a_record_is_of_its_own_run_only() {
        let (record, job) = (record(), table_2::row("4b").unwrap().seeded(2));
        let machine = Machine {
            isa: Isa::Avx512,
            plain: false,
        };
        assert!(
            record.is_of(&job, machine),
            "the instruction set does not matter"
        );
        assert!(!record.is_of(
            &job,
            Machine {
                plain: true,
                ..machine
            }
        ));
        assert!(!record.is_of(&job.clone().scaled(0.5), machine));
        assert!(!record.is_of(&table_2::row("4b").unwrap().seeded(1), machine));
    }

    #[test]
    fn the_best_is_the_first_of_equals() {
        let at = |epoch, test_accuracy| Measurement {
            epoch,
            loss: 0.0,
            train_accuracy: 1.0,
            test_loss: 0.0,
            test_accuracy,
            sharpness: 1.0,
        };
        let curve = [at(0, 0.5), at(1, 0.8), at(2, 0.8), at(3, 0.7)];
        assert_eq!(best(&curve), Some(curve[1]));
        assert_eq!(best(&[]), None);
    }
}
