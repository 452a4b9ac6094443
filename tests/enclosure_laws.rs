//! Enclosures against exact rationals: every operation of `Ball` encloses the exact result, and for
//! one rounding from exact operands it is the tightest enclosure there is (so nothing was rounded to
//! nearest, and nothing was widened). The second roads are rational: hulls of endpoint results,
//! Taylor sums with a remainder.

use flatproof::scalar::retry::decide_or_exact;
use flatproof::scalar::{
    Ball, Field, NoValue, Ordered, Radical, Rational, Real, Ring, Transcendental,
};
use proptest::prelude::*;
use rug::Float;
use rug::float::Round;
use std::cmp::Ordering;

type Operation = fn(&Ball) -> Result<Ball, NoValue>;

/// Rationals of both signs and of very different sizes, zero included.
fn rational() -> impl Strategy<Value = Rational> {
    let scaled = (any::<i64>(), 1i64.., -400i32..400)
        .prop_map(|(p, q, shift)| Rational::from((p, q)) << shift);
    let small = (-9i64..10, 1i64..8).prop_map(Rational::from);
    prop_oneof![scaled, small]
}

fn bits() -> impl Strategy<Value = u32> {
    prop_oneof![Just(2u32), 3u32..64, Just(64), Just(128), Just(256)]
}

/// An enclosure (often across 0) and an exact number in it.
fn ball_and_point() -> impl Strategy<Value = (Ball, Rational)> {
    (rational(), rational(), bits(), 0u32..=8).prop_map(|(x, y, bits, t)| {
        let (low, high) = if x <= y { (x, y) } else { (y, x) };
        let (low, high) = (
            Ball::from_rational(&low, bits),
            Ball::from_rational(&high, bits),
        );
        let ball = Ball::from_bounds(low.lo().clone(), high.hi().clone());
        let [lo, hi] = ends(&ball);
        let point = (hi - &lo) * Rational::from((t, 8)) + lo;
        (ball, point)
    })
}

/// The endpoints of a bounded enclosure, exactly.
fn ends(ball: &Ball) -> [Rational; 2] {
    [ball.lo(), ball.hi()].map(|end| end.to_rational().expect("a bounded enclosure"))
}

/// Whether `ball` is the tightest enclosure of `[lo, hi]` at its precision.
fn is_hull(ball: &Ball, lo: &Rational, hi: &Rational) -> bool {
    let (mut above, mut below) = (ball.lo().clone(), ball.hi().clone());
    above.next_up();
    below.next_down();
    ball.contains(lo) && ball.contains(hi) && above > *lo && below < *hi
}

/// Whether `ball` is the tightest enclosure of these values at its precision.
fn is_hull_of(ball: &Ball, values: &[Rational]) -> bool {
    let (lo, hi) = (values.iter().min(), values.iter().max());
    is_hull(ball, lo.expect("a value"), hi.expect("a value"))
}

/// `f(x, y)` over all endpoints `x`, `y`.
fn on_ends(a: &Ball, b: &Ball, f: impl Fn(&Rational, &Rational) -> Rational) -> Vec<Rational> {
    let (xs, ys) = (ends(a), ends(b));
    xs.iter().flat_map(|x| ys.iter().map(|y| f(x, y))).collect()
}

proptest! {
    #[test]
    fn ball_vs_exact_hull((a, x) in ball_and_point(), (b, y) in ball_and_point()) {
        prop_assert!(a.contains(&x) && b.contains(&y));
        let (sum, difference, product) = (a.add(&b), a.sub(&b), a.mul(&b));
        prop_assert!(sum.contains(&Ring::add(&x, &y)));
        prop_assert!(is_hull_of(&sum, &on_ends(&a, &b, Ring::add)));
        prop_assert!(difference.contains(&Ring::sub(&x, &y)));
        prop_assert!(is_hull_of(&difference, &on_ends(&a, &b, Ring::sub)));
        prop_assert!(product.contains(&Ring::mul(&x, &y)));
        prop_assert!(is_hull_of(&product, &on_ends(&a, &b, Ring::mul)));
        prop_assert!(is_hull_of(&a.neg(), &ends(&a).map(|x| -x)));

        match a.div(&b) {
            Ok(quotient) => {
                prop_assert!(quotient.contains(&Field::div(&x, &y).unwrap()));
                let values = on_ends(&a, &b, |x, y| Field::div(x, y).expect("no zero in b"));
                prop_assert!(is_hull_of(&quotient, &values));
                prop_assert!(b.inv().unwrap().contains(&Field::inv(&y).unwrap()));
            }
            Err(NoValue::Undefined(_)) => prop_assert_eq!(ends(&b), [0, 0]),
            Err(NoValue::Undecided(_)) => prop_assert!(b.contains(&Rational::new())),
        }
    }

    #[test]
    fn powers_vs_exact_hull((a, x) in ball_and_point(), k in 0u32..7) {
        let power = a.pow(k);
        prop_assert!(power.contains(&Ring::pow(&x, k)));
        let mut values = ends(&a).map(|end| Ring::pow(&end, k)).to_vec();
        if k > 0 && a.contains(&Rational::new()) {
            values.push(Rational::new()); // the least value of an even power
        }
        prop_assert!(is_hull_of(&power, &values));
        prop_assert!(a.square().contains(&Ring::square(&x)));
    }

    #[test]
    fn roots_vs_exact_powers((a, x) in ball_and_point(), k in 1u32..6) {
        match a.root(k) {
            Ok(root) => {
                let [lo, hi] = ends(&root).map(|end| Ring::pow(&end, k));
                prop_assert!(lo <= x && x <= hi);
                // The neighbours inside are too large and too small. (Those of 0 are trivially so.)
                let (mut above, mut below) = (root.lo().clone(), root.hi().clone());
                above.next_up();
                below.next_down();
                let [least, most] = ends(&a);
                let power = |x: &Float| Ring::pow(&x.to_rational().expect("finite"), k);
                prop_assert!(root.lo().is_zero() || power(&above) > least);
                prop_assert!(root.hi().is_zero() || power(&below) < most);
            }
            Err(NoValue::Undefined(_)) => prop_assert!(a.hi() < &0),
            Err(NoValue::Undecided(_)) => prop_assert!(a.lo() < &0 && a.hi() >= &0),
        }
    }

    #[test]
    fn order_vs_exact((a, x) in ball_and_point(), (b, y) in ball_and_point()) {
        if let Ok(order) = Ordered::compare(&a, &b) {
            prop_assert_eq!(order, x.cmp(&y));
        } else {
            prop_assert!(a.intersects(&b));
        }
        match a.sign() {
            Ok(sign) => prop_assert_eq!(sign, x.cmp0()),
            Err(_) => prop_assert!(a.contains(&Rational::new())),
        }
        let (least, most) = if x <= y { (&x, &y) } else { (&y, &x) };
        prop_assert!(a.min(&b).contains(least) && a.max(&b).contains(most));
        let absolute = a.abs().unwrap();
        prop_assert!(absolute.contains(&x.clone().abs()) && absolute.lo() >= &0);
        prop_assert!(*a.lo() <= a.mid() && a.mid() <= *a.hi());
        let [lo, hi] = ends(&a);
        prop_assert!(a.width() >= hi - lo);
        prop_assert!(a.with_bits(7).contains(&x) && a.with_bits(500).contains(&x));
    }

    #[test]
    fn dot_vs_multiply_and_add(terms in prop::collection::vec((ball_and_point(), ball_and_point()), 0..6)) {
        let (mut a, mut b, mut exact) = (Vec::new(), Vec::new(), Rational::new());
        for ((x, u), (y, v)) in terms {
            exact += u * v;
            a.push(x);
            b.push(y);
        }
        let fused = Ball::dot(&a, &b);
        let products: Vec<Ball> = a.iter().zip(&b).map(|(x, y)| x.mul(y)).collect();
        let separate = products.iter().fold(Ball::zero(), |total, x| total.add(x));
        let summed = Ball::sum(&products);
        prop_assert!(fused.contains(&exact) && separate.contains(&exact));
        prop_assert_eq!(fused.bits(), separate.bits());
        prop_assert_eq!((summed.lo(), summed.hi()), (separate.lo(), separate.hi()));
    }

    #[test]
    fn rational_powers_vs_roots(r in 1i64..500, s in 1i64..500, n in 1u32..7, k in -6i32..7, bits in bits()) {
        let root = Rational::from((r, s));
        let x = Ball::from_rational(&Ring::pow(&root, n), bits);
        let power = x.pow_rational(&Rational::from((k, n))).unwrap();
        let magnitude = Ring::pow(&root, k.unsigned_abs());
        let exact = if k < 0 { magnitude.recip() } else { magnitude };
        prop_assert!(power.contains(&exact));
        // The exponent as a huge fraction goes through exp and ln: a hair above k/n.
        let hair = Rational::from(1) >> 100;
        let beyond = x.pow_rational(&(Rational::from((k, n)) + hair)).unwrap();
        let other = x.with_bits(200).ln().unwrap().mul(&Ball::from_rational(&Rational::from((k, n)), 200)).exp();
        prop_assert!(other.contains(&exact));
        prop_assert!(bits > 64 || beyond.intersects(&power));
    }
}

/// `sum_k c_k n_k^{1/k} / sqrt(n_k + 1)`: one expression for every type with roots.
fn sum_of_roots<S: Real>(terms: &[(i64, i64)], lift: impl Fn(i64) -> S) -> Result<S, NoValue> {
    let term = |(k, (c, n)): (u32, &(i64, i64))| {
        let root = lift(*n).root(k)?.div(&lift(n + 1).sqrt()?)?;
        Ok(lift(*c).mul(&root))
    };
    let values: Result<Vec<S>, NoValue> = (1..).zip(terms).map(term).collect();
    Ok(S::sum(&values?))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ball_vs_radical(terms in prop::collection::vec((-9i64..=9, 0i64..40), 0..5)) {
        let exact = sum_of_roots(&terms, Radical::from_int).unwrap();
        let by_ball = |bits| sum_of_roots(&terms, |n| Ball::from_int(n).with_bits(bits));
        for bits in [64, 128, 300] {
            let (lo, hi) = exact.enclose(bits);
            let ball = by_ball(bits).unwrap();
            prop_assert!(ball.intersects(&Ball::from_bounds(lo, hi)));
            prop_assert!(ball.width() < tiny(bits - 12));
        }
        // The ladder ball, more bits, exact: same sign, and only a sum that is 0 needs the last rung.
        let mut fell_back = false;
        let sign = decide_or_exact(16, 512, |bits| Ok::<_, NoValue>(by_ball(bits)?.sign()?), || {
            fell_back = true;
            Ok(exact.sign()?)
        });
        prop_assert_eq!(&sign, &Ok(exact.sign().unwrap()));
        prop_assert!(!fell_back || sign == Ok(Ordering::Equal));
    }
}

/// `2^-k`.
fn tiny(k: u32) -> Rational {
    Rational::from(1) >> k
}

/// `exp(x)`, `|x| <= 2`, as `sum_{k < n} x^k/k!` with remainder at most `2 |x|^n/n!` (ratio of
/// terms `<= 1/2` from `n >= 4` on).
fn exp_by_taylor(x: &Rational, n: u32) -> [Rational; 2] {
    let (mut term, mut sum) = (Rational::from(1), Rational::new());
    for k in 1..=n {
        sum += &term;
        term *= x;
        term /= k;
    }
    let rest = term.abs() * 2;
    [Rational::from(&sum - &rest), sum + rest]
}

/// `ln(x)`, `1/2 <= x <= 2`, as `2 sum_{k < n} z^{2k+1}/(2k+1)`, `z = (x-1)/(x+1)`, `|z| <= 1/3`;
/// the remainder is at most the next term times `2/(1 - z^2) <= 9/4`.
fn ln_by_artanh(x: &Rational, n: u32) -> [Rational; 2] {
    let z = Rational::from(x - 1) / Rational::from(x + 1);
    let z2 = Ring::square(&z);
    let (mut power, mut sum) = (z, Rational::new());
    for k in 0..n {
        sum += Rational::from(&power / (2 * k + 1)) * 2u32;
        power *= &z2;
    }
    let rest = power.abs() * 3;
    [Rational::from(&sum - &rest), sum + rest]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn exp_vs_taylor(p in -1000i64..=1000, bits in 2u32..100) {
        let x = Rational::from((p, 512)); // few bits: exact operands, one rounding
        let [low, high] = exp_by_taylor(&x, 80);
        prop_assert!(Rational::from(&high - &low) < tiny(250));
        let e = Ball::from_rational(&x, bits.max(11)).exp();
        prop_assert!(p == 0 && is_hull(&e, &1.into(), &1.into()) || is_hull(&e, &low, &high));
        // Negative control: off by 2^-100 is outside at 200 bits.
        let sharp = Ball::from_rational(&x, 200).exp();
        prop_assert!(!sharp.contains(&(high + tiny(100))));
    }

    #[test]
    fn ln_vs_artanh_series(p in 256i64..=1024, bits in 11u32..100) {
        let x = Rational::from((p, 512));
        let [low, high] = ln_by_artanh(&x, 90);
        prop_assert!(Rational::from(&high - &low) < tiny(250));
        let l = Ball::from_rational(&x, bits).ln().unwrap();
        prop_assert!(is_hull(&l, &low, &high));
        let sharp = Ball::from_rational(&x, 200).ln().unwrap();
        prop_assert!(!sharp.contains(&(high + tiny(100))));
    }

    #[test]
    fn exp_of_ln_and_ln_of_exp(x in rational(), bits in bits()) {
        let x = Ball::from_rational(&x, 300).mid().to_rational().unwrap();
        let ball = Ball::from_rational(&x, bits);
        if x > 0 {
            let back = Ball::from_rational(&x, bits).ln().unwrap().exp();
            prop_assert!(back.contains(&x));
        } else {
            prop_assert!(ball.ln().is_err());
        }
        if x.clone().abs() < 1000 {
            // exp at few bits may be [1, 1 + ulp]: its logarithm still encloses x.
            prop_assert!(ball.exp().ln().unwrap().contains(&x));
        }
        let sinking = ball.exp();
        prop_assert!(sinking.lo() >= &0 && sinking.hi() > &0);
    }

    #[test]
    fn more_bits_lie_inside_fewer(x in rational(), bits in 2u32..60) {
        let operations: [Operation; 5] = [
            |b| Ok(b.clone()),
            |b| Ok(b.exp()),
            |b| b.ln(),
            |b| b.sqrt(),
            |b| b.inv(),
        ];
        for f in operations {
            let (low, high) = (Ball::from_rational(&x, bits), Ball::from_rational(&x, 8 * bits));
            if let (Ok(low), Ok(high)) = (f(&low), f(&high)) {
                prop_assert!(low.lo() <= high.lo() && high.hi() <= low.hi());
            }
        }
    }

    #[test]
    fn exp_and_ln_increase(x in rational(), y in rational(), bits in bits()) {
        let (x, y) = if x <= y { (x, y) } else { (y, x) };
        let (a, b) = (Ball::from_rational(&x, bits), Ball::from_rational(&y, bits));
        prop_assert!(a.exp().lo() <= b.exp().lo() && a.exp().hi() <= b.exp().hi());
        if let (Ok(a), Ok(b)) = (a.ln(), b.ln()) {
            prop_assert!(a.lo() <= b.lo() && a.hi() <= b.hi());
        }
    }
}

#[test]
fn ties_round_outward_on_both_sides() {
    // 1 + 2^-64 lies half way between two 64-bit floats.
    let ulp = tiny(63);
    for sign in [1, -1] {
        let tie = (Rational::from(1) + tiny(64)) * sign;
        let ball = Ball::from_rational(&tie, 64);
        assert_eq!(Ring::sub(&ends(&ball)[1], &ends(&ball)[0]), ulp);
        let half = Ball::from_rational(&(tiny(64) * sign), 64);
        let sum = Ball::from_int(sign).add(&half);
        assert_eq!(ends(&sum), ends(&ball));
        assert!(sum.contains(&tie) && !sum.contains(&(tie + &ulp)));
    }
}

#[test]
fn nearest_rounding_is_caught() {
    // Negative control for every `contains` above: a point rounded to nearest misses 1/3.
    let third = Rational::from((1, 3));
    let nearest = Float::with_val_round(64, &third, Round::Nearest).0;
    assert!(!Ball::from_bounds(nearest.clone(), nearest).contains(&third));
    assert!(Ball::from_rational(&third, 64).contains(&third));
    // And for `is_hull`: one unit too wide is not the hull.
    let wide = Ball::from_rational(&third, 63).with_bits(64);
    assert!(wide.contains(&third) && !is_hull(&wide, &third, &third));
}
