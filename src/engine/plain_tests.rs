//! The plain step against exact arithmetic, and its rules.

use super::Plain;
use crate::engine::batch::cases::{Case, EIGHTHS, INTEGERS, KINDS};
use crate::engine::batch::loss_and_gradient;
use crate::engine::model::Model;
use crate::engine::reference;
use crate::engine::simd::Isa;
use crate::engine::step::{Loss, Rule, Stepper};
use crate::network::Network;
use crate::scalar::{Rational, Ring};
use crate::sharpness::gradient::gradients;

fn rule(rho: f32, batch: usize) -> Rule {
    Rule {
        loss: Loss::SquaredError,
        eta: 0.25,
        rho,
        normalised: true,
        weight_decay: 0.0,
        batch,
        project: None,
    }
}

fn stepped(isa: Isa, case: &Case, rule: &Rule) -> Vec<f32> {
    let mut model = case.model.clone();
    Plain::new(isa).run(&mut model, &case.samples, &case.indices, &case.labels, rule);
    reference::parameters(&model)
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// `grad (1/b) sum (f - y)^2` in exact arithmetic; `None` at a kink.
fn exact_gradient(
    net: &Network<Rational>,
    x: &[Vec<Rational>],
    y: &[Rational],
) -> Option<Vec<Rational>> {
    let rows = gradients(net, x).ok()?;
    let f = net.outputs(x, x).ok()?;
    let mut sum = vec![Rational::new(); net.parameters().len()];
    for ((row, f), y) in rows.iter().zip(&f).zip(y) {
        let slope = Rational::from(f - y) * 2 / x.len() as u32;
        for (p, g) in row {
            sum[*p] += Rational::from(&slope * g);
        }
    }
    Some(sum)
}

/// `keep theta + factor direction`.
fn moved(
    net: &Network<Rational>,
    keep: &Rational,
    factor: &Rational,
    direction: &[Rational],
) -> Network<Rational> {
    let mut p = 0;
    net.map(
        |w| {
            p += 1;
            w.mul(keep).add(&direction[p - 1].mul(factor))
        },
        Clone::clone,
    )
}

/// Small integers and dyadic rates: nothing is rounded, so the step is the exact one.
#[test]
fn plain_vs_exact_step() {
    let exact = |x: f32| Rational::from_f32(x).unwrap();
    let (mut tried, mut seed) = (0, 0);
    while tried < 60 {
        seed += 1;
        let kind = (seed % 2) as usize; // no bias, bias
        let grid = crate::engine::batch::cases::Grid { most: 1, unit: 1.0 };
        let mut case = Case::new(kind, [3, 2, 2, 2], grid, seed);
        case.indices = vec![0, 1];
        let mut rule = rule(if seed % 3 == 0 { 0.0 } else { 0.25 }, 2);
        (rule.normalised, rule.weight_decay) = (false, 0.5);
        let net = case.model.network(exact).unwrap();
        let d = case.model.shape.input_dim;
        let row = |i: usize| {
            case.samples.x.row(i)[..d]
                .iter()
                .map(|&x| exact(x))
                .collect()
        };
        let x: Vec<Vec<Rational>> = (0..2).map(row).collect();
        let y: Vec<Rational> = case.labels.iter().map(|&y| exact(y)).collect();
        let Some(g) = exact_gradient(&net, &x, &y) else {
            continue;
        };
        let there = moved(&net, &Rational::from(1), &exact(rule.rho), &g);
        let Some(g) = exact_gradient(&there, &x, &y) else {
            continue;
        };
        let keep = exact(1.0 - rule.eta * rule.weight_decay);
        let after = moved(&net, &keep, &exact(-rule.eta), &g).parameters();
        let engine = stepped(Isa::best(), &case, &rule);
        assert_eq!(engine.iter().map(|&w| exact(w)).collect::<Vec<_>>(), after);
        tried += 1;
        // Negative control: without decay it is another step, unless every weight is 0.
        rule.weight_decay = 0.0;
        let idle = case
            .model
            .parts()
            .all(|w| w.chunks().iter().all(|c| c.0 == [0.0; 16]));
        assert!(idle || stepped(Isa::best(), &case, &rule) != engine);
    }
}

/// Two steps of normalised SAM with decay against the same in f64.
#[test]
fn plain_vs_reference_steps() {
    for seed in 0..80 {
        let case = Case::new(seed as usize % KINDS.len(), [7, 3, 9, 6], EIGHTHS, seed);
        for loss in [Loss::SquaredError, Loss::Logistic { p: 0.3 }] {
            let mut rule = rule(0.125, 3);
            (rule.loss, rule.weight_decay, rule.eta) = (loss, 0.5, 0.0625);
            let mut model = case.model.clone();
            for (indices, labels) in case.indices.chunks(3).zip(case.labels.chunks(3)) {
                let gradient = |model: &Model| {
                    let batch = (indices, labels);
                    reference::loss_and_gradient(model, &case.samples, batch, loss, f64::from)
                        .unwrap()
                        .1
                };
                let g = gradient(&model);
                let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
                let radius = if norm > 0.0 {
                    f64::from(rule.rho) / norm
                } else {
                    0.0
                };
                let g = gradient(&with(&model, 1.0, radius, &g));
                let keep = 1.0 - f64::from(rule.eta * rule.weight_decay);
                model = with(&model, keep, -f64::from(rule.eta), &g);
            }
            let engine = stepped(Isa::best(), &case, &rule);
            for (w, v) in engine.iter().zip(reference::parameters(&model)) {
                assert!(
                    (w - v).abs() <= 2e-5 * v.abs().max(1.0),
                    "{seed} {loss:?} {w} {v}"
                );
            }
        }
    }
}

/// `keep theta + factor direction`, rounded to f32.
fn with(model: &Model, keep: f64, factor: f64, direction: &[f64]) -> Model {
    let (mut model, mut direction) = (model.clone(), direction.iter());
    for part in model.parts_mut() {
        for i in 0..part.rows() {
            for w in part.row_mut(i) {
                *w = (keep * f64::from(*w) + factor * direction.next().unwrap()) as f32;
            }
        }
    }
    model
}

#[test]
fn sam_without_radius_vs_sgd() {
    for seed in 0..40 {
        let case = Case::new(seed as usize % KINDS.len(), [9, 3, 8, 7], EIGHTHS, seed);
        let mut sam = rule(0.0, 2);
        sam.eta = 0.01;
        sam.weight_decay = 0.01;
        let sgd = Rule {
            normalised: false,
            ..sam
        };
        let (a, b) = (
            stepped(Isa::best(), &case, &sam),
            stepped(Isa::best(), &case, &sgd),
        );
        assert_eq!(bits(&a), bits(&b));
        // by hand, from the gradient alone
        let mut model = case.model.clone();
        for (indices, labels) in case.indices.chunks(2).zip(case.labels.chunks(2)) {
            let mut g = Model::zeros(model.shape);
            loss_and_gradient(
                Isa::best(),
                &model,
                &case.samples,
                (indices, labels),
                sam.loss,
                &mut g,
            );
            let keep = 1.0 - sam.eta * sam.weight_decay;
            for (w, g) in model.parts_mut().zip(g.parts()) {
                for i in 0..w.rows() {
                    for (w, g) in w.row_mut(i).iter_mut().zip(g.row(i)) {
                        *w = (-sam.eta).mul_add(*g, keep * *w);
                    }
                }
            }
        }
        assert_eq!(bits(&a), bits(&reference::parameters(&model)));
        // Negative control
        assert_ne!(a, stepped(Isa::best(), &case, &rule(0.5, 2)));
    }
}

#[test]
fn portable_vs_others() {
    for seed in 0..40 {
        let case = Case::new(seed as usize % KINDS.len(), [19, 3, 40, 40], EIGHTHS, seed);
        for (batch, rho) in [(1, 0.1), (10, 0.0), (100, 0.3)] {
            let rule = Rule {
                eta: 0.01,
                ..rule(rho, batch)
            };
            for isa in Isa::ALL {
                let (a, b) = (
                    stepped(isa, &case, &rule),
                    stepped(Isa::Portable, &case, &rule),
                );
                assert_eq!(bits(&a), bits(&b), "{seed} {isa:?}");
            }
        }
    }
}

/// Where the gradient is 0 SAM stays, decay aside.
#[test]
fn zero_gradient() {
    for (kind, _) in KINDS.iter().enumerate() {
        let mut case = Case::new(kind, [5, 2, 4, 4], EIGHTHS, 1);
        case.model = Model::zeros(case.model.shape); // f = 0 ..
        case.labels.fill(0.0); // .. and interpolates
        let before = reference::parameters(&case.model);
        assert_eq!(stepped(Isa::best(), &case, &rule(1.0, 2)), before);
    }
}

#[test]
fn projection() {
    let case = Case::new(5, [5, 2, 4, 4], EIGHTHS, 1);
    let mut model = case.model.clone();
    let rule = Rule {
        project: Some(10.0),
        ..rule(0.1, 1)
    };
    Plain::new(Isa::best()).run(
        &mut model,
        &case.samples,
        &case.indices,
        &case.labels,
        &rule,
    );
    let square: f32 = model
        .first
        .chunks()
        .iter()
        .flat_map(|c| c.0)
        .map(|w| w * w)
        .sum();
    assert!((square - 100.0).abs() < 1e-3);
    // a first layer of norm 0 stays
    model.first.chunks_mut().fill(Default::default());
    model.last.chunks_mut().fill(Default::default());
    Plain::new(Isa::best()).run(
        &mut model,
        &case.samples,
        &case.indices,
        &case.labels,
        &rule,
    );
    assert!(model.first.chunks().iter().all(|c| c.0 == [0.0; 16]));
}

/// A call goes on where the last one ended, whatever the scratch holds.
#[test]
fn one_call_vs_two() {
    for (kind, (architecture, ..)) in KINDS.iter().enumerate() {
        let case = Case::new(kind, [5, 2, 6, 6], INTEGERS, 9);
        let rule = Rule {
            eta: 0.01,
            ..rule(0.1, 2)
        };
        let (mut once, mut twice) = (case.model.clone(), case.model.clone());
        Plain::new(Isa::best()).run(&mut once, &case.samples, &case.indices, &case.labels, &rule);
        let mut stepper = Plain::new(Isa::best());
        for part in [0..4, 4..6] {
            let (order, labels) = (&case.indices[part.clone()], &case.labels[part]);
            stepper.run(&mut twice, &case.samples, order, labels, &rule);
        }
        assert_eq!(once, twice, "{architecture:?}");
    }
}
