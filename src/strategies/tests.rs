//! Tests of the strategies: what they give and what they shrink to.

use super::*;
use crate::sharpness;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRng};

fn runner(seed: u64) -> TestRunner {
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(Default::default(), &bytes))
}

fn options() -> impl Strategy<Value = Options> {
    (0..3usize, 0..3usize, any::<bool>()).prop_map(|(i, l, repeats)| Options {
        inputs: [Inputs::Any, Inputs::Cube, Inputs::Sphere][i],
        labels: [Labels::Any, Labels::Nonzero, Labels::Signs][l],
        repeats,
        contradictions: false,
    })
}

/// The options, checked on the values that a test gets.
fn keeps(options: &Options, data: &Dataset) -> bool {
    let is_sign = |v: &Radical| *v == Radical::from(1) || *v == Radical::from(-1);
    let squares = || data.radius_squared();
    let inputs = match options.inputs {
        Inputs::Any => true,
        Inputs::Cube => data.x.iter().flatten().all(is_sign),
        Inputs::Sphere => squares().iter().all(|r2| *r2 == Radical::from(2)),
    };
    let labels = match options.labels {
        Labels::Any => true,
        Labels::Nonzero => data.y.iter().all(|y| *y != Radical::from(0)),
        Labels::Signs => data.y.iter().all(is_sign),
    };
    let twins = (0..data.len()).any(|i| (0..i).any(|j| data.x[i] == data.x[j]));
    inputs && labels && (options.repeats || !twins)
}

/// Walks down from one instance, turning as `turns` say, and checks every value on the way.
fn walk<S: Strategy>(
    strategy: &S,
    seed: u64,
    turns: u32,
    check: impl Fn(&S::Value) -> bool,
) -> Result<(), TestCaseError> {
    let mut tree = strategy
        .new_tree(&mut runner(seed))
        .map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert!(check(&tree.current()), "{:?}", tree.current());
    for k in 0..32 {
        let moved = if turns >> k & 1 == 1 {
            tree.simplify()
        } else {
            tree.complicate()
        };
        prop_assert!(check(&tree.current()), "{:?}", tree.current());
        if !moved && turns >> k & 1 == 1 {
            break;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn values_keep_their_hypothesis(
        options in options(), kind in 0usize..5, seed: u64, turns: u32,
    ) {
        let kind = Kind::ALL[kind];
        let data = || datasets(2..=3, 2..=3, options);
        let good = |data: &Dataset| {
            data.check().is_ok() && (2..=3).contains(&data.len())
                && (2..=3).contains(&data.dim()) && keeps(&options, data)
        };
        walk(&data(), seed, turns, good)?;
        walk(&admissible(kind, 2..=3, data()), seed, turns, |(net, data)| {
            let width = net.architecture().width();
            good(data) && Kind::of(net) == kind && (2..=3).contains(&width)
                && net.kinks(&data.x) == Ok(vec![])
        })?;
        walk(&interpolating(kind, data()), seed, turns, |(net, data)| {
            good(data) && Kind::of(net) == kind && net.interpolates(data) == Ok(true)
                && net.kinks(&data.x) == Ok(vec![])
        })?;
    }

    /// Repeats weigh in the means of batch norm: an instance once missed.
    #[test]
    fn batch_norm_interpolates_repeats(seed: u64) {
        let options = Options { repeats: true, ..Options::default() };
        let strategy = interpolating(Kind::SimBn, datasets(3..=3, 2..=2, options));
        walk(&strategy, seed, 0, |(net, data)| net.interpolates(data) == Ok(true))?;
    }

    /// What proptest ends at is what the greedy loop of the search ends at.
    #[test]
    fn shrinking_vs_minimise(seed: u64) {
        let strategy = datasets(1..=6, 1..=3, Options { repeats: true, ..Options::default() });
        let fails = |data: &Dataset| data.y.iter().any(|y| *y > data.y[0]);
        let mut tree = strategy.new_tree(&mut runner(seed)).unwrap();
        let start = tree.failing.0.clone();
        prop_assume!(fails(&tree.current()));
        let hypothesis = tree.hypothesis.clone();
        let mut more = tree.simplify();
        while more {
            more = if fails(&tree.current()) { tree.simplify() } else { tree.complicate() };
        }
        let expected = shrink::minimise(start, |data| hypothesis.simpler(data), |data| {
            hypothesis.value(data).is_some_and(|data| fails(&data))
        });
        prop_assert_eq!(&tree.current(), &real(&expected));
        prop_assert_eq!(expected.len(), 2);
    }
}

#[test]
fn a_failing_network_becomes_readable() {
    let options = Options {
        inputs: Inputs::Cube,
        labels: Labels::Nonzero,
        ..Options::default()
    };
    let strategy = interpolating(Kind::Bias(2), datasets(1..=4, 2..=3, options));
    // false: a network that interpolates need not be flattest
    let flattest = |(net, data): (Network, Dataset)| {
        let bound =
            crate::lower_bound(&net, &data).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(sharpness::sharpness(&net, &data)?, bound);
        Ok(())
    };
    let Err(TestError::Fail(_, (net, data))) = runner(7).run(&strategy, flattest) else {
        panic!("a random network is flattest");
    };
    assert_eq!((data.len(), data.dim(), net.first_layer().len()), (1, 2, 1));
    let numbers = net.parameters();
    let lengths = numbers.iter().map(|v| v.to_string().len());
    assert!(lengths.max() <= Some(4), "{net:?}");
}

#[test]
fn an_empty_hypothesis_is_told() {
    // there is no network of depth 1
    let hopeless = interpolating(Kind::Bias(1), datasets(1..=2, 1..=1, Options::default()));
    let empty = datasets(RangeInclusive::new(3, 2), 1..=1, Options::default());
    let reason = hopeless.new_tree(&mut runner(0)).map(drop).unwrap_err();
    assert!(
        reason
            .message()
            .starts_with("no instance found of Interpolating")
    );
    assert!(empty.new_tree(&mut runner(0)).is_err());
}
