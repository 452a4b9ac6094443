//! The public front, as a user of the crate meets it: sharpness by both roads on any theta, and sizes
//! that do not fit answered by a sentence.

use flatproof::network::{Bias, Layer, NoBias, SimBn, SimLn};
use flatproof::search::{generate, networks, rng};
use flatproof::sharpness::{alignment, definition, gradient, spectrum};
use flatproof::{
    Dataset, Kink, Malformed, Network, NoBound, Radical, Refusal, lower_bound, sharpness,
    zero_one_error,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn lift(q: &flatproof::Rational) -> Radical {
    q.clone().into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Interpolating or not: the front's choice of road against the definition.
    #[test]
    fn sharpness_vs_definition(seed: u64, kind in 0usize..5, n in 1usize..4, fit: bool) {
        let rng = &mut rng(seed, "front");
        let options = generate::Options { labels: generate::Labels::Nonzero, ..Default::default() };
        let data = generate::dataset(rng, n, 2, &options);
        let kind = networks::Kind::ALL[kind];
        let net = if fit {
            networks::interpolating(rng, kind, &data.x, &data.y)
        } else {
            networks::admissible(rng, kind, 3, &data.x).map(|net| net.map(lift, lift))
        };
        let (Some(net), data) = (net, data.map(lift)) else { return Ok(()) };
        prop_assert!(!fit || net.interpolates(&data)?);
        let exact = sharpness(&net, &data)?;
        prop_assert_eq!(&exact, &definition::mse_trace(&net, &data)?);
        match lower_bound(&net, &data) {
            Ok(bound) => prop_assert!(!fit || exact >= bound),
            Err(no) => prop_assert!(no == NoBound::BatchNorm && matches!(net, Network::SimBn(_))),
        }
    }
}

/// Off the labels the closed form is not the trace of a normalised network: the front must not use it.
#[test]
fn closed_form_alone_is_wrong_off_the_labels() {
    let data: Dataset = Dataset::new([[1, 2], [-1, 1]], [5, 7]).unwrap();
    let net: Network = Network::sim_bn([[1, 1, 1], [1, -1, 4]], [1, 2], [1, 1]).unwrap();
    let literal = flatproof::sharpness::closed_form::trace(&net, &data.x).unwrap();
    assert_ne!(sharpness(&net, &data).unwrap(), literal);
}

#[test]
fn all_kinks_are_named() {
    let dead: Network =
        Network::sim_bn([[1, 0, -3], [1, 1, 0], [0, 0, -1]], [1; 3], [1; 3]).unwrap();
    let data: Dataset = Dataset::new([[1, -1], [1, 1]], [1, 1]).unwrap();
    let kinks = [
        Kink::PreActivation {
            layer: 0,
            neuron: 1,
            sample: 0,
        },
        Kink::ZeroNormaliser { neuron: 0 },
        Kink::ZeroNormaliser { neuron: 2 },
    ];
    assert_eq!(dead.kinks(&data.x).unwrap(), kinks);
    assert_eq!(
        sharpness(&dead, &data),
        Err(Refusal::Kink(kinks[0].clone()))
    );
    let norm: Network = Network::sim_ln([[1, 0, 0]], [1], 1).unwrap();
    assert_eq!(
        norm.kinks(&data.x).unwrap(),
        [0, 1].map(|sample| Kink::NormIsEps { sample })
    );
}

/// Sizes of a network's parts, as anyone might type them.
#[derive(Clone, Debug)]
struct Sizes {
    first: Vec<usize>,
    hidden: Vec<(Vec<usize>, bool)>,
    gamma: usize,
    last: usize,
    inputs: Vec<usize>,
    labels: usize,
    eps: i64,
}

fn sizes() -> impl Strategy<Value = Sizes> {
    // 3 most of the time, so that fitting sizes come up
    let size = || prop_oneof![6 => Just(3usize), 1 => 0usize..5];
    let few = |low: usize| vec(size(), low..=3);
    let parts = (few(0), vec((few(0), any::<bool>()), 0..3), size(), size());
    (
        parts,
        vec(prop_oneof![6 => Just(2usize), 1 => 0usize..4], 0..4),
        0usize..4,
        -1i64..3,
    )
        .prop_map(
            |((first, hidden, gamma, last), inputs, labels, eps)| Sizes {
                first,
                hidden,
                gamma,
                last,
                inputs,
                labels,
                eps,
            },
        )
}

fn ones(count: usize) -> Vec<Radical> {
    vec![Radical::from(1); count]
}

impl Sizes {
    fn rows(sizes: &[usize]) -> Vec<Vec<Radical>> {
        sizes.iter().map(|size| ones(*size)).collect()
    }

    fn layer((rows, dense): &(Vec<usize>, bool)) -> Layer<Radical> {
        match dense {
            true => Layer::Dense(Self::rows(rows)),
            false => Layer::Diagonal {
                diagonal: ones(rows.len()),
                off: (-1).into(),
            },
        }
    }

    fn network(&self, kind: usize) -> Network {
        let (first, last) = (Self::rows(&self.first), ones(self.last));
        match kind {
            0 => Network::NoBias(NoBias { first, last }),
            1 => Network::SimBn(SimBn {
                first,
                gamma: ones(self.gamma),
                last,
            }),
            2 => Network::SimLn(SimLn {
                first,
                last,
                eps: self.eps.into(),
            }),
            _ => {
                let hidden = self.hidden.iter().map(Self::layer).collect();
                Network::Bias(Bias {
                    first,
                    hidden,
                    last,
                })
            }
        }
    }

    /// By hand: whether all of it fits together, width 0 included.
    fn fit(&self, kind: usize) -> bool {
        let columns = if kind == 0 { 2 } else { 3 };
        let mut below = self.first.len();
        let mut good = self.first.iter().all(|row| *row == columns);
        if kind == 3 {
            for (rows, dense) in &self.hidden {
                good &= if *dense {
                    rows.iter().all(|row| *row == below)
                } else {
                    rows.len() == below
                };
                below = rows.len();
            }
        }
        let gamma = kind != 1 || self.gamma == self.first.len();
        let eps = kind != 2 || self.eps > 0;
        good && self.last == below && gamma && eps
    }
}

proptest! {
    #[test]
    fn odd_shapes_are_refused(sizes in sizes(), kind in 0usize..4) {
        let net = sizes.network(kind);
        let data = Dataset { x: Sizes::rows(&sizes.inputs), y: ones(sizes.labels) };
        let malformed = |r: &Result<(), Refusal>| matches!(r, Err(Refusal::Malformed(_)));

        let even = sizes.inputs.iter().all(|d| *d == 2);
        let outputs = net.outputs(&data.x, &data.x);
        if sizes.fit(kind) && (even || sizes.first.is_empty()) {
            prop_assert!(!malformed(&outputs.map(drop)));
        } else if even && !data.is_empty() {
            prop_assert!(malformed(&outputs.map(drop)), "{:?}", net);
        }
        let whole = even && !data.is_empty() && sizes.labels == data.len();
        prop_assert_eq!(data.check().is_ok(), whole || (same(&sizes.inputs) && sizes.labels == data.len()));

        // whatever comes back, nothing panics
        let (_, _) = (net.check(), net.kinks(&data.x));
        let (_, _) = (net.is_memorising(&data.x), net.interpolates(&data));
        let (_, _) = (sharpness(&net, &data), lower_bound(&net, &data));
        let (_, _) = (definition::mse_trace(&net, &data), zero_one_error(&net, &data.x));
        let (_, _) = (gradient::gradients(&net, &data.x), spectrum::hessian_gram(&net, &data.x));
        let (_, _) = (net.parameters().len(), net.parameter_count());
        if let Network::SimBn(net) = &net {
            let _ = alignment::misaligned_mass(net, &data);
        }
    }
}

/// At least one input, all of one dimension, at least 1.
fn same(inputs: &[usize]) -> bool {
    inputs
        .first()
        .is_some_and(|d| *d > 0 && inputs.iter().all(|other| other == d))
}

#[test]
fn constructors_say_what_does_not_fit() {
    let sentence = |r: Result<Network, Malformed>| r.unwrap_err().to_string();
    assert_eq!(
        sentence(Network::no_bias([vec![1, 2], vec![1]], [1, 1])),
        "neuron 2 has 1 weights, neuron 1 has 2"
    );
    assert_eq!(
        sentence(Network::bias([[1, 2]], [1, 1])),
        "W2 has 2 entries for 1 neurons"
    );
    assert_eq!(
        sentence(Network::bias([[1; 0]], [1])),
        "a neuron has no bias: its row is (W1_j, b_j)"
    );
    assert_eq!(
        sentence(Network::deep_bias([[1, 2]], [Layer::dense([[1, 1]])], [1])),
        "W2 does not fit the 1 neurons below it"
    );
    assert_eq!(
        sentence(Network::sim_bn([[1, 2]], [0; 0], [1])),
        "gamma has 0 entries for 1 neurons"
    );
    assert_eq!(
        sentence(Network::sim_ln([[1, 2]], [1], 0)),
        "eps must be positive"
    );
    assert_eq!(
        sentence(Network::no_bias([[1; 2]; 0], [1; 0])),
        "the network has width 0"
    );
    let sentence = |r: Result<Dataset, Malformed>| r.unwrap_err().to_string();
    assert_eq!(
        sentence(Dataset::new([[1, 1]], [1, 1])),
        "1 inputs but 2 labels"
    );
    assert_eq!(
        sentence(Dataset::new([vec![1, 1], vec![1]], [1, 1])),
        "input 2 has 1 coordinates, input 1 has 2"
    );
}
