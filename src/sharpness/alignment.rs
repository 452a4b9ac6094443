//! How well a batch-norm neuron is aligned with the labels (Wen, Li, Ma 2023, Section 5; ours).
//!
//! `alpha_j = (2/n) |sum_i y_i zhat_ij|`, `zhat_ij = relu(W1_j x_i + b_j) / a_j`. On a complete
//! training set `alpha_j <= 1` (Lemma A.27, then Cauchy-Schwarz over the suffixes), and an
//! interpolating theta has `sum_j |c_j| alpha_j >= 2` with `c_j = gamma_j W2_j`.
//! Test `alignments_vs_outputs`.

use crate::data::Dataset;
use crate::network::{Architecture, Refusal, SimBn};
use crate::scalar::Real;

/// `alpha_j` of every neuron; refuses a neuron with `a_j = 0`.
pub fn alignments<S: Real>(net: &SimBn<S>, data: &Dataset<S>) -> Result<Vec<S>, Refusal> {
    let fired = &net.activations(&data.x)?[0];
    let squares = net.mean_squares(fired)?;
    let mut sums = vec![S::zero(); net.first.len()];
    for (h, y) in fired.iter().zip(&data.y) {
        for (j, z) in &h.active {
            sums[*j] = sums[*j].add(&y.mul(z));
        }
    }
    let n = S::from_int(data.len() as i64);
    let alpha = |(sum, square): (&S, &S)| {
        let size = S::from_int(2).mul(&sum.abs()?);
        Ok(size.div(&n.mul(&square.sqrt()?))?) // (2/n) |sum_i y_i z_ij| / a_j
    };
    sums.iter().zip(&squares).map(alpha).collect()
}

/// `sum_j |c_j| (1 - alpha_j)`, at most `kappa / 4` where `Tr <= 8 + kappa` (`bn-near-minimum`).
pub fn misaligned_mass<S: Real>(net: &SimBn<S>, data: &Dataset<S>) -> Result<S, Refusal> {
    let alphas = alignments(net, data)?;
    let mut total = S::zero();
    for (c, alpha) in net.coefficients().iter().zip(&alphas) {
        total = total.add(&c.abs()?.mul(&S::one().sub(alpha)));
    }
    Ok(total)
}

/// The least `sum_j |gamma_j W2_j|` over the batch-norm networks of this width that interpolate a
/// complete training set; `None` where none does. It is attained (`lemma-a.1-repaired`).
///
/// On the four points `a, b, c, d` of a suffix (labels +, -, -, +) a neuron has `a + d = b + c`, so
/// one that is positive at both points of a label has at least as large a sum of outputs on the
/// other label. With P neurons of positive and N of negative coefficient (c_j = 0 left out):
/// * P = 0 or N = 0 cannot fit both labels; P = N = 1 gives `sum y f <= 0`, but it is 4;
/// * P = 1 (or N = 1): `c_1 zhat_1 >= 1` at both + points, so on average at the - points too, hence
///   `|c_1| >= 1`; and `c_1 sum_i y_i zhat_i1 <= 0`, so the others still have
///   `sum |c_j| alpha_j >= 2`: 3 in all, attained by a constant neuron and two of `QUADRANTS`;
/// * else `alpha_j <= 1` gives 2, attained by four neurons.
pub fn least_coefficient_sum(width: usize) -> Option<i64> {
    match width {
        0..=2 => None,
        3 => Some(3),
        _ => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Field, Radical, Real, Ring};

    /// One neuron with c = 1 has f = zhat on the training set: alpha from outputs.
    #[test]
    fn alignments_vs_outputs() {
        let int = Radical::from_int;
        let row = |r: [i64; 4]| r.map(int).to_vec();
        let points: Vec<Vec<Radical>> = (0..8).map(|p| crate::data::xor::point(p, 3)).collect();
        let y = points.iter().map(|x| x[0].mul(&x[1])).collect();
        let data = Dataset { x: points, y };
        for r in [[1, 1, 0, -1], [1, -2, 3, 1], [2, 1, -1, 0], [0, 0, 0, 1]] {
            let net = SimBn {
                first: vec![row(r)],
                gamma: vec![int(1)],
                last: vec![int(1)],
            };
            let outputs = net.outputs(&data.x, &data.x).unwrap();
            let sum = Radical::dot(&outputs, &data.y).div(&int(4)).unwrap();
            let alphas = alignments(&net, &data).unwrap();
            assert_eq!(alphas, vec![Real::sqrt(&sum.square()).unwrap()]);
        }
    }
}
