//! Wendel 1962: of the `2^n` sign flips of `n` points in general position in dimension `d`, exactly
//! `2 sum_{k<d} C(n-1, k)` put all of them in an open half-space. This is the chance that a network
//! without bias can have a neuron that is dead on the whole training set.

use flatproof::data::extreme::open_half_space;
use flatproof::data::xor::coordinate;
use flatproof::linalg::rank;
use flatproof::scalar::{Rational, Ring};

/// How many of the sign flips of `points` lie in an open half-space.
fn half_space_flips(points: &[Vec<Rational>]) -> u64 {
    let flip = |signs: u64| -> Vec<Vec<Rational>> {
        let flipped = |(i, x): (usize, &Vec<Rational>)| {
            let sign = Rational::from(coordinate(signs, i));
            x.iter().map(|x| x.mul(&sign)).collect()
        };
        points.iter().enumerate().map(flipped).collect()
    };
    (0..1 << points.len())
        .filter(|&signs| open_half_space(&flip(signs)).is_ok())
        .count() as u64
}

fn wendel(n: u64, d: u64) -> u64 {
    let binomial = |n: u64, k: u64| (0..k).fold(1, |c, i| c * n.saturating_sub(i) / (i + 1));
    2 * (0..d).map(|k| binomial(n - 1, k)).sum::<u64>()
}

/// Any `d` of the points are independent.
fn in_general_position(points: &[Vec<Rational>], d: usize) -> bool {
    (1u32..1 << points.len())
        .filter(|chosen| chosen.count_ones() as usize <= d)
        .all(|chosen| {
            let rows: Vec<_> = (0..points.len())
                .filter(|i| chosen >> i & 1 == 1)
                .map(|i| points[i].clone())
                .collect();
            rank(&rows) == rows.len()
        })
}

#[test]
fn half_spaces_vs_wendel() {
    for d in 1..=3 {
        for n in 1..=7 {
            // On the moment curve (1, t, t^2), not in order of size.
            let moments = &[2i64, -1, 3, -5, 1, 7, -4][..n];
            let power = |t: i64, k: usize| Rational::from(t.pow(k as u32));
            let points: Vec<Vec<Rational>> = moments
                .iter()
                .map(|&t| (0..d).map(|k| power(t, k)).collect())
                .collect();
            assert!(in_general_position(&points, d));
            assert_eq!(
                half_space_flips(&points),
                wendel(n as u64, d as u64),
                "n = {n}, d = {d}"
            );
        }
    }
}

#[test]
fn wendel_needs_general_position() {
    let points: Vec<Vec<Rational>> = [[1, 0], [1, 0], [0, 1]]
        .iter()
        .map(|x| x.map(Rational::from).to_vec())
        .collect();
    assert!(!in_general_position(&points, 2));
    assert_eq!((half_space_flips(&points), wendel(3, 2)), (4, 6));
}
