//! The hunts of Theorem A.2 (Wen, Li, Ma 2023, Appendix A), as printed and repaired: random networks of every
//! architecture that interpolate random signs, random p in (0, 1).

use super::{CASE, Instance, check, interpolating, smallest};
use crate::data::Dataset;
use crate::scalar::Radical;
use crate::search::networks::Kind;
use crate::search::perturb::simpler;
use crate::theorem::hunt::Quarry;
use crate::theorem::smoothing::{self, any_p, simpler_p};
use rand_chacha::ChaCha8Rng;

/// With the printed sign and factor.
pub(super) const PRINTED: Quarry<Instance> = Quarry {
    case: "theorem-a.2",
    draw,
    judge: |it| check(&CASE, &smoothing::PRINTED, it),
    simpler: simpler_instances,
};

/// With both put right.
pub(super) const REPAIRED: Quarry<Instance> = Quarry {
    case: "theorem-a.2-repaired",
    judge: |it| check(&super::REPAIRED, &smoothing::REPAIRED, it),
    ..PRINTED
};

fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Instance) {
    let p = any_p(rng);
    let kind = Kind::ALL[attempt % Kind::ALL.len()];
    let name = match kind {
        Kind::NoBias => "without bias",
        Kind::Bias(_) => "with bias",
        Kind::SimBn => "batch norm",
        Kind::SimLn => "layer norm",
    };
    match interpolating(rng, kind, p.clone()) {
        Some(instance) => (name, instance),
        None => {
            let (net, data) = smallest(1);
            ("one neuron, one sample", Instance { p, net, data })
        }
    }
}

/// One neuron on one sample; a sample less; simpler p; a simpler network.
fn simpler_instances(it: &Instance) -> Vec<Instance> {
    let with_data = |data| Instance { data, ..it.clone() };
    let with_net = |net| Instance { net, ..it.clone() };
    let with_p = |p| Instance { p, ..it.clone() };
    let (net, data) = smallest(1);
    let least = (it.data != data).then(|| Instance {
        net,
        data,
        ..it.clone()
    });
    let fewer = (0..it.data.len()).filter(|_| it.data.len() > 1);
    let fewer = fewer.map(|i| with_data(without(&it.data, i)));
    let nets = simpler(&it.net).into_iter().map(with_net);
    let ps = simpler_p(&it.p).into_iter().map(with_p);
    least
        .into_iter()
        .chain(fewer)
        .chain(ps)
        .chain(nets)
        .collect()
}

fn without(data: &Dataset<Radical>, i: usize) -> Dataset<Radical> {
    let mut data = data.clone();
    data.x.remove(i);
    data.y.remove(i);
    data
}
