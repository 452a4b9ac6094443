//! Networks with data they interpolate, for the lower bounds on the sharpness with bias (Wen, Li, Ma
//! 2023, Section 4.2): random ones whose labels are their outputs, and ones that attain the bounds.

use super::Finding;
use super::Run;
use super::extreme_inputs::{families, xor_sample};
use super::hunt::OwnLabels;
use super::hunt::draw::{extreme, simpler_data, size};
use crate::certificate::{Fact, Member, Witness};
use crate::construction::theorem_4_1::{dead_at_zero_labels, separators};
use crate::construction::{proposition_4_1, proposition_4_2};
use crate::data::Dataset;
use crate::network::{Bias, Network, Refusal};
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring};
use crate::search::generate::{below, one_in};
use crate::search::networks;
use crate::search::perturb::Family;
use rand_chacha::ChaCha8Rng;

/// A network and data it interpolates.
pub(super) struct Interpolant {
    /// `MLP-Bias`.
    pub net: Bias<Radical>,
    /// The training set.
    pub data: Dataset<Radical>,
}

impl Interpolant {
    /// `d = 2, n = 3, D = 2`.
    pub fn name(&self) -> String {
        let (d, n, depth) = (self.data.dim(), self.data.len(), self.net.depth());
        format!("d = {d}, n = {n}, D = {depth}")
    }

    /// A refutation of `case` by facts about this.
    pub fn refutes(&self, case: &str, says: &str, facts: Vec<Fact>) -> Finding {
        let mut member = Member::new(self.name())
            .data(&self.data)
            .network(&Network::Bias(self.net.clone()))
            .fact(Fact::Interpolates);
        member.facts.extend(facts);
        let says = format!("{}: {says}", self.name());
        Finding::Fails(Box::new(Witness::refutation(case, says, vec![member])))
    }
}

/// An instance of a hunt over all networks with bias that interpolate.
#[derive(Clone)]
pub(super) enum Drawn {
    /// Any network; labels are its outputs.
    Own(OwnLabels),
    /// The memorising network of these samples, dead at labels 0, of this depth.
    Memorising(Dataset<Rational>, u32),
}

impl Drawn {
    /// Random networks with their own outputs or with random labels, memorising networks, and these
    /// perturbed, by turns; of depth 2 to `deepest`.
    pub fn draw(rng: &mut ChaCha8Rng, attempt: usize, deepest: usize) -> (&'static str, Self) {
        let depth = 1 + size(rng, attempt, deepest - 1);
        let kind = networks::Kind::Bias(depth);
        let data = extreme(rng, attempt);
        let own = match attempt % 4 {
            0 => return ("memorising networks", Self::Memorising(data, depth as u32)),
            1 => data.distinct().and_then(|Dataset { x, y }| {
                let net = networks::interpolating(rng, kind, &x, &y)?;
                Some(("random networks, random labels", OwnLabels { net, x }))
            }),
            2 => memorising(&data, depth as u32).ok().map(|it| {
                let (net, x) = (Network::Bias(it.net), data.x);
                let net = OwnLabels { net, x }.perturbed(rng, attempt, &Family::ALL);
                ("memorising networks, perturbed", net)
            }),
            _ => None,
        };
        let (family, own) = own.unwrap_or_else(|| {
            let own = OwnLabels::draw(rng, attempt, kind);
            ("random networks, their outputs as labels", own)
        });
        (family, Self::Own(own))
    }

    /// Simpler networks, shallower or on simpler samples.
    pub fn simpler(&self) -> Vec<Self> {
        match self {
            Self::Own(own) => own.simpler().into_iter().map(Self::Own).collect(),
            Self::Memorising(data, depth) => {
                let shallower = (2..*depth).map(|depth| (data.clone(), depth));
                let sets = simpler_data(data).into_iter().map(|data| (data, *depth));
                let all = shallower.chain(sets);
                all.map(|(data, depth)| Self::Memorising(data, depth))
                    .collect()
            }
        }
    }

    /// Vacuous where the inputs of a memorising network are not extreme.
    pub fn interpolant(&self) -> Result<Interpolant, Finding> {
        match self {
            Self::Own(own) => match own.exact()? {
                (Network::Bias(net), data) => Ok(Interpolant { net, data }),
                _ => Err(Finding::Undecided("a network with bias is needed".into())),
            },
            Self::Memorising(data, depth) => memorising(data, *depth),
        }
    }
}

/// The memorising network, dead at labels 0, of the distinct samples.
fn memorising(data: &Dataset<Rational>, depth: u32) -> Result<Interpolant, Finding> {
    let no = || Finding::Vacuous("an input with two labels".into());
    let distinct = data.distinct().ok_or_else(no)?;
    let net = dead_at_zero_labels(&distinct, &separators(&distinct.x)?, depth)?;
    let data = data.map(lift);
    Ok(Interpolant { net, data })
}

/// Memorising networks on extreme inputs, one sample and label 0 among them.
pub(super) fn attained(run: &Run, stream: &str, depth: u32) -> Vec<Interpolant> {
    let one = |data: Dataset<Rational>| {
        let distinct = data.distinct()?;
        let net = dead_at_zero_labels(&distinct, &separators(&distinct.x).ok()?, depth).ok()?;
        let data = distinct.map(lift);
        Some(Interpolant { net, data })
    };
    let families = families(run, &format!("{stream}/attained"));
    families
        .into_iter()
        .flat_map(|(_, all)| all)
        .filter_map(one)
        .collect()
}

/// Random admissible networks over rationals and over radicals; labels are their outputs.
pub(super) fn random(run: &Run, stream: &str, depth: u32) -> Vec<Interpolant> {
    let rng = &mut run.rng(&format!("{stream}/random/{depth}"));
    let mut all = Vec::new();
    for k in 0..run.pick(6, 60, 400) {
        let (d, m, n) = (1 + below(rng, 3), 1 + below(rng, 4), 1 + below(rng, 4));
        let x = networks::inputs(rng, n, d);
        let Some(net) = networks::admissible(rng, networks::Kind::Bias(depth as usize), m, &x)
        else {
            continue;
        };
        let net = if k % 2 == 0 {
            net.map(lift, lift)
        } else {
            networks::with_radicals(rng, &net)
        };
        let x: Vec<Vec<Radical>> = x.iter().map(|x| x.iter().map(lift).collect()).collect();
        if let (Network::Bias(bias), Ok(y)) = (&net, net.outputs(&x, &x)) {
            all.push(Interpolant {
                net: bias.clone(),
                data: Dataset { x, y },
            });
        }
    }
    all
}

/// Input 0 in R^1, so R = 1; one neuron of height z there and weight a, so y = a max(z, 0).
pub(super) fn smallest() -> Vec<Interpolant> {
    let int = Radical::from_int;
    let one = |(z, a): (i64, i64)| Interpolant {
        net: Bias {
            first: vec![vec![int(1), int(z)]],
            hidden: vec![],
            last: vec![int(a)],
        },
        data: Dataset {
            x: vec![vec![int(0)]],
            y: vec![int(a * z.max(0))],
        },
    };
    let heights = [1, 2, -1].into_iter();
    heights
        .flat_map(|z| [1, -1, 2, 0].map(|a| (z, a)))
        .map(one)
        .collect()
}

/// Random first layers with `W2_j = s z_j / R` at the single input, one of them off by `10^-30` if
/// `nearly`.
pub(super) fn aligned(run: &Run, nearly: bool) -> Vec<Interpolant> {
    let rng = &mut run.rng("bound-bias/aligned");
    let mut all = Vec::new();
    for _ in 0..run.pick(6, 40, 400) {
        let (d, m) = (1 + below(rng, 3), 1 + below(rng, 4));
        let sign = if one_in(rng, 2) { 1 } else { -1 };
        let x = networks::inputs(rng, 1, d);
        let net = networks::admissible(rng, networks::Kind::Bias(2), m, &x);
        let Some(Network::Bias(mut net)) = net.map(|net| net.map(lift, lift)) else {
            continue;
        };
        let x: Vec<Vec<Radical>> = x.iter().map(|x| x.iter().map(lift).collect()).collect();
        if align(&mut net, &x, sign, nearly).is_ok()
            && let Ok(y) = Network::Bias(net.clone()).outputs(&x, &x)
        {
            all.push(Interpolant {
                net,
                data: Dataset { x, y },
            });
        }
    }
    all
}

fn align(
    net: &mut Bias<Radical>,
    x: &[Vec<Radical>],
    sign: i64,
    nearly: bool,
) -> Result<(), Refusal> {
    let activations = Network::Bias(net.clone()).admissible(x)?;
    let scale = Radical::from_int(sign).div(&radius(&x[0])?)?;
    for (j, z) in &activations[0][0].active {
        net.last[*j] = scale.mul(z);
    }
    if let (true, Some((j, _))) = (nearly, activations[0][0].active.last()) {
        net.last[*j] = net.last[*j].add(&lift(&tiny()));
    }
    Ok(())
}

/// The memorising network and the four-neuron one on samples of P_xor.
pub(super) fn on_xor(run: &Run) -> Vec<Interpolant> {
    let rng = &mut run.rng("bound-bias/P_xor");
    let sizes = [(2, 1), (2, 4), (3, 5), (5, 9), (30, run.pick(5, 100, 100))];
    let mut all = Vec::new();
    for (d, n) in sizes {
        let sample = xor_sample(rng, d, n);
        let memorising = proposition_4_1::repaired(&sample).ok();
        let four = proposition_4_2::repaired(d, n.max(4)).ok();
        let nets = memorising.into_iter().chain(four);
        all.extend(nets.map(|net| Interpolant {
            net,
            data: sample.map(lift),
        }));
    }
    all
}

/// `10^-30`.
pub(super) fn tiny() -> Rational {
    Rational::from(10).pow(30).recip()
}

pub(super) fn lift(q: &Rational) -> Radical {
    Radical::from_rational(q.clone())
}

/// `R = sqrt(||x||^2 + 1)`.
pub(super) fn radius(x: &[Radical]) -> Result<Radical, NoValue> {
    Radical::dot(x, x).add(&Radical::one()).sqrt()
}
