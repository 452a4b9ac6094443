//! Memorising without bias (ours): for linearly independent inputs, n <= d, some no-bias network of
//! width n is memorising and flattest, `Tr = (4/n) sum |y_i| ||x_i||`; an antipodal pair among the other
//! points forbids it.
//!
//! The network is [`no_bias_memoriser`](crate::construction::no_bias_memoriser); its trace is held
//! against the least one of [`Bounded`]. That a neuron alive at `x_i` alone does not exist is decided by
//! an exact linear program: 0 is a convex combination of `-x_i` and the other points. Test
//! `formula_vs_definition`.

use super::hunt::Quarry;
use super::hunt::draw::{inputs_and_labels, simpler_data};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::no_bias_memoriser::{AtZero, memoriser};
use crate::data::Dataset;
use crate::data::extreme::open_half_space;
use crate::data::xor;
use crate::linalg::rank;
use crate::network::{Network, NoBias};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::{self, Inputs, Labels, Options, below, between};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form;
use rand::Rng;

/// As first stated, any labels.
pub static CASE: Case = Case {
    id: "no-bias-memoriser",
    aliases: &["t11"],
    title: "flattest memorisers without bias, n <= d",
    kind: Kind::Existence,
    place: "ours",
    printed: "For linearly independent inputs x_1, ..., x_n some no-bias network of width n is memorising \
              and flattest, Tr = (4/n) sum |y_i| ||x_i||. One antipodal pair among the other points \
              forbids a neuron that is alive at x_i alone.",
    hypotheses: "Independent rational inputs, 1 <= n <= d; any rational labels, 0 among them.",
    construction: "X w_i = 2 e_i - 1 is solvable; W1_i = r_i w_i, W2_i = y_i/r_i, r_i^2 = |y_i| ||x_i||.",
    remark: "At a label 0 a memoriser has a neuron of height h > 0, so ||grad f(x_i)||^2 >= h^2 > 0 where \
             the bound is 0, and the bound is attained by a network that is dead there: no memoriser is \
             flattest.",
    repairs: &["no-bias-memoriser-repaired"],
    control: "labels other than 0, and the trace (4/n) sum |y_i| ||x_i|| times 1 + 10^-30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "no-bias-memoriser",
            draw: inputs_and_labels,
            judge: |data| any_inputs(&CASE, data),
            simpler: simpler_data,
        }
        .hunt(search)
    }),
    judge: |run, form| judge(run, &CASE, form, Labels::Any),
};

/// Labels other than 0.
pub static REPAIRED: Case = Case {
    id: "no-bias-memoriser-repaired",
    aliases: &[],
    title: "the same for labels other than 0",
    printed: "For linearly independent inputs and labels other than 0 some no-bias network of width n is \
              memorising and flattest, Tr = (4/n) sum |y_i| ||x_i||. One antipodal pair among the other \
              points forbids a neuron that is alive at x_i alone.",
    hypotheses: "Independent rational inputs, 1 <= n <= d; rational labels other than 0.",
    remark: "||grad f(x_i)||^2 >= 2 ||x_i|| |y_i| for every admissible interpolator (AM-GM, \
             Cauchy-Schwarz), with equality for this network. If w.x_j < 0 then w.(-x_j) > 0.",
    repairs: &[],
    judge: |run, form| judge(run, &REPAIRED, form, Labels::Nonzero),
    hunt: Some(|search| {
        Quarry {
            case: "no-bias-memoriser-repaired",
            draw: inputs_and_labels,
            judge: |data| match data.y.iter().all(|y| !y.is_zero()) {
                true => any_inputs(&REPAIRED, data),
                false => Err(Finding::Vacuous("a label is 0".into())),
            },
            simpler: simpler_data,
        }
        .hunt(search)
    }),
    ..CASE
};

fn judge(run: &Run, case: &Case, form: Form, labels: Labels) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let (labels, factor) = match form {
        Form::Stated => (labels, Radical::one()),
        Form::Control => (Labels::Nonzero, one_plus_tiny()),
    };
    let check = |data: Dataset<Rational>| independent(case, &data, &factor);
    tally.all("smallest", smallest(labels), check);
    let rng = &mut run.rng(case.id);
    let mut random = Vec::new();
    for _ in 0..run.pick(6, 150, 1_500) {
        let d = 1 + below(rng, run.pick(3, 5, 8));
        let n = 1 + below(rng, d);
        random.extend(random_independent(rng, n, d, labels));
    }
    tally.all("random independent inputs", random, check);
    let xor = (0..run.pick(1, 6, 20)).filter_map(|_| {
        let n = run.pick(3, 12, 30);
        xor::sample(30, n, rng).ok().filter(is_independent)
    });
    tally.all("P_xor, d = 30", xor.collect(), check);
    let pairs = (0..run.pick(6, 100, 1_000)).map(|_| with_antipodal_pair(rng));
    tally.all("an antipodal pair", pairs.collect(), forbidden);
    tally.finish("a flattest memoriser exists for independent inputs; a pair forbids its neuron")
}

/// `1 + 10^-30`.
fn one_plus_tiny() -> Radical {
    let tiny = Ring::pow(&Rational::from((1, 10)), 30);
    Radical::from_rational(tiny + 1)
}

/// One sample; label 0 first where it is allowed.
fn smallest(labels: Labels) -> Vec<Dataset<Rational>> {
    let labels: &[i64] = match labels {
        Labels::Any => &[0, 1, -1],
        _ => &[1, -1],
    };
    let one = |y: &i64| Dataset {
        x: vec![vec![Rational::from(1)]],
        y: vec![Rational::from(*y)],
    };
    labels.iter().map(one).collect()
}

fn is_independent(data: &Dataset<Rational>) -> bool {
    rank(&data.x) == data.len()
}

fn random_independent(
    rng: &mut impl Rng,
    n: usize,
    d: usize,
    labels: Labels,
) -> Option<Dataset<Rational>> {
    let inputs = match below(rng, 3) {
        0 => Inputs::Cube,
        1 => Inputs::Sphere,
        _ => Inputs::Any,
    };
    let options = Options {
        inputs,
        labels,
        ..Options::default()
    };
    (0..20)
        .map(|_| generate::dataset(rng, n, d, &options))
        .find(|data| !data.is_empty() && is_independent(data))
}

fn lift(q: &Rational) -> Radical {
    Radical::from_rational(q.clone())
}

/// The clause that speaks of these inputs: independent ones, or an antipodal pair after the first.
fn any_inputs(case: &Case, data: &Dataset<Rational>) -> Result<Finding, Finding> {
    if is_independent(data) {
        return independent(case, data, &Radical::one());
    }
    let others = data.x.get(1..).unwrap_or_default();
    let opposite = |x: &Vec<Rational>| x.iter().map(Ring::neg).collect::<Vec<_>>();
    match others.iter().any(|x| others.contains(&opposite(x))) {
        true => forbidden(data.x.clone()),
        false => Err(Finding::Vacuous(
            "neither independent nor with a pair".into(),
        )),
    }
}

/// The claim for independent inputs; `factor` multiplies the stated trace.
fn independent(
    case: &Case,
    data: &Dataset<Rational>,
    factor: &Radical,
) -> Result<Finding, Finding> {
    let build = |at_zero| {
        let net = memoriser(data, at_zero)?;
        net.ok_or_else(|| Finding::Undecided("an instance is not independent".into()))
    };
    let exact = data.map(lift);
    let net = Network::NoBias(build(AtZero::Active)?);
    let found = Found::of(&net, &exact)?;
    let least = Bounded::NoBias.least_trace(&exact)?; // (4/n) sum |y_i| ||x_i||
    let stated = least.mul(factor);
    let size = format!("d = {}, n = {}", data.dim(), data.len());
    if found.memorises && found.trace == stated {
        let says = format!("{size}: memorising, flattest, trace {least}");
        let member = member(&size, &exact, &net)
            .fact(Fact::Memorising { holds: true })
            .fact(bound_fact(Relation::Equal))
            .fact(Fact::LeastTrace {
                is: Relation::Equal,
                value: stated.to_string(),
            });
        let certificate = Witness::certificate(case.id, says, vec![member]);
        return Ok(Finding::Exists(Box::new(certificate)));
    }
    if found.trace == least {
        // flattest, so every flattest network has this trace, which is not the stated one
        let says = format!("{size}: the least trace is {least}, not {stated}");
        let member = member(&size, &exact, &net)
            .fact(bound_fact(Relation::Equal))
            .fact(Fact::Trace {
                is: Relation::Different,
                value: stated.to_string(),
            });
        let witness = Witness::refutation(case.id, says, vec![member]);
        return Ok(Finding::Fails(Box::new(witness)));
    }
    let Some(zero) = data.y.iter().position(Rational::is_zero) else {
        return Ok(Finding::Undecided(format!(
            "{size}: the network tried fails"
        )));
    };
    label_zero(case, &size, &exact, zero, build(AtZero::Dead)?, &net)
}

/// What is computed of a network: admissible and interpolating, or there is no answer.
struct Found {
    trace: Radical,
    memorises: bool,
}

impl Found {
    fn of(net: &Network<Radical>, data: &Dataset<Radical>) -> Result<Self, Finding> {
        if net.outputs(&data.x, &data.x)? != data.y {
            return Err(Finding::Undecided(
                "the network tried does not interpolate".into(),
            ));
        }
        Ok(Self {
            trace: closed_form::trace(net, &data.x)?,
            memorises: net.is_memorising(&data.x)?,
        })
    }
}

/// The least trace is attained without a neuron at the sample of label 0, so no memoriser has it.
fn label_zero(
    case: &Case,
    size: &str,
    data: &Dataset<Radical>,
    sample: usize,
    flattest: NoBias<Radical>,
    memoriser: &Network<Radical>,
) -> Result<Finding, Finding> {
    let flattest = Network::NoBias(flattest);
    let (low, high) = (Found::of(&flattest, data)?, Found::of(memoriser, data)?);
    if low.memorises || low.trace >= high.trace {
        return Ok(Finding::Undecided(format!("{size}: label 0 is undecided")));
    }
    let i = sample + 1;
    let says = format!(
        "{size}, y_{i} = 0: the least trace {} is attained with no neuron alive at x_{i}; a \
         memoriser has one of height h > 0 there, costs at least (2/n) h^2 more and is never flattest",
        low.trace
    );
    let attained = member("attains the least trace, no memoriser", data, &flattest)
        .fact(bound_fact(Relation::Equal))
        .fact(Fact::SquaredGradient {
            sample,
            is: Relation::Equal,
            value: "0".into(),
        })
        .fact(Fact::Memorising { holds: false });
    let above = member("a memoriser", data, memoriser)
        .fact(Fact::Memorising { holds: true })
        .fact(bound_fact(Relation::Greater));
    let witness = Witness::refutation(case.id, says, vec![attained, above]);
    Ok(Finding::Fails(Box::new(witness)))
}

fn member(name: &str, data: &Dataset<Radical>, net: &Network<Radical>) -> Member {
    Member::new(name)
        .data(data)
        .network(net)
        .fact(Fact::Admissible)
        .fact(Fact::Interpolates)
}

fn bound_fact(is: Relation) -> Fact {
    Fact::TraceAgainstBound { is }
}

/// Points of which two are antipodal and the first is neither.
fn with_antipodal_pair(rng: &mut impl Rng) -> Vec<Vec<Rational>> {
    let d = between(rng, 1, 4) as usize;
    let options = Options::default();
    let mut x = generate::dataset(rng, 3, d, &options).x;
    let twin = x[x.len() - 1].iter().map(Ring::neg).collect();
    x.push(twin);
    x
}

/// `w.x_1 > 0 > w.x_j` for every other j has no solution: 0 is a convex combination of `-x_1, x_2, ...`.
fn forbidden(mut points: Vec<Vec<Rational>>) -> Result<Finding, Finding> {
    points[0] = points[0].iter().map(Ring::neg).collect();
    let origin = vec![Rational::new(); points[0].len()];
    match open_half_space(&points) {
        Err(combination) if combination.gives(&points, &origin) => Ok(Finding::Holds),
        Err(_) => Ok(Finding::Undecided("a combination does not re-check".into())),
        Ok(half_space) => {
            points.insert(0, origin);
            let labels = points.iter().map(|_| Rational::new()).collect();
            let data = Dataset {
                x: points,
                y: labels,
            };
            let w = half_space.w.iter().map(Rational::to_string).collect();
            let member = Member::new("the origin, -x_1 and the other points")
                .data(&data.map(lift))
                .fact(Fact::Separator { sample: 0, w });
            let says = "a neuron alive at x_1 alone exists beside an antipodal pair";
            let witness = Witness::refutation(CASE.id, says, vec![member]);
            Ok(Finding::Fails(Box::new(witness)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use crate::sharpness::definition;

    #[test]
    fn formula_vs_definition() {
        let rng = &mut rng(0, "memorisers");
        for _ in 0..20 {
            let (n, d) = (1 + below(rng, 2), 2 + below(rng, 2));
            let Some(data) = random_independent(rng, n, d, Labels::Nonzero) else {
                continue;
            };
            let net = memoriser(&data, AtZero::Active).unwrap().unwrap();
            let exact = data.map(lift);
            let by_definition = definition::mse_trace(&Network::NoBias(net), &exact).unwrap();
            let term = |(x, y): (&Vec<Rational>, &Rational)| {
                let norm2: Rational = Ring::dot(x, x);
                Radical::root_of(&norm2.mul(&y.square()), 2).unwrap() // |y| ||x||
            };
            let terms: Vec<Radical> = data.x.iter().zip(&data.y).map(term).collect();
            let four_over_n = Radical::from_rational(Rational::from((4, n as i64)));
            assert_eq!(by_definition, Radical::sum(&terms).mul(&four_over_n));
        }
    }

    /// Without the pair the neuron may exist: the program can answer both ways.
    #[test]
    fn without_a_pair_the_neuron_exists() {
        let points = vec![vec![Rational::from(1)], vec![Rational::from(-1)]];
        assert!(matches!(forbidden(points), Ok(Finding::Fails(_))));
    }
}
