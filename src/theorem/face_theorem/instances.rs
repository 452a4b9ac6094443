//! Instances of the face theorem: inputs of one norm (of the cube or of a sphere) with networks that
//! interpolate their own outputs, and fractional covers by exposed faces.

use crate::construction::face_cover::{FaceNeuron, network, prediction, row_of_direction};
use crate::data::{Dataset, xor};
use crate::network::{Bias, Network};
use crate::scalar::{NoValue, Radical, Rational, Ring};
use crate::search::generate::{Inputs, Labels, Options, below, between, dataset, one_in, small};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// Points of one norm with a network that interpolates its own outputs there.
pub(super) struct Instance {
    pub points: Vec<Vec<Rational>>,
    pub data: Dataset<Radical>,
    pub network: Network<Radical>,
}

/// The input 0 (R = 1) with one active neuron of weight a: label 0 for a = 0.
pub(super) fn smallest() -> Vec<Instance> {
    let one = |a: i64| {
        let net = Bias {
            first: vec![vec![Radical::zero(), Radical::one()]],
            hidden: vec![],
            last: vec![Radical::from_int(a)],
        };
        let points = vec![vec![Rational::new()]];
        own_labels(points, net)
    };
    [0, 1, -1, 2].into_iter().filter_map(one).collect()
}

/// The points with the network's outputs as labels; `None` at a kink.
fn own_labels(points: Vec<Vec<Rational>>, net: Bias<Radical>) -> Option<Instance> {
    let exact = |x: &Vec<Rational>| x.iter().cloned().map(Radical::from_rational).collect();
    let x: Vec<Vec<Radical>> = points.iter().map(exact).collect();
    let network = Network::Bias(net);
    network.admissible(&x).ok()?;
    let y = network.outputs(&x, &x).ok()?;
    Some(Instance {
        points,
        data: Dataset { x, y },
        network,
    })
}

/// Points of one norm: of the cube or of the sphere.
pub(super) fn random_points(labels: Labels, rng: &mut ChaCha8Rng) -> Dataset<Rational> {
    let (n, d) = (1 + below(rng, 6), 1 + below(rng, 4));
    let inputs = if one_in(rng, 2) {
        Inputs::Cube
    } else {
        Inputs::Sphere
    };
    let options = Options {
        inputs,
        labels,
        ..Options::default()
    };
    dataset(rng, n, d, &options)
}

/// A random network; half of them have every neuron twice with opposite weights, so that all labels are 0.
pub(super) fn random_network(rng: &mut ChaCha8Rng) -> Option<Instance> {
    let points = random_points(Labels::Signs, rng).x;
    let d = points[0].len();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let cancelling = one_in(rng, 4);
    for _ in 0..1 + below(rng, 4) {
        let row: Vec<Radical> = (0..=d)
            .map(|_| Radical::from_rational(small(rng)))
            .collect();
        let weight = Radical::from_rational(small(rng));
        if cancelling {
            first.push(row.clone());
            last.push(weight.neg());
        }
        first.push(row);
        last.push(weight);
    }
    let hidden = vec![];
    own_labels(
        points,
        Bias {
            first,
            hidden,
            last,
        },
    )
}

/// Points of one norm, neurons on faces of one sign, a second choice of masses, and a point to predict.
pub(super) struct Cover {
    pub points: Vec<Vec<Rational>>,
    pub neurons: Vec<FaceNeuron>,
    pub other_masses: Vec<Rational>,
    pub unseen: Vec<Rational>,
}

impl Cover {
    /// Faces in random directions whose points have one sign (x1 x2 on the cube, random on the sphere);
    /// what is not covered has label 0.
    pub fn random(rng: &mut ChaCha8Rng) -> Self {
        let mut data = random_points(Labels::Signs, rng);
        let d = data.dim();
        let cube = data.x.iter().flatten().all(|x| x.clone().abs() == 1);
        if d >= 2 && cube {
            data.y = data.x.iter().map(|x| xor::label(x)).collect();
        }
        let mut cover = Self {
            neurons: Vec::new(),
            other_masses: Vec::new(),
            unseen: (0..d).map(|_| small(rng)).collect(),
            points: data.x,
        };
        for _ in 0..2 + below(rng, 6) {
            let toward = below(rng, cover.points.len());
            let w: Vec<Rational> = if one_in(rng, 2) {
                cover.points[toward].clone()
            } else {
                (0..d)
                    .map(|_| Rational::from(between(rng, -1, 1)))
                    .collect()
            };
            let (row, face) = row_of_direction(&cover.points, &w);
            let signs: BTreeSet<&Rational> = face.iter().map(|i| &data.y[*i]).collect();
            let sign = match signs.first() {
                Some(sign) if signs.len() == 1 => {
                    if **sign == 1 {
                        1
                    } else {
                        -1
                    }
                }
                _ => continue,
            };
            let mass = Rational::from((between(rng, 1, 9), between(rng, 1, 5)));
            cover
                .other_masses
                .push(mass.mul(&Rational::from((between(rng, 1, 7), 3))));
            cover.neurons.push(FaceNeuron { row, sign, mass });
        }
        if cover.neurons.is_empty() {
            // dead everywhere: all labels 0
            let mut row = vec![Rational::new(); d];
            row.push(Rational::from(-1));
            cover.neurons.push(FaceNeuron {
                row,
                sign: 1,
                mass: Rational::one(),
            });
            cover.other_masses.push(Rational::one());
        }
        cover
    }

    /// The network and the labels the masses give: `s` times the sum over the faces of a point.
    pub fn instance(&self) -> Result<Instance, NoValue> {
        let net = network(&self.neurons, &radius_squared(&self.points))?;
        let labels = self
            .points
            .iter()
            .map(|x| prediction(&self.neurons, x))
            .collect();
        let data = Dataset {
            x: self.points.clone(),
            y: labels,
        };
        Ok(Instance {
            points: self.points.clone(),
            data: data.map(|q| Radical::from_rational(q.clone())),
            network: Network::Bias(net),
        })
    }
}

/// `||x||^2 + 1` of the first point.
pub(super) fn radius_squared(points: &[Vec<Rational>]) -> Rational {
    let norm: Rational = Ring::dot(&points[0], &points[0]);
    norm + 1
}
