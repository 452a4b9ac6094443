//! Steps of Sim-BN against their definition, the plain stepper, and the instruction sets against each
//! other.

use super::super::definition::{self, random_model, random_samples, rule, run, shape};
use super::state::State;
use super::*;
use crate::engine::{Loss, Plain};

/// `(d, m, n)`, with rows shorter than, equal to and longer than whole chunks.
const SIZES: [(usize, usize, usize); 6] = [
    (1, 1, 1),
    (2, 1, 16),
    (3, 5, 17),
    (15, 3, 9),
    (16, 4, 70),
    (33, 6, 130),
];

fn rules() -> Vec<Rule> {
    let logistic = Loss::Logistic { p: 0.2 };
    vec![
        rule(),
        Rule { rho: 0.0, ..rule() },
        Rule {
            normalised: false,
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

fn network(d: usize, m: usize, n: usize) -> (Model, Samples) {
    scene(d, m, n, false)
}

/// Samples anywhere in the cube, or at its corners.
fn scene(d: usize, m: usize, n: usize, corners: bool) -> (Model, Samples) {
    let shape = shape(Architecture::SimBn, d, m, 2);
    let seed = (d + 10 * m + 100 * n) as u64;
    let mut samples = random_samples(&shape, n, seed);
    if corners {
        for i in 0..n {
            samples
                .x
                .row_mut(i)
                .iter_mut()
                .for_each(|x| *x = x.signum());
        }
    }
    (alive(random_model(shape, seed + 1), &samples), samples)
}

/// Rows that no sample fires are turned round.
fn alive(mut model: Model, samples: &Samples) -> Model {
    let z = |w: &[f32], i: usize| {
        w.iter()
            .zip(samples.x.row(i))
            .map(|(w, x)| w * x)
            .sum::<f32>()
    };
    for j in 0..model.shape.width {
        if (0..samples.len()).all(|i| z(model.first.row(j), i) <= 0.0) {
            model.first.row_mut(j).iter_mut().for_each(|w| *w = -*w);
        }
    }
    model
}

fn stepper(isa: Isa, model: &Model) -> SimBnStepper {
    SimBnStepper::new(isa, &model.shape, &rule()).unwrap()
}

/// Each sample once, then some again.
fn order(n: usize) -> Vec<u32> {
    (0..n as u32).chain((0..n as u32).step_by(3)).collect()
}

#[test]
fn sim_bn_vs_definition() {
    for (size, corners) in SIZES
        .into_iter()
        .flat_map(|size| [(size, false), (size, true)])
    {
        let (d, m, n) = size;
        let (model, samples) = scene(d, m, n, corners);
        let order = &order(n)[..n.min(8)];
        let labels: Vec<f32> = order.iter().map(|&i| samples.y[i as usize]).collect();
        for rule in rules() {
            let expected = definition::steps(&model, &samples, order, &labels, &rule);
            let stepped = run(
                &mut stepper(Isa::best(), &model),
                &model,
                &samples,
                order,
                &rule,
            );
            let error = definition::distance(&stepped, &expected);
            assert!(error < 2e-5, "{d} {m} {n} {rule:?}: {error}");
            let still = definition::distance(&model, &expected);
            assert!(still > 1e-4, "{d} {m} {n} {rule:?}: the step moves nothing");
        }
    }
}

#[test]
fn sim_bn_vs_plain() {
    let (model, samples) = network(30, 40, 100);
    for rule in rules() {
        let run = |stepper: &mut dyn Stepper| run(stepper, &model, &samples, &order(20), &rule);
        let short = run(&mut stepper_of(&model));
        let plain = run(&mut Plain::new(Isa::best()));
        let error = definition::distance(&short, &definition::flat(&plain));
        assert!(error < 2e-5, "{rule:?}: {error}");
    }
}

#[test]
fn definition_notices_a_frozen_statistic() {
    // the step without the gradient through a_j is another step: ||q|| is not 0
    let (model, samples) = network(3, 5, 17);
    let at = Rule {
        eta: 0.0101,
        ..rule()
    };
    let near = run(
        &mut stepper(Isa::best(), &model),
        &model,
        &samples,
        &order(17),
        &at,
    );
    let labels: Vec<f32> = order(17).iter().map(|&i| samples.y[i as usize]).collect();
    let expected = definition::steps(&model, &samples, &order(17), &labels, &rule());
    assert!(definition::distance(&near, &expected) > 1e-4);
}

#[test]
fn portable_vs_avx2_vs_avx512() {
    for (size, corners) in SIZES
        .into_iter()
        .flat_map(|size| [(size, false), (size, true)])
    {
        let (d, m, n) = size;
        let (model, samples) = scene(d, m, n, corners);
        for rule in rules() {
            let mut ends = definition::sets().map(|isa| {
                run(
                    &mut stepper(isa, &model),
                    &model,
                    &samples,
                    &order(n),
                    &rule,
                )
            });
            let portable = ends.next().unwrap();
            assert!(ends.all(|end| end == portable), "{d} {m} {n} {rule:?}");
        }
    }
}

#[test]
fn sam_at_radius_zero_vs_sgd() {
    let (model, samples) = network(16, 4, 70);
    for normalised in [true, false] {
        let sgd = Rule {
            rho: 0.0,
            normalised,
            ..rule()
        };
        let zero = Rule {
            rho: -0.0,
            normalised: true,
            ..rule()
        };
        let ends = [sgd, zero].map(|rule| {
            run(
                &mut stepper(Isa::best(), &model),
                &model,
                &samples,
                &order(70),
                &rule,
            )
        });
        assert_eq!(ends[0], ends[1]);
        let sam = run(
            &mut stepper(Isa::best(), &model),
            &model,
            &samples,
            &order(70),
            &rule(),
        );
        assert_ne!(ends[0], sam);
    }
}

#[test]
fn tiny_radius_vs_sgd() {
    // the road through theta~ with theta~ = theta: gamma + 1e-30 (...) rounds to gamma
    let (model, samples) = network(16, 4, 70);
    let ends = [0.0, 1e-30].map(|rho| {
        let rule = Rule { rho, ..rule() };
        run(
            &mut stepper(Isa::best(), &model),
            &model,
            &samples,
            &order(70),
            &rule,
        )
    });
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn zero_gradient_stays() {
    // label = output, so e = 0: nothing moves, with SAM nor without
    let shape = shape(Architecture::SimBn, 1, 1, 2);
    let samples = Samples::new(&shape, &[vec![1.0]], vec![0.5]);
    let mut model = Model::zeros(shape);
    model.first.row_mut(0).copy_from_slice(&[1.0, 1.0]); // z = a = 2, u = 1
    model.gamma.row_mut(0)[0] = 1.0;
    model.last.row_mut(0)[0] = 0.5;
    assert_eq!(
        run(
            &mut stepper(Isa::best(), &model),
            &model,
            &samples,
            &[0],
            &rule()
        ),
        model
    );
    // both factors 0: ||grad f|| = 0 though e is not
    model.gamma.row_mut(0)[0] = 0.0;
    model.last.row_mut(0)[0] = 0.0;
    assert_eq!(
        run(
            &mut stepper(Isa::best(), &model),
            &model,
            &samples,
            &[0],
            &rule()
        ),
        model
    );
    model.gamma.row_mut(0)[0] = 0.25;
    assert_ne!(
        run(
            &mut stepper(Isa::best(), &model),
            &model,
            &samples,
            &[0],
            &rule()
        ),
        model
    );
}

#[test]
fn dead_neurons_are_left_out() {
    let (model, samples) = network(3, 5, 17);
    let mut dead = model.clone();
    dead.first
        .row_mut(4) // the last, so that the others keep their places in the sums
        .copy_from_slice(&[0.1, 0.1, 0.1, -9.0]);
    let mut stepper = stepper(Isa::best(), &dead);
    let end = run(&mut stepper, &dead, &samples, &order(17), &rule());
    assert_eq!(stepper.left_out(), order(17).len() as u64);
    assert_eq!(end.first.row(4), dead.first.row(4));
    // the others move as if the neuron were not there
    let shape = shape(Architecture::SimBn, 3, 4, 2);
    let mut four = Model::zeros(shape);
    for j in 0..4 {
        four.first.row_mut(j).copy_from_slice(dead.first.row(j));
        four.gamma.row_mut(0)[j] = dead.gamma.row(0)[j];
        four.last.row_mut(0)[j] = dead.last.row(0)[j];
    }
    let four = run(&mut stepper_of(&four), &four, &samples, &order(17), &rule());
    for j in 0..4 {
        assert_eq!(end.first.row(j), four.first.row(j));
        assert_eq!(end.last.row(0)[j], four.last.row(0)[j]);
    }
    let mut fresh = stepper_of(&model);
    run(&mut fresh, &model, &samples, &order(17), &rule());
    assert_eq!(fresh.left_out(), 0);
}

fn stepper_of(model: &Model) -> SimBnStepper {
    stepper(Isa::best(), model)
}

#[test]
fn calls_resync() {
    // a call starts from the model alone: a used stepper and a fresh one give the same bits
    let (model, samples) = network(16, 4, 70);
    let mut used = stepper_of(&model);
    let half = run(&mut used, &model, &samples, &order(70), &rule());
    let end = run(&mut used, &half, &samples, &order(70), &rule());
    assert_eq!(
        end,
        run(&mut stepper_of(&half), &half, &samples, &order(70), &rule())
    );
    // no pre-activation is updated by its move: without still neurons the ends of calls leave no trace
    let whole: Vec<u32> = order(70).into_iter().chain(order(70)).collect();
    assert_eq!(end, run(&mut used, &model, &samples, &whole, &rule()));
}

#[test]
fn still_vs_moved() {
    let (mut model, samples) = network(16, 12, 70);
    for j in [1, 2] {
        model.gamma.row_mut(0)[j] *= 1e-5;
        model.last.row_mut(0)[j] *= 1e-5;
    }
    let order = order(70);
    let labels: Vec<f32> = order.iter().map(|&i| samples.y[i as usize]).collect();
    let [(short, known), (long, all)] = [STILL, -1.0].map(|still| {
        let (mut model, mut state) = (model.clone(), State::new(&model, &samples, still));
        Isa::best().run(Run {
            state: &mut state,
            model: &mut model,
            samples: &samples,
            order: &order,
            labels: &labels,
            rule: &rule(),
        });
        (model, state)
    });
    let error = definition::distance(&short, &definition::flat(&long));
    assert!(error < 1e-6, "{error}");
    let drift = |state: &State, j: usize| state.drift[0].0[j];
    assert!(drift(&known, 1) > 0.0 && drift(&known, 2) > 0.0);
    assert_eq!([drift(&known, 0), drift(&all, 1)], [0.0, 0.0]);
}

#[test]
fn other_architectures_and_batches_are_refused() {
    let bias = shape(Architecture::Bias, 3, 2, 2);
    assert!(SimBnStepper::new(Isa::best(), &bias, &rule()).is_none());
    let batch = Rule { batch: 2, ..rule() };
    let bn = shape(Architecture::SimBn, 3, 2, 2);
    assert!(SimBnStepper::new(Isa::best(), &bn, &batch).is_none());
}
