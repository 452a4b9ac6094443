//! Steps of deep networks against their definition, the plain stepper, and the instruction sets against
//! each other.

use super::super::definition::{self, random_model, random_samples, rule, run, shape};
use super::*;
use crate::engine::{Loss, Plain};

/// `(d, m, D, n)`, with rows shorter than, equal to and longer than whole chunks.
const SIZES: [(usize, usize, usize, usize); 6] = [
    (1, 1, 3, 1),
    (2, 3, 3, 5),
    (15, 6, 3, 4),
    (3, 5, 4, 9),
    (16, 4, 5, 7),
    (4, 17, 3, 6),
];

/// Columns longer than what any instruction set holds in registers.
const WIDE: (usize, usize, usize, usize) = (5, 270, 3, 3);

/// A rate at which steps do not diverge: `||grad f||^2` grows with the width.
fn stable(rule: Rule, width: usize) -> Rule {
    let eta = if width > 100 { 3e-4 } else { rule.eta };
    Rule { eta, ..rule }
}

fn rules() -> Vec<Rule> {
    let logistic = Loss::Logistic { p: 0.2 };
    vec![
        rule(),
        Rule { rho: 0.0, ..rule() },
        Rule {
            normalised: false,
            rho: 0.002,
            ..rule()
        },
        Rule {
            loss: logistic,
            ..rule()
        },
        Rule {
            weight_decay: 0.5,
            ..rule()
        },
        Rule {
            project: Some(2.0),
            ..rule()
        },
    ]
}

/// Non-negative weights in the hidden layers keep some neurons of every layer firing.
fn network((d, m, depth, n): (usize, usize, usize, usize)) -> (Model, Samples) {
    let shape = shape(Architecture::Bias, d, m, depth);
    let seed = (d + 10 * m + 100 * n) as u64;
    let mut model = random_model(shape, seed + 1);
    for j in 0..m {
        model.first.row_mut(j)[d] += 1.0;
        for w in &mut model.hidden {
            w.row_mut(j)[j] = 1.0;
        }
    }
    (model, random_samples(&shape, n, seed))
}

fn stepper(isa: Isa, model: &Model) -> DeepStepper {
    DeepStepper::new(isa, &model.shape, &rule()).unwrap()
}

/// Each sample once, then some again.
fn order(n: usize) -> Vec<u32> {
    (0..n as u32).chain((0..n as u32).step_by(3)).collect()
}

#[test]
fn deep_vs_definition() {
    for size in SIZES {
        let (model, samples) = network(size);
        let order = order(size.3);
        let labels: Vec<f32> = order.iter().map(|&i| samples.y[i as usize]).collect();
        for rule in rules() {
            let expected = definition::steps(&model, &samples, &order, &labels, &rule);
            let stepped = run(
                &mut stepper(Isa::best(), &model),
                &model,
                &samples,
                &order,
                &rule,
            );
            let error = definition::distance(&stepped, &expected);
            assert!(error < 2e-5, "{size:?} {rule:?}: {error}");
            let still = definition::distance(&model, &expected);
            assert!(still > 1e-4, "{size:?} {rule:?}: the step moves nothing");
        }
    }
}

#[test]
fn deep_vs_plain() {
    for size in [(30, 70, 3, 40), WIDE] {
        let (model, samples) = network(size);
        let order = order(size.3);
        for rule in rules() {
            let rule = stable(rule, size.1);
            let run = |stepper: &mut dyn Stepper| run(stepper, &model, &samples, &order, &rule);
            let deep = run(&mut stepper(Isa::best(), &model));
            let plain = run(&mut Plain::new(Isa::best()));
            let error = definition::distance(&deep, &definition::flat(&plain));
            assert!(error < 2e-5, "{size:?} {rule:?}: {error}");
        }
    }
}

#[test]
fn portable_vs_avx2_vs_avx512() {
    for size in SIZES.into_iter().chain([WIDE]) {
        let (model, samples) = network(size);
        for rule in rules() {
            let rule = stable(rule, size.1);
            let mut ends = definition::sets().map(|isa| {
                run(
                    &mut stepper(isa, &model),
                    &model,
                    &samples,
                    &order(size.3),
                    &rule,
                )
            });
            let portable = ends.next().unwrap();
            let finite = definition::flat(&portable).iter().all(|w| w.is_finite());
            assert!(finite && portable != model, "{size:?} {rule:?}");
            assert!(ends.all(|end| end == portable), "{size:?} {rule:?}");
        }
    }
}

#[test]
fn tiny_radius_vs_sgd() {
    // the road through theta~ with theta~ = theta up to rounding
    let size = (16, 20, 3, 30);
    let (model, samples) = network(size);
    let ends = [0.0, -0.0, 1e-30, 0.1].map(|rho| {
        let rule = Rule { rho, ..rule() };
        run(
            &mut stepper(Isa::best(), &model),
            &model,
            &samples,
            &order(30),
            &rule,
        )
    });
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0], ends[2]);
    assert_ne!(ends[0], ends[3]);
}

#[test]
fn zero_gradient_stays() {
    let shape = shape(Architecture::Bias, 1, 1, 3);
    let samples = Samples::new(&shape, &[vec![1.0]], vec![2.0]);
    let mut model = Model::zeros(shape);
    let step = |model: &Model| {
        run(
            &mut stepper(Isa::best(), model),
            model,
            &samples,
            &[0],
            &rule(),
        )
    };
    assert_eq!(step(&model), model); // all zero: ||grad f|| = 0 though e is not
    model.first.row_mut(0).copy_from_slice(&[1.0, 1.0]);
    model.hidden[0].row_mut(0)[0] = 1.0;
    model.last.row_mut(0)[0] = 1.0;
    assert_eq!(step(&model), model); // f = 2 = y
    model.last.row_mut(0)[0] = 2.0;
    assert_ne!(step(&model), model);
    model.hidden[0].row_mut(0)[0] = -1.0;
    assert_eq!(step(&model), model); // the second layer is silent
}

#[test]
fn calls_leave_no_trace() {
    let size = (16, 20, 4, 30);
    let (model, samples) = network(size);
    let (first, second) = (&order(30)[..13], &order(30)[13..]);
    for rule in rules() {
        let rule = Rule { eta: 1e-3, ..rule };
        let mut used = stepper(Isa::best(), &model);
        let whole = run(&mut used, &model, &samples, &order(30), &rule);
        let half = run(&mut used, &model, &samples, first, &rule);
        let end = run(&mut used, &half, &samples, second, &rule);
        let mut fresh = stepper(Isa::best(), &half);
        assert!(end == run(&mut fresh, &half, &samples, second, &rule));
        // one call rounds otherwise: decay is carried further, and signs are sorted once
        let error = definition::distance(&end, &definition::flat(&whole));
        assert!(error < 2e-5, "{rule:?}: {error}");
        assert!(end != half);
    }
}

#[test]
fn alpha_vs_plain() {
    // one half per step: alpha leaves its range after 12
    let size = (4, 17, 4, 15);
    let (model, samples) = network(size);
    let order = order(15);
    assert_eq!(order.len(), 20);
    let rule = Rule {
        weight_decay: 50.0,
        ..rule()
    };
    let flat = |stepper: &mut dyn Stepper| {
        definition::flat(&run(stepper, &model, &samples, &order, &rule))
    };
    let deep = flat(&mut stepper(Isa::best(), &model));
    let plain = flat(&mut Plain::new(Isa::best()));
    for (deep, plain) in deep.iter().zip(&plain) {
        assert!(
            (deep - plain).abs() < 1e-5 * plain.abs() + 1e-7,
            "{deep} {plain}"
        );
    }
    let lost = Rule {
        weight_decay: 51.0,
        ..rule
    };
    assert!(DeepStepper::new(Isa::best(), &model.shape, &lost).is_none());
}

#[test]
fn other_networks_are_refused() {
    let of = |shape: Shape, rule: Rule| DeepStepper::new(Isa::best(), &shape, &rule);
    let deep = shape(Architecture::Bias, 3, 2, 3);
    assert!(of(deep, rule()).is_some());
    assert!(of(shape(Architecture::Bias, 3, 2, 2), rule()).is_none());
    assert!(of(shape(Architecture::SimBn, 3, 2, 2), rule()).is_none());
    assert!(of(deep, Rule { batch: 2, ..rule() }).is_none());
}
