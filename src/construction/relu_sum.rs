//! Batch-norm networks written as what they compute: `f = sum_j mu_j relu(w_j.x + b_j)` (ours, for
//! the families around Theorem 3.2 of Wen, Li, Ma 2023).
//!
//! A batch-norm neuron with `c_j = gamma_j W2_j = mu_j a_j`, `a_j^2 = (1/n) sum_i relu(w_j.x_i + b_j)^2`,
//! contributes `mu_j relu(w_j.x + b_j)`: the function is a plain sum, rational where the rows are,
//! and the price of a neuron is `|c_j| = |mu_j| a_j`. With balanced splitting and all rows times T
//!
//! ```text
//! Tr = 4 sum_j |mu_j| a_j + G / T^2,
//! G  = (2/n) sum_j mu_j^2 ( sum_{i active} ||x'_i||^2 - ||sum_i z_ij x'_i||^2 / sum_i z_ij^2 )
//! ```
//!
//! at an interpolating theta: G is the W1-part of `(2/n) sum ||grad f||^2`, its last term what the
//! gradient through `a_j` takes away. Tests `value_vs_outputs`, `trace_vs_closed_form`,
//! `trace_vs_definition`.

use super::sim_bn_generaliser::{Neuron, balanced};
use crate::data::{Dataset, with_bias};
use crate::network::Network;
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring};

/// `mu relu(w.x + b)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// `(w, b)`, `d + 1` entries.
    pub row: Vec<Rational>,
    /// `mu`.
    pub weight: Rational,
}

/// `sum_j mu_j relu(w_j.x + b_j)`, read as a batch-norm network on a training set.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReluSum {
    /// The neurons.
    pub terms: Vec<Term>,
}

impl Term {
    /// `relu(w.x + b)` at each `x' = (x, 1)`.
    fn activations(&self, lifted: &[Vec<Rational>]) -> Vec<Rational> {
        let relu = |z: Rational| if z.cmp0().is_gt() { z } else { Rational::new() };
        let values = lifted.iter().map(|x| Ring::dot(&self.row, x));
        values.map(relu).collect()
    }
}

impl ReluSum {
    /// The number of neurons.
    pub fn width(&self) -> usize {
        self.terms.len()
    }

    /// `f(x)`.
    pub fn value(&self, x: &[Rational]) -> Rational {
        let lifted = [with_bias(x)];
        let of = |term: &Term| term.activations(&lifted)[0].mul(&term.weight);
        self.terms.iter().map(of).sum()
    }

    /// `c_j = mu_j a_j` of every neuron on this training set.
    ///
    /// # Errors
    /// None for a non-empty training set: `a_j^2` is rational.
    pub fn coefficients(&self, train: &Dataset<Rational>) -> Result<Vec<Radical>, NoValue> {
        let lifted = train.with_bias();
        let n = Rational::from(train.len());
        let one = |term: &Term| {
            let z = term.activations(&lifted);
            let a = Radical::from_rational(Ring::dot(&z, &z).div(&n)?).sqrt()?;
            Ok(a.mul(&Radical::from_rational(term.weight.clone())))
        };
        self.terms.iter().map(one).collect()
    }

    /// `4 sum_j |c_j|`: the part of the trace that no scale of the rows changes.
    ///
    /// # Errors
    /// None for a non-empty training set.
    pub fn price(&self, train: &Dataset<Rational>) -> Result<Radical, NoValue> {
        let sizes = self.coefficients(train)?.into_iter().map(size);
        let total = sizes.fold(Radical::zero(), |sum, c| sum.add(&c));
        Ok(total.mul(&Radical::from_int(4)))
    }

    /// `G`, the W1-part of the trace at T = 1. A neuron that is dead on the training set adds 0.
    pub fn gradient_part(&self, train: &Dataset<Rational>) -> Rational {
        let lifted = train.with_bias();
        let one = |term: &Term| {
            let z = term.activations(&lifted);
            let squares = Ring::dot(&z, &z);
            if squares.is_zero() {
                return Rational::new();
            }
            let active = lifted.iter().zip(&z).filter(|(_, z)| !z.is_zero());
            let mut pull = vec![Rational::new(); term.row.len()]; // sum_i z_i x'_i
            let mut radius = Rational::new(); // sum over active i of ||x'_i||^2
            for (x, z) in active {
                radius += Ring::dot(x, x);
                for (pull, x) in pull.iter_mut().zip(x) {
                    *pull += x.mul(z);
                }
            }
            (radius - Ring::dot(&pull, &pull) / squares) * Ring::square(&term.weight)
        };
        let total: Rational = self.terms.iter().map(one).sum();
        total * 2 / Rational::from(train.len())
    }

    /// The balanced batch-norm network, every row times `scale > 0`.
    ///
    /// # Errors
    /// None for a non-empty training set.
    pub fn network(
        &self,
        train: &Dataset<Rational>,
        scale: &Rational,
    ) -> Result<Network<Radical>, NoValue> {
        let coefficients = self.coefficients(train)?;
        let neuron = |(term, coefficient): (&Term, Radical)| Neuron {
            row: term.row.iter().map(|w| w.mul(scale)).collect(),
            coefficient,
        };
        let neurons: Vec<Neuron> = self.terms.iter().zip(coefficients).map(neuron).collect();
        balanced(&neurons)
    }
}

/// `|c|`.
fn size(c: Radical) -> Radical {
    if c.signum().is_lt() { c.neg() } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharpness::closed_form;
    use crate::sharpness::definition::mse_trace;
    use proptest::prelude::*;

    fn exact(data: &Dataset<Rational>) -> Dataset<Radical> {
        data.map(|q| Radical::from_rational(q.clone()))
    }

    /// Two to four random neurons in d = 2, three training points, labels f; one unseen point.
    fn scenes() -> impl Strategy<Value = (ReluSum, Dataset<Rational>, Vec<Rational>, i64)> {
        let row = prop::collection::vec(-4i64..=4, 3);
        let term = (row, -3i64..=3).prop_map(|(row, weight)| Term {
            row: row.into_iter().map(Rational::from).collect(),
            weight: Rational::from((weight, 2)),
        });
        let point = || prop::collection::vec((-3i64..=3).prop_map(Rational::from), 2);
        let train = prop::collection::vec(point(), 3);
        (prop::collection::vec(term, 2..=4), train, point(), 1i64..5).prop_map(
            |(terms, x, at, scale)| {
                let sum = ReluSum { terms };
                let y = x.iter().map(|x| sum.value(x)).collect();
                (sum, Dataset { x, y }, at, scale)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn value_vs_outputs((sum, data, at, scale) in scenes()) {
            let net = sum.network(&data, &Rational::from(scale)).unwrap();
            let exact_at = at.iter().cloned().map(Radical::from_rational).collect();
            let Ok(outputs) = net.outputs(&exact(&data).x, &[exact_at]) else { return Ok(()) };
            prop_assert_eq!(outputs[0].as_rational(), Some(sum.value(&at)));
        }

        #[test]
        fn trace_vs_closed_form((sum, data, _, scale) in scenes()) {
            let net = sum.network(&data, &Rational::from(scale)).unwrap();
            let train = exact(&data);
            let Ok(closed) = closed_form::trace(&net, &train.x) else { return Ok(()) };
            let rows = Radical::from_rational(sum.gradient_part(&data) / (scale * scale));
            let formula = sum.price(&data).unwrap().add(&rows);
            prop_assert_eq!(&closed, &formula);
            if scale > 1 && !rows.terms().is_empty() {
                let unscaled = Radical::from_rational(sum.gradient_part(&data));
                prop_assert_ne!(closed, sum.price(&data).unwrap().add(&unscaled));
            }
        }
    }

    /// The formula against second derivatives, on one instance with all parts other than 0.
    #[test]
    fn trace_vs_definition() {
        let term = |row: [i64; 3], weight| Term {
            row: row.map(Rational::from).to_vec(),
            weight: Rational::from(weight),
        };
        let sum = ReluSum {
            terms: vec![term([1, 2, 1], 3), term([-1, 1, 2], -1)],
        };
        let x = [[1, 1], [2, -1], [-2, 1]];
        let x: Vec<Vec<Rational>> = x.iter().map(|x| x.map(Rational::from).to_vec()).collect();
        let y = x.iter().map(|x| sum.value(x)).collect();
        let data = Dataset { x, y };
        let net = sum.network(&data, &Rational::from(2)).unwrap();
        let rows = Radical::from_rational(sum.gradient_part(&data) / 4);
        let formula = sum.price(&data).unwrap().add(&rows);
        assert_eq!(mse_trace(&net, &exact(&data)).unwrap(), formula);
    }
}
