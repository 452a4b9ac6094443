//! The one matrix product of the engine, blocked in registers:
//!
//! ```text
//! out[r][l] = sum_k A[r][k] B[k][l],      k = 0, 1, .., each term by one fused multiply-add onto 0
//! ```
//!
//! `l` runs over lanes, the entries of `A` are broadcast. The order in `k` does not depend on the
//! tile, so neither do the bits (tests `product_vs_dot`, `tiles_agree`).

use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::flat;
use crate::engine::simd::{Lanes, WIDTH};

/// The left factor: `A[r][k] = entries[r * row + k * right]`.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a> {
    /// The numbers.
    pub entries: &'a [f32],
    /// From one row to the next.
    pub row: usize,
    /// From one column to the next.
    pub column: usize,
}

impl<'a> Left<'a> {
    /// `matrix` itself.
    pub fn new(matrix: &'a Matrix) -> Self {
        Self {
            entries: flat(matrix.chunks()),
            row: matrix.stride() * WIDTH,
            column: 1,
        }
    }
    /// `matrix` transposed.
    pub fn transposed(matrix: &'a Matrix) -> Self {
        let Self {
            entries,
            row,
            column,
        } = Self::new(matrix);
        Self {
            entries,
            row: column,
            column: row,
        }
    }
}

/// `out = A B`, as many rows as `out` has; `A` has as many columns as `b` has rows, `out` and `b`
/// have equally many columns.
#[inline(always)]
pub fn product<L: Lanes>(lanes: L, left: Left, b: &Matrix, out: &mut Matrix) {
    let width = out.stride();
    let (mut from, rows) = (0, out.rows());
    while from < width {
        let job = Job { left, b, from };
        let columns = match width - from {
            1 => job.column_block::<L, 8, 1>(lanes, out, rows),
            2 => job.column_block::<L, 8, 2>(lanes, out, rows),
            3 => job.column_block::<L, 8, 3>(lanes, out, rows),
            _ => job.column_block::<L, 4, 4>(lanes, out, rows),
        };
        from += columns;
    }
}

/// A product, restricted to the chunks of columns that start at `from`.
struct Job<'a> {
    left: Left<'a>,
    b: &'a Matrix,
    from: usize,
}

impl Job<'_> {
    /// All rows of `C` chunks of columns, `R` rows at a time; gives `C`.
    #[inline(always)]
    fn column_block<L: Lanes, const R: usize, const C: usize>(
        &self,
        lanes: L,
        out: &mut Matrix,
        rows: usize,
    ) -> usize {
        let mut row = 0;
        while row + R <= rows {
            self.tile::<L, R, C>(lanes, row, out);
            row += R;
        }
        if row + 4 <= rows {
            self.tile::<L, 4, C>(lanes, row, out);
            row += 4;
        }
        while row < rows {
            self.tile::<L, 1, C>(lanes, row, out);
            row += 1;
        }
        C
    }

    /// `R` rows of `C` chunks: the sums stay in registers.
    #[inline(always)]
    fn tile<L: Lanes, const R: usize, const C: usize>(
        &self,
        lanes: L,
        row: usize,
        out: &mut Matrix,
    ) {
        let (down, right) = (self.left.row, self.left.column);
        let entries = &self.left.entries[row * down..];
        let mut sums = [[lanes.splat(0.0); C]; R];
        for (k, b) in self.b.chunks().chunks_exact(out.stride()).enumerate() {
            let b = &b[self.from..self.from + C];
            let mut x = [lanes.splat(0.0); C];
            for c in 0..C {
                x[c] = lanes.load(&b[c]);
            }
            for r in 0..R {
                let a = lanes.splat(entries[r * down + k * right]);
                for c in 0..C {
                    sums[r][c] = lanes.mul_add(a, x[c], sums[r][c]);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let out = out.row_chunks_mut(row + r);
            for (sum, out) in sums.iter().zip(&mut out[self.from..self.from + C]) {
                lanes.store(*sum, out);
            }
        }
    }
}
