//! Small networks with samples, for tests.

use crate::engine::model::{Activation, Architecture, Model, Samples, Shape};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Every kind of network, with its depth.
pub const KINDS: [(Architecture, Activation, usize); 8] = [
    (Architecture::NoBias, Activation::Relu, 2),
    (Architecture::Bias, Activation::Relu, 2),
    (Architecture::Bias, Activation::Relu, 3),
    (Architecture::Bias, Activation::Relu, 4),
    (Architecture::SimBn, Activation::Relu, 2),
    (Architecture::SimLn, Activation::Relu, 2),
    (Architecture::NoBias, Activation::Softplus, 2),
    (Architecture::Bias, Activation::Softplus, 2),
];

/// A network, a training set, and a batch of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub model: Model,
    pub samples: Samples,
    pub indices: Vec<u32>,
    pub labels: Vec<f32>,
}

/// Numbers `k / unit`, `|k| <= most`.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    pub most: i32,
    pub unit: f32,
}

impl Case {
    /// `n` samples in dimension `d`, width `m`, a batch of `b` with repeats.
    pub fn new(kind: usize, [m, d, n, b]: [usize; 4], grid: Grid, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut number = || rng.random_range(-grid.most..=grid.most) as f32 / grid.unit;
        let (architecture, activation, depth) = KINDS[kind];
        let shape = Shape {
            architecture,
            activation,
            input_dim: d,
            width: m,
            depth,
            eps: 0.5,
        };
        let mut model = Model::zeros(shape);
        for part in model.parts_mut() {
            for i in 0..part.rows() {
                part.row_mut(i).iter_mut().for_each(|w| *w = number());
            }
        }
        let mut row = |length: usize| (0..length).map(|_| number()).collect::<Vec<f32>>();
        let x: Vec<Vec<f32>> = (0..n).map(|_| row(d)).collect();
        let samples = Samples::new(&shape, &x, row(n));
        let labels = row(b);
        let indices = (0..b).map(|_| rng.random_range(0..n as u32)).collect();
        Self {
            model,
            samples,
            indices,
            labels,
        }
    }

    pub fn batch(&self) -> (&[u32], &[f32]) {
        (&self.indices, &self.labels)
    }
}

/// Any kind of network up to width 18 at up to 18 samples, batches of up to 20.
pub fn case(grid: Grid) -> impl Strategy<Value = Case> {
    let sizes = (1usize..19, 1usize..4, 1usize..19, 1usize..21);
    (0..KINDS.len(), sizes, any::<u64>())
        .prop_map(move |(kind, (m, d, n, b), seed)| Case::new(kind, [m, d, n, b], grid, seed))
}

/// Eighths: products stay exact in f32, so no sign depends on rounding.
pub const EIGHTHS: Grid = Grid {
    most: 12,
    unit: 8.0,
};
/// Small integers.
pub const INTEGERS: Grid = Grid { most: 2, unit: 1.0 };
