//! Speed: the paper's networks in f32, and how far f32 can be trusted.
//!
//! | file | holds |
//! |---|---|
//! | [`simd`] | lanes, instruction sets: the only `unsafe` |
//! | [`matrix`], [`model`] | padded storage; networks and samples |
//! | [`exp_log`] | exponential, softplus, sigmoid |
//! | [`sim_bn`] | single-sample steps with batch norm |
//! | [`slope`] | the derivative of the loss |
//! | [`step`] | what a training step is |
//! | [`error_bound`] | how far f32 can be off |
//!
//! Nothing here yields a verdict.

#[cfg(test)]
mod definition;
pub mod error_bound;
pub mod exp_log;
pub mod matrix;
pub mod model;
pub mod sim_bn;
pub mod simd;
pub mod slope;
pub mod step;

pub use matrix::Matrix;
pub use model::{Activation, Architecture, Model, Samples, Shape};
pub use simd::Isa;
pub use step::{Loss, Rule, Stepper};
