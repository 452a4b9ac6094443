//! The step: the sample at theta, at theta~, and the update on the way back.

use super::columns::{Back, Update, product, update_and_multiply};
use super::vector::{axpy, dot, mask, numbers, numbers_mut, relu, relu_moved, scale};
use super::weights::Weights;
use super::{Point, Scratch};
use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::flat;
use crate::engine::simd::{Chunk, Lanes};
use crate::engine::slope::{ascent, slope};
use crate::engine::step::Rule;

impl Scratch {
    /// Makes `x` the sample of the step ahead: `z = W1' x`.
    #[inline(always)]
    pub fn begin<L: Lanes>(&mut self, lanes: L, x: &[Chunk]) {
        let all = &self.here.firing[0].neurons;
        product(
            lanes,
            &self.weights.first,
            all,
            flat(x),
            self.z.chunks_mut(),
        );
    }

    /// One step at the sample `x` with label `y`, and `next` is the sample of the one after it.
    #[inline(always)]
    pub fn step<L: Lanes>(&mut self, lanes: L, [x, next]: [&[Chunk]; 2], y: f32, rule: &Rule) {
        let Self {
            weights,
            here,
            there,
            product,
            last,
            z,
        } = self;
        here.at_theta(lanes, weights, x, z, product);
        let mut e = slope(lanes, rule.loss, dot(lanes, &weights.last, here.top()), y);
        let mut s = 0.0;
        // otherwise the ascent is 0 whatever the norm
        if rule.rho != 0.0 && e != 0.0 {
            here.back::<L, false>(lanes, weights, None, 0.0, product);
            s = ascent(rule, e, here.square_of_gradient(lanes));
        }
        if s == 0.0 {
            std::mem::swap(here, there);
        } else {
            last.chunks_mut().copy_from_slice(weights.last.chunks());
            axpy(lanes, s, here.top().chunks(), 1.0, last.chunks_mut());
            there.at_theta_tilde(lanes, weights, (s, here), last, product);
            e = slope(lanes, rule.loss, dot(lanes, last, there.top()), y);
        }
        let keep = 1.0 - rule.eta * rule.weight_decay;
        let rate = -rule.eta * e;
        let alpha = keep * weights.alpha;
        let from = (s != 0.0).then_some((s, &*here));
        there.back::<L, true>(lanes, weights, from, rate / alpha, product);
        weights.set_alpha(lanes, alpha);
        let update = Update {
            keep,
            rate,
            x: numbers(&there.h[0]),
            delta: there.delta[0].chunks(),
        };
        let first = &mut weights.first;
        update_and_multiply(lanes, first, update, flat(next), z.chunks_mut());
        let h = there.top().chunks();
        axpy(lanes, rate, h, keep, weights.last.chunks_mut());
        if let Some(norm) = rule.project {
            let now = dot(lanes, &weights.first, &weights.first).sqrt();
            if now > 0.0 {
                scale(lanes, norm / now, weights.first.chunks_mut());
                scale(lanes, norm / now, z.chunks_mut());
            }
        }
    }
}

impl Point {
    /// `h_{D-1}`.
    fn top(&self) -> &Matrix {
        &self.h[self.delta.len()]
    }

    /// The sample `x` at theta, up to `delta_{D-1}`; `first` is its `z_1`.
    #[inline(always)]
    fn at_theta<L: Lanes>(
        &mut self,
        lanes: L,
        weights: &Weights,
        x: &[Chunk],
        first: &Matrix,
        z: &mut Matrix,
    ) {
        let top = self.delta.len();
        self.h[0].chunks_mut().copy_from_slice(x);
        relu(lanes, 1.0, first, &mut self.h[1]);
        self.firing[1].find(lanes, self.h[1].chunks());
        for k in 1..top {
            self.multiply(lanes, &weights.hidden[k - 1], k, z);
            relu(lanes, weights.alpha, z, &mut self.h[k + 1]);
            self.firing[k + 1].find(lanes, self.h[k + 1].chunks());
        }
        mask(lanes, &weights.last, &self.h[top], &mut self.delta[top - 1]);
    }

    /// The same sample at theta~ = theta + s grad f, where the last layer is `last`, up to `delta_{D-1}`.
    #[inline(always)]
    fn at_theta_tilde<L: Lanes>(
        &mut self,
        lanes: L,
        weights: &Weights,
        (s, here): (f32, &Self),
        last: &Matrix,
        z: &mut Matrix,
    ) {
        let top = self.delta.len();
        let x = here.h[0].chunks();
        self.h[0].chunks_mut().copy_from_slice(x);
        for k in 0..top {
            let along = s * dot(lanes, &here.h[k], &self.h[k]);
            let delta = &here.delta[k];
            if k == 0 {
                relu_moved(lanes, 1.0, &here.h[1], along, delta, &mut self.h[1]);
            } else {
                self.multiply(lanes, &weights.hidden[k - 1], k, z);
                relu_moved(lanes, weights.alpha, z, along, delta, &mut self.h[k + 1]);
            }
            self.firing[k + 1].find(lanes, self.h[k + 1].chunks());
        }
        mask(lanes, last, &self.h[top], &mut self.delta[top - 1]);
    }

    /// `z = V_{k+1} h_k`.
    #[inline(always)]
    fn multiply<L: Lanes>(&self, lanes: L, w: &Matrix, k: usize, z: &mut Matrix) {
        let firing = &self.firing[k].neurons;
        product(lanes, w, firing, numbers(&self.h[k]), z.chunks_mut());
    }

    /// `delta_{D-2} .. delta_1`, the point being at theta~ `from` another if there is one; then, with
    /// `UPDATE`, `V_k += rate delta_k h_{k-1}^T`.
    #[inline(always)]
    fn back<L: Lanes, const UPDATE: bool>(
        &mut self,
        lanes: L,
        weights: &mut Weights,
        from: Option<(f32, &Self)>,
        rate: f32,
        t: &mut Matrix,
    ) {
        for k in (1..self.delta.len()).rev() {
            let back = Back {
                delta: self.delta[k].chunks(),
                runs: &self.firing[k + 1].runs,
                h: numbers(&self.h[k]),
                neurons: &self.firing[k].neurons,
            };
            t.chunks_mut().fill(Chunk::default());
            let w = &mut weights.hidden[k - 1];
            back.through::<L, UPDATE>(lanes, w, rate, numbers_mut(t));
            match from {
                None => scale(lanes, weights.alpha, t.chunks_mut()),
                Some((s, here)) => {
                    let along = s * dot(lanes, &here.delta[k], &self.delta[k]);
                    let h = here.h[k].chunks();
                    axpy(lanes, along, h, weights.alpha, t.chunks_mut());
                }
            }
            mask(lanes, t, &self.h[k], &mut self.delta[k - 1]);
        }
    }

    /// `||grad f||^2 = sum_k ||delta_k||^2 ||h_{k-1}||^2`, `delta_D = 1`.
    #[inline(always)]
    fn square_of_gradient<L: Lanes>(&self, lanes: L) -> f32 {
        let mut total = 0.0;
        for (h, delta) in self.h.iter().zip(&self.delta) {
            total += dot(lanes, delta, delta) * dot(lanes, h, h);
        }
        total + dot(lanes, self.top(), self.top())
    }
}
