//! Witnesses and certificates: exact facts about data and networks, and their check.
//!
//! This is the part to trust. A [`Witness`] is plain text (exact expressions, never decimals): some
//! data, some networks and a list of [`Fact`]s. [`check()`] decides every fact again from the text
//! alone; it searches nothing, has no tolerance and skips nothing. The same format serves
//! refutations (the facts contradict the printed words) and certificates (the facts establish an
//! existence claim), and Coq text can be printed from it.
//!
//! Reading order: [`Witness`], [`fact::Fact`], [`record`] (text to networks), [`check()`].

use crate::scalar::Radical;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod check;
pub mod fact;
mod read;
pub mod record;
pub mod scene;

pub use check::{Discrepancy, check};
pub use fact::{Fact, On, Relation};
pub use read::ReadError;
pub use record::{DataRecord, NetworkRecord};
pub use scene::Scene;

/// The version of the format.
pub const SCHEMA: &str = "flatproof.witness/1";

/// What a witness is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Its facts contradict a statement.
    Refutation,
    /// Its facts establish a statement on an instance.
    Certificate,
}

/// Exact evidence about one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// [`SCHEMA`].
    pub schema: String,
    /// The case id.
    pub case: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What the facts amount to, in one sentence.
    pub says: String,
    /// The evidence; a family has one member per value of its parameters.
    pub members: Vec<Member>,
}

/// One data set, one network, and facts about them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Which member this is.
    pub name: String,
    /// Named exact numbers that the facts' expressions may use.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "read::distinct_names"
    )]
    pub parameters: BTreeMap<String, String>,
    /// Named expressions, `r` or `r[i]`, that the facts' expressions may use.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "read::distinct_names"
    )]
    pub definitions: BTreeMap<String, String>,
    /// The training set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataRecord>,
    /// The network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkRecord>,
    /// What is claimed of them.
    pub facts: Vec<Fact>,
}

impl Witness {
    /// A refutation of `case`.
    pub fn refutation(case: &str, says: impl Into<String>, members: Vec<Member>) -> Self {
        Self::new(case, Purpose::Refutation, says.into(), members)
    }
    /// A certificate for `case`.
    pub fn certificate(case: &str, says: impl Into<String>, members: Vec<Member>) -> Self {
        Self::new(case, Purpose::Certificate, says.into(), members)
    }
    fn new(case: &str, purpose: Purpose, says: String, members: Vec<Member>) -> Self {
        Self {
            schema: SCHEMA.into(),
            case: case.into(),
            purpose,
            says,
            members,
        }
    }
}

impl Member {
    /// A member without data, network or facts.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
    /// Adds a named number.
    pub fn parameter(mut self, name: &str, value: &Radical) -> Self {
        self.parameters.insert(name.into(), value.to_string());
        self
    }
    /// Adds a named expression; `head` is `name` or `name[i, k]`.
    pub fn definition(mut self, head: &str, body: &str) -> Self {
        self.definitions.insert(head.into(), body.into());
        self
    }
    /// Sets the training set.
    pub fn data(mut self, data: &crate::data::Dataset<Radical>) -> Self {
        self.data = Some(DataRecord::of(data));
        self
    }
    /// Sets the network.
    pub fn network(mut self, network: &crate::network::Network<Radical>) -> Self {
        self.network = Some(NetworkRecord::of(network));
        self
    }
    /// Adds a fact.
    pub fn fact(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }
}
