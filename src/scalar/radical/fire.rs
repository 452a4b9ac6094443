//! The first layer over radicals: rows such as `31^(1/4) (p_1, ..., p_d)` are a positive scale times a
//! rational row, so sign and zero test are those of integers, and only positive entries become
//! radicals again. Rows and inputs of any other shape are multiplied out.
//! A weighted sum of such rows is one sum of integers for each root that occurs.
//! Tied to the tests `integer_rows_vs_dot` and `integer_sums_vs_fire`.

use super::{Monomial, Radical};
use crate::scalar::integer_rows::{IntegerRow, clear_denominators};
use crate::scalar::{Fired, Ring};
use rayon::prelude::*;
use rug::{Integer, Rational};
use std::collections::BTreeMap;

/// A vector of radicals, factored if it can be.
struct Row<'a> {
    entries: &'a [Radical],
    /// `entries = scale * row` with a monomial scale.
    scaled: Option<(Radical, IntegerRow)>,
}

impl<'a> Row<'a> {
    fn new(entries: &'a [Radical]) -> Self {
        let scaled = common_monomial(entries).map(|scale| {
            let coefficient =
                |x: &'a Radical| x.terms().first().map_or(Rational::ZERO, |t| &t.coefficient);
            let scale = Radical::single(Rational::from(1), scale);
            (scale, IntegerRow::new(entries.iter().map(coefficient)))
        });
        Row { entries, scaled }
    }
}

/// The monomial of all entries that are not 0, if these are single terms with the same one.
fn common_monomial(entries: &[Radical]) -> Option<Monomial> {
    let mut nonzero = entries
        .iter()
        .map(Radical::terms)
        .filter(|terms| !terms.is_empty());
    let Some(first) = nonzero.next() else {
        return Some(Monomial::ONE);
    };
    let scale = &first[0].monomial;
    let fits = first.len() == 1 && nonzero.all(|t| t.len() == 1 && t[0].monomial == *scale);
    fits.then(|| scale.clone())
}

/// See [`Ordered::fire`](crate::scalar::Ordered::fire).
pub(super) fn fire(rows: &[Vec<Radical>], xs: &[Vec<Radical>]) -> Vec<Fired<Radical>> {
    let rows: Vec<Row> = rows.par_iter().map(|row| Row::new(row)).collect();
    xs.par_iter()
        .map(|x| fire_at(&rows, &Row::new(x)))
        .collect()
}

fn fire_at(rows: &[Row], x: &Row) -> Fired<Radical> {
    let mut fired = Fired {
        active: Vec::new(),
        zero: Vec::new(),
    };
    for (j, row) in rows.iter().enumerate() {
        if let (Some((scale, row)), Some((scale_x, x))) = (&row.scaled, &x.scaled) {
            let numerator = row.dot(x);
            fired.file(j, numerator.cmp0(), || {
                let value = Radical::from_rational(row.quotient(x, numerator));
                Ring::mul(&Ring::mul(scale, &value), scale_x)
            });
        } else {
            let value = Radical::dot(row.entries, x.entries);
            fired.file(j, value.signum(), || value);
        }
    }
    fired
}

/// Rows whose `weight * scale / denominator` are `factor / denominator` times one monomial, so that their
/// part of the sum is that of integers.
struct Group {
    monomial: Monomial,
    rows: Vec<usize>,
    factors: Vec<Integer>,
    denominator: Integer,
}

/// The groups, and the rows in none: those without a scale, and with a weight of several terms.
fn groups(weights: &[Radical], rows: &[Row]) -> (Vec<Group>, Vec<usize>) {
    let (mut coefficients, mut others) = (BTreeMap::new(), Vec::new());
    for (j, (weight, row)) in weights.iter().zip(rows).enumerate() {
        let Some((scale, row)) = &row.scaled else {
            others.push(j);
            continue;
        };
        match Ring::mul(weight, scale).terms() {
            [] => {}
            [term] => {
                let coefficient = Rational::from(&term.coefficient / row.denominator());
                let of = coefficients.entry(term.monomial.clone());
                of.or_insert_with(Vec::new).push((j, coefficient));
            }
            _ => others.push(j),
        }
    }
    let group = |(monomial, coefficients): (Monomial, Vec<(usize, Rational)>)| {
        let (rows, coefficients): (Vec<_>, Vec<_>) = coefficients.into_iter().unzip();
        let (factors, denominator) = clear_denominators(coefficients.iter());
        Group {
            monomial,
            rows,
            factors,
            denominator,
        }
    };
    (coefficients.into_iter().map(group).collect(), others)
}

/// See [`Ordered::relu_sums`](crate::scalar::Ordered::relu_sums).
pub(super) fn relu_sums(
    weights: &[Radical],
    rows: &[Vec<Radical>],
    xs: &[Vec<Radical>],
) -> Vec<Radical> {
    let rows: Vec<Row> = rows.par_iter().map(|row| Row::new(row)).collect();
    let (groups, others) = groups(weights, &rows);
    xs.par_iter()
        .map(|x| match Row::new(x) {
            Row {
                scaled: Some((scale, x)),
                entries,
            } => {
                let by_groups = groups.iter().map(|group| group.sum(&rows, &scale, &x));
                let by_dot = others
                    .iter()
                    .map(|j| relu_of_dot(&weights[*j], &rows[*j], entries));
                Radical::balanced_sum(by_groups.chain(by_dot).collect())
            }
            x => fire_at(&rows, &x).weighted(weights),
        })
        .collect()
}

impl Group {
    /// `sum_j weights_j relu(row_j . x)` over the group.
    fn sum(&self, rows: &[Row], scale_x: &Radical, x: &IntegerRow) -> Radical {
        let mut total = Integer::new();
        for (j, factor) in self.rows.iter().zip(&self.factors) {
            let numerator = rows[*j].scaled.as_ref().map(|(_, row)| row.dot(x));
            if let Some(numerator) = numerator.filter(|numerator| *numerator > 0) {
                total += factor * numerator;
            }
        }
        let denominator = Integer::from(&self.denominator * x.denominator());
        let sum = Radical::single(Rational::from((total, denominator)), self.monomial.clone());
        Ring::mul(&sum, scale_x)
    }
}

/// `weight * relu(row . x)`.
fn relu_of_dot(weight: &Radical, row: &Row, x: &[Radical]) -> Radical {
    let z = Radical::dot(row.entries, x);
    if z.signum().is_gt() {
        Ring::mul(weight, &z)
    } else {
        Radical::zero()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::radicals;
    use crate::scalar::{Ordered, Radical, Rational, Ring, fire_by_dot};
    use proptest::prelude::*;

    /// Rows of length 3: small rationals with many zeros times a root, or any sums of radicals.
    fn vector() -> impl Strategy<Value = Vec<Radical>> {
        let scale = (
            prop::sample::select(vec![1u32, 31, 12, 1_022_117]),
            1u32..=4,
        );
        let scaled = (scale, prop::collection::vec((-2i64..=2, 1i64..=3), 3));
        let scaled = scaled.prop_map(|((b, k), entries)| {
            let root = Radical::root_of(&Rational::from(b), k).unwrap();
            let entry = |q| Ring::mul(&Radical::from_rational(Rational::from(q)), &root);
            entries.into_iter().map(entry).collect()
        });
        prop_oneof![3 => scaled, 1 => prop::collection::vec(radicals(), 3)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn integer_rows_vs_dot(
            rows in prop::collection::vec(vector(), 0..6),
            xs in prop::collection::vec(vector(), 0..4),
        ) {
            let by_dot: Vec<_> = xs.iter().map(|x| fire_by_dot(&rows, x).unwrap()).collect();
            prop_assert_eq!(Radical::fire(&rows, &xs).unwrap(), by_dot);
        }

        #[test]
        fn integer_sums_vs_fire(
            neurons in prop::collection::vec((vector(), radicals()), 0..6),
            scale in prop::sample::select(vec![1u32, 31, 12]),
            xs in prop::collection::vec(vector(), 0..4),
        ) {
            let (rows, weights): (Vec<_>, Vec<_>) = neurons.into_iter().unzip();
            let root = Radical::root_of(&Rational::from(scale), 4).unwrap();
            let single: Vec<Radical> =
                (0..rows.len()).map(|j| Ring::mul(&root, &Radical::from_int(j as i64 - 2))).collect();
            for weights in [weights, single] {
                let fired = Radical::fire(&rows, &xs).unwrap();
                let by_fire: Vec<Radical> = fired.iter().map(|z| z.weighted(&weights)).collect();
                prop_assert_eq!(Radical::relu_sums(&weights, &rows, &xs).unwrap(), by_fire);
            }
        }

        #[test]
        fn integer_rows_vs_dot_rational(
            rows in prop::collection::vec(prop::collection::vec((-2i64..=2, 1i64..=3), 3), 0..6),
            xs in prop::collection::vec(prop::collection::vec((-2i64..=2, 1i64..=3), 3), 0..4),
        ) {
            let rational = |rows: Vec<Vec<(i64, i64)>>| -> Vec<Vec<Rational>> {
                rows.into_iter().map(|r| r.into_iter().map(Rational::from).collect()).collect()
            };
            let (rows, xs) = (rational(rows), rational(xs));
            let by_dot: Vec<_> = xs.iter().map(|x| fire_by_dot(&rows, x).unwrap()).collect();
            prop_assert_eq!(Rational::fire(&rows, &xs).unwrap(), by_dot);
        }
    }
}
