//! The simplex method on an integer tableau, with Bland's rule, which cannot cycle (Bland 1977).
//!
//! Every entry is an integer over one common denominator, the last pivot `p`, and a pivot step
//! `t_ij <- (t_rc t_ij - t_ic t_rj) / p` divides exactly (the entries are minors, as in Bareiss'
//! elimination). Phase 1 minimises the sum of one artificial unknown per equation; their columns
//! stay, since the multipliers `y` are read off there. Driven and tested by [`lp`](super::lp).

use super::lp::Answer;
use super::{integer_row, width};
use crate::scalar::{Integer, Rational};
use std::cmp::Ordering;

/// The equations solved for the basic unknowns. Columns: the unknowns, one artificial unknown per
/// equation, the right-hand side.
pub(super) struct Tableau {
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
    pub(super) fn new(a: &[Vec<Rational>], b: &[Rational], unknowns: usize) -> Self {
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

    /// Phase 1: makes the basic solution feasible, or gives Farkas' multipliers.
    pub(super) fn make_feasible(&mut self) -> Result<(), Vec<Rational>> {
        self.price(&[], &vec![Integer::from(1); self.scales.len()]);
        // The sum of the artificial unknowns is bounded below by 0, so this ends in a minimum.
        self.descend();
        if !self.objective[self.value_column()].is_zero() {
            return Err(self.multipliers(&Integer::from(1), &Integer::from(1)));
        }
        self.drive_out_artificials();
        Ok(())
    }

    /// Phase 2: minimises `c.x` from a feasible basic solution.
    pub(super) fn minimise(mut self, c: &[Rational]) -> Answer {
        let costs = integer_row(c, self.unknowns);
        self.price(&costs.entries, &[]);
        match self.descend() {
            None => Answer::Optimal {
                x: self.point(),
                y: self.multipliers(&Integer::new(), &costs.denominator),
            },
            Some(column) => Answer::Unbounded {
                x: self.point(),
                ray: self.ray(column),
            },
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
    pub(super) fn point(&self) -> Vec<Rational> {
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
