//! `flatproof list`: the index of cases, each judged on its small instances for its status, and
//! what is not covered.

use super::{Ended, Format, Status, Unusable, to_json};
use crate::io::{Look, Table};
use crate::theorem::{Case, Form, NOT_COVERED, Run, Size, index};
use rayon::prelude::*;
use serde::Serialize;

#[derive(clap::Args)]
#[command(after_help = "Example: flatproof list --format json")]
pub(super) struct Options {
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    kind: String,
    place: &'static str,
    status: &'static str,
    rust: &'static str,
    coq: Option<&'static str>,
}

#[derive(Serialize)]
struct Listing {
    schema: &'static str,
    cases: Vec<Entry>,
    not_covered: Vec<NotCovered>,
}

#[derive(Serialize)]
struct NotCovered {
    statements: &'static str,
    why: &'static str,
}

fn entry(case: &&'static Case) -> Entry {
    let outcome = (case.judge)(&Run::new(1, Size::Small), Form::Stated);
    Entry {
        id: case.id,
        aliases: case.aliases,
        title: case.title,
        kind: case.kind.to_string(),
        place: case.place,
        status: outcome.status(),
        rust: case.file,
        coq: case.coq,
    }
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    let cases: Vec<Entry> = index().par_iter().map(entry).collect();
    let not_covered: Vec<NotCovered> = NOT_COVERED
        .iter()
        .map(|(statements, why)| NotCovered { statements, why })
        .collect();
    let text = match options.format {
        Format::Json => to_json(&Listing {
            schema: "flatproof.list/1",
            cases,
            not_covered,
        })?,
        Format::Text => {
            let mut table = Table::new([
                "case", "aliases", "kind", "status", "where", "file", "title",
            ]);
            for case in &cases {
                table.row([
                    case.id.into(),
                    case.aliases.join(" ").into(),
                    case.kind.as_str().into(),
                    case.status.into(),
                    case.place.into(),
                    case.coq.unwrap_or(case.rust).into(),
                    case.title.into(),
                ]);
            }
            let mut missing = Table::new(["not covered", "why"]);
            for gap in &not_covered {
                missing.row([gap.statements.into(), gap.why.into()]);
            }
            let look = Look::of_stdout();
            format!("{}\n{}", table.render(look), missing.render(look))
        }
    };
    let status = Status::AsExpected;
    Ok(Ended { status, text })
}
