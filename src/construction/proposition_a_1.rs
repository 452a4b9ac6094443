//! Labels that depend on a few coordinates, and the flattest network for them (Wen, Li, Ma 2023,
//! Proposition A.1).
//!
//! The coordinates `I` of an input take one of the extreme points `v_1 .. v_k`, the label is that of the
//! point, and `||x|| = R`. Neuron j looks at `I` alone and is positive at `v_j` alone:
//!
//! ```text
//! printed    W1_j = r (v_j, 0)/eps, b_j = r (-w_j.v_j + eps)/eps, W2_j = y_j/r, r^2 = |y_j| (R^2 + 1)
//! repaired   W1_j = r (w_j, 0)/eps, the same b_j and W2_j,         r^2 = |y_j| sqrt(R^2 + 1)
//! ```
//!
//! with `w_j.(v_j - v_i) > eps` for i != j. Here `w_j` is `v_j` where the `v_j` have a common norm, else a
//! separator with least gap 1; eps is half the least gap. At `y_j = 0` the printed weight is 0/0; the repaired
//! neuron is dead (bias -1). Tests: `formula_vs_definition`, `repaired_fits_the_population`.

use crate::data::Dataset;
use crate::data::convex::Combination;
use crate::data::extreme::extreme_points;
use crate::network::Bias;
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring};

/// A distribution of Proposition A.1.
#[derive(Clone, Debug, PartialEq)]
pub struct FewCoordinates {
    dim: usize,
    /// The coordinates `I`, ascending.
    places: Vec<usize>,
    vertices: Vec<Vec<Rational>>,
    labels: Vec<Rational>,
    radius_squared: Rational,
    separators: Vec<Vec<Rational>>,
    eps: Rational,
}

/// Why a distribution is not one of Proposition A.1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotFewCoordinates {
    /// A point is a convex combination of others.
    #[error("v_{} is not an extreme point", point + 1)]
    NotExtreme {
        /// The point.
        point: usize,
        /// How the others give it.
        combination: Combination,
    },
    /// No input of norm R has these coordinates, or the lists do not fit together.
    #[error("{0}")]
    Shape(&'static str),
}

impl FewCoordinates {
    /// `vertices[j]` are the coordinates `places` of an input with label `labels[j]`, `radius_squared` is
    /// `||x||^2`.
    ///
    /// # Errors
    /// [`NotFewCoordinates`].
    pub fn new(
        dim: usize,
        places: &[usize],
        vertices: Vec<Vec<Rational>>,
        labels: Vec<Rational>,
        radius_squared: Rational,
    ) -> Result<Self, NotFewCoordinates> {
        let ascending = places.windows(2).all(|p| p[0] < p[1]);
        let inside = ascending && places.iter().all(|k| *k < dim);
        let fits = vertices.iter().all(|v| v.len() == places.len());
        if !inside || !fits || vertices.is_empty() || vertices.len() != labels.len() {
            return Err(NotFewCoordinates::Shape("the lists do not fit together"));
        }
        let room = |v: &Vec<Rational>| radius_squared.cmp(&norm_squared(v));
        let reachable = |v| match dim > places.len() {
            true => room(v).is_ge(),
            false => room(v).is_eq(),
        };
        if !vertices.iter().all(reachable) {
            return Err(NotFewCoordinates::Shape(
                "no input of norm R has these coordinates",
            ));
        }
        let (separators, eps) = separators(&vertices)?;
        Ok(Self {
            dim,
            places: places.to_vec(),
            vertices,
            labels,
            radius_squared,
            separators,
            eps,
        })
    }

    /// k.
    pub fn len(&self) -> usize {
        self.vertices.len()
    }

    /// False: there is a point.
    pub fn is_empty(&self) -> bool {
        self.vertices.is_empty()
    }

    /// d.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// `y_j`.
    pub fn label(&self, j: usize) -> Radical {
        Radical::from_rational(self.labels[j].clone())
    }

    /// The input with `x_I = v_j` whose first coordinate off `I` is `sign sqrt(R^2 - ||v_j||^2)` and whose
    /// others are 0.
    ///
    /// # Errors
    /// None that a distribution can reach.
    pub fn input(&self, j: usize, sign: i64) -> Result<Vec<Radical>, NoValue> {
        let mut x = vec![Radical::zero(); self.dim];
        for (k, v) in self.places.iter().zip(&self.vertices[j]) {
            x[*k] = Radical::from_rational(v.clone());
        }
        if let Some(k) = (0..self.dim).find(|k| !self.places.contains(k)) {
            let rest = &self.radius_squared - norm_squared(&self.vertices[j]);
            x[k] = Radical::root_of(&rest, 2)?.mul(&Radical::from_int(sign));
        }
        Ok(x)
    }

    /// The sample of these `(j, sign)`.
    ///
    /// # Errors
    /// None that a distribution can reach.
    pub fn sample(&self, draws: &[(usize, i64)]) -> Result<Dataset<Radical>, NoValue> {
        let inputs = draws.iter().map(|(j, sign)| self.input(*j, *sign));
        Ok(Dataset {
            x: inputs.collect::<Result<_, _>>()?,
            y: draws.iter().map(|(j, _)| self.label(*j)).collect(),
        })
    }

    /// The network as printed, width k.
    ///
    /// # Errors
    /// [`NoValue::Undefined`] if some label is 0.
    pub fn printed(&self) -> Result<Bias<Radical>, NoValue> {
        let size = Radical::from_rational(Rational::from(&self.radius_squared + 1));
        let neuron = |j: usize| self.neuron(j, &self.vertices[j], &size);
        self.network(neuron)
    }

    /// The repaired network, width k.
    ///
    /// # Errors
    /// None that a distribution can reach.
    pub fn repaired(&self) -> Result<Bias<Radical>, NoValue> {
        let size = Radical::root_of(&Rational::from(&self.radius_squared + 1), 2)?;
        self.network(|j| match self.labels[j].is_zero() {
            true => Ok((self.dead_row(), Radical::zero())),
            false => self.neuron(j, &self.separators[j], &size),
        })
    }

    fn network(
        &self,
        neuron: impl Fn(usize) -> Result<(Vec<Radical>, Radical), NoValue>,
    ) -> Result<Bias<Radical>, NoValue> {
        let neurons: Vec<_> = (0..self.len()).map(neuron).collect::<Result<_, _>>()?;
        let (first, last) = neurons.into_iter().unzip();
        Ok(Bias {
            first,
            hidden: vec![],
            last,
        })
    }

    /// Row `r (direction, 0)/eps`, bias `r (-w_j.v_j + eps)/eps` and weight `y_j/r`, `r^2 = |y_j| size`.
    fn neuron(
        &self,
        j: usize,
        direction: &[Rational],
        size: &Radical,
    ) -> Result<(Vec<Radical>, Radical), NoValue> {
        let magnitude = Radical::from_rational(self.labels[j].clone().abs());
        let r = magnitude.mul(size).sqrt()?;
        let own: Rational = Ring::dot(&self.separators[j], &self.vertices[j]);
        let scaled = |q: Rational| r.mul(&Radical::from_rational(q / &self.eps));
        let mut row = vec![Radical::zero(); self.dim];
        for (k, v) in self.places.iter().zip(direction) {
            row[*k] = scaled(v.clone());
        }
        row.push(scaled(&self.eps - own));
        Ok((row, self.label(j).div(&r)?))
    }

    fn dead_row(&self) -> Vec<Radical> {
        let mut row = vec![Radical::zero(); self.dim];
        row.push(Radical::from_int(-1));
        row
    }
}

fn norm_squared(v: &[Rational]) -> Rational {
    Ring::dot(v, v)
}

/// `w_j` and eps.
fn separators(
    vertices: &[Vec<Rational>],
) -> Result<(Vec<Vec<Rational>>, Rational), NotFewCoordinates> {
    let half = Rational::from((1, 2));
    let certified = |(point, answer)| match answer {
        Ok(separator) => Ok(separator),
        Err(combination) => Err(NotFewCoordinates::NotExtreme { point, combination }),
    };
    let answers = extreme_points(vertices).into_iter().enumerate();
    let found: Vec<crate::data::convex::Separator> =
        answers.map(certified).collect::<Result<_, _>>()?;
    let common = vertices
        .windows(2)
        .all(|v| norm_squared(&v[0]) == norm_squared(&v[1]));
    if common {
        // v_j.(v_j - v_i) > 0 for points of one norm
        let gap = |i: usize, j: usize| norm_squared(&vertices[j]) - dot(&vertices[j], &vertices[i]);
        let pairs = (0..vertices.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let least = pairs
            .map(|(i, j)| gap(i, j))
            .min()
            .unwrap_or_else(Rational::one);
        return Ok((vertices.to_vec(), least * half));
    }
    let unit_gap = |s: &crate::data::convex::Separator| {
        s.w.iter().map(|w| Rational::from(w / &s.margin)).collect()
    };
    Ok((found.iter().map(unit_gap).collect(), half))
}

fn dot(v: &[Rational], w: &[Rational]) -> Rational {
    Ring::dot(v, w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::definition::mse_trace;

    fn few(dim: usize, places: &[usize], points: &[(&[i64], i64)], radius: i64) -> FewCoordinates {
        let vertices = points
            .iter()
            .map(|(v, _)| v.iter().map(|&q| q.into()).collect())
            .collect();
        let labels = points.iter().map(|(_, y)| Rational::from(*y)).collect();
        FewCoordinates::new(dim, places, vertices, labels, radius.into()).unwrap()
    }

    fn examples() -> Vec<FewCoordinates> {
        vec![
            few(2, &[0], &[(&[1], 1), (&[-1], -1)], 2),
            few(
                3,
                &[0, 2],
                &[(&[2, 0], 3), (&[0, 1], -1), (&[-1, -1], 0)],
                7,
            ),
            few(2, &[1], &[(&[0], 5)], 0),
        ]
    }

    #[test]
    fn repaired_fits_the_population() {
        for few in examples() {
            let net = Network::Bias(few.repaired().unwrap());
            for (j, sign) in (0..few.len()).flat_map(|j| [(j, 1), (j, -1)]) {
                let x = few.input(j, sign).unwrap();
                assert_eq!(
                    Radical::dot(&x, &x).as_rational(),
                    Some(few.radius_squared.clone())
                );
                assert_eq!(net.outputs(&[], &[x]).unwrap(), [few.label(j)]);
            }
            let Network::Bias(net) = net else {
                unreachable!()
            };
            let off = |k: &usize| !few.places.contains(k);
            let blind =
                |row: &Vec<Radical>| (0..few.dim).filter(off).all(|k| row[k] == Radical::zero());
            assert!(net.first.iter().all(blind));
        }
    }

    /// The trace by second-order jets: least for the repaired network, above for the printed one unless R = 0.
    #[test]
    fn formula_vs_definition() {
        for few in examples() {
            let draws: Vec<(usize, i64)> = (0..few.len()).chain([0]).map(|j| (j, 1)).collect();
            let data = few.sample(&draws).unwrap();
            let least = Bounded::Bias { depth: 2 }.least_trace(&data).unwrap();
            let trace = |net| mse_trace(&Network::Bias(net), &data).unwrap();
            assert_eq!(trace(few.repaired().unwrap()), least);
            if few.labels.iter().any(Rational::is_zero) {
                assert!(few.printed().is_err());
            } else {
                assert_eq!(
                    trace(few.printed().unwrap()) > least,
                    few.radius_squared != 0
                );
            }
        }
    }

    #[test]
    fn not_every_list_is_one() {
        let new = |points: &[i64], radius: i64| {
            let vertices = points.iter().map(|q| vec![Rational::from(*q)]).collect();
            let labels = vec![Rational::from(1); points.len()];
            FewCoordinates::new(2, &[0], vertices, labels, radius.into())
        };
        assert!(new(&[-1, 2], 4).is_ok());
        assert!(matches!(
            new(&[-1, 2, 0], 4),
            Err(NotFewCoordinates::NotExtreme { point: 2, .. })
        ));
        assert!(matches!(new(&[-1, 3], 4), Err(NotFewCoordinates::Shape(_))));
        assert!(matches!(new(&[], 4), Err(NotFewCoordinates::Shape(_))));
    }
}
