//! A flattest memoriser without bias, for linearly independent inputs (ours): `X w_i = 2 e_i - 1`,
//! `W1_i = r_i w_i`, `W2_i = y_i / r_i`, `r_i^2 = |y_i| ||x_i||`.
//!
//! Neuron i is `r_i` at `x_i` and negative at every other input, and
//! `Tr = (2/n) sum (W2_i^2 ||x_i||^2 + r_i^2) = (4/n) sum |y_i| ||x_i||` (test `formula_vs_definition`
//! of `no-bias-memoriser`).

use crate::data::Dataset;
use crate::linalg::solve;
use crate::network::NoBias;
use crate::scalar::{Field, NoValue, Radical, Rational, Ring};

/// What to do at a sample with label 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtZero {
    /// A neuron active there with `r_i = 1`, `W2_i = 0`, as a memoriser must have.
    Active,
    /// A neuron dead on all samples: flattest, and not a memoriser.
    Dead,
}

/// One neuron per sample; `None` if some `X w = 2 e_i - 1` has no solution, which independent inputs
/// exclude.
pub fn memoriser(
    data: &Dataset<Rational>,
    at_zero: AtZero,
) -> Result<Option<NoBias<Radical>>, NoValue> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (i, (x, y)) in data.x.iter().zip(&data.y).enumerate() {
        let dead = y.is_zero() && at_zero == AtZero::Dead;
        let side = |j: usize| Rational::from(if j == i && !dead { 1 } else { -1 });
        let sides: Vec<Rational> = (0..data.len()).map(side).collect(); // 2 e_i - 1
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
    Ok(Some(NoBias { first, last }))
}
