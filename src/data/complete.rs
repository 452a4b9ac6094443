//! Complete training sets (Wen, Li, Ma 2023, Condition 1): `{-1,1}^2 x S` with `y = x[1] x[2]`, where
//! the differences `S - S` span `R^{d-2}`.
//!
//! A suffix `s` in `S` is the bits of a `u64` as in [`xor`]: bit `k` is the sign of `x[k+3]`.
//! Condition 1 is an exact rank, `rank { s - s_0 : s in S } = d - 2` (test `condition_1_vs_all_differences`).
//! `d = 2` has the one suffix `()`.

use super::Dataset;
use super::xor::{self, BadDimension};
use crate::linalg::Echelon;
use crate::scalar::{Rational, Ring};
use rand::Rng;
use std::collections::BTreeSet;

/// The largest `d` of a complete set: a point is one `u64`.
pub const MAX_D: usize = 64;
/// The largest `d` for which all of `{-1,1}^{d-2}`, or the unseen points, are listed.
pub const MAX_LISTED: usize = 16;

/// Why a set of suffixes is not one of Condition 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// The differences do not span.
    #[error("the differences of S have rank {rank}, Condition 1 needs {needed}")]
    Rank {
        /// `rank (S - S)`.
        rank: usize,
        /// `d - 2`.
        needed: usize,
    },
    /// `S` is empty.
    #[error("S is empty")]
    Empty,
    /// A suffix has a bit at or beyond `d - 2`.
    #[error("suffix {suffix:#b} has more than d - 2 = {length} coordinates")]
    Suffix {
        /// The offending bits.
        suffix: u64,
        /// `d - 2`.
        length: usize,
    },
    /// No complete set has that many elements.
    #[error("a complete S has between {min} and {max} elements, not {size}")]
    Size {
        /// The size asked for.
        size: usize,
        /// `d - 1`.
        min: usize,
        /// `2^{d-2}`, as far as it fits.
        max: usize,
    },
    /// `d` out of range.
    #[error(transparent)]
    Dimension(#[from] BadDimension),
}

/// A set `S` that satisfies Condition 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteSet {
    d: usize,
    /// Distinct, in the order given.
    suffixes: Vec<u64>,
}

impl CompleteSet {
    /// Checks Condition 1. Repeated suffixes count once.
    ///
    /// # Errors
    /// [`Incomplete`] says what is missing, among it the exact rank.
    pub fn new(d: usize, suffixes: &[u64]) -> Result<Self, Incomplete> {
        BadDimension::check(d, 2, MAX_D, "complete training sets")?;
        let length = d - 2;
        if let Some(&suffix) = suffixes.iter().find(|&&s| s >> length != 0) {
            return Err(Incomplete::Suffix { suffix, length });
        }
        let mut seen = BTreeSet::new();
        let suffixes: Vec<u64> = suffixes
            .iter()
            .copied()
            .filter(|&s| seen.insert(s))
            .collect();
        if suffixes.is_empty() {
            return Err(Incomplete::Empty);
        }
        let rank = affine_basis(&suffixes, length).len();
        if rank < length {
            return Err(Incomplete::Rank {
                rank,
                needed: length,
            });
        }
        Ok(Self { d, suffixes })
    }

    /// `d - 1` suffixes: `(1, ..., 1)` and its neighbours, each with one sign flipped.
    ///
    /// # Errors
    /// [`BadDimension`] unless `2 <= d <= MAX_D`.
    pub fn smallest(d: usize) -> Result<Self, BadDimension> {
        BadDimension::check(d, 2, MAX_D, "complete training sets")?;
        let ones = (1u64 << (d - 2)) - 1;
        let neighbours = (0..d - 2).map(|k| ones ^ 1 << k);
        Ok(Self {
            d,
            suffixes: [ones].into_iter().chain(neighbours).collect(),
        })
    }

    /// All of `{-1,1}^{d-2}`: no point of the cube is unseen.
    ///
    /// # Errors
    /// [`BadDimension`] unless `2 <= d <= MAX_LISTED`.
    pub fn all(d: usize) -> Result<Self, BadDimension> {
        BadDimension::check(d, 2, MAX_LISTED, "listing all suffixes")?;
        Ok(Self {
            d,
            suffixes: (0..1 << (d - 2)).collect(),
        })
    }

    /// A random complete `S` of `size` suffixes: random ones that raise the rank until it is `d - 2`
    /// (each draw does with probability at least 1/2), then any new ones.
    ///
    /// # Errors
    /// [`Incomplete`] unless `2 <= d <= MAX_D` and `d - 1 <= size <= 2^{d-2}`.
    pub fn random(d: usize, size: usize, rng: &mut impl Rng) -> Result<Self, Incomplete> {
        BadDimension::check(d, 2, MAX_D, "complete training sets")?;
        let length = d - 2;
        let (min, max) = (
            d - 1,
            1usize.checked_shl(length as u32).unwrap_or(usize::MAX),
        );
        if !(min..=max).contains(&size) {
            return Err(Incomplete::Size { size, min, max });
        }
        let mut draw = || rng.next_u64() & ((1 << length) - 1);
        let mut suffixes = vec![draw()];
        let mut echelon = Echelon::new();
        while echelon.rank() < length {
            let suffix = draw();
            if echelon.push(&difference(suffix, suffixes[0], length)) {
                suffixes.push(suffix);
            }
        }
        let mut seen: BTreeSet<u64> = suffixes.iter().copied().collect();
        while suffixes.len() < size {
            let suffix = draw();
            if seen.insert(suffix) {
                suffixes.push(suffix);
            }
        }
        Ok(Self { d, suffixes })
    }

    /// The dimension of the inputs, `d`.
    pub fn d(&self) -> usize {
        self.d
    }

    /// `S`, distinct, each as `d - 2` bits.
    pub fn suffixes(&self) -> &[u64] {
        &self.suffixes
    }

    /// The training inputs as points of the cube: the four prefixes of each suffix in turn.
    pub fn points(&self) -> Vec<u64> {
        self.suffixes
            .iter()
            .flat_map(|&s| with_prefixes(s))
            .collect()
    }

    /// `{-1,1}^2 x S` with labels `x[1] x[2]`, in the order of [`Self::points`]; `n = 4 |S|`.
    pub fn training_set(&self) -> Dataset<Rational> {
        xor::labelled(self.points(), self.d)
    }

    /// The points of the cube that are not in the training set, grouped by suffix.
    ///
    /// # Errors
    /// [`BadDimension`] unless `d <= MAX_LISTED`.
    pub fn unseen(&self) -> Result<Vec<u64>, BadDimension> {
        BadDimension::check(self.d, 2, MAX_LISTED, "listing the unseen points")?;
        let seen: BTreeSet<u64> = self.suffixes.iter().copied().collect();
        let unseen = (0..1 << (self.d - 2)).filter(|s| !seen.contains(s));
        Ok(unseen.flat_map(with_prefixes).collect())
    }
}

/// The four points with this suffix.
fn with_prefixes(suffix: u64) -> impl Iterator<Item = u64> {
    (0..4).map(move |prefix| suffix << 2 | prefix)
}

/// `u - s`, entries in `{-2, 0, 2}`.
pub(super) fn difference(u: u64, s: u64, length: usize) -> Vec<Rational> {
    (0..length)
        .map(|k| Ring::from_int(xor::coordinate(u, k) - xor::coordinate(s, k)))
        .collect()
}

/// Suffixes whose differences from the first one are a basis of the span of all of them.
pub(super) fn affine_basis(suffixes: &[u64], length: usize) -> Vec<u64> {
    let mut echelon = Echelon::new();
    let mut basis = Vec::new();
    for &suffix in suffixes {
        if echelon.rank() == length {
            break;
        }
        if echelon.push(&difference(suffix, suffixes[0], length)) {
            basis.push(suffix);
        }
    }
    basis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::rank;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn suffix_sets() -> impl Strategy<Value = (usize, Vec<u64>)> {
        (2usize..=6).prop_flat_map(|d| (Just(d), prop::collection::vec(0u64..1 << (d - 2), 0..=8)))
    }

    fn random_sets() -> impl Strategy<Value = CompleteSet> {
        (2usize..=7, any::<usize>(), any::<u64>()).prop_map(|(d, size, seed)| {
            let size = d - 1 + size % ((1 << (d - 2)) - (d - 1) + 1);
            CompleteSet::random(d, size, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap()
        })
    }

    proptest! {
        #[test]
        fn condition_1_vs_all_differences((d, suffixes) in suffix_sets()) {
            let all: Vec<Vec<Rational>> = suffixes
                .iter()
                .flat_map(|&s| suffixes.iter().map(move |&t| difference(s, t, d - 2)))
                .collect();
            let by_definition = rank(&all);
            match CompleteSet::new(d, &suffixes) {
                Ok(set) => {
                    prop_assert_eq!(by_definition, d - 2);
                    prop_assert_eq!(
                        set.suffixes().iter().collect::<BTreeSet<_>>(),
                        suffixes.iter().collect::<BTreeSet<_>>()
                    );
                }
                Err(Incomplete::Empty) => prop_assert!(suffixes.is_empty()),
                Err(Incomplete::Rank { rank, needed }) => {
                    prop_assert_eq!((rank, needed), (by_definition, d - 2));
                    prop_assert!(rank < needed);
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }

        #[test]
        fn random_sets_are_complete(set in random_sets()) {
            let d = set.d();
            prop_assert_eq!(CompleteSet::new(d, set.suffixes()), Ok(set.clone()));
            let data = set.training_set();
            prop_assert_eq!((data.len(), data.dim()), (4 * set.suffixes().len(), d));
            let mut both: Vec<u64> = [set.points(), set.unseen().unwrap()].concat();
            both.sort_unstable();
            prop_assert_eq!(both, xor::cube(d).unwrap().collect::<Vec<_>>());
        }
    }

    #[test]
    fn smallest_is_complete_and_none_smaller_is() {
        for d in 2..=MAX_D {
            let set = CompleteSet::smallest(d).unwrap();
            assert_eq!(set.suffixes().len(), d - 1);
            assert_eq!(CompleteSet::new(d, set.suffixes()), Ok(set.clone()));
            if d > 2 {
                let fewer = CompleteSet::new(d, &set.suffixes()[1..]);
                assert_eq!(
                    fewer,
                    Err(Incomplete::Rank {
                        rank: d - 3,
                        needed: d - 2
                    })
                );
            }
        }
        // The paper's smallest dimension with an unseen point: d = 4, rest (-1, -1).
        let four = CompleteSet::smallest(4).unwrap();
        assert_eq!(four.suffixes(), [0b11, 0b10, 0b01]);
        assert_eq!(four.unseen().unwrap(), [0, 1, 2, 3]);
        assert!(
            CompleteSet::smallest(3)
                .unwrap()
                .unseen()
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn odd_requests_are_errors() {
        let rng = &mut ChaCha8Rng::seed_from_u64(0);
        assert_eq!(CompleteSet::new(4, &[]), Err(Incomplete::Empty));
        assert_eq!(CompleteSet::new(2, &[0]).unwrap().training_set().len(), 4);
        assert!(matches!(
            CompleteSet::new(2, &[1]),
            Err(Incomplete::Suffix { .. })
        ));
        assert!(matches!(
            CompleteSet::new(65, &[0]),
            Err(Incomplete::Dimension(_))
        ));
        assert!(matches!(
            CompleteSet::random(4, 2, rng),
            Err(Incomplete::Size { .. })
        ));
        assert!(matches!(
            CompleteSet::random(4, 5, rng),
            Err(Incomplete::Size { .. })
        ));
        assert_eq!(
            CompleteSet::random(64, 63, rng).unwrap().suffixes().len(),
            63
        );
        assert!(CompleteSet::all(17).is_err());
        assert_eq!(CompleteSet::all(6).unwrap().suffixes().len(), 16);
        // A face of the cube, (1, *, *), is not complete however many points it has.
        let face = CompleteSet::new(5, &[0b001, 0b011, 0b101, 0b111]);
        assert_eq!(face, Err(Incomplete::Rank { rank: 2, needed: 3 }));
    }
}
