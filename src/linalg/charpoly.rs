//! The characteristic polynomial `det(t I - A)` without division (Berkowitz 1984), over any ring.
//!
//! Growing the leading block by row `R`, column `C` and corner `a`,
//! `p_{r+1} = T p_r`, `T` Toeplitz with first column `1, -a, -R C, -R A_r C, -R A_r^2 C, ...`;
//! `O(n^4)` products. Tests: `berkowitz_vs_determinant`, `cayley_hamilton`.

use crate::scalar::Ring;

/// The coefficients of `det(t I - A)`, ascending: entry `k` belongs to `t^k`, entry `n` is 1.
///
/// `a` has `n` rows of `n` entries.
pub fn charpoly<S: Ring>(a: &[Vec<S>]) -> Vec<S> {
    // Descending: entry k belongs to t^{r-k}.
    let mut p = vec![S::one()];
    for r in 0..a.len() {
        let toeplitz = first_column(a, r);
        // p'_i = sum_j T_{i-j} p_j
        p = (0..=r + 1)
            .map(|i| {
                let terms = p.iter().enumerate().take(i + 1);
                terms.fold(S::zero(), |sum, (j, p)| sum.add(&toeplitz[i - j].mul(p)))
            })
            .collect();
    }
    p.reverse();
    p
}

/// `1, -a, -R C, -R A_r C, ..., -R A_r^{r-1} C` for the leading block of size `r`.
fn first_column<S: Ring>(a: &[Vec<S>], r: usize) -> Vec<S> {
    let row = &a[r][..r];
    let mut column: Vec<S> = a[..r].iter().map(|row| row[r].clone()).collect();
    let mut entries = vec![S::one(), a[r][r].neg()];
    for power in 0..r {
        entries.push(S::dot(row, &column).neg());
        if power + 1 < r {
            column = a[..r]
                .iter()
                .map(|row| S::dot(&row[..r], &column))
                .collect();
        }
    }
    entries
}

/// `A - c I`.
pub fn shifted<S: Ring>(a: &[Vec<S>], c: &S) -> Vec<Vec<S>> {
    let mut a = a.to_vec();
    for (i, row) in a.iter_mut().enumerate() {
        row[i] = row[i].sub(c);
    }
    a
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::linalg::elimination::tests::determinant;
    use crate::scalar::Rational;
    use proptest::prelude::*;

    type Matrix = Vec<Vec<Rational>>;

    pub(in crate::linalg) fn square(
        n: std::ops::RangeInclusive<usize>,
    ) -> impl Strategy<Value = Matrix> {
        let entry = || (-4i64..=4, 1i64..=3).prop_map(Rational::from);
        n.prop_flat_map(move |n| prop::collection::vec(prop::collection::vec(entry(), n), n))
    }

    proptest! {
        #[test]
        fn berkowitz_vs_determinant(a in square(0..=4)) {
            // A polynomial of degree n is fixed by n + 1 values.
            let p = charpoly(&a);
            for t in 0..=a.len() as i64 {
                let t = Rational::from(t);
                let horner = p.iter().rev().fold(Rational::new(), |value, c| value.mul(&t).add(c));
                let negated: Matrix = shifted(&a, &t).iter().map(|row| row.iter().map(Ring::neg).collect()).collect();
                prop_assert_eq!(horner, determinant(&negated));
            }
        }

        #[test]
        fn cayley_hamilton(a in square(1..=5)) {
            let n = a.len();
            let identity: Matrix = (0..n).map(|i| (0..n).map(|j| Rational::from(i == j)).collect()).collect();
            let evaluate = |p: &[Rational]| -> Matrix {
                p.iter().rev().fold(vec![vec![Rational::new(); n]; n], |value, c| {
                    (0..n).map(|i| (0..n).map(|j| {
                        (0..n).map(|k| value[i][k].mul(&a[k][j])).sum::<Rational>() + identity[i][j].mul(c)
                    }).collect()).collect()
                })
            };
            let mut p = charpoly(&a);
            prop_assert!(evaluate(&p).iter().flatten().all(Rational::is_zero));
            p[0] += Rational::from((1, 1_000_000_007));
            prop_assert!(!evaluate(&p).iter().flatten().all(Rational::is_zero));
        }
    }

    #[test]
    fn diagonal_matrix_gives_its_entries_as_roots() {
        let diagonal = |entries: [i64; 3]| -> Matrix {
            (0..3)
                .map(|i| {
                    (0..3)
                        .map(|j| Rational::from(if i == j { entries[i] } else { 0 }))
                        .collect()
                })
                .collect()
        };
        // (t - 1)(t - 2)(t + 3) = t^3 - 7 t + 6
        assert_eq!(charpoly(&diagonal([1, 2, -3])), [6, -7, 0, 1]);
        assert_eq!(charpoly::<Rational>(&[]), [1]);
    }
}
