//! Rung 6: one training step in f32 within the bound of the same step in exact arithmetic, for every
//! architecture; where a sign or the norm is not certified, the engine's conventions bit for bit.

use crate::corpus::{self, Flavour, KINDS, Kind, below, rng};
use crate::engine::{batch, loss};
use crate::exact::Exact;
use crate::tally::Tally;
use flatproof::engine::batch::outputs;
use flatproof::engine::error_bound::{Weights, deep_step, rank_one_step, sim_bn_step, step};
use flatproof::engine::plain::Plain;
use flatproof::engine::reference::parameters;
use flatproof::engine::{Architecture, Isa, Loss, Model, Rule, Samples, Stepper, stepper};
use flatproof::scalar::Ball;
use rand_chacha::rand_core::Rng;
use rug::Float;

/// Bits of the exact step; ties are left undecided.
const BITS: u32 = 320;

fn lift(x: f32) -> Ball {
    Ball::from_f32(x).with_bits(BITS)
}

/// Some rule: SGD or SAM, normalised or not, decay, projection.
pub fn rule(rng: &mut impl Rng, loss: Loss, batch: usize) -> Rule {
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
fn scene(rng: &mut impl Rng, kind: Kind) -> (Model, Samples) {
    let [d, m, n] = [1 + below(rng, 5), 1 + below(rng, 20), 1 + below(rng, 5)];
    let m = if kind.2 > 2 { m.min(10) } else { m };
    let flavour = match below(rng, 4) {
        0 => corpus::flavour(rng),
        _ => Flavour::Ordinary,
    };
    let mut net = corpus::network(rng, kind, [d, m], flavour);
    let data = corpus::samples(rng, &net.shape, n, flavour);
    corpus::revive(&mut net, &data);
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
        let (net, data) = scene(&mut rng, KINDS[round % KINDS.len()]);
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

/// One step on one sample by `stepper`, against the exact step and the bound of its own formulas.
fn check_one_sample(
    kinds: &[Kind],
    seed: u64,
    stepper: impl Fn(&Model, &Rule) -> Box<dyn Stepper>,
    bound: impl Fn(&Model, &Samples, usize, f32, &Rule) -> Weights,
) {
    let mut rng = rng(seed);
    for &kind in kinds {
        let mut tally = Tally::default();
        for _ in 0..150 {
            let (net, data) = scene(&mut rng, kind);
            let loss = loss(&mut rng);
            let rule = rule(&mut rng, loss, 1);
            let (i, y) = (below(&mut rng, data.len()), below(&mut rng, 3) as f32 - 1.0);
            let batch = (&[i as u32][..], &[y][..]);
            let Ok((exact, _)) = Exact::new(&net, &data, lift).step(batch, &rule) else {
                continue;
            };
            let what = format!("{rule:?}, sample {i}, label {y} of {net:?} at {data:?}");
            let computed = computed(&mut *stepper(&net, &rule), &net, &data, batch, &rule);
            let exact = exact.parameters();
            let bound = bound(&net, &data, i, y, &rule);
            for (p, near) in bound.entries().enumerate() {
                tally.check(near, computed[p], &exact[p], &what);
            }
        }
        tally.is_sharp(&format!("{kind:?} one-sample step"), 50.0);
    }
}

/// Whatever [`stepper`] picks, against the bound of the plain step and that of the step's structure.
#[test]
fn fastest_vs_exact_step() {
    let fastest = |net: &Model, rule: &Rule| stepper(Isa::best(), &net.shape, rule, 5);
    let bound = |net: &Model, data: &Samples, i: usize, y: f32, rule: &Rule| {
        let mut bound = step(net, data, (&[i as u32], &[y]), rule).weights;
        let other = match (net.shape.architecture, net.shape.depth) {
            (Architecture::SimBn, _) => sim_bn_step(net, data, i, y, rule),
            (_, 2) => rank_one_step(net, data, i, y, rule),
            _ => deep_step(net, data, i, y, rule),
        };
        let pairs = bound.entries_mut().zip(other.entries());
        pairs.for_each(|(a, b)| *a = a.either(b));
        bound
    };
    check_one_sample(&KINDS, 63, fastest, bound);
}

/// The steppers that the conventions hold for.
fn steppers(net: &Model, rule: &Rule) -> Vec<Box<dyn Stepper>> {
    let mut all: Vec<Box<dyn Stepper>> = Vec::new();
    for isa in Isa::ALL {
        all.push(Box::new(Plain::new(isa)));
        all.push(stepper(isa, &net.shape, rule, 4));
    }
    all
}

/// The numbers of a step that keep small integers exact.
const DYADIC: Rule = Rule {
    loss: Loss::SquaredError,
    eta: 0.5,
    rho: 0.25,
    normalised: true,
    weight_decay: 0.25,
    batch: 1,
    project: None,
};

/// `theta~ = theta` where the gradient is exactly 0: only weight decay moves, bit for bit. One label off,
/// and the step is another.
#[test]
fn zero_gradient_bit_for_bit() {
    let (mut rng, mut unlike) = (rng(64), 0);
    for round in 0..200 {
        let kind = KINDS[round % 4]; // no normaliser: outputs are integers
        let net = corpus::network(&mut rng, kind, [3, 5], Flavour::Integers);
        let data = corpus::samples(&mut rng, &net.shape, 4, Flavour::Integers);
        let f = outputs(Isa::Portable, &net, &data, &data);
        let decayed: Vec<f32> = parameters(&net).iter().map(|w| 0.875 * w).collect();
        for stepper in &mut steppers(&net, &DYADIC) {
            let batch = (&[2u32][..], &f[2..3]);
            assert_eq!(
                computed(&mut **stepper, &net, &data, batch, &DYADIC),
                decayed
            );
            let other = [f[2] + 1.0];
            let moved = computed(&mut **stepper, &net, &data, (&[2], &other), &DYADIC);
            unlike += usize::from(moved != decayed);
        }
    }
    assert!(unlike > 600, "{unlike} of 1200"); // the rest fires no neuron
}

/// `relu'(0) = 0`: a neuron whose pre-activation is exactly 0 at the sample moves by weight decay alone, bit
/// for bit, while one that fires moves.
#[test]
fn kink_bit_for_bit() {
    let mut rng = rng(65);
    for kind in [KINDS[0], KINDS[1], KINDS[5]] {
        for _ in 0..60 {
            let mut net = corpus::network(&mut rng, kind, [3, 20], Flavour::Ordinary);
            let mut data = corpus::samples(&mut rng, &net.shape, 4, Flavour::Ordinary);
            data.x
                .row_mut(1)
                .copy_from_slice(&[1.0, -1.0, 0.5, 1.0][..net.first.columns()]);
            // neuron 17: z = 3/4 + 1/4 + 0 (- 1) = 0, without bias z = 3/4 - 3/4
            let row = [[0.75, 0.75, 0.0, 0.0], [0.75, -0.25, 0.0, -1.0]];
            let row = &row[usize::from(net.first.columns() == 4)][..net.first.columns()];
            net.first.row_mut(17).copy_from_slice(row);
            net.first.row_mut(3).fill(0.5); // z > 0
            for stepper in &mut steppers(&net, &DYADIC) {
                let mut moved = net.clone();
                stepper.run(&mut moved, &data, &[1], &[7.0], &DYADIC);
                let kept = |w: f32| 0.875 * w;
                assert!(
                    row.iter()
                        .zip(moved.first.row(17))
                        .all(|(w, v)| kept(*w) == *v)
                );
                assert_eq!(moved.last.row(0)[17], kept(net.last.row(0)[17]));
                assert_ne!(moved.last.row(0)[3], kept(net.last.row(0)[3]));
            }
        }
    }
}
