//! Radicals as text: an exact expression such as `3/2*31^(1/4) + 5`, which
//! [`text::parse`](crate::scalar::text::parse) reads back to the same value (within that
//! parser's limits), in serde as well. Tied to the test `parse_vs_display`.

use super::{Monomial, Radical, Term};
use crate::scalar::text;
use rug::Rational;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

impl fmt::Display for Radical {
    /// Roots first, the rational term last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut terms = self.terms().iter().rev();
        let Some(first) = terms.next() else {
            return f.write_str("0");
        };
        if first.coefficient.cmp0().is_lt() {
            f.write_str("-")?;
        }
        write_size(first, f)?;
        for term in terms {
            f.write_str(if term.coefficient.cmp0().is_lt() {
                " - "
            } else {
                " + "
            })?;
            write_size(term, f)?;
        }
        Ok(())
    }
}

/// The term without its sign.
fn write_size(term: &Term, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let size = Rational::from(term.coefficient.abs_ref());
    if term.monomial.is_one() {
        return write!(f, "{size}");
    }
    if size != 1 {
        write!(f, "{size}*")?;
    }
    write!(f, "{}", term.monomial)
}

impl fmt::Display for Monomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_one() {
            return f.write_str("1");
        }
        for (i, factor) in self.factors().iter().enumerate() {
            let times = if i == 0 { "" } else { "*" };
            write!(f, "{times}{}^({})", factor.base(), factor.exponent())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Radical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Radical {
    type Err = text::ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        text::parse(s)
    }
}

impl Serialize for Radical {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Radical {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
