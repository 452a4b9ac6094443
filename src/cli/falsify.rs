//! `flatproof falsify [CASE or FILE]...`: searches for instances on which cases, or the claims of case
//! files, fail, and saves the simplest.

use super::workspace::{self, Common};
use super::{Ended, Format, Status, Unusable, check, select, to_json};
use crate::casefile::{self, CaseFile};
use crate::io::{Cell, Look, Progress, Table};
use crate::theorem::{Case, Hunted, Search, Verdict, falsify, index};
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The version of the JSON.
const SCHEMA: &str = "flatproof.falsify/1";

#[derive(clap::Args)]
#[command(
    after_help = "Example: flatproof falsify theorem-4.1 --attempts 1000\n\
    Example: flatproof falsify examples/cases/theorem-4.1-printed.toml\n\n\
    Exit codes: 0 nothing found, 1 a witness, 2 unusable input, 3 the budget stopped a search before \
    its first attempt"
)]
pub(super) struct Options {
    /// Case ids or aliases, in any letter case, or case files (*.toml); none means all cases that are
    /// not repaired
    #[arg(value_name = "CASE or FILE")]
    targets: Vec<String>,
    /// Instances tried per case
    #[arg(long, default_value_t = 400)]
    attempts: usize,
    /// Seed of the search
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    common: Common,
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
    let targets = targets(&options.targets)?;
    let search = Search {
        deadline: options.common.deadline(),
        ..Search::new(options.seed, options.attempts)
    };
    let pool = options.common.pool()?;
    let folder = options.common.out.join("falsify");
    workspace::make_folders(&options.common.out, &["falsify"])?;
    let progress = Progress::new(targets.len() as u64);
    let one = |target: &Target| {
        progress.message(&target.id());
        let row = row(target, &search, &folder);
        progress.step();
        row
    };
    let rows: Result<Vec<Row>, Unusable> = pool.install(|| targets.par_iter().map(one).collect());
    drop(progress);
    let rows = rows?;
    let status = rows.iter().map(|row| row.status).max();
    let text = match options.common.format {
        Format::Json => to_json(&Report {
            schema: SCHEMA,
            cases: rows,
        })?,
        Format::Text => text(&rows, &folder),
    };
    let status = status.unwrap_or(Status::AsExpected);
    Ok(Ended { status, text })
}

/// What is searched: a case, or a case file.
enum Target {
    Case(&'static Case),
    File(PathBuf, Box<CaseFile>),
}

impl Target {
    /// What it is called, and its witness: files end in `.toml`, cases do not.
    fn id(&self) -> String {
        match self {
            Self::Case(case) => case.id.into(),
            Self::File(path, _) => format!("{}.toml", check::stem(path)),
        }
    }

    fn title(&self) -> &str {
        match self {
            Self::Case(case) => case.title,
            Self::File(_, file) => &file.title,
        }
    }

    fn search(&self, search: &Search) -> Result<Hunted, Unusable> {
        match self {
            Self::Case(case) => Ok(falsify(case, search)),
            Self::File(path, file) => casefile::falsify(file, &self.id(), search)
                .map_err(|stop| Unusable(format!("{}:{stop}", path.display()))),
        }
    }
}

/// The named ones, or all cases as stated: a repaired one only by name.
fn targets(names: &[String]) -> Result<Vec<Target>, Unusable> {
    if names.is_empty() {
        let as_stated = index()
            .into_iter()
            .filter(|case| !case.id.contains("-repaired"));
        return Ok(as_stated.map(Target::Case).collect());
    }
    let mut targets: Vec<Target> = Vec::new();
    for name in names {
        let path = PathBuf::from(name);
        let found = if check::is_case_file(&path) {
            let file = Box::new(check::read(&path)?);
            vec![Target::File(path, file)]
        } else {
            let cases = select::cases(std::slice::from_ref(name))?;
            cases.into_iter().map(Target::Case).collect()
        };
        for target in found {
            if !targets.iter().any(|other| other.id() == target.id()) {
                targets.push(target);
            }
        }
    }
    check::have_names_of_their_own(
        names
            .iter()
            .map(Path::new)
            .filter(|p| check::is_case_file(p)),
    )?;
    Ok(targets)
}

fn row(target: &Target, search: &Search, folder: &Path) -> Result<Row, Unusable> {
    let start = Instant::now();
    let found = target.search(search)?;
    let status = match &found.witness {
        Some(_) => Status::Otherwise,
        None if found.stopped && found.instances() == 0 => Status::Undecided,
        None => Status::AsExpected,
    };
    let path = folder.join(format!("{}.json", target.id()));
    let text = serde_json::to_string(&found.witness).map_err(Unusable::from_error)?;
    Ok(Row {
        id: target.id(),
        title: target.title().into(),
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
