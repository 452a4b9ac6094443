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

/// Row `numbers[k]` grows by `c[k] x`.
///
/// # Panics
/// If there is no such row.
#[inline(always)]
pub fn add_to_rows<L: Lanes>(
    lanes: L,
    rows: &mut [Chunk],
    numbers: &[u32],
    c: &[f32],
    x: &[Chunk],
) {
    check(numbers, rows.len() / x.len());
    for (&number, &c) in numbers.iter().zip(c) {
        let from = x.len() * number as usize;
        // SAFETY: checked above.
        let row = unsafe { rows.get_unchecked_mut(from..from + x.len()) };
        let c = lanes.splat(c);
        for q in 0..x.len() {
            let sum = lanes.mul_add(c, lanes.load(&x[q]), lanes.load(&row[q]));
            lanes.store(sum, &mut row[q]);
        }
    }
}

/// `to[k] = from[numbers[k]]`.
///
/// # Panics
/// If there is no such entry.
#[inline(always)]
pub fn gather(from: &[f32], numbers: &[u32], to: &mut [f32]) {
    check(numbers, from.len());
    for (&number, to) in numbers.iter().zip(to) {
        // SAFETY: checked above.
        *to = unsafe { *from.get_unchecked(number as usize) };
    }
}

/// `to[numbers[k]] = from[k]`.
///
/// # Panics
/// If there is no such entry.
#[inline(always)]
pub fn scatter(from: &[f32], numbers: &[u32], to: &mut [f32]) {
    check(numbers, to.len());
    for (&number, &from) in numbers.iter().zip(from) {
        // SAFETY: checked above.
        unsafe { *to.get_unchecked_mut(number as usize) = from };
    }
}

/// `from[numbers[k]] -= by[k]`; whether all that is left is positive.
///
/// # Panics
/// If there is no such entry.
#[inline(always)]
pub fn take(from: &mut [f32], numbers: &[u32], by: &[f32]) -> bool {
    check(numbers, from.len());
    let mut positive = true;
    for (&number, &by) in numbers.iter().zip(by) {
        // SAFETY: checked above.
        let from = unsafe { from.get_unchecked_mut(number as usize) };
        *from -= by;
        positive &= *from > 0.0;
    }
    positive
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

    struct Adds<'a>(&'a mut [Chunk], &'a [u32], &'a [f32], &'a [Chunk]);
    impl Kernel for Adds<'_> {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) {
            add_to_rows(lanes, self.0, self.1, self.2, self.3);
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
    fn add_to_rows_vs_definition() {
        let (picked, c) = ([4, 0, 4], [2.0, 3.0, -1.0]);
        for isa in Isa::ALL {
            let (mut rows, x) = (counted(10), counted(2));
            isa.run(Adds(&mut rows, &picked, &c, &x));
            for (k, (new, old)) in flat(&rows).iter().zip(flat(&counted(10))).enumerate() {
                let by = [3.0, 0.0, 0.0, 0.0, 1.0][k / 32] * flat(&x)[k % 32];
                assert_eq!(*new, old + by, "{isa:?} {k}");
            }
        }
    }

    #[test]
    fn numbers_are_gathered_scattered_and_taken() {
        let mut to = [0.0; 3];
        gather(&[5.0, 6.0, 7.0], &[2, 0], &mut to);
        assert_eq!(to, [7.0, 5.0, 0.0]);
        scatter(&[1.0, 2.0], &[1, 2], &mut to);
        assert_eq!(to, [7.0, 1.0, 2.0]);
        assert!(take(&mut to, &[0, 2], &[1.0, 1.5]));
        assert!(!take(&mut to, &[0, 1], &[1.0, 1.0]));
        assert_eq!(to, [5.0, 0.0, 0.5]);
        assert!(!take(&mut to, &[2], &[f32::NAN]));
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn rows_beyond_the_end_are_refused() {
        let x = counted(2);
        Isa::Portable.run(Dots(&counted(7), &[3; WIDTH], &x));
    }
}
