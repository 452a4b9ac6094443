//! The policy: who may import whom.

use std::collections::{BTreeMap, BTreeSet};

/// Module, then the modules it may import besides itself. The most specific row of a path counts.
pub const TABLE: &[(&str, &str)] = &[
    ("scalar", ""),
    ("io", ""),
    ("linalg", "scalar"),
    ("data", "scalar linalg"),
    ("network", "scalar linalg data"),
    ("sharpness", "scalar linalg data network"),
    ("construction", "scalar linalg data network sharpness"),
    ("search", "scalar linalg data network construction"),
    ("strategies", "scalar data network search"),
    ("engine", "scalar linalg data network sharpness"),
    ("population", "scalar linalg data network io"),
    (
        "population::filtered",
        "scalar linalg data network population engine io",
    ),
    (
        "certificate",
        "scalar linalg data network sharpness population io",
    ),
    (
        "lower_bound",
        "scalar linalg data network sharpness construction population certificate",
    ),
    (
        "theorem",
        "scalar linalg data network sharpness construction search population certificate \
         lower_bound io",
    ),
    (
        "casefile",
        "scalar linalg data network sharpness construction search population \
         population::filtered certificate lower_bound theorem io",
    ),
    ("train", "scalar data network engine"),
    (
        "audit",
        "scalar linalg data network sharpness engine population population::filtered certificate \
         lower_bound io",
    ),
    (
        "experiment",
        "data network engine population population::filtered train audit io",
    ),
    (
        "bench_suite",
        "scalar linalg data network sharpness construction search engine population \
         population::filtered certificate lower_bound theorem casefile train audit experiment io",
    ),
    (
        "cli",
        "scalar linalg data network sharpness construction search engine population \
         population::filtered certificate lower_bound theorem casefile train audit experiment \
         bench_suite io",
    ),
];

type Row = (Vec<String>, BTreeSet<&'static str>);

pub fn words(path: &str) -> Vec<String> {
    path.split("::").map(String::from).collect()
}

pub fn table() -> BTreeMap<&'static str, Row> {
    TABLE
        .iter()
        .map(|&(name, allowed)| (name, (words(name), allowed.split_whitespace().collect())))
        .collect()
}

/// The most specific row that `path` lies in.
pub fn row_of(path: &[String]) -> Option<&'static str> {
    let rows = TABLE
        .iter()
        .map(|&(name, _)| name)
        .filter(|name| path.starts_with(&words(name)));
    rows.max_by_key(|name| name.len())
}

/// What is wrong with one import of a module in row `from`.
pub fn objection(from: &str, path: &[String]) -> Option<String> {
    let shown = format!("crate::{}", path.join("::"));
    let permitted = |name: &str| name == from || table()[from].1.contains(name);
    if path.first().is_none_or(|first| first == "*") {
        return Some("imports the crate root as a whole; name the module".into());
    }
    let Some(to) = row_of(path) else {
        return Some(format!(
            "imports {shown}, which is in no module of the table"
        ));
    };
    // A glob brings in all rows below it.
    let below = path.strip_suffix(&["*".to_owned()]);
    let refused = TABLE.iter().map(|&(name, _)| name).find(|name| {
        let reached = *name == to || below.is_some_and(|b| words(name).starts_with(b));
        reached && !permitted(name)
    })?;
    Some(format!("{from} may not import {refused} ({shown})"))
}
