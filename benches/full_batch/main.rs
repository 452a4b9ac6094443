//! A full-batch gradient step of gradient descent with weight decay, width 500, d = 30, n = 100, bias: time,
//! and nominal dense multiply-adds `2 m (d+1) n` per second over the core's own rate, measured in the same
//! run by independent chains in registers.
//!
//! Before it is timed the gradient is held against that of the generic code in f64.

use criterion::{Criterion, criterion_group, criterion_main};
use flatproof::engine::simd::{Kernel, Lanes};
use flatproof::engine::{Activation, Architecture, Isa, Loss, Model, Plain, Rule, Samples, Shape};
use flatproof::engine::{Stepper, batch, reference};
use flatproof::sharpness::gradient::gradients;
use std::hint::black_box;
use std::time::Instant;

const SHAPE: Shape = Shape {
    architecture: Architecture::Bias,
    activation: Activation::Relu,
    input_dim: 30,
    width: 500,
    depth: 2,
    eps: 1e-3,
};
const SAMPLES: usize = 100;
const RULE: Rule = Rule {
    loss: Loss::SquaredError,
    eta: 0.01,
    rho: 0.0,
    normalised: true,
    weight_decay: 0.05,
    batch: SAMPLES,
    project: None,
};

/// Uniform numbers in [-1, 1), by xorshift.
fn numbers() -> impl FnMut() -> f32 {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// A network at fan-in uniform weights, and P_xor.
fn instance() -> (Model, Samples) {
    let mut number = numbers();
    let mut model = Model::zeros(SHAPE);
    for part in model.parts_mut() {
        let scale = (part.columns() as f32).sqrt().recip();
        for i in 0..part.rows() {
            part.row_mut(i)
                .iter_mut()
                .for_each(|w| *w = scale * number());
        }
    }
    let mut row = || (0..30).map(|_| number().signum()).collect::<Vec<f32>>();
    let x: Vec<Vec<f32>> = (0..SAMPLES).map(|_| row()).collect();
    let y = x.iter().map(|x| x[0] * x[1]).collect();
    (model, Samples::new(&SHAPE, &x, y))
}

/// The gradient by the sparse Jacobian of the generic code.
fn assert_gradient(isa: Isa, model: &Model, samples: &Samples, order: &[u32]) {
    let mut gradient = Model::zeros(SHAPE);
    let labels = (order, &samples.y[..]);
    batch::loss_and_gradient(isa, model, samples, labels, RULE.loss, &mut gradient);
    let network = model.network(f64::from).expect("relu");
    let row = |i: usize| {
        samples.x.row(i)[..30]
            .iter()
            .map(|&x| f64::from(x))
            .collect()
    };
    let x: Vec<Vec<f64>> = (0..SAMPLES).map(row).collect();
    let f = network.outputs(&x, &x).expect("finite");
    let mut sum = vec![0.0; network.parameters().len()];
    for (i, row) in gradients(&network, &x).expect("no kink").iter().enumerate() {
        let slope = 2.0 * (f[i] - f64::from(samples.y[i])) / SAMPLES as f64;
        row.iter().for_each(|(p, g)| sum[*p] += slope * g);
    }
    let size = sum.iter().fold(0.0, |s: f64, g| s.max(g.abs()));
    for (engine, exact) in reference::parameters(&gradient).iter().zip(&sum) {
        assert!((f64::from(*engine) - exact).abs() < 1e-5 * size);
    }
}

/// Multiply-adds per second in twelve independent chains.
struct Chains(u32);

impl Kernel for Chains {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> f64 {
        let mut sums = [lanes.splat(1.0); 12];
        let (a, b) = (lanes.splat(black_box(0.999)), lanes.splat(black_box(0.001)));
        let start = Instant::now();
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = lanes.mul_add(*sum, a, b);
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        for sum in sums {
            black_box(lanes.sum(sum));
        }
        f64::from(self.0) * 12.0 * 16.0 / seconds
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn full_batch(criterion: &mut Criterion) {
    let isa = Isa::best();
    let (model, samples) = instance();
    let once: Vec<u32> = (0..SAMPLES as u32).collect();
    assert_gradient(isa, &model, &samples, &once);

    let steps = 20; // per call, as an epoch per step would be
    let order: Vec<u32> = once.repeat(steps);
    let labels = samples.y.repeat(steps);
    let (mut stepper, mut trained) = (Plain::new(isa), model.clone());
    let (mut rates, mut times) = (Vec::new(), Vec::new());
    for _ in 0..41 {
        rates.push(isa.run(Chains(20_000)));
        let start = Instant::now();
        stepper.run(&mut trained, &samples, &order, &labels, &RULE);
        times.push(start.elapsed().as_secs_f64() / steps as f64);
    }
    let (time, rate) = (median(times), median(rates));
    let share = 2.0 * 500.0 * 31.0 * SAMPLES as f64 / time / rate;
    println!(
        "full batch on {}: {:.1} us, {share:.2} of the rate of the core",
        isa.name(),
        time * 1e6
    );

    let mut group = criterion.benchmark_group("full_batch");
    group.sample_size(10);
    group.bench_function("20 steps", |b| {
        b.iter(|| stepper.run(&mut trained, &samples, &order, &labels, &RULE));
    });
}

criterion_group!(benches, full_batch);
criterion_main!(benches);
