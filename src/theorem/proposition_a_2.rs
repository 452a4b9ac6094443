//! The network of Proposition A.2 (Wen, Li, Ma 2023) on the circle, as printed and repaired: does it
//! interpolate, and is it flattest?
//!
//! Points are rational with rational midpoints and chord normals. The population clause, an error of
//! O(delta^2), is asymptotic and not judged; the certificate of the repaired network states that it is 0 at
//! every arc midpoint, whatever the label there ([`crate::construction::proposition_a_2`]).

use super::claims::{Claim, number};
use super::hunt::Quarry;
use super::hunt::draw::{label, simpler_data, size};
use super::proposition_a_1::unbalance;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Relation};
use crate::construction::proposition_a_2::{CircleSample, quarters_at};
use crate::data::Dataset;
use crate::data::circle::{Point, Quarters, point};
use crate::network::Network;
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::between;
use rand_chacha::ChaCha8Rng;

const HYPOTHESES: &str = "n >= 1 distinct points of the unit circle in the first two coordinates, ||x|| = R, labels \
                          f(x[1], x[2]) of a Lipschitz f (0 among its values); width n.";

/// As printed.
pub static PRINTED: Case = Case {
    id: "proposition-a.2-printed",
    aliases: &[],
    title: "the network on the circle as printed",
    kind: Kind::Construction,
    place: "Appendix A",
    printed: "v_j sorted by angle, z_j the midpoint of arc v_{j-1} v_j, w_j the unit normal of the chord z_j z_{j+1}; \
              W1_j = r (w_j, 0)/(w_j.z_j), b_j = r (-w_j.v_j + w_j.z_j)/(w_j.z_j), W2_j = y_j/r, \
              r^2 = |y_j| sqrt(R^2+1): interpolates, minimal sharpness.",
    hypotheses: HYPOTHESES,
    construction: "As printed.",
    remark: "The pre-activation at x is r (w_j.(x - v_j) + w_j.z_j)/(w_j.z_j): r at v_j, but its threshold is \
             w_j.v_j - w_j.z_j, close to 0, instead of w_j.z_j, so the neuron is active on nearly half of the \
             circle. A few well spread points may go well, four or more do not.",
    repairs: &["proposition-a.2-repaired"],
    control: "the printed network with W2_0 = 2 y_0/r",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-a.2-printed",
            draw: Drawn::draw,
            judge: |it| judge("proposition-a.2-printed", &it.instance()?, Form::Stated),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| construction("proposition-a.2-printed", run, form),
};

/// Repaired.
pub static REPAIRED: Case = Case {
    id: "proposition-a.2-repaired",
    aliases: &[],
    title: "the network on the circle, repaired",
    kind: Kind::Construction,
    place: "Appendix A",
    printed: "W1_j = r (w_j, 0)/(w_j.v_j - w_j.z_j), b_j = -r w_j.z_j/(w_j.v_j - w_j.z_j), W2_j = y_j/r, \
              r^2 = |y_j| sqrt(R^2+1), a dead neuron where y_j = 0: interpolates, minimal sharpness, memorises \
              where no label is 0.",
    hypotheses: HYPOTHESES,
    construction: "Each neuron is positive on the arc of its own chord alone.",
    remark: "This network is 0 at every midpoint z_j, so where f is not small there the error between samples is not \
             small either: it does not give the population clause of Proposition A.2.",
    repairs: &[],
    control: "one row multiplied by 1 + 10^-30 and its outgoing weight divided by it",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-a.2-repaired",
            draw: Drawn::draw,
            judge: |it| judge("proposition-a.2-repaired", &it.instance()?, Form::Stated),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| construction("proposition-a.2-repaired", run, form),
};

/// Labels on the circle.
type Label = (&'static str, fn(&Point) -> Rational);

/// 1-Lipschitz functions, the third and the fourth 0 somewhere.
const LABELS: [Label; 4] = [
    ("1", |_| Rational::from(1)),
    ("2 + x[2]", |v| Rational::from(&v[1] + 2)),
    ("x[1]", |v| v[0].clone()),
    ("|x[2]|", |v| v[1].clone().abs()),
];

struct Instance {
    name: String,
    sample: CircleSample,
}

/// Points of the circle by the parameters of their quarter angles (one column), each with a label: any
/// are those of a Lipschitz f, as the points are distinct.
#[derive(Clone)]
struct Drawn {
    labelled: Dataset<Rational>,
    dim: usize,
    radius_squared: i64,
}

impl Drawn {
    fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        let n = size(rng, attempt, 6);
        let q = between(rng, 2, 12);
        let parameter = |_| vec![Rational::from((between(rng, 0, q - 1), q))];
        let x: Vec<Vec<Rational>> = (0..n).map(parameter).collect();
        let y = x.iter().map(|_| label(rng)).collect();
        let labelled = Dataset { x, y };
        let dim = 1 + size(rng, attempt, 4);
        let radius_squared = if dim == 2 { 1 } else { between(rng, 1, 3) };
        let drawn = Self {
            labelled,
            dim,
            radius_squared,
        };
        ("any points and labels", drawn)
    }

    fn simpler(&self) -> Vec<Self> {
        let with = |labelled| Self {
            labelled,
            ..self.clone()
        };
        let on_the_circle = Self {
            dim: 2,
            radius_squared: 1,
            ..self.clone()
        };
        let lower = [on_the_circle].into_iter().filter(|_| self.dim > 2);
        lower
            .chain(simpler_data(&self.labelled).into_iter().map(with))
            .collect()
    }

    /// Vacuous if points repeat or a parameter is outside `[0, 1)`.
    fn instance(&self) -> Result<Instance, Finding> {
        let no = || Finding::Vacuous("no distinct points of the circle".into());
        let Dataset { x, y } = &self.labelled;
        let quarters = x.iter().map(|t| point(&t[0])).collect();
        let quarters = Quarters::new(quarters).ok_or_else(no)?;
        let points = quarters.points();
        let label = |v: &Point| {
            let place = points.iter().position(|other| other == v);
            place.map_or(Rational::new(), |i| y[i].clone())
        };
        let sample = CircleSample::new(self.dim, self.radius_squared.into(), &quarters, label);
        let labels: Vec<String> = y.iter().map(Rational::to_string).collect();
        let name = format!(
            "y = ({}), d = {}, R^2 = {}, n = {}",
            labels.join(", "),
            self.dim,
            self.radius_squared,
            y.len()
        );
        let sample = sample.ok_or_else(no)?;
        Ok(Instance { name, sample })
    }
}

fn construction(case: &'static str, run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    for (family, instances) in families(run) {
        tally.all(family, instances, |instance| judge(case, &instance, form));
    }
    tally.finish("interpolating and flattest, memorising where no label is 0")
}

fn judge(case: &'static str, instance: &Instance, form: Form) -> Result<Finding, Finding> {
    let Instance { name, sample } = instance;
    let printed = case == PRINTED.id;
    let mut net = if printed {
        sample.printed()?
    } else {
        sample.repaired()?
    };
    match form {
        Form::Stated => {}
        Form::Control if printed => net.last[0] = net.last[0].add(&net.last[0]),
        Form::Control => unbalance(&mut net)?,
    }
    let data = sample.training_set()?;
    let network = Network::Bias(net);
    let claim = Claim {
        case,
        instance: name.clone(),
        data: &data,
        network: &network,
        memorising: !printed && data.y.iter().all(|y| *y != Radical::zero()),
        error: None,
    };
    match claim.of_construction()? {
        Finding::Holds if !printed => vanishing(&claim, sample),
        finding => Ok(finding),
    }
}

/// The certificate that the network is as claimed, and 0 at every arc midpoint.
fn vanishing(claim: &Claim, sample: &CircleSample) -> Result<Finding, Finding> {
    let Finding::Exists(mut certificate) = claim.of_existence()? else {
        return Ok(Finding::Undecided("the claim held and then did not".into()));
    };
    for z in sample.midpoints() {
        let at = sample.input(z)?;
        let f = claim
            .network
            .outputs(&claim.data.x, std::slice::from_ref(&at))?;
        if f[0] != Radical::zero() {
            let why = format!("{}: f = {} at a midpoint", claim.instance, number(&f[0]));
            return Ok(Finding::Undecided(why));
        }
        certificate.members[0].facts.push(Fact::Prediction {
            at: at.iter().map(Radical::to_string).collect(),
            is: Relation::Equal,
            value: "0".into(),
        });
    }
    certificate.says += ", 0 at every arc midpoint";
    Ok(Finding::Exists(certificate))
}

fn families(run: &Run) -> [(&'static str, Vec<Instance>); 2] {
    let few: [&[(i64, i64)]; 5] = [
        &[(0, 1)],
        &[(0, 1), (1, 3)],
        &[(0, 1), (1, 3), (1, 2)],
        &[(0, 1), (1, 5), (1, 3), (1, 2)],
        &[(1, 9), (1, 8), (1, 7), (2, 3), (3, 4), (8, 9)],
    ];
    let small = few
        .iter()
        .flat_map(|t| quarters_at(t))
        .flat_map(|q| instances(&q, 2, 1));
    let small: Vec<Instance> = small.collect();
    let mut rng = run.rng("proposition-a.2");
    let mut random = Vec::new();
    for k in 0..run.pick(3, 20, 150) {
        let quarters = Quarters::sample(2 + k % run.pick(5, 12, 40), &mut rng);
        random.extend(instances(
            &quarters,
            2 + k % 4,
            1 + (k % 4 > 0) as i64 * (k % 3) as i64,
        ));
    }
    [
        ("few points, small fractions", small),
        ("random points", random),
    ]
}

/// The points with each of the labels.
fn instances(quarters: &Quarters, dim: usize, radius_squared: i64) -> Vec<Instance> {
    let instance = |(text, label): &Label| {
        let name = format!(
            "y = {text}, d = {dim}, R^2 = {radius_squared}, n = {}",
            quarters.len()
        );
        let sample = CircleSample::new(dim, radius_squared.into(), quarters, label)?;
        Some(Instance { name, sample })
    };
    LABELS.iter().filter_map(instance).collect()
}
