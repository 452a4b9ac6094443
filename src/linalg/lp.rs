//! Linear programs, exactly: `min c.x` subject to `A x = b`, `x >= 0`, with a proof of every answer.
//!
//! The search is the simplex method (`linalg::simplex`). The three answers are the three cases of LP
//! duality; [`Answer::holds`] checks each from the definition. Test: `simplex_vs_vertices`.

use super::elimination::product;
use super::simplex::Tableau;
use super::transpose;
use crate::scalar::{Rational, Ring};

/// What a linear program has, with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A minimum: `A x = b`, `x >= 0`, `y^T A <= c` and `y.b = c.x`.
    Optimal {
        /// A minimiser.
        x: Vec<Rational>,
        /// The multipliers that prove it one.
        y: Vec<Rational>,
    },
    /// No minimum: `x` is feasible, `A ray = 0`, `ray >= 0` and `c.ray < 0`.
    Unbounded {
        /// A feasible point.
        x: Vec<Rational>,
        /// A direction of descent that never leaves the feasible set.
        ray: Vec<Rational>,
    },
    /// No feasible point (Farkas): `y^T A <= 0` and `y.b > 0`.
    Infeasible {
        /// Farkas' multipliers, one per equation.
        y: Vec<Rational>,
    },
}

impl Answer {
    /// Whether this answer is right for `min c.x`, `A x = b`, `x >= 0`, from the definition.
    pub fn holds(&self, a: &[Vec<Rational>], b: &[Rational], c: &[Rational]) -> bool {
        let (m, n) = (a.len(), c.len());
        if b.len() != m || a.iter().any(|row| row.len() != n) {
            return false;
        }
        let nonnegative = |v: &[Rational]| v.len() == n && v.iter().all(|v| v.cmp0().is_ge());
        let feasible = |x: &[Rational]| nonnegative(x) && product(a, x) == b;
        // y^T A, one entry per unknown.
        let prices = |y: &[Rational]| product(&transpose(a, n), y);
        let value = |x: &[Rational], c: &[Rational]| -> Rational { Ring::dot(x, c) };
        match self {
            Answer::Optimal { x, y } => {
                y.len() == m
                    && feasible(x)
                    && prices(y).iter().zip(c).all(|(price, c)| price <= c)
                    && value(y, b) == value(x, c)
            }
            Answer::Unbounded { x, ray } => {
                feasible(x)
                    && nonnegative(ray)
                    && product(a, ray).iter().all(Rational::is_zero)
                    && value(ray, c).cmp0().is_lt()
            }
            Answer::Infeasible { y } => {
                y.len() == m
                    && prices(y).iter().all(|price| price.cmp0().is_le())
                    && value(y, b).cmp0().is_gt()
            }
        }
    }
}

/// `min c.x` subject to `A x = b`, `x >= 0`.
///
/// `a` has one row per equation; short rows, `b` and `c` count as padded with zeros.
pub fn minimise(a: &[Vec<Rational>], b: &[Rational], c: &[Rational]) -> Answer {
    let mut tableau = Tableau::new(a, b, c.len());
    match tableau.make_feasible() {
        Ok(()) => tableau.minimise(c),
        Err(y) => Answer::Infeasible { y },
    }
}

/// Some `x >= 0` with `A x = b`.
///
/// # Errors
/// Farkas' multipliers: `y^T A <= 0` and `y.b > 0`.
pub fn nonnegative_solution(
    a: &[Vec<Rational>],
    b: &[Rational],
) -> Result<Vec<Rational>, Vec<Rational>> {
    let mut tableau = Tableau::new(a, b, 0);
    tableau.make_feasible().map(|()| tableau.point())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{rank, solve};
    use proptest::prelude::*;

    type Program = (Vec<Vec<Rational>>, Vec<Rational>, Vec<Rational>);

    fn entry() -> impl Strategy<Value = Rational> {
        (-3i64..=3, 1i64..=3).prop_map(Rational::from)
    }

    fn programs() -> impl Strategy<Value = Program> {
        (0usize..=3, 0usize..=5).prop_flat_map(|(m, n)| {
            let row = || prop::collection::vec(entry(), n);
            (
                prop::collection::vec(row(), m),
                prop::collection::vec(entry(), m),
                row(),
            )
        })
    }

    /// All vertices of `{A x = b, x >= 0}`: solutions supported on independent columns.
    fn vertices(a: &[Vec<Rational>], b: &[Rational], n: usize) -> Vec<Vec<Rational>> {
        let mut found = Vec::new();
        for support in 0u32..1 << n {
            let chosen: Vec<usize> = (0..n).filter(|j| support >> j & 1 == 1).collect();
            let columns: Vec<Vec<Rational>> = a
                .iter()
                .map(|row| chosen.iter().map(|&j| row[j].clone()).collect())
                .collect();
            if rank(&columns) < chosen.len() {
                continue;
            }
            if let Ok(values) = solve(&columns, b) {
                let mut x = vec![Rational::new(); n];
                chosen
                    .iter()
                    .zip(values)
                    .for_each(|(&j, value)| x[j] = value);
                found.push(x);
            }
        }
        found.retain(|x| x.iter().all(|x| x.cmp0().is_ge()));
        found
    }

    proptest! {
        #[test]
        fn simplex_vs_vertices((a, b, c) in programs()) {
            let answer = minimise(&a, &b, &c);
            prop_assert!(answer.holds(&a, &b, &c), "{answer:?}");
            let least = vertices(&a, &b, c.len()).iter().map(|x| Ring::dot(x, &c)).min();
            match &answer {
                Answer::Optimal { x, .. } => prop_assert_eq!(Some(Ring::dot(x, &c)), least),
                Answer::Unbounded { .. } => prop_assert!(least.is_some()),
                Answer::Infeasible { .. } => prop_assert_eq!(least, None),
            }
        }

        #[test]
        fn a_false_proof_does_not_hold((a, b, c) in programs(), k in any::<prop::sample::Index>()) {
            // Moving one entry of x off the affine solution set, or of y past an equality, by 1e-30.
            let tiny = "1/1000000000000000000000000000000".parse::<Rational>().unwrap();
            if let Answer::Optimal { mut x, y } = minimise(&a, &b, &c)
                && !x.is_empty()
            {
                let j = k.index(x.len());
                x[j] += &tiny;
                let moved = a.iter().any(|row| !row[j].is_zero()) || !c[j].is_zero();
                prop_assert_eq!(Answer::Optimal { x, y }.holds(&a, &b, &c), !moved);
            }
        }
    }

    fn rationals(entries: &[i64]) -> Vec<Rational> {
        entries.iter().map(|&n| Rational::from(n)).collect()
    }

    #[test]
    fn beale_cycles_without_blands_rule() {
        // Beale 1955: the classical degenerate program; minimum -1/20.
        let q = |n, d| Rational::from((n, d));
        let mut a = vec![
            vec![q(1, 4), q(-60, 1), q(-1, 25), q(9, 1)],
            vec![q(1, 2), q(-90, 1), q(-1, 50), q(3, 1)],
            vec![q(0, 1), q(0, 1), q(1, 1), q(0, 1)],
        ];
        for (i, row) in a.iter_mut().enumerate() {
            row.extend((0..3).map(|k| Rational::from(k == i)));
        }
        let b = rationals(&[0, 0, 1]);
        let c = vec![
            q(-3, 4),
            q(150, 1),
            q(-1, 50),
            q(6, 1),
            q(0, 1),
            q(0, 1),
            q(0, 1),
        ];
        let answer = minimise(&a, &b, &c);
        assert!(answer.holds(&a, &b, &c));
        let Answer::Optimal { x, .. } = answer else {
            panic!("{answer:?}")
        };
        let value: Rational = Ring::dot(&x, &c);
        assert_eq!(value, q(-1, 20));
    }

    #[test]
    fn odd_shapes_and_repeated_equations() {
        assert_eq!(
            minimise(&[], &[], &[]),
            Answer::Optimal {
                x: vec![],
                y: vec![]
            }
        );
        assert!(matches!(
            minimise(&[], &[], &rationals(&[-1])),
            Answer::Unbounded { .. }
        ));
        assert!(matches!(
            minimise(&[], &rationals(&[1]), &[]),
            Answer::Infeasible { .. }
        ));
        let a = vec![rationals(&[1, 1]), rationals(&[2, 2]), rationals(&[-1, -1])];
        for (b, feasible) in [([1, 2, -1], true), ([1, 2, 1], false)] {
            let b = rationals(&b);
            let answer = minimise(&a, &b, &rationals(&[1, 2]));
            assert!(answer.holds(&a, &b, &rationals(&[1, 2])));
            assert_eq!(matches!(answer, Answer::Optimal { .. }), feasible);
        }
    }
}
