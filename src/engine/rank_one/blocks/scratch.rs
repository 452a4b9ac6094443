//! What a block of sixteen steps works on.
//!
//! | field | shape | |
//! |---|---|---|
//! | `x`, `x_t` | 16 x columns, and transposed | the block's samples |
//! | `before` | 16 x columns | the samples of the block before |
//! | `gram` | 16 x 16 | `K_st = x'_s . x'_t` |
//! | `pre` | per chunk of neurons, 16 samples | `Z = W1' X'^T` as the block began |
//! | `c` | per chunk of neurons, 16 samples | the update `V_j += c_s[j] x'_s` |
//! | `live` | per chunk of neurons, 16 samples | bit `l`: lane `l` of `c` may differ from 0 |

use crate::engine::model::{Model, Samples, Shape};
use crate::engine::simd::lanes::{Chunk, Lanes, WIDTH, flat, flat_mut};
use crate::engine::step::Rule;

/// Chunks of neurons that a pass takes at once; the number of chunks is a multiple of it.
pub const TILE: usize = 4;

/// Beyond it, and below its inverse, alpha is folded into W1'.
const LARGEST_ALPHA: f32 = 4096.0;

/// The steps ahead: the block is the first sixteen of them, or all.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    pub order: &'a [u32],
    pub labels: &'a [f32],
    pub samples: &'a Samples,
    pub rule: &'a Rule,
}

impl Block<'_> {
    /// Steps in the block.
    pub fn len(&self) -> usize {
        self.order.len().min(WIDTH)
    }
    /// `1 - eta wd`.
    pub fn decay(&self) -> f32 {
        1.0 - self.rule.eta * self.rule.weight_decay
    }
    /// Whether W1' is scaled as a whole.
    pub fn scales(&self) -> bool {
        self.rule.weight_decay != 0.0 || self.rule.project.is_some()
    }
}

/// Memory between the passes; nothing in it outlives a call.
#[derive(Clone, Debug)]
pub struct Scratch {
    pub width: usize,
    pub stride: usize,
    pub x: Vec<Chunk>,
    pub before: Vec<Chunk>,
    pub x_t: Vec<Chunk>,
    pub gram: [Chunk; WIDTH],
    pub pre: Vec<[Chunk; WIDTH]>,
    pub c: Vec<[Chunk; WIDTH]>,
    pub live: Vec<[u16; WIDTH]>,
    /// `W2`, and per neuron what a step keeps between its passes.
    pub a: Vec<Chunk>,
    pub h: Vec<Chunk>,
    pub slope: Vec<Chunk>,
    pub ascended: Vec<Chunk>,
    /// 1 for neurons that are there, 0 for the padding.
    pub present: Vec<Chunk>,
    /// The last group of neurons, if it is not whole.
    pub rest: Vec<Chunk>,
    /// `W1' = alpha V`.
    pub alpha: f32,
    /// `||V||^2` at the start of the block, where a projection needs it.
    pub norm_squared: f32,
}

impl Scratch {
    /// For networks of this shape.
    pub fn new(shape: &Shape) -> Self {
        let stride = shape.columns().div_ceil(WIDTH);
        let groups = shape.width.div_ceil(WIDTH).next_multiple_of(TILE);
        let chunks = |n| vec![Chunk::default(); n];
        let mut present = chunks(groups);
        flat_mut(&mut present)[..shape.width].fill(1.0);
        Self {
            width: shape.width,
            stride,
            x: chunks(WIDTH * stride),
            before: chunks(WIDTH * stride),
            x_t: chunks(WIDTH * stride),
            gram: [Chunk::default(); WIDTH],
            pre: vec![[Chunk::default(); WIDTH]; groups],
            c: vec![[Chunk::default(); WIDTH]; groups],
            live: vec![[0; WIDTH]; groups],
            a: chunks(groups),
            h: chunks(groups),
            slope: chunks(groups),
            ascended: chunks(groups),
            present,
            rest: chunks(WIDTH * stride),
            alpha: 1.0,
            norm_squared: 0.0,
        }
    }

    /// Starts a call: nothing from another one is left.
    pub fn open(&mut self, model: &Model) {
        if (self.width, self.stride) != (model.shape.width, model.first.stride()) {
            *self = Self::new(&model.shape);
        }
        self.alpha = 1.0;
        self.live.fill([0; WIDTH]);
        let a = model.last.chunks();
        self.a[..a.len()].copy_from_slice(a);
        let whole = self.width / WIDTH * WIDTH * self.stride;
        let rest = &model.first.chunks()[whole..];
        self.rest[..rest.len()].copy_from_slice(rest);
    }

    /// Ends a call: W2 and the last neurons go back (the others never left).
    pub fn close(&mut self, model: &mut Model) {
        let a = model.last.chunks_mut();
        a.copy_from_slice(&self.a[..a.len()]);
        let whole = self.width / WIDTH * WIDTH * self.stride;
        let rest = &mut model.first.chunks_mut()[whole..];
        rest.copy_from_slice(&self.rest[..rest.len()]);
    }

    /// Takes up the samples of a block.
    #[inline(always)]
    pub fn enter<L: Lanes>(&mut self, lanes: L, block: &Block) {
        std::mem::swap(&mut self.x, &mut self.before);
        for t in 0..WIDTH {
            let row = &mut self.x[t * self.stride..][..self.stride];
            match block.order.get(t) {
                Some(&i) => row.copy_from_slice(block.samples.x.row_chunks(i as usize)),
                None => row.fill(Chunk::default()),
            }
        }
        for q in 0..self.stride {
            let mut rows = [lanes.splat(0.0); WIDTH];
            for (l, row) in rows.iter_mut().enumerate() {
                *row = lanes.load(&self.x[l * self.stride + q]);
            }
            let columns = lanes.transpose(rows);
            for (to, column) in self.x_t[q * WIDTH..].iter_mut().zip(columns) {
                lanes.store(column, to);
            }
        }
        for (s, to) in self.gram.iter_mut().enumerate() {
            let row = flat(&self.x[s * self.stride..][..self.stride]);
            let mut sum = lanes.splat(0.0);
            for (&x, column) in row.iter().zip(&self.x_t) {
                sum = lanes.mul_add(lanes.splat(x), lanes.load(column), sum);
            }
            lanes.store(sum, to);
        }
    }

    /// Makes the block the one before, with none after it.
    pub fn leave(&mut self) {
        std::mem::swap(&mut self.x, &mut self.before);
    }

    /// Chunks of neurons, with the padding of the last tile.
    #[inline(always)]
    pub fn groups(&self) -> usize {
        self.a.len()
    }

    /// alpha after a step: decay, then projection. Whether it should be folded into W1' now.
    #[inline(always)]
    pub fn rescale(&mut self, rule: &Rule, decay: f32) -> bool {
        self.alpha = match rule.project {
            Some(norm) if self.norm_squared > 0.0 => norm / self.norm_squared.sqrt(),
            _ => self.alpha * decay,
        };
        !(1.0 / LARGEST_ALPHA..=LARGEST_ALPHA).contains(&self.alpha)
    }
}
