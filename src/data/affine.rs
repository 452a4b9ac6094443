//! Affine coordinates in a complete set: every suffix `u` is `s_0 + sum_i k_i (s_i - s_0)` with
//! `s_0, ..., s_{d-2}` in `S`, so what a network does off the training set is bounded by what it does
//! on it times `sum_i |k_i|` (Wen, Li, Ma 2023, Condition 1 at work).
//!
//! `k = (u - s_0) D^{-1}`, the rows of `D` being `s_i - s_0` (test `coordinates_vs_reconstruction`).

use super::complete::{CompleteSet, MAX_LISTED, affine_basis, difference};
use super::xor::{self, BadDimension};
use crate::linalg::inverse;
use crate::scalar::Rational;

/// Suffixes `s_0, ..., s_{d-2}` of `S` in which every `u` has unique affine coordinates.
#[derive(Clone, Debug)]
pub struct AffineFrame {
    origin: u64,
    basis: Vec<u64>,
    /// `D^{-1}`, the rows of `D` being `s_i - s_0`.
    inverse: Vec<Vec<Rational>>,
}

impl AffineFrame {
    /// An affine basis of `R^{d-2}` chosen from `S`.
    pub fn new(set: &CompleteSet) -> Self {
        let length = set.d() - 2;
        let origin = set.suffixes()[0];
        let basis = affine_basis(set.suffixes(), length);
        let differences: Vec<Vec<Rational>> = basis
            .iter()
            .map(|&s| difference(s, origin, length))
            .collect();
        let inverse = inverse(&differences).expect("Condition 1: the differences are a basis");
        Self {
            origin,
            basis,
            inverse,
        }
    }

    /// `s_0`.
    pub fn origin(&self) -> u64 {
        self.origin
    }

    /// `s_1, ..., s_{d-2}`.
    pub fn basis(&self) -> &[u64] {
        &self.basis
    }

    /// The `k` with `u - s_0 = sum_i k_i (s_i - s_0)`; `u` has `d - 2` bits.
    pub fn coordinates(&self, u: u64) -> Vec<Rational> {
        let offset = difference(u, self.origin, self.basis.len());
        let mut k = vec![Rational::new(); self.basis.len()];
        for (entry, row) in offset
            .iter()
            .zip(&self.inverse)
            .filter(|(entry, _)| !entry.is_zero())
        {
            for (k, inverse) in k.iter_mut().zip(row) {
                *k += Rational::from(entry * inverse);
            }
        }
        k
    }

    /// `max_u sum_i |k_i|` over all `u` in `{-1,1}^{d-2}`, by walking the cube in Gray code order.
    ///
    /// # Errors
    /// [`BadDimension`] unless `d <= MAX_LISTED`.
    pub fn largest_coordinate_sum(&self) -> Result<Rational, BadDimension> {
        let length = self.basis.len();
        BadDimension::check(length + 2, 2, MAX_LISTED, "maximising over the cube")?;
        let mut u = self.origin;
        let mut k = vec![Rational::new(); length];
        let mut largest = Rational::new();
        for step in 1u64..1 << length {
            let flipped = step.trailing_zeros() as usize;
            u ^= 1 << flipped;
            let change = Rational::from(2 * xor::coordinate(u, flipped));
            for (k, inverse) in k.iter_mut().zip(&self.inverse[flipped]) {
                *k += Rational::from(&change * inverse);
            }
            let sum: Rational = k.iter().map(|k| k.clone().abs()).sum();
            largest = largest.max(sum);
        }
        Ok(largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Ring;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn random_sets() -> impl Strategy<Value = CompleteSet> {
        (2usize..=7, any::<usize>(), any::<u64>()).prop_map(|(d, size, seed)| {
            let size = d - 1 + size % ((1 << (d - 2)) - (d - 1) + 1);
            CompleteSet::random(d, size, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap()
        })
    }

    proptest! {
        #[test]
        fn coordinates_vs_reconstruction(set in random_sets()) {
            let frame = AffineFrame::new(&set);
            let length = set.d() - 2;
            prop_assert_eq!(frame.basis().len(), length);
            prop_assert!(frame.basis().iter().all(|s| set.suffixes().contains(s)));
            let mut largest = Rational::new();
            for u in 0..1 << length {
                let k = frame.coordinates(u);
                let mut sum = vec![Rational::new(); length];
                for (k, &s) in k.iter().zip(frame.basis()) {
                    for (sum, entry) in sum.iter_mut().zip(difference(s, frame.origin(), length)) {
                        *sum += entry.mul(k);
                    }
                }
                prop_assert_eq!(sum, difference(u, frame.origin(), length));
                largest = largest.max(k.into_iter().map(Rational::abs).sum());
            }
            prop_assert_eq!(frame.largest_coordinate_sum().unwrap(), largest);
        }
    }

    #[test]
    fn smallest_set_has_coordinate_sum_d_minus_2() {
        // u = (-1, ..., -1) is s_0 plus every difference.
        for d in 2..=10 {
            let frame = AffineFrame::new(&CompleteSet::smallest(d).unwrap());
            assert_eq!(frame.largest_coordinate_sum().unwrap(), d - 2);
        }
    }
}
