//! The step: the gradient at theta, the gradient at theta~, the update.

use super::block::Members;
use super::state::{Point, State, scale, square};
use crate::engine::matrix::Matrix;
use crate::engine::model::{Model, Samples};
use crate::engine::simd::lanes::flat;
use crate::engine::simd::{Chunk, Lanes, WIDTH};
use crate::engine::slope::{ascent, slope};
use crate::engine::step::Rule;

impl State {
    /// One step at sample `i` with label `y`; how many neurons were left out, their `a_j` being 0.
    #[inline(always)]
    pub fn step<L: Lanes>(
        &mut self,
        lanes: L,
        model: &mut Model,
        samples: &Samples,
        i: usize,
        y: f32,
        rule: &Rule,
    ) -> u64 {
        let x = samples.x.row_chunks(i);
        let fire = self.fire(lanes, model, x);
        let mut e = slope(lanes, rule.loss, fire.f, y);
        let s = ascent(rule, e, fire.square);
        self.ascend(lanes, model, x, i, s);
        if s != 0.0 {
            e = slope(lanes, rule.loss, self.point.output(lanes), y);
        }
        let keep = 1.0 - rule.eta * rule.weight_decay;
        if keep != 1.0 {
            for part in model.parts_mut() {
                scale(lanes, part.chunks_mut(), keep);
            }
        }
        self.descend(lanes, model, x, rule.eta * e);
        if keep != 1.0 {
            self.scale(lanes, keep);
        }
        self.refresh(lanes, &model.first);
        if let Some(norm) = rule.project {
            let now = square(lanes, model.first.chunks()).sqrt();
            if now > 0.0 {
                scale(lanes, model.first.chunks_mut(), norm / now);
                self.scale(lanes, norm / now);
            }
        }
        fire.left_out
    }

    /// The gradient at theta.
    #[inline(always)]
    fn fire<L: Lanes>(&mut self, lanes: L, model: &Model, x: &[Chunk]) -> Fire {
        let zero = lanes.splat(0.0);
        let radius = lanes.splat(self.radius);
        let (mut f, mut total, mut alive) = (zero, zero, 0);
        for b in 0..self.a.len() {
            let a = lanes.load(&self.a[b]);
            let lives = lanes.gt(a, zero);
            alive += lanes.bits(lives).count_ones();
            let z = products(lanes, &model.first, b, x);
            let u = lanes.keep(lives, lanes.div(lanes.relu(z), a));
            lanes.store(u, &mut self.point.u[b]);
            let fires = lanes.gt(u, zero);
            if lanes.bits(fires) == 0 {
                continue;
            }
            let gamma = lanes.load(&model.gamma.chunks()[b]);
            let last = lanes.load(&model.last.chunks()[b]);
            let output = lanes.mul(gamma, last);
            f = lanes.mul_add(output, u, f);
            // (gamma^2 + v^2) u^2 + (gamma v / a)^2 ||x_i - (u/a) q||^2
            let pull = lanes.keep(fires, lanes.div(u, a));
            let slope = lanes.keep(fires, lanes.div(output, a));
            let direction = directions(lanes, &self.q, b, x, pull);
            let outer = lanes.mul_add(gamma, gamma, lanes.mul(last, last));
            total = lanes.mul_add(outer, lanes.mul(u, u), total);
            total = lanes.mul_add(lanes.mul(slope, slope), direction, total);
            let reach = lanes.mul(lanes.sqrt(direction), radius);
            lanes.store(reach, &mut self.point.reach[b]);
        }
        Fire {
            f: lanes.sum(f),
            square: lanes.sum(total),
            left_out: model.shape.width as u64 - u64::from(alive),
        }
    }

    /// `theta~ = theta + s grad f(theta)`: the point moves there.
    #[inline(always)]
    fn ascend<L: Lanes>(&mut self, lanes: L, model: &Model, x: &[Chunk], i: usize, s: f32) {
        let (zero, still) = (lanes.splat(0.0), lanes.splat(self.still));
        self.list.clear();
        for b in 0..self.a.len() {
            let gamma = lanes.load(&model.gamma.chunks()[b]);
            let last = lanes.load(&model.last.chunks()[b]);
            let a = lanes.load(&self.a[b]);
            let p = &mut self.point;
            lanes.store(gamma, &mut p.gamma[b]);
            lanes.store(last, &mut p.last[b]);
            lanes.store(a, &mut p.a[b]);
            let fires = lanes.gt(lanes.load(&p.u[b]), zero);
            self.moved[b] = 0;
            if s == 0.0 || lanes.bits(fires) == 0 {
                continue;
            }
            let (move_gamma, move_last, distance) = p.aim(lanes, b, s);
            lanes.store(lanes.add(gamma, move_gamma), &mut p.gamma[b]);
            lanes.store(lanes.add(last, move_last), &mut p.last[b]);
            let stays = lanes.gt(lanes.mul(still, a), distance);
            self.moved[b] = lanes.bits(fires) & !lanes.bits(stays);
            push(&mut self.list, b, self.moved[b]);
        }
        for &j in &self.list {
            let j = j as usize;
            let (w, q) = (model.first.row_chunks(j), self.q.row_chunks(j));
            let go = self.point.go(lanes, j);
            for (((to, w), x), q) in self.rows.row_chunks_mut(j).iter_mut().zip(w).zip(x).zip(q) {
                lanes.store(go.moved(lanes, w, x, q), to);
            }
        }
        for members in Members::blocks(&self.list) {
            let (block, p) = (&mut self.block, &mut self.point);
            let a = block.evaluate(lanes, &self.rows, &members.rows());
            let r = block.at(lanes, i);
            // silent at theta~: output and gradient 0
            let u = lanes.keep(lanes.gt(a, zero), lanes.div(r, a));
            members.set(lanes, a, &mut p.a);
            members.set(lanes, u, &mut p.u);
            members.set(lanes, lanes.splat(f32::INFINITY), &mut p.reach);
            block.write(lanes, members, &mut self.rows);
        }
    }

    /// `theta - rate grad f(theta~)`; lists the neurons whose statistics that changes.
    #[inline(always)]
    fn descend<L: Lanes>(&mut self, lanes: L, model: &mut Model, x: &[Chunk], rate: f32) {
        let (zero, still) = (lanes.splat(0.0), lanes.splat(self.still));
        self.list.clear();
        if rate == 0.0 {
            return;
        }
        for b in 0..self.a.len() {
            let p = &mut self.point;
            let bits = lanes.bits(lanes.gt(lanes.load(&p.u[b]), zero));
            if bits == 0 {
                continue;
            }
            let (move_gamma, move_last, distance) = p.aim(lanes, b, -rate);
            add(lanes, move_gamma, &mut model.gamma.chunks_mut()[b]);
            add(lanes, move_last, &mut model.last.chunks_mut()[b]);
            let drift = lanes.add(lanes.load(&self.drift[b]), distance);
            let stays = lanes.gt(lanes.mul(still, lanes.load(&p.a[b])), drift);
            lanes.store(drift, &mut self.drift[b]); // of those that do not stay: until they are evaluated
            push(&mut self.list, b, bits & !lanes.bits(stays));
            let mut rest = bits;
            while rest != 0 {
                let l = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let moved = self.moved[b] >> l & 1 == 1;
                let q = if moved { &self.rows } else { &self.q };
                let j = b * WIDTH + l;
                let go = p.go(lanes, j);
                let w = model.first.row_chunks_mut(j).iter_mut();
                for ((w, x), q) in w.zip(x).zip(q.row_chunks(j)) {
                    lanes.store(go.moved(lanes, w, x, q), w);
                }
            }
        }
    }
}

impl Point {
    /// `f`.
    #[inline(always)]
    fn output<L: Lanes>(&self, lanes: L) -> f32 {
        let mut f = lanes.splat(0.0);
        for b in 0..self.u.len() {
            let output = lanes.mul(lanes.load(&self.gamma[b]), lanes.load(&self.last[b]));
            f = lanes.mul_add(output, lanes.load(&self.u[b]), f);
        }
        lanes.sum(f)
    }

    /// The moves of gamma and v along `step grad f`; sets that of `w`, and gives a bound of what it
    /// does to the pre-activations.
    #[inline(always)]
    fn aim<L: Lanes>(&mut self, lanes: L, b: usize, step: f32) -> (L::V, L::V, L::V) {
        let (zero, step) = (lanes.splat(0.0), lanes.splat(step));
        let (gamma, last) = (lanes.load(&self.gamma[b]), lanes.load(&self.last[b]));
        let (a, u) = (lanes.load(&self.a[b]), lanes.load(&self.u[b]));
        let fires = lanes.gt(u, zero);
        let slope = lanes.keep(fires, lanes.div(lanes.mul(gamma, last), a));
        let pull = lanes.keep(fires, lanes.div(u, a));
        let along = lanes.mul(step, slope);
        let back = lanes.sub(zero, along);
        lanes.store(along, &mut self.along[b]);
        lanes.store(lanes.mul(back, pull), &mut self.across[b]);
        let size = lanes.select(lanes.gt(along, zero), along, back);
        let distance = lanes.keep(fires, lanes.mul(size, lanes.load(&self.reach[b])));
        let su = lanes.mul(step, u);
        (lanes.mul(su, last), lanes.mul(su, gamma), distance)
    }

    /// The move of the neuron `j`.
    #[inline(always)]
    fn go<L: Lanes>(&self, lanes: L, j: usize) -> Move<L> {
        Move {
            along: lanes.splat(flat(&self.along)[j]),
            across: lanes.splat(flat(&self.across)[j]),
        }
    }
}

/// `w += along x + across q`.
struct Move<L: Lanes> {
    along: L::V,
    across: L::V,
}

impl<L: Lanes> Move<L> {
    #[inline(always)]
    fn moved(&self, lanes: L, w: &Chunk, x: &Chunk, q: &Chunk) -> L::V {
        let w = lanes.mul_add(self.across, lanes.load(q), lanes.load(w));
        lanes.mul_add(self.along, lanes.load(x), w)
    }
}

/// What a step knows of its sample at theta.
struct Fire {
    /// `f`.
    f: f32,
    /// `||grad f||^2`.
    square: f32,
    /// How many `a_j` are 0.
    left_out: u64,
}

/// `w += v`.
#[inline(always)]
fn add<L: Lanes>(lanes: L, v: L::V, w: &mut Chunk) {
    lanes.store(lanes.add(lanes.load(w), v), w);
}

/// Appends the neurons of the set bits.
#[inline(always)]
fn push(list: &mut Vec<u32>, b: usize, mut bits: u16) {
    while bits != 0 {
        list.push((b * WIDTH) as u32 + bits.trailing_zeros());
        bits &= bits - 1;
    }
}

/// `w_j . x` of the `b`-th sixteen rows.
#[inline(always)]
fn products<L: Lanes>(lanes: L, w: &Matrix, b: usize, x: &[Chunk]) -> L::V {
    let mut sums = [lanes.splat(0.0); WIDTH];
    let rows = w.chunks()[b * WIDTH * w.stride()..].chunks_exact(w.stride());
    for (sum, row) in sums.iter_mut().zip(rows) {
        for (w, x) in row.iter().zip(x) {
            *sum = lanes.mul_add(lanes.load(w), lanes.load(x), *sum);
        }
    }
    lanes.sums(sums)
}

/// `||x - c_j q_j||^2` of the `b`-th sixteen rows.
#[inline(always)]
fn directions<L: Lanes>(lanes: L, q: &Matrix, b: usize, x: &[Chunk], c: L::V) -> L::V {
    let mut sums = [lanes.splat(0.0); WIDTH];
    let mut back = Chunk::default();
    lanes.store(lanes.sub(sums[0], c), &mut back);
    let rows = q.chunks()[b * WIDTH * q.stride()..].chunks_exact(q.stride());
    for ((sum, row), back) in sums.iter_mut().zip(rows).zip(back.0) {
        let back = lanes.splat(back);
        for (q, x) in row.iter().zip(x) {
            let difference = lanes.mul_add(back, lanes.load(q), lanes.load(x));
            *sum = lanes.mul_add(difference, difference, *sum);
        }
    }
    lanes.sums(sums)
}
