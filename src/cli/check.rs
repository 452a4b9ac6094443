//! `flatproof check FILE...`: a verdict for each claim of case files, at each choice of parameters.

use super::workspace::{self, Common};
use super::{Ended, Format, Status, Unusable, to_json};
use crate::casefile::{CaseFile, ChoiceReport, ClaimReport, MAX_BYTES, check_choices};
use crate::io::junit::{self, Suite};
use crate::io::{Look, Progress, Table, read_bounded, write_atomic};
use crate::theorem::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The version of the JSON.
const SCHEMA: &str = "flatproof.check/1";
/// Where the facts go, below `--out`.
const FOLDER: &str = "check";

#[derive(clap::Args)]
#[command(
    after_help = "Example: flatproof check examples/cases/theorem-4.1-repaired.toml --junit report.xml\n\n\
                  The format of case files is described in docs/case-files.md"
)]
pub(super) struct Options {
    /// Case files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Also write a JUnit report, which continuous integration shows as tests
    #[arg(long, value_name = "PATH")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    files: Vec<FileReport>,
}

#[derive(Serialize)]
struct FileReport {
    file: PathBuf,
    title: String,
    /// Choices of the parameters that `where` left out.
    left_out: usize,
    claims: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    claim: String,
    line: usize,
    column: usize,
    parameters: BTreeMap<String, String>,
    verdict: Verdict,
    found: String,
    /// The facts, shared by the claims of one choice.
    witness: Option<PathBuf>,
    seconds: f64,
    /// The parameters in the order of the file, as `d = 4, n = 8`.
    #[serde(skip)]
    choice: String,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    have_names_of_their_own(options.files.iter().map(PathBuf::as_path))?;
    let files = options
        .files
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>, _>>()?;
    let deadline = options.common.deadline();
    let pool = options.common.pool()?;
    workspace::make_folders(&options.common.out, &[FOLDER])?;
    let mut reports = Vec::new();
    for (path, file) in options.files.iter().zip(&files) {
        reports.push(pool.install(|| one(options, path, file, deadline))?);
    }
    if let Some(path) = &options.junit {
        let xml =
            junit::junit("flatproof check", &suites(&reports)).map_err(Unusable::from_error)?;
        write_atomic(path, xml).map_err(Unusable::from_error)?;
    }
    let rows = || reports.iter().flat_map(|report| &report.claims);
    let status = rows()
        .map(|row| status_of(row.verdict))
        .max()
        .unwrap_or(Status::AsExpected);
    let text = match options.common.format {
        Format::Json => to_json(&Report {
            schema: SCHEMA,
            files: reports,
        })?,
        Format::Text => text(&reports, &options.common.out),
    };
    Ok(Ended { status, text })
}

/// The case file at a path.
pub(super) fn read(path: &Path) -> Result<CaseFile, Unusable> {
    let text = read_bounded(path, MAX_BYTES).map_err(Unusable::from_error)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    CaseFile::read(&text, Some(folder))
        .map_err(|error| Unusable(format!("{}:{error}", path.display())))
}

fn one(
    options: &Options,
    path: &Path,
    file: &CaseFile,
    deadline: Option<Instant>,
) -> Result<FileReport, Unusable> {
    let at = |stop: crate::casefile::Stop| Unusable(format!("{}:{stop}", path.display()));
    let (choices, left_out) = file.choices().map_err(at)?;
    if choices.is_empty() {
        let sentence =
            "no choice of the parameters satisfies `where`; widen a range or drop a condition";
        return Err(Unusable(format!("{}: {sentence}", path.display())));
    }
    let name = stem(path);
    let progress = Progress::new(choices.len() as u64);
    progress.message(&name);
    let reports = check_choices(file, &name, &choices, deadline, || progress.step());
    let reports = reports.map_err(at)?;
    drop(progress);
    let mut claims = Vec::new();
    for (place, report) in reports.into_iter().enumerate() {
        let path = options
            .common
            .out
            .join(FOLDER)
            .join(format!("{name}-{}.json", place + 1));
        let witness = workspace::save(path, report.witness.as_ref(), false)?;
        claims.extend(rows(report, witness));
    }
    Ok(FileReport {
        file: path.into(),
        title: file.title.clone(),
        left_out,
        claims,
    })
}

/// Whether a path is that of a case file.
pub(super) fn is_case_file(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}

/// Refuses two files of one name: what is found would go to one place.
pub(super) fn have_names_of_their_own<'a>(
    paths: impl Iterator<Item = &'a Path>,
) -> Result<(), Unusable> {
    let mut seen: BTreeMap<String, &Path> = BTreeMap::new();
    for path in paths {
        if let Some(other) = seen.insert(stem(path), path) {
            return Err(Unusable(format!(
                "{other:?} and {path:?} have one name, so their results would overwrite each other; \
                 run them one by one with different --out"
            )));
        }
    }
    Ok(())
}

/// The file's name without folder and ending.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(|| "case".into(), |stem| stem.to_string_lossy().into_owned())
}

fn rows(report: ChoiceReport, witness: Option<PathBuf>) -> impl Iterator<Item = Row> {
    let ChoiceReport {
        parameters, claims, ..
    } = report;
    let choice: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    let choice = choice.join(", ");
    let parameters: BTreeMap<String, String> = parameters.into_iter().collect();
    claims.into_iter().map(move |claim: ClaimReport| Row {
        claim: claim.claim,
        line: claim.place.line,
        column: claim.place.column,
        parameters: parameters.clone(),
        verdict: claim.verdict,
        found: claim.found,
        witness: witness.clone(),
        seconds: claim.time.as_secs_f64(),
        choice: choice.clone(),
    })
}

fn status_of(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Verified => Status::AsExpected,
        Verdict::Refuted | Verdict::Vacuous => Status::Otherwise,
        Verdict::Undecided => Status::Undecided,
    }
}

fn suites(reports: &[FileReport]) -> Vec<Suite> {
    let suite = |report: &FileReport| {
        let check = |row: &Row| {
            let message = row.found.clone();
            let details = format!("{}:{}:{}", report.file.display(), row.line, row.column);
            let details = format!("{details}\n{}: {}\n{}", row.choice, row.claim, row.found);
            junit::Check {
                name: match row.choice.as_str() {
                    "" => row.claim.clone(),
                    choice => format!("{} [{choice}]", row.claim),
                },
                classname: stem(&report.file),
                time: Duration::from_secs_f64(row.seconds),
                outcome: match row.verdict {
                    Verdict::Verified => junit::Outcome::Passed,
                    Verdict::Refuted => junit::Outcome::Failed { message, details },
                    Verdict::Vacuous => junit::Outcome::Failed {
                        message: format!("vacuous: {message}"),
                        details,
                    },
                    Verdict::Undecided => junit::Outcome::Error { message },
                },
            }
        };
        Suite {
            name: report.file.display().to_string(),
            checks: report.claims.iter().map(check).collect(),
        }
    };
    reports.iter().map(suite).collect()
}

fn text(reports: &[FileReport], out: &Path) -> String {
    let mut text = String::new();
    let mut counts = BTreeMap::new();
    for report in reports {
        text += &format!("{}", report.file.display());
        if !report.title.is_empty() {
            text += &format!(": {}", report.title);
        }
        text += "\n";
        let mut table = Table::new(["for", "claim", "verdict", "found"]);
        let mut last: Option<&Row> = None;
        for row in &report.claims {
            *counts.entry(row.verdict.to_string()).or_insert(0) += 1;
            let above = last.filter(|above| above.choice == row.choice);
            let shown = above.map_or(row.choice.as_str(), |_| "");
            let repeats = above.is_some_and(|above| above.found == row.found);
            let found = if repeats { "the same" } else { &row.found };
            last = Some(row);
            table.row([
                shown.into(),
                row.claim.as_str().into(),
                workspace::verdict_cell(row.verdict),
                found.into(),
            ]);
        }
        text += &table.render(Look::of_stdout());
        if report.left_out > 0 {
            text += &format!(
                "Choices of the parameters left out by `where`: {}.\n",
                report.left_out
            );
        }
        text += "\n";
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    text += &format!(
        "Claims: {}. Verified means: exactly, at these values of the parameters.\n",
        counts.join(", ")
    );
    if reports
        .iter()
        .flat_map(|report| &report.claims)
        .any(|row| row.witness.is_some())
    {
        text += &format!(
            "The facts are in {}/{FOLDER}; decide them again with `flatproof recheck FILE`.\n",
            out.display()
        );
    }
    text
}
