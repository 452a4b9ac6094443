//! Sixteen neurons at once, one per lane: statistics from rows of weights.
//!
//! ```text
//! z_k = w . x'_k,   r = relu(z),   a^2 = (1/n) sum_k r_k^2,   q = (1/n) sum_k r_k x'_k
//! ```
//!
//! Where all entries of the samples are 1 or -1, as in the XOR data, both products are look-ups
//! ([`super::signs`]), and the tables for `q` are written as the `r_k` appear, four at a time. Other
//! samples are multiplied out. Which of the two depends on the samples alone. Test:
//! `look_ups_vs_products`.

use super::dense;
use super::signs::{EMPTY, GROUP, Signs, Tables, load, slots, tabulate};
use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::flat_mut;
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// The samples as the blocks need them: `X`, n x (d + 1), and `X^T`.
#[derive(Debug)]
pub enum Inputs {
    /// Entries 1 and -1.
    Signs([Signs; 2]),
    /// Any entries.
    Dense([Matrix; 2]),
}

impl Inputs {
    /// Of the rows `x'_i`.
    pub fn new(x: &Matrix) -> Self {
        let both = [x.clone(), x.transposed()];
        match both.each_ref().map(Signs::new) {
            [Some(x), Some(transposed)] => Self::Signs([x, transposed]),
            _ => Self::Dense(both),
        }
    }
    /// Room for the tables of `X w`.
    fn tables(&self) -> Vec<Tables> {
        match self {
            Self::Signs([x, _]) => x.tables(),
            Self::Dense(_) => Vec::new(),
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
    #[inline(always)]
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

/// Scratch of a block, and what it found.
#[derive(Debug)]
pub struct Block {
    x: Matrix,
    inputs: Inputs,
    /// `1/n`.
    inverse: f32,
    /// Weights, then `n q`, (d + 1) of the chunks; the rest is 0.
    columns: Vec<Chunk>,
    /// Of the weights.
    tables: Vec<Tables>,
    /// Of 32 of the `r_k`.
    panel: Box<Tables>,
    /// `r_k`; with look-ups nothing.
    r: Vec<Chunk>,
}

impl Block {
    /// For samples with the rows `x'_i`.
    pub fn new(x: &Matrix) -> Self {
        let inputs = Inputs::new(x);
        let kept = if matches!(inputs, Inputs::Signs(_)) {
            0
        } else {
            x.rows()
        };
        Self {
            x: x.clone(),
            tables: inputs.tables(),
            inputs,
            inverse: 1.0 / x.rows() as f32,
            columns: vec![Chunk::default(); x.columns().next_multiple_of(WIDTH)],
            panel: Box::new(EMPTY),
            r: vec![Chunk::default(); kept],
        }
    }

    /// Whether it was made for these samples.
    pub fn is_for(&self, x: &Matrix) -> bool {
        self.x == *x
    }

    /// From the rows of `w` that `row` names: leaves `n q` here, and gives `a`.
    #[inline(always)]
    pub fn evaluate<L: Lanes>(&mut self, lanes: L, w: &Matrix, row: &[usize; WIDTH]) -> L::V {
        transpose_in(lanes, w, row, &mut self.columns);
        let square = match &self.inputs {
            Inputs::Signs([x, transposed]) => {
                x.tabulate(lanes, &self.columns, &mut self.tables);
                let q = &mut self.columns[..w.columns()];
                look_up(lanes, [x, transposed], &self.tables, &mut self.panel, q)
            }
            Inputs::Dense([x, transposed]) => {
                dense::multiply(lanes, x, &self.columns, &mut self.r);
                let square = rectify(lanes, &mut self.r);
                let q = &mut self.columns[..w.columns()];
                dense::multiply(lanes, transposed, &self.r, q);
                square
            }
        };
        lanes.sqrt(lanes.mul(square, lanes.splat(self.inverse)))
    }

    /// `r_i`, after [`Self::evaluate`].
    #[inline(always)]
    pub fn at<L: Lanes>(&self, lanes: L, i: usize) -> L::V {
        match &self.inputs {
            Inputs::Signs([x, _]) => {
                let four = x.four(lanes, &self.tables, i / GROUP);
                lanes.relu(four[i % GROUP])
            }
            Inputs::Dense(_) => lanes.load(&self.r[i]),
        }
    }

    /// Writes `q` to the rows of the members.
    #[inline(always)]
    pub fn write<L: Lanes>(&self, lanes: L, members: Members, q: &mut Matrix) {
        let inverse = lanes.splat(self.inverse);
        let (chunks, _) = self.columns.as_chunks::<WIDTH>();
        for (c, chunk) in chunks.iter().enumerate() {
            let rows = lanes.transpose(load(lanes, chunk));
            for (row, &j) in rows.into_iter().zip(members.0) {
                let mean = lanes.mul(row, inverse);
                lanes.store(mean, &mut q.row_chunks_mut(j as usize)[c]);
            }
        }
    }
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

/// `n q = X^T relu(X w)` and `sum_k r_k^2` from the tables of `w`; `panel` is scratch.
///
/// Term `k` of the sum of squares goes to the partial sum `k mod 4`, see [`total`].
#[inline(always)]
fn look_up<L: Lanes>(
    lanes: L,
    [x, transposed]: [&Signs; 2],
    tables: &[Tables],
    panel: &mut Tables,
    q: &mut [Chunk],
) -> L::V {
    let mut squares = [lanes.splat(0.0); GROUP];
    let mut k = 0;
    for (p, part) in transposed.panels().iter().enumerate() {
        for sums in &mut slots(panel)[..part.groups()] {
            let mut four = x.four(lanes, tables, k);
            for t in 0..GROUP {
                four[t] = lanes.relu(four[t]);
                squares[t] = lanes.mul_add(four[t], four[t], squares[t]);
            }
            k += 1;
            tabulate(lanes, four, sums);
        }
        part.sum(lanes, panel, p == 0, q);
    }
    total(lanes, squares)
}

/// `z` becomes `r = relu(z)`; gives `sum_k r_k^2`, as in [`look_up`].
#[inline(always)]
fn rectify<L: Lanes>(lanes: L, z: &mut [Chunk]) -> L::V {
    let mut squares = [lanes.splat(0.0); GROUP];
    for four in z.chunks_mut(GROUP) {
        for (z, square) in four.iter_mut().zip(&mut squares) {
            let r = lanes.relu(lanes.load(z));
            *square = lanes.mul_add(r, r, *square);
            lanes.store(r, z);
        }
    }
    total(lanes, squares)
}

/// `(0 + 2) + (1 + 3)`.
#[inline(always)]
fn total<L: Lanes>(lanes: L, sums: [L::V; GROUP]) -> L::V {
    let (even, odd) = (lanes.add(sums[0], sums[2]), lanes.add(sums[1], sums[3]));
    lanes.add(even, odd)
}
