//! Linear programs, exactly: `min c.x` subject to `A x = b`, `x >= 0`, with a proof of every answer.
//!
//! The simplex method with Bland's rule (which cannot cycle) on an integer tableau: every entry is
//! an integer over one common denominator, the last pivot `p`, and a pivot step
//! `t_ij <- (t_rc t_ij - t_ic t_rj) / p` divides exactly (the entries are minors, as in Bareiss'
//! elimination). Phase 1 minimises the sum of one artificial unknown per equation; their columns
//! stay, since the multipliers `y` are read off there.
//! The three answers are the three cases of LP duality; [`Answer::holds`] checks each from the
//! definition. Test: `simplex_vs_vertices`.

use super::{integer_row, transpose, width};
use crate::scalar::{Integer, Rational, Ring};
use std::cmp::Ordering;

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
        let image =
            |x: &[Rational]| -> Vec<Rational> { a.iter().map(|row| Ring::dot(row, x)).collect() };
        let feasible = |x: &[Rational]| nonnegative(x) && image(x) == b;
        // y^T A, one entry per unknown.
        let prices = |y: &[Rational]| super::elimination::product(&transpose(a, n), y);
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
                    && image(ray).iter().all(Rational::is_zero)
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
    let unknowns = tableau.unknowns;
    tableau.price(&[], &vec![Integer::from(1); tableau.scales.len()]);
    // The sum of the artificial unknowns is bounded below by 0: phase 1 always ends in a minimum.
    tableau.descend();
    if !tableau.objective[tableau.value_column()].is_zero() {
        return Answer::Infeasible {
            y: tableau.multipliers(&Integer::from(1), &Integer::from(1)),
        };
    }
    tableau.drive_out_artificials();
    let costs = integer_row(c, unknowns);
    tableau.price(&costs.entries, &[]);
    match tableau.descend() {
        None => Answer::Optimal {
            x: tableau.point(),
            y: tableau.multipliers(&Integer::new(), &costs.denominator),
        },
        Some(column) => Answer::Unbounded {
            x: tableau.point(),
            ray: tableau.ray(column),
        },
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
    match minimise(a, b, &[]) {
        Answer::Optimal { x, .. } | Answer::Unbounded { x, .. } => Ok(x),
        Answer::Infeasible { y } => Err(y),
    }
}

/// The equations solved for the basic unknowns. Columns: the unknowns, one artificial unknown per
/// equation, the right-hand side.
struct Tableau {
    rows: Vec<Vec<Integer>>,
    /// `basis[r]` is the unknown that row `r` is solved for.
    basis: Vec<usize>,
    /// Reduced costs, and minus the value of the objective.
    objective: Vec<Integer>,
    /// The common denominator of all entries, positive.
    denominator: Integer,
    unknowns: usize,
    /// Equation `i` was multiplied by `scales[i]`: denominators cleared, right-hand side `>= 0`.
    scales: Vec<Integer>,
}

impl Tableau {
    fn new(a: &[Vec<Rational>], b: &[Rational], unknowns: usize) -> Self {
        let unknowns = width(a).max(unknowns);
        let equations = a.len().max(b.len());
        let (mut rows, mut scales) = (Vec::new(), Vec::new());
        for i in 0..equations {
            let mut equation = a.get(i).cloned().unwrap_or_default();
            equation.resize(unknowns, Rational::new());
            equation.push(b.get(i).cloned().unwrap_or_default());
            let mut row = integer_row(&equation, unknowns + 1);
            if row.entries[unknowns].cmp0().is_lt() {
                row.entries.iter_mut().for_each(|entry| *entry *= -1);
                row.denominator *= -1;
            }
            let artificials = (0..equations).map(|k| Integer::from(k == i));
            row.entries.splice(unknowns..unknowns, artificials);
            rows.push(row.entries);
            scales.push(row.denominator);
        }
        Tableau {
            objective: vec![Integer::new(); unknowns + equations + 1],
            basis: (unknowns..unknowns + equations).collect(),
            denominator: Integer::from(1),
            rows,
            unknowns,
            scales,
        }
    }

    fn value_column(&self) -> usize {
        self.objective.len() - 1
    }

    /// Sets the objective: reduced costs `c_j - sum_r c_{basis r} t_rj` of these integer costs.
    fn price(&mut self, costs: &[Integer], artificial_costs: &[Integer]) {
        let zero = Integer::new();
        let cost = |j: usize| match j.checked_sub(self.unknowns) {
            None => costs.get(j).unwrap_or(&zero),
            Some(k) => artificial_costs.get(k).unwrap_or(&zero),
        };
        for j in 0..self.objective.len() {
            let mut reduced = Integer::from(cost(j) * &self.denominator);
            for (row, &basic) in self.rows.iter().zip(&self.basis) {
                reduced -= cost(basic) * &row[j];
            }
            self.objective[j] = reduced;
        }
    }

    /// Simplex steps by Bland's rule until no unknown lowers the objective (`None`) or one lowers
    /// it for ever (its column).
    fn descend(&mut self) -> Option<usize> {
        // Artificial unknowns never enter.
        while let Some(column) = (0..self.unknowns).find(|&j| self.objective[j].cmp0().is_lt()) {
            match self.leaving_row(column) {
                Some(row) => self.pivot(row, column),
                None => return Some(column),
            }
        }
        None
    }

    /// The row of least ratio `rhs / t_rc` over `t_rc > 0`; of equals, that of the first unknown.
    fn leaving_row(&self, column: usize) -> Option<usize> {
        let value = self.value_column();
        let ratio = |r: usize, s: usize| {
            let (left, right) = (&self.rows[r], &self.rows[s]);
            Integer::from(&left[value] * &right[column])
                .cmp(&Integer::from(&right[value] * &left[column]))
        };
        (0..self.rows.len())
            .filter(|&r| self.rows[r][column].cmp0().is_gt())
            .min_by(|&r, &s| ratio(r, s).then(self.basis[r].cmp(&self.basis[s])))
    }

    /// Solves row `r` for unknown `c`; `t_rc > 0`.
    fn pivot(&mut self, r: usize, c: usize) {
        let pivot_row = std::mem::take(&mut self.rows[r]);
        let pivot = pivot_row[c].clone();
        for row in self
            .rows
            .iter_mut()
            .chain([&mut self.objective])
            .filter(|row| !row.is_empty())
        {
            let factor = row[c].clone();
            for (entry, above) in row.iter_mut().zip(&pivot_row) {
                // t_ij <- (t_rc t_ij - t_ic t_rj) / p
                *entry *= &pivot;
                *entry -= &factor * above;
                entry.div_exact_mut(&self.denominator);
            }
        }
        self.rows[r] = pivot_row;
        self.basis[r] = c;
        self.denominator = pivot;
    }

    /// After phase 1 (value 0): solves for a true unknown in every row that is still solved for an
    /// artificial one; a row without true unknowns reads 0 = 0 and goes.
    fn drive_out_artificials(&mut self) {
        let mut r = 0;
        while r < self.rows.len() {
            if self.basis[r] < self.unknowns {
                r += 1;
                continue;
            }
            let entering = (0..self.unknowns).find(|&j| !self.rows[r][j].is_zero());
            let Some(column) = entering else {
                self.rows.remove(r);
                self.basis.remove(r);
                continue;
            };
            // The right-hand side is 0, so the equation may change sign.
            if self.rows[r][column].cmp0() == Ordering::Less {
                self.rows[r].iter_mut().for_each(|entry| *entry *= -1);
            }
            self.pivot(r, column);
            r += 1;
        }
    }

    /// The basic solution.
    fn point(&self) -> Vec<Rational> {
        self.basic(|row| row[self.value_column()].clone())
    }

    /// The direction in which unknown `column` grows by 1 and the equations stay satisfied.
    fn ray(&self, column: usize) -> Vec<Rational> {
        let mut ray = self.basic(|row| Integer::from(-&row[column]));
        ray[column] = Rational::from(1);
        ray
    }

    fn basic(&self, entry: impl Fn(&[Integer]) -> Integer) -> Vec<Rational> {
        let mut x = vec![Rational::new(); self.unknowns];
        for (row, &basic) in self.rows.iter().zip(&self.basis) {
            if let Some(x) = x.get_mut(basic) {
                *x = Rational::from((entry(row), &self.denominator));
            }
        }
        x
    }

    /// `y_i = (c_artificial - reduced cost of artificial i) scale_i / cost_scale`.
    fn multipliers(&self, artificial_cost: &Integer, cost_scale: &Integer) -> Vec<Rational> {
        let reduced = &self.objective[self.unknowns..self.value_column()];
        let y = |(reduced, scale): (&Integer, &Integer)| {
            let reduced = Rational::from((reduced, &self.denominator));
            (Rational::from(artificial_cost) - reduced) * scale / cost_scale
        };
        reduced.iter().zip(&self.scales).map(y).collect()
    }
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
