//! Theorem 4.1 (Wen, Li, Ma 2023): if the inputs are extreme points, some width-n, depth-D
//! `MLP-Bias` is memorising and has minimal sharpness.
//!
//! Two statements: as printed, and `theorem-4.1-repaired` with non-zero labels. The candidate is
//! [`repaired`] on the distinct inputs, padded to width n; it is flattest iff its trace
//! equals `(2D/n) sum_i |y_i|^{2(D-1)/D} R_i^{2/D}`, decided over radicals.
//!
//! Where the claim fails no network does it, by one of two proofs:
//! * label 0: a memorising network has `||grad f(x_i)||^2 >= h^2 > 0`, h its own last activation, but
//!   some network attains the least trace, in which `x_i` counts 0;
//! * `x_i` a convex combination of the others: a neuron `<= 0` at these is `<= 0` at `x_i`.
//!
//! Tied to `construction::theorem_4_1::tests::formula_vs_definition` (the candidate's trace by jets).

use super::claims::{Claim, number};
use super::extreme_inputs::{families, xor_sample};
use super::hunt::Quarry;
use super::hunt::draw::{inputs_and_labels, simpler_data, size};
use super::{Case, Finding, Form, Kind, Outcome, Run, Size, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::theorem_4_1::{
    NoSeparators, dead_at_zero_labels, pad, repaired, separators,
};
use crate::data::Dataset;
use crate::data::convex::Combination;
use crate::network::Network;
use crate::scalar::{Radical, Rational};
use crate::search::generate::nonzero;
use crate::sharpness::bound::Bounded;
use rand_chacha::ChaCha8Rng;

/// The statement as printed.
pub static CASE: Case = Case {
    id: "theorem-4.1",
    aliases: &[],
    title: "extreme inputs: a memorising flattest network of width n",
    kind: Kind::Existence,
    place: "Section 4.2",
    printed: "If the inputs x_1, ..., x_n are extreme points, then for every depth D >= 2 there is a \
              network with bias of width n that memorises the samples (interpolates, and in every \
              hidden layer each input activates exactly its own neuron) and has the least sharpness \
              among all interpolating networks.",
    hypotheses: "n samples (repeats allowed), each distinct input a vertex of the convex hull of all \
                 (decided exactly); any real labels, 0 included; D >= 2; least sharpness over \
                 admissible interpolating theta of the same depth and width.",
    construction: "Neuron i of the first layer cuts x_i off by a separating hyperplane and has height \
                   u_i there; the other layers scale by 1/r_i, W_D by sign(y_i)/r_i, which makes the \
                   AM-GM inequality over the layers an equality.",
    remark: "The printed definitions of r_i and u_i provide for y_i = 0, but there the claim is false: \
             the least contribution of such a sample is 0, and it is attained only if no neuron of \
             the last hidden layer is active at x_i. For non-zero labels it is true.",
    repairs: &["theorem-4.1-repaired"],
    control: "the inputs need not be extreme points",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "theorem-4.1",
            draw: Instance::draw,
            judge: |instance| exists("theorem-4.1", instance, AS_PRINTED),
            simpler: |instance| instance.simpler(simpler_data),
        }
        .hunt(search)
    }),
    judge: |run, form| {
        let claimed = match form {
            Form::Stated => AS_PRINTED,
            Form::Control => Claimed {
                zero_labels: false,
                any_inputs: true,
            },
        };
        judge("theorem-4.1", run, claimed)
    },
};

/// The statement for non-zero labels.
pub static REPAIRED: Case = Case {
    id: "theorem-4.1-repaired",
    title: "extreme inputs, non-zero labels: a memorising flattest network of width n",
    printed: "As theorem-4.1, for labels different from 0.",
    hypotheses: "n samples (repeats allowed), each distinct input a vertex of the convex hull of all \
                 (decided exactly); every label a real number different from 0; D >= 2.",
    construction: "The printed formulas, with -1 in place of the zeros of W_2, ..., W_{D-1}; repeated \
                   inputs share a neuron, and spare neurons are dead.",
    remark: "Proof: ||grad f(x_i)||^2 >= D |y_i|^{2(D-1)/D} R_i^{2/D} for every interpolating theta \
             (bound-depth), with equality at the construction.",
    repairs: &[],
    control: "labels may be 0",
    judge: |run, form| {
        let zero_labels = form == Form::Control;
        judge(
            "theorem-4.1-repaired",
            run,
            Claimed {
                zero_labels,
                any_inputs: false,
            },
        )
    },
    hunt: None,
    ..CASE
};

/// What the statement covers.
#[derive(Clone, Copy)]
struct Claimed {
    zero_labels: bool,
    any_inputs: bool,
}

/// Labels may be 0; inputs are extreme.
const AS_PRINTED: Claimed = Claimed {
    zero_labels: true,
    any_inputs: false,
};

fn judge(case: &'static str, run: &Run, claimed: Claimed) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    for (family, instances) in instances(run) {
        tally.all(family, instances, |instance| {
            exists(case, &instance, claimed)
        });
    }
    tally.finish("a memorising network of width n attains the least trace")
}

/// A training set and a depth.
pub(super) struct Instance {
    pub data: Dataset<Rational>,
    pub depth: u32,
}

impl Instance {
    /// `d = 2, n = 3, D = 2`.
    pub fn name(&self) -> String {
        let (d, n) = (self.data.dim(), self.data.len());
        format!("d = {d}, n = {n}, D = {}", self.depth)
    }

    /// Any training set of [`inputs_and_labels`] at a depth up to 5.
    pub fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        let (family, data) = inputs_and_labels(rng, attempt);
        let depth = 1 + size(rng, attempt, 4) as u32;
        (family, Self { data, depth })
    }

    /// Shallower, or with a training set that `simpler` gives.
    pub fn simpler(&self, simpler: fn(&Dataset<Rational>) -> Vec<Dataset<Rational>>) -> Vec<Self> {
        let shallower = (2..self.depth).map(|depth| (self.data.clone(), depth));
        let plainer = simpler(&self.data)
            .into_iter()
            .map(|data| (data, self.depth));
        shallower
            .chain(plainer)
            .map(|(data, depth)| Self { data, depth })
            .collect()
    }

    /// The data as radicals.
    pub fn radicals(&self) -> Dataset<Radical> {
        self.data.map(|q| Radical::from_rational(q.clone()))
    }
}

/// Every family at every depth from 2, the smallest instances first, the sizes of the paper last.
pub(super) fn instances(run: &Run) -> Vec<(&'static str, Vec<Instance>)> {
    let at_depths = |data: Vec<Dataset<Rational>>, deepest: u32| -> Vec<Instance> {
        let of = |data: Dataset<Rational>| {
            (2..=deepest).map(move |depth| Instance {
                data: data.clone(),
                depth,
            })
        };
        data.into_iter().flat_map(of).collect()
    };
    let small = families(run, "theorem-4.1/small").into_iter();
    let mut all: Vec<_> = small
        .map(|(name, data)| (name, at_depths(data, run.pick(3, 5, 8))))
        .collect();
    let rng = &mut run.rng("theorem-4.1/large");
    let paper = xor_sample(rng, 30, run.pick(8, 100, 100));
    let mut any_labels = xor_sample(rng, 30, run.pick(2, 12, 30));
    any_labels.y.iter_mut().for_each(|y| *y = nonzero(rng));
    all.push((
        "cube, d = 30, rational labels",
        at_depths(vec![any_labels], run.pick(2, 5, 5)),
    ));
    all.push(("P_xor, d = 30", at_depths(vec![paper], 5)));
    if run.size == Size::Full {
        all.push((
            "P_xor, d = 80, n = 1000",
            at_depths(vec![xor_sample(rng, 80, 1000)], 5),
        ));
    }
    all
}

fn exists(case: &'static str, instance: &Instance, claimed: Claimed) -> Result<Finding, Finding> {
    let n = instance.data.len();
    let Some(distinct) = instance.data.distinct() else {
        return Err(Finding::Vacuous(
            "an input with two labels: nothing interpolates".into(),
        ));
    };
    let v = match separators(&distinct.x) {
        Ok(v) => v,
        Err(NoSeparators::NotExtreme {
            sample,
            combination,
        }) if claimed.any_inputs => {
            return Ok(no_memoriser(
                case,
                instance,
                &distinct,
                sample,
                &combination,
            ));
        }
        Err(no) => return Err(no.into()),
    };
    if let Some(zero) = instance.data.y.iter().position(Rational::is_zero) {
        return if claimed.zero_labels {
            no_flattest_memoriser(case, instance, &distinct, &v, zero)
        } else {
            Err(Finding::Vacuous("a label is 0".into()))
        };
    }
    let network = Network::Bias(pad(repaired(&distinct, &v, instance.depth)?, n));
    Claim {
        case,
        instance: instance.name(),
        data: &instance.radicals(),
        network: &network,
        memorising: true,
        error: None,
    }
    .of_existence()
}

impl From<NoSeparators> for Finding {
    fn from(no: NoSeparators) -> Self {
        match no {
            NoSeparators::NotExtreme { sample, .. } => {
                Finding::Vacuous(format!("x_{} is not an extreme point", sample + 1))
            }
            NoSeparators::Undecided(undecided) => undecided.into(),
        }
    }
}

/// The proof at label 0: a network that attains the least trace, with gradient 0 at that sample.
fn no_flattest_memoriser(
    case: &'static str,
    instance: &Instance,
    distinct: &Dataset<Rational>,
    v: &[Vec<Rational>],
    zero: usize,
) -> Result<Finding, Finding> {
    let data = instance.radicals();
    let net = dead_at_zero_labels(distinct, v, instance.depth)?;
    let network = Network::Bias(pad(net, instance.data.len()));
    let least = Bounded::of(&network)
        .map(|bound| bound.least_trace(&data))
        .transpose()?;
    let least = least.map_or(String::new(), |least| number(&least));
    let i = zero + 1;
    let says = format!(
        "{}: y_{i} = 0, and a network that is not memorising attains the least trace, {least}, with \
         gradient 0 at x_{i}; a memorising network has ||grad f(x_{i})||^2 >= h^2 > 0 there (h its \
         own activation in the last hidden layer), so none is flattest: labels must not be 0",
        instance.name()
    );
    let member = Member::new(instance.name())
        .data(&data)
        .network(&network)
        .fact(Fact::TraceAgainstBound {
            is: Relation::Equal,
        })
        .fact(Fact::SquaredGradient {
            sample: zero,
            is: Relation::Equal,
            value: "0".into(),
        })
        .fact(Fact::Memorising { holds: false });
    Ok(Finding::Fails(Box::new(Witness::refutation(
        case,
        says,
        vec![member],
    ))))
}

/// The proof at an input that is not extreme: its convex combination.
fn no_memoriser(
    case: &'static str,
    instance: &Instance,
    distinct: &Dataset<Rational>,
    sample: usize,
    combination: &Combination,
) -> Finding {
    let i = sample + 1;
    let says = format!(
        "{}: x_{i} is a convex combination of the others, so a neuron that is <= 0 at these is \
         <= 0 at x_{i}: no network is memorising",
        instance.name()
    );
    let weights = combination
        .weights
        .iter()
        .map(Rational::to_string)
        .collect();
    let member = Member::new(instance.name())
        .data(&distinct.map(|q| Radical::from_rational(q.clone())))
        .fact(Fact::Combination { sample, weights });
    Finding::Fails(Box::new(Witness::refutation(case, says, vec![member])))
}
