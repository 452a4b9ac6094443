//! Lists against all neurons and against blocks, and that they are short.

use super::super::naive::Naive;
use super::super::tests::{Problem, RULE, problem, rules, same, shape};
use super::super::*;
use crate::engine::model::{Activation, Architecture};

/// Few neurons are active: the biases are low.
fn sparse(architecture: Architecture, seed: u64, d: usize, steps: usize) -> Problem {
    let shape = shape(architecture, Activation::Relu, d, 83);
    let mut problem = problem(seed, shape, 12, steps);
    for j in 0..83 {
        let row = problem.model.first.row_mut(j);
        *row.last_mut().unwrap() = -0.7 - 0.01 * (j % 7) as f32;
    }
    problem
}

/// The same problem with a sample, never visited, so far out that nothing can be left out.
fn unbounded(problem: &Problem) -> Problem {
    let rows = (0..problem.samples.len()).map(|i| problem.samples.x.row(i).to_vec());
    let mut rows: Vec<Vec<f32>> = rows.collect();
    rows.push(vec![1e11; rows[0].len()]);
    let mut labels = problem.samples.y.clone();
    labels.push(1.0);
    Problem {
        model: problem.model.clone(),
        samples: Samples::new(&problem.model.shape, &rows, labels),
        order: problem.order.clone(),
        labels: problem.labels.clone(),
    }
}

/// One call by lists, whatever the share of active neurons; and the share of neurons it looked at.
fn by_lists(problem: &Problem, isa: Isa, rule: &Rule) -> (Model, f64) {
    struct ByLists<'a>(&'a mut Lists, Steps<'a>);
    impl Kernel for ByLists<'_> {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) {
            self.0.open(lanes, &self.1);
            self.0.run(lanes, self.1);
        }
    }
    let (mut model, mut lists) = (problem.model.clone(), Lists::default());
    let on = Steps {
        model: &mut model,
        samples: &problem.samples,
        order: &problem.order,
        labels: &problem.labels,
        rule,
    };
    isa.run(ByLists(&mut lists, on));
    (model, lists.share_listed())
}

#[test]
fn lists_vs_all_neurons() {
    let mut short = 0;
    for architecture in [Architecture::Bias, Architecture::SimLn] {
        for (seed, rule) in rules().into_iter().enumerate() {
            for d in [30, 10, 40] {
                let problem = sparse(architecture, seed as u64, d, 1500);
                let (by_few, share) = by_lists(&problem, Isa::best(), &rule);
                let (by_all, everything) = by_lists(&unbounded(&problem), Isa::best(), &rule);
                assert_eq!(everything, 1.0);
                short += usize::from(share < 0.9);
                assert!(
                    same(&by_few, &by_all),
                    "{architecture:?}, rule {seed}, d {d}"
                );
                assert!(!same(&by_few, &problem.model));
            }
        }
    }
    assert!(short >= 40, "{short} of 48 are worth it");
}

#[test]
fn lists_vs_blocks() {
    for rule in rules() {
        let problem = sparse(Architecture::Bias, 3, 30, 40);
        let (by_lists, _) = by_lists(&problem, Isa::best(), &rule);
        let exact = problem.naive(&rule);
        assert!(Naive::of(&by_lists).distance(&exact) < 2e-5, "{rule:?}");
        let mut blocks = problem.model.clone();
        let on = Steps {
            model: &mut blocks,
            samples: &problem.samples,
            order: &problem.order,
            labels: &problem.labels,
            rule: &rule,
        };
        struct Blocks<'a>(&'a mut Scratch, Steps<'a>);
        impl Kernel for Blocks<'_> {
            type Output = ();
            #[inline(always)]
            fn run<L: Lanes>(self, lanes: L) {
                self.0.run(lanes, self.1);
            }
        }
        let scratch = &mut Scratch::new(&problem.model.shape);
        Isa::best().run(Blocks(scratch, on));
        assert!(Naive::of(&blocks).distance(&Naive::of(&by_lists)) < 4e-5);
        assert!(!same(&blocks, &problem.model));
    }
}

/// Which road is taken is seen in the bits: they differ in rounding.
#[test]
fn few_active_neurons_take_lists() {
    let few = sparse(Architecture::Bias, 5, 30, 300);
    assert!(same(
        &few.after(Isa::best(), &RULE),
        &by_lists(&few, Isa::best(), &RULE).0
    ));
    let many = problem(5, few.model.shape, 12, 300);
    assert!(!same(
        &many.after(Isa::best(), &RULE),
        &by_lists(&many, Isa::best(), &RULE).0
    ));
}

/// Calls of any length leave nothing behind but lists.
#[test]
fn one_call_vs_many_by_lists() {
    let problem = sparse(Architecture::Bias, 6, 30, 600);
    let mut model = problem.model.clone();
    let mut stepper = RankOne::new(Isa::best(), &model.shape, &RULE).unwrap();
    let calls = problem.order.chunks(75).zip(problem.labels.chunks(75));
    for (order, labels) in calls.clone() {
        stepper.run(&mut model, &problem.samples, order, labels, &RULE);
    }
    let mut afresh = problem.model.clone();
    for (order, labels) in calls {
        let mut stepper = RankOne::new(Isa::best(), &afresh.shape, &RULE).unwrap();
        stepper.run(&mut afresh, &problem.samples, order, labels, &RULE);
    }
    assert!(same(&model, &afresh));
    assert!(same(&model, &problem.after(Isa::best(), &RULE)));
}

#[test]
fn portable_vs_others_by_lists() {
    for (seed, rule) in rules().into_iter().enumerate() {
        let problem = sparse(Architecture::SimLn, seed as u64, 30, 300);
        let portable = by_lists(&problem, Isa::Portable, &rule).0;
        for isa in Isa::ALL {
            assert!(
                same(&by_lists(&problem, isa, &rule).0, &portable),
                "{isa:?} {seed}"
            );
        }
    }
}
