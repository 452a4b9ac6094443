//! Memorisers and four-neuron generalisers on samples of P_xor, with bias and with layer norm (ours: three
//! notions of flatness; the networks of Wen, Li, Ma 2023, Sections 4 and 5).
//!
//! | network | rows | W2 |
//! |---|---|---|
//! | bias memoriser | `r (x_i, 1 - d)`, `r = (d+1)^(1/4)` | `y_i / r` |
//! | LN memoriser | `2 eps (x_i, 1 - d)` | `y_i` |
//! | bias generaliser | that of Proposition 4.2 | |
//! | LN generaliser | `2 eps (s, t, 0, ..., 0, -1)` | `s t` |
//!
//! `x_i.x - d + 1` is 1 at `x_i` and at most -1 on the rest of the cube. Test `all_are_flattest`.

use super::proposition_4_2::repaired;
use super::sim_bn_generaliser::QUADRANTS;
use crate::data::Dataset;
use crate::network::{Bias, Network, SimLn};
use crate::scalar::{Field, NoValue, Radical, Rational, Ring};

/// The memoriser with bias; distinct inputs in {-1,1}^d, labels 1 and -1.
///
/// # Errors
/// None that such data can reach.
pub fn bias_memoriser(data: &Dataset<Rational>) -> Result<Network<Radical>, NoValue> {
    let r = Radical::root_of(&Rational::from(data.dim() + 1), 4)?;
    let inverse = r.inv()?;
    let weight = |y: &Rational| inverse.mul(&Radical::from_rational(y.clone()));
    Ok(Network::Bias(Bias {
        first: own_rows(data, &r),
        hidden: vec![],
        last: data.y.iter().map(weight).collect(),
    }))
}

/// The generaliser with bias, `d >= 2`.
///
/// # Errors
/// None that `d >= 2` can reach.
pub fn bias_generaliser(d: usize) -> Result<Network<Radical>, NoValue> {
    repaired(d, QUADRANTS.len()).map(Network::Bias)
}

/// The memoriser with layer norm; data as for [`bias_memoriser`], `eps > 0`.
pub fn norm_memoriser(data: &Dataset<Rational>, eps: &Rational) -> Network<Radical> {
    let eps = Radical::from_rational(eps.clone());
    Network::SimLn(SimLn {
        first: own_rows(data, &eps.add(&eps)),
        last: data.y.iter().cloned().map(Radical::from_rational).collect(),
        eps,
    })
}

/// The generaliser with layer norm, `d >= 2`, `eps > 0`.
pub fn norm_generaliser(d: usize, eps: &Rational) -> Network<Radical> {
    let eps = Radical::from_rational(eps.clone());
    let scale = eps.add(&eps);
    let row = |(s, t): (i64, i64)| {
        let mut row = vec![Radical::zero(); d + 1];
        for (k, sign) in [(0, s), (1, t), (d, -1)] {
            row[k] = scale.mul(&Radical::from_int(sign));
        }
        row
    };
    Network::SimLn(SimLn {
        first: QUADRANTS.map(row).to_vec(),
        last: QUADRANTS.map(|(s, t)| Radical::from_int(s * t)).to_vec(),
        eps,
    })
}

/// Rows `scale (x_i, 1 - d)`.
fn own_rows(data: &Dataset<Rational>, scale: &Radical) -> Vec<Vec<Radical>> {
    let bias = Rational::from(1 - data.dim() as i64);
    let entry = |q: &Rational| scale.mul(&Radical::from_rational(q.clone()));
    let row = |x: &Vec<Rational>| x.iter().chain([&bias]).map(entry).collect();
    data.x.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::definition::mse_trace;

    /// Interpolating, with the least trace by second-order jets; memorising or not.
    #[test]
    fn all_are_flattest() {
        let rational = xor::full_cube(3).unwrap();
        let eps = Rational::from((1, 7));
        let data = rational.map(|q| Radical::from_rational(q.clone()));
        let networks = [
            (bias_memoriser(&rational).unwrap(), true),
            (bias_generaliser(3).unwrap(), false),
            (norm_memoriser(&rational, &eps), true),
            (norm_generaliser(3, &eps), false),
        ];
        for (net, memorising) in networks {
            assert_eq!(net.outputs(&data.x, &data.x).unwrap(), data.y);
            let least = Bounded::of(&net).unwrap().least_trace(&data).unwrap();
            assert_eq!(mse_trace(&net, &data).unwrap(), least);
            assert_eq!(net.is_memorising(&data.x).unwrap(), memorising);
        }
    }
}
