//! Batch-norm networks near the infimum of the trace on a complete training set, and the two clauses
//! of Theorem 3.2 (Wen, Li, Ma 2023) decided on them exactly.
//!
//! A family is a [`ReluSum`] in a parameter t. The network taken is that of the largest t = base^-e
//! with `4 sum |c_j| <= inf Tr + kappa/2` and of a scale T of the rows with `G/T^2 <= kappa/2`, where
//! `inf Tr` is four times the least `sum |c_j|` of its width. Test `networks_are_as_near_as_asked`.

use super::Finding;
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::relu_sum::ReluSum;
use crate::data::Dataset;
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::network::Network;
use crate::scalar::{Integer, Radical, Rational, Ring};
use crate::sharpness::alignment::least_coefficient_sum;
use rug::ops::Pow;

/// An interpolating network with `Tr <= inf Tr + kappa`, up to the check of its facts.
pub(super) struct NearMinimal {
    pub(super) set: CompleteSet,
    pub(super) kappa: Rational,
    /// The function, as a plain sum.
    pub(super) sum: ReluSum,
    pub(super) data: Dataset<Radical>,
    pub(super) network: Network<Radical>,
}

/// How many powers of the base are tried.
const MAX_EXPONENT: u32 = 400;

impl NearMinimal {
    /// The first network of the family near enough; `None` where the family needs a different S.
    ///
    /// # Errors
    /// Undecided if none is near enough.
    pub(super) fn first(
        set: &CompleteSet,
        kappa: &Rational,
        base: u32,
        build: impl Fn(&Rational) -> Option<ReluSum>,
    ) -> Result<Option<Self>, Finding> {
        let data = set.training_set();
        for e in 2..MAX_EXPONENT {
            let t = Rational::from((Integer::from(1), Integer::from(base).pow(e)));
            let Some(sum) = build(&t) else {
                return Ok(None);
            };
            let least = least_coefficient_sum(sum.width()).unwrap_or(2) * 4;
            if sum.price(&data)? > Radical::from_rational(Rational::from(kappa / 2) + least) {
                continue;
            }
            let rows = sum.gradient_part(&data) * 2 / kappa; // G/T^2 <= kappa/2
            let mut scale = Rational::from(1);
            while Ring::square(&scale) < rows {
                scale *= base;
            }
            return Ok(Some(Self {
                set: set.clone(),
                kappa: kappa.clone(),
                network: sum.network(&data, &scale)?,
                data: data.map(|q| Radical::from_rational(q.clone())),
                sum,
            }));
        }
        Err(Finding::Undecided(
            "no network of the family is near enough".into(),
        ))
    }

    /// Data, network and the facts that make it near minimal.
    pub(super) fn member(&self, name: impl Into<String>) -> Member {
        let least = least_coefficient_sum(self.sum.width()).unwrap_or(2);
        Member::new(name)
            .parameter("kappa", &Radical::from_rational(self.kappa.clone()))
            .data(&self.data)
            .network(&self.network)
            .fact(Fact::LeastCoefficientSum {
                is: Relation::Equal,
                value: least.to_string(),
            })
            .fact(Fact::Interpolates)
            .fact(Fact::Trace {
                is: Relation::AtMost,
                value: format!("{} + kappa", 4 * least),
            })
    }

    /// The facts that `f(x)` is what the plain sum says, and that `y f(x) <= right`.
    pub(super) fn prediction(&self, member: Member, x: &[Rational], right: &Rational) -> Member {
        let value = self.sum.value(x);
        let margin = Ring::mul(&value, &xor::label(x));
        member
            .fact(Fact::Prediction {
                at: x.iter().map(Rational::to_string).collect(),
                is: Relation::Equal,
                value: value.to_string(),
            })
            .fact(Fact::Compare {
                left: margin.to_string(),
                is: Relation::AtMost,
                right: right.to_string(),
            })
    }

    /// The first point of the cube with `|f - x1 x2| > eps`, by the network's own outputs.
    fn off_by(&self, eps: &Rational) -> Result<Option<(Vec<Rational>, Radical)>, Finding> {
        let cube: Vec<Vec<Rational>> = (0..1u64 << self.set.d())
            .map(|u| xor::point(u, self.set.d()))
            .collect();
        let exact = |x: &Vec<Rational>| x.iter().cloned().map(Radical::from_rational).collect();
        let at: Vec<Vec<Radical>> = cube.iter().map(exact).collect();
        let outputs = self.network.outputs(&self.data.x, &at)?;
        let eps = Radical::from_rational(eps.clone());
        let off = |(x, f): &(Vec<Rational>, Radical)| {
            let error = f.sub(&Radical::from_rational(xor::label(x)));
            error > eps || error.neg() > eps
        };
        Ok(cube.into_iter().zip(outputs).find(off))
    }

    /// The first neuron with `c_j != 0` and `||W1_j[3:d]|| > eps ||W1_j||`.
    fn tail_above(&self, eps: &Rational) -> Option<usize> {
        let d = self.set.d();
        let long = |row: &[Rational]| {
            let (tail, row): (Rational, Rational) = (
                Ring::dot(&row[2..d], &row[2..d]),
                Ring::dot(&row[..d], &row[..d]),
            );
            tail > row * Ring::square(eps)
        };
        let terms = self.sum.terms.iter();
        let mut failing = terms
            .enumerate()
            .filter(|(_, t)| !t.weight.is_zero() && long(&t.row));
        failing.next().map(|(j, _)| j)
    }

    /// Both clauses at eps, the row clause for `c_j != 0` and only if asked; `hypothesis` are the facts
    /// a refutation must state on top of those of [`Self::member`].
    pub(super) fn clauses(
        &self,
        case: &str,
        eps: &Rational,
        rows: bool,
        hypothesis: Vec<Fact>,
    ) -> Result<Finding, Finding> {
        let d = self.set.d();
        let name = format!(
            "d = {d}, |S| = {}, m = {}",
            self.set.suffixes().len(),
            self.sum.width()
        );
        let member = || {
            let member = self
                .member(&name)
                .parameter("eps", &Radical::from_rational(eps.clone()));
            hypothesis.iter().cloned().fold(member, Member::fact)
        };
        let fails = |member: Member, what: String| {
            let says = format!(
                "{name}, Tr - inf Tr <= {} and eps = {eps}: {what}",
                enclosed(&self.kappa)
            );
            Ok(Finding::Fails(Box::new(Witness::refutation(
                case,
                says,
                vec![member],
            ))))
        };
        if let Some((x, f)) = self.off_by(eps)? {
            let at: Vec<String> = x.iter().map(Rational::to_string).collect();
            let y: Rational = xor::label(&x);
            let (is, value) = if f > Radical::from_rational(y.clone()) {
                (Relation::Greater, format!("{y} + eps"))
            } else {
                (Relation::Less, format!("{y} - eps"))
            };
            let what = format!("f({}) = {} where x1 x2 = {y}", at.join(","), f.approx(6));
            return fails(member().fact(Fact::Prediction { at, is, value }), what);
        }
        if let Some(neuron) = self.tail_above(eps).filter(|_| rows) {
            let what = format!("||W1_j[3:d]|| > eps ||W1_j|| at j = {}", neuron + 1);
            let fact = Fact::RelativeTailSquared {
                neuron,
                is: Relation::Greater,
                value: "eps^2".into(),
            };
            return fails(member().fact(fact), what);
        }
        Ok(Finding::Holds)
    }

    /// `max relu(z)^2 / a^2` over all neurons and the cube.
    pub(super) fn largest_activation_squared(&self) -> Rational {
        let train = self.set.training_set();
        let d = self.set.d();
        let cube: Vec<Vec<Rational>> = (0..1u64 << d).map(|u| xor::point(u, d)).collect();
        let ratio = |row: &[Rational]| -> Rational {
            let relu = |x: &Vec<Rational>| -> Rational {
                let w: Rational = Ring::dot(&row[..d], x);
                (w + &row[d]).max(Rational::new())
            };
            let squares: Rational = train.x.iter().map(|x| Ring::square(&relu(x))).sum();
            let top = cube.iter().map(relu).max().unwrap_or_default();
            Ring::square(&top) * Rational::from(train.len()) / squares
        };
        let ratios = self.sum.terms.iter().map(|t| ratio(&t.row));
        ratios.max().unwrap_or_default()
    }
}

/// A short decimal of a rational, marked as approximate.
fn enclosed(q: &Rational) -> String {
    Radical::from_rational(q.clone()).approx(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::check;
    use crate::construction::theorem_3_2_leaning::{opposed, width_3};

    #[test]
    fn networks_are_as_near_as_asked() {
        let set = CompleteSet::all(4).unwrap();
        let kappa = Rational::from((1, 1000));
        let wide = |t: &Rational| Some(opposed(&[t.clone(), t.clone() * -2]));
        let narrow = |t: &Rational| {
            Some(width_3(
                &Rational::from(t * 2),
                &[t.clone(), Rational::new()],
            ))
        };
        for near in [
            NearMinimal::first(&set, &kappa, 2, wide).unwrap().unwrap(),
            NearMinimal::first(&set, &kappa, 10, narrow)
                .unwrap()
                .unwrap(),
        ] {
            let passes = |member| check(&Witness::refutation("x", "", vec![member])).is_ok();
            assert!(passes(near.member("near")));
            let closer = near.member("closer").parameter("kappa", &Radical::zero());
            assert!(!passes(closer), "the infimum is not attained");
        }
    }

    /// The bound by plain sums against the fact, which evaluates the network.
    #[test]
    fn largest_activation_vs_fact() {
        let set = CompleteSet::smallest(4).unwrap();
        let build = |t: &Rational| Some(opposed(&[t.clone(), t.clone()]));
        let near = NearMinimal::first(&set, &Rational::from((1, 10)), 2, build)
            .unwrap()
            .unwrap();
        let square = near.largest_activation_squared();
        let fact = |is| Fact::LargestActivation {
            is,
            value: format!("sqrt({square})"),
        };
        let passes = |is| {
            check(&Witness::refutation(
                "x",
                "",
                vec![near.member("").fact(fact(is))],
            ))
            .is_ok()
        };
        assert!(passes(Relation::Equal) && !passes(Relation::Less));
    }
}
