//! One run from start to record, through crashes: checkpoints by the clock, at ends of epochs.
//!
//! | below the folder | is |
//! |---|---|
//! | `runs/NAME.safetensors` | the last checkpoint, in the end the final network |
//! | `runs/NAME.json` | the [`Record`], written last: where it stands, the run is over |
//! | `curves/NAME.csv` | what was measured |
//!
//! A resumed run ends in the same checkpoint and the same curve, byte for byte, as one that was never
//! stopped (test `resumed_vs_uninterrupted`, and by killing the program in `tests/cli`).

use super::checkpoint::{self, Checkpoint, CheckpointError, Meta};
use super::job::Job;
use super::record::{Outcome, Record, Sitting, best};
use crate::audit::audit;
use crate::io::csv::{CsvError, to_csv};
use crate::io::{WriteError, read_bounded, write_atomic};
use crate::train::{Machine, Options, Refused, Trainer};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No record needs more.
const MAX_RECORD_BYTES: u64 = 1 << 24;

/// Where and how runs are done.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The folder.
    pub out: PathBuf,
    /// How they are computed.
    pub machine: Machine,
    /// Go on from checkpoints, and take over runs that are over.
    pub resume: bool,
    /// Time between checkpoints.
    pub interval: Duration,
}

/// A run could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The options make no run.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A checkpoint could not be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is of another run.
    #[error(
        "{path:?} is a checkpoint of another run: {what} differs; name another folder, or start over \
         without --resume"
    )]
    OtherRun {
        /// The checkpoint.
        path: PathBuf,
        /// Where the runs differ.
        what: String,
    },
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The curve could not be written down.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The record could not be written down.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Runner {
    /// Does a run, or what is left of it; `watch` sees it after every epoch.
    ///
    /// # Errors
    /// [`Failure`]; what was saved before stays.
    pub fn run(&self, job: &Job, mut watch: impl FnMut(&Trainer)) -> Result<Record, Failure> {
        let files = Files::of(&self.out, job);
        if self.resume {
            if let Some(record) = self.finished(job, &files) {
                return Ok(record);
            }
        } else {
            // the record of an earlier run must not stand beside the checkpoints of this one
            let _ = std::fs::remove_file(&files.record);
        }
        let start = Instant::now();
        let mut trainer = self.trainer(job, &files.checkpoint)?;
        let resumed_at = trainer.state().epoch;
        let mut saved = Instant::now();
        while trainer.advance() {
            watch(&trainer);
            if saved.elapsed() >= self.interval {
                self.save(&trainer, &files.checkpoint)?;
                saved = Instant::now();
            }
        }
        self.save(&trainer, &files.checkpoint)?;
        let sitting = Sitting {
            resumed_at,
            steps: steps_since(job, resumed_at, trainer.state().epoch),
            seconds: start.elapsed().as_secs_f64(),
        };
        let record = self.record(job, &trainer, sitting);
        write_atomic(&files.curve, to_csv(&record.curve)?)?;
        write_atomic(&files.record, serde_json::to_string_pretty(&record)?)?;
        Ok(record)
    }

    /// Where the network of a run is saved.
    pub fn checkpoint(&self, job: &Job) -> PathBuf {
        Files::of(&self.out, job).checkpoint
    }

    /// The run where its checkpoint left it, or at its start.
    fn trainer(&self, job: &Job, path: &Path) -> Result<Trainer, Failure> {
        job.options.check()?; // before a checkpoint's size is looked at
        if !(self.resume && path.exists()) {
            return Ok(Trainer::new(job.options.clone(), self.machine)?);
        }
        let Checkpoint { meta, model } = checkpoint::read(path)?;
        if let Some(what) = difference(&meta, &self.meta_of(job)) {
            let path = path.into();
            return Err(Failure::OtherRun { path, what });
        }
        Ok(Trainer::resume(
            meta.options,
            self.machine,
            model,
            meta.state,
        )?)
    }

    fn meta_of(&self, job: &Job) -> Meta {
        self.meta(job.options.clone(), Default::default())
    }

    fn meta(&self, options: Options, state: crate::train::State) -> Meta {
        Meta {
            schema: checkpoint::SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            options,
            plain: self.machine.plain,
            state,
        }
    }

    fn save(&self, trainer: &Trainer, path: &Path) -> Result<(), CheckpointError> {
        let meta = self.meta(trainer.options().clone(), trainer.state().clone());
        checkpoint::save(path, trainer.model(), &meta)
    }

    /// The record of a run that is over, with its curve.
    fn finished(&self, job: &Job, files: &Files) -> Option<Record> {
        let text = read_bounded(&files.record, MAX_RECORD_BYTES).ok()?;
        let record: Record = serde_json::from_str(&text).ok()?;
        let Checkpoint { meta, .. } = checkpoint::read(&files.checkpoint).ok()?;
        let over =
            record.is_of(job, self.machine) && difference(&meta, &self.meta_of(job)).is_none();
        over.then_some(Record {
            curve: meta.state.measurements,
            ..record
        })
    }

    fn record(&self, job: &Job, trainer: &Trainer, sitting: Sitting) -> Record {
        let state = trainer.state();
        let outcome = state.diverged.map_or(Outcome::Finished, Outcome::Diverged);
        let finished = outcome == Outcome::Finished;
        let audited = finished.then(|| {
            let train = &trainer.data().train;
            audit(trainer.model(), train, job.options.loss).map_err(|why| why.to_string())
        });
        let (audit, not_audited) = match audited {
            Some(Ok(audit)) => (Some(audit), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, Some("the run diverged".into())),
        };
        Record {
            outcome,
            left_out: state.left_out,
            audit,
            not_audited,
            last: finished.then(|| trainer.full_measurement()),
            best: best(&state.measurements),
            curve: state.measurements.clone(),
            ..Record::new(job, self.machine, sitting)
        }
    }
}

/// Where the files of a run are.
struct Files {
    checkpoint: PathBuf,
    record: PathBuf,
    curve: PathBuf,
}

impl Files {
    fn of(out: &Path, job: &Job) -> Self {
        let name = job.name();
        Self {
            checkpoint: out.join("runs").join(format!("{name}.safetensors")),
            record: out.join("runs").join(format!("{name}.json")),
            curve: out.join("curves").join(format!("{name}.csv")),
        }
    }
}

/// Steps of the epochs `from..to`.
fn steps_since(job: &Job, from: u64, to: u64) -> u64 {
    let (mut start, mut steps) = (0_u64, 0);
    for phase in &job.options.phases {
        let end = start.saturating_add(phase.epochs);
        let epochs = to.min(end).saturating_sub(from.max(start));
        steps += epochs * job.options.samples.div_ceil(phase.batch) as u64;
        start = end;
    }
    steps
}

/// The first thing in which two runs differ.
fn difference(a: &Meta, b: &Meta) -> Option<String> {
    if a.version != b.version {
        return Some(format!(
            "the program's version ({} and {})",
            a.version, b.version
        ));
    }
    if a.plain != b.plain {
        return Some("--plain".into());
    }
    let value = |meta: &Meta| serde_json::to_value(&meta.options).unwrap_or_default();
    let (a, b) = (value(a), value(b));
    let keys = a.as_object()?.keys();
    let differing = keys
        .into_iter()
        .find(|key| a[key.as_str()] != b[key.as_str()]);
    differing.map(|key| format!("{key} ({} and {})", a[key.as_str()], b[key.as_str()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Isa;
    use crate::train::Phase;

    fn job() -> Job {
        let phase = |rho| Phase {
            rho,
            epochs: 20,
            ..Phase::default()
        };
        let options = Options {
            width: 6,
            input_dim: 5,
            samples: 8,
            test_samples: 50,
            curve_samples: 20,
            phases: vec![phase(0.05), phase(0.1)],
            ..Options::default()
        };
        Job::new("small", "a small run", options)
    }

    fn runner(out: &Path, resume: bool) -> Runner {
        Runner {
            out: out.into(),
            machine: Machine {
                isa: Isa::Portable,
                plain: false,
            },
            resume,
            interval: Duration::ZERO,
        }
    }

    fn bytes(out: &Path) -> [Vec<u8>; 2] {
        ["runs/small-seed1.safetensors", "curves/small-seed1.csv"]
            .map(|name| std::fs::read(out.join(name)).unwrap())
    }

    #[test]
    fn resumed_vs_uninterrupted() {
        let folder = || tempfile::tempdir().unwrap();
        let (whole, parts) = (folder(), folder());
        let record = runner(whole.path(), false).run(&job(), |_| {}).unwrap();
        assert_eq!((record.resumed_at, record.steps), (0, 320));
        // stopped by a panic in the midst of epoch 13, then in the second phase
        for (stop, resume) in [(13, false), (30, true)] {
            let stopped = std::panic::catch_unwind(|| {
                runner(parts.path(), resume).run(&job(), |trainer| {
                    assert!(trainer.state().epoch < stop, "stop here");
                })
            });
            assert!(stopped.is_err());
        }
        let record = runner(parts.path(), true).run(&job(), |_| {}).unwrap();
        assert_eq!(record.resumed_at, 29);
        assert_eq!(bytes(whole.path()), bytes(parts.path()));
        // a run that is over is taken over, and only the same one
        let again = runner(parts.path(), true)
            .run(&job(), |_| unreachable!())
            .unwrap();
        assert_eq!(again, record);
    }

    #[test]
    fn other_runs_and_broken_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        runner(out, false).run(&job(), |_| {}).unwrap();
        let mut other = job();
        other.options.phases[1].rho = 0.2;
        let refusal = runner(out, true)
            .run(&other, |_| {})
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("another run: phases (["), "{refusal}");
        let mut plain = runner(out, true);
        plain.machine.plain = true;
        let refusal = plain.run(&job(), |_| {}).unwrap_err().to_string();
        assert!(refusal.contains("--plain differs"), "{refusal}");
        let path = out.join("runs/small-seed1.safetensors");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let refusal = runner(out, true)
            .run(&job(), |_| {})
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("is not a whole checkpoint"), "{refusal}");
        // without --resume it starts over
        runner(out, false).run(&job(), |_| {}).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn divergence_is_an_outcome() {
        let folder = tempfile::tempdir().unwrap();
        let mut wild = job();
        wild.options.phases[0].eta = 1e6;
        let record = runner(folder.path(), false).run(&wild, |_| {}).unwrap();
        assert!(
            matches!(record.outcome, Outcome::Diverged(epoch) if epoch <= 20),
            "{record:?}"
        );
        assert_eq!(record.last, None);
        assert!(record.curve.iter().all(|m| m.is_finite()));
        let again = runner(folder.path(), true).run(&wild, |_| {}).unwrap();
        assert_eq!(again, record);
    }
}
