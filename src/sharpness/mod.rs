//! Sharpness: the trace of the Hessian of the loss, twice (Wen, Li, Ma 2023, Section 4).
//!
//! | file | road |
//! |---|---|
//! | [`definition`] | second-order jets along every parameter: the Hessian's diagonal as defined |
//! | [`closed_form`] | squared gradients, at an interpolating theta (Lemma 4.1) |
//! | [`gradient`] | `grad f(x_i)` itself, sparse, for the spectrum of `J J^T` |
//! | [`spectrum`] | the eigenvalues of `(2/n) J J^T` on either side of a number |
//! | [`alignment`] | `alpha_j`, how well a batch-norm neuron is aligned with the labels |
//! | [`bound`] | the least `||grad f(x_i)||^2` an architecture allows, given `x_i` and `y_i` |
//!
//! The two roads meet in the tests `definition_vs_closed_form` and `gradient_vs_closed_form`.

use crate::data::Dataset;
use crate::network::{Network, Refusal};
use crate::scalar::Radical;

pub mod alignment;
pub mod bound;
pub mod closed_form;
pub mod definition;
pub mod gradient;
pub mod spectrum;

/// The sharpness of the paper: the trace of the Hessian of `L = (1/n) sum_i (f(x_i) - y_i)^2` over all
/// parameters, exactly.
///
/// ```
/// use flatproof::{Dataset, Network, Refusal, sharpness};
///
/// let data: Dataset = Dataset::new([[1, 1]], [3])?;
/// // f = 3 relu(x1 + x2 - 1): R^2 = 3, z = 1, so Tr = 2 (W2^2 R^2 + z^2) = 2 (9 * 3 + 1)
/// let net: Network = Network::bias([[1, 1, -1]], [3])?;
/// assert_eq!(sharpness(&net, &data)?, 56.into());
/// // with bias -2 the pre-activation is 0 and there is no Hessian
/// let kinked: Network = Network::bias([[1, 1, -2]], [3])?;
/// assert!(matches!(sharpness(&kinked, &data), Err(Refusal::Kink(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
#[doc = flatproof_math::tex!(
    r"\operatorname{Tr} \nabla^2 L = \frac{2}{n} \sum_{i=1}^n \Bigl( \lVert \nabla f(x_i) \rVert^2
    + \bigl( f(x_i) - y_i \bigr) \operatorname{Tr} \nabla^2 f(x_i) \Bigr)"
)]
///
/// Without a normalisation `f` is linear in each single parameter, so the second term is 0 and the closed
/// form holds at every admissible theta; with one it holds where theta interpolates, and elsewhere the [`definition`] is used, at a
/// forward pass per parameter. Test `sharpness_vs_definition`.
///
/// # Errors
/// A [`Kink`](crate::network::Kink) where theta is not admissible; sizes that do not fit; a number
/// that radicals cannot express.
pub fn sharpness(net: &Network, data: &Dataset) -> Result<Radical, Refusal> {
    data.check()?;
    let activations = net.admissible(&data.x)?;
    let unnormalised = matches!(net, Network::NoBias(_) | Network::Bias(_));
    if unnormalised || net.interpolates(data)? {
        let squares = closed_form::squared_gradients_at(net, &data.x, &activations)?;
        Ok(closed_form::mean_twice(&squares)?)
    } else {
        definition::mse_trace(net, data)
    }
}
