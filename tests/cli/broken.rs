//! The negative corpus: for each kind of fact one that holds, and one just beside it that does not.
//!
//! Equalities are missed by one part in 10^30, strict relations by a tie, the others by the smallest
//! change of the network or the data. `recheck` must accept the first (code 0) and refuse the second
//! (code 1). That no kind is left out is asked of the format itself.

use super::{is_proper, recheck};
use flatproof::certificate::Fact;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Data and network of a member.
type Scene = Value;

fn witness(scene: &Scene, fact: &Value) -> String {
    let mut member = scene.clone();
    member["name"] = "m".into();
    member["facts"] = json!([fact]);
    json!({
        "schema": "flatproof.witness/1", "case": "c", "purpose": "refutation", "says": "s",
        "members": [member],
    })
    .to_string()
}

fn code(scene: &Scene, fact: &Value) -> u8 {
    let answer = recheck(witness(scene, fact));
    is_proper(&answer).unwrap();
    answer.code
}

/// One point ++ of the square and one biased neuron `relu(w . x + b)` read out by 1.
fn neuron(row: [&str; 3], label: &str) -> Scene {
    json!({
        "data": {"points": ["++"], "labels": [label]},
        "network": {"architecture": "MLP-Bias", "first": [row], "last": ["1"]},
    })
}

/// `f(x) = relu(x_1)` on ++ with label 1: interpolating, memorising, `||grad f||^2 = 3 + 1`.
fn line() -> Scene {
    neuron(["1", "0", "0"], "1")
}

/// {-1,1}^2 with its labels, but for the last, and batch norm with these neurons, gamma 1, W2 2.
fn square(rows: &[[&str; 3]], last_label: &str) -> Scene {
    json!({
        "data": {"points": ["++", "+-", "-+", "--"], "labels": ["1", "-1", "-1", last_label]},
        "network": {
            "architecture": "2-MLP-Sim-BN", "first": rows,
            "gamma": vec!["1"; rows.len()], "last": vec!["2"; rows.len()],
        },
    })
}

/// The neuron `relu(x_1 + x_2 + 1)`: 3, 1, 1, dead; `a^2 = 11/4`, `alpha = 1/sqrt(11)`.
fn slope() -> Scene {
    square(&[["1", "1", "1"]], "1")
}

fn layer_norm(eps: &str) -> Scene {
    json!({
        "data": {"points": ["++"], "labels": ["1"]},
        "network": {"architecture": "2-MLP-Sim-LN", "first": [["1", "0", "0"]], "last": ["1"], "eps": eps},
    })
}

/// One input 1 with label 1 and the neuron `relu(x)` without bias.
fn ray() -> Scene {
    json!({
        "data": {"points": ["+"], "labels": ["1"]},
        "network": {"architecture": "2-MLP-No-Bias", "first": [["1"]], "last": ["1"]},
    })
}

fn tail() -> Scene {
    json!({
        "data": {"points": ["+++"], "labels": ["1"]},
        "network": {"architecture": "2-MLP-No-Bias", "first": [["1", "0", "2"]], "last": ["1/3"]},
    })
}

fn points(points: Value) -> Scene {
    let labels = vec!["1"; points.as_array().map_or(0, Vec::len)];
    json!({"data": {"points": points, "labels": labels}})
}

/// A fact with `"is": "="` and this value, and the same missed by one part in 10^30.
fn equality(scene: Scene, fact: Value, value: &str) -> [(Scene, Value); 2] {
    [value.to_owned(), format!("{value} + 1/10^30")].map(|value| {
        let mut fact = fact.clone();
        fact["is"] = "=".into();
        fact["value"] = value.into();
        (scene.clone(), fact)
    })
}

/// One fact that holds in one scene and not in the other.
fn scenes(fact: Value, holds: Scene, fails: Scene) -> [(Scene, Value); 2] {
    [(holds, fact.clone()), (fails, fact)]
}

/// One scene in which one fact holds and the other does not.
fn facts(scene: Scene, holds: Value, fails: Value) -> [(Scene, Value); 2] {
    [(scene.clone(), holds), (scene, fails)]
}

/// Pairs of a fact that holds and one that does not.
fn corpus() -> Vec<[(Scene, Value); 2]> {
    let kink = neuron(["1", "-1", "0"], "0");
    let mut corpus = first_order(&kink);
    corpus.extend(second_order());
    corpus.extend(batch_norm());
    corpus
}

/// The network of [`line`] is that function there; `row` is the other's only neuron.
fn same(on: &str, row: [&str; 3]) -> Value {
    let other = json!({"architecture": "MLP-Bias", "first": [row], "last": ["1"]});
    json!({"fact": "same_function", "on": on, "other": other})
}

/// The network of [`line`] differs from that function at a point of it.
fn differs(on: &str, row: [&str; 3], at: [&str; 2]) -> Value {
    let mut fact = same(on, row);
    (fact["fact"], fact["at"]) = ("differs".into(), json!(at));
    fact
}

fn first_order(kink: &Scene) -> Vec<[(Scene, Value); 2]> {
    let at = json!({"fact": "zero_pre_activation", "layer": 0, "neuron": 0, "sample": 0});
    let norm = json!({"fact": "norm_is_eps", "sample": 0});
    let inputs = points(json!([["0"], ["1"], ["-1"]]));
    let all =
        json!({"fact": "for_all", "index": "j", "left": "abs(W2[j])", "is": "<=", "right": "2"});
    let mut strict = all.clone();
    strict["is"] = "<".into();
    let language = |left: &str| json!({"fact": "compare", "left": left, "is": "=", "right": "4"});
    let (other, near) = (["0", "1", "0"], ["1", "0", "1/10^30"]);
    vec![
        facts(slope(), all, strict),
        facts(
            line(),
            language("sum(i: squared_gradient[i])"),
            language("sum(i: squared_gradient[i]) + 1/10^30"),
        ),
        facts(
            json!({"parameters": {"k": "10^30"}}),
            json!({"fact": "compare", "left": "sqrt(k^2 + 1)", "is": ">", "right": "k"}),
            json!({"fact": "compare", "left": "sqrt(k^2)", "is": ">", "right": "k"}),
        ),
        scenes(json!({"fact": "admissible"}), line(), kink.clone()),
        scenes(at, kink.clone(), neuron(["1", "-1", "1/10^30"], "0")),
        scenes(norm, layer_norm("1"), layer_norm("1 + 1/10^30")),
        scenes(
            json!({"fact": "interpolates"}),
            line(),
            neuron(["1", "0", "0"], "1 + 1/10^30"),
        ),
        scenes(
            json!({"fact": "misfit", "sample": 0, "output": "1"}),
            neuron(["1", "0", "0"], "1 + 1/10^30"),
            line(),
        ),
        equality(
            line(),
            json!({"fact": "prediction", "at": ["1/2", "5"]}),
            "1/2",
        ),
        facts(
            line(),
            json!({"fact": "memorising", "holds": true}),
            json!({"fact": "memorising", "holds": false}),
        ),
        facts(
            line(),
            json!({"fact": "population_error", "value": "3/4"}),
            json!({"fact": "population_error", "value": "3/4 - 1/10^30"}),
        ),
        equality(line(), json!({"fact": "population_error"}), "3/4"),
        // relu(x_1) and relu(x_2) agree at ++ alone
        facts(line(), same("train", other), same("cube", other)),
        facts(line(), same("cube", ["1", "0", "0"]), same("cube", near)),
        facts(
            line(),
            differs("cube", other, ["1", "-1"]),
            differs("train", other, ["1", "-1"]),
        ),
        facts(
            line(),
            differs("cube", near, ["1", "-1"]),
            differs("cube", near, ["-1", "-1"]),
        ),
        facts(
            json!({}),
            json!({"fact": "quadrants_out_of_reach", "width": 2}),
            json!({"fact": "quadrants_out_of_reach", "width": 3}),
        ),
        facts(
            points(json!(["++", "+-"])),
            json!({"fact": "separator", "sample": 0, "w": ["0", "1"]}),
            json!({"fact": "separator", "sample": 0, "w": ["1", "0"]}),
        ),
        facts(
            inputs,
            json!({"fact": "combination", "sample": 0, "weights": ["0", "1/2", "1/2"]}),
            json!({"fact": "combination", "sample": 0,
                "weights": ["0", "1/2 + 1/10^30", "1/2 - 1/10^30"]}),
        ),
        equality(tail(), json!({"fact": "tail_squared", "neuron": 0}), "4"),
        equality(
            tail(),
            json!({"fact": "relative_tail_squared", "neuron": 0}),
            "4/5",
        ),
    ]
}

fn second_order() -> Vec<[(Scene, Value); 2]> {
    let derivative = json!({"fact": "logistic_derivative", "order": 1, "p": "1/4", "odds": "1/3", "label": true});
    let logistic = |value: &str| json!({"fact": "logistic_trace", "p": "1/4", "odds": "1/3", "is": "<", "value": value});
    vec![
        equality(line(), json!({"fact": "trace"}), "8"),
        equality(line(), json!({"fact": "hessian_trace"}), "8"),
        equality(json!({}), derivative, "0"),
        facts(
            ray(),
            logistic("3/16 + 1/10^30"),
            logistic("3/16 - 1/10^30"),
        ),
        equality(
            line(),
            json!({"fact": "squared_gradient", "sample": 0}),
            "4",
        ),
        facts(
            line(),
            json!({"fact": "trace_against_bound", "is": ">"}),
            json!({"fact": "trace_against_bound", "is": "="}),
        ),
        equality(line(), json!({"fact": "eigenvalues", "count": 1}), "8"),
        equality(line(), json!({"fact": "least_trace"}), "4*sqrt(3)"),
    ]
}

fn batch_norm() -> Vec<[(Scene, Value); 2]> {
    let dead = |bias| square(&[["1", "1", "1"], ["1", "1", bias]], "1");
    let three = square(&[["1", "1", "1"], ["1", "-1", "1"], ["1", "1", "3"]], "1");
    let zero = json!({"fact": "zero_normaliser", "neuron": 1});
    let complete = json!({"fact": "complete_set"});
    vec![
        scenes(zero, dead("-2"), dead("-2 + 1/10^30")),
        scenes(complete, slope(), square(&[["1", "1", "1"]], "-1")),
        equality(three, json!({"fact": "least_coefficient_sum"}), "3"),
        equality(
            slope(),
            json!({"fact": "alignment", "neuron": 0}),
            "1/sqrt(11)",
        ),
        equality(
            slope(),
            json!({"fact": "misaligned_mass"}),
            "2*(1 - 1/sqrt(11))",
        ),
        equality(slope(), json!({"fact": "coefficient_sum"}), "2"),
        equality(slope(), json!({"fact": "norm_sum"}), "5"),
        equality(slope(), json!({"fact": "active_coefficients"}), "2"),
        equality(slope(), json!({"fact": "largest_activation"}), "6/sqrt(11)"),
    ]
}

#[test]
fn facts_just_beside_the_truth_are_refused() {
    for [(scene, holds), (other, fails)] in corpus() {
        assert_eq!(holds["fact"], fails["fact"]);
        assert_eq!(code(&scene, &holds), 0, "{holds} in {scene}");
        assert_eq!(code(&other, &fails), 1, "{fails} in {other}");
    }
}

/// The parser itself names the kinds of facts it knows.
#[test]
fn the_corpus_has_every_kind_of_fact() {
    let refusal = serde_json::from_str::<Fact>(r#"{"fact": "?"}"#)
        .unwrap_err()
        .to_string();
    let kinds: BTreeSet<&str> = refusal.split('`').skip(3).step_by(2).collect();
    assert!(kinds.contains("compare") && kinds.len() > 20, "{refusal}");
    let corpus = corpus();
    let covered: BTreeSet<&str> = corpus
        .iter()
        .map(|pair| pair[0].1["fact"].as_str().unwrap())
        .collect();
    let missing: Vec<_> = kinds.difference(&covered).collect();
    assert!(
        missing.is_empty(),
        "give these a pair in the corpus: {missing:?}"
    );
}

/// What is not a witness at all: code 2.
#[test]
fn unreadable_witnesses_are_unusable_input() {
    let trace = json!({"fact": "trace", "is": "=", "value": "8"});
    let good = witness(&line(), &trace);
    assert_eq!(recheck(&good).code, 0);
    let replacements = [
        (r#""1","0","0""#, r#""1","0""#, "a row too short"),
        (r#""1","0","0""#, r#""1","0","0","0""#, "a row too long"),
        (r#"[["1","0","0"]]"#, "[]", "width 0"),
        (
            r#"[["1","0","0"]]"#,
            r#"[{"scale":"1"}]"#,
            "a row without its direction",
        ),
        (r#""last":["1"]"#, r#""last":[]"#, "no last layer"),
        (
            r#""last":["1"]"#,
            r#""last":["1"],"hidden":[[]]"#,
            "a hidden layer of height 0",
        ),
        (r#""points":["++"]"#, r#""points":[]"#, "no data"),
        (r#""points":["++"]"#, r#""points":[""]"#, "d = 0"),
        (
            r#""points":["++"]"#,
            r#""points":["++", "+"]"#,
            "two dimensions",
        ),
        (
            r#""points":["++"]"#,
            r#""points":["+0"]"#,
            "a sign that is none",
        ),
        (
            r#""labels":["1"]"#,
            r#""labels":["1","1"]"#,
            "a label too many",
        ),
        (r#""labels":["1"]"#, r#""labels":["NaN"]"#, "NaN"),
        (r#""labels":["1"]"#, r#""labels":["inf"]"#, "inf"),
        (r#""labels":["1"]"#, r#""labels":[1]"#, "a JSON number"),
        (r#""labels":["1"]"#, r#""labels":["1.0"]"#, "a decimal"),
        (r#""labels":["1"]"#, r#""labels":["1e400"]"#, "a float"),
        (
            r#""labels":["1"]"#,
            r#""labels":["1/0"]"#,
            "a division by zero",
        ),
        (r#""labels":["1"]"#, r#""labels":["10^10^10"]"#, "a tower"),
        (
            r#""labels":["1"]"#,
            r#""labels":["(-1)^(1/2)"]"#,
            "an imaginary number",
        ),
        (
            r#""labels":["1"]"#,
            r#""labels":["1"],"weights":[]"#,
            "an unknown field",
        ),
        (
            r#""value":"8""#,
            r#""value":"8,""#,
            "a value that is no number",
        ),
        (
            r#""value":"8""#,
            r#""value":"nobody""#,
            "a name that is not given",
        ),
        (r#""is":"=""#, r#""is":"~""#, "no relation"),
        (r#""fact":"trace""#, r#""fact":"tr""#, "no fact"),
        (
            r#""fact":"trace""#,
            r#""fact":"admissible""#,
            "a field that is not the fact's",
        ),
        (r#""MLP-Bias""#, r#""MLP""#, "no architecture"),
        (r#"witness/1"#, r#"witness/2"#, "another version"),
        (r#""refutation""#, r#""proof""#, "no purpose"),
    ];
    for (from, to, what) in replacements {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{what}");
        let answer = recheck(&text);
        assert_eq!(answer.code, 2, "{what}: {answer:?}");
        is_proper(&answer).unwrap();
    }
    let no_fact = good.replacen(&trace.to_string(), "", 1);
    assert_eq!(recheck(no_fact).code, 2, "no fact");
}
