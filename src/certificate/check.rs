//! The check: every fact of a witness decided again, exactly, from its text.
//!
//! Uses the scalar, linear algebra, data, network, sharpness and exact population layers and
//! nothing that searches. A fact that cannot be decided is a discrepancy, never a pass.

use super::{Member, SCHEMA, Witness};
use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::{Radical, text};
use std::collections::BTreeMap;

mod holds;

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
    /// A fact is false or undecided.
    #[error("member {member:?}, fact {fact}: {sentence}")]
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
        let failed = |sentence: String| Discrepancy::Fact {
            member: member.name.clone(),
            fact,
            sentence,
        };
        scene.holds(claim).map_err(|e| failed(e.to_string()))?;
    }
    Ok(member.facts.len())
}

/// A member, read.
struct Scene {
    parameters: BTreeMap<String, Radical>,
    data: Option<Dataset<Radical>>,
    network: Option<Network<Radical>>,
}

impl Scene {
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
            (Some(network), Some(data)) => Some(
                network
                    .read(data.dim())
                    .map_err(|e| format!("network: {e}"))?,
            ),
        };
        Ok(Self {
            parameters,
            data,
            network,
        })
    }
}
