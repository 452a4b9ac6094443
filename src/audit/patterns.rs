//! Which neurons fire at which training inputs, layer by layer, and how much of the outputs the memorising
//! ones carry.
//!
//! The mass of a neuron is `(1/n) sum_i |its term of f(x_i)|`: `|W2_j| z_ij`, with normalisation divided by
//! `max(||h_i||, eps)`, or times `|gamma_j| / a_j`. In a flattest biased network on inputs of one norm
//! it is `W2_j^2 R` times the share of the inputs on the neuron's face. Test: `patterns_by_hand`.

use super::number::Number;
use super::points::Lifted;
use super::scene::Scene;
use crate::network::sim_ln::norm_squared;
use crate::network::{Activations, Network};
use crate::scalar::{Ball, Dyadic, Field, Fired, NoValue, Ordered, Real, Ring};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The neurons of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// How many.
    pub neurons: usize,
    /// The sum of their masses; in the last hidden layer only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mass: Option<Number>,
}

/// The neurons of one hidden layer; every neuron is of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerPatterns {
    /// The layer, from 1.
    pub layer: usize,
    /// Its neurons.
    pub neurons: usize,
    /// Pairs of a sample and a neuron that fires at it, of `n` times `neurons`.
    pub active_pairs: usize,
    /// Fires at no training input.
    pub dead: Kind,
    /// Fires at one training input (which may be repeated): memorising.
    pub one_input: Kind,
    /// Fires at several inputs, their labels of one sign: as on a face of one label.
    pub one_label: Kind,
    /// Fires at inputs whose labels differ in sign.
    pub mixed: Kind,
}

/// The kinds, in the order of the fields.
#[derive(Clone, Copy)]
enum Class {
    Dead,
    OneInput,
    OneLabel,
    Mixed,
}

/// Every hidden layer; none for softplus, whose neurons always fire.
pub(super) fn patterns(scene: &Scene, bits: u32) -> Result<Vec<LayerPatterns>, NoValue> {
    let Some((net, activations)) = scene.relu() else {
        return Ok(Vec::new());
    };
    let inputs = inputs(scene);
    let masses = masses(scene, net, activations, bits)?;
    let one = |(k, fired): (usize, &Vec<Fired<Dyadic>>)| {
        let m = match (k, net) {
            (0, _) => net.first_layer().len(),
            (k, Network::Bias(net)) => net.hidden[k - 1].height(),
            _ => 0, // only biased networks are deep
        };
        let classes = classes(scene, fired, &inputs, m);
        let masses = (k + 1 == activations.len()).then_some(&masses);
        let kind = |class: Class| {
            let members = (0..m).filter(|&j| classes[j] as usize == class as usize);
            let members: Vec<usize> = members.collect();
            Kind {
                neurons: members.len(),
                mass: masses.map(|masses| masses.of(&members)),
            }
        };
        LayerPatterns {
            layer: k + 1,
            neurons: m,
            active_pairs: fired.iter().map(|h| h.active.len()).sum(),
            dead: kind(Class::Dead),
            one_input: kind(Class::OneInput),
            one_label: kind(Class::OneLabel),
            mixed: kind(Class::Mixed),
        }
    };
    Ok(activations.iter().enumerate().map(one).collect())
}

/// The number of each sample's input: equal inputs share one.
pub(super) fn inputs(scene: &Scene) -> Vec<usize> {
    let mut seen = BTreeMap::new();
    let key = |x: &Vec<Dyadic>| x.iter().map(Dyadic::to_rational).collect::<Vec<_>>();
    let number = |x: &Vec<Dyadic>| {
        let next = seen.len();
        *seen.entry(key(x)).or_insert(next)
    };
    scene.x.iter().map(number).collect()
}

fn classes(scene: &Scene, fired: &[Fired<Dyadic>], inputs: &[usize], m: usize) -> Vec<Class> {
    let mut seen = vec![(BTreeSet::new(), BTreeSet::new()); m];
    for (i, h) in fired.iter().enumerate() {
        let label = scene.y[i].sign().unwrap_or(Ordering::Equal); // signs of integers are decided
        for (j, _) in &h.active {
            seen[*j].0.insert(inputs[i]);
            seen[*j].1.insert(label);
        }
    }
    let class = |(inputs, labels): &(BTreeSet<usize>, BTreeSet<Ordering>)| match inputs.len() {
        0 => Class::Dead,
        1 => Class::OneInput,
        _ if labels.len() == 1 => Class::OneLabel,
        _ => Class::Mixed,
    };
    seen.iter().map(class).collect()
}

/// `n` times the masses of the neurons of the last hidden layer.
enum Masses {
    Exact(Vec<Dyadic>, usize),
    Enclosed(Vec<Ball>, usize),
}

impl Masses {
    fn of(&self, members: &[usize]) -> Number {
        let share = |n: &usize| *n as i64;
        match self {
            Self::Exact(masses, n) => {
                let total = Dyadic::sum(members.iter().map(|&j| &masses[j]));
                (&(total.to_rational() / share(n))).into()
            }
            Self::Enclosed(masses, n) => {
                let total = Ball::sum(members.iter().map(|&j| &masses[j]));
                let n = Ball::from_int(share(n));
                (&total.div(&n).unwrap_or_else(|_| Ball::whole(64))).into() // n >= 1
            }
        }
    }
}

fn masses(
    scene: &Scene,
    net: &Network<Dyadic>,
    activations: &Activations<Dyadic>,
    bits: u32,
) -> Result<Masses, NoValue> {
    let fired = &activations[activations.len() - 1];
    let (m, n) = (net.last().len(), scene.len());
    let mut sums = vec![Dyadic::zero(); m]; // sum_i z_ij
    let size = |x: &Dyadic| x.abs().unwrap_or_else(|_| x.clone()); // always decided
    match net {
        Network::NoBias(_) | Network::Bias(_) => {
            for (j, z) in fired.iter().flat_map(|h| &h.active) {
                sums[*j] = sums[*j].add(z);
            }
            let weighted = sums.iter().zip(net.last()).map(|(z, w)| size(w).mul(z));
            Ok(Masses::Exact(weighted.collect(), n))
        }
        Network::SimLn(net) => {
            let mut masses = vec![Ball::zero(); m];
            for h in fired {
                let scale = match net.norm_against_eps(h)?.is_gt() {
                    true => norm_squared(h).to_ball(bits).sqrt()?,
                    false => net.eps.to_ball(bits),
                };
                for (j, z) in &h.active {
                    let term = Ball::lift(&size(&net.last[*j]).mul(z), bits).div(&scale)?;
                    masses[*j] = masses[*j].add(&term);
                }
            }
            Ok(Masses::Enclosed(masses, n))
        }
        Network::SimBn(net) => {
            let mut squares = vec![Dyadic::zero(); m]; // sum_i z_ij^2 = n a_j^2
            for (j, z) in fired.iter().flat_map(|h| &h.active) {
                sums[*j] = sums[*j].add(z);
                squares[*j] = squares[*j].add(&z.square());
            }
            let n_ball = Ball::from_int(n as i64);
            let mass = |((c, z), s): ((Dyadic, &Dyadic), &Dyadic)| match s.sign()? {
                Ordering::Equal => Ok(Ball::zero()), // dead
                _ => {
                    let scale = n_ball.div(&s.to_ball(bits))?.sqrt()?; // 1 / a_j
                    Ok::<_, NoValue>(size(&c).mul(z).to_ball(bits).mul(&scale))
                }
            };
            let neurons = net.coefficients().into_iter().zip(&sums).zip(&squares);
            let masses = neurons.map(mass).collect::<Result<_, _>>()?;
            Ok(Masses::Enclosed(masses, n))
        }
    }
}
