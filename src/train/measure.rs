//! What is measured along a run.

use crate::engine::{Isa, Loss, Model, Samples, batch};
use serde::{Deserialize, Serialize};

/// One point of a run's curves, all of it computed in f32: never a verdict. The columns of the CSV
/// have this order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Finished epochs.
    pub epoch: u64,
    /// Mean loss of the training set.
    pub loss: f64,
    /// Share of training samples with `y f(x) > 0`.
    pub train_accuracy: f64,
    /// Mean loss of the test set.
    pub test_loss: f64,
    /// Share of test samples with `y f(x) > 0`.
    pub test_accuracy: f64,
    /// The trace of the Hessian of the training loss.
    pub sharpness: f64,
}

impl Measurement {
    /// Whether every number is finite: otherwise the run has diverged.
    pub fn is_finite(&self) -> bool {
        let numbers = [self.loss, self.test_loss, self.sharpness];
        numbers.iter().all(|t| t.is_finite())
    }
}

/// Where a network is measured: the epoch it has reached, and the test samples.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Finished epochs.
    pub epoch: u64,
    /// The training set.
    pub train: &'a Samples,
    /// The test samples.
    pub test: &'a Samples,
}

/// Measures a network. Batch norm keeps the statistics of the training set at the test samples too.
pub fn measure(isa: Isa, model: &Model, at: At, loss: Loss) -> Measurement {
    let train = batch::evaluate(isa, model, at.train, at.train, loss);
    let test = batch::evaluate(isa, model, at.train, at.test, loss);
    Measurement {
        epoch: at.epoch,
        loss: train.loss,
        train_accuracy: train.accuracy,
        test_loss: test.loss,
        test_accuracy: test.accuracy,
        sharpness: batch::sharpness(isa, model, at.train, loss).full,
    }
}
