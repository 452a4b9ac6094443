//! The step: the gradient at theta, the gradient at theta~, the update.

use super::row::{self, Move};
use super::state::{Fired, State, scale};
use crate::engine::matrix::Matrix;
use crate::engine::model::{Model, Samples};
use crate::engine::simd::{Chunk, Lanes};
use crate::engine::slope::{ascent, slope};
use crate::engine::step::Rule;

impl State {
    /// One step at sample `i` with label `y`.
    #[inline(always)]
    pub fn step<L: Lanes>(
        &mut self,
        lanes: L,
        model: &mut Model,
        samples: &Samples,
        i: usize,
        y: f32,
        rule: &Rule,
    ) {
        let x = samples.x.row_chunks(i);
        let (f, square) = self.fire(lanes, model, x, i);
        let e = slope(lanes, rule.loss, f, y);
        let s = ascent(rule, e, square);
        let moved = s != 0.0;
        let e = if moved {
            let f = self.ascend(lanes, samples, i, s);
            slope(lanes, rule.loss, f, y)
        } else {
            e
        };
        let keep = 1.0 - rule.eta * rule.weight_decay;
        if keep != 1.0 {
            self.scale(lanes, &mut model.first, keep);
            scale(lanes, &mut model.gamma, keep);
            scale(lanes, &mut model.last, keep);
        }
        self.descend(lanes, model, samples, i, rule.eta * e, moved);
        if let Some(norm) = rule.project {
            let now = frobenius(lanes, &model.first);
            if now > 0.0 {
                self.scale(lanes, &mut model.first, norm / now);
            }
        }
    }

    /// The neurons that fire at the sample; `f` and `||grad f||^2`.
    #[inline(always)]
    fn fire<L: Lanes>(&mut self, lanes: L, model: &Model, x: &[Chunk], i: usize) -> (f32, f32) {
        let (gamma, last) = (model.gamma.row(0), model.last.row(0));
        let (mut f, mut square) = (0.0, 0.0);
        self.here.clear();
        for neuron in 0..self.z.rows() {
            let (z, a) = (self.z.row(neuron)[i], self.a[neuron]);
            if !(z > 0.0 && a > 0.0) {
                continue;
            }
            let (gamma, last) = (gamma[neuron], last[neuron]);
            let fired = Fired {
                neuron,
                gamma,
                last,
                a,
                u: z / a,
            };
            f += gamma * last * fired.u;
            // (gamma^2 + v^2) u^2 + (gamma v / a)^2 ||x_i - (u/a) q||^2
            let direction = distance(lanes, x, self.q.row_chunks(neuron), fired.pull());
            let outer = (gamma * gamma + last * last) * (fired.u * fired.u);
            square += outer + fired.slope() * fired.slope() * direction;
            self.here.push(fired);
        }
        (f, square)
    }

    /// `theta~ = theta + s grad f(theta)`: fills `there` and `q_there`; `f(theta~)`.
    #[inline(always)]
    fn ascend<L: Lanes>(&mut self, lanes: L, samples: &Samples, i: usize, s: f32) -> f32 {
        let mut f = 0.0;
        self.there.clear();
        for here in &self.here {
            let p = s * here.slope();
            let step = Move {
                gram: self.gram.row_chunks(i),
                columns: &self.columns,
                p,
                s: -p * here.pull(),
            };
            let (q, z) = (
                self.q.row_chunks(here.neuron),
                self.z.row_chunks(here.neuron),
            );
            step.apply(lanes, q, z, self.moved.row_chunks_mut(0));
            let moved = self.moved.row_chunks(0);
            let a = row::root_mean_square(lanes, moved, self.inverse, &mut self.pattern);
            let z = self.moved.row(0)[i];
            if z <= 0.0 || a == 0.0 {
                continue; // silent at theta~: output and gradient 0
            }
            let q = self.q_there.row_chunks_mut(self.there.len());
            row::mean_product(lanes, moved, &self.pattern, &samples.x, self.inverse, q);
            let fired = Fired {
                neuron: here.neuron,
                gamma: (s * here.u).mul_add(here.last, here.gamma),
                last: (s * here.u).mul_add(here.gamma, here.last),
                a,
                u: z / a,
            };
            f += fired.gamma * fired.last * fired.u;
            self.there.push(fired);
        }
        f
    }

    /// `theta - rate grad f(theta~)`, `theta~ = theta` unless `moved`.
    #[inline(always)]
    fn descend<L: Lanes>(
        &mut self,
        lanes: L,
        model: &mut Model,
        samples: &Samples,
        i: usize,
        rate: f32,
        moved: bool,
    ) {
        if rate == 0.0 {
            return;
        }
        let fired = if moved { &self.there } else { &self.here };
        for (slot, at) in fired.iter().enumerate() {
            let j = at.neuron;
            let p = -rate * at.slope();
            let step = Move {
                gram: self.gram.row_chunks(i),
                columns: &self.columns,
                p,
                s: -p * at.pull(),
            };
            let q = if moved {
                self.q_there.row_chunks(slot)
            } else {
                self.q.row_chunks(j)
            };
            let to = self.moved.row_chunks_mut(0);
            step.apply(lanes, q, self.z.row_chunks(j), to);
            axpy(
                lanes,
                samples.x.row_chunks(i),
                p,
                q,
                step.s,
                model.first.row_chunks_mut(j),
            );
            model.gamma.row_mut(0)[j] -= rate * at.last * at.u;
            model.last.row_mut(0)[j] -= rate * at.gamma * at.u;
            self.z.row_chunks_mut(j).copy_from_slice(to);
            self.a[j] = row::root_mean_square(lanes, to, self.inverse, &mut self.pattern);
            self.dead += usize::from(self.a[j] == 0.0);
            let q = self.q.row_chunks_mut(j);
            row::mean_product(lanes, to, &self.pattern, &samples.x, self.inverse, q);
        }
    }
}

/// `||x - c q||^2`.
#[inline(always)]
fn distance<L: Lanes>(lanes: L, x: &[Chunk], q: &[Chunk], c: f32) -> f32 {
    let c = lanes.splat(-c);
    let mut total = lanes.splat(0.0);
    for (x, q) in x.iter().zip(q) {
        let difference = lanes.mul_add(c, lanes.load(q), lanes.load(x));
        total = lanes.mul_add(difference, difference, total);
    }
    lanes.sum(total)
}

/// `w += p x + s q`.
#[inline(always)]
fn axpy<L: Lanes>(lanes: L, x: &[Chunk], p: f32, q: &[Chunk], s: f32, w: &mut [Chunk]) {
    let (p, s) = (lanes.splat(p), lanes.splat(s));
    for ((w, x), q) in w.iter_mut().zip(x).zip(q) {
        let along = lanes.mul_add(s, lanes.load(q), lanes.load(w));
        lanes.store(lanes.mul_add(p, lanes.load(x), along), w);
    }
}

/// `||w||`.
#[inline(always)]
fn frobenius<L: Lanes>(lanes: L, w: &Matrix) -> f32 {
    let mut total = lanes.splat(0.0);
    for chunk in w.chunks() {
        let w = lanes.load(chunk);
        total = lanes.mul_add(w, w, total);
    }
    lanes.sum(total).sqrt()
}
