//! `flatproof reproduce [FIGURE]...`: the paper's experiments and ours, all runs side by side.

use super::pictures::{self, Pictures};
use super::training::{Common, count, ending, positive, summary};
use super::workspace::make_folders;
use super::{Ended, Format, Status, Unusable, to_json};
use crate::experiment::{Failure, Job, Record, Runner, select, table_2};
use crate::io::{Cell, Look, Progress, Table, suggest};
use crate::train::Trainer;
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The version of the JSON.
const SCHEMA: &str = "flatproof.reproduce/1";

#[derive(clap::Args)]
#[command(after_help = "Example: flatproof reproduce 6b\n\
    Example: flatproof reproduce 4 6a --seeds 3 --resume   # (long)\n\
    Example: flatproof reproduce init-scale-bias --seeds 5 --resume   # (long)\n\
    Example: flatproof reproduce --scale 0.01   # all of Table 2, shortened (long)\n\n\
    Figures: 1a 1b 2a 4a 4b 5a 5b 6a 6b 7a 7b 8a 8b 9a 9b 10a 10b 11a 11b; 4 means 4a and 4b.\n\
    Of our own: init-scale (does the start decide Scenario II?), full-batch-sam (against 1-SAM), and \
    their parts, such as init-scale-sim-ln.\n\
    Stop it whenever you like: --resume goes on where it was, and skips what is over.\n\
    JSON: {\"schema\", \"scale\", \"runs\": [the records in --out/runs], \"figures\": \
    [paths]}\n\n\
    Exit codes: 0 all runs ended, diverged ones too (the table says so), 2 unusable input")]
pub(super) struct Options {
    /// Figures, panels or sweeps; none means every row of the paper's Table 2
    #[arg(value_name = "FIGURE")]
    figures: Vec<String>,
    /// Runs of each, with the seeds SEED, SEED + 1, ...
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: u16,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Lengthen or shorten every phase; at least one epoch stays
    #[arg(long, value_parser = positive, default_value_t = 1.0)]
    scale: f64,
    /// Test samples at the end of each run; along it a tenth of them
    #[arg(long, value_name = "COUNT", default_value_t = 100_000, value_parser = count)]
    test_samples: u64,
    /// Runs side by side, at most 1024; 0 means one per core
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1024))]
    jobs: u16,
    #[command(flatten)]
    common: Common,
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    scale: f64,
    runs: Vec<Record>,
    figures: Vec<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    let jobs = options.jobs()?;
    for job in &jobs {
        job.options.check().map_err(Unusable::from_error)?;
    }
    let runner = options.common.runner()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.into());
    let pool = pool.build().map_err(Unusable::from_error)?;
    make_folders(&runner.out, &["runs", "curves", "figures"])?;
    let runs = pool
        .install(|| all(&runner, &jobs))
        .map_err(Unusable::from_error)?;
    let pictures = pictures::draw(&runner, &jobs, &runs)?;
    let text = match options.format {
        Format::Json => to_json(&Report {
            schema: SCHEMA,
            scale: options.scale,
            runs,
            figures: pictures.paths,
        })?,
        Format::Text => text(&runs, &pictures, &runner.out),
    };
    let status = Status::AsExpected;
    Ok(Ended { status, text })
}

impl Options {
    /// All runs, each once.
    fn jobs(&self) -> Result<Vec<Job>, Unusable> {
        let mut rows: Vec<Job> = Vec::new();
        if self.figures.is_empty() {
            rows = table_2::rows();
        }
        for name in &self.figures {
            for job in named(name)? {
                if rows.iter().all(|row| row.figure != job.figure) {
                    rows.push(job);
                }
            }
        }
        let seeds = (0..u64::from(self.seeds)).map(|k| self.seed.wrapping_add(k));
        let test_samples = usize::try_from(self.test_samples).unwrap_or(usize::MAX);
        for job in &mut rows {
            job.options.test_samples = test_samples;
            job.options.curve_samples = (test_samples / 10).max(1);
        }
        let seeded = |job: Job| seeds.clone().map(move |seed| job.seeded(seed));
        let jobs = rows.into_iter().flat_map(seeded);
        Ok(jobs.map(|job| job.scaled(self.scale)).collect())
    }
}

/// The runs of that name, at least one.
pub(super) fn named(name: &str) -> Result<Vec<Job>, Unusable> {
    let jobs = select::named(name);
    if !jobs.is_empty() {
        return Ok(jobs);
    }
    let known = select::names();
    let nearest = suggest(name, known.iter().map(String::as_str));
    let hint = nearest.map_or(String::new(), |known| format!(" did you mean {known:?}?"));
    Err(Unusable(format!(
        "there is no figure {name:?};{hint} known are {}",
        known.join(", ")
    )))
}

/// Every run, the long ones first; their records in the order of the jobs.
fn all(runner: &Runner, jobs: &[Job]) -> Result<Vec<Record>, Failure> {
    let epochs = |job: &Job| job.options.epochs();
    let progress = Progress::with_time_left(jobs.iter().map(epochs).sum());
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&k| std::cmp::Reverse(jobs[k].steps()));
    let one = |k: usize| {
        let record = one(runner, &jobs[k], &progress)?;
        Ok((k, record))
    };
    // one by one from the list, so that no thread sits on a share of its own
    let done = order.into_iter().par_bridge().map(one);
    let mut records = done.collect::<Result<Vec<(usize, Record)>, Failure>>()?;
    records.sort_by_key(|(k, _)| *k);
    Ok(records.into_iter().map(|(_, record)| record).collect())
}

fn one(runner: &Runner, job: &Job, progress: &Progress) -> Result<Record, Failure> {
    let mut done = 0;
    let record = runner.run(job, |trainer: &Trainer| {
        let state = trainer.state();
        progress.steps(state.epoch - done);
        done = state.epoch;
        let last = state.measurements.last();
        if let Some(last) = last.filter(|last| last.epoch == state.epoch) {
            progress.message(&format!("{}: {}", job.figure, summary(last)));
        }
    })?;
    progress.steps(job.options.epochs().saturating_sub(done)); // diverged, or taken over
    Ok(record)
}

fn text(runs: &[Record], pictures: &Pictures, out: &Path) -> String {
    let mut table = Table::new([
        "run",
        "sharpness",
        "loss",
        "accuracy",
        "best",
        "at epoch",
        "s",
        "what",
    ]);
    for run in runs {
        let number = |t: Option<String>| Cell::from(t.unwrap_or_else(|| "-".into()));
        let last =
            |show: fn(&crate::train::Measurement) -> String| number(run.last.as_ref().map(show));
        let best =
            |show: fn(&crate::train::Measurement) -> String| number(run.best.as_ref().map(show));
        let what = match run.last {
            Some(_) => run.title.clone(),
            None => format!("{}: {}", run.title, ending(run)),
        };
        table.row([
            run.name.as_str().into(),
            last(|m| format!("{:.3}", m.sharpness)),
            last(|m| format!("{:.1e}", m.loss)),
            last(|m| format!("{:.4}", m.test_accuracy)),
            best(|m| format!("{:.4}", m.test_accuracy)),
            best(|m| m.epoch.to_string()),
            format!("{:.1}", run.seconds).into(),
            what.into(),
        ]);
    }
    let mut text = table.render(Look::of_stdout());
    if let Some(table) = &pictures.table_1 {
        text += &format!("\nTable 1\n{}", table.text(Look::of_stdout()));
    }
    let out = out.display();
    text += &format!(
        "\n{} runs, in f32: never a verdict. Networks and records are in {out}/runs, curves in \
         {out}/curves, {} pictures and tables in {out}/figures.\n",
        runs.len(),
        pictures.paths.len()
    );
    text
}
