//! Lower bounds on the trace (Wen, Li, Ma 2023, Eqs. 2-3, Section 6, Lemma A.12):
//!
//! ```text
//! of interpolators   (1/n) sum_i l_i''(y_i) G(x_i, y_i)    <= Tr Hess L    where every f(x_i) = y_i
//! at the outputs     (1/n) sum_i l_i''(f_i) G(x_i, f(x_i)) <= Gauss-Newton at every admissible theta
//! ```
//!
//! `G(x, y)` is the least `||grad f(x)||^2` where `f(x) = y` ([`Bounded`]); it knows no label, so a network
//! obeys it at its own outputs. For `2-MLP-Bias` with squared error they are `(4/n) sum R_i |y_i|` and
//! `(4/n) sum R_i |f(x_i)|`, and the distance to the second is the residual of the face theorem,
//! `(2/n) sum_i sum_{j active} (W2_j R_i - sign(f_i) z_ij)^2`. For the logistic loss `y_i` is where `l_i` is
//! least. Batch norm has no bound per sample, but `sum_i z_ij^2 / a_j^2 = n` gives for squared error
//!
//! ```text
//! Gauss-Newton >= 2 sum_j gamma_j^2 + W2_j^2 >= 4 sum_j |gamma_j W2_j|
//! ```
//!
//! and on a complete training set (Condition 1) interpolation needs a sum of 2 (3 at width 3). Tests:
//! `own_bound_holds_at_every_theta`, `complete_sets_are_seen`.

use super::objective::{Objective, mean};
use super::points::{Lifted, Point};
use super::scene::Scene;
use crate::data::complete::CompleteSet;
use crate::engine::{Activation, Architecture};
use crate::network::{Network, SimBn};
use crate::scalar::{Dyadic, NoValue, Ordered, Ring};
use crate::sharpness::alignment::least_coefficient_sum;
use crate::sharpness::bound::Bounded;
use std::collections::BTreeMap;

/// The architecture's bound per sample, if it has one.
pub(super) fn bounded<S: Lifted>(scene: &Scene, bits: u32) -> Option<Bounded<S>> {
    let shape = &scene.model.shape;
    if shape.activation == Activation::Softplus {
        return None;
    }
    match shape.architecture {
        Architecture::NoBias => Some(Bounded::NoBias),
        Architecture::Bias => Some(Bounded::Bias {
            depth: u32::try_from(shape.depth).ok()?,
        }),
        Architecture::SimLn => Some(Bounded::SimLn {
            eps: S::lift(&Dyadic::from_f32(shape.eps)?, bits),
        }),
        Architecture::SimBn => None,
    }
}

/// `(1/n) sum_i l_i''(value_i) G(x_i, value_i)`.
fn least<S: Lifted>(
    scene: &Scene,
    objective: &dyn Objective<S>,
    bounded: &Bounded<S>,
    bits: u32,
    value: impl Fn(usize) -> Result<S, NoValue>,
) -> Result<S, NoValue> {
    mean(scene.len(), |i| {
        let x: Vec<S> = scene.x[i].iter().map(|x| S::lift(x, bits)).collect();
        let value = value(i)?;
        let gradient = bounded.least_squared_gradient(&x, &value)?;
        Ok(objective.curvature(i, &value)?.mul(&gradient))
    })
}

/// The bound for interpolators from the bound per sample.
pub(super) fn of_interpolators<S: Lifted>(
    scene: &Scene,
    objective: &dyn Objective<S>,
    bounded: &Bounded<S>,
    bits: u32,
) -> Result<S, NoValue> {
    least(scene, objective, bounded, bits, |i| objective.goal(i))
}

/// The bound on the Gauss-Newton part from the bound per sample at the outputs.
pub(super) fn at_outputs<S: Lifted>(
    scene: &Scene,
    objective: &dyn Objective<S>,
    bounded: &Bounded<S>,
    points: &[Point<S>],
    bits: u32,
) -> Result<S, NoValue> {
    let output = |i: usize| Ok(points[i].output.clone());
    least(scene, objective, bounded, bits, output)
}

/// Whether all samples have one `R_i^2` and one `|y_i|`, so that the bound is one short radical.
pub(super) fn uniform(scene: &Scene) -> bool {
    let same = |i: usize| {
        scene.radius_squared(i) == scene.radius_squared(0)
            && scene.y[i].square() == scene.y[0].square()
    };
    (1..scene.len()).all(same)
}

/// `4 sum_j |gamma_j W2_j|`.
pub(super) fn batch_norm_mass(net: &SimBn<Dyadic>) -> Dyadic {
    let sizes = net.coefficients().into_iter().map(|c| c.abs().unwrap_or(c));
    let total = sizes.fold(Dyadic::zero(), |sum, c| sum.add(&c));
    Dyadic::from_int(4).mul(&total)
}

/// `4 min sum_j |gamma_j W2_j|` over the interpolators of a complete training set, squared error.
pub(super) fn complete_bound(scene: &Scene) -> Option<i64> {
    let (Network::SimBn(net), _) = scene.relu()? else {
        return None;
    };
    if !is_complete(scene) {
        return None;
    }
    Some(4 * least_coefficient_sum(net.first.len())?)
}

/// Whether the samples are `{-1,1}^2 x S` with `y = x[1] x[2]` for an S of Condition 1, each as often as
/// the others.
fn is_complete(scene: &Scene) -> bool {
    let d = scene.model.shape.input_dim;
    let sign = |x: &Dyadic| match x {
        x if *x == Dyadic::one() => Some(true),
        x if *x == Dyadic::from_int(-1) => Some(false),
        _ => None,
    };
    let bits = |x: &[Dyadic]| {
        let mut point = 0u64;
        for (k, x) in x.iter().enumerate() {
            point |= u64::from(sign(x)?) << k;
        }
        Some(point)
    };
    if !(2..=64).contains(&d) {
        return false;
    }
    let mut count: BTreeMap<u64, usize> = BTreeMap::new();
    for (x, y) in scene.x.iter().zip(&scene.y) {
        match bits(x) {
            Some(point) if *y == x[0].mul(&x[1]) => *count.entry(point).or_default() += 1,
            _ => return false,
        }
    }
    let once = count.values().next().copied();
    let mut suffixes: Vec<u64> = count.keys().map(|point| point >> 2).collect();
    suffixes.dedup();
    let whole = |s: &u64| (0..4).all(|prefix| count.get(&(s << 2 | prefix)).copied() == once);
    suffixes.iter().all(whole) && CompleteSet::new(d, &suffixes).is_ok()
}
