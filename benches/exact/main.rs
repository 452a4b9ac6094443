//! One network, every number type: the cost of an exact answer (Wen, Li, Ma 2023, Section 4, the
//! setting of its experiments: P_xor, d = 30, n = 100, a biased two-layer net of width 500).
//!
//! What is computed stands in `evaluation.rs`, the number types that need a word of their own in
//! `roads.rs`.
//!
//! Before it is timed every road is held against the reference, rational dot products as their
//! definition says: exact types are equal to it, enclosures contain it, floats lie within the
//! a-priori bound of [`roads::float_bound`]. The reference is held against the library's own road.

mod evaluation;
mod roads;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};
use evaluation::{Evaluation, Instance, by_library, fire_naive, instance, run_naive};
use flatproof::scalar::{Ball, Ordered, Rational};
use roads::{
    Float, balanced, float_bound, over_common_denominator, rebalanced, reduced, worst_share,
};
use std::hint::black_box;
use std::time::Duration;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Times the first layer alone and the whole evaluation.
fn time<S: Ordered>(criterion: &mut Criterion, name: &str, at: &Instance<S>) {
    let fire = || S::fire(black_box(&at.first), black_box(&at.x));
    group(criterion, "first layer").bench_function(name, |b| b.iter(fire));
    group(criterion, "whole").bench_function(name, |b| b.iter(|| black_box(at).run()));
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> Group<'a> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(2));
    group
}

fn float<S: Float>(
    criterion: &mut Criterion,
    name: &str,
    at: &Instance<Rational>,
    exact: &Evaluation<Rational>,
) {
    let bound = float_bound(at, Rational::from(1) >> S::DIGITS);
    let at = at.map(S::nearest);
    let share = worst_share(&at.run(), exact, &bound);
    eprintln!("{name}: the largest error is {share:.1e} of its a-priori bound");
    time(criterion, name, &at);
}

fn ball(
    criterion: &mut Criterion,
    bits: u32,
    at: &Instance<Rational>,
    exact: &Evaluation<Rational>,
) {
    let at = at.map(|q| Ball::from_rational(q, bits));
    let found = at.run();
    let pairs = || found.numbers().zip(exact.numbers());
    assert!(pairs().all(|(ball, q)| ball.contains(q)), "{bits} bits");
    let nudge = |q: &Rational| q + (Rational::from(1) >> 30u32);
    assert!(
        !pairs().any(|(ball, q)| ball.contains(&nudge(q))),
        "{bits} bits"
    );
    let widths = found.numbers().map(|ball| ball.width().to_f64());
    let widest = widths.fold(0.0, f64::max);
    let name = format!("ball, {bits} bits");
    eprintln!("{name}: the widest enclosure is {widest:.1e}");
    time(criterion, &name, &at);
}

fn exact(criterion: &mut Criterion) {
    // one thread, so that number types compare
    let one = rayon::ThreadPoolBuilder::new().num_threads(1);
    one.build_global().expect("the pool is not yet in use");

    let at = instance();
    let exact = run_naive(&at);
    assert_eq!(exact, by_library(&at), "reference against library");
    let mut moved = at.clone();
    moved.last[0] += Rational::from(1) >> 200;
    assert_ne!(exact, run_naive(&moved), "a moved weight is seen");

    let name = "rational, naive";
    group(criterion, "first layer").bench_function(name, |b| b.iter(|| fire_naive(black_box(&at))));
    group(criterion, "whole").bench_function(name, |b| b.iter(|| run_naive(black_box(&at))));

    assert_eq!(at.run(), exact);
    time(criterion, "rational", &at);

    let (whole, common) = over_common_denominator(&at);
    assert_eq!(reduced(&whole.run(), &common), exact);
    time(criterion, "common-denominator integers", &whole);

    let balanced = balanced(&at);
    assert_eq!(balanced.run(), rebalanced(&at, &exact));
    time(criterion, "radical", &balanced);

    for bits in [64, 128, 256] {
        ball(criterion, bits, &at, &exact);
    }
    float::<f64>(criterion, "f64", &at, &exact);
    float::<f32>(criterion, "f32", &at, &exact);
}

criterion_group!(benches, exact);
criterion_main!(benches);
