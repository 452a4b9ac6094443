//! A forward pass in f32 with any order of summation, fused or not: what the bounds must cover beyond
//! the engine's own order.

use crate::corpus::below;
use flatproof::engine::{Architecture, Model, Samples};
use rand_chacha::ChaCha8Rng;

/// How sums are taken.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// From the first term on.
    Rising,
    /// From the last term on.
    Falling,
    /// By halves.
    Pairwise,
    /// Two terms at random, again and again.
    Random,
}

/// All of them.
pub const ORDERS: [Order; 4] = [
    Order::Rising,
    Order::Falling,
    Order::Pairwise,
    Order::Random,
];

/// A way to compute.
pub struct Naive {
    /// Order of sums.
    pub order: Order,
    /// Whether chains use fused multiply-adds.
    pub fused: bool,
    /// For [`Order::Random`].
    pub rng: ChaCha8Rng,
}

impl Naive {
    fn dot(&mut self, a: &[f32], b: &[f32]) -> f32 {
        let pairs: Vec<(f32, f32)> = a.iter().copied().zip(b.iter().copied()).collect();
        let step = |sum: f32, &(a, b): &(f32, f32)| match self.fused {
            true => a.mul_add(b, sum),
            false => sum + a * b,
        };
        let mut terms: Vec<f32> = pairs.iter().map(|(a, b)| a * b).collect();
        match self.order {
            Order::Rising => pairs.iter().fold(0.0, step),
            Order::Falling => pairs.iter().rev().fold(0.0, step),
            Order::Pairwise => halves(&terms),
            Order::Random => {
                while terms.len() > 1 {
                    let a = terms.swap_remove(below(&mut self.rng, terms.len()));
                    let i = below(&mut self.rng, terms.len());
                    terms[i] += a;
                }
                terms[0]
            }
        }
    }

    /// `f` at the samples, whose statistics batch norm uses; the last hidden layers' sums too.
    pub fn outputs(&mut self, net: &Model, at: &Samples) -> Vec<f32> {
        let mut h: Vec<Vec<f32>> = Vec::new();
        for i in 0..at.len() {
            let mut below = at.x.row(i).to_vec();
            for w in std::iter::once(&net.first).chain(&net.hidden) {
                let z = (0..w.rows()).map(|j| self.dot(w.row(j), &below));
                let h: Vec<f32> = z.map(|z| if z > 0.0 { z } else { 0.0 }).collect();
                below = h;
            }
            h.push(below);
        }
        let last = net.last.row(0);
        match net.shape.architecture {
            Architecture::NoBias | Architecture::Bias => {
                h.iter().map(|h| self.dot(last, h)).collect()
            }
            Architecture::SimBn => {
                let mut weights = Vec::new();
                for (j, w) in last.iter().enumerate() {
                    let column: Vec<f32> = h.iter().map(|h| h[j]).collect();
                    let a = (self.dot(&column, &column) / h.len() as f32).sqrt();
                    let a = if a > 0.0 { 1.0 / a } else { 0.0 };
                    weights.push(w * net.gamma.row(0)[j] * a);
                }
                h.iter().map(|h| self.dot(&weights, h)).collect()
            }
            Architecture::SimLn => {
                let one = |h: &Vec<f32>| {
                    let norm = self.dot(h, h).sqrt().max(net.shape.eps);
                    match self.fused {
                        true => self.dot(last, h) / norm,
                        false => self.dot(last, h) * (1.0 / norm),
                    }
                };
                h.iter().map(one).collect()
            }
        }
    }
}

fn halves(terms: &[f32]) -> f32 {
    match terms {
        [] => 0.0,
        [x] => *x,
        _ => {
            let (left, right) = terms.split_at(terms.len() / 2);
            halves(left) + halves(right)
        }
    }
}
