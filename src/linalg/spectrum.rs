//! Exact counts of the eigenvalues of a symmetric matrix on either side of a number.
//!
//! First road, over any ordered ring: the characteristic polynomial of `A - c I` has real roots only,
//! so Descartes' rule is exact: the sign changes of its coefficients count the eigenvalues above `c`,
//! the vanishing low coefficients those equal to `c`.
//! Second road, over the rationals: `L D L^T` by fraction-free elimination with symmetric pivoting,
//! and Sylvester's law of inertia. Test: `descartes_vs_ldlt`.
//! Used for the spectra of `J J^T` at interpolating networks.

use super::charpoly::{charpoly, shifted};
use super::integer_row;
use crate::scalar::{Integer, Ordered, Rational, Undecided};

/// The numbers of eigenvalues, with multiplicity, below, at and above a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Eigenvalues `< c`.
    pub below: usize,
    /// Eigenvalues `= c`: the multiplicity of `c`.
    pub at: usize,
    /// Eigenvalues `> c`.
    pub above: usize,
}

/// Why eigenvalues were not counted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpectrumError {
    /// The matrix is not symmetric (or not square).
    #[error("the matrix is not symmetric")]
    NotSymmetric,
    /// A sign could not be told.
    #[error(transparent)]
    Undecided(#[from] Undecided),
}

/// The eigenvalues of the symmetric matrix `a` against `c`, by Descartes' rule of signs.
///
/// # Errors
/// [`SpectrumError`]: not symmetric, or a sign the number type cannot tell.
pub fn eigenvalues_around<S: Ordered>(a: &[Vec<S>], c: &S) -> Result<Counts, SpectrumError> {
    require_symmetric(a)?;
    let mut signs = Vec::new();
    for coefficient in charpoly(&shifted(a, c)) {
        signs.push(coefficient.sign()?);
    }
    let at = signs.iter().take_while(|sign| sign.is_eq()).count();
    signs.retain(|sign| sign.is_ne());
    let above = signs.windows(2).filter(|pair| pair[0] != pair[1]).count();
    Ok(Counts {
        below: a.len() - at - above,
        at,
        above,
    })
}

/// The signs of the eigenvalues of the symmetric matrix `a` (its inertia), by `L D L^T`.
///
/// # Errors
/// [`SpectrumError::NotSymmetric`].
pub fn inertia(a: &[Vec<Rational>]) -> Result<Counts, SpectrumError> {
    require_symmetric(a)?;
    let mut block = integer_matrix(a);
    let mut counts = Counts::default();
    let mut previous = Integer::from(1);
    while !block.is_empty() {
        let Some(pivot) = bring_up_pivot(&mut block) else {
            counts.at += block.len();
            break;
        };
        // D_k = p_k / p_{k-1}
        if pivot.cmp0() == previous.cmp0() {
            counts.above += 1;
        } else {
            counts.below += 1;
        }
        block = schur_complement(&block, &previous);
        previous = pivot;
    }
    Ok(counts)
}

/// A congruence that puts a nonzero entry at the corner, and that entry; `None` for the zero matrix.
fn bring_up_pivot(block: &mut [Vec<Integer>]) -> Option<Integer> {
    let n = block.len();
    let diagonal = (0..n).find(|&i| !block[i][i].is_zero());
    let i = match diagonal {
        Some(i) => i,
        None => {
            let off = |i: usize| (0..i).find(|&j| !block[i][j].is_zero()).map(|j| (i, j));
            let (i, j) = (0..n).find_map(off)?;
            // Adding row and column j to row and column i makes a_ii = 2 a_ij.
            let added = block[j].clone();
            block[i]
                .iter_mut()
                .zip(&added)
                .for_each(|(entry, added)| *entry += added);
            for row in block.iter_mut() {
                let entry = row[j].clone();
                row[i] += entry;
            }
            i
        }
    };
    block.swap(0, i);
    block.iter_mut().for_each(|row| row.swap(0, i));
    Some(block[0][0].clone())
}

/// Bareiss' step `a_ij <- (p a_ij - a_i0 a_0j) / p_previous` on the rows and columns after the first.
fn schur_complement(block: &[Vec<Integer>], previous: &Integer) -> Vec<Vec<Integer>> {
    let (first, rest) = (&block[0], &block[1..]);
    let step = |row: &Vec<Integer>, j: usize| {
        let mut entry = Integer::from(&first[0] * &row[j]);
        entry -= &row[0] * &first[j];
        entry.div_exact(previous)
    };
    rest.iter()
        .map(|row| (1..row.len()).map(|j| step(row, j)).collect())
        .collect()
}

/// `a` times its least common denominator, which is positive and so leaves the inertia alone.
fn integer_matrix(a: &[Vec<Rational>]) -> Vec<Vec<Integer>> {
    let n = a.len();
    let flat = integer_row(&a.concat(), n * n).entries;
    flat.chunks(n.max(1)).map(<[Integer]>::to_vec).collect()
}

fn require_symmetric<S: Ordered>(a: &[Vec<S>]) -> Result<(), SpectrumError> {
    if a.iter().any(|row| row.len() != a.len()) {
        return Err(SpectrumError::NotSymmetric);
    }
    for (i, row) in a.iter().enumerate() {
        for j in 0..i {
            if row[j].compare(&a[j][i])?.is_ne() {
                return Err(SpectrumError::NotSymmetric);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::charpoly::tests::square;
    use super::*;
    use crate::scalar::{Radical, Ring};
    use proptest::prelude::*;

    type Matrix = Vec<Vec<Rational>>;

    fn symmetric(a: Matrix) -> Matrix {
        (0..a.len())
            .map(|i| {
                (0..a.len())
                    .map(|j| a[i.max(j)][i.min(j)].clone())
                    .collect()
            })
            .collect()
    }

    /// `sum_k signs_k b_k b_k^T`: the inertia is that of the signs if the rows `b_k` are independent.
    fn congruent(b: &Matrix, signs: &[i64]) -> Matrix {
        let n = b.len();
        let entry = |i: usize, j: usize| (0..n).map(|k| b[k][i].mul(&b[k][j]) * signs[k]).sum();
        (0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect()
    }

    proptest! {
        #[test]
        fn descartes_vs_ldlt(a in square(0..=5), c in (-4i64..=4, 1i64..=2)) {
            let (a, c) = (symmetric(a), Rational::from(c));
            prop_assert_eq!(eigenvalues_around(&a, &c), inertia(&shifted(&a, &c)));
        }

        #[test]
        fn sylvesters_law(b in square(1..=5), signs in prop::collection::vec(-1i64..=1, 5)) {
            prop_assume!(crate::linalg::rank(&b) == b.len());
            let signs = &signs[..b.len()];
            let count = |s: i64| signs.iter().filter(|sign| **sign == s).count();
            let expected = Counts { below: count(-1), at: count(0), above: count(1) };
            prop_assert_eq!(inertia(&congruent(&b, signs)), Ok(expected));
            prop_assert_eq!(eigenvalues_around(&congruent(&b, signs), &Rational::new()), Ok(expected));
        }

        #[test]
        fn zero_diagonals(a in square(2..=5)) {
            let mut a = symmetric(a);
            (0..a.len()).for_each(|i| a[i][i] = Rational::new());
            prop_assert_eq!(eigenvalues_around(&a, &Rational::new()), inertia(&a));
        }
    }

    #[test]
    fn gram_matrix_of_the_all_ones_kind() {
        // a I + b 1 1^T of size 6: eigenvalue a five times and a + 6 b once.
        let (a, b) = (Rational::from((1, 3)), Rational::from((1, 7)));
        let matrix: Matrix = (0..6)
            .map(|i| {
                (0..6)
                    .map(|j| if i == j { a.add(&b) } else { b.clone() })
                    .collect()
            })
            .collect();
        let top = a.add(&(b.clone() * 6));
        let counts = |below, at, above| Ok(Counts { below, at, above });
        assert_eq!(eigenvalues_around(&matrix, &a), counts(0, 5, 1));
        assert_eq!(eigenvalues_around(&matrix, &top), counts(5, 1, 0));
        // One part in 10^30 more, and the multiplicity is gone.
        let tiny: Rational = "1/1000000000000000000000000000000".parse().unwrap();
        assert_eq!(eigenvalues_around(&matrix, &a.add(&tiny)), counts(5, 0, 1));
        assert_eq!(eigenvalues_around(&matrix, &a.sub(&tiny)), counts(0, 0, 6));
    }

    #[test]
    fn irrational_eigenvalues_are_placed_exactly() {
        // ((1, 1), (1, 0)) has the golden ratio and its conjugate: 233/144 > phi > 377/233.
        let golden: Matrix = vec![
            vec![Rational::from(1), Rational::from(1)],
            vec![Rational::from(1), Rational::new()],
        ];
        let above = |p: i64, q: i64| {
            eigenvalues_around(&golden, &Rational::from((p, q)))
                .unwrap()
                .above
        };
        assert_eq!((above(233, 144), above(377, 233)), (0, 1));
    }

    #[test]
    fn radical_eigenvalues_have_their_multiplicity() {
        // ((0, r), (r, 0)) with r = 31^(1/4): eigenvalues r and -r.
        let r = Radical::root_of(&Rational::from(31), 4).unwrap();
        let matrix = vec![vec![Ring::zero(), r.clone()], vec![r.clone(), Ring::zero()]];
        let counts = |below, at, above| Ok(Counts { below, at, above });
        assert_eq!(eigenvalues_around(&matrix, &r), counts(1, 1, 0));
        assert_eq!(eigenvalues_around(&matrix, &r.neg()), counts(0, 1, 1));
        let tiny: Rational = "1/1000000000000000000000000000000".parse().unwrap();
        let below = r.sub(&Radical::from_rational(tiny));
        assert_eq!(eigenvalues_around(&matrix, &below), counts(1, 0, 1));
    }

    #[test]
    fn not_symmetric_is_an_error() {
        let one = || Rational::from(1);
        let skew: Matrix = vec![vec![one(), one()], vec![-one(), one()]];
        assert_eq!(
            eigenvalues_around(&skew, &one()),
            Err(SpectrumError::NotSymmetric)
        );
        assert_eq!(inertia(&skew), Err(SpectrumError::NotSymmetric));
        assert_eq!(
            inertia(&[vec![one(), one()]]),
            Err(SpectrumError::NotSymmetric)
        );
        assert_eq!(inertia(&[]), Ok(Counts::default()));
    }
}
