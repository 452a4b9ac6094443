//! The harness of `fuzz/` on a bounded number of inputs: arbitrary bytes, and files that are nearly
//! right.

mod harness;

use flatproof::theorem::{Form, Run, Size, find};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Witnesses and certificates of a few quick cases.
static WITNESSES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let run = Run::new(1, Size::Small);
    let cases = ["theorem-4.1", "theorem-4.1-printed", "lemma-a.1"];
    let outcomes = cases.iter().map(|id| {
        let case = find(id).expect("a case of this id");
        (case.judge)(&run, Form::Stated)
    });
    let texts = outcomes
        .flat_map(|o| o.witness.into_iter().chain(o.certificate))
        .map(|w| serde_json::to_string(&w).expect("a witness is plain text"))
        .filter(|text| text.len() < 20_000);
    texts.collect()
});

/// A case file that holds, on one small choice.
const CASE: &str = include_str!("seeds/small.toml");

/// A change in the middle of a text.
#[derive(Clone, Debug)]
enum Edit {
    Cut,
    Double,
    Put(&'static str),
    Flip(u8),
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, Edit)>> {
    let pieces = [
        "0",
        "-1",
        "1/0",
        "1e9",
        "9999999999",
        "2^(1/997)",
        "10^10^10",
        "sqrt(",
        "\"",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        "=",
        "sum(i, 1, n, x[i,1])",
        "10^9..10^10",
        "\u{e9}",
        "null",
    ];
    let edit = prop_oneof![
        Just(Edit::Cut),
        Just(Edit::Double),
        prop::sample::select(pieces.to_vec()).prop_map(Edit::Put),
        any::<u8>().prop_map(Edit::Flip),
    ];
    vec((any::<prop::sample::Index>(), 0usize..12, edit), 1..4).prop_map(|edits| {
        let at = |index: prop::sample::Index| index.index(1 << 20);
        edits
            .into_iter()
            .map(|(i, length, edit)| (at(i), length, edit))
            .collect()
    })
}

fn edited(text: &str, edits: &[(usize, usize, Edit)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, length, edit) in edits {
        let start = at % (bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        let there = bytes[start..end].to_vec();
        let instead = match edit {
            Edit::Cut => vec![],
            Edit::Double => [there.clone(), there].concat(),
            Edit::Put(piece) => piece.as_bytes().to_vec(),
            Edit::Flip(mask) => there.iter().map(|byte| byte ^ mask).collect(),
        };
        bytes.splice(start..end, instead);
    }
    bytes
}

/// The seeds get past the readers: otherwise the rest would test nothing.
#[test]
fn seeds_are_read() {
    assert!(WITNESSES.len() > 2);
    for text in WITNESSES.iter() {
        flatproof::Witness::from_json(text).unwrap();
    }
    let file = flatproof::casefile::CaseFile::read(CASE, None).unwrap();
    let (reports, _) = flatproof::casefile::check(&file, "seed", None, || {}).unwrap();
    for claim in &reports[0].claims {
        assert_eq!(claim.verdict, flatproof::Verdict::Verified, "{claim:?}");
    }
    harness::case_file(CASE.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        harness::witness(&bytes);
        harness::case_file(&bytes);
    }

    #[test]
    fn nearly_a_witness(seed in any::<prop::sample::Index>(), edits in edits()) {
        let text: &String = seed.get(&WITNESSES);
        harness::witness(&edited(text, &edits));
    }

    #[test]
    fn nearly_a_case_file(edits in edits()) {
        harness::case_file(&edited(CASE, &edits));
    }
}
