//! Networks with bias from fractional covers by exposed faces (ours: the face theorem).
//!
//! On inputs of one norm, `R^2 = ||x_i||^2 + 1`, a neuron on an exposed face has a row `zeta` that is 1 on the
//! face and negative at the other points, a sign s and a mass `m > 0`:
//!
//! ```text
//! W1' = sqrt(m R) zeta,  W2 = s sqrt(m / R)      so  W2 z = s m  and  |W2| R = z  on the face
//! ```
//!
//! and `f(x) = sum_j s_j m_j relu(zeta_j(x))` everywhere: linear in the masses. Tests:
//! `cover_vs_definition`, `rows_expose_their_faces`.

use crate::network::Bias;
use crate::scalar::{NoValue, Radical, Rational, Ring};

/// A neuron on an exposed face.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceNeuron {
    /// `zeta`, d + 1 entries, the bias last.
    pub row: Vec<Rational>,
    /// s, 1 or -1.
    pub sign: i64,
    /// `m >= 0`; its sign is not looked at.
    pub mass: Rational,
}

/// The row that is 1 where `w.x` is largest among the points and at most -1 at the others, and where that is,
/// ascending. `w` has d entries; there is a point.
pub fn row_of_direction(points: &[Vec<Rational>], w: &[Rational]) -> (Vec<Rational>, Vec<usize>) {
    let values: Vec<Rational> = points.iter().map(|x| Ring::dot(w, x)).collect();
    let top = values.iter().max().cloned().unwrap_or_default();
    let face = (0..points.len()).filter(|i| values[*i] == top).collect();
    let gaps = values.iter().map(|v| Rational::from(&top - v));
    let least = gaps
        .filter(|gap| !gap.is_zero())
        .min()
        .unwrap_or_else(Rational::one);
    let steepness = Rational::from(2) / least;
    let mut row: Vec<Rational> = w.iter().map(|w| w.mul(&steepness)).collect();
    row.push(Rational::from(1) - top.mul(&steepness)); // 1 - 2 (max - w.x)/gap
    (row, face)
}

/// The network of these neurons on inputs with `||x'||^2 = R^2 = radius_squared > 0`.
///
/// # Errors
/// None for positive `radius_squared`.
pub fn network(
    neurons: &[FaceNeuron],
    radius_squared: &Rational,
) -> Result<Bias<Radical>, NoValue> {
    let mut net = Bias {
        first: Vec::new(),
        hidden: vec![],
        last: Vec::new(),
    };
    for FaceNeuron { row, sign, mass } in neurons {
        let square = mass.square();
        let height = Radical::root_of(&square.mul(radius_squared), 4)?; // sqrt(m R)
        let weight = Radical::root_of(&(square / radius_squared), 4)?; // sqrt(m / R)
        let entry = |q: &Rational| height.mul(&Radical::from_rational(q.clone()));
        net.first.push(row.iter().map(entry).collect());
        net.last.push(weight.mul(&Radical::from_int(*sign)));
    }
    Ok(net)
}

/// `f(x) = sum_j s_j m_j relu(zeta_j(x))`.
pub fn prediction(neurons: &[FaceNeuron], x: &[Rational]) -> Rational {
    let lifted = crate::data::with_bias(x);
    let term = |neuron: &FaceNeuron| {
        let value: Rational = Ring::dot(&neuron.row, &lifted);
        let positive = value.cmp0().is_gt();
        if positive {
            value.mul(&neuron.mass) * neuron.sign
        } else {
            Rational::new()
        }
    };
    neurons.iter().map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, xor};
    use crate::network::Network;
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::definition::mse_trace;

    fn vector(entries: &[i64]) -> Vec<Rational> {
        entries.iter().map(|q| Rational::from(*q)).collect()
    }

    #[test]
    fn rows_expose_their_faces() {
        let points = xor::full_cube(3).unwrap().x;
        for (w, size) in [
            (&[1, 1, 0], 2),
            (&[2, 1, -1], 1),
            (&[0, 0, 1], 4),
            (&[0, 0, 0], 8),
        ] {
            let (row, face) = row_of_direction(&points, &vector(w));
            assert_eq!(face.len(), size);
            for (i, x) in points.iter().enumerate() {
                let value: Rational = Ring::dot(&row, &crate::data::with_bias(x));
                assert!(if face.contains(&i) {
                    value == 1
                } else {
                    value <= -1
                });
            }
        }
    }

    /// Half a quadrant, half its two vertices: flattest by second-order jets, until a mass moves.
    #[test]
    fn cover_vs_definition() {
        let points = vec![vector(&[1, 1, 1]), vector(&[1, 1, -1]), vector(&[1, -1, 1])];
        let labels = vector(&[1, 1, -1]);
        let neuron = |w: &[i64], sign: i64, mass: (i64, i64)| FaceNeuron {
            row: row_of_direction(&points, &vector(w)).0,
            sign,
            mass: Rational::from(mass),
        };
        let mut neurons = vec![
            neuron(&[1, 1, 0], 1, (1, 3)),
            neuron(&[1, 1, 1], 1, (2, 3)),
            neuron(&[1, 1, -1], 1, (2, 3)),
            neuron(&[1, -1, 1], -1, (1, 1)),
        ];
        let exact = |q: &Rational| Radical::from_rational(q.clone());
        let data = Dataset {
            x: points.clone(),
            y: labels,
        }
        .map(exact);
        let least = Bounded::Bias { depth: 2 }.least_trace(&data).unwrap();
        let net = Network::Bias(network(&neurons, &Rational::from(4)).unwrap());
        assert_eq!(net.outputs(&data.x, &data.x).unwrap(), data.y);
        assert_eq!(mse_trace(&net, &data).unwrap(), least);
        let unseen = vector(&[-1, 2, 5]);
        let f = net
            .outputs(&data.x, &[unseen.iter().map(exact).collect()])
            .unwrap();
        assert_eq!(f[0].as_rational(), Some(prediction(&neurons, &unseen)));
        neurons[0].mass = Rational::from((1, 2));
        let net = Network::Bias(network(&neurons, &Rational::from(4)).unwrap());
        assert_ne!(net.outputs(&data.x, &data.x).unwrap(), data.y);
    }
}
