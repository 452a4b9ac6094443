//! Batch-norm networks for the hunts around Theorem 3.2 (Wen, Li, Ma 2023): the generaliser of Lemma A.1
//! on a complete training set, changed by the perturbation families of [`crate::search::perturb`], in a
//! parameter t that tends to 0.
//!
//! ```text
//! rows of the network:  times 1/t   (batch norm is free of their scale; the trace is not)
//! cancelling pairs:     gamma = t, W2 = +-t, the value of the first neuron at x* times t^lowering
//! the first one alone:  gamma = t / n^(1/4), W2 = +-gamma, so that it gives +-t^2 at x*, which the row of
//!                       another neuron absorbs
//! ```
//!
//! Nothing here knows which of them refute what: random families are applied one after the other, and
//! t = 1, 1/10, ... is tried until the hypothesis holds. Tests `trials_interpolate_or_are_refused`
//! and `tests/falsify.rs`.

use crate::certificate::{Fact, Member, Relation};
use crate::construction::sim_bn_generaliser::generaliser;
use crate::data::complete::CompleteSet;
use crate::data::{Dataset, xor};
use crate::network::{Architecture, Network, SimBn};
use crate::scalar::{Field, Integer, Ordered, Radical, Rational, Ring};
use crate::search::generate::{below, between, choose, one_in};
use crate::search::perturb::neurons::{neurons, with_neurons};
use crate::search::perturb::{Family, Pair, refitted, simpler};
use crate::search::shrink;
use crate::sharpness::alignment::least_coefficient_sum;
use crate::sharpness::closed_form::trace;
use crate::theorem::Finding;
use crate::theorem::bn_instances::{describe, exact, norm_sum};
use rand_chacha::ChaCha8Rng;
use rug::ops::Pow;

mod clauses;
mod limit;

pub(in crate::theorem) use clauses::Clause;
pub(in crate::theorem) use limit::{Limit, Measure, Met, Survivor, either};

/// The smallest t tried is `10^-MOST`.
pub(super) const MOST: u32 = 12;

/// A complete training set and a family of networks on it.
#[derive(Clone, Debug)]
pub(in crate::theorem) struct Scene {
    pub set: CompleteSet,
    /// How far a clause may be off.
    pub eps: Rational,
    /// The network at t = 1, without the pairs.
    pub net: Network<Radical>,
    /// The pairs cancelling on the training set.
    pub pairs: Vec<Added>,
    /// How fast the first neurons of the pairs are lowered.
    pub lowering: u32,
}

/// A pair, or its first neuron with another in place of the second.
#[derive(Clone, Debug)]
pub(in crate::theorem) struct Added {
    pair: Pair,
    /// Which neuron of the network absorbs the first, if not the second.
    absorber: Option<usize>,
}

/// The network of a scene at one t; it interpolates.
pub(in crate::theorem) struct Trial {
    pub set: CompleteSet,
    pub data: Dataset<Radical>,
    pub net: SimBn<Radical>,
    pub network: Network<Radical>,
}

/// A complete set with d up to 5, small ones first.
pub(in crate::theorem) fn complete_set(rng: &mut ChaCha8Rng, attempt: usize) -> CompleteSet {
    let d = 2 + below(rng, 3.min(1 + attempt / 4) + usize::from(attempt >= 64));
    let sizes = d - 1..=1 << (d - 2);
    let size = sizes.start() + below(rng, sizes.end() - sizes.start() + 1);
    let set = match below(rng, 3) {
        0 => CompleteSet::smallest(d).ok(),
        1 => CompleteSet::all(d).ok(),
        _ => CompleteSet::random(d, size, rng).ok(),
    };
    set.expect("2 <= d <= 5 and the size is in range")
}

/// The complete set with one suffix or one coordinate of the suffixes fewer.
pub(in crate::theorem) fn smaller_sets(set: &CompleteSet) -> Vec<(CompleteSet, Option<usize>)> {
    let suffixes = set.suffixes();
    let without_bit = |s: u64, k: usize| (s >> (k + 1)) << k | (s & ((1 << k) - 1));
    let lower = (0..set.d() - 2).map(|k| {
        let left: Vec<u64> = suffixes.iter().map(|s| without_bit(*s, k)).collect();
        (CompleteSet::new(set.d() - 1, &left), Some(k + 2))
    });
    let fewer = (0..suffixes.len()).map(|i| {
        let mut left = suffixes.to_vec();
        left.remove(i);
        (CompleteSet::new(set.d(), &left), None)
    });
    let complete = |(set, dropped): (Result<CompleteSet, _>, _)| Some((set.ok()?, dropped));
    lower.chain(fewer).filter_map(complete).collect()
}

impl Scene {
    /// The generaliser at random scales, perturbed once to three times.
    pub fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        let set = complete_set(rng, attempt);
        let data = exact(&set.training_set());
        let scales = [(); 4].map(|()| Rational::from(between(rng, 1, 3)));
        let eps = [(1, 2), (1, 1000), (1, 1), (10, 1)].map(Rational::from);
        let mut scene = Self {
            net: generaliser(set.d(), &scales).expect("the coefficients are rational"),
            eps: eps[below(rng, 4)].clone(),
            pairs: Vec::new(),
            lowering: 3,
            set,
        };
        if one_in(rng, 4) {
            scene.lowering = below(rng, 3) as u32;
        }
        let mut name = "the generaliser";
        for round in 0..1 + below(rng, 3) {
            let family = *choose(rng, &Family::ALL).expect("there are families");
            if scene.perturb(rng, family, &data) {
                name = match round {
                    0 => family.name(),
                    _ => "several perturbations",
                };
            }
        }
        (name, scene)
    }

    /// Applies one family; false if it has no member here.
    fn perturb(&mut self, rng: &mut ChaCha8Rng, family: Family, data: &Dataset<Radical>) -> bool {
        if family == Family::CancellingPair {
            let pair = Pair::draw(rng, data, true); // added at each t
            let found = pair.is_some();
            self.pairs.extend(pair.map(|pair| Added {
                pair,
                absorber: None,
            }));
            return found;
        }
        let perturbed = family.apply(rng, &self.net, data);
        perturbed.map(|net| self.net = net).is_some()
    }

    /// Smaller sets, fewer or simpler pairs, simpler networks.
    pub fn simpler(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for (set, dropped) in smaller_sets(&self.set) {
            all.extend(self.on(set, dropped));
        }
        let with_pairs = |pairs| Self {
            pairs,
            ..self.clone()
        };
        for i in 0..self.pairs.len() {
            let mut fewer = self.pairs.clone();
            fewer.remove(i);
            all.push(with_pairs(fewer));
            if self.pairs[i].absorber.is_none() {
                for j in 0..neurons(&self.net).len() {
                    let mut narrower = self.pairs.clone();
                    narrower[i].absorber = Some(j);
                    all.push(with_pairs(narrower));
                }
            }
        }
        let with_net = |net| Self {
            net,
            ..self.clone()
        };
        all.extend(simpler(&self.net).into_iter().map(with_net));
        let data = exact(&self.set.training_set());
        for (i, Added { pair, absorber }) in self.pairs.iter().enumerate() {
            let absorber = *absorber;
            let direction: Option<Vec<Rational>> =
                pair.direction().iter().map(Radical::as_rational).collect();
            for w in shrink::vector(&direction.unwrap_or_default()) {
                let w = w.into_iter().map(Radical::from_rational).collect();
                if let Some(pair) = Pair::along(w, &data, pair.positive) {
                    let mut pairs = self.pairs.clone();
                    pairs[i] = Added { pair, absorber };
                    all.push(with_pairs(pairs));
                }
            }
        }
        all
    }

    /// The scene on a smaller set, coordinate `dropped` of every row left out.
    fn on(&self, set: CompleteSet, dropped: Option<usize>) -> Option<Self> {
        let data = exact(&set.training_set());
        let mut all = neurons(&self.net);
        let shorter = |row: &mut Vec<Radical>| dropped.map(|k| row.remove(k));
        all.iter_mut()
            .for_each(|neuron| drop(shorter(&mut neuron.row)));
        let moved = |added: &Added| {
            let mut w = added.pair.direction().to_vec();
            shorter(&mut w);
            let pair = Pair::along(w, &data, added.pair.positive)?;
            let absorber = added.absorber;
            Some(Added { pair, absorber })
        };
        Some(Self {
            net: with_neurons(&self.net, all),
            pairs: self.pairs.iter().map(moved).collect::<Option<_>>()?,
            set,
            ..self.clone()
        })
    }

    /// Whether a network that does not interpolate at `t = 10^-e` may do so at a smaller t: what a row has
    /// to absorb falls as t^2.
    pub fn may_fit_below(&self, e: u32) -> bool {
        e < 2 && self.pairs.iter().any(|added| added.absorber.is_some())
    }

    /// `d = 4, |S| = 3, m = 6`.
    pub fn name(&self) -> String {
        let neurons = |added: &Added| if added.absorber.is_some() { 1 } else { 2 };
        let added: usize = self.pairs.iter().map(neurons).sum();
        let width = self.net.architecture().width() + added;
        format!("{}, m = {width}", describe(&self.set))
    }

    /// The network at `t = 10^-e`.
    ///
    /// # Errors
    /// Vacuous if it does not interpolate.
    pub fn at(&self, e: u32) -> Result<Trial, Finding> {
        let ten = |e: u32| Rational::from(Integer::from(10).pow(e));
        let t = Radical::from_rational(ten(e).recip());
        let mut all = neurons(&self.net);
        let up = Radical::from_rational(ten(e));
        all.iter_mut().for_each(|neuron| neuron.scale_row(&up));
        let mut network = with_neurons(&self.net, all);
        for Added { pair, absorber } in &self.pairs {
            let height = pair.height().mul(&Ring::pow(&t, self.lowering));
            let lowered = pair.clone().lowered(&height);
            let added = match absorber {
                None => lowered.added_to(&network, &t, 0),
                Some(j) => {
                    let data = exact(&self.set.training_set());
                    let share = Rational::from((1, data.len()));
                    let amplitude = Radical::root_of(&share, 4)?.mul(&t);
                    let half = lowered.half_added_to(&network, &amplitude);
                    half.and_then(|net| refitted(&net, &data, *j))
                }
            };
            network = added.ok_or_else(|| Finding::Vacuous("no room for a pair".into()))?;
        }
        Trial::new(self.set.clone(), network)
    }
}

impl Trial {
    /// # Errors
    /// Vacuous if the network does not interpolate, or is outside its domain.
    pub fn new(set: CompleteSet, network: Network<Radical>) -> Result<Self, Finding> {
        let data = exact(&set.training_set());
        if network.outputs(&data.x, &data.x)? != data.y {
            return Err(Finding::Vacuous("the network does not interpolate".into()));
        }
        match network.clone() {
            Network::SimBn(net) => Ok(Self {
                set,
                data,
                net,
                network,
            }),
            _ => Err(Finding::Undecided("not a batch-norm network".into())),
        }
    }

    /// `d = 4, |S| = 3, m = 6`.
    pub fn name(&self) -> String {
        format!("{}, m = {}", describe(&self.set), self.net.first.len())
    }

    /// The trace of the Hessian.
    pub fn trace(&self) -> Result<Radical, Finding> {
        Ok(trace(&self.network, &self.data.x)?)
    }

    /// `||gamma||^2 + ||W2||^2`.
    pub fn norms(&self) -> Radical {
        norm_sum(&self.net)
    }

    /// `sum_j |gamma_j W2_j|`.
    pub fn coefficient_sum(&self) -> Result<Radical, Finding> {
        let sizes: Result<Vec<Radical>, _> =
            self.net.coefficients().iter().map(Ordered::abs).collect();
        Ok(Radical::sum(&sizes?))
    }

    /// `max_j max_x relu(z_j)^2 / a_j^2` over the cube.
    pub fn largest_activation_squared(&self) -> Result<Radical, Finding> {
        let squares = self
            .net
            .mean_squares(&self.net.activations(&self.data.x)?[0])?;
        let d = self.set.d();
        let cube: Vec<Vec<Radical>> = (0..1u64 << d).map(|u| xor::point(u, d)).collect();
        let mut largest = Radical::zero();
        let fired = &self.net.activations(&cube)?[0];
        for (j, z) in fired.iter().flat_map(|fired| &fired.active) {
            largest = largest.max(z.square().div(&squares[*j])?);
        }
        Ok(largest)
    }

    /// The least `sum_j |gamma_j W2_j|` of the width.
    pub fn least(&self) -> Result<i64, Finding> {
        let none = || Finding::Undecided("a network interpolates at a width where none can".into());
        least_coefficient_sum(self.net.first.len()).ok_or_else(none)
    }

    /// The data, the network, and the facts that it interpolates and which sum is least at its width.
    pub fn member(&self, name: impl Into<String>) -> Result<Member, Finding> {
        Ok(Member::new(name)
            .data(&self.data)
            .network(&self.network)
            .fact(Fact::LeastCoefficientSum {
                is: Relation::Equal,
                value: self.least()?.to_string(),
            })
            .fact(Fact::Interpolates))
    }

    /// The unseen points and f there.
    pub fn unseen(&self) -> Result<Vec<(Vec<Rational>, Radical)>, Finding> {
        let unseen = self.set.unseen();
        let unseen = unseen.map_err(|e| Finding::Undecided(e.to_string()))?;
        let at: Vec<Vec<Rational>> = unseen
            .iter()
            .map(|u| xor::point(*u, self.set.d()))
            .collect();
        let lifted: Vec<Vec<Radical>> = unseen
            .iter()
            .map(|u| xor::point(*u, self.set.d()))
            .collect();
        Ok(at
            .into_iter()
            .zip(self.network.outputs(&self.data.x, &lifted)?)
            .collect())
    }
}

#[cfg(test)]
mod tests;
