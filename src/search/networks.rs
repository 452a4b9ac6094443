//! Random networks of the four architectures: over the rationals, over radicals, and interpolating
//! given labels.
//!
//! Interpolating ones have as many neurons in the last hidden layer as there are inputs; with the
//! features `H_ij` of that layer (normalised as the architecture says) the last layer solves
//! `H W = y` (test `interpolating_networks_interpolate`).

use super::generate::{below, between, choose, one_in};
use crate::linalg::inverse;
use crate::network::sim_ln::norm_squared;
use crate::network::{Bias, Layer, Network, NoBias, Refusal, SimBn, SimLn};
use crate::scalar::{Field, Fired, Radical, Rational, Real, Ring};
use rand::Rng;

/// How often a random first layer is drawn before giving up.
const DRAWS: usize = 200;

/// An architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `2-MLP-No-Bias`.
    NoBias,
    /// `MLP-Bias` of depth D >= 2.
    Bias(usize),
    /// `2-MLP-Sim-BN`.
    SimBn,
    /// `2-MLP-Sim-LN`.
    SimLn,
}

impl Kind {
    /// The four architectures, the biased one at depth 2 and 3.
    pub const ALL: [Self; 5] = [
        Self::NoBias,
        Self::Bias(2),
        Self::Bias(3),
        Self::SimBn,
        Self::SimLn,
    ];

    /// The architecture of a network.
    pub fn of<S>(net: &Network<S>) -> Self {
        match net {
            Network::NoBias(_) => Self::NoBias,
            Network::Bias(net) => Self::Bias(net.depth()),
            Network::SimBn(_) => Self::SimBn,
            Network::SimLn(_) => Self::SimLn,
        }
    }
}

/// `p/q` with `|p| <= 6`, `q <= 3`, other than 0: small, so that exact Hessians stay cheap.
fn weight(rng: &mut impl Rng) -> Rational {
    let p = between(rng, 1, 6);
    let sign = if one_in(rng, 2) { 1 } else { -1 };
    Rational::from((sign * p, between(rng, 1, 3)))
}

fn weights(rng: &mut impl Rng, count: usize) -> Vec<Rational> {
    (0..count).map(|_| weight(rng)).collect()
}

fn rows(rng: &mut impl Rng, count: usize, columns: usize) -> Vec<Vec<Rational>> {
    (0..count).map(|_| weights(rng, columns)).collect()
}

/// `n >= 1` inputs in dimension `d`, about one in three a repetition of an earlier one.
pub fn inputs(rng: &mut impl Rng, n: usize, d: usize) -> Vec<Vec<Rational>> {
    let mut x: Vec<Vec<Rational>> = Vec::new();
    for _ in 0..n {
        let twin = if one_in(rng, 3) {
            choose(rng, &x).cloned()
        } else {
            None
        };
        x.push(twin.unwrap_or_else(|| weights(rng, d)));
    }
    x
}

/// A network of width `m` for inputs of dimension `d`; hidden layers of a deep one are dense or
/// constant off their diagonal, eps is 1/2, 2 or 40.
pub fn network(rng: &mut impl Rng, kind: Kind, d: usize, m: usize) -> Network<Rational> {
    match kind {
        Kind::NoBias => Network::NoBias(NoBias {
            first: rows(rng, m, d),
            last: weights(rng, m),
        }),
        Kind::Bias(depth) => Network::Bias(Bias {
            first: rows(rng, m, d + 1),
            hidden: (2..depth).map(|_| layer(rng, m)).collect(),
            last: weights(rng, m),
        }),
        Kind::SimBn => Network::SimBn(SimBn {
            first: rows(rng, m, d + 1),
            gamma: weights(rng, m),
            last: weights(rng, m),
        }),
        Kind::SimLn => Network::SimLn(SimLn {
            first: rows(rng, m, d + 1),
            last: weights(rng, m),
            eps: [(1, 2), (2, 1), (40, 1)].map(Rational::from)[below(rng, 3)].clone(),
        }),
    }
}

fn layer(rng: &mut impl Rng, m: usize) -> Layer<Rational> {
    if one_in(rng, 2) {
        Layer::Dense(rows(rng, m, m))
    } else {
        Layer::Diagonal {
            diagonal: weights(rng, m),
            off: weight(rng),
        }
    }
}

/// A [`network`] that is admissible on `x`; `None` when many draws find none.
pub fn admissible(
    rng: &mut impl Rng,
    kind: Kind,
    m: usize,
    x: &[Vec<Rational>],
) -> Option<Network<Rational>> {
    let d = x.first().map_or(0, Vec::len);
    (0..DRAWS)
        .map(|_| network(rng, kind, d, m))
        .find(|net| net.admissible(x).is_ok())
}

/// The network over radicals, each parameter of the first and last layer times a random root that
/// keeps the network's normalisers single roots: of a neuron any, with layer norm the square root of
/// an integer. Signs of pre-activations of the first layer stay; admissibility of deep ones may not.
pub fn with_radicals(rng: &mut impl Rng, net: &Network<Rational>) -> Network<Radical> {
    let lift = |q: &Rational| Radical::from_rational(q.clone());
    let mut net = net.map(lift, lift);
    let roots = match net {
        Network::SimLn(_) => [(2, 2), (5, 2), (1, 2)],
        _ => [(2, 2), (7, 4), (1, 2)],
    };
    let mut scale = |row: &mut [Radical]| {
        let (base, k) = roots[below(rng, roots.len())];
        let root = Radical::root_of(&Rational::from(base), k).expect("a root of a positive number");
        row.iter_mut().for_each(|v| *v = v.mul(&root));
    };
    let (first, last) = match &mut net {
        Network::NoBias(net) => (&mut net.first, &mut net.last),
        Network::Bias(net) => (&mut net.first, &mut net.last),
        Network::SimBn(net) => (&mut net.first, &mut net.last),
        Network::SimLn(net) => (&mut net.first, &mut net.last),
    };
    first.iter_mut().for_each(|row| scale(row));
    last.chunks_mut(2).for_each(scale);
    net
}

/// An admissible network with `f(x_i) = y_i`, as wide as there are inputs; inputs are distinct.
/// `None` when many draws find none.
pub fn interpolating(
    rng: &mut impl Rng,
    kind: Kind,
    x: &[Vec<Rational>],
    y: &[Rational],
) -> Option<Network<Radical>> {
    let net = solvable(rng, kind, x)?;
    with_last_solved(&net, x, y, x).ok().flatten()
}

/// An admissible network as wide as there are inputs, with independent features: it can be made to
/// interpolate any labels. Inputs are distinct; `None` when many draws find none.
pub fn solvable(rng: &mut impl Rng, kind: Kind, x: &[Vec<Rational>]) -> Option<Network<Rational>> {
    let zeros = vec![Rational::new(); x.len()];
    (0..DRAWS).find_map(|_| {
        let net = admissible(rng, kind, x.len(), x)?;
        with_last_solved(&net, x, &zeros, x).ok().flatten()?;
        Some(net)
    })
}

/// The network with its last layer replaced so that it interpolates, if it is as wide as there are
/// inputs and its features are independent. `x` are the distinct ones of the training inputs `train`,
/// over which batch norm takes its means: repeats weigh there.
pub fn with_last_solved(
    net: &Network<Rational>,
    x: &[Vec<Rational>],
    y: &[Rational],
    train: &[Vec<Rational>],
) -> Result<Option<Network<Radical>>, Refusal> {
    let activations = net.admissible(x)?;
    let features = &activations[activations.len() - 1];
    if net.last().len() != x.len() {
        return Ok(None);
    }
    let dense: Vec<Vec<Rational>> = features.iter().map(|h| dense(h, x.len())).collect();
    let Some(inverse) = inverse(&dense) else {
        return Ok(None);
    };
    let lift = |q: &Rational| Radical::from_rational(q.clone());
    // W = H^{-1} (y_i s_i), s_i what the architecture divides the features of x_i by
    let mut target: Vec<Radical> = y.iter().map(lift).collect();
    if let Network::SimLn(net) = net {
        for (t, h) in target.iter_mut().zip(features) {
            let scale = if net.norm_against_eps(h)?.is_gt() {
                lift(&norm_squared(h)).sqrt()?
            } else {
                lift(&net.eps)
            };
            *t = t.mul(&scale);
        }
    }
    let rows = inverse
        .iter()
        .map(|row| row.iter().map(lift).collect::<Vec<_>>());
    let solution: Vec<Radical> = rows.map(|row| Radical::dot(&row, &target)).collect();
    let mut solved = net.map(lift, lift);
    match &mut solved {
        Network::NoBias(net) => net.last = solution,
        Network::Bias(net) => net.last = solution,
        Network::SimLn(net) => net.last = solution,
        Network::SimBn(bn) => {
            let Network::SimBn(rational) = net else {
                return Ok(None);
            };
            let squares = rational.mean_squares(&net.admissible(train)?[0])?;
            for (j, (w, a2)) in solution.iter().zip(&squares).enumerate() {
                bn.last[j] = w.mul(&lift(a2).sqrt()?).div(&bn.gamma[j])?; // gamma W2 / a = w
            }
        }
    }
    Ok(Some(solved))
}

fn dense(h: &Fired<Rational>, width: usize) -> Vec<Rational> {
    let mut row = vec![Rational::new(); width];
    for (j, z) in &h.active {
        row[*j] = z.clone();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn interpolating_networks_interpolate(seed in any::<u64>(), kind in 0usize..5, n in 1usize..4) {
            let rng = &mut rng(seed, "networks");
            let x: Vec<Vec<Rational>> = (0..n).map(|i| vec![Rational::from(2 * i + 1), weight(rng)]).collect();
            let y = weights(rng, n);
            if let Some(net) = interpolating(rng, Kind::ALL[kind], &x, &y) {
                let lift = |q: &Rational| Radical::from_rational(q.clone());
                let x: Vec<Vec<Radical>> = x.iter().map(|x| x.iter().map(lift).collect()).collect();
                prop_assert!(net.admissible(&x).is_ok());
                let y: Vec<Radical> = y.iter().map(lift).collect();
                prop_assert_eq!(net.outputs(&x, &x), Ok(y));
            }
        }
    }

    #[test]
    fn every_kind_is_found() {
        let rng = &mut rng(0, "kinds");
        let x = vec![vec![Rational::from(1)], vec![Rational::from(-2)]];
        let y = [Rational::from(1), Rational::from(-1)];
        for kind in Kind::ALL.into_iter().chain([Kind::Bias(4)]) {
            assert!(interpolating(rng, kind, &x, &y).is_some(), "{kind:?}");
            let net = admissible(rng, kind, 3, &x).unwrap();
            let radical = with_radicals(rng, &net);
            assert_eq!(radical.architecture().width(), 3);
        }
        let repeats = inputs(rng, 30, 2);
        assert!((0..30).any(|i| (0..i).any(|j| repeats[i] == repeats[j])));
    }
}
