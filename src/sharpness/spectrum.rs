//! The non-zero eigenvalues of the Hessian at an interpolating theta (ours: three notions of flatness).
//!
//! There `Hess L = (2/n) J^T J`, J the n x p Jacobian of the outputs, whose eigenvalues are those of the
//! n x n matrix `(2/n) J J^T`, but for the number of zeros. Their sum is the trace.
//! Eigenvalues are counted on either side of a number, never computed. Where all entries are rational
//! multiples of one radical (`R` times a rational, in the paper's networks) the count is that of the signs
//! of `L D L^T`, for a number that is no such multiple at rationals just below and above it; else Descartes'
//! rule over the radicals. Tests: `gram_vs_hessian`, `common_factor_vs_descartes`.

use super::gradient::gram;
use crate::linalg::charpoly::shifted;
use crate::linalg::spectrum::{Counts, SpectrumError, eigenvalues_around, inertia};
use crate::network::{Network, Refusal};
use crate::scalar::{Field, NoValue, Ordered, Radical, Rational, Real, Ring, Undecided};
use std::cmp::Ordering;

/// The most samples where a common factor is found.
pub const MAX_SAMPLES: usize = 128;
/// The most samples otherwise.
pub const MAX_MIXED_SAMPLES: usize = 24;
/// The precisions, in bits, at which a number is enclosed between rationals.
const PRECISIONS: [u32; 3] = [32, 96, 256];

/// `(2/n) J J^T` at an admissible theta, n x n. That theta interpolates is the caller's to check.
pub fn hessian_gram<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Vec<Vec<S>>, Refusal> {
    let factor = S::from_int(2).div(&S::from_int(train.len() as i64))?;
    let scaled = |row: &Vec<S>| row.iter().map(|entry| factor.mul(entry)).collect();
    Ok(gram(net, train)?.iter().map(scaled).collect())
}

/// The n eigenvalues of `(2/n) J J^T` against `value`.
///
/// # Errors
/// A theta that is not admissible; [`Undecided`] above [`MAX_SAMPLES`], or [`MAX_MIXED_SAMPLES`] where
/// there is no common factor.
pub fn eigenvalues(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
    value: &Radical,
) -> Result<Counts, Refusal> {
    if train.len() > MAX_SAMPLES {
        return Err(Undecided("eigenvalues are counted for at most 128 samples").into());
    }
    counts_around(&hessian_gram(net, train)?, value).map_err(Refusal::from)
}

/// `lambda_max` of the Hessian, the largest of the n eigenvalues of `(2/n) J J^T`, against `value`; n >= 1.
///
/// # Errors
/// As [`eigenvalues`].
pub fn compare_largest(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
    value: &Radical,
) -> Result<Ordering, Refusal> {
    Ok(match eigenvalues(net, train, value)? {
        Counts { above: 1.., .. } => Ordering::Greater,
        Counts { at: 1.., .. } => Ordering::Equal,
        _ => Ordering::Less,
    })
}

/// The least of the n eigenvalues of `(2/n) J J^T` against `value`; n >= 1. (The Hessian has more
/// parameters than samples, so its own least eigenvalue is 0.)
///
/// # Errors
/// As [`eigenvalues`].
pub fn compare_least(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
    value: &Radical,
) -> Result<Ordering, Refusal> {
    Ok(match eigenvalues(net, train, value)? {
        Counts { below: 1.., .. } => Ordering::Less,
        Counts { at: 1.., .. } => Ordering::Equal,
        _ => Ordering::Greater,
    })
}

/// The eigenvalues of a symmetric matrix against `value`.
///
/// # Errors
/// [`Undecided`] above [`MAX_MIXED_SAMPLES`] rows where there is no common factor, or where `value` is
/// none of its multiples and too close to an eigenvalue.
pub fn counts_around(matrix: &[Vec<Radical>], value: &Radical) -> Result<Counts, NoValue> {
    let undecided = match common_factor(matrix)? {
        Some((factor, rational)) => match counts_at(&rational, &value.div(&factor)?)? {
            Some(counts) => return Ok(counts),
            None => "an eigenvalue is too close to the number, or equal to it",
        },
        None => "without a common radical eigenvalues are counted for at most 24 samples",
    };
    if matrix.len() > MAX_MIXED_SAMPLES {
        return Err(Undecided(undecided).into());
    }
    eigenvalues_around(matrix, value).map_err(no_spectrum)
}

fn no_spectrum(error: SpectrumError) -> NoValue {
    match error {
        SpectrumError::Undecided(undecided) => undecided.into(),
        SpectrumError::NotSymmetric => {
            NoValue::Undefined("the spectrum of a matrix that is not symmetric")
        }
    }
}

/// A rational matrix and a positive factor.
type Factored = (Radical, Vec<Vec<Rational>>);

/// `m` and `A / m` for a positive `m` that makes it rational, if there is one.
fn common_factor(matrix: &[Vec<Radical>]) -> Result<Option<Factored>, NoValue> {
    let zero = Radical::zero();
    let factor = match matrix.iter().flatten().find(|entry| **entry != zero) {
        None => Radical::one(),
        Some(entry) if entry.terms().len() > 1 => return Ok(None),
        Some(entry) => entry.abs()?,
    };
    let inverse = factor.inv()?;
    let divide = |row: &Vec<Radical>| -> Option<Vec<Rational>> {
        row.iter().map(|e| e.mul(&inverse).as_rational()).collect()
    };
    let rational: Option<_> = matrix.iter().map(divide).collect();
    Ok(rational.map(|rational| (factor, rational)))
}

/// The eigenvalues of a rational matrix against `value`; `None` if no enclosure between rationals keeps
/// clear of all of them.
fn counts_at(matrix: &[Vec<Rational>], value: &Radical) -> Result<Option<Counts>, NoValue> {
    let counts = |value: &Rational| inertia(&shifted(matrix, value)).map_err(no_spectrum);
    if let Some(value) = value.as_rational() {
        return counts(&value).map(Some);
    }
    for bits in PRECISIONS {
        let (lo, hi) = value.enclose(bits);
        let (Some(lo), Some(hi)) = (lo.to_rational(), hi.to_rational()) else {
            continue;
        };
        // none in [lo, hi], where `value` is
        let (lo, hi) = (counts(&lo)?, counts(&hi)?);
        if lo == hi && lo.at == 0 {
            return Ok(Some(lo));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::network::{Bias, SimLn};
    use crate::sharpness::closed_form::trace;
    use crate::sharpness::definition::mse_trace;
    use crate::sharpness::gradient::gradients;

    fn int(n: i64) -> Radical {
        Radical::from_int(n)
    }

    fn rows(rows: &[&[i64]]) -> Vec<Vec<Radical>> {
        rows.iter()
            .map(|r| r.iter().map(|n| int(*n)).collect())
            .collect()
    }

    /// Networks with a bias and with layer norm that interpolate their own outputs.
    fn examples() -> Vec<(Network<Radical>, Dataset<Radical>)> {
        let first = rows(&[&[1, 2, 1], &[-1, 1, 4], &[2, -1, -2]]);
        let last = vec![int(2), int(-1), int(3)];
        let x = rows(&[&[1, 1], &[2, -1], &[3, 1]]);
        let bias = Bias {
            first: first.clone(),
            hidden: vec![],
            last: last.clone(),
        };
        let norm = SimLn {
            first,
            last,
            eps: int(1),
        };
        let networks = [Network::Bias(bias), Network::SimLn(norm)];
        let own = |net: Network<Radical>| {
            let y = net.outputs(&x, &x).unwrap();
            (net, Dataset { x: x.clone(), y })
        };
        networks.into_iter().map(own).collect()
    }

    /// The p x p matrix `(2/n) J^T J` has the same eigenvalues above a positive number, and the sum of all
    /// is the trace by its definition.
    #[test]
    fn gram_vs_hessian() {
        for (net, data) in examples() {
            let n = data.len();
            let p = net.parameters().len();
            let mut jacobian = vec![vec![Radical::zero(); p]; n];
            for (row, gradient) in jacobian.iter_mut().zip(gradients(&net, &data.x).unwrap()) {
                gradient.into_iter().for_each(|(k, g)| row[k] = g);
            }
            let factor = int(2).div(&int(n as i64)).unwrap();
            let entry = |k: usize, l: usize| {
                let products = jacobian.iter().map(|row| row[k].mul(&row[l]));
                factor.mul(&products.fold(Radical::zero(), |s, v| s.add(&v)))
            };
            let hessian: Vec<Vec<Radical>> = (0..p)
                .map(|k| (0..p).map(|l| entry(k, l)).collect())
                .collect();
            for value in [1, 3, 10, 40] {
                let (small, large) = (
                    eigenvalues(&net, &data.x, &int(value)).unwrap(),
                    eigenvalues_around(&hessian, &int(value)).unwrap(),
                );
                assert_eq!((small.above, small.at), (large.above, large.at));
            }
            let gram = hessian_gram(&net, &data.x).unwrap();
            let total = (0..n).fold(Radical::zero(), |s, i| s.add(&gram[i][i]));
            assert_eq!(total, trace(&net, &data.x).unwrap());
            assert_eq!(total, mse_trace(&net, &data).unwrap());
        }
    }

    #[test]
    fn common_factor_vs_descartes() {
        let root = Radical::root_of(&Rational::from(31), 4).unwrap();
        let matrix: Vec<Vec<Radical>> = rows(&[&[4, 1, 2], &[1, 3, 0], &[2, 0, -1]])
            .iter()
            .map(|row| row.iter().map(|e| e.mul(&root)).collect())
            .collect();
        for value in (-3..7).map(|k| root.mul(&int(k))).chain([int(1), int(0)]) {
            let counts = eigenvalues_around(&matrix, &value).unwrap();
            assert_eq!(counts_around(&matrix, &value).unwrap(), counts);
        }
        let (factor, rational) = common_factor(&matrix).unwrap().unwrap();
        // no eigenvalue near 1; sqrt(2) is one of the next matrix, and too close to itself
        let one = int(1).div(&factor).unwrap();
        assert!(one.as_rational().is_none());
        assert!(counts_at(&rational, &one).unwrap().is_some());
        let root = Radical::root_of(&Rational::from(2), 2).unwrap();
        let swap = rows(&[&[1, 1], &[1, -1]]); // eigenvalues sqrt(2), -sqrt(2)
        let (factor, rational) = common_factor(&swap).unwrap().unwrap();
        assert_eq!(counts_at(&rational, &root.div(&factor).unwrap()), Ok(None));
        assert_eq!(counts_around(&swap, &root).unwrap().at, 1);
        let nothing = vec![vec![int(0); 2]; 2];
        assert_eq!(counts_around(&nothing, &int(0)).unwrap().at, 2);
    }
}
