//! Which widths can interpolate the four points of a suffix at all: decided by exact linear programs.
//!
//! On the points of one suffix a batch-norm neuron is `+-relu(v.x')` with free `v` in R^3 (the suffix
//! acts through the bias, and `|c_j| / a_j` is absorbed in v). For fixed signs and fixed sets of active points
//! "f = y" is a linear program in the v's; a width interpolates iff one of these is feasible. Test
//! `three_neurons_are_needed`.

use crate::linalg::lp::nonnegative_solution;
use crate::scalar::{Rational, Ring};

/// The points (x1, x2) and their labels.
const POINTS: [[i64; 2]; 4] = [[1, 1], [1, -1], [-1, 1], [-1, -1]];

/// A sign and the points where the neuron is active, bit i for point i.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    positive: bool,
    active: u8,
}

/// The number of patterns tried, and whether one of them interpolates. All `32^width` patterns, up to
/// order, whose signs can produce the labels.
pub(super) fn interpolates(width: usize) -> (usize, bool) {
    let all: Vec<Pattern> = (0..32)
        .map(|code| Pattern {
            positive: code & 1 == 1,
            active: code >> 1,
        })
        .collect();
    let mut tried = 0;
    let mut chosen = Vec::new();
    let found = search(&all, width, &mut chosen, &mut tried);
    (tried, found)
}

fn search(rest: &[Pattern], width: usize, chosen: &mut Vec<Pattern>, tried: &mut usize) -> bool {
    if chosen.len() == width {
        *tried += 1;
        return signs_fit(chosen) && is_feasible(chosen);
    }
    (0..rest.len()).any(|k| {
        chosen.push(rest[k]);
        let found = search(&rest[k..], width, chosen, tried);
        chosen.pop();
        found
    })
}

fn label(point: usize) -> i64 {
    POINTS[point][0] * POINTS[point][1]
}

/// Whether every point has an active neuron of its label's sign: f has the label's sign only then.
fn signs_fit(chosen: &[Pattern]) -> bool {
    (0..4).all(|i| {
        let fits = |p: &Pattern| p.active >> i & 1 == 1 && p.positive == (label(i) > 0);
        chosen.iter().any(fits)
    })
}

/// Some v's with `sum_j +- v_j.x'_i = y_i` over the active j, `v_j.x'_i >= 0` where active and `<= 0`
/// elsewhere. Columns: v as a difference of two non-negative vectors, then one slack per inequality.
fn is_feasible(chosen: &[Pattern]) -> bool {
    let m = chosen.len();
    let columns = 6 * m + 4 * m;
    let lifted = |i: usize| [POINTS[i][0], POINTS[i][1], 1];
    let place = |row: &mut Vec<Rational>, j: usize, i: usize, sign: i64| {
        for (k, x) in lifted(i).into_iter().enumerate() {
            row[6 * j + k] = Rational::from(sign * x);
            row[6 * j + 3 + k] = Rational::from(-sign * x);
        }
    };
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for i in 0..4 {
        let mut fit = vec![Rational::zero(); columns];
        for (j, pattern) in chosen.iter().enumerate() {
            let active = pattern.active >> i & 1 == 1;
            if active {
                place(&mut fit, j, i, if pattern.positive { 1 } else { -1 });
            }
            let mut side = vec![Rational::zero(); columns];
            place(&mut side, j, i, if active { 1 } else { -1 });
            side[6 * m + 4 * j + i] = Rational::from(-1); // +- v_j.x'_i = slack >= 0
            a.push(side);
            b.push(Rational::zero());
        }
        a.push(fit);
        b.push(Rational::from(label(i)));
    }
    nonnegative_solution(&a, &b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_neurons_are_needed() {
        assert_eq!(interpolates(1), (32, false));
        assert_eq!(interpolates(2), (32 * 33 / 2, false));
        assert!(interpolates(3).1);
    }
}
