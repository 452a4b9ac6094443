//! The step: the gradient at theta, the gradient at theta~, the update.

use super::row::pre_activations;
use super::state::{Fired, State, scale, square};
use crate::engine::model::{Model, Samples};
use crate::engine::simd::lanes::flat;
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
        let (f, square_of_gradient) = self.fire(lanes, model, samples.x.row_chunks(i), i);
        let mut e = slope(lanes, rule.loss, f, y);
        let s = ascent(rule, e, square_of_gradient);
        if s == 0.0 {
            self.stay();
        } else {
            let f = self.ascend(lanes, model, samples, i, s);
            e = slope(lanes, rule.loss, f, y);
        }
        let keep = 1.0 - rule.eta * rule.weight_decay;
        if keep != 1.0 {
            self.scale(lanes, &mut model.first, keep);
            scale(lanes, &mut model.gamma, keep);
            scale(lanes, &mut model.last, keep);
        }
        self.descend(lanes, model, samples, i, rule.eta * e);
        if let Some(norm) = rule.project {
            let now = square(lanes, model.first.chunks()).sqrt();
            if now > 0.0 {
                self.scale(lanes, &mut model.first, norm / now);
            }
        }
    }

    /// The neurons that fire at the sample; `f` and `||grad f||^2`.
    #[inline(always)]
    fn fire<L: Lanes>(&mut self, lanes: L, model: &Model, x: &[Chunk], i: usize) -> (f32, f32) {
        let (gamma, last) = (model.gamma.row(0), model.last.row(0));
        let (mut f, mut total) = (0.0, 0.0);
        self.here.clear();
        for neuron in 0..self.z.rows() {
            let (z, a) = (self.z.row(neuron)[i], self.statistics[neuron].a);
            if !(z > 0.0 && a > 0.0) {
                continue;
            }
            let mut fired = Fired {
                neuron,
                gamma: gamma[neuron],
                last: last[neuron],
                a,
                u: z / a,
                reach: 0.0,
            };
            f += fired.gamma * fired.last * fired.u;
            // (gamma^2 + v^2) u^2 + (gamma v / a)^2 ||x_i - (u/a) q||^2
            let direction = distance(lanes, x, self.q.row_chunks(neuron), fired.pull());
            let outer = fired.gamma * fired.gamma + fired.last * fired.last;
            total += outer * (fired.u * fired.u) + fired.slope() * fired.slope() * direction;
            fired.reach = direction.sqrt() * self.radius;
            self.here.push(fired);
        }
        (f, total)
    }

    /// `theta~ = theta + s grad f(theta)`: fills `there` and `q_there`; `f(theta~)`.
    #[inline(always)]
    fn ascend<L: Lanes>(
        &mut self,
        lanes: L,
        model: &Model,
        samples: &Samples,
        i: usize,
        s: f32,
    ) -> f32 {
        let mut f = 0.0;
        self.there.clear();
        for here in &self.here {
            let j = here.neuron;
            let mut there = Fired {
                gamma: (s * here.u).mul_add(here.last, here.gamma),
                last: (s * here.u).mul_add(here.gamma, here.last),
                ..*here
            };
            let q_there = self.q_there.row_chunks_mut(self.there.len());
            let p = s * here.slope();
            if p.abs() * here.reach <= self.still * here.a {
                q_there.copy_from_slice(self.q.row_chunks(j)); // z~ = z up to rounding
            } else {
                let [w, z] = &mut self.moved;
                let (w, z) = (w.row_chunks_mut(0), z.row_chunks_mut(0));
                w.copy_from_slice(model.first.row_chunks(j));
                let x = samples.x.row_chunks(i);
                add(lanes, x, p, self.q.row_chunks(j), -p * here.pull(), w);
                pre_activations(lanes, &self.columns, w, z);
                there.a = self.fires.root_mean_square(lanes, z, self.inverse);
                there.u = flat(z)[i] / there.a;
                there.reach = f32::INFINITY;
                if there.u <= 0.0 || there.a == 0.0 {
                    continue; // silent at theta~: output and gradient 0
                }
                self.fires
                    .mean_product(lanes, z, &samples.x, self.inverse, q_there);
            }
            f += there.gamma * there.last * there.u;
            self.there.push(there);
        }
        f
    }

    /// `theta~ = theta`: `there` and `q_there` as they are before weight decay scales `q`.
    fn stay(&mut self) {
        self.there.clone_from(&self.here);
        for (slot, here) in self.here.iter().enumerate() {
            let q = self.q.row_chunks(here.neuron);
            self.q_there.row_chunks_mut(slot).copy_from_slice(q);
        }
    }

    /// `theta - rate grad f(theta~)`.
    #[inline(always)]
    fn descend<L: Lanes>(
        &mut self,
        lanes: L,
        model: &mut Model,
        samples: &Samples,
        i: usize,
        rate: f32,
    ) {
        if rate == 0.0 {
            return;
        }
        for slot in 0..self.there.len() {
            let (at, q) = (self.there[slot], self.q_there.row_chunks(slot));
            let (j, p) = (at.neuron, -rate * at.slope());
            let w = model.first.row_chunks_mut(j);
            add(lanes, samples.x.row_chunks(i), p, q, -p * at.pull(), w);
            model.gamma.row_mut(0)[j] -= rate * at.last * at.u;
            model.last.row_mut(0)[j] -= rate * at.gamma * at.u;
            let drift = p.abs() * at.reach + self.statistics[j].drift;
            if drift <= self.still * at.a {
                self.statistics[j].drift = drift;
            } else {
                self.refresh(lanes, w, samples, j);
                self.dead += usize::from(self.statistics[j].a == 0.0);
            }
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
fn add<L: Lanes>(lanes: L, x: &[Chunk], p: f32, q: &[Chunk], s: f32, w: &mut [Chunk]) {
    let (p, s) = (lanes.splat(p), lanes.splat(s));
    for ((w, x), q) in w.iter_mut().zip(x).zip(q) {
        let along = lanes.mul_add(s, lanes.load(q), lanes.load(w));
        lanes.store(lanes.mul_add(p, lanes.load(x), along), w);
    }
}
