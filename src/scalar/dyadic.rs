//! Dyadic rationals `m 2^e`, the numbers floats are: sums and products are exact and need no gcd.
//!
//! `m` is an integer of any size and not reduced: `m 2^e + n 2^f = (m 2^(e-f) + n) 2^f` for `e >= f`. A
//! network with f32 parameters at f32 inputs has such pre-activations, and without normalisation such
//! outputs and squared gradients. Tests: `dyadic_vs_rational`, `fire_vs_dot`.

use super::integer_rows::IntegerRow;
use super::{Ball, Field, Fired, NoValue, Ordered, Real, Ring, Undecided};
use rayon::prelude::*;
use rug::float::Round;
use rug::{Complete, Float, Integer, Rational};
use std::cmp::Ordering;

/// `mantissa * 2^exponent`.
#[derive(Clone, Debug)]
pub struct Dyadic {
    mantissa: Integer,
    exponent: i32,
}

impl Dyadic {
    /// The number that `x` is; `None` for NaN and the infinities.
    pub fn from_f32(x: f32) -> Option<Self> {
        if !x.is_finite() {
            return None;
        }
        let (bits, fraction) = (x.to_bits(), x.to_bits() & 0x7f_ffff);
        let (mantissa, exponent) = match bits >> 23 & 0xff {
            0 => (fraction, -149),                     // subnormal: 0.fraction 2^-126
            e => (fraction | 1 << 23, e as i32 - 150), // 1.fraction 2^(e-127)
        };
        let mantissa = i64::from(mantissa);
        Some(Self {
            mantissa: if bits >> 31 == 1 { -mantissa } else { mantissa }.into(),
            exponent,
        })
    }

    /// The same number with an exponent of at most `exponent`. Sums of products run without shifts where
    /// all factors of a kind have one exponent.
    pub fn aligned(mut self, exponent: i32) -> Self {
        if self.mantissa.is_zero() {
            self.exponent = exponent;
        }
        self.reach(exponent);
        self
    }

    /// `e` of `m 2^e` as it is stored.
    pub fn exponent(&self) -> i32 {
        self.exponent
    }

    /// The same number as a fraction.
    pub fn to_rational(&self) -> Rational {
        Rational::from(&self.mantissa) << self.exponent
    }

    /// The tightest enclosure at `bits`, a point if the number fits.
    pub fn to_ball(&self, bits: u32) -> Ball {
        let end = |round| Float::with_val_round(bits, &self.mantissa, round).0 << self.exponent;
        Ball::from_bounds(end(Round::Down), end(Round::Up))
    }

    /// The same number with the exponent `to`, at most the present one.
    fn lower(&mut self, to: i32) {
        self.mantissa <<= self.exponent.abs_diff(to);
        self.exponent = to;
    }

    /// Makes `exponent` at most `to`; by how much it is below.
    fn reach(&mut self, to: i32) -> u32 {
        if to < self.exponent {
            self.lower(to);
        }
        self.exponent.abs_diff(to)
    }

    /// `self += x`.
    fn add_in_place(&mut self, x: &Self) {
        match self.reach(x.exponent) {
            0 => self.mantissa += &x.mantissa,
            shift => self.mantissa += (&x.mantissa << shift).complete(),
        }
    }

    /// `self += x y`.
    fn add_product(&mut self, x: &Self, y: &Self) {
        let product = &x.mantissa * &y.mantissa;
        match self.reach(x.exponent + y.exponent) {
            0 => self.mantissa += product,
            shift => self.mantissa += product.complete() << shift,
        }
    }
}

impl PartialEq for Dyadic {
    fn eq(&self, other: &Self) -> bool {
        self.sub(other).mantissa.is_zero()
    }
}

impl Ring for Dyadic {
    fn from_int(n: i64) -> Self {
        Self {
            mantissa: n.into(),
            exponent: 0,
        }
    }
    fn add(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.add_in_place(other);
        sum
    }
    fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }
    fn mul(&self, other: &Self) -> Self {
        Self {
            mantissa: (&self.mantissa * &other.mantissa).complete(),
            exponent: self.exponent + other.exponent,
        }
    }
    fn neg(&self) -> Self {
        Self {
            mantissa: (-&self.mantissa).complete(),
            exponent: self.exponent,
        }
    }
    /// In place.
    fn sum<'a>(items: impl IntoIterator<Item = &'a Self>) -> Self {
        items.into_iter().fold(Self::zero(), |mut total, x| {
            total.add_in_place(x);
            total
        })
    }
    /// In place.
    fn sum_of_products<'a>(pairs: impl IntoIterator<Item = (&'a Self, &'a Self)>) -> Self {
        pairs.into_iter().fold(Self::zero(), |mut total, (x, y)| {
            total.add_product(x, y);
            total
        })
    }
}

impl Ordered for Dyadic {
    fn sign(&self) -> Result<Ordering, Undecided> {
        Ok(self.mantissa.cmp0())
    }
    /// Integer inner products over one exponent per row; the positive values share one exponent.
    fn fire(rows: &[Vec<Self>], xs: &[Vec<Self>]) -> Result<Vec<Fired<Self>>, Undecided> {
        let scaled: Vec<(IntegerRow, i32)> = rows.par_iter().map(|row| over_one(row)).collect();
        let least = scaled.iter().map(|(_, exponent)| *exponent).min();
        let at = |x: &Vec<Self>| {
            let (x, shift) = over_one(x);
            let mut fired = Fired::none();
            for (j, (row, exponent)) in scaled.iter().enumerate() {
                let mantissa = row.dot(&x);
                fired.file(j, mantissa.cmp0(), || {
                    let exponent = exponent + shift;
                    let mut z = Self { mantissa, exponent };
                    z.lower(least.map_or(exponent, |least| least + shift));
                    z
                });
            }
            fired
        };
        Ok(xs.par_iter().map(at).collect())
    }
}

/// A vector as integers times one power of two, the largest that serves.
fn over_one(row: &[Dyadic]) -> (IntegerRow, i32) {
    let lowest_bit = |x: &Dyadic| Some(x.exponent + x.mantissa.find_one(0)? as i32);
    let exponent = row.iter().filter_map(lowest_bit).min().unwrap_or(0);
    let entry = |x: &Dyadic| match x.exponent - exponent {
        up @ 0.. => (&x.mantissa << up as u32).complete(),
        down => (&x.mantissa >> down.unsigned_abs()).complete(), // low bits are 0
    };
    (
        IntegerRow::of_integers(row.iter().map(entry).collect()),
        exponent,
    )
}

impl Field for Dyadic {
    /// Exact for powers of two; otherwise [`NoValue::Undecided`]: use a [`Rational`] or a [`Ball`].
    fn inv(&self) -> Result<Self, NoValue> {
        let no = || NoValue::from(Undecided("the inverse is not dyadic"));
        let inverse = self.to_rational().inv()?;
        dyadic(&inverse).ok_or_else(no)
    }
}

impl Real for Dyadic {
    /// Exact where the root is dyadic; otherwise [`NoValue::Undecided`].
    fn root(&self, k: u32) -> Result<Self, NoValue> {
        let root = self.to_rational().root(k)?;
        dyadic(&root).ok_or_else(|| Undecided("the root is not dyadic").into())
    }
}

/// `x` if its denominator is a power of two that fits.
fn dyadic(x: &Rational) -> Option<Dyadic> {
    x.denom().is_power_of_two().then_some(())?;
    let exponent = i32::try_from(x.denom().significant_bits()).ok()?;
    Some(Dyadic {
        mantissa: x.numer().clone(),
        exponent: 1 - exponent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::fire_by_dot;
    use proptest::prelude::*;

    fn floats() -> impl Strategy<Value = f32> {
        let edges = [
            0.0,
            -0.0,
            1.0,
            -0.5,
            1e-45,
            -1e-45,
            f32::MAX,
            f32::MIN_POSITIVE,
            3e-39,
        ];
        let any = any::<u32>().prop_map(|bits| f32::from_bits(bits & !(1 << 30))); // |x| < 2
        prop_oneof![prop::sample::select(edges.to_vec()), any, -9f32..9.0]
    }

    fn exact(x: f32) -> (Dyadic, Rational) {
        (Dyadic::from_f32(x).unwrap(), Rational::from_f32(x).unwrap())
    }

    proptest! {
        #[test]
        fn dyadic_vs_rational(x in floats(), y in floats(), z in floats()) {
            let ((a, p), (b, q), (c, r)) = (exact(x), exact(y), exact(z));
            prop_assert_eq!(a.to_rational(), p.clone());
            prop_assert_eq!(a.add(&b).to_rational(), p.add(&q));
            prop_assert_eq!(a.sub(&b).to_rational(), p.sub(&q));
            prop_assert_eq!(a.mul(&b).neg().to_rational(), p.mul(&q).neg());
            prop_assert_eq!(a.sign(), p.sign());
            prop_assert_eq!(a == b, p == q);
            prop_assert_eq!(a.clone().aligned(-200).to_rational(), p.clone());
            let (s, t) = ([a.clone(), b.clone(), c.clone()], [c.clone(), a.clone(), b.clone()]);
            let u = [p.clone(), q.clone(), r.clone()];
            let v = [r.clone(), p.clone(), q.clone()];
            prop_assert_eq!(Dyadic::dot(&s, &t).to_rational(), Ring::dot(&u, &v));
            prop_assert_eq!(Dyadic::sum(&s).to_rational(), Ring::add(&Ring::add(&p, &q), &r));
            prop_assert_eq!(a.square().sqrt().unwrap(), a.abs().unwrap());
            let (ball, product) = (a.mul(&b).to_ball(53), p.mul(&q));
            prop_assert!(ball.contains(&product));
            prop_assert_eq!(a.mul(&b).to_ball(48).width(), 0); // 24 + 24 bits fit
        }

        #[test]
        fn fire_vs_dot(rows in prop::collection::vec(prop::collection::vec(floats(), 3), 0..5),
                       x in prop::collection::vec(floats(), 3)) {
            let vector = |row: &Vec<f32>| row.iter().map(|w| exact(*w).0).collect::<Vec<_>>();
            let rows: Vec<Vec<Dyadic>> = rows.iter().map(vector).collect();
            let x = vector(&x);
            let expected = fire_by_dot(&rows, &x).unwrap();
            prop_assert_eq!(Dyadic::fire(&rows, &[x]).unwrap(), vec![expected]);
        }
    }

    #[test]
    fn inverses_and_roots_that_are_not_dyadic_are_undecided() {
        let eighth = Dyadic::from_f32(0.125).unwrap();
        assert_eq!(eighth.inv(), Ok(Dyadic::from_int(8)));
        assert_eq!(Dyadic::from_int(16).root(4), Ok(Dyadic::from_int(2)));
        assert!(matches!(
            Dyadic::from_int(3).inv(),
            Err(NoValue::Undecided(_))
        ));
        assert!(matches!(
            Dyadic::from_int(2).sqrt(),
            Err(NoValue::Undecided(_))
        ));
        assert!(matches!(Dyadic::zero().inv(), Err(NoValue::Undefined(_))));
        assert_eq!(Dyadic::from_f32(f32::NAN), None);
        assert_eq!(Dyadic::from_f32(f32::NEG_INFINITY), None);
    }
}
