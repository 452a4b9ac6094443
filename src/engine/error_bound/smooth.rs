//! Softplus and sigmoid with bounds, and the losses.
//!
//! Centres come from enclosures ([`Ball`]), so that nothing is assumed of f64's own `exp` and `ln`.
//! Softplus is 1-Lipschitz and the sigmoid 1/4-Lipschitz; [`crate::engine::exp_log`] is off by at most
//! [`ULPS`] units in the last place, which is tested there, not proved; a unit is at most
//! `2 u |value| + 2^-149`.
//!
//! ```text
//! squared error   (f - y)^2               l' = 2 (f - y)        l'' = 2
//! logistic        softplus(f) - q f       l' = sigma(f) - q     l'' = sigma(f) sigma(-f)
//! ```

use super::near::{Near, Sum, U, up};
use crate::engine::step::Loss;
use crate::network::loss;
use crate::scalar::{Ball, NoValue};

/// The error of the engine's softplus and sigmoid, in units in the last place.
pub const ULPS: f64 = 3.0;

/// A function with Lipschitz constant `lipschitz`, and at most 1 in slope and size of relative error.
fn smooth(z: &Near, lipschitz: f64, f: impl Fn(&Ball) -> Result<Ball, NoValue>) -> Near {
    if !z.magnitude().is_finite() {
        return Near::UNKNOWN;
    }
    let Ok(ball) = f(&Ball::from_f64(z.value)) else {
        return Near::UNKNOWN;
    };
    let value = ball.mid().to_f64();
    // the enclosure has 64 bits, its middle is rounded to 53
    let lost = up(f64::EPSILON * value.abs() + ball.width().to_f64());
    let computed = up(lost + lipschitz * z.computed);
    Near {
        value,
        exact: up(lost + lipschitz * z.exact),
        computed: up(computed + ULPS * (2.0 * U * (value.abs() + computed) + Near::UNDERFLOW)),
    }
}

/// `ln(1 + e^z)`.
pub fn softplus(z: &Near) -> Near {
    smooth(z, 1.0, loss::softplus)
}

/// `1/(1 + e^-z)`.
pub fn sigmoid(z: &Near) -> Near {
    smooth(z, 0.25, loss::sigmoid)
}

/// A loss at an output.
#[derive(Clone, Copy, Debug)]
pub struct AtOutput {
    /// `l`.
    pub value: Near,
    /// `l'`.
    pub slope: Near,
    /// `l''`.
    pub curvature: Near,
}

/// `loss` at output `f` and label `y`.
pub fn at_output(loss: Loss, f: &Near, y: f32) -> AtOutput {
    match loss {
        Loss::SquaredError => {
            let (two, residual) = (Near::new(2.0), f.sub(&Near::new(y)));
            AtOutput {
                value: residual.mul(&residual),
                slope: two.mul(&residual),
                curvature: two,
            }
        }
        Loss::Logistic { p } => {
            let q = match y > 0.0 {
                true => Near::new(p),
                false => Near::ONE.sub(&Near::new(p)),
            };
            let sigma = sigmoid(f);
            AtOutput {
                value: softplus(f).sub(&q.mul(f)),
                slope: sigma.sub(&q),
                curvature: sigma.mul(&sigmoid(&f.neg())),
            }
        }
    }
}

/// The mean of numbers.
pub fn mean<'a>(items: impl ExactSizeIterator<Item = &'a Near>) -> Near {
    let (n, mut sum) = (items.len(), Sum::default());
    items.for_each(|x| sum.add(x));
    sum.round().div(&Near::new(n as f32))
}
