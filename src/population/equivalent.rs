//! Whether two networks are the same function, on the training inputs or on all of {-1,1}^d.
//!
//! Over the cube: the classes of [`super::cube`] for both networks at once. Test: `equivalent_vs_cube`.

use super::cube::{NoError, classes};
use crate::network::Network;
use crate::scalar::Radical;
use serde::{Deserialize, Serialize};

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

/// The first input found where the networks differ, `None` if there is none; `train` are the training
/// inputs, where batch norm reads its statistics.
pub fn equivalent(
    left: &Network<Radical>,
    right: &Network<Radical>,
    train: &[Vec<Radical>],
    on: On,
) -> Result<Option<Difference>, NoError> {
    let difference = |at, left, right| Difference { at, left, right };
    match on {
        On::Train => {
            let (f, g) = (left.outputs(train, train)?, right.outputs(train, train)?);
            let mut triples = train.iter().zip(f).zip(g);
            let found = triples.find(|((_, f), g)| f != g);
            Ok(found.map(|((x, f), g)| difference(x.clone(), f, g)))
        }
        On::Cube => {
            let mut classes = classes(&[left, right], train)?.into_iter();
            let found = classes.find(|class| class.outputs[0] != class.outputs[1]);
            Ok(found.map(|c| difference(c.point(), c.outputs[0].clone(), c.outputs[1].clone())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::network::NoBias;
    use crate::scalar::Ring;
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
}
