//! Proposition 4.2 (Wen, Li, Ma 2023): for P_xor and any number of samples n, some `2-MLP-Bias` of width n
//! interpolates, has the least trace `4 sqrt(d+1)`, and has no 0-1 error on the population.
//!
//! Refuted at n = 1, 2: a network of width below 3 has `y f <= 0` somewhere
//! ([`crate::population::quadrants`]). True for n >= 3 ([`crate::construction::proposition_4_2`]); the
//! printed network has the wrong r, `(d^2+1)^(1/4)` for `(d+1)^(1/4)`.

use super::claims::Claim;
use super::hunt::Quarry;
use super::hunt::draw::{simpler_xor, xor_samples};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Witness};
use crate::construction::proposition_4_2 as construction;
use crate::data::{Dataset, xor};
use crate::network::{Bias, Network};
use crate::population::quadrants::out_of_reach;
use crate::scalar::{Radical, Rational, Ring};

/// As printed: any n.
pub static CASE: Case = Case {
    id: "proposition-4.2",
    aliases: &[],
    title: "a flattest network without population error",
    kind: Kind::Existence,
    place: "Section 4.2",
    printed: "For P_xor and any number of samples n, some 2-MLP-Bias of width n interpolates, has minimal \
              sharpness and has 0-1 population error 0.",
    hypotheses: "n >= 1 draws from P_xor(d), repeats included, d >= 2; width exactly n; f = 0 counts as an error.",
    construction: "Four neurons for n >= 4, three for n = 3.",
    remark: "Width 1 has outputs of one sign. Width 2 needs one neuron per sign, each positive at both points of \
             its own sign, hence with a total over the other two at least as large: the sum of y f over the four \
             quadrants is not positive. Three neurons are enough for any three samples, since one quadrant is \
             free to hold a large value.",
    repairs: &["proposition-4.2-repaired"],
    control: "width n - 1",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-4.2",
            draw: |rng, attempt| ("samples of P_xor", xor_samples(rng, attempt)),
            judge: |data| exists("proposition-4.2", &Instance::of_width_n(data)),
            simpler: simpler_xor,
        }
        .hunt(search)
    }),
    judge: |run, form| existence("proposition-4.2", 1, run, form),
};

/// For n >= 3.
pub static REPAIRED: Case = Case {
    id: "proposition-4.2-repaired",
    aliases: &[],
    title: "a flattest network without population error, three samples or more",
    kind: Kind::Existence,
    place: "Section 4.2",
    printed: "For P_xor and any number of samples n >= 3, some 2-MLP-Bias of width n interpolates, has minimal \
              sharpness and has 0-1 population error 0.",
    hypotheses: "n >= 3 draws from P_xor(d), repeats included, d >= 2; width exactly n; f = 0 counts as an error.",
    construction: "Four neurons with r = (d+1)^(1/4) and dead ones (bias -1) for n >= 4; for n = 3 a quadrant \
                   (s, t) without samples, one neuron for both its neighbours, one for the opposite quadrant, one \
                   to turn (s, t).",
    remark: "Verified for every triple of samples at d = 2; the networks and their trace do not depend on the \
             coordinates after the second.",
    repairs: &[],
    control: "width n - 1",
    file: file!(),
    coq: None,
    hunt: None,
    judge: |run, form| existence("proposition-4.2-repaired", 3, run, form),
};

/// The printed network.
pub static PRINTED: Case = Case {
    id: "proposition-4.2-printed",
    aliases: &[],
    title: "the four-neuron network as printed",
    kind: Kind::Construction,
    place: "Section 4.2",
    printed: "Neurons r (s, t, 0, ..., 0), bias -r, W2 = s t / r for s, t in {-1, 1}, r = (d^2+1)^(1/4), all other \
              neurons 0: interpolates, minimal sharpness, 0-1 population error 0.",
    hypotheses: "n >= 4 draws from P_xor(d), d >= 2; width n.",
    construction: "As printed.",
    remark: "The trace is 2 ((d+1)/r^2 + r^2), least at r = (d+1)^(1/4): the square belongs to no formula of it, \
             and (d^2+1)^(1/4) is larger for every d >= 2. From n = 5 on the zero neurons sit on a kink as well.",
    repairs: &["proposition-4.2-repaired"],
    control: "the printed network with W2 = -s t / r at the last quadrant",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-4.2-printed",
            draw: |rng, attempt| ("samples of P_xor", xor_samples(rng, attempt)),
            judge: |data| match data.len() {
                4.. => fits(&Instance::of_width_n(data), Form::Stated),
                _ => Err(Finding::Vacuous("four neurons need width n >= 4".into())),
            },
            simpler: simpler_xor,
        }
        .hunt(search)
    }),
    judge: printed,
};

/// One training set in words and numbers.
struct Instance {
    data: Dataset<Rational>,
    width: usize,
}

impl Instance {
    fn of_width_n(data: &Dataset<Rational>) -> Self {
        let (data, width) = (data.clone(), data.len());
        Self { data, width }
    }
    fn name(&self) -> String {
        let (d, n) = (self.data.dim(), self.data.len());
        format!("d = {d}, n = {n}, width {}", self.width)
    }
    fn exact(&self) -> Dataset<Radical> {
        self.data.map(|q| Radical::from_rational(q.clone()))
    }
}

fn existence(case: &'static str, least: usize, run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let width = |n: usize| match form {
        Form::Stated => n,
        Form::Control => n - 1,
    };
    let instance = |data: Dataset<Rational>| {
        let width = width(data.len());
        Instance { data, width }
    };
    let judge = |instance: Instance| exists(case, &instance);
    for n in least..=3 {
        let all = samples_of_the_square(n).into_iter().map(instance);
        tally.all(
            &format!("every sample of {n} at d = 2"),
            all.collect(),
            judge,
        );
    }
    let mut rng = run.rng("proposition-4.2/samples");
    let mut samples = Vec::new();
    for k in 0..run.pick(6, 40, 200) {
        let (d, n) = (2 + k % 7, 3 + k % 11);
        samples.extend(xor::sample(d, n, &mut rng).map(instance));
    }
    tally.all("random samples, d = 2 to 8", samples, judge);
    let large = run.pick(
        vec![(30, 12)],
        vec![(30, 3), (30, 100)],
        vec![(30, 100), (80, 1000)],
    );
    let large = large
        .into_iter()
        .filter_map(|(d, n)| xor::sample(d, n, &mut rng).ok());
    tally.all("large samples", large.map(instance).collect(), judge);
    tally.finish("a network of width n is flattest and equal to x1 x2 on the cube")
}

/// All lists of n labelled points of {-1,1}^2.
fn samples_of_the_square(n: usize) -> Vec<Dataset<Rational>> {
    let list = |code: usize| {
        let inputs = (0..n).map(|i| xor::point::<Rational>((code >> (2 * i) & 3) as u64, 2));
        let x: Vec<_> = inputs.collect();
        let y = x.iter().map(|x| xor::label(x)).collect();
        Dataset { x, y }
    };
    (0..1 << (2 * n)).map(list).collect()
}

fn exists(case: &'static str, instance: &Instance) -> Result<Finding, Finding> {
    let data = instance.exact();
    if out_of_reach(instance.width) {
        let says = format!(
            "{}: no network of this width has y f > 0 at all of (1,1), (1,-1), (-1,1), (-1,-1)",
            instance.name()
        );
        let fact = Fact::QuadrantsOutOfReach {
            width: instance.width,
        };
        let member = Member::new(instance.name()).data(&data).fact(fact);
        return Ok(Finding::Fails(Box::new(Witness::refutation(
            case,
            says,
            vec![member],
        ))));
    }
    let Some(net) = construction::flattest(&instance.data, instance.width)? else {
        let why = format!("{}: no network is known", instance.name());
        return Ok(Finding::Undecided(why));
    };
    claim(case, instance.name(), &data, &Network::Bias(net)).of_existence()
}

fn claim<'a>(
    case: &'static str,
    instance: String,
    data: &'a Dataset<Radical>,
    network: &'a Network<Radical>,
) -> Claim<'a> {
    Claim {
        case,
        instance,
        data,
        network,
        memorising: false,
        error: Some(Rational::new()),
    }
}

fn printed(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let mut rng = run.rng("proposition-4.2-printed");
    let sizes = [(2, 4), (2, 5), (3, 4), (3, 8), (5, 6)];
    let large = run.pick(vec![], vec![(30, 100)], vec![(30, 100), (80, 1000)]);
    let samples = sizes.into_iter().chain(large);
    let samples = samples.filter_map(|(d, n)| xor::sample(d, n, &mut rng).ok());
    let instances = samples.map(|data| Instance::of_width_n(&data)).collect();
    tally.all("samples of P_xor", instances, |instance| {
        fits(&instance, form)
    });
    tally.finish("interpolating, flattest, no population error")
}

/// Whether the printed network does what is said of it.
fn fits(instance: &Instance, form: Form) -> Result<Finding, Finding> {
    let mut net = construction::printed(instance.data.dim(), instance.width)?;
    if form == Form::Control {
        flip(&mut net);
    }
    let (data, network) = (instance.exact(), Network::Bias(net));
    claim(PRINTED.id, instance.name(), &data, &network).of_construction()
}

/// `W2 = -s t / r` at the last of the four quadrants.
fn flip(net: &mut Bias<Radical>) {
    net.last[3] = net.last[3].neg();
}
