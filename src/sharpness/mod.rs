//! Sharpness: the trace of the Hessian of the loss, twice (Wen, Li, Ma 2023, Section 4).
//!
//! | file | road |
//! |---|---|
//! | [`definition`] | second-order jets along every parameter: the Hessian's diagonal as defined |
//! | [`closed_form`] | `Tr = (2/n) sum_i ||grad f(x_i)||^2` at an interpolating theta (Lemma 4.1) |
//! | [`gradient`] | `grad f(x_i)` itself, sparse, for the spectrum of `J J^T` |
//! | [`spectrum`] | the eigenvalues of `(2/n) J J^T` on either side of a number |
//! | [`alignment`] | `alpha_j`, how well a batch-norm neuron is aligned with the labels |
//! | [`bound`] | the least `||grad f(x_i)||^2` an architecture allows, given `x_i` and `y_i` |
//!
//! The two roads meet in the tests `definition_vs_closed_form` and `gradient_vs_closed_form`.

pub mod alignment;
pub mod bound;
pub mod closed_form;
pub mod definition;
pub mod gradient;
pub mod spectrum;
