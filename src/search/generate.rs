//! Random rationals, vectors, subsets and datasets, odd values among them on purpose.
//!
//! Boundary values (0, +-1, +-1/2) and numbers with thirty digits come up in every long run; datasets
//! repeat inputs, carry label 0 and contradict themselves where [`Options`] allow it.

use crate::data::{Dataset, xor};
use crate::scalar::{Integer, Rational, Ring};
use rand::Rng;

/// A number in `0..n`, `n >= 1` (0 for `n = 0`): the high word of `n` times a random word. The bias is
/// below `n / 2^64`.
pub fn below(rng: &mut impl Rng, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// A number in `low..=high`, `low <= high`.
pub fn between(rng: &mut impl Rng, low: i64, high: i64) -> i64 {
    let width = (i128::from(high) - i128::from(low) + 1).max(1) as u128;
    (i128::from(low) + ((u128::from(rng.next_u64()) * width) >> 64) as i128) as i64
}

/// True with probability `1/n`.
pub fn one_in(rng: &mut impl Rng, n: usize) -> bool {
    below(rng, n) == 0
}

/// A random entry; `None` of an empty list.
pub fn choose<'a, T>(rng: &mut impl Rng, items: &'a [T]) -> Option<&'a T> {
    items.get(below(rng, items.len()))
}

/// 0, 1, -1, 1/2 or -1/2.
pub fn boundary(rng: &mut impl Rng) -> Rational {
    let values = [(0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2)];
    Rational::from(values[below(rng, values.len())])
}

/// `p/q` with `|p| <= 12`, `1 <= q <= 6`.
pub fn small(rng: &mut impl Rng) -> Rational {
    Rational::from((between(rng, -12, 12), between(rng, 1, 6)))
}

/// `p/q` with `|p|, q <= 10^30`, `q >= 1`: of size about 1, or far from it.
pub fn huge(rng: &mut impl Rng) -> Rational {
    let mut digits = |count: usize| -> Integer {
        let nines = (0..count).fold(Integer::new(), |n, _| n * 10 + between(rng, 0, 9));
        nines + 1
    };
    let (p, q) = (digits(30), digits(30));
    let magnitude = match between(rng, 0, 3) {
        0 => Rational::from(p),
        1 => Rational::from((Integer::from(1), q)),
        _ => Rational::from((p, q)),
    };
    if one_in(rng, 2) {
        magnitude
    } else {
        -magnitude
    }
}

/// A rational: boundary value 2 times in 10, huge once, small otherwise.
pub fn rational(rng: &mut impl Rng) -> Rational {
    match below(rng, 10) {
        0 | 1 => boundary(rng),
        2 => huge(rng),
        _ => small(rng),
    }
}

/// A [`rational`] other than 0.
pub fn nonzero(rng: &mut impl Rng) -> Rational {
    let q = rational(rng);
    if q.is_zero() { Rational::from(1) } else { q }
}

/// A rational `> 0`.
pub fn positive(rng: &mut impl Rng) -> Rational {
    nonzero(rng).abs()
}

/// `d` entries.
pub fn vector(rng: &mut impl Rng, d: usize) -> Vec<Rational> {
    (0..d).map(|_| rational(rng)).collect()
}

/// `rows` rows of `columns` entries.
pub fn matrix(rng: &mut impl Rng, rows: usize, columns: usize) -> Vec<Vec<Rational>> {
    (0..rows).map(|_| vector(rng, columns)).collect()
}

/// A point of `{-1,1}^d`.
pub fn signs(rng: &mut impl Rng, d: usize) -> Vec<Rational> {
    (0..d)
        .map(|_| Ring::from_int(xor::coordinate(rng.next_u64(), 0)))
        .collect()
}

/// A rational vector of norm exactly 1 in dimension `d >= 1`, by stereographic projection of a random
/// rational point: `x = (2 t, 1 - |t|^2) / (1 + |t|^2)`.
pub fn unit_vector(rng: &mut impl Rng, d: usize) -> Vec<Rational> {
    let t: Vec<Rational> = (1..d).map(|_| small(rng)).collect();
    let s: Rational = Ring::dot(&t, &t);
    let denominator = Rational::from(&s + 1);
    let height = Rational::from(1) - s;
    let mut x: Vec<Rational> = t.into_iter().map(|t| t * 2).chain([height]).collect();
    x.iter_mut().for_each(|x| *x /= &denominator);
    // Both hemispheres.
    if one_in(rng, 2) {
        x.iter().map(Ring::neg).collect()
    } else {
        x
    }
}

/// Each of `0..n` with probability 1/2, ascending.
pub fn subset(rng: &mut impl Rng, n: usize) -> Vec<usize> {
    (0..n).filter(|_| one_in(rng, 2)).collect()
}

/// `k` of `0..n` (all of them when `k > n`), each set equally likely, ascending.
pub fn subset_of_size(rng: &mut impl Rng, n: usize, k: usize) -> Vec<usize> {
    let mut missing = k.min(n);
    // Index i is taken with probability (still missing) / (still to come).
    (0..n)
        .filter(|i| {
            let taken = below(rng, n - i) < missing;
            missing -= usize::from(taken);
            taken
        })
        .collect()
}

/// Where inputs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// Any rational vectors.
    Any,
    /// The cube `{-1,1}^d`.
    Cube,
    /// Rational points of the unit sphere: equal norms, so every distinct point is extreme.
    Sphere,
}

/// Which labels occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Any rationals, 0 with probability at least 1/4.
    Any,
    /// Any rationals but 0.
    Nonzero,
    /// +1 and -1.
    Signs,
}

/// What a random [`dataset`] may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where inputs come from.
    pub inputs: Inputs,
    /// Which labels occur.
    pub labels: Labels,
    /// Whether inputs may repeat, with their label.
    pub repeats: bool,
    /// Whether a repeated input may come with another label; needs `repeats`.
    pub contradictions: bool,
}

impl Default for Options {
    /// Any distinct inputs with any labels.
    fn default() -> Self {
        Self {
            inputs: Inputs::Any,
            labels: Labels::Any,
            repeats: false,
            contradictions: false,
        }
    }
}

impl Options {
    /// Whether `data` is as the options say.
    pub fn admit(&self, data: &Dataset<Rational>) -> bool {
        let unit = |q: &Rational| *q == 1 || *q == -1;
        let inputs = match self.inputs {
            Inputs::Any => true,
            Inputs::Cube => data.x.iter().flatten().all(unit),
            Inputs::Sphere => data.x.iter().all(|x| <Rational as Ring>::dot(x, x) == 1),
        };
        let labels = match self.labels {
            Labels::Any => true,
            Labels::Nonzero => data.y.iter().all(|y| !y.is_zero()),
            Labels::Signs => data.y.iter().all(unit),
        };
        let distinct = data.distinct();
        let repeats = match &distinct {
            None => self.repeats && self.contradictions,
            Some(distinct) => self.repeats || distinct.len() == data.len(),
        };
        inputs && labels && repeats
    }
}

/// A dataset of `n` samples in dimension `d`. Fewer if distinct inputs are asked for and run out.
pub fn dataset(rng: &mut impl Rng, n: usize, d: usize, options: &Options) -> Dataset<Rational> {
    let mut data: Dataset<Rational> = Dataset {
        x: Vec::new(),
        y: Vec::new(),
    };
    for _ in 0..n {
        if options.repeats && !data.is_empty() && one_in(rng, 3) {
            let twin = below(rng, data.len());
            let other = options.contradictions && one_in(rng, 2);
            let y = if other {
                label(rng, options.labels)
            } else {
                data.y[twin].clone()
            };
            data.x.push(data.x[twin].clone());
            data.y.push(y);
        } else if let Some(x) = new_input(rng, &data.x, d, options.inputs) {
            data.x.push(x);
            data.y.push(label(rng, options.labels));
        }
    }
    data
}

/// An input not among `seen`; `None` when many draws find none.
fn new_input(
    rng: &mut impl Rng,
    seen: &[Vec<Rational>],
    d: usize,
    inputs: Inputs,
) -> Option<Vec<Rational>> {
    const DRAWS: usize = 100;
    (0..DRAWS)
        .map(|_| match inputs {
            Inputs::Any => vector(rng, d),
            Inputs::Cube => signs(rng, d),
            Inputs::Sphere => unit_vector(rng, d),
        })
        .find(|x| !seen.contains(x))
}

fn label(rng: &mut impl Rng, labels: Labels) -> Rational {
    match labels {
        Labels::Any if one_in(rng, 4) => Rational::new(),
        Labels::Any => rational(rng),
        Labels::Nonzero => nonzero(rng),
        Labels::Signs => Rational::from(between(rng, 0, 1) * 2 - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::extreme::extreme_points;
    use crate::search::rng;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn options() -> impl Strategy<Value = Options> {
        (0..3usize, 0..3usize, any::<bool>(), any::<bool>()).prop_map(
            |(i, l, repeats, contradictions)| Options {
                inputs: [Inputs::Any, Inputs::Cube, Inputs::Sphere][i],
                labels: [Labels::Any, Labels::Nonzero, Labels::Signs][l],
                repeats,
                contradictions,
            },
        )
    }

    proptest! {
        #[test]
        fn datasets_keep_their_options(seed in any::<u64>(), n in 0usize..12, d in 1usize..5, options in options()) {
            let data = dataset(&mut rng(seed, "dataset"), n, d, &options);
            prop_assert_eq!(&data, &dataset(&mut rng(seed, "dataset"), n, d, &options));
            prop_assert!(data.len() <= n && data.x.len() == data.y.len());
            prop_assert!(options.admit(&data));
            prop_assert!(data.x.iter().all(|x| x.len() == d));
            let norm = |x: &Vec<Rational>| -> Rational { Ring::dot(x, x) };
            match options.inputs {
                Inputs::Any => prop_assert!(d == 1 || data.len() == n),
                Inputs::Cube => prop_assert!(data.x.iter().flatten().all(|x| x.clone().abs() == 1)),
                Inputs::Sphere => prop_assert!(data.x.iter().all(|x| norm(x) == 1)),
            }
            match options.labels {
                Labels::Any => {}
                Labels::Nonzero => prop_assert!(data.y.iter().all(|y| !y.is_zero())),
                Labels::Signs => prop_assert!(data.y.iter().all(|y| y.clone().abs() == 1)),
            }
            let distinct: BTreeSet<_> = data.x.iter().collect();
            prop_assert!(options.repeats || distinct.len() == data.len());
            let labels: BTreeMap<_, BTreeSet<_>> = data.x.iter().zip(&data.y).fold(BTreeMap::new(), |mut map, (x, y)| {
                map.entry(x).or_insert_with(BTreeSet::new).insert(y);
                map
            });
            prop_assert!(options.contradictions || labels.values().all(|labels| labels.len() == 1));
            if options.inputs == Inputs::Sphere && !options.repeats {
                prop_assert!(extreme_points(&data.x).iter().all(Result::is_ok));
            }
        }

        #[test]
        fn subsets_are_ascending(seed in any::<u64>(), n in 0usize..20, k in 0usize..25) {
            let rng = &mut rng(seed, "subset");
            for (chosen, size) in [(subset(rng, n), None), (subset_of_size(rng, n, k), Some(k.min(n)))] {
                prop_assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(chosen.iter().all(|i| *i < n));
                prop_assert!(size.is_none_or(|size| size == chosen.len()));
            }
        }

        #[test]
        fn ranges_are_kept(seed in any::<u64>(), low in any::<i64>(), high in any::<i64>(), n in 1usize..) {
            let rng = &mut rng(seed, "range");
            let (low, high) = (low.min(high), low.max(high));
            prop_assert!((low..=high).contains(&between(rng, low, high)));
            prop_assert!(below(rng, n) < n);
        }
    }

    #[test]
    fn odd_values_come_up() {
        let rng = &mut rng(0, "odd values");
        let drawn: Vec<Rational> = (0..500).map(|_| rational(rng)).collect();
        for wanted in [(0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2)] {
            assert!(drawn.contains(&Rational::from(wanted)));
        }
        let digits = |n: &Integer| n.to_string().len();
        assert!(
            drawn
                .iter()
                .any(|q| digits(q.numer()) >= 30 && *q.denom() == 1)
        );
        assert!(
            drawn
                .iter()
                .any(|q| digits(q.denom()) >= 30 && *q.numer() == 1)
        );
        assert!(
            drawn
                .iter()
                .any(|q| digits(q.denom()) >= 28 && digits(q.numer()) >= 28)
        );
    }

    #[test]
    fn repeats_zeros_and_contradictions_come_up() {
        let options = Options {
            repeats: true,
            contradictions: true,
            ..Options::default()
        };
        let data = dataset(&mut rng(0, "dataset"), 60, 2, &options);
        let pairs = || (0..60).flat_map(|i| (0..i).map(move |j| (i, j)));
        assert!(pairs().any(|(i, j)| data.x[i] == data.x[j] && data.y[i] == data.y[j]));
        assert!(pairs().any(|(i, j)| data.x[i] == data.x[j] && data.y[i] != data.y[j]));
        assert!(data.y.iter().any(Rational::is_zero));
        // A cube with fewer points than samples: all of it, and no more.
        let cube = Options {
            inputs: Inputs::Cube,
            ..Options::default()
        };
        assert_eq!(dataset(&mut rng(0, "cube"), 60, 2, &cube).len(), 4);
    }

    #[test]
    fn subsets_of_one_size_are_equally_likely() {
        let rng = &mut rng(0, "uniform");
        let mut counts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        (0..6000).for_each(|_| *counts.entry(subset_of_size(rng, 4, 2)).or_default() += 1);
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|count| (850..1150).contains(count)),
            "{counts:?}"
        );
    }
}
