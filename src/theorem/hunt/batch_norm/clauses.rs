//! What Theorem 3.2 and Lemma A.2 (Wen, Li, Ma 2023) conclude about a network near the infimum, clause
//! by clause, exactly: the first violation as a fact and in words.

use super::Trial;
use crate::certificate::{Fact, Relation};
use crate::data::xor;
use crate::scalar::{Radical, Rational, Ring};
use crate::theorem::Finding;

/// One clause of a conclusion, at eps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::theorem) enum Clause {
    /// `x1 x2 - f(x) <= eps` on `{-1,1}^d`, one-sided as printed.
    Value,
    /// `|x1 x2 - f(x)| <= eps` on `{-1,1}^d`.
    TwoSided,
    /// `||W1_j[3:d]|| <= eps ||W1_j||` for all j.
    Rows,
    /// The same for the j with `gamma_j W2_j != 0`.
    ActiveRows,
    /// `||W1_j[3:d]|| <= eps` for all j.
    AbsoluteRows,
}

/// How a clause fails: the fact, over the parameter `eps`, and in words.
pub(super) type Violation = (Fact, String);

impl Clause {
    /// The first violation, if there is one.
    pub fn violated(self, trial: &Trial, eps: &Rational) -> Result<Option<Violation>, Finding> {
        match self {
            Self::Value => value(trial, eps, false),
            Self::TwoSided => value(trial, eps, true),
            Self::Rows | Self::ActiveRows | Self::AbsoluteRows => Ok(rows(self, trial, eps)),
        }
    }
}

fn value(trial: &Trial, eps: &Rational, both: bool) -> Result<Option<Violation>, Finding> {
    let bound = Radical::from_rational(eps.clone());
    for (x, f) in trial.unseen()? {
        let y: Rational = xor::label(&x);
        let error = Radical::from_rational(y.clone()).sub(&f);
        let (is, value) = match () {
            () if error > bound => (Relation::Less, format!("{y} - eps")),
            () if both && error.neg() > bound => (Relation::Greater, format!("{y} + eps")),
            () => continue,
        };
        let at: Vec<String> = x.iter().map(Rational::to_string).collect();
        let says = format!("f({}) = {} where x1 x2 = {y}", at.join(","), f.approx(6));
        return Ok(Some((Fact::Prediction { at, is, value }, says)));
    }
    Ok(None)
}

fn rows(clause: Clause, trial: &Trial, eps: &Rational) -> Option<Violation> {
    let d = trial.set.d();
    let square = Radical::from_rational(Ring::square(eps));
    let coefficients = trial.net.coefficients();
    let long = |j: &usize| {
        let w = &trial.net.first[*j][..d];
        let (tail, all) = (Radical::dot(&w[2..], &w[2..]), Radical::dot(w, w));
        match clause {
            Clause::AbsoluteRows => tail > square,
            Clause::ActiveRows if coefficients[*j].signum().is_eq() => false,
            _ => tail > square.mul(&all),
        }
    };
    let neuron = (0..trial.net.first.len()).find(long)?;
    let (is, value) = (Relation::Greater, "eps^2".to_string());
    let j = neuron + 1; // people count from 1
    Some(match clause {
        Clause::AbsoluteRows => (
            Fact::TailSquared { neuron, is, value },
            format!("||W1_{j}[3:d]|| > eps"),
        ),
        _ => (
            Fact::RelativeTailSquared { neuron, is, value },
            format!("||W1_{j}[3:d]|| > eps ||W1_{j}||"),
        ),
    })
}
