//! Outputs at many samples, and what is measured from them, in blocks that stay in cache.
//! Tests `batch_vs_reference`, `evaluation_by_hand`.

use super::forward::{Inputs, Readout, forward, inverse_rms, layers};
use super::loss::Entries;
use crate::engine::matrix::Matrix;
use crate::engine::model::{Architecture, Model, Samples};
use crate::engine::simd::{Isa, Kernel, Lanes, WIDTH};
use crate::engine::step::Loss;

/// Samples per block: four chunks, the width of a tile.
const BLOCK: usize = 4 * WIDTH;

/// `f` at the inputs `at`; batch norm takes its statistics from the inputs `train`.
pub fn outputs(isa: Isa, model: &Model, train: &Samples, at: &Samples) -> Vec<f32> {
    isa.run(Outputs { model, train, at })
}

/// How well a network does on samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss.
    pub loss: f64,
    /// The fraction of samples with `f y > 0`.
    pub accuracy: f64,
}

/// Mean loss and accuracy at the samples `at`; NaN where there is none.
pub fn evaluate(isa: Isa, model: &Model, train: &Samples, at: &Samples, loss: Loss) -> Evaluation {
    isa.run(Evaluate {
        outputs: Outputs { model, train, at },
        loss,
    })
}

struct Outputs<'a> {
    model: &'a Model,
    train: &'a Samples,
    at: &'a Samples,
}

impl Kernel for Outputs<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Vec<f32> {
        let readout = readout(lanes, self.model, self.train);
        let (x, n) = (&self.at.x, self.at.len());
        let mut room = layers(self.model, BLOCK.min(n));
        let mut all = Vec::with_capacity(n);
        for start in (0..n).step_by(BLOCK) {
            let block = start..n.min(start + BLOCK);
            if block.len() != room[0].post.columns() {
                room = layers(self.model, block.len());
            }
            let columns = Inputs::gather(x, block).columns;
            forward(lanes, self.model, &columns, &mut room);
            let read = readout.read(lanes, &room[room.len() - 1].post);
            all.extend_from_slice(read.outputs.row(0));
        }
        all
    }
}

/// What reads the last hidden layer, with the statistics of `train` where it needs them.
#[inline(always)]
pub fn readout<L: Lanes>(lanes: L, model: &Model, train: &Samples) -> Readout {
    if model.shape.architecture != Architecture::SimBn {
        return Readout::new(model, &[]);
    }
    let mut room = layers(model, train.len());
    forward(lanes, model, &Inputs::all(&train.x).columns, &mut room);
    Readout::new(model, &inverse_rms(lanes, &room[0].post))
}

struct Evaluate<'a> {
    outputs: Outputs<'a>,
    loss: Loss,
}

impl Kernel for Evaluate<'_> {
    type Output = Evaluation;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Evaluation {
        let labels = &self.outputs.at.y;
        let f = self.outputs.run(lanes);
        let right = f.iter().zip(labels).filter(|(f, y)| *f * *y > 0.0).count();
        Evaluation {
            loss: Entries::new(lanes, self.loss, Matrix::vector(&f), labels).mean(),
            accuracy: right as f64 / labels.len() as f64,
        }
    }
}
