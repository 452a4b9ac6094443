//! How far f32 can be trusted: rigorous bounds of what the engine computes, in any order of summation.
//!
//! | file | holds |
//! |---|---|
//! | [`near`] | a number in two readings, exact and f32, with the derivation of the constants |
//! | [`pass`] | forward pass: pre-activations, certified signs, outputs |
//! | [`forward`] | one bound of the forward pass for a whole box of inputs |
//! | [`smooth`] | softplus, sigmoid, losses |
//! | [`gradient`] | mean loss of a batch, its gradient and norm |
//! | [`trace`] | sharpness |
//! | [`mod@step`] | one training step, entry by entry |
//! | [`rank_one`], [`sim_bn`], [`deep`] | the same step on one sample, by its structure |
//!
//! Every bound follows the formulas of the engine up to the order of sums and fused products, and
//! holds for each implementation that computes by them. Where there is no bound (overflow, a divisor
//! or a norm that may be 0) it is infinite.
//!
//! ```
//! use flatproof::engine::error_bound::Pass;
//! use flatproof::engine::{Activation, Architecture, Model, Samples, Shape};
//!
//! let shape = Shape {
//!     architecture: Architecture::Bias,
//!     activation: Activation::Relu,
//!     input_dim: 2,
//!     width: 1,
//!     depth: 2,
//!     eps: 1.0,
//! };
//! let mut net = Model::zeros(shape);
//! net.first.row_mut(0).copy_from_slice(&[0.1, 0.2, -0.05]);
//! net.last.row_mut(0)[0] = 3.0;
//! let train = Samples::new(&shape, &[vec![1.0, 1.0], vec![-1.0, 1.0]], vec![1.0, 0.0]);
//! let pass = Pass::of(&net, &train);
//! assert_eq!(pass.certified(), (2, 2));
//! assert!(pass.outputs[0].error() < 4e-7 && pass.outputs[1].error() < 4e-7);
//! ```

pub mod deep;
pub mod forward;
pub mod gradient;
pub mod near;
pub mod pass;
pub mod rank_one;
pub mod sim_bn;
pub mod smooth;
pub mod step;
#[cfg(test)]
mod tests;
pub mod trace;

pub use deep::deep_step;
pub use forward::Forward;
pub use near::{Near, Sum};
pub use pass::{Pass, Weights};
pub use rank_one::rank_one_step;
pub use sim_bn::sim_bn_step;
pub use step::{Step, step};
