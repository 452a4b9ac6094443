//! What the rungs are tried on: one ChaCha stream per test, every kind of f32.

use flatproof::engine::simd::{Chunk, Isa};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The stream of a test.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Uniform in `0..n`, as nearly as a word allows.
pub fn below(rng: &mut impl Rng, n: usize) -> usize {
    (u64::from(rng.next_u32()) * n as u64 >> 32) as usize
}

/// Uniform in (-1, 1), on the grid of 2^-23.
pub fn unit(rng: &mut impl Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0
}

/// Zeros, infinities, NaN, the ends of the normal and of the denormal range.
const EDGES: [f32; 14] = [
    0.0,
    -0.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-45, // the least denormal
    -1e-45,
    1.1754942e-38, // the greatest denormal
    1.0,
    -1.0,
];

/// Any f32: random bits, edges, denormals, halves of odd integers (ties), ordinary numbers.
pub fn any(rng: &mut impl Rng) -> f32 {
    let bits = rng.next_u32();
    match below(rng, 6) {
        0 => f32::from_bits(bits),
        1 => EDGES[below(rng, EDGES.len())],
        2 => f32::from_bits(bits & 0x807f_ffff),
        3 => (bits as i32 >> 16) as f32 / 2.0,
        _ => unit(rng) * 8.0,
    }
}

/// Sixteen of them.
pub fn chunk(mut lane: impl FnMut() -> f32) -> Chunk {
    Chunk(std::array::from_fn(|_| lane()))
}

/// The sets to hold against the portable one. A set this machine lacks is named, never skipped in
/// silence.
pub fn other_sets(test: &str) -> Vec<Isa> {
    let mut sets = Isa::ALL.to_vec();
    sets.retain(|isa| *isa != Isa::Portable);
    for isa in &sets {
        if !isa.is_available() {
            eprintln!(
                "{test}: NOT TESTED on {}: this machine lacks it",
                isa.name()
            );
        }
    }
    sets.retain(|isa| isa.is_available());
    sets
}
