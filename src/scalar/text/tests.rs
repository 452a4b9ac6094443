//! Tests of expressions: grammar, limits, garbage, and reading back what was printed.

use super::*;
use crate::scalar::Rational;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn refused(expression: &str) -> String {
    parse(expression).expect_err(expression).to_string()
}

#[test]
fn precedence_and_names() {
    let names = BTreeMap::from([
        ("d".into(), Radical::from(30)),
        ("D".into(), Radical::from(2)),
    ]);
    let with = |e: &str| parse_with(e, &names).unwrap();
    assert_eq!(with("(d+1)^(1/(2*D))"), parse("31^(1/4)").unwrap());
    assert_eq!(with("-D^2"), Radical::from(-4));
    assert_eq!(with(" 2 ^ 3 ^ 2 "), Radical::from(512));
    assert_eq!(with("7 - 2 - 1"), Radical::from(4));
    assert_eq!(with("12/2*3"), Radical::from(18));
    assert_eq!(with("4^-1/2"), Radical::from(Rational::from((1, 8))));
    assert_eq!(with("--d"), Radical::from(30));
    assert_eq!(with("0^0 + sqrt(0)"), Radical::from(1));
    assert_eq!(with("(sqrt(2) + 1)^2"), parse("3 + 2*sqrt(2)").unwrap());
    assert_eq!(with("(sqrt(2) + 1)^(-1)"), parse("sqrt(2) - 1").unwrap());
    assert_eq!(with("8^(2/3)"), Radical::from(4));
    assert_ne!(with("8^(2/3)"), Radical::from(5));
}

#[test]
fn errors_name_the_place() {
    let cases = [
        (
            "",
            "the expression ends where a number, a name or '(' should be at character 1",
        ),
        (
            "2 +",
            "the expression ends where a number, a name or '(' should be at character 4",
        ),
        (
            "0.5",
            "a decimal point is not exact: write p/q at character 2",
        ),
        (
            "2 ) 3",
            "')' where an operator or the end should be at character 3",
        ),
        (
            "(2",
            "the expression ends where an operator or ')' should be at character 3",
        ),
        ("1/0", "division by zero is undefined at character 3"),
        ("1/(2-2)", "division by zero is undefined at character 3"),
        ("0^(-1)", "division by zero is undefined at character 3"),
        (
            "1 + sqrt(-1)",
            "a root of a negative number is undefined at character 5",
        ),
        (
            "(-8)^(1/3)",
            "a root of a negative number is undefined at character 6",
        ),
        ("x", "unknown name \"x\" (known: none) at character 1"),
        (
            "2^1001",
            "an exponent p/q with |p| or q above 1000 at character 3",
        ),
        (
            "2^(1/1001)",
            "an exponent p/q with |p| or q above 1000 at character 3",
        ),
        ("2^sqrt(2)", "an exponent is not rational at character 3"),
        (
            "2\u{221a}",
            "an unknown character where an operator or the end should be at character 2",
        ),
    ];
    for (expression, message) in cases {
        assert_eq!(refused(expression), message, "{expression}");
    }
    assert!(refused("sqrt(1 + sqrt(2))").contains("a root of a sum"));
}

#[test]
fn limits_hold_on_both_sides() {
    let digits = |n: usize| "7".repeat(n);
    assert!(parse(&digits(MAX_DIGITS)).is_ok());
    assert!(refused(&digits(MAX_DIGITS + 1)).contains("digits"));
    let nested = |n: usize| format!("{}1{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert!(refused(&nested(MAX_DEPTH + 1)).contains("nesting"));
    assert!(refused(&"-".repeat(MAX_LENGTH)).contains("nesting"));
    assert!(refused(&"2^".repeat(MAX_LENGTH / 2)).contains("nesting"));
    assert!(refused(&" ".repeat(MAX_LENGTH + 1)).contains("longer"));
    assert!(parse("2^1000").is_ok());
    assert!(parse("sqrt(2^(1/500))").is_ok());
    assert!(refused("sqrt(2^(1/501))").contains("degree above 1000"));
    assert!(refused("(2^1000)^1000").contains("too large"));
}

/// Short inputs that would take ages or terabytes without the limits.
#[test]
fn hostile_input_ends() {
    let sums = |n: usize| -> String {
        (0..n)
            .map(|i| format!("(1+{}^(1/997))", 1_000_003 + 2 * i))
            .collect::<Vec<_>>()
            .join("*")
    };
    let roots = |n: usize, op: &str| -> String {
        let root = |i| format!("sqrt({})", 10_000_000_019_u64 + 2 * i as u64);
        (0..n).map(root).collect::<Vec<_>>().join(op)
    };
    let huge = "9".repeat(MAX_DIGITS);
    let hostile = [
        sums(400),
        roots(5000, "+"),
        roots(5000, "*"),
        "1/(1+2^(1/61))".to_owned() + &"/(1+2^(1/61))".repeat(5000),
        format!("({huge}+sqrt(2))^1000"),
        format!("{huge}^(999/1000)*{huge}^(1/1000)"),
        format!("1/(sqrt({huge}-1)+sqrt({huge}-3)+sqrt({huge}-7))"),
        format!("sqrt({huge})-{huge}^(1/2)"),
        vec!["99999/99991"; 8000].join("*"),
        vec!["99999^1000"; 9000].join("*"),
        (2..8000)
            .map(|i| format!("1/{i}"))
            .collect::<Vec<_>>()
            .join("+"),
        format!("{}2{}", "sqrt(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH)),
    ];
    for expression in hostile {
        let start = Instant::now();
        let result = parse(&expression).map(|_| ());
        let time = start.elapsed();
        println!("{expression:.40}: {result:?} {time:?}");
        assert!(
            time < Duration::from_secs(10),
            "{expression:.60}: {result:?}"
        );
    }
}

proptest! {
    #[test]
    fn garbage_is_refused_politely(garbage in ".{0,60}") {
        let _ = parse(&garbage);
    }

    #[test]
    fn near_expressions_end(tokens in prop::collection::vec(prop::sample::select(vec![
        "1", "2", "7", "31", "1009", "10^9", "0", "+", "-", "*", "/", "^", "(", ")", "(", ")",
        "sqrt(", "(1/4)", "^(1/2)", "^3", "^(-2/3)", " ", ".", "x",
    ]), 0..24)) {
        if let Ok(value) = parse(&tokens.concat()) {
            prop_assert_eq!(parse(&value.to_string()), Ok(value));
        }
    }
}

/// `v[i] = i^2` for i in 1..4, and a function that adds.
struct Squares;

impl Scope for Squares {
    fn value(&self, name: &str, indices: &[i64], _: &Meter) -> Option<Result<Radical, Fault>> {
        match (name, indices) {
            ("v", [i @ 1..=4]) => Some(Ok(Radical::from(i * i))),
            ("v", _) => Some(Err(Fault::new(Trouble::Name, "v has the indices 1 to 4"))),
            _ => None,
        }
    }
    fn range(&self, index: &str) -> Option<(i64, i64)> {
        (index == "i").then_some((1, 4))
    }
    fn known(&self) -> Vec<String> {
        vec!["v".into()]
    }
}

#[test]
fn indices_sums_and_branches() {
    let value = |text: &str| evaluate(text, &Squares);
    let is = |text: &str, wanted: i64| assert_eq!(value(text), Ok(Radical::from(wanted)), "{text}");
    is("sum(i: v[i])", 30);
    is("sum(i = 2..3: v[i]) - v[1 + 1]", 9);
    is(
        "sum(l = 1..4: sum(i = 1..l: l*v[i]))",
        1 + 2 * 5 + 3 * 14 + 4 * 30,
    );
    is("sum(i = 3..2: v[i])", 0);
    is("max(i: (-1)^i*v[i])", 16);
    is("min(i: (-1)^i*v[i])", -9);
    is("min(v[2], 7, 5) + max(3)", 7);
    is("if(v[2] = 4, 1, 2)", 1);
    is("if(v[2] < 4, 1, v[2] >= 4 and v[3] != 9, 2, 3)", 3);
    is("if(1 = 1, 5, 1/0)", 5);
    is(
        "floor(-7/2) + mod(-7, 3) + abs(-2) + sign(-sqrt(2)) + relu(-3)",
        -4 + 2 + 2 - 1,
    );
    let error = |text: &str| value(text).unwrap_err().to_string();
    assert!(error("v[5]").starts_with("v has the indices 1 to 4 at character 1"));
    assert!(error("w[1]").starts_with("unknown name \"w\" (known: v)"));
    assert!(error("v[1/2]").starts_with("1/2 is not an integer of a usable size"));
    assert!(error("sum(l: 1)").contains("no range of its own, as i, j and k have: write l = 1..n"));
    assert!(error("max(i = 2..1: 1)").contains("no values is undefined"));
    assert!(error("mod(1)").starts_with("write mod(a, b)"));
    assert!(error("if(1, 2)").contains("one of < <= = != >= >"));
    is("if(1 = 1, 2)", 2);
    assert!(error("if(1 = 2, 2)").contains("no condition of this if holds"));
    assert!(error("sum(i = 1..10^7: 1)").contains("more than 100000 values"));
    assert!(error("sum(i = 1..9^5: sum(l = 1..9^5: 1))").contains("too much work"));
    let deep = "if(".repeat(MAX_DEPTH + 1);
    assert!(error(&deep).contains("nesting deeper"));
}
