//! Arbitrary bytes and mutated witnesses as input of `recheck`.
//!
//! Whatever passes after a mutation is held against a road of its own: the network over enclosures,
//! its trace by second-order jets. Enclosures cannot prove an equality, but they would contradict one
//! that is false.

use super::{is_proper, recheck, samples};
use flatproof::certificate::{Fact, Member, Relation, Witness};
use flatproof::scalar::{Ball, Ordered, Radical, text};
use flatproof::sharpness::definition::mse_trace;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Bits of the enclosures that passing witnesses are held against.
const BITS: u32 = 256;

/// A change at one place of a JSON text.
#[derive(Clone, Debug)]
enum Mutation {
    /// Remove what stands there.
    Delete,
    /// Put the same thing there twice.
    Double,
    /// Put this there instead.
    Replace(Value),
    /// A minus sign before a number.
    Negate,
    /// Add one part in 10^30 to a number.
    Move,
    /// An unknown field.
    Grow,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let texts = [
        "",
        "0",
        "1",
        "-1",
        "1/3",
        "1/0",
        "0/0",
        "NaN",
        "inf",
        "-inf",
        "1.5",
        "1e999",
        "+",
        "-",
        "++-",
        "sqrt(2)",
        "sqrt(-1)",
        "31^(1/4)",
        "2^(1/997)",
        "2^1000000",
        "10^10^10",
        "2^2^2^2^2^2^2",
        "((((((",
        "9999999999999999999999^(1/2)",
        "<",
        "=",
        ">",
        "2-MLP-Sim-BN",
        "MLP-Bias",
        "\u{0}\n",
    ];
    let texts = prop::sample::select(texts.to_vec()).prop_map(|text| json!(text));
    let others = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(7),
        json!(1e300),
        json!(u64::MAX),
        json!([]),
        json!({}),
        json!([[]]),
        json!(["1"]),
        json!({"scale": "2", "direction": ["1"]}),
        json!({"diagonal": ["1", "1"], "off": "0"}),
    ]);
    prop_oneof![
        2 => Just(Mutation::Delete),
        2 => Just(Mutation::Double),
        4 => texts.prop_map(Mutation::Replace),
        2 => others.prop_map(Mutation::Replace),
        1 => "\\PC{0,8}".prop_map(|text| Mutation::Replace(json!(text))),
        2 => Just(Mutation::Negate),
        2 => Just(Mutation::Move),
        1 => Just(Mutation::Grow),
    ]
}

/// The number of places in a value, itself included.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Object(fields) => fields.values().map(places).sum(),
        Value::Array(items) => items.iter().map(places).sum::<usize>(),
        _ => 0,
    }
}

/// Applies the mutation at the `place`-th place in depth-first order; false once it is done.
fn mutate(value: &mut Value, place: &mut usize, mutation: &Mutation) -> bool {
    if *place == 0 {
        match (mutation, &mut *value) {
            (Mutation::Negate, Value::String(text)) => *text = format!("-({text})"),
            (Mutation::Move, Value::String(text)) => *text += " + 1/10^30",
            (Mutation::Grow, Value::Object(fields)) => {
                fields.insert("more".into(), json!("1"));
            }
            (Mutation::Grow, Value::Array(items)) => items.push(json!("1")),
            (Mutation::Replace(other), value) => *value = other.clone(),
            (_, value) => *value = json!(0),
        }
        return false;
    }
    *place -= 1;
    match value {
        Value::Object(fields) => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            keys.into_iter().all(|key| match (mutation, *place) {
                (Mutation::Delete, 0) => {
                    fields.remove(&key);
                    false
                }
                _ => mutate(&mut fields[&key], place, mutation),
            })
        }
        Value::Array(items) => (0..items.len()).all(|i| match (mutation, *place) {
            (Mutation::Delete, 0) => {
                items.remove(i);
                false
            }
            (Mutation::Double, 0) => {
                items.insert(i, items[i].clone());
                false
            }
            _ => mutate(&mut items[i], place, mutation),
        }),
        _ => true,
    }
}

/// Where the numbers stand, as JSON pointers.
fn numbers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                numbers(value, format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                numbers(value, format!("{at}/{i}"), found);
            }
        }
        Value::String(text) if text::parse(text).is_ok() => found.push(at),
        _ => {}
    }
}

/// Another number than the one it is applied to, mostly.
fn change() -> impl Strategy<Value = &'static str> {
    let changes = [
        "-(_)",
        "(_) + 1/10^30",
        "(_) - 1/10^30",
        "2*(_)",
        "(_)/3",
        "(_)*31^(1/4)",
        "(_) + sqrt(2)",
        "0",
        "1",
        "-1",
    ];
    prop::sample::select(changes.to_vec())
}

/// What enclosures contradict in a witness that passed.
fn contradiction(witness: &Witness) -> Option<String> {
    witness.members.iter().find_map(|member| {
        let of =
            |fact: &Fact| contradicted(member, fact).then(|| format!("{fact:?} in {member:?}"));
        member.facts.iter().find_map(of)
    })
}

fn contradicted(member: &Member, fact: &Fact) -> bool {
    match fact {
        Fact::Compare { left, is, right } => {
            let sides = number(member, left).zip(number(member, right));
            sides.is_some_and(|(left, right)| refuses(&left, *is, &right))
        }
        Fact::Interpolates => outputs(member, &[])
            .is_some_and(|(f, y)| f.iter().zip(&y).any(|(f, y)| !f.intersects(y))),
        Fact::Prediction { at, is, value } => {
            let at: Option<Vec<Ball>> = at.iter().map(|x| number(member, x)).collect();
            let found = at
                .and_then(|at| outputs(member, &at))
                .and_then(|(f, _)| f.into_iter().next());
            let sides = found.zip(number(member, value));
            sides.is_some_and(|(found, value)| refuses(&found, *is, &value))
        }
        Fact::Trace { is, value } | Fact::HessianTrace { is, value } => {
            let sides = trace(member).zip(number(member, value));
            sides.is_some_and(|(found, value)| refuses(&found, *is, &value))
        }
        _ => false,
    }
}

/// Whether the enclosures exclude that the numbers compare so.
fn refuses(left: &Ball, is: Relation, right: &Ball) -> bool {
    left.compare(right).is_ok_and(|order| !is.admits(order))
}

fn number(member: &Member, expression: &str) -> Option<Ball> {
    let value = |text: &String| text::parse(text).ok();
    let names: Option<BTreeMap<String, Radical>> = member
        .parameters
        .iter()
        .map(|(name, text)| Some((name.clone(), value(text)?)))
        .collect();
    Some(text::parse_with(expression, &names?).ok()?.ball(BITS))
}

/// `f` over enclosures at the training inputs, or at `at` where it is not empty; and the labels.
fn outputs(member: &Member, at: &[Ball]) -> Option<(Vec<Ball>, Vec<Ball>)> {
    let ball = |x: &Radical| x.ball(BITS);
    let data = member.data.as_ref()?.read().ok()?;
    let net = member
        .network
        .as_ref()?
        .read(data.dim())
        .ok()?
        .map(ball, ball);
    let data = data.map(ball);
    let at = if at.is_empty() {
        data.x.clone()
    } else {
        vec![at.to_vec()]
    };
    Some((net.outputs(&data.x, &at).ok()?, data.y))
}

/// The trace of the Hessian by its definition, of small networks.
fn trace(member: &Member) -> Option<Ball> {
    let ball = |x: &Radical| x.ball(BITS);
    let data = member.data.as_ref()?.read().ok()?;
    let net = member.network.as_ref()?.read(data.dim()).ok()?;
    let small = net.parameter_count() * data.len() < 2_000;
    mse_trace(&net.map(ball, ball), &data.map(ball))
        .ok()
        .filter(|_| small)
}

/// A proper answer, and nothing false accepted.
fn judge(text: &[u8]) -> Result<u8, TestCaseError> {
    let answer = recheck(text);
    prop_assert!(is_proper(&answer).is_ok(), "{answer:?}");
    if answer.code == 0 {
        let text = std::str::from_utf8(text).expect("accepted");
        let witness = Witness::from_json(text).expect("accepted");
        prop_assert_eq!(contradiction(&witness), None);
    }
    Ok(answer.code)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_are_no_witness(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(judge(&bytes)?, 2);
    }

    #[test]
    fn text_is_no_witness(text in "[\\[\\]{}\",:0-9a-z+\\-\\\\ \n]{0,60}") {
        prop_assert_eq!(judge(text.as_bytes())?, 2);
    }

    #[test]
    fn cut_witnesses_are_unusable(sample: prop::sample::Index, at: prop::sample::Index) {
        let text = serde_json::to_string(sample.get(samples())).unwrap();
        prop_assert_eq!(judge(&text.as_bytes()[..at.index(text.len())])?, 2);
    }

    #[test]
    fn changed_bytes_get_an_answer(
        sample: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut text = serde_json::to_string_pretty(sample.get(samples())).unwrap().into_bytes();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        judge(&text)?;
    }

    #[test]
    fn mutated_witnesses_get_an_answer(
        sample: prop::sample::Index,
        mutations in prop::collection::vec((any::<prop::sample::Index>(), mutation()), 1..4),
    ) {
        let mut value = serde_json::to_value(sample.get(samples())).unwrap();
        for (place, mutation) in mutations {
            let mut place = place.index(places(&value));
            mutate(&mut value, &mut place, &mutation);
        }
        judge(value.to_string().as_bytes())?;
    }

    /// Still a witness, mostly, but of something else.
    #[test]
    fn changed_numbers_let_nothing_false_pass(
        sample: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..3),
    ) {
        let mut value = serde_json::to_value(sample.get(samples())).unwrap();
        let mut places = Vec::new();
        numbers(&value, String::new(), &mut places);
        for (place, change) in changes {
            let Some(Value::String(text)) = value.pointer_mut(place.get(&places[..]).as_str()) else {
                continue;
            };
            *text = change.replace('_', text);
        }
        judge(value.to_string().as_bytes())?;
    }
}

/// The mutations reach every place, and the judge of what passed can contradict.
#[test]
fn the_tools_of_this_file_work() {
    let value = json!({"a": ["x", "y"], "b": "z"});
    assert_eq!(places(&value), 5);
    let mutated: Vec<String> = (0..5)
        .map(|mut place| {
            let mut value = value.clone();
            assert!(!mutate(
                &mut value,
                &mut place,
                &Mutation::Replace(json!(7))
            ));
            value.to_string()
        })
        .collect();
    let expected = [
        "7",
        r#"{"a":7,"b":"z"}"#,
        r#"{"a":[7,"y"],"b":"z"}"#,
        r#"{"a":["x",7],"b":"z"}"#,
        r#"{"a":["x","y"],"b":7}"#,
    ];
    assert_eq!(mutated, expected);

    let mut contradicted = 0;
    for witness in samples() {
        assert_eq!(contradiction(witness), None);
        for member in &witness.members {
            for fact in &member.facts {
                let moved = |value: &String| format!("{value} + 1/10^30");
                let is = Relation::Equal;
                let other = match fact {
                    Fact::Trace {
                        is: Relation::Equal,
                        value,
                    } => Fact::Trace {
                        is,
                        value: moved(value),
                    },
                    Fact::Compare {
                        left,
                        is: Relation::Equal,
                        right,
                    } => Fact::Compare {
                        left: left.clone(),
                        is,
                        right: moved(right),
                    },
                    _ => continue,
                };
                let mut member = member.clone();
                member.facts = vec![other];
                let witness = Witness::certificate("c", "s", vec![member]);
                contradicted += usize::from(contradiction(&witness).is_some());
            }
        }
    }
    assert!(contradicted > 0, "nothing to contradict among the samples");
}
