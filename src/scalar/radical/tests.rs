//! Tests of radicals: normal form, exact sign, roots, inverses and text, each against a second road.

use super::*;
use crate::scalar::text::{parse, parse_with};
use proptest::prelude::*;
use rug::Float;
use rug::ops::Pow;
use std::collections::BTreeMap;

fn r(expression: &str) -> Radical {
    parse(expression).unwrap()
}

/// Sums over bases that meet: small primes, a product of two primes above 1000, and its factors.
pub(super) fn radicals() -> impl Strategy<Value = Radical> {
    let bases = prop::sample::select(vec![1u64, 2, 6, 12, 31, 1009, 1_022_117, 1_030_189]);
    let term = (-9i64..=9, 1i64..=6, bases, 1u32..=4).prop_map(|(p, q, b, k)| {
        let root = Radical::root_of(&Rational::from(b), k).unwrap();
        Ring::mul(&Radical::from_rational(Rational::from((p, q))), &root)
    });
    prop::collection::vec(term, 0..5).prop_map(|terms| Radical::sum(&terms))
}

#[test]
fn roots_take_their_normal_form() {
    assert_eq!(r("sqrt(4)"), r("2"));
    assert_eq!(r("9^(1/4)").to_string(), "3^(1/2)");
    assert_eq!(r("sqrt(100)").to_string(), "10");
    assert_eq!(r("sqrt(12)*sqrt(3)").to_string(), "6");
    assert_eq!(r("(8/27)^(1/6)").to_string(), "1/3*2^(1/2)*3^(1/2)");
    assert_eq!(r("3/2*31^(1/4) + 5").to_string(), "3/2*31^(1/4) + 5");
    assert_eq!(r("5 - 31^(1/4)").to_string(), "-31^(1/4) + 5");
    assert_eq!(r("1/sqrt(2)").to_string(), "1/2*2^(1/2)");
    assert_eq!(r("0*sqrt(2) - 0").to_string(), "0");
    assert_ne!(r("sqrt(2)"), r("2^(1/4)"));
    assert_ne!(r("sqrt(2)"), r("1"));
}

#[test]
fn unknown_primes_meet_their_factors() {
    let (p, q) = (
        Integer::from(10).pow(40) + 121u32,
        Integer::from(10).pow(45) + 9u32,
    );
    let names = BTreeMap::from([("p".to_string(), p.into()), ("q".to_string(), q.into())]);
    let with = |e: &str| parse_with(e, &names).unwrap();
    assert_eq!(with("sqrt(p*q)"), with("sqrt(p)*sqrt(q)"));
    assert_eq!(with("sqrt(p*q)*sqrt(p)"), with("p*sqrt(q)"));
    assert_eq!(with("sqrt(p*q) - sqrt(q)*sqrt(p)"), r("0"));
    assert_eq!(with("(p*q^2)^(1/2)*p^(1/2)"), with("p*q"));
    assert_eq!(with("(p^3*q)^(1/4)*q^(1/2)"), with("p^(3/4)*q^(3/4)"));
    assert_ne!(with("sqrt(p*q)"), with("sqrt(p)*sqrt(q) + 1/10^30"));
    assert_ne!(with("sqrt(p*q + 1)"), with("sqrt(p)*sqrt(q)"));
}

#[test]
fn sums_against_squares() {
    let x = r("sqrt(2) + sqrt(3)");
    assert_eq!(x.square(), r("5 + 2*sqrt(6)"));
    assert_ne!(x.square(), r("5 + 2*sqrt(6) + 1/10^60"));
    assert!(x > r("3146264369941972342329135065715/10^30"));
    assert!(x < r("3146264369941972342329135065716/10^30"));
}

#[test]
fn signs_of_close_numbers() {
    assert!(r("1 + 1/10^30") > r("1"));
    assert!(r("sqrt(1 + 1/10^30)") > r("1"));
    assert_eq!(r("sqrt(10^120 + 1) - 10^60").signum(), Ordering::Greater);
    assert_eq!(r("10^60 - sqrt(10^120 - 1)").signum(), Ordering::Greater);
    assert_eq!(r("10^400 - (10^800 + 1)^(1/2)").signum(), Ordering::Less);
    assert_eq!(r("(sqrt(2) - 1)^50 - 1/(10^19)").signum(), Ordering::Less);
}

#[test]
fn undefined_is_not_undecided() {
    let sum = r("sqrt(2) - sqrt(3)");
    assert!(matches!(sum.root(2), Err(NoValue::Undefined(_))));
    assert!(matches!(
        Ring::neg(&sum).root(2),
        Err(NoValue::Undecided(_))
    ));
    assert!(matches!(r("-2").root(3), Err(NoValue::Undefined(_))));
    assert!(matches!(r("2").root(0), Err(NoValue::Undefined(_))));
    assert!(matches!(r("0").inv(), Err(NoValue::Undefined(_))));
    assert_eq!(r("0").root(3), Ok(r("0")));
}

#[test]
fn approximation_of_known_digits() {
    assert_eq!(r("31^(1/4)").approx(20), "~2.3596110617705668660");
    assert_eq!(r("1/3").approx(5), "~0.33333");
    assert_eq!(r("0").approx(5), "~0");
    assert_eq!(r("-12345").approx(5), "~-12345");
    assert_eq!(r("-12345/10^6").approx(3), "~-0.0123");
    assert_eq!(r("10^60").approx(1), "~1e60");
    assert_eq!(r("sqrt(2)/10^9").approx(4), "~1.414e-9");
}

#[test]
fn large_exponent_denominators() {
    let deep = (0..8).fold(r("2"), |x, _| x.root(1000).unwrap());
    assert!(deep > r("1") && deep < r("1 + 1/10^24") && deep > r("1 + 1/10^25"));
    assert_eq!((0..8).fold(deep, |x, _| Ring::pow(&x, 1000)), r("2"));
}

#[test]
fn inverses_of_sums() {
    assert_eq!(r("1/(sqrt(2) + 1)"), r("sqrt(2) - 1"));
    assert_eq!(r("1/(2^(1/3) + 1)"), r("(4^(1/3) - 2^(1/3) + 1)/3"));
    let long = r("1 + sqrt(2) - 3*sqrt(5) + 7^(1/4)/2");
    assert_eq!(
        long.inv().map(|inverse| Ring::mul(&inverse, &long)),
        Ok(r("1"))
    );
    let wide = r("1 + 2^(1/5) + 3^(1/5) + 5^(1/5)"); // degree 125
    assert!(matches!(wide.inv(), Err(NoValue::Undecided(_))));
    // Degree 2 after the common factor, far beyond 64 before.
    assert_eq!(
        r("(2^(1/80) + 2^(41/80))^(-1)"),
        r("2^(-1/80)*(sqrt(2) - 1)")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn balanced_vs_left_to_right(numbers in prop::collection::vec(radicals(), 0..12)) {
        prop_assert_eq!(Radical::balanced_sum(numbers.clone()), Radical::sum(&numbers));
    }

    /// For a single term c prod b^(n/d), the k-th power with k = lcm of the d is rational.
    #[test]
    fn enclosure_vs_powers(n in 1u32..10_000, d in 1u32..100, k in 1u32..9, bits in 2u32..300) {
        let q = Rational::from((n, d));
        let (lo, hi) = Radical::root_of(&q, k).unwrap().enclose(bits);
        prop_assert_eq!((lo.prec(), hi.prec()), (bits, bits));
        let exact = |f: &Float| f.to_rational().unwrap().pow(k);
        prop_assert!(exact(&lo) <= q && q <= exact(&hi));
        let width = Float::with_val(1000, &hi - &lo) << (bits - 2);
        prop_assert!(width <= lo, "relative width at most 2^(2 - bits)");
    }

    #[test]
    fn enclosures_nest(x in radicals(), bits in 2u32..200) {
        let (lo, hi) = x.enclose(bits);
        let (inner_lo, inner_hi) = x.enclose(2 * bits + 40);
        prop_assert!(lo <= inner_lo && inner_lo <= inner_hi && inner_hi <= hi);
    }

    #[test]
    fn parse_vs_display(x in radicals()) {
        prop_assert_eq!(&parse(&x.to_string()).unwrap(), &x);
        let json = serde_json::to_string(&x).unwrap();
        prop_assert_eq!(serde_json::from_str::<Radical>(&json).unwrap(), x);
    }

    /// The order agrees with enclosures wherever these separate.
    #[test]
    fn order_vs_enclosure(x in radicals(), y in radicals()) {
        let ((xl, xh), (yl, yh)) = (x.enclose(100), y.enclose(100));
        prop_assert!(xh >= yl || x < y);
        prop_assert!(yh >= xl || x > y);
        prop_assert_eq!(x == y, Ring::sub(&x, &y).terms().is_empty());
    }
}
