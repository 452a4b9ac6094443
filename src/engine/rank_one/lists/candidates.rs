//! Which neurons can be active at a sample: lists that save the products of all others.
//!
//! Late in training one neuron in eight is active at a sample, and W1' moves little from one epoch to the
//! next. Lists are made at a reference `V` and are complete while every row `W_j` of W1' is within its
//! `radius_j` of `V_j`:
//!
//! ```text
//! j is left out for x'_i only if  V_j . x'_i < -R_i (radius_j + kappa (||V_j|| + radius_j)),  R_i = ||x'_i||
//! so  W_j . x'_i < 0,  and so it is computed, in any order of summation
//! D_j = ||W_j - V_j||^2,  after W_j += c x'_i:  D_j += 2 c (W_j . x'_i - V_j . x'_i) + c^2 R_i^2
//! ```
//!
//! by Cauchy-Schwarz: `radius_j R_i` bounds the change, `kappa (..) R_i` the rounding of both products.
//! A step knows both products in the last line, so it follows every distance; lists are made anew when one
//! fills its radius. A neuron that is not active has output and gradient 0: the lists change no bit of a
//! run, whenever they are made and whatever the radii (test `lists_vs_all_neurons`).

use crate::engine::matrix::Matrix;
use crate::engine::simd::lanes::{Chunk, Kernel, Lanes, WIDTH, flat, flat_mut};
use crate::engine::simd::picked::dot_rows;

/// Per column: sixteen times the rounding of a product by any order of summation.
const KAPPA_PER_COLUMN: f32 = 16.0 / (1 << 24) as f32;
/// Norms of rows and samples outside of this could overflow a product or underflow a bound: then every
/// neuron is listed.
const SIZES: std::ops::RangeInclusive<f32> = 1e-10..=1e10;
/// Relative rounding of lengths and distances, with room.
const ROUNDING: f32 = 1.0 / (1 << 20) as f32;
/// The first radii, per norm of the row, and the steps they are meant for.
const FIRST: f32 = 0.02;
const FIRST_STEPS: f32 = 500.0;
/// New lists after so many times the work of making them, to see whether they could be shorter.
const PATIENCE: f64 = 20.0;

/// The lists of all samples, and how far W1' may still go.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// The samples, and `R_i^2`.
    samples: Matrix,
    squares: Vec<f32>,
    /// Per sample: numbers of neurons, their `V_j . x'_i`.
    numbers: Vec<Chunk>,
    products: Vec<Chunk>,
    spans: Vec<Span>,
    /// `V`, `radius_j`, and `D_j` per step as it was.
    reference: Matrix,
    radii: Vec<Chunk>,
    speeds: Vec<Chunk>,
    /// `radius_j^2 - D_j`, at most; the lists hold while none is negative.
    room: Vec<Chunk>,
    /// `radius_j^2` per speed; infinite while every neuron is listed.
    reach: f32,
    /// What rounding takes from a room: per step, and per `|c_j|`.
    loss: [f32; 2],
    /// How often V was scaled since.
    scalings: usize,
    work: Work,
}

/// A list: chunks `from ..`, of which the first `len` lanes count.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: usize,
    len: usize,
}

/// The neurons that can be active at a sample, ascending, and their products with it at the reference.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Numbers as bits.
    pub chunks: &'a [Chunk],
    pub products: &'a [Chunk],
    pub len: usize,
}

/// What has been done with the lists, in products of a neuron and a sample.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    /// Making them and measuring distances.
    upkeep: f64,
    /// Steps, and what active neurons alone would have cost.
    used: f64,
    active: f64,
    steps: f64,
}

impl Candidates {
    /// Lists that hold for these rows and samples, wherever either comes from.
    #[inline(always)]
    pub fn open<L: Lanes>(&mut self, lanes: L, first: &Matrix, samples: &Matrix) {
        let same = self.samples == *samples && self.reference.rows() == first.rows();
        if same && self.reach < f32::INFINITY {
            return self.measure(lanes, first);
        }
        if !same {
            let square = |i| square(lanes, samples.row_chunks(i));
            *self = Self {
                samples: samples.clone(),
                squares: (0..samples.rows()).map(square).collect(),
                ..Self::default()
            };
        }
        self.make(lanes, first);
    }

    /// The neurons that can be active at sample `i`.
    #[inline(always)]
    pub fn list(&self, i: usize) -> List<'_> {
        let Span { from, len } = self.spans[i];
        let chunks = from..from + len.div_ceil(WIDTH);
        List {
            chunks: &self.numbers[chunks.clone()],
            products: &self.products[chunks],
            len,
        }
    }

    /// The share of all pairs of neurons and samples that is listed.
    #[cfg(test)]
    pub fn share_listed(&self) -> f64 {
        let listed: usize = self.spans.iter().map(|span| span.len).sum();
        listed as f64 / (self.spans.len() * self.reference.rows()) as f64
    }

    /// `R_i^2`.
    #[inline(always)]
    pub fn square(&self, i: usize) -> f32 {
        self.squares[i]
    }

    /// What a step at sample `i` takes from a room: `change` is `W_j . x'_i - V_j . x'_i`.
    #[inline(always)]
    pub fn taken<L: Lanes>(&self, lanes: L, i: usize, c: L::V, change: L::V) -> L::V {
        let [per_step, per_size] = self.loss.map(|loss| lanes.splat(loss));
        let minus = lanes.sub(lanes.splat(0.0), c);
        let size = lanes.select(lanes.gt(c, minus), c, minus);
        let twice = lanes.add(change, change);
        let slope = lanes.mul_add(lanes.splat(self.squares[i]), c, twice);
        // D_j += c (2 change + c R^2)
        lanes.mul_add(c, slope, lanes.mul_add(per_size, size, per_step))
    }

    /// The room of every neuron.
    #[inline(always)]
    pub fn room_mut(&mut self) -> &mut [f32] {
        flat_mut(&mut self.room)
    }

    /// After a step at sample `i` with `active` neurons; `hold` tells whether all of them have room left.
    #[inline(always)]
    pub fn stepped<L: Lanes>(
        &mut self,
        lanes: L,
        first: &Matrix,
        i: usize,
        active: usize,
        hold: bool,
    ) {
        self.work.used += self.spans[i].len as f64;
        self.work.active += active as f64;
        self.work.steps += 1.0;
        if !hold && self.reach < f32::INFINITY {
            self.make(lanes, first);
        }
    }

    /// After W1' became `factor` W1', up to rounding: so do the reference, its products and the radii.
    #[inline(always)]
    pub fn scaled<L: Lanes>(&mut self, lanes: L, first: &Matrix, factor: f32) {
        scale(lanes, self.reference.chunks_mut(), factor);
        scale(lanes, &mut self.products, factor);
        scale(lanes, &mut self.radii, factor);
        scale(lanes, &mut self.speeds, factor * factor);
        self.loss = [self.loss[0] * factor * factor, self.loss[1] * factor];
        self.scalings += 1;
        // every scaling rounds once more, and kappa has room for so many
        if self.scalings > 4 * first.columns() && self.reach < f32::INFINITY {
            self.make(lanes, first);
        } else {
            self.measure(lanes, first);
        }
    }

    /// All rooms from the rows themselves; new lists if one is almost used up, or could be shorter.
    fn measure<L: Lanes>(&mut self, lanes: L, first: &Matrix) {
        let candidates = &mut *self;
        let hold = lanes.call(Measure { candidates, first });
        let spent = self.work.used > PATIENCE * self.work.upkeep;
        if self.reach < f32::INFINITY && (!hold || spent) {
            self.make(lanes, first);
        }
    }

    fn make<L: Lanes>(&mut self, lanes: L, first: &Matrix) {
        self.choose_radii(lanes, first);
        let candidates = self;
        lanes.call(Make { candidates, first });
    }

    /// The radii of the next lists, from how far the neurons went and what the last lists cost.
    ///
    /// A step costs its list and the upkeep. With the list less the active neurons linear in the radii and
    /// the upkeep falling with their square, the sum is least where the latter is half of the former.
    fn choose_radii<L: Lanes>(&mut self, lanes: L, first: &Matrix) {
        let m = first.rows();
        let groups = m.div_ceil(WIDTH);
        let Work {
            upkeep,
            used,
            active,
            steps,
        } = self.work;
        let known = steps > 0.0 && self.radii.len() == groups;
        if !known {
            self.reach = FIRST_STEPS;
            self.radii = vec![Chunk::default(); groups];
            self.speeds = self.radii.clone();
            self.room = self.radii.clone();
        } else {
            let factor = if upkeep > 0.5 * (used - active) {
                2.0
            } else {
                0.7
            };
            self.reach = (self.reach * factor).clamp(1.0, 1e9);
        }
        let (radii, speeds) = (flat_mut(&mut self.radii), flat_mut(&mut self.speeds));
        let room = flat(&self.room);
        for j in 0..m {
            speeds[j] = if known {
                let distance = (radii[j] * radii[j] - room[j]).max(0.0); // NaN: 0
                0.5 * (speeds[j] + distance / steps as f32)
            } else {
                FIRST * FIRST / FIRST_STEPS * square(lanes, first.row_chunks(j))
            };
        }
        let floor = 0.1 * speeds[..m].iter().sum::<f32>() / m as f32;
        for j in 0..m {
            radii[j] = (self.reach * (speeds[j] + floor)).sqrt();
        }
    }
}

/// The rooms of all neurons; whether they will do for some time.
struct Measure<'a> {
    candidates: &'a mut Candidates,
    first: &'a Matrix,
}

impl Kernel for Measure<'_> {
    type Output = bool;
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> bool {
        let (to, first) = (self.candidates, self.first);
        let mut hold = u16::MAX;
        for (group, room) in to.room.iter_mut().enumerate() {
            let mut squares = [lanes.splat(0.0); WIDTH];
            for (l, square) in squares.iter_mut().enumerate() {
                let j = (WIDTH * group + l).min(first.rows() - 1);
                for (w, v) in first.row_chunks(j).iter().zip(to.reference.row_chunks(j)) {
                    let off = lanes.sub(lanes.load(w), lanes.load(v));
                    *square = lanes.mul_add(off, off, *square);
                }
            }
            let distance = lanes.mul(lanes.sums(squares), lanes.splat(1.0 + ROUNDING));
            let radius = lanes.load(&to.radii[group]);
            let area = lanes.mul(radius, radius);
            let left = lanes.sub(lanes.sub(area, distance), lanes.splat(to.loss[0]));
            lanes.store(left, room);
            let some = lanes.gt(left, lanes.mul(area, lanes.splat(0.1)));
            hold &= lanes.bits(some) | !front(first.rows() - WIDTH * group);
        }
        to.work.upkeep += 0.5 * first.rows() as f64;
        hold == u16::MAX
    }
}

/// New lists.
struct Make<'a> {
    candidates: &'a mut Candidates,
    first: &'a Matrix,
}

impl Kernel for Make<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let (to, first) = (self.candidates, self.first);
        let (m, n) = (first.rows(), to.samples.rows());
        let groups = m.div_ceil(WIDTH);
        to.reference.clone_from(first);
        to.scalings = 0;
        let kappa = KAPPA_PER_COLUMN * first.columns() as f32;
        // radius_j + kappa (||V_j|| + radius_j)
        let mut bounds = vec![Chunk::default(); groups];
        let (mut size, mut radius, mut all) = (0.0f32, 0.0f32, false);
        for j in 0..m {
            let own = flat(&to.radii)[j];
            let norm = square(lanes, first.row_chunks(j)).sqrt();
            flat_mut(&mut bounds)[j] = (own + kappa * (norm + own)) * (1.0 + ROUNDING);
            flat_mut(&mut to.room)[j] = own * own;
            all |= !(SIZES.contains(&own) && norm + own <= *SIZES.end());
            (size, radius) = (size.max(norm + own), radius.max(own));
        }
        all |= !to
            .squares
            .iter()
            .all(|square| SIZES.contains(&square.sqrt()));
        if all {
            to.reach = f32::INFINITY;
        }
        let farthest = to.squares.iter().fold(0.0f32, |r, s| r.max(s.sqrt()));
        to.loss = [ROUNDING * size * radius, kappa * farthest * size];
        to.numbers.resize(n * groups + 1, Chunk::default());
        to.products.resize(n * groups + 1, Chunk::default());
        to.spans.clear();
        let mut from = 0;
        for i in 0..n {
            let (x, far) = (to.samples.row_chunks(i), lanes.splat(-to.squares[i].sqrt()));
            let numbers = flat_mut(&mut to.numbers[from..]);
            let products = flat_mut(&mut to.products[from..]);
            let mut len = 0;
            for (group, bound) in bounds.iter().enumerate() {
                let own = numbers_of(group, m);
                let z = dot_rows(lanes, first.chunks(), &own, x);
                let out = lanes.bits(lanes.gt(lanes.mul(far, lanes.load(bound)), z));
                let bits = if all { u16::MAX } else { !out } & front(m - WIDTH * group);
                let own = lanes.load(&Chunk(own.map(f32::from_bits)));
                if let (Some(numbers), Some(products)) = (
                    numbers[len..].first_chunk_mut(),
                    products[len..].first_chunk_mut(),
                ) {
                    lanes.pack(own, bits, numbers);
                    lanes.pack(z, bits, products);
                }
                len += bits.count_ones() as usize;
            }
            numbers[len..len.next_multiple_of(WIDTH)].fill(0.0); // neuron 0; not counted
            to.spans.push(Span { from, len });
            from += len.div_ceil(WIDTH);
        }
        to.work = Work {
            upkeep: (m * n) as f64,
            ..Work::default()
        };
    }
}

/// The neurons of a group; the last one again where there are no more.
#[inline(always)]
pub fn numbers_of(group: usize, m: usize) -> [u32; WIDTH] {
    std::array::from_fn(|l| (WIDTH * group + l).min(m - 1) as u32)
}

/// `w *= factor`.
#[inline(always)]
pub fn scale<L: Lanes>(lanes: L, w: &mut [Chunk], factor: f32) {
    for w in w {
        lanes.store(lanes.mul(lanes.splat(factor), lanes.load(w)), w);
    }
}

/// `||x||^2`.
#[inline(always)]
pub fn square<L: Lanes>(lanes: L, x: &[Chunk]) -> f32 {
    let mut sum = lanes.splat(0.0);
    for x in x {
        let x = lanes.load(x);
        sum = lanes.mul_add(x, x, sum);
    }
    lanes.sum(sum)
}

/// The `min(count, 16)` lowest bits.
#[inline(always)]
pub fn front(count: usize) -> u16 {
    if count < WIDTH {
        (1 << count) - 1
    } else {
        u16::MAX
    }
}
