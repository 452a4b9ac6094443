//! The steps of a block by [`super::super::relu`].
//!
//! A step makes two passes over the neurons: the perturbed output, then the update joined with the
//! next sample's `v`, chunk by chunk while both are at hand.

use super::super::relu::{Ascent, Descent, Step};
use super::scratch::{Block, Scratch, TILE};
use crate::engine::simd::lanes::{Chunk, Lanes, WIDTH};

/// Sums over the neurons, in lanes.
#[derive(Clone, Copy)]
struct Sums<V> {
    f: V,
    h: V,
    a: V,
}

/// A tile of neurons, and what of the scratch belongs to it.
struct Tile<'a> {
    pre: &'a [[Chunk; WIDTH]; TILE],
    c: &'a mut [[Chunk; WIDTH]; TILE],
    live: &'a mut [[u16; WIDTH]; TILE],
    h: &'a mut [Chunk; TILE],
    a: &'a mut [Chunk; TILE],
}

#[inline(always)]
fn tiles(scratch: &mut Scratch) -> impl Iterator<Item = Tile<'_>> {
    let pre = scratch.pre.as_chunks().0.iter();
    let c = scratch.c.as_chunks_mut().0.iter_mut();
    let live = scratch.live.as_chunks_mut().0.iter_mut();
    let h = scratch.h.as_chunks_mut().0.iter_mut();
    let a = scratch.a.as_chunks_mut().0.iter_mut();
    let parts = pre.zip(c).zip(live).zip(h).zip(a);
    parts.map(|((((pre, c), live), h), a)| Tile { pre, c, live, h, a })
}

impl Tile<'_> {
    /// `v = Z_t + sum_(s<t) c_s K_st`, `h`, and the sums.
    #[inline(always)]
    fn open<L: Lanes>(&mut self, lanes: L, gram: &[f32], t: usize, sums: &mut Sums<L::V>) {
        let mut v = [lanes.splat(0.0); TILE];
        for (v, pre) in v.iter_mut().zip(self.pre) {
            *v = lanes.load(&pre[t]);
        }
        for (s, &k) in gram.iter().enumerate() {
            let k = lanes.splat(k);
            for (q, v) in v.iter_mut().enumerate() {
                *v = lanes.mul_add(lanes.load(&self.c[q][s]), k, *v);
            }
        }
        for (q, &v) in v.iter().enumerate() {
            let active = lanes.gt(v, lanes.splat(0.0));
            let (h, a) = (lanes.keep(active, v), lanes.load(&self.a[q]));
            lanes.store(h, &mut self.h[q]);
            sums.f = lanes.mul_add(a, h, sums.f);
            sums.h = lanes.mul_add(h, h, sums.h);
            let a = lanes.keep(active, a);
            sums.a = lanes.mul_add(a, a, sums.a);
        }
    }

    /// The sums `F~`, `H~` at the perturbed point.
    #[inline(always)]
    fn perturb<L: Lanes, const GENERAL: bool>(&self, lanes: L, up: &Ascent, sums: &mut Sums<L::V>) {
        for q in 0..TILE {
            let (h, a) = (lanes.load(&self.h[q]), lanes.load(&self.a[q]));
            let (h, a) = up.perturbed::<L, GENERAL>(lanes, h, a);
            sums.f = lanes.mul_add(a, h, sums.f);
            if GENERAL {
                sums.h = lanes.mul_add(h, h, sums.h);
            }
        }
    }

    /// `c`, `a'`; with GENERAL the sums `c.v` in `f` and `c.c` in `h`.
    #[inline(always)]
    fn close<L: Lanes, const GENERAL: bool>(
        &mut self,
        lanes: L,
        (up, down): (&Ascent, &Descent),
        t: usize,
        sums: &mut Sums<L::V>,
    ) {
        for q in 0..TILE {
            let (v, a) = (lanes.load(&self.h[q]), lanes.load(&self.a[q]));
            let there = up.perturbed::<L, GENERAL>(lanes, v, a);
            let (c, a) = down.change::<L, GENERAL>(lanes, there, a);
            if GENERAL {
                sums.f = lanes.mul_add(c, v, sums.f);
                sums.h = lanes.mul_add(c, c, sums.h);
            }
            lanes.store(c, &mut self.c[q][t]);
            self.live[q][t] = lanes.bits(lanes.gt(there.0, lanes.splat(0.0)));
            lanes.store(a, &mut self.a[q]);
        }
    }

    /// A step without gradient: only weight decay moves.
    #[inline(always)]
    fn rest<L: Lanes>(&mut self, lanes: L, decay: f32, t: usize) {
        for q in 0..TILE {
            self.c[q][t] = Chunk::default();
            self.live[q][t] = 0;
            if decay != 1.0 {
                let a = lanes.mul(lanes.splat(decay), lanes.load(&self.a[q]));
                lanes.store(a, &mut self.a[q]);
            }
        }
    }
}

/// Runs the block; the number of steps taken. `GENERAL` where `z[0]`, `c[1]`, `decay` or `norm` matter;
/// `eps` is that of layer norm.
#[inline(always)]
pub fn steps<L: Lanes, const GENERAL: bool>(
    lanes: L,
    scratch: &mut Scratch,
    block: &Block,
    eps: Option<f32>,
) -> usize {
    let zero = lanes.splat(0.0);
    let none = Sums {
        f: zero,
        h: zero,
        a: zero,
    };
    let (rule, len) = (block.rule, block.len());
    let mut ahead = none;
    for mut tile in tiles(scratch) {
        tile.open(lanes, &[], 0, &mut ahead);
    }
    for t in 0..len {
        let step = Step {
            rule,
            y: block.labels[t],
            r_squared: scratch.gram[t].0[t],
            eps,
            alpha: scratch.alpha,
        };
        let sums = [lanes.sum(ahead.f), lanes.sum(ahead.h), lanes.sum(ahead.a)];
        let up = step.ascent(lanes, sums);
        let mut there = None;
        if up.kappa != 0.0 {
            let mut sums = none;
            for tile in tiles(scratch) {
                tile.perturb::<L, GENERAL>(lanes, &up, &mut sums);
            }
            there = Some([lanes.sum(sums.f), lanes.sum(sums.h)]);
        }
        let down = step.descent(lanes, &up, there);

        let next = (t + 1).min(len - 1);
        let gram = scratch.gram[next].0;
        let gram = &gram[..next];
        ahead = none;
        let mut sums = none;
        if down.g == 0.0 {
            for mut tile in tiles(scratch) {
                tile.rest(lanes, down.decay, t);
                tile.open(lanes, gram, next, &mut ahead);
            }
        } else {
            for mut tile in tiles(scratch) {
                tile.close::<L, GENERAL>(lanes, (&up, &down), t, &mut sums);
                tile.open(lanes, gram, next, &mut ahead);
            }
        }
        if GENERAL {
            let moved = 2.0 * lanes.sum(sums.f) + step.r_squared * lanes.sum(sums.h);
            scratch.norm_squared += moved; // ||V + c x'^T||^2
            if scratch.rescale(rule, down.decay) {
                return t + 1;
            }
        }
    }
    len
}
