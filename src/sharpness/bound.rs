//! The least `||grad f(x_i)||^2` at an interpolating, admissible theta, per sample, and the lower
//! bound on the trace it gives (Wen, Li, Ma 2023, Eqs. 2-3, Section 6; Lemma A.12).
//!
#![doc = flatproof_math::tex!(
    r"\lVert \nabla f(x_i) \rVert^2 \ge \begin{cases}
    2\, \lVert x_i \rVert\, |y_i| & \text{no bias} \\
    D\, |y_i|^{2(D-1)/D} R_i^{2/D} & \text{bias, depth } D \\
    \min(1, \tfrac{2}{\epsilon} R_i |y_i|) & \text{layer norm}
    \end{cases} \qquad R_i^2 = \lVert x_i \rVert^2 + 1"
)]
//!
//! AM-GM over the layers, then Cauchy-Schwarz. That the bounds hold is what the cases `bound-bias`,
//! `bound-depth` and `lemma-a.12` check; batch norm has no bound per sample.

use super::closed_form::mean_twice;
use crate::data::{Dataset, Malformed};
use crate::network::Network;
use crate::scalar::{NoValue, Radical, Real};

/// An architecture with a bound per sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Bounded<S = Radical> {
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

/// Why there is no lower bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBound {
    /// Batch norm has no bound per sample. On a complete training set the infimum of the trace is 8
    /// from width 4 on (`flatproof explain lemma-a.3-repaired`).
    #[error("batch norm has no lower bound per sample")]
    BatchNorm,
    /// The data or the network does not fit together.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A number that radicals cannot express.
    #[error(transparent)]
    NoValue(#[from] NoValue),
}

/// The lower bound on [`sharpness`](super::sharpness()) that every interpolating, admissible network of
/// the architecture of `net` obeys on `data`, whatever its width. A network that reaches it is flattest.
/// For `2-MLP-Bias` it is
///
#[doc = flatproof_math::tex!(r"\frac{4}{n} \sum_{i=1}^n R_i\, |y_i|, \qquad R_i^2 = \lVert x_i \rVert^2 + 1;")]
///
/// the [module](self) has the others.
///
/// ```
/// use flatproof::{Dataset, Network, Radical, lower_bound, sharpness};
///
/// let data: Dataset = Dataset::new([[1, 1]], [3])?;
/// let net: Network = Network::bias([[1, 1, -1]], [3])?;
/// assert_eq!(lower_bound(&net, &data)?, "12*sqrt(3)".parse()?); // 2 * 2 R |y|
/// assert!(sharpness(&net, &data)? > lower_bound(&net, &data)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Without a network at hand: [`Bounded::least_trace`].
///
/// # Errors
/// [`NoBound`], which batch norm always gets.
pub fn lower_bound(net: &Network, data: &Dataset) -> Result<Radical, NoBound> {
    data.check()?;
    net.check_inputs(&data.x)?;
    let architecture = Bounded::of(net).ok_or(NoBound::BatchNorm)?;
    Ok(architecture.least_trace(data)?)
}
