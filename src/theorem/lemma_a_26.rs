//! Lemma A.26 (Wen, Li, Ma 2023, Appendix A): `|relu(x)^2 - relu(y)^2| <= (|x| + |y|) |x - y|`.
//!
//! Checked over the rationals: on a grid with every pattern of signs and ties, and on random pairs,
//! odd ones among them. Equality is common (`x, y >= 0`), so no smaller constant holds; test
//! `squares_vs_cases`.

use super::hunt::Quarry;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::{generate, shrink};

/// The case.
pub static CASE: Case = Case {
    id: "lemma-a.26",
    aliases: &[],
    title: "difference of squared relus",
    kind: Kind::Inequality,
    place: "Appendix A",
    printed: "|relu(x)^2 - relu(y)^2| <= (|x| + |y|) |x - y|.",
    hypotheses: "Real x, y.",
    construction: "Both positive: (x + y)|x - y| itself. One positive, say x: x^2 <= x (x - y).",
    remark: "",
    repairs: &[],
    control: "the right side times 1 - 10^-30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "lemma-a.26",
            draw: |rng, _| ("random rationals", generate::vector(rng, 2)),
            judge: |v| Ok(check(&v[0], &v[1], &Rational::from(1))),
            simpler: |v| shrink::vector(v),
        }
        .hunt(search)
    }),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Rational"]);
    let constant = match form {
        Form::Stated => Rational::from(1),
        Form::Control => one_minus_tiny(),
    };
    let check = |[x, y]: [Rational; 2]| Ok(check(&x, &y, &constant));
    tally.all("every sign pattern on a grid", grid(), check);
    let mut rng = run.rng(CASE.id);
    let mut number = || generate::rational(&mut rng);
    let random = (0..run.pick(200, 5_000, 50_000)).map(|_| [number(), number()]);
    tally.all("random rationals", random.collect(), check);
    tally.finish("the inequality holds")
}

/// `1 - 10^-30`.
fn one_minus_tiny() -> Rational {
    Rational::from(1) - Ring::pow(&Rational::from((1, 10)), 30)
}

/// All pairs with entries in -3..=3.
fn grid() -> Vec<[Rational; 2]> {
    let entries = || (-3i64..=3).map(Rational::from);
    let pairs = |x: Rational| entries().map(move |y| [x.clone(), y]);
    entries().flat_map(pairs).collect()
}

/// `(|relu(x)^2 - relu(y)^2|, (|x| + |y|) |x - y|)`.
fn sides(x: &Rational, y: &Rational) -> [Rational; 2] {
    let relu2 = |t: &Rational| t.clone().max(Rational::new()).square();
    let size = |t: &Rational| t.clone().abs();
    [
        size(&relu2(x).sub(&relu2(y))),
        (size(x) + size(y)).mul(&size(&x.sub(y))),
    ]
}

fn check(x: &Rational, y: &Rational, constant: &Rational) -> Finding {
    let [left, right] = sides(x, y);
    let right = right.mul(constant);
    Finding::from_check(left <= right, || {
        let says = format!("x = {x}, y = {y}: the left side is {left}, the right side {right}");
        let member = Member::new("numbers")
            .parameter("x", &Radical::from_rational(x.clone()))
            .parameter("y", &Radical::from_rational(y.clone()))
            .fact(Fact::Compare {
                left: left.to_string(),
                is: Relation::Greater,
                right: right.to_string(),
            });
        Witness::refutation(CASE.id, says, vec![member])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The left side by the four sign cases, without taking a maximum.
    #[test]
    fn squares_vs_cases() {
        for [x, y] in grid() {
            let by_cases = match (x.cmp0().is_gt(), y.cmp0().is_gt()) {
                (true, true) => Rational::from(&x + &y).mul(&x.sub(&y)).abs(),
                (true, false) => Ring::square(&x),
                (false, true) => Ring::square(&y),
                (false, false) => Rational::new(),
            };
            let [left, right] = sides(&x, &y);
            assert_eq!(left, by_cases);
            let both = x.cmp0().is_ge() && y.cmp0().is_ge();
            assert!(!both || left == right, "equality for x, y >= 0");
        }
    }
}
