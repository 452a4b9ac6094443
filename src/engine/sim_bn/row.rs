//! One neuron's row of pre-activations, samples in lanes.

use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::flat;
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// Chunks of a row per word of a pattern.
const PER_WORD: usize = 64 / WIDTH;

/// Words for the pattern of a row of `stride` chunks.
pub fn words(stride: usize) -> usize {
    stride.div_ceil(PER_WORD)
}

/// `a = sqrt((1/n) sum_k relu(z_k)^2)`; bit `k` of `pattern` becomes `1[z_k > 0]`.
#[inline(always)]
pub fn root_mean_square<L: Lanes>(lanes: L, z: &[Chunk], inverse: f32, pattern: &mut [u64]) -> f32 {
    let zero = lanes.splat(0.0);
    let mut total = zero;
    for (group, word) in z.chunks(PER_WORD).zip(pattern) {
        *word = 0;
        for (c, chunk) in group.iter().enumerate() {
            let z = lanes.load(chunk);
            let fires = lanes.gt(z, zero);
            let r = lanes.keep(fires, z);
            total = lanes.mul_add(r, r, total);
            *word |= u64::from(lanes.bits(fires)) << (c * WIDTH);
        }
    }
    (lanes.sum(total) * inverse).sqrt()
}

/// `q = (1/n) sum_{k in pattern} z_k x_k`, the rows of `x`.
///
/// Within each word of the pattern the t-th term goes to the partial sum `t mod 4`; the four are
/// added as `(0 + 2) + (1 + 3)`.
#[inline(always)]
pub fn mean_product<L: Lanes>(
    lanes: L,
    z: &[Chunk],
    pattern: &[u64],
    x: &Matrix,
    inverse: f32,
    q: &mut [Chunk],
) {
    for (block, out) in q.chunks_mut(2).enumerate() {
        match out {
            [_, _] => mean_block::<L, 2>(lanes, z, pattern, x, inverse, 2 * block, out),
            _ => mean_block::<L, 1>(lanes, z, pattern, x, inverse, 2 * block, out),
        }
    }
}

/// [`mean_product`] on the chunks `from .. from + C` of every row.
#[inline(always)]
fn mean_block<L: Lanes, const C: usize>(
    lanes: L,
    z: &[Chunk],
    pattern: &[u64],
    x: &Matrix,
    inverse: f32,
    from: usize,
    q: &mut [Chunk],
) {
    let mut sums = [[lanes.splat(0.0); C]; 4];
    let rows = Rows {
        z: flat(z),
        x,
        from,
    };
    for (w, &word) in pattern.iter().enumerate() {
        let (mut left, count) = (word, word.count_ones() as usize);
        for _ in 0..count / 4 {
            for sum in &mut sums {
                rows.add_next(lanes, w * 64, &mut left, sum);
            }
        }
        for sum in &mut sums[..count % 4] {
            rows.add_next(lanes, w * 64, &mut left, sum);
        }
    }
    let inverse = lanes.splat(inverse);
    for (c, q) in q.iter_mut().enumerate() {
        let (even, odd) = (
            lanes.add(sums[0][c], sums[2][c]),
            lanes.add(sums[1][c], sums[3][c]),
        );
        lanes.store(lanes.mul(lanes.add(even, odd), inverse), q);
    }
}

/// The terms `z_k x_k`, the chunks of `x_k` starting at `from`.
struct Rows<'a> {
    z: &'a [f32],
    x: &'a Matrix,
    from: usize,
}

impl Rows<'_> {
    /// Takes the lowest `k` off `left` and adds the term `base + k`.
    #[inline(always)]
    fn add_next<L: Lanes, const C: usize>(
        &self,
        lanes: L,
        base: usize,
        left: &mut u64,
        sum: &mut [L::V; C],
    ) {
        let k = base + left.trailing_zeros() as usize;
        *left &= left.wrapping_sub(1);
        let r = lanes.splat(self.z[k]);
        let row = &self.x.chunks()[k * self.x.stride() + self.from..][..C];
        for c in 0..C {
            sum[c] = lanes.mul_add(r, lanes.load(&row[c]), sum[c]);
        }
    }
}

/// Where a row of pre-activations goes when its weights move by `p x_i + s q`.
pub struct Move<'a> {
    /// Column i of the Gram matrix, `x_k . x_i`.
    pub gram: &'a [Chunk],
    /// `X^T`, one row per column of the first layer.
    pub columns: &'a Matrix,
    /// Along `x_i`.
    pub p: f32,
    /// Along `q`.
    pub s: f32,
}

impl Move<'_> {
    /// `to_k = from_k + p (x_k . x_i) + s (x_k . q)`.
    #[inline(always)]
    pub fn apply<L: Lanes>(&self, lanes: L, q: &[Chunk], from: &[Chunk], to: &mut [Chunk]) {
        // seven sums: the rows of 100 samples at once, and they fit the registers of AVX2
        let mut at = 0;
        while to.len() - at >= 7 {
            self.block::<L, 7>(lanes, q, from, to, at);
            at += 7;
        }
        match to.len() - at {
            6 => self.block::<L, 6>(lanes, q, from, to, at),
            5 => self.block::<L, 5>(lanes, q, from, to, at),
            4 => self.block::<L, 4>(lanes, q, from, to, at),
            3 => self.block::<L, 3>(lanes, q, from, to, at),
            2 => self.block::<L, 2>(lanes, q, from, to, at),
            1 => self.block::<L, 1>(lanes, q, from, to, at),
            _ => {}
        }
    }

    /// [`Self::apply`] on the chunks `at .. at + B`.
    #[inline(always)]
    fn block<L: Lanes, const B: usize>(
        &self,
        lanes: L,
        q: &[Chunk],
        from: &[Chunk],
        to: &mut [Chunk],
        at: usize,
    ) {
        let products = products::<L, B>(lanes, self.columns, q, at);
        let (p, s) = (lanes.splat(self.p), lanes.splat(self.s));
        let (gram, from, to) = (&self.gram[at..][..B], &from[at..][..B], &mut to[at..][..B]);
        for b in 0..B {
            let along = lanes.mul_add(s, products[b], lanes.load(&from[b]));
            lanes.store(lanes.mul_add(p, lanes.load(&gram[b]), along), &mut to[b]);
        }
    }
}

/// `X w` on the chunks `at .. at + B`, the columns one after the other.
#[inline(always)]
fn products<L: Lanes, const B: usize>(
    lanes: L,
    columns: &Matrix,
    w: &[Chunk],
    at: usize,
) -> [L::V; B] {
    let mut sums = [lanes.splat(0.0); B];
    let rows = columns.chunks().chunks_exact(columns.stride());
    for (column, &w) in rows.zip(flat(w)) {
        let w = lanes.splat(w);
        let Some(column) = column[at..].first_chunk::<B>() else {
            continue; // never: `at + B` is at most the stride
        };
        for b in 0..B {
            sums[b] = lanes.mul_add(w, lanes.load(&column[b]), sums[b]);
        }
    }
    sums
}

/// `z = X w`, samples in lanes.
#[inline(always)]
pub fn pre_activations<L: Lanes>(lanes: L, columns: &Matrix, w: &[Chunk], z: &mut [Chunk]) {
    for (at, z) in z.iter_mut().enumerate() {
        let [product] = products::<L, 1>(lanes, columns, w, at);
        lanes.store(product, z);
    }
}
