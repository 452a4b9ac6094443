//! What the steps keep between them: a function of the model and the samples, rebuilt at the start of
//! every call.

use super::row;
use crate::engine::matrix::Matrix;
use crate::engine::model::{Model, Samples};
use crate::engine::simd::Lanes;

/// Pre-activations and statistics of every neuron, and the scratch of a step.
#[derive(Debug)]
pub struct State {
    /// `X X^T`, n x n.
    pub gram: Matrix,
    /// `X^T`, (d + 1) x n.
    pub columns: Matrix,
    /// `z_jk = w_j . x'_k`, m x n.
    pub z: Matrix,
    /// `q_j`, m x (d + 1).
    pub q: Matrix,
    /// `a_j`.
    pub a: Vec<f32>,
    /// How many `a_j` are 0.
    pub dead: usize,
    /// `1/n`.
    pub inverse: f32,
    /// The pattern of one row.
    pub pattern: Vec<u64>,
    /// One row of pre-activations elsewhere.
    pub moved: Matrix,
    /// The neurons that fire at the sample, at theta.
    pub here: Vec<Fired>,
    /// The same at theta~.
    pub there: Vec<Fired>,
    /// `q_j` at theta~, one row per entry of `there`.
    pub q_there: Matrix,
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
            gram: empty(),
            columns: empty(),
            z: empty(),
            q: empty(),
            a: Vec::new(),
            dead: 0,
            inverse: 0.0,
            pattern: Vec::new(),
            moved: empty(),
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
        self.columns = samples.x.transposed();
        if (self.z.rows(), self.z.columns()) != (m, n) {
            self.z = Matrix::zeros(m, n);
            self.moved = Matrix::zeros(1, n);
            self.gram = Matrix::zeros(n, n);
            self.pattern = vec![0; row::words(self.z.stride())];
            self.inverse = 1.0 / n as f32;
        }
        let columns = samples.x.columns();
        if (self.q.rows(), self.q.columns()) != (m, columns) {
            self.q = Matrix::zeros(m, columns);
            self.q_there = Matrix::zeros(m, columns);
            self.a = vec![0.0; m];
        }
    }

    /// Everything from the weights and the samples.
    #[inline(always)]
    pub fn rebuild<L: Lanes>(&mut self, lanes: L, model: &Model, samples: &Samples) {
        for i in 0..samples.len() {
            let gram = self.gram.row_chunks_mut(i);
            row::pre_activations(lanes, &self.columns, samples.x.row_chunks(i), gram);
        }
        for j in 0..model.shape.width {
            let z = self.z.row_chunks_mut(j);
            row::pre_activations(lanes, &self.columns, model.first.row_chunks(j), z);
            self.a[j] = row::root_mean_square(lanes, z, self.inverse, &mut self.pattern);
            let q = self.q.row_chunks_mut(j);
            row::mean_product(lanes, z, &self.pattern, &samples.x, self.inverse, q);
        }
        self.dead = self.a.iter().filter(|&&a| a == 0.0).count();
    }

    /// The first layer, and all that is linear in it, times `factor >= 0`.
    #[inline(always)]
    pub fn scale<L: Lanes>(&mut self, lanes: L, first: &mut Matrix, factor: f32) {
        scale(lanes, first, factor);
        scale(lanes, &mut self.z, factor);
        scale(lanes, &mut self.q, factor);
        self.a.iter_mut().for_each(|a| *a *= factor);
        self.dead = self.a.iter().filter(|&&a| a == 0.0).count();
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
