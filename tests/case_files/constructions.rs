//! The weights written out in the files against the constructions in Rust, at every choice of the parameters.

use super::ALL;
use flatproof::casefile::{Choice, Frame};
use flatproof::construction::{
    condition_2, face_cover, lemma_a_1, no_bias_memoriser, proposition_4_1, proposition_4_2,
    proposition_5, proposition_a_1, proposition_a_2, sim_bn_generaliser, sim_bn_interpolants,
    theorem_3_2_absorbed, theorem_3_2_leaning, theorem_3_2_pairs, theorem_4_1, theorem_5_1,
    three_notions,
};
use flatproof::data::complete::CompleteSet;
use flatproof::data::xor;
use flatproof::network::{Bias, Layer};
use flatproof::population::equivalent::{On, equivalent};
use flatproof::scalar::{NoValue, Ring};
use flatproof::{Dataset, Network, Radical, Rational};
use rayon::prelude::*;

/// Data and parameters at a choice.
struct At<'a> {
    data: Dataset<Rational>,
    choice: &'a Choice,
}

impl At<'_> {
    fn value(&self, name: &str) -> Rational {
        let found = self.choice.iter().find(|(own, _)| own == name);
        found.unwrap().1.as_rational().unwrap()
    }

    fn count(&self, name: &str) -> usize {
        self.value(name).numer().to_usize().unwrap()
    }

    fn d(&self) -> usize {
        self.data.dim()
    }

    fn distinct(&self) -> Dataset<Rational> {
        self.data.distinct().unwrap()
    }

    /// The set of d = 4 with these suffixes.
    fn set_of(&self, suffixes: &[u64]) -> CompleteSet {
        let set = CompleteSet::new(4, suffixes).unwrap();
        assert_eq!(set.training_set(), self.data);
        set
    }
}

/// How far file and construction agree.
#[derive(Clone, Copy)]
enum Tie {
    /// Entry by entry.
    Exact,
    /// Up to the order of the neurons.
    Order,
    /// As functions on the training set and on the whole cube.
    Function,
}

type Built = Result<Network<Radical>, NoValue>;
type Reference = fn(&At) -> Built;

fn bias(net: Result<Bias<Radical>, NoValue>) -> Built {
    net.map(Network::Bias)
}

fn lift(q: Rational) -> Radical {
    Radical::from_rational(q)
}

fn int(value: i64) -> Rational {
    Rational::from(value)
}

/// The construction of a file; `None` if its network is not one of them.
fn reference(stem: &str) -> Option<(Tie, Reference)> {
    use Tie::{Exact, Function, Order};
    let found: (Tie, Reference) = match stem {
        "batch-norm-generaliser" => (Exact, |at| scaled_generaliser(at, &at.value("scale"))),
        "lemma-a.3-printed" => (Exact, |at| scaled_generaliser(at, &at.value("scale"))),
        "bn-memoriser" => (Exact, |at| {
            sim_bn_interpolants::memoriser(&at.data).network(&at.data, &int(1))
        }),
        "bound-bias-printed" | "bound-bias-repaired" => (Exact, |at| {
            let v = theorem_4_1::separators(&at.data.x).unwrap();
            bias(theorem_4_1::printed(&at.data, &v, 2))
        }),
        "condition-2-printed" => (Exact, |at| {
            condition_2::width_4(at.d(), &lift(at.value("e"))).map(Network::NoBias)
        }),
        "constructions-by-name" => (Exact, |at| memoriser_of_any_depth(at, 2)),
        "dead-neuron" => (Exact, dead_neuron),
        "face-mixture" => (Exact, face_mixture),
        "lemma-a.1-printed" => (Exact, |at| {
            let text = lemma_a_1::Text::Printed;
            Ok(lemma_a_1::network(at.d(), at.count("m"), text))
        }),
        "lemma-a.1-repaired" => (Exact, |at| {
            let text = lemma_a_1::Text::Corrected;
            Ok(lemma_a_1::network(at.d(), at.count("m"), text))
        }),
        "lemma-a.2-printed" => (Exact, |at| {
            let e = at.value("kappa") / 8u32;
            let scale = e.clone().recip();
            sim_bn_interpolants::tilted(at.d(), &e).network(&at.data, &scale)
        }),
        "no-bias-cube" => (Exact, |at| {
            condition_2::balanced(at.d(), &lift(at.value("e"))).map(Network::NoBias)
        }),
        "no-bias-cube-kink-printed" => (Exact, |at| {
            let r = Radical::root_of(&Rational::from((at.d(), 16)), 4)?;
            let net = condition_2::width_4(at.d(), &Radical::zero())?;
            condition_2::rescaled(&net, &r).map(Network::NoBias)
        }),
        "no-bias-memoriser-printed" | "no-bias-memoriser-repaired" => (Exact, |at| {
            let active = no_bias_memoriser::AtZero::Active;
            let net = no_bias_memoriser::memoriser(&at.data, active)?;
            Ok(Network::NoBias(net.expect("independent inputs")))
        }),
        "null-neuron" => (Exact, null_neuron),
        "proposition-4.1-printed" => (Exact, |at| {
            bias(proposition_4_1::printed(&at.data, &at.value("threshold")))
        }),
        "proposition-4.1-repaired" => (Order, |at| bias(proposition_4_1::repaired(&at.data))),
        "proposition-4.2-printed" => (Exact, |at| {
            bias(proposition_4_2::printed(at.d(), at.data.len()))
        }),
        "proposition-4.2-repaired" => (Exact, |at| {
            bias(proposition_4_2::repaired(at.d(), at.data.len()))
        }),
        "proposition-4.2-three-neurons" => (Exact, |at| {
            bias(proposition_4_2::three_neurons(at.d(), (-1, -1)))
        }),
        "proposition-5.1-printed" => (Exact, |at| {
            let (eps, delta) = (at.value("eps_"), at.value("delta"));
            let net = proposition_5::memoriser(&at.data, &eps, &delta);
            Ok(Network::SimLn(net))
        }),
        "proposition-5.1-repaired" => (Order, norm_memoriser_with_spares),
        "proposition-5.2-printed" => (Exact, |at| {
            let net = proposition_5::generaliser(at.d(), &at.value("eps_"));
            Ok(Network::SimLn(net))
        }),
        "proposition-a.1-printed" => (Exact, |at| {
            let labels = vec![int(3), Rational::from((-1, 2))];
            let vertices = vec![vec![int(1)], vec![int(-1)]];
            let few = proposition_a_1::FewCoordinates::new(2, &[0], vertices, labels, int(2));
            assert_eq!(at.d(), 2);
            bias(few.unwrap().printed())
        }),
        "proposition-a.1-norms-printed" => (Exact, |at| bias(few_coordinates(at).printed())),
        "proposition-a.1-repaired" => (Exact, |at| bias(few_coordinates(at).repaired())),
        "proposition-a.2-printed" => (Exact, |at| bias(circle(at).printed())),
        "proposition-a.2-repaired" => (Exact, |at| bias(circle(at).repaired())),
        "rational-depth-2" => (Function, |at| bias(proposition_4_2::repaired(at.d(), 4))),
        "rational-depth-3" => (Exact, |at| {
            let half = |x: &Vec<Rational>| x.iter().map(|x| Rational::from(x / 2u32)).collect();
            let v: Vec<Vec<Rational>> = at.data.x.iter().map(half).collect();
            bias(theorem_4_1::repaired(&at.data, &v, 3))
        }),
        "theorem-3.2-printed" => (Exact, |at| {
            let kappa = at.value("kappa");
            let c = Rational::from(&kappa / 16u32);
            let delta = Rational::from(&c * &kappa);
            let scale = Rational::from(2) / kappa;
            theorem_3_2_pairs::smallest_dimension(&c, &scale, &delta)
        }),
        "theorem-3.2-width-5-printed" => (Exact, |at| {
            let set = at.set_of(&[0b11, 0b10, 0b01]);
            let eta = at.value("kappa") / 400u32;
            let delta = Rational::from(&eta / 10u32);
            let sum = theorem_3_2_leaning::width_5(&set, 0, &eta, &delta);
            sum.network(&at.data, &(int(10) / at.value("kappa")))
        }),
        "theorem-3.2-width-7-printed" => (Exact, |at| {
            let set = CompleteSet::smallest(at.d()).unwrap();
            let beta = at.value("kappa") / 100u32;
            let delta = Rational::from(&beta / 100u32);
            let all = theorem_3_2_absorbed::Reach::All;
            let sum = theorem_3_2_absorbed::hamming_ball(&set, &beta, &delta, all).unwrap();
            sum.network(&at.data, &(int(1000) / at.value("kappa")))
        }),
        "theorem-3.2-width-12-printed" => (Order, |at| {
            let set = at.set_of(&[0b10, 0b11, 0b01]);
            let delta = at.value("kappa") / 20u32;
            let pairs = theorem_3_2_pairs::Plan::Pairs;
            let sum = theorem_3_2_pairs::every_point(&set, &delta, pairs).unwrap();
            sum.network(&at.data, &(int(2) / at.value("kappa")))
        }),
        "theorem-4.1-printed" => (Exact, |at| {
            let v = theorem_4_1::unit_separators(&at.data.x).unwrap();
            bias(theorem_4_1::printed(&at.data, &v, at.count("D") as u32))
        }),
        "theorem-4.1-second-printed" => (Exact, |at| {
            let v = theorem_4_1::unit_separators(&at.data.x).unwrap();
            bias(theorem_4_1::printed_two_layers(&at.data, &v))
        }),
        "theorem-4.1-repaired" => (Exact, |at| memoriser_of_any_depth(at, at.count("D"))),
        "theorem-5.1-printed" => (Exact, |at| {
            let v = theorem_4_1::unit_separators(&at.data.x).unwrap();
            theorem_5_1::printed(&at.data, &v, &at.value("eps_")).map(Network::SimLn)
        }),
        "theorem-5.1-repaired" => (Exact, |at| {
            let v = theorem_4_1::separators(&at.data.x).unwrap();
            let net = theorem_5_1::dead_at_zero_labels(&at.data, &v, &at.value("eps_"));
            net.map(Network::SimLn)
        }),
        "three-notions-memoriser-repaired" => (Exact, |at| three_notions::bias_memoriser(&at.data)),
        "three-notions-generaliser-repaired" => {
            (Exact, |at| three_notions::bias_generaliser(at.d()))
        }
        "three-notions-ln-printed" | "three-notions-ln-repaired" => (Exact, |at| {
            let eps = Rational::from((1, 100));
            Ok(three_notions::norm_generaliser(at.d(), &eps))
        }),
        _ => return None,
    };
    Some(found)
}

fn scaled_generaliser(at: &At, scale: &Rational) -> Built {
    sim_bn_generaliser::generaliser(at.d(), &[(); 4].map(|()| scale.clone()))
}

fn memoriser_of_any_depth(at: &At, depth: usize) -> Built {
    let v = theorem_4_1::separators(&at.data.x).unwrap();
    bias(theorem_4_1::dead_at_zero_labels(&at.data, &v, depth as u32))
}

/// The generaliser and a neuron alive at (1, -1, ..., -1) alone.
fn dead_neuron(at: &At) -> Built {
    let mut net = proposition_4_2::repaired(at.d(), 4)?;
    let d = at.d() as i64;
    let entries = [1].into_iter().chain((1..d).map(|_| -1)).chain([1 - d]);
    net.first.push(entries.map(Radical::from_int).collect());
    net.last.push(lift(at.value("value")));
    bias(Ok(net))
}

/// Quadrant faces of mass p, vertices of mass 1 - p; dead neurons for mass 0.
fn face_mixture(at: &At) -> Built {
    let (p, d) = (at.value("p"), at.d());
    let zeros = || vec![Rational::new(); d - 2];
    let quadrants = sim_bn_generaliser::QUADRANTS.map(|(s, t)| face_cover::FaceNeuron {
        row: sim_bn_generaliser::row((s, t), &zeros(), int(-1)),
        sign: s * t,
        mass: p.clone(),
    });
    let vertices = at.data.x.iter().map(|x| face_cover::FaceNeuron {
        row: x.iter().cloned().chain([int(1 - d as i64)]).collect(),
        sign: if xor::label(x) > 0 { 1 } else { -1 },
        mass: 1 - p.clone(),
    });
    let neurons: Vec<_> = quadrants.into_iter().chain(vertices).collect();
    let mut net = face_cover::network(&neurons, &int(d as i64 + 1))?;
    for (row, neuron) in net.first.iter_mut().zip(&neurons) {
        if neuron.mass == 0 {
            *row = theorem_4_1::dead_row(d + 1);
        }
    }
    bias(Ok(net))
}

/// The generaliser and a neuron `(0, 0, tail, 0, ..., 0)`, bias 1/2, of coefficient 0.
fn null_neuron(at: &At) -> Built {
    let scales = [(); 4].map(|()| int(1_000_000));
    let mut neurons = sim_bn_generaliser::four_neurons(at.d(), &scales);
    let mut row = vec![Rational::new(); at.d() + 1];
    row[2] = at.value("tail");
    row[at.d()] = Rational::from((1, 2));
    neurons.push(sim_bn_generaliser::Neuron {
        row,
        coefficient: Radical::zero(),
    });
    sim_bn_generaliser::balanced(&neurons)
}

/// One neuron per distinct input, then one per unseen vertex as long as there are any.
fn norm_memoriser_with_spares(at: &At) -> Built {
    let (eps, distinct) = (at.value("eps_"), at.distinct());
    let net = proposition_5::memoriser(&distinct, &eps, &int(1));
    let cube = xor::full_cube(at.d()).unwrap().x.into_iter();
    let unseen = cube.filter(|x| !distinct.x.contains(x));
    let spares: Vec<_> = unseen.take(at.data.len() - distinct.len()).collect();
    let net = proposition_5::with_spares(net, &spares, at.data.len());
    Ok(Network::SimLn(net))
}

fn few_coordinates(at: &At) -> proposition_a_1::FewCoordinates {
    let vertices = [[2, 0], [0, 1], [-1, -1]].map(|v| v.map(int).to_vec());
    let last = if at.count("zero") == 1 { 0 } else { 5 };
    let labels = vec![int(3), int(-1), int(last)];
    proposition_a_1::FewCoordinates::new(5, &[0, 2], vertices.to_vec(), labels, int(6)).unwrap()
}

fn circle(at: &At) -> proposition_a_2::CircleSample {
    let quarters = proposition_a_2::quarters_at(&[(0, 1), (1, 5), (1, 3), (1, 2), (4, 5)]);
    let radius = int(if at.d() == 2 { 1 } else { 2 });
    let label = |v: &flatproof::data::circle::Point| at.value("lift") + &v[1];
    proposition_a_2::CircleSample::new(at.d(), radius, &quarters.unwrap(), label).unwrap()
}

/// Hidden matrices by rows: a file's 1 x 1 matrix has no entry off the diagonal to know it by.
fn dense(mut net: Network<Radical>) -> Network<Radical> {
    if let Network::Bias(net) = &mut net {
        for layer in &mut net.hidden {
            *layer = Layer::Dense(layer.to_rows());
        }
    }
    net
}

/// The neurons of a two-layer network as texts, sorted.
fn neurons(net: &Network<Radical>) -> Vec<Vec<String>> {
    let gamma = match net {
        Network::SimBn(net) => net.gamma.clone(),
        _ => vec![Radical::one(); net.last().len()],
    };
    let all = net.first_layer().iter().zip(net.last()).zip(&gamma);
    let mut all: Vec<Vec<String>> = all
        .map(|((row, last), gamma)| {
            let numbers = row.iter().chain([last, gamma]);
            numbers.map(Radical::to_string).collect()
        })
        .collect();
    all.sort();
    all
}

fn agree(tie: Tie, frame: &Frame, right: Network<Radical>) -> bool {
    let left = frame.scene.network.clone().unwrap();
    let train = &frame.scene.data.as_ref().unwrap().x;
    match tie {
        Tie::Exact => dense(left) == dense(right),
        Tie::Order => neurons(&left) == neurons(&right),
        Tie::Function => [On::Train, On::Cube]
            .into_iter()
            .all(|on| equivalent(&left, &right, train, on).unwrap().is_none()),
    }
}

/// The first neuron's last weight larger by `by`.
fn heavier(mut net: Network<Radical>, by: &Radical) -> Network<Radical> {
    let last = match &mut net {
        Network::NoBias(net) => &mut net.last,
        Network::Bias(net) => &mut net.last,
        Network::SimBn(net) => &mut net.last,
        Network::SimLn(net) => &mut net.last,
    };
    last[0] = last[0].add(by);
    net
}

/// Weights in the files are those of the constructions, and there is none where a formula is 0/0; a network
/// with one weight larger by `10^-30` is another one.
#[test]
fn files_vs_constructions() {
    let tiny = lift(Ring::pow(&int(10), 30).recip());
    let tied = ALL.par_iter().filter_map(|checked| {
        let (tie, reference) = reference(&checked.stem)?;
        for choice in checked.file.choices().unwrap().0 {
            let at = format!("{} at {choice:?}", checked.stem);
            let mut frame = checked.file.build_data(&choice, 0).unwrap();
            let network = checked.file.build_network(&mut frame);
            let data = frame.rational_data().unwrap();
            let choice = &choice;
            match (network, reference(&At { data, choice })) {
                (Ok(()), Ok(right)) => {
                    let other = heavier(right.clone(), &tiny);
                    assert!(agree(tie, &frame, right), "{at}");
                    assert!(!agree(tie, &frame, other), "{at}");
                }
                (Err(_), Err(NoValue::Undefined(_))) => {}
                (left, right) => panic!("{at}: {left:?}, {right:?}"),
            }
        }
        Some(checked.stem.as_str())
    });
    let tied: Vec<&str> = tied.collect();
    let free: Vec<&str> = ALL
        .iter()
        .map(|checked| checked.stem.as_str())
        .filter(|stem| !tied.contains(stem))
        .collect();
    let without = [
        "face-theorem-printed",
        "face-theorem-repaired",
        "ln-half-spaces",
        "ln-half-spaces-skew",
        "theorem-a.2-printed",
        "theorem-a.2-repaired",
    ];
    assert_eq!(free, without, "networks that no construction gives");
}
