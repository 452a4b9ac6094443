//! Speed: the paper's networks in f32, and how far f32 can be trusted.
//!
//! | file | holds |
//! |---|---|
//! | [`simd`] | lanes, instruction sets: the only `unsafe` |
//! | [`matrix`], [`model`] | padded storage; networks and samples |
//! | [`exp_log`] | exponential, softplus, sigmoid |
//! | [`rank_one`] | one-sample steps of two-layer networks |
//! | [`step`] | what a training step is |
//! | [`slope`] | the derivative of the loss |
//! | [`batch`] | outputs, loss, gradient, sharpness of any network on lanes |
//! | [`plain`] | any step, as it is written |
//! | [`deep`] | single-sample steps of three and more layers |
//! | [`sim_bn`] | single-sample steps with batch norm |
//! | [`mod@reference`] | the same numbers by the generic code |
//! | [`error_bound`] | how far f32 can be off |
//!
//! Nothing here yields a verdict.

pub mod batch;
pub mod deep;
#[cfg(test)]
mod definition;
pub mod error_bound;
pub mod exp_log;
pub mod matrix;
pub mod model;
pub mod plain;
pub mod rank_one;
pub mod reference;
pub mod sim_bn;
pub mod simd;
pub mod slope;
pub mod step;

pub use matrix::Matrix;
pub use model::{Activation, Architecture, Model, Samples, Shape};
pub use plain::Plain;
pub use rank_one::RankOne;
pub use simd::Isa;
pub use step::{Loss, Rule, Stepper};

/// The fastest stepper for steps by `rule` on `samples` samples and networks of `shape`; [`Plain`] does
/// the same by the plain road.
pub fn stepper(isa: Isa, shape: &Shape, rule: &Rule, _samples: usize) -> Box<dyn Stepper> {
    if let Some(rank_one) = RankOne::new(isa, shape, rule) {
        return Box::new(rank_one);
    }
    if let Some(stepper) = sim_bn::SimBnStepper::new(isa, shape, rule) {
        return Box::new(stepper);
    }
    if let Some(stepper) = deep::DeepStepper::new(isa, shape, rule) {
        return Box::new(stepper);
    }
    Box::new(Plain::new(isa))
}
