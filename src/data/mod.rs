//! Labelled data: the paper's distributions and samples, exact (Wen, Li, Ma 2023, Section 2). Above all
//!
#![doc = flatproof_math::tex!(r"P_{\mathrm{xor}}: \quad x \sim \operatorname{Unif}\{-1, 1\}^d, \qquad y = x[1]\, x[2] .")]
//!
//! [`xor`] and [`complete`] are the paper's data, [`circle`] that of Proposition A.2; [`affine`] measures how
//! far a complete set reaches; [`extreme`] and [`face`] decide questions of convexity, with the
//! witnesses that [`convex`] checks.

pub mod affine;
pub mod circle;
pub mod complete;
pub mod convex;
pub mod extreme;
pub mod face;
pub mod xor;

use crate::scalar::{Radical, Ring};

/// `n` labelled samples in dimension `d`: `x[i]` has `d` entries, `y[i]` is its label.
///
/// Samples are a list, not a set: inputs may repeat and labels may contradict each other.
/// [`Dataset::new`] builds one from integers, rationals or radicals. The number type is [`Radical`]
/// unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<S = Radical> {
    /// The inputs, `n` rows of `d` entries.
    pub x: Vec<Vec<S>>,
    /// The labels, `n` entries.
    pub y: Vec<S>,
}

/// Data or a network whose parts do not fit together, as one sentence without its full stop.
/// Samples, neurons and layers count from 1 in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) String);

/// Entries of whatever can be iterated, converted.
pub(crate) fn entries<S, E: Into<S>>(list: impl IntoIterator<Item = E>) -> Vec<S> {
    list.into_iter().map(Into::into).collect()
}

/// Rows of whatever can be iterated, entries converted.
pub(crate) fn rows<S, R>(list: impl IntoIterator<Item = R>) -> Vec<Vec<S>>
where
    R: IntoIterator,
    R::Item: Into<S>,
{
    list.into_iter().map(entries).collect()
}

impl<S> Dataset<S> {
    /// The samples with inputs `x` and labels `y`: integers, rationals or radicals (`Into<S>`).
    ///
    /// ```
    /// use flatproof::{Dataset, Radical};
    /// let data: Dataset = Dataset::new([[1, 1], [1, -1]], [1, -1])?;
    /// assert_eq!((data.len(), data.dim()), (2, 2));
    /// let label: Radical = "1/2 + sqrt(2)".parse()?;
    /// let data: Dataset = Dataset::new([[1, 1]], [label])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What [`Self::check`] finds.
    pub fn new<R, Y>(
        x: impl IntoIterator<Item = R>,
        y: impl IntoIterator<Item = Y>,
    ) -> Result<Self, Malformed>
    where
        R: IntoIterator,
        R::Item: Into<S>,
        Y: Into<S>,
    {
        let data = Self {
            x: rows(x),
            y: entries(y),
        };
        data.check()?;
        Ok(data)
    }

    /// Whether there is at least one sample, all have the same number of coordinates, at least one,
    /// and each has its label.
    ///
    /// # Errors
    /// One sentence that says what does not fit; samples count from 1.
    pub fn check(&self) -> Result<(), Malformed> {
        let (n, d) = (self.len(), self.dim());
        if n == 0 || d == 0 {
            return Err(Malformed(
                "the data has no samples or no coordinates".into(),
            ));
        }
        if self.y.len() != n {
            return Err(Malformed(format!("{n} inputs but {} labels", self.y.len())));
        }
        match self.x.iter().position(|x| x.len() != d) {
            None => Ok(()),
            Some(i) => Err(Malformed(format!(
                "input {} has {} coordinates, input 1 has {d}",
                i + 1,
                self.x[i].len()
            ))),
        }
    }

    /// The number of samples, `n`.
    pub fn len(&self) -> usize {
        self.x.len()
    }
    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }
    /// The input dimension, `d` (0 for an empty dataset).
    pub fn dim(&self) -> usize {
        self.x.first().map_or(0, Vec::len)
    }
    /// The same data over another number type.
    pub fn map<T>(&self, mut f: impl FnMut(&S) -> T) -> Dataset<T> {
        let x = self
            .x
            .iter()
            .map(|row| row.iter().map(&mut f).collect())
            .collect();
        Dataset {
            x,
            y: self.y.iter().map(&mut f).collect(),
        }
    }
}

impl<S: Clone + PartialEq> Dataset<S> {
    /// Each distinct input once with its label, in order of first appearance; `None` if some input
    /// comes with two labels, so that nothing interpolates.
    pub fn distinct(&self) -> Option<Self> {
        let mut distinct: Self = Dataset {
            x: Vec::new(),
            y: Vec::new(),
        };
        for (x, y) in self.x.iter().zip(&self.y) {
            match distinct.x.iter().position(|seen| seen == x) {
                Some(i) if distinct.y[i] != *y => return None,
                Some(_) => {}
                None => {
                    distinct.x.push(x.clone());
                    distinct.y.push(y.clone());
                }
            }
        }
        Some(distinct)
    }
}

impl<S: Ring> Dataset<S> {
    /// `x' = (x, 1)` for every input.
    pub fn with_bias(&self) -> Vec<Vec<S>> {
        self.x.iter().map(|x| with_bias(x)).collect()
    }
    /// `R_i^2` for every input:
    ///
    #[doc = flatproof_math::tex!(r"R_i^2 = \lVert x_i \rVert^2 + 1")]
    pub fn radius_squared(&self) -> Vec<S> {
        self.x.iter().map(|x| S::dot(x, x).add(&S::one())).collect()
    }
}

/// `x' = (x, 1)`.
pub fn with_bias<S: Ring>(x: &[S]) -> Vec<S> {
    x.iter().cloned().chain([S::one()]).collect()
}

#[cfg(test)]
mod tests {
    use super::Dataset;

    #[test]
    fn distinct_keeps_first_appearances_and_refuses_contradictions() {
        let data = |samples: &[(i64, i64)]| Dataset {
            x: samples.iter().map(|(x, _)| vec![*x]).collect(),
            y: samples.iter().map(|(_, y)| *y).collect(),
        };
        let repeated = data(&[(2, 1), (1, 1), (2, 1), (1, 1)]);
        assert_eq!(repeated.distinct(), Some(data(&[(2, 1), (1, 1)])));
        assert_eq!(data(&[(2, 1), (1, 1), (2, 3)]).distinct(), None);
        assert_eq!(data(&[]).distinct(), Some(data(&[])));
    }
}
