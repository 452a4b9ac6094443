//! A network with one ReLU per labelled point of the cube {-1,1}^d, as flat as any can be. What the
//! crate claims, `tests/exact.rs` checks in exact arithmetic.

use flatproof::scalar::{Field, Real, Ring};
use flatproof::{Dataset, Network, Radical, Refusal};

/// The network `f(x) = sum_i (y_i / u_i) relu(u_i (x_i . x - t))` with `u_i^4 = y_i^2 (d + 1)`.
///
/// On the cube `x_i . x` is `d` at `x = x_i` and at most `d - 2` elsewhere. So for `d - 2 < t < d` each neuron
/// fires on its own point only. At `t = d - 1` it interpolates distinct points with labels that are not
/// 0, and no interpolating network, of whatever width, is flatter.
pub fn memorise(data: &Dataset, t: i64) -> Result<Network, Refusal> {
    let t = Radical::from(t);
    let mut first = Vec::new();
    let mut last = Vec::new();
    for ((x, y), r2) in data.x.iter().zip(&data.y).zip(data.radius_squared()) {
        let u = y.square().mul(&r2).root(4)?; // u^2 = |y| R balances the two layers
        let row = x.iter().map(|v| v.mul(&u)).chain([t.mul(&u).neg()]);
        first.push(row.collect::<Vec<Radical>>());
        last.push(y.div(&u)?);
    }
    Ok(Network::bias(first, last)?)
}
