//! The command line, one file per verb.
//!
//! Results go to standard output, progress and errors to standard error. Exit codes: 0 as recorded
//! or claimed, 1 otherwise, 2 unusable input or usage, 3 undecided though not recorded as such; if
//! several apply 2, then 1, then 3.

use crate::io::Look;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::LazyLock;

mod check;
mod explain;
mod falsify;
mod list;
mod pictures;
mod recheck;
mod reproduce;
mod select;
mod train;
mod training;
mod verify;
mod workspace;

/// How a verb ended, in the order in which the codes take precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    AsExpected,
    Undecided,
    Otherwise,
}

impl Status {
    fn code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::Otherwise => 1,
            Self::Undecided => 3,
        }
    }
}

/// A verb's end: its status, and its result for standard output.
struct Ended {
    status: Status,
    text: String,
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
    version = version(),
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
    /// Searches at random for instances on which cases fail, and simplifies what it finds
    Falsify(falsify::Options),
    /// Checks the claims of case files: your own constructions
    Check(check::Options),
    /// Lists the cases, and what is not covered
    List(list::Options),
    /// Says what a case claims, what was found, and what repairs it
    Explain(explain::Options),
    /// Checks saved witnesses and certificates again, fact by fact
    Recheck(recheck::Options),
    /// Trains one network: a figure of the paper, or your own options
    Train(Box<train::Options>),
    /// Runs the paper's experiments, and ours, with figures
    Reproduce(reproduce::Options),
}

/// The crate, the compiler, the target, and the vector instructions this machine offers.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{} (rustc {}, {}, {})",
            env!("CARGO_PKG_VERSION"),
            env!("FLATPROOF_RUSTC"),
            env!("FLATPROOF_TARGET"),
            isa()
        )
    });
    &VERSION
}

fn isa() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512f") {
            return "avx512f";
        }
        if std::is_x86_feature_detected!("avx2") {
            return "avx2";
        }
    }
    "portable"
}

/// What one invocation has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The exit code.
    pub code: u8,
    /// For standard output.
    pub stdout: String,
    /// For standard error, beside the progress that went there.
    pub stderr: String,
}

/// Runs the program with these arguments, the program's own name first.
pub fn answer(arguments: impl IntoIterator<Item = OsString>) -> Answer {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(message) => return about_usage(&message),
    };
    let ended = match &arguments.verb {
        Verb::Verify(options) => verify::run(options),
        Verb::Check(options) => check::run(options),
        Verb::Falsify(options) => falsify::run(options),
        Verb::List(options) => list::run(options),
        Verb::Explain(options) => explain::run(options),
        Verb::Recheck(options) => recheck::run(options),
        Verb::Train(options) => train::run(options),
        Verb::Reproduce(options) => reproduce::run(options),
    };
    match ended {
        Ok(Ended { status, text }) => Answer {
            code: status.code(),
            stdout: text,
            stderr: String::new(),
        },
        Err(Unusable(sentence)) => refusal(&sentence),
    }
}

/// Runs the program and writes its answer; a reader that went away (`| head`) is no error of ours.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let answer = answer(arguments);
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    let _ = out
        .write_all(answer.stdout.as_bytes())
        .and_then(|()| out.flush());
    let _ = err.write_all(answer.stderr.as_bytes());
    ExitCode::from(answer.code)
}

/// Code 2 and one line, whatever stands in the sentence.
fn refusal(sentence: &str) -> Answer {
    let mut line = String::from("flatproof: ");
    for c in sentence.chars() {
        if c.is_control() {
            line.extend(c.escape_debug());
        } else {
            line.push(c);
        }
    }
    Answer {
        code: 2,
        stdout: String::new(),
        stderr: line + "\n",
    }
}

/// Help and version as asked for; a usage error in one line.
fn about_usage(message: &clap::Error) -> Answer {
    let text = message.render();
    match message.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Answer {
            code: 0,
            stdout: if Look::of_stdout().colour {
                text.ansi().to_string()
            } else {
                text.to_string()
            },
            stderr: String::new(),
        },
        // no verb at all: the help is the most useful thing to say
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Answer {
            code: 2,
            stdout: String::new(),
            stderr: text.to_string(),
        },
        _ => refusal(&usage_sentence(&text.to_string())),
    }
}

/// The paragraphs before the usage, as one sentence.
fn usage_sentence(message: &str) -> String {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let ends = |paragraph: &&str| {
        !["Usage:", "For more information"]
            .iter()
            .any(|end| paragraph.starts_with(end))
    };
    let paragraphs = message.split("\n\n").map(str::trim).take_while(ends);
    let sentences: Vec<String> = paragraphs
        .map(|paragraph| {
            let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
            lines.join(" ")
        })
        .collect();
    format!("{}; see `flatproof --help`", sentences.join("; "))
}

/// A value as JSON.
fn to_json(value: &impl serde::Serialize) -> Result<String, Unusable> {
    let text = serde_json::to_string_pretty(value).map_err(Unusable::from_error)?;
    Ok(text + "\n")
}
