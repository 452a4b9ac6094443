//! Lemma A.27 (Wen, Li, Ma 2023, Appendix A): if `a + d = b + c` then
//! `(relu a + relu d - relu b - relu c)^2 <= relu(a)^2 + relu(b)^2 + relu(c)^2 + relu(d)^2`,
//! with equality iff at least three of the four are <= 0.
//!
//! Checked over the rationals: on all quadruples of a small grid (every pattern of signs and ties)
//! and on random ones. It carries the lower bound of Scenario I (`lemma-a.1`, `bn-near-minimum`).

use super::hunt::Quarry;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::{generate, shrink};
use rand::RngExt;
use std::cmp::Ordering;

/// The case.
pub static CASE: Case = Case {
    id: "lemma-a.27",
    aliases: &[],
    title: "squares of relu sums on a parallelogram",
    kind: Kind::Inequality,
    place: "Appendix A",
    printed: "If a + d = b + c then (relu a + relu d - relu b - relu c)^2 <= relu(a)^2 + relu(b)^2 \
              + relu(c)^2 + relu(d)^2, with equality iff at least three of the four are <= 0.",
    hypotheses: "Real a, b, c, d with a + d = b + c.",
    construction: "By the signs: two positive numbers on one side force a positive one on the other.",
    remark: "",
    repairs: &[],
    control: "equality iff at least two of the four are <= 0",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "lemma-a.27",
            draw: |rng, _| ("random rationals", generate::vector(rng, 3)),
            judge: |v| Ok(check(&v[0], &v[1], &v[2], 3)),
            simpler: |v| shrink::vector(v),
        }
        .hunt(search)
    }),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Rational"]);
    let needed = match form {
        Form::Stated => 3,
        Form::Control => 2,
    };
    let check = |[a, b, c]: [Rational; 3]| Ok(check(&a, &b, &c, needed));
    tally.all("every sign pattern on a grid", grid(), check);
    let mut rng = run.rng("lemma-a.27");
    let mut number = || Rational::from((rng.random_range(-99i64..100), rng.random_range(1i64..30)));
    let random = (0..run.pick(200, 5_000, 50_000)).map(|_| [number(), number(), number()]);
    tally.all("random rationals", random.collect(), check);
    tally.finish("inequality and equality case hold")
}

/// All (a, b, c) with entries in -2..=2; d = b + c - a.
fn grid() -> Vec<[Rational; 3]> {
    let entries = || (-2i64..=2).map(Rational::from);
    let pairs = move |a: Rational| entries().map(move |b| (a.clone(), b));
    let triples = |(a, b): (Rational, Rational)| entries().map(move |c| [a.clone(), b.clone(), c]);
    entries().flat_map(pairs).flat_map(triples).collect()
}

fn check(a: &Rational, b: &Rational, c: &Rational, needed: usize) -> Finding {
    let d = b.add(c).sub(a);
    let all = [a, b, c, &d];
    let relu = |t: &Rational| {
        if t.cmp0().is_gt() {
            t.clone()
        } else {
            Rational::zero()
        }
    };
    let left = relu(a).add(&relu(&d)).sub(&relu(b)).sub(&relu(c)).square();
    let right = all
        .iter()
        .fold(Rational::zero(), |sum, t| sum.add(&relu(t).square()));
    let dead = all.iter().filter(|t| t.cmp0().is_le()).count();
    let holds = match left.cmp(&right) {
        Ordering::Greater => false,
        Ordering::Equal => dead >= needed,
        Ordering::Less => dead < needed,
    };
    Finding::from_check(holds, || {
        let relation = if left == right {
            Relation::Equal
        } else {
            Relation::Different
        };
        let numbers = ["a", "b", "c", "d"].iter().zip(all);
        let member = numbers.fold(Member::new("numbers"), |member, (name, value)| {
            member.parameter(name, &Radical::from_rational(value.clone()))
        });
        let says = format!(
            "a = {a}, b = {b}, c = {c}, d = {d}: the left side is {left}, the right side {right}, \
             and {dead} of the four are <= 0"
        );
        let compare = |left: String, is, right: String| Fact::Compare { left, is, right };
        let member = member
            .fact(compare("a + d".into(), Relation::Equal, "b + c".into()))
            .fact(compare(left.to_string(), relation, right.to_string()));
        Witness::refutation("lemma-a.27", says, vec![member])
    })
}
