//! Jets: a function of one real variable `t` at a point, with its first ([`Jet1`]) or first two
//! ([`Jet2`]) derivatives, over any scalar. Along a direction `v` they give `grad f . v` and
//! `v^T Hess f v`, so `Tr Hess f` is the sum of the second parts of `f(theta + t e_k)` over the
//! coordinates `k`: the definition of sharpness (Wen, Li, Ma 2023, Section 2), to be held against
//! the closed forms.
//!
//! **Never across a kink.** `sign` is the sign of the value alone, so `relu` on a jet of value 0
//! would pick a branch without a word. Callers check admissibility first and answer `Kink`; the
//! networks of this crate refuse a pre-activation whose sign is `Equal`.
//!
//! Tests: `jet_vs_polynomial_derivative`, `jet_vs_quotient_rule`, `jet2_vs_nested_jet1`.

use super::{Field, NoValue, Ordered, Real, Ring, Transcendental, Undecided};
use std::cmp::Ordering;

/// Value and first derivative.
#[derive(Clone, Debug, PartialEq)]
pub struct Jet1<S> {
    /// `f(0)`.
    pub value: S,
    /// `f'(0)`.
    pub first: S,
}

/// Value, first and second derivative (derivatives, not Taylor coefficients).
#[derive(Clone, Debug, PartialEq)]
pub struct Jet2<S> {
    /// `f(0)`.
    pub value: S,
    /// `f'(0)`.
    pub first: S,
    /// `f''(0)`.
    pub second: S,
}

impl<S: Ring> Jet1<S> {
    /// `x + t`.
    pub fn variable(x: S) -> Self {
        Jet1 {
            value: x,
            first: S::one(),
        }
    }
    /// `x`, whatever `t`.
    pub fn constant(x: S) -> Self {
        Jet1 {
            value: x,
            first: S::zero(),
        }
    }
    /// `h(f)` from `h` and `h'` at the value of `f`.
    fn chain(&self, h: S, h1: &S) -> Self {
        Jet1 {
            value: h,
            first: h1.mul(&self.first),
        } // h' f'
    }
}

impl<S: Ring> Jet2<S> {
    /// `x + t`.
    pub fn variable(x: S) -> Self {
        Jet2 {
            value: x,
            first: S::one(),
            second: S::zero(),
        }
    }
    /// `x`, whatever `t`.
    pub fn constant(x: S) -> Self {
        Jet2 {
            value: x,
            first: S::zero(),
            second: S::zero(),
        }
    }
    /// `h(f)` from `h`, `h'` and `h''` at the value of `f`.
    fn chain(&self, h: S, h1: &S, h2: &S) -> Self {
        Jet2 {
            value: h,
            first: h1.mul(&self.first), // h' f'
            second: h2.mul(&self.first.square()).add(&h1.mul(&self.second)), // h'' f'^2 + h' f''
        }
    }
}

impl<S: Ring> Ring for Jet1<S> {
    fn from_int(n: i64) -> Self {
        Jet1::constant(S::from_int(n))
    }
    fn add(&self, other: &Self) -> Self {
        Jet1 {
            value: self.value.add(&other.value),
            first: self.first.add(&other.first),
        }
    }
    fn sub(&self, other: &Self) -> Self {
        Jet1 {
            value: self.value.sub(&other.value),
            first: self.first.sub(&other.first),
        }
    }
    fn mul(&self, other: &Self) -> Self {
        Jet1 {
            value: self.value.mul(&other.value),
            first: self
                .first
                .mul(&other.value)
                .add(&self.value.mul(&other.first)), // f' g + f g'
        }
    }
    fn neg(&self) -> Self {
        Jet1 {
            value: self.value.neg(),
            first: self.first.neg(),
        }
    }
}

impl<S: Ring> Ring for Jet2<S> {
    fn from_int(n: i64) -> Self {
        Jet2::constant(S::from_int(n))
    }
    fn add(&self, other: &Self) -> Self {
        Jet2 {
            value: self.value.add(&other.value),
            first: self.first.add(&other.first),
            second: self.second.add(&other.second),
        }
    }
    fn sub(&self, other: &Self) -> Self {
        Jet2 {
            value: self.value.sub(&other.value),
            first: self.first.sub(&other.first),
            second: self.second.sub(&other.second),
        }
    }
    fn mul(&self, other: &Self) -> Self {
        let cross = self.first.mul(&other.first);
        Jet2 {
            value: self.value.mul(&other.value),
            first: self
                .first
                .mul(&other.value)
                .add(&self.value.mul(&other.first)), // f' g + f g'
            second: (self.second.mul(&other.value))
                .add(&cross.add(&cross))
                .add(&self.value.mul(&other.second)), // f'' g + 2 f' g' + f g''
        }
    }
    fn neg(&self) -> Self {
        Jet2 {
            value: self.value.neg(),
            first: self.first.neg(),
            second: self.second.neg(),
        }
    }
}

impl<S: Ordered> Ordered for Jet1<S> {
    /// The sign of the value (see the module's warning about kinks).
    fn sign(&self) -> Result<Ordering, Undecided> {
        self.value.sign()
    }
    fn compare(&self, other: &Self) -> Result<Ordering, Undecided> {
        self.value.compare(&other.value)
    }
}

impl<S: Ordered> Ordered for Jet2<S> {
    /// The sign of the value (see the module's warning about kinks).
    fn sign(&self) -> Result<Ordering, Undecided> {
        self.value.sign()
    }
    fn compare(&self, other: &Self) -> Result<Ordering, Undecided> {
        self.value.compare(&other.value)
    }
}

impl<S: Field> Field for Jet1<S> {
    fn inv(&self) -> Result<Self, NoValue> {
        let u = self.value.inv()?;
        let h1 = u.square().neg(); // (1/x)' = -1/x^2
        Ok(self.chain(u, &h1))
    }
    /// Divides part by part, which keeps the precision of enclosures where `1/n` would not.
    fn div(&self, other: &Self) -> Result<Self, NoValue> {
        let value = self.value.div(&other.value)?;
        let first = self.first.sub(&value.mul(&other.first)); // q' g = f' - q g'
        Ok(Jet1 {
            first: first.div(&other.value)?,
            value,
        })
    }
}

impl<S: Field> Field for Jet2<S> {
    fn inv(&self) -> Result<Self, NoValue> {
        let u = self.value.inv()?;
        let h1 = u.square().neg(); // (1/x)' = -1/x^2
        let h2 = h1.mul(&u).mul(&S::from_int(-2)); // (1/x)'' = 2/x^3
        Ok(self.chain(u, &h1, &h2))
    }
    /// Divides part by part, which keeps the precision of enclosures where `1/n` would not.
    fn div(&self, other: &Self) -> Result<Self, NoValue> {
        let g = &other.value;
        let value = self.value.div(g)?;
        let first = self.first.sub(&value.mul(&other.first)).div(g)?; // q' g = f' - q g'
        let cross = first.mul(&other.first);
        let second = (self.second.sub(&cross.add(&cross)))
            .sub(&value.mul(&other.second))
            .div(g)?; // q'' g = f'' - 2 q' g' - q g''
        Ok(Jet2 {
            value,
            first,
            second,
        })
    }
}

/// `r = x^{1/k}`, `r' = 1 / (k r^{k-1})`; at `x = 0` the derivative does not exist for `k >= 2`.
fn root_and_slope<S: Real>(x: &S, k: u32) -> Result<(S, S), NoValue> {
    let r = x.root(k)?;
    let slope = match k {
        1 => S::one(),
        _ => S::from_int(k.into()).mul(&r.pow(k - 1)).inv()?,
    };
    Ok((r, slope))
}

impl<S: Real> Real for Jet1<S> {
    /// At value 0 a root is not differentiable: [`NoValue::Undefined`].
    fn root(&self, k: u32) -> Result<Self, NoValue> {
        let (r, h1) = root_and_slope(&self.value, k)?;
        Ok(self.chain(r, &h1))
    }
}

impl<S: Real> Real for Jet2<S> {
    /// At value 0 a root is not differentiable: [`NoValue::Undefined`].
    fn root(&self, k: u32) -> Result<Self, NoValue> {
        if k == 1 {
            return Ok(self.clone());
        }
        let (r, h1) = root_and_slope(&self.value, k)?;
        let h2 = S::from_int(1 - i64::from(k)).mul(&h1.square()).div(&r)?; // r'' = -(k-1) r'^2 / r
        Ok(self.chain(r, &h1, &h2))
    }
}

impl<S: Transcendental> Transcendental for Jet1<S> {
    fn exp(&self) -> Self {
        let e = self.value.exp();
        self.chain(e.clone(), &e)
    }
    fn ln(&self) -> Result<Self, NoValue> {
        let h1 = self.value.inv()?; // ln' = 1/x
        Ok(self.chain(self.value.ln()?, &h1))
    }
}

impl<S: Transcendental> Transcendental for Jet2<S> {
    fn exp(&self) -> Self {
        let e = self.value.exp();
        self.chain(e.clone(), &e, &e)
    }
    fn ln(&self) -> Result<Self, NoValue> {
        let h1 = self.value.inv()?; // ln' = 1/x
        let h2 = h1.square().neg(); // ln'' = -1/x^2
        Ok(self.chain(self.value.ln()?, &h1, &h2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Ball, Rational};
    use proptest::prelude::*;

    fn rational() -> impl Strategy<Value = Rational> {
        (-50i64..50, 1i64..20).prop_map(Rational::from)
    }

    /// `sum_k c_k x^k` by Horner.
    fn horner<S: Ring>(coefficients: &[S], x: &S) -> S {
        coefficients
            .iter()
            .rev()
            .fold(S::zero(), |total, c| total.mul(x).add(c))
    }

    /// The coefficients of the derivative.
    fn differentiate(coefficients: &[Rational]) -> Vec<Rational> {
        (1i64..)
            .zip(coefficients.iter().skip(1))
            .map(|(k, c)| Rational::from(c * k))
            .collect()
    }

    fn constants(coefficients: &[Rational]) -> Vec<Jet2<Rational>> {
        coefficients.iter().cloned().map(Jet2::constant).collect()
    }

    proptest! {
        #[test]
        fn jet_vs_polynomial_derivative(
            c in proptest::collection::vec(rational(), 0..7),
            x in rational(),
        ) {
            let jet = horner(&constants(&c), &Jet2::variable(x.clone()));
            let c1 = differentiate(&c);
            let c2 = differentiate(&c1);
            prop_assert_eq!(&jet.value, &horner(&c, &x));
            prop_assert_eq!(&jet.first, &horner(&c1, &x));
            prop_assert_eq!(&jet.second, &horner(&c2, &x));

            // Negative control: the Taylor coefficient f''/2 is not the derivative.
            let half = Rational::from(&jet.second / 2u32);
            prop_assert_eq!(half == jet.second, jet.second == 0);
        }

        /// `(p/q)'' = (p'' q^2 - 2 p' q' q - p q'' q + 2 p q'^2) / q^3`.
        #[test]
        fn jet_vs_quotient_rule(
            p in proptest::collection::vec(rational(), 1..4),
            q in proptest::collection::vec(rational(), 1..4),
            x in rational(),
        ) {
            let [p0, p1, p2] = derivatives(&p, &x);
            let [q0, q1, q2] = derivatives(&q, &x);
            let t = Jet2::variable(x);
            let quotient = horner(&constants(&p), &t).div(&horner(&constants(&q), &t));
            if q0 == 0 {
                prop_assert!(matches!(quotient, Err(NoValue::Undefined(_))));
                return Ok(());
            }
            let jet = quotient.unwrap();
            prop_assert_eq!(&jet.value * q0.clone(), p0.clone());
            let first = Rational::from(&p1 * &q0) - Rational::from(&p0 * &q1);
            prop_assert_eq!(jet.first * Ring::square(&q0), first);
            let second = Rational::from(&p2 * &q0) * &q0
                - Rational::from(&p1 * &q1) * &q0 * 2u32
                - Rational::from(&p0 * &q2) * &q0
                + Rational::from(&p0 * &q1) * &q1 * 2u32;
            prop_assert_eq!(jet.second * Ring::pow(&q0, 3), second);
        }

        /// A jet of a jet holds `f''` in its inner corner.
        #[test]
        fn jet2_vs_nested_jet1(x in 1i64..40, k in 1u32..5) {
            let x = Ring::pow(&Rational::from((x, 7)), k); // so that roots stay rational
            let two = Jet2::variable(x.clone());
            let nested = Jet1::variable(Jet1::variable(x));
            let (a, b) = (composite(&two, k), composite(&nested, k));
            prop_assert_eq!(&a.value, &b.value.value);
            prop_assert_eq!(&a.first, &b.value.first);
            prop_assert_eq!(&a.first, &b.first.value);
            prop_assert_eq!(&a.second, &b.first.first);
        }
    }

    /// Value and two derivatives of a polynomial.
    fn derivatives(c: &[Rational], x: &Rational) -> [Rational; 3] {
        let c1 = differentiate(c);
        [horner(c, x), horner(&c1, x), horner(&differentiate(&c1), x)]
    }

    /// A function that uses every operation of [`Real`]: `x^{1/k} / (1 + x^2) - 3 x`.
    fn composite<S: Real>(x: &S, k: u32) -> S {
        let quotient = x.root(k).unwrap().div(&S::one().add(&x.square())).unwrap();
        quotient.sub(&S::from_int(3).mul(x))
    }

    #[test]
    fn roots_by_hand() {
        // x^{1/3} at 8: 2, 1/(3 x^{2/3}) = 1/12, -2/(9 x^{5/3}) = -1/144.
        let jet = Jet2::variable(Rational::from(8)).root(3).unwrap();
        assert_eq!(jet.value, 2);
        assert_eq!(jet.first, Rational::from((1, 12)));
        assert_eq!(jet.second, Rational::from((-1, 144)));
        // sqrt at 4 over f64, where all three numbers are exact: 2, 1/4, -1/32.
        let jet = Jet2::variable(4.0f64).sqrt().unwrap();
        assert_eq!(
            jet,
            Jet2 {
                value: 2.0,
                first: 0.25,
                second: -0.03125
            }
        );
        assert_eq!(
            Jet1::variable(4.0f64).sqrt(),
            Ok(Jet1 {
                value: 2.0,
                first: 0.25
            })
        );
    }

    #[test]
    fn dividing_by_an_integer_keeps_the_precision() {
        let x = Jet2::variable(Ball::from_rational(&Rational::from((1, 3)), 300));
        let third = x.square().div(&Jet2::from_int(3)).unwrap();
        let thin = |ball: &Ball, q: (i64, i64)| {
            ball.contains(&Rational::from(q)) && ball.width() < Rational::from(1) >> 290
        };
        assert!(thin(&third.value, (1, 27)) && thin(&third.first, (2, 9)));
        assert!(thin(&third.second, (2, 3)));
        // Negative control: the inverse of a machine integer has 64 bits.
        let loose = x.square().mul(&Jet2::from_int(3).inv().unwrap());
        assert!(!thin(&loose.value, (1, 27)));
    }

    #[test]
    fn a_root_at_zero_has_no_derivative() {
        let zero = Jet2::variable(Rational::new());
        assert!(matches!(zero.sqrt(), Err(NoValue::Undefined(_))));
        assert_eq!(zero.root(1), Ok(zero.clone()));
        assert!(matches!(zero.root(0), Err(NoValue::Undefined(_))));
        assert_eq!(zero.sign(), Ok(Ordering::Equal));
    }

    #[test]
    fn exp_and_ln_by_hand() {
        let x = Jet2::variable(Ball::from_f64(0.75));
        // exp(2x) has derivatives 2 and 4 times itself; ln(exp(2x)) = 2x has 2 and 0.
        let e = x.add(&x).exp();
        let meets = |a: &Ball, n: i64, b: &Ball| a.intersects(&Ball::from_int(n).mul(b));
        assert!(meets(&e.first, 2, &e.value) && meets(&e.second, 4, &e.value));
        assert!(!meets(&e.second, 3, &e.value));
        let line = e.ln().unwrap();
        assert!(line.value.contains(&Rational::from((3, 2))));
        assert!(line.first.contains(&Rational::from(2)));
        assert!(line.second.contains(&Rational::new()));
        assert!(line.second.width() < 1e-15);
    }
}
