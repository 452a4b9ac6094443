//! Dead neurons (ours): a neuron that is inactive on the whole training set costs nothing and does
//! anything elsewhere.
//!
//! * Adding one leaves `f(x_i)` and the trace alone, whatever its outgoing weight; at an unseen u where
//!   it is alive the prediction takes any value v: weight `(v - f(u)) / z(u)`.
//! * With bias, on P_xor, `(u, -(d-1))` is 1 at u and at most -1 elsewhere on the cube: a flattest
//!   network with one spare neuron predicts anything at u.
//! * Without bias there is one iff 0 is not in conv{x_i}: `w.x_i < 0` for all i, or weights
//!   (Gordan 1873), each found by an exact linear program and checked.
//! * Of the `2^n` sign flips of n points in general position in dimension d,
//!   `2 sum_{k<d} C(n-1, k)` lie in an open half-space (Wendel 1962): half of them at n = 2d.
//! * With batch norm it is outside the domain.
//!
//! Test `wendel_vs_pascal`; `tests/wendel.rs` counts on fixed points.

use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::proposition_4_2::repaired;
use crate::data::convex::Combination;
use crate::data::extreme::open_half_space;
use crate::data::{Dataset, with_bias, xor};
use crate::linalg::rank;
use crate::network::{Kink, Network, Refusal};
use crate::scalar::{Field, Radical, Rational, Ring};
use crate::search::generate::{self, Inputs, Options, below, between};
use crate::search::networks::{self, Kind as Architecture};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form;
use rand::Rng;

/// The case.
pub static CASE: Case = Case {
    id: "dead-neuron",
    aliases: &[],
    title: "neurons dead on the training set",
    kind: Kind::Universal,
    place: "ours",
    printed: "A neuron inactive on the whole training set leaves f there and the trace alone and gives any \
              value at an unseen point where it is alive. With bias one exists at every unseen point of \
              the cube; without bias one exists iff 0 is not in conv{x_i}; of the sign flips of n points \
              in general position 2 sum_{k<d} C(n-1, k) allow one; with batch norm it is outside the \
              domain.",
    hypotheses: "Two layers, the four architectures; rational inputs, repeated, antipodal and zero ones too.",
    construction: "w with w.x_i < 0 for all i, or 0 as a convex combination; (u, -(d-1)) on the cube.",
    remark: "So Theorem 3.1 needs 0 in conv{x_i} or no spare width, and with bias a flattest network with \
             one spare neuron predicts anything at any one unseen point.",
    repairs: &[],
    control: "without bias a dead neuron exists for every training set",
    file: file!(),
    coq: None,
    hunt: None,
    judge,
};

type Points = Vec<Vec<Rational>>;

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Rational", "Radical"]);
    let rng = &mut run.rng(CASE.id);
    let always = form == Form::Control;
    let decide = |points: Points| half_space_or_hull(&points, always);
    tally.all("half-space or hull, smallest", smallest(), decide);
    let random = (0..run.pick(20, 400, 4_000)).map(|k| random_points(rng, k));
    tally.all("half-space or hull, random", random.collect(), decide);
    let mut free = Vec::new();
    for _ in 0..run.pick(2, 40, 400) {
        for kind in [
            Architecture::NoBias,
            Architecture::Bias(2),
            Architecture::SimBn,
            Architecture::SimLn,
        ] {
            free.extend(network_and_inputs(rng, kind));
        }
    }
    tally.all("a dead neuron added", free, free_on_training_set);
    let cube = (0..run.pick(4, 60, 600)).filter_map(|_| unseen_point(rng));
    tally.all(
        "a flattest network and one spare neuron",
        cube.collect(),
        anything_at_unseen,
    );
    let flips = (0..run.pick(3, 12, 40)).filter_map(|k| general_points(rng, k, run.pick(4, 6, 8)));
    tally.all(
        "sign flips of points in general position",
        flips.collect(),
        wendel,
    );
    tally.finish("free on the training set, anything elsewhere; existence and counts as stated")
}

fn lift(q: &Rational) -> Radical {
    Radical::from_rational(q.clone())
}

fn fails(says: String, member: Member) -> Result<Finding, Finding> {
    let witness = Witness::refutation(CASE.id, says, vec![member]);
    Ok(Finding::Fails(Box::new(witness)))
}

fn texts(numbers: &[Rational]) -> Vec<String> {
    numbers.iter().map(Rational::to_string).collect()
}

/// One point, an antipodal pair, a zero input, a triangle around 0 and one beside it.
fn smallest() -> Vec<Points> {
    let lists: [&[&[i64]]; 5] = [
        &[&[1]],
        &[&[1], &[-1]],
        &[&[0]],
        &[&[1, 0], &[-1, 1], &[-1, -1]],
        &[&[1, 0], &[2, 1], &[2, -1], &[1, 0]],
    ];
    let row = |row: &&[i64]| row.iter().map(|n| Rational::from(*n)).collect();
    lists
        .iter()
        .map(|list| list.iter().map(row).collect())
        .collect()
}

fn random_points(rng: &mut impl Rng, k: usize) -> Points {
    let (d, n) = (1 + below(rng, 4), 1 + below(rng, 8));
    let inputs = if k.is_multiple_of(2) {
        Inputs::Any
    } else {
        Inputs::Cube
    };
    let options = Options {
        inputs,
        repeats: true,
        ..Options::default()
    };
    generate::dataset(rng, n, d, &options).x
}

/// Both answers with their certificates; `always` claims that a dead neuron always exists.
fn half_space_or_hull(points: &Points, always: bool) -> Result<Finding, Finding> {
    let origin = vec![Rational::new(); points[0].len()];
    match open_half_space(points) {
        Ok(half_space) if half_space.holds(points) => Ok(Finding::Holds),
        Err(combination) if combination.gives(points, &origin) => {
            if always {
                origin_in_hull(points, combination, origin)
            } else {
                Ok(Finding::Holds)
            }
        }
        _ => Ok(Finding::Undecided("a certificate does not re-check".into())),
    }
}

/// 0 is a convex combination of the inputs, so no w has `w.x_i < 0` for all i.
fn origin_in_hull(
    points: &Points,
    combination: Combination,
    origin: Vec<Rational>,
) -> Result<Finding, Finding> {
    let n = points.len();
    let x: Points = [vec![origin], points.clone()].concat();
    let data = Dataset {
        y: vec![Rational::new(); n + 1],
        x,
    };
    let weights = [vec![Rational::new()], combination.weights].concat();
    let says = format!(
        "n = {n}, d = {}: 0 is a convex combination of the inputs, so no neuron without bias is \
         negative on all of them",
        data.dim()
    );
    let member = Member::new("the origin, then the inputs")
        .data(&data.map(lift))
        .fact(Fact::Combination {
            sample: 0,
            weights: texts(&weights),
        });
    fails(says, member)
}

/// A network, its inputs and the row of a dead neuron.
struct Free {
    net: Network<Radical>,
    data: Dataset<Radical>,
    row: Vec<Radical>,
    /// A value for the unseen point.
    value: Radical,
}

fn network_and_inputs(rng: &mut impl Rng, kind: Architecture) -> Option<Free> {
    let (d, n) = (1 + below(rng, 3), 1 + below(rng, 3));
    let mut x = networks::inputs(rng, n, d);
    x.iter_mut().flatten().for_each(|x| x.abs_mut()); // in a half-space, for the networks without bias
    let net = networks::admissible(rng, kind, 2, &x)?;
    let row = match kind {
        Architecture::NoBias => open_half_space(&x).ok()?.w,
        _ => {
            let w = generate::signs(rng, d);
            let highest = x.iter().map(|x| Ring::dot(&w, x)).max()?;
            [w, vec![Rational::from(-1) - highest]].concat() // w.x_i + b <= -1
        }
    };
    let exact: Vec<Vec<Radical>> = x.iter().map(|x| x.iter().map(lift).collect()).collect();
    let net = net.map(lift, lift);
    let y = net.outputs(&exact, &exact).ok()?;
    Some(Free {
        net,
        data: Dataset { x: exact, y },
        row: row.iter().map(lift).collect(),
        value: lift(&generate::rational(rng)),
    })
}

/// The network with one neuron more.
fn with_neuron(net: &Network<Radical>, row: &[Radical], weight: Radical) -> Network<Radical> {
    let mut net = net.clone();
    let (first, last) = match &mut net {
        Network::NoBias(net) => (&mut net.first, &mut net.last),
        Network::Bias(net) => (&mut net.first, &mut net.last),
        Network::SimLn(net) => (&mut net.first, &mut net.last),
        Network::SimBn(net) => {
            net.gamma.push(Radical::one());
            (&mut net.first, &mut net.last)
        }
    };
    first.push(row.to_vec());
    last.push(weight);
    net
}

/// The neuron changes neither outputs nor trace on the training set, and without normalisation the
/// prediction at some unseen point takes the given value.
fn free_on_training_set(it: Free) -> Result<Finding, Finding> {
    let Free {
        net,
        data,
        row,
        value,
    } = &it;
    let trace = closed_form::trace(net, &data.x)?;
    let is_batch_norm = matches!(net, Network::SimBn(_));
    let normalised = is_batch_norm || matches!(net, Network::SimLn(_));
    let neuron = net.architecture().width();
    let unseen = alive(net, row)?;
    let weight = if normalised {
        value.clone()
    } else {
        let f = net
            .outputs(&data.x, std::slice::from_ref(&unseen))?
            .remove(0);
        value.sub(&f) // (v - f(u)) / z(u), z(u) = 1
    };
    let wider = with_neuron(net, row, weight);
    if is_batch_norm {
        return match wider.admissible(&data.x) {
            Err(Refusal::Kink(Kink::ZeroNormaliser { neuron: j })) if j == neuron => {
                Ok(Finding::Holds)
            }
            _ => Ok(Finding::Undecided(
                "a dead normaliser was not reported".into(),
            )),
        };
    }
    let same = wider.outputs(&data.x, &data.x)? == data.y;
    let found = closed_form::trace(&wider, &data.x)?;
    let there = wider
        .outputs(&data.x, std::slice::from_ref(&unseen))?
        .remove(0);
    if same && found == trace && (normalised || there == *value) {
        return Ok(Finding::Holds);
    }
    let says =
        format!("a dead neuron moves the trace from {trace} to {found}, or f on the training set");
    let member = Member::new("with the dead neuron")
        .data(data)
        .network(&wider)
        .fact(Fact::Trace {
            is: Relation::Different,
            value: trace.to_string(),
        });
    fails(says, member)
}

/// An input where the neuron has height 1, along its own weights.
fn alive(net: &Network<Radical>, row: &[Radical]) -> Result<Vec<Radical>, Finding> {
    let zero = Radical::zero();
    let (w, bias) = match (net, row.split_last()) {
        (Network::NoBias(_), _) | (_, None) => (row, &zero),
        (_, Some((bias, w))) => (w, bias),
    };
    let size = Radical::dot(w, w);
    if size == zero {
        return Err(Finding::Vacuous("a neuron that is dead everywhere".into()));
    }
    let t = Radical::one().sub(bias).div(&size)?; // t ||w||^2 + b = 1
    Ok(w.iter().map(|w| w.mul(&t)).collect())
}

/// A sample of P_xor, a point outside it and a value to predict there.
fn unseen_point(rng: &mut impl Rng) -> Option<(Dataset<Radical>, Vec<Radical>, Radical)> {
    let d = between(rng, 2, 6) as usize;
    let n = 1 + below(rng, 2 * d);
    let data = xor::sample(d, n, rng).ok()?;
    let unseen = (0..20)
        .map(|_| generate::signs(rng, d))
        .find(|u| !data.x.contains(u))?;
    let wrong = xor::label(&unseen).neg();
    let value = if below(rng, 2) == 0 {
        wrong
    } else {
        generate::rational(rng)
    };
    let unseen = unseen.iter().map(lift).collect();
    Some((data.map(lift), unseen, lift(&value)))
}

/// The four-neuron flattest network and a spare neuron that is alive at u alone.
fn anything_at_unseen(
    (data, u, value): (Dataset<Radical>, Vec<Radical>, Radical),
) -> Result<Finding, Finding> {
    let d = data.dim();
    let net = Network::Bias(repaired(d, 4)?);
    let f = net.outputs(&data.x, std::slice::from_ref(&u))?.remove(0);
    let bias = Radical::from_int(1 - d as i64);
    let row = [u.clone(), vec![bias]].concat(); // u.x - (d - 1)
    let others = data.x.iter().map(|x| Radical::dot(&row, &with_bias(x)));
    let dead = others.max().is_some_and(|z| z <= Radical::from_int(-1));
    let wider = with_neuron(&net, &row, value.sub(&f)); // height 1 at u
    let found = closed_form::trace(&wider, &data.x)?;
    let least = Bounded::Bias { depth: 2 }.least_trace(&data)?;
    let interpolates = wider.outputs(&data.x, &data.x)? == data.y;
    let there = wider.outputs(&data.x, std::slice::from_ref(&u))?.remove(0);
    if dead && interpolates && found == least && there == value {
        return Ok(Finding::Holds);
    }
    let says = format!("d = {d}: with the spare neuron the trace is {found}, f(u) = {there}");
    let member = Member::new(format!("d = {d}"))
        .data(&data)
        .network(&wider)
        .fact(Fact::Prediction {
            at: u.iter().map(Radical::to_string).collect(),
            is: Relation::Equal,
            value: there.to_string(),
        });
    fails(says, member)
}

/// Points of which any d are independent: `n = 2d` first, then any n up to `most`.
fn general_points(rng: &mut impl Rng, k: usize, most: usize) -> Option<Points> {
    let d = 1 + k % 3;
    let n = if k < 3 && 2 * d <= most {
        2 * d
    } else {
        1 + below(rng, most)
    };
    let options = Options::default();
    (0..50)
        .map(|_| generate::dataset(rng, n, d, &options).x)
        .find(|x| x.len() == n && is_general(x, d))
}

fn is_general(points: &Points, d: usize) -> bool {
    let chosen = |set: &u64| set.count_ones() as usize == d.min(points.len());
    (0..1u64 << points.len()).filter(chosen).all(|set| {
        let rows: Points = (0..points.len())
            .filter(|i| set >> i & 1 == 1)
            .map(|i| points[i].clone())
            .collect();
        rank(&rows) == rows.len()
    })
}

/// The count of sign flips in an open half-space is Wendel's, and half of all at n = 2d.
fn wendel(points: Points) -> Result<Finding, Finding> {
    let (n, d) = (points.len(), points[0].len());
    let flip = |signs: u64| -> Points {
        let flipped = |(i, x): (usize, &Vec<Rational>)| {
            let sign = Rational::from(xor::coordinate(signs, i));
            x.iter().map(|x| x.mul(&sign)).collect()
        };
        points.iter().enumerate().map(flipped).collect()
    };
    let inside = |signs: &u64| open_half_space(&flip(*signs)).is_ok();
    // flipping all signs at once changes nothing, so half of the flips are enough
    let count = 2 * (0..1u64 << (n - 1)).filter(inside).count() as u64;
    let half_at_2d = n != 2 * d || 2 * count == 1 << n;
    if count == wendel_count(n as u64, d as u64) && half_at_2d {
        return Ok(Finding::Holds);
    }
    let stated = wendel_count(n as u64, d as u64);
    let says = format!("n = {n}, d = {d}: {count} sign flips, not {stated}");
    let member = Member::new("counts").fact(Fact::Compare {
        left: count.to_string(),
        is: Relation::Different,
        right: stated.to_string(),
    });
    fails(says, member)
}

/// `2 sum_{k<d} C(n-1, k)`, `n >= 1`.
fn wendel_count(n: u64, d: u64) -> u64 {
    let binomial = |k: u64| (0..k).fold(1, |c, i| c * (n - 1).saturating_sub(i) / (i + 1));
    2 * (0..d).map(binomial).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wendel's recursion `N(n, d) = N(n-1, d) + N(n-1, d-1)` with `N(1, d) = 2`.
    #[test]
    fn wendel_vs_pascal() {
        for d in 1..6 {
            assert_eq!(wendel_count(1, d), 2);
            assert_eq!(2 * wendel_count(2 * d, d), 1 << (2 * d), "half at n = 2d");
            for n in 2..9 {
                let below = if d == 1 {
                    0
                } else {
                    wendel_count(n - 1, d - 1)
                };
                assert_eq!(wendel_count(n, d), wendel_count(n - 1, d) + below);
            }
        }
    }

    /// Repeated points are not in general position, and the count is another one.
    #[test]
    fn wendel_needs_general_position() {
        let points: Points = [[1, 0], [1, 0], [0, 1]]
            .map(|x| x.map(Rational::from).to_vec())
            .to_vec();
        assert!(!is_general(&points, 2));
        assert!(matches!(wendel(points), Ok(Finding::Fails(_))));
    }

    /// One unit less bias and the spare neuron is alive at a neighbour.
    #[test]
    fn the_spare_neuron_is_alive_once() {
        let d = 4;
        let u = vec![Rational::from(1); d];
        let alive = |bias: i64| {
            let row = [u.clone(), vec![Rational::from(bias)]].concat();
            let z = |p| Ring::dot(&row, &with_bias(&xor::point::<Rational>(p, d)));
            (0..1 << d).filter(|p| z(*p).cmp0().is_gt()).count()
        };
        assert_eq!(alive(1 - d as i64), 1);
        assert_eq!(alive(3 - d as i64), 5);
    }
}
