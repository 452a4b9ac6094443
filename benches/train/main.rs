//! One-sample SAM steps at the paper's size (width 500, d = 30, n = 100): the stepper, and the closed
//! form with the rows of inactive neurons skipped, on the same lanes (in C: `benches/peers/closed_form.c`).
//!
//! Both networks are timed early (as initialised) and late (after `EPOCHS`). One iteration is an epoch
//! of 100 steps; before any timing the two roads must agree after one epoch.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use flatproof::engine::simd::lanes::{Chunk, Kernel, Lanes, flat_mut};
use flatproof::engine::{
    Activation, Architecture, Isa, Loss, Model, Rule, Samples, Shape, stepper,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const EPOCHS: usize = 20_000;
const N: usize = 100;
const RULE: Rule = Rule {
    loss: Loss::SquaredError,
    eta: 0.01,
    rho: 0.05,
    normalised: true,
    weight_decay: 0.0,
    batch: 1,
    project: None,
};

/// The closed form, row after row, on the same lanes: what structure without blocks gives.
struct ClosedForm<'a> {
    model: &'a mut Model,
    samples: &'a Samples,
    order: &'a [u32],
    labels: &'a [f32],
    /// One number per neuron, and padding of 0.
    z: &'a mut [Chunk],
}

impl Kernel for ClosedForm<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let zero = lanes.splat(0.0);
        for (&i, &y) in self.order.iter().zip(self.labels) {
            let x = self.samples.x.row_chunks(i as usize);
            let square = dot(lanes, x, x);
            for (j, z) in flat_mut(self.z)[..self.model.first.rows()]
                .iter_mut()
                .enumerate()
            {
                *z = dot(lanes, self.model.first.row_chunks(j), x);
            }
            let (mut f, mut hh, mut aa) = (zero, zero, zero);
            for (z, a) in self.z.iter().zip(self.model.last.chunks()) {
                let (z, a) = (lanes.load(z), lanes.load(a));
                let active = lanes.gt(z, zero);
                let (h, a) = (lanes.keep(active, z), lanes.keep(active, a));
                f = lanes.mul_add(a, h, f);
                hh = lanes.mul_add(h, h, hh);
                aa = lanes.mul_add(a, a, aa);
            }
            let norm = (square * lanes.sum(aa) + lanes.sum(hh)).sqrt();
            let kappa = (RULE.rho / norm).copysign(lanes.sum(f) - y);
            let (up, along) = (lanes.splat(kappa * square), lanes.splat(kappa));
            let mut f = zero;
            for (z, a) in self.z.iter().zip(self.model.last.chunks()) {
                let (z, a) = (lanes.load(z), lanes.load(a));
                let there = lanes.keep(lanes.gt(z, zero), lanes.mul_add(up, a, z));
                f = lanes.mul_add(lanes.mul_add(along, z, a), lanes.relu(there), f);
            }
            let g = -RULE.eta * 2.0 * (lanes.sum(f) - y);
            for j in 0..self.model.first.rows() {
                let (z, a) = (flat_mut(self.z)[j], self.model.last.row(0)[j]);
                let h = (kappa * square).mul_add(a, z);
                if z <= 0.0 || h <= 0.0 {
                    continue;
                }
                self.model.last.row_mut(0)[j] = g.mul_add(h, a);
                let c = lanes.splat(g * kappa.mul_add(z, a));
                for (w, x) in self.model.first.row_chunks_mut(j).iter_mut().zip(x) {
                    lanes.store(lanes.mul_add(c, lanes.load(x), lanes.load(w)), w);
                }
            }
        }
    }
}

/// `w . x`.
#[inline(always)]
fn dot<L: Lanes>(lanes: L, w: &[Chunk], x: &[Chunk]) -> f32 {
    let mut sum = lanes.splat(0.0);
    for (w, x) in w.iter().zip(x) {
        sum = lanes.mul_add(lanes.load(w), lanes.load(x), sum);
    }
    lanes.sum(sum)
}

/// [`ClosedForm`] on the best lanes of the machine.
fn closed_form(
    model: &mut Model,
    samples: &Samples,
    order: &[u32],
    labels: &[f32],
    z: &mut [Chunk],
) {
    Isa::best().run(ClosedForm {
        model,
        samples,
        order,
        labels,
        z,
    });
}

/// A network initialised like `nn.Linear`, 100 samples of P_xor, and orders of some epochs.
struct Setting {
    model: Model,
    samples: Samples,
    epochs: Vec<(Vec<u32>, Vec<f32>)>,
}

fn setting(architecture: Architecture, scale: f32) -> Setting {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (d, m) = (30, 500);
    let shape = Shape {
        architecture,
        activation: Activation::Relu,
        input_dim: d,
        width: m,
        depth: 2,
        eps: 1e-3,
    };
    let mut model = Model::zeros(shape);
    let mut uniform = |bound: f32| (rng.random::<f32>() * 2.0 - 1.0) * bound;
    for j in 0..m {
        let bound = scale / (d as f32).sqrt();
        let row = model.first.row_mut(j).iter_mut();
        row.for_each(|w| *w = uniform(bound));
        model.last.row_mut(0)[j] = uniform(1.0 / (m as f32).sqrt());
    }
    let mut row = |_| (0..d).map(|_| uniform(1.0).signum()).collect::<Vec<f32>>();
    let x: Vec<Vec<f32>> = (0..N).map(&mut row).collect();
    let y: Vec<f32> = x.iter().map(|x| x[0] * x[1]).collect();
    let mut epoch = |_| {
        let mut order: Vec<u32> = (0..N as u32).collect();
        for i in (1..N).rev() {
            order.swap(i, rng.next_u32() as usize % (i + 1));
        }
        let labels = order.iter().map(|&i| y[i as usize]).collect();
        (order, labels)
    };
    Setting {
        epochs: (0..64).map(&mut epoch).collect(),
        samples: Samples::new(&shape, &x, y.clone()),
        model,
    }
}

fn steps(c: &mut Criterion) {
    let kinds = [
        ("bias", Architecture::Bias, 1.0),
        ("no-bias", Architecture::NoBias, 1.0),
        ("sim-ln", Architecture::SimLn, 0.01),
    ];
    for (name, architecture, scale) in kinds {
        let mut setting = setting(architecture, scale);
        for (when, epochs) in [("early", 0), ("late", EPOCHS)] {
            let Setting {
                model,
                samples,
                epochs: all,
            } = &mut setting;
            let mut fast = stepper(Isa::best(), &model.shape, &RULE, N);
            for (order, labels) in all.iter().cycle().take(epochs) {
                fast.run(model, samples, order, labels, &RULE);
            }
            let mut z = vec![Chunk::default(); model.last.stride()];
            let (mut left, mut right) = (model.clone(), model.clone());
            let mut group = c.benchmark_group(format!("100 steps, {name}, {when}"));
            if architecture != Architecture::SimLn {
                let (order, labels) = &all[0];
                fast.run(&mut left, samples, order, labels, &RULE);
                closed_form(&mut right, samples, order, labels, &mut z);
                let pairs = left.first.chunks().iter().zip(right.first.chunks());
                let entries = pairs.flat_map(|(l, r)| l.0.into_iter().zip(r.0));
                assert!(entries.into_iter().all(|(l, r)| (l - r).abs() < 1e-4));
                right = model.clone();
                let mut next = all.iter().cycle();
                group.bench_function(BenchmarkId::from_parameter("closed form"), |b| {
                    b.iter(|| {
                        let (order, labels) = next.next().expect("a cycle");
                        closed_form(&mut right, samples, order, labels, &mut z);
                    });
                });
            }
            left = model.clone();
            let mut next = all.iter().cycle();
            group.bench_function(BenchmarkId::from_parameter("stepper"), |b| {
                b.iter(|| {
                    let (order, labels) = next.next().expect("a cycle");
                    fast.run(&mut left, samples, order, labels, &RULE);
                });
            });
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(std::time::Duration::from_millis(20))
        .measurement_time(std::time::Duration::from_millis(100));
    targets = steps
}
criterion_main!(benches);
