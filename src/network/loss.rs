//! Losses: mean squared error and the label-smoothed logistic loss
//! (Wen, Li, Ma 2023, Section 2 and Appendix A, Theorem A.2).
//!
//! ```text
//! MSE        (1/n) sum_i (f_i - y_i)^2
//! logistic   l(a, b) = -p ln(e^{ba} / (1 + e^a)) - (1-p) ln(e^{(1-b)a} / (1 + e^a))    as printed
//!                    = softplus(a) - q a,   q = p b + (1-p)(1-b)                       as computed
//!            l'      = sigma(a) - q
//!            l''     = sigma(a) sigma(-a)
//! ```
//!
//! `l` is strictly convex with its minimum where `sigma(a) = q`, i.e. at `a = ln(q / (1-q))`, and
//! `l'' = p (1-p)` there. Computed over enclosures and jets of enclosures; over floats for training.
//!
//! Tests: `printed_vs_stable`, `jet_vs_closed_form`, `minimiser_vs_closed_form`.

use crate::scalar::{Field, NoValue, Ring, Transcendental};
use std::cmp::Ordering;

/// `(f - y)^2`.
pub fn squared_error<S: Ring>(f: &S, y: &S) -> S {
    f.sub(y).square()
}

/// `(1/n) sum_i (f_i - y_i)^2`; [`NoValue::Undefined`] if there is no sample or the two lists differ
/// in length.
pub fn mean_squared_error<S: Field>(f: &[S], y: &[S]) -> Result<S, NoValue> {
    if f.len() != y.len() {
        return Err(NoValue::Undefined("outputs and labels differ in number"));
    }
    mean(f.iter().zip(y).map(|(f, y)| Ok(squared_error(f, y))))
}

/// The mean, at the precision of the items: the sum is divided, not multiplied by `1/n`.
fn mean<S: Field>(items: impl Iterator<Item = Result<S, NoValue>>) -> Result<S, NoValue> {
    let (mut total, mut n) = (S::zero(), 0);
    for item in items {
        total = total.add(&item?);
        n += 1;
    }
    total.div(&S::from_int(n))
}

/// `ln(1 + e^a)`, with no overflow for large `a` and no loss when the sign of `a` is unknown.
pub fn softplus<S: Transcendental>(a: &S) -> Result<S, NoValue> {
    // The two forms are the same smooth function, so either branch serves, jets included.
    match a.sign() {
        Ok(Ordering::Greater) => Ok(a.add(&S::one().add(&a.neg().exp()).ln()?)), // a + ln(1 + e^-a)
        _ => S::one().add(&a.exp()).ln(),                                        // ln(1 + e^a)
    }
}

/// `sigma(a) = 1 / (1 + e^{-a})`.
pub fn sigmoid<S: Transcendental>(a: &S) -> Result<S, NoValue> {
    S::one().add(&a.neg().exp()).inv()
}

/// The logistic loss with label smoothing `p`; labels are `b = 0` (`false`) and `b = 1` (`true`).
#[derive(Clone, Debug)]
pub struct Logistic<S> {
    p: S,
}

impl<S: Transcendental> Logistic<S> {
    /// Smoothing `p` in (0, 1); [`NoValue::Undefined`] outside.
    pub fn new(p: S) -> Result<Self, NoValue> {
        if p.sign()?.is_gt() && p.compare(&S::one())?.is_lt() {
            Ok(Logistic { p })
        } else {
            Err(NoValue::Undefined("label smoothing needs 0 < p < 1"))
        }
    }

    /// `q = p b + (1-p)(1-b)`: the probability the loss asks for at label `b`.
    pub fn goal(&self, b: bool) -> S {
        if b {
            self.p.clone()
        } else {
            S::one().sub(&self.p)
        }
    }

    /// `l(a, b)` exactly as the paper prints it.
    pub fn printed(&self, a: &S, b: bool) -> Result<S, NoValue> {
        let (e, one) = (a.exp(), S::one());
        let (e_ba, e_1ba) = if b { (&e, &one) } else { (&one, &e) };
        let total = one.add(&e); // 1 + e^a
        let first = self.p.mul(&e_ba.div(&total)?.ln()?);
        let second = one.sub(&self.p).mul(&e_1ba.div(&total)?.ln()?);
        Ok(first.add(&second).neg())
    }

    /// `l(a, b) = softplus(a) - q a`.
    pub fn value(&self, a: &S, b: bool) -> Result<S, NoValue> {
        Ok(softplus(a)?.sub(&self.goal(b).mul(a)))
    }

    /// `dl/da = sigma(a) - q`.
    pub fn slope(&self, a: &S, b: bool) -> Result<S, NoValue> {
        Ok(sigmoid(a)?.sub(&self.goal(b)))
    }

    /// `d^2 l/da^2 = sigma(a) (1 - sigma(a)) = sigma(a) sigma(-a)`, which does not cancel.
    pub fn curvature(&self, a: &S) -> Result<S, NoValue> {
        Ok(sigmoid(a)?.mul(&sigmoid(&a.neg())?))
    }

    /// The paper's `gamma_p = ln((1-p)/p)`.
    pub fn gamma(&self) -> Result<S, NoValue> {
        S::one().sub(&self.p).div(&self.p)?.ln()
    }

    /// The minimiser of `l(., b)`: `ln(q / (1-q))`.
    pub fn minimiser(&self, b: bool) -> Result<S, NoValue> {
        self.goal(b).div(&self.goal(!b))?.ln()
    }

    /// `(1/n) sum_i l(a_i, b_i)`; [`NoValue::Undefined`] if there is no sample or the two lists
    /// differ in length.
    pub fn mean(&self, a: &[S], b: &[bool]) -> Result<S, NoValue> {
        if a.len() != b.len() {
            return Err(NoValue::Undefined("outputs and labels differ in number"));
        }
        mean(a.iter().zip(b).map(|(a, &b)| self.value(a, b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Ball, Jet2, Rational};
    use proptest::prelude::*;

    const PRECISIONS: [u32; 4] = [53, 64, 128, 400];

    /// `(a, p)` with `p` in (0, 1).
    fn logit_and_smoothing() -> impl Strategy<Value = (Rational, Rational)> {
        (-4000i64..4000, 1i64..100, 1i64..100)
            .prop_map(|(a, den, p)| (Rational::from((a, den)), Rational::from((p, 100))))
    }

    /// `2^-k`.
    fn tiny(k: u32) -> Rational {
        Rational::from(1) >> k
    }

    proptest! {
        #[test]
        fn printed_vs_stable((a, p) in logit_and_smoothing(), b: bool) {
            for bits in PRECISIONS {
                let loss = Logistic::new(Ball::from_rational(&p, bits)).unwrap();
                let logit = Ball::from_rational(&a, bits);
                let printed = loss.printed(&logit, b).unwrap();
                let stable = loss.value(&logit, b).unwrap();
                prop_assert!(printed.intersects(&stable));
                prop_assert!(stable.width() < tiny(bits - 16));

                // Negative control: the other label is another loss, by (1 - 2p) a.
                let other = loss.value(&logit, !b).unwrap();
                prop_assert_eq!(printed.intersects(&other), a == 0 || p == 0.5);
            }
        }

        #[test]
        fn jet_vs_closed_form((a, p) in logit_and_smoothing(), b: bool) {
            for bits in PRECISIONS {
                let p = Ball::from_rational(&p, bits);
                let a = Ball::from_rational(&a, bits);
                let loss = Logistic::new(p.clone()).unwrap();
                let jets = Logistic::new(Jet2::constant(p)).unwrap();
                let slope = loss.slope(&a, b).unwrap();
                let curvature = loss.curvature(&a).unwrap();
                let t = Jet2::variable(a);
                for jet in [jets.value(&t, b).unwrap(), jets.printed(&t, b).unwrap()] {
                    prop_assert!(jet.first.intersects(&slope));
                    prop_assert!(jet.second.intersects(&curvature));
                    // Negative control: off by a little is off.
                    let shift = Ball::from_rational(&tiny(bits / 2), bits);
                    prop_assert!(!jet.first.intersects(&slope.add(&shift)));
                    prop_assert!(!jet.second.intersects(&curvature.add(&shift)));
                }
            }
        }

        #[test]
        fn minimiser_vs_closed_form((_, p) in logit_and_smoothing(), b: bool) {
            let exact = &p * Rational::from(1 - &p); // p (1-p)
            for bits in PRECISIONS {
                let loss = Logistic::new(Ball::from_rational(&p, bits)).unwrap();
                let least = loss.minimiser(b).unwrap();
                prop_assert!(loss.slope(&least, b).unwrap().contains(&Rational::new()));
                prop_assert!(loss.curvature(&least).unwrap().contains(&exact));
                // Negative control: the mirrored point, with `gamma_p` for b = 1, has slope 1 - 2q.
                let mirrored = loss.slope(&least.neg(), b).unwrap();
                prop_assert_eq!(mirrored.contains(&Rational::new()), p == 0.5);
                let gamma = loss.gamma().unwrap();
                let gamma = if b { gamma.neg() } else { gamma };
                prop_assert!(gamma.intersects(&least));
            }
        }
    }

    #[test]
    fn mean_squared_error_by_hand() {
        let q = |n: i64, d: i64| Rational::from((n, d));
        let (f, y) = ([q(1, 1), q(1, 2), q(-3, 1)], [q(0, 1), q(1, 1), q(-1, 1)]);
        assert_eq!(mean_squared_error(&f, &y), Ok(q(7, 4))); // (1 + 1/4 + 4) / 3
        assert!(matches!(
            mean_squared_error(&f, &y[1..]),
            Err(NoValue::Undefined(_))
        ));
        assert!(matches!(
            mean_squared_error::<Rational>(&[], &[]),
            Err(NoValue::Undefined(_))
        ));
        // The mean of enclosures keeps their precision.
        let third = Ball::from_rational(&q(1, 3), 300);
        let balls = [third.clone(), third.clone(), third];
        let error =
            mean_squared_error(&balls, &[Ball::zero(), Ball::zero(), Ball::zero()]).unwrap();
        assert!(error.contains(&q(1, 9)) && error.width() < tiny(295));
    }

    #[test]
    fn smoothing_outside_the_unit_interval_is_undefined() {
        for p in [-0.5, 0.0, 1.0, 1.5] {
            assert!(matches!(Logistic::new(p), Err(NoValue::Undefined(_))));
            assert!(matches!(
                Logistic::new(Ball::from_f64(p)),
                Err(NoValue::Undefined(_))
            ));
        }
        assert!(matches!(
            Logistic::new(f64::NAN),
            Err(NoValue::Undecided(_))
        ));
    }

    #[test]
    fn large_logits_do_not_overflow_floats() {
        let loss = Logistic::new(0.25f64).unwrap();
        assert_eq!(loss.value(&1000.0, true), Ok(750.0));
        assert_eq!(loss.value(&-1000.0, true), Ok(250.0));
        assert_eq!(loss.curvature(&-1000.0), Ok(0.0));
        assert!(loss.printed(&1000.0, true).is_err()); // inf / inf
    }

    #[test]
    fn mean_of_one_is_the_value() {
        let loss = Logistic::new(0.25f64).unwrap();
        assert_eq!(loss.mean(&[3.0], &[true]), loss.value(&3.0, true));
        assert!(matches!(loss.mean(&[3.0], &[]), Err(NoValue::Undefined(_))));
        assert!(matches!(loss.mean(&[], &[]), Err(NoValue::Undefined(_))));
    }
}
