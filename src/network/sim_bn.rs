//! `2-MLP-Sim-BN`, the sum under the root over the training inputs (Wen, Li, Ma 2023, Section 3):
//!
#![doc = flatproof_math::tex!(
    r"f(x) = \sum_j W_{2,j}\, \gamma_j\, \frac{\operatorname{relu}(W_{1,j} \cdot x + b_j)}{a_j}, \qquad
    a_j = \sqrt{\frac{1}{n} \sum_{i=1}^n \operatorname{relu}(W_{1,j} \cdot x_i + b_j)^2}"
)]
//!
//! No mean subtraction, no epsilon; training statistics at test time; gradients go through `a_j`;
//! `a_j = 0` is outside the domain.

use super::{Activations, Architecture, Kink, Refusal, fire_with_bias, lifted, map_rows};
use crate::scalar::{Fired, Real, Ring};

/// A two-layer network with simplified batch norm.
#[derive(Clone, Debug, PartialEq)]
pub struct SimBn<S> {
    /// `W1' = (W1, b1)`, `m` rows of `d + 1` entries.
    pub first: Vec<Vec<S>>,
    /// `gamma`, `m` entries.
    pub gamma: Vec<S>,
    /// `W2`, `m` entries.
    pub last: Vec<S>,
}

impl<S> SimBn<S> {
    /// The same network over another number type, parameters in order.
    pub fn map<T>(&self, f: &mut impl FnMut(&S) -> T) -> SimBn<T> {
        SimBn {
            first: map_rows(&self.first, f),
            gamma: self.gamma.iter().map(&mut *f).collect(),
            last: self.last.iter().map(f).collect(),
        }
    }
}

impl<S: Ring> SimBn<S> {
    /// `c_j = gamma_j W2_j`.
    pub fn coefficients(&self) -> Vec<S> {
        self.gamma
            .iter()
            .zip(&self.last)
            .map(|(g, w)| g.mul(w))
            .collect()
    }
}

impl<S: Real> SimBn<S> {
    /// `sum_i relu(W1_j x_i + b_j)^2`.
    fn square_sums(&self, train: &[Fired<S>]) -> Vec<S> {
        let mut total = vec![S::zero(); self.first.len()];
        for (j, z) in train.iter().flat_map(|fired| &fired.active) {
            total[*j] = total[*j].add(&z.square());
        }
        total
    }

    /// `a_j^2 = (1/n) sum_i relu(W1_j x_i + b_j)^2`; refuses a neuron with `a_j = 0`.
    pub fn mean_squares(&self, train: &[Fired<S>]) -> Result<Vec<S>, Refusal> {
        if train.is_empty() {
            return Err(Kink::ZeroNormaliser { neuron: 0 }.into());
        }
        let n = S::from_int(train.len() as i64);
        let divide = |(neuron, sum): (usize, S)| match sum.sign()? {
            std::cmp::Ordering::Equal => Err(Kink::ZeroNormaliser { neuron }.into()),
            _ => Ok(sum.div(&n)?),
        };
        let sums = self.square_sums(train);
        sums.into_iter().enumerate().map(divide).collect()
    }
}

impl<S: Real> Architecture<S> for SimBn<S> {
    fn name(&self) -> &'static str {
        "2-MLP-Sim-BN"
    }
    fn first_layer(&self) -> &[Vec<S>] {
        &self.first
    }
    fn extra_kinks(&self, train: &Activations<S>) -> Result<Vec<Kink>, Refusal> {
        let mut kinks = Vec::new();
        for (neuron, sum) in self.square_sums(&train[0]).iter().enumerate() {
            if sum.sign()?.is_eq() {
                kinks.push(Kink::ZeroNormaliser { neuron });
            }
        }
        Ok(kinks)
    }
    fn outputs(&self, train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
        let squares = self.mean_squares(&fire_with_bias(&self.first, train)?)?;
        let coefficients = self.coefficients();
        let scaled = |(c, a2): (&S, &S)| Ok(c.div(&a2.sqrt()?)?); // W2_j gamma_j / a_j
        let weights: Vec<S> = coefficients
            .iter()
            .zip(&squares)
            .map(scaled)
            .collect::<Result<_, Refusal>>()?;
        Ok(S::relu_sums(&weights, &self.first, &lifted(at))?)
    }
}
