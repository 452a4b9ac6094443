//! Facts about batch-norm networks and complete training sets (Wen, Li, Ma 2023, Section 5).

use super::Scene;
use super::holds::{Failure, ensure};
use crate::certificate::Relation;
use crate::data::complete::CompleteSet;
use crate::data::xor::{MAX_FULL_CUBE, point};
use crate::network::{Architecture, Bias, Network, NoBias, SimBn, SimLn};
use crate::scalar::{Field, Ordered, Radical, Ring};
use crate::sharpness::alignment::{self, alignments};

impl Scene {
    pub(super) fn coefficient_sum(&self, is: Relation, value: &str) -> Result<(), Failure> {
        let sizes: Vec<Radical> = self
            .batch_norm()?
            .coefficients()
            .iter()
            .map(Ordered::abs)
            .collect::<Result<_, _>>()?;
        self.compare("sum |gamma_j W2_j|", &Radical::sum(&sizes), is, value)
    }

    /// By [`alignment::least_coefficient_sum`], on a complete set only.
    pub(super) fn least_coefficient_sum(&self, is: Relation, value: &str) -> Result<(), Failure> {
        self.complete_set()?;
        let width = self.batch_norm()?.first.len();
        let least = alignment::least_coefficient_sum(width)
            .ok_or("no batch-norm network of that width interpolates a complete set")?;
        self.compare(
            "the least sum |gamma_j W2_j|",
            &Ring::from_int(least),
            is,
            value,
        )
    }

    pub(super) fn alignment(
        &self,
        neuron: usize,
        is: Relation,
        value: &str,
    ) -> Result<(), Failure> {
        let alphas = alignments(self.batch_norm()?, self.data()?)?;
        let alpha = alphas.get(neuron).ok_or("there is no such neuron")?;
        self.compare("alpha_j", alpha, is, value)
    }

    pub(super) fn misaligned_mass(&self, is: Relation, value: &str) -> Result<(), Failure> {
        let mass = alignment::misaligned_mass(self.batch_norm()?, self.data()?)?;
        self.compare("sum |gamma_j W2_j| (1 - alpha_j)", &mass, is, value)
    }

    pub(super) fn active_coefficients(&self, is: Relation, value: &str) -> Result<(), Failure> {
        for c in self.batch_norm()?.coefficients() {
            if c.sign()?.is_ne() {
                self.compare("|gamma_j W2_j|", &c.abs()?, is, value)?;
            }
        }
        Ok(())
    }

    pub(super) fn largest_activation(&self, is: Relation, value: &str) -> Result<(), Failure> {
        let (net, data) = (self.batch_norm()?, self.data()?);
        let d = data.dim();
        ensure(d <= MAX_FULL_CUBE, || {
            "d is too large to list the cube".into()
        })?;
        let squares = net.mean_squares(&net.activations(&data.x)?[0])?;
        let cube: Vec<Vec<Radical>> = (0..1 << d).map(|u| point(u, d)).collect();
        let mut largest = Radical::zero(); // max z^2 / a^2
        for (j, z) in net.activations(&cube)?[0]
            .iter()
            .flat_map(|fired| &fired.active)
        {
            largest = largest.max(z.square().div(&squares[*j])?);
        }
        let value = self.number(value)?;
        ensure(value.sign()?.is_ge(), || "the bound is negative".into())?;
        let order = largest.compare(&value.square())?; // as both are >= 0
        ensure(is.admits(order), || {
            format!("the largest activation is the root of {largest}")
        })
    }

    pub(super) fn norm_sum(&self, is: Relation, value: &str) -> Result<(), Failure> {
        let net = self.batch_norm()?;
        let sum = Radical::dot(&net.gamma, &net.gamma).add(&Radical::dot(&net.last, &net.last));
        self.compare("||gamma||^2 + ||W2||^2", &sum, is, value)
    }

    pub(super) fn relative_tail_squared(
        &self,
        neuron: usize,
        is: Relation,
        value: &str,
    ) -> Result<(), Failure> {
        let (row, tail) = self.row_and_tail(neuron)?;
        ensure(row.sign()?.is_gt(), || {
            format!("the row of neuron {} is 0", neuron + 1)
        })?;
        // tail / row ~ value  iff  tail ~ value * row, as row > 0
        let order = tail.compare(&self.number(value)?.mul(&row))?;
        ensure(is.admits(order), || {
            format!("||W1_j[3:d]||^2 / ||W1_j||^2 {is} {value} is false")
        })
    }

    /// `{-1,1}^2 x S` with labels `x1 x2`, each point once, and S - S spanning (exact rank).
    pub(super) fn complete_set(&self) -> Result<(), Failure> {
        let data = self.data()?;
        let d = data.dim();
        ensure((2..=64).contains(&d), || {
            "a complete set has 2 <= d <= 64".into()
        })?;
        let mut points = Vec::new();
        for (x, y) in data.x.iter().zip(&data.y) {
            let signs = x.iter().map(sign_of).collect::<Option<Vec<i64>>>();
            let signs = signs.ok_or("a point is not in {-1,1}^d")?;
            let fits = *y == Radical::from_int(signs[0] * signs[1]);
            ensure(fits, || "a label is not x1 x2".into())?;
            points.push(signs);
        }
        points.sort();
        ensure(points.windows(2).all(|w| w[0] != w[1]), || {
            "a point repeats".into()
        })?;
        let suffixes: Vec<&[i64]> = points
            .iter()
            .filter(|x| x[..2] == [1, 1])
            .map(|x| &x[2..])
            .collect();
        let full = points.len() == 4 * suffixes.len()
            && points.iter().all(|x| suffixes.contains(&&x[2..]));
        ensure(full, || "the data is not {-1,1}^2 x S".into())?;
        let bit = |(k, v): (usize, &i64)| u64::from(*v == 1) << k;
        let bits: Vec<u64> = suffixes
            .iter()
            .map(|s| s.iter().enumerate().map(bit).sum())
            .collect();
        CompleteSet::new(d, &bits)?;
        Ok(())
    }

    /// `(||W1_j||^2, ||W1_j[3:d]||^2)`, the bias left out.
    pub(super) fn row_and_tail(&self, neuron: usize) -> Result<(Radical, Radical), Failure> {
        let d = self.data()?.dim();
        let rows = match self.network()? {
            Network::NoBias(NoBias { first, .. })
            | Network::Bias(Bias { first, .. })
            | Network::SimBn(SimBn { first, .. })
            | Network::SimLn(SimLn { first, .. }) => first,
        };
        let row = &rows.get(neuron).ok_or("there is no such neuron")?[..d];
        ensure(d >= 2, || "the fact needs d >= 2".into())?;
        Ok((Radical::dot(row, row), Radical::dot(&row[2..], &row[2..])))
    }
}

/// `1` or `-1`.
fn sign_of(x: &Radical) -> Option<i64> {
    [1, -1].into_iter().find(|s| *x == Radical::from_int(*s))
}
