//! Cases by id, with a suggestion for a slip, and the record of expected verdicts.

use super::Unusable;
use crate::theorem::{Case, Verdict, find, index};
use std::collections::BTreeMap;

/// The named cases in the order given, or all.
pub(super) fn cases(ids: &[String]) -> Result<Vec<&'static Case>, Unusable> {
    if ids.is_empty() {
        return Ok(index());
    }
    let mut chosen: Vec<&'static Case> = Vec::new();
    for id in ids {
        let case = find(id).ok_or_else(|| unknown(id))?;
        if !chosen.iter().any(|other| other.id == case.id) {
            chosen.push(case);
        }
    }
    Ok(chosen)
}

/// The sentence for an unknown id.
fn unknown(id: &str) -> Unusable {
    let ids = index()
        .into_iter()
        .flat_map(|case| case.aliases.iter().copied().chain([case.id]));
    let wanted = id.to_ascii_lowercase();
    let near = ids
        .map(|known| (distance(&wanted, known), known))
        .filter(|(distance, known)| 2 * distance <= known.len());
    let nearest = near.min().map(|(_, known)| known);
    let hint = nearest.map_or(String::new(), |known| format!(" did you mean \"{known}\"?"));
    Unusable(format!(
        "there is no case {id:?};{hint} `flatproof list` shows them all"
    ))
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replace = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The verdicts on record, by id. They decide the exit code and nothing else.
pub(super) fn expected() -> Result<BTreeMap<String, Verdict>, Unusable> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Record {
        verdicts: BTreeMap<String, Verdict>,
    }
    let record: Record = toml::from_str(include_str!("../../expected.toml"))
        .map_err(|error| Unusable(format!("expected.toml: {error}")))?;
    Ok(record.verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_gets_a_suggestion() {
        let sentence = |id: &str| cases(&[id.into()]).err().map(|e| e.to_string());
        let slip = sentence("Lemma-aa.27").unwrap();
        assert!(slip.contains("did you mean \"lemma-a.27\"?"), "{slip}");
        let far = sentence("nothing like it").unwrap();
        assert!(!far.contains("did you mean"), "{far}");
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn the_record_names_every_case_and_no_other() {
        let recorded: Vec<String> = expected().unwrap().into_keys().collect();
        let mut ids: Vec<&str> = index().iter().map(|case| case.id).collect();
        ids.sort_unstable();
        assert_eq!(recorded, ids);
    }
}
