//! Training: what a run is, where it starts, and its loop over epochs (Wen, Li, Ma 2023, Appendix B).
//!
//! | file | holds |
//! |---|---|
//! | [`options`] | everything that defines a run |
//! | [`random`] | independent streams of one seed |
//! | [`data`], [`init`] | training and test samples; the first network |
//! | [`order`] | the samples of an epoch and their labels |
//! | [`schedule`] | phases, and the epochs at which a run is measured |
//! | [`measure`], [`run`] | measurements; the loop |
//!
//! Same options, same bits: on every instruction set, with any number of threads, resumed or not.

pub mod data;
pub mod init;
pub mod measure;
pub mod options;
pub mod order;
pub mod random;
pub mod run;
pub mod schedule;

pub use data::Data;
pub use measure::Measurement;
pub use options::{Distribution, Options, Phase, Refused, Sampling};
pub use run::{Machine, State, Trainer};
