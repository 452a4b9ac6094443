//! Samples of P_xor and networks that interpolate them, for the clauses of [`super`].

use super::{Balance, Judge, exact};
use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::construction::three_notions as construction;
use crate::data::{Dataset, xor};
use crate::linalg::solve;
use crate::network::{Bias, Network};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::generate::{below, one_in, small, subset_of_size};
use crate::search::perturb::{self, Family, Keeps};
use crate::theorem::Finding;
use crate::theorem::hunt::OwnLabels;
use crate::theorem::hunt::draw::{simpler_xor, xor_samples};
use rand_chacha::ChaCha8Rng;

/// An instance of a hunt.
pub(super) enum Drawn {
    /// For the clauses on the memoriser and the generaliser.
    Sample(Dataset<Rational>),
    /// For the clause on every interpolating network.
    Interpolator(Dataset<Rational>, Network<Radical>),
}

impl Drawn {
    /// Samples, random interpolating networks, and memoriser or generaliser perturbed, by turns.
    pub fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        let network = match attempt % 4 {
            1 => interpolator(rng).map(|it| ("random interpolating networks", it)),
            3 => perturbed(rng, attempt).map(|it| ("memoriser or generaliser, perturbed", it)),
            _ => None,
        };
        match network {
            Some((family, (data, net))) => (family, Self::Interpolator(data, net)),
            None => ("samples of P_xor", Self::Sample(xor_samples(rng, attempt))),
        }
    }

    pub fn simpler(&self) -> Vec<Self> {
        match self {
            Self::Sample(data) => simpler_xor(data).into_iter().map(Self::Sample).collect(),
            Self::Interpolator(data, net) => {
                let with = |net| Self::Interpolator(data.clone(), net);
                perturb::simpler(net).into_iter().map(with).collect()
            }
        }
    }

    pub fn judge(&self, case: &'static str, balance: Balance) -> Result<Finding, Finding> {
        let it = Judge::stated(case);
        match self {
            Self::Sample(data) => it.samples(data, balance),
            Self::Interpolator(data, net) => it.any_interpolator(data, net),
        }
    }
}

/// With bias, still interpolating.
fn perturbed(
    rng: &mut ChaCha8Rng,
    attempt: usize,
) -> Option<(Dataset<Rational>, Network<Radical>)> {
    let data = xor_samples(rng, attempt).distinct()?;
    let net = match one_in(rng, 2) {
        true => construction::bias_memoriser(&data),
        false => construction::bias_generaliser(data.dim()),
    };
    let mut families = Family::ALL.to_vec();
    families.retain(|family| family.keeps() != Keeps::Nothing);
    let own = OwnLabels {
        net: net.ok()?,
        x: data.x.clone(),
    };
    Some((data, own.perturbed(rng, attempt, &families).net))
}

/// Up to 12 distinct samples, d = 2 to 8.
pub(super) fn distinct_sample(rng: &mut ChaCha8Rng) -> Option<Dataset<Rational>> {
    let (d, n) = (2 + below(rng, 7), 1 + below(rng, 12));
    xor::sample(d, n, rng).ok()?.distinct()
}

/// A random first layer at least as wide as there are samples, the second solved for.
pub(super) fn interpolator(rng: &mut ChaCha8Rng) -> Option<(Dataset<Rational>, Network<Radical>)> {
    let (d, n) = (2 + below(rng, 3), 1 + below(rng, 5));
    let data = xor::sample(d, n, rng).ok()?.distinct()?;
    let width = data.len() + below(rng, 3);
    let rows: Vec<Vec<Rational>> = (0..width)
        .map(|_| (0..=d).map(|_| small(rng)).collect())
        .collect();
    let relu = |row: &Vec<Rational>, x: &Vec<Rational>| -> Rational {
        let z: Rational = Ring::dot(row, x);
        if z.cmp0().is_gt() { z } else { Rational::new() }
    };
    let lifted = data.with_bias();
    let hidden: Vec<Vec<Rational>> = lifted
        .iter()
        .map(|x| rows.iter().map(|row| relu(row, x)).collect())
        .collect();
    let mut last = solve(&hidden, &data.y).ok()?;
    last.resize(width, Rational::new());
    let network = Network::Bias(Bias {
        first: rows,
        hidden: vec![],
        last,
    });
    let network = network.map(
        |q| Radical::from_rational(q.clone()),
        |q| Radical::from_rational(q.clone()),
    );
    network.admissible(&exact(&data).x).ok()?;
    Some((data, network))
}

/// Distinct samples, so many in each quadrant, `d <= 8`; `None` if there are not so many points.
pub(super) fn with_counts(
    d: usize,
    counts: [usize; 4],
    rng: &mut ChaCha8Rng,
) -> Option<Dataset<Rational>> {
    let suffixes = 1usize << (d - 2);
    let mut x = Vec::new();
    for ((s, t), count) in QUADRANTS.into_iter().zip(counts) {
        if count > suffixes {
            return None;
        }
        for suffix in subset_of_size(rng, suffixes, count) {
            let tail = xor::point::<Rational>(suffix as u64, d - 2);
            x.push([vec![Rational::from(s), Rational::from(t)], tail].concat());
        }
    }
    let y = x.iter().map(|x| xor::label(x)).collect();
    Some(Dataset { x, y })
}

/// As many labels 1 as -1, or n/4 samples in each quadrant; all quadrants hold some.
pub(super) fn balanced_sample(balance: Balance, rng: &mut ChaCha8Rng) -> Option<Dataset<Rational>> {
    let d = 2 + below(rng, 4);
    let most = 1usize << (d - 2);
    let a = 1 + below(rng, most.min(4));
    let counts = match balance {
        Balance::Quadrants => [a; 4],
        Balance::Labels => {
            let (b, c) = (1 + below(rng, most.min(4)), 1 + below(rng, most.min(4)));
            [a, b, c, (b + c).checked_sub(a).filter(|count| *count > 0)?]
        }
    };
    with_counts(d, counts, rng)
}
