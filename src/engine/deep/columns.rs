//! Products with a matrix stored by columns: of the columns only those of neurons that fire below, and
//! on the way back only the chunks in which a neuron fires above.
//!
//! Each result is one chain of sums in the order of the firing neurons or chunks, however many chains
//! run side by side, so the bits do not depend on the instruction set.

use crate::engine::matrix::Matrix;
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// Where a layer fires, `h_j > 0`, ascending.
#[derive(Debug)]
pub struct Firing {
    /// The neurons.
    pub neurons: Vec<u32>,
    /// The chunks that hold one, as runs of neighbours `(from, to)`.
    pub runs: Vec<(u32, u32)>,
}

impl Firing {
    /// None, of a layer of `width` neurons.
    pub fn new(width: usize) -> Self {
        Self {
            neurons: Vec::with_capacity(width),
            runs: Vec::with_capacity(width.div_ceil(WIDTH)),
        }
    }

    /// The neurons that fire in `h`.
    #[inline(always)]
    pub fn find<L: Lanes>(&mut self, lanes: L, h: &[Chunk]) {
        self.neurons.clear();
        self.runs.clear();
        let mut open = false;
        for (c, h) in h.iter().enumerate() {
            let mut bits = lanes.bits(lanes.gt(lanes.load(h), lanes.splat(0.0)));
            let c = c as u32;
            match self.runs.last_mut() {
                Some(run) if open && bits != 0 => run.1 = c + 1,
                _ if bits != 0 => self.runs.push((c, c + 1)),
                _ => {}
            }
            open = bits != 0;
            while bits != 0 {
                self.neurons.push(c * WIDTH as u32 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }
}

/// `z = sum_k h_k w_k` over the columns `k` in `of`.
#[inline(always)]
pub fn product<L: Lanes>(lanes: L, w: &Matrix, of: &[u32], h: &[f32], z: &mut [Chunk]) {
    let mut from = 0;
    while from < z.len() {
        let rest = &mut z[from..];
        from += match rest.len() {
            16.. if L::REGISTERS >= 32 => tile::<L, 16>(lanes, w, of, h, from, rest),
            4.. => tile::<L, 4>(lanes, w, of, h, from, rest),
            _ => tile::<L, 1>(lanes, w, of, h, from, rest),
        };
    }
}

/// The first `T` chunks of `z`, which are `from ..` of the columns; gives `T`.
#[inline(always)]
fn tile<L: Lanes, const T: usize>(
    lanes: L,
    w: &Matrix,
    of: &[u32],
    h: &[f32],
    from: usize,
    z: &mut [Chunk],
) -> usize {
    let (chunks, stride) = (w.chunks(), w.stride());
    let mut sums = [lanes.splat(0.0); T];
    for &k in of {
        let factor = lanes.splat(h[k as usize]);
        let column = &chunks[k as usize * stride + from..][..T];
        for t in 0..T {
            sums[t] = lanes.mul_add(factor, lanes.load(&column[t]), sums[t]);
        }
    }
    for t in 0..T {
        lanes.store(sums[t], &mut z[t]);
    }
    T
}

/// `w_i <- keep w_i + (rate x_i) delta` for all columns, then `z = sum_i next_i w_i`, in one pass.
#[inline(always)]
pub fn update_and_multiply<L: Lanes>(
    lanes: L,
    w: &mut Matrix,
    update: Update,
    next: &[f32],
    z: &mut [Chunk],
) {
    let mut from = 0;
    while from < z.len() {
        let rest = &mut z[from..];
        from += match rest.len() {
            8.. if L::REGISTERS >= 32 => update.tile::<L, 8>(lanes, w, next, from, rest),
            2.. => update.tile::<L, 2>(lanes, w, next, from, rest),
            _ => update.tile::<L, 1>(lanes, w, next, from, rest),
        };
    }
}

/// `w_i <- keep w_i + (rate x_i) delta`.
#[derive(Clone, Copy)]
pub struct Update<'a> {
    pub keep: f32,
    pub rate: f32,
    pub x: &'a [f32],
    pub delta: &'a [Chunk],
}

impl Update<'_> {
    /// The first `T` chunks of `z`, which are `from ..` of the columns; gives `T`.
    #[inline(always)]
    fn tile<L: Lanes, const T: usize>(
        &self,
        lanes: L,
        w: &mut Matrix,
        next: &[f32],
        from: usize,
        z: &mut [Chunk],
    ) -> usize {
        let stride = w.stride();
        let chunks = w.chunks_mut();
        let keep = lanes.splat(self.keep);
        let mut sums = [lanes.splat(0.0); T];
        let mut delta = sums;
        for (t, delta) in delta.iter_mut().enumerate() {
            *delta = lanes.load(&self.delta[from + t]);
        }
        for (i, (x, next)) in self.x.iter().zip(next).enumerate() {
            let (factor, next) = (lanes.splat(self.rate * x), lanes.splat(*next));
            let column = &mut chunks[i * stride + from..][..T];
            for t in 0..T {
                let kept = lanes.mul(keep, lanes.load(&column[t]));
                let new = lanes.mul_add(factor, delta[t], kept);
                lanes.store(new, &mut column[t]);
                sums[t] = lanes.mul_add(next, new, sums[t]);
            }
        }
        for t in 0..T {
            lanes.store(sums[t], &mut z[t]);
        }
        T
    }
}

/// What goes back through a matrix.
#[derive(Clone, Copy)]
pub struct Back<'a> {
    /// delta of the layer above.
    pub delta: &'a [Chunk],
    /// Chunks of `delta` that may differ from 0.
    pub runs: &'a [(u32, u32)],
    /// h of the layer below.
    pub h: &'a [f32],
    /// Neurons of `h` that fire.
    pub neurons: &'a [u32],
}

impl Back<'_> {
    /// `t_k = w_k . delta` for the neurons below that fire; then, with `UPDATE`, `w_k += (rate h_k) delta`
    /// in the same pass.
    #[inline(always)]
    pub fn through<L: Lanes, const UPDATE: bool>(
        &self,
        lanes: L,
        w: &mut Matrix,
        rate: f32,
        t: &mut [f32],
    ) {
        let mut rest = self.neurons;
        while !rest.is_empty() {
            let taken = match rest.len() {
                8.. if L::REGISTERS >= 32 => self.some::<L, UPDATE, 8>(lanes, w, rate, rest, t),
                2.. => self.some::<L, UPDATE, 2>(lanes, w, rate, rest, t),
                _ => self.some::<L, UPDATE, 1>(lanes, w, rate, rest, t),
            };
            rest = &rest[taken..];
        }
    }

    /// The first `R` of `neurons`; gives `R`.
    #[inline(always)]
    fn some<L: Lanes, const UPDATE: bool, const R: usize>(
        &self,
        lanes: L,
        w: &mut Matrix,
        rate: f32,
        neurons: &[u32],
        t: &mut [f32],
    ) -> usize {
        let stride = w.stride();
        let mut sums = [lanes.splat(0.0); R];
        let mut factors = [lanes.splat(0.0); R];
        for r in 0..R {
            factors[r] = lanes.splat(rate * self.h[neurons[r] as usize]);
        }
        for &(from, to) in self.runs {
            let delta = &self.delta[from as usize..to as usize];
            let mut columns = [(); R].map(|()| &mut [][..]);
            let (mut rest, mut passed) = (&mut *w.chunks_mut(), 0);
            for r in 0..R {
                let start = neurons[r] as usize * stride + from as usize;
                let (column, after) = rest[start - passed..].split_at_mut(delta.len());
                passed = start + delta.len();
                (columns[r], rest) = (column, after);
            }
            for (c, delta) in delta.iter().enumerate() {
                let delta = lanes.load(delta);
                for r in 0..R {
                    let w = &mut columns[r][c];
                    let old = lanes.load(w);
                    sums[r] = lanes.mul_add(old, delta, sums[r]);
                    if UPDATE {
                        lanes.store(lanes.mul_add(factors[r], delta, old), w);
                    }
                }
            }
        }
        for r in 0..R {
            t[neurons[r] as usize] = lanes.sum(sums[r]);
        }
        R
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::definition::sets;
    use crate::engine::simd::Kernel;

    /// Two layers of 37 and 53 neurons, all numbers small integers: sums are exact in any order.
    const SIZES: (usize, usize) = (37, 53);

    fn number(i: usize, j: usize) -> f32 {
        (i * 31 + j * 17) as f32 % 11.0 - 5.0
    }

    struct Check;

    impl Kernel for Check {
        type Output = ();
        fn run<L: Lanes>(self, lanes: L) {
            let (below, above) = SIZES;
            let mut columns = Matrix::from_fn(below, above, number);
            let entry = |j: usize, k: usize| number(k, j);

            let h = Matrix::from_fn(1, below, |_, k| number(k, 3).max(0.0));
            // the second and third chunk of four are silent
            let silent = |j: usize| (WIDTH..3 * WIDTH).contains(&j);
            let delta = Matrix::from_fn(1, above, |_, j| f32::from(!silent(j)) * number(j, 2));
            let fires = Matrix::from_fn(1, above, |_, j| f32::from(!silent(j)));
            let [mut of_h, mut of_delta] = [below, above].map(Firing::new);
            of_h.find(lanes, h.chunks());
            of_delta.find(lanes, fires.chunks());
            let firing = |&k: &u32| h.row(0)[k as usize] > 0.0;
            assert!(
                (0..below as u32)
                    .filter(firing)
                    .eq(of_h.neurons.iter().copied())
            );
            assert_eq!(of_delta.runs, [(0, 1), (3, 4)]);

            let mut z = Matrix::zeros(1, above);
            product(lanes, &columns, &of_h.neurons, h.row(0), z.chunks_mut());
            let dot = |a: &mut dyn Iterator<Item = (f32, f32)>| a.map(|(a, b)| a * b).sum::<f32>();
            for j in 0..above {
                let pairs = (0..below).map(|k| (entry(j, k), h.row(0)[k]));
                assert_eq!(z.row(0)[j], dot(&mut pairs.into_iter()));
            }

            let back = Back {
                delta: delta.chunks(),
                runs: &of_delta.runs,
                h: h.row(0),
                neurons: &of_h.neurons,
            };
            let (before, mut t) = (columns.clone(), Matrix::zeros(1, below));
            back.through::<L, false>(lanes, &mut columns, 2.0, t.row_mut(0));
            assert_eq!(columns, before);
            for k in 0..below {
                let pairs = (0..above).map(|j| (entry(j, k), delta.row(0)[j]));
                let sum = f32::from(h.row(0)[k] > 0.0) * dot(&mut pairs.into_iter());
                assert_eq!(t.row(0)[k], sum);
            }
            let (at_once, mut same) = (&t, Matrix::zeros(1, below));
            back.through::<L, true>(lanes, &mut columns, 2.0, same.row_mut(0));
            assert_eq!(same, *at_once);
            let mut moved = 0;
            for j in 0..above {
                for k in 0..below {
                    let new = entry(j, k) + 2.0 * h.row(0)[k] * delta.row(0)[j];
                    assert_eq!(columns.row(k)[j], new);
                    moved += usize::from(new != entry(j, k));
                }
            }
            assert!(moved > 100, "{moved}");
        }
    }

    #[test]
    fn columns_vs_rows() {
        sets().for_each(|isa| isa.run(Check));
    }

    /// The pass that updates and multiplies against one after the other.
    struct OneAfterTheOther;

    impl Kernel for OneAfterTheOther {
        type Output = ();
        fn run<L: Lanes>(self, lanes: L) {
            let (below, above) = SIZES;
            let vector = |n: usize, i| Matrix::from_fn(1, n, |_, j| number(i, j));
            let [x, next, delta] = [vector(below, 1), vector(below, 2), vector(above, 3)];
            let update = Update {
                keep: 0.5,
                rate: 3.0,
                x: x.row(0),
                delta: delta.chunks(),
            };
            let mut w = Matrix::from_fn(below, above, number);
            let by_hand = Matrix::from_fn(below, above, |i, j| {
                0.5 * number(i, j) + 3.0 * x.row(0)[i] * delta.row(0)[j]
            });
            let mut z = [vector(above, 4), vector(above, 5)];
            update_and_multiply(lanes, &mut w, update, next.row(0), z[0].chunks_mut());
            assert_eq!(w, by_hand);
            let all: Vec<u32> = (0..below as u32).collect();
            product(lanes, &w, &all, next.row(0), z[1].chunks_mut());
            assert_eq!(z[0], z[1]);
            assert!(z[0].row(0).iter().any(|&z| z != 0.0));
        }
    }

    #[test]
    fn one_pass_vs_two() {
        sets().for_each(|isa| isa.run(OneAfterTheOther));
    }
}
