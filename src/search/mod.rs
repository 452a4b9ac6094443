//! Instances at run time: seeded generators (and, later, shrinking). Untrusted: whatever is found
//! here is checked elsewhere.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The generator of the stream `name` (a case id, or a family of a case) under `seed`.
///
/// ChaCha is portable and value-stable; the name is hashed with 64-bit FNV-1a, so the streams of
/// different cases are independent and none depends on which others run.
pub fn rng(seed: u64, name: &str) -> ChaCha8Rng {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let stream = name.bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}
