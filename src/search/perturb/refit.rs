//! One row moved so that a two-layer network interpolates again, its active set as before.
//!
//! With `mu_j = W2_j`, for batch norm `mu_j = gamma_j W2_j / a_j`, and the residuals `r_i = y_i - f(x_i)`: a
//! move Delta of row j with `mu_j Delta.x'_i = r_i` at its active inputs mends them all, if `r_i = 0` at
//! the others. Batch norm keeps `mu_j` by `gamma_j W2_j = mu_j a_j` at the new `a_j`, balanced.
//! Tests `refitted_networks_interpolate`, `half_a_pair_is_absorbed_where_it_is`.

use super::neurons::{neurons, with_neurons};
use super::{fire, real, seen_by_rows};
use crate::data::Dataset;
use crate::linalg::solve;
use crate::network::{Network, Refusal};
use crate::scalar::{Field, Ordered, Radical, Rational, Real, Ring};

/// The network with row `j` moved; `None` where that is not possible or would not do: the inputs are
/// not rational or too dependent, other neurons are needed, an active set would change.
pub fn refitted(
    net: &Network<Radical>,
    data: &Dataset<Radical>,
    j: usize,
) -> Option<Network<Radical>> {
    match net {
        Network::SimLn(_) => return None,
        Network::Bias(net) if !net.hidden.is_empty() => return None,
        _ => {}
    }
    let outputs = net.outputs(&data.x, &data.x).ok()?;
    let mut all = neurons(net);
    let seen = seen_by_rows(net, &data.x);
    let z = fire(&all.get(j)?.row, &seen);
    let scale = mean_root(net, &z).ok()?;
    let mu = coefficient(&all[j].gamma, &all[j].out[0])
        .div(&scale)
        .ok()?;
    let (mut matrix, mut moves) = (Vec::new(), Vec::new());
    for (i, x) in seen.iter().enumerate() {
        let residual = data.y[i].sub(&outputs[i]);
        if z[i].signum().is_gt() {
            let row: Option<Vec<Rational>> = x.iter().map(Radical::as_rational).collect();
            matrix.push(row?);
            moves.push(residual.div(&mu).ok()?.as_rational()?);
        } else if residual.signum().is_ne() {
            return None;
        }
    }
    let delta = solve(&matrix, &moves).ok()?;
    for (w, delta) in all[j].row.iter_mut().zip(delta) {
        *w = w.add(&real(delta));
    }
    let moved = fire(&all[j].row, &seen);
    if moved
        .iter()
        .zip(&z)
        .any(|(new, old)| new.signum() != old.signum())
    {
        return None;
    }
    if all[j].gamma.is_some() {
        let c = mu.mul(&mean_root(net, &moved).ok()?);
        let root = c.abs().ok()?.sqrt().ok()?;
        all[j].out[0] = if c.signum().is_lt() {
            root.neg()
        } else {
            root.clone()
        };
        all[j].gamma = Some(root);
    }
    Some(with_neurons(net, all))
}

/// `gamma W2`, or `W2`.
fn coefficient(gamma: &Option<Radical>, out: &Radical) -> Radical {
    match gamma {
        Some(gamma) => gamma.mul(out),
        None => out.clone(),
    }
}

/// `a = sqrt((1/n) sum relu(z_i)^2)` for batch norm, 1 else.
fn mean_root(net: &Network<Radical>, z: &[Radical]) -> Result<Radical, Refusal> {
    if !matches!(net, Network::SimBn(_)) {
        return Ok(Radical::one());
    }
    let active: Vec<Radical> = z
        .iter()
        .filter(|z| z.signum().is_gt())
        .map(Radical::square)
        .collect();
    Ok(Radical::sum(&active).div(&real(z.len() as u64))?.sqrt()?)
}
