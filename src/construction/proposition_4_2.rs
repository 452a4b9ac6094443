//! Flattest networks with bias without population error on P_xor (Wen, Li, Ma 2023, Proposition 4.2).
//!
//! ```text
//! four neurons   r (s, t, 0, ..., 0), bias -r, W2 = s t / r
//! ```
//!
//! Neuron (s, t) is r on its quadrant and negative elsewhere, so `f = x1 x2` for every r, and each sample
//! costs `|grad f|^2 = (d+1)/r^2 + r^2`, least at `r = (d+1)^(1/4)`. Printed is `(d^2+1)^(1/4)`, and zeros for
//! the other neurons: a kink.
//!
//! Three neurons do where a quadrant `(s, t)` holds no sample, at the same r:
//!
//! ```text
//! r (s, t, 0, ..., 0), bias  r, W2 = -s t / r      r on both neighbours of (s, t), 3 r on (s, t)
//! r (-s, -t, 0, ..., 0), bias -r, W2 = s t / r     r on the opposite quadrant
//! r (s, t, 0, ..., 0), bias -r, W2 = 4 s t / r     r on (s, t)
//! ```
//!
//! Again `f = x1 x2`. Tests: `three_and_four_neurons_are_x1_x2`, `formula_vs_definition`.

use super::sim_bn_generaliser::QUADRANTS;
use crate::data::Dataset;
use crate::network::Bias;
use crate::scalar::{Field, NoValue, Radical, Rational, Ring};

/// The printed network, `d >= 2`, of width n, its neurons after the fourth all zero.
///
/// # Errors
/// [`NoValue::Undefined`] for `n < 4`.
pub fn printed(d: usize, n: usize) -> Result<Bias<Radical>, NoValue> {
    let r = Radical::root_of(&Rational::from(d * d + 1), 4)?;
    four_neurons(d, &r, n, 0)
}

/// The network with `r = (d+1)^(1/4)` and the neurons after the fourth dead: no weight, bias -1.
///
/// # Errors
/// [`NoValue::Undefined`] for `n < 4`.
pub fn repaired(d: usize, n: usize) -> Result<Bias<Radical>, NoValue> {
    four_neurons(d, &balanced(d)?, n, -1)
}

/// `(d+1)^(1/4)`, the square root of R.
fn balanced(d: usize) -> Result<Radical, NoValue> {
    Radical::root_of(&Rational::from(d + 1), 4)
}

fn four_neurons(d: usize, r: &Radical, n: usize, spare: i64) -> Result<Bias<Radical>, NoValue> {
    if n < QUADRANTS.len() {
        return Err(NoValue::Undefined("four neurons in a smaller width"));
    }
    let neurons = QUADRANTS.map(|q| (q, -1, q.0 * q.1));
    let mut net = network(d, r, &neurons)?;
    let mut dead = vec![Radical::zero(); d];
    dead.push(Radical::from_int(spare));
    net.first.resize(n, dead);
    net.last.resize(n, Radical::zero());
    Ok(net)
}

/// Three neurons for samples that leave the quadrant `unsampled` out, `r = (d+1)^(1/4)`, `d >= 2`.
///
/// # Errors
/// None that `d >= 2` can reach.
pub fn three_neurons(d: usize, unsampled: (i64, i64)) -> Result<Bias<Radical>, NoValue> {
    let (s, t) = unsampled;
    let neurons = [
        ((s, t), 1, -s * t),
        ((-s, -t), -1, s * t),
        ((s, t), -1, 4 * s * t),
    ];
    network(d, &balanced(d)?, &neurons)
}

/// Neurons `r (s, t, 0, ..., 0)`, bias `r b`, `W2 = a / r`, given as `((s, t), b, a)`.
fn network(
    d: usize,
    r: &Radical,
    neurons: &[((i64, i64), i64, i64)],
) -> Result<Bias<Radical>, NoValue> {
    let inverse = r.inv()?;
    let row = |((s, t), b, _): &((i64, i64), i64, i64)| {
        let mut row = vec![Radical::zero(); d + 1];
        for (k, entry) in [(0, s), (1, t), (d, b)] {
            row[k] = r.mul(&Radical::from_int(*entry));
        }
        row
    };
    let weight = |(_, _, a): &((i64, i64), i64, i64)| inverse.mul(&Radical::from_int(*a));
    Ok(Bias {
        first: neurons.iter().map(row).collect(),
        hidden: vec![],
        last: neurons.iter().map(weight).collect(),
    })
}

/// The first quadrant that holds no sample of `data` (inputs in {-1,1}^d, `d >= 2`).
pub fn unsampled_quadrant(data: &Dataset<Rational>) -> Option<(i64, i64)> {
    let holds = |(s, t): (i64, i64)| move |x: &Vec<Rational>| x[0] == s && x[1] == t;
    QUADRANTS
        .into_iter()
        .find(|q| !data.x.iter().any(holds(*q)))
}

/// A network of width n, flattest on these samples and equal to `x1 x2` everywhere, if this file has one: for
/// `n >= 4` always, for n = 3 when a quadrant is unsampled.
///
/// # Errors
/// None that `d >= 2` can reach.
pub fn flattest(data: &Dataset<Rational>, n: usize) -> Result<Option<Bias<Radical>>, NoValue> {
    let d = data.dim();
    match (n, unsampled_quadrant(data)) {
        (4.., _) => repaired(d, n).map(Some),
        (3, Some(quadrant)) => three_neurons(d, quadrant).map(Some),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::network::Network;
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::definition::mse_trace;

    fn cube(d: usize) -> Dataset<Radical> {
        xor::full_cube(d)
            .unwrap()
            .map(|q| Radical::from_rational(q.clone()))
    }

    #[test]
    fn three_and_four_neurons_are_x1_x2() {
        let data = cube(4);
        let three = QUADRANTS.map(|q| three_neurons(4, q).unwrap());
        let four =
            [printed(4, 4), printed(4, 6), repaired(4, 4), repaired(4, 5)].map(Result::unwrap);
        for net in three.into_iter().chain(four) {
            let outputs = Network::Bias(net).outputs(&data.x, &data.x).unwrap();
            assert_eq!(outputs, data.y);
        }
        assert!(printed(4, 3).is_err() && repaired(4, 3).is_err());
    }

    /// By second-order jets: flattest at `(d+1)^(1/4)`, and with three neurons just where a sample lies in none
    /// of the unsampled quadrant.
    #[test]
    fn formula_vs_definition() {
        for d in [2, 3] {
            let mut data = cube(d);
            let least = Bounded::Bias { depth: 2 };
            let trace =
                |net, data: &Dataset<Radical>| mse_trace(&Network::Bias(net), data).unwrap();
            assert_eq!(
                trace(repaired(d, 5).unwrap(), &data),
                least.least_trace(&data).unwrap()
            );
            assert!(trace(printed(d, 4).unwrap(), &data) > least.least_trace(&data).unwrap());
            let three = || three_neurons(d, (1, -1)).unwrap();
            assert!(trace(three(), &data) > least.least_trace(&data).unwrap());
            let kept = |(x, _): &(Vec<Radical>, Radical)| x[0] <= x[1];
            let (x, y) = data.x.into_iter().zip(data.y).filter(kept).unzip();
            data = Dataset { x, y };
            assert_eq!(trace(three(), &data), least.least_trace(&data).unwrap());
        }
    }
}
