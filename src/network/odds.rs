//! The label-smoothed logistic loss at a logit `a = ln t`, exactly (Wen, Li, Ma 2023, Appendix A,
//! Theorem A.2 and Lemma A.13).
//!
//! The loss of [`super::loss`] is transcendental in `t = e^a`, but its derivatives in `a` are rational
//! in the odds `t` and in `p`, so claims about minimisers and curvatures are decided without rounding:
//!
//! ```text
//! dl/da   = t / (1+t) - q,   q = p b + (1-p)(1-b)
//! d2l/da2 = t / (1+t)^2
//! ```
//!
//! Tests: `printed_vs_closed_form`, `odds_vs_enclosure`.

use crate::scalar::{Field, Jet2, NoValue, Ring};

/// `(dl/da, d2l/da2)` at `a = ln t`, `t > 0`, from the loss as it is printed.
///
/// `e^a` is the jet `(t, t, t)`; of `ln u` only the derivatives are needed, `u'/u` and
/// `u''/u - (u'/u)^2`, and they stay in the field.
pub fn printed_derivatives<S: Field>(p: &S, t: &S, b: bool) -> Result<(S, S), NoValue> {
    let e = Jet2 {
        value: t.clone(),
        first: t.clone(),
        second: t.clone(),
    };
    let one = Jet2::one();
    let total = one.add(&e); // 1 + e^a
    let (e_ba, e_1ba) = if b { (&e, &one) } else { (&one, &e) };
    let (u, v) = (e_ba.div(&total)?, e_1ba.div(&total)?);
    let (u1, u2) = log_derivatives(&u)?;
    let (v1, v2) = log_derivatives(&v)?;
    let rest = S::one().sub(p);
    // l = -p ln u - (1-p) ln v
    let mix = |u: &S, v: &S| p.mul(u).add(&rest.mul(v)).neg();
    Ok((mix(&u1, &v1), mix(&u2, &v2)))
}

/// The first two derivatives of `ln u`.
fn log_derivatives<S: Field>(u: &Jet2<S>) -> Result<(S, S), NoValue> {
    let first = u.first.div(&u.value)?;
    let second = u.second.div(&u.value)?.sub(&first.square());
    Ok((first, second))
}

/// `dl/da = t / (1+t) - q` at `a = ln t`, `t > 0`.
pub fn slope<S: Field>(p: &S, t: &S, b: bool) -> Result<S, NoValue> {
    let q = if b { p.clone() } else { S::one().sub(p) };
    Ok(t.div(&S::one().add(t))?.sub(&q))
}

/// `d2l/da2 = t / (1+t)^2` at `a = ln t`, `t > 0`; the same for every `p` and `b`.
pub fn curvature<S: Field>(t: &S) -> Result<S, NoValue> {
    t.div(&S::one().add(t).square())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::loss::Logistic;
    use crate::scalar::{Ball, Rational, Transcendental};
    use proptest::prelude::*;

    fn smoothing_and_odds() -> impl Strategy<Value = (Rational, Rational)> {
        (1i64..1000, 1i64..1000, 1i64..1000).prop_map(|(p, t, u)| {
            let p = Rational::from((p, 1000));
            (p, Rational::from((t, u)))
        })
    }

    proptest! {
        #[test]
        fn printed_vs_closed_form((p, t) in smoothing_and_odds(), b: bool) {
            let (first, second) = printed_derivatives(&p, &t, b).unwrap();
            prop_assert_eq!(&first, &slope(&p, &t, b).unwrap());
            prop_assert_eq!(&second, &curvature(&t).unwrap());
            // Negative control: the other label has another slope unless p = 1/2.
            prop_assert_eq!(first == slope(&p, &t, !b).unwrap(), p == 0.5);
        }

        #[test]
        fn odds_vs_enclosure((p, t) in smoothing_and_odds(), b: bool) {
            const BITS: u32 = 160;
            let ball = |q: &Rational| Ball::from_rational(q, BITS);
            let loss = Logistic::new(Jet2::constant(ball(&p))).unwrap();
            let a = Jet2::variable(ball(&t).ln().unwrap());
            let jet = loss.printed(&a, b).unwrap();
            let tiny = Rational::from(1) >> 100;
            let (first, second) = printed_derivatives(&p, &t, b).unwrap();
            for (enclosure, exact) in [(jet.first, first), (jet.second, second)] {
                prop_assert!(enclosure.contains(&exact));
                prop_assert!(!enclosure.contains(&Rational::from(&exact + &tiny)));
            }
        }
    }

    #[test]
    fn the_minimum_is_where_the_odds_are_those_of_the_goal() {
        // b = 1, p = 1/4: slope 0 at t = 1/3, curvature 1/3 / (4/3)^2 = 3/16.
        let (p, t) = (Rational::from((1, 4)), Rational::from((1, 3)));
        assert_eq!(slope(&p, &t, true), Ok(Rational::new()));
        assert_eq!(curvature(&t), Ok(Rational::from((3, 16))));
        assert!(curvature(&Rational::from(-1)).is_err());
    }
}
