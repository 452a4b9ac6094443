//! Simpler candidates for an instance that fails, and the greedy loop that follows them.
//!
//! Every candidate is strictly simpler by a measure in whole numbers ([`weight`] of its numbers, the
//! number of samples), so [`minimise`] ends (test `candidates_are_simpler`). A witness that a reader can
//! check by hand is worth the search.

use crate::data::Dataset;
use crate::network::{Layer, Network, SimLn};
use crate::scalar::{Integer, Rational};

/// How far a rational is from simple: twice the bits of numerator and denominator, plus 1 if negative.
pub fn weight(q: &Rational) -> u64 {
    let bits = |n: &Integer| u64::from(n.significant_bits());
    2 * (bits(q.numer()) + bits(q.denom())) + u64::from(q.cmp0().is_lt())
}

/// Strictly simpler rationals, simplest first.
pub fn rational(q: &Rational) -> Vec<Rational> {
    let (p, d) = (q.numer(), q.denom());
    let half = |n: &Integer| Integer::from(n / 2u32);
    let mut candidates = vec![
        Rational::new(),
        Rational::from(1),
        Rational::from(-1),
        Rational::from((1, 2)),
        q.clone().trunc(),
        q.clone().abs(),
        Rational::from((half(p), d)),
        Rational::from((p, half(d).max(Integer::from(1)))),
        Rational::from((half(p), half(d).max(Integer::from(1)))),
    ];
    candidates.retain(|candidate| weight(candidate) < weight(q));
    candidates.sort_by_key(weight);
    candidates.dedup();
    candidates
}

/// The vector with one entry simpler.
pub fn vector(v: &[Rational]) -> Vec<Vec<Rational>> {
    let replaced = |i: usize, entry: Rational| {
        let mut v = v.to_vec();
        v[i] = entry;
        v
    };
    (0..v.len())
        .flat_map(|i| rational(&v[i]).into_iter().map(move |q| replaced(i, q)))
        .collect()
}

/// The dataset with one half or one sample fewer, one coordinate fewer, or one number simpler.
pub fn dataset(data: &Dataset<Rational>) -> Vec<Dataset<Rational>> {
    let n = data.len();
    let keep = |kept: &dyn Fn(usize) -> bool| -> Dataset<Rational> {
        let chosen = || (0..n).filter(|&i| kept(i));
        Dataset {
            x: chosen().map(|i| data.x[i].clone()).collect(),
            y: chosen().map(|i| data.y[i].clone()).collect(),
        }
    };
    let mut candidates = Vec::new();
    if n > 1 {
        candidates.extend([keep(&|i| i < n / 2), keep(&|i| i >= n / 2)]);
    }
    candidates.extend((0..n).map(|removed| keep(&|i| i != removed)));
    if data.dim() > 1 {
        candidates.extend((0..data.dim()).map(|k| without_coordinate(data, k)));
    }
    for i in 0..n {
        let with_input = |x| {
            let mut data = data.clone();
            data.x[i] = x;
            data
        };
        candidates.extend(vector(&data.x[i]).into_iter().map(with_input));
    }
    let with_labels = |y| Dataset {
        x: data.x.clone(),
        y,
    };
    candidates.extend(vector(&data.y).into_iter().map(with_labels));
    candidates
}

fn without_coordinate(data: &Dataset<Rational>, k: usize) -> Dataset<Rational> {
    let mut data = data.clone();
    data.x.iter_mut().filter(|x| k < x.len()).for_each(|x| {
        x.remove(k);
    });
    data
}

/// The network with a hidden layer or a neuron of each layer fewer, or one number simpler; eps stays
/// positive.
pub fn network(net: &Network<Rational>) -> Vec<Network<Rational>> {
    let mut candidates: Vec<Network<Rational>> = Vec::new();
    if let Network::Bias(deep) = net {
        let mut shallower = deep.clone();
        candidates.extend(shallower.hidden.pop().map(|_| Network::Bias(shallower)));
    }
    let width = net.architecture().width();
    if width > 1 {
        candidates.extend((0..width).filter_map(|j| without_neuron(net, j)));
    }
    for (k, value) in numbers(&mut net.clone()).into_iter().enumerate() {
        candidates.extend(rational(value).into_iter().map(|simpler| {
            let mut net = net.clone();
            *numbers(&mut net)[k] = simpler;
            net
        }));
    }
    if let Network::SimLn(norm) = net {
        let positive = rational(&norm.eps).into_iter().filter(|eps| *eps > 0);
        candidates.extend(positive.map(|eps| {
            Network::SimLn(SimLn {
                eps,
                ..norm.clone()
            })
        }));
    }
    candidates
}

/// The parameters, layer by layer.
pub fn numbers(net: &mut Network<Rational>) -> Vec<&mut Rational> {
    match net {
        Network::NoBias(net) => net
            .first
            .iter_mut()
            .flatten()
            .chain(&mut net.last)
            .collect(),
        Network::SimLn(net) => net
            .first
            .iter_mut()
            .flatten()
            .chain(&mut net.last)
            .collect(),
        Network::SimBn(net) => {
            let rows = net.first.iter_mut().flatten();
            rows.chain(&mut net.gamma).chain(&mut net.last).collect()
        }
        Network::Bias(net) => {
            let mut all: Vec<&mut Rational> = net.first.iter_mut().flatten().collect();
            for layer in &mut net.hidden {
                match layer {
                    Layer::Dense(rows) => all.extend(rows.iter_mut().flatten()),
                    Layer::Diagonal { diagonal, off } => {
                        all.extend(diagonal.iter_mut().chain([off]))
                    }
                }
            }
            all.extend(&mut net.last);
            all
        }
    }
}

/// Without neuron j of every hidden layer; `None` if some hidden layer has another width than the last.
fn without_neuron(net: &Network<Rational>, j: usize) -> Option<Network<Rational>> {
    let mut net = net.clone();
    let (first, last) = match &mut net {
        Network::NoBias(net) => (&mut net.first, &mut net.last),
        Network::SimLn(net) => (&mut net.first, &mut net.last),
        Network::SimBn(net) => {
            net.gamma.remove(j);
            (&mut net.first, &mut net.last)
        }
        Network::Bias(net) => {
            for layer in &mut net.hidden {
                if layer.height() != net.last.len() || net.first.len() != net.last.len() {
                    return None;
                }
                match layer {
                    Layer::Dense(rows) => {
                        rows.remove(j);
                        rows.iter_mut().for_each(|row| drop(row.remove(j)));
                    }
                    Layer::Diagonal { diagonal, .. } => drop(diagonal.remove(j)),
                }
            }
            (&mut net.first, &mut net.last)
        }
    };
    first.remove(j);
    last.remove(j);
    Some(net)
}

/// A network and its data with one sample, coordinate, layer or neuron fewer, or one number simpler.
pub fn instance(net: &Network<Rational>, data: &Dataset<Rational>) -> Vec<Instance> {
    let coordinates = 0..if data.dim() > 1 { data.dim() } else { 0 };
    let fewer = |k| Some((without_input(net, k)?, without_coordinate(data, k)));
    let mut candidates: Vec<Instance> = coordinates.filter_map(fewer).collect();
    let samples = dataset(data).into_iter().filter(|d| d.dim() == data.dim());
    candidates.extend(samples.map(|data| (net.clone(), data)));
    candidates.extend(network(net).into_iter().map(|net| (net, data.clone())));
    candidates
}

/// A network and its data.
type Instance = (Network<Rational>, Dataset<Rational>);

/// A neuron of every hidden layer and a sample fewer, each with each: for networks as wide as there
/// are samples.
pub fn neuron_with_sample(net: &Network<Rational>, data: &Dataset<Rational>) -> Vec<Instance> {
    let width = net.architecture().width();
    if width < 2 || data.len() < 2 {
        return Vec::new();
    }
    let neurons: Vec<_> = (0..width).filter_map(|j| without_neuron(net, j)).collect();
    let without_sample = |i: usize| {
        let mut data = data.clone();
        data.x.remove(i);
        data.y.remove(i);
        data
    };
    (0..data.len())
        .map(without_sample)
        .flat_map(|data| neurons.iter().map(move |net| (net.clone(), data.clone())))
        .collect()
}

/// Without the weights of input coordinate k; `None` if a row has no such weight.
fn without_input(net: &Network<Rational>, k: usize) -> Option<Network<Rational>> {
    let mut net = net.clone();
    let first = match &mut net {
        Network::NoBias(net) => &mut net.first,
        Network::Bias(net) => &mut net.first,
        Network::SimBn(net) => &mut net.first,
        Network::SimLn(net) => &mut net.first,
    };
    for row in first {
        if k >= row.len() {
            return None;
        }
        row.remove(k);
    }
    Some(net)
}

/// From an instance that fails, follows the first simpler candidate that still fails until none does.
pub fn minimise<T>(
    failing: T,
    candidates: impl Fn(&T) -> Vec<T>,
    mut fails: impl FnMut(&T) -> bool,
) -> T {
    let mut simplest = failing;
    while let Some(simpler) = candidates(&simplest).into_iter().find(&mut fails) {
        simplest = simpler;
    }
    simplest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::networks::{self, Kind};
    use crate::search::{generate, rng};
    use proptest::prelude::*;

    /// Samples first, then coordinates, then the numbers.
    fn measure(data: &Dataset<Rational>) -> (usize, usize, u64) {
        let numbers = data.x.iter().flatten().chain(&data.y);
        (data.len(), data.dim(), numbers.map(weight).sum())
    }

    /// Parameters first, then their weight; the widths of all layers fit.
    fn size(net: &Network<Rational>) -> (usize, u64) {
        let mut net = net.clone();
        let eps = match &net {
            Network::SimLn(net) => weight(&net.eps),
            _ => 0,
        };
        let origin = vec![vec![Rational::new(); net.architecture().input_dim()]];
        let _ = net.outputs(&origin, &origin); // layers that do not fit would panic
        let numbers = numbers(&mut net);
        (
            numbers.len(),
            eps + numbers.into_iter().map(|q| weight(q)).sum::<u64>(),
        )
    }

    fn datasets() -> impl Strategy<Value = Dataset<Rational>> {
        (any::<u64>(), 0usize..5, 1usize..4).prop_map(|(seed, n, d)| {
            generate::dataset(
                &mut rng(seed, "shrink"),
                n,
                d,
                &generate::Options::default(),
            )
        })
    }

    proptest! {
        #[test]
        fn candidates_are_simpler(data in datasets()) {
            for simpler in dataset(&data) {
                prop_assert!(measure(&simpler) < measure(&data));
                prop_assert_eq!(simpler.x.len(), simpler.y.len());
                prop_assert!(simpler.x.iter().all(|x| x.len() == simpler.dim()));
            }
        }

        #[test]
        fn network_candidates_are_simpler(seed in any::<u64>(), kind in 0usize..5, d in 1usize..3, m in 1usize..4) {
            let net = networks::network(&mut rng(seed, "shrink"), Kind::ALL[kind], d, m);
            for simpler in network(&net) {
                prop_assert!(size(&simpler) < size(&net), "{simpler:?}");
            }
            let smallest = minimise(net, network, |_| true);
            prop_assert!(numbers(&mut smallest.clone()).into_iter().all(|q| *q == 0));
            prop_assert_eq!(smallest.architecture().width(), 1);
        }

        #[test]
        fn everything_shrinks_to_nothing(data in datasets()) {
            prop_assert!(minimise(data, dataset, |_| true).is_empty());
        }

        #[test]
        fn minimal_rationals_still_fail(seed in any::<u64>()) {
            let q = -generate::positive(&mut rng(seed, "shrink"));
            prop_assert_eq!(minimise(q.clone(), rational, |q| q.cmp0().is_lt()), -1);
            let third = Rational::from((7, 3)) - q.trunc();
            let whole = |q: &Rational| *q.denom() == 1;
            prop_assert!(weight(&minimise(third, rational, |q| !whole(q))) <= weight(&Rational::from((1, 2))));
        }
    }

    #[test]
    fn a_witness_becomes_readable() {
        // "All labels agree" fails; the simplest failure has two samples with plain labels.
        let options = generate::Options::default();
        let data = generate::dataset(&mut rng(3, "labels"), 20, 4, &options);
        let fails = |data: &Dataset<Rational>| data.y.windows(2).any(|pair| pair[0] != pair[1]);
        assert!(fails(&data));
        let simplest = minimise(data, dataset, fails);
        assert_eq!((simplest.len(), simplest.dim()), (2, 1));
        assert!(simplest.x.iter().flatten().all(Rational::is_zero));
        assert_eq!(
            simplest.y.iter().map(weight).sum::<u64>(),
            weight(&Rational::new()) + weight(&Rational::from(1))
        );
    }
}
