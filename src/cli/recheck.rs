//! `flatproof recheck FILE...`: decides every fact of saved witnesses and certificates again.
//!
//! The sentence of a witness is shown beside the outcome and not checked: that its facts contradict the
//! printed words is for a reader to see.

use super::{Ended, Format, Status, Unusable, to_json};
use crate::certificate::{Discrepancy, Witness, check};
use crate::io::{Cell, Look, Table, read_bounded};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The longest witness that is read.
const MAX_BYTES: u64 = 64 << 20;

#[derive(clap::Args)]
#[command(
    after_help = "Facts are decided again from their text. The sentence beside them says what they amount \
to; it is not checked.\n\nExample: flatproof recheck flatproof-out/witnesses/*.json"
)]
pub(super) struct Options {
    /// Witness or certificate files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    file: PathBuf,
    case: String,
    says: String,
    holds: bool,
    facts: usize,
    reason: Option<String>,
    #[serde(skip)]
    status: Status,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    files: Vec<Row>,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    let rows: Vec<Row> = options
        .files
        .iter()
        .map(|f| row(f))
        .collect::<Result<_, _>>()?;
    let status = rows
        .iter()
        .map(|row| row.status)
        .max()
        .unwrap_or(Status::AsExpected);
    let text = match options.format {
        Format::Json => to_json(&Report {
            schema: "flatproof.recheck/1",
            files: rows,
        })?,
        Format::Text => text(&rows),
    };
    Ok(Ended { status, text })
}

fn row(file: &Path) -> Result<Row, Unusable> {
    let text = read_bounded(file, MAX_BYTES).map_err(Unusable::from_error)?;
    let witness = Witness::from_json(&text).map_err(|error| {
        Unusable(format!(
            "{file:?} is not a witness: {error}; make one with `flatproof verify`"
        ))
    })?;
    let (status, facts, reason) = match check(&witness) {
        Ok(facts) => (Status::AsExpected, facts, None),
        Err(unreadable @ Discrepancy::Unreadable { .. }) => {
            return Err(Unusable(format!(
                "{file:?}: {unreadable}; make it anew with `flatproof verify`"
            )));
        }
        Err(undecided @ Discrepancy::Undecided { .. }) => {
            (Status::Undecided, 0, Some(undecided.to_string()))
        }
        Err(discrepancy) => (Status::Otherwise, 0, Some(discrepancy.to_string())),
    };
    let (holds, file) = (status == Status::AsExpected, file.to_path_buf());
    Ok(Row {
        file,
        case: witness.case,
        says: witness.says,
        holds,
        facts,
        reason,
        status,
    })
}

fn text(rows: &[Row]) -> String {
    let mut table = Table::new(["case", "holds", "facts", "file", "what it says"]);
    for row in rows {
        let holds = match row.status {
            Status::AsExpected => Cell::good("yes"),
            Status::Otherwise => Cell::bad("no"),
            Status::Undecided => Cell::doubtful("undecided"),
        };
        let what = row.reason.as_ref().unwrap_or(&row.says);
        table.row([
            row.case.as_str().into(),
            holds,
            row.facts.to_string().into(),
            row.file.display().to_string().into(),
            what.as_str().into(),
        ]);
    }
    let note =
        "\nWhat is checked is every fact; what a file says they amount to is its writer's word.\n";
    table.render(Look::of_stdout()) + note
}
