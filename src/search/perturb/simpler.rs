//! Simpler candidates for a network that witnesses something, to be followed by [`super::super::shrink::minimise`].
//!
//! Every candidate is strictly below the network by (width, [`weight`]), so a search that follows them
//! ends (test `candidates_are_simpler`).

use super::neurons::{Neuron, neurons, with_neurons};
use super::real;
use crate::network::Network;
use crate::scalar::{Field, Integer, Ordered, Radical, Rational, Real, Ring};
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

/// The neuron with its row divided by its largest common factor, and its outputs multiplied by it but
/// for batch norm, which takes no notice: the same function. `None` for layer norm, for rows that are
/// irrational or 0, and where nothing gets simpler.
fn primitive(net: &Network<Radical>, neuron: &Neuron) -> Option<Neuron> {
    let row: Vec<Rational> = neuron
        .row
        .iter()
        .map(Radical::as_rational)
        .collect::<Option<_>>()?;
    let (mut numerators, mut denominators) = (Integer::new(), Integer::from(1));
    for q in &row {
        numerators.gcd_mut(q.numer());
        denominators.lcm_mut(q.denom());
    }
    let factor = real(Rational::from((numerators, denominators))); // of all entries
    let mut divided = neuron.clone();
    divided.scale_row(&factor.inv().ok()?);
    match net {
        Network::SimLn(_) => return None,
        Network::SimBn(_) => {}
        Network::NoBias(_) | Network::Bias(_) => divided.scale_out(&factor),
    }
    let heavy = |neuron: &Neuron| numbers(&mut neuron.clone()).map(|w| weight(w)).sum::<u64>();
    (heavy(&divided) < heavy(neuron)).then_some(divided)
}

/// Two neurons with parallel rows as one, the same function; `None` for layer norm, and where the
/// coefficient of batch norm has no root here.
fn merged(net: &Network<Radical>, kept: &Neuron, other: &Neuron) -> Option<Neuron> {
    let k = kept.row.iter().position(|w| w.signum().is_ne())?;
    let t = other.row[k].div(&kept.row[k]).ok()?; // other = t kept
    let parallel = |(v, w): (&Radical, &Radical)| *v == w.mul(&t);
    if t.signum().is_le() || !other.row.iter().zip(&kept.row).all(parallel) {
        return None;
    }
    let mut one = kept.clone();
    match (net, &kept.gamma, &other.gamma) {
        (Network::SimLn(_), ..) => return None,
        (_, Some(gamma), Some(delta)) => {
            let coefficient = gamma.mul(&kept.out[0]).add(&delta.mul(&other.out[0]));
            let root = coefficient.abs().ok()?.sqrt().ok()?;
            let negative = coefficient.signum().is_lt();
            one.out[0] = if negative { root.neg() } else { root.clone() };
            one.gamma = Some(root);
        }
        _ => {
            for (out, more) in one.out.iter_mut().zip(&other.out) {
                *out = out.add(&more.mul(&t)); // a z + b (t z)
            }
        }
    }
    Some(one)
}

/// The network with one neuron of its first layer fewer, two of them merged, with one row divided by its largest common
/// factor, or with one number of a neuron simpler.
pub fn simpler(net: &Network<Radical>) -> Vec<Network<Radical>> {
    let all = neurons(net);
    let without = |j: usize| {
        let mut fewer = all.clone();
        fewer.remove(j);
        with_neurons(net, fewer)
    };
    let dropped = (0..all.len()).filter(|_| all.len() > 1).map(without);
    let mut candidates: Vec<Network<Radical>> = dropped.collect();
    for k in 0..all.len() {
        for j in 0..k {
            if let Some(one) = merged(net, &all[j], &all[k]) {
                let mut fewer = all.clone();
                fewer[j] = one;
                fewer.remove(k);
                candidates.push(with_neurons(net, fewer));
            }
        }
    }
    for (j, neuron) in all.iter().enumerate() {
        if let Some(primitive) = primitive(net, neuron) {
            let mut changed = all.clone();
            changed[j] = primitive;
            candidates.push(with_neurons(net, changed));
        }
    }
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
