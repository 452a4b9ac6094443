//! The rules of [`Near`] against exact rationals, on every kind of f32.

use super::near::{Near, Sum, U, gamma};
use crate::scalar::Rational;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const ROUNDS: usize = 20_000;

/// Any finite f32: random bits, denormals, small integers, ordinary.
fn any(rng: &mut ChaCha8Rng) -> f32 {
    let bits = rng.next_u32();
    let x = match rng.next_u32() % 4 {
        0 => f32::from_bits(bits),
        1 => f32::from_bits(bits & 0x807f_ffff),
        2 => (bits % 9) as f32 - 4.0,
        _ => (bits >> 8) as f32 / 8_388_608.0 - 1.0,
    };
    if x.is_finite() { x } else { 1.0 }
}

fn q(x: f64) -> Rational {
    Rational::from_f64(x).unwrap()
}

/// Whether `near` holds both readings, where it has a bound.
fn holds(near: &Near, computed: f32, exact: &Rational) -> bool {
    if !near.error().is_finite() {
        return true;
    }
    let off = |x: &Rational| (x - q(near.value)).abs();
    computed.is_finite()
        && off(exact) <= q(near.exact)
        && off(&q(computed.into())) <= q(near.computed)
}

#[test]
fn operations_vs_exact() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut bounded = 0;
    for _ in 0..ROUNDS {
        let (a, b) = (any(&mut rng), any(&mut rng));
        let (x, y) = (Near::new(a), Near::new(b));
        let (p, r) = (q(a.into()), q(b.into()));
        assert!(
            holds(&x.add(&y), a + b, &Rational::from(&p + &r)),
            "{a} + {b}"
        );
        assert!(
            holds(&x.sub(&y), a - b, &Rational::from(&p - &r)),
            "{a} - {b}"
        );
        assert!(
            holds(&x.mul(&y), a * b, &Rational::from(&p * &r)),
            "{a} * {b}"
        );
        assert!(holds(&x.max(b), a.max(b), &p.clone().max(r.clone())));
        if b != 0.0 {
            let quotient = x.div(&y);
            let exact = Rational::from(&p / &r);
            assert!(holds(&quotient, a / b, &exact), "{a} / {b}: {quotient:?}");
            assert!(
                holds(&quotient, a * (1.0 / b), &exact),
                "{a} / {b}: {quotient:?}"
            );
            bounded += usize::from(quotient.error().is_finite());
        }
        let (root, computed) = (Near::new(a.abs()).sqrt(), a.abs().sqrt());
        // both sqrt |a| and its rounding lie within the radii: compare squares
        let low = q((root.value - root.exact).max(0.0)).square();
        let high = q(root.value + root.exact).square();
        assert!(
            low <= p.clone().abs() && p.clone().abs() <= high,
            "sqrt {a}"
        );
        assert!((f64::from(computed) - root.value).abs() <= root.computed);
    }
    assert!(bounded > ROUNDS / 2, "{bounded}");
}

/// Inexact operands: readings anywhere within the radii stay within.
#[test]
fn spread_vs_exact() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..ROUNDS {
        let [a, b] = [(); 2].map(|()| any(&mut rng).clamp(-1e15, 1e15));
        let near = |x: f32, rng: &mut ChaCha8Rng| {
            let r = f64::from(x.abs()) * f64::from(rng.next_u32()) / 2f64.powi(40);
            let ends = [f64::from(x) - r, f64::from(x) + r];
            let radius = r * 1.000_001;
            let near = Near {
                value: x.into(),
                exact: radius,
                computed: radius,
            };
            (near, ends)
        };
        let ((x, xs), (y, ys)) = (near(a, &mut rng), near(b, &mut rng));
        for p in xs {
            for r in ys {
                let (p, r) = (q(p), q(r));
                let inside = |near: &Near, exact: Rational| {
                    (exact - q(near.value)).abs() <= q(near.exact.max(1e-300))
                };
                assert!(inside(&x.add(&y), Rational::from(&p + &r)));
                assert!(inside(&x.mul(&y), Rational::from(&p * &r)));
                if y.div(&x).error().is_finite() {
                    assert!(inside(&y.div(&x), Rational::from(&r / &p)));
                }
            }
        }
    }
}

/// The least radius the rules give is not far above what rounding can do.
#[test]
fn a_smaller_bound_would_break() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (mut worst_sum, mut worst_product) = (0.0f64, 0.0f64);
    for _ in 0..ROUNDS {
        let a = (rng.next_u32() >> 8) as f32 / 16_777_216.0 + 1.0;
        let b = (rng.next_u32() >> 8) as f32 / 16_777_216.0 + 1.0;
        let ratio = |near: Near, computed: f32, exact: f64| {
            (f64::from(computed) - exact).abs() / near.error()
        };
        let (x, y) = (Near::new(a), Near::new(b));
        worst_sum = worst_sum.max(ratio(x.add(&y), a + b, f64::from(a) + f64::from(b)));
        worst_product = worst_product.max(ratio(x.mul(&y), a * b, f64::from(a) * f64::from(b)));
    }
    assert!(worst_sum > 0.4 && worst_sum <= 1.0, "{worst_sum}");
    assert!(
        worst_product > 0.8 && worst_product <= 1.0,
        "{worst_product}"
    );
}

#[test]
fn underflow_is_paid_for() {
    let least = f32::from_bits(1);
    let half = Near::new(least).mul(&Near::new(0.5));
    assert!(half.computed >= f64::from(least) / 2.0); // fl = 0, exact = 2^-150
    assert_eq!(half.sign(), None);
    // sums of denormals are exact, but for the centre in f64
    let sum = Near::new(least).add(&Near::new(least));
    assert!(sum.error() < f64::from(least) * 1e-6 && sum.sign() == Some(true));
}

#[test]
fn no_bound_where_f32_may_overflow() {
    let big = Near::new(f32::MAX);
    assert_eq!(big.add(&big), Near::UNKNOWN);
    assert_eq!(big.mul(&Near::new(1.5)), Near::UNKNOWN);
    let mut cancels = Sum::default(); // MAX - MAX + MAX may overflow in another order
    [big, big.neg(), big].iter().for_each(|x| cancels.add(x));
    assert_eq!(cancels.round(), Near::UNKNOWN);
    assert_eq!(Near::new(f32::NAN), Near::UNKNOWN);
    assert_eq!(Near::UNKNOWN.mul(&Near::ZERO), Near::UNKNOWN);
    assert_eq!(Near::ONE.div(&Near::ZERO), Near::UNKNOWN);
    assert_eq!(Near::ONE.div(&Near::new(f32::from_bits(1))), Near::UNKNOWN);
    assert_eq!(gamma(1 << 24), f64::INFINITY);
}

#[test]
fn gamma_by_hand() {
    assert!(gamma(1) >= U / (1.0 - U) && gamma(1) < U * 1.000_001);
    assert!(gamma(1000) >= 1000.0 * U / (1.0 - 1000.0 * U));
    assert_eq!(Near::SLOPE.sign(), None);
    assert_eq!(Near::new(3.0).sign(), Some(true));
    assert_eq!(Near::new(-3.0).max(0.0), Near::ZERO);
    assert_eq!(Near::new(-3.0).sqrt().value, 0.0);
}
