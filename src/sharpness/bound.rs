//! The least `||grad f(x_i)||^2` at an interpolating, admissible theta, per sample, and the lower
//! bound on the trace it gives (Wen, Li, Ma 2023, Eqs. 2-3, Section 6; Lemma A.12).
//!
//! | architecture | least `||grad f(x_i)||^2` |
//! |---|---|
//! | no bias | `2 ||x_i|| |y_i|` |
//! | bias, depth D | `D |y_i|^{2(D-1)/D} R_i^{2/D}` (D = 2: `2 R_i |y_i|`) |
//! | LN | `min(1, (2/eps) R_i |y_i|)` |
//!
//! AM-GM over the layers, then Cauchy-Schwarz. That the bounds hold is what the cases `bound-bias`,
//! `bound-depth` and `lemma-a.12` check; batch norm has no bound per sample.

use super::closed_form::mean_twice;
use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::{NoValue, Real};

/// An architecture with a bound per sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Bounded<S> {
    /// `2-MLP-No-Bias`.
    NoBias,
    /// `MLP-Bias` of depth D >= 2.
    Bias {
        /// D.
        depth: u32,
    },
    /// `2-MLP-Sim-LN`.
    SimLn {
        /// eps > 0.
        eps: S,
    },
}

impl<S: Real> Bounded<S> {
    /// The architecture of `net`, if it has a bound per sample.
    pub fn of(net: &Network<S>) -> Option<Self> {
        match net {
            Network::NoBias(_) => Some(Self::NoBias),
            Network::Bias(net) => Some(Self::Bias {
                depth: net.depth() as u32,
            }),
            Network::SimLn(net) => Some(Self::SimLn {
                eps: net.eps.clone(),
            }),
            Network::SimBn(_) => None,
        }
    }

    /// The least `||grad f(x)||^2` given that `f(x) = y`.
    pub fn least_squared_gradient(&self, x: &[S], y: &S) -> Result<S, NoValue> {
        let norm2 = S::dot(x, x);
        let radius2 = norm2.add(&S::one());
        match self {
            Self::NoBias => Ok(S::from_int(2).mul(&norm2.mul(&y.square()).sqrt()?)),
            Self::Bias { depth } => {
                let inside = radius2.mul(&y.pow(2 * (depth - 1))); // (R |y|^{D-1})^2
                Ok(S::from_int(i64::from(*depth)).mul(&inside.root(*depth)?))
            }
            Self::SimLn { eps } => {
                let low = S::from_int(2)
                    .mul(&radius2.mul(&y.square()).sqrt()?)
                    .div(eps)?;
                let saturated = low.compare(&S::one())?.is_ge();
                Ok(if saturated { S::one() } else { low })
            }
        }
    }

    /// `(2/n) sum_i` of the least `||grad f(x_i)||^2`: no interpolating, admissible theta of any
    /// width has a smaller trace.
    pub fn least_trace(&self, data: &Dataset<S>) -> Result<S, NoValue> {
        let one = |(x, y): (&Vec<S>, &S)| self.least_squared_gradient(x, y);
        let all: Vec<S> = data
            .x
            .iter()
            .zip(&data.y)
            .map(one)
            .collect::<Result<_, _>>()?;
        mean_twice(&all)
    }
}
