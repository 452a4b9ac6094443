//! Named perturbations of a network on a training set, and of the training set: what a search for a
//! counterexample (Wen, Li, Ma 2023) does to the network or the sample at hand.
//!
//! | family | what it does | keeps |
//! |---|---|---|
//! | [`Family::Rescaling`] | what a neuron takes in times t, what it gives out over t | f |
//! | [`Family::SplitNeuron`] | a neuron as two copies with shares `p^2 + q^2 = 1` | f |
//! | [`Family::NullNeuron`] | a neuron more, alive, that gives out 0 | f |
//! | [`Family::CancellingPair`] | two neurons more that agree on the training set (`pair`) | the outputs |
//! | [`Family::DeadNeuron`] | a neuron more, dead on the training set, alive elsewhere | the outputs |
//! | [`Family::MovedThreshold`] | a bias moved | nothing |
//! | [`Family::SignFlip`] | the sign of a neuron's output, or of one weight | nothing |
//!
//! "The outputs" are those on the training set. A family answers `None` where the architecture or the
//! data leave it no room. Tests `outputs_are_kept_as_named` and `the_others_keep_nothing`.

use super::generate::{below, between, choose, one_in};
use crate::data::extreme::open_half_space;
use crate::data::{Dataset, with_bias};
use crate::network::Network;
use crate::network::sim_ln::norm_squared;
use crate::scalar::{Field, Fired, Radical, Rational, Ring};
use neurons::{Neuron, neurons, with_neurons};
use rand::Rng;

pub mod data;
pub mod neurons;
pub mod pair;
pub mod refit;
pub mod simpler;

pub use data::DataFamily;
pub use pair::Pair;
pub use refit::refitted;
pub use simpler::simpler;

/// How many random rows are drawn before a family gives up.
const DRAWS: usize = 60;

/// What a perturbation leaves as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeps {
    /// Nothing in general.
    Nothing,
    /// `f(x_i)` at every training input, exactly.
    TrainingOutputs,
    /// f at every input, exactly; layer norm under [`Family::Rescaling`]: where `||h|| > eps`.
    Function,
}

/// A named family of perturbations of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Row times t > 0, output over t; batch norm: the row alone, or gamma times t and W2 over t; layer
    /// norm: all rows times t > 1, where every `||h(x_i)|| > eps`.
    Rescaling,
    /// Two copies: row and output of each times p and q (batch norm: gamma and W2), `p^2 + q^2 = 1`. The
    /// trace stays the same too.
    SplitNeuron,
    /// A row that is positive at some training input and 0 at none, with output 0 (gamma = 0). Not for
    /// layer norm, whose norm it would change.
    NullNeuron,
    /// A [`Pair`]. Not for layer norm.
    CancellingPair,
    /// A row that is negative at every training input and positive elsewhere, with any output. Not for
    /// batch norm, where it is outside the domain.
    DeadNeuron,
    /// One bias plus or minus 1/2, 1/10, 10^-3 or 10^-6: active sets may change or not. Not without bias.
    MovedThreshold,
    /// All that one neuron gives out, or one entry of its row, with the other sign.
    SignFlip,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 7] = [
        Self::Rescaling,
        Self::SplitNeuron,
        Self::NullNeuron,
        Self::CancellingPair,
        Self::DeadNeuron,
        Self::MovedThreshold,
        Self::SignFlip,
    ];

    /// Its name in accounts of a search.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rescaling => "rescaling",
            Self::SplitNeuron => "split neuron",
            Self::NullNeuron => "null neuron",
            Self::CancellingPair => "pair cancelling on the training set",
            Self::DeadNeuron => "neuron dead on the training set",
            Self::MovedThreshold => "moved threshold",
            Self::SignFlip => "sign flip",
        }
    }

    /// What it keeps.
    pub fn keeps(self) -> Keeps {
        match self {
            Self::Rescaling | Self::SplitNeuron | Self::NullNeuron => Keeps::Function,
            Self::CancellingPair | Self::DeadNeuron => Keeps::TrainingOutputs,
            Self::MovedThreshold | Self::SignFlip => Keeps::Nothing,
        }
    }

    /// A random member; `None` where there is none, or none was found. The rows of the network fit the
    /// inputs of the training set.
    pub fn apply(
        self,
        rng: &mut impl Rng,
        net: &Network<Radical>,
        data: &Dataset<Radical>,
    ) -> Option<Network<Radical>> {
        match self {
            Self::Rescaling => rescaling(rng, net, data),
            Self::SplitNeuron => split_neuron(rng, net),
            Self::NullNeuron => null_neuron(rng, net, data),
            Self::CancellingPair => pair::cancelling_pair(rng, net, data),
            Self::DeadNeuron => dead_neuron(rng, net, data),
            Self::MovedThreshold => moved_threshold(rng, net),
            Self::SignFlip => sign_flip(rng, net),
        }
    }
}

/// A rational as a radical.
fn real(q: impl Into<Rational>) -> Radical {
    Radical::from_rational(q.into())
}

/// The inputs as the rows of the first layer see them: `(x, 1)`, or x without bias.
fn seen_by_rows(net: &Network<Radical>, x: &[Vec<Radical>]) -> Vec<Vec<Radical>> {
    match net {
        Network::NoBias(_) => x.to_vec(),
        _ => x.iter().map(|x| with_bias(x)).collect(),
    }
}

/// A row of integers in -3..=3 for inputs of dimension `d`, and half an odd integer as bias if there is
/// one: on the cube never 0.
fn integer_row(rng: &mut impl Rng, d: usize, biased: bool) -> Vec<Radical> {
    let mut row: Vec<Radical> = (0..d).map(|_| real(between(rng, -3, 3))).collect();
    if biased {
        row.push(real((2 * between(rng, -3, 3) + 1, 2)));
    }
    row
}

/// The values of a row at the inputs, in order.
fn fire(row: &[Radical], seen: &[Vec<Radical>]) -> Vec<Radical> {
    seen.iter().map(|x| Radical::dot(row, x)).collect()
}

fn rescaling(
    rng: &mut impl Rng,
    net: &Network<Radical>,
    data: &Dataset<Radical>,
) -> Option<Network<Radical>> {
    let factors = [(2, 1), (3, 1), (10, 1), (1000, 1), (1_000_000, 1)];
    let t = real(*choose(rng, &factors)?);
    let mut all = neurons(net);
    if let Network::SimLn(ln) = net {
        let h: &[Fired<Radical>] = &net.architecture().activations(&data.x).ok()?[0];
        let above = |h: &Fired<Radical>| norm_squared(h) > ln.eps.square();
        if !h.iter().all(above) {
            return None;
        }
        all.iter_mut().for_each(|neuron| neuron.scale_row(&t));
        return Some(with_neurons(net, all));
    }
    let (t, inverse) = match one_in(rng, 2) {
        true => (t.inv().ok()?, t),
        false => (t.clone(), t.inv().ok()?),
    };
    let j = below(rng, all.len());
    let neuron = all.get_mut(j)?;
    match &mut neuron.gamma {
        Some(_) if one_in(rng, 2) => neuron.scale_row(&t), // a_j takes t up
        Some(gamma) => {
            *gamma = gamma.mul(&t);
            neuron.scale_out(&inverse);
        }
        None => {
            neuron.scale_row(&t);
            neuron.scale_out(&inverse);
        }
    }
    Some(with_neurons(net, all))
}

fn split_neuron(rng: &mut impl Rng, net: &Network<Radical>) -> Option<Network<Radical>> {
    let triples = [(3, 4, 5), (4, 3, 5), (5, 12, 13), (8, 15, 17)];
    let (p, q, r) = *choose(rng, &triples)?;
    let mut all = neurons(net);
    let j = below(rng, all.len());
    let original = all.get(j)?.clone();
    let copy = |p: i64| {
        let mut copy = original.clone();
        let share = real((p, r));
        match &mut copy.gamma {
            Some(gamma) => *gamma = gamma.mul(&share),
            None => copy.scale_row(&share),
        }
        copy.scale_out(&share); // p z * p W2: the share p^2
        copy
    };
    all.splice(j..=j, [copy(p), copy(q)]);
    Some(with_neurons(net, all))
}

fn null_neuron(
    rng: &mut impl Rng,
    net: &Network<Radical>,
    data: &Dataset<Radical>,
) -> Option<Network<Radical>> {
    if matches!(net, Network::SimLn(_)) {
        return None;
    }
    let seen = seen_by_rows(net, &data.x);
    let biased = !matches!(net, Network::NoBias(_));
    let row = (0..DRAWS)
        .map(|_| integer_row(rng, data.dim(), biased))
        .find(|row| {
            let z = fire(row, &seen);
            z.iter().all(|z| z.signum().is_ne()) && z.iter().any(|z| z.signum().is_gt())
        })?;
    let silent = Neuron::silent(net, row);
    let all = neurons(net).into_iter().chain([silent]).collect();
    Some(with_neurons(net, all))
}

fn dead_neuron(
    rng: &mut impl Rng,
    net: &Network<Radical>,
    data: &Dataset<Radical>,
) -> Option<Network<Radical>> {
    if data.is_empty() {
        return None;
    }
    let row = match net {
        Network::SimBn(_) => return None,
        Network::NoBias(_) => half_space(rng, data)?,
        Network::Bias(_) | Network::SimLn(_) => above_all(rng, data)?,
    };
    let outputs = [(1, 1), (2, 1), (10, 1), (1000, 1), (1, 1000)];
    let size = real(*choose(rng, &outputs)?);
    let out = if one_in(rng, 2) { size.neg() } else { size };
    let mut dead = Neuron::silent(net, row);
    let next = below(rng, dead.out.len());
    *dead.out.get_mut(next)? = out;
    let all = neurons(net).into_iter().chain([dead]).collect();
    Some(with_neurons(net, all))
}

/// `(w, b)` with `w.x_i + b < 0` at every training input, and above 0 beyond them; on the cube at the
/// vertex sign(w), which is then unseen.
fn above_all(rng: &mut impl Rng, data: &Dataset<Radical>) -> Option<Vec<Radical>> {
    let on_cube = pair::on_cube(data);
    (0..DRAWS).find_map(|_| {
        let mut w: Vec<Radical> = if on_cube {
            let sign = |rng: &mut _| real(if one_in(rng, 2) { 1 } else { -1 });
            (0..data.dim()).map(|_| sign(rng)).collect()
        } else {
            integer_row(rng, data.dim(), false)
        };
        let top = fire(&w, &data.x).into_iter().max()?;
        let reach = w.iter().fold(Radical::zero(), |sum, w| {
            sum.add(&if w.signum().is_lt() {
                w.neg()
            } else {
                w.clone()
            })
        });
        let bias = match on_cube {
            // halfway between the training inputs and the vertex, which is at `reach`
            true if top < reach => top.add(&reach).div(&real(2)).ok()?,
            true => return None,
            false if reach.signum().is_gt() => top.add(&real(1)),
            false => return None,
        };
        w.push(bias.neg());
        Some(w)
    })
}

/// `w` with `w.x_i < 0` at every training input: random rows first, then the linear program.
fn half_space(rng: &mut impl Rng, data: &Dataset<Radical>) -> Option<Vec<Radical>> {
    let below_0 = |w: &Vec<Radical>| fire(w, &data.x).iter().all(|z| z.signum().is_lt());
    let random = (0..DRAWS)
        .map(|_| integer_row(rng, data.dim(), false))
        .find(|w| below_0(w));
    random.or_else(|| {
        const MOST: usize = 64;
        let rational = |x: &Vec<Radical>| x.iter().map(Radical::as_rational).collect();
        let points: Vec<Vec<Rational>> = data.x.iter().map(rational).collect::<Option<_>>()?;
        let normal = (points.len() <= MOST).then(|| open_half_space(&points))?;
        Some(normal.ok()?.w.into_iter().map(real).collect())
    })
}

fn moved_threshold(rng: &mut impl Rng, net: &Network<Radical>) -> Option<Network<Radical>> {
    if matches!(net, Network::NoBias(_)) {
        return None;
    }
    let steps = [(1, 2), (1, 10), (1, 1000), (1, 1_000_000)];
    let step = real(*choose(rng, &steps)?);
    let step = if one_in(rng, 2) { step.neg() } else { step };
    let mut all = neurons(net);
    let j = below(rng, all.len());
    let bias = all.get_mut(j)?.row.last_mut()?;
    *bias = bias.add(&step);
    Some(with_neurons(net, all))
}

fn sign_flip(rng: &mut impl Rng, net: &Network<Radical>) -> Option<Network<Radical>> {
    let mut all = neurons(net);
    let j = below(rng, all.len());
    let neuron = all.get_mut(j)?;
    if one_in(rng, 2) {
        neuron.scale_out(&real(-1));
    } else {
        let k = below(rng, neuron.row.len());
        let entry = neuron.row.get_mut(k)?;
        *entry = entry.neg();
    }
    Some(with_neurons(net, all))
}

#[cfg(test)]
mod tests;
