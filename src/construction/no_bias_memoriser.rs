//! A flattest memoriser without bias, for linearly independent inputs (ours): `X w_i = 2 e_i - 1`,
//! `W1_i = r_i w_i`, `W2_i = y_i / r_i`, `r_i^2 = |y_i| ||x_i||`.
//!
//! Neuron i is `r_i` at `x_i` and negative at every other input, and
//! `Tr = (2/n) sum (W2_i^2 ||x_i||^2 + r_i^2) = (4/n) sum |y_i| ||x_i||`.

use crate::data::Dataset;
use crate::linalg::solve;
use crate::network::{Network, NoBias};
use crate::scalar::{Field, NoValue, Radical, Rational, Ring};

/// The memoriser of `data`; `None` if its inputs are linearly dependent in a way that leaves some
/// `X w = 2 e_i - 1` without solution. A sample with label 0 gets `r_i = 1`, `W2_i = 0`, as a memoriser
/// must be active there.
pub fn memoriser(data: &Dataset<Rational>) -> Result<Option<Network<Radical>>, NoValue> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (i, (x, y)) in data.x.iter().zip(&data.y).enumerate() {
        let sides: Vec<Rational> = (0..data.len())
            .map(|j| Rational::from(if j == i { 1 } else { -1 }))
            .collect();
        let Ok(w) = solve(&data.x, &sides) else {
            return Ok(None);
        };
        let r = if y.is_zero() {
            Radical::one()
        } else {
            let norm2: Rational = Ring::dot(x, x);
            Radical::root_of(&norm2.mul(&y.square()), 4)? // r^4 = y^2 ||x||^2
        };
        let lift = |q: &Rational| Radical::from_rational(q.clone());
        first.push(w.iter().map(|w| lift(w).mul(&r)).collect());
        last.push(lift(y).div(&r)?);
    }
    Ok(Some(Network::NoBias(NoBias { first, last })))
}
