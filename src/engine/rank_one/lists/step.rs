//! The step of [`super::super::relu`] where only the active neurons work.
//!
//! Products with `x'` are made for the neurons of the sample's list (`candidates`); those with `v > 0`
//! are packed, in their order, so that sums depend on the active neurons alone.

use super::super::Steps;
use super::super::relu::{Ascent, Descent, Step};
use super::candidates::{Candidates, front, scale, square};
use crate::engine::model::{Architecture, Model};
use crate::engine::simd::lanes::{Chunk, Lanes, WIDTH, flat, flat_mut};
use crate::engine::simd::picked::{Changes, Neurons, Picks, dot_rows, numbers};

/// Steps between two times that `W1' = alpha V` is written out, if alpha is not 1.
const FOLD: usize = 64;
/// Beyond it, and below its inverse, it is written out at once.
const LARGEST_ALPHA: f32 = 4096.0;

/// The lists, and the active neurons of the sample of a step, packed.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    candidates: Candidates,
    /// How many.
    len: usize,
    /// Their numbers as bits, and `v > 0`.
    numbers: Vec<Chunk>,
    h: Vec<Chunk>,
    a: Vec<Chunk>,
    c: Vec<Chunk>,
    /// `V_j . x'` at the reference of the lists; what the step takes from the rooms.
    before: Vec<Chunk>,
    taken: Vec<Chunk>,
    /// `W1' = alpha V`.
    alpha: f32,
    /// `||V||^2`, where a projection needs it.
    norm_squared: f32,
}

impl Lists {
    /// Makes the lists hold for a call.
    #[inline(always)]
    pub fn open<L: Lanes>(&mut self, lanes: L, on: &Steps) {
        let (first, samples) = (&on.model.first, &on.samples.x);
        self.candidates.open(lanes, first, samples);
    }

    /// How many neurons are active at sample `i`.
    #[inline(always)]
    pub fn active<L: Lanes>(&self, lanes: L, on: &Steps, i: usize) -> usize {
        let (list, x) = (self.candidates.list(i), on.samples.x.row_chunks(i));
        let mut active = 0;
        for (group, numbers) in numbers(list.chunks).as_chunks().0.iter().enumerate() {
            let v = dot_rows(lanes, on.model.first.chunks(), numbers, x);
            let fires = lanes.bits(lanes.gt(v, lanes.splat(0.0)));
            active += (fires & front(list.len - WIDTH * group)).count_ones() as usize;
        }
        active
    }

    /// One step per entry of the order, once opened.
    #[inline(always)]
    pub fn run<L: Lanes>(&mut self, lanes: L, mut on: Steps) {
        let (rule, shape) = (on.rule, on.model.shape);
        let eps = (shape.architecture == Architecture::SimLn).then_some(shape.eps);
        let decay = 1.0 - rule.eta * rule.weight_decay;
        let scales = decay != 1.0 || rule.project.is_some();
        let empty = vec![Chunk::default(); shape.width.div_ceil(WIDTH) + 1];
        for part in [
            &mut self.numbers,
            &mut self.h,
            &mut self.a,
            &mut self.c,
            &mut self.before,
            &mut self.taken,
        ] {
            part.clone_from(&empty);
        }
        self.alpha = 1.0;
        self.measure_norm(lanes, &on);
        for (t, (&i, &y)) in on.order.iter().zip(on.labels).enumerate() {
            let i = i as usize;
            if eps.is_some() || scales {
                self.step::<L, true>(lanes, &mut on, i, y, eps);
            } else {
                self.step::<L, false>(lanes, &mut on, i, y, eps);
            }
            let fold = (t + 1).is_multiple_of(FOLD)
                || !(1.0 / LARGEST_ALPHA..=LARGEST_ALPHA).contains(&self.alpha);
            if scales && fold {
                self.fold(lanes, &mut on);
            }
        }
        if scales {
            self.fold(lanes, &mut on);
        }
    }

    /// The share of all pairs of neurons and samples that is listed.
    #[cfg(test)]
    pub fn share_listed(&self) -> f64 {
        self.candidates.share_listed()
    }

    /// `V = W1'`.
    #[inline(always)]
    fn fold<L: Lanes>(&mut self, lanes: L, on: &mut Steps) {
        scale(lanes, on.model.first.chunks_mut(), self.alpha);
        self.candidates.scaled(lanes, &on.model.first, self.alpha);
        self.alpha = 1.0;
        self.measure_norm(lanes, on);
    }

    #[inline(always)]
    fn measure_norm<L: Lanes>(&mut self, lanes: L, on: &Steps) {
        if on.rule.project.is_some() {
            self.norm_squared = square(lanes, on.model.first.chunks());
        }
    }

    /// One step at sample `i` with label `y`; `eps` is that of layer norm. `GENERAL` where `z[0]`, `c[1]`, `decay`
    /// or the norm matter.
    #[inline(always)]
    fn step<L: Lanes, const GENERAL: bool>(
        &mut self,
        lanes: L,
        on: &mut Steps,
        i: usize,
        y: f32,
        eps: Option<f32>,
    ) {
        let (rule, x) = (on.rule, on.samples.x.row_chunks(i));
        let step = Step {
            rule,
            y,
            r_squared: self.candidates.square(i),
            eps,
            alpha: self.alpha,
        };
        self.activate(lanes, on.model, x, i);
        let up = step.ascent(lanes, self.sums(lanes));
        let mut there = None;
        if up.kappa != 0.0 {
            there = Some(self.perturbed_sums::<L, GENERAL>(lanes, &up));
        }
        let down = step.descent(lanes, &up, there);
        if down.decay != 1.0 {
            scale(lanes, on.model.last.chunks_mut(), down.decay);
        }
        if down.g != 0.0 {
            self.close::<L, GENERAL>(lanes, &up, &down, i);
            let hold = self.write(lanes, on.model, x);
            let first = &on.model.first;
            self.candidates.stepped(lanes, first, i, self.len, hold);
        }
        if GENERAL {
            self.alpha = match rule.project {
                Some(norm) if self.norm_squared > 0.0 => norm / self.norm_squared.sqrt(),
                _ => down.kept,
            };
        }
    }

    /// The active neurons: their numbers, `h` and `a`.
    #[inline(always)]
    fn activate<L: Lanes>(&mut self, lanes: L, model: &Model, x: &[Chunk], i: usize) {
        match x.len() {
            1 => self.activate_of(lanes, model, &x[..1], i), // constants, once inlined
            2 => self.activate_of(lanes, model, &x[..2], i),
            _ => self.activate_of(lanes, model, x, i),
        }
    }

    #[inline(always)]
    fn activate_of<L: Lanes>(&mut self, lanes: L, model: &Model, x: &[Chunk], i: usize) {
        let list = self.candidates.list(i);
        let (packed, h) = (flat_mut(&mut self.numbers), flat_mut(&mut self.h));
        let before = flat_mut(&mut self.before);
        let (groups, mut len) = (numbers(list.chunks).as_chunks().0, 0);
        for (group, chunk) in list.chunks.iter().enumerate() {
            let v = dot_rows(lanes, model.first.chunks(), &groups[group], x);
            let listed = front(list.len - WIDTH * group);
            let bits = lanes.bits(lanes.gt(v, lanes.splat(0.0))) & listed;
            if let (Some(packed), Some(h), Some(before)) = (
                packed[len..].first_chunk_mut(),
                h[len..].first_chunk_mut(),
                before[len..].first_chunk_mut(),
            ) {
                lanes.pack(lanes.load(chunk), bits, packed);
                lanes.pack(v, bits, h);
                lanes.pack(lanes.load(&list.products[group]), bits, before);
            }
            len += bits.count_ones() as usize;
        }
        self.len = len;
        let active = Picks::new(&numbers(&self.numbers)[..len], model.shape.width);
        active.gather(model.last.row(0), flat_mut(&mut self.a));
        for part in [&mut self.h, &mut self.a, &mut self.before] {
            if let Some(padding) = flat_mut(part)[len..].first_chunk_mut::<WIDTH>() {
                *padding = [0.0; WIDTH];
            }
        }
    }

    /// Chunks of active neurons.
    #[inline(always)]
    fn chunks(&self) -> usize {
        self.len.div_ceil(WIDTH)
    }

    /// `F`, `H`, `A`.
    #[inline(always)]
    fn sums<L: Lanes>(&self, lanes: L) -> [f32; 3] {
        let zero = lanes.splat(0.0);
        let (mut f, mut h_h, mut a_a) = (zero, zero, zero);
        for (h, a) in self.h.iter().zip(&self.a).take(self.chunks()) {
            let (h, a) = (lanes.load(h), lanes.load(a));
            f = lanes.mul_add(a, h, f);
            h_h = lanes.mul_add(h, h, h_h);
            a_a = lanes.mul_add(a, a, a_a);
        }
        [lanes.sum(f), lanes.sum(h_h), lanes.sum(a_a)]
    }

    /// `F~`, `H~`.
    #[inline(always)]
    fn perturbed_sums<L: Lanes, const GENERAL: bool>(&self, lanes: L, up: &Ascent) -> [f32; 2] {
        let (mut f, mut h_h) = (lanes.splat(0.0), lanes.splat(0.0));
        for q in 0..self.chunks() {
            let (h, a) = (lanes.load(&self.h[q]), lanes.load(&self.a[q]));
            let (h, a) = up.perturbed::<L, GENERAL>(lanes, h, a);
            f = lanes.mul_add(a, h, f);
            if GENERAL {
                h_h = lanes.mul_add(h, h, h_h);
            }
        }
        [lanes.sum(f), if GENERAL { lanes.sum(h_h) } else { 0.0 }]
    }

    /// `c`, `a'` in place of `a`, and what it takes from the rooms.
    #[inline(always)]
    fn close<L: Lanes, const GENERAL: bool>(
        &mut self,
        lanes: L,
        up: &Ascent,
        down: &Descent,
        i: usize,
    ) {
        let (mut cross, mut square) = (lanes.splat(0.0), lanes.splat(0.0));
        for q in 0..self.chunks() {
            let (v, a) = (lanes.load(&self.h[q]), lanes.load(&self.a[q]));
            let there = up.perturbed::<L, GENERAL>(lanes, v, a);
            let (c, a) = down.change::<L, GENERAL>(lanes, there, a);
            if GENERAL {
                cross = lanes.mul_add(c, v, cross);
                square = lanes.mul_add(c, c, square);
            }
            lanes.store(c, &mut self.c[q]);
            lanes.store(a, &mut self.a[q]);
            let change = lanes.sub(v, lanes.load(&self.before[q]));
            let taken = self.candidates.taken(lanes, i, c, change);
            lanes.store(taken, &mut self.taken[q]);
        }
        if GENERAL {
            let r_squared = self.candidates.square(i);
            let moved = 2.0 * lanes.sum(cross) + r_squared * lanes.sum(square);
            self.norm_squared += moved; // ||V + c x'^T||^2
        }
    }

    /// `V_j += c_j x'` and `a'_j` of the active neurons; whether all of them have room left.
    #[inline(always)]
    fn write<L: Lanes>(&mut self, lanes: L, model: &mut Model, x: &[Chunk]) -> bool {
        let active = Picks::new(&numbers(&self.numbers)[..self.len], model.shape.width);
        let to = Neurons {
            rows: model.first.chunks_mut(),
            last: model.last.row_mut(0),
            room: self.candidates.room_mut(),
        };
        let by = Changes {
            c: flat(&self.c),
            a: flat(&self.a),
            taken: flat(&self.taken),
        };
        match x.len() {
            1 => active.write(lanes, to, by, &x[..1]), // constants, once inlined
            2 => active.write(lanes, to, by, &x[..2]),
            _ => active.write(lanes, to, by, x),
        }
    }
}
