//! One neuron's row of pre-activations, samples in lanes.

use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::flat;
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// `z = X w`, samples in lanes, the columns of `X` one after the other.
#[inline(always)]
pub fn pre_activations<L: Lanes>(lanes: L, columns: &Matrix, w: &[Chunk], z: &mut [Chunk]) {
    // seven sums: the rows of 100 samples at once, and they fit the registers of AVX2
    let mut at = 0;
    while z.len() - at >= 7 {
        block::<L, 7>(lanes, columns, w, z, at);
        at += 7;
    }
    match z.len() - at {
        6 => block::<L, 6>(lanes, columns, w, z, at),
        5 => block::<L, 5>(lanes, columns, w, z, at),
        4 => block::<L, 4>(lanes, columns, w, z, at),
        3 => block::<L, 3>(lanes, columns, w, z, at),
        2 => block::<L, 2>(lanes, columns, w, z, at),
        1 => block::<L, 1>(lanes, columns, w, z, at),
        _ => {}
    }
}

/// [`pre_activations`] on the chunks `at .. at + B`.
#[inline(always)]
fn block<L: Lanes, const B: usize>(
    lanes: L,
    columns: &Matrix,
    w: &[Chunk],
    z: &mut [Chunk],
    at: usize,
) {
    let mut sums = [lanes.splat(0.0); B];
    let rows = columns.chunks().chunks_exact(columns.stride());
    for (column, &w) in rows.zip(flat(w)) {
        let w = lanes.splat(w);
        let column = &column[at..][..B];
        for b in 0..B {
            sums[b] = lanes.mul_add(w, lanes.load(&column[b]), sums[b]);
        }
    }
    for (z, sum) in z[at..][..B].iter_mut().zip(sums) {
        lanes.store(sum, z);
    }
}

/// The samples at which a neuron fires, ascending.
#[derive(Debug, Default)]
pub struct Fires {
    samples: Vec<u32>,
    len: usize,
}

/// The positions of the ones of a byte, lowest first; then anything.
const ONES: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut len) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][len] = bit as u8;
                len += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
};

impl Fires {
    /// Room for `n` samples.
    pub fn fit(&mut self, n: usize) {
        self.samples.resize(n.next_multiple_of(WIDTH) + 8, 0);
    }

    /// The samples.
    pub fn samples(&self) -> &[u32] {
        &self.samples[..self.len]
    }

    /// Writes eight places, of which the ones of `byte` count.
    #[inline(always)]
    fn push(&mut self, base: usize, byte: u8) {
        let places = &mut self.samples[self.len..][..8];
        for (place, &bit) in places.iter_mut().zip(&ONES[usize::from(byte)]) {
            *place = base as u32 + u32::from(bit);
        }
        self.len += byte.count_ones() as usize;
    }

    /// The samples with `z_k > 0`; `a = sqrt((1/n) sum_k relu(z_k)^2)`.
    #[inline(always)]
    pub fn root_mean_square<L: Lanes>(&mut self, lanes: L, z: &[Chunk], inverse: f32) -> f32 {
        let zero = lanes.splat(0.0);
        let mut total = zero;
        self.len = 0;
        for (c, chunk) in z.iter().enumerate() {
            let z = lanes.load(chunk);
            let fires = lanes.gt(z, zero);
            let r = lanes.keep(fires, z);
            total = lanes.mul_add(r, r, total);
            let [low, high] = lanes.bits(fires).to_le_bytes();
            self.push(c * WIDTH, low);
            self.push(c * WIDTH + 8, high);
        }
        (lanes.sum(total) * inverse).sqrt()
    }

    /// `q = (1/n) sum_k z_k x_k` over the samples, the rows of `x`.
    ///
    /// The t-th term goes to the partial sum `t mod 4`; they are added as `(0 + 2) + (1 + 3)`.
    #[inline(always)]
    pub fn mean_product<L: Lanes>(
        &self,
        lanes: L,
        z: &[Chunk],
        x: &Matrix,
        inverse: f32,
        q: &mut [Chunk],
    ) {
        let terms = |from| Terms {
            samples: self.samples(),
            z: flat(z),
            x,
            from,
        };
        for (block, q) in q.chunks_mut(2).enumerate() {
            match q.len() {
                2 => terms(2 * block).mean::<L, 2>(lanes, inverse, q),
                _ => terms(2 * block).mean::<L, 1>(lanes, inverse, q),
            }
        }
    }
}

/// The terms `z_k x_k`, the chunks of `x_k` starting at `from`.
struct Terms<'a> {
    samples: &'a [u32],
    z: &'a [f32],
    x: &'a Matrix,
    from: usize,
}

impl Terms<'_> {
    #[inline(always)]
    fn mean<L: Lanes, const C: usize>(&self, lanes: L, inverse: f32, q: &mut [Chunk]) {
        let mut sums = [[lanes.splat(0.0); C]; 4];
        let (fours, rest) = self.samples.as_chunks::<4>();
        for four in fours {
            for t in 0..4 {
                self.add(lanes, four[t] as usize, &mut sums[t]);
            }
        }
        for (sum, &k) in sums.iter_mut().zip(rest) {
            self.add(lanes, k as usize, sum);
        }
        let inverse = lanes.splat(inverse);
        for (c, q) in q.iter_mut().enumerate() {
            let even = lanes.add(sums[0][c], sums[2][c]);
            let odd = lanes.add(sums[1][c], sums[3][c]);
            lanes.store(lanes.mul(lanes.add(even, odd), inverse), q);
        }
    }

    /// Adds the term `k`.
    #[inline(always)]
    fn add<L: Lanes, const C: usize>(&self, lanes: L, k: usize, sum: &mut [L::V; C]) {
        let r = lanes.splat(self.z[k]);
        let row = &self.x.chunks()[k * self.x.stride() + self.from..][..C];
        for c in 0..C {
            sum[c] = lanes.mul_add(r, lanes.load(&row[c]), sum[c]);
        }
    }
}
