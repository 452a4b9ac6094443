//! One run of an experiment: its name, and what it trains.

use crate::train::Options;

/// A run with a name. Two runs of one name would share their files.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The figure's panel or the sweep's point, such as `4b` or `init-scale-bias-0.1`.
    pub figure: String,
    /// What it is, in words.
    pub title: String,
    /// The run.
    pub options: Options,
}

impl Job {
    /// A run of a figure.
    pub fn new(figure: impl Into<String>, title: impl Into<String>, options: Options) -> Self {
        Self {
            figure: figure.into(),
            title: title.into(),
            options,
        }
    }

    /// The stem of its files: `4b-seed1`.
    pub fn name(&self) -> String {
        format!("{}-seed{}", self.figure, self.options.seed)
    }

    /// The same with another seed.
    pub fn seeded(&self, seed: u64) -> Self {
        let mut job = self.clone();
        job.options.seed = seed;
        job
    }

    /// The same with every phase `scale` times as long.
    pub fn scaled(self, scale: f64) -> Self {
        let options = self.options.scaled(scale);
        Self { options, ..self }
    }

    /// Steps of the whole run, for a sense of how long it takes.
    pub fn steps(&self) -> u64 {
        let n = self.options.samples as u64;
        let steps = self.options.phases.iter().map(|phase| {
            let batch = (phase.batch as u64).max(1);
            phase.epochs.saturating_mul(n.div_ceil(batch))
        });
        steps.fold(0, u64::saturating_add)
    }
}
