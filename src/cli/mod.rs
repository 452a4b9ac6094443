//! The command line, one file per verb.
//!
//! Results go to standard output, progress and errors to standard error. Exit codes: 0 as recorded
//! or claimed, 1 otherwise, 2 unusable input or usage, 3 undecided though not recorded as such; if
//! several apply 2, then 1, then 3.

use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

mod explain;
mod list;
mod recheck;
mod select;
mod verify;

/// How a verb ended, in the order in which the codes take precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    AsExpected,
    Undecided,
    Otherwise,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::AsExpected => 0,
            Status::Otherwise => 1,
            Status::Undecided => 3,
        })
    }
}

/// Input or usage that cannot be used: one sentence that says what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unusable(String);

impl Unusable {
    fn from_error(error: impl std::error::Error) -> Self {
        Self(error.to_string())
    }
}

/// Text for people or for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Parser)]
#[command(
    name = "flatproof",
    version = VERSION,
    about = "Checks theory about flat minima and generalisation in exact arithmetic",
    after_help = "Example: flatproof verify theorem-3.2\n\nExit codes: 0 as recorded or claimed, 1 otherwise, 2 unusable input, 3 undecided"
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Runs theory cases in exact arithmetic and saves their witnesses
    Verify(verify::Options),
    /// Lists the cases, and what is not covered
    List(list::Options),
    /// Says what a case claims, what was found, and what repairs it
    Explain(explain::Options),
    /// Checks saved witnesses and certificates again, fact by fact
    Recheck(recheck::Options),
}

const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (rustc ",
    env!("FLATPROOF_RUSTC"),
    ", ",
    env!("FLATPROOF_TARGET"),
    ")"
);

/// Runs the program with these arguments.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(message) => {
            // --help and --version come here too, with code 0
            let code = u8::try_from(message.exit_code()).unwrap_or(2);
            let _ = message.print();
            return ExitCode::from(code);
        }
    };
    let ended = match &arguments.verb {
        Verb::Verify(options) => verify::run(options),
        Verb::List(options) => list::run(options),
        Verb::Explain(options) => explain::run(options),
        Verb::Recheck(options) => recheck::run(options),
    };
    ended.map_or_else(
        |unusable| {
            eprintln!("flatproof: {unusable}");
            ExitCode::from(2)
        },
        ExitCode::from,
    )
}

/// Writes to standard output; a reader that went away (`| head`) is not an error of ours.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a value as JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), Unusable> {
    let text = serde_json::to_string_pretty(value).map_err(Unusable::from_error)?;
    print(&(text + "\n"));
    Ok(())
}
