//! Exact expressions as text: `3/2*31^(1/4) + 5`, `sqrt(d+1)/n`, `sum(k: W1[j,k]^2)`.
//!
//! ```text
//! sum       = product (("+" | "-") product)*
//! product   = factor (("*" | "/") factor)*
//! factor    = "-" factor | power
//! power     = atom ("^" exponent)?
//! exponent  = "-" exponent | power                         a rational value
//! atom      = integer | "(" sum ")" | name | name "[" list "]" | function "(" list ")"
//!           | "if" "(" condition "," sum ("," condition "," sum)* ("," sum)? ")"
//!           | ("sum" | "max" | "min") "(" index ("=" sum ".." sum)? ":" sum ")"
//! condition = comparison ("and" comparison)*
//! comparison = sum ("<" | "<=" | "=" | "!=" | ">=" | ">") sum
//! ```
//!
//! Functions are those of [`FUNCTIONS`] and those of the [`Scope`], which also gives names their
//! values; [`syntax`] reads, [`mod@evaluate`] computes. Decimals are refused: they look exact and rarely
//! are. The value is exact; limits on length, depth, digits, exponents, size and work keep any input
//! short of a panic or a hang. Values keep to the same limits on digits and exponents, so that they
//! print as text that can be read again. Tied to the tests `parse_vs_display` and
//! `garbage_is_refused_politely`.

pub mod evaluate;
pub mod parser;
pub mod scope;
pub mod syntax;
#[cfg(test)]
mod tests;

pub use evaluate::{Evaluator, FUNCTIONS, no_range};
pub use parser::Parser;
pub use scope::{Fault, Meter, Scope};
pub use syntax::Expression;

use super::radical::Radical;
use std::collections::BTreeMap;

/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 100_000;
/// Deepest nesting of parentheses, signs and exponents, and of definitions.
pub const MAX_DEPTH: usize = 64;
/// Longest integer, in decimal digits.
pub const MAX_DIGITS: usize = 10_000;
/// Largest numerator and denominator of an exponent.
pub const MAX_EXPONENT: u32 = 1000;
/// The most values of an index.
pub const MAX_VALUES: i64 = 100_000;
/// Largest integer of an intermediate value, in bits: `10^MAX_DIGITS` has one more.
const MAX_BITS: u32 = 33_219;
/// Work allowed for one expression, in machine words touched.
const MAX_WORK: u64 = 2_000_000;

/// Why an expression has no value, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {}", position + 1)]
pub struct ParseError {
    /// Which kind of trouble.
    pub trouble: Trouble,
    /// Byte offset into the expression.
    pub position: usize,
    /// One sentence without its full stop.
    pub message: String,
}

impl ParseError {
    /// An error.
    pub fn new(trouble: Trouble, position: usize, message: String) -> Self {
        Self {
            trouble,
            position,
            message,
        }
    }
}

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not an expression.
    Syntax,
    /// An unknown name, an index out of its range, wrong arguments.
    Name,
    /// Past a stated limit.
    Limit,
    /// There is no such number: a division by zero, a derivative at a kink.
    Undefined,
    /// The number type could not tell.
    Undecided,
}

/// The value of an expression without names.
pub fn parse(expression: &str) -> Result<Radical, ParseError> {
    parse_with(expression, &BTreeMap::new())
}

/// The value of an expression with names.
///
/// A name is a letter or `_` followed by letters, digits or `_`.
pub fn parse_with(
    expression: &str,
    names: &BTreeMap<String, Radical>,
) -> Result<Radical, ParseError> {
    evaluate(expression, names)
}

/// The value of an expression over any scope, by itself within the limits.
pub fn evaluate(expression: &str, scope: &dyn Scope) -> Result<Radical, ParseError> {
    let tree = Expression::parse(expression)?;
    Evaluator::new(scope, &Meter::default(), &[]).value(&tree)
}
