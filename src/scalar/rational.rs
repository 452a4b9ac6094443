//! Exact rationals: GMP's `mpq` as a scalar.

use super::integer_rows::IntegerRow;
use super::{Field, Fired, NoValue, Ordered, Real, Ring, Undecided};
use rayon::prelude::*;
use rug::{Complete, Rational};
use std::cmp::Ordering;

impl Ring for Rational {
    fn from_int(n: i64) -> Self {
        Rational::from(n)
    }
    fn add(&self, other: &Self) -> Self {
        (self + other).complete()
    }
    fn sub(&self, other: &Self) -> Self {
        (self - other).complete()
    }
    fn mul(&self, other: &Self) -> Self {
        (self * other).complete()
    }
    fn neg(&self) -> Self {
        (-self).complete()
    }
}

impl Ordered for Rational {
    fn sign(&self) -> Result<Ordering, Undecided> {
        Ok(self.cmp0())
    }
    fn fire(rows: &[Vec<Self>], xs: &[Vec<Self>]) -> Result<Vec<Fired<Self>>, Undecided> {
        let rows: Vec<IntegerRow> = rows
            .par_iter()
            .map(|row| IntegerRow::new(row.iter()))
            .collect();
        Ok(xs
            .par_iter()
            .map(|x| fire_at(&rows, &IntegerRow::new(x.iter())))
            .collect())
    }
}

fn fire_at(rows: &[IntegerRow], x: &IntegerRow) -> Fired<Rational> {
    let mut fired = Fired {
        active: Vec::new(),
        zero: Vec::new(),
    };
    for (j, row) in rows.iter().enumerate() {
        let numerator = row.dot(x);
        fired.file(j, numerator.cmp0(), || row.quotient(x, numerator));
    }
    fired
}

impl Field for Rational {
    fn inv(&self) -> Result<Self, NoValue> {
        if self.is_zero() {
            return Err(NoValue::Undefined("division by zero"));
        }
        Ok(self.recip_ref().complete())
    }
}

impl Real for Rational {
    /// Exact where the root is rational; otherwise [`NoValue::Undecided`]: use
    /// [`Radical`](super::Radical).
    fn root(&self, k: u32) -> Result<Self, NoValue> {
        if k == 0 {
            return Err(NoValue::Undefined("a zeroth root"));
        }
        if self.cmp0().is_lt() {
            return Err(NoValue::Undefined("a root of a negative number"));
        }
        let (p, q) = (
            self.numer().root_ref(k).complete(),
            self.denom().root_ref(k).complete(),
        );
        let root = Rational::from((p, q));
        if Ring::pow(&root, k) == *self {
            Ok(root)
        } else {
            Err(Undecided("the root is not rational").into())
        }
    }
}
