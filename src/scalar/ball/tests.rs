//! Enclosures at the ends of MPFR's range, conversions, refusals and printing.

use crate::scalar::{Ball, Field, NoValue, Ordered, Rational, Real, Ring, Transcendental};
use proptest::prelude::*;
use rug::float::Special;
use rug::ops::CompleteRound;
use rug::{Float, Integer};
use std::cmp::Ordering;

/// The endpoints of a bounded enclosure, exactly.
fn ends(ball: &Ball) -> [Rational; 2] {
    [ball.lo(), ball.hi()].map(|end| end.to_rational().expect("a bounded enclosure"))
}

/// Enclosures with the endpoints where MPFR overflows, underflows and answers NaN.
fn extreme() -> impl Strategy<Value = Ball> {
    (0usize..9, 0usize..9).prop_map(|(i, j)| {
        let ends = extreme_floats();
        Ball::from_bounds(ends[i.min(j)].clone(), ends[i.max(j)].clone())
    })
}

/// `-inf, -max, -1, -min, 0, min, 1, max, inf`.
fn extreme_floats() -> [Float; 9] {
    let [mut min, mut max] = [Float::new(64), Float::with_val(64, Special::Infinity)];
    min.next_up();
    max.next_down();
    let one = Float::with_val(64, 1);
    let inf = Float::with_val(64, Special::Infinity);
    let minus = |x: &Float| (-x).complete(64);
    let zero = Float::new(64);
    [
        minus(&inf),
        minus(&max),
        minus(&one),
        minus(&min),
        zero,
        min,
        one,
        max,
        inf,
    ]
}

proptest! {
    /// Whatever endpoints meet, no NaN and no inverted interval comes out.
    #[test]
    fn invariant_survives_extremes(a in extreme(), b in extreme(), k in 0u32..4) {
        let results = [
            Ok(a.clone()), Ok(a.add(&b)), Ok(a.sub(&b)), Ok(a.mul(&b)), Ok(a.neg()), Ok(a.square()),
            Ok(a.pow(k)), a.inv(), a.div(&b), a.root(k), Ok(a.exp()), a.ln(), Ok(a.min(&b)),
            Ok(a.max(&b)), a.abs().map_err(NoValue::from), a.pow_int(-3),
            a.pow_rational(&Rational::from((-2, 3))), Ok(Ball::dot(&[a.clone(), b.clone()], &[b, a])),
        ];
        for ball in results.into_iter().flatten() {
            prop_assert!(ball.lo() <= ball.hi());
            prop_assert!(*ball.lo() < f64::INFINITY && *ball.hi() > f64::NEG_INFINITY);
            prop_assert_eq!(ball.lo().prec(), ball.hi().prec());
            prop_assert!(!ball.mid().is_nan() && !ball.width().is_nan());
        }
    }
}

#[test]
fn underflow_and_overflow_stay_sound() {
    let [_, _, _, _, _, min, one, max, _] = extreme_floats();
    let point = |x: &Float| Ball::from_bounds(x.clone(), x.clone());
    let below = point(&min).mul(&point(&min)); // positive, below every float
    assert_eq!((below.lo(), below.hi()), (&Float::new(64), &min));
    assert!(below.sign().is_err());
    let below = point(&min).mul(&point(&min).neg());
    assert!(below.hi().is_zero() && below.lo() < &0);
    let above = point(&max).add(&point(&max)); // beyond every float
    assert_eq!(above.lo(), &max);
    assert!(above.hi().is_infinite());
    assert_eq!(above.sign(), Ok(Ordering::Greater));
    assert!(above.inv().unwrap().lo().is_zero());
    assert_eq!(point(&one).compare(&above), Ok(Ordering::Less));
    assert!(point(&max).exp().hi().is_infinite());
    assert!(point(&max).neg().exp().lo().is_zero());
}

#[test]
fn no_real_number_gives_the_whole_line() {
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let ball = Ball::from_f64(x);
        assert!(ball.lo().is_infinite() && ball.hi().is_infinite());
        assert!(ball.contains(&Rational::from(-7)));
        assert_eq!(Ball::zero().mul(&ball).sign(), Ok(Ordering::Equal));
    }
    let inverted = Ball::from_bounds(Float::with_val(64, 2), Float::with_val(64, 1));
    assert!(inverted.contains(&Rational::from(100)));
}

#[test]
fn floats_and_integers_come_in_exactly() {
    for x in [0.1f64, -5e-324, f64::MAX, f64::MIN_POSITIVE, 0.0] {
        let exact = Rational::from_f64(x).unwrap();
        assert_eq!(ends(&Ball::from_f64(x)), [exact.clone(), exact]);
    }
    let exact = Rational::from_f32(0.1).unwrap();
    assert_eq!(ends(&Ball::from_f32(0.1)), [exact.clone(), exact]);
    for n in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX] {
        assert_eq!(
            ends(&Ball::from_int(n)),
            [Rational::from(n), Rational::from(n)]
        );
    }
}

#[test]
fn undefined_and_undecided_are_kept_apart() {
    let ball = |lo: i64, hi: i64| Ball::from_bounds(Float::with_val(9, lo), Float::with_val(9, hi));
    let undefined = |r: Result<Ball, NoValue>| matches!(r, Err(NoValue::Undefined(_)));
    let undecided = |r: Result<Ball, NoValue>| matches!(r, Err(NoValue::Undecided(_)));
    assert!(
        undefined(ball(0, 0).inv()) && undecided(ball(-1, 1).inv()) && undecided(ball(0, 1).inv())
    );
    assert!(
        undefined(ball(-2, -1).sqrt())
            && undecided(ball(-2, 0).sqrt())
            && ball(0, 1).sqrt().is_ok()
    );
    assert!(
        undefined(ball(-2, 0).ln()) && undecided(ball(-2, 1).ln()) && undecided(ball(0, 1).ln())
    );
    assert!(undefined(ball(1, 2).root(0)));
    // An even numerator must not hide a negative number.
    assert!(undefined(
        ball(-2, -1).pow_rational(&Rational::from((2, 3)))
    ));
    assert!(
        ball(-2, -1)
            .pow_rational(&Rational::from(2))
            .unwrap()
            .contains(&Rational::from(4))
    );
    assert!(undefined(ball(0, 0).pow_rational(&Rational::from((-1, 3)))));
    let beyond_machine = Rational::from((Integer::from(1) << 80, 3));
    assert!(undefined(ball(-1, 0).pow_rational(&beyond_machine)));
    assert!(
        ball(1, 1)
            .pow_rational(&beyond_machine)
            .unwrap()
            .contains(&Rational::from(1))
    );
    assert!(undefined(ball(0, 0).pow_int(-1)) && ball(2, 2).pow_int(i32::MIN).is_ok());
}

#[test]
fn display_rounds_outward() {
    let shown = |p: i64, q: i64, digits: usize| {
        format!(
            "{:.*}",
            digits,
            Ball::from_rational(&Rational::from((p, q)), 64)
        )
    };
    assert_eq!(shown(1, 3, 4), "[0.3333, 0.3334]");
    assert_eq!(shown(-1, 3, 4), "[-0.3334, -0.3333]");
    assert_eq!(shown(2000, 3, 4), "[666.6, 666.7]");
    assert_eq!(shown(2000, 3, 3), "[666, 667]");
    assert_eq!(shown(2000, 3, 2), "[6.6e2, 6.7e2]");
    assert_eq!(shown(-1, 3000, 2), "[-0.00034, -0.00033]");
    assert_eq!(shown(1, 30000, 2), "[3.3e-5, 3.4e-5]");
    assert_eq!(shown(0, 1, 0), "[0, 0]");
    assert_eq!(Ball::whole(64).to_string(), "[-inf, inf]");
}
