//! Condition 2 for P_xor, the printed width-4 network (Wen, Li, Ma 2023): it fits `y = x1 x2` on the
//! whole cube for every e in (0, 1), and no pre-activation is 0. Its path norm is
//! `4 sqrt(2 + 2e^2) / (2 - 2e)` (test `path_norm_vs_formula`).
//!
//! Checked over radicals (e itself may be irrational) on full cubes of small dimension and, by the
//! coordinates the network looks at, in dimension 30 and 64. Test
//! `network_vs_four_cases`.

use super::hunt::Quarry;
use super::hunt::draw::size;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::condition_2::{width_4, width_4_over};
use crate::data::Dataset;
use crate::data::xor::{self, BadDimension};
use crate::network::{Network, NoBias, Refusal};
use crate::population::exact::zero_one_error;
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::{below, between};
use crate::search::shrink;

/// The largest dimension of a full cube.
const CUBE: usize = 9;

/// The case.
pub static PRINTED: Case = Case {
    id: "condition-2-printed",
    aliases: &[],
    title: "width-4 network without bias for XOR",
    kind: Kind::Construction,
    place: "Condition 2, for Theorem A.1",
    printed: "For e in (0, 1) the rows (1+e, 1-e), (1+e, -1+e), (-1-e, 1-e), (-1-e, -1+e) on \
              coordinates 1, 2 and W2 = (1, -1, -1, 1) / (2 - 2e) fit y = x1 x2 with probability 1, \
              with bounded path norm; x is symmetric with covariance I.",
    hypotheses: "d >= 2, 0 < e < 1, rational or not, both ends approached to 10^-30.",
    construction: "At every sign pattern the neurons are 2, 2e, -2e, -2 in some order, and \
                   (2 - 2e) / (2 - 2e) = 1.",
    remark: "",
    repairs: &[],
    control: "W2 divided by 2 + 2e instead of 2 - 2e",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "condition-2-printed",
            draw: |rng, attempt| {
                let (d, q) = (1 + size(rng, attempt, 5), between(rng, 2, 999));
                (
                    "any d, any e",
                    (d, Rational::from((between(rng, 1, q - 1), q))),
                )
            },
            judge: |(d, e)| match *e > 0 && *e < 1 {
                true => check(*d, width_4(*d, &lift(e.clone()))?),
                false => Err(Finding::Vacuous("e is not in (0, 1)".into())),
            },
            simpler: |(d, e)| {
                let lower = (2..*d).map(|d| (d, e.clone()));
                let simpler = shrink::rational(e).into_iter().map(|e| (*d, e));
                lower.chain(simpler).collect()
            },
        }
        .hunt(search)
    }),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let build = |d: usize, e: &Radical| match form {
        Form::Stated => width_4(d, e),
        Form::Control => {
            let two = Radical::from_int(2);
            width_4_over(d, e, &two.add(&two.mul(e))) // 2 + 2e
        }
    };
    let check = |(d, e): (usize, Radical)| check(d, build(d, &e)?);
    let mut rng = run.rng(PRINTED.id);
    for d in 2..=run.pick(3, 6, CUBE) {
        let family = format!("full cube, d = {d}");
        let instances = boundary_e().into_iter().map(|e| (d, e)).collect();
        tally.all(&family, instances, check);
    }
    let mut random_e = || {
        let q = 2 + below(&mut rng, 1000) as i64;
        Rational::from((1 + below(&mut rng, q as usize - 1) as i64, q))
    };
    let random = (0..run.pick(5, 100, 1000)).map(|k| (2 + k % 3, lift(random_e())));
    tally.all("random e", random.collect(), check);
    let large = [30, 64].map(|d| (d, lift(random_e())));
    tally.all("large d", large.into(), check);
    tally.finish("the network fits x1 x2 on the whole cube, away from kinks")
}

fn lift(q: Rational) -> Radical {
    Radical::from_rational(q)
}

/// 1/2, 10^-30, 1 - 10^-30 and two irrational ones.
fn boundary_e() -> Vec<Radical> {
    let tiny = Ring::pow(&Rational::from((1, 10)), 30);
    let half = Radical::from_rational(Rational::from((1, 2)));
    let root = |q: i64| Radical::root_of(&Rational::from(q), 2).map(|root| root.mul(&half));
    [half.clone(), lift(tiny.clone()), lift(1 - tiny)]
        .into_iter()
        .chain([root(2), root(3)].into_iter().flatten()) // sqrt(2)/2, sqrt(3)/2
        .collect()
}

fn check(d: usize, net: NoBias<Radical>) -> Result<Finding, Finding> {
    let net = Network::NoBias(net);
    let data = training_set(d).map_err(|no| Finding::Undecided(no.to_string()))?;
    let fails = |why: String, fact: Fact| {
        let says = format!("d = {d}: {why}");
        let member = Member::new(format!("d = {d}")).data(&data).network(&net);
        let witness = Witness::refutation(PRINTED.id, says, vec![member.fact(fact)]);
        Ok(Finding::Fails(Box::new(witness)))
    };
    match net.admissible(&data.x) {
        Err(Refusal::Kink(kink)) => return fails(format!("kink: {kink}"), (&kink).into()),
        other => other?,
    };
    let outputs = net.outputs(&data.x, &data.x)?;
    if let Some(sample) = (0..data.len()).find(|i| outputs[*i] != data.y[*i]) {
        let (f, y) = (&outputs[sample], &data.y[sample]);
        let output = f.to_string();
        let why = format!("f = {f} at a point of label {y}");
        return fails(why, Fact::Misfit { sample, output });
    }
    let error = zero_one_error(&net, &data.x).map_err(|no| Finding::Undecided(no.to_string()))?;
    let value = error.to_string();
    if error.is_zero() {
        Ok(Finding::Holds)
    } else {
        fails(
            format!("the population error is {error}"),
            Fact::PopulationError {
                is: Relation::Equal,
                value,
            },
        )
    }
}

/// The full cube up to [`CUBE`]; beyond, one point per sign pattern of the two coordinates the network
/// looks at.
fn training_set(d: usize) -> Result<Dataset<Radical>, BadDimension> {
    let data = if d <= CUBE {
        xor::full_cube(d)?
    } else {
        let x: Vec<Vec<Rational>> = (0..4).map(|p| xor::point(p, d)).collect();
        let y = x.iter().map(|x| xor::label(x)).collect();
        Dataset { x, y }
    };
    Ok(data.map(|x| lift(x.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::construction::condition_2::balanced;
    use crate::scalar::{Ball, Ordered, Real};
    use crate::sharpness::closed_form;

    /// The four pre-activations at each sign pattern, by hand.
    #[test]
    fn network_vs_four_cases() {
        let e = Rational::from((1, 3));
        let net = width_4(2, &e).unwrap();
        for (s, t) in [(1i64, 1i64), (1, -1), (-1, 1), (-1, -1)] {
            let x = [s, t].map(Rational::from);
            let mut z: Vec<Rational> = net.first.iter().map(|w| Ring::dot(w, &x)).collect();
            z.sort();
            assert_eq!(z, [(-2, 1), (-2, 3), (2, 3), (2, 1)].map(Rational::from));
        }
    }

    /// `sum_j ||W1_j|| |W2_j| = 4 sqrt(2 + 2e^2) / (2 - 2e)`, and rescaling leaves it alone.
    #[test]
    fn path_norm_vs_formula() {
        for e in [(1, 2), (1, 7), (99, 100)].map(Rational::from) {
            let expected: Rational =
                (Ring::square(&e) * 2 + 2) / Ring::square(&(2 - e.clone() * 2)) * 16;
            let e = lift(e);
            for net in [width_4(4, &e).unwrap(), balanced(4, &e).unwrap()] {
                let size = |(row, w): (&Vec<Radical>, &Radical)| {
                    Radical::dot(row, row)
                        .sqrt()
                        .unwrap()
                        .mul(&w.abs().unwrap())
                };
                let sizes: Vec<Radical> = net.first.iter().zip(&net.last).map(size).collect();
                assert_eq!(Radical::sum(&sizes).square(), lift(expected.clone()));
            }
        }
    }

    /// P_xor is symmetric with covariance I, as Condition 2 asks.
    #[test]
    fn the_cube_is_symmetric_and_white() {
        for d in 2..=6 {
            let x = xor::full_cube(d).unwrap().x;
            for k in 0..d {
                for l in 0..d {
                    let total: Rational = x.iter().map(|x| x[k].mul(&x[l])).sum();
                    assert_eq!(total, if k == l { x.len() } else { 0 });
                }
            }
            assert!(
                x.iter()
                    .all(|a| x.contains(&a.iter().map(Ring::neg).collect()))
            );
        }
    }

    /// Over enclosures the same function; at e = 1 there is no network.
    #[test]
    fn radical_vs_ball() {
        let half = Ball::from_rational(&Rational::from((1, 2)), 64);
        let net = Network::NoBias(width_4(2, &half).unwrap());
        let x: Vec<Vec<Ball>> = (0..4).map(|p| xor::point(p, 2)).collect();
        for (p, f) in (0..4).zip(net.outputs(&x, &x).unwrap()) {
            assert!(f.contains(&Rational::from(xor::label_of_bits(p))));
        }
        assert!(width_4(2, &Rational::from(1)).is_err());
        assert!(closed_form::trace(&net, &x).is_ok());
    }
}
