//! `train` and `reproduce`: same bits whatever the machine and the jobs, and after being killed.

use super::flatproof;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A run of a fraction of a second.
const SMALL: [&str; 11] = [
    "train",
    "--width",
    "9",
    "--dim",
    "6",
    "--samples",
    "20",
    "--test-samples",
    "200",
    "--seed",
    "3",
];

/// `SMALL` into a folder, with more options; the record.
fn train(out: &Path, more: &[&str]) -> Value {
    let out = out.to_str().unwrap();
    let fixed = ["--format", "json", "--out", out];
    let answer = flatproof(SMALL.iter().chain(&fixed).chain(more).copied());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{more:?}");
    serde_json::from_str(&answer.stdout).unwrap()
}

/// Weights, measurements and options of a run, and its curve.
fn bytes(out: &Path, name: &str) -> [Vec<u8>; 2] {
    [
        format!("runs/{name}.safetensors"),
        format!("curves/{name}.csv"),
    ]
    .map(|file| fs::read(out.join(file)).unwrap())
}

#[test]
fn a_run_leaves_weights_record_and_curve() {
    let folder = TempDir::new().unwrap();
    let record = train(folder.path(), &["--epochs", "30"]);
    assert_eq!(record["schema"], "flatproof.run/1");
    assert_eq!(record["options"]["seed"], 3);
    assert_eq!(record["steps"], 600);
    assert_eq!(record["outcome"], "finished");
    assert_eq!(record["last"]["epoch"], 30);
    for number in ["loss", "sharpness", "test_accuracy"] {
        assert!(record["last"][number].is_number() && record["arithmetic"][number].is_string());
    }
    let saved = fs::read_to_string(folder.path().join("runs/run-seed3.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&saved).unwrap(), record);
    let curve = fs::read_to_string(folder.path().join("curves/run-seed3.csv")).unwrap();
    let head = "epoch,loss,train_accuracy,test_loss,test_accuracy,sharpness";
    assert_eq!(curve.lines().next(), Some(head));
    assert_eq!(curve.lines().count(), 32, "0 to 30");
    // the same in words
    let out = folder.path().to_str().unwrap();
    let text = flatproof(
        SMALL
            .iter()
            .chain(&["--out", out, "--epochs", "30", "--resume"])
            .copied(),
    );
    assert!(
        text.stdout
            .contains("run-seed3: a run by hand, finished; 30 epochs"),
        "{text:?}"
    );
}

#[test]
fn portable_vs_others() {
    let kinds: [&[&str]; 4] = [
        &["--rho", "0.05,0.1", "--epochs", "4,5"],
        &[
            "--architecture",
            "sim-ln",
            "--init-scale",
            "0.01",
            "--eta",
            "0.1",
            "--epochs",
            "9",
        ],
        &[
            "--architecture",
            "sim-bn",
            "--loss",
            "logistic:0.2",
            "--epochs",
            "9",
        ],
        &[
            "--depth",
            "3",
            "--batch",
            "7",
            "--label-noise",
            "0.1",
            "--sampling",
            "iid",
            "--epochs",
            "9",
        ],
    ];
    let sets = flatproof::engine::Isa::ALL
        .into_iter()
        .filter(|isa| isa.is_available());
    for kind in kinds {
        let runs: Vec<[Vec<u8>; 2]> = sets
            .clone()
            .map(|isa| {
                let folder = TempDir::new().unwrap();
                train(folder.path(), &[kind, &["--isa", isa.name()]].concat());
                bytes(folder.path(), "run-seed3")
            })
            .collect();
        assert!(runs.iter().all(|run| *run == runs[0]), "{kind:?}");
    }
}

#[test]
fn killed_and_resumed_vs_uninterrupted() {
    let (whole, parts) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let epochs = ["--epochs", "1500,500", "--rho", "0.05,0.1"];
    train(whole.path(), &epochs);
    let mut child = Command::new(env!("CARGO_BIN_EXE_flatproof"))
        .args(SMALL.iter().chain(&epochs))
        .args(["--checkpoint-every", "0", "--out"])
        .arg(parts.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let checkpoint = parts.path().join("runs/run-seed3.safetensors");
    let start = Instant::now();
    while !checkpoint.exists() && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    let record = train(parts.path(), &[&epochs[..], &["--resume"]].concat());
    let resumed_at = record["resumed_at"].as_u64().unwrap();
    assert!((1..2000).contains(&resumed_at), "{resumed_at}");
    assert_eq!(
        bytes(whole.path(), "run-seed3"),
        bytes(parts.path(), "run-seed3")
    );
}

#[test]
fn left_out_neurons_are_counted_and_told() {
    // at a single sample a Sim-BN neuron that is silent at the start stays so
    let start = "train --architecture sim-bn --width 9 --dim 2 --samples 1 --test-samples 50";
    let run = |epochs: &str, more: &[&str]| {
        let folder = TempDir::new().unwrap();
        let out = folder.path().to_str().unwrap();
        let fixed = ["--out", out, "--epochs", epochs];
        let all = start.split(' ').chain(fixed).chain(more.iter().copied());
        let answer = flatproof(all.map(String::from).collect::<Vec<_>>());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        answer.stdout
    };
    let json =
        |epochs: &str| serde_json::from_str::<Value>(&run(epochs, &["--format", "json"])).unwrap();
    let (three, six) = (
        json("3")["left_out"].as_u64().unwrap(),
        json("6")["left_out"].as_u64().unwrap(),
    );
    assert!(
        three > 0 && three.is_multiple_of(3) && six == 2 * three,
        "{three}, {six}"
    );
    let sentence = format!("left out of steps {three} times in all");
    assert!(run("3", &[]).contains(&sentence));
    let folder = TempDir::new().unwrap();
    let alive = train(
        folder.path(),
        &["--architecture", "sim-bn", "--epochs", "3"],
    );
    assert_eq!(alive["left_out"], 0);
    let without = train(folder.path(), &["--epochs", "3"]);
    assert!(without["left_out"].is_null());
}

#[test]
fn resume_refuses_what_is_not_the_run() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().to_str().unwrap();
    train(folder.path(), &["--epochs", "5"]);
    let refusal = |more: &[&str]| {
        let fixed = ["--out", out, "--resume"];
        let answer = flatproof(SMALL.iter().chain(&fixed).chain(more).copied());
        assert_eq!(answer.code, 2, "{answer:?}");
        super::is_proper(&answer).unwrap();
        answer.stderr
    };
    assert!(refusal(&["--epochs", "6"]).contains("another run: phases"));
    assert!(refusal(&["--epochs", "5", "--plain"]).contains("--plain differs"));
    let path = folder.path().join("runs/run-seed3.safetensors");
    let saved = fs::read(&path).unwrap();
    for length in [0, 7, 100, saved.len() - 1] {
        fs::write(&path, &saved[..length]).unwrap();
        assert!(refusal(&["--epochs", "5"]).contains("not a whole checkpoint"));
    }
}

#[test]
fn a_diverging_run_says_so() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().to_str().unwrap();
    let answer = flatproof(
        SMALL
            .iter()
            .chain(&["--eta", "1e9", "--epochs", "3", "--out", out])
            .copied(),
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
    assert!(
        answer.stdout.contains("diverged by epoch"),
        "{}",
        answer.stdout
    );
}

/// The records of `reproduce` with these options, and the folder.
fn reproduce(more: &[&str]) -> (Vec<Value>, TempDir) {
    let folder = TempDir::new().unwrap();
    let out = folder.path().to_str().unwrap();
    let start = [
        "reproduce",
        "--test-samples",
        "500",
        "--format",
        "json",
        "--out",
        out,
    ];
    let answer = flatproof(start.iter().chain(more).copied());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{more:?}");
    let report: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(report["schema"], "flatproof.reproduce/1");
    (report["runs"].as_array().unwrap().clone(), folder)
}

#[test]
fn every_row_of_table_2_runs() {
    let (runs, folder) = reproduce(&["--scale", "0.00001"]);
    assert_eq!(runs.len(), 19);
    let pictures = |name: &str| folder.path().join("figures").join(name).is_file();
    let drawn = [
        "figure-1.svg",
        "figure-11.png",
        "figure-2b.svg",
        "table-1.csv",
    ];
    assert!(drawn.into_iter().all(pictures));
    for run in &runs {
        let name = run["name"].as_str().unwrap();
        // one epoch of each phase takes Fig. 5b to rho = 1 before it has settled
        let expected = name == "5b-seed1" || run["outcome"] == "finished";
        assert!(expected, "{run}");
        assert_eq!(
            run["audit"].is_object(),
            run["outcome"] == "finished",
            "{name}"
        );
        let [weights, _] = bytes(folder.path(), name);
        assert!(weights.len() > 4 * 500 * 10, "{name}");
    }
}

#[test]
fn one_job_vs_two_jobs() {
    let names = ["1b", "6b"];
    let options = |jobs| {
        [
            "1b", "6b", "--seeds", "2", "--scale", "0.00002", "--jobs", jobs,
        ]
    };
    let ((_, one), (_, two)) = (reproduce(&options("1")), reproduce(&options("2")));
    for name in names
        .iter()
        .flat_map(|name| [1, 2].map(|seed| format!("{name}-seed{seed}")))
    {
        assert_eq!(bytes(one.path(), &name), bytes(two.path(), &name), "{name}");
    }
}
