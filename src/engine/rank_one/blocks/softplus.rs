//! The steps of a block with softplus: every neuron is active, and the exponentials dominate.
//!
//! ```text
//! z = alpha v,  h = softplus(z),  s = a sigmoid(z),  t = h
//! z~ = z + kappa R^2 s,  a~ = a + kappa h
//! c = g a~ sigmoid(z~),  a' = decay a + g softplus(z~)
//! ```

use super::scratch::{Block, Scratch};
use crate::engine::exp_log::softplus_sigmoid;
use crate::engine::simd::lanes::Lanes;
use crate::engine::slope::{ascent, slope};

/// `f`, `||t||^2` and `||s||^2`, in lanes.
#[derive(Clone, Copy)]
struct Sums<V> {
    f: V,
    t: V,
    s: V,
}

/// `h`, `slope` from the sample's `v`; the sums.
#[inline(always)]
fn open<L: Lanes>(lanes: L, scratch: &mut Scratch, t: usize) -> Sums<L::V> {
    let zero = lanes.splat(0.0);
    let mut sums = Sums {
        f: zero,
        t: zero,
        s: zero,
    };
    let alpha = lanes.splat(scratch.alpha);
    for q in 0..scratch.groups() {
        let mut v = lanes.load(&scratch.pre[q][t]);
        for (s, &k) in scratch.gram[t].0[..t].iter().enumerate() {
            v = lanes.mul_add(lanes.load(&scratch.c[q][s]), lanes.splat(k), v);
        }
        lanes.store(v, &mut scratch.pre[q][t]);
        let (h, slope) = fire(lanes, scratch, q, lanes.mul(alpha, v));
        let a = lanes.load(&scratch.a[q]);
        let s = lanes.mul(a, slope);
        lanes.store(a, &mut scratch.ascended[q]);
        sums.f = lanes.mul_add(a, h, sums.f);
        sums.t = lanes.mul_add(h, h, sums.t);
        sums.s = lanes.mul_add(s, s, sums.s);
    }
    sums
}

/// Function and derivative at `z`, both kept; 0 on the padding.
#[inline(always)]
fn fire<L: Lanes>(lanes: L, scratch: &mut Scratch, q: usize, z: L::V) -> (L::V, L::V) {
    let (h, slope) = softplus_sigmoid(lanes, z);
    let there = lanes.gt(lanes.load(&scratch.present[q]), lanes.splat(0.0));
    let (h, slope) = (lanes.keep(there, h), lanes.keep(there, slope));
    lanes.store(h, &mut scratch.h[q]);
    lanes.store(slope, &mut scratch.slope[q]);
    (h, slope)
}

/// `h~`, `slope~` in place of `h`, `slope`, and `f~`.
#[inline(always)]
fn perturb<L: Lanes>(lanes: L, scratch: &mut Scratch, t: usize, kappa: f32) -> f32 {
    let alpha = lanes.splat(scratch.alpha);
    let up = lanes.splat(kappa * scratch.gram[t].0[t]);
    let kappa = lanes.splat(kappa);
    let mut f = lanes.splat(0.0);
    for q in 0..scratch.groups() {
        let (a, h) = (lanes.load(&scratch.a[q]), lanes.load(&scratch.h[q]));
        let s = lanes.mul(a, lanes.load(&scratch.slope[q]));
        let z = lanes.mul(alpha, lanes.load(&scratch.pre[q][t]));
        let ascended = lanes.mul_add(kappa, h, a);
        let (h, _) = fire(lanes, scratch, q, lanes.mul_add(up, s, z));
        lanes.store(ascended, &mut scratch.ascended[q]);
        f = lanes.mul_add(ascended, h, f);
    }
    lanes.sum(f)
}

/// `c`, `a'`; the change of `||V||^2`.
#[inline(always)]
fn close<L: Lanes>(lanes: L, scratch: &mut Scratch, t: usize, g: f32, decay: f32) -> f32 {
    let zero = lanes.splat(0.0);
    let (mut cross, mut square) = (zero, zero);
    let per_v = lanes.splat(g / (scratch.alpha * decay));
    for q in 0..scratch.groups() {
        let slope = lanes.load(&scratch.slope[q]);
        let c = lanes.mul(per_v, lanes.mul(lanes.load(&scratch.ascended[q]), slope));
        let v = lanes.load(&scratch.pre[q][t]);
        cross = lanes.mul_add(c, v, cross);
        square = lanes.mul_add(c, c, square);
        lanes.store(c, &mut scratch.c[q][t]);
        scratch.live[q][t] = u16::MAX * u16::from(g != 0.0);
        let mut a = lanes.mul(lanes.splat(decay), lanes.load(&scratch.a[q]));
        if g != 0.0 {
            a = lanes.mul_add(lanes.splat(g), lanes.load(&scratch.h[q]), a);
        }
        lanes.store(a, &mut scratch.a[q]);
    }
    2.0 * lanes.sum(cross) + scratch.gram[t].0[t] * lanes.sum(square)
}

/// Runs the block; the number of steps taken.
#[inline(always)]
pub fn steps<L: Lanes>(lanes: L, scratch: &mut Scratch, block: &Block) -> usize {
    let (rule, decay) = (block.rule, block.decay());
    for t in 0..block.len() {
        let sums = open(lanes, scratch, t);
        let y = block.labels[t];
        let mut r = slope(lanes, rule.loss, lanes.sum(sums.f), y);
        let gradient = scratch.gram[t].0[t] * lanes.sum(sums.s) + lanes.sum(sums.t);
        let kappa = ascent(rule, r, gradient);
        if kappa != 0.0 {
            let f = perturb(lanes, scratch, t, kappa);
            r = slope(lanes, rule.loss, f, y);
        }
        scratch.norm_squared += close(lanes, scratch, t, -rule.eta * r, decay);
        if scratch.rescale(rule, decay) {
            return t + 1;
        }
    }
    block.len()
}
