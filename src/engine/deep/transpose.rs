//! From rows to columns and back, in blocks of sixteen by sixteen.

use crate::engine::matrix::Matrix;
use crate::engine::simd::{Lanes, WIDTH};

/// `to = from^T`, row `i` of `from` being row `order[i]`: blocks of sixteen by sixteen.
#[inline(always)]
pub fn gather_transposed<L: Lanes>(lanes: L, from: &Matrix, order: &[u32], to: &mut Matrix) {
    for (block, rows) in order.chunks(WIDTH).enumerate() {
        for c in 0..from.stride() {
            let first = c * WIDTH;
            let columns = lanes.transpose(rows_of(lanes, from, rows, c));
            for (i, column) in columns.into_iter().enumerate() {
                if i < from.columns() - first {
                    lanes.store(column, &mut to.row_chunks_mut(first + i)[block]);
                }
            }
        }
    }
}

/// Chunk `c` of the given rows; 0 where there are fewer than sixteen.
#[inline(always)]
fn rows_of<L: Lanes>(lanes: L, from: &Matrix, rows: &[u32], c: usize) -> [L::V; WIDTH] {
    let mut v = [lanes.splat(0.0); WIDTH];
    for l in 0..WIDTH {
        if l < rows.len() {
            v[l] = lanes.load(&from.row_chunks(rows[l] as usize)[c]);
        }
    }
    v
}

/// The inverse: row `order[i]` of `to` is `factor` times column `i` of `from`.
#[inline(always)]
pub fn scatter_transposed<L: Lanes>(
    lanes: L,
    from: &Matrix,
    order: &[u32],
    factor: f32,
    to: &mut Matrix,
) {
    let factor = lanes.splat(factor);
    for (block, rows) in order.chunks(WIDTH).enumerate() {
        for c in 0..to.stride() {
            let first = c * WIDTH;
            let mut v = [lanes.splat(0.0); WIDTH];
            for (i, v) in v.iter_mut().enumerate() {
                if first + i < from.rows() {
                    let w = lanes.load(&from.row_chunks(first + i)[block]);
                    *v = lanes.mul(factor, w);
                }
            }
            let columns = lanes.transpose(v);
            for l in 0..WIDTH {
                if l < rows.len() {
                    lanes.store(columns[l], &mut to.row_chunks_mut(rows[l] as usize)[c]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::definition::sets;
    use crate::engine::simd::Kernel;

    struct Check(usize, usize);

    impl Kernel for Check {
        type Output = ();
        fn run<L: Lanes>(self, lanes: L) {
            let Self(rows, columns) = self;
            let w = Matrix::from_fn(rows, columns, |i, j| (columns * i + j + 1) as f32);
            let order: Vec<u32> = (0..rows as u32).rev().collect();
            let mut turned = Matrix::zeros(columns, rows + WIDTH);
            gather_transposed(lanes, &w, &order, &mut turned);
            let by_hand = Matrix::from_fn(columns, rows + WIDTH, |k, j| {
                order.get(j).map_or(0.0, |&j| w.row(j as usize)[k])
            });
            assert_eq!(turned, by_hand);
            let mut back = Matrix::zeros(rows, columns);
            scatter_transposed(lanes, &turned, &order, 1.0, &mut back);
            assert_eq!(back, w);
            scatter_transposed(lanes, &turned, &order, 2.0, &mut back);
            assert_eq!(back.row(0)[0], 2.0);
        }
    }

    #[test]
    fn gathered_vs_by_hand() {
        for (rows, columns) in [(1, 1), (5, 16), (16, 3), (32, 32), (53, 37)] {
            sets().for_each(|isa| isa.run(Check(rows, columns)));
        }
    }
}
