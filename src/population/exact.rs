//! The exact 0-1 error `Pr(y f(x) <= 0)` over {-1,1}^d with `y = x1 x2`; `f = 0` is an error. (The
//! paper prints `Pr(y f(x) > 0)`, which is the accuracy.)
//!
//! Two roads that agree wherever both are open (test `isolated_vs_enumerated`):
//! * *active coordinates*: only the k coordinates some neuron looks at (and the first two) matter,
//!   so 2^k points stand for the cube;
//! * *isolating neurons*: a neuron that is positive on a single vertex at the most leaves f = 0
//!   elsewhere, so at most m points can be right, whatever d is.

use crate::data::xor::point;
use crate::network::{Network, Refusal};
use crate::scalar::{Ordered, Radical, Rational, Ring};
use rug::Integer;
use std::collections::BTreeSet;

/// The most active coordinates that are enumerated.
pub const MAX_ACTIVE: usize = 16;

/// Why there is no exact error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoError {
    /// The network has no value somewhere.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Neither road is open.
    #[error(
        "the exact population error needs at most {MAX_ACTIVE} active coordinates or neurons that isolate single vertices"
    )]
    TooManyCoordinates,
    /// P_xor has two label coordinates.
    #[error("P_xor needs d >= 2")]
    TooFewCoordinates,
}

/// `Pr(y f(x) <= 0)` over {-1,1}^d, `d` the network's input dimension; `train` are the training
/// inputs (batch norm reads its statistics there).
pub fn zero_one_error(net: &Network<Radical>, train: &[Vec<Radical>]) -> Result<Rational, NoError> {
    if net.architecture().input_dim() < 2 {
        return Err(NoError::TooFewCoordinates);
    }
    let active = active_coordinates(net);
    if active.len() <= MAX_ACTIVE {
        by_active_coordinates(net, train, &active)
    } else {
        by_isolation(net, train)?.ok_or(NoError::TooManyCoordinates)
    }
}

/// The rows of the first layer, and whether each ends with a bias.
fn first_layer<S>(net: &Network<S>) -> (&[Vec<S>], bool) {
    match net {
        Network::NoBias(net) => (&net.first, false),
        Network::Bias(net) => (&net.first, true),
        Network::SimBn(net) => (&net.first, true),
        Network::SimLn(net) => (&net.first, true),
    }
}

/// The coordinates with a non-zero first-layer weight, and the two that make the label.
fn active_coordinates(net: &Network<Radical>) -> Vec<usize> {
    let (rows, _) = first_layer(net);
    let zero = Radical::zero();
    let looked_at = |k: usize| k < 2 || rows.iter().any(|row| row[k] != zero);
    (0..net.architecture().input_dim())
        .filter(|k| looked_at(*k))
        .collect()
}

/// The network on the coordinates `keep`; those left out have weight 0.
fn restricted(net: &Network<Radical>, keep: &[usize]) -> Network<Radical> {
    let mut net = net.clone();
    let (rows, has_bias) = match &mut net {
        Network::NoBias(net) => (&mut net.first, false),
        Network::Bias(net) => (&mut net.first, true),
        Network::SimBn(net) => (&mut net.first, true),
        Network::SimLn(net) => (&mut net.first, true),
    };
    for row in rows {
        let bias = row.last().filter(|_| has_bias);
        *row = keep.iter().map(|k| &row[*k]).chain(bias).cloned().collect();
    }
    net
}

/// The error by enumerating the active coordinates; no other one matters.
fn by_active_coordinates(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
    active: &[usize],
) -> Result<Rational, NoError> {
    let count = 1u64 << active.len();
    let points: Vec<_> = (0..count).map(|bits| point(bits, active.len())).collect();
    let pick = |x: &Vec<Radical>| active.iter().map(|k| x[*k].clone()).collect();
    let train: Vec<Vec<Radical>> = train.iter().map(pick).collect();
    let outputs = restricted(net, active).outputs(&train, &points)?;
    let wrong = points
        .iter()
        .zip(&outputs)
        .filter(|(x, f)| !is_right(x, f))
        .count();
    Ok(Rational::from((wrong, count)))
}

/// Whether `y f(x) > 0`.
fn is_right(x: &[Radical], f: &Radical) -> bool {
    x[0].mul(&x[1]).mul(f) > Radical::zero()
}

/// The error if every neuron is positive on at most one vertex, else `None`.
fn by_isolation(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
) -> Result<Option<Rational>, Refusal> {
    let (rows, has_bias) = first_layer(net);
    let mut vertices = BTreeSet::new();
    for row in rows {
        match reach(row, has_bias)? {
            Reach::Nothing => {}
            Reach::Vertex(signs) => {
                vertices.insert(signs);
            }
            Reach::More => return Ok(None),
        }
    }
    let number = |plus: &bool| Radical::from_int(if *plus { 1 } else { -1 });
    let points: Vec<Vec<Radical>> = vertices
        .iter()
        .map(|signs| signs.iter().map(number).collect())
        .collect();
    let outputs = net.outputs(train, &points)?;
    let right = points
        .iter()
        .zip(&outputs)
        .filter(|(x, f)| is_right(x, f))
        .count();
    // every other vertex has h = 0, so f = 0: an error
    let cube = Integer::from(1) << net.architecture().input_dim() as u32;
    Ok(Some(Rational::from((cube.clone() - right, cube))))
}

/// The vertices of the cube on which a neuron is positive.
enum Reach {
    Nothing,
    Vertex(Vec<bool>),
    More,
}

/// The best vertex of `w.x + b` has value `||w||_1 + b`, the second best `- 2 min |w_k|` less.
fn reach(row: &[Radical], has_bias: bool) -> Result<Reach, Refusal> {
    let (w, bias) = match row.split_last() {
        Some((bias, w)) if has_bias => (w, bias.clone()),
        _ => (row, Radical::zero()),
    };
    let sizes: Vec<Radical> = w.iter().map(Ordered::abs).collect::<Result<_, _>>()?;
    let best = Radical::sum(&sizes).add(&bias);
    if best.sign()?.is_le() {
        return Ok(Reach::Nothing);
    }
    let Some(least) = sizes.iter().min() else {
        return Ok(Reach::More);
    };
    let second = best.sub(&Radical::from_int(2).mul(least));
    if least.sign()?.is_eq() || second.sign()?.is_gt() {
        return Ok(Reach::More);
    }
    let zero = Radical::zero();
    Ok(Reach::Vertex(w.iter().map(|v| *v > zero).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Bias;
    use proptest::prelude::*;

    proptest! {
        /// Random nets of vertex neurons w_k = +-s_k, b = delta - ||w||_1, on a small cube.
        #[test]
        fn isolated_vs_enumerated(
            neurons in prop::collection::vec(
                (prop::collection::vec((any::<bool>(), 1i64..4), 5), -1i64..3, -2i64..3), 1..6),
        ) {
            let row = |(w, height, _): &(Vec<(bool, i64)>, i64, i64)| {
                let mut row: Vec<Radical> = w.iter()
                    .map(|(plus, s)| Radical::from_int(if *plus { *s } else { -s })).collect();
                row.push(Radical::from_int(height - w.iter().map(|(_, s)| s).sum::<i64>()));
                row
            };
            let net = Network::Bias(Bias {
                first: neurons.iter().map(row).collect(),
                hidden: vec![],
                last: neurons.iter().map(|(_, _, a)| Radical::from_int(*a)).collect(),
            });
            let enumerated = by_active_coordinates(&net, &[], &[0, 1, 2, 3, 4]);
            let isolated = by_isolation(&net, &[]);
            prop_assert_eq!(Ok(Some(enumerated.unwrap())), isolated);
        }
    }
}
