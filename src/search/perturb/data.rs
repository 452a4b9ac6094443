//! Perturbations of a training set towards what the printed words allow and proofs forget: label 0,
//! repeated inputs, contradicting labels. Test `each_does_what_its_name_says`.

use crate::data::Dataset;
use crate::scalar::Rational;
use crate::search::generate::{below, rational};
use rand::Rng;

/// A named family of perturbations of a training set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataFamily {
    /// One label becomes 0.
    ZeroLabel,
    /// One sample comes once more.
    Repeat,
    /// One input comes once more, with another label: nothing interpolates.
    Contradiction,
}

impl DataFamily {
    /// Every family.
    pub const ALL: [Self; 3] = [Self::ZeroLabel, Self::Repeat, Self::Contradiction];

    /// Its name in accounts of a search.
    pub fn name(self) -> &'static str {
        match self {
            Self::ZeroLabel => "zero label",
            Self::Repeat => "repeated sample",
            Self::Contradiction => "contradicting labels",
        }
    }

    /// A random member; `None` of an empty training set, or if every label is 0 already.
    pub fn apply(self, rng: &mut impl Rng, data: &Dataset<Rational>) -> Option<Dataset<Rational>> {
        let i = below(rng, data.len());
        let (x, y) = (data.x.get(i)?.clone(), data.y.get(i)?.clone());
        let mut data = data.clone();
        match self {
            Self::ZeroLabel => {
                let nonzero = (i..data.len()).chain(0..i);
                let i = nonzero.into_iter().find(|&i| !data.y[i].is_zero())?;
                data.y[i] = Rational::new();
            }
            Self::Repeat => {
                data.x.push(x);
                data.y.push(y);
            }
            Self::Contradiction => {
                let other = rational(rng);
                let other = if other == y { other + 1 } else { other };
                data.x.push(x);
                data.y.push(other);
            }
        }
        Some(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::generate::{Inputs, Labels, Options, dataset};
    use crate::search::rng;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_does_what_its_name_says(seed in any::<u64>(), n in 1usize..6, d in 3usize..5) {
            let rng = &mut rng(seed, "data families");
            let options = Options { inputs: Inputs::Cube, labels: Labels::Nonzero, ..Options::default() };
            let data = dataset(rng, n, d, &options);
            let zeros = |data: &Dataset<Rational>| data.y.iter().filter(|y| y.is_zero()).count();
            let zero = DataFamily::ZeroLabel.apply(rng, &data).unwrap();
            prop_assert_eq!((&zero.x, zeros(&zero)), (&data.x, 1));
            let repeated = DataFamily::Repeat.apply(rng, &data).unwrap();
            prop_assert_eq!(repeated.len(), n + 1);
            prop_assert_eq!(repeated.distinct(), Some(data.clone()));
            let contradicting = DataFamily::Contradiction.apply(rng, &data).unwrap();
            prop_assert_eq!(contradicting.len(), n + 1);
            prop_assert_eq!(contradicting.distinct(), None);
        }
    }

    #[test]
    fn there_must_be_something_to_perturb() {
        let rng = &mut rng(0, "nothing");
        let empty = Dataset {
            x: vec![],
            y: vec![],
        };
        assert!(
            DataFamily::ALL
                .iter()
                .all(|family| family.apply(rng, &empty).is_none())
        );
        let one = Dataset {
            x: vec![vec![Rational::from(1)]],
            y: vec![Rational::new()],
        };
        assert_eq!(DataFamily::ZeroLabel.apply(rng, &one), None);
    }
}
