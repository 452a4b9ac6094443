//! Batch-norm networks from neurons, and the four generalising ones (Wen, Li, Ma 2023, Lemma A.1).
//!
//! A neuron is a row `(w, b)` and the coefficient `c = gamma W2` it is to have; *balanced* splitting
//! is `gamma = sqrt|c|`, `W2 = sign(c) sqrt|c|`, the cheapest way: `gamma^2 + W2^2 = 2|c|`.
//! On a complete training set the neurons `R_st (s, t, 0, ..., 0)`, bias `-R_st`, `c = s t / 2` give
//! `f = x1 x2` everywhere and `sum |c| = 2` (tests `generaliser_vs_label`, `trace_vs_definition`).

use crate::data::complete::CompleteSet;
use crate::data::xor::coordinate;
use crate::network::{Network, SimBn};
use crate::scalar::{NoValue, Radical, Rational, Real, Ring};

/// The signs `(s, t)` of the four quadrants of `(x1, x2)`, in the order used throughout.
pub const QUADRANTS: [(i64, i64); 4] = [(1, 1), (1, -1), (-1, 1), (-1, -1)];

/// One hidden neuron of a batch-norm network.
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron {
    /// `(w, b)`, `d + 1` entries.
    pub row: Vec<Rational>,
    /// `c = gamma W2`; balanced splitting needs a single term (`q` times roots) or 0.
    pub coefficient: Radical,
}

impl Neuron {
    /// The neuron with row `scale (w, b)`.
    pub fn scaled(&self, scale: &Rational) -> Self {
        Self {
            row: self.row.iter().map(|w| w.mul(scale)).collect(),
            coefficient: self.coefficient.clone(),
        }
    }
}

/// The row `(s, t, tail, bias)`, `d = 2 + tail.len()`.
pub fn row((s, t): (i64, i64), tail: &[Rational], bias: Rational) -> Vec<Rational> {
    let signs = [s, t].map(Rational::from);
    let tail = tail.iter().cloned();
    signs.into_iter().chain(tail).chain([bias]).collect()
}

/// The neuron of the quadrant `(s, t)`: row `(s, t, 0, ..., 0)`, bias -1, `c = s t / 2`. It is 1 on
/// its quadrant, so `a = 1/2` on a complete training set, and not positive elsewhere. `d >= 2`.
pub fn quadrant_neuron(d: usize, (s, t): (i64, i64)) -> Neuron {
    let tail = vec![Rational::new(); d.saturating_sub(2)];
    Neuron {
        row: row((s, t), &tail, Rational::from(-1)),
        coefficient: Radical::from_rational(Rational::from((s * t, 2))),
    }
}

/// The four generalising neurons, row of quadrant k times `scales[k] > 0`. `d >= 2`.
pub fn four_neurons(d: usize, scales: &[Rational; 4]) -> Vec<Neuron> {
    let neuron = |(q, scale): (&(i64, i64), &Rational)| quadrant_neuron(d, *q).scaled(scale);
    QUADRANTS.iter().zip(scales).map(neuron).collect()
}

/// The network of these neurons with `gamma = sqrt|c|`, `W2 = sign(c) sqrt|c|`.
///
/// # Errors
/// [`NoValue::Undecided`] if a coefficient has two or more terms.
pub fn balanced(neurons: &[Neuron]) -> Result<Network<Radical>, NoValue> {
    let mut net = SimBn {
        first: Vec::new(),
        gamma: Vec::new(),
        last: Vec::new(),
    };
    for Neuron { row, coefficient } in neurons {
        let negative = coefficient.signum().is_lt();
        let size = if negative {
            coefficient.neg()
        } else {
            coefficient.clone()
        };
        let root = size.sqrt()?;
        let row = row.iter().cloned().map(Radical::from_rational);
        net.first.push(row.collect());
        net.last
            .push(if negative { root.neg() } else { root.clone() });
        net.gamma.push(root);
    }
    Ok(Network::SimBn(net))
}

/// The generaliser: [`four_neurons`], balanced. `f = x1 x2` on the whole cube. `d >= 2`.
///
/// # Errors
/// None for rational scales; the type is [`balanced`]'s.
pub fn generaliser(d: usize, scales: &[Rational; 4]) -> Result<Network<Radical>, NoValue> {
    balanced(&four_neurons(d, scales))
}

/// The trace of the [`generaliser`] on a complete training set:
/// `8 + (1/2) sum_k (1 - mean_S(s_k)^2) sum_q 1/R_q^2`, above 8 unless `d = 2`. Scales not 0.
pub fn generaliser_trace(set: &CompleteSet, scales: &[Rational; 4]) -> Rational {
    let (length, count) = (set.d() - 2, set.suffixes().len());
    let spread = |k: usize| {
        let total: i64 = set.suffixes().iter().map(|&s| coordinate(s, k)).sum();
        Rational::from(1).sub(&Ring::square(&Rational::from((total, count))))
    };
    let spreads: Vec<Rational> = (0..length).map(spread).collect();
    let inverse: Vec<Rational> = scales.iter().map(|r| Ring::square(r).recip()).collect();
    let step = <Rational as Ring>::sum(&spreads).mul(&<Rational as Ring>::sum(&inverse));
    Rational::from(8).add(&step.mul(&Rational::from((1, 2))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::sharpness::alignment::alignments;
    use crate::sharpness::closed_form::trace;
    use crate::sharpness::definition::mse_trace;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn exact(data: &crate::data::Dataset<Rational>) -> crate::data::Dataset<Radical> {
        data.map(|q| Radical::from_rational(q.clone()))
    }

    proptest! {
        #[test]
        fn generaliser_vs_label(d in 2usize..=6, scales in prop::array::uniform4(1i64..50), seed in any::<u64>()) {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let data = exact(&CompleteSet::random(d, d - 1, rng).unwrap().training_set());
            let net = generaliser(d, &scales.map(Rational::from)).unwrap();
            let cube = exact(&xor::full_cube(d).unwrap());
            prop_assert_eq!(net.outputs(&data.x, &cube.x).unwrap(), cube.y);
            let Network::SimBn(net) = net else { unreachable!() };
            prop_assert_eq!(alignments(&net, &data).unwrap(), vec![Radical::one(); 4]);
        }
    }

    #[test]
    fn trace_vs_definition() {
        let scales = [1, 2, 3, 5].map(Rational::from);
        for d in 2..=4 {
            let set = CompleteSet::smallest(d).unwrap();
            let data = exact(&set.training_set());
            let net = generaliser(d, &scales).unwrap();
            let formula = Radical::from_rational(generaliser_trace(&set, &scales));
            assert_eq!(formula, trace(&net, &data.x).unwrap());
            assert_eq!(formula, mse_trace(&net, &data).unwrap());
            assert_eq!(formula == Radical::from_int(8), d == 2);
        }
    }
}
