//! Sharpness with bounds, by the formulas of the engine:
//!
//! ```text
//! Tr = (1/n) sum_i (l_i'' ||grad f_i||^2 + l_i' Tr Hess f_i)
//! ```
//!
//! The number `|A|` of active neurons, in `Tr Hess f` of layer norm, is exact where every sign is
//! certified.

use super::near::{Near, Sum, dot};
use super::pass::Pass;
use super::smooth::{at_output, mean};
use crate::engine::model::{Activation, Architecture};
use crate::engine::step::Loss;

/// The trace of the Hessian of the training loss, and its part that is never negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sharpness {
    /// `(1/n) sum_i l_i'' ||grad f_i||^2`.
    pub gauss_newton: Near,
    /// The trace.
    pub full: Near,
}

impl Pass {
    /// The sharpness at the training set, with one label per sample.
    pub fn sharpness(&self, loss: Loss, labels: &[f32]) -> Sharpness {
        let (squares, curvatures) = match self.shape.architecture {
            Architecture::SimBn => self.batch_norm(),
            _ => (0..self.inputs.len()).map(|i| self.by_layers(i)).unzip(),
        };
        let (mut gauss_newton, mut full) = (Vec::new(), Vec::new());
        for (i, (f, &y)) in self.outputs.iter().zip(labels).enumerate() {
            let l = at_output(loss, f, y);
            gauss_newton.push(l.curvature.mul(&squares[i]));
            full.push(dot(&[l.curvature, l.slope], &[squares[i], curvatures[i]]));
        }
        Sharpness {
            gauss_newton: mean(gauss_newton.iter()),
            full: mean(full.iter()),
        }
    }

    /// `||grad f(x_i)||^2` for every sample.
    pub fn squared_gradients(&self) -> Vec<Near> {
        match self.shape.architecture {
            Architecture::SimBn => self.batch_norm().0,
            _ => (0..self.inputs.len())
                .map(|i| self.by_layers(i).0)
                .collect(),
        }
    }

    /// `||grad f||^2` and `Tr Hess f` at sample `i`, without batch norm.
    fn by_layers(&self, i: usize) -> (Near, Near) {
        let top = &self.hidden[self.hidden.len() - 1].h[i];
        let scale = &self.readout.scales[i];
        let radius = dot(&self.inputs[i], &self.inputs[i]);
        let mut total = Sum::default();
        total.add(&dot(top, top).mul(scale).mul(scale)); // ||h||^2 / s^2, and delta_D = 1
        let mut delta = self.start(i, scale);
        for k in (0..self.hidden.len()).rev() {
            let inputs = match k {
                0 => radius,
                _ => dot(&self.hidden[k - 1].h[i], &self.hidden[k - 1].h[i]),
            };
            total.add_product(&inputs, &dot(&delta, &delta)); // ||h_{k-1}||^2 ||delta_k||^2
            if k > 0 {
                delta = self.back(k - 1, i, &delta);
            }
        }
        let counted = match (self.shape.architecture, self.shape.activation) {
            (Architecture::SimLn, _) => self.layer_norm_curvature(i),
            (_, Activation::Softplus) => self.activation_curvature(i),
            _ => Near::ZERO,
        };
        (total.round(), radius.mul(&counted))
    }

    /// `(1 - |A|) f / ||h||^2` beyond eps, else 0.
    fn layer_norm_curvature(&self, i: usize) -> Near {
        let mut idle = Sum::default();
        idle.add(&Near::ONE);
        for slope in &self.hidden[0].slope[i] {
            idle.add(&slope.neg());
        }
        idle.round()
            .mul(&self.readout.pulls[i].mul(&self.readout.scales[i]))
    }

    /// `sum_j W2_j sigma(z_j) (1 - sigma(z_j))`.
    fn activation_curvature(&self, i: usize) -> Near {
        let second = |sigma: &Near| sigma.mul(&Near::ONE.sub(sigma));
        let second: Vec<Near> = self.hidden[0].slope[i].iter().map(second).collect();
        dot(&self.weights.last, &second)
    }

    /// `||grad f_i||^2` and `Tr Hess f_i` with batch norm: with `v_i = 1_i x'_i - h_i g/a^2` and
    /// `V = (1/n) sum_i ||v_i||^2`, per neuron `(gamma^2 + W2^2) h^2/a^2 + c^2/a^2 ||v||^2` and
    /// `c (-2 v.g - h V) / a^3`.
    fn batch_norm(&self) -> (Vec<Near>, Vec<Near>) {
        let (x, layer) = (&self.inputs, &self.hidden[0]);
        let n = Near::new(x.len() as f32);
        let moments = super::gradient::outer(&layer.h, x); // n g_j
        let mut squares = vec![Sum::default(); x.len()];
        let mut curvatures = vec![Sum::default(); x.len()];
        for (j, a) in self.readout.inverse_rms.iter().enumerate() {
            let (gamma, w, g) = (&self.weights.gamma[j], &self.weights.last[j], &moments[j]);
            let (both, c) = (dot(&[*gamma, *w], &[*gamma, *w]), gamma.mul(w).mul(a)); // c / a
            let u = a.div(&n); // g / a = u * moment
            let residual = |i: usize| {
                let (slope, pull) = (layer.slope[i][j], layer.h[i][j].neg().mul(a).mul(&u));
                let row = |(x, g): (&Near, &Near)| dot(&[slope, pull], &[*x, *g]);
                let v: Vec<Near> = x[i].iter().zip(g).map(row).collect();
                (dot(&v, &v), dot(&v, g))
            };
            let (sizes, inners): (Vec<Near>, Vec<Near>) = (0..x.len()).map(residual).unzip();
            let spread = mean(sizes.iter()); // V
            for i in 0..x.len() {
                let z = layer.h[i][j].mul(a); // h / a
                squares[i].add_product(&both, &z.mul(&z));
                squares[i].add_product(&c.mul(&c), &sizes[i]);
                let along = Near::new(-2.0).mul(&inners[i].mul(&u));
                let inner = along.sub(&z.mul(&spread));
                curvatures[i].add_product(&c.mul(a), &inner);
            }
        }
        let round = |sums: &[Sum]| sums.iter().map(Sum::round).collect();
        (round(&squares), round(&curvatures))
    }
}
