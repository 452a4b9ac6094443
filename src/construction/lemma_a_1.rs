//! The network printed as the minimiser in Lemma A.1 (Wen, Li, Ma 2023, Appendix A), and its correction.
//!
//! | | W1_j | b_j | gamma_j | printed W2_j | corrected W2_j |
//! |---|---|---|---|---|---|
//! | the four quadrants (s, t) | `(s, t, 0, ..., 0)` | -1 | 1 | 1/2 | `s t / 2` |
//! | neuron k > 4 | 0 | printed 0, corrected 1 | 1 | 0 | 0 |
//!
//! A quadrant neuron is 1 on its quadrant, so `a = 1/2` there and its normalised output is 2: with the
//! printed weights `f = 1` everywhere, with the corrected ones `f = x1 x2`. A neuron with `W1_k = b_k = 0`
//! has `a_k = 0`. Judged in `theorem/lemma_a_1_printed.rs`.

use super::sim_bn_generaliser::{QUADRANTS, row};
use crate::network::{Network, SimBn};
use crate::scalar::{Radical, Rational, Ring};

/// Which of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// As printed.
    Printed,
    /// With the signs and the spare biases corrected.
    Corrected,
}

/// The network of width `m >= 4` in dimension `d >= 2` (fewer than four neurons are not defined: `m`
/// counts as 4 then).
pub fn network(d: usize, m: usize, text: Text) -> Network<Radical> {
    let zeros = |count: usize| vec![Rational::new(); count];
    let half = |sign: i64| Radical::from_rational(Rational::from((sign, 2)));
    let (weight, spare_bias): (fn(i64) -> i64, i64) = match text {
        Text::Printed => (|_| 1, 0),
        Text::Corrected => (|label| label, 1),
    };
    let mut rows: Vec<Vec<Rational>> = QUADRANTS
        .iter()
        .map(|q| row(*q, &zeros(d.saturating_sub(2)), Rational::from(-1)))
        .collect();
    let mut last: Vec<Radical> = QUADRANTS.iter().map(|(s, t)| half(weight(s * t))).collect();
    for _ in 4..m {
        let mut spare = zeros(d);
        spare.push(Rational::from(spare_bias));
        rows.push(spare);
        last.push(Radical::zero());
    }
    let exact = |row: Vec<Rational>| row.into_iter().map(Radical::from_rational).collect();
    Network::SimBn(SimBn {
        gamma: vec![Radical::one(); rows.len()],
        first: rows.into_iter().map(exact).collect(),
        last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::construction::sim_bn_generaliser::four_neurons;
    use crate::data::xor;

    /// The corrected weights are the coefficients of the generaliser, built on its own.
    #[test]
    fn corrected_vs_generaliser() {
        let scales = [(); 4].map(|()| Rational::from(1));
        let Network::SimBn(net) = network(3, 4, Text::Corrected) else {
            unreachable!()
        };
        let four = four_neurons(3, &scales);
        let coefficients: Vec<Radical> = four.iter().map(|n| n.coefficient.clone()).collect();
        assert_eq!(net.coefficients(), coefficients);
        let data = xor::full_cube(3)
            .unwrap()
            .map(|q| Radical::from_rational(q.clone()));
        let corrected = network(3, 6, Text::Corrected);
        assert_eq!(corrected.outputs(&data.x, &data.x).unwrap(), data.y);
        let printed = network(3, 4, Text::Printed);
        let ones = vec![Radical::one(); 8];
        assert_eq!(printed.outputs(&data.x, &data.x).unwrap(), ones);
    }
}
