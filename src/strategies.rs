//! Strategies for the proptest crate, behind the feature `proptest`: random datasets and networks with
//! the odd values of [`crate::search`] among them, which shrink to instances that can be read and never
//! leave their hypothesis.
//!
//! ```
//! use flatproof::strategies::{Inputs, Kind, Labels, Options, datasets, interpolating};
//! use flatproof::{lower_bound, sharpness};
//! use proptest::prelude::*;
//!
//! let options = Options { inputs: Inputs::Cube, labels: Labels::Signs, ..Options::default() };
//! proptest!(|((net, data) in interpolating(Kind::Bias(2), datasets(1..=3, 2..=3, options)))| {
//!     prop_assert!(net.interpolates(&data)?);
//!     prop_assert!(sharpness(&net, &data)? >= lower_bound(&net, &data)?); // Eq. 2 of the paper
//! });
//! ```
//!
//! An instance is drawn from one seed that proptest gives, so its failure files work. It shrinks through
//! [`shrink`]: proptest sees the next simpler instance of the hypothesis, greedily, as
//! [`shrink::minimise`] would. Tests: `shrinking_vs_minimise`, `values_keep_their_hypothesis`.

use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::{Radical, Rational};
use crate::search::{generate, networks, rng, shrink};
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{Reason, TestRunner};
use rand::Rng;
use std::fmt::Debug;
use std::ops::RangeInclusive;

pub use crate::search::generate::{Inputs, Labels, Options};
pub use crate::search::networks::Kind;

#[cfg(test)]
mod tests;

/// How often an instance is drawn before the strategy gives up.
const DRAWS: usize = 50;

/// A set of instances: how to draw one, what is simpler, and which values it stands for.
pub trait Hypothesis: Clone + Debug {
    /// What is drawn and shrunk.
    type Instance: Clone + Debug;
    /// What the test gets.
    type Value: Clone + Debug;
    /// An instance; `None` when there seems to be none.
    fn draw(&self, rng: &mut impl Rng) -> Option<Self::Instance>;
    /// Simpler instances, simplest first; some may lie outside.
    fn simpler(&self, instance: &Self::Instance) -> Vec<Self::Instance>;
    /// The value of an instance; `None` outside the hypothesis.
    fn value(&self, instance: &Self::Instance) -> Option<Self::Value>;
    /// The instance and its value.
    fn with_value(&self, instance: Self::Instance) -> Option<(Self::Instance, Self::Value)> {
        let value = self.value(&instance)?;
        Some((instance, value))
    }
}

/// The strategy of a [`Hypothesis`].
#[derive(Clone, Debug)]
pub struct Instances<H>(H);

impl<H: Hypothesis> Strategy for Instances<H> {
    type Tree = Shrinking<H>;
    type Value = H::Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut rng = rng(runner.rng().next_u64(), "strategies");
        let draw = |_| self.0.with_value(self.0.draw(&mut rng)?);
        let failing = (0..DRAWS)
            .find_map(draw)
            .ok_or_else(|| Reason::from(format!("no instance found of {:?}", self.0)))?;
        Ok(Shrinking {
            hypothesis: self.0.clone(),
            failing,
            candidate: None,
            rest: Vec::new().into_iter(),
        })
    }
}

/// An instance on its way to a simpler one.
#[derive(Clone, Debug)]
pub struct Shrinking<H: Hypothesis> {
    hypothesis: H,
    /// The simplest instance known to fail.
    failing: (H::Instance, H::Value),
    /// What is being tried instead.
    candidate: Option<(H::Instance, H::Value)>,
    /// What to try after it.
    rest: std::vec::IntoIter<H::Instance>,
}

impl<H: Hypothesis> Shrinking<H> {
    /// Tries the next candidate of the hypothesis; whether there is one.
    fn advance(&mut self) -> bool {
        let hypothesis = &self.hypothesis;
        self.candidate = self
            .rest
            .find_map(|instance| hypothesis.with_value(instance));
        self.candidate.is_some()
    }
}

impl<H: Hypothesis> ValueTree for Shrinking<H> {
    type Value = H::Value;

    fn current(&self) -> H::Value {
        self.candidate.as_ref().unwrap_or(&self.failing).1.clone()
    }

    /// The current instance fails: on to one of its simpler ones.
    fn simplify(&mut self) -> bool {
        if let Some(candidate) = self.candidate.take() {
            self.failing = candidate;
        }
        self.rest = self.hypothesis.simpler(&self.failing.0).into_iter();
        self.advance()
    }

    /// The current instance passes: back, and on to the next one.
    fn complicate(&mut self) -> bool {
        self.candidate.is_some() && self.advance()
    }
}

/// Datasets of `n` samples in dimension `d` as `options` say: see [`datasets`].
#[derive(Clone, Debug)]
pub struct Datasets {
    n: RangeInclusive<usize>,
    d: RangeInclusive<usize>,
    options: Options,
}

/// Datasets with `n` samples in dimension `d`, both at least 1, as `options` say; fewer samples where
/// distinct inputs are asked for and run out.
///
/// ```
/// use flatproof::strategies::{Options, datasets};
/// use proptest::prelude::*;
///
/// proptest!(|(data in datasets(1..=5, 2..=3, Options::default()))| {
///     prop_assert!(data.check().is_ok() && data.len() <= 5);
/// });
/// ```
pub fn datasets(
    n: RangeInclusive<usize>,
    d: RangeInclusive<usize>,
    options: Options,
) -> Instances<Datasets> {
    Instances(Datasets { n, d, options })
}

/// A number in the range; `None` when it is empty.
fn within(rng: &mut impl Rng, range: &RangeInclusive<usize>) -> Option<usize> {
    let span = range.end().checked_sub(*range.start())?;
    Some(range.start() + generate::below(rng, span.saturating_add(1)))
}

fn real(data: &Dataset<Rational>) -> Dataset {
    data.map(lift)
}

fn lift(q: &Rational) -> Radical {
    q.clone().into()
}

impl Datasets {
    /// Of the candidates for `data`, those with enough samples. (A cube may have run out of points, so
    /// this is not a matter of the range alone.)
    fn keep_number<N>(
        &self,
        data: &Dataset<Rational>,
        candidates: &mut Vec<(N, Dataset<Rational>)>,
    ) {
        let least = data.len().min(*self.n.start());
        candidates.retain(|(_, simpler)| simpler.len() >= least);
    }
}

impl Hypothesis for Datasets {
    type Instance = Dataset<Rational>;
    type Value = Dataset;

    fn draw(&self, rng: &mut impl Rng) -> Option<Self::Instance> {
        let (n, d) = (within(rng, &self.n)?, within(rng, &self.d)?);
        Some(generate::dataset(rng, n, d, &self.options))
    }

    fn simpler(&self, data: &Self::Instance) -> Vec<Self::Instance> {
        let mut candidates = shrink::dataset(data)
            .into_iter()
            .map(|data| ((), data))
            .collect();
        self.keep_number(data, &mut candidates);
        candidates.into_iter().map(|((), data)| data).collect()
    }

    fn value(&self, data: &Self::Instance) -> Option<Self::Value> {
        let fits = data.check().is_ok()
            && self.d.contains(&data.dim())
            && data.len() <= *self.n.end()
            && self.options.admit(data);
        fits.then(|| real(data))
    }
}

/// Networks that are admissible on a dataset: see [`admissible`].
#[derive(Clone, Debug)]
pub struct Admissible {
    kind: Kind,
    width: RangeInclusive<usize>,
    data: Datasets,
}

/// Networks of an architecture and of any `width` (at least 1) that are admissible on the inputs of a
/// dataset, and the dataset; what they output there has nothing to do with the labels.
///
/// ```
/// use flatproof::sharpness;
/// use flatproof::strategies::{Kind, Options, admissible, datasets};
/// use proptest::prelude::*;
///
/// let data = datasets(1..=3, 2..=2, Options::default());
/// proptest!(|((net, data) in admissible(Kind::SimLn, 1..=3, data))| {
///     prop_assert!(net.kinks(&data.x)?.is_empty());
///     prop_assert!(sharpness(&net, &data).is_ok());
/// });
/// ```
pub fn admissible(
    kind: Kind,
    width: RangeInclusive<usize>,
    data: Instances<Datasets>,
) -> Instances<Admissible> {
    Instances(Admissible {
        kind,
        width,
        data: data.0,
    })
}

impl Hypothesis for Admissible {
    type Instance = (Network<Rational>, Dataset<Rational>);
    type Value = (Network, Dataset);

    fn draw(&self, rng: &mut impl Rng) -> Option<Self::Instance> {
        let data = self.data.draw(rng)?;
        let width = within(rng, &self.width)?;
        Some((networks::admissible(rng, self.kind, width, &data.x)?, data))
    }

    fn simpler(&self, (net, data): &Self::Instance) -> Vec<Self::Instance> {
        let mut candidates = shrink::instance(net, data);
        self.data.keep_number(data, &mut candidates);
        candidates
    }

    fn value(&self, (net, data): &Self::Instance) -> Option<Self::Value> {
        let data_value = self.data.value(data)?;
        let fits = Kind::of(net) == self.kind
            && self.width.contains(&net.architecture().width())
            && net.admissible(&data.x).is_ok();
        fits.then(|| (net.map(lift, lift), data_value))
    }
}

/// Networks that interpolate a dataset: see [`interpolating`].
#[derive(Clone, Debug)]
pub struct Interpolating {
    kind: Kind,
    data: Datasets,
}

/// Admissible networks of an architecture that interpolate a dataset, and the dataset: the first layers
/// random, as wide as there are distinct inputs, the last layer solved for. Its options must not allow
/// contradictions.
///
/// See the [module's example](self).
pub fn interpolating(kind: Kind, data: Instances<Datasets>) -> Instances<Interpolating> {
    let data = data.0;
    Instances(Interpolating { kind, data })
}

impl Hypothesis for Interpolating {
    /// The last layer is 0 until it is solved for.
    type Instance = (Network<Rational>, Dataset<Rational>);
    type Value = (Network, Dataset);

    fn draw(&self, rng: &mut impl Rng) -> Option<Self::Instance> {
        let data = self.data.draw(rng)?;
        let distinct = data.distinct()?;
        let net = networks::solvable(rng, self.kind, &distinct.x)?;
        Some((net.scaled(Rational::ZERO), data))
    }

    fn simpler(&self, (net, data): &Self::Instance) -> Vec<Self::Instance> {
        let mut candidates = shrink::neuron_with_sample(net, data);
        candidates.extend(shrink::instance(net, data));
        self.data.keep_number(data, &mut candidates);
        candidates
    }

    fn value(&self, (net, data): &Self::Instance) -> Option<Self::Value> {
        let data_value = self.data.value(data)?;
        let distinct = data.distinct()?;
        if Kind::of(net) != self.kind {
            return None;
        }
        let net = networks::with_last_solved(net, &distinct.x, &distinct.y, &data.x);
        Some((net.ok().flatten()?, data_value))
    }
}
