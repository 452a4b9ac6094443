//! Rational points of the unit circle and sphere (Wen, Li, Ma 2023, Proposition A.2), exact throughout.
//!
//! `t -> ((1 - t^2)/(1 + t^2), 2t/(1 + t^2))` reaches every rational point of the circle but `(-1, 0)`.
//! Points multiply as complex numbers, so angles add: with a rational `q` of angle `theta/4`, the point
//! `v = q^4`, the midpoints of arcs (angle `(theta + theta')/2`) and the unit normals of the chords
//! between midpoints are all rational. That is what [`Quarters`] keeps. Order by angle is decided by
//! half-plane and cross product. Tests: `angles_vs_atan2`, `midpoints_halve_arcs`,
//! `normals_are_perpendicular_to_chords`.

use crate::scalar::{Rational, Ring};
use rand::Rng;
use std::cmp::Ordering;

/// `(cos, sin)` of an angle.
pub type Point = [Rational; 2];

/// `((1 - t^2)/(1 + t^2), 2t/(1 + t^2))`: the point of angle `2 arctan t`.
pub fn point(t: &Rational) -> Point {
    let square = Ring::square(t);
    let norm = Rational::from(&square + 1);
    [
        (Rational::from(1) - square) / &norm,
        Rational::from(t * 2) / norm,
    ]
}

/// The `t` with `point(t) = p`, `t = y / (1 + x)`; `None` for `(-1, 0)`.
pub fn parameter(p: &Point) -> Option<Rational> {
    let denominator = Rational::from(&p[0] + 1);
    (!denominator.is_zero()).then(|| Rational::from(&p[1] / &denominator))
}

/// The complex product: angles add, norms multiply.
pub fn product(p: &Point, q: &Point) -> Point {
    [
        p[0].mul(&q[0]).sub(&p[1].mul(&q[1])),
        p[0].mul(&q[1]).add(&p[1].mul(&q[0])),
    ]
}

/// The angles of two nonzero points, in `[0, 2 pi)`.
pub fn compare_angles(p: &Point, q: &Point) -> Ordering {
    // Upper half-plane [0, pi) first; within one, p comes first iff q lies to its left.
    let lower = |p: &Point| p[1].cmp0().then(p[0].cmp0()).is_lt();
    let cross = p[0].mul(&q[1]).sub(&p[1].mul(&q[0]));
    lower(p).cmp(&lower(q)).then(cross.cmp0().reverse())
}

/// Sorts nonzero points by angle in `[0, 2 pi)`.
pub fn sort_by_angle(points: &mut [Point]) {
    points.sort_by(compare_angles);
}

/// `n` random points, uniform on the circle up to steps of about `2^-16`.
///
/// A uniform lattice point `z` of the disc has uniform angle, and so has `z^2 / |z|^2`, which is rational.
pub fn sample(n: usize, rng: &mut impl Rng) -> Vec<Point> {
    (0..n)
        .map(|_| squared_direction(lattice_point(rng)))
        .collect()
}

/// `z^2 / |z|^2` for `z = a + i b` other than 0.
fn squared_direction((a, b): (i64, i64)) -> Point {
    let norm = a * a + b * b;
    [
        Rational::from((a * a - b * b, norm)),
        Rational::from((2 * a * b, norm)),
    ]
}

/// A uniform nonzero lattice point of the disc of radius `2^16`.
fn lattice_point(rng: &mut impl Rng) -> (i64, i64) {
    const RADIUS: i64 = 1 << 16;
    loop {
        // 17 bits each: -2^16 <= a, b < 2^16.
        let word = rng.next_u64();
        let (a, b) = (
            (word & 0x1_FFFF) as i64 - RADIUS,
            (word >> 32 & 0x1_FFFF) as i64 - RADIUS,
        );
        if (1..=RADIUS * RADIUS).contains(&(a * a + b * b)) {
            return (a, b);
        }
    }
}

/// Points `v_0, ..., v_{n-1}` of the circle in order of angle, each kept as the point `q_i` of a
/// quarter of its angle, `v_i = q_i^4`; `q_i` has angle in `[0, pi/2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarters {
    quarters: Vec<Point>,
}

impl Quarters {
    /// `n` random points, uniform up to rounding, sorted by angle; repeats are possible.
    pub fn sample(n: usize, rng: &mut impl Rng) -> Self {
        let mut first_quadrant = || {
            let (a, b) = lattice_point(rng);
            let (low, high) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
            // Angle in [0, pi/4], doubled; the one point of angle pi/2 is that of angle 0.
            squared_direction((high, if low == high { 0 } else { low }))
        };
        Self::new((0..n).map(|_| first_quadrant()).collect()).expect("the angles are below pi/2")
    }

    /// Sorts by angle; `None` unless every point is of norm 1 and angle in `[0, pi/2)`.
    pub fn new(mut quarters: Vec<Point>) -> Option<Self> {
        let valid = |q: &Point| q[0].cmp0().is_gt() && q[1].cmp0().is_ge() && on_circle(q);
        sort_by_angle(&mut quarters);
        quarters.iter().all(valid).then_some(Self { quarters })
    }

    /// The number of points, `n`.
    pub fn len(&self) -> usize {
        self.quarters.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.quarters.is_empty()
    }

    /// `v_i = q_i^4`, ascending by angle.
    pub fn points(&self) -> Vec<Point> {
        self.quarters.iter().map(|q| square(&square(q))).collect()
    }

    /// `z_i`, the midpoint of the arc from `v_{i-1}` to `v_i`, counterclockwise; `z_0` lies on the arc
    /// from the last point round to the first.
    pub fn midpoints(&self) -> Vec<Point> {
        // Angle (theta_{i-1} + theta_i) / 2.
        (0..self.len())
            .map(|i| square(&product(&self.before(i), &self.quarters[i])))
            .collect()
    }

    /// `w_i`, the unit normal of the chord `z_i z_{i+1}` on the side of `v_i`:
    /// `w_i.z_i = w_i.z_{i+1} <= w_i.v_i`.
    pub fn chord_normals(&self) -> Vec<Point> {
        // Angle (theta_{i-1} + 2 theta_i + theta_{i+1}) / 4.
        let normal = |i: usize| {
            product(
                &product(&self.before(i), &square(&self.quarters[i])),
                &self.after(i),
            )
        };
        (0..self.len()).map(normal).collect()
    }

    /// A quarter of the angle of `v_{i-1}`, less `pi/2` when that is a turn back.
    fn before(&self, i: usize) -> Point {
        match i.checked_sub(1) {
            Some(i) => self.quarters[i].clone(),
            None => product(&self.quarters[self.len() - 1], &quarter_turn(-1)),
        }
    }

    /// A quarter of the angle of `v_{i+1}`, plus `pi/2` when that is a turn ahead.
    fn after(&self, i: usize) -> Point {
        match self.quarters.get(i + 1) {
            Some(q) => q.clone(),
            None => product(&self.quarters[0], &quarter_turn(1)),
        }
    }
}

fn square(p: &Point) -> Point {
    product(p, p)
}

fn quarter_turn(sign: i64) -> Point {
    [Rational::new(), Rational::from(sign)]
}

/// `x^2 + y^2 = 1`.
pub fn on_circle(p: &Point) -> bool {
    let norm: Rational = Ring::dot(p, p);
    norm == 1
}

/// A rational vector of norm exactly 1 near the direction `approx`, any `d >= 1`.
///
/// Stereographic projection from the pole opposite to the largest entry `k` of `v = approx / |approx|`:
/// `t_j = v_j / (1 + |v_k|)` is rounded to a multiple of `2^-bits`, and with `s = sum_j t_j^2` the answer
/// is `x_j = 2 t_j / (1 + s)`, `x_k = +-(1 - s)/(1 + s)`. Floats only propose; the norm is exact.
/// The distance to `v` is at most about `sqrt(d) 2^-bits`.
///
/// `None` when `approx` is empty, 0 or not finite. `bits` above 52 count as 52.
pub fn rational_unit_vector(approx: &[f64], bits: u32) -> Option<Vec<Rational>> {
    let largest = approx.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || approx.iter().any(|x| !x.is_finite()) {
        return None;
    }
    // Scaled by the largest entry first, so that no square over- or underflows to nonsense.
    let scaled: Vec<f64> = approx.iter().map(|x| x / largest).collect();
    let pole = scaled.iter().position(|x| x.abs() == 1.0)?;
    let norm = scaled.iter().map(|x| x * x).sum::<f64>().sqrt();
    let step = (1u64 << bits.min(52)) as f64;
    let rounded = |x: &f64| Rational::from_f64((x / (norm + 1.0) * step).round() / step);
    let t: Vec<Rational> = scaled.iter().map(rounded).collect::<Option<_>>()?;
    let others = t.iter().enumerate().filter(|(j, _)| *j != pole);
    let s = others.fold(Rational::new(), |s, (_, t)| s.add(&t.mul(t)));
    let denominator = Rational::from(&s + 1);
    let mut x: Vec<Rational> = t
        .iter()
        .map(|t| Rational::from(t * 2) / &denominator)
        .collect();
    let height = (Rational::from(1) - s) / denominator;
    x[pole] = if scaled[pole] > 0.0 { height } else { -height };
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn rng(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    fn distance_squared(p: &Point, q: &Point) -> Rational {
        Ring::square(&p[0].sub(&q[0])).add(&Ring::square(&p[1].sub(&q[1])))
    }

    fn dot(p: &Point, q: &Point) -> Rational {
        Ring::dot(p, q)
    }

    /// `v_0, v_1, v_2` in this order counterclockwise, allowing equality.
    fn counterclockwise(a: &Point, b: &Point, c: &Point) -> bool {
        let inverse = [a[0].clone(), a[1].neg()];
        compare_angles(&product(b, &inverse), &product(c, &inverse)).is_le()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn parametrisation_and_back(p in -50i64..50, q in 1i64..50) {
            let t = Rational::from((p, q));
            let point = point(&t);
            prop_assert!(on_circle(&point));
            prop_assert_eq!(parameter(&point), Some(t));
            let mut off = point.clone();
            off[0] += Rational::from((1, 1_000_000_007));
            prop_assert!(!on_circle(&off));
        }

        #[test]
        fn angles_vs_atan2(seed in any::<u64>(), n in 0usize..30) {
            let mut points = sample(n, &mut rng(seed));
            prop_assert!(points.iter().all(on_circle));
            sort_by_angle(&mut points);
            // Steps of the lattice are far wider than the error of atan2.
            let angle = |p: &Point| p[1].to_f64().atan2(p[0].to_f64()).rem_euclid(std::f64::consts::TAU);
            prop_assert!(points.windows(2).all(|pair| angle(&pair[0]) <= angle(&pair[1])));
        }

        #[test]
        fn midpoints_halve_arcs(seed in any::<u64>(), n in 1usize..12) {
            let circle = Quarters::sample(n, &mut rng(seed));
            let (v, z) = (circle.points(), circle.midpoints());
            prop_assert!(v.windows(2).all(|pair| compare_angles(&pair[0], &pair[1]).is_le()));
            for i in 0..n {
                let previous = &v[(i + n - 1) % n];
                prop_assert!(on_circle(&v[i]) && on_circle(&z[i]));
                prop_assert_eq!(distance_squared(&z[i], previous), distance_squared(&z[i], &v[i]));
                if *previous != v[i] {
                    prop_assert!(counterclockwise(previous, &z[i], &v[i]));
                }
            }
        }

        #[test]
        fn normals_are_perpendicular_to_chords(seed in any::<u64>(), n in 1usize..12) {
            let circle = Quarters::sample(n, &mut rng(seed));
            let (v, z, w) = (circle.points(), circle.midpoints(), circle.chord_normals());
            for i in 0..n {
                let next = &z[(i + 1) % n];
                prop_assert!(on_circle(&w[i]));
                prop_assert_eq!(dot(&w[i], &z[i]), dot(&w[i], next));
                prop_assert!(dot(&w[i], &v[i]) >= dot(&w[i], &z[i]));
                // The negative control: the normal is not that of v_i itself unless z_i mirrors z_{i+1}.
                let mirrored = dot(&v[i], &z[i]) == dot(&v[i], next);
                prop_assert_eq!(w[i] == v[i], mirrored);
            }
        }

        #[test]
        fn unit_vectors_are_exact_and_near(
            approx in prop::collection::vec(-1e3f64..1e3, 1..12), bits in 0u32..80, scale in -300i32..300
        ) {
            prop_assume!(approx.iter().any(|x| x.abs() > 1e-3));
            let scaled: Vec<f64> = approx.iter().map(|x| x * 10f64.powi(scale)).collect();
            let x = rational_unit_vector(&scaled, bits).unwrap();
            let norm: Rational = Ring::dot(&x, &x);
            prop_assert_eq!(norm, 1);
            let length = approx.iter().map(|x| x * x).sum::<f64>().sqrt();
            let distance = x.iter().zip(&approx).map(|(x, a)| (x.to_f64() - a / length).powi(2)).sum::<f64>().sqrt();
            let allowed = (approx.len() as f64).sqrt() * 0.5f64.powi(bits.min(50) as i32) + 1e-12;
            prop_assert!(distance <= allowed, "{distance} > {allowed}");
        }
    }

    #[test]
    fn odd_directions() {
        let units = |x: &[f64]| rational_unit_vector(x, 20);
        assert_eq!(units(&[]), None);
        assert_eq!(units(&[0.0, -0.0]), None);
        assert_eq!(units(&[1.0, f64::NAN]), None);
        assert_eq!(units(&[f64::INFINITY]), None);
        assert_eq!(units(&[-3.0]).unwrap(), [-1]);
        assert_eq!(units(&[0.0, -2.0, 0.0]).unwrap(), [0, -1, 0]);
        assert!(units(&[f64::MAX, f64::MAX]).is_some() && units(&[5e-324]).is_some());
    }

    #[test]
    fn the_axes_in_order() {
        let axis = |x: i64, y: i64| [Rational::from(x), Rational::from(y)];
        let sorted = [axis(1, 0), axis(0, 1), axis(-1, 0), axis(0, -1)];
        let mut points = [3, 1, 2, 0].map(|i| sorted[i].clone());
        sort_by_angle(&mut points);
        assert_eq!(points, sorted);
        assert_eq!(parameter(&sorted[2]), None);
    }

    #[test]
    fn one_and_two_points() {
        let one = Quarters::new(vec![point(&Rational::from((1, 3)))]).unwrap();
        // With one point the arc is the whole circle: its midpoint is the antipode.
        let (v, z) = (&one.points()[0], &one.midpoints()[0]);
        assert_eq!(*z, [v[0].neg(), v[1].neg()]);
        assert_eq!(one.chord_normals()[0], *v);
        assert!(Quarters::new(vec![]).unwrap().midpoints().is_empty());
        assert!(
            Quarters::new(vec![point(&Rational::from(1))]).is_none(),
            "angle pi/2"
        );
        assert!(
            Quarters::new(vec![[Rational::from(2), Rational::new()]]).is_none(),
            "norm 2"
        );
    }
}
