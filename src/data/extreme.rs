//! Extreme points, half-spaces and separation, each decided exactly with a witness either way.
//!
//! * Extreme points (Wen, Li, Ma 2023, Section 4): `x_i` is a vertex of `conv{x_j}` iff some `w` has
//!   `w.x_i > w.x_j` for all `j != i`. `Ok` is that `w` (the paper scales it to norm 1, which no answer
//!   here depends on), `Err` a convex combination of the other points that gives `x_i`. Points are a
//!   list: a repeated one is not extreme, its twin is the combination.
//! * All points lie in one open half-space, `w.x_i < 0`, or 0 is a convex combination of them.
//! * Two sets are strictly separated by `w.x + b`, or their convex hulls share a point.
//!
//! Each alternative is Farkas' lemma for the columns `(x_j, 1)`: see [`nonnegative_solution`]. The
//! answers are checked by [`convex`](super::convex). Tests: `extreme_vs_caratheodory`,
//! `half_space_vs_hull_of_origin`, `separation_vs_difference_body`, `half_spaces_vs_wendel`.

use super::convex::{Combination, CommonPoint, OpenHalfSpace, Separation, Separator, dot, others};
use crate::linalg::lp::nonnegative_solution;
use crate::linalg::transpose;
use crate::scalar::{Rational, Ring};
use rayon::prelude::*;

/// The least `w.x_i - w.x_j`, if it is positive; 1 if there is no other point.
fn margin(w: &[Rational], points: &[Vec<Rational>], i: usize) -> Option<Rational> {
    let value = dot(w, &points[i]);
    let least = others(points, i).map(|x| &value - dot(w, x)).min();
    Some(least.unwrap_or_else(Rational::one)).filter(|margin| margin.cmp0().is_gt())
}

/// Whether `points[i]` is an extreme point of the list; `points` have one length, `i` is in range.
///
/// # Errors
/// The combination that shows it is not.
///
/// # Panics
/// When `i` is out of range.
pub fn extreme_point(points: &[Vec<Rational>], i: usize) -> Result<Separator, Combination> {
    let n = points.len();
    let point = &points[i];
    // Points of equal norm separate themselves: x_i.x_i > x_i.x_j.
    if let Some(margin) = margin(point, points, i) {
        return Ok(Separator {
            w: point.clone(),
            margin,
        });
    }
    if let Some(twin) = (0..n).find(|&j| j != i && points[j] == *point) {
        return Err(Combination {
            weights: (0..n).map(|j| Rational::from(j == twin)).collect(),
        });
    }
    let rest: Vec<Vec<Rational>> = others(points, i).cloned().collect();
    match convex_weights(&rest, point) {
        Ok(mut weights) => {
            weights.insert(i, Rational::new());
            Err(Combination { weights })
        }
        Err(w) => {
            let margin = margin(&w, points, i).expect("Farkas: w.x_j <= -t < w.x_i");
            Ok(Separator { w, margin })
        }
    }
}

/// [`extreme_point`] for each point, in order.
pub fn extreme_points(points: &[Vec<Rational>]) -> Vec<Result<Separator, Combination>> {
    (0..points.len())
        .into_par_iter()
        .map(|i| extreme_point(points, i))
        .collect()
}

/// Whether all points lie in an open half-space with 0 on its boundary.
///
/// # Errors
/// The combination of the points that gives 0.
pub fn open_half_space(points: &[Vec<Rational>]) -> Result<OpenHalfSpace, Combination> {
    let d = points.first().map_or(0, Vec::len);
    match convex_weights(points, &vec![Rational::new(); d]) {
        Ok(weights) => Err(Combination { weights }),
        Err(w) => Ok(OpenHalfSpace { w }),
    }
}

/// Weights of `target` as a convex combination of `points`, or `w` with `w.x < w.target` at each.
fn convex_weights(
    points: &[Vec<Rational>],
    target: &[Rational],
) -> Result<Vec<Rational>, Vec<Rational>> {
    let d = target.len();
    // sum_j lambda_j x_j = target, sum_j lambda_j = 1.
    let mut equations = transpose(points, d);
    equations.push(vec![Rational::from(1); points.len()]);
    let sides: Vec<Rational> = target.iter().cloned().chain([Rational::from(1)]).collect();
    // Farkas: y = (w, t) with w.x_j + t <= 0 < w.target + t.
    nonnegative_solution(&equations, &sides).map_err(|mut y| {
        y.truncate(d);
        y
    })
}

/// Whether `w.x + b` separates `inside` from `outside`; all points have `d` entries.
///
/// # Errors
/// A point in both convex hulls.
pub fn separable(
    inside: &[Vec<Rational>],
    outside: &[Vec<Rational>],
) -> Result<Separation, CommonPoint> {
    let d = inside.iter().chain(outside).next().map_or(0, Vec::len);
    // sum lambda_p p - sum mu_q q = 0, sum lambda = 1, sum mu = 1.
    let minus = |q: &Vec<Rational>| q.iter().map(Ring::neg).collect();
    let columns: Vec<Vec<Rational>> = inside
        .iter()
        .cloned()
        .chain(outside.iter().map(minus))
        .collect();
    let mut equations = transpose(&columns, d);
    let indicator = |of_inside: bool| -> Vec<Rational> {
        let inner = inside.iter().map(|_| Rational::from(of_inside));
        inner
            .chain(outside.iter().map(|_| Rational::from(!of_inside)))
            .collect()
    };
    equations.extend([indicator(true), indicator(false)]);
    let mut sides = vec![Rational::new(); d];
    sides.extend([Rational::from(1), Rational::from(1)]);
    match nonnegative_solution(&equations, &sides) {
        Ok(mut weights) => {
            let outside = Combination {
                weights: weights.split_off(inside.len()),
            };
            Err(CommonPoint {
                inside: Combination { weights },
                outside,
            })
        }
        // Farkas: v.p + s <= 0, -v.q + t <= 0, s + t > 0, so -v.p - s >= 0 and -v.q + t <= 0:
        // w = -2 v / (s + t), b = (t - s) / (s + t) puts p at >= 1 and q at <= -1.
        Err(mut y) => {
            let (s, t) = (y[d].clone(), y[d + 1].clone());
            let gap = Rational::from(&s + &t);
            y.truncate(d);
            let w = y.iter().map(|v| Rational::from(-2) * v / &gap).collect();
            Ok(Separation {
                w,
                b: (t - s) / gap,
            })
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::data::xor;
    use crate::linalg::{rank, solve};
    use proptest::prelude::*;

    pub(in crate::data) type Points = Vec<Vec<Rational>>;

    /// Lists of points with small coordinates: repeats and collinear ones come up often.
    pub(in crate::data) fn points(
        n: std::ops::RangeInclusive<usize>,
        d: usize,
    ) -> impl Strategy<Value = Points> {
        let entry = (-2i64..=2, 1i64..=2).prop_map(Rational::from);
        prop::collection::vec(prop::collection::vec(entry, d), n)
    }

    pub(in crate::data) fn subsets(n: usize) -> impl Iterator<Item = Vec<usize>> {
        (1u32..1 << n).map(move |bits| (0..n).filter(|k| bits >> k & 1 == 1).collect())
    }

    /// Caratheodory: `target` is in the hull iff it is in a simplex of affinely independent points.
    fn in_hull(points: &Points, target: &[Rational]) -> bool {
        let lift = |x: &[Rational]| [x, &[Rational::from(1)]].concat();
        subsets(points.len()).any(|chosen| {
            let columns: Points = chosen.iter().map(|&j| lift(&points[j])).collect();
            let equations = crate::linalg::transpose(&columns, target.len() + 1);
            rank(&columns) == chosen.len()
                && solve(&equations, &lift(target))
                    .is_ok_and(|weights| weights.iter().all(|w| w.cmp0().is_ge()))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn extreme_vs_caratheodory(points in (1usize..=3).prop_flat_map(|d| points(1..=6, d))) {
            for (i, answer) in extreme_points(&points).iter().enumerate() {
                let rest: Points = others(&points, i).cloned().collect();
                match answer {
                    Ok(separator) => {
                        prop_assert!(separator.holds(&points, i));
                        prop_assert!(!in_hull(&rest, &points[i]));
                    }
                    Err(combination) => {
                        prop_assert!(combination.holds(&points, i));
                        prop_assert!(in_hull(&rest, &points[i]));
                    }
                }
            }
        }

        #[test]
        fn on_a_line_the_ends_are_extreme(points in points(1..=7, 1)) {
            for (i, answer) in extreme_points(&points).iter().enumerate() {
                let below = others(&points, i).filter(|x| **x <= points[i]).count();
                let above = others(&points, i).filter(|x| **x >= points[i]).count();
                prop_assert_eq!(answer.is_ok(), below == 0 || above == 0);
            }
        }

        #[test]
        fn half_space_vs_hull_of_origin(points in (1usize..=3).prop_flat_map(|d| points(0..=6, d))) {
            let d = points.first().map_or(0, Vec::len);
            let origin = vec![Rational::new(); d];
            match open_half_space(&points) {
                Ok(half_space) => {
                    prop_assert!(half_space.holds(&points));
                    prop_assert!(!in_hull(&points, &origin));
                }
                Err(combination) => {
                    prop_assert!(combination.gives(&points, &origin));
                    prop_assert!(in_hull(&points, &origin));
                }
            }
        }

        #[test]
        fn separation_vs_difference_body(
            (inside, outside) in (1usize..=3).prop_flat_map(|d| (points(0..=4, d), points(0..=4, d)))
        ) {
            // Hulls meet iff 0 is in the hull of the differences p - q.
            let differences: Points = inside
                .iter()
                .flat_map(|p| outside.iter().map(move |q| p.iter().zip(q).map(|(p, q)| p.sub(q)).collect()))
                .collect();
            match separable(&inside, &outside) {
                Ok(separation) => {
                    prop_assert!(separation.holds(&inside, &outside));
                    prop_assert!(open_half_space(&differences).is_ok());
                }
                Err(common) => {
                    prop_assert!(common.holds(&inside, &outside));
                    prop_assert!(open_half_space(&differences).is_err());
                }
            }
        }
    }

    fn tiny() -> Rational {
        "1/1000000000000000000000000000000".parse().unwrap()
    }

    fn list(rows: &[&[i64]]) -> Points {
        rows.iter()
            .map(|row| row.iter().map(|&n| Rational::from(n)).collect())
            .collect()
    }

    #[test]
    fn cube_points_separate_themselves() {
        let points = xor::full_cube(5).unwrap().x;
        for (i, answer) in extreme_points(&points).into_iter().enumerate() {
            assert_eq!(
                answer,
                Ok(Separator {
                    w: points[i].clone(),
                    margin: Rational::from(2)
                })
            );
        }
    }

    #[test]
    fn degenerate_lists() {
        // A single point is extreme, also in dimension 0.
        assert!(
            extreme_point(&list(&[&[0, 0]]), 0)
                .unwrap()
                .holds(&list(&[&[0, 0]]), 0)
        );
        assert!(extreme_point(&[vec![]], 0).is_ok());
        assert!(extreme_points(&[]).is_empty());
        // All equal: each is its neighbour's twin.
        let equal = list(&[&[1, 2], &[1, 2], &[1, 2]]);
        let twin = extreme_point(&equal, 0).unwrap_err();
        assert_eq!(twin.weights, [0, 1, 0]);
        assert!(extreme_points(&equal).iter().all(Result::is_err));
        // Collinear: only the ends.
        let line = list(&[&[0, 0], &[1, 1], &[2, 2], &[3, 3]]);
        let extreme: Vec<bool> = extreme_points(&line).iter().map(Result::is_ok).collect();
        assert_eq!(extreme, [true, false, false, true]);
    }

    #[test]
    fn one_part_in_10_to_the_30_decides() {
        let mut points = list(&[&[0, 0], &[2, 0], &[1, 0]]);
        assert!(extreme_point(&points, 2).is_err());
        points[2][1] += tiny();
        let separator = extreme_point(&points, 2).unwrap();
        assert!(separator.holds(&points, 2));
        let mut wide = separator.clone();
        wide.margin += tiny();
        assert!(!wide.holds(&points, 2), "the margin is the least gap");

        let mut points = list(&[&[1, 0], &[-1, 0]]);
        assert!(open_half_space(&points).is_err());
        points[0][1] += tiny();
        assert!(open_half_space(&points).unwrap().holds(&points));
    }
}
