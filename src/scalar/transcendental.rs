//! Exponential and logarithm: what the label-smoothed logistic loss needs beyond the ladder
//! (Wen, Li, Ma 2023, Appendix A, Theorem A.2).
//!
//! Implemented by [`Ball`](super::Ball), the floats, and jets over either.

use super::{NoValue, Real};

/// A real type with `exp` and `ln`.
///
/// Laws: `exp(a + b) = exp(a) exp(b)`, `exp(x.ln()?) = x`, both increasing.
pub trait Transcendental: Real {
    /// `e^self`.
    fn exp(&self) -> Self;
    /// The natural logarithm; [`NoValue::Undefined`] for numbers `<= 0`.
    fn ln(&self) -> Result<Self, NoValue>;
}
