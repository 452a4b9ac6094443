//! Exact linear algebra over the rationals, and division-free pieces over any ring.
//!
//! Integers inside, rationals at the edges: rows are cleared of denominators once, eliminations
//! stay fraction-free (Bareiss), and only answers become rationals again.
//!
//! | question | file | answer, either way a witness where one exists |
//! | --- | --- | --- |
//! | rank, `A x = b` | [`elimination`] | `x`, or `y` with `y^T A = 0`, `y^T b = 1` |
//! | `min c.x`, `A x = b`, `x >= 0` | [`lp`] | minimum, ray or Farkas multipliers |
//! | `det(t I - A)` | [`charpoly`](mod@charpoly) | its coefficients, over any ring |
//! | eigenvalues below, at, above `c` | [`spectrum`] | counts, on two roads |

pub mod charpoly;
pub mod elimination;
pub mod lp;
mod simplex;
pub mod spectrum;

pub use charpoly::charpoly;
pub use elimination::{Echelon, inverse, rank, solve};
pub use spectrum::{Counts, eigenvalues_around, inertia};

use crate::scalar::integer_rows::clear_denominators;
use crate::scalar::{Integer, Rational};

/// A row of rationals as `integers / denominator`, with the least `denominator > 0`.
pub(crate) struct IntegerRow {
    pub entries: Vec<Integer>,
    pub denominator: Integer,
}

/// Clears denominators; the row is padded with zeros to `width`.
pub(crate) fn integer_row(row: &[Rational], width: usize) -> IntegerRow {
    let (mut entries, denominator) = clear_denominators(row.iter());
    entries.resize(width.max(row.len()), Integer::new());
    IntegerRow {
        entries,
        denominator,
    }
}

/// The length of the longest row: shorter ones count as padded with zeros.
pub(crate) fn width(rows: &[Vec<Rational>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or(0)
}

/// The transpose of `rows`, padded with zeros to a rectangle of `width` columns.
pub fn transpose(rows: &[Vec<Rational>], width: usize) -> Vec<Vec<Rational>> {
    let entry = |row: &Vec<Rational>, j| row.get(j).cloned().unwrap_or_default();
    (0..width)
        .map(|j| rows.iter().map(|row| entry(row, j)).collect())
        .collect()
}
