//! The line under the sharpness: what no interpolating, admissible network can be below.
//!
//! With `q_i` the least `||grad f(x_i)||^2` at `f(x_i) = t_i` (Eqs. 2-3, Section 6, Lemma A.12),
//! `R_i^2 = ||x_i||^2 + 1`:
//!
//! ```text
//! q_i = 2 ||x_i|| |t_i|                    no bias
//!       D |t_i|^{2(D-1)/D} R_i^{2/D}       bias, depth D
//!       min(1, 2 R_i |t_i| / eps)          layer norm
//! squared error:  Tr >= (2/n) sum q_i,        t_i = y_i
//! logistic:       Tr >= p (1-p) (1/n) sum q_i, t_i = sign(y_i) ln((1-p)/p)    (Theorem A.2, repaired)
//! ```
//!
//! Batch norm: `inf Tr = 8` on complete training sets (Lemmas A.1, A.3, repaired); for a drawn
//! sample that is no bound, and the line says so. Softplus has none. In f64, for the eye alone.
//! Tied to `bound_vs_least_trace`.

use crate::engine::{Activation, Architecture, Loss, Samples};
use crate::train::{Data, Distribution, Options};

/// A line with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Its formula, where it has one for all samples.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// The line of a run, over its training set.
pub fn of(options: &Options) -> Option<Bound> {
    options.check().ok()?;
    if options.activation == Activation::Softplus {
        return None;
    }
    if options.architecture == Architecture::SimBn {
        return (options.loss == Loss::SquaredError).then(|| Bound {
            name: "infimum on complete sets".to_owned(),
            value: 8.0,
        });
    }
    // drawing the training set alone
    let few = Options {
        test_samples: 1,
        curve_samples: 1,
        ..options.clone()
    };
    Some(Bound {
        name: name(options),
        value: value(options, &Data::draw(&few).train),
    })
}

fn name(options: &Options) -> String {
    let plain = options.loss == Loss::SquaredError && options.distribution == Distribution::Xor;
    match options.architecture {
        Architecture::NoBias if plain => "bound 4√d".to_owned(),
        Architecture::Bias if plain && options.depth == 2 => "bound 4√(d+1)".to_owned(),
        _ => "bound".to_owned(),
    }
}

/// `(2/n) sum q_i`, or `p (1-p) (1/n) sum q_i`.
fn value(options: &Options, train: &Samples) -> f64 {
    let (curvature, target) = match options.loss {
        Loss::SquaredError => (2.0, None),
        Loss::Logistic { p } => {
            let p = f64::from(p);
            (p * (1.0 - p), Some(((1.0 - p) / p).ln().abs()))
        }
    };
    let squared = |i: usize| {
        let t = target.unwrap_or_else(|| f64::from(train.y[i]).abs());
        let norm2: f64 = train.x.row(i).iter().map(|&x| f64::from(x).powi(2)).sum(); // R^2 if biased
        least_squared_gradient(options, norm2.sqrt(), t)
    };
    let total: f64 = (0..train.len()).map(squared).sum();
    curvature * total / train.len() as f64
}

/// `q` of one sample; `norm` is `||x||` without bias and R with.
fn least_squared_gradient(options: &Options, norm: f64, t: f64) -> f64 {
    let depth = options.depth as f64;
    match options.architecture {
        Architecture::NoBias => 2.0 * norm * t,
        Architecture::SimLn => (2.0 * norm * t / f64::from(options.eps)).min(1.0),
        _ => depth * t.powf(2.0 * (depth - 1.0) / depth) * norm.powf(2.0 / depth),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use crate::experiment::table_2;
    use crate::scalar::Ball;
    use crate::sharpness::bound::Bounded;

    /// The bound with labels `t`, by the exact side's formulas.
    fn least_trace(options: &Options, train: &Samples, t: &[f64]) -> f64 {
        let row = |i: usize| &train.x.row(i)[..options.input_dim];
        let x = (0..train.len()).map(|i| row(i).iter().map(|&x| Ball::from_f32(x)).collect());
        let kind = match options.architecture {
            Architecture::NoBias => Bounded::NoBias,
            Architecture::SimLn => Bounded::SimLn {
                eps: Ball::from_f32(options.eps),
            },
            _ => Bounded::Bias {
                depth: options.depth as u32,
            },
        };
        let data = Dataset {
            x: x.collect(),
            y: t.iter().map(|&t| Ball::from_f64(t)).collect(),
        };
        kind.least_trace(&data).unwrap().mid().to_f64()
    }

    #[test]
    fn bound_vs_least_trace() {
        let mut bounded = Vec::new();
        for row in table_2::rows() {
            let mut options = row.options;
            (options.test_samples, options.curve_samples) = (1, 1);
            let Some(bound) = of(&options) else {
                continue;
            };
            if options.architecture == Architecture::SimBn {
                continue;
            }
            let train = Data::draw(&options).train;
            let expected = match options.loss {
                Loss::SquaredError => {
                    let y: Vec<f64> = train.y.iter().map(|&y| f64::from(y)).collect();
                    least_trace(&options, &train, &y)
                }
                Loss::Logistic { p } => {
                    let p = f64::from(p);
                    let t = vec![((1.0 - p) / p).ln(); train.len()];
                    p * (1.0 - p) / 2.0 * least_trace(&options, &train, &t)
                }
            };
            assert!(
                (bound.value / expected - 1.0).abs() < 1e-12,
                "{}",
                row.figure
            );
            bounded.push(row.figure);
        }
        let expected = "1a 1b 4a 4b 6a 6b 7a 7b 8a 8b 9a 9b 10b 11a 11b";
        assert_eq!(bounded.join(" "), expected);
    }

    #[test]
    fn closed_forms_on_the_cube() {
        let value = |figure: &str| of(&table_2::row(figure).unwrap().options).map(|b| b.value);
        let near = |figure: &str, expected: f64| {
            let found = value(figure).unwrap();
            assert!((found - expected).abs() < 1e-9, "{figure}: {found}");
        };
        near("1b", 4.0 * 30_f64.sqrt());
        near("4b", 4.0 * 31_f64.sqrt());
        near("6a", 2.0);
        near("11b", 6.0 * 31_f64.cbrt());
        near("2a", 8.0);
        assert_eq!((value("5b"), value("10a")), (None, None));
    }
}
