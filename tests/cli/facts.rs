//! Facts of real witnesses, negated or moved: what was found cannot be turned into its opposite.

use super::{recheck, samples};
use flatproof::certificate::Witness;
use serde_json::Value;

/// The relation that holds exactly where this one does not.
fn opposite(relation: &str) -> &'static str {
    match relation {
        "<" => ">=",
        "<=" => ">",
        "=" => "!=",
        "!=" => "=",
        ">=" => "<",
        ">" => "<=",
        other => panic!("{other}"),
    }
}

/// The code for the witness with its fact `k` of member `m` replaced.
fn with_fact(witness: &Witness, (m, k): (usize, usize), fact: &Value) -> u8 {
    let mut value = serde_json::to_value(witness).unwrap();
    value["members"][m]["facts"][k] = fact.clone();
    recheck(value.to_string()).code
}

/// Calls `f` on every fact of every sample; a family of equal facts is cut short.
fn each_fact(mut f: impl FnMut(&Witness, (usize, usize), &Value)) {
    for witness in samples() {
        for (m, member) in witness.members.iter().enumerate().take(3) {
            for (k, fact) in member.facts.iter().enumerate().take(8) {
                f(witness, (m, k), &serde_json::to_value(fact).unwrap());
            }
        }
    }
}

#[test]
fn untouched_witnesses_are_accepted() {
    for witness in samples() {
        let answer = recheck(serde_json::to_string_pretty(witness).unwrap());
        assert_eq!(answer.code, 0, "{}: {answer:?}", witness.case);
    }
}

#[test]
fn negated_facts_are_refused() {
    let mut negated = 0;
    each_fact(|witness, place, fact| {
        let mut other = fact.clone();
        match (
            fact["is"].as_str(),
            fact["holds"].as_bool(),
            fact["count"].as_u64(),
        ) {
            // so many eigenvalues compare so: the others compare otherwise
            (_, _, Some(count)) => other["count"] = (count + 1).into(),
            (Some(is), _, _) => other["is"] = opposite(is).into(),
            (_, Some(holds), _) => other["holds"] = (!holds).into(),
            _ => return,
        }
        negated += 1;
        assert_eq!(
            with_fact(witness, place, &other),
            1,
            "{}: {other}",
            witness.case
        );
    });
    assert!(negated > 4, "{negated} facts were negated");
}

#[test]
fn moved_equalities_are_refused() {
    let mut moved = 0;
    each_fact(|witness, place, fact| {
        // that no eigenvalue equals the value says nothing about where it moves
        let is_equality = fact.get("is").is_none_or(|is| is == "=") && fact["count"] != 0;
        for field in ["value", "left", "right", "output"] {
            let Some(value) = fact[field].as_str().filter(|_| is_equality) else {
                continue;
            };
            let mut other = fact.clone();
            other[field] = format!("{value} + 1/10^30").into();
            moved += 1;
            assert_eq!(
                with_fact(witness, place, &other),
                1,
                "{}: {other}",
                witness.case
            );
        }
    });
    assert!(moved > 4, "{moved} equalities were moved");
}
