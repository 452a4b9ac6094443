//! Real radicals: finite sums of rational multiples of real roots, with exact zero test and sign.
//!
//! Enough for every construction of the paper (Wen, Li, Ma 2023): `(d+1)^(1/4)` and
//! `(d+1)^(1/(2D))` of Theorem 4.1, `sqrt(n)` of the normalised nets, products of these, and labels
//! that are any rational.
//!
//! A value is `sum_k c_k m_k` with rational `c_k != 0` and distinct [`Monomial`]s `m_k` over one base
//! of pairwise coprime integers > 1 that are not perfect powers, exponents in (0, 1). Monomials whose
//! ratios are irrational are linearly independent over Q (Besicovitch 1940, Mordell 1953). Hence the
//! value is 0 iff the sum is empty, equal values over one base have equal terms, and a non-empty sum
//! is different from 0, so that enclosing it with growing precision ends with its sign.
//!
//! The integers under the roots are not factored: bases are refined when two values meet that share
//! a factor (`base.rs`). Tied to `radical/tests.rs` and `tests/scalar_laws.rs`.

mod base;
mod enclosure;
mod fire;
mod inverse;
mod monomial;
mod operators;
mod print;
#[cfg(test)]
mod tests;

pub use monomial::{Factor, Monomial};

use super::{Field, Fired, NoValue, Ordered, Real, Ring, Undecided};
use base::{clash, coprime_base};
use rug::{Complete, Integer, Rational};
use std::cmp::Ordering;

/// One term `coefficient * monomial` of a [`Radical`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    coefficient: Rational,
    monomial: Monomial,
}

impl Term {
    /// The rational factor.
    pub fn coefficient(&self) -> &Rational {
        &self.coefficient
    }
    /// The product of roots.
    pub fn monomial(&self) -> &Monomial {
        &self.monomial
    }
    /// `self * other` over one base.
    fn mul(&self, other: &Self) -> Self {
        let (carry, monomial) = self.monomial.mul(&other.monomial);
        let mut coefficient = (&self.coefficient * &other.coefficient).complete();
        if carry != 1 {
            coefficient *= carry;
        }
        Term {
            coefficient,
            monomial,
        }
    }
    fn inv(&self) -> Self {
        let (below, monomial) = self.monomial.inv();
        Term {
            coefficient: self.coefficient.recip_ref().complete() / below,
            monomial,
        }
    }
}

/// An exact real number: a finite sum of rational multiples of products of real roots.
#[derive(Clone)]
pub struct Radical(Form);

/// A single term is kept inline: most numbers of the paper are one.
#[derive(Clone)]
enum Form {
    /// One term; 0 is `0 * 1`.
    One(Term),
    /// Two or more terms with coefficients other than 0, ascending in their monomials.
    Many(Vec<Term>),
}

impl Radical {
    /// The rational number `q`.
    pub fn from_rational(q: Rational) -> Self {
        Self::single(q, Monomial::ONE)
    }

    /// The non-negative `k`-th root of `q`; [`NoValue::Undefined`] for `q < 0` or `k = 0`.
    pub fn root_of(q: &Rational, k: u32) -> Result<Self, NoValue> {
        Self::from_rational(q.clone()).root(k)
    }

    /// This number if it is rational.
    pub fn as_rational(&self) -> Option<Rational> {
        match self.terms() {
            [] => Some(Rational::new()),
            [term] if term.monomial.is_one() => Some(term.coefficient.clone()),
            _ => None,
        }
    }

    /// The terms, their monomials ascending and distinct; none for 0.
    pub fn terms(&self) -> &[Term] {
        match &self.0 {
            Form::One(term) if term.coefficient.is_zero() => &[],
            Form::One(term) => std::slice::from_ref(term),
            Form::Many(terms) => terms,
        }
    }

    fn single(coefficient: Rational, monomial: Monomial) -> Self {
        let monomial = if coefficient.is_zero() {
            Monomial::ONE
        } else {
            monomial
        };
        Radical(Form::One(Term {
            coefficient,
            monomial,
        }))
    }

    /// The sum of terms over one base, in any order.
    fn collect(mut terms: Vec<Term>) -> Self {
        terms.sort_by(|a, b| a.monomial.cmp(&b.monomial));
        terms.dedup_by(|next, kept| {
            let equal = next.monomial == kept.monomial;
            if equal {
                kept.coefficient += &next.coefficient;
            }
            equal
        });
        terms.retain(|t| !t.coefficient.is_zero());
        Self::from_sorted(terms)
    }

    fn from_sorted(mut terms: Vec<Term>) -> Self {
        match terms.len() {
            0 => Self::from_rational(Rational::new()),
            1 => Radical(Form::One(terms.remove(0))),
            _ => Radical(Form::Many(terms)),
        }
    }

    /// `self += other`, in place for equal monomials.
    fn accumulate(&mut self, other: Self) {
        if let (Form::One(s), Form::One(t)) = (&mut self.0, &other.0)
            && s.monomial == t.monomial
        {
            s.coefficient += &t.coefficient;
            if s.coefficient.is_zero() {
                s.monomial = Monomial::ONE;
            }
        } else if self.terms().is_empty() {
            *self = other;
        } else if !other.terms().is_empty() {
            *self = Ring::add(self, &other);
        }
    }

    /// The sum by halves: sums of many different roots get long, and so meet only log n times.
    pub fn balanced_sum(mut numbers: Vec<Self>) -> Self {
        while numbers.len() > 1 {
            numbers = numbers.chunks(2).map(Ring::sum).collect();
        }
        numbers.pop().unwrap_or_else(Self::zero)
    }

    /// The integers under the roots that trial division did not split.
    pub(super) fn large_bases(&self) -> Vec<&Integer> {
        let mut large: Vec<_> = self
            .terms()
            .iter()
            .flat_map(|t| t.monomial.large_bases())
            .collect();
        large.sort_unstable();
        large.dedup();
        large
    }

    /// The same number over a finer base.
    fn refine(&self, base: &[Integer]) -> Self {
        let refined = self.terms().iter().map(|t| {
            let (carry, monomial) = t.monomial.refine(base);
            Term {
                coefficient: carry * &t.coefficient,
                monomial,
            }
        });
        Self::collect(refined.collect())
    }
}

/// Both numbers over one base; `None` if they already are.
fn meet(a: &Radical, b: &Radical) -> Option<(Radical, Radical)> {
    let (of_a, of_b) = (a.large_bases(), b.large_bases());
    if !of_a.iter().any(|m| of_b.iter().any(|n| clash(m, n))) {
        return None;
    }
    let base = coprime_base(of_a.into_iter().chain(of_b).cloned());
    Some((a.refine(&base), b.refine(&base)))
}

/// `op` applied over one base.
fn over_one_base<T>(a: &Radical, b: &Radical, op: impl Fn(&Radical, &Radical) -> T) -> T {
    match meet(a, b) {
        None => op(a, b),
        Some((a, b)) => op(&a, &b),
    }
}

fn add_over_one_base(a: &Radical, b: &Radical) -> Radical {
    if let (Form::One(s), Form::One(t)) = (&a.0, &b.0)
        && s.monomial == t.monomial
    {
        let sum = (&s.coefficient + &t.coefficient).complete();
        return Radical::single(sum, s.monomial.clone());
    }
    let (mut left, mut right) = (a.terms(), b.terms());
    let mut terms = Vec::with_capacity(left.len() + right.len());
    while let ([s, rest_s @ ..], [t, rest_t @ ..]) = (left, right) {
        match s.monomial.cmp(&t.monomial) {
            Ordering::Less => {
                terms.push(s.clone());
                left = rest_s;
            }
            Ordering::Greater => {
                terms.push(t.clone());
                right = rest_t;
            }
            Ordering::Equal => {
                let coefficient = (&s.coefficient + &t.coefficient).complete();
                if !coefficient.is_zero() {
                    terms.push(Term {
                        coefficient,
                        monomial: s.monomial.clone(),
                    });
                }
                (left, right) = (rest_s, rest_t);
            }
        }
    }
    terms.extend_from_slice(left);
    terms.extend_from_slice(right);
    Radical::from_sorted(terms)
}

fn mul_over_one_base(a: &Radical, b: &Radical) -> Radical {
    match (a.terms(), b.terms()) {
        ([], _) | (_, []) => Radical::zero(),
        ([s], [t]) => Radical(Form::One(s.mul(t))),
        (left, right) => Radical::collect(
            left.iter()
                .flat_map(|s| right.iter().map(|t| s.mul(t)))
                .collect(),
        ),
    }
}

impl Ring for Radical {
    fn from_int(n: i64) -> Self {
        Self::from_rational(Rational::from(n))
    }
    fn add(&self, other: &Self) -> Self {
        over_one_base(self, other, add_over_one_base)
    }
    fn sub(&self, other: &Self) -> Self {
        Ring::add(self, &Ring::neg(other))
    }
    fn mul(&self, other: &Self) -> Self {
        over_one_base(self, other, mul_over_one_base)
    }
    fn neg(&self) -> Self {
        let negate = |t: &Term| Term {
            coefficient: (-&t.coefficient).complete(),
            monomial: t.monomial.clone(),
        };
        match &self.0 {
            Form::One(term) => Radical(Form::One(negate(term))),
            Form::Many(terms) => Radical(Form::Many(terms.iter().map(negate).collect())),
        }
    }
    fn sum<'a>(items: impl IntoIterator<Item = &'a Self>) -> Self {
        items.into_iter().fold(Self::zero(), |mut total, x| {
            total.accumulate(x.clone());
            total
        })
    }
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).fold(Self::zero(), |mut total, (x, y)| {
            total.accumulate(Ring::mul(x, y));
            total
        })
    }
}

impl Ordered for Radical {
    /// Always decided.
    fn sign(&self) -> Result<Ordering, Undecided> {
        Ok(self.signum())
    }
    fn fire(rows: &[Vec<Self>], xs: &[Vec<Self>]) -> Result<Vec<Fired<Self>>, Undecided> {
        Ok(fire::fire(rows, xs))
    }
    fn relu_sums(
        weights: &[Self],
        rows: &[Vec<Self>],
        xs: &[Vec<Self>],
    ) -> Result<Vec<Self>, Undecided> {
        Ok(fire::relu_sums(weights, rows, xs))
    }
}

impl Radical {
    /// The exact sign.
    pub fn signum(&self) -> Ordering {
        let Some((first, rest)) = self.terms().split_first() else {
            return Ordering::Equal;
        };
        let sign = first.coefficient.cmp0();
        if rest.iter().all(|t| t.coefficient.cmp0() == sign) {
            return sign; // roots are positive
        }
        self.enclosed_sign()
    }
}

impl Field for Radical {
    /// Exact for a single term and for sums whose field has degree at most 64 and whose integers
    /// are not huge; [`NoValue::Undecided`] beyond.
    fn inv(&self) -> Result<Self, NoValue> {
        match self.terms() {
            [] => Err(NoValue::Undefined("division by zero")),
            [term] => Ok(Radical(Form::One(term.inv()))),
            _ => inverse::inverse(self),
        }
    }
}

impl Real for Radical {
    /// Exact for 0 and a single term; of a positive sum [`NoValue::Undecided`].
    fn root(&self, k: u32) -> Result<Self, NoValue> {
        if k == 0 {
            return Err(NoValue::Undefined("a zeroth root"));
        }
        if self.signum().is_lt() {
            return Err(NoValue::Undefined("a root of a negative number"));
        }
        match self.terms() {
            [] => Ok(Self::zero()),
            [term] => {
                let (coefficient, monomial) = term.monomial.root(&term.coefficient, k);
                Ok(Self::single(coefficient, monomial))
            }
            _ => Err(
                Undecided("a root of a sum of radicals is not a sum of radicals in general").into(),
            ),
        }
    }
}

/// Equality of the exact values, whatever the bases.
impl PartialEq for Radical {
    fn eq(&self, other: &Self) -> bool {
        self.terms() == other.terms()
            || meet(self, other).is_some_and(|(a, b)| a.terms() == b.terms())
    }
}

impl Eq for Radical {}

impl PartialOrd for Radical {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of the real numbers.
impl Ord for Radical {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.as_rational(), other.as_rational()) {
            (Some(p), Some(q)) => p.cmp(&q),
            _ => Ring::sub(self, other).signum(),
        }
    }
}
