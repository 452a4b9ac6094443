//! Integers over a coprime base, without factoring them.
//!
//! A base is a set of integers > 1 that are pairwise coprime and not perfect powers. Primes below
//! 1000 are split off by trial division; what is left of an integer stays whole, as a power of its
//! root, and is split further only when it meets another integer with which it shares a factor:
//! `{m, n} -> {m/g, n/g, g}` with `g = gcd(m, n)`, until all are coprime.
//!
//! Tied to the tests `split_multiplies_back` and `coprime_base_is_one`.

use rug::{Complete, Integer};
use std::sync::LazyLock;

/// Primes below this bound are split off by trial division.
pub(super) const SMALL: u32 = 1000;

static PRIMES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let is_prime = |n: u32| {
        (2..n)
            .take_while(|d| d * d <= n)
            .all(|d| !n.is_multiple_of(d))
    };
    (2..SMALL).filter(|&n| is_prime(n)).collect()
});

/// `n = prod b^v` for `n >= 1`: the primes below [`SMALL`], then the rest as a power of its root.
pub(super) fn split(n: &Integer) -> Vec<(Integer, u32)> {
    let mut rest = n.clone();
    let mut powers = Vec::new();
    for &p in PRIMES.iter() {
        if rest < p * p {
            break; // the rest is 1 or prime
        }
        if rest.is_divisible_u(p) {
            let p = Integer::from(p);
            let valuation = rest.remove_factor_mut(&p);
            powers.push((p, valuation));
        }
    }
    if rest > 1 {
        powers.push(perfect_power_root(rest));
    }
    powers
}

/// `(r, k)` with `n = r^k` and `k` as large as possible, for `n > 1`.
fn perfect_power_root(mut n: Integer) -> (Integer, u32) {
    let mut exponent = 1;
    while n.is_perfect_power() {
        let root = (2..=n.significant_bits()).find_map(|k| {
            let (root, rest) = n.root_rem_ref(k).complete();
            rest.is_zero().then_some((root, k))
        });
        let Some((root, k)) = root else { break };
        (n, exponent) = (root, exponent * k);
    }
    (n, exponent)
}

/// Whether two base elements cannot stand in one base.
pub(super) fn clash(a: &Integer, b: &Integer) -> bool {
    a != b && a.gcd_ref(b).complete() != 1
}

/// A base over which each of the `numbers` (all > 1) is a product.
pub(super) fn coprime_base(numbers: impl IntoIterator<Item = Integer>) -> Vec<Integer> {
    let mut base: Vec<Integer> = Vec::new();
    let mut todo: Vec<Integer> = numbers.into_iter().filter(|n| *n > 1).collect();
    while let Some(n) = todo.pop() {
        if base.contains(&n) {
            continue;
        }
        match base.iter().position(|b| clash(&n, b)) {
            None => base.push(n),
            Some(i) => {
                let b = base.swap_remove(i);
                let g = n.gcd_ref(&b).complete();
                // The product of all numbers falls by g > 1, so this ends.
                todo.extend(
                    [n.div_exact(&g), b.div_exact(&g), g]
                        .into_iter()
                        .filter(|n| *n > 1),
                );
            }
        }
    }
    base.into_iter().map(|n| perfect_power_root(n).0).collect()
}

/// `n = prod b^v` over a base that [`coprime_base`] made from `n` and others.
pub(super) fn over<'a>(n: &Integer, base: &'a [Integer]) -> Vec<(&'a Integer, u32)> {
    let mut rest = n.clone();
    base.iter()
        .map(|b| (b, rest.remove_factor_mut(b)))
        .filter(|(_, v)| *v > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rug::ops::Pow;

    fn product<'a>(powers: impl IntoIterator<Item = (&'a Integer, u32)>) -> Integer {
        powers
            .into_iter()
            .fold(Integer::from(1), |n, (b, v)| n * Integer::from(b.pow(v)))
    }

    fn assert_base(base: &[Integer]) {
        for (i, a) in base.iter().enumerate() {
            assert!(*a > 1 && !a.is_perfect_power(), "{a}");
            assert!(
                base[..i].iter().all(|b| Integer::from(a.gcd_ref(b)) == 1),
                "{a}"
            );
        }
    }

    proptest! {
        #[test]
        fn split_multiplies_back(n in 1u64.., k in 1u32..5) {
            let n = Integer::from(n).pow(k);
            let powers = split(&n);
            prop_assert_eq!(product(powers.iter().map(|(b, v)| (b, *v))), n);
            assert_base(&powers.into_iter().map(|p| p.0).collect::<Vec<_>>());
        }

        #[test]
        fn coprime_base_is_one(ns in prop::collection::vec(2u64..5000, 1..8)) {
            let ns: Vec<Integer> = ns.into_iter().map(Integer::from).collect();
            let base = coprime_base(ns.clone());
            assert_base(&base);
            for n in &ns {
                prop_assert_eq!(&product(over(n, &base)), n);
            }
        }
    }

    #[test]
    fn primes_and_powers() {
        assert_eq!((PRIMES.len(), PRIMES.last()), (168, Some(&997)));
        let sixth = Integer::from(1009).pow(6);
        assert_eq!(perfect_power_root(sixth), (Integer::from(1009), 6));
        assert_eq!(split(&Integer::from(1)), []);
    }
}
