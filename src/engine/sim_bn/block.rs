//! Sixteen neurons at once, one per lane: pre-activations and statistics from rows of weights.
//!
//! ```text
//! z_k = w . x'_k,   r = relu(z),   a^2 = (1/n) sum_k r_k^2,   q = (1/n) sum_k r_k x'_k
//! ```

use super::product::{Product, Table};
use crate::engine::matrix::Matrix;
use crate::engine::model::Samples;
use crate::engine::simd::lanes::flat_mut;
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// The samples as the blocks need them.
#[derive(Debug)]
pub struct Inputs {
    /// `X`, n x (d + 1).
    x: Product,
    /// `X^T`.
    transposed: Product,
    /// `1/n`.
    inverse: f32,
    /// n.
    count: usize,
}

impl Inputs {
    /// Of the samples.
    pub fn new(samples: &Samples) -> Self {
        Self {
            x: Product::new(samples.x.clone()),
            transposed: Product::new(samples.x.transposed()),
            inverse: 1.0 / samples.len() as f32,
            count: samples.len(),
        }
    }
}

/// The neurons of one block: at most [`WIDTH`] of them, at least one.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a>(&'a [u32]);

impl<'a> Members<'a> {
    /// The blocks of a list.
    pub fn blocks(list: &'a [u32]) -> impl Iterator<Item = Self> {
        list.chunks(WIDTH).map(Self)
    }
    /// Their rows in a matrix of all neurons, lane by lane; the last once more where there is none.
    pub fn rows(&self) -> [usize; WIDTH] {
        let last = self.0.len() - 1;
        let mut rows = [0; WIDTH];
        for (l, row) in rows.iter_mut().enumerate() {
            *row = self.0[l.min(last)] as usize;
        }
        rows
    }
    /// Writes the lanes of `v` to their entries.
    #[inline(always)]
    pub fn set<L: Lanes>(&self, lanes: L, v: L::V, to: &mut [Chunk]) {
        let mut lane = Chunk::default();
        lanes.store(v, &mut lane);
        let to = flat_mut(to);
        for (&j, v) in self.0.iter().zip(lane.0) {
            to[j as usize] = v;
        }
    }
}

/// Scratch of a block and what it found.
#[derive(Debug)]
pub struct Block {
    /// Weights, then `q`, (d + 1) of the chunks; the rest is 0.
    columns: Vec<Chunk>,
    /// `r_k`, n of the chunks; the rest is 0.
    r: Vec<Chunk>,
    table: Box<Table>,
}

impl Block {
    /// For samples with so many rows and columns.
    pub fn new(n: usize, columns: usize) -> Self {
        Self {
            columns: vec![Chunk::default(); columns.next_multiple_of(WIDTH)],
            r: vec![Chunk::default(); n.next_multiple_of(4)],
            table: Box::new([Chunk::default(); 256]),
        }
    }

    /// From the rows of `w` that `row` names: leaves `q` and `r` here, and gives `a`.
    #[inline(always)]
    pub fn evaluate<L: Lanes>(
        &mut self,
        lanes: L,
        inputs: &Inputs,
        w: &Matrix,
        row: &[usize; WIDTH],
    ) -> L::V {
        transpose_in(lanes, w, row, &mut self.columns);
        let r = &mut self.r;
        inputs.x.multiply(
            lanes,
            &self.columns,
            &mut r[..inputs.count],
            &mut self.table,
        );
        let square = rectify(lanes, r);
        let q = &mut self.columns[..w.columns()];
        inputs.transposed.multiply(lanes, r, q, &mut self.table);
        let inverse = lanes.splat(inputs.inverse);
        for q in q {
            lanes.store(lanes.mul(lanes.load(q), inverse), q);
        }
        lanes.sqrt(lanes.mul(square, inverse))
    }

    /// `r_i`.
    pub fn at(&self, i: usize) -> &Chunk {
        &self.r[i]
    }

    /// Writes `q` to the rows of the members.
    #[inline(always)]
    pub fn write<L: Lanes>(&self, lanes: L, members: Members, q: &mut Matrix) {
        let (chunks, _) = self.columns.as_chunks::<WIDTH>();
        for (c, chunk) in chunks.iter().enumerate() {
            let rows = lanes.transpose(load_all(lanes, chunk));
            for (row, &j) in rows.into_iter().zip(members.0) {
                lanes.store(row, &mut q.row_chunks_mut(j as usize)[c]);
            }
        }
    }
}

#[inline(always)]
fn load_all<L: Lanes>(lanes: L, chunks: &[Chunk; WIDTH]) -> [L::V; WIDTH] {
    let mut all = [lanes.splat(0.0); WIDTH];
    for l in 0..WIDTH {
        all[l] = lanes.load(&chunks[l]);
    }
    all
}

/// Lane `l` of `columns[c]` is entry `c` of row `row[l]`.
#[inline(always)]
fn transpose_in<L: Lanes>(lanes: L, w: &Matrix, row: &[usize; WIDTH], columns: &mut [Chunk]) {
    let (chunks, _) = columns.as_chunks_mut::<WIDTH>();
    for (c, chunk) in chunks.iter_mut().enumerate() {
        let mut rows = [lanes.splat(0.0); WIDTH];
        for l in 0..WIDTH {
            rows[l] = lanes.load(&w.row_chunks(row[l])[c]);
        }
        for (column, to) in lanes.transpose(rows).into_iter().zip(chunk) {
            lanes.store(column, to);
        }
    }
}

/// `z` becomes `r = relu(z)`; gives `sum_k r_k^2`, term `k` in the partial sum `k mod 4`.
#[inline(always)]
fn rectify<L: Lanes>(lanes: L, z: &mut [Chunk]) -> L::V {
    let mut sums = [lanes.splat(0.0); 4];
    let (fours, _) = z.as_chunks_mut::<4>();
    for four in fours {
        for t in 0..4 {
            let r = lanes.relu(lanes.load(&four[t]));
            sums[t] = lanes.mul_add(r, r, sums[t]);
            lanes.store(r, &mut four[t]);
        }
    }
    let (even, odd) = (lanes.add(sums[0], sums[2]), lanes.add(sums[1], sums[3]));
    lanes.add(even, odd)
}
