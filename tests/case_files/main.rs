//! The files of `examples/cases/`: their networks against `src/construction/`, their verdicts against the record
//! in `expected.toml` and against the theory cases, and what slightly wrong copies of them come to.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod constructions;
mod files;
mod mutations;
mod verdicts;

use flatproof::casefile::{CaseFile, ChoiceReport, check};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A file of `examples/cases/` and what came out.
struct Checked {
    stem: String,
    file: CaseFile,
    reports: Vec<ChoiceReport>,
}

/// Every file, checked once, by name.
static ALL: LazyLock<Vec<Checked>> = LazyLock::new(|| {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
    paths.par_iter().map(|path| checked(path)).collect()
});

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cases")
}

fn checked(path: &Path) -> Checked {
    let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let file = CaseFile::read(&text, None).unwrap_or_else(|e| panic!("{stem}: {e}"));
    let reports = check(&file, &stem, None, || ());
    let (reports, _) = reports.unwrap_or_else(|e| panic!("{stem}: {e}"));
    Checked {
        stem,
        file,
        reports,
    }
}
