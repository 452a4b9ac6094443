//! `flatproof falsify [CASE]...`: searches for instances on which cases fail, saves the simplest.

use super::{Ended, Format, Status, Unusable, select, to_json, workspace};
use crate::io::{Cell, Look, Progress, Table};
use crate::theorem::{Case, Search, Verdict, falsify, index};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The version of the JSON.
const SCHEMA: &str = "flatproof.falsify/1";

#[derive(clap::Args)]
#[command(
    after_help = "Example: flatproof falsify theorem-4.1 --attempts 1000\n\n\
    Exit codes: 0 nothing found, 1 a witness, 2 unusable input, 3 the budget stopped a search before \
    its first attempt"
)]
pub(super) struct Options {
    /// Case ids or aliases, in any letter case; none means all that are not repaired
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// Instances tried per case
    #[arg(long, default_value_t = 400)]
    attempts: usize,
    /// Where witnesses are written
    #[arg(long, value_name = "DIR", default_value = "flatproof-out")]
    out: PathBuf,
    /// Seed of the search
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads, at most 1024; 0 means one per core
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1024))]
    jobs: u16,
    /// Stop searching after so many seconds
    #[arg(long, value_name = "SECONDS")]
    budget: Option<u64>,
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    id: String,
    title: String,
    verdict: Verdict,
    reason: String,
    /// Instances per family.
    tried: Vec<(String, u64)>,
    /// Those that miss the hypotheses.
    vacuous: u64,
    undecided: u64,
    /// Steps from the first failing instance to the one of the witness.
    simplified: usize,
    witness: Option<PathBuf>,
    seed: u64,
    seconds: f64,
    #[serde(skip)]
    status: Status,
    /// Length of the witness.
    #[serde(skip)]
    size: usize,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    cases: Vec<Row>,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    let cases = cases(&options.cases)?;
    let search = Search {
        deadline: workspace::deadline(options.budget),
        ..Search::new(options.seed, options.attempts)
    };
    let pool = workspace::pool(options.jobs)?;
    let folder = options.out.join("falsify");
    workspace::make_folders(&options.out, &["falsify"])?;
    let progress = Progress::new(cases.len() as u64);
    let one = |case: &&'static Case| {
        progress.message(case.id);
        let row = row(case, &search, &folder);
        progress.step();
        row
    };
    let rows: Result<Vec<Row>, Unusable> = pool.install(|| cases.par_iter().map(one).collect());
    drop(progress);
    let rows = rows?;
    let status = rows.iter().map(|row| row.status).max();
    let text = match options.format {
        Format::Json => to_json(&Report {
            schema: SCHEMA,
            cases: rows,
        })?,
        Format::Text => text(&rows, &folder),
    };
    let status = status.unwrap_or(Status::AsExpected);
    Ok(Ended { status, text })
}

/// The named cases, or all as stated: a repaired one only by name.
fn cases(ids: &[String]) -> Result<Vec<&'static Case>, Unusable> {
    if !ids.is_empty() {
        return select::cases(ids);
    }
    let mut cases = index();
    cases.retain(|case| !case.id.contains("-repaired"));
    Ok(cases)
}

fn row(case: &Case, search: &Search, folder: &Path) -> Result<Row, Unusable> {
    let start = Instant::now();
    let found = falsify(case, search);
    let status = match &found.witness {
        Some(_) => Status::Otherwise,
        None if found.stopped && found.instances() == 0 => Status::Undecided,
        None => Status::AsExpected,
    };
    let path = folder.join(format!("{}.json", case.id));
    let text = serde_json::to_string(&found.witness).map_err(Unusable::from_error)?;
    Ok(Row {
        id: case.id.into(),
        title: case.title.into(),
        verdict: found.verdict(),
        reason: found.reason(),
        witness: workspace::save(path, found.witness.as_ref(), found.stopped)?,
        vacuous: found.vacuous,
        undecided: found.undecided.0,
        simplified: found.simplified,
        tried: found.tried,
        seed: search.seed,
        seconds: start.elapsed().as_secs_f64(),
        status,
        size: text.len(),
    })
}

fn text(rows: &[Row], folder: &Path) -> String {
    let mut table = Table::new(["case", "found", "tried", "s", "what"]);
    for row in rows {
        let found = match row.status {
            Status::Otherwise => Cell::bad("witness"),
            Status::AsExpected => "none".into(),
            Status::Undecided => Cell::doubtful("no time"),
        };
        let tried: u64 = row.tried.iter().map(|(_, count)| count).sum();
        table.row([
            row.id.as_str().into(),
            found,
            tried.to_string().into(),
            format!("{:.1}", row.seconds).into(),
            row.reason.as_str().into(),
        ]);
    }
    let mut text = table.render(Look::of_stdout());
    let refuted = rows.iter().filter(|row| row.witness.is_some());
    text += &format!(
        "\n{} cases, {} of them with a witness. To find none proves nothing: `flatproof verify` says \
         what is checked.\n",
        rows.len(),
        refuted.clone().count(),
    );
    if let Some(row) = refuted.min_by_key(|row| row.size) {
        text += &format!(
            "The smallest: {}: {}.\nWitnesses are in {}; check them again with `flatproof recheck \
             FILE`.\n",
            row.id,
            row.reason,
            folder.display(),
        );
    }
    text
}
