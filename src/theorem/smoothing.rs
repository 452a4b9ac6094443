//! What is stated about the label-smoothed logistic loss (Wen, Li, Ma 2023, Theorem A.2 and Lemma
//! A.13): where it is minimal, and how curved it is there. Shared by `lemma-a.13` and `theorem-a.2`,
//! as printed and repaired.
//!
//! The expressions are the ones the witnesses carry, so that what is judged and what is re-checked
//! cannot differ.

use super::{Finding, Form};
use crate::certificate::{Fact, Relation};
use crate::network::loss::Logistic;
use crate::network::odds;
use crate::scalar::retry::decide;
use crate::scalar::{Field, NoValue, Ordered, Radical, Rational, Ring, Transcendental, text};
use crate::search::{generate, shrink};
use rand::Rng;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The statement "`l(., b)` is minimal at `a = (2b-1) ln odds`, where `l'' = curvature`", as
/// expressions in `p`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// `e^gamma`.
    pub odds: &'static str,
    /// `l''` at the minimum.
    pub curvature: &'static str,
}

/// `gamma_p = ln((1-p)/p)` and `1/(p(1-p))`.
pub(super) const PRINTED: Claim = Claim {
    odds: "(1-p)/p",
    curvature: "1/(p*(1-p))",
};
/// `gamma_p = ln(p/(1-p))` and `p(1-p)`.
pub(super) const REPAIRED: Claim = Claim {
    odds: "p/(1-p)",
    curvature: "p*(1-p)",
};
/// The repaired statement with a curvature off by one part in 10^30.
const CONTROL: Claim = Claim {
    odds: REPAIRED.odds,
    curvature: "p*(1-p)*(1+1/10^30)",
};
/// [`CONTROL`] in words.
pub(super) const CONTROL_IN_WORDS: &str = "gamma_p = ln(p/(1-p)), l'' = p(1-p) (1 + 10^-30)";

/// Bits of the first and of the last enclosure tried.
pub(super) const BITS: (u32, u32) = (128, 8_192);

/// The loss at the stated minimiser for label `b`, in exact odds.
pub(super) struct AtMinimiser {
    /// `e^a`.
    pub odds: Radical,
    /// `l'`.
    pub slope: Radical,
    /// `l''`.
    pub curvature: Radical,
}

impl Claim {
    /// `stated`, or the control.
    pub fn in_form(self, form: Form) -> Self {
        match form {
            Form::Stated => self,
            Form::Control => CONTROL,
        }
    }

    /// The stated curvature.
    pub fn curvature(&self, p: &Radical) -> Result<Radical, Finding> {
        evaluate(self.curvature, p)
    }

    /// The loss at `a = (2b-1) ln odds`.
    pub fn at_minimiser(&self, p: &Radical, b: bool) -> Result<AtMinimiser, Finding> {
        let odds = evaluate(self.odds, p)?;
        let odds = if b { odds } else { odds.inv()? };
        Ok(AtMinimiser {
            slope: odds::slope(p, &odds, b)?,
            curvature: odds::curvature(&odds)?,
            odds,
        })
    }

    /// The stated minimiser for label `b` as an expression for `e^a`.
    fn odds_text(&self, b: bool) -> String {
        if b {
            self.odds.into()
        } else {
            format!("1/({})", self.odds)
        }
    }

    /// The fact that the derivative of that order, at the stated minimiser for label `b`, `is` `value`.
    pub fn derivative_fact(&self, order: u32, b: bool, is: Relation, value: impl ToString) -> Fact {
        Fact::LogisticDerivative {
            order,
            p: "p".into(),
            odds: self.odds_text(b),
            label: b,
            is,
            value: value.to_string(),
        }
    }
}

/// The value of an expression in `p`.
fn evaluate(expression: &str, p: &Radical) -> Result<Radical, Finding> {
    let names = BTreeMap::from([("p".to_string(), p.clone())]);
    text::parse_with(expression, &names).map_err(|no| Finding::Undecided(no.to_string()))
}

/// The loss at `a = ln u` against the loss at `a = ln t`, label `b`, by enclosures of the loss as
/// printed.
pub(super) fn compare_losses(
    p: &Radical,
    b: bool,
    u: &Radical,
    t: &Radical,
) -> Result<Ordering, NoValue> {
    decide(BITS.0, BITS.1, |bits| {
        let loss = Logistic::new(p.ball(bits))?;
        let at = |odds: &Radical| loss.printed(&odds.ball(bits).ln()?, b);
        Ok(at(u)?.compare(&at(t)?)?)
    })
}

/// Smoothings that are always tried: readable ones, 1/2, both ends to 10^-30, an irrational one.
pub(super) fn boundary_p() -> Vec<Radical> {
    let tiny = Ring::pow(&Rational::from((1, 10)), 30);
    let near_one = Rational::from(1).sub(&tiny);
    let rationals = [(1, 4), (1, 2), (1, 3), (9, 10)].map(Rational::from);
    let irrational = Radical::root_of(&Rational::from((1, 2)), 2).ok(); // sqrt(1/2)
    rationals
        .into_iter()
        .chain([tiny, near_one])
        .map(Radical::from_rational)
        .chain(irrational)
        .collect()
}

/// Simpler rationals in (0, 1), 1/2 left out: there gamma_p is 0 and its sign does not show.
pub(super) fn simpler_p(p: &Radical) -> Vec<Radical> {
    let Some(q) = p.as_rational() else {
        return vec![Radical::from_rational(Rational::from((1, 3)))];
    };
    let inside = |q: &Rational| *q > 0 && *q < 1 && *q.denom() != 2;
    let simpler = shrink::rational(&q).into_iter().filter(inside);
    simpler.map(Radical::from_rational).collect()
}

/// One of [`boundary_p`] or [`random_p`], 1/2 left out as by [`simpler_p`].
pub(super) fn any_p(rng: &mut impl Rng) -> Radical {
    let boundary = boundary_p();
    let p = match generate::one_in(rng, 4) {
        true => boundary[generate::below(rng, boundary.len())].clone(),
        false => random_p(rng),
    };
    let half = Radical::from_rational(Rational::from((1, 2)));
    if p == half {
        return Radical::from_rational(Rational::from((1, 3)));
    }
    p
}

/// A rational in (0, 1): `u / (1+u)` with `u` of size 10^-30 to 10^30.
pub(super) fn random_p(rng: &mut impl Rng) -> Radical {
    let u = generate::positive(rng);
    let total = Rational::from(&u + 1);
    Radical::from_rational(u / total)
}
