//! Rank and linear systems by fraction-free elimination (Bareiss 1968), row by row.
//!
//! A new row `r` is reduced against the pivots `k = 1, 2, ...` met so far,
//! `r_j <- (p_k r_j - r_{c_k} row_k[j]) / p_{k-1}`, `p_0 = 1`: every entry stays a minor of the
//! input, so the division is exact and the integers stay as short as determinants are.
//! Used for Condition 1 (exact rank). Tests: `rank_vs_minors`, `solve_vs_fredholm`.

use super::{integer_row, transpose, width};
use crate::scalar::{Integer, Rational, Ring};

/// Linearly independent rows in echelon form, grown one row at a time.
#[derive(Clone, Debug, Default)]
pub struct Echelon {
    /// `rows[k]` has its pivot in column `columns[k]` and 0 in `columns[l]` for `l < k`.
    rows: Vec<Vec<Integer>>,
    columns: Vec<usize>,
}

impl Echelon {
    /// No rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of independent rows so far.
    pub fn rank(&self) -> usize {
        self.rows.len()
    }

    /// Adds `row` if it is independent of the rows so far, and says whether it was.
    ///
    /// Rows of different lengths count as padded with zeros.
    pub fn push(&mut self, row: &[Rational]) -> bool {
        let reduced = self.reduce(integer_row(row, 0).entries);
        let Some(column) = reduced.iter().position(|entry| !entry.is_zero()) else {
            return false;
        };
        self.rows.push(reduced);
        self.columns.push(column);
        true
    }

    /// Bareiss' steps on `row` against every pivot.
    fn reduce(&self, mut row: Vec<Integer>) -> Vec<Integer> {
        let zero = Integer::new();
        let longest = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        row.resize(longest.max(row.len()), zero.clone());
        let mut previous = Integer::from(1);
        for (pivot_row, &column) in self.rows.iter().zip(&self.columns) {
            let pivot = &pivot_row[column];
            let factor = row[column].clone();
            for (j, entry) in row.iter_mut().enumerate() {
                // r_j <- (p_k r_j - r_c row_k[j]) / p_{k-1}
                *entry *= pivot;
                *entry -= &factor * pivot_row.get(j).unwrap_or(&zero);
                entry.div_exact_mut(&previous);
            }
            previous.clone_from(pivot);
        }
        row
    }
}

/// The rank of the matrix with these rows (padded with zeros to equal length).
pub fn rank(rows: &[Vec<Rational>]) -> usize {
    let full = width(rows);
    let mut echelon = Echelon::new();
    for row in rows {
        if echelon.rank() == full {
            break;
        }
        echelon.push(row);
    }
    echelon.rank()
}

/// Some `x` with `A x = b`, or a proof that there is none (Fredholm's alternative).
///
/// `a` has one row per equation, `b` one entry per row; short rows and a short `b` count as padded
/// with zeros. Unknowns that stay free are 0.
///
/// # Errors
/// `y` with `y^T A = 0` and `y^T b = 1`.
pub fn solve(a: &[Vec<Rational>], b: &[Rational]) -> Result<Vec<Rational>, Vec<Rational>> {
    let unknowns = width(a);
    let equations = a.len().max(b.len());
    if let Some(x) = solution(a, b, equations, unknowns) {
        return Ok(x);
    }
    // (A^T; b^T) y = (0, ..., 0, 1) is solvable exactly when A x = b is not.
    let mut dual = transpose(a, unknowns);
    dual.push(b.to_vec());
    let mut unit = vec![Rational::new(); unknowns];
    unit.push(Rational::from(1));
    Err(solution(&dual, &unit, unknowns + 1, equations).expect("Fredholm's alternative"))
}

fn solution(
    a: &[Vec<Rational>],
    b: &[Rational],
    equations: usize,
    unknowns: usize,
) -> Option<Vec<Rational>> {
    let mut echelon = Echelon::new();
    for i in 0..equations {
        let mut row = a.get(i).cloned().unwrap_or_default();
        row.resize(unknowns, Rational::new());
        row.push(b.get(i).cloned().unwrap_or_default());
        // A pivot in the last column reads 0 = nonzero.
        if echelon.push(&row) && echelon.columns.last() == Some(&unknowns) {
            return None;
        }
    }
    let mut x = vec![Rational::new(); unknowns];
    for (row, &column) in echelon.rows.iter().zip(&echelon.columns).rev() {
        // Later pivots and free unknowns (0) are known; earlier pivot columns hold 0.
        let known = (0..unknowns).filter(|&j| j != column && !x[j].is_zero());
        let rest = known.fold(Rational::from(&row[unknowns]), |rest, j| {
            rest - &x[j] * Rational::from(&row[j])
        });
        x[column] = rest / Rational::from(&row[column]);
    }
    Some(x)
}

/// The inverse of a square matrix; `None` when it is singular or not square.
pub fn inverse(a: &[Vec<Rational>]) -> Option<Vec<Vec<Rational>>> {
    let n = a.len();
    if a.iter().any(|row| row.len() != n) {
        return None;
    }
    let unit = |k| -> Vec<Rational> { (0..n).map(|i| Rational::from(i == k)).collect() };
    let columns: Vec<Vec<Rational>> = (0..n)
        .map(|k| solution(a, &unit(k), n, n))
        .collect::<Option<_>>()?;
    Some(transpose(&columns, n))
}

/// `A x`, one entry per row.
pub fn product(a: &[Vec<Rational>], x: &[Rational]) -> Vec<Rational> {
    a.iter().map(|row| Ring::dot(row, x)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use rug::ops::Pow;

    fn matrix(rows: &[&[i64]]) -> Vec<Vec<Rational>> {
        rows.iter()
            .map(|row| row.iter().map(|&n| Rational::from(n)).collect())
            .collect()
    }

    /// The determinant by expansion along the first row: its definition, for tiny matrices.
    pub(in crate::linalg) fn determinant(m: &[Vec<Rational>]) -> Rational {
        if m.is_empty() {
            return Rational::from(1);
        }
        (0..m.len()).fold(Rational::new(), |total, j| {
            let minor: Vec<Vec<Rational>> = m[1..]
                .iter()
                .map(|row| [&row[..j], &row[j + 1..]].concat())
                .collect();
            let term = Rational::from(&m[0][j] * &determinant(&minor));
            if j % 2 == 0 {
                total + term
            } else {
                total - term
            }
        })
    }

    fn subsets(n: usize, size: usize) -> impl Iterator<Item = Vec<usize>> {
        (0u32..1 << n)
            .filter(move |bits| bits.count_ones() as usize == size)
            .map(move |bits| (0..n).filter(|k| bits >> k & 1 == 1).collect())
    }

    /// The size of the largest square submatrix of nonzero determinant.
    fn rank_by_minors(m: &[Vec<Rational>], columns: usize) -> usize {
        (0..=m.len().min(columns))
            .rev()
            .find(|&size| {
                subsets(m.len(), size).any(|rows| {
                    subsets(columns, size).any(|cols| {
                        let minor: Vec<Vec<Rational>> = rows
                            .iter()
                            .map(|&i| cols.iter().map(|&j| m[i][j].clone()).collect())
                            .collect();
                        !determinant(&minor).is_zero()
                    })
                })
            })
            .unwrap_or(0)
    }

    fn entries(rows: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<Rational>>> {
        // Few values, so that low ranks come up often.
        let entry = (-2i64..=2, 1i64..=2).prop_map(Rational::from);
        prop::collection::vec(prop::collection::vec(entry, columns), rows)
    }

    fn any_matrix() -> impl Strategy<Value = (Vec<Vec<Rational>>, usize)> {
        (0usize..=4, 0usize..=4).prop_flat_map(|(r, c)| (entries(r, c), Just(c)))
    }

    proptest! {
        #[test]
        fn rank_vs_minors((m, columns) in any_matrix()) {
            prop_assert_eq!(rank(&m), rank_by_minors(&m, columns));
            prop_assert_eq!(rank(&transpose(&m, columns)), rank(&m));
        }

        #[test]
        fn solve_vs_fredholm((m, columns) in any_matrix(), b in prop::collection::vec(-2i64..=2, 4)) {
            let b: Vec<Rational> = b.into_iter().take(m.len()).map(Rational::from).collect();
            let augmented: Vec<Vec<Rational>> =
                m.iter().zip(&b).map(|(row, b)| [&row[..], std::slice::from_ref(b)].concat()).collect();
            match solve(&m, &b) {
                Ok(x) => {
                    prop_assert_eq!(rank(&augmented), rank(&m));
                    prop_assert_eq!(product(&m, &x), b);
                }
                Err(y) => {
                    prop_assert_eq!(rank(&augmented), rank(&m) + 1);
                    prop_assert!(product(&transpose(&m, columns), &y).iter().all(Rational::is_zero));
                    prop_assert_eq!(Ring::dot(&y, &b), 1);
                }
            }
        }

        #[test]
        fn one_part_in_10_to_the_30_changes_the_rank(m in entries(3, 3)) {
            // Rows r0, r1, r0 + r1 are dependent; move one entry by 1e-30 and, where the other
            // minor allows it, they no longer are.
            let sum: Vec<Rational> = m[0].iter().zip(&m[1]).map(|(a, b)| a.add(b)).collect();
            let mut m = vec![m[0].clone(), m[1].clone(), sum];
            prop_assert!(rank(&m) <= 2);
            let minor = determinant(&[m[0][1..].to_vec(), m[1][1..].to_vec()]);
            m[2][0] += Rational::from((1, Integer::from(10).pow(30)));
            prop_assert_eq!(rank(&m) == 3, !minor.is_zero());
        }
    }

    #[test]
    fn inverse_vs_determinant() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let check = |a: Vec<Vec<Rational>>| {
            let n = a.len();
            match inverse(&a) {
                None => prop_assert!(determinant(&a).is_zero()),
                Some(inverse) => {
                    for (k, column) in transpose(&inverse, n).iter().enumerate() {
                        let unit: Vec<Rational> = (0..n).map(|i| Rational::from(i == k)).collect();
                        prop_assert_eq!(product(&a, column), unit);
                    }
                }
            }
            Ok(())
        };
        runner
            .run(&(0usize..=4).prop_flat_map(|n| entries(n, n)), check)
            .unwrap();
        assert_eq!(inverse(&matrix(&[&[1, 0]])), None);
    }

    #[test]
    fn odd_shapes() {
        assert_eq!(rank(&[]), 0);
        assert_eq!(rank(&[vec![], vec![]]), 0);
        assert_eq!(rank(&matrix(&[&[1], &[1, 2], &[0, 0, 3]])), 3);
        assert_eq!(solve(&[], &[]), Ok(vec![]));
        assert_eq!(
            solve(&[], &[Rational::from(2)]),
            Err(vec![Rational::from((1, 2))])
        );
        assert_eq!(
            solve(&matrix(&[&[0, 0]]), &[]),
            Ok(vec![Rational::new(), Rational::new()])
        );
    }

    #[test]
    fn hilbert_matrix_is_solved_exactly() {
        let n = 12;
        let hilbert: Vec<Vec<Rational>> = (0..n)
            .map(|i| (0..n).map(|j| Rational::from((1, i + j + 1))).collect())
            .collect();
        let x: Vec<Rational> = (0..n).map(|i| Rational::from((i - 5, i + 1))).collect();
        assert_eq!(rank(&hilbert), 12);
        assert_eq!(solve(&hilbert, &product(&hilbert, &x)), Ok(x));
    }
}
