//! The one matrix product of the engine, blocked in registers:
//!
//! ```text
//! out[r][l] = sum_k A[r][k] B[k][l],      k = 0, 1, .., each term by one fused multiply-add onto 0
//! ```
//!
//! `l` runs over lanes, the entries of `A` are broadcast. The order in `k` does not depend on the
//! tile, so neither do the bits (tests `sizes_around_the_tiles`, `portable_vs_others`).

use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::flat;
use crate::engine::simd::{Kernel, Lanes, WIDTH};

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
    lanes.call(Product { left, b, out });
}

struct Product<'a> {
    left: Left<'a>,
    b: &'a Matrix,
    out: &'a mut Matrix,
}

impl Kernel for Product<'_> {
    type Output = ();

    /// Tiles by the registers at hand: sums in all but a few.
    #[inline(always)]
    fn run<L: Lanes>(mut self, lanes: L) {
        let mut from = 0;
        if L::REGISTERS >= 32 {
            from = self.blocks::<L, 4, 4>(lanes, from);
            from = self.blocks::<L, 8, 3>(lanes, from);
            from = self.blocks::<L, 8, 2>(lanes, from);
            self.blocks::<L, 8, 1>(lanes, from);
        } else if L::REGISTERS >= 8 {
            from = self.blocks::<L, 2, 2>(lanes, from);
            self.blocks::<L, 4, 1>(lanes, from);
        } else {
            self.blocks::<L, 1, 1>(lanes, from);
        }
    }
}

impl Product<'_> {
    /// As many blocks of `C` chunks of columns as there are from chunk `from`, `R` rows at a time;
    /// gives the chunk where they end.
    #[inline(always)]
    fn blocks<L: Lanes, const R: usize, const C: usize>(&mut self, lanes: L, from: usize) -> usize {
        let (rows, width) = (self.out.rows(), self.out.stride());
        let mut from = from;
        while from + C <= width {
            let mut row = 0;
            while row + R <= rows {
                self.tile::<L, R, C>(lanes, row, from);
                row += R;
            }
            while row < rows {
                self.tile::<L, 1, C>(lanes, row, from);
                row += 1;
            }
            from += C;
        }
        from
    }

    /// `R` rows of `C` chunks: the sums stay in registers.
    #[inline(always)]
    fn tile<L: Lanes, const R: usize, const C: usize>(
        &mut self,
        lanes: L,
        row: usize,
        from: usize,
    ) {
        let (down, right) = (self.left.row, self.left.column);
        let entries = &self.left.entries[row * down..];
        let mut sums = [[lanes.splat(0.0); C]; R];
        for (k, b) in self.b.chunks().chunks_exact(self.out.stride()).enumerate() {
            let b = &b[from..from + C];
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
            let out = self.out.row_chunks_mut(row + r);
            for (sum, out) in sums.iter().zip(&mut out[from..from + C]) {
                lanes.store(*sum, out);
            }
        }
    }
}
