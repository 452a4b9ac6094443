//! What the rungs are tried on: one ChaCha stream per test, every kind of f32.

use flatproof::engine::simd::Chunk;
use flatproof::engine::{Activation, Architecture, Isa, Model, Samples, Shape};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The stream of a test.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Uniform in `0..n`, as nearly as a word allows.
pub fn below(rng: &mut impl Rng, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
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

/// The kinds of network.
pub const KINDS: [Kind; 7] = [
    (Architecture::NoBias, Activation::Relu, 2),
    (Architecture::Bias, Activation::Relu, 2),
    (Architecture::Bias, Activation::Relu, 3),
    (Architecture::Bias, Activation::Relu, 4),
    (Architecture::SimBn, Activation::Relu, 2),
    (Architecture::SimLn, Activation::Relu, 2),
    (Architecture::Bias, Activation::Softplus, 2),
];

/// Architecture, nonlinearity, depth.
pub type Kind = (Architecture, Activation, usize);

/// How numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flavour {
    /// Uniform in (-1, 1).
    Ordinary,
    /// Small integers: exact, with zeros and ties.
    Integers,
    /// Ordinary times a power of two for each network: tiny or huge, up to denormals and overflow.
    Scaled(i32),
    /// Every number with an exponent of its own.
    Mixed,
}

/// One of the flavours.
pub fn flavour(rng: &mut impl Rng) -> Flavour {
    match below(rng, 8) {
        0 => Flavour::Integers,
        1 => Flavour::Scaled(below(rng, 60) as i32 - 30),
        2 => Flavour::Scaled(below(rng, 276) as i32 - 149),
        3 => Flavour::Mixed,
        _ => Flavour::Ordinary,
    }
}

impl Flavour {
    /// A number.
    pub fn number(self, rng: &mut impl Rng) -> f32 {
        let scaled = |x: f32, k: i32| (f64::from(x) * f64::from(k).exp2()) as f32;
        match self {
            Self::Ordinary => unit(rng),
            Self::Integers => below(rng, 9) as f32 - 4.0,
            Self::Scaled(k) => scaled(unit(rng), k),
            Self::Mixed => {
                let k = below(rng, 25) as i32 - 12;
                scaled(unit(rng), k)
            }
        }
    }
}

/// A network of `kind` with numbers of `flavour`.
pub fn network(
    rng: &mut impl Rng,
    (architecture, activation, depth): Kind,
    [d, m]: [usize; 2],
    flavour: Flavour,
) -> Model {
    let mut net = Model::zeros(Shape {
        architecture,
        activation,
        input_dim: d,
        width: m,
        depth,
        eps: [0.01, 1.0][below(rng, 2)],
    });
    for part in net.parts_mut() {
        for i in 0..part.rows() {
            for w in part.row_mut(i) {
                *w = flavour.number(rng);
            }
        }
    }
    net
}

/// `n` inputs, signs or numbers of `flavour`, with labels.
pub fn samples(rng: &mut impl Rng, shape: &Shape, n: usize, flavour: Flavour) -> Samples {
    let signs = below(rng, 2) == 0;
    let mut x = Vec::new();
    for _ in 0..n {
        let entry = |_| match signs {
            true => below(rng, 2) as f32 * 2.0 - 1.0,
            false => flavour.number(rng),
        };
        x.push((0..shape.input_dim).map(entry).collect::<Vec<f32>>());
    }
    let y = (0..n).map(|_| below(rng, 3) as f32 - 1.0).collect();
    Samples::new(shape, &x, y)
}

/// A small instance of any kind, width and flavour. In every fourth some rows of the first layer are 0, which
/// is a kink; else no batch-norm neuron is dead.
pub fn instance(rng: &mut impl Rng) -> (Model, Samples) {
    let kind = KINDS[below(rng, KINDS.len())];
    let sizes = [1 + below(rng, 5), 1 + below(rng, 20)];
    let flavours = [flavour(rng), flavour(rng)];
    let mut net = network(rng, kind, sizes, flavours[0]);
    let n = 1 + below(rng, 6);
    let data = samples(rng, &net.shape, n, flavours[1]);
    if below(rng, 4) > 0 {
        revive(&mut net, &data);
        return (net, data);
    }
    for j in 0..net.first.rows() {
        if below(rng, 16) == 0 {
            net.first.row_mut(j).fill(0.0);
        }
    }
    (net, data)
}

/// Turns the batch-norm neurons round that no sample fires.
pub fn revive(net: &mut Model, data: &Samples) {
    if net.shape.architecture != Architecture::SimBn {
        return;
    }
    for j in 0..net.first.rows() {
        let row = net.first.row_mut(j);
        let z = |i: usize| {
            let terms = row.iter().zip(data.x.row(i));
            terms
                .map(|(w, x)| f64::from(*w) * f64::from(*x))
                .sum::<f64>()
        };
        if (0..data.len()).all(|i| z(i) <= 0.0) {
            row.iter_mut().for_each(|w| *w = -*w);
        }
    }
}
