//! Rows and numbers picked by lists of indices: bounds are checked once for a whole list.
//!
//! Lists are made on lanes, so they lie in chunks: [`numbers`] reads the bits of the lanes.

use super::lanes::{Chunk, Lanes, WIDTH};

/// The lanes of chunks as bits: what indices are kept as.
pub fn numbers(chunks: &[Chunk]) -> &[u32] {
    // SAFETY: a chunk is `repr(C)`, sixteen f32 and no padding; u32 has their size, and every bit pattern.
    unsafe { std::slice::from_raw_parts(chunks.as_ptr().cast(), chunks.len() * WIDTH) }
}

/// # Panics
/// If a number is not below `len`.
#[inline(always)]
fn check(numbers: &[u32], len: usize) {
    let mut inside = true;
    for &number in numbers {
        inside &= (number as usize) < len;
    }
    assert!(inside, "an index is out of range");
}

/// Row `j` has chunks `length j ..`.
///
/// # Safety
/// There are more than `j` rows of this length.
#[inline(always)]
unsafe fn row(chunks: &[Chunk], length: usize, j: u32) -> &[Chunk] {
    let from = length * j as usize;
    // SAFETY: the caller's.
    unsafe { chunks.get_unchecked(from..from + length) }
}

/// Lane `l` is the sum of `x` times row `numbers[l]`, of `x.len()` chunks, by the tree of halves.
///
/// # Panics
/// If there is no such row.
#[inline(always)]
pub fn dot_rows<L: Lanes>(lanes: L, rows: &[Chunk], numbers: &[u32; WIDTH], x: &[Chunk]) -> L::V {
    check(numbers, rows.len() / x.len());
    let mut sums = [lanes.splat(0.0); WIDTH];
    for l in 0..WIDTH {
        // SAFETY: checked above.
        let w = unsafe { row(rows, x.len(), numbers[l]) };
        sums[l] = lanes.mul(lanes.load(&w[0]), lanes.load(&x[0]));
        for q in 1..x.len() {
            sums[l] = lanes.mul_add(lanes.load(&w[q]), lanes.load(&x[q]), sums[l]);
        }
    }
    lanes.sums(sums)
}

/// Indices, all below a bound.
#[derive(Clone, Copy, Debug)]
pub struct Picks<'a> {
    numbers: &'a [u32],
    below: usize,
}

impl<'a> Picks<'a> {
    /// # Panics
    /// If a number is not below the bound.
    #[inline(always)]
    pub fn new(numbers: &'a [u32], below: usize) -> Self {
        check(numbers, below);
        Self { numbers, below }
    }

    /// `to[k] = from[numbers[k]]`.
    ///
    /// # Panics
    /// If there are fewer entries than the bound.
    #[inline(always)]
    pub fn gather(self, from: &[f32], to: &mut [f32]) {
        assert!(from.len() >= self.below, "too few entries");
        for (&number, to) in self.numbers.iter().zip(to) {
            // SAFETY: below the bound, checked in `new`, and so below the length.
            *to = unsafe { *from.get_unchecked(number as usize) };
        }
    }

    /// `row numbers[k] += c[k] x`, `last[numbers[k]] = a[k]`, `room[numbers[k]] -= taken[k]`: what a step
    /// changes. Whether the room left is positive everywhere.
    ///
    /// # Panics
    /// If there are fewer rows or entries than the bound.
    #[inline(always)]
    pub fn write<L: Lanes>(self, lanes: L, to: Neurons, by: Changes, x: &[Chunk]) -> bool {
        let (Neurons { rows, last, room }, length) = (to, x.len());
        let entries = last.len().min(room.len()).min(rows.len() / length);
        assert!(entries >= self.below, "too few entries");
        let mut positive = true;
        let changes = by.c.iter().zip(by.a).zip(by.taken);
        for (&number, ((&c, &a), &taken)) in self.numbers.iter().zip(changes) {
            let j = number as usize;
            // SAFETY: below the bound, checked in `new`, and so below all three lengths.
            let (row, last, room) = unsafe {
                (
                    rows.get_unchecked_mut(length * j..length * (j + 1)),
                    last.get_unchecked_mut(j),
                    room.get_unchecked_mut(j),
                )
            };
            *last = a;
            *room -= taken;
            positive &= *room > 0.0;
            let c = lanes.splat(c);
            for q in 0..length {
                let sum = lanes.mul_add(c, lanes.load(&x[q]), lanes.load(&row[q]));
                lanes.store(sum, &mut row[q]);
            }
        }
        positive
    }
}

/// What belongs to neurons.
#[derive(Debug)]
pub struct Neurons<'a> {
    /// Their rows of the first layer, one after the other.
    pub rows: &'a mut [Chunk],
    /// Their weights in the last layer.
    pub last: &'a mut [f32],
    /// How far they may still go, see `rank_one::lists`.
    pub room: &'a mut [f32],
}

/// What a step changes, in the order of the picks.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    /// The rows grow by these times `x`.
    pub c: &'a [f32],
    /// The new weights of the last layer.
    pub a: &'a [f32],
    /// What goes from the rooms.
    pub taken: &'a [f32],
}

#[cfg(test)]
mod tests {
    use super::super::lanes::{Kernel, flat_mut};
    use super::super::{Isa, lanes::flat};
    use super::*;

    struct Dots<'a>(&'a [Chunk], &'a [u32; WIDTH], &'a [Chunk]);
    impl Kernel for Dots<'_> {
        type Output = Chunk;
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> Chunk {
            let mut out = Chunk::default();
            lanes.store(dot_rows(lanes, self.0, self.1, self.2), &mut out);
            out
        }
    }

    struct Writes<'a>(Neurons<'a>, &'a [u32], Changes<'a>, &'a [Chunk]);
    impl Kernel for Writes<'_> {
        type Output = bool;
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> bool {
            Picks::new(self.1, 5).write(lanes, self.0, self.2, self.3)
        }
    }

    fn counted(chunks: usize) -> Vec<Chunk> {
        let mut out = vec![Chunk::default(); chunks];
        for (k, w) in flat_mut(&mut out).iter_mut().enumerate() {
            *w = (k % 23) as f32 - 11.0;
        }
        out
    }

    /// Integers, so that sums are exact in any order.
    #[test]
    fn dot_rows_vs_definition() {
        for length in 1..4 {
            let (rows, x) = (counted(7 * length), counted(length));
            let picked: [u32; WIDTH] = std::array::from_fn(|l| (3 * l % 7) as u32);
            for isa in Isa::ALL {
                let got = isa.run(Dots(&rows, &picked, &x));
                for (l, &j) in picked.iter().enumerate() {
                    let row = &flat(&rows)[16 * length * j as usize..];
                    let sum: f32 = flat(&x).iter().zip(row).map(|(x, w)| x * w).sum();
                    assert_eq!(got.0[l], sum, "{isa:?}");
                }
            }
        }
    }

    #[test]
    fn write_vs_definition() {
        for isa in Isa::ALL {
            for spared in [0.5, 1.0, f32::NAN] {
                let (mut rows, x) = (counted(10), counted(2));
                let (mut last, mut room) = ([7.0; 5], [1.0; 5]);
                let to = Neurons {
                    rows: &mut rows,
                    last: &mut last,
                    room: &mut room,
                };
                let by = Changes {
                    c: &[2.0, 3.0],
                    a: &[8.0, 9.0],
                    taken: &[0.25, spared],
                };
                let positive = isa.run(Writes(to, &[4, 0], by, &x));
                assert_eq!(positive, spared == 0.5, "{isa:?}");
                assert_eq!(last, [9.0, 7.0, 7.0, 7.0, 8.0]);
                assert_eq!(room[1..], [1.0, 1.0, 1.0, 0.75]);
                for (k, (new, old)) in flat(&rows).iter().zip(flat(&counted(10))).enumerate() {
                    let by = [3.0, 0.0, 0.0, 0.0, 2.0][k / 32] * flat(&x)[k % 32];
                    assert_eq!(*new, old + by, "{isa:?} {k}");
                }
            }
        }
    }

    #[test]
    fn entries_are_gathered() {
        let mut to = [0.0; 3];
        Picks::new(&[2, 0], 3).gather(&[5.0, 6.0, 7.0], &mut to);
        assert_eq!(to, [7.0, 5.0, 0.0]);
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn rows_beyond_the_end_are_refused() {
        let x = counted(2);
        Isa::Portable.run(Dots(&counted(7), &[3; WIDTH], &x));
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn picks_beyond_the_bound_are_refused() {
        Picks::new(&[1, 3], 3);
    }

    #[test]
    #[should_panic(expected = "too few")]
    fn fewer_entries_than_the_bound_are_refused() {
        Picks::new(&[1], 3).gather(&[0.0; 2], &mut [0.0]);
    }
}
