//! The kernels against the generic code and against each other.

use super::cases::{Case, EIGHTHS, Grid, INTEGERS, KINDS, case};
use super::{Sharpness, evaluate, loss_and_gradient, outputs, sharpness};
use crate::data::Dataset;
use crate::engine::model::{Activation, Architecture, Model};
use crate::engine::reference;
use crate::engine::simd::Isa;
use crate::engine::step::Loss;
use crate::scalar::Ring;
use crate::sharpness::{closed_form, definition};
use proptest::prelude::*;

const LOSSES: [Loss; 2] = [Loss::SquaredError, Loss::Logistic { p: 0.2 }];

fn gradient_on(isa: Isa, case: &Case, loss: Loss) -> (f32, Vec<f32>) {
    let mut gradient = Model::zeros(case.model.shape);
    let l = loss_and_gradient(
        isa,
        &case.model,
        &case.samples,
        case.batch(),
        loss,
        &mut gradient,
    );
    (l, reference::parameters(&gradient))
}

/// The largest difference over the largest size, at least 1: the size of the terms that may cancel.
fn distance(engine: &[f32], reference: &[f64]) -> f64 {
    assert_eq!(engine.len(), reference.len());
    let size = reference.iter().fold(1.0, |s: f64, r| s.max(r.abs()));
    let pairs = engine.iter().zip(reference);
    pairs.fold(0.0, |s: f64, (e, r)| s.max((f64::from(*e) - r).abs())) / size
}

/// Batch norm divides what is rounded at the size of `x'` by `a_j^2`: the sum of `|c_j| / a_j^2`, else 0.
fn amplification(case: &Case) -> f64 {
    let (model, x) = (&case.model, &case.samples.x);
    let fired = |j: usize, i: usize| f32::dot(model.first.row(j), x.row(i)).max(0.0);
    let neuron = |j: usize| {
        let squares: f32 = (0..x.rows()).map(|i| fired(j, i).powi(2)).sum();
        let c = model.gamma.row(0)[j] * model.last.row(0)[j];
        f64::from(c.abs() * x.rows() as f32 / squares.max(1e-9))
    };
    (0..model.gamma.columns()).map(neuron).sum()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn batch_vs_reference(case in case(EIGHTHS)) {
        let (model, samples) = (&case.model, &case.samples);
        let f = reference::outputs(model, samples, samples, f64::from).unwrap();
        prop_assert!(distance(&outputs(Isa::best(), model, samples, samples), &f) < 1e-5);
        for loss in LOSSES {
            let (l, g) = gradient_on(Isa::best(), &case, loss);
            let (value, gradient) =
                reference::loss_and_gradient(model, samples, case.batch(), loss, f64::from).unwrap();
            prop_assert!(distance(&[l], &[value]) < 1e-5);
            prop_assert!(distance(&g, &gradient) < 1e-5, "{}", distance(&g, &gradient));
            // Negative control: labels of either sign, another gradient, unless no parameter moves `f`.
            let with = |label: f32| {
                let mut other = case.clone();
                other.labels.fill(label);
                gradient_on(Isa::best(), &other, loss).1
            };
            let moved = gradient.iter().any(|g| g.abs() > 0.1);
            prop_assert!(!moved || with(5.0) != g || with(-5.0) != g);
        }
    }

    /// On integers every sum is exact in f32 and f64 alike, for a batch of a power of two.
    #[test]
    fn batch_vs_reference_on_integers(mut case in case(INTEGERS), k in 0usize..4) {
        let shape = case.model.shape;
        let linear = matches!(shape.architecture, Architecture::NoBias | Architecture::Bias);
        prop_assume!(linear && shape.activation == Activation::Relu && case.indices.len() >= 1 << k);
        case.indices.truncate(1 << k);
        case.labels.truncate(1 << k);
        let (model, samples) = (&case.model, &case.samples);
        let f = reference::outputs(model, samples, samples, f64::from).unwrap();
        let engine: Vec<f64> = outputs(Isa::best(), model, samples, samples)
            .into_iter().map(f64::from).collect();
        prop_assert_eq!(engine, f);
        let (l, g) = gradient_on(Isa::best(), &case, Loss::SquaredError);
        let (value, gradient) = reference::loss_and_gradient(
            model, samples, case.batch(), Loss::SquaredError, f64::from).unwrap();
        prop_assert_eq!(f64::from(l), value);
        prop_assert_eq!(g.into_iter().map(f64::from).collect::<Vec<_>>(), gradient);
    }

    #[test]
    fn trace_vs_definition(case in case(EIGHTHS)) {
        let (model, samples) = (&case.model, &case.samples);
        for loss in LOSSES {
            let engine = sharpness(Isa::best(), model, samples, loss);
            let jets = reference::sharpness(model, samples, loss, f64::from).unwrap();
            let size = jets.abs().max(engine.gauss_newton).max(1e-2) + amplification(&case);
            prop_assert!((engine.full - jets).abs() < 1e-5 * size, "{engine:?} {jets}");
        }
        // and the other road, which refuses kinks
        let Some(network) = model.network(f64::from) else { return Ok(()) };
        let d = model.shape.input_dim;
        let row = |i| samples.x.row(i)[..d].iter().map(|&x| f64::from(x)).collect();
        let x: Vec<Vec<f64>> = (0..samples.len()).map(row).collect();
        let y = samples.y.iter().map(|&y| f64::from(y)).collect();
        let data = Dataset { x, y };
        let Ok(trace) = definition::mse_trace(&network, &data) else { return Ok(()) };
        let engine = sharpness(Isa::best(), model, samples, Loss::SquaredError);
        let size = trace.abs().max(engine.gauss_newton).max(1e-2) + amplification(&case);
        prop_assert!((engine.full - trace).abs() < 1e-5 * size);
        let squares = closed_form::trace(&network, &data.x).unwrap();
        prop_assert!((engine.gauss_newton - squares).abs() < 1e-5 * size);
    }

    #[test]
    fn portable_vs_others(case in case(EIGHTHS), scale in -3..4i32) {
        let mut case = case;
        for part in case.model.parts_mut() {
            for i in 0..part.rows() {
                part.row_mut(i).iter_mut().for_each(|w| *w *= 1.1f32.powi(scale) / 3.0);
            }
        }
        let (model, samples) = (&case.model, &case.samples);
        for isa in Isa::ALL {
            let here = outputs(isa, model, samples, samples);
            prop_assert_eq!(bits(&here), bits(&outputs(Isa::Portable, model, samples, samples)));
            for loss in LOSSES {
                let (l, g) = gradient_on(isa, &case, loss);
                let (value, gradient) = gradient_on(Isa::Portable, &case, loss);
                prop_assert_eq!((l.to_bits(), bits(&g)), (value.to_bits(), bits(&gradient)));
                let numbers = |s: Sharpness| [s.gauss_newton, s.full].map(f64::to_bits);
                prop_assert_eq!(
                    numbers(sharpness(isa, model, samples, loss)),
                    numbers(sharpness(Isa::Portable, model, samples, loss))
                );
            }
        }
    }
}

/// Widths, dimensions and numbers of samples around the tile and chunk sizes.
#[test]
fn sizes_around_the_tiles() {
    let mut seed = 0;
    for (kind, _) in KINDS.iter().enumerate() {
        for [m, d, n] in [
            [1, 1, 1],
            [4, 16, 17],
            [9, 15, 33],
            [12, 17, 49],
            [3, 2, 65],
            [17, 31, 130],
        ] {
            seed += 1;
            let case = Case::new(kind, [m, d, n, n], EIGHTHS, seed);
            let (model, samples) = (&case.model, &case.samples);
            let f = reference::outputs(model, samples, samples, f64::from).unwrap();
            let engine = outputs(Isa::best(), model, samples, samples);
            assert!(distance(&engine, &f) < 1e-5, "{kind} {m} {d} {n}");
            if m * d < 100 {
                let (_, g) = gradient_on(Isa::best(), &case, Loss::SquaredError);
                let (_, gradient) = reference::loss_and_gradient(
                    model,
                    samples,
                    case.batch(),
                    Loss::SquaredError,
                    f64::from,
                )
                .unwrap();
                assert!(distance(&g, &gradient) < 1e-5, "{kind} {m} {d} {n}");
            }
        }
    }
}

#[test]
fn evaluation_by_hand() {
    for (kind, _) in KINDS.iter().enumerate() {
        let case = Case::new(kind, [5, 3, 150, 1], EIGHTHS, 7);
        let (model, samples) = (&case.model, &case.samples);
        let f = outputs(Isa::best(), model, samples, samples);
        let pairs = || f.iter().zip(&samples.y);
        let right = pairs().filter(|(f, y)| **f * **y > 0.0).count();
        let loss: f64 = pairs().map(|(f, y)| f64::from((f - y) * (f - y))).sum();
        let evaluation = evaluate(Isa::best(), model, samples, samples, Loss::SquaredError);
        assert_eq!(evaluation.accuracy, right as f64 / 150.0);
        assert!((evaluation.loss - loss / 150.0).abs() <= 1e-6 * loss);
    }
}

/// A neuron that no training sample activates: output and gradient 0, also where a test input does.
#[test]
fn dead_batch_norm_neurons() {
    let mut case = Case::new(4, [5, 3, 8, 8], EIGHTHS, 3);
    case.model
        .first
        .row_mut(2)
        .copy_from_slice(&[0.0, 0.0, 0.0, -1.0]);
    let far = crate::engine::Samples::new(&case.model.shape, &[vec![100.0; 3]], vec![1.0]);
    let f = outputs(Isa::best(), &case.model, &case.samples, &far);
    let without = reference::outputs(&case.model, &case.samples, &far, f64::from).unwrap();
    assert!(distance(&f, &without) < 1e-5);
    let mut gradient = Model::zeros(case.model.shape);
    let train = &case.samples;
    loss_and_gradient(
        Isa::best(),
        &case.model,
        train,
        case.batch(),
        LOSSES[0],
        &mut gradient,
    );
    assert_eq!(gradient.first.row(2), [0.0; 4]);
    assert_eq!(
        (gradient.gamma.row(0)[2], gradient.last.row(0)[2]),
        (0.0, 0.0)
    );
    assert!(
        sharpness(Isa::best(), &case.model, train, LOSSES[0])
            .full
            .is_finite()
    );
    // all of them dead
    case.model.first.chunks_mut().fill(Default::default());
    let (loss, g) = gradient_on(Isa::best(), &case, LOSSES[0]);
    assert!(loss.is_finite() && g.iter().all(|&g| g == 0.0));
}

/// Weights at the ends of the range give some answer, the same on every set.
#[test]
fn extreme_weights() {
    for (kind, _) in KINDS.iter().enumerate() {
        for unit in [1e-38, 1e-20, 1e20, 1e38, f32::from_bits(1).recip(), 1e-45] {
            let case = Case::new(kind, [5, 3, 20, 6], Grid { most: 3, unit }, 11);
            for loss in LOSSES {
                let (l, g) = gradient_on(Isa::best(), &case, loss);
                let (value, gradient) = gradient_on(Isa::Portable, &case, loss);
                let same = |a: f32, b: f32| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
                assert!(same(l, value));
                assert!(g.iter().zip(&gradient).all(|(a, b)| same(*a, *b)));
                sharpness(Isa::best(), &case.model, &case.samples, loss);
            }
        }
    }
}

#[test]
fn an_empty_batch_is_at_rest() {
    let mut case = Case::new(1, [3, 2, 4, 1], EIGHTHS, 5);
    (case.indices, case.labels) = (Vec::new(), Vec::new());
    let (l, g) = gradient_on(Isa::best(), &case, LOSSES[0]);
    assert!(l == 0.0 && g.iter().all(|&g| g == 0.0));
}
