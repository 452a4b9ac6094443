//! `l'(f)`, the derivative of one sample's loss in the output, same bits on every instruction set.
//!
//! ```text
//! squared error   2 (f - y)
//! logistic        sigmoid(f) - q,   q = p if y > 0, else 1 - p
//! ```

use super::exp_log::sigmoid;
use super::simd::{Chunk, Lanes};
use super::step::Loss;

/// `l'(f)` for the label `y`.
#[inline(always)]
pub fn slope<L: Lanes>(lanes: L, loss: Loss, f: f32, y: f32) -> f32 {
    match loss {
        Loss::SquaredError => 2.0 * (f - y),
        Loss::Logistic { p } => {
            let mut all = Chunk::default();
            lanes.store(sigmoid(lanes, lanes.splat(f)), &mut all);
            all.0[0] - if y > 0.0 { p } else { 1.0 - p }
        }
    }
}

/// `s` with `theta~ = theta + s grad f`, from `e = l'(f)` and `square = ||grad f||^2`; 0 where the
/// gradient of the loss is 0, and where `rho` is.
pub fn ascent(rule: &super::Rule, e: f32, square: f32) -> f32 {
    if e == 0.0 || square == 0.0 {
        0.0
    } else if rule.normalised {
        (rule.rho / square.sqrt()).copysign(e) // rho e / (|e| ||grad f||)
    } else {
        rule.rho * e
    }
}
