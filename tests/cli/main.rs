//! The command line as a user meets it: usage, results and their JSON, saved witnesses.
//!
//! Most of it runs in this process through `flatproof::cli::answer`; where the process itself matters
//! (a closed pipe) the program is started. Garbage and broken evidence go in, and what must come out
//! is an answer: never a panic, a code of 0 to 3, and one line on standard error for code 2.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod broken;
mod check;
mod examples;
mod facts;
mod garbage;
mod misread;
mod train;
mod usage;
mod verify;

use flatproof::certificate::Witness;
use flatproof::cli::{Answer, answer};
use flatproof::theorem::{Form, Run, Size, index};
use rayon::prelude::*;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

/// The answer to these arguments; the name of the program comes before them.
fn flatproof<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Answer {
    let name = OsString::from("flatproof");
    answer([name].into_iter().chain(arguments.into_iter().map(A::into)))
}

/// The answer of `recheck` to a file with these bytes.
fn recheck(bytes: impl AsRef<[u8]>) -> Answer {
    let folder = TempDir::new().expect("a folder");
    let file = write(folder.path(), "witness.json", bytes);
    flatproof([OsString::from("recheck"), file.into()])
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a writable folder");
    path
}

/// What every answer obeys: a known code, and for unusable input one line of explanation alone.
fn is_proper(answer: &Answer) -> Result<(), String> {
    let proper = match answer.code {
        2 => {
            let line = answer.stderr.strip_suffix('\n').unwrap_or_default();
            let sentence = line.strip_prefix("flatproof: ").unwrap_or_default();
            let one_line = !sentence.is_empty() && !sentence.contains(char::is_control);
            one_line && answer.stdout.is_empty()
        }
        0 | 1 | 3 => answer.stderr.is_empty() && !answer.stdout.is_empty(),
        _ => false,
    };
    if proper {
        Ok(())
    } else {
        Err(format!("{answer:?}"))
    }
}

/// Witnesses and certificates that the cases find on small instances, the short ones.
fn samples() -> &'static [Witness] {
    static SAMPLES: LazyLock<Vec<Witness>> = LazyLock::new(|| {
        let run = Run::new(1, Size::Small);
        let forms = [Form::Stated, Form::Control];
        let judged = index().into_par_iter().flat_map_iter(|case| {
            let outcomes = forms.map(|form| (case.judge)(&run, form));
            outcomes
                .into_iter()
                .flat_map(|o| o.witness.into_iter().chain(o.certificate))
        });
        let all: Vec<Witness> = judged.collect();
        let is_short = |w: &Witness| serde_json::to_string(w).is_ok_and(|text| text.len() < 8_000);
        all.into_iter().filter(is_short).collect()
    });
    assert!(SAMPLES.len() > 4, "too few short witnesses");
    &SAMPLES
}
