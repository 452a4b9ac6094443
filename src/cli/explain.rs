//! `flatproof explain CASE`: a statement, what was found, and what repairs it, readable without
//! the paper. The verdict shown is computed on the case's small instances.

use super::{Ended, Format, Status, Unusable, select, to_json};
use crate::io::{Look, wrap};
use crate::theorem::{Case, Form, Outcome, Run, Size};
use serde_json::json;

#[derive(clap::Args)]
#[command(after_help = "Example: flatproof explain theorem-3.2")]
pub(super) struct Options {
    /// A case id or alias
    #[arg(value_name = "CASE")]
    case: String,
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    let case = select::cases(std::slice::from_ref(&options.case))?[0];
    let outcome = (case.judge)(&Run::new(1, Size::Small), Form::Stated);
    let text = match options.format {
        Format::Text => text(case, &outcome),
        Format::Json => to_json(&json!({
            "schema": "flatproof.explain/1",
            "id": case.id, "aliases": case.aliases, "title": case.title,
            "kind": case.kind, "place": case.place,
            "printed": case.printed, "hypotheses": case.hypotheses,
            "construction": case.construction, "remark": case.remark,
            "repairs": case.repairs, "control": case.control,
            "verdict": outcome.verdict, "reason": outcome.reason,
            "instances": outcome.instances, "families": outcome.families,
            "status": outcome.status(), "rust": case.file, "coq": case.coq,
        }))?,
    };
    let status = Status::AsExpected;
    Ok(Ended { status, text })
}

fn text(case: &Case, outcome: &Outcome) -> String {
    let width = Look::of_stdout().width;
    let mut text = format!(
        "{}: {} ({}, {})\n",
        case.id, case.title, case.kind, case.place
    );
    let mut section = |name: &str, body: &str| {
        if !body.is_empty() {
            text += &format!("\n{name}\n");
            for line in wrap(body, width.saturating_sub(2).max(20)) {
                text += &format!("  {line}\n");
            }
        }
    };
    section("As printed", case.printed);
    section("Hypotheses", case.hypotheses);
    section("Construction", case.construction);
    let tried: Vec<String> = outcome
        .families
        .iter()
        .map(|(family, count)| format!("{count} x {family}"))
        .collect();
    section(
        "Found",
        &format!(
            "{} on small instances ({}). {}. `flatproof verify {}` tries the full families.",
            outcome.verdict,
            tried.join("; "),
            outcome.reason.trim_end_matches('.'),
            case.id
        ),
    );
    section("Why", case.remark);
    section("Repaired as", &case.repairs.join(", "));
    section("Negative control, which must be refuted", case.control);
    section(
        "Where",
        &[Some(case.file), case.coq]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
    );
    text
}
