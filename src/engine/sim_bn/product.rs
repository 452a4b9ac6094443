//! A fixed matrix times sixteen vectors at once, one vector per lane.
//!
//! ```text
//! y_r = sum_c A_rc x_c
//! ```
//!
//! Where every entry is 1 or -1, as in the XOR data, that is done by look-ups: the sixteen signed sums
//! `+-x_4g +-x_4g+1 +-x_4g+2 +-x_4g+3` of each group of four are written to a table once, and then every
//! row reads one entry per group. Other matrices are multiplied out. Which of the two depends on the
//! matrix alone. Tests: `look_ups_vs_products`,
//! `portable_vs_avx2_vs_avx512`.

use crate::engine::matrix::Matrix;
use crate::engine::simd::{Chunk, Lanes};

/// Entries of a group.
const GROUP: usize = 4;
/// Groups whose tables are held at once.
const PANEL: usize = 8;
/// Room for the tables of a panel, and for every index that a byte can hold.
pub type Table = [Chunk; 256];

/// The matrix.
#[derive(Debug)]
pub enum Product {
    /// Entries 1 and -1: per panel of columns, the places in its tables that each row sums up.
    Signs(Vec<Panel>),
    /// Any entries.
    Dense(Matrix),
}

/// Up to [`PANEL`] groups of columns.
#[derive(Debug)]
pub struct Panel {
    groups: usize,
    /// Row after row, `16 g + s`, where bit `b` of `s` is set iff entry `4 g + b` is -1.
    places: Vec<u8>,
}

impl Product {
    /// Of `matrix`, by look-ups where that is possible.
    pub fn new(matrix: Matrix) -> Self {
        let mut rows = (0..matrix.rows()).map(|r| matrix.row(r));
        if rows.all(|row| row.iter().all(|x| x.abs() == 1.0)) {
            Self::signs(&matrix)
        } else {
            Self::Dense(matrix)
        }
    }

    /// Of a matrix whose entries are 1 and -1.
    fn signs(matrix: &Matrix) -> Self {
        let place = |(g, four): (usize, &[f32])| {
            let bits = four.iter().enumerate();
            let signs = bits.fold(0, |s, (b, &x)| s | u8::from(x < 0.0) << b);
            (g << GROUP) as u8 | signs
        };
        let panel = |from: usize| {
            let columns = from..matrix.columns().min(from + GROUP * PANEL);
            let row = |r| matrix.row(r)[columns.clone()].chunks(GROUP).enumerate();
            Panel {
                groups: columns.len().div_ceil(GROUP),
                places: (0..matrix.rows()).flat_map(row).map(place).collect(),
            }
        };
        let starts = (0..matrix.columns()).step_by(GROUP * PANEL);
        Self::Signs(starts.map(panel).collect())
    }

    /// `y = A x`; `x` is filled up with zeros to a multiple of four, `table` is scratch.
    #[inline(always)]
    pub fn multiply<L: Lanes>(&self, lanes: L, x: &[Chunk], y: &mut [Chunk], table: &mut Table) {
        match self {
            Self::Signs(panels) => {
                for (p, (panel, x)) in panels.iter().zip(x.chunks(GROUP * PANEL)).enumerate() {
                    tabulate(lanes, x, table);
                    panel.sum(lanes, table, p == 0, y);
                }
            }
            Self::Dense(matrix) => dense(lanes, matrix, x, y),
        }
    }
}

impl Panel {
    /// `y` becomes, or grows by, this panel's part.
    #[inline(always)]
    fn sum<L: Lanes>(&self, lanes: L, table: &Table, first: bool, y: &mut [Chunk]) {
        if self.groups == PANEL {
            let (rows, _) = self.places.as_chunks::<PANEL>();
            for (row, y) in rows.iter().zip(y) {
                put(lanes, first, eight(lanes, table, row), y);
            }
        } else {
            for (row, y) in self.places.chunks_exact(self.groups).zip(y) {
                let mut sum = lanes.load(&table[usize::from(row[0])]);
                for &place in &row[1..] {
                    sum = lanes.add(sum, lanes.load(&table[usize::from(place)]));
                }
                put(lanes, first, sum, y);
            }
        }
    }
}

/// The sum of the entries at `places`.
#[inline(always)]
fn eight<L: Lanes>(lanes: L, table: &Table, places: &[u8; PANEL]) -> L::V {
    let mut sums = [lanes.splat(0.0); PANEL];
    let word = u64::from_le_bytes(*places); // one load instead of eight
    for g in 0..PANEL {
        sums[g] = lanes.load(&table[(word >> (8 * g)) as usize & 255]);
    }
    let mut width = PANEL / 2;
    while width > 0 {
        for g in 0..width {
            sums[g] = lanes.add(sums[g], sums[g + width]);
        }
        width /= 2;
    }
    sums[0]
}

/// `y = sum`, or `y += sum`.
#[inline(always)]
fn put<L: Lanes>(lanes: L, first: bool, sum: L::V, y: &mut Chunk) {
    let sum = if first {
        sum
    } else {
        lanes.add(lanes.load(y), sum)
    };
    lanes.store(sum, y);
}

/// The signed sums of every four.
#[inline(always)]
fn tabulate<L: Lanes>(lanes: L, x: &[Chunk], table: &mut Table) {
    let minus = lanes.splat(-1.0);
    let (groups, _) = x.as_chunks::<GROUP>();
    let (tables, _) = table.as_chunks_mut::<16>();
    for ([x0, x1, x2, x3], table) in groups.iter().zip(tables) {
        let (x0, x1) = (lanes.load(x0), lanes.load(x1));
        let (x2, x3) = (lanes.load(x2), lanes.load(x3));
        let (a, b) = (lanes.add(x0, x1), lanes.sub(x0, x1));
        let (c, d) = (lanes.add(x2, x3), lanes.sub(x2, x3));
        let sums = [
            (0, lanes.add(c, a)),
            (1, lanes.sub(c, b)),
            (2, lanes.add(c, b)),
            (3, lanes.sub(c, a)),
            (8, lanes.add(d, a)),
            (9, lanes.sub(d, b)),
            (10, lanes.add(d, b)),
            (11, lanes.sub(d, a)),
        ];
        for (s, sum) in sums {
            lanes.store(sum, &mut table[s]);
            lanes.store(lanes.mul(sum, minus), &mut table[15 - s]);
        }
    }
}

/// `y = A x`, entry by entry.
#[inline(always)]
fn dense<L: Lanes>(lanes: L, matrix: &Matrix, x: &[Chunk], y: &mut [Chunk]) {
    let (blocks, rest) = y.as_chunks_mut::<4>();
    let done = 4 * blocks.len();
    for (b, y) in blocks.iter_mut().enumerate() {
        rows(lanes, matrix, 4 * b, x, y);
    }
    for (r, y) in rest.iter_mut().enumerate() {
        rows(lanes, matrix, done + r, x, std::array::from_mut(y));
    }
}

/// The rows `from .. from + R`.
#[inline(always)]
fn rows<L: Lanes, const R: usize>(
    lanes: L,
    matrix: &Matrix,
    from: usize,
    x: &[Chunk],
    y: &mut [Chunk; R],
) {
    let mut entries = [matrix.row(from); R];
    for r in 1..R {
        entries[r] = matrix.row(from + r);
    }
    let mut sums = [lanes.splat(0.0); R];
    for (c, x) in x.iter().enumerate().take(matrix.columns()) {
        let x = lanes.load(x);
        for r in 0..R {
            sums[r] = lanes.mul_add(lanes.splat(entries[r][c]), x, sums[r]);
        }
    }
    for r in 0..R {
        lanes.store(sums[r], &mut y[r]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Isa;
    use crate::engine::definition::sets;
    use crate::engine::simd::Kernel;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    struct Multiply<'a>(&'a Product, &'a [Chunk], &'a mut [Chunk]);

    impl Kernel for Multiply<'_> {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) {
            let mut table = [Chunk::default(); 256];
            self.0.multiply(lanes, self.1, self.2, &mut table);
        }
    }

    /// A matrix of signs, and vectors with numbers of every size.
    fn scene(rows: usize, columns: usize) -> (Matrix, Vec<Chunk>) {
        let mut rng = ChaCha8Rng::seed_from_u64((rows + 1000 * columns) as u64);
        let mut sign = |_, _| if rng.random() { 1.0 } else { -1.0 };
        let matrix = Matrix::from_fn(rows, columns, &mut sign);
        let mut x = vec![Chunk::default(); columns.next_multiple_of(GROUP)];
        for x in x[..columns].iter_mut().flat_map(|x| &mut x.0) {
            *x = rng.random_range(-1.0f32..1.0) * 2f32.powi(rng.random_range(-20..20));
        }
        (matrix, x)
    }

    fn product(isa: Isa, product: &Product, rows: usize, x: &[Chunk]) -> Vec<Chunk> {
        let mut y = vec![Chunk([f32::NAN; 16]); rows];
        isa.run(Multiply(product, x, &mut y));
        y
    }

    const SIZES: [(usize, usize); 8] = [
        (1, 1),
        (3, 4),
        (5, 31),
        (4, 32),
        (9, 33),
        (31, 100),
        (100, 31),
        (2, 300),
    ];

    /// Both against f64, every term of which is exact: `gamma_c sum |x|` (error_bound).
    #[test]
    fn look_ups_vs_products() {
        for (rows, columns) in SIZES {
            let (mut matrix, x) = scene(rows, columns);
            let road = Product::new(matrix.clone());
            assert!(matches!(road, Product::Signs(_)));
            let dense = Product::Dense(matrix.clone());
            let roads = [&road, &dense].map(|p| product(Isa::best(), p, rows, &x));
            for (r, l) in (0..rows).flat_map(|r| (0..16).map(move |l| (r, l))) {
                let terms = matrix.row(r).iter().zip(&x);
                let terms = terms.map(|(a, x)| f64::from(a * x.0[l]));
                let (sum, size) = terms.fold((0.0, 0.0), |(s, z), t| (s + t, z + t.abs()));
                let bound = crate::engine::error_bound::near::gamma(columns) * size;
                for y in roads.each_ref().map(|y| f64::from(y[r].0[l])) {
                    assert!(
                        (y - sum).abs() <= bound,
                        "{rows} {columns} {r} {l}: {y} {sum}"
                    );
                }
            }
            // one entry off, and the other road is taken; its sign off, and the product is another
            matrix.row_mut(rows - 1)[columns - 1] *= -1.0;
            let other = product(Isa::best(), &Product::new(matrix.clone()), rows, &x);
            assert_ne!(other[rows - 1], roads[0][rows - 1]);
            matrix.row_mut(rows - 1)[columns - 1] = 0.5;
            assert!(matches!(Product::new(matrix), Product::Dense(_)));
        }
    }

    #[test]
    fn portable_vs_avx2_vs_avx512() {
        for (rows, columns) in SIZES {
            let (matrix, x) = scene(rows, columns);
            for road in [Product::new(matrix.clone()), Product::Dense(matrix)] {
                let mut all = sets().map(|isa| product(isa, &road, rows, &x));
                let portable = all.next().unwrap();
                assert!(all.all(|y| y == portable), "{rows} {columns}");
            }
        }
    }
}
