//! Outputs, mean loss, gradient and sharpness of any network at any samples, on lanes.
//!
//! | file | holds |
//! |---|---|
//! | [`product`] | the matrix product, blocked in registers |
//! | [`active`] | sums over active samples by tables of subset sums |
//! | [`forward`] | hidden layers and outputs |
//! | [`loss`] | losses with two derivatives |
//! | [`gradient`] | gradient of the mean loss |
//! | [`trace`] | sharpness |
//! | [`mod@evaluate`] | mean loss and accuracy over many samples |
//!
//! Rows are neurons and lanes are samples, so a sum over neurons never crosses lanes. The same bits
//! on every instruction set (`portable_vs_others`); tied to the generic code by `batch_vs_reference`.

pub mod active;
pub mod evaluate;
pub mod forward;
pub mod gradient;
pub mod loss;
pub mod product;
pub mod trace;

#[cfg(test)]
pub(crate) mod cases;
#[cfg(test)]
mod tests;

use super::model::{Model, Samples};
use super::simd::Isa;
use super::step::Loss;
use forward::Inputs;
use gradient::{Batch, LossAndGradient, Scratch, chosen};

pub use evaluate::{Evaluation, evaluate, outputs};
pub use trace::{Sharpness, sharpness};

/// The mean loss of the samples `indices` of `train` with `labels` (one each), and its gradient into
/// `gradient`, of the model's shape. Without samples both are 0.
///
/// Batch norm takes its statistics over all of `train`, and the gradient goes through them.
pub fn loss_and_gradient(
    isa: Isa,
    model: &Model,
    train: &Samples,
    (indices, labels): (&[u32], &[f32]),
    loss: Loss,
    gradient: &mut Model,
) -> f32 {
    if indices.is_empty() {
        *gradient = Model::zeros(model.shape);
        return 0.0;
    }
    let all = Inputs::all(&train.x);
    let (inputs, entries) = chosen(model, &all, indices);
    isa.run(LossAndGradient {
        model,
        batch: Batch {
            inputs: &inputs,
            entries: &entries,
            labels,
        },
        loss,
        scratch: &mut Scratch::default(),
        gradient,
    })
}
