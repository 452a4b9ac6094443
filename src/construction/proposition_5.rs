//! The two flattest layer-norm networks on P_xor (Wen, Li, Ma 2023, Propositions 5.1 and 5.2).
//!
//! ```text
//! memoriser:   W1_i = 2 eps x_i / delta,  b_i = 2 eps (-d + delta) / delta,  W2_i = y_i,  0 < delta < 2
//! generaliser: W1 = 2 eps (s, t, 0, ..., 0),  b = -2 eps,  W2 = s t,  one neuron for each s, t in {-1,1}
//! ```
//!
//! One active neuron of height `2 eps` at every training input: `f = W2`, `||grad f||^2 = 1`. A *spare*
//! neuron `2 eps (u, -(d-1))` is alive at the single vertex u of the cube.

use super::sim_bn_generaliser::QUADRANTS;
use super::theorem_4_1::{dead_row, first_row};
use crate::data::Dataset;
use crate::data::xor::label;
use crate::network::SimLn;
use crate::scalar::{Radical, Rational, Ring};

/// The memoriser as printed, one neuron per sample. Inputs in {-1,1}^d.
pub fn memoriser(data: &Dataset<Rational>, eps: &Rational, delta: &Rational) -> SimLn<Radical> {
    let height = Radical::from_rational(Rational::from(2).mul(eps));
    let row = |x: &Vec<Rational>| {
        let v: Vec<Rational> = x.iter().map(|x| Rational::from(x / delta)).collect();
        first_row(x, &v, &height) // u (x / delta, 1 - d / delta)
    };
    SimLn {
        first: data.x.iter().map(row).collect(),
        last: data
            .y
            .iter()
            .map(|y| Radical::from_rational(y.clone()))
            .collect(),
        eps: Radical::from_rational(eps.clone()),
    }
}

/// Adds one neuron per vertex of `alive`, of the label's sign, then dead ones up to `width`.
pub fn with_spares(
    mut net: SimLn<Radical>,
    alive: &[Vec<Rational>],
    width: usize,
) -> SimLn<Radical> {
    let height = net.eps.mul(&Radical::from_int(2));
    for u in alive {
        net.first.push(first_row(u, u, &height)); // 2 eps (u, 1 - d)
        net.last.push(Radical::from_rational(label(u)));
    }
    let columns = net.first.first().map_or(0, Vec::len);
    while net.first.len() < width {
        net.first.push(dead_row(columns));
        net.last.push(Radical::zero());
    }
    net
}

/// The generaliser, width 4. `d >= 2`.
pub fn generaliser(d: usize, eps: &Rational) -> SimLn<Radical> {
    let height = Radical::from_rational(Rational::from(2).mul(eps));
    let row = |(s, t): (i64, i64)| {
        let mut row = vec![Radical::zero(); d + 1];
        (row[0], row[1]) = (
            height.mul(&Radical::from_int(s)),
            height.mul(&Radical::from_int(t)),
        );
        row[d] = height.neg();
        row
    };
    SimLn {
        first: QUADRANTS.map(row).to_vec(),
        last: QUADRANTS.map(|(s, t)| Radical::from_int(s * t)).to_vec(),
        eps: Radical::from_rational(eps.clone()),
    }
}
