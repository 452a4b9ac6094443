//! Products `prod b^e` of real roots, the basis over which a [`Radical`](super::Radical) is a sum.
//!
//! The integers b are the elements of a coprime base (see `base.rs`), the exponents e rational in
//! (0, 1). Two different monomials over one base have an irrational ratio: if `prod b^(e - e')` were
//! rational, each `v_p(b) (e - e')` would be an integer for every prime p dividing b, and the
//! valuations `v_p(b)` have no common factor since b is not a perfect power, so `e = e'`.
//!
//! Tied to the tests of `radical/tests.rs`.

use super::base::{SMALL, coprime_base, over, split};
use rug::ops::Pow;
use rug::{Complete, Integer, Rational};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One factor `base^exponent` of a [`Monomial`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor {
    base: Integer,
    exponent: Rational,
}

impl Factor {
    /// The integer > 1 under the root; not a perfect power.
    pub fn base(&self) -> &Integer {
        &self.base
    }
    /// The exponent, strictly between 0 and 1.
    pub fn exponent(&self) -> &Rational {
        &self.exponent
    }
}

/// A product of real roots of integers; the empty product is 1. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monomial(Option<Arc<[Factor]>>);

impl Monomial {
    /// 1, the monomial of the rational numbers.
    pub const ONE: Monomial = Monomial(None);

    /// Whether this is the empty product.
    pub fn is_one(&self) -> bool {
        self.0.is_none()
    }

    /// The factors, ascending in their pairwise coprime bases.
    pub fn factors(&self) -> &[Factor] {
        self.0.as_deref().unwrap_or_default()
    }

    /// The base elements that may still be composite.
    pub(super) fn large_bases(&self) -> impl Iterator<Item = &Integer> {
        self.factors()
            .iter()
            .rev()
            .map(|f| &f.base)
            .take_while(|b| **b > SMALL)
    }

    fn from_factors(factors: Vec<Factor>) -> Self {
        Monomial((!factors.is_empty()).then(|| factors.into()))
    }

    /// `prod b^e` as coefficient times monomial. Each base is a prime below [`SMALL`] or has no
    /// such factor; exponents are any rationals.
    fn from_powers(powers: Vec<(Integer, Rational)>) -> (Rational, Self) {
        let base = coprime_base(powers.iter().map(|p| &p.0).filter(|b| **b > SMALL).cloned());
        let mut exponents: BTreeMap<Integer, Rational> = BTreeMap::new();
        for (b, e) in powers {
            if b <= SMALL {
                *exponents.entry(b).or_default() += e;
            } else {
                for (part, valuation) in over(&b, &base) {
                    *exponents.entry(part.clone()).or_default() += (&e * valuation).complete();
                }
            }
        }
        let mut coefficient = Rational::from(1);
        let mut factors = Vec::new();
        for (base, e) in exponents {
            let (exponent, whole) = e.fract_floor(Integer::new());
            if !whole.is_zero() {
                let whole = whole
                    .to_i32()
                    .expect("bounded by the valuations of integers in memory");
                coefficient *= Rational::from(&base).pow(whole);
            }
            if !exponent.is_zero() {
                factors.push(Factor { base, exponent });
            }
        }
        (coefficient, Self::from_factors(factors))
    }

    /// `(coefficient * self)^(1/k)` as coefficient times monomial, for `coefficient > 0`, `k >= 1`.
    pub(super) fn root(&self, coefficient: &Rational, k: u32) -> (Rational, Self) {
        let above = split(coefficient.numer())
            .into_iter()
            .map(|(b, v)| (b, Rational::from(v)));
        let below = split(coefficient.denom())
            .into_iter()
            .map(|(b, v)| (b, -Rational::from(v)));
        let own = self
            .factors()
            .iter()
            .map(|f| (f.base.clone(), f.exponent.clone()));
        Self::from_powers(
            above
                .chain(below)
                .chain(own)
                .map(|(b, e)| (b, e / k))
                .collect(),
        )
    }

    /// The same number over a finer base, as coefficient times monomial.
    pub(super) fn refine(&self, base: &[Integer]) -> (Rational, Self) {
        let mut powers = Vec::new();
        for Factor { base: b, exponent } in self.factors() {
            if *b <= SMALL {
                powers.push((b.clone(), exponent.clone()));
            } else {
                let parts = over(b, base).into_iter();
                powers.extend(parts.map(|(part, v)| (part.clone(), (exponent * v).complete())));
            }
        }
        Self::from_powers(powers)
    }

    /// `self * other` as integer times monomial; the two stand over one base.
    pub(super) fn mul(&self, other: &Self) -> (Integer, Self) {
        let mut carry = Integer::from(1);
        if self.is_one() {
            return (carry, other.clone());
        }
        if other.is_one() {
            return (carry, self.clone());
        }
        let (mut left, mut right) = (self.factors(), other.factors());
        let mut factors = Vec::with_capacity(left.len() + right.len());
        while let ([a, rest_a @ ..], [b, rest_b @ ..]) = (left, right) {
            match a.base.cmp(&b.base) {
                Ordering::Less => {
                    factors.push(a.clone());
                    left = rest_a;
                }
                Ordering::Greater => {
                    factors.push(b.clone());
                    right = rest_b;
                }
                Ordering::Equal => {
                    let mut exponent = (&a.exponent + &b.exponent).complete();
                    if exponent >= 1 {
                        exponent -= 1;
                        carry *= &a.base;
                    }
                    if !exponent.is_zero() {
                        factors.push(Factor {
                            base: a.base.clone(),
                            exponent,
                        });
                    }
                    (left, right) = (rest_a, rest_b);
                }
            }
        }
        factors.extend_from_slice(left);
        factors.extend_from_slice(right);
        (carry, Self::from_factors(factors))
    }

    /// `1 / self = prod b^(1-e) / prod b`, as the integer below times the monomial above.
    pub(super) fn inv(&self) -> (Integer, Self) {
        let below = self
            .factors()
            .iter()
            .fold(Integer::from(1), |n, f| n * &f.base);
        let flip = |f: &Factor| Factor {
            base: f.base.clone(),
            exponent: 1 - f.exponent.clone(),
        };
        (
            below,
            Self::from_factors(self.factors().iter().map(flip).collect()),
        )
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An order of normal forms (not of values) with 1 first.
impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (a, b) => a.cmp(b),
        }
    }
}
