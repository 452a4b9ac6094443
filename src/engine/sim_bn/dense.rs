//! Any matrix times sixteen vectors at once, one vector per lane: `y_r = sum_c A_rc x_c`.

use crate::engine::matrix::Matrix;
use crate::engine::simd::{Chunk, Lanes};

/// `y = A x`.
#[inline(always)]
pub fn multiply<L: Lanes>(lanes: L, matrix: &Matrix, x: &[Chunk], y: &mut [Chunk]) {
    let (blocks, rest) = y.as_chunks_mut::<4>();
    let done = 4 * blocks.len();
    for (b, y) in blocks.iter_mut().enumerate() {
        rows(lanes, matrix, 4 * b, x, y);
    }
    for (r, y) in rest.iter_mut().enumerate() {
        rows(lanes, matrix, done + r, x, std::array::from_mut(y));
    }
}

/// The rows `from .. from + R`.
#[inline(always)]
fn rows<L: Lanes, const R: usize>(
    lanes: L,
    matrix: &Matrix,
    from: usize,
    x: &[Chunk],
    y: &mut [Chunk; R],
) {
    let mut entries = [matrix.row(from); R];
    for (r, row) in entries.iter_mut().enumerate() {
        *row = matrix.row(from + r);
    }
    let mut sums = [lanes.splat(0.0); R];
    for (c, x) in x.iter().enumerate().take(matrix.columns()) {
        let x = lanes.load(x);
        for r in 0..R {
            sums[r] = lanes.mul_add(lanes.splat(entries[r][c]), x, sums[r]);
        }
    }
    for r in 0..R {
        lanes.store(sums[r], &mut y[r]);
    }
}
