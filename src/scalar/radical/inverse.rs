//! The inverse of a sum of radicals, by linear algebra over Q.
//!
//! Up to rational factors the monomials of `z` generate a finite group G of monomials, which is a
//! basis of the field `Q(G)` since they are linearly independent. Multiplication by `z` is an invertible
//! matrix in that basis, and `1/z = sum_g v_g g` is the solution of `z v = 1`. A common factor is
//! taken out first, so that `31^(1/4) + 31^(3/4)` needs degree 2 and not 4.
//! Tied to the law `a.mul(&a.inv()) = 1`.

use super::{Monomial, Radical, Term};
use crate::scalar::{NoValue, Undecided};
use rug::{Complete, Integer, Rational};
use std::collections::BTreeMap;

/// Largest degree of the field.
const MAX_DEGREE: usize = 64;
/// Largest `degree^2 * bits` of the linear system: a fraction of a second.
const MAX_WORK: u64 = 1 << 18;

/// `1 / sum` for a sum of two or more terms.
pub(super) fn inverse(sum: &Radical) -> Result<Radical, NoValue> {
    let first = sum.terms()[0].inv();
    let ratios: Vec<Term> = sum.terms().iter().map(|t| t.mul(&first)).collect();
    let group =
        generated(&ratios).ok_or(Undecided("the inverse lies in a field of degree above 64"))?;
    let (matrix, denominator) = multiplication(&ratios, &group);
    let bits = matrix
        .iter()
        .flatten()
        .map(|n| u64::from(n.significant_bits()))
        .max();
    if (group.len() as u64).pow(2) * bits.unwrap_or(0) > MAX_WORK {
        return Err(Undecided("the inverse of this sum takes too long to compute").into());
    }
    let solution = solve(matrix, denominator);
    let terms = group.into_iter().map(|(monomial, i)| {
        let coefficient = solution[i].clone();
        Term {
            coefficient,
            monomial,
        }
        .mul(&first)
    });
    Ok(Radical::collect(terms.collect()))
}

/// The group of the monomials of `terms`, numbered with 1 first; `None` above [`MAX_DEGREE`].
fn generated(terms: &[Term]) -> Option<BTreeMap<Monomial, usize>> {
    let mut group = BTreeMap::from([(Monomial::ONE, 0)]);
    let mut fresh = vec![Monomial::ONE];
    while let Some(g) = fresh.pop() {
        for term in terms {
            let product = g.mul(&term.monomial).1;
            let number = group.len();
            if !group.contains_key(&product) {
                if number == MAX_DEGREE {
                    return None;
                }
                group.insert(product.clone(), number);
                fresh.push(product);
            }
        }
    }
    Some(group)
}

/// The matrix of multiplication by `D * sum terms` and the common denominator `D`.
fn multiplication(
    terms: &[Term],
    group: &BTreeMap<Monomial, usize>,
) -> (Vec<Vec<Integer>>, Integer) {
    let mut denominator = Integer::from(1);
    for term in terms {
        denominator.lcm_mut(term.coefficient.denom());
    }
    let mut matrix = vec![vec![Integer::new(); group.len()]; group.len()];
    for (g, &column) in group {
        for term in terms {
            let (carry, product) = g.mul(&term.monomial);
            let whole = (&denominator / term.coefficient.denom()).complete();
            let entry = whole * term.coefficient.numer() * carry;
            matrix[group[&product]][column] += entry;
        }
    }
    (matrix, denominator)
}

/// `A^-1 (right, 0, ..., 0)` for an invertible matrix, by fraction-free Gauss-Jordan elimination:
/// `a_ij <- (a_kk a_ij - a_ik a_kj) / previous pivot`, exact (Bareiss 1968).
fn solve(mut a: Vec<Vec<Integer>>, right: Integer) -> Vec<Rational> {
    let n = a.len();
    for (i, row) in a.iter_mut().enumerate() {
        row.push(if i == 0 {
            right.clone()
        } else {
            Integer::new()
        });
    }
    let mut previous = Integer::from(1);
    for k in 0..n {
        let pivot_row = (k..n).find(|&i| !a[i][k].is_zero());
        a.swap(
            k,
            pivot_row.expect("multiplication by a number other than 0 is invertible"),
        );
        let pivot = a[k].clone();
        for (_, row) in a.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = std::mem::take(&mut row[k]);
            for (entry, p) in row.iter_mut().zip(&pivot).skip(k + 1) {
                *entry *= &pivot[k];
                *entry -= &factor * p;
                entry.div_exact_mut(&previous);
            }
        }
        previous = pivot[k].clone();
    }
    // Every pivot but the last was divided out: the matrix is now `previous * identity`.
    a.into_iter()
        .map(|row| Rational::from((row[n].clone(), previous.clone())))
        .collect()
}
