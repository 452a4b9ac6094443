//! Training sets with an eps for Theorem 5.1, random ones and simpler ones.

use crate::construction::theorem_4_1::separators;
use crate::data::{Dataset, xor};
use crate::network::{Network, SimLn};
use crate::scalar::{NoValue, Radical, Rational};
use crate::search::generate::{self, Inputs, Labels, Options};
use crate::search::shrink;
use crate::theorem::claims::Claim;
use crate::theorem::{Finding, Run};
use rand_chacha::ChaCha8Rng;

/// A training set, eps, and separators `w_i / delta`.
pub(super) struct Instance {
    pub name: String,
    pub data: Dataset<Rational>,
    pub eps: Rational,
    /// `w_i / delta`.
    pub v: Vec<Vec<Rational>>,
}

impl Instance {
    /// `None` if some input is not extreme.
    pub fn new(name: &str, data: Dataset<Rational>, eps: Rational) -> Option<Self> {
        let v = separators(&data.x).ok()?;
        let name = format!(
            "{name}, d = {}, n = {}, eps = {eps}",
            data.dim(),
            data.len()
        );
        Some(Self { name, data, eps, v })
    }

    /// Vacuous if some input is not extreme or eps is not positive.
    pub fn with_eps(data: &Dataset<Rational>, eps: &Rational) -> Result<Self, Finding> {
        let instance = match *eps > 0 {
            true => Self::new("extreme points", data.clone(), eps.clone()),
            false => None,
        };
        instance.ok_or_else(|| Finding::Vacuous("inputs that are not extreme, or eps <= 0".into()))
    }

    /// One input `x`, label `y`: `R = sqrt(x^2 + 1)`.
    pub fn one_sample(name: &str, x: Rational, y: Rational, eps: Rational) -> Self {
        Self {
            name: name.into(),
            data: Dataset {
                x: vec![vec![x]],
                y: vec![y],
            },
            eps,
            v: vec![vec![Rational::from(1)]],
        }
    }

    pub fn judge(
        &self,
        case: &'static str,
        net: Result<SimLn<Radical>, NoValue>,
        decide: impl Fn(&Claim) -> Result<Finding, Finding>,
    ) -> Result<Finding, Finding> {
        let data = exact(&self.data);
        let network = Network::SimLn(net?);
        let instance = self.name.clone();
        decide(&Claim {
            case,
            instance,
            data: &data,
            network: &network,
            memorising: true,
            error: None,
        })
    }
}

/// The training sets of `simpler` with the same eps, then a simpler eps.
pub(super) fn simpler_with_eps(
    (data, eps): &(Dataset<Rational>, Rational),
    simpler: fn(&Dataset<Rational>) -> Vec<Dataset<Rational>>,
) -> Vec<(Dataset<Rational>, Rational)> {
    let sets = simpler(data).into_iter().map(|data| (data, eps.clone()));
    let epsilons = shrink::rational(eps).into_iter();
    sets.chain(epsilons.map(|eps| (data.clone(), eps)))
        .collect()
}

pub(super) fn exact(data: &Dataset<Rational>) -> Dataset<Radical> {
    data.map(|q| Radical::from_rational(q.clone()))
}

/// An eps below `R |y|` for every label that is not 0: `min |y| / 2`, and 1 if all are 0.
pub(super) fn small_eps(data: &Dataset<Rational>) -> Rational {
    let sizes = data
        .y
        .iter()
        .filter(|y| !y.is_zero())
        .map(|y| Rational::from(y.abs_ref()));
    sizes.min().map_or(Rational::from(1), |least| least / 2u32)
}

/// Extreme random points of every kind with the given labels.
pub(super) fn random(
    rng: &mut ChaCha8Rng,
    labels: Labels,
    count: usize,
    eps: impl Fn(&mut ChaCha8Rng, &Dataset<Rational>) -> Rational,
) -> Vec<Instance> {
    let draw = |k: usize| {
        let inputs = [Inputs::Cube, Inputs::Sphere, Inputs::Any][k % 3];
        let (n, d) = (1 + k % 6, 1 + generate::below(rng, 4));
        let data = generate::dataset(
            rng,
            n,
            d,
            &Options {
                inputs,
                labels,
                ..Options::default()
            },
        );
        let eps = eps(rng, &data);
        Instance::new(["cube", "sphere", "any points"][k % 3], data, eps)
    };
    (0..count).filter_map(draw).collect()
}

/// P_xor samples without repeats: the hypothesis "extreme" excludes a repeated index.
pub(super) fn cubes(run: &Run, stream: &str) -> Vec<Instance> {
    let mut rng = run.rng(stream);
    let sizes = [
        (2, 1),
        (2, 3),
        (3, 5),
        (10, 20),
        (30, run.pick(10, 100, 100)),
    ];
    let draw = |(d, n): (usize, usize)| {
        let data = xor::sample(d, n, &mut rng).ok()?.distinct()?;
        Instance::new("P_xor", data, Rational::from((1, 1000)))
    };
    sizes.into_iter().filter_map(draw).collect()
}
