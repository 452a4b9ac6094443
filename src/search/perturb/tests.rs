//! What every family promises, on random networks of every architecture, and that no family promises
//! too little.

use super::simpler::network_weight;
use super::*;
use crate::data::complete::CompleteSet;
use crate::search::networks::{self, Kind};
use crate::search::{generate, rng};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;

/// A random network of width 1 to 3, admissible on a few inputs in d = 2 or 3, half the time on the cube;
/// its outputs there as labels.
fn scene(rng: &mut ChaCha8Rng, kind: Kind) -> Option<(Network<Radical>, Dataset<Radical>)> {
    let (n, d, m) = (1 + below(rng, 3), 2 + below(rng, 2), 1 + below(rng, 3));
    let x: Vec<Vec<Rational>> = if one_in(rng, 2) {
        (0..n).map(|_| generate::signs(rng, d)).collect()
    } else {
        networks::inputs(rng, n, d)
    };
    let net = networks::admissible(rng, kind, m, &x)?;
    let lift = |q: &Rational| real(q.clone());
    let net = net.map(lift, lift);
    let x: Vec<Vec<Radical>> = x.iter().map(|x| x.iter().map(lift).collect()).collect();
    let y = net.outputs(&x, &x).ok()?;
    Some((net, Dataset { x, y }))
}

/// Where a change of f may show: the cube, and inputs far out along every direction of the cube.
fn elsewhere(d: usize) -> Vec<Vec<Radical>> {
    let vertex = |u: u64| crate::data::xor::point::<Radical>(u, d);
    let far = |x: Vec<Radical>| x.iter().map(|x| x.mul(&real(50))).collect();
    let cube: Vec<_> = (0..1 << d).map(vertex).collect();
    cube.iter()
        .cloned()
        .chain(cube.iter().cloned().map(far))
        .collect()
}

/// For what the family promises: whether the outputs on the training set, and f elsewhere, are the same.
fn same(
    old: &Network<Radical>,
    new: &Network<Radical>,
    data: &Dataset<Radical>,
) -> Option<(bool, bool)> {
    let there = elsewhere(data.dim());
    let outputs = |net: &Network<Radical>, at: &[Vec<Radical>]| net.outputs(&data.x, at).ok();
    let on_training = outputs(new, &data.x)? == data.y;
    Some((on_training, outputs(old, &there)? == outputs(new, &there)?))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn outputs_are_kept_as_named(seed in any::<u64>(), kind in 0usize..5) {
        let rng = &mut rng(seed, "perturb");
        let Some((net, data)) = scene(rng, Kind::ALL[kind]) else { return Ok(()) };
        prop_assert_eq!(with_neurons(&net, neurons(&net)).parameters(), net.parameters());
        for family in Family::ALL {
            let Some(new) = family.apply(rng, &net, &data) else { continue };
            if family.keeps() == Keeps::Nothing { continue }
            let (on_training, everywhere) = same(&net, &new, &data).unwrap();
            prop_assert!(on_training, "{:?} {:?}", family, Kind::ALL[kind]);
            let rescaled_ln = family == Family::Rescaling && Kind::ALL[kind] == Kind::SimLn;
            if family.keeps() == Keeps::Function && !rescaled_ln {
                prop_assert!(everywhere, "{:?} {:?}", family, Kind::ALL[kind]);
            }
            prop_assert!(new.admissible(&data.x).is_ok(), "{:?} {:?}", family, Kind::ALL[kind]);
        }
    }

    #[test]
    fn candidates_are_simpler(seed in any::<u64>(), kind in 0usize..5) {
        let rng = &mut rng(seed, "simpler");
        let Some((net, data)) = scene(rng, Kind::ALL[kind]) else { return Ok(()) };
        let net = networks::with_radicals(rng, &net.map(|q| q.as_rational().unwrap(), |q| q.as_rational().unwrap()));
        let measure = |net: &Network<Radical>| (net.architecture().width(), network_weight(net));
        let candidates = simpler(&net);
        prop_assert!(!candidates.is_empty());
        for candidate in candidates {
            prop_assert!(measure(&candidate) < measure(&net));
            prop_assert_eq!(candidate.architecture().input_dim(), data.dim());
        }
    }
}

/// Every family finds members wherever its table says so, and keeps no more than it says: in some
/// draw f differs elsewhere, or on the training set.
#[test]
fn the_others_keep_nothing() {
    let rng = &mut rng(1, "negative control");
    for kind in Kind::ALL {
        for family in Family::ALL {
            let (mut members, mut moved_training, mut moved_elsewhere) = (0, 0, 0);
            for _ in 0..12 {
                let Some((net, data)) = scene(rng, kind) else {
                    continue;
                };
                let Some(new) = family.apply(rng, &net, &data) else {
                    continue;
                };
                members += 1;
                if let Some((on_training, everywhere)) = same(&net, &new, &data) {
                    moved_training += usize::from(!on_training);
                    moved_elsewhere += usize::from(!everywhere);
                }
            }
            let none = match family {
                Family::NullNeuron | Family::CancellingPair => kind == Kind::SimLn,
                Family::DeadNeuron => kind == Kind::SimBn,
                Family::MovedThreshold => kind == Kind::NoBias,
                _ => false,
            };
            assert_eq!(members == 0, none, "{family:?} {kind:?}");
            let keeps = family.keeps();
            assert!(
                keeps != Keeps::TrainingOutputs || none || moved_elsewhere > 0,
                "{family:?} {kind:?}"
            );
            assert!(
                keeps != Keeps::Nothing || none || moved_training > 0,
                "{family:?} {kind:?}"
            );
        }
    }
}

/// On complete sets, with batch norm: the pair cancels on the training set, whatever its height and
/// amplitude, and f(u) grows without bound at an unseen vertex as the height falls; with the amplitude of
/// one neuron changed it no longer cancels.
#[test]
fn pair_cancels_on_training_set() {
    let rng = &mut rng(2, "pairs");
    for d in [4, 5, 6] {
        let set = CompleteSet::smallest(d).unwrap();
        let data = set.training_set().map(|q| real(q.clone()));
        let scales = [(); 4].map(|()| Rational::from(1));
        let net = crate::construction::sim_bn_generaliser::generaliser(d, &scales).unwrap();
        let pair = Pair::draw(rng, &data, true).unwrap();
        let cube = elsewhere(d);
        let farthest = |height: &Radical| {
            let low = pair.clone().lowered(height);
            assert_eq!(low.height(), height);
            let new = low.added_to(&net, &real((1, 10)), 0).unwrap();
            assert_eq!(new.outputs(&data.x, &data.x).unwrap(), data.y);
            let outputs = new.outputs(&data.x, &cube[..1 << d]).unwrap();
            outputs.into_iter().max_by_key(|f| f.square()).unwrap()
        };
        let [near, far] = [(1, 1_000), (1, 1_000_000)].map(|tau| farthest(&real(tau)));
        assert!(far.square() > near.square() && far.square() > real(1000));
        let Some(Network::SimBn(mut off)) = pair.added_to(&net, &real((1, 10)), 0) else {
            panic!()
        };
        off.last[5] = off.last[5].mul(&real(2));
        assert_ne!(
            Network::SimBn(off).outputs(&data.x, &data.x).unwrap(),
            data.y
        );
    }
}

/// A row moved at random is moved back, or to another one that interpolates; labels that no row fits
/// are refused.
#[test]
fn refitted_networks_interpolate() {
    let rng = &mut rng(6, "refitting");
    for kind in [Kind::NoBias, Kind::Bias(2)] {
        let (mut mended, mut refused) = (0, 0);
        for _ in 0..40 {
            let Some((net, mut data)) = scene(rng, kind) else {
                continue;
            };
            let j = below(rng, net.architecture().width());
            let mut all = neurons(&net);
            all[j].row[0] = all[j].row[0].add(&real((1, 1000)));
            let moved = with_neurons(&net, all);
            if let Some(refitted) = refitted(&moved, &data, j) {
                assert_eq!(
                    refitted.outputs(&data.x, &data.x).as_ref(),
                    Ok(&data.y),
                    "{kind:?}"
                );
                mended += usize::from(moved.outputs(&data.x, &data.x).as_ref() != Ok(&data.y));
            }
            data.x.push(data.x[0].clone());
            data.y.push(data.y[0].add(&real(1)));
            refused += usize::from(super::refitted(&net, &data, j).is_none());
        }
        assert!(mended > 3 && refused > 3, "{kind:?}: {mended} {refused}");
    }
}

/// Batch norm: half a pair that gives 1/100 at a training input is absorbed by the neuron that is
/// active there, and by no other.
#[test]
fn half_a_pair_is_absorbed_where_it_is() {
    let rng = &mut rng(7, "absorbing");
    let set = CompleteSet::smallest(4).unwrap();
    let data = set.training_set().map(|q| real(q.clone()));
    let scales = [(); 4].map(|()| Rational::from(1));
    let net = crate::construction::sim_bn_generaliser::generaliser(4, &scales).unwrap();
    let pair = Pair::draw(rng, &data, true).unwrap();
    let amplitude = Radical::root_of(&Rational::from((1, 12)), 4)
        .unwrap()
        .mul(&real((1, 10)));
    let half = pair.half_added_to(&net, &amplitude).unwrap();
    let gives = |net: &Network<Radical>| net.outputs(&data.x, &data.x).unwrap();
    let moved = gives(&half)[pair.sample].sub(&data.y[pair.sample]);
    assert_eq!(moved.square(), real((1, 10_000)));
    let there = &data.x[pair.sample];
    for j in 0..4 {
        let row = &neurons(&net)[j].row;
        let active = fire(row, &[with_bias(there)])[0].signum().is_gt();
        let absorbed = refitted(&half, &data, j);
        assert_eq!(absorbed.is_some(), active);
        assert!(absorbed.is_none_or(|net| gives(&net) == data.y));
    }
}

/// A split neuron is merged again: the outputs stay, and the width is the old one.
#[test]
fn merging_undoes_splitting() {
    let rng = &mut rng(4, "merging");
    for kind in [Kind::NoBias, Kind::Bias(2), Kind::Bias(3), Kind::SimBn] {
        let (net, data) = (0..50).find_map(|_| scene(rng, kind)).unwrap();
        let split = Family::SplitNeuron.apply(rng, &net, &data).unwrap();
        let width = net.architecture().width();
        let is_whole = |candidate: &Network<Radical>| {
            let whole = same(&net, candidate, &data) == Some((true, true));
            whole && candidate.architecture().width() == width
        };
        assert!(simpler(&split).iter().any(is_whole), "{kind:?}");
    }
}

#[test]
fn a_network_shrinks_to_what_matters() {
    let rng = &mut rng(3, "shrinking");
    let speaks = |net: &Network<Radical>, data: &Dataset<Radical>| {
        let outputs = net.outputs(&data.x, &data.x);
        outputs.is_ok_and(|f| f[0].signum().is_ne())
    };
    let draw = |_| scene(rng, Kind::Bias(2)).filter(|(net, data)| speaks(net, data));
    let (net, data) = (0..50).find_map(draw).unwrap();
    let smallest = crate::search::shrink::minimise(net, simpler, |net| speaks(net, &data));
    assert_eq!(smallest.architecture().width(), 1);
    // a bias and an output weight suffice
    let nonzero = smallest
        .parameters()
        .iter()
        .filter(|w| w.signum().is_ne())
        .count();
    assert!(nonzero <= 2, "{smallest:?}");
}
