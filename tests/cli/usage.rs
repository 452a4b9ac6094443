//! Help, version, and every kind of unusable argument.

use super::{flatproof, is_proper, write};
use proptest::prelude::*;
use std::ffi::OsString;
use tempfile::TempDir;

const VERBS: [&str; 8] = [
    "verify",
    "falsify",
    "check",
    "list",
    "explain",
    "recheck",
    "train",
    "reproduce",
];

#[test]
fn every_help_shows_an_example() {
    for verb in VERBS {
        for arguments in [[verb, "--help"], ["help", verb]] {
            let help = flatproof(arguments);
            assert_eq!((help.code, help.stderr.as_str()), (0, ""));
            let example = format!("Example: flatproof {verb}");
            assert!(help.stdout.contains(&example), "{}", help.stdout);
        }
    }
    let help = flatproof(["--help"]).stdout;
    assert!(help.contains("Exit codes: 0") && help.contains("Example: flatproof verify"));
    assert!(VERBS.iter().all(|verb| help.contains(verb)), "{help}");
    let bare = flatproof::<&str>([]);
    assert_eq!((bare.code, bare.stdout.as_str()), (2, ""));
    assert!(bare.stderr.contains("Example: flatproof verify"));
}

#[test]
fn the_version_names_crate_compiler_and_instructions() {
    let version = flatproof(["--version"]);
    assert_eq!((version.code, version.stderr.as_str()), (0, ""));
    let start = format!("flatproof {} (rustc ", env!("CARGO_PKG_VERSION"));
    assert!(version.stdout.starts_with(&start), "{}", version.stdout);
    let isa = ["avx512f)\n", "avx2)\n", "portable)\n"];
    assert_eq!(
        isa.iter()
            .filter(|isa| version.stdout.ends_with(**isa))
            .count(),
        1
    );
}

#[test]
fn usage_errors_say_what_and_where() {
    let folder = TempDir::new().unwrap();
    let file = write(folder.path(), "file", "text").display().to_string();
    let latin = write(folder.path(), "latin", [0xe4]).display().to_string();
    let empty = write(folder.path(), "empty", "").display().to_string();
    let missing = folder.path().join("missing").display().to_string();
    let folder = folder.path().display().to_string();
    let below = format!("{file}/below");
    let table: &[(&[&str], &str)] = &[
        (
            &["verfy"],
            "'verfy'; tip: a similar subcommand exists: 'verify'",
        ),
        (&[""], "unrecognized subcommand"),
        (&["verify", "--bogus"], "'--bogus'"),
        (&["list", "theorem-3.2"], "'theorem-3.2'"),
        (&["verify", "lemma-aa.27"], "did you mean \"lemma-a.27\"?"),
        (&["verify", "lemma-a.27", "a\nb"], "no case \"a\\nb\""),
        (&["verify", "\u{1b}[31m"], "no case \"\\u{1b}[31m\""),
        (&["explain"], "<CASE>"),
        (&["explain", ""], "no case \"\""),
        (&["explain", "nonsense"], "`flatproof list` shows them all"),
        (&["explain", "lemma-a.27", "lemma-a.26"], "'lemma-a.26'"),
        (&["recheck"], "<FILE>"),
        (&["verify", "--jobs"], "--jobs"),
        (&["verify", "--jobs", "two"], "'two' for '--jobs"),
        (&["verify", "--jobs", "-1"], "'-1'"),
        (&["verify", "--jobs", "1e3"], "'1e3' for '--jobs"),
        (&["verify", "--jobs", "70000"], "0..=1024"),
        (&["verify", "--seed", "1/2"], "'1/2' for '--seed"),
        (&["verify", "--budget", "soon"], "'soon' for '--budget"),
        (&["verify", "--budget", "1.5"], "'1.5' for '--budget"),
        (
            &["verify", "--format", "yaml"],
            "[possible values: text, json]",
        ),
        (&["verify", "--full=yes"], "'--full'"),
        (&["verify", "--out", ""], "--out"),
        (
            &["verify", "lemma-a.27", "--out", &file],
            "choose another --out",
        ),
        (
            &["verify", "lemma-a.27", "--out", &below],
            "choose another --out",
        ),
        (&["recheck", &missing], "check the spelling of the path"),
        (&["recheck", &folder], "name a file instead of a directory"),
        (&["recheck", &latin], "byte 0 is not UTF-8"),
        (&["recheck", &empty], "is not a witness"),
        (&["recheck", &file], "make one with `flatproof verify`"),
    ];
    for (arguments, needle) in table.iter().chain(OF_TRAINING) {
        let answer = flatproof(arguments.iter().copied());
        assert_eq!(answer.code, 2, "{arguments:?}: {answer:?}");
        is_proper(&answer).unwrap();
        assert!(
            answer.stderr.contains(needle),
            "{arguments:?}: {}",
            answer.stderr
        );
    }
}

const OF_TRAINING: &[(&[&str], &str)] = &[
    (&["train", "--figure", "4c"], "did you mean \"4a\"?"),
    (
        &["train", "--figure", "4"],
        "name one of them, such as \"4a\"",
    ),
    (&["train", "--figure", ""], "there is no figure \"\""),
    (&["train", "4b"], "'4b'"),
    (&["train", "--architecture", "bn"], "sim-bn"),
    (&["train", "--loss", "hinge"], "mse or logistic:P is needed"),
    (
        &["train", "--loss", "logistic:2"],
        "must lie between 0 and 1",
    ),
    (&["train", "--width", "0"], "the width must be 1 to 4096"),
    (
        &["train", "--width", "4096", "--depth", "8"],
        "number of parameters",
    ),
    (
        &["train", "--dim", "99999999999"],
        "the dimension d must be",
    ),
    (&["train", "--samples", "4097"], "the number of samples n"),
    (&["train", "--epochs", "1e10"], "the number of epochs"),
    (&["train", "--epochs", "0.5"], "a whole number such as"),
    (&["train", "--scale", "0"], "a positive number is needed"),
    (&["train", "--scale", "1e300"], "the number of epochs"),
    (&["train", "--eta", "NaN"], "the learning rate eta"),
    (
        &["train", "--eta", "0.1,0.2", "--rho", "0,0,0"],
        "--eta has 2 values for 3 phases",
    ),
    (&["train", "--batch", "101"], "the batch must be 1 to 100"),
    (
        &["train", "--depth", "3", "--architecture", "sim-ln"],
        "only the biased",
    ),
    (
        &["train", "--isa", "sse2"],
        "[possible values: portable, avx2, avx512]",
    ),
    (
        &["train", "--isa", "avx1"],
        "a similar value exists: 'avx512'",
    ),
    (
        &["reproduce", "--isa", "avx1"],
        "[possible values: portable, avx2, avx512]",
    ),
    (
        &["train", "--etta", "1"],
        "a similar argument exists: '--eta'",
    ),
    (&["reproduce", "init-scal"], "did you mean \"init-scale\"?"),
    (&["reproduce", "--seeds", "0"], "1..=1000"),
    (
        &["reproduce", "--test-samples", "0"],
        "the test set must be 1 to",
    ),
    (&["reproduce", "1a", "--scale", "-1"], "'-1'"),
];

/// What a careless or hostile hand types.
fn argument() -> impl Strategy<Value = OsString> {
    let known = prop::sample::select(vec![
        "",
        "-",
        "--",
        "-h",
        "--help",
        "--version",
        "--full",
        "--resume",
        "--out",
        "--seed",
        "--jobs",
        "--budget",
        "--format",
        "--format=json",
        "--seed=",
        "--jobs=1",
        "text",
        "json",
        "0",
        "1",
        "-1",
        "18446744073709551616",
        "NaN",
        "1e9",
        "lemma-a.27",
        "LEMMA-A.27",
        "lemma-a.27 ",
        "theorem-0.0",
        "\u{0}",
        "a\r\nb",
        "\u{202e}x",
        "/",
        "..",
    ]);
    prop_oneof![
        3 => known.prop_map(OsString::from),
        1 => "\\PC{0,12}".prop_map(OsString::from),
        1 => any::<String>().prop_map(OsString::from),
        1 => "-{1,2}[a-z]{1,6}(=\\PC{0,4})?".prop_map(OsString::from),
        1 => prop::collection::vec(any::<u8>(), 0..6).prop_map(not_utf8),
    ]
}

#[cfg(unix)]
fn not_utf8(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}
#[cfg(not(unix))]
fn not_utf8(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Arguments of every verb. Those that run cases get a folder, no time and one case, so that what happens
    /// to be valid writes nowhere else and costs nothing.
    #[test]
    fn garbage_arguments_get_an_answer(
        verb in 0..VERBS.len(),
        garbage in prop::collection::vec(argument(), 1..4),
    ) {
        let folder = TempDir::new().unwrap();
        let mut arguments = vec![OsString::from(VERBS[verb])];
        if ["verify", "falsify", "check"].contains(&VERBS[verb]) {
            let safe = ["--budget", "0", "lemma-a.27", "--out"].map(OsString::from);
            arguments.extend(safe.into_iter().chain([folder.path().into()]));
        }
        // what runs must be short, and leave nothing here
        let short = match VERBS[verb] {
            "train" => "--width 3 --dim 4 --samples 5 --test-samples 10 --epochs 1 --out",
            "reproduce" => "6b --scale 0.0001 --test-samples 10 --out",
            _ => "",
        };
        if !short.is_empty() {
            arguments.extend(short.split(' ').map(OsString::from));
            arguments.push(folder.path().into());
        }
        arguments.extend(garbage);
        let answer = flatproof(arguments);
        prop_assert!(is_proper(&answer).is_ok(), "{answer:?}");
    }

    /// Something else where the verb should be.
    #[test]
    fn garbage_verbs_get_an_answer(garbage in prop::collection::vec(argument(), 1..4)) {
        let answer = flatproof(garbage);
        prop_assert!(matches!(answer.code, 0 | 2), "{answer:?}");
        let whole_help = answer.stderr.contains("Usage: flatproof");
        prop_assert!(whole_help || is_proper(&answer).is_ok(), "{answer:?}");
    }
}

/// The other entry, which writes, does not mind arguments either.
#[test]
fn main_writes_the_answer() {
    let code = flatproof::cli::main(["flatproof", "--version"].map(OsString::from));
    assert_eq!(
        format!("{code:?}"),
        format!("{:?}", std::process::ExitCode::from(0))
    );
}
