//! The check: every fact of a witness decided again, exactly, from its text.
//!
//! Uses the scalar, linear algebra, data, network, sharpness and exact population layers and
//! nothing that searches. A fact that cannot be decided is a discrepancy, never a pass.

use super::record::{NetworkRecord, RecordError};
use super::{Member, SCHEMA, Scene, Witness};
use crate::data::{Dataset, Malformed};
use crate::network::{Network, Refusal};
use crate::population::exact::NoError;
use crate::scalar::text::{self, Fault, ParseError, Trouble};
use crate::scalar::{NoValue, Radical, Undecided};
use std::collections::BTreeMap;

mod batch_norm;
mod hessian;
mod holds;
mod population;
mod spectrum;

/// A fact that does not hold, or a witness that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// The witness cannot be read.
    #[error("member {member:?}: {sentence}")]
    Unreadable {
        /// Which member.
        member: String,
        /// What is wrong.
        sentence: String,
    },
    /// A fact could not be decided.
    #[error("member {member:?}, fact {}: {sentence}", fact + 1)]
    Undecided {
        /// Which member.
        member: String,
        /// Which fact, from 0.
        fact: usize,
        /// What is missing.
        sentence: String,
    },
    /// A fact is false.
    #[error("member {member:?}, fact {}: {sentence}", fact + 1)]
    Fact {
        /// Which member.
        member: String,
        /// Which fact, from 0.
        fact: usize,
        /// What was found instead.
        sentence: String,
    },
}

/// Checks every fact of every member; the number of facts on success. A witness without facts is
/// refused.
pub fn check(witness: &Witness) -> Result<usize, Discrepancy> {
    let unreadable = |sentence: String| Discrepancy::Unreadable {
        member: String::new(),
        sentence,
    };
    if witness.schema != SCHEMA {
        return Err(unreadable(format!(
            "schema {:?} is not {SCHEMA:?}",
            witness.schema
        )));
    }
    let mut facts = 0;
    for member in &witness.members {
        facts += check_member(member)?;
    }
    if facts == 0 {
        return Err(unreadable("it states no fact".into()));
    }
    Ok(facts)
}

fn check_member(member: &Member) -> Result<usize, Discrepancy> {
    let unreadable = |sentence: String| Discrepancy::Unreadable {
        member: member.name.clone(),
        sentence,
    };
    let scene = Scene::read(member).map_err(unreadable)?;
    for (fact, claim) in member.facts.iter().enumerate() {
        scene.holds(claim).map_err(|failure| {
            let (member, sentence) = (member.name.clone(), failure.to_string());
            if is_undecided(&*failure) {
                Discrepancy::Undecided {
                    member,
                    fact,
                    sentence,
                }
            } else if failure.is::<ParseError>() || failure.is::<RecordError>() {
                unreadable(format!("fact {}: {sentence}", fact + 1))
            } else {
                Discrepancy::Fact {
                    member,
                    fact,
                    sentence,
                }
            }
        })?;
    }
    Ok(member.facts.len())
}

/// Whether the number type could not tell or the cube is too large, as against "no".
fn is_undecided(failure: &(dyn std::error::Error + 'static)) -> bool {
    let refusal = match failure.downcast_ref::<NoError>() {
        Some(NoError::TooManyCoordinates | NoError::TooMuchWork) => return true,
        Some(NoError::Refusal(refusal)) => Some(refusal),
        _ => failure.downcast_ref::<Refusal>(),
    };
    let no_value = match refusal {
        Some(Refusal::NoValue(no)) => Some(no),
        _ => failure.downcast_ref::<NoValue>(),
    };
    let trouble = match failure.downcast_ref::<ParseError>() {
        Some(error) => Some(error.trouble),
        None => failure.downcast_ref::<Fault>().map(|fault| fault.trouble),
    };
    failure.is::<Undecided>()
        || matches!(no_value, Some(NoValue::Undecided(_)))
        || trouble == Some(Trouble::Undecided)
}

/// The most multiplications of a first layer, n m (d + 1).
const MAX_WORK: usize = 2_000_000_000;

/// The network, if evaluating it on the data is within [`MAX_WORK`].
fn read_network(
    record: &NetworkRecord,
    data: &Dataset<Radical>,
) -> Result<Network<Radical>, RecordError> {
    let network = record.read(data.dim())?;
    let per_sample = network
        .architecture()
        .width()
        .saturating_mul(data.dim() + 1);
    let work = data.len().saturating_mul(per_sample);
    if work > MAX_WORK {
        let sentence = format!("n m (d + 1) is {work}, above the limit {MAX_WORK}");
        return Err(RecordError::Malformed(Malformed(sentence)));
    }
    Ok(network)
}

impl Scene {
    /// The scene of a member, read.
    fn read(member: &Member) -> Result<Self, String> {
        let mut parameters = BTreeMap::new();
        for (name, value) in &member.parameters {
            let value = text::parse(value).map_err(|e| format!("parameter {name}: {e}"))?;
            parameters.insert(name.clone(), value);
        }
        let data = member
            .data
            .as_ref()
            .map(|d| d.read().map_err(|e| format!("data: {e}")));
        let data = data.transpose()?;
        let network = match (&member.network, &data) {
            (None, _) => None,
            (Some(_), None) => return Err("a network needs data".into()),
            (Some(network), Some(data)) => {
                Some(read_network(network, data).map_err(|e| format!("network: {e}"))?)
            }
        };
        let mut scene = Self::new(parameters, data, network);
        for (head, body) in &member.definitions {
            let defined = scene.define(head, body);
            defined.map_err(|e| format!("definition {head}: {e}"))?;
        }
        Ok(scene)
    }
}
