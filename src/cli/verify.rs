//! `flatproof verify [CASE]...`: runs theory cases, saves their witnesses, prints the table.

use super::workspace::{self, Common};
use super::{Ended, Format, Status, Unusable, select, to_json};
use crate::certificate::Witness;
use crate::io::{Look, Progress, Table, write_atomic};
use crate::theorem::{Case, Form, Outcome, Run, Size, Verdict};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Instant;

/// The version of the JSON.
const SCHEMA: &str = "flatproof.verify/1";

#[derive(clap::Args)]
#[command(after_help = "Example: flatproof verify theorem-4.1 lemma-a.27 --format json")]
pub(super) struct Options {
    /// Case ids or aliases, in any letter case; none means all
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// Larger instances: up to d = 80, n = 1000 (minutes)
    #[arg(long)]
    full: bool,
    /// Seed of the instance generators
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Take over the cases that a stopped run of this program, seed and size had finished
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    common: Common,
}

/// One row of the result, and of the file that `--resume` reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    id: String,
    title: String,
    kind: String,
    verdict: Verdict,
    reason: String,
    expected: Option<Verdict>,
    status: String,
    scalar: Vec<String>,
    instances: u64,
    families: Vec<(String, u64)>,
    witness: Option<PathBuf>,
    certificate: Option<PathBuf>,
    seconds: f64,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    cases: Vec<Row>,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    against(&select::expected()?, options)
}

/// Runs the cases and compares with these verdicts on record.
fn against(expected: &BTreeMap<String, Verdict>, options: &Options) -> Result<Ended, Unusable> {
    let cases = select::cases(&options.cases)?;
    let size = if options.full {
        Size::Full
    } else {
        Size::Default
    };
    let run = Run {
        deadline: options.common.deadline(),
        ..Run::new(options.seed, size)
    };
    let pool = options.common.pool()?;
    let ledger = Ledger::open(options)?;
    let progress = Progress::new(cases.len() as u64);
    let one = |case: &&'static Case| {
        progress.message(case.id);
        let row = match ledger.finished(case) {
            Some(row) => row,
            None => ledger.judge(case, &run)?,
        };
        progress.step();
        Ok(Row {
            expected: expected.get(case.id).copied(),
            ..row
        })
    };
    let rows = pool.install(|| {
        cases
            .par_iter()
            .map(one)
            .collect::<Result<Vec<Row>, Unusable>>()
    });
    drop(progress);
    let rows = rows?;
    let status = rows
        .iter()
        .map(status_of)
        .max()
        .unwrap_or(Status::AsExpected);
    let text = match options.common.format {
        Format::Json => to_json(&Report {
            schema: SCHEMA,
            cases: rows,
        })?,
        Format::Text => text(&rows, &options.common.out),
    };
    Ok(Ended { status, text })
}

fn status_of(row: &Row) -> Status {
    if row.expected == Some(row.verdict) {
        Status::AsExpected
    } else if row.verdict == Verdict::Undecided {
        Status::Undecided
    } else {
        Status::Otherwise
    }
}

/// The output directory: witnesses, certificates, and the rows of finished cases.
struct Ledger {
    out: PathBuf,
    resume: bool,
    /// Program, seed and size: rows of another key are not taken over.
    key: String,
}

impl Ledger {
    fn open(options: &Options) -> Result<Self, Unusable> {
        let out = options.common.out.clone();
        workspace::make_folders(&out, &["witnesses", "certificates", "finished"])?;
        let size = if options.full { "full" } else { "default" };
        let key = format!("{:016x}-{}-{size}", program_hash(), options.seed);
        Ok(Self {
            out,
            resume: options.resume,
            key,
        })
    }

    fn row_path(&self, case: &Case) -> PathBuf {
        self.out.join("finished").join(format!("{}.json", case.id))
    }

    /// The row of a finished case, if it may be taken over.
    fn finished(&self, case: &Case) -> Option<Row> {
        if !self.resume {
            return None;
        }
        let text = std::fs::read_to_string(self.row_path(case)).ok()?;
        let (key, row): (String, Row) = serde_json::from_str(&text).ok()?;
        let files = row.witness.iter().chain(&row.certificate);
        let whole = files.into_iter().all(|path| path.is_file());
        (key == self.key && row.verdict != Verdict::Undecided && whole).then_some(row)
    }

    /// Judges a case and saves what it found.
    fn judge(&self, case: &Case, run: &Run) -> Result<Row, Unusable> {
        let start = Instant::now();
        let outcome = if run.is_over() {
            out_of_budget()
        } else {
            (case.judge)(run, Form::Stated)
        };
        let row = Row {
            id: case.id.into(),
            title: case.title.into(),
            kind: case.kind.to_string(),
            verdict: outcome.verdict,
            reason: outcome.reason.clone(),
            expected: None,
            status: outcome.status().into(),
            scalar: outcome
                .scalars
                .iter()
                .map(|name| name.to_string())
                .collect(),
            instances: outcome.instances,
            families: outcome.families.clone(),
            witness: self.save("witnesses", case, &outcome, outcome.witness.as_ref())?,
            certificate: self.save("certificates", case, &outcome, outcome.certificate.as_ref())?,
            seconds: start.elapsed().as_secs_f64(),
        };
        let text = serde_json::to_string(&(&self.key, &row)).map_err(Unusable::from_error)?;
        write_atomic(&self.row_path(case), text).map_err(Unusable::from_error)?;
        Ok(row)
    }

    /// Saves a witness under the case's id; one of an earlier run does not stay behind.
    fn save(
        &self,
        folder: &str,
        case: &Case,
        outcome: &Outcome,
        witness: Option<&Witness>,
    ) -> Result<Option<PathBuf>, Unusable> {
        let path = self.out.join(folder).join(format!("{}.json", case.id));
        // a run that ran out of time has nothing to say against an earlier one
        let keep = outcome.verdict == Verdict::Undecided;
        workspace::save(path, witness, keep)
    }
}

fn out_of_budget() -> Outcome {
    let run = Run::new(0, Size::Small);
    let mut tally = crate::theorem::Tally::new(&run, &[]);
    tally.add(
        "none",
        crate::theorem::Finding::Undecided("the budget ran out".into()),
    );
    tally.finish("")
}

/// FNV-1a of the program's own file: rows of another build are not taken over.
fn program_hash() -> u64 {
    static HASH: LazyLock<u64> = LazyLock::new(|| {
        let program = std::env::current_exe().and_then(std::fs::read);
        let bytes = program.unwrap_or_default();
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    });
    *HASH
}

fn text(rows: &[Row], out: &Path) -> String {
    let mut table = Table::new(["case", "verdict", "tried", "s", "why"]);
    for row in rows {
        let mut why = row.reason.clone();
        if row.expected != Some(row.verdict) {
            let recorded = row
                .expected
                .map_or("nothing".into(), |verdict| verdict.to_string());
            why = format!("[on record: {recorded}] {why}");
        }
        table.row([
            row.id.as_str().into(),
            workspace::verdict_cell(row.verdict),
            row.instances.to_string().into(),
            format!("{:.1}", row.seconds).into(),
            why.into(),
        ]);
    }
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let mut text = table.render(Look::of_stdout());
    text += &format!(
        "\n{} cases: {} verified, {} refuted, {} vacuous, {} undecided. Verified means: on every \
         instance tried, in exact arithmetic.\n",
        rows.len(),
        count(Verdict::Verified),
        count(Verdict::Refuted),
        count(Verdict::Vacuous),
        count(Verdict::Undecided),
    );
    let kept =
        |path: fn(&Row) -> &Option<PathBuf>| rows.iter().filter(|r| path(r).is_some()).count();
    text += &format!(
        "{} witnesses and {} certificates, named by case, are in {}/witnesses and \
         {}/certificates.\nCheck them again with `flatproof recheck FILE`; read about a case with \
         `flatproof explain CASE`.\n",
        kept(|row| &row.witness),
        kept(|row| &row.certificate),
        out.display(),
        out.display(),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        options: Options,
    }

    /// The code and the text for a quick case with this verdict on record.
    fn with_record(verdict: Option<Verdict>, more: &[&str]) -> (u8, String) {
        let folder = tempfile::TempDir::new().unwrap();
        let out = folder.path().to_str().unwrap();
        let id = "lemma-a.27";
        let arguments = ["verify", id, "--out", out]
            .into_iter()
            .chain(more.iter().copied());
        let options = Arguments::parse_from(arguments).options;
        let record = verdict.map(|verdict| (id.to_owned(), verdict));
        let ended = against(&record.into_iter().collect(), &options).unwrap();
        (ended.status.code(), ended.text)
    }

    #[test]
    fn the_code_tells_the_record_apart() {
        let (code, text) = with_record(Some(Verdict::Verified), &[]);
        assert_eq!(code, 0);
        assert!(!text.contains("on record"), "{text}");
        for other in [Verdict::Refuted, Verdict::Vacuous, Verdict::Undecided] {
            let (code, text) = with_record(Some(other), &[]);
            assert_eq!(code, 1, "{other}");
            assert!(text.contains(&format!("[on record: {other}]")), "{text}");
        }
        let (code, text) = with_record(None, &[]);
        assert_eq!(code, 1);
        assert!(text.contains("[on record: nothing]"), "{text}");
        // out of time: undecided, as on record or not
        assert_eq!(
            with_record(Some(Verdict::Verified), &["--budget", "0"]).0,
            3
        );
        assert_eq!(
            with_record(Some(Verdict::Undecided), &["--budget", "0"]).0,
            0
        );
    }
}
