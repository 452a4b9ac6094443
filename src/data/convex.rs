//! Witnesses of convex geometry and their checkers: separators and convex combinations.
//!
//! Every `holds` is the definition, in exact arithmetic and on any input (wrong lengths are `false`).
//! They share nothing with the searches of [`extreme`](super::extreme). Negative controls: test
//! `false_witnesses_do_not_hold`.

use crate::scalar::{Rational, Ring};
use std::collections::BTreeSet;

/// Proof that `x_i` is extreme: `w.x_i - w.x_j >= margin > 0` for all `j != i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Separator {
    /// The direction, `d` entries, of any norm.
    pub w: Vec<Rational>,
    /// The least gap; 1 if there is no other point.
    pub margin: Rational,
}

/// Proof that a point is in the convex hull: it is `sum_j weights_j x_j`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combination {
    /// One weight `>= 0` per point, of sum 1.
    pub weights: Vec<Rational>,
}

/// Proof that the points lie in an open half-space: `w.x_i < 0` for all `i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHalfSpace {
    /// The outer normal, `d` entries.
    pub w: Vec<Rational>,
}

/// `w.x + b >= 1` on the points inside, `<= -1` on those outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Separation {
    /// The direction, `d` entries.
    pub w: Vec<Rational>,
    /// The offset.
    pub b: Rational,
}

/// Proof that some points span an exposed face: `w.x = c` on it, `w.x < c` at every other point.
///
/// `w = 0` is allowed: it exposes all points (`c = 0`) or none (`c > 0`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposedFace {
    /// The outer normal, `d` entries.
    pub w: Vec<Rational>,
    /// The value on the face.
    pub c: Rational,
}

/// Proof that some points are no exposed face: a convex combination of other points that is an affine
/// combination (weights of any sign, of sum 1) of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexposed {
    /// Convex weights, one per point, zero on the face.
    pub others: Combination,
    /// Affine weights, one per point, zero off the face.
    pub face: Vec<Rational>,
}

/// Proof that two sets cannot be separated: their convex hulls share a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonPoint {
    /// The point as a combination of the points inside.
    pub inside: Combination,
    /// The same point as a combination of the points outside.
    pub outside: Combination,
}

pub(super) fn dot(w: &[Rational], x: &[Rational]) -> Rational {
    Ring::dot(w, x)
}

/// Every point has `d` entries.
fn same_length(points: &[Vec<Rational>], d: usize) -> bool {
    points.iter().all(|x| x.len() == d)
}

impl Separator {
    /// Whether this proves `points[i]` extreme.
    pub fn holds(&self, points: &[Vec<Rational>], i: usize) -> bool {
        let Some(point) = points.get(i) else {
            return false;
        };
        let value = dot(&self.w, point);
        let gap = |x| &value - dot(&self.w, x);
        same_length(points, self.w.len())
            && self.margin.cmp0().is_gt()
            && others(points, i).all(|x| gap(x) >= self.margin)
    }
}

impl Combination {
    /// Whether this gives `target` as a convex combination of `points`.
    pub fn gives(&self, points: &[Vec<Rational>], target: &[Rational]) -> bool {
        let total: Rational = Ring::sum(&self.weights);
        self.weights.len() == points.len()
            && same_length(points, target.len())
            && self.weights.iter().all(|weight| weight.cmp0().is_ge())
            && total == 1
            && self.value(points, target.len()) == target
    }

    /// Whether this proves `points[i]` not extreme: the other points alone give it.
    pub fn holds(&self, points: &[Vec<Rational>], i: usize) -> bool {
        let unused = self.weights.get(i).is_some_and(Rational::is_zero);
        unused && points.get(i).is_some_and(|point| self.gives(points, point))
    }

    /// `sum_j weights_j x_j`, `d` entries.
    pub fn value(&self, points: &[Vec<Rational>], d: usize) -> Vec<Rational> {
        let mut sum = vec![Rational::new(); d];
        for (weight, x) in self.weights.iter().zip(points) {
            sum.iter_mut()
                .zip(x)
                .for_each(|(sum, x)| *sum += weight.mul(x));
        }
        sum
    }
}

impl OpenHalfSpace {
    /// Whether `w.x < 0` at every point.
    pub fn holds(&self, points: &[Vec<Rational>]) -> bool {
        same_length(points, self.w.len()) && points.iter().all(|x| dot(&self.w, x).cmp0().is_lt())
    }
}

impl Separation {
    /// Whether `w.x + b >= 1` inside and `<= -1` outside.
    pub fn holds(&self, inside: &[Vec<Rational>], outside: &[Vec<Rational>]) -> bool {
        let value = |x: &Vec<Rational>| dot(&self.w, x) + &self.b;
        same_length(inside, self.w.len())
            && same_length(outside, self.w.len())
            && inside.iter().all(|x| value(x) >= 1)
            && outside.iter().all(|x| value(x) <= -1)
    }
}

impl CommonPoint {
    /// Whether both combinations are convex and give the same point.
    pub fn holds(&self, inside: &[Vec<Rational>], outside: &[Vec<Rational>]) -> bool {
        let d = inside.first().map_or(0, Vec::len);
        let point = self.inside.value(inside, d);
        self.inside.gives(inside, &point) && self.outside.gives(outside, &point)
    }
}

impl ExposedFace {
    /// Whether this exposes exactly the points whose indices are in `face`.
    pub fn holds(&self, points: &[Vec<Rational>], face: &BTreeSet<usize>) -> bool {
        let side = |(i, x): (usize, &Vec<Rational>)| match face.contains(&i) {
            true => dot(&self.w, x) == self.c,
            false => dot(&self.w, x) < self.c,
        };
        face.iter().all(|&i| i < points.len())
            && same_length(points, self.w.len())
            && points.iter().enumerate().all(side)
    }
}

impl Unexposed {
    /// Whether this proves that the points with indices in `face` are no exposed face.
    pub fn holds(&self, points: &[Vec<Rational>], face: &BTreeSet<usize>) -> bool {
        let zero_off = |weights: &[Rational], inside: bool| {
            let off = weights
                .iter()
                .enumerate()
                .filter(|(i, _)| face.contains(i) != inside);
            off.into_iter().all(|(_, weight)| weight.is_zero())
        };
        let affine = Combination {
            weights: self.face.clone(),
        };
        let total: Rational = Ring::sum(&self.face);
        let d = points.first().map_or(0, Vec::len);
        self.face.len() == points.len()
            && total == 1
            && zero_off(&self.face, true)
            && zero_off(&self.others.weights, false)
            && self.others.gives(points, &affine.value(points, d))
    }
}

/// The points other than the `i`-th.
pub(super) fn others(points: &[Vec<Rational>], i: usize) -> impl Iterator<Item = &Vec<Rational>> {
    points
        .iter()
        .enumerate()
        .filter(move |(j, _)| *j != i)
        .map(|(_, x)| x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: &[&[i64]]) -> Vec<Vec<Rational>> {
        rows.iter()
            .map(|row| row.iter().map(|&n| Rational::from(n)).collect())
            .collect()
    }

    fn tiny() -> Rational {
        "1/1000000000000000000000000000000".parse().unwrap()
    }

    #[test]
    fn false_witnesses_do_not_hold() {
        let points = list(&[&[0, 0], &[2, 0], &[1, 0], &[1, 1]]);
        let half = Rational::from((1, 2));
        let zero = Rational::new();
        let weights = |w: [&Rational; 4]| Combination {
            weights: w.into_iter().cloned().collect(),
        };
        let right = weights([&half, &half, &zero, &zero]);
        assert!(right.holds(&points, 2));
        assert!(!right.holds(&points, 3) && !right.holds(&points, 0) && !right.holds(&points, 9));
        // The point itself may not take part.
        assert!(!weights([&zero, &zero, &Rational::from(1), &zero]).holds(&points, 2));
        let mut heavy = right.clone();
        heavy.weights[0] += tiny();
        assert!(!heavy.holds(&points, 2));
        let negative = weights([&half.clone().neg(), &half, &zero, &Rational::from(1)]);
        assert!(!negative.gives(&points, &[Rational::from(2), Rational::from(1)]));
        assert!(!Combination { weights: vec![] }.holds(&points, 2));
        assert!(
            !Separator {
                w: vec![],
                margin: Rational::from(1)
            }
            .holds(&points, 0)
        );
        let flat = Separator {
            w: list(&[&[0, 1]])[0].clone(),
            margin: Rational::new(),
        };
        assert!(!flat.holds(&points, 2), "a tie is no separation");
    }

    #[test]
    fn false_separations_do_not_hold() {
        let (inside, outside) = (list(&[&[1], &[2]]), list(&[&[-1]]));
        let separation = |w: Rational, b: Rational| Separation { w: vec![w], b };
        let one = Rational::from(1);
        assert!(separation(one.clone(), Rational::new()).holds(&inside, &outside));
        assert!(!separation(one.clone(), tiny()).holds(&inside, &outside));
        assert!(!separation(one.clone(), -tiny()).holds(&inside, &outside));
        assert!(!separation(one.clone() - tiny(), Rational::new()).holds(&inside, &outside));
        assert!(
            !Separation {
                w: vec![],
                b: one.clone()
            }
            .holds(&inside, &outside)
        );
        let all = |n: usize| Combination {
            weights: vec![Rational::from((1, n as u64)); n],
        };
        let common = CommonPoint {
            inside: all(2),
            outside: all(1),
        };
        let midpoint = vec![vec![Rational::from((3, 2))]];
        assert!(common.holds(&inside, &midpoint));
        assert!(!common.holds(&inside, &outside));
        assert!(!common.holds(&inside, &[]) && !common.holds(&[], &midpoint));
    }
}
