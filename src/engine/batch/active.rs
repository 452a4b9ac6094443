//! Sums over active samples, `sum_{i : h_ij > 0} v_i`, by tables of the sixteen subset sums of every
//! four samples: a quarter of the additions, and no branch on the pattern.
//!
//! Order: within four samples by ascending index; fours with the same place in their sixteen are added
//! up one after the other; then `(p0 + p1) + (p2 + p3)` over the places. Test `batch_vs_reference`.

use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// The subset sums of sixteen vectors, four by four: `.0[p][s]` sums those of `4p .. 4p + 4` whose bit
/// is set in `s`.
#[derive(Clone, Copy)]
pub struct Subsets([[Chunk; 16]; 4]);

impl Subsets {
    /// The sums of `vectors`, at most sixteen; missing ones are 0.
    #[inline(always)]
    pub fn new<L: Lanes>(lanes: L, vectors: &[L::V]) -> Self {
        let mut subsets = Self([[Chunk::default(); 16]; 4]);
        for (i, v) in vectors.iter().enumerate().take(WIDTH) {
            let (four, bit) = (&mut subsets.0[i / 4], 1 << (i % 4));
            for below in 0..bit {
                let sum = lanes.add(lanes.load(&four[below]), *v);
                lanes.store(sum, &mut four[below + bit]);
            }
        }
        subsets
    }
}

/// `sum_i v_i` over the set bits of `masks`, sixteen per mask.
#[inline(always)]
pub fn sum_active<L: Lanes>(lanes: L, subsets: &[Subsets], masks: &[u16]) -> L::V {
    let mut sums = [lanes.splat(0.0); 4];
    for (Subsets(fours), mask) in subsets.iter().zip(masks) {
        for p in 0..4 {
            let subset = (mask >> (4 * p)) & 15;
            sums[p] = lanes.add(sums[p], lanes.load(&fours[p][usize::from(subset)]));
        }
    }
    lanes.add(lanes.add(sums[0], sums[1]), lanes.add(sums[2], sums[3]))
}
