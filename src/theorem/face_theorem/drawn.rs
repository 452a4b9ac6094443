//! Instances for the hunts of the face theorem: inputs of one norm with a random network, with their
//! memoriser, or covered by faces.

use super::Judge;
use super::instances::{Cover, Instance, random_points};
use crate::data::Dataset;
use crate::scalar::{Rational, Ring};
use crate::search::generate::Labels;
use crate::search::networks::Kind;
use crate::search::perturb::Family;
use crate::theorem::Finding;
use crate::theorem::hunt::OwnLabels;
use crate::theorem::hunt::draw::simpler_data;
use rand_chacha::ChaCha8Rng;

pub(super) enum Drawn {
    Own(OwnLabels),
    Memoriser(Dataset<Rational>),
    Cover(Cover),
}

impl Drawn {
    /// By turns.
    pub fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        match attempt % 4 {
            0 => {
                let x = random_points(Labels::Signs, rng).x;
                let own = OwnLabels::at(x, rng, attempt, Kind::Bias(2));
                ("random networks, their outputs as labels", Self::Own(own))
            }
            1 => (
                "memorisers",
                Self::Memoriser(random_points(Labels::Any, rng)),
            ),
            2 => ("covers by exposed faces", Self::Cover(Cover::random(rng))),
            _ => {
                let cover = Cover::random(rng);
                match cover.instance() {
                    Ok(Instance {
                        points: x,
                        network: net,
                        ..
                    }) => {
                        let own = OwnLabels { net, x };
                        (
                            "covers, perturbed",
                            Self::Own(own.perturbed(rng, attempt, &Family::ALL)),
                        )
                    }
                    Err(_) => ("covers by exposed faces", Self::Cover(cover)),
                }
            }
        }
    }

    /// A cover has none.
    pub fn simpler(&self) -> Vec<Self> {
        match self {
            Self::Own(own) => own.simpler().into_iter().map(Self::Own).collect(),
            Self::Memoriser(data) => simpler_data(data)
                .into_iter()
                .map(Self::Memoriser)
                .collect(),
            Self::Cover(_) => vec![],
        }
    }

    /// Vacuous unless the inputs are of one norm, and for a memoriser distinct.
    pub fn judge(&self, it: &Judge) -> Result<Finding, Finding> {
        match self {
            Self::Own(own) => {
                have_one_norm(&own.x)?;
                let (network, data) = own.exact()?;
                it.both(&Instance {
                    points: own.x.clone(),
                    data,
                    network,
                })
            }
            Self::Memoriser(data) => {
                have_one_norm(&data.x)?;
                match data.distinct().is_some_and(|distinct| distinct == *data) {
                    true => it.memoriser(data),
                    false => Err(Finding::Vacuous("an input repeats".into())),
                }
            }
            Self::Cover(cover) => it.cover(cover),
        }
    }
}

fn have_one_norm(x: &[Vec<Rational>]) -> Result<(), Finding> {
    let mut norms = x.iter().map(|x| -> Rational { Ring::dot(x, x) });
    let first = norms.next();
    match norms.all(|norm| Some(norm) == first) {
        true => Ok(()),
        false => Err(Finding::Vacuous("inputs of several norms".into())),
    }
}
