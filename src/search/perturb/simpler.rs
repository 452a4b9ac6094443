//! Simpler candidates for a network that witnesses something, to be followed by [`super::super::shrink::minimise`].
//!
//! Every candidate is strictly below the network by (width, [`weight`]), so a search that follows them
//! ends (test `candidates_are_simpler`).

use super::neurons::{Neuron, neurons, with_neurons};
use super::real;
use crate::network::Network;
use crate::scalar::{Radical, Rational, Ring};
use crate::search::shrink;

/// How far a number is from simple: the weights of the rational factors of its terms, and 100 for each
/// root.
pub fn weight(number: &Radical) -> u64 {
    match number.as_rational() {
        Some(q) => shrink::weight(&q),
        None => {
            let term = |t: &crate::scalar::radical::Term| 100 + shrink::weight(t.coefficient());
            number.terms().iter().map(term).sum()
        }
    }
}

/// The sum of the weights of all parameters.
pub fn network_weight(net: &Network<Radical>) -> u64 {
    net.parameters().iter().map(weight).sum()
}

/// Strictly simpler numbers, simplest first: rationals, and simpler multiples of the same roots.
fn number(number: &Radical) -> Vec<Radical> {
    let mut candidates: Vec<Radical> = match (number.as_rational(), number.terms()) {
        (Some(q), _) => shrink::rational(&q).into_iter().map(real).collect(),
        (None, [term]) => {
            let q = term.coefficient();
            let times = |factor: Rational| number.mul(&real(factor / q));
            let same_root = shrink::rational(q).into_iter().filter(|q| !q.is_zero());
            [0, 1, -1]
                .map(Radical::from_int)
                .into_iter()
                .chain(same_root.map(times))
                .collect()
        }
        (None, _) => [0, 1, -1].map(Radical::from_int).into(),
    };
    candidates.retain(|candidate| weight(candidate) < weight(number));
    candidates
}

/// The network with one neuron of its first layer fewer, or with one number of a neuron simpler.
pub fn simpler(net: &Network<Radical>) -> Vec<Network<Radical>> {
    let all = neurons(net);
    let without = |j: usize| {
        let mut fewer = all.clone();
        fewer.remove(j);
        with_neurons(net, fewer)
    };
    let dropped = (0..all.len()).filter(|_| all.len() > 1).map(without);
    let mut candidates: Vec<Network<Radical>> = dropped.collect();
    for (j, neuron) in all.iter().enumerate() {
        for (k, original) in numbers(&mut neuron.clone()).enumerate() {
            for candidate in number(original) {
                let mut changed = all.clone();
                if let Some(place) = numbers(&mut changed[j]).nth(k) {
                    *place = candidate;
                }
                candidates.push(with_neurons(net, changed));
            }
        }
    }
    candidates
}

/// Every number of a neuron.
fn numbers(neuron: &mut Neuron) -> impl Iterator<Item = &mut Radical> {
    let Neuron { row, gamma, out } = neuron;
    row.iter_mut().chain(gamma).chain(out)
}
