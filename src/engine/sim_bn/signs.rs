//! A matrix of 1 and -1 times sixteen vectors at once, one vector per lane, by look-ups.
//!
//! ```text
//! y_r = sum_c A_rc x_c = sum_g T_g[s_rg],   T_g[s] = +-x_4g +-x_4g+1 +-x_4g+2 +-x_4g+3
//! ```
//!
//! where bit `b` of `s` is set iff the sign of `x_4g+b` is minus (Arlazarov, Dinic, Kronrod, Faradzhev
//! 1970). Every table is written once, and read once by every row. Tests: `look_ups_vs_products`,
//! `portable_vs_avx2_vs_avx512`.

use crate::engine::matrix::Matrix;
use crate::engine::simd::{Chunk, Lanes, WIDTH};

/// Entries of a group.
pub const GROUP: usize = 4;
/// Groups whose tables are held together.
const PANEL: usize = 8;
/// Bits of a place in the tables of a panel.
const PLACE: usize = 7;
/// Places are kept times the size of a [`Chunk`], 2^6 bytes: what an address needs.
const CHUNK: usize = 6;
/// The signed sums of a group.
type Sums = [Chunk; 1 << GROUP];
/// The tables of a panel, one after the other.
pub type Tables = [Chunk; PANEL << GROUP];
/// Tables of 0.
pub const EMPTY: Tables = [Chunk([0.0; WIDTH]); PANEL << GROUP];

/// A matrix of 1 and -1.
#[derive(Debug)]
pub struct Signs {
    rows: usize,
    panels: Vec<Panel>,
}

/// Up to [`PANEL`] groups of columns.
#[derive(Debug)]
pub struct Panel {
    groups: usize,
    /// Per row; bits `7 g + 6 ..` are the place `16 g + s_rg` in the tables, times 64. Filled up to a multiple of [`GROUP`].
    places: Vec<u64>,
}

impl Signs {
    /// `None` if any entry is something else.
    pub fn new(matrix: &Matrix) -> Option<Self> {
        let mut rows = (0..matrix.rows()).map(|r| matrix.row(r));
        let fits = rows.all(|row| row.iter().all(|x| x.abs() == 1.0));
        let starts = (0..matrix.columns()).step_by(GROUP * PANEL);
        fits.then(|| Self {
            rows: matrix.rows(),
            panels: starts.map(|from| Panel::new(matrix, from)).collect(),
        })
    }
    /// The panels, columns rising.
    pub fn panels(&self) -> &[Panel] {
        &self.panels
    }
    /// Room for all tables.
    pub fn tables(&self) -> Vec<Tables> {
        vec![EMPTY; self.panels.len()]
    }

    /// All tables of `x`, which is filled up with zeros to a multiple of [`GROUP`].
    #[inline(always)]
    pub fn tabulate<L: Lanes>(&self, lanes: L, x: &[Chunk], tables: &mut [Tables]) {
        for (x, tables) in x.chunks(GROUP * PANEL).zip(tables) {
            let (groups, _) = x.as_chunks::<GROUP>();
            for (x, sums) in groups.iter().zip(slots(tables)) {
                tabulate(lanes, load(lanes, x), sums);
            }
        }
    }

    /// The rows `4 k .. 4 k + 4`; 0 where there is none.
    #[inline(always)]
    pub fn four<L: Lanes>(&self, lanes: L, tables: &[Tables], k: usize) -> [L::V; GROUP] {
        let mut sums = [lanes.splat(0.0); GROUP];
        for (p, (panel, tables)) in self.panels.iter().zip(tables).enumerate() {
            let four = panel.four(lanes, tables, k);
            for t in 0..GROUP {
                sums[t] = if p == 0 {
                    four[t]
                } else {
                    lanes.add(sums[t], four[t])
                };
            }
        }
        if GROUP * (k + 1) > self.rows {
            for sum in &mut sums[self.rows % GROUP..] {
                *sum = lanes.splat(0.0);
            }
        }
        sums
    }
}

/// The tables of a panel, group by group.
#[inline(always)]
pub fn slots(tables: &mut Tables) -> &mut [Sums] {
    tables.as_chunks_mut().0
}

impl Panel {
    fn new(matrix: &Matrix, from: usize) -> Self {
        let columns = from..matrix.columns().min(from + GROUP * PANEL);
        let last = matrix.rows().saturating_sub(1); // stands for the rows that fill up
        let places = |r: usize| {
            let groups = matrix.row(r.min(last))[columns.clone()]
                .chunks(GROUP)
                .enumerate();
            let place = |(g, row): (usize, &[f32])| {
                let signs = row.iter().enumerate();
                let s = signs.fold(0, |s, (b, &x)| s | u64::from(x < 0.0) << b);
                ((g as u64) << GROUP | s) << (PLACE * g + CHUNK)
            };
            groups.map(place).sum::<u64>()
        };
        Self {
            groups: columns.len().div_ceil(GROUP),
            places: (0..matrix.rows().next_multiple_of(GROUP))
                .map(places)
                .collect(),
        }
    }

    /// How many groups.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// `y` becomes, or grows by, this panel's part.
    #[inline(always)]
    pub fn sum<L: Lanes>(&self, lanes: L, tables: &Tables, first: bool, y: &mut [Chunk]) {
        if self.groups == PANEL {
            for (&places, y) in self.places.iter().zip(y) {
                put(lanes, first, eight(lanes, tables, places), y);
            }
        } else {
            for (&places, y) in self.places.iter().zip(y) {
                put(lanes, first, few(lanes, tables, places, self.groups), y);
            }
        }
    }

    /// This panel's part of the rows `4 k .. 4 k + 4`.
    #[inline(always)]
    fn four<L: Lanes>(&self, lanes: L, tables: &Tables, k: usize) -> [L::V; GROUP] {
        let mut sums = [lanes.splat(0.0); GROUP];
        let places = &self.places[GROUP * k..][..GROUP];
        if self.groups == PANEL {
            for t in 0..GROUP {
                sums[t] = eight(lanes, tables, places[t]);
            }
        } else {
            for t in 0..GROUP {
                sums[t] = few(lanes, tables, places[t], self.groups);
            }
        }
        sums
    }
}

/// `y = sum`, or `y += sum`.
#[inline(always)]
fn put<L: Lanes>(lanes: L, first: bool, mut sum: L::V, y: &mut Chunk) {
    if !first {
        sum = lanes.add(lanes.load(y), sum);
    }
    lanes.store(sum, y);
}

/// The sum of the entries of all groups.
#[inline(always)]
fn eight<L: Lanes>(lanes: L, tables: &Tables, places: u64) -> L::V {
    let mut t = [lanes.splat(0.0); PANEL];
    for (g, t) in t.iter_mut().enumerate() {
        *t = entry(lanes, tables, places, g);
    }
    let (a, b) = (lanes.add(t[0], t[1]), lanes.add(t[2], t[3]));
    let (c, d) = (lanes.add(t[4], t[5]), lanes.add(t[6], t[7]));
    lanes.add(lanes.add(a, b), lanes.add(c, d))
}

/// The sum of the entries of the first `groups`.
#[inline(always)]
fn few<L: Lanes>(lanes: L, tables: &Tables, places: u64, groups: usize) -> L::V {
    let mut sum = entry(lanes, tables, places, 0);
    for g in 1..groups {
        sum = lanes.add(sum, entry(lanes, tables, places, g));
    }
    sum
}

/// The lanes of chunks.
#[inline(always)]
pub fn load<L: Lanes, const N: usize>(lanes: L, chunks: &[Chunk; N]) -> [L::V; N] {
    let mut all = [lanes.splat(0.0); N];
    for k in 0..N {
        all[k] = lanes.load(&chunks[k]);
    }
    all
}

/// The entry of group `g`.
#[inline(always)]
fn entry<L: Lanes>(lanes: L, tables: &Tables, places: u64, g: usize) -> L::V {
    lanes.load(&tables[((places >> (PLACE * g)) as usize >> CHUNK) % tables.len()])
}

/// The signed sums of four.
#[inline(always)]
pub fn tabulate<L: Lanes>(lanes: L, x: [L::V; GROUP], sums: &mut Sums) {
    let minus = lanes.splat(-1.0);
    let (a, b) = (lanes.add(x[0], x[1]), lanes.sub(x[0], x[1]));
    let (c, d) = (lanes.add(x[2], x[3]), lanes.sub(x[2], x[3]));
    let half = [
        (0, lanes.add(c, a)),
        (1, lanes.sub(c, b)),
        (2, lanes.add(c, b)),
        (3, lanes.sub(c, a)),
        (8, lanes.add(d, a)),
        (9, lanes.sub(d, b)),
        (10, lanes.add(d, b)),
        (11, lanes.sub(d, a)),
    ];
    for (s, sum) in half {
        lanes.store(sum, &mut sums[s]);
        lanes.store(lanes.mul(sum, minus), &mut sums[15 - s]);
    }
}
