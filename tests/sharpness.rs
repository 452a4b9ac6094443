//! The trace of the Hessian and the gradients, each by two roads, exactly, for every architecture.

use flatproof::construction::{proposition_4_1, proposition_4_2};
use flatproof::data::{Dataset, xor};
use flatproof::network::{Bias, Layer, Network, NoBias, Refusal, SimBn, SimLn};
use flatproof::scalar::text::parse;
use flatproof::scalar::{Jet1, Radical, Rational, Real, Ring};
use flatproof::search::rng;
use flatproof::sharpness::spectrum::{compare_largest, compare_least};
use flatproof::sharpness::{closed_form, definition, gradient};
use proptest::prelude::*;
use std::cmp::Ordering;

/// A small network over small rationals, every third row scaled by a radical, and 2 to 4 inputs.
fn scene() -> impl Strategy<Value = (Network<Radical>, Vec<Vec<Radical>>)> {
    let numbers = prop::collection::vec((-6i64..7, 1i64..4), 64);
    (0usize..5, 1usize..3, 1usize..4, 2usize..5, numbers).prop_map(|(kind, d, m, n, numbers)| {
        let mut numbers = numbers
            .into_iter()
            .cycle()
            .map(|(p, q)| Rational::from((p, q)));
        let mut entries = |m: usize| -> Vec<Radical> {
            numbers
                .by_ref()
                .take(m)
                .map(Radical::from_rational)
                .collect()
        };
        let columns = if kind == 0 { d } else { d + 1 };
        let mut first: Vec<Vec<Radical>> = (0..m).map(|_| entries(columns)).collect();
        let root = Radical::from_int(7).root(4).expect("7 > 0");
        for row in first.iter_mut().step_by(3) {
            row.iter_mut().for_each(|v| *v = Ring::mul(v, &root));
        }
        let last = entries(m);
        let net = match kind {
            0 => Network::NoBias(NoBias { first, last }),
            1 => Network::Bias(Bias {
                first,
                hidden: vec![],
                last,
            }),
            2 => {
                let dense = Layer::Dense((0..m).map(|_| entries(m)).collect());
                let near = Layer::Diagonal {
                    diagonal: entries(m),
                    off: entries(1).remove(0),
                };
                Network::Bias(Bias {
                    first,
                    hidden: vec![near, dense],
                    last,
                })
            }
            3 => Network::SimBn(SimBn {
                first,
                gamma: entries(m),
                last,
            }),
            _ => Network::SimLn(SimLn {
                first,
                last,
                eps: Radical::from_int(2),
            }),
        };
        let x = (0..n).map(|_| entries(d)).collect();
        (net, x)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Labels are the outputs, so theta interpolates.
    #[test]
    fn definition_vs_closed_form((net, x) in scene()) {
        let Ok(y) = net.outputs(&x, &x) else { return Ok(()) };
        let data = Dataset { x, y };
        let by_definition = definition::mse_trace(&net, &data);
        let closed = closed_form::trace(&net, &data.x);
        if let (Ok(a), Ok(b)) = (&by_definition, &closed) {
            prop_assert_eq!(a, b);
            prop_assert_ne!(a, &Ring::add(b, &Radical::one()));
        }
        let kink = |r: &Result<Radical, Refusal>| matches!(r, Err(Refusal::Kink(_)));
        prop_assert_eq!(kink(&by_definition), kink(&closed));
    }

    #[test]
    fn jet_vs_gradient((net, x) in scene()) {
        let Ok(gradients) = gradient::gradients(&net, &x) else { return Ok(()) };
        let lift = |v: &Radical| Jet1::constant(v.clone());
        let jets: Vec<Vec<Jet1<Radical>>> =
            x.iter().map(|x| x.iter().map(lift).collect()).collect();
        for p in 0..net.parameters().len() {
            let mut index = 0;
            let along = |v: &Radical| {
                index += 1;
                if index - 1 == p { Jet1::variable(v.clone()) } else { lift(v) }
            };
            let moved = net.map(along, lift).outputs(&jets, &jets).unwrap();
            for (g, f) in gradients.iter().zip(&moved) {
                let entry = g.iter().find(|(k, _)| *k == p).map(|(_, v)| v.clone());
                prop_assert_eq!(&entry.unwrap_or(Radical::zero()), &f.first);
            }
        }
    }

    #[test]
    fn gradient_vs_closed_form((net, x) in scene()) {
        let Ok(gradients) = gradient::gradients(&net, &x) else { return Ok(()) };
        let squares = closed_form::squared_gradients(&net, &x).unwrap();
        for (g, s) in gradients.iter().zip(&squares) {
            prop_assert_eq!(&gradient::inner(g, g), s);
        }
    }

    #[test]
    fn gram_vs_inner((net, x) in scene()) {
        let Ok(gradients) = gradient::gradients(&net, &x) else { return Ok(()) };
        let gram = gradient::gram(&net, &x).unwrap();
        for (row, a) in gram.iter().zip(&gradients) {
            for (entry, b) in row.iter().zip(&gradients) {
                prop_assert_eq!(entry, &gradient::inner(a, b));
            }
        }
    }
}

/// The strategy must reach every architecture with smooth, decided instances.
#[test]
fn scenes_reach_every_architecture() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..200 {
        let (net, x) = scene().new_tree(&mut runner).unwrap().current();
        if closed_form::trace(&net, &x).is_ok() && net.outputs(&x, &x).is_ok() {
            *seen.entry(net.architecture().name()).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert!(seen.values().all(|count| *count >= 5), "{seen:?}");
}

/// n = 100 distinct samples, d = 30: the memoriser has `lambda_max = 4 sqrt(31)/n`, n times; the
/// generaliser more, and the least eigenvalue 0.
#[test]
fn spectra_at_the_papers_size() {
    let data = xor::sample(30, 100, &mut rng(7, "spectra")).unwrap();
    let x = data.map(|v| Radical::from_rational(v.clone())).x;
    let least = parse("4*sqrt(31)/100").unwrap();
    let memoriser = Network::Bias(proposition_4_1::repaired(&data).unwrap());
    assert_eq!(compare_largest(&memoriser, &x, &least), Ok(Ordering::Equal));
    assert_eq!(compare_least(&memoriser, &x, &least), Ok(Ordering::Equal));
    let above = parse("4*sqrt(31)/100 + 1/10^30").unwrap(); // no multiple of the entries
    assert_eq!(compare_largest(&memoriser, &x, &above), Ok(Ordering::Less));

    let generaliser = Network::Bias(proposition_4_2::repaired(30, 100).unwrap());
    assert_eq!(
        compare_largest(&generaliser, &x, &least),
        Ok(Ordering::Greater)
    );
    assert_eq!(compare_least(&generaliser, &x, &least), Ok(Ordering::Less));
    let ten = Radical::from_int(10);
    assert_eq!(compare_largest(&generaliser, &x, &ten), Ok(Ordering::Less));
}
