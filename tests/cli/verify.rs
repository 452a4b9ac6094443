//! What `verify`, `list` and `explain` print and save.

use super::{flatproof, is_proper, samples, write};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Quick, with a certificate or a witness or neither.
const CASES: [&str; 3] = ["lemma-a.27", "proposition-4.2", "lemma-a.12"];

/// The JSON of an answer with this code.
fn json(arguments: &[&str], code: u8) -> Value {
    let answer = flatproof(arguments.iter().chain(&["--format", "json"]).copied());
    assert_eq!(answer.code, code, "{answer:?}");
    is_proper(&answer).unwrap();
    serde_json::from_str(&answer.stdout).unwrap()
}

fn verify(arguments: &[&str], out: &Path, code: u8) -> Vec<Value> {
    let out = out.to_str().unwrap();
    let report = json(&[&["verify", "--out", out], arguments].concat(), code);
    assert_eq!(report["schema"], "flatproof.verify/1");
    report["cases"].as_array().unwrap().clone()
}

fn assert_fields(object: &Value, fields: &[&str]) {
    for field in fields {
        assert!(object.get(*field).is_some(), "no {field} in {object}");
    }
}

#[test]
fn verify_keeps_its_schema() {
    let folder = TempDir::new().unwrap();
    for case in verify(&CASES, folder.path(), 0) {
        assert_fields(
            &case,
            &[
                "id",
                "title",
                "kind",
                "verdict",
                "reason",
                "expected",
                "status",
                "scalar",
                "instances",
                "witness",
                "certificate",
                "seconds",
            ],
        );
        assert_eq!(case["verdict"], case["expected"]);
        assert!(case["instances"].as_u64().unwrap() > 0 && case["seconds"].is_f64());
        assert!(
            case["scalar"]
                .as_array()
                .unwrap()
                .iter()
                .all(Value::is_string)
        );
        assert_eq!(case["witness"].is_string(), case["verdict"] == "refuted");
        for evidence in [&case["witness"], &case["certificate"]] {
            let Some(path) = evidence.as_str() else {
                assert!(evidence.is_null());
                continue;
            };
            let report = json(&["recheck", path], 0);
            assert_eq!(report["schema"], "flatproof.recheck/1");
            let file = &report["files"][0];
            assert_fields(file, &["file", "case", "says", "holds", "facts", "reason"]);
            assert_eq!(
                (&file["case"], &file["holds"]),
                (&case["id"], &Value::Bool(true))
            );
        }
    }
}

#[test]
fn list_and_explain_keep_their_schemas() {
    let listing = json(&["list"], 0);
    assert_eq!(listing["schema"], "flatproof.list/1");
    assert_fields(&listing["not_covered"][0], &["statements", "why"]);
    let entries = listing["cases"].as_array().unwrap();
    for entry in entries {
        assert_fields(
            entry,
            &["id", "aliases", "title", "kind", "status", "rust", "coq"],
        );
    }
    let text = flatproof(["list"]).stdout;
    assert!(
        entries
            .iter()
            .all(|entry| text.contains(entry["id"].as_str().unwrap()))
    );

    let explained = json(&["explain", CASES[0]], 0);
    assert_eq!(explained["schema"], "flatproof.explain/1");
    let prose = [
        "printed",
        "hypotheses",
        "construction",
        "remark",
        "control",
        "reason",
    ];
    assert_fields(&explained, &prose);
    assert_fields(
        &explained,
        &["id", "title", "kind", "verdict", "repairs", "status"],
    );
    let text = flatproof(["explain", CASES[0]]).stdout;
    assert!(
        text.contains("As printed") && text.contains("Found"),
        "{text}"
    );
}

#[test]
fn no_time_means_undecided() {
    let folder = TempDir::new().unwrap();
    let cases = verify(&["--budget", "0"], folder.path(), 3);
    let ids: BTreeSet<&str> = cases
        .iter()
        .map(|case| case["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), flatproof::theorem::index().len());
    for case in &cases {
        assert_eq!(
            (&case["verdict"], &case["status"]),
            (&"undecided".into(), &"open".into())
        );
        assert!(case["witness"].is_null() && case["certificate"].is_null());
    }
    // Endless is no time too.
    let endless = u64::MAX.to_string();
    verify(&[CASES[0], "--budget", &endless], folder.path(), 0);
}

/// Every file below `folder` with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn one_thread_vs_two() {
    let run = |jobs: &str, seed: &str| {
        let folder = TempDir::new().unwrap();
        let mut cases = verify(
            &[&CASES[..], &["--jobs", jobs, "--seed", seed]].concat(),
            folder.path(),
            0,
        );
        for case in &mut cases {
            for timed_or_local in ["seconds", "witness", "certificate"] {
                case[timed_or_local].take();
            }
        }
        let evidence = [
            files(&folder.path().join("witnesses")),
            files(&folder.path().join("certificates")),
        ];
        let evidence: Vec<(String, Vec<u8>)> = evidence
            .into_iter()
            .flatten()
            .map(|(path, bytes)| (path.file_name().unwrap().to_string_lossy().into(), bytes))
            .collect();
        (cases, evidence)
    };
    let (one, two) = (run("1", "1"), run("2", "1"));
    assert_eq!(one, two);
    assert!(!one.1.is_empty(), "no evidence was compared");
}

/// A finished row with another title is recognised when it is taken over.
#[test]
fn resume_takes_over_what_fits() {
    let folder = TempDir::new().unwrap();
    let case = "proposition-4.2";
    let title = |arguments: &[&str]| {
        let cases = verify(&[&[case], arguments].concat(), folder.path(), 0);
        cases[0]["title"].as_str().unwrap().to_owned()
    };
    let plain = title(&[]);
    let row = folder.path().join("finished").join(format!("{case}.json"));
    let saved = std::fs::read_to_string(&row).unwrap();
    let marked = saved.replace(&plain, "MARKED");
    assert_ne!(saved, marked);
    let with_row = |text: &str, arguments: &[&str]| {
        std::fs::write(&row, text).unwrap();
        title(arguments)
    };
    assert_eq!(with_row(&marked, &["--resume"]), "MARKED");
    assert_eq!(with_row(&marked, &[]), plain, "nobody asked");
    assert_eq!(
        with_row(&marked, &["--resume", "--seed", "2"]),
        plain,
        "another seed"
    );
    let cut = &marked[..marked.len() / 2];
    assert_eq!(with_row(cut, &["--resume"]), plain, "half a row");
    let key = marked.replacen(['0', '1', '2', '3'], "9", 1);
    assert_eq!(with_row(&key, &["--resume"]), plain, "another program");
    let undecided = marked.replacen("\"verdict\":\"refuted\"", "\"verdict\":\"undecided\"", 1);
    assert_ne!(undecided, marked);
    assert_eq!(with_row(&undecided, &["--resume"]), plain, "not finished");
    std::fs::remove_dir_all(folder.path().join("witnesses")).unwrap();
    assert_eq!(
        with_row(&marked, &["--resume"]),
        plain,
        "the witness is gone"
    );
}

/// 2 before 1 before 3 before 0, over the files of one call.
#[test]
fn the_worst_file_decides_the_code() {
    let folder = TempDir::new().unwrap();
    let good = serde_json::to_string(&samples()[0]).unwrap();
    let false_fact = r#"{"fact": "compare", "left": "1", "is": "=", "right": "2"}"#;
    // an equality of irrational numbers by enclosures
    let open_fact =
        r#"{"fact": "logistic_trace", "p": "1/4", "odds": "1/3", "is": "=", "value": "3/16"}"#;
    let witness = |fact: &str| {
        format!(
            r#"{{"schema": "flatproof.witness/1", "case": "c", "purpose": "refutation", "says": "s",
            "members": [{{"name": "m", "data": {{"points": ["+"], "labels": ["1"]}},
            "network": {{"architecture": "2-MLP-No-Bias", "first": [["1"]], "last": ["1"]}},
            "facts": [{fact}]}}]}}"#
        )
    };
    let files = [
        write(folder.path(), "0", good),
        write(folder.path(), "3", witness(open_fact)),
        write(folder.path(), "1", witness(false_fact)),
        write(folder.path(), "2", "{"),
    ];
    for (worst, code) in [0, 3, 1, 2].into_iter().enumerate() {
        let named = files[..=worst].iter().rev().map(|file| file.as_os_str());
        let answer = flatproof(["recheck".as_ref()].into_iter().chain(named));
        assert_eq!(answer.code, code, "{answer:?}");
        is_proper(&answer).unwrap();
    }
}

/// `| head -1`, at its worst: the reader is gone before the first byte.
#[test]
fn a_reader_that_went_away_is_no_error() {
    let program = env!("CARGO_BIN_EXE_flatproof");
    for (arguments, code) in [
        (vec!["list"], 0),
        (vec!["explain", CASES[0]], 0),
        (vec!["verfy"], 2),
    ] {
        let mut child = Command::new(program)
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        if code == 2 {
            drop(child.stderr.take());
        }
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    }
}

#[test]
fn falsify_keeps_its_schema_and_its_witnesses_re_check() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().to_str().unwrap();
    let search = |ids: &[&str], code| {
        let fixed = ["falsify", "--out", out, "--attempts", "100"];
        let report = json(&[&fixed, ids].concat(), code);
        assert_eq!(report["schema"], "flatproof.falsify/1");
        report["cases"].as_array().unwrap().clone()
    };
    let refuted = search(&["Theorem-4.1", "lemma-a.27"], 1);
    for case in &refuted {
        let fields = [
            "id", "title", "verdict", "reason", "tried", "witness", "seed", "seconds",
        ];
        assert_fields(case, &fields);
        let tried = case["tried"].as_array().unwrap();
        assert!(
            tried
                .iter()
                .all(|t| t[0].is_string() && t[1].as_u64().unwrap() > 0)
        );
    }
    let path = refuted[0]["witness"].as_str().unwrap();
    assert_eq!(
        path,
        folder
            .path()
            .join("falsify/theorem-4.1.json")
            .to_str()
            .unwrap()
    );
    let holds = &json(&["recheck", path], 0)["files"][0]["holds"];
    assert_eq!(*holds, true);
    let none = &search(&["lemma-a.27"], 0)[0];
    assert_eq!(
        (&none["verdict"], &none["witness"]),
        (&"undecided".into(), &Value::Null)
    );
    assert_eq!(none["tried"][0][1], 100);
    // no time, no verdict, and the witness of the earlier run stays
    let stopped = &search(&["theorem-4.1", "--budget", "0"], 3)[0];
    assert_eq!(stopped["verdict"], "undecided");
    assert!(Path::new(path).is_file());
    // again the same, on another number of threads
    let again = &search(&["theorem-4.1", "--jobs", "2"], 1)[0];
    assert_eq!(again["reason"], refuted[0]["reason"]);
    assert_eq!(again["tried"], refuted[0]["tried"]);
}

#[test]
fn falsify_says_what_was_tried() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().to_str().unwrap();
    let text = |ids: &[&str]| flatproof([&["falsify", "--out", out], ids].concat()).stdout;
    let found = text(&["theorem-4.1", "proposition-4.2"]);
    assert!(
        found.contains("The smallest: proposition-4.2: d = 2, n = 1"),
        "{found}"
    );
    let none = text(&["lemma-a.26", "--attempts", "9"]);
    let tried = "none found among 9 instances: 9 of \"random rationals\"";
    assert!(
        none.replace('\n', " ").contains("none found among 9"),
        "{none}"
    );
    assert!(
        none.contains("proves nothing") && !none.contains("smallest"),
        "{tried}"
    );
}
