//! Rung 6: one training step in f32 within the bound of the same step in exact arithmetic, for every
//! architecture; where a sign or the norm is not certified, the engine's conventions bit for bit.

use crate::corpus::{self, Flavour, KINDS, below, rng};
use crate::engine::{batch, loss};
use crate::exact::Exact;
use crate::tally::Tally;
use flatproof::engine::error_bound::step;
use flatproof::engine::plain::Plain;
use flatproof::engine::reference::parameters;
use flatproof::engine::{Isa, Loss, Model, Rule, Samples, Stepper};
use flatproof::scalar::Ball;
use rand_chacha::rand_core::Rng;
use rug::Float;

/// Bits of the exact step; ties are left undecided.
const BITS: u32 = 320;

fn lift(x: f32) -> Ball {
    Ball::from_f32(x).with_bits(BITS)
}

/// Some rule: SGD or SAM, normalised or not, decay, projection.
fn rule(rng: &mut impl Rng, loss: Loss, batch: usize) -> Rule {
    Rule {
        loss,
        eta: [0.01, 0.05, 0.3][below(rng, 3)],
        rho: [0.0, 0.02, 0.1, 0.5][below(rng, 4)],
        normalised: below(rng, 3) > 0,
        weight_decay: [0.0, 0.0, 1e-3, 0.1][below(rng, 4)],
        batch,
        project: [None, None, Some(1.5)][below(rng, 3)],
    }
}

/// A network and data of moderate size, mostly of ordinary numbers.
fn scene(rng: &mut impl Rng, round: usize) -> (Model, Samples) {
    let kind = KINDS[round % KINDS.len()];
    let [d, m, n] = [1 + below(rng, 5), 1 + below(rng, 20), 1 + below(rng, 5)];
    let flavour = match below(rng, 4) {
        0 => corpus::flavour(rng),
        _ => Flavour::Ordinary,
    };
    let net = corpus::network(rng, kind, [d, m], flavour);
    let data = corpus::samples(rng, &net.shape, n, flavour);
    (net, data)
}

/// The step of `stepper`.
fn computed(
    stepper: &mut dyn Stepper,
    net: &Model,
    data: &Samples,
    (indices, labels): (&[u32], &[f32]),
    rule: &Rule,
) -> Vec<f32> {
    let mut net = net.clone();
    stepper.run(&mut net, data, indices, labels, rule);
    parameters(&net)
}

#[test]
fn plain_vs_exact_step() {
    let mut rng = rng(61);
    let mut by_kind = [Tally::default(); KINDS.len()];
    let (mut certified, mut all) = (0, 0);
    for round in 0..900 {
        let (net, data) = scene(&mut rng, round);
        let (indices, labels) = batch(&mut rng, data.len());
        let loss = loss(&mut rng);
        let rule = rule(&mut rng, loss, indices.len());
        let batch = (&indices[..], &labels[..]);
        let bound = step(&net, &data, batch, &rule);
        certified += bound.certified.0;
        all += bound.certified.1;
        let Ok((exact, norm)) = Exact::new(&net, &data, lift).step(batch, &rule) else {
            continue; // a kink, or a gradient that may be 0
        };
        let what = format!("{rule:?}, batch {batch:?} of {net:?} at {data:?}");
        let computed = computed(&mut Plain::new(Isa::best()), &net, &data, batch, &rule);
        let tally = &mut by_kind[round % KINDS.len()];
        let exact = exact.parameters();
        for (p, near) in bound.weights.entries().enumerate() {
            tally.check(near, computed[p], &exact[p], &what);
        }
        let near = bound.gradient_norm;
        if near.error().is_finite() {
            let off = |x: &Float| Float::with_val(BITS, x - near.value).abs() <= near.exact;
            assert!(off(norm.lo()) && off(norm.hi()), "{what}");
        }
    }
    eprintln!("{certified} of {all} signs");
    assert!(certified * 10 > all * 9);
    for (kind, tally) in KINDS.iter().zip(by_kind) {
        tally.is_sharp(&format!("{kind:?} step"), 50.0);
    }
}
