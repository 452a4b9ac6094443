//! Networks with bias that are too narrow for P_xor (Wen, Li, Ma 2023, Proposition 4.2 at n = 1, 2).
//!
//! At the four quadrants `q = (s, t)` of the first two coordinates, the others held fixed, the
//! pre-activations `u_q` of a neuron obey `sum_q y_q u_q = 0`, `y_q = s t`, and nothing else. With
//! `|W2_j|` moved into the neuron (a neuron with `W2_j = 0` is as good as a dead one),
//! `f(q) = sum_j s_j relu(u_jq)`, `s_j = +-1`. Fix the signs and the active sets, `u_jq >= 0` on `A_j`
//! and `<= 0` off it. Then `y_q f(q) > 0` for all q is impossible if some weights
//! `lambda_q >= 0`, not all 0, have `sum_q lambda_q y_q s_j relu(u_jq) <= 0` for every j, and that
//! follows from a multiplier `rho_j` of `sum_q y_q u_jq = 0` with
//!
//! ```text
//! y_q (rho_j - lambda_q s_j) >= 0  on A_j,      -y_q rho_j >= 0  off A_j
//! ```
//!
//! (the multipliers of the four inequalities). [`out_of_reach`] goes through all signs and sets and finds
//! 0-1 weights and multipliers -1, 0, 1 each time, or says no. Integers only. Tests:
//! `multipliers_vs_linear_programs`, `three_neurons_are_enough`.

/// `y_q` of (1,1), (1,-1), (-1,1), (-1,-1).
const LABELS: [i8; 4] = [1, -1, -1, 1];
/// The largest width that is tried.
const MAX_WIDTH: usize = 4;

/// A neuron's output sign and the set of quadrants where it may be active, as bits.
type Pattern = (i8, u8);

/// Whether it is proved that no `2-MLP-Bias` network of this width has `y f > 0` on all of {-1,1}^d,
/// for any `d >= 2`. True for widths 0, 1, 2.
pub fn out_of_reach(width: usize) -> bool {
    width <= MAX_WIDTH && every_choice_is_refuted(width, &mut Vec::new())
}

/// Refutes every way to complete `chosen` to `width` neurons.
fn every_choice_is_refuted(width: usize, chosen: &mut Vec<Pattern>) -> bool {
    if chosen.len() == width {
        return (1..16).any(|weights| chosen.iter().all(|p| is_non_positive(*p, weights)));
    }
    patterns().all(|pattern| {
        chosen.push(pattern);
        let refuted = every_choice_is_refuted(width, chosen);
        chosen.pop();
        refuted
    })
}

/// All signs and active sets, also those that no affine function has.
fn patterns() -> impl Iterator<Item = Pattern> {
    [1, -1]
        .into_iter()
        .flat_map(|sign| (0..16).map(move |active| (sign, active)))
}

/// Whether a multiplier shows `sum_q lambda_q y_q s relu(u_q) <= 0` for a neuron of this pattern.
fn is_non_positive((sign, active): Pattern, weights: u8) -> bool {
    let bit = |set: u8, q: usize| (set >> q & 1) as i8;
    let fits = |rho: i8| {
        (0..4).all(|q| match bit(active, q) {
            1 => LABELS[q] * (rho - bit(weights, q) * sign) >= 0,
            _ => -LABELS[q] * rho >= 0,
        })
    };
    [-1, 0, 1].into_iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::lp::nonnegative_solution;
    use crate::scalar::Rational;

    /// Whether neurons of these patterns reach `y_q f(q) >= 1` at all four q, by a linear program in
    /// `alpha + beta s + gamma t` per neuron (each coefficient a difference) with slacks.
    fn reaches(chosen: &[Pattern]) -> bool {
        let corners: [[i64; 3]; 4] = [[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]];
        let (neurons, slacks) = (6 * chosen.len(), 4 + 4 * chosen.len());
        let (mut rows, mut sides) = (Vec::new(), Vec::new());
        let row = |entries: &[(usize, i64)], q: usize, slack: usize| {
            let mut row = vec![Rational::new(); neurons + slacks];
            for (j, factor) in entries {
                for (k, x) in corners[q].iter().enumerate() {
                    row[6 * j + k] += factor * x;
                    row[6 * j + 3 + k] -= factor * x;
                }
            }
            row[neurons + slack] = Rational::from(-1);
            row
        };
        for (q, label) in LABELS.into_iter().enumerate() {
            let active = chosen.iter().enumerate().filter(|(_, p)| p.1 >> q & 1 == 1);
            let sum: Vec<(usize, i64)> = active.map(|(j, p)| (j, i64::from(label * p.0))).collect();
            rows.push(row(&sum, q, q));
            sides.push(Rational::from(1));
            for (j, p) in chosen.iter().enumerate() {
                let side = if p.1 >> q & 1 == 1 { 1 } else { -1 };
                rows.push(row(&[(j, side)], q, 4 + 4 * j + q));
                sides.push(Rational::new());
            }
        }
        nonnegative_solution(&rows, &sides).is_ok()
    }

    #[test]
    fn multipliers_vs_linear_programs() {
        for p in patterns() {
            assert!(!reaches(&[p]));
        }
        // A sample of the pairs, every sign and set among them.
        for (k, p) in patterns().enumerate() {
            for (l, q) in patterns().enumerate() {
                if (k + 3 * l) % 7 == 0 {
                    assert!(!reaches(&[p, q]), "{p:?} {q:?}");
                }
            }
        }
        assert!(out_of_reach(0) && out_of_reach(1) && out_of_reach(2));
    }

    /// -relu(s+t+1) + 2 relu(-s-t) + 4 relu(s+t-1/2) has the right signs, so width 3 must not be refuted.
    #[test]
    fn three_neurons_are_enough() {
        assert!(!out_of_reach(3));
        assert!(!out_of_reach(4));
        // positive on (1,1), (1,-1), (-1,1); on (-1,-1); on (1,1)
        assert!(reaches(&[(-1, 0b0111), (1, 0b1000), (1, 0b0001)]));
    }

    /// With a fourth label of the wrong sign one neuron does it: the argument uses the labels.
    #[test]
    fn single_neurons_are_refuted_by_one_point_or_by_all() {
        assert!(is_non_positive((1, 0b1111), 0b1111));
        assert!(is_non_positive((1, 0b0001), 0b0010));
        assert!(!is_non_positive((1, 0b0001), 0b0001));
        assert!(!is_non_positive((1, 0b0111), 0b1111));
    }
}
