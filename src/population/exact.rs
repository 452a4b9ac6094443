//! Errors over {-1,1}^d with `y = x1 x2`, exactly.
//!
//! * [`zero_one_error`]: `Pr(y f(x) <= 0)`; `f = 0` is an error. (The paper prints `Pr(y f(x) > 0)`,
//!   which is the accuracy.)
//! * [`mean_squared_error`]: `E (f(x) - y)^2`.
//! * [`largest_deviation`]: `max |f(x) - y|` and a vertex where it is attained.
//!
//! All three go over the classes of `cube` once. Test: `errors_vs_cube`.

use super::cube::{Class, classes};
pub use super::cube::{MAX_ACTIVE, NoError};
use crate::network::Network;
use crate::scalar::{Ordered, Radical, Rational, Ring};
use rug::Integer;

/// The most terms of all outputs together: each takes an enclosure to compare.
const MAX_TERMS: usize = 2_000_000;
/// The most products of terms of all squared outputs together.
const MAX_PRODUCTS: usize = 20_000_000;

/// `Pr(y f(x) <= 0)` over {-1,1}^d, `d` the network's input dimension; `train` are the training
/// inputs (batch norm reads its statistics there).
///
/// ```
/// use flatproof::{Dataset, Network, zero_one_error};
/// // relu(x1 + x2 - 1): right at (1, 1) only
/// let net: Network = Network::bias([[1, 1, -1]], [1])?;
/// assert_eq!(zero_one_error(&net, &[])?, 0.75);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zero_one_error(net: &Network<Radical>, train: &[Vec<Radical>]) -> Result<Rational, NoError> {
    let classes = labelled(net, train)?;
    let is_wrong = |class: &&Class| signed(class) <= Radical::zero();
    let wrong: Integer = classes.iter().filter(is_wrong).map(|c| &c.size).sum();
    Ok(Rational::from((wrong, cube_size(net))))
}

/// `E (f(x) - y)^2` over {-1,1}^d; `train` as for [`zero_one_error`].
pub fn mean_squared_error(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
) -> Result<Radical, NoError> {
    let classes = labelled(net, train)?;
    let products = classes
        .iter()
        .map(|class| class.outputs[0].terms().len().pow(2));
    if products.sum::<usize>() > MAX_PRODUCTS {
        return Err(NoError::TooMuchWork);
    }
    let size = |class: &Class| Radical::from_rational(Rational::from(&class.size));
    let terms = classes
        .iter()
        .map(|class| size(class).mul(&deviation(class).square()));
    let weight = Radical::from_rational(Rational::from((1, cube_size(net))));
    Ok(Radical::balanced_sum(terms.collect()).mul(&weight))
}

/// `max |f(x) - y|` over {-1,1}^d and the first vertex found where it is attained; `train` as for
/// [`zero_one_error`].
pub fn largest_deviation(
    net: &Network<Radical>,
    train: &[Vec<Radical>],
) -> Result<(Radical, Vec<Radical>), NoError> {
    let classes = labelled(net, train)?;
    let mut largest = (Radical::from_int(-1), None);
    for class in &classes {
        let size = deviation(class)
            .abs()
            .map_err(crate::network::Refusal::from)?;
        if size > largest.0 {
            largest = (size, Some(class));
        }
    }
    let point = largest.1.map(Class::point).unwrap_or_default();
    Ok((largest.0, point))
}

/// The classes of a network on a cube that has labels.
fn labelled(net: &Network<Radical>, train: &[Vec<Radical>]) -> Result<Vec<Class>, NoError> {
    if net.architecture().input_dim() < 2 {
        return Err(NoError::TooFewCoordinates);
    }
    let classes = classes(&[net], train)?;
    let terms = classes.iter().map(|class| class.outputs[0].terms().len());
    if terms.sum::<usize>() > MAX_TERMS {
        return Err(NoError::TooMuchWork);
    }
    Ok(classes)
}

/// `2^d`.
fn cube_size(net: &Network<Radical>) -> Integer {
    Integer::from(1) << net.architecture().input_dim() as u32
}

/// `y f(x)`.
fn signed(class: &Class) -> Radical {
    Radical::from_int(class.label()).mul(&class.outputs[0])
}

/// `f(x) - y`.
fn deviation(class: &Class) -> Radical {
    class.outputs[0].sub(&Radical::from_int(class.label()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::network::{Bias, NoBias, SimBn, SimLn};
    use crate::scalar::text::parse;
    use proptest::prelude::*;
    use rug::Complete;

    /// Networks of every architecture on {-1,1}^3, width 3, one scale `root` for the rows.
    fn nets() -> impl Strategy<Value = Network<Radical>> {
        let rows = prop::collection::vec(prop::collection::vec(-2i64..=2, 4), 3);
        let last = prop::collection::vec(-2i64..=2, 3);
        let root = prop::sample::select(vec!["1", "sqrt(2)", "3^(1/4)"]);
        (rows, last, root, 0..4).prop_map(|(rows, last, root, kind)| {
            let root = parse(root).unwrap();
            let scaled = |n: &i64| root.mul(&Radical::from_int(*n));
            let mut first: Vec<Vec<Radical>> = rows
                .iter()
                .map(|row| row.iter().map(scaled).collect())
                .collect();
            let last = last.iter().map(|n| Radical::from_int(*n)).collect();
            match kind {
                0 => {
                    first.iter_mut().for_each(|row| row.truncate(3));
                    Network::NoBias(NoBias { first, last })
                }
                1 => Network::Bias(Bias {
                    first,
                    hidden: vec![],
                    last,
                }),
                2 => Network::SimBn(SimBn {
                    first,
                    gamma: vec![Radical::one(); 3],
                    last,
                }),
                _ => Network::SimLn(SimLn {
                    first,
                    last,
                    eps: Radical::one(),
                }),
            }
        })
    }

    proptest! {
        #[test]
        fn errors_vs_cube(net in nets()) {
            let cube: Vec<Vec<Radical>> = (0..8).map(|bits| xor::point(bits, 3)).collect();
            let train = &cube[..5];
            let Ok(outputs) = net.outputs(train, &cube) else {
                prop_assert!(zero_one_error(&net, train).is_err());
                prop_assert!(mean_squared_error(&net, train).is_err());
                prop_assert!(largest_deviation(&net, train).is_err());
                return Ok(());
            };
            let labels = cube.iter().map(|x| xor::label(x));
            let pairs: Vec<(Radical, Radical)> = outputs.into_iter().zip(labels).collect();
            let wrong = pairs.iter().filter(|(f, y)| f.mul(y) <= Radical::zero()).count();
            prop_assert_eq!(zero_one_error(&net, train), Ok(Rational::from((wrong, 8))));

            let squares: Vec<Radical> = pairs.iter().map(|(f, y)| f.sub(y).square()).collect();
            let eighth = Radical::from_rational(Rational::from((1, 8)));
            let mean = Radical::sum(&squares).mul(&eighth);
            prop_assert_eq!(mean_squared_error(&net, train), Ok(mean));

            let (largest, at) = largest_deviation(&net, train).unwrap();
            prop_assert_eq!(squares.iter().max(), Some(&largest.square()));
            let f = net.outputs(train, std::slice::from_ref(&at)).unwrap().remove(0);
            prop_assert_eq!(f.sub(&xor::label(&at)).abs(), Ok(largest));
        }
    }

    /// `f = 2 relu(x . v - 28)`, v a vertex of {-1,1}^30 with label 1: `f(v) = 4`, 0 elsewhere.
    #[test]
    fn one_isolated_vertex_of_a_large_cube() {
        let int = Radical::from_int;
        let row = (0..30).map(|_| int(1)).chain([int(-28)]).collect();
        let net = |a| {
            Network::Bias(Bias {
                first: vec![row],
                hidden: vec![],
                last: vec![int(a)],
            })
        };
        let net = net(2);
        let cube = Integer::u_pow_u(2, 30).complete();
        let wrong = Rational::from((cube.clone() - 1, cube.clone()));
        assert_eq!(zero_one_error(&net, &[]), Ok(wrong));
        let mse = Rational::from((cube.clone() - 1 + 9, cube));
        assert_eq!(
            mean_squared_error(&net, &[]),
            Ok(Radical::from_rational(mse))
        );
        assert_eq!(largest_deviation(&net, &[]), Ok((int(3), vec![int(1); 30])));
    }
}
