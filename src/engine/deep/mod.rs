//! Single-sample SGD and SAM for `MLP-Bias` of depth `D >= 3`, relu (Wen, Li, Ma 2023, Figure 11).
//!
//! With `h_0 = x'_i`, `z_k = W_k h_{k-1}`, `h_k = relu(z_k)`, `f = W_D h_{D-1}`, every gradient is a
//! product of two vectors:
//!
//! ```text
//! d f / d W_k = delta_k h_{k-1}^T,  delta_D = 1,  delta_{D-1} = 1[z_{D-1} > 0] W_D,
//!                                   delta_{k-1} = 1[z_{k-1} > 0] W_k^T delta_k
//! ||grad f||^2 = sum_k ||delta_k||^2 ||h_{k-1}||^2
//! ```
//!
//! so theta~ = theta + s grad f needs no second set of weights (`~`: at theta~):
//!
//! ```text
//! z~_1 = z_1 + s ||x'_i||^2 delta_1
//! z~_k = W_k h~_{k-1} + s (h_{k-1} . h~_{k-1}) delta_k
//! W~_k^T delta~_k = W_k^T delta~_k + s (delta_k . delta~_k) h_{k-1}
//! W_k <- (1 - eta wd) W_k - eta l'(f~) delta~_k h~_{k-1}^T
//! ```
//!
//! Memory traffic is the limit (a hidden layer of 500 x 500 is 1 MB). The last hidden layer is read
//! once per point: as soon as `z_j` is known, so is `delta_j`, and the row goes into `W^T delta` while
//! it is in the first cache. Its update waits for the next step, which reads each row anyway. Silent
//! neurons cost their row of the product only.
//!
//! Tests: `deep_vs_definition`, `deep_vs_plain`, `portable_vs_avx2_vs_avx512`, `calls_leave_no_trace`.

mod layer;
mod step;
#[cfg(test)]
mod tests;

use super::matrix::Matrix;
use super::model::{Activation, Architecture, Model, Samples, Shape};
use super::simd::{Isa, Kernel, Lanes};
use super::step::{Rule, Stepper};

/// The single-sample stepper of `MLP-Bias` with at least two hidden layers.
#[derive(Debug)]
pub struct DeepStepper {
    isa: Isa,
    scratch: Scratch,
}

/// What a step needs besides the model.
#[derive(Debug)]
struct Scratch {
    /// The sample at theta.
    here: Point,
    /// The sample at theta~; between steps: where the gradient of the pending update was taken.
    there: Point,
    /// `W_k^T delta_k`.
    back: Matrix,
    /// `W_D` at theta~.
    last: Matrix,
    /// The update of `W_1 .. W_{D-1}` that waits.
    pending: Pending,
}

/// `W_k <- keep W_k + rate delta_k h_{k-1}^T`.
#[derive(Clone, Copy, Debug)]
struct Pending {
    keep: f32,
    rate: f32,
}

impl Pending {
    const NONE: Self = Self {
        keep: 1.0,
        rate: 0.0,
    };
}

/// One sample at one parameter.
#[derive(Debug)]
struct Point {
    /// `h_0 = x'_i`, then `h_1 .. h_{D-1}`.
    h: Vec<Matrix>,
    /// `delta_1 .. delta_{D-1}`.
    delta: Vec<Matrix>,
}

impl Point {
    fn zeros(shape: &Shape) -> Self {
        let hidden = || vec![Matrix::zeros(1, shape.width); shape.depth - 1];
        let mut h = vec![Matrix::zeros(1, shape.columns())];
        h.extend(hidden());
        Self { h, delta: hidden() }
    }
}

impl DeepStepper {
    /// For `MLP-Bias` of depth 3 or more with relu and rules with one sample per step; `None` for
    /// others.
    pub fn new(isa: Isa, shape: &Shape, rule: &Rule) -> Option<Self> {
        let fits = shape.architecture == Architecture::Bias
            && shape.activation == Activation::Relu
            && shape.depth >= 3
            && rule.batch == 1;
        let vector = || Matrix::zeros(1, shape.width);
        fits.then(|| Self {
            isa,
            scratch: Scratch {
                here: Point::zeros(shape),
                there: Point::zeros(shape),
                back: vector(),
                last: vector(),
                pending: Pending::NONE,
            },
        })
    }
}

impl Stepper for DeepStepper {
    fn run(
        &mut self,
        model: &mut Model,
        samples: &Samples,
        order: &[u32],
        labels: &[f32],
        rule: &Rule,
    ) {
        self.isa.run(Run {
            scratch: &mut self.scratch,
            model,
            samples,
            order,
            labels,
            rule,
        });
    }
}

/// One call of [`Stepper::run`] as a kernel.
struct Run<'a> {
    scratch: &'a mut Scratch,
    model: &'a mut Model,
    samples: &'a Samples,
    order: &'a [u32],
    labels: &'a [f32],
    rule: &'a Rule,
}

impl Kernel for Run<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        self.scratch.pending = Pending::NONE;
        for (&i, &y) in self.order.iter().zip(self.labels) {
            let x = self.samples.x.row_chunks(i as usize);
            self.scratch.step(lanes, self.model, x, y, self.rule);
        }
        self.scratch.settle(lanes, self.model);
    }
}
