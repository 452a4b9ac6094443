//! No bias on the full cube (ours): the infimum of the trace is `4 sqrt(2d)`, no admissible network
//! attains it, and the literal formula at its limit gives the smaller `4 sqrt(d)`.
//!
//! 1. If the inputs are symmetric (`S = -S`), white (`sum x x^T = n I`) and no pre-activation is 0, an
//!    interpolating network has `Tr = d ||W2||^2 + ||W1||^2`: of x and -x each neuron sees one.
//! 2. `E[x1 x2 relu(w.x)] <= (sqrt(2)/4) ||w||` on the cube, with equality iff `|w_1| = |w_2|` and the
//!    rest is 0. With `A = w_1 + w_2`, `B = w_1 - w_2`, `u` the rest: the left side is
//!    `E_u [max(|A|, |u|) - max(|B|, |u|)] / 4 <= min(|w_1|, |w_2|) / 2` (test
//!    `correlation_vs_maxima`).
//! 3. So `1 = E[y f] <= (sqrt(2)/4) sum |W2_j| ||W1_j||` and `Tr >= 2 sqrt(d) sum |W2_j| ||W1_j||
//!    >= 4 sqrt(2d)`. The network of Condition 2, balanced, has `8 sqrt(d) sqrt(2 + 2e^2) / (2 - 2e)`.
//! 4. Equality asks for rows `(+-1, +-1, 0, ..., 0)`, which have pre-activations 0: a kink.

use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::condition_2::{balanced, rescaled, width_4};
use crate::data::{Dataset, xor};
use crate::linalg::solve;
use crate::network::{Network, NoBias, Refusal};
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring};
use crate::search::generate::{self, below, between};
use crate::search::networks::{self, Kind as Architecture};
use crate::sharpness::closed_form::{self, mean_twice, squared_gradients_at};
use rand::Rng;
use std::cmp::Ordering;

/// The case.
pub static CASE: Case = Case {
    id: "no-bias-cube",
    aliases: &["t10"],
    title: "no bias on the full cube: 4 sqrt(2d), not attained",
    kind: Kind::Universal,
    place: "ours",
    printed: "If S = -S, sum x x^T = n I and no pre-activation is 0, then Tr = d ||W2||^2 + ||W1||^2 at an \
              interpolator. On the full cube E[x1 x2 relu(w.x)] <= (sqrt(2)/4) ||w||, so Tr > 4 sqrt(2d) for \
              every admissible interpolator, and 4 sqrt(2d) is the infimum. At its limit, a kink, the \
              formula with 1[z > 0] gives 4 sqrt(d).",
    hypotheses: "Identity: any symmetric white inputs, repeated ones too. Bound: full cubes, any width.",
    construction: "The network of Condition 2 with rows times r, W2 over r, \
                   r^2 = sqrt(d) |W2_j| / ||W1_j||, e -> 0.",
    remark: "The argmin of Theorem 3.1 is therefore empty on the full cube. E[x1 x2 relu(w.x)] = \
             E_u [max(|A|,|u|) - max(|B|,|u|)] / 4 with A = w_1 + w_2, B = w_1 - w_2, u the other \
             coordinates; it is at most min(|w_1|, |w_2|) / 2.",
    repairs: &[],
    control: "the lower bound 4 sqrt(2d) times 1 + 10^-30",
    file: file!(),
    coq: None,
    hunt: None,
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Rational", "Radical"]);
    let rng = &mut run.rng(CASE.id);
    let bound = match form {
        Form::Stated => "4*sqrt(2*d)",
        Form::Control => "4*sqrt(2*d)*(1+1/10^30)",
    };
    let check = |(d, net): (usize, NoBias<Radical>)| above_bound(d, net, bound);
    tally.all(
        "Condition 2, balanced, e -> 0",
        balanced_ones(run),
        |(d, e)| approaching(d, &e, bound),
    );
    let mut interpolators = Vec::new();
    for _ in 0..run.pick(3, 40, 400) {
        interpolators.extend(random_interpolator(rng));
    }
    tally.all("random interpolators of the cube", interpolators, check);
    let white = (0..run.pick(6, 120, 1_200)).filter_map(|k| white_instance(rng, k));
    tally.all("symmetric white inputs", white.collect(), identity);
    let rows = (0..run.pick(40, 1_000, 10_000)).map(|k| random_row(rng, k));
    tally.all("one row against its norm", rows.collect(), |w| {
        Ok(correlation_bound(&w))
    });
    let dimensions = (2..=run.pick(4, 8, 12)).collect();
    tally.all("the limit e = 0", dimensions, at_the_limit);
    tally.finish(
        "Tr > 4 sqrt(2d) at every interpolator, approached, never attained; the limit is a kink",
    )
}

fn lift(q: &Rational) -> Radical {
    Radical::from_rational(q.clone())
}

/// `(d, e)` from readable ones down to e = 10^-40.
fn balanced_ones(run: &Run) -> Vec<(usize, Rational)> {
    let tiny = |k: u32| Ring::pow(&Rational::from((1, 10)), k);
    let e = || {
        [
            Rational::from((1, 2)),
            Rational::from((1, 7)),
            tiny(6),
            tiny(12),
            tiny(40),
        ]
    };
    (2..=run.pick(3, 7, 9))
        .flat_map(|d| e().map(|e| (d, e)))
        .collect()
}

fn cube(d: usize) -> Result<Dataset<Radical>, Finding> {
    let cube = xor::full_cube(d).map_err(|no| Finding::Undecided(no.to_string()))?;
    Ok(cube.map(lift))
}

/// The trace `is` the expression in d.
fn trace_fact(is: Relation, value: &str) -> Fact {
    Fact::Trace {
        is,
        value: value.into(),
    }
}

fn member(d: usize, data: &Dataset<Radical>, net: &Network<Radical>) -> Member {
    Member::new(format!("d = {d}"))
        .parameter("d", &Radical::from_int(d as i64))
        .data(data)
        .network(net)
}

fn fails(says: String, member: Member) -> Result<Finding, Finding> {
    let witness = Witness::refutation(CASE.id, says, vec![member]);
    Ok(Finding::Fails(Box::new(witness)))
}

/// `4 sqrt(2d)`.
fn infimum(d: usize) -> Result<Radical, NoValue> {
    Radical::root_of(&Rational::from(32 * d), 2)
}

/// The balanced network of Condition 2: its trace by the formula, above the infimum and at most
/// `1 + 2e` times it (`sqrt(1 + e^2) / (1 - e) <= 1 + 2e` for e <= 1/4), and above `bound`.
fn approaching(d: usize, e: &Rational, bound: &str) -> Result<Finding, Finding> {
    let exact = lift(e);
    let net = balanced(d, &exact)?;
    let data = cube(d)?;
    let trace = closed_form::trace(&Network::NoBias(net.clone()), &data.x)?;
    let (one, two) = (Radical::one(), Radical::from_int(2));
    let norm = two.add(&two.mul(&exact.square())).sqrt()?; // sqrt(2 + 2e^2)
    let formula = Radical::root_of(&Rational::from(64 * d), 2)?
        .mul(&norm)
        .div(&two.sub(&two.mul(&exact)))?; // 8 sqrt(d) sqrt(2 + 2e^2) / (2 - 2e)
    let near = trace <= infimum(d)?.mul(&one.add(&two.mul(&exact)));
    if trace != formula || (*e <= Rational::from((1, 4)) && !near) {
        let net = Network::NoBias(net);
        let value = trace.to_string();
        let says = format!("d = {d}, e = {e}: the trace is {trace}, not {formula}");
        return fails(
            says,
            member(d, &data, &net).fact(trace_fact(Relation::Equal, &value)),
        );
    }
    above_bound(d, net, bound)
}

/// An interpolator of the full cube has a trace above `bound`.
fn above_bound(d: usize, net: NoBias<Radical>, bound: &str) -> Result<Finding, Finding> {
    let data = cube(d)?;
    let net = Network::NoBias(net);
    if net.outputs(&data.x, &data.x)? != data.y {
        return Ok(Finding::Undecided(
            "an instance does not interpolate".into(),
        ));
    }
    let trace = closed_form::trace(&net, &data.x)?;
    let member = member(d, &data, &net);
    let names = [("d".to_string(), Radical::from_int(d as i64))].into();
    let limit = crate::scalar::text::parse_with(bound, &names)
        .map_err(|no| Finding::Undecided(no.to_string()))?;
    if trace > limit {
        return Ok(Finding::Holds);
    }
    let says = format!(
        "d = {d}, width {}: the trace {} is not above {bound} = {}",
        net.architecture().width(),
        trace.approx(40),
        limit.approx(40)
    );
    fails(says, member.fact(trace_fact(Relation::AtMost, bound)))
}

/// A random admissible interpolator of the cube in dimension 2 or 3: 12 random rows, `W2` solved for.
fn random_interpolator(rng: &mut impl Rng) -> Option<(usize, NoBias<Radical>)> {
    let d = 2 + below(rng, 2);
    let cube = xor::full_cube(d).ok()?;
    let Network::NoBias(net) = networks::admissible(rng, Architecture::NoBias, 12, &cube.x)? else {
        return None;
    };
    let features: Vec<Vec<Rational>> = cube
        .x
        .iter()
        .map(|x| net.first.iter().map(|w| relu(Ring::dot(w, x))).collect())
        .collect();
    let last = solve(&features, &cube.y).ok()?;
    let net = NoBias { last, ..net };
    Some((d, net.map(&mut lift)))
}

fn relu(t: Rational) -> Rational {
    t.max(Rational::new())
}

/// A random network on random symmetric white inputs.
fn white_instance(rng: &mut impl Rng, k: usize) -> Option<(NoBias<Rational>, Vec<Vec<Rational>>)> {
    let x = white(rng, k)?;
    match networks::admissible(rng, Architecture::NoBias, 1 + k % 3, &x)? {
        Network::NoBias(net) => Some((net, x)),
        _ => None,
    }
}

/// Symmetric white inputs: the cube, or `+-sqrt(d) e_k` for a square d, or both, reflected in a random
/// hyperplane.
fn white(rng: &mut impl Rng, k: usize) -> Option<Vec<Vec<Rational>>> {
    let d = if k.is_multiple_of(2) {
        4
    } else {
        2 + below(rng, 2)
    };
    let mut x = xor::full_cube(d).ok()?.x;
    if d == 4 {
        let axis = |(k, s): (usize, i64)| -> Vec<Rational> {
            (0..d)
                .map(|l| Rational::from(if l == k { 2 * s } else { 0 }))
                .collect()
        };
        let axes = (0..d).flat_map(|k| [(k, 1), (k, -1)]).map(axis);
        if below(rng, 2) == 0 {
            x.clear();
        }
        x.extend(axes);
    }
    let v = generate::unit_vector(rng, d);
    let reflect = |x: &Vec<Rational>| {
        let twice: Rational = Ring::dot(x, &v) * 2;
        x.iter()
            .zip(&v)
            .map(|(x, v)| x.sub(&v.mul(&twice)))
            .collect() // x - 2 (v.x) v
    };
    Some(x.iter().map(reflect).collect())
}

/// `Tr = d ||W2||^2 + ||W1||^2`, labels the outputs.
fn identity((net, x): (NoBias<Rational>, Vec<Vec<Rational>>)) -> Result<Finding, Finding> {
    let d = x[0].len();
    let squares = |v: &[Rational]| -> Rational { Ring::dot(v, v) };
    let rows: Rational = net.first.iter().map(|row| squares(row)).sum();
    let right = squares(&net.last) * Rational::from(d) + rows;
    let net = Network::NoBias(net);
    let left = closed_form::trace(&net, &x)?;
    if left == right {
        return Ok(Finding::Holds);
    }
    let y = net.outputs(&x, &x)?;
    let data = Dataset { x, y }.map(lift);
    let net = net.map(lift, lift);
    let says = format!("d = {d}: the trace is {left}, d ||W2||^2 + ||W1||^2 is {right}");
    let different = trace_fact(Relation::Different, &right.to_string());
    fails(says, member(d, &data, &net).fact(different))
}

/// A row with entries in -4..=4 (every fourth one `(+-a, +-a, 0, ..., 0)`), not 0.
fn random_row(rng: &mut impl Rng, k: usize) -> Vec<Rational> {
    let d = 2 + below(rng, 5);
    let mut w: Vec<Rational> = (0..d)
        .map(|_| Rational::from(between(rng, -4, 4)))
        .collect();
    if k.is_multiple_of(4) {
        w[2..].iter_mut().for_each(|w| *w = Rational::new());
        w[1] = Rational::from(-&w[0]);
    }
    w
}

/// `E[x1 x2 relu(w.x)]` over the cube.
fn correlation(w: &[Rational]) -> Rational {
    let d = w.len();
    let term = |p: u64| {
        let x: Vec<Rational> = xor::point(p, d);
        relu(Ring::dot(w, &x)) * xor::label_of_bits(p)
    };
    let total: Rational = (0..1u64 << d).map(term).sum();
    total >> d as u32
}

/// `8 E^2 <= ||w||^2`, with equality iff `|w_1| = |w_2|` and the rest is 0.
fn correlation_bound(w: &[Rational]) -> Finding {
    let left = Rational::from(8) * Ring::square(&correlation(w));
    let norm2: Rational = Ring::dot(w, w);
    let extreme =
        Ring::square(&w[0]) == Ring::square(&w[1]) && w[2..].iter().all(Rational::is_zero);
    let holds = match left.cmp(&norm2) {
        Ordering::Less => !extreme,
        Ordering::Equal => extreme,
        Ordering::Greater => false,
    };
    Finding::from_check(holds, || {
        let entries: Vec<String> = w.iter().map(Rational::to_string).collect();
        let says = format!(
            "w = ({}): 8 E^2 = {left}, ||w||^2 = {norm2}",
            entries.join(", ")
        );
        let is = if left > norm2 {
            Relation::Greater
        } else {
            Relation::AtMost
        };
        let member = Member::new("numbers").fact(Fact::Compare {
            left: left.to_string(),
            is,
            right: norm2.to_string(),
        });
        Witness::refutation(CASE.id, says, vec![member])
    })
}

/// At e = 0 the network interpolates, both roads report a kink, and the formula with `1[z > 0]` would
/// give `4 sqrt(d)`, below the infimum.
fn at_the_limit(d: usize) -> Result<Finding, Finding> {
    let r = Radical::root_of(&Rational::from((d, 16)), 4)?; // r^4 = d/16 is best for the literal formula
    let net = Network::NoBias(rescaled(&width_4(d, &Radical::zero())?, &r)?);
    let data = cube(d)?;
    let activations = net.activations(&data.x)?;
    let literal = mean_twice(&squared_gradients_at(&net, &data.x, &activations)?)?;
    let trap = Radical::root_of(&Rational::from(16 * d), 2)?; // 4 sqrt(d)
    let interpolates = net.outputs(&data.x, &data.x)? == data.y;
    let refused = matches!(closed_form::trace(&net, &data.x), Err(Refusal::Kink(_)));
    if interpolates && refused && literal == trap && literal < infimum(d)? {
        Ok(Finding::Holds)
    } else {
        let why = format!("d = {d}: kink reported: {refused}, literal formula {literal}");
        Ok(Finding::Undecided(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use crate::sharpness::definition;

    /// `E[x1 x2 relu(w.x)] = E_u [max(|A|, |u|) - max(|B|, |u|)] / 4 <= min(|w_1|, |w_2|) / 2`.
    #[test]
    fn correlation_vs_maxima() {
        let rng = &mut rng(0, "rows");
        for k in 0..200 {
            let w = random_row(rng, k);
            let (a, b) = (w[0].add(&w[1]).abs(), w[0].sub(&w[1]).abs());
            let rest = w.len() - 2;
            let term = |p: u64| {
                let x: Vec<Rational> = xor::point(p, rest);
                let u = Ring::dot(&w[2..], &x).abs();
                a.clone().max(u.clone()) - b.clone().max(u)
            };
            let mean: Rational = (0..1u64 << rest).map(term).sum::<Rational>() >> rest as u32;
            assert_eq!(correlation(&w), mean / 4);
            let least = w[0].clone().abs().min(w[1].clone().abs());
            assert!(correlation(&w).abs() <= least / 2);
        }
    }

    #[test]
    fn trace_vs_definition() {
        for (d, e) in [(2, (1, 2)), (3, (1, 7))] {
            let net = Network::NoBias(balanced(d, &lift(&Rational::from(e))).unwrap());
            let data = cube(d).unwrap();
            let by_definition = definition::mse_trace(&net, &data).unwrap();
            assert_eq!(by_definition, closed_form::trace(&net, &data.x).unwrap());
            assert!(by_definition > infimum(d).unwrap());
        }
    }

    #[test]
    fn identity_needs_white_inputs() {
        let net = NoBias {
            first: vec![vec![Rational::from(1)]],
            last: vec![Rational::from(1)],
        };
        let white = vec![vec![Rational::from(1)], vec![Rational::from(-1)]];
        assert!(matches!(identity((net.clone(), white)), Ok(Finding::Holds)));
        let not_white = vec![vec![Rational::from(2)], vec![Rational::from(-2)]];
        assert!(matches!(identity((net, not_white)), Ok(Finding::Fails(_))));
    }
}
