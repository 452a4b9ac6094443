//! What the steps keep between them: a function of the model and the samples, rebuilt at the start of
//! every call.

use super::block::{Block, Members};
use crate::engine::matrix::Matrix;
use crate::engine::model::{Model, Samples};
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// Statistics of every neuron, and the scratch of a step. Vectors have m entries, neurons in lanes.
#[derive(Debug)]
pub struct State {
    /// `max_k ||x'_k||`, rounded.
    pub radius: f32,
    /// Moves of all `z_jk` by less than this times `a_j` are left out, see [`super::STILL`].
    pub still: f32,
    /// `q_j`, m x (d + 1).
    pub q: Matrix,
    /// `a_j`.
    pub a: Vec<Chunk>,
    /// A bound of the moves of `z_jk` that `a_j` and `q_j` do not know of.
    pub drift: Vec<Chunk>,
    /// The gradient at theta, then at theta~.
    pub point: Point,
    /// Per sixteen neurons: those whose pre-activations differ at theta~ from those at theta.
    pub moved: Vec<u16>,
    /// Rows of the neurons in `moved`: weights at theta~, then `q_j` at theta~.
    pub rows: Matrix,
    /// Neurons to be evaluated.
    pub list: Vec<u32>,
    /// Sixteen of them.
    pub block: Block,
}

/// What the gradient of `f(x_i)` is made of; a neuron that does not fire has `u_j = 0`.
#[derive(Debug)]
pub struct Point {
    /// `gamma_j`.
    pub gamma: Vec<Chunk>,
    /// `v_j`.
    pub last: Vec<Chunk>,
    /// `a_j`.
    pub a: Vec<Chunk>,
    /// `u_j = r_ji / a_j`.
    pub u: Vec<Chunk>,
    /// At least `|x'_k . (x'_i - (u_j/a_j) q_j)|` for every k, up to rounding; infinity: not known.
    pub reach: Vec<Chunk>,
    /// The next move of `w_j` is `along_j x'_i + across_j q_j`.
    pub along: Vec<Chunk>,
    /// See `along`.
    pub across: Vec<Chunk>,
}

impl Point {
    fn zeros(chunks: usize) -> Self {
        let zeros = || vec![Chunk::default(); chunks];
        Self {
            gamma: zeros(),
            last: zeros(),
            a: zeros(),
            u: zeros(),
            reach: zeros(),
            along: zeros(),
            across: zeros(),
        }
    }
}

impl State {
    /// With room for the sizes of `model` and `samples`.
    pub fn new(model: &Model, samples: &Samples, still: f32) -> Self {
        let (m, columns) = (model.shape.width, samples.x.columns());
        let zeros = || vec![Chunk::default(); m.div_ceil(WIDTH)];
        Self {
            radius: 0.0,
            still,
            q: Matrix::zeros(m, columns),
            a: zeros(),
            drift: zeros(),
            point: Point::zeros(m.div_ceil(WIDTH)),
            moved: vec![0; m.div_ceil(WIDTH)],
            rows: Matrix::zeros(m, columns),
            list: Vec::with_capacity(m),
            block: Block::new(&samples.x),
        }
    }

    /// Whether it has the sizes of `model`, and what it holds of the samples is of `samples`.
    pub fn fits(&self, model: &Model, samples: &Samples) -> bool {
        self.q.rows() == model.shape.width && self.block.is_for(&samples.x)
    }

    /// Everything from the weights and the samples.
    #[inline(always)]
    pub fn rebuild<L: Lanes>(&mut self, lanes: L, model: &Model, samples: &Samples) {
        self.radius = 0.0;
        for i in 0..samples.len() {
            let norm = square(lanes, samples.x.row_chunks(i)).sqrt();
            self.radius = self.radius.max(norm);
        }
        self.list.clear();
        self.list.extend(0..model.shape.width as u32);
        self.refresh(lanes, &model.first);
    }

    /// The statistics of the neurons of the list, from their weights.
    #[inline(always)]
    pub fn refresh<L: Lanes>(&mut self, lanes: L, first: &Matrix) {
        for members in Members::blocks(&self.list) {
            let a = self.block.evaluate(lanes, first, &members.rows());
            members.set(lanes, a, &mut self.a);
            members.set(lanes, lanes.splat(0.0), &mut self.drift);
            self.block.write(lanes, members, &mut self.q);
        }
    }

    /// What is linear in the first layer, times `factor >= 0`.
    #[inline(always)]
    pub fn scale<L: Lanes>(&mut self, lanes: L, factor: f32) {
        scale(lanes, self.q.chunks_mut(), factor);
        scale(lanes, &mut self.a, factor);
        scale(lanes, &mut self.drift, factor);
    }
}

/// `w *= factor`.
#[inline(always)]
pub fn scale<L: Lanes>(lanes: L, w: &mut [Chunk], factor: f32) {
    let factor = lanes.splat(factor);
    for chunk in w {
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
