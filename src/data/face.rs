//! Exposed faces of a finite set of points, decided exactly with a witness either way.
//!
//! `w.x = c` on some of the points and `w.x < c` on the others; or a convex combination of the others
//! lies in the affine hull of the face (Farkas' lemma, as in [`extreme`](super::extreme); a vertex is the
//! face of one point). In a flattest network with bias on inputs of equal norm, each neuron's active
//! training points form such a face. Tests: `exposed_faces_vs_extreme_points`, `faces_of_the_cube`.

use super::convex::{Combination, ExposedFace, Unexposed};
use crate::linalg::lp::nonnegative_solution;
use crate::linalg::transpose;
use crate::scalar::{Rational, Ring};
use std::collections::BTreeSet;

/// Whether the points with indices in `face` are exactly those of an exposed face of the hull: the
/// points on which one neuron with bias can be active at one height.
///
/// `face` holds indices of `points`. Repeated points must be in together.
///
/// # Errors
/// A convex combination of the other points in the affine hull of the face.
pub fn exposed_face(
    points: &[Vec<Rational>],
    face: &BTreeSet<usize>,
) -> Result<ExposedFace, Unexposed> {
    let (n, d) = (points.len(), points.first().map_or(0, Vec::len));
    // sum lambda_j x_j = sum mu_i x_i, sum lambda = 1 over the others, sum mu = 1 over the face,
    // lambda >= 0, mu = mu+ - mu-.
    let column = |i: usize, sign: i64| -> Vec<Rational> {
        let entries = points[i].iter().map(|x| x.mul(&Rational::from(sign)));
        let sums = if face.contains(&i) {
            [0, -sign]
        } else {
            [sign, 0]
        };
        entries.chain(sums.map(Rational::from)).collect()
    };
    let (inside, outside): (Vec<usize>, Vec<usize>) = (0..n).partition(|i| face.contains(i));
    let columns: Vec<Vec<Rational>> = outside
        .iter()
        .map(|&j| column(j, 1))
        .chain(inside.iter().map(|&i| column(i, -1)))
        .chain(inside.iter().map(|&i| column(i, 1)))
        .collect();
    let mut sides = vec![Rational::new(); d];
    sides.extend([Rational::from(1), Rational::from(1)]);
    match nonnegative_solution(&transpose(&columns, d + 2), &sides) {
        Ok(weights) => {
            let (lambda, mu) = weights.split_at(outside.len());
            let (plus, minus) = mu.split_at(inside.len());
            let mut others = vec![Rational::new(); n];
            outside
                .iter()
                .zip(lambda)
                .for_each(|(&j, weight)| others[j] = weight.clone());
            let mut face = vec![Rational::new(); n];
            inside
                .iter()
                .zip(plus.iter().zip(minus))
                .for_each(|(&i, (p, m))| face[i] = p.sub(m));
            Err(Unexposed {
                others: Combination { weights: others },
                face,
            })
        }
        // Farkas: w.x_j + s <= 0 off the face, w.x_i = t on it, s + t > 0.
        Err(mut y) => {
            let c = y[d + 1].clone();
            y.truncate(d);
            Ok(ExposedFace { w: y, c })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::extreme::extreme_point;
    use crate::data::extreme::tests::{points, subsets};
    use crate::data::xor;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn exposed_faces_vs_extreme_points(points in (1usize..=3).prop_flat_map(|d| points(0..=5, d))) {
            for face in [vec![]].into_iter().chain(subsets(points.len())) {
                let face = BTreeSet::from_iter(face);
                let answer = exposed_face(&points, &face);
                match &answer {
                    Ok(exposed) => prop_assert!(exposed.holds(&points, &face)),
                    Err(unexposed) => prop_assert!(unexposed.holds(&points, &face)),
                }
                match (face.len(), face.first()) {
                    (1, Some(&i)) => prop_assert_eq!(answer.is_ok(), extreme_point(&points, i).is_ok()),
                    (size, _) if size == 0 || size == points.len() => prop_assert!(answer.is_ok()),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn faces_of_the_cube() {
        // The exposed faces of {-1,1}^3: 1 empty, 8 vertices, 12 edges, 6 squares, 1 whole.
        let points = xor::full_cube(3).unwrap().x;
        let mut count = [0; 9];
        for face in [vec![]].into_iter().chain(subsets(8)) {
            let face = BTreeSet::from_iter(face);
            if exposed_face(&points, &face).is_ok() {
                count[face.len()] += 1;
            }
        }
        assert_eq!(count, [1, 8, 12, 0, 6, 0, 0, 0, 1]);
    }

    #[test]
    fn false_faces_do_not_hold() {
        let points = xor::full_cube(3).unwrap().x;
        let tiny: Rational = "1/1000000000000000000000000000000".parse().unwrap();
        let edge = BTreeSet::from([0, 1]);
        let exposed = exposed_face(&points, &edge).unwrap();
        assert!(exposed.holds(&points, &edge));
        assert!(!exposed.holds(&points, &BTreeSet::from([0])));
        assert!(!exposed.holds(&points, &BTreeSet::from([0, 1, 2])));
        assert!(!exposed.holds(&points, &BTreeSet::from([0, 1, 8])));
        let shifted = ExposedFace {
            c: exposed.c.add(&tiny),
            ..exposed.clone()
        };
        assert!(!shifted.holds(&points, &edge));

        let diagonal = BTreeSet::from([0, 7]);
        let unexposed = exposed_face(&points, &diagonal).unwrap_err();
        assert!(unexposed.holds(&points, &diagonal));
        assert!(!unexposed.holds(&points, &edge));
        let mut heavy = unexposed.clone();
        heavy.face[0] += &tiny;
        assert!(!heavy.holds(&points, &diagonal));
        heavy.face[7] -= &tiny;
        assert!(
            !heavy.holds(&points, &diagonal),
            "another point of the line"
        );
    }
}
