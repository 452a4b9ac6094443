//! [`Point`]s of `2-MLP-Sim-BN`. With `S_j = sum_k z_kj^2`, `G_j = sum_k z_kj x'_k`,
//! `T_j = sum_{k active} R_k^2`, so that `a_j^2 = S_j / n`, and `c_j = gamma_j W2_j`:
//!
//! ```text
//! f            = sum_j c_j z sqrt(n / S)
//! ||grad f||^2 = sum_j n ((gamma^2 + W2^2) z^2 S^2 + c^2 (R^2 S^2 - 2 z (G.x') S + z^2 ||G||^2)) / S^3
//! Tr Hess f    = sum_j c sqrt(n / S) ((-2 G.x' - z T) S + 3 z ||G||^2) / S^2
//! ```
//!
//! over the neurons active at `x_i`: the gradient of `z / a` in `W1_j` is `x' / a - z g / a^3` and its
//! divergence `-2 x'.g / a^3 - z Tr M / a^3 + 3 z ||g||^2 / a^5`, `g = M W1_j`, `M = (1/n) sum_k x'_k x'_k^T`
//! over the active inputs. A neuron that is dead on the training set has no terms. Test:
//! `audit_trace_vs_definition`.

use super::points::{Lifted, Point};
use super::scene::Scene;
use crate::data::with_bias;
use crate::network::SimBn;
use crate::scalar::{Dyadic, Field, Fired, NoValue, Ordered, Radical, Real, Ring};
use rayon::prelude::*;
use std::cmp::Ordering;

/// What batch norm takes from the training set for one neuron.
struct Statistics<S> {
    squares: Dyadic,       // S
    squares_lifted: S,     // S
    moment: Vec<Dyadic>,   // G
    moment_square: Dyadic, // ||G||^2
    radii: Dyadic,         // T
    scale: S,              // sqrt(n / S)
}

/// The points, all training inputs in order.
pub(super) fn points<S: Lifted>(
    scene: &Scene,
    net: &SimBn<Dyadic>,
    fired: &[Fired<Dyadic>],
    bits: u32,
) -> Result<Vec<Point<S>>, NoValue> {
    let lifted: Vec<Vec<Dyadic>> = scene.x.iter().map(|x| with_bias(x)).collect();
    let statistics = statistics::<S>(scene, &by_neuron(net.first.len(), fired), &lifted, bits)?;
    let n = S::from_int(scene.len() as i64);
    let at = |i: usize| {
        let (x, r2) = (&lifted[i], scene.radius_squared(i));
        let mut point = Point {
            output: S::zero(),
            squared_gradient: S::zero(),
            hessian_trace: S::zero(),
        };
        for (j, z) in &fired[i].active {
            let Some(own) = &statistics[*j] else { continue };
            let (s, c) = (&own.squares, net.gamma[*j].mul(&net.last[*j]));
            let (z2, along) = (z.square(), Dyadic::dot(&own.moment, x)); // z^2, G.x'
            let spread = net.gamma[*j].square().add(&net.last[*j].square()); // gamma^2 + W2^2
            let row =
                (r2.mul(s).sub(&double(&z.mul(&along))).mul(s)).add(&z2.mul(&own.moment_square));
            let square = spread.mul(&z2).mul(&s.square()).add(&c.square().mul(&row));
            let bend = (double(&along).add(&z.mul(&own.radii)).neg().mul(s))
                .add(&Dyadic::from_int(3).mul(z).mul(&own.moment_square));
            let cube = own.squares_lifted.pow(3);
            let lift = |x: &Dyadic| S::lift(x, bits);
            let output = lift(&c.mul(z)).mul(&own.scale);
            let square = n.mul(&lift(&square)).div(&cube)?;
            let bend = lift(&c.mul(&bend))
                .mul(&own.scale)
                .div(&own.squares_lifted.square())?;
            point = Point {
                output: point.output.add(&output),
                squared_gradient: point.squared_gradient.add(&square),
                hessian_trace: point.hessian_trace.add(&bend),
            };
        }
        Ok(point)
    };
    (0..scene.len()).into_par_iter().map(at).collect()
}

/// The sign of `f(x_i)`, exactly.
pub(super) fn output_sign(
    net: &SimBn<Dyadic>,
    fired: &[Fired<Dyadic>],
    i: usize,
) -> Option<Ordering> {
    let neurons = by_neuron(net.first.len(), fired);
    let term = |(j, z): &(usize, Dyadic)| {
        let squares = Dyadic::sum_of_products(neurons[*j].iter().map(|(_, z)| (*z, *z)));
        let weight = net.gamma[*j].mul(&net.last[*j]).mul(z); // c z
        let root = Radical::lift(&squares, 0).sqrt().ok()?;
        Radical::lift(&weight, 0).div(&root).ok()
    };
    let terms: Option<Vec<Radical>> = fired[i].active.iter().map(term).collect();
    Radical::balanced_sum(terms?).sign().ok()
}

fn double(x: &Dyadic) -> Dyadic {
    x.add(x)
}

/// For every neuron the samples where it is active, with its pre-activations.
fn by_neuron(m: usize, fired: &[Fired<Dyadic>]) -> Vec<Vec<(usize, &Dyadic)>> {
    let mut neurons = vec![Vec::new(); m];
    for (i, h) in fired.iter().enumerate() {
        h.active.iter().for_each(|(j, z)| neurons[*j].push((i, z)));
    }
    neurons
}

/// The statistics of every neuron, `None` for a dead one.
fn statistics<S: Lifted>(
    scene: &Scene,
    neurons: &[Vec<(usize, &Dyadic)>],
    lifted: &[Vec<Dyadic>],
    bits: u32,
) -> Result<Vec<Option<Statistics<S>>>, NoValue> {
    let n = S::from_int(scene.len() as i64);
    let of = |active: &Vec<(usize, &Dyadic)>| {
        if active.is_empty() {
            return Ok(None);
        }
        let squares = Dyadic::sum_of_products(active.iter().map(|(_, z)| (*z, *z)));
        let entry = |k: usize| {
            let products = active.iter().map(|(i, z)| (&lifted[*i][k], *z));
            Dyadic::sum_of_products(products)
        };
        let moment: Vec<Dyadic> = (0..lifted[0].len()).map(entry).collect();
        let radii = active.iter().map(|(i, _)| scene.radius_squared(*i));
        let squares_lifted = S::lift(&squares, bits);
        Ok(Some(Statistics {
            moment_square: Dyadic::dot(&moment, &moment),
            moment,
            radii: radii.fold(Dyadic::zero(), |sum, r| sum.add(&r)),
            scale: n.div(&squares_lifted)?.sqrt()?,
            squares,
            squares_lifted,
        }))
    };
    neurons.par_iter().map(of).collect()
}
