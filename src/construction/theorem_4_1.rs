//! The memorising network of Theorem 4.1 (Wen, Li, Ma 2023), `MLP-Bias` of width n and depth D:
//!
//! ```text
//! W1_i = u_i w_i / eps        b_i = u_i (-w_i.x_i + eps) / eps        W_k = diag(1/r_i), 2 <= k <= D-1
//! W_D = (sign(y_i) / r_i)     r_i = (R_i/|y_i|)^{1/D}, u_i = |y_i| r_i^{D-1};  r_i = u_i = 1 at y_i = 0
//! ```
//!
//! Only `v_i = w_i / eps` matters: `W1'_i = u_i (v_i, 1 - v_i.x_i)`, so that neuron i is `u_i` at
//! `x_i` and negative at `x_j` once `v_i.(x_i - x_j) > 1`. With rational `v_i` every row is one
//! radical times a rational row. "Unit `w_i` and one eps" reads: all `v_i` have one norm, `1/eps`
//! ([`common_norm`]).
//!
//! For D >= 3 the zeros of `W_k` make pre-activations exactly 0, a kink; [`repaired`] has -1 there.
//! The gradient is that of the printed formulas, since the backward signal vanishes on inactive
//! neurons. Tests: `formula_vs_definition`, `the_two_prints_agree_at_depth_2`.

use crate::data::Dataset;
use crate::data::circle::rational_unit_vector;
use crate::data::convex::{Combination, Separator};
use crate::data::extreme::extreme_points;
use crate::network::{Bias, Layer};
use crate::scalar::{Field, NoValue, Radical, Rational, Real, Ring, Undecided};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// `(r, u)` for a sample: `r = (R/|y|)^{1/D}`, `u = |y| r^{D-1}`, and 1, 1 at `y = 0`.
///
/// # Errors
/// Only those of the roots, for `depth = 0`.
pub fn scales(x: &[Rational], y: &Rational, depth: u32) -> Result<(Radical, Radical), NoValue> {
    if y.is_zero() {
        return Ok((Radical::one(), Radical::one()));
    }
    let radius2: Rational = Ring::dot(x, x) + 1;
    let r = Radical::root_of(&(radius2 / y.square()), 2 * depth)?; // (R^2/y^2)^{1/(2D)}
    let size = Radical::from_rational(y.clone().abs());
    let u = size.mul(&r.pow(depth - 1));
    Ok((r, u))
}

/// The network as printed; `v` holds `w_i / eps`, one per sample. `depth >= 2`.
///
/// # Errors
/// Only those of the roots, for `depth < 2`.
pub fn printed(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    depth: u32,
) -> Result<Bias<Radical>, NoValue> {
    network(data, v, depth, 0)
}

/// The network with -1 in place of the zeros of `W_k`, so that inactive neurons stay below 0.
/// The printed one at D = 2, where there is no `W_k`.
///
/// # Errors
/// Only those of the roots, for `depth < 2`.
pub fn repaired(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    depth: u32,
) -> Result<Bias<Radical>, NoValue> {
    network(data, v, depth, -1)
}

fn network(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    depth: u32,
    off_diagonal: i64,
) -> Result<Bias<Radical>, NoValue> {
    if depth < 2 {
        return Err(NoValue::Undefined("a network of depth below 2"));
    }
    let mut first = Vec::with_capacity(data.len());
    let mut inverses = Vec::with_capacity(data.len());
    for ((x, y), v) in data.x.iter().zip(&data.y).zip(v) {
        let (r, u) = scales(x, y, depth)?;
        first.push(first_row(x, v, &u));
        inverses.push(r.inv()?);
    }
    let signed = |(inverse, y): (&Radical, &Rational)| signum(y).mul(inverse);
    let last = inverses.iter().zip(&data.y).map(signed).collect();
    let hidden = Layer::Diagonal {
        diagonal: inverses,
        off: Radical::from_int(off_diagonal),
    };
    Ok(Bias {
        first,
        hidden: vec![hidden; depth as usize - 2],
        last,
    })
}

/// The other print of D = 2: `W1_i = sqrt(r |y_i|) w_i / eps`, `W2_i = sign(y_i) sqrt(|y_i| / r)`,
/// `r = R_i` (and `b_i` scaled like `W1_i`).
///
/// # Errors
/// None that rational data can reach.
pub fn printed_two_layers(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
) -> Result<Bias<Radical>, NoValue> {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for ((x, y), v) in data.x.iter().zip(&data.y).zip(v) {
        let radius2: Rational = Ring::dot(x, x) + 1;
        let r = Radical::root_of(&radius2, 2)?;
        let size = Radical::from_rational(y.clone().abs());
        first.push(first_row(x, v, &r.mul(&size).sqrt()?));
        last.push(signum(y).mul(&size.div(&r)?.sqrt()?));
    }
    Ok(Bias {
        first,
        hidden: vec![],
        last,
    })
}

/// `u (v, 1 - v.x)`.
pub(super) fn first_row(x: &[Rational], v: &[Rational], u: &Radical) -> Vec<Radical> {
    let bias: Rational = Rational::one().sub(&Ring::dot(v, x));
    let scaled = |q: &Rational| u.mul(&Radical::from_rational(q.clone()));
    v.iter().chain([&bias]).map(scaled).collect()
}

/// `sign(y)`, 0 at 0.
fn signum(y: &Rational) -> Radical {
    Radical::from_int(match y.cmp0() {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })
}

/// [`repaired`], but with the neuron of each label 0 dead at its input in the last hidden layer
/// (in the first at D = 2; earlier, all of the next layer would sit at 0): flattest for any
/// labels, memorising iff none is 0.
///
/// # Errors
/// Only those of the roots, for `depth < 2`.
pub fn dead_at_zero_labels(
    data: &Dataset<Rational>,
    v: &[Vec<Rational>],
    depth: u32,
) -> Result<Bias<Radical>, NoValue> {
    let mut net = repaired(data, v, depth)?;
    for (i, _) in data.y.iter().enumerate().filter(|(_, y)| y.is_zero()) {
        match net.hidden.last_mut() {
            Some(Layer::Diagonal { diagonal, .. }) => diagonal[i] = Radical::from_int(-1),
            _ => net.first[i] = dead_row(data.dim() + 1),
        }
    }
    Ok(net)
}

/// No weight, bias -1: negative everywhere. The paper pads with zeros, which is a kink.
pub fn dead_row(columns: usize) -> Vec<Radical> {
    let mut row = vec![Radical::zero(); columns];
    if let Some(bias) = row.last_mut() {
        *bias = Radical::from_int(-1);
    }
    row
}

/// Adds neurons to every hidden layer of a [`repaired`] network, up to `width`: dead in the first
/// layer, and negative above through the off-diagonal -1.
pub fn pad(mut net: Bias<Radical>, width: usize) -> Bias<Radical> {
    let columns = net.first.first().map_or(0, Vec::len);
    while net.first.len() < width {
        net.first.push(dead_row(columns));
        net.last.push(Radical::zero());
    }
    for layer in &mut net.hidden {
        if let Layer::Diagonal { diagonal, .. } = layer {
            diagonal.resize(width.max(diagonal.len()), Radical::one());
        }
    }
    net
}

/// Why there are no separators.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoSeparators {
    /// A point is the convex combination of others.
    #[error("input {} is not an extreme point: it is a convex combination of the others", sample + 1)]
    NotExtreme {
        /// Which point.
        sample: usize,
        /// How the others give it.
        combination: Combination,
    },
    /// No rational unit vectors were found near the separators.
    #[error(transparent)]
    Undecided(#[from] Undecided),
}

/// `v_i` with `v_i.(x_i - x_j) >= 2` for all j != i, each with a norm of its own.
///
/// # Errors
/// [`NoSeparators::NotExtreme`] for the first point that is not extreme.
pub fn separators(points: &[Vec<Rational>]) -> Result<Vec<Vec<Rational>>, NoSeparators> {
    if are_distinct_vertices(points) {
        return Ok(points.to_vec());
    }
    let steepen = |s: &Separator| scaled(&s.w, &(Rational::from(2) / &s.margin));
    Ok(certified(points)?.iter().map(steepen).collect())
}

/// `v_i = w_i / eps` as printed: unit `w_i` up to one common factor, one eps, half the least margin.
///
/// # Errors
/// [`NoSeparators`].
pub fn unit_separators(points: &[Vec<Rational>]) -> Result<Vec<Vec<Rational>>, NoSeparators> {
    if are_distinct_vertices(points) {
        return Ok(points.to_vec());
    }
    let mut w: Vec<Vec<Rational>> = certified(points)?.into_iter().map(|s| s.w).collect();
    if common_norm(&w).is_none() {
        for (i, w) in w.iter_mut().enumerate() {
            *w = unit_near(w, points, i).map_err(NoSeparators::Undecided)?;
        }
    }
    let margins = w.iter().enumerate().map(|(i, w)| margin(w, points, i));
    let least = margins.min().unwrap_or_else(Rational::one);
    let steepness = Rational::from(2) / least;
    Ok(w.iter().map(|w| scaled(w, &steepness)).collect())
}

/// Distinct points of {-1,1}^d separate themselves: `x_i.(x_i - x_j) >= 2`, that is `w_i = x_i/sqrt d`
/// and `eps = 1/sqrt d`.
fn are_distinct_vertices(points: &[Vec<Rational>]) -> bool {
    let on_cube = points.iter().flatten().all(|x| *x == 1 || *x == -1);
    let distinct: BTreeSet<&Vec<Rational>> = points.iter().collect();
    on_cube && distinct.len() == points.len()
}

/// `|v_i|^2` if it is the same positive number for all i.
pub fn common_norm(v: &[Vec<Rational>]) -> Option<Rational> {
    let mut norms = v.iter().map(|v| -> Rational { Ring::dot(v, v) });
    let first = norms.next().filter(|norm| !norm.is_zero())?;
    norms.all(|norm| norm == first).then_some(first)
}

fn certified(points: &[Vec<Rational>]) -> Result<Vec<Separator>, NoSeparators> {
    let one = |(sample, found)| match found {
        Ok(separator) => Ok(separator),
        Err(combination) => Err(NoSeparators::NotExtreme {
            sample,
            combination,
        }),
    };
    extreme_points(points)
        .into_iter()
        .enumerate()
        .map(one)
        .collect()
}

/// A rational unit vector near `w` that still separates `points[i]`; any unit vector if there is
/// no other point.
fn unit_near(
    w: &[Rational],
    points: &[Vec<Rational>],
    i: usize,
) -> Result<Vec<Rational>, Undecided> {
    let mut approx: Vec<f64> = w.iter().map(Rational::to_f64).collect();
    if approx.iter().all(|v| *v == 0.0) {
        approx[0] = 1.0;
    }
    let separates = |unit: &Vec<Rational>| margin(unit, points, i).cmp0().is_gt();
    let units = [8, 16, 32, 52]
        .into_iter()
        .filter_map(|bits| rational_unit_vector(&approx, bits));
    let no = Undecided("no rational unit vector near the separator separates");
    units.into_iter().find(separates).ok_or(no)
}

/// `min_j w.(x_i - x_j)` over the other points, 1 if there is none.
fn margin(w: &[Rational], points: &[Vec<Rational>], i: usize) -> Rational {
    let value = |x: &[Rational]| -> Rational { Ring::dot(w, x) };
    let own = value(&points[i]);
    let others = points.iter().enumerate().filter(|(j, _)| *j != i);
    let gaps = others.map(|(_, x)| own.sub(&value(x)));
    gaps.min().unwrap_or_else(Rational::one)
}

fn scaled(w: &[Rational], by: &Rational) -> Vec<Rational> {
    w.iter().map(|w| w.mul(by)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Network, Refusal};
    use crate::search::generate::{Inputs, Labels, Options, dataset, small};
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::{closed_form, definition};
    use proptest::prelude::*;

    fn data(seed: u64, n: usize, inputs: Inputs) -> Dataset<Rational> {
        let mut rng = crate::search::rng(seed, "construction");
        let options = Options {
            inputs,
            labels: Labels::Nonzero,
            ..Options::default()
        };
        dataset(&mut rng, n, 2, &options)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        /// The trace by second-order jets is the closed lower bound, to the last digit.
        #[test]
        fn formula_vs_definition(seed in any::<u64>(), n in 1usize..3, depth in 2u32..5) {
            let data = data(seed, n, Inputs::Sphere);
            let v = unit_separators(&data.x).unwrap();
            let net = Network::Bias(repaired(&data, &v, depth).unwrap());
            let data = data.map(|q| Radical::from_rational(q.clone()));
            let least = Bounded::Bias { depth }.least_trace(&data).unwrap();
            let trace = definition::mse_trace(&net, &data).unwrap();
            prop_assert_eq!(&trace, &least);
            prop_assert_ne!(trace, Ring::mul(&least, &Radical::from_rational("1000000001/1000000000".parse().unwrap())));
        }

        /// With labels 0 among them, at every depth: flattest, and memorising iff there is none.
        #[test]
        fn dead_neurons_keep_it_flattest(seed in any::<u64>(), n in 1usize..4, depth in 2u32..6, zero in 0usize..4) {
            let mut data = data(seed, n, Inputs::Sphere);
            if let Some(y) = data.y.get_mut(zero) {
                *y = Rational::new();
            }
            let v = separators(&data.x).unwrap();
            let net = Network::Bias(dead_at_zero_labels(&data, &v, depth).unwrap());
            let data = data.map(|q| Radical::from_rational(q.clone()));
            prop_assert_eq!(net.outputs(&data.x, &data.x).unwrap(), data.y.clone());
            let least = Bounded::Bias { depth }.least_trace(&data).unwrap();
            prop_assert_eq!(closed_form::trace(&net, &data.x).unwrap(), least);
            prop_assert_eq!(net.is_memorising(&data.x).unwrap(), zero >= data.len());
        }

        #[test]
        fn the_two_prints_agree_at_depth_2(seed in any::<u64>(), n in 1usize..5) {
            let data = data(seed, n, Inputs::Any);
            let v = data.x.clone();
            prop_assert_eq!(printed_two_layers(&data, &v).unwrap(), printed(&data, &v, 2).unwrap());
            prop_assert_eq!(repaired(&data, &v, 2).unwrap(), printed(&data, &v, 2).unwrap());
            prop_assert_ne!(repaired(&data, &v, 3).unwrap(), printed(&data, &v, 3).unwrap());
        }

        #[test]
        fn unit_separators_are_of_one_norm_and_separate(seed in any::<u64>(), n in 1usize..6) {
            let mut rng = crate::search::rng(seed, "points");
            let points: Vec<_> = (0..n).map(|_| vec![small(&mut rng), small(&mut rng)]).collect();
            match (separators(&points), unit_separators(&points)) {
                (Ok(own), Ok(unit)) => {
                    prop_assert!(common_norm(&unit).is_some());
                    for v in [own, unit] {
                        let steep = |(i, v): (usize, &Vec<Rational>)| n == 1 || margin(v, &points, i) >= 2;
                        prop_assert!(v.iter().enumerate().all(steep));
                    }
                }
                (own, unit) => prop_assert_eq!(own, unit),
            }
        }
    }

    /// At label 0 both prints fail, in different ways: a neuron that is active for nothing, and a
    /// zero row.
    #[test]
    fn the_two_prints_differ_at_label_0() {
        let data: Dataset<Rational> = Dataset {
            x: vec![vec![Rational::from(1)]],
            y: vec![Rational::new()],
        };
        let radicals = data.map(|q| Radical::from_rational(q.clone()));
        let trace = |net: Bias<Radical>| definition::mse_trace(&Network::Bias(net), &radicals);
        let general = printed(&data, &data.x, 2).unwrap();
        assert_eq!(trace(general), Ok(Radical::from_int(2)));
        let special = printed_two_layers(&data, &data.x).unwrap();
        assert!(matches!(trace(special), Err(Refusal::Kink(_))));
        let dead = dead_at_zero_labels(&data, &data.x, 2).unwrap();
        assert_eq!(trace(dead), Ok(Radical::zero()));
    }

    #[test]
    fn norms_must_be_common_and_positive() {
        let rows = |rows: &[[i64; 2]]| -> Vec<Vec<Rational>> {
            rows.iter()
                .map(|r| r.iter().map(|&q| q.into()).collect())
                .collect()
        };
        assert_eq!(common_norm(&rows(&[[3, 4], [0, -5]])), Some(25.into()));
        assert_eq!(common_norm(&rows(&[[3, 4], [0, -4]])), None);
        assert_eq!(common_norm(&rows(&[[0, 0]])), None);
    }
}
