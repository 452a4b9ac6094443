//! The networks on the circle (Wen, Li, Ma 2023, Proposition A.2).
//!
//! `x = (v, sqrt(R^2 - 1), 0, ...)` with v on the unit circle. `v_j` are the samples in order of angle, `z_j`
//! the midpoint of the arc `v_{j-1} v_j`, `w_j` the unit normal of the chord `z_j z_{j+1}`;
//! `r^2 = |y_j| sqrt(R^2 + 1)`, `W2_j = y_j/r`.
//!
//! ```text
//! printed    W1_j = r (w_j, 0)/(w_j.z_j),           b_j = r (-w_j.v_j + w_j.z_j)/(w_j.z_j)
//! repaired   W1_j = r (w_j, 0)/(w_j.v_j - w_j.z_j), b_j = -r w_j.z_j/(w_j.v_j - w_j.z_j)
//! ```
//!
//! Printed, neuron j is r at `v_j` and positive where `w_j.v > w_j.v_j - w_j.z_j`, close to half of the
//! circle. Repaired, it is r at `v_j`, 0 at both ends of the chord and positive on its arc alone. At
//! `y_j = 0` the repaired neuron is dead (bias -1); printed it is 0/0. Tests: `formula_vs_definition`,
//! `repaired_neurons_live_on_their_arcs`.

use crate::data::Dataset;
use crate::data::circle::{Point, Quarters};
use crate::network::Bias;
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring};

/// A sample of the circle: distinct points, their labels, d >= 2 and R >= 1 (R = 1 at d = 2).
#[derive(Clone, Debug)]
pub struct CircleSample {
    dim: usize,
    radius_squared: Rational,
    points: Vec<Point>,
    midpoints: Vec<Point>,
    normals: Vec<Point>,
    labels: Vec<Rational>,
}

impl CircleSample {
    /// The points with the labels `label(v)`; `None` if points repeat or no such input has norm R.
    pub fn new(
        dim: usize,
        radius_squared: Rational,
        quarters: &Quarters,
        label: impl Fn(&Point) -> Rational,
    ) -> Option<Self> {
        let points = quarters.points();
        let distinct = points.windows(2).all(|pair| pair[0] != pair[1]);
        let reachable = match dim {
            0 | 1 => false,
            2 => radius_squared == 1,
            _ => radius_squared >= 1,
        };
        (distinct && reachable && !points.is_empty()).then(|| Self {
            dim,
            radius_squared,
            labels: points.iter().map(label).collect(),
            midpoints: quarters.midpoints(),
            normals: quarters.chord_normals(),
            points,
        })
    }

    /// The midpoints `z_j`.
    pub fn midpoints(&self) -> &[Point] {
        &self.midpoints
    }

    /// The input above a point of the circle.
    ///
    /// # Errors
    /// None that a sample can reach.
    pub fn input(&self, v: &Point) -> Result<Vec<Radical>, NoValue> {
        let mut x: Vec<Radical> = v.iter().cloned().map(Radical::from_rational).collect();
        x.resize(self.dim, Radical::zero());
        if self.dim > 2 {
            x[2] = Radical::root_of(&Rational::from(&self.radius_squared - 1), 2)?;
        }
        Ok(x)
    }

    /// The training set.
    ///
    /// # Errors
    /// None that a sample can reach.
    pub fn training_set(&self) -> Result<Dataset<Radical>, NoValue> {
        let x = self.points.iter().map(|v| self.input(v));
        Ok(Dataset {
            x: x.collect::<Result<_, _>>()?,
            y: self
                .labels
                .iter()
                .cloned()
                .map(Radical::from_rational)
                .collect(),
        })
    }

    /// The network as printed, width n.
    ///
    /// # Errors
    /// [`NoValue::Undefined`] if some label or some `w_j.z_j` is 0.
    pub fn printed(&self) -> Result<Bias<Radical>, NoValue> {
        self.network(|j| {
            let (_, at_v, at_z) = self.products(j);
            self.neuron(j, at_z.clone(), at_z - at_v) // (w.x - w.v + w.z) / w.z
        })
    }

    /// The repaired network, width n.
    ///
    /// # Errors
    /// None that a sample can reach.
    pub fn repaired(&self) -> Result<Bias<Radical>, NoValue> {
        self.network(|j| {
            if self.labels[j].is_zero() {
                let mut row = vec![Radical::zero(); self.dim];
                row.push(Radical::from_int(-1));
                return Ok((row, Radical::zero()));
            }
            let (_, at_v, at_z) = self.products(j);
            self.neuron(j, at_v - &at_z, -at_z) // (w.x - w.z) / (w.v - w.z)
        })
    }

    /// `w_j`, `w_j.v_j`, `w_j.z_j`.
    fn products(&self, j: usize) -> (&Point, Rational, Rational) {
        let w = &self.normals[j];
        (
            w,
            Ring::dot(w, &self.points[j]),
            Ring::dot(w, &self.midpoints[j]),
        )
    }

    /// `r (w_j.x + offset)/denominator` and `y_j/r`.
    fn neuron(
        &self,
        j: usize,
        denominator: Rational,
        offset: Rational,
    ) -> Result<(Vec<Radical>, Radical), NoValue> {
        if denominator.is_zero() {
            return Err(NoValue::Undefined("division by w_j.z_j = 0"));
        }
        let root = Radical::root_of(&Rational::from(&self.radius_squared + 1), 2)?;
        let size = Radical::from_rational(self.labels[j].clone().abs());
        let r = size.mul(&root).sqrt()?;
        let scaled =
            |q: &Rational| r.mul(&Radical::from_rational(Rational::from(q / &denominator)));
        let mut row: Vec<Radical> = self.normals[j].iter().map(scaled).collect();
        row.resize(self.dim, Radical::zero());
        row.push(scaled(&offset));
        let weight = Radical::from_rational(self.labels[j].clone()).div(&r)?;
        Ok((row, weight))
    }

    fn network(
        &self,
        neuron: impl Fn(usize) -> Result<(Vec<Radical>, Radical), NoValue>,
    ) -> Result<Bias<Radical>, NoValue> {
        let neurons: Vec<_> = (0..self.points.len())
            .map(neuron)
            .collect::<Result<_, _>>()?;
        let (first, last) = neurons.into_iter().unzip();
        Ok(Bias {
            first,
            hidden: vec![],
            last,
        })
    }
}

/// Quarter angles `2 arctan(t)` in `[0, pi/2)`, so angles `8 arctan(t)`; `None` unless `0 <= t < 1`.
pub fn quarters_at(parameters: &[(i64, i64)]) -> Option<Quarters> {
    let point = |t: &(i64, i64)| crate::data::circle::point(&Rational::from(*t));
    Quarters::new(parameters.iter().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::definition::mse_trace;

    fn examples() -> Vec<CircleSample> {
        let few = quarters_at(&[(0, 1), (1, 3), (1, 2)]).unwrap();
        let more = quarters_at(&[(0, 1), (1, 5), (1, 3), (1, 2), (4, 5)]).unwrap();
        vec![
            CircleSample::new(2, 1.into(), &few, |_| 1.into()).unwrap(),
            CircleSample::new(3, 2.into(), &more, |v| v[0].clone()).unwrap(),
            CircleSample::new(4, 3.into(), &more, |v| v[1].clone()).unwrap(), // y = 0 at (1, 0)
        ]
    }

    #[test]
    fn repaired_neurons_live_on_their_arcs() {
        for sample in examples() {
            let net = Network::Bias(sample.repaired().unwrap());
            assert!(net.admissible(&sample.training_set().unwrap().x).is_ok());
            let ends = sample.midpoints().iter().map(|z| sample.input(z).unwrap());
            let zeros = net.outputs(&[], &ends.collect::<Vec<_>>()).unwrap();
            assert!(zeros.iter().all(|f| *f == Radical::zero()));
        }
    }

    #[test]
    fn formula_vs_definition() {
        for sample in examples() {
            let data = sample.training_set().unwrap();
            let least = Bounded::Bias { depth: 2 }.least_trace(&data).unwrap();
            let net = Network::Bias(sample.repaired().unwrap());
            assert_eq!(net.outputs(&data.x, &data.x).unwrap(), data.y);
            assert_eq!(mse_trace(&net, &data).unwrap(), least);
        }
    }

    #[test]
    fn printed_is_undefined_at_label_0() {
        let samples = examples();
        assert!(samples[0].printed().is_ok());
        assert!(samples[2].printed().is_err());
    }

    #[test]
    fn repeats_and_impossible_norms_are_refused() {
        let twice = quarters_at(&[(1, 2), (1, 2)]).unwrap();
        assert!(CircleSample::new(2, 1.into(), &twice, |_| 1.into()).is_none());
        let one = quarters_at(&[(1, 2)]).unwrap();
        assert!(CircleSample::new(2, 2.into(), &one, |_| 1.into()).is_none());
        assert!(CircleSample::new(3, 2.into(), &one, |_| 1.into()).is_some());
        assert!(quarters_at(&[(1, 1)]).is_none());
    }
}
