//! Losses on lanes, with their first two derivatives in the output `f`:
//!
//! ```text
//! squared error   (f - y)^2               2 (f - y)        2
//! logistic        softplus(f) - q f       sigma(f) - q     sigma(f) sigma(-f)
//!                 q = p where y > 0, 1 - p elsewhere
//! ```
//!
//! Test `batch_vs_reference`.

use crate::engine::exp_log::{sigmoid, softplus_sigmoid};
use crate::engine::matrix::Matrix;
use crate::engine::simd::{Kernel, Lanes};
use crate::engine::step::Loss;

/// A loss at an output.
pub struct AtOutput<V> {
    /// `l`.
    pub value: V,
    /// `l'`.
    pub slope: V,
    /// `l''`.
    pub curvature: V,
}

/// `loss` at the outputs `f` and labels `y`.
#[inline(always)]
pub fn at_output<L: Lanes>(lanes: L, loss: Loss, f: L::V, y: L::V) -> AtOutput<L::V> {
    match loss {
        Loss::SquaredError => {
            let (residual, two) = (lanes.sub(f, y), lanes.splat(2.0));
            AtOutput {
                value: lanes.mul(residual, residual),
                slope: lanes.mul(two, residual),
                curvature: two,
            }
        }
        Loss::Logistic { p } => {
            let positive = lanes.gt(y, lanes.splat(0.0));
            let q = lanes.select(positive, lanes.splat(p), lanes.splat(1.0 - p));
            let (softplus, sigma) = softplus_sigmoid(lanes, f);
            let minus = lanes.sub(lanes.splat(0.0), f);
            AtOutput {
                value: lanes.sub(softplus, lanes.mul(q, f)),
                slope: lanes.sub(sigma, q),
                curvature: lanes.mul(sigma, sigmoid(lanes, minus)),
            }
        }
    }
}

/// Outputs and labels of a batch, and what the loss makes of them; entry by entry, one row each.
pub struct Entries {
    /// `f`.
    pub outputs: Matrix,
    /// `y`.
    pub labels: Matrix,
    /// `l`.
    pub values: Matrix,
    /// `l'`.
    pub slopes: Matrix,
    /// `l''`.
    pub curvatures: Matrix,
}

impl Entries {
    /// The loss of every entry; as many `outputs` as `labels`.
    #[inline(always)]
    pub fn new<L: Lanes>(lanes: L, loss: Loss, outputs: Matrix, labels: &[f32]) -> Self {
        let blank = || Matrix::zeros(1, labels.len());
        let mut entries = Self {
            outputs,
            labels: Matrix::vector(labels),
            values: blank(),
            slopes: blank(),
            curvatures: blank(),
        };
        lanes.call(Fill(loss, &mut entries));
        entries
    }

    /// The mean loss: added up in f64, in order.
    pub fn mean(&self) -> f64 {
        let values = self.values.row(0).iter();
        values.map(|&l| f64::from(l)).sum::<f64>() / self.values.columns() as f64
    }
}

struct Fill<'a>(Loss, &'a mut Entries);

impl Kernel for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self(loss, entries) = self;
        for c in 0..entries.labels.stride() {
            let f = lanes.load(&entries.outputs.chunks()[c]);
            let y = lanes.load(&entries.labels.chunks()[c]);
            let l = at_output(lanes, loss, f, y);
            lanes.store(l.value, &mut entries.values.chunks_mut()[c]);
            lanes.store(l.slope, &mut entries.slopes.chunks_mut()[c]);
            lanes.store(l.curvature, &mut entries.curvatures.chunks_mut()[c]);
        }
    }
}
