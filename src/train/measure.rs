//! What is measured along a run.

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
