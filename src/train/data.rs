//! Training and test samples of a seed.
//!
//! `P_xor(d)` is drawn as by [`crate::data::xor::sample`] (test `samples_vs_xor`).
//!
//! The ball of radius `sqrt(d)` without any function whose last bit depends on the machine: with
//! `k = ceil(d/2)`, the squared moduli of a uniform point of the sphere of C^k are the spacings of
//! `k - 1` uniforms on `[0, 1]`, its phases are those of uniform points of the disk; leave out the
//! last coordinate if d is odd, normalise, and multiply by `sqrt(d)` times the largest of d uniforms,
//! which has the radius' distribution function `r^d`. All in f64 by `+ - * / sqrt`, then rounded.
//! Tied to rejection from the cube by `ball_vs_rejection`.

use super::options::{Distribution, Options};
use super::random::{Purpose, stream, unit};
use crate::data::xor;
use crate::engine::Samples;
use rand::Rng;

/// The samples of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// The training set.
    pub train: Samples,
    /// The first points of the test set, for measurements along the run.
    pub curve: Samples,
    /// The whole test set.
    pub test: Samples,
}

impl Data {
    /// What the seed gives; [`Options::check`] has passed.
    pub fn draw(options: &Options) -> Self {
        let samples = |purpose, count| {
            let mut rng = stream(options.seed, purpose);
            let (d, shape) = (options.input_dim, options.shape());
            let draw = |_| match options.distribution {
                Distribution::Xor => cube_point(d, &mut rng),
                Distribution::Ball => ball_point(d, &mut rng),
            };
            let x: Vec<Vec<f32>> = (0..count).map(draw).collect();
            let label = |x: &Vec<f32>| match options.distribution {
                Distribution::Xor => x[0] * x[1],
                Distribution::Ball => x[0].abs() - x[1].abs(),
            };
            let y = x.iter().map(label).collect();
            Samples::new(&shape, &x, y)
        };
        Self {
            train: samples(Purpose::Train, options.samples),
            curve: samples(Purpose::Test, options.curve_samples),
            test: samples(Purpose::Test, options.test_samples),
        }
    }
}

/// A uniform point of `{-1,1}^d`: one word per 64 coordinates.
fn cube_point(d: usize, rng: &mut impl Rng) -> Vec<f32> {
    let lengths = (0..d).step_by(64).map(|start| 64.min(d - start));
    lengths
        .flat_map(|length| xor::point::<f32>(rng.next_u64(), length))
        .collect()
}

/// A uniform point of the ball of radius `sqrt(d)` in R^d.
fn ball_point(d: usize, rng: &mut impl Rng) -> Vec<f32> {
    let pairs = d.div_ceil(2);
    let mut cuts: Vec<f64> = (1..pairs).map(|_| unit(rng)).collect();
    cuts.extend([0.0, 1.0]);
    cuts.sort_by(f64::total_cmp);
    let mut direction = Vec::with_capacity(2 * pairs);
    for spacing in cuts.windows(2) {
        let modulus = (spacing[1] - spacing[0]).sqrt();
        let [cos, sin] = circle_point(rng);
        direction.extend([modulus * cos, modulus * sin]);
    }
    direction.truncate(d);
    let norm = direction.iter().map(|t| t * t).sum::<f64>().sqrt();
    let largest = (0..d).map(|_| unit(rng)).fold(0.0, f64::max);
    let radius = (d as f64).sqrt() * largest;
    direction
        .iter()
        .map(|t| (t / norm * radius) as f32)
        .collect()
}

/// A uniform point of the unit circle: that of a uniform point of the disk.
fn circle_point(rng: &mut impl Rng) -> [f64; 2] {
    loop {
        let (u, v) = (2.0 * unit(rng) - 1.0, 2.0 * unit(rng) - 1.0);
        let square = u * u + v * v;
        if 0.0 < square && square <= 1.0 {
            let norm = square.sqrt();
            return [u / norm, v / norm];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Architecture;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn options(architecture: Architecture, distribution: Distribution, d: usize) -> Options {
        Options {
            architecture,
            distribution,
            input_dim: d,
            samples: 12,
            test_samples: 40,
            curve_samples: 15,
            seed: 7,
            ..Options::default()
        }
    }

    #[test]
    fn samples_vs_xor() {
        for (architecture, d) in [(Architecture::NoBias, 30), (Architecture::Bias, 70)] {
            let drawn = Data::draw(&options(architecture, Distribution::Xor, d));
            let exact = xor::sample(d, 12, &mut ChaCha8Rng::seed_from_u64(7)).unwrap();
            for i in 0..12 {
                let mut row: Vec<f64> = exact.x[i].iter().map(|x| x.to_f64()).collect();
                if architecture == Architecture::Bias {
                    row.push(1.0);
                }
                let ours: Vec<f64> = drawn.train.x.row(i).iter().map(|&x| x.into()).collect();
                assert_eq!(ours, row);
                assert_eq!(f64::from(drawn.train.y[i]), exact.y[i].to_f64());
            }
        }
    }

    #[test]
    fn the_curve_uses_the_first_test_points() {
        let data = Data::draw(&options(Architecture::SimLn, Distribution::Ball, 5));
        assert_eq!((data.curve.len(), data.test.len()), (15, 40));
        for i in 0..15 {
            assert_eq!(data.curve.x.row(i), data.test.x.row(i));
        }
        assert_ne!(data.train.x.row(0), data.test.x.row(0));
        let y = |x: &[f32]| x[0].abs() - x[1].abs();
        assert!((0..40).all(|i| data.test.y[i] == y(data.test.x.row(i))));
    }

    /// First coordinate, its square and fourth power, the norm, an odd product: the means.
    fn moments(points: &[Vec<f32>]) -> [f64; 5] {
        let mean = |value: fn(&[f64]) -> f64| {
            let total: f64 = points
                .iter()
                .map(|x| value(&x.iter().map(|&t| f64::from(t)).collect::<Vec<_>>()))
                .sum();
            total / points.len() as f64
        };
        [
            mean(|x| x[0]),
            mean(|x| x[x.len() - 1].powi(2)),
            mean(|x| x[1].powi(4)),
            mean(|x| x.iter().map(|t| t * t).sum::<f64>().sqrt()),
            mean(|x| x[0] * x[1]),
        ]
    }

    #[test]
    fn ball_vs_rejection() {
        let mut rng = stream(3, Purpose::Test);
        for d in [2, 3, 4, 5] {
            let scale = (d as f64).sqrt();
            let mut rejected = || loop {
                let x: Vec<f64> = (0..d).map(|_| 2.0 * unit(&mut rng) - 1.0).collect();
                if x.iter().map(|t| t * t).sum::<f64>() <= 1.0 {
                    return x.iter().map(|t| (t * scale) as f32).collect::<Vec<f32>>();
                }
            };
            let theirs: Vec<Vec<f32>> = (0..30_000).map(|_| rejected()).collect();
            let ours: Vec<Vec<f32>> = (0..30_000).map(|_| ball_point(d, &mut rng)).collect();
            for (a, b) in moments(&theirs).iter().zip(moments(&ours)) {
                assert!((a - b).abs() < 0.05, "d = {d}: {a} against {b}");
            }
        }
        // E x_1^2 = d/(d+2), in the paper's dimension; a sphere would have 1
        let ours: Vec<Vec<f32>> = (0..30_000).map(|_| ball_point(10, &mut rng)).collect();
        assert!((moments(&ours)[1] - 10.0 / 12.0).abs() < 0.03);
    }
}
