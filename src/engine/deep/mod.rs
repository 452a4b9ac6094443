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
//! Memory traffic is the limit (a hidden layer of 500 x 500 is 1 MB), so a step leaves out what is 0.
//! During a call the matrices stand by columns (`weights`): the column of a neuron silent in
//! `h_{k-1}` is not touched, and of the others only the product `W_k h_{k-1}` needs all; the product
//! with the transpose and the update, one pass, leave out the chunks where `delta_k` is 0. Neurons of
//! the last hidden layer stand by the sign of their weight in `W_D`: those of one sign fire together,
//! which leaves whole chunks silent. Weight decay is a number alpha, `W_k = alpha V_k` for `1 < k < D`,
//! multiplied in at the end of a call. The update of the first layer gives `z_1` of the next sample in
//! the same pass.
//!
//! Tests: `deep_vs_definition`, `deep_vs_plain`, `columns_vs_rows`, `alpha_vs_plain`,
//! `portable_vs_avx2_vs_avx512`, `calls_leave_no_trace`.

mod columns;
mod step;
#[cfg(test)]
mod tests;
mod transpose;
mod vector;
mod weights;

use super::matrix::Matrix;
use super::model::{Activation, Architecture, Model, Samples, Shape};
use super::simd::{Isa, Kernel, Lanes};
use super::step::{Rule, Stepper};
use columns::Firing;
use weights::Weights;

/// The smallest factor of weight decay, `1 - eta wd`, that alpha can carry.
const LEAST_DECAY: f32 = 0.5;

/// The single-sample stepper of `MLP-Bias` with at least two hidden layers.
#[derive(Debug)]
pub struct DeepStepper {
    isa: Isa,
    scratch: Scratch,
}

/// What a step works on; nothing in it outlives a call.
#[derive(Debug)]
struct Scratch {
    weights: Weights,
    /// The sample at theta.
    here: Point,
    /// The sample where the gradient of the update is taken: at theta~, or theta if they are the same.
    there: Point,
    /// `V_k h_{k-1}` or `V_k^T delta_k`.
    product: Matrix,
    /// `W_D` at theta~.
    last: Matrix,
    /// `z_1` of the step ahead.
    z: Matrix,
}

/// One sample at one parameter.
#[derive(Debug)]
struct Point {
    /// `h_0 = x'_i`, then `h_1 .. h_{D-1}`.
    h: Vec<Matrix>,
    /// Where they fire; of `h_0` all coordinates.
    firing: Vec<Firing>,
    /// `delta_1 .. delta_{D-1}`.
    delta: Vec<Matrix>,
}

impl Point {
    fn zeros(shape: &Shape) -> Self {
        let hidden = || vec![Matrix::zeros(1, shape.width); shape.depth - 1];
        let mut h = vec![Matrix::zeros(1, shape.columns())];
        h.extend(hidden());
        let mut firing: Vec<Firing> = h.iter().map(|h| Firing::new(h.columns())).collect();
        firing[0].neurons.extend(0..shape.columns() as u32);
        Self {
            h,
            firing,
            delta: hidden(),
        }
    }
}

impl DeepStepper {
    /// For `MLP-Bias` of depth 3 or more with relu and rules with one sample per step and weight decay
    /// that leaves at least half; `None` for others.
    pub fn new(isa: Isa, shape: &Shape, rule: &Rule) -> Option<Self> {
        let decay = 1.0 - rule.eta * rule.weight_decay;
        let fits = shape.architecture == Architecture::Bias
            && shape.activation == Activation::Relu
            && shape.depth >= 3
            && rule.batch == 1
            && decay >= LEAST_DECAY;
        let vector = || Matrix::zeros(1, shape.width);
        fits.then(|| Self {
            isa,
            scratch: Scratch {
                weights: Weights::zeros(shape),
                here: Point::zeros(shape),
                there: Point::zeros(shape),
                product: vector(),
                last: vector(),
                z: vector(),
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
        self.scratch.weights.take(lanes, self.model);
        let rows = &self.samples.x;
        let steps = self.order.iter().zip(self.labels);
        let mut ahead = self.order.iter();
        if let Some(&i) = ahead.next() {
            self.scratch.begin(lanes, rows.row_chunks(i as usize));
        }
        for (&i, &y) in steps {
            let next = *ahead.next().unwrap_or(&i); // after the last step nobody asks
            let [x, next] = [i, next].map(|i| rows.row_chunks(i as usize));
            self.scratch.step(lanes, [x, next], y, self.rule);
        }
        self.scratch.weights.give(lanes, self.model);
    }
}
