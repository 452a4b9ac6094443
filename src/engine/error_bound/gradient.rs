//! The gradient of the mean loss of a batch with bounds, by the formulas of the engine.
//!
//! With `c_i` the slope of the mean loss in `f_i`, and `S_j = sum_i c_i h_ij`:
//!
//! ```text
//! last      sum_i c_i/s_i h_ij
//! delta_ij  c_i/s_i (w_j - p_i h_ij) act'(z_ij)
//! W_k       sum_i delta_ik h_i,k-1^T,     delta_i,k-1 = (W_k^T delta_ik) act'(z_i,k-1),   h_i0 = x'_i
//! relu, two layers, no layer norm: also   W1'_j = w_j sum_{i active} c_i x'_i
//! Sim-BN    last  gamma_j S_j/a_j,   gamma  W2_j S_j/a_j
//!           W1'_j  w_j (sum_{i active} c_i x'_i - S_j/(n a_j^2) sum_i h_ij x'_i)
//! ```
//!
//! Where relu's sign is not certified its slope is any number in [0, 1], so the gradient has a bound
//! there too, if a wide one: it holds at either side of the kink and for the engine's `relu'(0) = 0`.

use super::near::{Near, Sum, dot};
use super::pass::{Pass, Weights};
use super::smooth::{at_output, mean};
use crate::engine::model::{Activation, Architecture};
use crate::engine::step::Loss;

impl Pass {
    /// The mean loss of the samples `batch` with `labels`.
    pub fn loss(&self, loss: Loss, (batch, labels): (&[u32], &[f32])) -> Near {
        let entry = |(&i, &y): (&u32, &f32)| at_output(loss, &self.outputs[i as usize], y).value;
        let values: Vec<Near> = batch.iter().zip(labels).map(entry).collect();
        mean(values.iter())
    }

    /// `c_i` for every sample.
    fn slopes(&self, loss: Loss, (batch, labels): (&[u32], &[f32])) -> Vec<Near> {
        let n = Near::new(batch.len() as f32);
        let mut sums = vec![Sum::default(); self.outputs.len()];
        for (&i, &y) in batch.iter().zip(labels) {
            let slope = at_output(loss, &self.outputs[i as usize], y).slope;
            sums[i as usize].add(&slope.div(&n));
        }
        sums.iter().map(Sum::round).collect()
    }

    /// The gradient of the mean loss of the samples `batch` with `labels`.
    pub fn gradient(&self, loss: Loss, batch: (&[u32], &[f32])) -> Weights {
        let slopes = self.slopes(loss, batch);
        match self.shape.architecture {
            Architecture::SimBn => self.by_statistics(&slopes),
            _ => self.by_delta(&slopes),
        }
    }

    /// The general road, by backward signals.
    fn by_delta(&self, slopes: &[Near]) -> Weights {
        let scaled: Vec<Near> = slopes
            .iter()
            .zip(&self.readout.scales)
            .map(product)
            .collect();
        let top = self.hidden.len() - 1;
        let mut deltas: Vec<Vec<Near>> = (0..scaled.len())
            .map(|i| self.start(i, &scaled[i]))
            .collect();
        let mut hidden = Vec::new();
        for k in (0..top).rev() {
            hidden.push(outer(&deltas, &self.hidden[k].h));
            let below = |(i, delta): (usize, &Vec<Near>)| self.back(k, i, delta);
            deltas = deltas.iter().enumerate().map(below).collect();
        }
        hidden.reverse();
        let mut first = outer(&deltas, &self.inputs);
        if top == 0
            && self.shape.activation == Activation::Relu
            && self.shape.architecture != Architecture::SimLn
        {
            let other = self.by_active(slopes);
            let pairs = first.iter_mut().flatten().zip(other.iter().flatten());
            pairs.for_each(|(a, b)| *a = a.either(b));
        }
        Weights {
            first,
            hidden,
            gamma: Vec::new(),
            last: outer(
                &scaled.iter().map(|&c| vec![c]).collect::<Vec<_>>(),
                &self.hidden[top].h,
            )
            .swap_remove(0),
        }
    }

    /// `c/s_i (w_j - p_i h_ij) act'(z_ij)` for every neuron of the last hidden layer.
    pub(super) fn start(&self, i: usize, c: &Near) -> Vec<Near> {
        let top = &self.hidden[self.hidden.len() - 1];
        let entry = |(j, w): (usize, &Near)| {
            let tangent = w.sub(&self.readout.pulls[i].mul(&top.h[i][j]));
            tangent.mul(&top.slope[i][j].mul(c))
        };
        self.weights.last.iter().enumerate().map(entry).collect()
    }

    /// `(W_{k+2}^T delta) act'(z_i)` at hidden layer `k`, counted from 0.
    pub(super) fn back(&self, k: usize, i: usize, delta: &[Near]) -> Vec<Near> {
        let w = &self.weights.hidden[k];
        let mut sums = vec![Sum::default(); self.shape.width];
        for (row, delta) in w.iter().zip(delta) {
            for (sum, w) in sums.iter_mut().zip(row) {
                sum.add_product(w, delta);
            }
        }
        let slopes = &self.hidden[k].slope[i];
        sums.iter()
            .zip(slopes)
            .map(|(s, slope)| s.round().mul(slope))
            .collect()
    }

    /// `w_j sum_{i active} c_i x'_i` for every neuron.
    fn by_active(&self, slopes: &[Near]) -> Vec<Vec<Near>> {
        let columns = self.inputs.first().map_or(0, Vec::len);
        let row = |(j, w): (usize, &Near)| {
            let entry = |k: usize| {
                let mut sum = Sum::default();
                for (i, c) in slopes.iter().enumerate() {
                    sum.add_product(&self.hidden[0].slope[i][j], &c.mul(&self.inputs[i][k]));
                }
                w.mul(&sum.round())
            };
            (0..columns).map(entry).collect()
        };
        self.readout.weights.iter().enumerate().map(row).collect()
    }

    /// Batch norm.
    fn by_statistics(&self, slopes: &[Near]) -> Weights {
        let (h, n) = (&self.hidden[0].h, Near::new(self.inputs.len() as f32));
        let mut first = self.by_active(slopes);
        let moments = outer(h, &self.inputs); // sum_i h_ij x'_i
        let (mut gamma, mut last) = (Vec::new(), Vec::new());
        for (j, (row, a)) in first.iter_mut().zip(&self.readout.inverse_rms).enumerate() {
            let mut sum = Sum::default();
            slopes
                .iter()
                .zip(h)
                .for_each(|(c, h)| sum.add_product(c, &h[j]));
            let normalised = sum.round().mul(a); // S_j / a_j
            last.push(self.weights.gamma[j].mul(&normalised));
            gamma.push(self.weights.last[j].mul(&normalised));
            let pull = self.readout.weights[j]
                .mul(&normalised.mul(a).div(&n))
                .neg();
            for (g, moment) in row.iter_mut().zip(&moments[j]) {
                *g = dot(&[*g, pull], &[Near::ONE, *moment]);
            }
        }
        Weights {
            first,
            hidden: Vec::new(),
            gamma,
            last,
        }
    }
}

fn product((a, b): (&Near, &Near)) -> Near {
    a.mul(b)
}

/// `sum_i a_ij b_ik` for every `j` and `k`.
pub(super) fn outer(a: &[Vec<Near>], b: &[Vec<Near>]) -> Vec<Vec<Near>> {
    let (rows, columns) = (a.first().map_or(0, Vec::len), b.first().map_or(0, Vec::len));
    let mut sums = vec![vec![Sum::default(); columns]; rows];
    for (a, b) in a.iter().zip(b) {
        for (row, a) in sums.iter_mut().zip(a) {
            row.iter_mut()
                .zip(b)
                .for_each(|(sum, b)| sum.add_product(a, b));
        }
    }
    let round = |row: &Vec<Sum>| row.iter().map(Sum::round).collect();
    sums.iter().map(round).collect()
}

/// The norm of all entries together.
pub fn norm(gradient: &Weights) -> Near {
    let mut sum = Sum::default();
    gradient.entries().for_each(|g| sum.add_product(g, g));
    sum.round().sqrt()
}
