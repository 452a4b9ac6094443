//! The first network: fan-in uniform, as `nn.Linear` does it.
//!
//! ```text
//! (W1, b1) ~ scale U(-1/sqrt(d), 1/sqrt(d)),   W_k, W_D ~ U(-1/sqrt(m), 1/sqrt(m)),   gamma_j = gamma
//! ```
//!
//! Drawn part by part, row by row, in the order of [`Model::parts`]. Tied to `ranges_and_scale`.

use super::options::Options;
use super::random::{Purpose, stream, symmetric};
use crate::engine::{Matrix, Model};
use rand::Rng;

/// The network of a seed; [`Options::check`] has passed.
pub fn network(options: &Options) -> Model {
    let mut rng = stream(options.seed, Purpose::Init);
    let mut model = Model::zeros(options.shape());
    let first = 1.0 / (options.input_dim as f32).sqrt();
    let inner = 1.0 / (options.width as f32).sqrt();
    fill(&mut model.first, &mut rng, |u| {
        options.init_scale * (first * u)
    });
    for hidden in &mut model.hidden {
        fill(hidden, &mut rng, |u| inner * u);
    }
    model.gamma.row_mut(0).fill(options.gamma);
    fill(&mut model.last, &mut rng, |u| inner * u);
    model
}

/// Every entry is `of(u)`, u uniform on `[-1, 1)`.
fn fill(matrix: &mut Matrix, rng: &mut impl Rng, of: impl Fn(f32) -> f32) {
    for i in 0..matrix.rows() {
        for entry in matrix.row_mut(i) {
            *entry = of(symmetric(rng));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Architecture;

    fn largest(matrix: &Matrix) -> f32 {
        let rows = (0..matrix.rows()).flat_map(|i| matrix.row(i));
        rows.fold(0.0, |most, w| most.max(w.abs()))
    }

    #[test]
    fn ranges_and_scale() {
        let options = |architecture, depth, init_scale| Options {
            architecture,
            depth,
            init_scale,
            width: 200,
            input_dim: 25,
            ..Options::default()
        };
        let near = |matrix: &Matrix, bound: f32| {
            let most = largest(matrix);
            assert!(most <= bound && most > 0.99 * bound, "{most} of {bound}");
        };
        let plain = network(&options(Architecture::Bias, 3, 1.0));
        near(&plain.first, 1.0 / 5.0);
        near(&plain.hidden[0], 1.0 / 200_f32.sqrt());
        near(&plain.last, 1.0 / 200_f32.sqrt());
        assert_eq!((plain.first.columns(), plain.gamma.columns()), (26, 0));
        // the scale reaches the first layer alone, bias included
        let small = network(&options(Architecture::Bias, 3, 0.25));
        for j in 0..200 {
            let quarter: Vec<f32> = plain.first.row(j).iter().map(|w| 0.25 * w).collect();
            assert_eq!(small.first.row(j), quarter);
        }
        assert_eq!((&small.hidden, &small.last), (&plain.hidden, &plain.last));
        let normed = network(&options(Architecture::SimBn, 2, 1.0));
        assert!(normed.gamma.row(0).iter().all(|&gamma| gamma == 0.2));
        assert_eq!(normed.gamma.columns(), 200);
    }

    #[test]
    fn seeds_differ_and_repeat() {
        let draw = |seed| {
            network(&Options {
                seed,
                width: 3,
                ..Options::default()
            })
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
