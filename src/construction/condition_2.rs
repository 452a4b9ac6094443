//! The network of Condition 2 for P_xor (Wen, Li, Ma 2023): without bias, width 4, 0 < e < 1,
//!
//! ```text
//! W1 = (1+e, 1-e), (1+e, -1+e), (-1-e, 1-e), (-1-e, -1+e)   on coordinates 1, 2, else 0
//! W2 = (1, -1, -1, 1) / (2 - 2e)
//! ```
//!
//! At each of the four sign patterns one neuron is 2, one 2e, and the other two are negative, so
//! `f = x1 x2`; the path norm is `4 sqrt(2 + 2e^2) / (2 - 2e)`. Judged by `condition-2-printed`.

use crate::network::NoBias;
use crate::scalar::{NoValue, Real};

/// The network as printed, in dimension `d >= 2`; [`NoValue::Undefined`] at `e = 1`.
pub fn width_4<S: Real>(d: usize, e: &S) -> Result<NoBias<S>, NoValue> {
    let two = S::from_int(2);
    width_4_over(d, e, &two.sub(&two.mul(e)))
}

/// The same first layer with `W2 = (1, -1, -1, 1) / denominator`.
pub fn width_4_over<S: Real>(d: usize, e: &S, denominator: &S) -> Result<NoBias<S>, NoValue> {
    let (long, short) = (S::one().add(e), S::one().sub(e)); // 1 + e, 1 - e
    let row = |(s, t): (i64, i64)| {
        let mut row = vec![S::zero(); d.max(2)];
        row[0] = S::from_int(s).mul(&long);
        row[1] = S::from_int(t).mul(&short);
        row
    };
    let signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)];
    let last = signs.map(|(s, t)| S::from_int(s * t).div(denominator));
    Ok(NoBias {
        first: signs.map(row).to_vec(),
        last: last.into_iter().collect::<Result<_, _>>()?,
    })
}

/// The network with every row times `r > 0` and `W2` over `r`: the same function.
pub fn rescaled<S: Real>(net: &NoBias<S>, r: &S) -> Result<NoBias<S>, NoValue> {
    let scaled = |row: &Vec<S>| row.iter().map(|w| w.mul(r)).collect();
    Ok(NoBias {
        first: net.first.iter().map(scaled).collect(),
        last: net
            .last
            .iter()
            .map(|w| w.div(r))
            .collect::<Result<_, _>>()?,
    })
}

/// The rescaling with `r^2 = sqrt(d) |W2_j| / ||W1_j||`: on a symmetric, whitened training set
/// (`sum x x^T = n I`) the one of least trace, which is `8 sqrt(d) sqrt(2 + 2e^2) / (2 - 2e)`.
pub fn balanced<S: Real>(d: usize, e: &S) -> Result<NoBias<S>, NoValue> {
    let two = S::from_int(2);
    let norm2 = two.add(&two.mul(&e.square())); // ||W1_j||^2
    let denominator = two.sub(&two.mul(e)); // 1 / |W2_j|
    let r = S::from_int(d as i64)
        .div(&norm2.mul(&denominator.square()))?
        .root(4)?;
    rescaled(&width_4(d, e)?, &r)
}
