//! Pairs of neurons that cancel on the training set and not elsewhere.
//!
//! Both neurons are positive at one training input `x*` (and its repetitions) alone and 0 at none, so
//! whatever the first gives there the second takes away:
//!
//! ```text
//! no normalisation: heights z(x*) = v(x*) = a, outputs +a and -a
//! batch norm:       normalised values sqrt(n / multiplicity of x*) both, gamma = a, W2 = +a and -a
//! ```
//!
//! Where `w.u > w.x*` the first neuron is `z(u) / z(x*)` times as large as at `x*`: without bound as its
//! height [`Pair::lowered`] tends to 0. These are the near-dead neurons that Theorem 3.2 of Wen, Li, Ma
//! 2023 overlooks. Test `pair_cancels_on_training_set`.

use super::neurons::{Neuron, neurons, with_neurons};
use super::{DRAWS, fire, integer_row, real};
use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::{Field, Integer, Radical, Rational, Ring};
use crate::search::generate::{below, choose, one_in};
use rand::Rng;
use rug::ops::Pow;
use std::cmp::Ordering;

/// Two rows that are positive at one training input alone, and 0 at none.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The first, `(w, b)` or w.
    pub first: Vec<Radical>,
    /// The second.
    pub second: Vec<Radical>,
    /// `x*`, as the index of its first appearance.
    pub sample: usize,
    /// Whether the first neuron gives out `+amplitude^2` at `x*`, and the second `-amplitude^2`.
    pub positive: bool,
    /// The values of the two rows at `x*`, positive.
    heights: [Radical; 2],
    /// Whether the last entry of a row is a bias.
    biased: bool,
}

/// Whether every input is in `{-1,1}^d`.
pub(super) fn on_cube(data: &Dataset<Radical>) -> bool {
    let (one, minus) = (Radical::one(), real(-1));
    data.x.iter().flatten().all(|x| *x == one || *x == minus)
}

impl Pair {
    /// A random pair for these training inputs, with or without bias; `None` if none was found. On the
    /// cube the vertex where the first row is largest is unseen.
    pub fn draw(rng: &mut impl Rng, data: &Dataset<Radical>, biased: bool) -> Option<Self> {
        if data.is_empty() || data.dim() == 0 {
            return None;
        }
        if biased {
            let cube = on_cube(data);
            (0..DRAWS).find_map(|_| {
                let w = match cube && one_in(rng, 2) {
                    true => towards(rng, data)?,
                    false => integer_row(rng, data.dim(), false),
                };
                Self::along(w, data, one_in(rng, 2))
            })
        } else {
            without_bias(rng, data)
        }
    }

    /// The pair along w, with thresholds halfway to the next training input; `None` if w does not expose one
    /// training input, or on the cube if it is largest there. The second neuron is along `x*`, or
    /// along w as well where `x*` does not expose itself.
    pub fn along(w: Vec<Radical>, data: &Dataset<Radical>, positive: bool) -> Option<Self> {
        let (sample, gap) = exposed(&w, &data.x)?;
        let star = &data.x[sample];
        if on_cube(data) && w.iter().zip(star).all(|(w, x)| w.mul(x).signum().is_ge()) {
            return None; // nothing on the cube is above x*
        }
        // among inputs of one norm x* exposes itself
        let own = exposed(star, &data.x).filter(|(best, _)| data.x[*best] == *star);
        let (v, next) = match own {
            Some((_, gap)) => (star.clone(), gap),
            None => (w.clone(), gap.clone()),
        };
        let half = |gap: &Radical| gap.div(&real(2)).ok();
        let heights = [half(&gap)?, half(&next)?];
        let with_height = |w: Vec<Radical>, height: &Radical| {
            let bias = height.sub(&Radical::dot(&w, star)); // w.x* + b = height
            w.into_iter().chain([bias]).collect()
        };
        Some(Self {
            first: with_height(w, &heights[0]),
            second: with_height(v, &heights[1]),
            sample,
            positive,
            heights,
            biased: true,
        })
    }

    /// w, the first row without its bias.
    pub fn direction(&self) -> &[Radical] {
        &self.first[..self.first.len() - usize::from(self.biased)]
    }

    /// The pair whose first row has the value `height` at `x*`, `0 < height <=` its present value.
    /// Without bias a row cannot be lowered: the pair as it is.
    pub fn lowered(mut self, height: &Radical) -> Self {
        if let Some(bias) = self.first.last_mut().filter(|_| self.biased) {
            *bias = bias.add(height).sub(&self.heights[0]);
            self.heights[0] = height.clone();
        }
        self
    }

    /// The value of the first row at `x*`.
    pub fn height(&self) -> &Radical {
        &self.heights[0]
    }

    /// The network with the first neuron alone added, giving out `+-amplitude^2` at `x*`: it has to be
    /// absorbed by another one ([`super::refitted`]). Batch norm and depth 2 only.
    pub fn half_added_to(
        &self,
        net: &Network<Radical>,
        amplitude: &Radical,
    ) -> Option<Network<Radical>> {
        let mut all = neurons(&self.added_to(net, amplitude, 0)?);
        all.pop(); // the second comes last
        Some(with_neurons(net, all))
    }

    /// The network with the pair added, giving out `+-amplitude^2` at `x*` (batch norm: with the
    /// coefficients `+-amplitude^2`) into output `into` of its layer. `None` for layer norm.
    pub fn added_to(
        &self,
        net: &Network<Radical>,
        amplitude: &Radical,
        into: usize,
    ) -> Option<Network<Radical>> {
        let rows = [&self.first, &self.second];
        let mut signed = [amplitude.clone(), amplitude.neg()];
        if !self.positive {
            signed.reverse();
        }
        let mut all = neurons(net);
        for ((row, height), out) in rows.into_iter().zip(&self.heights).zip(signed) {
            let mut neuron = Neuron::silent(net, row.clone());
            match net {
                Network::SimLn(_) => return None,
                Network::SimBn(_) => neuron.gamma = Some(amplitude.clone()),
                _ => neuron.scale_row(&amplitude.div(height).ok()?),
            }
            *neuron.out.get_mut(into)? = out;
            all.push(neuron);
        }
        Some(with_neurons(net, all))
    }
}

/// A random [`Pair`], lowered by 1 to 10^-24, with an amplitude of 1 to 10^-6, either sign.
pub(super) fn cancelling_pair(
    rng: &mut impl Rng,
    net: &Network<Radical>,
    data: &Dataset<Radical>,
) -> Option<Network<Radical>> {
    if matches!(net, Network::SimLn(_)) {
        return None;
    }
    let pair = Pair::draw(rng, data, !matches!(net, Network::NoBias(_)))?;
    let tau = power_of_ten(*choose(rng, &[0, 1, 3, 6, 12, 24])?);
    let height = pair.height().mul(&tau);
    let amplitude = power_of_ten(*choose(rng, &[0, 0, 1, 3, 6])?);
    let outputs = match net {
        Network::Bias(net) => net.hidden.first().map_or(1, |layer| layer.height()),
        _ => 1,
    };
    pair.lowered(&height)
        .added_to(net, &amplitude, below(rng, outputs))
}

/// `10^-digits`.
fn power_of_ten(digits: u32) -> Radical {
    real(Rational::from((
        Integer::from(1),
        Integer::from(10).pow(digits),
    )))
}

/// The training input where `w.x` is largest, and how far the next one is below (1 if there is none);
/// `None` on a tie of distinct inputs.
fn exposed(w: &[Radical], x: &[Vec<Radical>]) -> Option<(usize, Radical)> {
    let values = fire(w, x);
    let top = values.iter().max()?;
    let best = values.iter().position(|value| value == top)?;
    let others = values.iter().zip(x).filter(|(_, at)| **at != x[best]);
    let next = others.map(|(value, _)| value).max();
    let gap = next.map_or_else(Radical::one, |next| top.sub(next));
    gap.signum().is_gt().then_some((best, gap))
}

/// Up the face from a training input x* to an unseen vertex u, k flips away: weight `u_i` where they
/// differ and `2k u_i` where they agree.
fn towards(rng: &mut impl Rng, data: &Dataset<Radical>) -> Option<Vec<Radical>> {
    let (d, star) = (data.dim(), choose(rng, &data.x)?);
    let k = 1 + below(rng, d.min(4));
    let mut u = star.clone();
    for _ in 0..k {
        let i = below(rng, d);
        u[i] = u[i].neg();
    }
    if data.x.contains(&u) {
        return None;
    }
    let weight = |(u, x): (&Radical, &Radical)| match u == x {
        true => u.mul(&real(2 * k as i64)),
        false => u.clone(),
    };
    Some(u.iter().zip(star).map(weight).collect())
}

/// Two different random rows that are positive at the same training input alone.
fn without_bias(rng: &mut impl Rng, data: &Dataset<Radical>) -> Option<Pair> {
    let first = (0..DRAWS).find_map(|_| {
        let w = integer_row(rng, data.dim(), false);
        Some((positive_alone(&w, &data.x)?, w))
    })?;
    let ((sample, height), first) = first;
    (0..DRAWS).find_map(|_| {
        let mut second = integer_row(rng, data.dim(), false);
        let far = real([0, 1, 10, 100][below(rng, 4)]);
        for (v, w) in second.iter_mut().zip(&first) {
            *v = v.add(&w.mul(&far));
        }
        let (at, own) = positive_alone(&second, &data.x)?;
        (at == sample && !are_parallel(&first, &second)).then(|| Pair {
            first: first.clone(),
            second,
            sample,
            positive: true,
            heights: [height.clone(), own],
            biased: false,
        })
    })
}

/// The one input (up to repetitions) where the row is positive, and its value there; `None` if it is 0
/// at some input, or positive at none or several.
fn positive_alone(row: &[Radical], x: &[Vec<Radical>]) -> Option<(usize, Radical)> {
    let values = fire(row, x);
    let at = values.iter().position(|value| value.signum().is_gt())?;
    let fits = |(value, input): (&Radical, &Vec<Radical>)| match value.signum() {
        Ordering::Greater => *input == x[at],
        Ordering::Equal => false,
        Ordering::Less => true,
    };
    let alone = values.iter().zip(x).all(fits);
    alone.then(|| (at, values[at].clone()))
}

/// Whether `v = t w` for some t: all 2 x 2 minors against a nonzero entry of w vanish.
fn are_parallel(w: &[Radical], v: &[Radical]) -> bool {
    let Some(k) = w.iter().position(|w| w.signum().is_ne()) else {
        return true;
    };
    w.iter().zip(v).all(|(a, b)| a.mul(&v[k]) == b.mul(&w[k]))
}
