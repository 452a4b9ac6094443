//! Matrices and vectors of f32 as rows of aligned chunks, padded with zeros.

use super::simd::lanes::{flat, flat_mut};
use super::simd::{Chunk, WIDTH};

/// `rows x columns`, each row a whole number of [`Chunk`]s; the padding is 0 and stays 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    chunks: Vec<Chunk>,
}

impl Matrix {
    /// All zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        let chunks = vec![Chunk::default(); rows * columns.div_ceil(WIDTH)];
        Self {
            rows,
            columns,
            chunks,
        }
    }
    /// Entry `(i, j)` is `entry(i, j)`.
    pub fn from_fn(
        rows: usize,
        columns: usize,
        mut entry: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let mut matrix = Self::zeros(rows, columns);
        for i in 0..rows {
            for j in 0..columns {
                matrix.row_mut(i)[j] = entry(i, j);
            }
        }
        matrix
    }
    /// One row.
    pub fn vector(entries: &[f32]) -> Self {
        Self::from_fn(1, entries.len(), |_, j| entries[j])
    }
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
    /// The number of columns, without the padding.
    pub fn columns(&self) -> usize {
        self.columns
    }
    /// Chunks per row.
    #[inline]
    pub fn stride(&self) -> usize {
        self.columns.div_ceil(WIDTH)
    }
    /// Row `i` without its padding.
    pub fn row(&self, i: usize) -> &[f32] {
        &flat(self.row_chunks(i))[..self.columns]
    }
    /// Row `i` without its padding.
    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        let columns = self.columns;
        &mut flat_mut(self.row_chunks_mut(i))[..columns]
    }
    /// Row `i` with its padding.
    #[inline]
    pub fn row_chunks(&self, i: usize) -> &[Chunk] {
        let stride = self.stride();
        &self.chunks[i * stride..(i + 1) * stride]
    }
    /// Row `i` with its padding, which must stay 0.
    #[inline]
    pub fn row_chunks_mut(&mut self, i: usize) -> &mut [Chunk] {
        let stride = self.stride();
        &mut self.chunks[i * stride..(i + 1) * stride]
    }
    /// All rows, one after the other, with their padding.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }
    /// All rows with their padding, which must stay 0.
    pub fn chunks_mut(&mut self) -> &mut [Chunk] {
        &mut self.chunks
    }
    /// The transposed matrix.
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.columns, self.rows, |i, j| self.row(j)[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_padded_with_zeros() {
        let a = Matrix::from_fn(3, 17, |i, j| (100 * i + j + 1) as f32);
        assert_eq!((a.rows(), a.columns(), a.stride()), (3, 17, 2));
        assert_eq!(a.row(2)[16], 217.0);
        let padding = |i| flat(a.row_chunks(i))[17..].iter().all(|&w| w == 0.0);
        assert!((0..3).all(padding));
    }

    #[test]
    fn twice_transposed_vs_itself() {
        let a = Matrix::from_fn(3, 17, |i, j| (100 * i + j) as f32);
        assert_eq!(a.transposed().row(16), [16.0, 116.0, 216.0]);
        assert_eq!(a.transposed().transposed(), a);
        assert_ne!(a.transposed(), a);
    }

    #[test]
    fn empty_shapes() {
        assert!(Matrix::zeros(1, 0).row(0).is_empty());
        assert_eq!(Matrix::zeros(0, 5).chunks().len(), 0);
    }
}
