//! The parameters during a call, by columns.
//!
//! | | shape | |
//! |---|---|---|
//! | `first` | (d + 1) x m | `W1'^T` |
//! | `hidden` | m x m each | `V_k^T`, `W_k = alpha V_k`, k from 2 to D - 1 |
//! | `last` | m | `W_D` |
//!
//! Neuron `j` of the last hidden layer is neuron `order[j]` of the model: as a call begins, first all
//! with `W_D <= 0`, then the others. A chunk beyond the m entries of a column of `hidden` keeps columns
//! of a power of two apart in the cache.

use super::transpose::{gather_transposed, scatter_transposed};
use super::vector::scale;
use crate::engine::matrix::Matrix;
use crate::engine::model::{Model, Shape};
use crate::engine::simd::{Lanes, WIDTH};

/// Beyond it, and below its inverse, alpha is multiplied in.
const LARGEST_ALPHA: f32 = 4096.0;

/// See the module.
#[derive(Debug)]
pub struct Weights {
    pub first: Matrix,
    pub hidden: Vec<Matrix>,
    pub last: Matrix,
    pub alpha: f32,
    /// The order of the last hidden layer.
    order: Vec<u32>,
    /// That of the others: `0, 1, 2, ..`.
    given: Vec<u32>,
}

impl Weights {
    /// Room for a network of this shape.
    pub fn zeros(shape: &Shape) -> Self {
        let m = shape.width;
        let given: Vec<u32> = (0..m as u32).collect();
        Self {
            first: Matrix::zeros(shape.columns(), m),
            hidden: vec![Matrix::zeros(m, m + WIDTH); shape.depth - 2],
            last: Matrix::zeros(1, m),
            alpha: 1.0,
            order: given.clone(),
            given,
        }
    }

    /// Starts a call from `model`.
    #[inline(always)]
    pub fn take<L: Lanes>(&mut self, lanes: L, model: &Model) {
        self.alpha = 1.0;
        let v = model.last.row(0);
        self.order.clear();
        for positive in [false, true] {
            let alike = |&j: &u32| (v[j as usize] > 0.0) == positive;
            self.order.extend(self.given.iter().copied().filter(alike));
        }
        for (to, &j) in self.last.row_mut(0).iter_mut().zip(&self.order) {
            *to = v[j as usize];
        }
        gather_transposed(lanes, &model.first, &self.given, &mut self.first);
        let top = self.hidden.len() - 1;
        for (k, (from, to)) in model.hidden.iter().zip(&mut self.hidden).enumerate() {
            let order = if k == top { &self.order } else { &self.given };
            gather_transposed(lanes, from, order, to);
        }
    }

    /// Ends a call: the parameters go back to `model`.
    #[inline(always)]
    pub fn give<L: Lanes>(&mut self, lanes: L, model: &mut Model) {
        for (&v, &j) in self.last.row(0).iter().zip(&self.order) {
            model.last.row_mut(0)[j as usize] = v;
        }
        scatter_transposed(lanes, &self.first, &self.given, 1.0, &mut model.first);
        let top = self.hidden.len() - 1;
        for (k, (from, to)) in self.hidden.iter().zip(&mut model.hidden).enumerate() {
            let order = if k == top { &self.order } else { &self.given };
            scatter_transposed(lanes, from, order, self.alpha, to);
        }
    }

    /// Keeps alpha in range.
    #[inline(always)]
    pub fn set_alpha<L: Lanes>(&mut self, lanes: L, alpha: f32) {
        self.alpha = alpha;
        if !(1.0 / LARGEST_ALPHA..=LARGEST_ALPHA).contains(&alpha) {
            for w in &mut self.hidden {
                scale(lanes, alpha, w.chunks_mut());
            }
            self.alpha = 1.0;
        }
    }
}
