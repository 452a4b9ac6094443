//! What the steps keep between them: a function of the model and the samples, rebuilt at the start of
//! every call.

use super::row::{Fires, pre_activations};
use crate::engine::matrix::Matrix;
use crate::engine::model::{Model, Samples};
use crate::engine::simd::{Chunk, Lanes};

/// Pre-activations and statistics of every neuron, and the scratch of a step.
#[derive(Debug)]
pub struct State {
    /// `X^T`, (d + 1) x n.
    pub columns: Matrix,
    /// `max_k ||x'_k||`, rounded.
    pub radius: f32,
    /// Moves of all `z_jk` by at most this times `a_j` are left out, see [`super::STILL`].
    pub still: f32,
    /// `z_jk = w_j . x'_k`, m x n.
    pub z: Matrix,
    /// The statistics that belong to `z`.
    pub statistics: Vec<Statistics>,
    /// `q_j`, m x (d + 1).
    pub q: Matrix,
    /// How many `a_j` are 0.
    pub dead: usize,
    /// `1/n`.
    pub inverse: f32,
    /// The samples at which one neuron fires.
    pub fires: Fires,
    /// Weights and pre-activations of one neuron at theta~.
    pub moved: [Matrix; 2],
    /// The neurons that fire at the sample, at theta.
    pub here: Vec<Fired>,
    /// The same at theta~.
    pub there: Vec<Fired>,
    /// `q_j` at theta~, one row per entry of `there`.
    pub q_there: Matrix,
}

/// What is known of one neuron.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statistics {
    /// `a_j`.
    pub a: f32,
    /// A bound of the moves of its `z_jk` that were left out since they were computed.
    pub drift: f32,
}

/// A neuron that fires at the sample of the step.
#[derive(Clone, Copy, Debug)]
pub struct Fired {
    /// Its index.
    pub neuron: usize,
    /// `gamma_j`.
    pub gamma: f32,
    /// `v_j`.
    pub last: f32,
    /// `a_j`.
    pub a: f32,
    /// `u_j = z_ji / a_j`.
    pub u: f32,
    /// At least `|x'_k . (x'_i - (u_j/a_j) q_j)|` for every k, up to rounding; infinity: not known.
    pub reach: f32,
}

impl Fired {
    /// `gamma_j v_j / a_j`.
    pub fn slope(&self) -> f32 {
        self.gamma * self.last / self.a
    }
    /// `u_j / a_j`.
    pub fn pull(&self) -> f32 {
        self.u / self.a
    }
}

impl Default for State {
    fn default() -> Self {
        let empty = || Matrix::zeros(0, 0);
        Self {
            columns: empty(),
            radius: 0.0,
            still: super::STILL,
            z: empty(),
            statistics: Vec::new(),
            q: empty(),
            dead: 0,
            inverse: 0.0,
            fires: Fires::default(),
            moved: [empty(), empty()],
            here: Vec::new(),
            there: Vec::new(),
            q_there: empty(),
        }
    }
}

impl State {
    /// Makes room for the sizes of `model` and `samples`.
    pub fn fit(&mut self, model: &Model, samples: &Samples) {
        let (m, n) = (model.shape.width, samples.len());
        let columns = samples.x.columns();
        self.columns = samples.x.transposed();
        self.z = Matrix::zeros(m, n);
        self.q = Matrix::zeros(m, columns);
        self.q_there = Matrix::zeros(m, columns);
        self.moved = [Matrix::zeros(1, columns), Matrix::zeros(1, n)];
        self.statistics = vec![Statistics::default(); m];
        self.inverse = 1.0 / n as f32;
        self.fires.fit(n);
    }

    /// Everything from the weights and the samples.
    #[inline(always)]
    pub fn rebuild<L: Lanes>(&mut self, lanes: L, model: &Model, samples: &Samples) {
        self.radius = 0.0;
        for i in 0..samples.len() {
            let norm = square(lanes, samples.x.row_chunks(i)).sqrt();
            self.radius = self.radius.max(norm);
        }
        for j in 0..model.shape.width {
            self.refresh(lanes, model.first.row_chunks(j), samples, j);
        }
        self.count_dead();
    }

    /// Pre-activations and statistics of the neuron `j` with weights `w`.
    #[inline(always)]
    pub fn refresh<L: Lanes>(&mut self, lanes: L, w: &[Chunk], samples: &Samples, j: usize) {
        let (z, q) = (self.z.row_chunks_mut(j), self.q.row_chunks_mut(j));
        pre_activations(lanes, &self.columns, w, z);
        let a = self.fires.root_mean_square(lanes, z, self.inverse);
        self.fires
            .mean_product(lanes, z, &samples.x, self.inverse, q);
        self.statistics[j] = Statistics { a, drift: 0.0 };
    }

    /// The first layer, and all that is linear in it, times `factor >= 0`.
    #[inline(always)]
    pub fn scale<L: Lanes>(&mut self, lanes: L, first: &mut Matrix, factor: f32) {
        scale(lanes, first, factor);
        scale(lanes, &mut self.z, factor);
        scale(lanes, &mut self.q, factor);
        for statistics in &mut self.statistics {
            statistics.a *= factor;
            statistics.drift *= factor;
        }
        self.count_dead();
    }

    fn count_dead(&mut self) {
        self.dead = self.statistics.iter().filter(|s| s.a == 0.0).count();
    }
}

/// `w *= factor`.
#[inline(always)]
pub fn scale<L: Lanes>(lanes: L, w: &mut Matrix, factor: f32) {
    let factor = lanes.splat(factor);
    for chunk in w.chunks_mut() {
        lanes.store(lanes.mul(lanes.load(chunk), factor), chunk);
    }
}

/// `||w||^2`.
#[inline(always)]
pub fn square<L: Lanes>(lanes: L, w: &[Chunk]) -> f32 {
    let mut total = lanes.splat(0.0);
    for chunk in w {
        let w = lanes.load(chunk);
        total = lanes.mul_add(w, w, total);
    }
    lanes.sum(total)
}
