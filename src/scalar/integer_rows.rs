//! Rational vectors as integers over a common denominator, the inner loop of every first layer.
//!
//! `row . x = (sum_k p_k q_k) / (P Q)` for `row = p / P`, `x = q / Q` with integers `p, q`: one
//! gcd at the end instead of one per addition. Machine words where a bound on the sum shows that
//! they cannot overflow, GMP integers otherwise. Tied to the test `integer_rows_vs_dot`.

use super::Fired;
use rug::{Complete, Integer, Rational};
use std::cmp::Ordering;

/// A vector of rationals as integers and their least common denominator > 0.
pub(crate) fn clear_denominators<'a>(
    row: impl Iterator<Item = &'a Rational> + Clone,
) -> (Vec<Integer>, Integer) {
    let mut denominator = Integer::from(1);
    for q in row.clone() {
        denominator.lcm_mut(q.denom());
    }
    let numerators = row
        .map(|q| (&denominator / q.denom()).complete() * q.numer())
        .collect();
    (numerators, denominator)
}

/// A vector of rationals as `entries / denominator`.
#[derive(Debug)]
pub(super) struct IntegerRow {
    entries: Vec<Integer>,
    /// The entries again and their largest size, where all of them fit.
    words: Option<(Vec<i64>, u64)>,
    denominator: Integer,
}

impl IntegerRow {
    /// Clears denominators.
    pub fn new<'a>(row: impl Iterator<Item = &'a Rational> + Clone) -> Self {
        let (entries, denominator) = clear_denominators(row);
        IntegerRow {
            denominator,
            ..Self::of_integers(entries)
        }
    }

    /// Over the denominator 1.
    pub fn of_integers(entries: Vec<Integer>) -> Self {
        let words: Option<Vec<i64>> = entries.iter().map(Integer::to_i64).collect();
        let words = words.map(|words| {
            let largest = words.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0);
            (words, largest)
        });
        IntegerRow {
            entries,
            words,
            denominator: Integer::from(1),
        }
    }

    /// The numerator of the inner product over the product of the denominators; over the shorter of
    /// the two, as [`Ring::dot`](super::Ring::dot).
    pub fn dot(&self, other: &Self) -> Integer {
        if let (Some((a, largest_a)), Some((b, largest_b))) = (&self.words, &other.words) {
            let terms = a.len().min(b.len()) as u128;
            let product = u128::from(*largest_a) * u128::from(*largest_b);
            match product.checked_mul(terms) {
                Some(bound) if bound <= i64::MAX as u128 => return dot_i64(a, b).into(),
                Some(bound) if bound <= i128::MAX as u128 => return dot_i128(a, b).into(),
                _ => {}
            }
        }
        let pairs = self.entries.iter().zip(&other.entries);
        pairs.fold(Integer::new(), |total, (a, b)| total + a * b)
    }

    /// The common denominator.
    pub fn denominator(&self) -> &Integer {
        &self.denominator
    }

    /// `numerator / (denominators of both)`.
    pub fn quotient(&self, other: &Self, numerator: Integer) -> Rational {
        Rational::from((
            numerator,
            (&self.denominator * &other.denominator).complete(),
        ))
    }
}

fn dot_i64(a: &[i64], b: &[i64]) -> i64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn dot_i128(a: &[i64], b: &[i64]) -> i128 {
    a.iter()
        .zip(b)
        .map(|(a, b)| i128::from(*a) * i128::from(*b))
        .sum()
}

impl<S> Fired<S> {
    /// Files row `row` under its sign; the value is computed for positive rows only.
    pub(super) fn file(&mut self, row: usize, sign: Ordering, value: impl FnOnce() -> S) {
        match sign {
            Ordering::Greater => self.active.push((row, value())),
            Ordering::Equal => self.zero.push(row),
            Ordering::Less => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Entries of every size class: zeros, words, products past 64 bits, past 128 bits.
    fn entry() -> impl Strategy<Value = Rational> {
        let edge = prop::sample::select(vec![0, 1, -1, i64::MAX, i64::MIN, i64::MAX / 3]);
        let p = prop_oneof![-9i64..=9, edge, any::<i64>()];
        (p, 1i64..=4, 0u32..2).prop_map(|(p, q, k)| {
            let p = Integer::from(p);
            Rational::from((if k == 1 { p.clone() * p } else { p }, q))
        })
    }

    proptest! {
        #[test]
        fn integers_vs_rationals(rows in prop::collection::vec((entry(), entry()), 0..8)) {
            let (a, b): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let (p, q) = (IntegerRow::new(a.iter()), IntegerRow::new(b.iter()));
            let expected = a.iter().zip(&b).map(|(a, b)| (a * b).complete()).sum::<Rational>();
            prop_assert_eq!(p.quotient(&q, p.dot(&q)), expected);
        }
    }

    #[test]
    fn the_bound_is_sharp() {
        let row = |entries: &[i64]| {
            let entries: Vec<Rational> = entries.iter().map(|&n| n.into()).collect();
            IntegerRow::new(entries.iter())
        };
        let dot = |a: &[i64], b: &[i64]| row(a).dot(&row(b));
        assert_eq!(dot(&[i64::MAX], &[1]), i64::MAX);
        assert_eq!(dot(&[i64::MIN], &[1]), i64::MIN);
        assert_eq!(dot(&[i64::MAX, 1], &[1, 1]), Integer::from(1) << 63u32);
        assert_eq!(
            dot(&[i64::MIN; 2], &[i64::MIN; 2]),
            Integer::from(1) << 127u32
        );
        assert_eq!(dot(&[], &[]), 0);
    }
}
