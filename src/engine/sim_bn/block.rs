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
        let row = members.rows(); // where there is no member, the last is written once more
        for (c, chunk) in chunks.iter().enumerate() {
            let rows = lanes.transpose(load(lanes, chunk));
            for l in 0..WIDTH {
                let mean = lanes.mul(rows[l], inverse);
                lanes.store(mean, &mut q.row_chunks_mut(row[l])[c]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Isa;
    use crate::engine::definition::sets;
    use crate::engine::error_bound::near::gamma;
    use crate::engine::simd::Kernel;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// `(n, d + 1)`: groups and panels that are full, and that are not.
    const SIZES: [(usize, usize); 7] = [
        (1, 1),
        (4, 3),
        (31, 5),
        (33, 17),
        (100, 31),
        (32, 33),
        (130, 70),
    ];

    /// Evaluates rows 0 to 4, and gives `a`, `r_i` and the rows `q`.
    struct Evaluate<'a>(&'a mut Block, &'a Matrix, usize);

    impl Kernel for Evaluate<'_> {
        type Output = ([Chunk; 2], Matrix);
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let Self(block, w, i) = self;
            let (mut out, mut q) = ([Chunk::default(); 2], Matrix::zeros(5, w.columns()));
            for members in Members::blocks(&[0, 1, 2, 3, 4]) {
                let a = block.evaluate(lanes, w, &members.rows());
                let r = block.at(lanes, i);
                members.set(lanes, a, &mut out[..1]);
                members.set(lanes, r, &mut out[1..]);
                block.write(lanes, members, &mut q);
            }
            (out, q)
        }
    }

    /// Samples at corners of the cube, and weights of many sizes.
    fn scene(n: usize, columns: usize) -> (Matrix, Matrix) {
        let mut rng = ChaCha8Rng::seed_from_u64((n + 1000 * columns) as u64);
        let x = Matrix::from_fn(n, columns, |_, _| if rng.random() { 1.0 } else { -1.0 });
        let w = Matrix::from_fn(5, columns, |_, _| {
            rng.random_range(-1.0f32..1.0) * 2f32.powi(rng.random_range(-9..9))
        });
        (x, w)
    }

    /// A block that multiplies out.
    fn dense(x: &Matrix) -> Block {
        Block {
            inputs: Inputs::Dense([x.clone(), x.transposed()]),
            r: vec![Chunk::default(); x.rows()],
            ..Block::new(x)
        }
    }

    /// Both within the bounds of f32 sums in any order: `gamma_k sum |t|`.
    #[test]
    fn look_ups_vs_products() {
        for (n, columns) in SIZES {
            let (x, w) = scene(n, columns);
            let mut roads = [Block::new(&x), dense(&x)];
            assert!(matches!(roads[0].inputs, Inputs::Signs(_)));
            let found = roads
                .each_mut()
                .map(|b| Isa::best().run(Evaluate(b, &w, n / 2)));
            for j in 0..5 {
                let size: f64 = w.row(j).iter().map(|w| f64::from(w.abs())).sum();
                let dot = |k: usize| -> f64 {
                    let terms = w.row(j).iter().zip(x.row(k));
                    terms.map(|(w, x)| f64::from(*w) * f64::from(*x)).sum()
                };
                let r: Vec<f64> = (0..n).map(|k| dot(k).max(0.0)).collect();
                let off = gamma(columns) * size; // of every r_k
                let mean = r.iter().sum::<f64>() / n as f64;
                let bound = 1.01 * (off + gamma(n + 3) * (mean + off));
                for (out, q) in &found {
                    let (a, here) = (f64::from(out[0].0[j]), f64::from(out[1].0[j]));
                    assert!((here - r[n / 2]).abs() <= off, "{n} {columns}: r {here}");
                    let exact = (r.iter().map(|r| r * r).sum::<f64>() / n as f64).sqrt();
                    assert!(
                        (a - exact).abs() <= off + gamma(n + 3) * (exact + off),
                        "{n} {columns}: a {a}"
                    );
                    for c in 0..columns {
                        let terms = (0..n).map(|k| r[k] * f64::from(x.row(k)[c]));
                        let exact = terms.sum::<f64>() / n as f64;
                        let q = f64::from(q.row(j)[c]);
                        assert!(
                            (q - exact).abs() <= bound,
                            "{n} {columns} {c}: q {q} {exact}"
                        );
                    }
                }
            }
            // another sample, and another q; one entry that is no sign, and the other road is taken
            let mut other = x.clone();
            other.row_mut(n / 2).iter_mut().for_each(|x| *x = -*x);
            let (out, _) = Isa::best().run(Evaluate(&mut Block::new(&other), &w, n / 2));
            assert_ne!(out[1], found[0].0[1]);
            other.row_mut(n - 1)[columns - 1] = 0.5;
            assert!(matches!(Block::new(&other).inputs, Inputs::Dense(_)));
        }
    }

    #[test]
    fn portable_vs_avx2_vs_avx512() {
        for (n, columns) in SIZES {
            let (x, w) = scene(n, columns);
            for make in [Block::new, dense] {
                let mut all = sets().map(|isa| isa.run(Evaluate(&mut make(&x), &w, n / 2)));
                let portable = all.next().unwrap();
                assert!(all.all(|found| found == portable), "{n} {columns}");
            }
        }
    }
}
