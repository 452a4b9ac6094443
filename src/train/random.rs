//! Independent streams of one seed: drawing more of one thing moves nothing else.
//!
//! Seed -> key of ChaCha8, purpose -> its stream. What depends on the epoch starts at a position of
//! its own, `2^32` words per epoch, so that resuming needs no state of the generator.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What numbers are drawn for. The training set has stream 0, which is also that of
/// [`crate::data::xor::sample`] with a fresh generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The training set.
    Train = 0,
    /// The test set.
    Test = 1,
    /// The first network.
    Init = 2,
    /// The order of samples.
    Order = 3,
    /// Label noise.
    Noise = 4,
}

/// The numbers of a seed for one purpose.
pub fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose as u64);
    rng
}

/// The numbers of an epoch; epochs below `2^32` do not overlap while they use at most `2^32` words.
pub fn epoch_stream(seed: u64, purpose: Purpose, epoch: u64) -> ChaCha8Rng {
    let mut rng = stream(seed, purpose);
    rng.set_word_pos(u128::from(epoch) << 32);
    rng
}

/// Uniform on `0..n`, `n >= 1`, without bias: the high half of a product, the rest drawn again (Lemire 2019).
pub fn below(rng: &mut impl Rng, n: u32) -> u32 {
    let unfair = n.wrapping_neg() % n; // 2^32 mod n
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(n);
        if product as u32 >= unfair {
            return (product >> 32) as u32;
        }
    }
}

/// Uniform on the multiples of `2^-23` in `[-1, 1)`: exact in f32.
pub fn symmetric(rng: &mut impl Rng) -> f32 {
    let bits = rng.next_u32() >> 8; // 24 bits
    (bits as i32 - (1 << 23)) as f32 / (1 << 23) as f32
}

/// Uniform on the multiples of `2^-53` in `[0, 1)`: exact in f64.
pub fn unit(rng: &mut impl Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn streams_and_epochs_are_independent() {
        let first = |mut rng: ChaCha8Rng| [rng.next_u64(), rng.next_u64()];
        let purposes = [
            Purpose::Train,
            Purpose::Test,
            Purpose::Init,
            Purpose::Order,
            Purpose::Noise,
        ];
        let mut seen = std::collections::BTreeSet::new();
        for seed in [0, 1, u64::MAX] {
            for purpose in purposes {
                assert_eq!(
                    first(stream(seed, purpose)),
                    first(epoch_stream(seed, purpose, 0))
                );
                for epoch in [0, 1, 2, 600_000, u64::from(u32::MAX)] {
                    assert!(seen.insert(first(epoch_stream(seed, purpose, epoch))));
                }
            }
        }
    }

    #[test]
    fn every_value_below_is_as_likely() {
        let mut rng = stream(1, Purpose::Order);
        let mut counts = [0; 6];
        for _ in 0..60_000 {
            counts[below(&mut rng, 6) as usize] += 1;
        }
        // 10000 each, standard deviation 91
        assert!(
            counts.iter().all(|c| (9_500..10_500).contains(c)),
            "{counts:?}"
        );
        // and where 2^32 mod n is large, against the plain remainder's bias of 2 to 1
        let n = 3 << 30;
        let low = (0..30_000).filter(|_| below(&mut rng, n) < 1 << 30).count();
        assert!((9_500..10_500).contains(&low), "{low}");
    }

    proptest! {
        #[test]
        fn ranges(seed: u64, n in 1..=u32::MAX) {
            let mut rng = stream(seed, Purpose::Init);
            prop_assert!(below(&mut rng, n) < n);
            let t = symmetric(&mut rng);
            prop_assert!((-1.0..1.0).contains(&t) && (t * (1 << 23) as f32).fract() == 0.0);
            prop_assert!((0.0..1.0).contains(&unit(&mut rng)));
        }
    }
}
