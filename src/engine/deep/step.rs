//! The step: the sample at theta, at theta~, and the update, which waits for the next step.

use super::layer::{
    Backward, Forward, Update, axpy, dot, mask, numbers, numbers_mut, pass, scale, shifted,
    transposed_product,
};
use super::{Pending, Point, Scratch};
use crate::engine::matrix::Matrix;
use crate::engine::model::Model;
use crate::engine::simd::{Chunk, Lanes};
use crate::engine::slope::{ascent, slope};
use crate::engine::step::Rule;

/// `W_{k+1}`, k from 0 to D - 2.
fn weights<'a>(first: &'a mut Matrix, hidden: &'a mut [Matrix], k: usize) -> &'a mut Matrix {
    match k {
        0 => first,
        _ => &mut hidden[k - 1],
    }
}

impl Scratch {
    /// One step at the sample `x` with label `y`.
    #[inline(always)]
    pub fn step<L: Lanes>(
        &mut self,
        lanes: L,
        model: &mut Model,
        x: &[Chunk],
        y: f32,
        rule: &Rule,
    ) {
        self.at_theta(lanes, model, x);
        let output = |last: &Matrix, at: &Point| dot(lanes, last, &at.h[at.delta.len()]);
        let mut e = slope(lanes, rule.loss, output(&model.last, &self.here), y);
        let s = ascent(rule, e, self.here.square_of_gradient(lanes));
        if s == 0.0 {
            std::mem::swap(&mut self.here, &mut self.there);
        } else {
            self.at_theta_tilde(lanes, model, x, s);
            e = slope(lanes, rule.loss, output(&self.last, &self.there), y);
        }
        self.pending = Pending {
            keep: 1.0 - rule.eta * rule.weight_decay,
            rate: -rule.eta * e,
        };
        let top = self.there.delta.len();
        if self.pending.keep != 1.0 {
            scale(lanes, self.pending.keep, model.last.chunks_mut());
        }
        let (rate, h) = (self.pending.rate, self.there.h[top].chunks());
        axpy(lanes, rate, h, model.last.chunks_mut());
        if let Some(norm) = rule.project {
            self.settle(lanes, model);
            let now = dot(lanes, &model.first, &model.first).sqrt();
            if now > 0.0 {
                scale(lanes, norm / now, model.first.chunks_mut());
            }
        }
    }

    /// Applies the pending update, and fills `here`.
    #[inline(always)]
    fn at_theta<L: Lanes>(&mut self, lanes: L, model: &mut Model, x: &[Chunk]) {
        let Model {
            first,
            hidden,
            last,
            ..
        } = model;
        self.here.h[0].chunks_mut().copy_from_slice(x);
        let top = self.here.delta.len();
        for k in 0..top {
            let (below, above) = self.here.h.split_at_mut(k + 1);
            let delta = numbers(&self.there.delta[k]);
            let update = Update {
                pending: self.pending,
                delta,
                h: self.there.h[k].chunks(),
            };
            let forward = Forward {
                input: below[k].chunks(),
                shift: 0.0,
                delta,
            };
            let backward = (k + 1 == top).then(|| Backward {
                v: numbers(last),
                delta: numbers_mut(&mut self.here.delta[k]),
                back: self.back.chunks_mut(),
            });
            let w = weights(first, hidden, k);
            let h = numbers_mut(&mut above[0]);
            pass(lanes, w, Some(update), forward, h, backward);
        }
        for k in (1..top).rev() {
            if k + 1 < top {
                let delta = numbers(&self.here.delta[k]);
                transposed_product(lanes, &hidden[k - 1], delta, self.back.chunks_mut());
            }
            let Point { h, delta } = &mut self.here;
            mask(lanes, &self.back, &h[k], &mut delta[k - 1]);
        }
    }

    /// Fills `there` and `last` at theta~ = theta + s grad f.
    #[inline(always)]
    fn at_theta_tilde<L: Lanes>(&mut self, lanes: L, model: &mut Model, x: &[Chunk], s: f32) {
        let (here, there) = (&self.here, &mut self.there);
        let top = here.delta.len();
        self.last.chunks_mut().copy_from_slice(model.last.chunks());
        axpy(lanes, s, here.h[top].chunks(), self.last.chunks_mut());
        there.h[0].chunks_mut().copy_from_slice(x);
        let square = dot(lanes, &here.h[0], &here.h[0]);
        let delta = &here.delta[0];
        shifted(lanes, &here.h[1], s * square, delta, &mut there.h[1]);
        for k in 1..top {
            let (below, above) = there.h.split_at_mut(k + 1);
            let forward = Forward {
                input: below[k].chunks(),
                shift: s * dot(lanes, &here.h[k], &below[k]),
                delta: numbers(&here.delta[k]),
            };
            let backward = (k + 1 == top).then(|| Backward {
                v: numbers(&self.last),
                delta: numbers_mut(&mut there.delta[k]),
                back: self.back.chunks_mut(),
            });
            let h = numbers_mut(&mut above[0]);
            pass(lanes, &mut model.hidden[k - 1], None, forward, h, backward);
        }
        for k in (1..top).rev() {
            let w = &model.hidden[k - 1];
            if k + 1 < top {
                let delta = numbers(&there.delta[k]);
                transposed_product(lanes, w, delta, self.back.chunks_mut());
            }
            let factor = s * dot(lanes, &here.delta[k], &there.delta[k]);
            axpy(lanes, factor, here.h[k].chunks(), self.back.chunks_mut());
            mask(lanes, &self.back, &there.h[k], &mut there.delta[k - 1]);
        }
    }

    /// Applies the pending update.
    #[inline(always)]
    pub fn settle<L: Lanes>(&mut self, lanes: L, model: &mut Model) {
        let Model { first, hidden, .. } = model;
        for k in 0..self.there.delta.len() {
            let update = Update {
                pending: self.pending,
                delta: numbers(&self.there.delta[k]),
                h: self.there.h[k].chunks(),
            };
            let w = weights(first, hidden, k);
            for j in 0..w.rows() {
                update.apply(lanes, j, w.row_chunks_mut(j));
            }
        }
        self.pending = Pending::NONE;
    }
}

impl Point {
    /// `||grad f||^2 = sum_k ||delta_k||^2 ||h_{k-1}||^2`, `delta_D = 1`.
    #[inline(always)]
    fn square_of_gradient<L: Lanes>(&self, lanes: L) -> f32 {
        let mut total = 0.0;
        for (h, delta) in self.h.iter().zip(&self.delta) {
            total += dot(lanes, delta, delta) * dot(lanes, h, h);
        }
        let top = &self.h[self.delta.len()];
        total + dot(lanes, top, top)
    }
}
