//! One pass over the rows of a weight matrix: the pending update, the product, and for the last hidden
//! layer the product with the transpose.

use super::Pending;
use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::{flat, flat_mut};
use crate::engine::simd::{Chunk, Lanes};

/// Rows whose products are computed together: enough sums to hide the latency of one.
const ROWS: usize = 4;

/// The update that waits for a matrix: `w_j <- keep w_j + (rate delta_j) h`.
#[derive(Clone, Copy)]
pub struct Update<'a> {
    pub pending: Pending,
    pub delta: &'a [f32],
    pub h: &'a [Chunk],
}

impl Update<'_> {
    /// On the row `w` with index `j`.
    #[inline(always)]
    pub fn apply<L: Lanes>(&self, lanes: L, j: usize, w: &mut [Chunk]) {
        let rate = self.pending.rate * self.delta[j];
        if self.pending.keep != 1.0 {
            scale(lanes, self.pending.keep, w);
        }
        if rate != 0.0 {
            axpy(lanes, rate, self.h, w);
        }
    }
}

/// `h_j = relu(w_j . input + shift delta_j)`: the shift stands for the move of the matrix to theta~.
pub struct Forward<'a> {
    pub input: &'a [Chunk],
    pub shift: f32,
    pub delta: &'a [f32],
}

/// The last hidden layer: `delta_j = 1[h_j > 0] v_j` and `back = sum_j delta_j w_j`.
pub struct Backward<'a> {
    pub v: &'a [f32],
    pub delta: &'a mut [f32],
    pub back: &'a mut [Chunk],
}

/// The pass. Every row is updated, multiplied, and added to `back` where its neuron fires, in the
/// order of the rows.
#[inline(always)]
pub fn pass<L: Lanes>(
    lanes: L,
    w: &mut Matrix,
    update: Option<Update>,
    forward: Forward,
    h: &mut [f32],
    mut backward: Option<Backward>,
) {
    if let Some(backward) = &mut backward {
        backward.back.fill(Chunk::default());
    }
    let mut firing = Firing::default();
    let rows = w.rows();
    for from in (0..rows).step_by(ROWS) {
        let block = from..rows.min(from + ROWS);
        if let Some(update) = &update {
            for j in block.clone() {
                update.apply(lanes, j, w.row_chunks_mut(j));
            }
        }
        let mut z = [0.0; ROWS];
        if block.len() == ROWS {
            z = products::<L, ROWS>(lanes, w, from, forward.input);
        } else {
            for j in block.clone() {
                [z[j - from]] = products::<L, 1>(lanes, w, j, forward.input);
            }
        }
        for j in block {
            let z = forward.shift.mul_add(forward.delta[j], z[j - from]);
            h[j] = if z > 0.0 { z } else { 0.0 };
            if let Some(backward) = &mut backward {
                backward.delta[j] = if z > 0.0 { backward.v[j] } else { 0.0 };
                if z > 0.0 {
                    firing.push(lanes, w, j, backward.delta, backward.back);
                }
            }
        }
    }
    if let Some(backward) = &mut backward {
        firing.finish(lanes, w, backward.delta, backward.back);
    }
}

/// `back = sum_j delta_j w_j` over `delta_j != 0`, in the order of the rows.
#[inline(always)]
pub fn transposed_product<L: Lanes>(lanes: L, w: &Matrix, delta: &[f32], back: &mut [Chunk]) {
    back.fill(Chunk::default());
    let mut firing = Firing::default();
    for (j, &d) in delta.iter().enumerate() {
        if d != 0.0 {
            firing.push(lanes, w, j, delta, back);
        }
    }
    firing.finish(lanes, w, delta, back);
}

/// Rows that wait to be added to a sum of rows: four at once save three passes over the sum.
#[derive(Default)]
struct Firing {
    rows: [usize; ROWS],
    len: usize,
}

impl Firing {
    #[inline(always)]
    fn push<L: Lanes>(&mut self, lanes: L, w: &Matrix, j: usize, delta: &[f32], sum: &mut [Chunk]) {
        self.rows[self.len] = j;
        self.len += 1;
        if self.len == ROWS {
            add_rows::<L, ROWS>(lanes, w, self.rows, delta, sum);
            self.len = 0;
        }
    }

    #[inline(always)]
    fn finish<L: Lanes>(self, lanes: L, w: &Matrix, delta: &[f32], sum: &mut [Chunk]) {
        for &j in &self.rows[..self.len] {
            add_rows::<L, 1>(lanes, w, [j], delta, sum);
        }
    }
}

/// `sum += sum_j delta_j w_j`, one row after the other.
#[inline(always)]
fn add_rows<L: Lanes, const R: usize>(
    lanes: L,
    w: &Matrix,
    rows: [usize; R],
    delta: &[f32],
    sum: &mut [Chunk],
) {
    let mut factors = [lanes.splat(0.0); R];
    let w = w.chunks();
    let mut chunks = [&w[..0]; R];
    let stride = sum.len();
    for r in 0..R {
        factors[r] = lanes.splat(delta[rows[r]]);
        chunks[r] = &w[rows[r] * stride..][..stride];
    }
    for (c, sum) in sum.iter_mut().enumerate() {
        let mut total = lanes.load(sum);
        for r in 0..R {
            total = lanes.mul_add(factors[r], lanes.load(&chunks[r][c]), total);
        }
        lanes.store(total, sum);
    }
}

/// `w_j . v` of `R` rows; each one chain of sums, chunk by chunk.
#[inline(always)]
fn products<L: Lanes, const R: usize>(lanes: L, w: &Matrix, from: usize, v: &[Chunk]) -> [f32; R] {
    let mut sums = [lanes.splat(0.0); R];
    let stride = w.stride();
    let rows = &w.chunks()[from * stride..][..R * stride];
    for (c, v) in v[..stride].iter().enumerate() {
        let v = lanes.load(v);
        for r in 0..R {
            sums[r] = lanes.mul_add(lanes.load(&rows[r * stride + c]), v, sums[r]);
        }
    }
    let mut products = [0.0; R];
    for r in 0..R {
        products[r] = lanes.sum(sums[r]);
    }
    products
}

/// `a . b`.
#[inline(always)]
pub fn dot<L: Lanes>(lanes: L, a: &Matrix, b: &Matrix) -> f32 {
    let mut sum = lanes.splat(0.0);
    for (a, b) in a.chunks().iter().zip(b.chunks()) {
        sum = lanes.mul_add(lanes.load(a), lanes.load(b), sum);
    }
    lanes.sum(sum)
}

/// `to += factor from`.
#[inline(always)]
pub fn axpy<L: Lanes>(lanes: L, factor: f32, from: &[Chunk], to: &mut [Chunk]) {
    let factor = lanes.splat(factor);
    for (to, from) in to.iter_mut().zip(from) {
        lanes.store(lanes.mul_add(factor, lanes.load(from), lanes.load(to)), to);
    }
}

/// `w *= factor`.
#[inline(always)]
pub fn scale<L: Lanes>(lanes: L, factor: f32, w: &mut [Chunk]) {
    let factor = lanes.splat(factor);
    for w in w {
        lanes.store(lanes.mul(factor, lanes.load(w)), w);
    }
}

/// `to_j = from_j` where `at_j > 0`, else 0.
#[inline(always)]
pub fn mask<L: Lanes>(lanes: L, from: &Matrix, at: &Matrix, to: &mut Matrix) {
    let pairs = from.chunks().iter().zip(at.chunks());
    for (to, (from, at)) in to.chunks_mut().iter_mut().zip(pairs) {
        let fires = lanes.gt(lanes.load(at), lanes.splat(0.0));
        lanes.store(lanes.keep(fires, lanes.load(from)), to);
    }
}

/// `to_j = relu(h_j + factor delta_j)`.
#[inline(always)]
pub fn shifted<L: Lanes>(lanes: L, h: &Matrix, factor: f32, delta: &Matrix, to: &mut Matrix) {
    let factor = lanes.splat(factor);
    let pairs = h.chunks().iter().zip(delta.chunks());
    for (to, (h, delta)) in to.chunks_mut().iter_mut().zip(pairs) {
        let z = lanes.mul_add(factor, lanes.load(delta), lanes.load(h));
        lanes.store(lanes.relu(z), to);
    }
}

/// A vector as numbers.
pub fn numbers(v: &Matrix) -> &[f32] {
    &flat(v.chunks())[..v.columns()]
}

/// A vector as numbers.
pub fn numbers_mut(v: &mut Matrix) -> &mut [f32] {
    let n = v.columns();
    &mut flat_mut(v.chunks_mut())[..n]
}
