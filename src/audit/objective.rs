//! The loss of one sample as the audit needs it, and the sums over all samples:
//!
//! ```text
//! L            = (1/n) sum_i l_i(f_i)
//! Tr Hess L    = (1/n) sum_i l_i''(f_i) ||grad f_i||^2 + l_i'(f_i) Tr Hess f_i
//! Gauss-Newton = (1/n) sum_i l_i''(f_i) ||grad f_i||^2
//! ```
//!
//! squared error `l = (f - y)^2`, `l' = 2 (f - y)`, `l'' = 2`; label-smoothed logistic as in
//! [`crate::network::loss`]. Test: `audit_trace_vs_definition`.

use super::points::Point;
use crate::network::loss::Logistic;
use crate::scalar::{Ball, NoValue, Real};

/// The losses of all samples over a scalar.
pub(super) trait Objective<S> {
    /// `l_i(f)`.
    fn value(&self, i: usize, f: &S) -> Result<S, NoValue>;
    /// `l_i'(f)`.
    fn slope(&self, i: usize, f: &S) -> Result<S, NoValue>;
    /// `l_i''(f)`.
    fn curvature(&self, i: usize, f: &S) -> Result<S, NoValue>;
    /// Where `l_i` is least.
    fn goal(&self, i: usize) -> Result<S, NoValue>;
    /// How far `f` is from the goal: `f - y_i`, of the logistic loss `l_i'(f)`.
    fn residual(&self, i: usize, f: &S) -> Result<S, NoValue>;
}

/// `(f - y_i)^2`.
pub(super) struct SquaredError<S> {
    /// The labels.
    pub y: Vec<S>,
}

impl<S: Real> Objective<S> for SquaredError<S> {
    fn value(&self, i: usize, f: &S) -> Result<S, NoValue> {
        Ok(f.sub(&self.y[i]).square())
    }
    fn slope(&self, i: usize, f: &S) -> Result<S, NoValue> {
        Ok(S::from_int(2).mul(&f.sub(&self.y[i])))
    }
    fn curvature(&self, _i: usize, _f: &S) -> Result<S, NoValue> {
        Ok(S::from_int(2))
    }
    fn goal(&self, i: usize) -> Result<S, NoValue> {
        Ok(self.y[i].clone())
    }
    fn residual(&self, i: usize, f: &S) -> Result<S, NoValue> {
        Ok(f.sub(&self.y[i]))
    }
}

/// The label-smoothed logistic loss.
pub(super) struct LabelSmoothed {
    /// The loss.
    pub logistic: Logistic<Ball>,
    /// `b_i = 1` iff `y_i > 0`.
    pub labels: Vec<bool>,
}

impl Objective<Ball> for LabelSmoothed {
    fn value(&self, i: usize, f: &Ball) -> Result<Ball, NoValue> {
        self.logistic.value(f, self.labels[i])
    }
    fn slope(&self, i: usize, f: &Ball) -> Result<Ball, NoValue> {
        self.logistic.slope(f, self.labels[i])
    }
    fn curvature(&self, _i: usize, f: &Ball) -> Result<Ball, NoValue> {
        self.logistic.curvature(f)
    }
    fn goal(&self, i: usize) -> Result<Ball, NoValue> {
        self.logistic.minimiser(self.labels[i])
    }
    fn residual(&self, i: usize, f: &Ball) -> Result<Ball, NoValue> {
        self.slope(i, f)
    }
}

/// `(1/n) sum_i term(i)`.
pub(super) fn mean<S: Real>(
    n: usize,
    term: impl Fn(usize) -> Result<S, NoValue>,
) -> Result<S, NoValue> {
    let terms: Vec<S> = (0..n).map(term).collect::<Result<_, _>>()?;
    S::sum(&terms).div(&S::from_int(n as i64))
}

/// `L`.
pub(super) fn loss<S: Real>(
    points: &[Point<S>],
    objective: &dyn Objective<S>,
) -> Result<S, NoValue> {
    mean(points.len(), |i| objective.value(i, &points[i].output))
}

/// The Gauss-Newton part of `Tr Hess L`.
pub(super) fn gauss_newton<S: Real>(
    points: &[Point<S>],
    objective: &dyn Objective<S>,
) -> Result<S, NoValue> {
    mean(points.len(), |i| {
        let curvature = objective.curvature(i, &points[i].output)?;
        Ok(curvature.mul(&points[i].squared_gradient)) // l'' ||grad f||^2
    })
}

/// `Tr Hess L`.
pub(super) fn trace<S: Real>(
    points: &[Point<S>],
    objective: &dyn Objective<S>,
) -> Result<S, NoValue> {
    let bend = mean(points.len(), |i| {
        let slope = objective.slope(i, &points[i].output)?;
        Ok(slope.mul(&points[i].hessian_trace)) // l' Tr Hess f
    })?;
    Ok(gauss_newton(points, objective)?.add(&bend))
}
