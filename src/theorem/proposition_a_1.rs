//! Proposition A.1 (Wen, Li, Ma 2023): if the label depends on a few coordinates that take extreme points
//! `v_1 .. v_k`, and `||x|| = R`, some `2-MLP-Bias` interpolates, has minimal sharpness and no population error.
//!
//! Every network here looks at those coordinates alone, so one input per `v_j` stands for all of them; two are
//! tried. The existence claim holds; the printed network lacks a square root
//! ([`crate::construction::proposition_a_1`]).

use super::claims::Claim;
use super::hunt::Quarry;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::proposition_a_1::FewCoordinates;
use crate::data::Dataset;
use crate::data::extreme::extreme_points;
use crate::network::{Bias, Network};
use crate::scalar::{Field, NoValue, Radical, Rational, Ring};
use crate::search::generate::{Inputs, Labels, Options, below, between, dataset, subset_of_size};
use crate::sharpness::bound::Bounded;
use rand_chacha::ChaCha8Rng;

use drawn::Drawn;

mod drawn;

const PRINTED_CLAIM: &str = "If y depends on s coordinates of x, these coordinates take one of k extreme points, \
                             and ||x|| = R, then some 2-MLP-Bias interpolates, has minimal sharpness and has \
                             population error 0.";
const HYPOTHESES: &str = "Extreme points v_1 .. v_k of R^s, any labels, any norm R with inputs over every v_j, \
                          samples with repeats; width k.";

/// The existence claim.
pub static CASE: Case = Case {
    id: "proposition-a.1",
    aliases: &[],
    title: "a flattest network for labels of a few coordinates",
    kind: Kind::Existence,
    place: "Appendix A",
    printed: PRINTED_CLAIM,
    hypotheses: HYPOTHESES,
    construction: "One neuron per extreme point, r (w_j, 0)/eps with w_j a separator of v_j, r^2 = |y_j| sqrt(R^2+1); \
                   a dead one where y_j = 0.",
    remark: "Width k is what the construction uses; for n < k samples nothing is claimed of width n. The common \
             norm of the v_j that the proof assumes is not needed: any separators do.",
    repairs: &[],
    control: "a trace of (1 - 10^-30) times the lower bound",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-a.1",
            draw: Drawn::draw,
            judge: |drawn| exists(&drawn.instance()?, &Radical::one()),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: existence,
};

/// The printed network.
pub static PRINTED: Case = Case {
    id: "proposition-a.1-printed",
    aliases: &[],
    title: "the network for labels of a few coordinates as printed",
    kind: Kind::Construction,
    place: "Appendix A",
    printed: "W1_j = r (v_j, 0)/eps, b_j = r (-w_j.v_j + eps)/eps, W2_j = y_j/r, r^2 = |y_j| (R^2+1): interpolates, \
              minimal sharpness, population error 0.",
    hypotheses: HYPOTHESES,
    construction: "w_j = v_j where the v_j have one norm, else separators of v_j; eps half the least gap.",
    remark: "The factor should be sqrt(R^2+1): each sample costs (R^2+1) y^2/r^2 + r^2, which the printed r makes \
             |y| (R^2+2). The two agree at R = 0 only. At y_j = 0 the weight is 0/0. Where the v_j have different \
             norms, v_j in the row and w_j in the bias do not fit together.",
    repairs: &["proposition-a.1-repaired"],
    control: "the printed network with W2_0 = 2 y_0/r",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-a.1-printed",
            draw: Drawn::draw,
            judge: |drawn| fits("proposition-a.1-printed", &drawn.instance()?, Form::Stated),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| construction("proposition-a.1-printed", run, form),
};

/// The repaired network.
pub static REPAIRED: Case = Case {
    id: "proposition-a.1-repaired",
    aliases: &[],
    title: "the network for labels of a few coordinates, repaired",
    kind: Kind::Construction,
    place: "Appendix A",
    printed: "W1_j = r (w_j, 0)/eps, b_j = r (-w_j.v_j + eps)/eps, W2_j = y_j/r, r^2 = |y_j| sqrt(R^2+1), a dead \
              neuron where y_j = 0: interpolates, minimal sharpness, population error 0.",
    hypotheses: HYPOTHESES,
    construction: "As in proposition-a.1-printed, with separators w_j in row and bias.",
    remark: "Neuron j is r at v_j and negative at every other v_i, so f = y_j there and |grad f|^2 = \
             (R^2+1) y^2/r^2 + r^2 = 2 sqrt(R^2+1) |y|, the lower bound.",
    repairs: &[],
    control: "one row multiplied by 1 + 10^-30 and its outgoing weight divided by it",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-a.1-repaired",
            draw: Drawn::draw,
            judge: |drawn| fits("proposition-a.1-repaired", &drawn.instance()?, Form::Stated),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| construction("proposition-a.1-repaired", run, form),
};

/// A distribution and the training draws `(j, sign)`.
struct Instance {
    few: FewCoordinates,
    draws: Vec<(usize, i64)>,
}

impl Instance {
    fn name(&self) -> String {
        let (k, d, n) = (self.few.len(), self.few.dim(), self.draws.len());
        format!("k = {k}, d = {d}, n = {n}")
    }
}

fn existence(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let factor = match form {
        Form::Stated => Radical::one(),
        Form::Control => Radical::one().sub(&tiny()),
    };
    for (family, instances) in families(run) {
        tally.all(family, instances, |instance| exists(&instance, &factor));
    }
    tally.finish("a network of width k is flattest and right on the population")
}

/// Whether some network has the trace `factor` times the lower bound, and the rest.
fn exists(instance: &Instance, factor: &Radical) -> Result<Finding, Finding> {
    let data = instance.few.sample(&instance.draws)?;
    let least = Bounded::Bias { depth: 2 }.least_trace(&data)?;
    let wanted = least.mul(factor);
    let network = Network::Bias(instance.few.repaired()?);
    if least > wanted {
        let value = wanted.to_string();
        let is = Relation::Greater;
        let says = format!("{}: every trace is above {value}", instance.name());
        let member = Member::new(instance.name())
            .data(&data)
            .network(&network) // names the architecture
            .fact(Fact::LeastTrace { is, value });
        let refutation = Witness::refutation(CASE.id, says, vec![member]);
        return Ok(Finding::Fails(Box::new(refutation)));
    }
    let finding = claim(CASE.id, instance, &data, &network).of_existence()?;
    let Finding::Exists(mut certificate) = finding else {
        return Ok(finding);
    };
    if let Some(miss) = first_miss(instance, &data, &network)? {
        let why = format!(
            "{}: the network tried is wrong at {}",
            instance.name(),
            miss.place
        );
        return Ok(Finding::Undecided(why));
    }
    for (at, label) in population(&instance.few)? {
        certificate.members[0]
            .facts
            .push(prediction(&at, Relation::Equal, &label));
    }
    certificate.says += ", right over every v_j";
    Ok(Finding::Exists(certificate))
}

fn construction(case: &'static str, run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    for (family, instances) in families(run) {
        tally.all(family, instances, |instance| fits(case, &instance, form));
    }
    tally.finish("interpolating, flattest, right on the population")
}

/// Whether the printed or the repaired network, by the case's id, does what is said of it.
fn fits(case: &'static str, instance: &Instance, form: Form) -> Result<Finding, Finding> {
    let printed = case == PRINTED.id;
    let mut net = match printed {
        true => instance.few.printed()?,
        false => instance.few.repaired()?,
    };
    match form {
        Form::Stated => {}
        Form::Control if printed => net.last[0] = net.last[0].add(&net.last[0]),
        Form::Control => unbalance(&mut net)?,
    }
    network_fits(case, instance, &Network::Bias(net))
}

/// The first row times `1 + 10^-30`, its outgoing weight divided by it: the same function.
pub(super) fn unbalance(net: &mut Bias<Radical>) -> Result<(), NoValue> {
    let factor = Radical::one().add(&tiny());
    net.first[0] = net.first[0].iter().map(|w| w.mul(&factor)).collect();
    net.last[0] = Field::div(&net.last[0], &factor)?;
    Ok(())
}

/// `10^-30`.
fn tiny() -> Radical {
    Radical::from_rational(Ring::pow(&Rational::from(10), 30).recip())
}

fn network_fits(
    case: &'static str,
    instance: &Instance,
    network: &Network<Radical>,
) -> Result<Finding, Finding> {
    let data = instance.few.sample(&instance.draws)?;
    let finding = claim(case, instance, &data, network).of_construction()?;
    match (finding, first_miss(instance, &data, network)?) {
        (Finding::Holds, Some(miss)) => {
            let says = format!(
                "{}: the network is wrong at {}",
                instance.name(),
                miss.place
            );
            let member = Member::new(instance.name())
                .data(&data)
                .network(network)
                .fact(miss.fact);
            Ok(Finding::Fails(Box::new(Witness::refutation(
                case,
                says,
                vec![member],
            ))))
        }
        (finding, _) => Ok(finding),
    }
}

fn claim<'a>(
    case: &'static str,
    instance: &Instance,
    data: &'a Dataset<Radical>,
    network: &'a Network<Radical>,
) -> Claim<'a> {
    Claim {
        case,
        instance: instance.name(),
        data,
        network,
        memorising: false,
        error: None,
    }
}

/// A population point where the network is wrong.
struct Miss {
    place: String,
    fact: Fact,
}

fn first_miss(
    instance: &Instance,
    data: &Dataset<Radical>,
    network: &Network<Radical>,
) -> Result<Option<Miss>, Finding> {
    for (at, label) in population(&instance.few)? {
        let outputs = network.outputs(&data.x, std::slice::from_ref(&at))?;
        if outputs[0] != label {
            let coordinates: Vec<String> = at.iter().map(Radical::to_string).collect();
            return Ok(Some(Miss {
                place: format!("({})", coordinates.join(", ")),
                fact: prediction(&at, Relation::Different, &label),
            }));
        }
    }
    Ok(None)
}

/// Two inputs over every `v_j` (the same one twice if `I` is everything) and their labels.
fn population(few: &FewCoordinates) -> Result<Vec<(Vec<Radical>, Radical)>, NoValue> {
    let all = (0..few.len()).flat_map(|j| [(j, 1), (j, -1)]);
    all.map(|(j, sign)| Ok((few.input(j, sign)?, few.label(j))))
        .collect()
}

fn prediction(at: &[Radical], is: Relation, label: &Radical) -> Fact {
    Fact::Prediction {
        at: at.iter().map(Radical::to_string).collect(),
        is,
        value: label.to_string(),
    }
}

fn families(run: &Run) -> [(&'static str, Vec<Instance>); 3] {
    let mut rng = run.rng("proposition-a.1");
    let count = run.pick(8, 60, 600);
    let random = |common: bool, rng: &mut ChaCha8Rng| {
        let drawn = (0..count).filter_map(|_| random(common, rng));
        drawn.collect::<Vec<_>>()
    };
    [
        ("small, boundary labels and norms", small()),
        ("points of one norm", random(true, &mut rng)),
        ("points of any norms", random(false, &mut rng)),
    ]
}

fn small() -> Vec<Instance> {
    let few = |dim, places: &[usize], points: &[(&[i64], i64)], radius: i64| {
        let vertices = points
            .iter()
            .map(|(v, _)| v.iter().map(|&q| q.into()).collect());
        let labels = points.iter().map(|(_, y)| Rational::from(*y)).collect();
        FewCoordinates::new(dim, places, vertices.collect(), labels, radius.into()).ok()
    };
    let xor: [(&[i64], i64); 4] = [(&[1, 1], 1), (&[1, -1], -1), (&[-1, 1], -1), (&[-1, -1], 1)];
    let all = [
        few(1, &[0], &[(&[1], 1)], 1),
        few(1, &[0], &[(&[0], 1)], 0),
        few(1, &[0], &[(&[1], 1), (&[-1], -1)], 1),
        few(3, &[0, 1], &xor, 3),
        few(30, &[0, 1], &xor, 30),
        few(2, &[1], &[(&[1], 0), (&[-1], -1)], 2),
        few(2, &[0], &[(&[-1], 1), (&[2], -3)], 5),
        few(
            3,
            &[0, 2],
            &[(&[2, 0], 3), (&[0, 1], -1), (&[-1, -1], 0)],
            7,
        ),
    ];
    // every v_j once, then the first alone and repeated
    let draws = |k: usize| {
        [
            (0..k).map(|j| (j, 1)).collect(),
            vec![(0, 1), (0, 1), (0, -1)],
        ]
    };
    let of_one = |few: FewCoordinates| {
        draws(few.len()).map(|draws| Instance {
            few: few.clone(),
            draws,
        })
    };
    all.into_iter().flatten().flat_map(of_one).collect()
}

/// Up to six random extreme points of up to three coordinates.
fn random(common: bool, rng: &mut ChaCha8Rng) -> Option<Instance> {
    let (s, k) = (1 + below(rng, 3), 1 + below(rng, 6));
    let inputs = if common { Inputs::Sphere } else { Inputs::Any };
    let options = Options {
        inputs,
        labels: Labels::Any,
        ..Options::default()
    };
    let drawn = dataset(rng, k, s, &options);
    let points: Dataset<Rational> = {
        let extreme = extreme_points(&drawn.x);
        let samples = drawn.x.into_iter().zip(drawn.y).zip(&extreme);
        let (x, y) = samples
            .filter(|(_, e)| e.is_ok())
            .map(|(sample, _)| sample)
            .unzip();
        Dataset { x, y }
    };
    let dim = s + 1 + below(rng, 3);
    let places = subset_of_size(rng, dim, s);
    let largest = points
        .x
        .iter()
        .map(|v| -> Rational { Ring::dot(v, v) })
        .max()?;
    let radius = largest + Rational::from(between(rng, 0, 3));
    let few = FewCoordinates::new(dim, &places, points.x, points.y, radius).ok()?;
    let n = 1 + below(rng, 8);
    let draw = |rng: &mut ChaCha8Rng| (below(rng, few.len()), 2 * between(rng, 0, 1) - 1);
    let draws = (0..n).map(|_| draw(rng)).collect();
    Some(Instance { few, draws })
}
