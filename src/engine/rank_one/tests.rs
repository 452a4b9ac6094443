//! Steps against a naive one in f64, exact steps, and the instruction sets against each other.

use super::naive::Naive;
use super::*;
use crate::engine::Plain;
use crate::engine::simd::lanes::{Chunk, WIDTH, flat};
use crate::engine::step::Loss;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub const RULE: Rule = Rule {
    loss: Loss::SquaredError,
    eta: 0.01,
    rho: 0.05,
    normalised: true,
    weight_decay: 0.0,
    batch: 1,
    project: None,
};

/// A random network, samples of the cube, an order with repeats.
pub struct Problem {
    pub model: Model,
    pub samples: Samples,
    pub order: Vec<u32>,
    pub labels: Vec<f32>,
}

pub fn problem(seed: u64, shape: Shape, n: usize, steps: usize) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = |bound: f32| (rng.random::<f32>() * 2.0 - 1.0) * bound;
    let mut model = Model::zeros(shape);
    let (m, d) = (shape.width, shape.input_dim);
    for j in 0..m {
        let bound = 1.0 / (d as f32).sqrt();
        model
            .first
            .row_mut(j)
            .iter_mut()
            .for_each(|w| *w = uniform(bound));
        model.last.row_mut(0)[j] = uniform(1.0 / (m as f32).sqrt());
    }
    let sign = |t: f32| if t > 0.0 { 1.0 } else { -1.0 };
    let mut row = |_| (0..d).map(|_| sign(uniform(1.0))).collect::<Vec<f32>>();
    let x: Vec<Vec<f32>> = (0..n).map(&mut row).collect();
    let y: Vec<f32> = x.iter().map(|x| x[0] * x[d - 1]).collect();
    let order: Vec<u32> = (0..steps).map(|_| rng.next_u32() % n as u32).collect();
    Problem {
        labels: order.iter().map(|&i| y[i as usize]).collect(),
        samples: Samples::new(&shape, &x, y),
        model,
        order,
    }
}

pub fn shape(architecture: Architecture, activation: Activation, d: usize, m: usize) -> Shape {
    Shape {
        architecture,
        activation,
        input_dim: d,
        width: m,
        depth: 2,
        eps: 1e-3,
    }
}

impl Problem {
    /// The model after all steps, by `isa`.
    pub fn after(&self, isa: Isa, rule: &Rule) -> Model {
        let mut model = self.model.clone();
        let mut stepper = RankOne::new(isa, &model.shape, rule).unwrap();
        stepper.run(&mut model, &self.samples, &self.order, &self.labels, rule);
        model
    }
    pub fn naive(&self, rule: &Rule) -> Naive {
        Naive::of(&self.model).run(&self.samples, &self.order, &self.labels, rule)
    }
    /// Distance of f32 and f64.
    fn error(&self, rule: &Rule) -> f64 {
        Naive::of(&self.after(Isa::best(), rule)).distance(&self.naive(rule))
    }
}

/// Every kind of network.
fn kinds() -> [(Architecture, Activation); 5] {
    use {Activation::*, Architecture::*};
    [
        (NoBias, Relu),
        (Bias, Relu),
        (SimLn, Relu),
        (NoBias, Softplus),
        (Bias, Softplus),
    ]
}

/// Every way a step can differ.
pub fn rules() -> Vec<Rule> {
    let logistic = Loss::Logistic { p: 0.2 };
    vec![
        RULE,
        Rule { rho: 0.0, ..RULE },
        Rule {
            normalised: false,
            ..RULE
        },
        Rule {
            weight_decay: 0.05,
            ..RULE
        },
        Rule {
            project: Some(2.0),
            ..RULE
        },
        Rule {
            project: Some(1.0),
            weight_decay: 0.5,
            rho: 0.3,
            ..RULE
        },
        Rule {
            loss: logistic,
            eta: 0.1,
            rho: 0.2,
            ..RULE
        },
        Rule {
            loss: logistic,
            weight_decay: 0.05,
            ..RULE
        },
    ]
}

#[test]
fn rank_one_vs_naive() {
    for (kind, (architecture, activation)) in kinds().into_iter().enumerate() {
        for (i, rule) in rules().into_iter().enumerate() {
            let soft = activation == Activation::Softplus; // everything is active: smaller steps
            let rule = &Rule {
                eta: if soft { 0.1 * rule.eta } else { rule.eta },
                ..rule
            };
            for (d, m, steps) in [
                (30, 50, 37),
                (10, 16, 16),
                (3, 1, 5),
                (40, 70, 50),
                (15, 9, 33),
            ] {
                let shape = shape(architecture, activation, d, m);
                let error = problem(i as u64, shape, 12, steps).error(rule);
                assert!(error < 2e-5, "kind {kind}, rule {i}, d {d}, m {m}: {error}");
            }
        }
    }
}

#[test]
fn another_rule_is_seen() {
    let shape = shape(Architecture::Bias, Activation::Relu, 30, 50);
    let problem = problem(0, shape, 12, 37);
    for rule in &rules()[1..] {
        let other = Naive::of(&problem.after(Isa::best(), rule));
        assert!(other.distance(&problem.naive(&RULE)) > 1e-4, "{rule:?}");
    }
}

/// The same against the plain stepper in f32, over a few steps.
#[test]
fn rank_one_vs_plain_stepper() {
    for (architecture, activation) in kinds() {
        let problem = problem(8, shape(architecture, activation, 30, 50), 12, 20);
        for rule in &rules() {
            let rule = &Rule {
                eta: 0.1 * rule.eta,
                ..*rule
            };
            let mut plain = problem.model.clone();
            let (samples, order) = (&problem.samples, &problem.order);
            Plain::new(Isa::best()).run(&mut plain, samples, order, &problem.labels, rule);
            let error = Naive::of(&problem.after(Isa::best(), rule)).distance(&Naive::of(&plain));
            assert!(
                error < 1e-5,
                "{architecture:?} {activation:?} {rule:?}: {error}"
            );
        }
    }
}

/// Not NaN compared with NaN: bits.
pub fn same(left: &Model, right: &Model) -> bool {
    left.parts().zip(right.parts()).all(|(left, right)| {
        let pairs = left
            .chunks()
            .iter()
            .flat_map(|c| c.0)
            .zip(right.chunks().iter().flat_map(|c| c.0));
        pairs
            .into_iter()
            .all(|(l, r)| l.to_bits() == r.to_bits() || l.is_nan() && r.is_nan())
    })
}

fn same_bits(isa: Isa) {
    for (architecture, activation) in kinds() {
        for (i, rule) in rules().iter().enumerate() {
            for (d, m) in [(30, 83), (10, 16), (33, 5)] {
                let problem = problem(7, shape(architecture, activation, d, m), 20, 150);
                let (left, right) = (problem.after(Isa::Portable, rule), problem.after(isa, rule));
                assert!(
                    same(&left, &right),
                    "{architecture:?} {activation:?}, rule {i}"
                );
                assert!(!same(&left, &problem.model));
            }
        }
    }
}

#[test]
fn portable_vs_avx2() {
    same_bits(Isa::Avx2);
}

#[test]
fn portable_vs_avx512() {
    same_bits(Isa::Avx512);
}

/// A small integral net: every product and sum is an integer below 2^24 over a power of two, so the
/// step in f32 is exact.
#[test]
fn rank_one_vs_exact_step() {
    let rule = Rule {
        eta: 0.125,
        rho: 0.5,
        normalised: false,
        ..RULE
    };
    let shape = shape(Architecture::Bias, Activation::Relu, 3, 21);
    let mut problem = problem(1, shape, 4, 1);
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for w in problem.model.parts_mut() {
        for j in 0..w.rows() {
            w.row_mut(j)
                .iter_mut()
                .for_each(|w| *w = (rng.next_u32() % 5) as f32 - 2.0);
        }
    }
    assert_eq!(
        Naive::of(&problem.after(Isa::best(), &rule)),
        problem.naive(&rule)
    );
    let other = Rule { rho: 0.25, ..rule };
    assert_ne!(
        Naive::of(&problem.after(Isa::best(), &other)),
        problem.naive(&rule)
    );
}

#[test]
fn no_radius_is_sgd() {
    for (architecture, activation) in kinds() {
        let problem = problem(3, shape(architecture, activation, 30, 50), 12, 40);
        for normalised in [true, false] {
            let sgd = problem.after(Isa::best(), &Rule { rho: 0.0, ..RULE });
            let sam = Rule {
                rho: 0.0,
                normalised,
                ..RULE
            };
            assert!(same(&problem.after(Isa::best(), &sam), &sgd));
            assert!(!same(&problem.after(Isa::best(), &RULE), &sgd));
        }
    }
}

/// `f = 1` at the only input, exactly: the gradient is 0, and nothing moves, not even a -0.
#[test]
fn a_fitted_sample_moves_nothing() {
    for architecture in [
        Architecture::NoBias,
        Architecture::Bias,
        Architecture::SimLn,
    ] {
        let mut problem = problem(4, shape(architecture, Activation::Relu, 4, 20), 1, 40);
        let x = problem.samples.x.row(0).to_vec();
        for j in 0..20 {
            let row = problem.model.first.row_mut(j);
            row.fill(-0.0);
            row[0] = if j == 0 { x[0] } else { -x[0] };
        }
        problem.model.last.row_mut(0).fill(-0.0);
        problem.model.last.row_mut(0)[0] = 1.0;
        problem.labels.fill(1.0);
        assert!(same(&problem.after(Isa::best(), &RULE), &problem.model));
        problem.labels[20] = 1.5;
        assert!(!same(&problem.after(Isa::best(), &RULE), &problem.model));
    }
}

#[test]
fn no_active_neuron_moves_nothing() {
    let mut problem = problem(
        4,
        shape(Architecture::NoBias, Activation::Relu, 4, 20),
        1,
        40,
    );
    let x = problem.samples.x.row(0).to_vec();
    for j in 0..20 {
        let row = problem.model.first.row_mut(j).iter_mut().zip(&x);
        row.for_each(|(w, x)| *w = -x);
    }
    assert!(same(&problem.after(Isa::best(), &RULE), &problem.model));
}

/// Calls end where blocks do not: the ends of calls only must not matter beyond rounding.
#[test]
fn one_call_vs_many() {
    let shape = shape(Architecture::Bias, Activation::Relu, 30, 50);
    let problem = problem(5, shape, 3, 64);
    let mut model = problem.model.clone();
    let mut stepper = RankOne::new(Isa::best(), &shape, &RULE).unwrap();
    for (order, labels) in problem.order.chunks(11).zip(problem.labels.chunks(11)) {
        stepper.run(&mut model, &problem.samples, order, labels, &RULE);
    }
    let whole = Naive::of(&problem.after(Isa::best(), &RULE));
    assert!(Naive::of(&model).distance(&whole) < 1e-5);
    // and a call leaves nothing behind for the next
    let mut again = problem.model.clone();
    stepper.run(
        &mut again,
        &problem.samples,
        &problem.order,
        &problem.labels,
        &RULE,
    );
    assert!(same(&again, &problem.after(Isa::best(), &RULE)));
}

/// Sizes of the weights from denormal to overflow, NaN: no panic, the same bits, and the padding stays 0.
#[test]
fn odd_weights() {
    let scales = [
        1e-42,
        1e-30,
        1e-12,
        1e6,
        1e19,
        3e38,
        f32::INFINITY,
        f32::NAN,
    ];
    for (architecture, activation) in kinds() {
        for scale in scales {
            let mut problem = problem(6, shape(architecture, activation, 30, 21), 5, 40);
            for w in problem.model.parts_mut() {
                for j in 0..w.rows() {
                    w.row_mut(j).iter_mut().for_each(|w| *w *= scale);
                }
            }
            let portable = problem.after(Isa::Portable, &RULE);
            let padding = portable.first.row_chunks(20)[1].0[15];
            assert!(architecture == Architecture::Bias || padding == 0.0 || padding.is_nan());
            for isa in Isa::ALL {
                assert!(
                    same(&problem.after(isa, &RULE), &portable),
                    "{isa:?} {scale:e}"
                );
            }
        }
    }
}

#[test]
fn steps_it_is_not_for() {
    let relu = |architecture| shape(architecture, Activation::Relu, 4, 4);
    let new = |shape: &Shape, rule: &Rule| RankOne::new(Isa::Portable, shape, rule).is_some();
    assert!(new(&relu(Architecture::Bias), &RULE));
    assert!(!new(&relu(Architecture::SimBn), &RULE));
    assert!(!new(&relu(Architecture::Bias), &Rule { batch: 2, ..RULE }));
    assert!(!new(
        &Shape {
            depth: 3,
            ..relu(Architecture::Bias)
        },
        &RULE
    ));
    assert!(!new(
        &relu(Architecture::Bias),
        &Rule {
            weight_decay: 60.0,
            ..RULE
        }
    ));
}

/// Lane `l` of result `i` is lane `i` of row `l`, on every set.
struct Transposed;
impl Kernel for Transposed {
    type Output = Vec<f32>;
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Vec<f32> {
        let mut rows = [lanes.splat(0.0); WIDTH];
        for (l, row) in rows.iter_mut().enumerate() {
            let lane = |i: usize| (WIDTH * l + i) as f32;
            *row = lanes.load(&Chunk(std::array::from_fn(lane)));
        }
        let mut out = vec![Chunk::default(); WIDTH];
        for (to, column) in out.iter_mut().zip(lanes.transpose(rows)) {
            lanes.store(column, to);
        }
        flat(&out).to_vec()
    }
}

#[test]
fn transpose_is_one() {
    for isa in Isa::ALL {
        let got = isa.run(Transposed);
        let expected = (0..256).map(|k| (k % 16 * 16 + k / 16) as f32);
        assert!(got.into_iter().eq(expected), "{isa:?}");
    }
}
