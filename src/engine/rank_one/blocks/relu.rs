//! The steps of a block with relu, without normalisation or with layer norm.
//!
//! With `v = V x'`, `h = relu(v)`, and sums over the active neurons `F = a.h`, `H = h.h`, `A = a.a`
//! (`z = alpha v`, so `f = i alpha F` with `i = 1`, or `1/max(alpha sqrt H, eps)` with layer norm):
//!
//! ```text
//! s = df/dz = i a - n z,  t = df/da = i z         n = f i^2 where ||h|| > eps, else 0
//! ||s||^2 = i^2 A - f n,  ||t||^2 = i^2 H alpha^2
//! z~ = z + kappa R^2 s,   a~ = a + kappa t        (an inactive neuron has gradient 0 and stays)
//! c = g (i~ a~ - n~ h~) on z~ > 0,  a' = decay a + g i~ h~,    g = -eta r~,  h~ = relu(z~)
//! ```
//!
//! A step makes two passes over the neurons: the perturbed output, then the update joined with the
//! next sample's `v`, chunk by chunk while both are at hand.

use super::scratch::{Block, Scratch, TILE};
use crate::engine::simd::lanes::{Chunk, Lanes, WIDTH};
use crate::engine::slope::{ascent, slope};

/// Sums over the neurons, in lanes.
#[derive(Clone, Copy)]
struct Sums<V> {
    f: V,
    h: V,
    a: V,
}

/// The numbers of a step's second half.
#[derive(Clone, Copy)]
struct Numbers {
    /// `z~ = z[0] h + z[1] a`.
    z: [f32; 2],
    /// `a~ = a + ascent h`.
    ascent: f32,
    /// `c = c[0] a~ + c[1] h~`.
    c: [f32; 2],
    /// `a' = decay a + descent h~`.
    descent: f32,
    decay: f32,
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

    /// `(z~ > 0, h~, a~)` of chunk `q`.
    #[inline(always)]
    fn perturbed<L: Lanes, const SCALED: bool>(
        &self,
        lanes: L,
        n: &Numbers,
        q: usize,
    ) -> (L::V, L::V, L::V) {
        let (h, a) = (lanes.load(&self.h[q]), lanes.load(&self.a[q]));
        let own = if SCALED {
            lanes.mul(lanes.splat(n.z[0]), h)
        } else {
            h
        };
        let z = lanes.mul_add(lanes.splat(n.z[1]), a, own);
        let z = lanes.relu(lanes.keep(lanes.gt(h, lanes.splat(0.0)), z));
        (h, z, lanes.mul_add(lanes.splat(n.ascent), h, a))
    }

    /// The sums `F~`, `H~` at the perturbed point.
    #[inline(always)]
    fn perturb<L: Lanes, const SCALED: bool>(&self, lanes: L, n: &Numbers, sums: &mut Sums<L::V>) {
        for q in 0..TILE {
            let (_, h, a) = self.perturbed::<L, SCALED>(lanes, n, q);
            sums.f = lanes.mul_add(a, h, sums.f);
            if SCALED {
                sums.h = lanes.mul_add(h, h, sums.h);
            }
        }
    }

    /// `c`, `a'`; with SCALED the sums `c.v` in `f` and `c.c` in `h`.
    #[inline(always)]
    fn close<L: Lanes, const SCALED: bool>(
        &mut self,
        lanes: L,
        n: &Numbers,
        t: usize,
        sums: &mut Sums<L::V>,
    ) {
        for q in 0..TILE {
            let (v, h, ascended) = self.perturbed::<L, SCALED>(lanes, n, q);
            let active = lanes.gt(h, lanes.splat(0.0));
            let mut c = lanes.mul(lanes.splat(n.c[0]), ascended);
            let mut a = lanes.load(&self.a[q]);
            if SCALED {
                c = lanes.mul_add(lanes.splat(n.c[1]), h, c);
                a = lanes.mul(lanes.splat(n.decay), a);
            }
            let c = lanes.keep(active, c);
            if SCALED {
                sums.f = lanes.mul_add(c, v, sums.f);
                sums.h = lanes.mul_add(c, c, sums.h);
            }
            lanes.store(c, &mut self.c[q][t]);
            self.live[q][t] = lanes.bits(active);
            let a = lanes.mul_add(lanes.splat(n.descent), h, a);
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

/// The output and what the formulas of the module need of it.
#[derive(Clone, Copy)]
struct Output {
    f: f32,
    /// `i`.
    per: f32,
    /// `n`.
    normal: f32,
}

/// From `a.z` and `||z||^2` over the active neurons.
#[inline(always)]
fn output(dot: f32, norm_squared: f32, eps: Option<f32>) -> Output {
    let Some(eps) = eps else {
        return Output {
            f: dot,
            per: 1.0,
            normal: 0.0,
        };
    };
    let norm = norm_squared.sqrt();
    let per = 1.0 / if norm > eps { norm } else { eps };
    let f = dot * per;
    let normal = if norm > eps { f * per * per } else { 0.0 };
    Output { f, per, normal }
}

/// Runs the block; the number of steps taken. `SCALED` where `z[0]`, `c[1]`, `decay` or `norm` matter;
/// `eps` is that of layer norm.
#[inline(always)]
pub fn steps<L: Lanes, const SCALED: bool>(
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
    let (rule, decay, len) = (block.rule, block.decay(), block.len());
    let mut ahead = none;
    for mut tile in tiles(scratch) {
        tile.open(lanes, &[], 0, &mut ahead);
    }
    for t in 0..len {
        let alpha = scratch.alpha;
        let r_squared = scratch.gram[t].0[t];
        let (dot, active) = (alpha * lanes.sum(ahead.f), lanes.sum(ahead.a));
        let norm_squared = alpha * alpha * lanes.sum(ahead.h);
        let at = output(dot, norm_squared, eps);
        let mut r = slope(lanes, rule.loss, at.f, block.labels[t]);
        let s = (at.per * at.per * active - at.f * at.normal).max(0.0);
        let gradient = r_squared * s + at.per * at.per * norm_squared;
        let kappa = ascent(rule, r, gradient);
        let up = kappa * r_squared;
        let mut n = Numbers {
            z: [alpha - up * at.normal * alpha, up * at.per],
            ascent: kappa * at.per * alpha,
            c: [0.0; 2],
            descent: 0.0,
            decay,
        };
        let mut there = at;
        if kappa != 0.0 {
            let mut sums = none;
            for tile in tiles(scratch) {
                tile.perturb::<L, SCALED>(lanes, &n, &mut sums);
            }
            there = output(lanes.sum(sums.f), lanes.sum(sums.h), eps);
            r = slope(lanes, rule.loss, there.f, block.labels[t]);
        }
        let g = -rule.eta * r;
        let kept = alpha * decay; // alpha after the decay; c is in units of V
        n.c = [g * there.per / kept, -g * there.normal / kept];
        n.descent = g * there.per;

        let next = (t + 1).min(len - 1);
        let gram = scratch.gram[next].0;
        let gram = &gram[..next];
        ahead = none;
        let mut sums = none;
        if g == 0.0 {
            for mut tile in tiles(scratch) {
                tile.rest(lanes, decay, t);
                tile.open(lanes, gram, next, &mut ahead);
            }
        } else {
            for mut tile in tiles(scratch) {
                tile.close::<L, SCALED>(lanes, &n, t, &mut sums);
                tile.open(lanes, gram, next, &mut ahead);
            }
        }
        if SCALED {
            let moved = 2.0 * lanes.sum(sums.f) + r_squared * lanes.sum(sums.h);
            scratch.norm_squared += moved; // ||V + c x'^T||^2
            if scratch.rescale(rule, decay) {
                return t + 1;
            }
        }
    }
    len
}
