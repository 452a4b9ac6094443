//! Whether two networks are the same function, on the training inputs or on all of {-1,1}^d.
//!
//! Over the cube: the classes of `cube` for both networks at once. Test: `equivalent_vs_cube`.

use super::cube::{NoError, classes};
use crate::network::{Network, Refusal};
use crate::scalar::{Radical, Ring};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where two networks are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// At the training inputs.
    Train,
    /// On {-1,1}^d.
    Cube,
}

/// An input where two networks differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The input.
    pub at: Vec<Radical>,
    /// The first network's output.
    pub left: Radical,
    /// The second network's output.
    pub right: Radical,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at: Vec<String> = self.at.iter().map(Radical::to_string).collect();
        let Self { left, right, .. } = self;
        write!(
            f,
            "at ({}) the outputs are {left} and {right}",
            at.join(", ")
        )
    }
}

/// The first input found where the networks differ, `None` if there is none; `train` are the training
/// inputs, where batch norm reads its statistics.
///
/// # Errors
/// [`NoError`]; too large a cube is none if the networks differ at a training input that is a vertex.
pub fn equivalent(
    left: &Network<Radical>,
    right: &Network<Radical>,
    train: &[Vec<Radical>],
    on: On,
) -> Result<Option<Difference>, NoError> {
    if on == On::Train {
        return Ok(difference_at(left, right, train, train)?);
    }
    match classes(&[left, right], train) {
        Ok(classes) => {
            let different = classes.iter().position(|c| c.outputs[0] != c.outputs[1]);
            Ok(different.map(|i| {
                let class = &classes[i];
                let (left, right) = (class.outputs[0].clone(), class.outputs[1].clone());
                Difference {
                    at: class.point(),
                    left,
                    right,
                }
            }))
        }
        Err(no @ (NoError::TooManyCoordinates | NoError::TooMuchWork)) => {
            let vertices: Vec<Vec<Radical>> =
                train.iter().filter(|x| is_vertex(x)).cloned().collect();
            let difference = difference_at(left, right, train, &vertices)?;
            difference.map(Some).ok_or(no)
        }
        Err(no) => Err(no),
    }
}

/// Whether a point is in {-1,1}^d.
pub fn is_vertex(x: &[Radical]) -> bool {
    x.iter().all(|x| x.square() == Radical::one())
}

/// The first of the inputs `at` where the networks differ.
fn difference_at(
    left: &Network<Radical>,
    right: &Network<Radical>,
    train: &[Vec<Radical>],
    at: &[Vec<Radical>],
) -> Result<Option<Difference>, Refusal> {
    let (f, g) = (left.outputs(train, at)?, right.outputs(train, at)?);
    let mut triples = at.iter().zip(f).zip(g);
    let found = triples.find(|((_, f), g)| f != g);
    Ok(found.map(|((x, left), right)| {
        let at = x.clone();
        Difference { at, left, right }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::network::{Bias, NoBias};
    use proptest::prelude::*;

    /// No-bias networks on {-1,1}^3 with few functions, so that many pairs are equal.
    fn nets() -> impl Strategy<Value = Network<Radical>> {
        let neuron = (prop::collection::vec(-1i64..=1, 3), -1i64..=1);
        prop::collection::vec(neuron, 1..3).prop_map(|neurons| {
            let int = |n: &i64| Radical::from_int(*n);
            Network::NoBias(NoBias {
                first: neurons
                    .iter()
                    .map(|(w, _)| w.iter().map(int).collect())
                    .collect(),
                last: neurons.iter().map(|(_, a)| int(a)).collect(),
            })
        })
    }

    proptest! {
        #[test]
        fn equivalent_vs_cube(a in nets(), b in nets()) {
            let cube: Vec<Vec<Radical>> = (0..8).map(|bits| xor::point(bits, 3)).collect();
            let equal = a.outputs(&[], &cube) == b.outputs(&[], &cube);
            for on in [On::Train, On::Cube] {
                let found = equivalent(&a, &b, &cube, on).unwrap();
                prop_assert_eq!(found.is_none(), equal);
                if let Some(Difference { at, left, right }) = found {
                    let at = [at];
                    prop_assert_ne!(&left, &right);
                    prop_assert_eq!(a.outputs(&[], &at), Ok(vec![left]));
                    prop_assert_eq!(b.outputs(&[], &at), Ok(vec![right]));
                }
            }
        }
    }

    /// Two memorisers of one vertex of {-1,1}^20 that live on it in different ways, and dense networks.
    #[test]
    fn large_cubes() {
        let int = Radical::from_int;
        let one = |w: i64, bias: i64, a: i64| {
            let row = (0..20).map(|_| int(w)).chain([int(bias)]).collect();
            Network::Bias(Bias {
                first: vec![row],
                hidden: vec![],
                last: vec![int(a)],
            })
        };
        let on_cube = |a, b| equivalent(&a, &b, &[vec![int(1); 20]], On::Cube);
        assert_eq!(on_cube(one(1, -18, 1), one(2, -38, 1)), Ok(None));
        let found = on_cube(one(1, -18, 1), one(2, -38, 2)).unwrap().unwrap();
        assert_eq!(
            (found.at, found.left, found.right),
            (vec![int(1); 20], int(2), int(4))
        );
        // too many coordinates, yet they differ at the training input
        assert!(on_cube(one(1, 0, 1), one(1, 1, 1)).unwrap().is_some());
        let undecided = on_cube(one(1, 0, 1), one(1, 0, 1));
        assert_eq!(undecided, Err(NoError::TooManyCoordinates));
    }
}
