//! Instances that the batch-norm cases share: complete training sets, networks that interpolate them,
//! and random batch-norm networks on random data. Test `every_instance_interpolates`.

use super::{Finding, Run};
use crate::construction::relu_sum::{ReluSum, Term};
use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::construction::sim_bn_interpolants::{
    aligned, memoriser, split, three, through, tilted, tilted_three,
};
use crate::construction::theorem_3_2_leaning as leaning;
use crate::construction::theorem_3_2_pairs::one_pair;
use crate::data::Dataset;
use crate::data::complete::CompleteSet;
use crate::data::with_bias;
use crate::network::{Network, SimBn};
use crate::scalar::{Integer, Radical, Rational, Ring};
use crate::search::generate::{below, between, choose, huge, one_in, positive, small};
use rand_chacha::ChaCha8Rng;
use rug::ops::Pow;

/// The same data over radicals.
pub(super) fn exact(data: &Dataset<Rational>) -> Dataset<Radical> {
    data.map(|q| Radical::from_rational(q.clone()))
}

/// `10^-digits`.
pub(super) fn power_of_ten(digits: u32) -> Rational {
    Rational::from((Integer::from(1), Integer::from(10).pow(digits)))
}

/// `d = 4, |S| = 3`.
pub(super) fn describe(set: &CompleteSet) -> String {
    format!("d = {}, |S| = {}", set.d(), set.suffixes().len())
}

/// Complete sets for every `d` in `2..=largest`: the Hamming ball, a random one of any size and, up
/// to `d = 5`, all suffixes; each once.
pub(super) fn complete_sets(run: &Run, stream: &str, largest: usize) -> Vec<CompleteSet> {
    let mut rng = run.rng(stream);
    let mut sets: Vec<CompleteSet> = Vec::new();
    for d in 2..=largest {
        let size = d - 1 + below(&mut rng, (1 << (d - 2)) - (d - 1) + 1);
        let all = (d <= 5).then(|| CompleteSet::all(d).ok()).flatten();
        let random = CompleteSet::random(d, size, &mut rng).ok();
        let candidates = [CompleteSet::smallest(d).ok(), random, all];
        for set in candidates.into_iter().flatten() {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
    }
    sets
}

/// A network that interpolates a complete set: rows times `scale`, balanced.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub family: &'static str,
    pub set: CompleteSet,
    pub sum: ReluSum,
    pub scale: Rational,
}

impl Instance {
    /// The training set and the network.
    pub fn scene(&self) -> Result<(Dataset<Radical>, SimBn<Radical>), Finding> {
        let data = self.set.training_set();
        match self.sum.network(&data, &self.scale)? {
            Network::SimBn(net) => Ok((exact(&data), net)),
            _ => Err(Finding::Undecided("not a batch-norm network".into())),
        }
    }
}

/// Interpolating networks of every kind on this set, no pre-activation 0. Solves of random rows only
/// up to 16 samples.
pub(super) fn interpolants(set: &CompleteSet, rng: &mut ChaCha8Rng) -> Vec<Instance> {
    let d = set.d();
    let data = set.training_set();
    let mut found: Vec<(&'static str, Option<ReluSum>)> = vec![
        ("aligned", Some(aligned_four(d, rng))),
        ("aligned, split copies", Some(split_copies(d, 1, rng))),
        ("with null neurons", Some(with_null_neurons(set, rng))),
        (
            "width 3",
            Some(three(d, if one_in(rng, 2) { 1 } else { -1 })),
        ),
        ("memoriser", (data.len() <= 32).then(|| memoriser(&data))),
        (
            "random rows",
            (data.len() <= 16)
                .then(|| random_rows(&data, rng))
                .flatten(),
        ),
    ];
    if d > 2 {
        let e = Rational::from((between(rng, 1, 19), 10));
        found.push(("tilted", Some(tilted(d, &e))));
        found.push(("tilted, width 3", Some(tilted_three(d, &e))));
    }
    let unseen = set.unseen().unwrap_or_default();
    if let Some(&u) = choose(rng, &unseen) {
        let delta = Rational::from((1, between(rng, 1, 99)));
        let q = QUADRANTS[below(rng, 4)];
        let pair = one_pair(set, q, u >> 2, &delta, &positive(rng));
        found.push(("near-dead pair", Some(pair)));
        let eta = Rational::from((1, 4 * d as i64));
        found.push(("leaning", Some(leaning::width_5(set, u >> 2, &eta, &delta))));
    }
    let mut instances = Vec::new();
    for (family, sum) in found {
        let scale = positive(rng);
        let set = set.clone();
        instances.extend(sum.map(|sum| Instance {
            family,
            set,
            sum,
            scale,
        }));
    }
    instances
}

/// One random aligned neuron per quadrant.
pub(super) fn aligned_four(d: usize, rng: &mut ChaCha8Rng) -> ReluSum {
    split_copies(d, 0, rng)
}

/// Random aligned neurons, each in up to `1 + extra` copies.
pub(super) fn split_copies(d: usize, extra: usize, rng: &mut ChaCha8Rng) -> ReluSum {
    let mut terms = Vec::new();
    for q in QUADRANTS {
        let (first, second) = (positive(rng), positive(rng));
        // between -(first + second) and -|first - second|, neither included
        let gap = Rational::from(&first - &second).abs();
        let weight = Rational::from((between(rng, 1, 9), 10));
        let bias = (Rational::from(&first + &second) - &gap) * weight - first.clone() - &second;
        let Some(term) = aligned(d, q, &first, &second, &bias) else {
            continue;
        };
        let share = Rational::from((between(rng, 1, 9), 10));
        let rest = Rational::from(1) - &share;
        let shares = if extra > 0 {
            vec![share, rest]
        } else {
            vec![Rational::from(1)]
        };
        terms.extend(split(&term, &shares));
    }
    ReluSum { terms }
}

/// Random aligned neurons and one to four null neurons with random rows.
pub(super) fn with_null_neurons(set: &CompleteSet, rng: &mut ChaCha8Rng) -> ReluSum {
    let mut sum = aligned_four(set.d(), rng);
    let data = set.training_set();
    for _ in 0..between(rng, 1, 4) {
        let row = alive_row(&data, rng);
        sum.terms.push(Term {
            row,
            weight: Rational::new(),
        });
    }
    sum
}

/// A row with integer weights in -3..=3 and half a bias: never 0 on the cube, positive at some
/// training point.
pub(super) fn alive_row(data: &Dataset<Rational>, rng: &mut ChaCha8Rng) -> Vec<Rational> {
    let lifted = data.with_bias();
    loop {
        let mut row: Vec<Rational> = (0..data.dim())
            .map(|_| Rational::from(between(rng, -3, 3)))
            .collect();
        row.push(Rational::from((2 * between(rng, -3, 3) + 1, 2)));
        if lifted.iter().any(|x| Ring::dot(&row, x).cmp0().is_gt()) {
            return row;
        }
    }
}

/// Random rows with the weights that interpolate, as far as they go; one neuron per sample does the
/// rest.
fn random_rows(data: &Dataset<Rational>, rng: &mut ChaCha8Rng) -> Option<ReluSum> {
    let count = 1 + below(rng, data.len() + 2);
    let mut rows: Vec<_> = (0..count).map(|_| alive_row(data, rng)).collect();
    rows.extend(memoriser(data).terms.into_iter().map(|term| term.row));
    through(data, &rows, &[])
}

/// A random batch-norm network on random data whose labels are its outputs: admissible and
/// interpolating by construction. gamma and W2 are rational, or balanced by a square root.
pub(super) fn random_scene(rng: &mut ChaCha8Rng) -> (Dataset<Radical>, SimBn<Radical>) {
    loop {
        let (n, d, m) = (1 + below(rng, 5), 1 + below(rng, 3), 1 + below(rng, 4));
        let x: Vec<Vec<Rational>> = (0..n).map(|_| entries(d, rng)).collect();
        let rows: Vec<Vec<Rational>> = (0..m).map(|_| entries(d + 1, rng)).collect();
        let exact_row = |row: &Vec<Rational>| -> Vec<Radical> {
            row.iter().cloned().map(Radical::from_rational).collect()
        };
        let net = SimBn {
            first: rows.iter().map(exact_row).collect(),
            gamma: (0..m).map(|_| factor(rng)).collect(),
            last: (0..m).map(|_| factor(rng)).collect(),
        };
        let x: Vec<Vec<Radical>> = x.iter().map(exact_row).collect();
        let net = Network::SimBn(net);
        if net.admissible(&x).is_err() {
            continue;
        }
        if let (Ok(y), Network::SimBn(net)) = (net.outputs(&x, &x), net) {
            return (Dataset { x, y }, net);
        }
    }
}

fn entries(count: usize, rng: &mut ChaCha8Rng) -> Vec<Rational> {
    (0..count)
        .map(|_| {
            if one_in(rng, 12) {
                huge(rng)
            } else {
                small(rng)
            }
        })
        .collect()
}

/// 0, a rational, or a root.
fn factor(rng: &mut ChaCha8Rng) -> Radical {
    match below(rng, 6) {
        0 => Radical::zero(),
        1 => Radical::root_of(&positive(rng), 2).unwrap_or_else(|_| Radical::one()),
        _ => Radical::from_rational(small(rng)),
    }
}

/// The network with every row times `scale > 0`.
pub(super) fn scaled(net: &SimBn<Radical>, scale: &Radical) -> SimBn<Radical> {
    let row = |row: &Vec<Radical>| row.iter().map(|w| w.mul(scale)).collect();
    SimBn {
        first: net.first.iter().map(row).collect(),
        ..net.clone()
    }
}

/// `||gamma||^2 + ||W2||^2`.
pub(super) fn norm_sum(net: &SimBn<Radical>) -> Radical {
    Radical::dot(&net.gamma, &net.gamma).add(&Radical::dot(&net.last, &net.last))
}

/// Whether a rational row is positive at this input.
pub(super) fn is_positive(row: &[Rational], x: &[Rational]) -> bool {
    Ring::dot(row, &with_bias(x)).cmp0().is_gt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theorem::Size;

    #[test]
    fn every_instance_interpolates() {
        let run = Run::new(3, Size::Small);
        let rng = &mut run.rng("every_instance_interpolates");
        for set in complete_sets(&run, "sets", 4) {
            for instance in interpolants(&set, rng) {
                let (data, net) = instance.scene().unwrap();
                let net = Network::SimBn(net);
                assert!(net.admissible(&data.x).is_ok(), "{}", instance.family);
                let outputs = net.outputs(&data.x, &data.x).unwrap();
                assert_eq!(outputs, data.y, "{}", instance.family);
            }
        }
    }
}
