//! Distributions for the hunts of Proposition A.1, in the numbers that make them, and simpler ones.

use super::Instance;
use crate::construction::proposition_a_1::FewCoordinates;
use crate::data::Dataset;
use crate::scalar::{Rational, Ring};
use crate::search::generate::{below, between, one_in};
use crate::search::shrink;
use crate::theorem::Finding;
use crate::theorem::hunt::draw::{extreme, simpler_data, size};
use rand_chacha::ChaCha8Rng;

/// The points `v_j` with their labels, at the coordinates after the first `before` ones and with
/// `after` more behind them, the norm, and the training draws `(j, sign)`.
#[derive(Clone)]
pub(super) struct Drawn {
    points: Dataset<Rational>,
    before: usize,
    after: usize,
    radius_squared: Rational,
    draws: Vec<(usize, i64)>,
}

impl Drawn {
    pub fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        let points = extreme(rng, attempt).distinct();
        let points = points.expect("a repeated point keeps its label");
        let (before, after) = (below(rng, 2), below(rng, 3));
        // all coordinates: one norm, and no room for another
        let room = if before + after == 0 || one_in(rng, 4) {
            0
        } else {
            between(rng, 0, 3)
        };
        let radius_squared = largest_norm(&points) + room;
        let k = points.len().max(1);
        let draws = (0..size(rng, attempt, 6))
            .map(|_| (below(rng, k), 2 * between(rng, 0, 1) - 1))
            .collect();
        let drawn = Self {
            points,
            before,
            after,
            radius_squared,
            draws,
        };
        ("extreme points, any labels", drawn)
    }

    /// Simpler points come with the same norm and with their own largest one.
    pub fn simpler(&self) -> Vec<Self> {
        let points = simpler_data(&self.points).into_iter().flat_map(|points| {
            let k = points.len().max(1);
            let draws: Vec<_> = self.draws.iter().map(|(j, sign)| (j % k, *sign)).collect();
            [self.radius_squared.clone(), largest_norm(&points)].map(|radius_squared| Self {
                draws: draws.clone(),
                points: points.clone(),
                radius_squared,
                ..self.clone()
            })
        });
        let draws = (0..self.draws.len())
            .filter(|_| self.draws.len() > 1)
            .map(|i| {
                let mut it = self.clone();
                it.draws.remove(i);
                it
            });
        let norms = shrink::rational(&self.radius_squared)
            .into_iter()
            .map(|radius_squared| Self {
                radius_squared,
                ..self.clone()
            });
        let places = [
            (self.before.checked_sub(1), Some(self.after)),
            (Some(self.before), self.after.checked_sub(1)),
        ];
        let lower = places.into_iter().filter_map(|(before, after)| {
            Some(Self {
                before: before?,
                after: after?,
                ..self.clone()
            })
        });
        draws.chain(lower).chain(points).chain(norms).collect()
    }

    /// Vacuous if the points are not extreme or no input has that norm.
    pub fn instance(&self) -> Result<Instance, Finding> {
        let s = self.points.dim();
        let places: Vec<usize> = (self.before..self.before + s).collect();
        let Dataset { x, y } = self.points.clone();
        let dim = self.before + s + self.after;
        let few = FewCoordinates::new(dim, &places, x, y, self.radius_squared.clone());
        let few = few.map_err(|no| Finding::Vacuous(no.to_string()))?;
        Ok(Instance {
            few,
            draws: self.draws.clone(),
        })
    }
}

fn largest_norm(points: &Dataset<Rational>) -> Rational {
    let norms = points.x.iter().map(|v| -> Rational { Ring::dot(v, v) });
    norms.max().unwrap_or_default()
}
