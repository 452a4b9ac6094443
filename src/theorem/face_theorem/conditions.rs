//! The two sides of the face theorem on one instance: the sum of squares, matched heights, faces and
//! masses.

use super::instances::Instance;
use crate::data::Dataset;
use crate::data::face::exposed_face;
use crate::network::Bias;
use crate::scalar::{Fired, NoValue, Radical, Real, Ring};
use crate::sharpness::closed_form::mean_twice;
use std::collections::BTreeSet;

/// `(2/n) sum_i sum_{j active at i} (a_j R - s_i z_j)^2`, `s_i = zero_sign` where `y_i = 0`.
pub(super) fn excess(
    net: &Bias<Radical>,
    data: &Dataset<Radical>,
    fired: &[Fired<Radical>],
    radius: &Radical,
    zero_sign: i64,
) -> Result<Radical, NoValue> {
    let squares: Vec<Radical> = fired
        .iter()
        .zip(&data.y)
        .map(|(h, y)| {
            let sign = Radical::from_int(match y.signum() as i64 {
                0 => zero_sign,
                sign => sign,
            });
            let term =
                |(j, z): &(usize, Radical)| net.last[*j].mul(radius).sub(&sign.mul(z)).square();
            Radical::sum(&h.active.iter().map(term).collect::<Vec<_>>())
        })
        .collect();
    mean_twice(&squares)
}

pub(super) fn size(a: &Radical) -> Radical {
    if a.signum().is_lt() {
        a.neg()
    } else {
        a.clone()
    }
}

/// R of inputs of one norm.
pub(super) fn radius(data: &Dataset<Radical>) -> Result<Radical, NoValue> {
    Real::sqrt(&data.radius_squared()[0])
}

/// Each neuron's active points, by the linear program that knows nothing of how they were made.
pub(super) fn faces_are_exposed(
    instance: &Instance,
    net: &Bias<Radical>,
    fired: &[Fired<Radical>],
) -> bool {
    (0..net.last.len()).all(|j| {
        let active = |i: &usize| fired[*i].active.iter().any(|(k, _)| *k == j);
        let face: BTreeSet<usize> = (0..fired.len()).filter(active).collect();
        let signs: BTreeSet<_> = face.iter().map(|i| instance.data.y[*i].signum()).collect();
        signs.len() <= 1 && exposed_face(&instance.points, &face).is_ok()
    })
}

/// `sum_{j active at i} a_j^2 R = |y_i|`.
pub(super) fn masses_cover(
    net: &Bias<Radical>,
    data: &Dataset<Radical>,
    fired: &[Fired<Radical>],
    radius: &Radical,
) -> bool {
    fired.iter().zip(&data.y).all(|(h, y)| {
        let squares: Vec<Radical> = h
            .active
            .iter()
            .map(|(j, _)| net.last[*j].square())
            .collect();
        Radical::sum(&squares).mul(radius) == size(y)
    })
}
