//! Import arrows point one way: who may import whom, and a test that reads the sources.
//!
//! `policy::TABLE` is the whole policy; a module that is not in it fails the test. Rows also stand for
//! modules that are yet to be written. `lib.rs` and `main.rs` are exempt: they only list and start.
//! Floating point never yields a verdict, so `theorem`, `certificate` and `lower_bound` reach neither
//! `engine` nor `train`, nor the fast half of `population`.

mod imports;
mod policy;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{hidden_ways, imports};
use policy::{objection, row_of, table, words};

/// All objections to the source `text` of module `module`.
fn objections(module: &[String], text: &str) -> Vec<String> {
    let Some(from) = row_of(module) else {
        return vec![format!("module {} is not in the table", module.join("::"))];
    };
    let tokens = tokens::source(text).tokens;
    let hidden = hidden_ways(&tokens)
        .into_iter()
        .map(|(line, way)| (line, format!("uses {way}")));
    let imports = imports(module, &tokens).into_iter();
    let refused = imports.filter_map(|i| Some((i.line, objection(from, &i.path)?)));
    hidden
        .chain(refused)
        .map(|(line, what)| format!("{line}: {what}"))
        .collect()
}

/// `.rs` files under `directory`, sorted.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a readable source directory");
    let mut paths: Vec<_> = entries
        .map(|e| e.expect("a readable entry").path())
        .collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// `a/b.rs` and `a/b/mod.rs` are module `a::b`.
fn module_of(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

/// Modules under `src`, without `lib.rs`, `main.rs` and test modules: (file, module, text).
fn modules() -> Vec<(PathBuf, Vec<String>, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: Vec<_> = sources(&src)
        .into_iter()
        .filter(|file| !matches!(file.strip_prefix(&src), Ok(f) if f == "lib.rs" || f == "main.rs"))
        .map(|file| {
            let module = module_of(file.strip_prefix(&src).expect("found under src"));
            let text = fs::read_to_string(&file).expect("readable UTF-8 source");
            (file, module, text)
        })
        .collect();
    let tests: Vec<Vec<String>> = all
        .iter()
        .flat_map(|(_, module, text)| {
            let names = tokens::source(text).test_modules;
            names
                .into_iter()
                .map(|name| [&module[..], &[name]].concat())
        })
        .collect();
    all.into_iter()
        .filter(|(_, m, _)| !tests.iter().any(|test| m.starts_with(test)))
        .collect()
}

#[test]
fn imports_follow_the_arrows() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, module, text) in modules() {
        let lines = objections(&module, &text);
        wrong.extend(
            lines
                .into_iter()
                .map(|line| format!("{}:{line}", file.display())),
        );
        let found = imports(&module, &tokens::source(&text).tokens);
        seen.extend(
            found
                .into_iter()
                .filter_map(|i| Some((row_of(&module)?, row_of(&i.path)?))),
        );
    }
    assert!(
        wrong.is_empty(),
        "imports against the arrows:\n{}",
        wrong.join("\n")
    );
    for arrow in [("linalg", "scalar"), ("network", "data")] {
        assert!(
            seen.contains(&arrow),
            "the scan has lost sight of {arrow:?}"
        );
    }
}

#[test]
fn the_table_has_no_cycle() {
    let table = table();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    while settled.len() < table.len() {
        let ready: Vec<&str> = table
            .iter()
            .filter(|(name, row)| !settled.contains(*name) && row.1.is_subset(&settled))
            .map(|(name, _)| *name)
            .collect();
        assert!(
            !ready.is_empty(),
            "a cycle or an unknown name; settled: {settled:?}"
        );
        settled.extend(ready);
    }
}

#[test]
fn floating_point_reaches_no_verdict() {
    let table = table();
    for judge in ["theorem", "certificate", "lower_bound"] {
        for fast in ["engine", "train", "population::filtered"] {
            assert!(!table[judge].1.contains(fast), "{judge} imports {fast}");
        }
    }
}

/// Each must draw exactly one objection: (module, source).
const FORBIDDEN: &[(&str, &str)] = &[
    ("network", "use crate::theorem::Verdict;"),
    ("network", "use crate::{data, theorem::Verdict};"),
    (
        "network",
        "use crate::{data::{self, xor}, scalar::{Ring, Field}, theorem};",
    ),
    (
        "network",
        "use {crate::data, crate::theorem::Verdict as V};",
    ),
    ("network", "pub use crate::theorem::Verdict;"),
    ("network", "pub(crate) use crate::theorem::*;"),
    ("network", "fn f(v: &crate::theorem::Verdict) {}"),
    (
        "network",
        "fn f() { let x = <u8 as crate::theorem::Judge>::judge(); }",
    ),
    ("network", "fn f() { use crate::theorem::g; }"),
    ("network", "use super::theorem::Verdict;"),
    ("network::bias", "use super::super::theorem::Verdict;"),
    ("network::bias", "use self::super::super::theorem::Verdict;"),
    (
        "network::bias",
        "fn f() -> super::super::theorem::Verdict { todo() }",
    ),
    (
        "network::bias",
        "mod inner { use super::super::super::theorem::Verdict; }",
    ),
    (
        "network::bias",
        "mod inner {} use super::super::theorem::Verdict;",
    ),
    ("network", "use crate::r#theorem::Verdict;"),
    (
        "network",
        "macro_rules! m { () => { $crate::theorem::f() } }",
    ),
    (
        "network",
        "#[serde(with = \"crate::theorem::text\")] struct S;",
    ),
    ("network", "fn f<'a>(x: &'a crate::theorem::Verdict) {}"),
    (
        "network",
        "const C: char = '\"'; use crate::theorem::Verdict; const D: char = '\"';",
    ),
    (
        "network",
        "const S: &str = r#\"\"quoted\"#; use crate::theorem::Verdict;",
    ),
    ("network", "/* /* nested */ */ use crate::theorem::Verdict;"),
    ("network", "#[cfg(not(test))] use crate::theorem::Verdict;"),
    (
        "network",
        "#[cfg(test)] mod tests {} use crate::theorem::Verdict;",
    ),
    ("network", "use flatproof::theorem::Verdict;"),
    ("network", "use crate as root;"),
    ("network", "use crate::*;"),
    ("network", "use super::*;"),
    ("network", "use crate::Verdict;"),
    ("network", "include!(\"theorem.rs\");"),
    ("network", "#[path = \"theorem.rs\"] mod t;"),
    ("network", "extern crate self as me;"),
    ("scalar", "use crate::io::write_atomic;"),
    ("io", "use crate::scalar::Ring;"),
    ("theorem", "use crate::population::filtered::sweep;"),
    ("theorem", "use crate::population::*;"),
    (
        "theorem",
        "use crate::population; fn f() { population::filtered::sweep() }",
    ),
    (
        "theorem",
        "fn f() { p::filtered::sweep() } use crate::population as p;",
    ),
    ("population", "mod filtered; pub use filtered::sweep;"),
    ("population::exact", "use super::filtered::sweep;"),
    ("unheard_of", ""),
];

/// None may draw an objection: (module, source).
const ALLOWED: &[(&str, &str)] = &[
    (
        "network",
        "use crate::{data::Dataset, scalar::{self, Ring}, linalg::*}; use std::fmt;",
    ),
    (
        "network",
        "use super::data::Dataset; fn f() { Dataset::new() }",
    ),
    (
        "network::bias",
        "use super::{loss, no_bias::NoBias}; use self::inner::X; mod inner {}",
    ),
    (
        "network",
        "// use crate::theorem::Verdict;\n/* crate::theorem::f() */",
    ),
    (
        "network",
        "/// See [`crate::theorem`].\n#[doc = \"crate::theorem::f\"] fn f() {}",
    ),
    (
        "network",
        "const S: &str = \"use crate::theorem::\\\"Verdict\"; const R: &str = r\"crate::io::\";",
    ),
    (
        "network",
        "#[cfg(test)] mod tests { use crate::theorem::Verdict; mod m { } }",
    ),
    (
        "network",
        "#[cfg(test)]\n#[allow(dead_code)]\npub(crate) fn f(x: [u8; 3]) { crate::io::f() }",
    ),
    (
        "network",
        "#[cfg(test)] use crate::{io::Table, theorem::Verdict};",
    ),
    (
        "network",
        "pub(super) struct X { theorem: u8 } fn f(x: X) { x.theorem::<u8>() }",
    ),
    ("network", "use rand::theorem::X; use theorem::Y;"),
    ("network", "fn f(self) { self.x } pub(crate) fn g() {}"),
    (
        "population::filtered",
        "use super::Error; use crate::engine::Engine;",
    ),
    (
        "theorem",
        "use crate::population::exact::error; use crate::io::Table;",
    ),
    (
        "cli",
        "use crate::{experiment::run, theorem, io::*, population::*};",
    ),
];

#[test]
fn the_scanner_catches_every_form() {
    for (module, text) in FORBIDDEN {
        let found = objections(&words(module), text);
        assert_eq!(found.len(), 1, "in {module}: {text}\n{found:?}");
    }
}

#[test]
fn the_scanner_is_not_fooled() {
    for (module, text) in ALLOWED {
        let found = objections(&words(module), text);
        assert!(found.is_empty(), "in {module}: {text}\n{found:?}");
    }
}

#[test]
fn out_of_line_test_modules_are_found() {
    let found = tokens::source("#[cfg(test)]\nmod tests;\nmod real;");
    assert_eq!(found.test_modules, ["tests"]);
    assert_eq!(module_of(Path::new("a/mod.rs")), words("a"));
    assert_eq!(module_of(Path::new("a/b.rs")), words("a::b"));
}
