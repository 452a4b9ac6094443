//! The laws in the docs of the number traits, as property tests over each scalar type.
//!
//! The functions `*_laws` are generic. `same` is the equality of the type: `==` for exact numbers,
//! "both may enclose one number" for enclosures; floats are tried where they do not round. Answers
//! that the type leaves undecided are skipped; exact types are checked to decide in `decides`.

use flatproof::scalar::{
    Ball, Dyadic, Field, Jet1, Jet2, NoValue, Ordered, Radical, Rational, Real, Ring, Undecided,
    fire_by_dot,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rug::Float;
use std::cmp::Ordering;
use std::fmt::Debug;

type Law = Result<(), TestCaseError>;

fn ring_laws<S: Ring>(a: &S, b: &S, c: &S, same: impl Fn(&S, &S) -> bool) -> Law {
    prop_assert!(same(&a.add(b), &b.add(a)), "a + b = b + a");
    prop_assert!(same(&a.mul(b), &b.mul(a)), "a b = b a");
    prop_assert!(
        same(&a.add(b).add(c), &a.add(&b.add(c))),
        "(a + b) + c = a + (b + c)"
    );
    prop_assert!(
        same(&a.mul(b).mul(c), &a.mul(&b.mul(c))),
        "(a b) c = a (b c)"
    );
    prop_assert!(
        same(&a.mul(&b.add(c)), &a.mul(b).add(&a.mul(c))),
        "a (b + c) = a b + a c"
    );
    prop_assert!(same(&a.sub(b), &a.add(&b.neg())), "a - b = a + (-b)");
    prop_assert!(same(&a.sub(a), &S::zero()), "a - a = 0");
    prop_assert!(same(&a.add(&S::zero()), a), "a + 0 = a");
    prop_assert!(same(&a.mul(&S::one()), a), "a 1 = a");
    prop_assert!(same(&a.square(), &a.mul(a)), "a^2 = a a");
    prop_assert!(same(&a.pow(0), &S::one()), "a^0 = 1");
    prop_assert!(
        same(&a.pow(5), &a.mul(a).mul(a).mul(a).mul(a)),
        "a^5 = a a a a a"
    );
    prop_assert!(same(&S::sum([a, b, c]), &a.add(b).add(c)), "sum");
    let (left, right) = ([a.clone(), b.clone()], [c.clone(), a.clone()]);
    prop_assert!(
        same(&S::dot(&left, &right), &a.mul(c).add(&b.mul(a))),
        "dot"
    );
    Ok(())
}

fn integer_laws<S: Ring>(m: i64, n: i64, same: impl Fn(&S, &S) -> bool) -> Law {
    let (a, b) = (S::from_int(m), S::from_int(n));
    prop_assert!(same(&a.add(&b), &S::from_int(m + n)), "from_int(m + n)");
    prop_assert!(same(&a.mul(&b), &S::from_int(m * n)), "from_int(m n)");
    Ok(())
}

/// The order laws, for every sign that is decided.
fn order_laws<S: Ordered>(a: &S, b: &S, same: impl Fn(&S, &S) -> bool) -> Law {
    let (Ok(sign_a), Ok(sign_b), Ok(order)) = (a.sign(), b.sign(), a.compare(b)) else {
        return Ok(());
    };
    let known = |sign: Result<Ordering, Undecided>, expected| sign.is_err() || sign == Ok(expected);
    prop_assert!(
        known(a.neg().sign(), sign_a.reverse()),
        "sign(-a) = -sign(a)"
    );
    prop_assert!(
        known(b.compare(a), order.reverse()),
        "compare is antisymmetric"
    );
    let product = match (sign_a, sign_b) {
        (Ordering::Equal, _) | (_, Ordering::Equal) => Ordering::Equal,
        (x, y) if x == y => Ordering::Greater,
        _ => Ordering::Less,
    };
    prop_assert!(
        known(a.mul(b).sign(), product),
        "sign(a b) = sign(a) sign(b)"
    );
    if sign_a == sign_b {
        prop_assert!(
            known(a.add(b).sign(), sign_a),
            "sign(a + b) where both signs agree"
        );
    }
    if sign_a != sign_b {
        prop_assert_eq!(order, sign_a.cmp(&sign_b), "a < 0 < b gives a < b");
    }
    if let Ok(size) = a.abs() {
        let expected = if sign_a.is_lt() { a.neg() } else { a.clone() };
        prop_assert!(same(&size, &expected), "|a| is a or -a");
    }
    Ok(())
}

/// `a <= b <= c` gives `a <= c`, for every order that is decided.
fn transitive<S: Ordered>(a: &S, b: &S, c: &S) -> Law {
    if let (Ok(ab), Ok(bc), Ok(ac)) = (a.compare(b), b.compare(c), a.compare(c))
        && (ab == bc || bc.is_eq())
    {
        prop_assert_eq!(ac, ab);
    }
    Ok(())
}

fn field_laws<S: Field + Ordered>(a: &S, b: &S, same: impl Fn(&S, &S) -> bool) -> Law {
    prop_assert!(
        matches!(S::zero().inv(), Err(NoValue::Undefined(_))),
        "1/0 is undefined"
    );
    match a.inv() {
        Ok(inverse) => prop_assert!(same(&a.mul(&inverse), &S::one()), "a (1/a) = 1"),
        Err(NoValue::Undefined(_)) => prop_assert_eq!(a.sign(), Ok(Ordering::Equal)),
        Err(NoValue::Undecided(_)) => {}
    }
    if let Ok(quotient) = b.div(a) {
        prop_assert!(same(&quotient.mul(a), b), "(b/a) a = b");
    }
    Ok(())
}

fn root_laws<S: Real>(a: &S, k: u32, same: impl Fn(&S, &S) -> bool) -> Law {
    prop_assert!(
        matches!(a.root(0), Err(NoValue::Undefined(_))),
        "a zeroth root is undefined"
    );
    match a.root(k) {
        Ok(root) => {
            prop_assert!(
                !matches!(root.sign(), Ok(Ordering::Less)),
                "a root is not negative"
            );
            prop_assert!(same(&root.pow(k), a), "root(a, k)^k = a");
        }
        Err(NoValue::Undefined(_)) => prop_assert_eq!(a.sign(), Ok(Ordering::Less)),
        Err(NoValue::Undecided(_)) => {
            prop_assert!(
                a.sign() != Ok(Ordering::Less),
                "a root of a negative number is undefined"
            );
        }
    }
    prop_assert!(
        a.sqrt().ok().is_none_or(|r| same(&r.square(), a)),
        "sqrt(a)^2 = a"
    );
    Ok(())
}

fn fire_laws<S: Ordered + PartialEq>(rows: &[Vec<S>], xs: &[Vec<S>]) -> Law {
    let by_dot: Result<Vec<_>, _> = xs.iter().map(|x| fire_by_dot(rows, x)).collect();
    prop_assert_eq!(S::fire(rows, xs), by_dot, "fire_vs_dot");
    Ok(())
}

/// All laws for a type whose equality is `==` and which decides every sign.
fn exact_laws<S: Real + PartialEq>(a: &S, b: &S, c: &S, k: u32) -> Law {
    let same = |x: &S, y: &S| x == y;
    ring_laws(a, b, c, same)?;
    order_laws(a, b, same)?;
    transitive(a, b, c)?;
    field_laws(a, b, same)?;
    root_laws(a, k, same)?;
    decides(a, b)
}

fn decides<S: Real + PartialEq>(a: &S, b: &S) -> Law {
    prop_assert!(a.sign().is_ok(), "the sign is decided");
    prop_assert_eq!(a.compare(b) == Ok(Ordering::Equal), a == b);
    prop_assert_eq!(a.sign() == Ok(Ordering::Equal), *a == S::zero());
    prop_assert!(a.add(&S::one()) != *a, "a + 1 is not a");
    Ok(())
}

/// Small powers of two and their multiples, and any finite f32.
fn dyadics() -> impl Strategy<Value = Dyadic> {
    let small = (-9i8..10, -3i32..4).prop_map(|(m, e)| f32::from(m) * 2f32.powi(e));
    let any = any::<u32>().prop_map(f32::from_bits);
    prop_oneof![small, any].prop_filter_map("finite", Dyadic::from_f32)
}

fn rationals() -> impl Strategy<Value = Rational> {
    let small = (-20i64..=20, 1i64..=12);
    let any = (any::<i64>(), 1i64..);
    prop_oneof![small, any].prop_map(Rational::from)
}

/// Single terms and sums over primes, composites and products of primes that trial division misses.
fn radicals() -> impl Strategy<Value = Radical> {
    let base = prop::sample::select(vec![1u64, 2, 3, 12, 31, 1009, 1_018_081, 1_022_117]);
    let term = (
        -9i64..=9,
        1i64..=6,
        base,
        prop::sample::select(vec![1u32, 2, 4]),
    )
        .prop_map(|(p, q, b, k)| {
            let root = Radical::root_of(&Rational::from(b), k).expect("positive");
            root * Radical::from(Rational::from((p, q)))
        });
    prop::collection::vec(term, 0..4).prop_map(|terms| Radical::sum(&terms))
}

fn monomials() -> impl Strategy<Value = Radical> {
    (1i64..=40, 1i64..=40, 1u32..=6)
        .prop_map(|(p, q, k)| Radical::root_of(&Rational::from((p, q)), k).expect("positive"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rational(a in rationals(), b in rationals(), c in rationals(), k in 1u32..6) {
        exact_laws(&a, &b, &c, k)?;
        exact_laws(&Ring::pow(&a, k), &b, &c, k)?;
    }

    #[test]
    fn dyadic(a in dyadics(), b in dyadics(), c in dyadics(), k in 1u32..6) {
        exact_laws(&a, &b, &c, k)?;
        exact_laws(&Ring::pow(&a, k), &b, &c, k)?;
        fire_laws(&[vec![a.clone(), b.clone()], vec![b, c.clone()]], &[vec![c, a]])?;
    }

    #[test]
    fn radical(a in radicals(), b in radicals(), c in radicals(), k in 1u32..6) {
        exact_laws(&a, &b, &c, k)?;
    }

    #[test]
    fn radical_monomials(a in monomials(), b in monomials(), c in radicals(), k in 1u32..6) {
        exact_laws(&a, &b, &c, k)?;
        prop_assert!(a.root(k).is_ok() && a.inv().is_ok(), "roots and inverses of monomials exist");
    }

    #[test]
    fn integers(m in -1_000_000_000i64..1_000_000_000, n in -1_000_000_000i64..1_000_000_000) {
        integer_laws::<Rational>(m, n, |x, y| x == y)?;
        integer_laws::<Radical>(m, n, |x, y| x == y)?;
        integer_laws::<Dyadic>(m, n, |x, y| x == y)?;
    }

    /// Rational numbers as radicals: the embedding respects all operations and the order.
    #[test]
    fn radical_vs_rational(p in rationals(), q in rationals(), k in 1u32..4) {
        let (a, b) = (Radical::from(p.clone()), Radical::from(q.clone()));
        prop_assert_eq!((&a + &b).as_rational(), Some(p.add(&q)));
        prop_assert_eq!((&a - &b).as_rational(), Some(p.sub(&q)));
        prop_assert_eq!((&a * &b).as_rational(), Some(p.mul(&q)));
        prop_assert_eq!(a.cmp(&b), p.cmp(&q));
        prop_assert_eq!(b.inv().ok().and_then(|x| x.as_rational()), q.inv().ok());
        if let Ok(root) = Real::root(&p, k) {
            prop_assert_eq!(Real::root(&a, k).unwrap().as_rational(), Some(root));
        }
    }

    /// The sign of `p + q sqrt(n)` by squares, without any root.
    #[test]
    fn sign_vs_squares(p in rationals(), q in rationals(), n in 1u32..2_000_000) {
        let x = Radical::from(p.clone())
            + Radical::from(q.clone()) * Radical::root_of(&Rational::from(n), 2).unwrap();
        let larger = Ring::square(&p).cmp(&(Ring::square(&q) * n)); // |p| against |q| sqrt(n)
        let sign = match larger {
            Ordering::Greater => p.cmp0(),
            Ordering::Less => q.cmp0(),
            Ordering::Equal if p.cmp0() == q.cmp0() => p.cmp0(),
            Ordering::Equal => Ordering::Equal,
        };
        prop_assert_eq!(x.sign(), Ok(sign));
    }

    #[test]
    fn fire(rows in prop::collection::vec(prop::collection::vec(radicals(), 2), 3)) {
        fire_laws(&rows, &rows)?;
        let rationals = |r: &Vec<Radical>| r.iter().map(|x| x.as_rational().unwrap_or_default()).collect();
        let rows: Vec<Vec<Rational>> = rows.iter().map(rationals).collect();
        fire_laws(&rows, &rows)?;
    }
}

/// Equality of enclosures: both may enclose one number.
fn meet(x: &Ball, y: &Ball) -> bool {
    x.intersects(y)
}

/// Enclosures of several precisions and widths, often across 0.
fn balls() -> impl Strategy<Value = Ball> {
    (rationals(), 0i64..3, 2u32..200).prop_map(|(x, radius, bits)| {
        let slack = Ball::from_bounds(Float::with_val(2, -radius), Float::with_val(2, radius));
        Ball::from_rational(&x, bits).add(&slack)
    })
}

/// The laws of a field that need no root, for jets: their order is that of the values, and they are
/// equal if all derivatives are.
fn jet_laws<S: Field + Ordered>(a: &S, b: &S, c: &S, same: fn(&S, &S) -> bool) -> Law {
    ring_laws(a, b, c, same)?;
    order_laws(a, b, same)?;
    transitive(a, b, c)?;
    field_laws(a, b, same)
}

fn jets<S: Debug>(part: impl Strategy<Value = S>) -> impl Strategy<Value = Jet2<S>> {
    prop::array::uniform3(part).prop_map(|[value, first, second]| Jet2 {
        value,
        first,
        second,
    })
}

/// Floats have exact laws where nothing is rounded: small integers, and inverses of powers of two.
fn float_laws<S: Real + PartialEq>(a: &S, b: &S, c: &S, power_of_two: &S, k: u32) -> Law {
    let same = |x: &S, y: &S| x == y;
    ring_laws(a, b, c, same)?;
    order_laws(a, b, same)?;
    transitive(a, b, c)?;
    field_laws(power_of_two, b, same)?;
    root_laws(&a.pow(2 * k), k, same)?;
    root_laws(&a.square().neg(), k, same)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn ball(a in balls(), b in balls(), c in balls(), k in 1u32..6) {
        ring_laws(&a, &b, &c, meet)?;
        integer_laws::<Ball>(k.into(), -7, meet)?;
        order_laws(&a, &b, meet)?;
        transitive(&a, &b, &c)?;
        field_laws(&a, &b, meet)?;
        root_laws(&a, k, meet)?;
    }

    #[test]
    fn float(a in -20i8..=20, b in -20i8..=20, c in -20i8..=20, e in -9i32..9, k in 1u32..3) {
        float_laws::<f32>(&a.into(), &b.into(), &c.into(), &2f32.powi(e), k)?;
        float_laws::<f64>(&a.into(), &b.into(), &c.into(), &-(2f64.powi(e)), k)?;
        integer_laws::<f32>(a.into(), b.into(), |x, y| x == y)?;
        integer_laws::<f64>(a.into(), b.into(), |x, y| x == y)?;
    }

    #[test]
    fn jet(a in jets(rationals()), b in jets(rationals()), c in jets(rationals())) {
        jet_laws(&a, &b, &c, |x, y| x == y)?;
        let first = |x: &Jet2<Rational>| Jet1 { value: x.value.clone(), first: x.first.clone() };
        jet_laws(&first(&a), &first(&b), &first(&c), |x, y| x == y)?;
    }

    #[test]
    fn jet_over_ball(a in jets(balls()), b in jets(balls()), c in jets(balls()), k in 1u32..6) {
        let same = |x: &Jet2<Ball>, y: &Jet2<Ball>| {
            meet(&x.value, &y.value) && meet(&x.first, &y.first) && meet(&x.second, &y.second)
        };
        jet_laws(&a, &b, &c, same)?;
        if a.sign().is_ok_and(Ordering::is_gt) {
            root_laws(&a, k, same)?;
        }
    }

    #[test]
    fn jet_roots(value in monomials(), first in radicals(), second in radicals(), k in 1u32..6) {
        let jet = Jet2 { value, first, second };
        prop_assert!(jet.root(k).is_ok(), "positive monomials have roots");
        root_laws(&jet, k, |x, y| x == y)?;
    }
}

/// Negative control: with `==`, decimal fractions in floats break the laws.
#[test]
fn the_laws_refuse_rounded_floats() {
    assert!(ring_laws(&0.1f64, &0.2, &0.3, |x, y| x == y).is_err());
    assert!(ring_laws(&0.5f64, &0.25, &3.0, |x, y| x == y).is_ok());
}

/// Negative control: arithmetic that saturates is no ring, and the laws say so.
#[test]
fn the_laws_refuse_a_broken_ring() {
    #[derive(Clone, Debug)]
    struct Saturating(i8);
    impl Ring for Saturating {
        fn from_int(n: i64) -> Self {
            Self(n.clamp(i8::MIN.into(), i8::MAX.into()) as i8)
        }
        fn add(&self, other: &Self) -> Self {
            Self(self.0.saturating_add(other.0))
        }
        fn sub(&self, other: &Self) -> Self {
            Self(self.0.saturating_sub(other.0))
        }
        fn mul(&self, other: &Self) -> Self {
            Self(self.0.saturating_mul(other.0))
        }
        fn neg(&self) -> Self {
            Self(self.0.saturating_neg())
        }
    }
    let same = |x: &Saturating, y: &Saturating| x.0 == y.0;
    let n = Saturating::from_int;
    assert!(ring_laws(&n(2), &n(3), &n(-1), same).is_ok());
    assert!(ring_laws(&n(100), &n(100), &n(-100), same).is_err());
    assert!(integer_laws::<Saturating>(200, -100, same).is_err());
    assert!(integer_laws::<Saturating>(10, 12, same).is_ok());
}
