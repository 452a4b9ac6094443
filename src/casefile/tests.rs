//! Case files as their writers meet them: every property with every verdict it can have.

use super::infimum::{Evidence, Infimum};
use super::*;
use crate::certificate::{Fact, Witness, check as recheck};
use crate::theorem::Verdict::{self, Refuted, Undecided, Vacuous, Verified};

fn file(claims: &[&str], rest: &str) -> CaseFile {
    let claims: Vec<String> = claims.iter().map(|claim| format!("{claim:?}")).collect();
    let text = format!("flatproof = 1\nclaims = [{}]\n{rest}", claims.join(", "));
    CaseFile::read(&text, None).unwrap()
}

/// The verdicts on the claims at the only choice; their facts re-check.
fn verdicts(claims: &[&str], rest: &str) -> Vec<Verdict> {
    let (reports, left_out) = check(&file(claims, rest), "case", None, || ()).unwrap();
    assert_eq!((reports.len(), left_out), (1, 0));
    if let Some(witness) = &reports[0].witness {
        recheck(witness).unwrap();
    }
    reports[0]
        .claims
        .iter()
        .map(|claim| claim.verdict)
        .collect()
}

fn decides(rest: &str, table: &[(&str, Verdict)]) {
    let claims: Vec<&str> = table.iter().map(|(claim, _)| *claim).collect();
    for ((claim, expected), found) in table.iter().zip(verdicts(&claims, rest)) {
        assert_eq!(found, *expected, "{claim}");
    }
}

/// The cube of dimension 2 and its memoriser, weights times `t` and over t.
fn memoriser(t: &str) -> String {
    format!(
        "[let]
t = \"{t}\"
[data]
kind = \"cube\"
d = 2
[network]
architecture = \"2-MLP-Bias\"
width = 4
W1 = \"t*3^(1/4)*x[j,k]\"
b1 = \"-t*3^(1/4)\"
W2 = \"y[j]/(t*3^(1/4))\"
[networks.generaliser]
construction = \"proposition-4.2-repaired\"
width = 4
[networks.zero]
architecture = \"2-MLP-Bias\"
width = 1
W1 = 1
b1 = 5
W2 = 0
"
    )
}

#[test]
fn of_a_flattest_network() {
    decides(
        &memoriser("1"),
        &[
            ("admissible", Verified),
            ("not admissible", Refuted),
            ("interpolates", Verified),
            ("flattest", Verified),
            ("not flattest", Refuted),
            ("near_flattest_abs(0)", Verified),
            ("near_flattest_rel(1/10)", Verified),
            ("memorising", Verified),
            ("not memorising", Refuted),
            ("equivalent(generaliser) on cube", Verified),
            ("equivalent(zero) on train", Refuted),
            ("not equivalent(zero) on cube", Verified),
            ("sharpness = 4*sqrt(3)", Verified),
            ("sharpness < 4*sqrt(3)", Refuted),
            ("lambda_max <= sharpness", Verified),
            ("lambda_max > sharpness", Refuted),
            ("multiplicity(sqrt(3)) = 4", Verified),
            ("for i: gram[i,i] = sqrt(3)", Verified),
            ("lambda_min = sqrt(3)", Verified),
            ("lambda_min > sqrt(3)", Refuted),
            ("population_error = 0", Verified),
            (
                "population_mse = 0 and population_deviation = 0 implies interpolates",
                Verified,
            ),
            ("prediction(1, -1) = -1", Verified),
            ("prediction(1, -1) = 1", Refuted),
            ("for i: f[i] = y[i]", Verified),
            ("for i: f[i] = 1", Refuted),
            ("not for i: f[i] = 1", Verified),
            ("for i = 2..1: 0 = 1", Verified),
            ("for i: squared_gradient[i] = 2*R[i]*abs(y[i])", Verified),
            ("interpolates and d = 2 implies flattest", Verified),
            ("n = 3 implies not interpolates", Vacuous),
            ("1 = 1/(n - 4)", Vacuous),
            ("not 1 = 1/(n - 4)", Vacuous),
            ("for i: 1 = 1/(i - 1)", Vacuous),
        ],
    );
}

#[test]
fn of_an_unbalanced_network() {
    // t^2 + 1/t^2 over 2 is 17/8 at t = 2
    decides(
        &memoriser("2"),
        &[
            ("interpolates", Verified),
            ("flattest", Refuted),
            ("not flattest", Verified),
            ("near_flattest_rel(9/8)", Verified),
            ("near_flattest_rel(9/8 - 1/10^30)", Refuted),
            ("near_flattest_abs(9/2*sqrt(3))", Verified),
            ("near_flattest_abs(7)", Refuted),
            ("sharpness = 17/2*sqrt(3)", Verified),
        ],
    );
}

#[test]
fn of_a_network_that_does_not_interpolate() {
    let rest = memoriser("1").replace("W2 = \"y[j]", "W2 = \"2*y[j]");
    decides(
        &rest,
        &[
            ("interpolates", Refuted),
            ("not interpolates", Verified),
            ("flattest", Refuted),
            ("near_flattest_abs(10^9)", Refuted),
            ("memorising", Refuted),
            ("lambda_max >= 0", Undecided),
            ("not lambda_max >= 0", Undecided),
            ("interpolates implies flattest", Vacuous),
            ("lambda_max >= 0 implies flattest", Undecided),
            ("population_mse = 1", Verified),
            ("population_deviation = 2", Refuted),
        ],
    );
}

#[test]
fn of_a_network_at_a_kink() {
    let rest = memoriser("1").replace("b1 = \"-t*3^(1/4)\"", "b1 = 0");
    decides(
        &rest,
        &[
            ("admissible", Refuted),
            ("not admissible", Verified),
            ("sharpness = 1", Vacuous),
            ("not sharpness = 1", Vacuous),
            ("f[1] = 2", Verified),
            ("admissible implies f[1] = 1", Vacuous),
        ],
    );
}

#[test]
fn out_of_reach() {
    // collinear points have no memoriser among our candidates
    let rest = "[data]
kind = \"points\"
points = [[0], [1], [2]]
labels = [1, 1, \"-3/2\"]
[network]
architecture = \"MLP-Bias\"
depth = 3
width = 2
W1 = [[1], [2]]
b1 = [1, -1]
W = [[[2, -1], [-1, 3]]]
WD = [\"1/2\", \"-1/2\"]
";
    decides(
        rest,
        &[
            ("flattest", Undecided),
            ("not flattest", Undecided),
            ("near_flattest_rel(1)", Undecided),
            ("near_flattest_rel(100)", Verified),
            ("W[2,2,1] = -1", Verified),
            ("max(i: h[i,2,2]) = 6", Verified),
            ("D = 3", Verified),
        ],
    );
}

#[test]
fn choices_and_conditions() {
    let text = "flatproof = 1
where = [\"d != 3\", \"n <= 2*d\"]
claims = [\"n = s\"]
[parameters]
d = [2, \"3..4\"]
s = \"1..d + 2\"
[data]
kind = \"formula\"
d = \"d\"
n = \"s\"
x = \"if(k < i, -1, 1)\"
labels = 1
[network]
architecture = \"2-MLP-Bias\"
width = 1
W1 = 0
b1 = 1
W2 = 1
";
    let condition_on_data = CaseFile::read(text, None).unwrap().choices();
    assert!(condition_on_data.is_err(), "there is no n before the data");
    let text = text.replace("n <= 2*d", "s <= 2*d - 1");
    let (choices, left_out) = CaseFile::read(&text, None).unwrap().choices().unwrap();
    let shown: Vec<String> = choices
        .iter()
        .map(|choice| format!("{} {}", choice[0].1, choice[1].1))
        .collect();
    let expected = [
        "2 1", "2 2", "2 3", "4 1", "4 2", "4 3", "4 4", "4 5", "4 6",
    ];
    assert_eq!(shown, expected);
    assert_eq!(left_out, 1 + 5);
}

#[test]
fn definitions_and_tables() {
    let rest = "[let]
\"fib[i]\" = \"if(i <= 2, 1, fib[i-1] + fib[i-2])\"
s = [1, \"1/2\"]
t = [[1, 2], [3, \"n\"]]
\"v[k]\" = \"s[k]\"
\"loop[i]\" = \"loop[i+1]\"
[data]
kind = \"points\"
points = [[1, 1]]
labels = \"x[i,1]\"
[network]
architecture = \"2-MLP-No-Bias\"
width = 1
W1 = [[1, \"s[k]\"]]
W2 = \"2/3\"
";
    decides(
        rest,
        &[
            ("fib[10] = 55", Verified),
            ("t[2,2] = 1", Verified),
            ("s[3] = 1", Vacuous),
            ("prediction(v) = 5/6", Verified),
            ("y[1] = 1", Verified),
        ],
    );
    let endless = file(&["loop[1] = 1"], rest);
    let stop = check(&endless, "case", None, || ()).unwrap_err();
    assert!(
        stop.to_string()
            .contains("deeper than 64, in the definition of loop"),
        "{stop}"
    );
}

/// Data, network, whether the least trace is attained by a candidate.
const BOUNDED: [(&str, &str, bool); 9] = [
    (
        "kind = \"cube\"\nd = 3",
        "construction = \"theorem-4.1-repaired\"\ndepth = 2",
        true,
    ),
    (
        "kind = \"cube\"\nd = 2",
        "construction = \"theorem-4.1-repaired\"\ndepth = 3",
        true,
    ),
    (
        "kind = \"cube\"\nd = 3",
        "construction = \"proposition-4.2-repaired\"\nwidth = 4",
        true,
    ),
    (
        "kind = \"cube\"\nd = 2",
        "construction = \"theorem-5.1-repaired\"\neps = \"1/10\"",
        true,
    ),
    (
        "kind = \"cube\"\nd = 3",
        "construction = \"proposition-5.2\"\neps = \"1/10\"",
        true,
    ),
    (
        "kind = \"complete\"\nd = 3\nset = \"smallest\"",
        "construction = \"batch-norm-generaliser\"\nscale = 10",
        true,
    ),
    // a neuron is dead at a label 0
    (
        "kind = \"points\"\npoints = [\"++\", \"--\"]\nlabels = [1, 0]",
        "construction = \"theorem-4.1-repaired\"\ndepth = 2",
        true,
    ),
    (
        "kind = \"points\"\npoints = [[1, 0], [0, 1]]\nlabels = [1, -2]",
        "architecture = \"2-MLP-No-Bias\"\nwidth = 2\nW1 = 1\nW2 = 1",
        true,
    ),
    // a neuron too few: no candidate is known
    (
        "kind = \"cube\"\nd = 2",
        "architecture = \"2-MLP-Bias\"\nwidth = 3\nW1 = 1\nb1 = \"1/2\"\nW2 = 1",
        false,
    ),
];

#[test]
fn candidates_attain_their_bounds() {
    for (data, network, attained) in BOUNDED {
        let file = file(
            &["interpolates"],
            &format!("[data]\n{data}\n[network]\n{network}\n"),
        );
        let mut frame = file.build_data(&Choice::new(), 0).unwrap();
        file.build_network(&mut frame).unwrap();
        let Infimum { lower, upper } = Infimum::of(&frame);
        let (lower, fact) = lower.unwrap();
        let equal = upper.as_ref().is_some_and(|(least, _)| *least == lower);
        assert_eq!(equal, attained, "{data}\n{network}");
        assert!(upper.as_ref().is_none_or(|(least, _)| *least >= lower));
        // what is said is decided again from its text, and no less would do
        if let Some((least, Evidence::Network(member))) = upper {
            let again = |member| recheck(&Witness::certificate("", "", vec![member]));
            again((*member).clone()).unwrap();
            let mut less = (*member).clone();
            for fact in &mut less.facts {
                if let Fact::Trace { value, .. } = fact {
                    *value = format!("{least} - 1/10^20");
                }
            }
            assert!(again(less).is_err());
        }
        assert!(matches!(fact, Fact::LeastTrace { .. } | Fact::CompleteSet));
    }
}

/// Long chains of definitions neither hang nor overflow the stack.
#[test]
fn many_definitions() {
    let chain = |count: usize| {
        let links = (1..count).map(|i| format!("u{i} = \"u{}\"\n", i + 1));
        let links: String = links.collect();
        let rest = memoriser("1").replace("[let]\n", &format!("[let]\n{links}u{count} = 1\n"));
        format!("flatproof = 1\nclaims = [\"interpolates\", \"u{count} = 1\"]\n{rest}")
    };
    // one more is t
    let file = CaseFile::read(&chain(MAX_DEFINITIONS - 1), None).unwrap();
    let (reports, _) = check(&file, "case", None, || ()).unwrap();
    let is_verified = |claim: &ClaimReport| claim.verdict == Verified;
    assert!(reports[0].claims.iter().all(is_verified));
    let misread = CaseFile::read(&chain(MAX_DEFINITIONS), None).unwrap_err();
    assert_eq!(misread.message, "more than 1000 definitions");
}

/// What a witness is not allowed the work to decide again is undecided, and that claim alone.
#[test]
fn facts_that_do_not_re_check() {
    let heavy = "sum(p = 1..200: sum(q = 1..200: sum(s = 1..50: 1))) = 2000000";
    let table = [
        ("interpolates", Verified),
        (heavy, Undecided),
        ("not flattest", Refuted),
    ];
    decides(&memoriser("1"), &table);
}
