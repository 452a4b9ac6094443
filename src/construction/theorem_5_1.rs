//! The memorising network of Theorem 5.1 (Wen, Li, Ma 2023), `2-MLP-Sim-LN` of width n:
//!
//! ```text
//! W1_i = u_i w_i / delta     b_i = u_i (-w_i.x_i + delta) / delta     W2_i = r_i y_i
//! (1) R_i |y_i| > eps:        r_i = 1,                        u_i = 2 eps
//! (2) 0 < R_i |y_i| <= eps:   r_i = (eps / (R_i|y_i|))^{1/2},  u_i = eps (R_i|y_i| / eps)^{1/2}
//! (3) y_i = 0:                r_i = 0,                        u_i = 2 eps
//! ```
//!
//! Rows are `u_i (v_i, 1 - v_i.x_i)` with `v_i = w_i / delta`, as in [`super::theorem_4_1`]. Case (1)
//! has `||h|| = 2 eps` and `||grad f(x_i)||^2 = 1`; case (2) has `||h|| = (eps R_i|y_i|)^{1/2}` and
//! `||grad f(x_i)||^2 = 2 R_i|y_i|/eps`. The least is `min(1, 2 R_i|y_i|/eps)`, so the cases must part
//! at `R_i|y_i| = eps/2`: [`repaired`]. Test `formula_vs_definition`.

use super::theorem_4_1::{dead_row, first_row};
use crate::data::Dataset;
use crate::network::SimLn;
use crate::scalar::{NoValue, Radical, Rational, Ring};

/// `(r, u)` for a sample; case (1) if `R|y| > threshold`.
///
/// # Errors
/// None that rational data can reach.
pub fn scales(
    x: &[Rational],
    y: &Rational,
    eps: &Rational,
    threshold: &Rational,
) -> Result<(Radical, Radical), NoValue> {
    let double = Radical::from_rational(Rational::from(2).mul(eps));
    if y.is_zero() {
        return Ok((Radical::zero(), double));
    }
    let square: Rational = (<Rational as Ring>::dot(x, x) + 1) * Ring::square(y); // (R |y|)^2
    if square > Ring::square(threshold) {
        return Ok((Radical::one(), double));
    }
    let ratio = square / Ring::square(eps); // (R |y| / eps)^2
    let r = Radical::root_of(&ratio.clone().recip(), 4)?;
    let u = Radical::from_rational(eps.clone()).mul(&Radical::root_of(&ratio, 4)?);
    Ok((r, u))
}

/// The network as printed: the cases part at `R|y| = eps`. `v` holds `w_i / delta`.
///
/// # Errors
/// None that rational data can reach.
pub fn printed(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    eps: &Rational,
) -> Result<SimLn<Radical>, NoValue> {
    network(data, v, eps, eps)
}

/// The network with the cases parted at `R|y| = eps/2`.
///
/// # Errors
/// None that rational data can reach.
pub fn repaired(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    eps: &Rational,
) -> Result<SimLn<Radical>, NoValue> {
    network(data, v, eps, &Rational::from(eps / 2u32))
}

/// [`repaired`] with a dead neuron for each label 0: attains the bound of Lemma A.12 for any labels,
/// memorising iff none is 0.
///
/// # Errors
/// None that rational data can reach.
pub fn dead_at_zero_labels(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    eps: &Rational,
) -> Result<SimLn<Radical>, NoValue> {
    let mut net = repaired(data, v, eps)?;
    for (row, _) in net
        .first
        .iter_mut()
        .zip(&data.y)
        .filter(|(_, y)| y.is_zero())
    {
        *row = dead_row(data.dim() + 1);
    }
    Ok(net)
}

fn network(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    eps: &Rational,
    threshold: &Rational,
) -> Result<SimLn<Radical>, NoValue> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for ((x, y), v) in data.x.iter().zip(&data.y).zip(v) {
        let (r, u) = scales(x, y, eps, threshold)?;
        first.push(first_row(x, v, &u));
        last.push(r.mul(&Radical::from_rational(y.clone())));
    }
    Ok(SimLn {
        first,
        last,
        eps: Radical::from_rational(eps.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::construction::theorem_4_1::separators;
    use crate::network::Network;
    use crate::search::generate::{self, Inputs, Labels, Options, dataset};
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::definition::mse_trace;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        /// The trace by second-order jets is the bound of Lemma A.12.
        #[test]
        fn formula_vs_definition(seed in any::<u64>(), n in 1usize..4) {
            let mut rng = crate::search::rng(seed, "construction");
            let options = Options { inputs: Inputs::Sphere, labels: Labels::Nonzero, ..Options::default() };
            let data = dataset(&mut rng, n, 2, &options);
            let eps = generate::positive(&mut rng);
            let net = repaired(&data, &separators(&data.x).unwrap(), &eps).unwrap();
            let eps = net.eps.clone();
            let data = data.map(|q| Radical::from_rational(q.clone()));
            let least = Bounded::SimLn { eps }.least_trace(&data).unwrap();
            prop_assert_eq!(mse_trace(&Network::SimLn(net), &data).unwrap(), least);
        }
    }
}
