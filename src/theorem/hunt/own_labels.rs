//! A network and inputs, labelled by the network's own outputs: every interpolating network is one.

use super::draw::{point, size};
use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::{between, choose, one_in};
use crate::search::networks::{self, Kind};
use crate::search::perturb::{self, Family};
use crate::search::shrink;
use crate::theorem::Finding;
use rand::Rng;

/// A network and its training inputs.
#[derive(Clone, Debug)]
pub(in crate::theorem) struct OwnLabels {
    pub net: Network<Radical>,
    pub x: Vec<Vec<Rational>>,
}

impl OwnLabels {
    /// Up to 4 inputs in dimension up to 3, repeats among them, and a network [`Self::at`] them.
    pub fn draw(rng: &mut impl Rng, attempt: usize, kind: Kind) -> Self {
        let (n, d) = (size(rng, attempt, 4), size(rng, attempt, 3));
        let mut x: Vec<Vec<Rational>> = (0..n).map(|_| point(rng, d)).collect();
        if one_in(rng, 4) {
            x[n - 1] = x[0].clone();
        }
        Self::at(x, rng, attempt, kind)
    }

    /// A random rational network of width up to 4, its parameters in -2..=2 half of the time.
    pub fn at(x: Vec<Vec<Rational>>, rng: &mut impl Rng, attempt: usize, kind: Kind) -> Self {
        let d = x.first().map_or(0, Vec::len);
        let m = size(rng, attempt, 4);
        let net = networks::network(rng, kind, d, m);
        let plain = one_in(rng, 2);
        let parameter = |q: &Rational| match plain {
            true => Radical::from_int(between(rng, -2, 2)),
            false => lift(q),
        };
        let net = net.map(parameter, lift);
        Self { net, x }
    }

    /// After up to three random perturbations of these families.
    pub fn perturbed(mut self, rng: &mut impl Rng, attempt: usize, families: &[Family]) -> Self {
        for _ in 0..size(rng, attempt, 3) {
            if let (Some(family), Ok((_, data))) = (choose(rng, families), self.exact())
                && let Some(net) = family.apply(rng, &self.net, &data)
            {
                self.net = net;
            }
        }
        self
    }

    /// Without an input or a coordinate, with one number simpler, or with a simpler network.
    pub fn simpler(&self) -> Vec<Self> {
        let with_inputs = |x| Self {
            net: self.net.clone(),
            x,
        };
        let unlabelled = Dataset {
            x: self.x.clone(),
            y: vec![Rational::new(); self.x.len()],
        };
        let d = unlabelled.dim();
        let fewer_or_plainer = shrink::dataset(&unlabelled).into_iter().map(|data| data.x);
        let inputs = fewer_or_plainer.filter(|x| x.first().is_some_and(|x| x.len() == d));
        let lower = (0..d).filter(|_| d > 1).map(|k| self.without_coordinate(k));
        let nets = perturb::simpler(&self.net).into_iter().map(|net| Self {
            net,
            x: self.x.clone(),
        });
        inputs.map(with_inputs).chain(lower).chain(nets).collect()
    }

    fn without_coordinate(&self, k: usize) -> Self {
        let mut it = self.clone();
        let first = match &mut it.net {
            Network::NoBias(net) => &mut net.first,
            Network::Bias(net) => &mut net.first,
            Network::SimBn(net) => &mut net.first,
            Network::SimLn(net) => &mut net.first,
        };
        first.iter_mut().for_each(|row| drop(row.remove(k)));
        it.x.iter_mut().for_each(|x| drop(x.remove(k)));
        it
    }

    /// The network and its training set.
    pub fn exact(&self) -> Result<(Network<Radical>, Dataset<Radical>), Finding> {
        let x: Vec<Vec<Radical>> = self
            .x
            .iter()
            .map(|x| x.iter().map(lift).collect())
            .collect();
        let y = self.net.outputs(&x, &x)?;
        Ok((self.net.clone(), Dataset { x, y }))
    }
}

fn lift(q: &Rational) -> Radical {
    Radical::from_rational(q.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use crate::search::shrink::minimise;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whatever is done to it, network and inputs fit together.
        #[test]
        fn shapes_fit(seed in any::<u64>(), attempt in 0usize..100, kind in 0usize..5) {
            let rng = &mut rng(seed, "own labels");
            let own = OwnLabels::draw(rng, attempt, Kind::ALL[kind]);
            let own = own.perturbed(rng, attempt, &Family::ALL);
            let fits = |own: &OwnLabels| {
                let d = own.net.architecture().input_dim();
                !own.x.is_empty() && own.x.iter().all(|x| x.len() == d)
            };
            prop_assert!(fits(&own));
            prop_assert!(own.simpler().iter().all(fits));
        }

        #[test]
        fn everything_shrinks_to_one_neuron_on_one_number(seed in any::<u64>(), kind in 0usize..5) {
            let own = OwnLabels::draw(&mut rng(seed, "own labels"), 0, Kind::ALL[kind]);
            let smallest = minimise(own, OwnLabels::simpler, |_| true);
            prop_assert_eq!(smallest.x, vec![vec![Rational::new()]]);
            prop_assert_eq!(smallest.net.architecture().width(), 1);
        }
    }
}
