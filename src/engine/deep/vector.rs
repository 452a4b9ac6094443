//! Vectors of a layer: a few chunks each.

use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::{flat, flat_mut};
use crate::engine::simd::{Chunk, Lanes};

/// `a . b`.
#[inline(always)]
pub fn dot<L: Lanes>(lanes: L, a: &Matrix, b: &Matrix) -> f32 {
    let mut sum = lanes.splat(0.0);
    for (a, b) in a.chunks().iter().zip(b.chunks()) {
        sum = lanes.mul_add(lanes.load(a), lanes.load(b), sum);
    }
    lanes.sum(sum)
}

/// `to = keep to + factor from`.
#[inline(always)]
pub fn axpy<L: Lanes>(lanes: L, factor: f32, from: &[Chunk], keep: f32, to: &mut [Chunk]) {
    let (factor, keep) = (lanes.splat(factor), lanes.splat(keep));
    for (to, from) in to.iter_mut().zip(from) {
        let kept = lanes.mul(keep, lanes.load(to));
        lanes.store(lanes.mul_add(factor, lanes.load(from), kept), to);
    }
}

/// `w *= factor`.
#[inline(always)]
pub fn scale<L: Lanes>(lanes: L, factor: f32, w: &mut [Chunk]) {
    let factor = lanes.splat(factor);
    for w in w {
        lanes.store(lanes.mul(factor, lanes.load(w)), w);
    }
}

/// `to_j = from_j` where `at_j > 0`, else 0.
#[inline(always)]
pub fn mask<L: Lanes>(lanes: L, from: &Matrix, at: &Matrix, to: &mut Matrix) {
    let pairs = from.chunks().iter().zip(at.chunks());
    for (to, (from, at)) in to.chunks_mut().iter_mut().zip(pairs) {
        let fires = lanes.gt(lanes.load(at), lanes.splat(0.0));
        lanes.store(lanes.keep(fires, lanes.load(from)), to);
    }
}

/// `h_j = relu(alpha z_j)`.
#[inline(always)]
pub fn relu<L: Lanes>(lanes: L, alpha: f32, z: &Matrix, h: &mut Matrix) {
    let alpha = lanes.splat(alpha);
    for (h, z) in h.chunks_mut().iter_mut().zip(z.chunks()) {
        lanes.store(lanes.relu(lanes.mul(alpha, lanes.load(z))), h);
    }
}

/// `h_j = relu(alpha z_j + factor delta_j)`.
#[inline(always)]
pub fn relu_moved<L: Lanes>(
    lanes: L,
    alpha: f32,
    z: &Matrix,
    factor: f32,
    delta: &Matrix,
    h: &mut Matrix,
) {
    let (alpha, factor) = (lanes.splat(alpha), lanes.splat(factor));
    let pairs = z.chunks().iter().zip(delta.chunks());
    for (h, (z, delta)) in h.chunks_mut().iter_mut().zip(pairs) {
        let z = lanes.mul(alpha, lanes.load(z));
        lanes.store(lanes.relu(lanes.mul_add(factor, lanes.load(delta), z)), h);
    }
}

/// A vector as numbers.
pub fn numbers(v: &Matrix) -> &[f32] {
    &flat(v.chunks())[..v.columns()]
}

/// A vector as numbers.
pub fn numbers_mut(v: &mut Matrix) -> &mut [f32] {
    let n = v.columns();
    &mut flat_mut(v.chunks_mut())[..n]
}
