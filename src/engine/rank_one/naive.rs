//! A two-layer step in f64, as its definition says: what the blocks are tested against.

use super::*;
use crate::engine::step::Loss;

/// A two-layer network in f64, and its step as `engine::step` defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct Naive {
    first: Vec<Vec<f64>>,
    last: Vec<f64>,
    activation: Activation,
    eps: Option<f64>,
}

impl Naive {
    pub fn of(model: &Model) -> Self {
        let row = |row: &[f32]| row.iter().map(|&w| f64::from(w)).collect::<Vec<_>>();
        let normal = model.shape.architecture == Architecture::SimLn;
        Self {
            first: (0..model.first.rows())
                .map(|j| row(model.first.row(j)))
                .collect(),
            last: row(model.last.row(0)),
            activation: model.shape.activation,
            eps: normal.then_some(f64::from(model.shape.eps)),
        }
    }

    /// `(f, df/dW1', df/da)`.
    pub fn gradient(&self, x: &[f64]) -> (f64, Vec<Vec<f64>>, Vec<f64>) {
        let z = |w: &Vec<f64>| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        let z: Vec<f64> = self.first.iter().map(z).collect();
        let (h, slope): (Vec<f64>, Vec<f64>) = match self.activation {
            Activation::Relu => z
                .iter()
                .map(|&z| (z.max(0.0), f64::from(u8::from(z > 0.0))))
                .unzip(),
            Activation::Softplus => z
                .iter()
                .map(|&z| (z.exp().ln_1p(), 1.0 / (1.0 + (-z).exp())))
                .unzip(),
        };
        let dot: f64 = h.iter().zip(&self.last).map(|(h, a)| h * a).sum();
        let norm = h.iter().map(|h| h * h).sum::<f64>().sqrt();
        let (per, normal) = match self.eps {
            None => (1.0, 0.0),
            Some(eps) if norm > eps => (1.0 / norm, dot / norm.powi(3)),
            Some(eps) => (1.0 / eps, 0.0),
        };
        let s = |j: usize| slope[j] * (self.last[j] * per - normal * h[j]);
        let first = (0..h.len())
            .map(|j| x.iter().map(|x| s(j) * x).collect())
            .collect();
        (dot * per, first, h.iter().map(|h| h * per).collect())
    }

    /// `theta + factor (first, last)`, after `theta * decay`.
    pub fn moved(&self, decay: f64, factor: f64, first: &[Vec<f64>], last: &[f64]) -> Self {
        let add = |w: &[f64], g: &[f64]| {
            let pairs = w.iter().zip(g);
            pairs
                .map(|(w, g)| decay * w + factor * g)
                .collect::<Vec<_>>()
        };
        let mut moved = self.clone();
        moved.first = self
            .first
            .iter()
            .zip(first)
            .map(|(w, g)| add(w, g))
            .collect();
        moved.last = add(&self.last, last);
        moved
    }

    pub fn step(&self, x: &[f64], y: f64, rule: &Rule) -> Self {
        let derivative = |f: f64| match rule.loss {
            Loss::SquaredError => 2.0 * (f - y),
            Loss::Logistic { p } => {
                let p = f64::from(p);
                1.0 / (1.0 + (-f).exp()) - if y > 0.0 { p } else { 1.0 - p }
            }
        };
        let (f, first, last) = self.gradient(x);
        let r = derivative(f);
        let squares = first
            .iter()
            .flatten()
            .chain(&last)
            .map(|g| g * g)
            .sum::<f64>();
        let norm = r.abs() * squares.sqrt();
        let rho = f64::from(rule.rho);
        let up = match (norm == 0.0, rule.normalised) {
            (true, _) => 0.0,
            (_, true) => rho * r / norm,
            _ => rho * r,
        };
        let there = self.moved(1.0, up, &first, &last);
        let (f, first, last) = there.gradient(x);
        let eta = f64::from(rule.eta);
        let decay = 1.0 - eta * f64::from(rule.weight_decay);
        let mut next = self.moved(decay, -eta * derivative(f), &first, &last);
        if let Some(norm) = rule.project {
            let now = next
                .first
                .iter()
                .flatten()
                .map(|w| w * w)
                .sum::<f64>()
                .sqrt();
            let scale = f64::from(norm) / now;
            next.first.iter_mut().flatten().for_each(|w| *w *= scale);
        }
        next
    }

    pub fn run(&self, samples: &Samples, order: &[u32], labels: &[f32], rule: &Rule) -> Self {
        let mut net = self.clone();
        for (&i, &y) in order.iter().zip(labels) {
            let x: Vec<f64> = samples
                .x
                .row(i as usize)
                .iter()
                .map(|&x| x.into())
                .collect();
            net = net.step(&x, y.into(), rule);
        }
        net
    }

    /// The largest difference of parameters, relative to the largest parameter.
    pub fn distance(&self, other: &Self) -> f64 {
        let all = |net: &Self| {
            let entries = net.first.iter().flatten().chain(&net.last);
            entries.copied().collect::<Vec<f64>>()
        };
        let (left, right) = (all(self), all(other));
        let largest = right.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
        let differences = left.iter().zip(&right).map(|(l, r)| (l - r).abs());
        differences.fold(0.0, |most: f64, w| if w.is_nan() { w } else { most.max(w) }) / largest
    }
}
