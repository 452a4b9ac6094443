//! How two numbers compare, as text and as data.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Less.
    #[serde(rename = "<")]
    Less,
    /// Less or equal.
    #[serde(rename = "<=")]
    AtMost,
    /// Equal.
    #[serde(rename = "=")]
    Equal,
    /// Different.
    #[serde(rename = "!=")]
    Different,
    /// Greater or equal.
    #[serde(rename = ">=")]
    AtLeast,
    /// Greater.
    #[serde(rename = ">")]
    Greater,
}

impl Relation {
    /// Whether the relation holds between numbers that compare as `order`.
    pub fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::Different => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::Greater => order.is_gt(),
        }
    }

    /// The relation that holds exactly where this one does not.
    pub fn negated(self) -> Self {
        match self {
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::Greater,
            Self::Equal => Self::Different,
            Self::Different => Self::Equal,
            Self::AtLeast => Self::Less,
            Self::Greater => Self::AtMost,
        }
    }

    /// How many of `[below, at, above]` the relation admits.
    pub fn select(self, counts: [usize; 3]) -> usize {
        let orders = [Ordering::Less, Ordering::Equal, Ordering::Greater];
        let admitted = orders
            .into_iter()
            .zip(counts)
            .filter(|(o, _)| self.admits(*o));
        admitted.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::Different => "!=",
            Self::AtLeast => ">=",
            Self::Greater => ">",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_vs_admits() {
        use Relation::*;
        for relation in [Less, AtMost, Equal, Different, AtLeast, Greater] {
            for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
                assert_ne!(relation.admits(order), relation.negated().admits(order));
            }
            assert_eq!(relation.negated().negated(), relation);
        }
    }
}
