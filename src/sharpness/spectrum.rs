//! The non-zero eigenvalues of the Hessian at an interpolating theta (ours: three notions of flatness).
//!
//! There `Hess L = (2/n) J^T J`, J the n x p Jacobian of the outputs, whose eigenvalues are those of the
//! n x n matrix `(2/n) J J^T`, but for the number of zeros. Their sum is the trace.
//! Eigenvalues are counted on either side of a number, never computed. Where all entries and the number are
//! rational multiples of one radical (`R` times a rational, in the paper's networks) the count is that of
//! the signs of `L D L^T`; else Descartes' rule over the radicals. Tests: `gram_vs_hessian`,
//! `common_factor_vs_descartes`.

use super::gradient::{gradients, gram};
use crate::linalg::charpoly::shifted;
use crate::linalg::spectrum::{Counts, SpectrumError, eigenvalues_around, inertia};
use crate::network::{Network, Refusal};
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring, Undecided};

/// The most samples where a common factor is found.
pub const MAX_SAMPLES: usize = 128;
/// The most samples otherwise.
pub const MAX_MIXED_SAMPLES: usize = 24;

/// `(2/n) J J^T` at an admissible theta, n x n. That theta interpolates is the caller's to check.
pub fn hessian_gram<S: Real>(net: &Network<S>, train: &[Vec<S>]) -> Result<Vec<Vec<S>>, Refusal> {
    let factor = S::from_int(2).div(&S::from_int(train.len() as i64))?;
    let scaled = |row: &Vec<S>| row.iter().map(|entry| factor.mul(entry)).collect();
    Ok(gram(&gradients(net, train)?).iter().map(scaled).collect())
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
        return Err(Undecided("too many samples for a spectrum").into());
    }
    counts_around(&hessian_gram(net, train)?, value).map_err(Refusal::from)
}

/// The eigenvalues of a symmetric matrix against `value`.
///
/// # Errors
/// [`Undecided`] above [`MAX_MIXED_SAMPLES`] rows where there is no common factor.
pub fn counts_around(matrix: &[Vec<Radical>], value: &Radical) -> Result<Counts, NoValue> {
    let counted = match over_common_factor(matrix, value)? {
        Some(rational) => inertia(&rational),
        None if matrix.len() <= MAX_MIXED_SAMPLES => eigenvalues_around(matrix, value),
        None => return Err(Undecided("too many samples for Descartes' rule").into()),
    };
    counted.map_err(|error| match error {
        SpectrumError::Undecided(undecided) => undecided.into(),
        SpectrumError::NotSymmetric => {
            NoValue::Undefined("the spectrum of a matrix that is not symmetric")
        }
    })
}

/// `(A - value I) / m` for a positive `m` that makes it rational, if there is one.
fn over_common_factor(
    matrix: &[Vec<Radical>],
    value: &Radical,
) -> Result<Option<Vec<Vec<Rational>>>, NoValue> {
    let zero = Radical::zero();
    let Some(entry) = matrix.iter().flatten().chain([value]).find(|e| **e != zero) else {
        return Ok(Some(vec![
            vec![Rational::new(); matrix.len()];
            matrix.len()
        ]));
    };
    if entry.terms().len() > 1 {
        return Ok(None);
    }
    let positive = if *entry > zero {
        entry.clone()
    } else {
        entry.neg()
    };
    let inverse = positive.inv()?;
    let divide = |row: &Vec<Radical>| -> Option<Vec<Rational>> {
        row.iter().map(|e| e.mul(&inverse).as_rational()).collect()
    };
    Ok(shifted(matrix, value).iter().map(divide).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::network::{Bias, SimLn};
    use crate::sharpness::closed_form::trace;
    use crate::sharpness::definition::mse_trace;

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
            let rational = over_common_factor(&matrix, &value).unwrap();
            assert_eq!(rational.is_none(), value == int(1));
        }
        let nothing = vec![vec![int(0); 2]; 2];
        assert_eq!(counts_around(&nothing, &int(0)).unwrap().at, 2);
    }
}
