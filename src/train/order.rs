//! The samples of an epoch, in order, with the labels the steps see.
//!
//! Both are functions of (seed, epoch) alone. Label noise is that of label-noise SGD:
//! `y +- sigma` by a fair coin per entry. Tied to `noise_is_a_fair_coin`.

use super::options::{Options, Sampling};
use super::random::{Purpose, below, epoch_stream};
use rand::Rng;

/// What [`crate::engine::Stepper::run`] goes through in an epoch; kept between epochs for its memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// Sample of each entry.
    pub samples: Vec<u32>,
    /// Its label.
    pub labels: Vec<f32>,
}

impl Order {
    /// The order of epoch `epoch` (from 0) for labels `y`.
    pub fn draw(&mut self, options: &Options, y: &[f32], epoch: u64) {
        let mut rng = epoch_stream(options.seed, Purpose::Order, epoch);
        let n = y.len() as u32;
        self.samples.clear();
        match options.sampling {
            Sampling::Iid => self.samples.extend((0..n).map(|_| below(&mut rng, n))),
            Sampling::Permutation => {
                self.samples.extend(0..n);
                for i in (1..n).rev() {
                    self.samples
                        .swap(i as usize, below(&mut rng, i + 1) as usize); // Fisher-Yates
                }
            }
        }
        self.labels.clear();
        self.labels
            .extend(self.samples.iter().map(|&i| y[i as usize]));
        if options.label_noise > 0.0 {
            let mut rng = epoch_stream(options.seed, Purpose::Noise, epoch);
            for label in &mut self.labels {
                let up = rng.next_u32() >> 31 == 1;
                *label += if up {
                    options.label_noise
                } else {
                    -options.label_noise
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(options: &Options, epoch: u64) -> Order {
        let y: Vec<f32> = (0..50).map(|i| i as f32).collect();
        let mut order = Order::default();
        order.draw(options, &y, epoch);
        order
    }

    #[test]
    fn permutations_hold_each_sample_once() {
        let options = Options::default();
        let orders: Vec<Order> = (0..4).map(|epoch| draw(&options, epoch)).collect();
        for order in &orders {
            let mut sorted = order.samples.clone();
            sorted.sort_unstable();
            assert!(sorted.iter().copied().eq(0..50));
            let same = order.samples.iter().map(|&i| i as f32).collect::<Vec<_>>();
            assert_eq!(order.labels, same);
        }
        assert_ne!(orders[0], orders[1]);
        assert_eq!(draw(&options, 3), orders[3]);
    }

    #[test]
    fn independent_draws_repeat_samples() {
        let sampling = Sampling::Iid;
        let order = draw(
            &Options {
                sampling,
                ..Options::default()
            },
            0,
        );
        let mut distinct = order.samples.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(order.samples.len(), 50);
        assert!(distinct.len() < 45 && distinct.iter().all(|&i| i < 50));
    }

    #[test]
    fn noise_is_a_fair_coin() {
        let noisy = Options {
            label_noise: 0.25,
            ..Options::default()
        };
        let mut ups = 0;
        for epoch in 0..40 {
            let (order, plain) = (draw(&noisy, epoch), draw(&Options::default(), epoch));
            assert_eq!(
                order.samples, plain.samples,
                "noise does not move the order"
            );
            for (with, without) in order.labels.iter().zip(&plain.labels) {
                assert!((with - without).abs() == 0.25);
                ups += usize::from(with > without);
            }
        }
        // 2000 coins, standard deviation 22
        assert!((880..1120).contains(&ups), "{ups}");
    }
}
