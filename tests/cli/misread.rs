//! Case files that cannot be used: one sentence each, with the line and the character.

use super::check::{REST, check, with_claims};
use super::{flatproof, is_proper, write};
use tempfile::TempDir;

/// The error must start with this, behind the name of the file.
fn fails(text: &[u8], expected: &str) {
    let folder = TempDir::new().unwrap();
    let answer = check(folder.path(), text, &[]);
    assert_eq!(answer.code, 2, "{expected}: {answer:?}");
    is_proper(&answer).unwrap();
    let file = folder.path().join("case.toml").display().to_string();
    let start = format!("flatproof: {file}:{expected}");
    assert!(
        answer.stderr.starts_with(&start),
        "{start}\n{}",
        answer.stderr
    );
}

#[test]
fn claims_that_are_wrong() {
    // the quote of the first claim is at column 11
    for (claim, expected) in [
        (
            "sharpnes = 3",
            "2:12: unknown name \"sharpnes\"; did you mean \"sharpness\"?",
        ),
        (
            "1 + sqr(2) = 3",
            "2:16: unknown function \"sqr\"; did you mean \"sqrt\"?",
        ),
        (
            "interpolate",
            "2:12: unknown property \"interpolate\"; did you mean \"interpolates\"?",
        ),
        (
            "not memorizing",
            "2:16: unknown property \"memorizing\"; did you mean \"memorising\"?",
        ),
        (
            "sharpness",
            "2:21: the expression ends where one of < <= = != >= >",
        ),
        ("f[1] == 1", "2:18: write = instead of =="),
        ("2**3 = 8", "2:14: write ^ instead of **"),
        (
            "f[1] = 0.5",
            "2:20: a decimal point is not exact: write p/q",
        ),
        ("1 = x[1]", "2:16: write x[i,k]"),
        ("sqrt = 1", "2:12: write sqrt(a)"),
        ("abs(1, 2) = 1", "2:12: write abs(a)"),
        ("x(1) = 1", "2:12: write x[i,k]"),
        ("y[i] = 1", "2:14: the index i has no value here: bind it"),
        (
            "for q: y[q] = 1",
            "2:12: the index q has no range of its own, as i, j and k have",
        ),
        (
            "1 = sum(q: 1)",
            "2:16: the index q has no range of its own, as i, j and k have",
        ),
        ("f[0] = 1", "2:12: index 0 of f is outside 1..2"),
        ("0 = x[2,3]", "2:16: index 3 of x[i] is outside 1..2"),
        ("y[1/2] = 1", "2:14: 1/2 is not an integer"),
        ("eps = 1", "2:12: this network has no eps"),
        (
            "prediction(1) = 1",
            "2:12: prediction needs d = 2 numbers, not 1",
        ),
        (
            "prediction(1, y[7]) = 1",
            "2:26: index 7 of y is outside 1..2",
        ),
        (
            "equivalent(four) on cube",
            "2:12: unknown network \"four\" (known: none)",
        ),
        (
            "for i = 1..10^17: 1 = 1",
            "2:12: i = 1..100000000000000000 has more than 100000 values",
        ),
        (
            "sum(t = 1..10^17: 1) = 1",
            "2:12: t = 1..100000000000000000 has more than 100000 values",
        ),
        (
            "2^(10^9) = 1",
            "2:14: an exponent p/q with |p| or q above 1000",
        ),
        ("if(1 = 1 or 2 = 2, 1) = 1", "2:21: there is no \"or\""),
        (
            "interpolates and admissible",
            "2:39: the expression ends where \"implies\"",
        ),
        ("é = 1", "2:12: an unknown character"),
    ] {
        fails(with_claims(&format!("\"{claim}\"")).as_bytes(), expected);
    }
}

#[test]
fn places_inside_literal_and_multi_line_texts() {
    fails(
        with_claims("'1 = foo'").as_bytes(),
        "2:16: unknown name \"foo\"",
    );
    fails(
        with_claims("'''\n1 =\n  foo'''").as_bytes(),
        "4:3: unknown name \"foo\"",
    );
    fails(
        with_claims("\"\"\"1 =\n foo\"\"\"").as_bytes(),
        "3:2: unknown name \"foo\"",
    );
    // with escapes, where the text starts
    fails(
        with_claims("\"1 = \\u0066oo\"").as_bytes(),
        "2:11: unknown name \"foo\"",
    );
    fails(
        with_claims("\"1 = 1\", # é\n\"1 = foo\"").as_bytes(),
        "3:6: unknown name \"foo\"",
    );
}

#[test]
fn files_that_are_wrong() {
    let ok = with_claims("\"interpolates\"");
    let swap = |from: &str, to: &str| {
        assert!(ok.contains(from), "{from}");
        ok.replacen(from, to, 1)
    };
    let claims = "claims = [\"interpolates\"]\n";
    for (text, expected) in [
        // keys
        (
            swap("claims", "claim"),
            "2:1: the file has no key \"claim\"; did you mean \"claims\"?",
        ),
        (
            swap("points = ", "point = "),
            "6:1: [data] has no key \"point\"; did you mean \"points\"?",
        ),
        (
            swap("kind = ", "kin = "),
            "5:1: [data] has no key \"kin\"; did you mean \"kind\"?",
        ),
        (
            swap("architecture", "architektur"),
            "10:1: [network] has no key \"architektur\"; did you mean",
        ),
        (
            swap("b1 = -1\n", ""),
            "9:1: [network] needs the key \"b1\", for example",
        ),
        (
            swap("[data]", "[dat]"),
            "4:2: the file has no key \"dat\"; did you mean \"data\"?",
        ),
        (
            swap("flatproof = 1\n", ""),
            "1:1: the file needs the key \"flatproof\", for example",
        ),
        (
            swap("flatproof = 1", "flatproof = 2"),
            "1:13: version 2 of the format is not known: write",
        ),
        // nesting
        (
            format!("{}{claims}", swap(claims, "")),
            "14:1: claims belongs to [network] here, since it stands after its head: move it above",
        ),
        (
            swap(claims, &format!("[parameters]\n{claims}")),
            "3:1: claims belongs to [parameters] here",
        ),
        (
            swap(claims, &format!("[let]\n{claims}")),
            "3:1: claims belongs to [let] here",
        ),
        // types
        (
            swap("[\"interpolates\"]", "3"),
            "2:10: claims should be a text in quotes or a list of such, not",
        ),
        (
            swap("width = 1", "width = true"),
            "11:9: width should be an integer or a formula in quotes, not",
        ),
        (
            swap("W2 = 1", "W2 = 0.5"),
            "14:6: a decimal point is not exact: write \"p/q\" in quotes",
        ),
        (
            swap("\"++\", \"--\"", "\"+0\", \"--\""),
            "6:12: a point of signs is written with + and -",
        ),
        // kinds
        (
            swap("points\"", "pionts\""),
            "5:9: unknown kind of data \"pionts\"; did you mean \"points\"?",
        ),
        (
            swap("MLP-Bias", "MLP-bias"),
            "10:17: unknown architecture \"2-MLP-bias\"; did you mean \"2-MLP-Bias\"?",
        ),
        // sizes
        (
            swap("width = 1", "width = 0"),
            "11:9: width = 0 should lie in 1..20000",
        ),
        (
            swap("width = 1", "width = 10000000000000000000000"),
            "11:9: 10000000000000000000000 is not an",
        ),
        (
            swap("[1, 0]", "[1]"),
            "7:10: the list has 1 items, but i runs over 1..2: write 2 or a formula in i",
        ),
        (
            swap("W1 = 1", "W1 = [[1, 2, 3]]"),
            "12:7: the list has 3 items, but k runs over 1..2",
        ),
        // formulas
        (
            swap("W1 = 1", "W1 = \"x[i,k]\""),
            "12:9: the index i has no value here: bind it",
        ),
        (
            swap("W1 = 1", "W1 = \"1 + f[1]\""),
            "12:11: there is no network yet, at j = 1, k = 1",
        ),
        // parameters and definitions
        (
            swap("\n[data]", "[parameters]\nn = 3\n[data]"),
            "4:5: the parameter n is 3, but n = 2 here",
        ),
        (
            swap("\n[data]", "[parameters]\nx = 3\n[data]"),
            "4:1: \"x\" cannot be a parameter's name",
        ),
        (
            swap("\n[data]", "[parameters]\nc = []\n[data]"),
            "4:1: c has no value",
        ),
        (
            swap("\n[data]", "[let]\nu = \"v\"\nv = \"u\"\n[data]"),
            "4:1: u is defined by itself",
        ),
        (
            swap("\n[data]", "[let]\nx = 1\n[data]"),
            "4:1: the name x has a meaning already",
        ),
        (
            swap("\n[data]", "[let]\n\"u[i]\" = \"1 +\"\n[data]"),
            "4:14: the expression ends where",
        ),
        // TOML
        (
            ok.split("]\n").next().unwrap().into(),
            "2:25: unclosed array",
        ),
        (
            ok.split("-Bias").next().unwrap().into(),
            "10:22: invalid basic string",
        ),
    ] {
        fails(text.as_bytes(), expected);
    }
}

#[test]
fn data_that_is_wrong() {
    let with_data = |data: &str| {
        let (_, network) = REST.split_once("[network]").unwrap();
        format!("flatproof = 1\nclaims = [\"interpolates\"]\n[data]\n{data}\n[network]{network}")
    };
    for (data, expected) in [
        (
            "kind = \"xor\"\nd = 3\nn = 0",
            "6:5: n = 0 should lie in 1..20000",
        ),
        (
            "kind = \"xor\"\nd = 3",
            "3:1: [data] needs the key \"n\", for example n = 8",
        ),
        (
            "kind = \"xor\"\nd = 4000\nn = 20000",
            "3:1: 20000 * 4000 = 80000000 entries are more than 2000000",
        ),
        (
            "kind = \"cube\"\nd = 40",
            "5:5: dimension d = 40 is outside 2..=16",
        ),
        ("kind = \"csv\"\nfile = \"none.csv\"", "5:9: cannot read "),
        (
            "kind = \"points\"\npoints = []\nlabels = 1",
            "3:1: [data] needs the key \"points\", for example",
        ),
        (
            "kind = \"points\"\npoints = [\"++\"]",
            "3:1: [data] needs the key \"labels\", for example",
        ),
        (
            "kind = \"points\"\npoints = [\"++\", \"+\"]\nlabels = 1",
            "3:1: the points need one number of coordinates",
        ),
    ] {
        fails(with_data(data).as_bytes(), expected);
    }
}

#[test]
fn files_that_cannot_be_read() {
    let folder = TempDir::new().unwrap();
    let latin = check(folder.path(), b"flatproof = 1\ntitle = \"\xe4\"", &[]);
    assert_eq!(latin.code, 2);
    assert!(
        latin.stderr.contains("byte 23 is not UTF-8"),
        "{}",
        latin.stderr
    );
    let missing = folder.path().join("none.toml").display().to_string();
    let missing = flatproof(["check", &missing]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("check the spelling of the path"),
        "{}",
        missing.stderr
    );
    assert_eq!(flatproof(["check"]).code, 2);
    // one bad file among good ones: nothing is checked
    let good = write(folder.path(), "good.toml", with_claims("\"interpolates\""));
    let bad = write(folder.path(), "bad.toml", "flatproof = 1");
    let both = flatproof(["check".into(), good.into_os_string(), bad.into_os_string()]);
    assert_eq!(both.code, 2);
}
