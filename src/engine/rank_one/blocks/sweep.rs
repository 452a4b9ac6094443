//! One pass over W1' between two blocks, sixteen neurons at a time.
//!
//! ```text
//! V_j <- V_j + sum_s c_s[j] x'_s      over the active pairs, s rising
//! W1'_j = alpha V_j
//! Z_js = W1'_j . x'_s                 the next block's samples in the lanes, columns rising
//! ```
//!
//! Late in training one pair in eight is active. The pairs of a group are listed without a branch
//! (positions of the set bits of a byte, from a table), for a mispredicted one costs more than a row.

use super::scratch::Scratch;
use crate::engine::model::Model;
use crate::engine::simd::lanes::{Chunk, Lanes, WIDTH, flat};

/// Above so many active pairs of 256, all are taken, without a list.
const DENSE: usize = 104;

/// Byte `i` of entry `b` is the position of the `i`-th set bit of `b`.
static POSITIONS: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][count] = bit as u8;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
};

/// Sixteen rows of V.
struct Group<'a> {
    rows: &'a mut [Chunk],
    stride: usize,
}

impl Group<'_> {
    /// The update of one block.
    #[inline(always)]
    fn update<L: Lanes>(&mut self, lanes: L, x: &[Chunk], c: &[Chunk; WIDTH], live: &[u16; WIDTH]) {
        let count: u32 = live.iter().map(|bits| bits.count_ones()).sum();
        if count as usize > DENSE {
            self.update_all(lanes, x, c);
        } else {
            self.update_listed(lanes, x, c, live);
        }
    }

    #[inline(always)]
    fn update_listed<L: Lanes>(
        &mut self,
        lanes: L,
        x: &[Chunk],
        c: &[Chunk; WIDTH],
        live: &[u16; WIDTH],
    ) {
        let stride = self.stride;
        let mut list = [0u8; 256 + 8]; // 16 s + j
        let mut len = 0;
        for (s, bits) in live.iter().enumerate() {
            for (half, byte) in bits.to_le_bytes().into_iter().enumerate() {
                let base = u64::from_ne_bytes([(16 * s + 8 * half) as u8; 8]);
                let pairs = u64::from_ne_bytes(POSITIONS[byte as usize]) + base; // no carry: < 256
                list[len..len + 8].copy_from_slice(&pairs.to_ne_bytes());
                len += byte.count_ones() as usize;
            }
        }
        let c = flat(c);
        for &pair in &list[..len] {
            let (s, j) = (pair as usize / WIDTH, pair as usize % WIDTH);
            let c = lanes.splat(c[pair as usize]);
            for q in 0..stride {
                let row = &mut self.rows[j * stride + q];
                let x = lanes.load(&x[s * stride + q]);
                lanes.store(lanes.mul_add(c, x, lanes.load(row)), row);
            }
        }
    }

    #[inline(always)]
    fn update_all<L: Lanes>(&mut self, lanes: L, x: &[Chunk], c: &[Chunk; WIDTH]) {
        const ROWS: usize = 8;
        let stride = self.stride;
        for first in [0, ROWS] {
            for q in 0..stride {
                let at = |j: usize| (first + j) * stride + q;
                let mut rows = [lanes.splat(0.0); ROWS];
                for (j, row) in rows.iter_mut().enumerate() {
                    *row = lanes.load(&self.rows[at(j)]);
                }
                for s in 0..WIDTH {
                    let x = lanes.load(&x[s * stride + q]);
                    for (j, row) in rows.iter_mut().enumerate() {
                        *row = lanes.mul_add(lanes.splat(c[s].0[first + j]), x, *row);
                    }
                }
                for (j, row) in rows.into_iter().enumerate() {
                    lanes.store(row, &mut self.rows[at(j)]);
                }
            }
        }
    }

    /// `W1' = alpha V`.
    #[inline(always)]
    fn scale<L: Lanes>(&mut self, lanes: L, alpha: f32) {
        for row in self.rows.iter_mut() {
            lanes.store(lanes.mul(lanes.splat(alpha), lanes.load(row)), row);
        }
    }

    /// The squares, lane by lane, added to `sum`.
    #[inline(always)]
    fn squares<L: Lanes>(&self, lanes: L, sum: L::V) -> L::V {
        let mut sum = sum;
        for row in self.rows.iter() {
            let row = lanes.load(row);
            sum = lanes.mul_add(row, row, sum);
        }
        sum
    }

    /// `Z`: chunk `s` of `to` holds the sixteen neurons at sample `s`.
    #[inline(always)]
    fn products<L: Lanes>(&self, lanes: L, x_t: &[Chunk], to: &mut [Chunk; WIDTH]) {
        let stride = self.stride;
        let mut z = [lanes.splat(0.0); WIDTH];
        for q in 0..stride {
            for l in 0..WIDTH {
                let x = lanes.load(&x_t[q * WIDTH + l]);
                for (j, z) in z.iter_mut().enumerate() {
                    *z = lanes.mul_add(lanes.splat(self.rows[j * stride + q].0[l]), x, *z);
                }
            }
        }
        for (z, to) in lanes.transpose(z).into_iter().zip(to) {
            lanes.store(z, to);
        }
    }
}

/// What a sweep does after the update.
#[derive(Clone, Copy, PartialEq)]
pub enum Then {
    /// Nothing: the call ends.
    Stop,
    /// `Z` of the block just entered.
    Products,
    /// `Z`, and `||W1'||^2` for a projection.
    ProductsAndNorm,
}

impl Scratch {
    /// Ends one block and begins the next.
    #[inline(always)]
    pub fn sweep<L: Lanes>(&mut self, lanes: L, model: &mut Model, then: Then) {
        match self.stride {
            1 => self.sweep_of(lanes, model, then, 1), // constants, once inlined
            2 => self.sweep_of(lanes, model, then, 2),
            stride => self.sweep_of(lanes, model, then, stride),
        }
    }

    #[inline(always)]
    fn sweep_of<L: Lanes>(&mut self, lanes: L, model: &mut Model, then: Then, stride: usize) {
        let scratch = self;
        let whole = scratch.width / WIDTH * WIDTH * stride;
        let rows = model.first.chunks_mut()[..whole].chunks_exact_mut(WIDTH * stride);
        let partial = usize::from(!scratch.width.is_multiple_of(WIDTH));
        let rest = scratch.rest.chunks_exact_mut(WIDTH * stride).take(partial);
        let (x, x_t) = (
            &scratch.before[..WIDTH * stride],
            &scratch.x_t[..WIDTH * stride],
        );
        let mut squares = lanes.splat(0.0);
        for (q, rows) in rows.chain(rest).enumerate() {
            let mut group = Group { rows, stride };
            assert!(group.rows.len() == WIDTH * stride);
            group.update(lanes, x, &scratch.c[q], &scratch.live[q]);
            if scratch.alpha != 1.0 {
                group.scale(lanes, scratch.alpha);
            }
            if then == Then::ProductsAndNorm {
                squares = group.squares(lanes, squares);
            }
            if then != Then::Stop {
                group.products(lanes, x_t, &mut scratch.pre[q]);
            }
        }
        scratch.norm_squared = lanes.sum(squares);
        scratch.alpha = 1.0;
        scratch.live.fill([0; WIDTH]);
    }
}
