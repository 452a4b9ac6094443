//! Cases by id, with a suggestion for a slip, and the record of expected verdicts.

use super::Unusable;
use crate::io::suggest;
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
    let nearest = suggest(id, ids);
    let hint = nearest.map_or(String::new(), |known| format!(" did you mean \"{known}\"?"));
    Unusable(format!(
        "there is no case {id:?};{hint} `flatproof list` shows them all"
    ))
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
    }

    #[test]
    fn the_record_names_every_case_and_no_other() {
        let recorded: Vec<String> = expected().unwrap().into_keys().collect();
        let mut ids: Vec<&str> = index().iter().map(|case| case.id).collect();
        ids.sort_unstable();
        assert_eq!(recorded, ids);
    }
}
