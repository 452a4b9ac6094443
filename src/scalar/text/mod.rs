//! Exact expressions as text: `3/2*31^(1/4) + 5`, `sqrt(d+1)/n` with named values.
//!
//! ```text
//! sum      = product (("+" | "-") product)*
//! product  = factor (("*" | "/") factor)*
//! factor   = "-" factor | power
//! power    = atom ("^" exponent)?
//! exponent = "-" exponent | power          a rational value
//! atom     = integer | name | "sqrt" "(" sum ")" | "(" sum ")"
//! ```
//!
//! Decimals are refused: they look exact and rarely are. The value is exact, computed as it is read;
//! limits on length, depth, digits, exponents, size and work keep any input short of a panic or a
//! hang. Values keep to the same limits on digits and exponents, so that they print as text that can
//! be read again. Tied to the tests `parse_vs_display` and `garbage_is_refused_politely`.

#[cfg(test)]
mod tests;

use super::radical::{Radical, Term};
use super::{Field, NoValue, Real, Ring};
use rug::Integer;
use std::collections::BTreeMap;
use std::fmt::Display;

/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 100_000;
/// Deepest nesting of parentheses, signs and exponents.
pub const MAX_DEPTH: usize = 64;
/// Longest integer, in decimal digits.
pub const MAX_DIGITS: usize = 10_000;
/// Largest numerator and denominator of an exponent.
pub const MAX_EXPONENT: u32 = 1000;
/// Largest integer of an intermediate value, in bits: `10^MAX_DIGITS` has one more.
const MAX_BITS: u32 = 33_219;
/// Work allowed for one expression, in machine words touched.
const MAX_WORK: u64 = 2_000_000;

/// Why an expression was not read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {}", position + 1)]
pub struct ParseError {
    /// Byte offset into the expression.
    pub position: usize,
    /// One sentence without its full stop.
    pub message: String,
}

/// The value of an expression without names.
pub fn parse(expression: &str) -> Result<Radical, ParseError> {
    parse_with(expression, &BTreeMap::new())
}

/// The value of an expression with names.
///
/// A name is a letter or `_` followed by letters, digits or `_`, other than `sqrt`.
pub fn parse_with(
    expression: &str,
    names: &BTreeMap<String, Radical>,
) -> Result<Radical, ParseError> {
    let mut parser = Parser {
        text: expression.as_bytes(),
        position: 0,
        depth: 0,
        work: 0,
        names,
    };
    if expression.len() > MAX_LENGTH {
        return Err(parser.error(format!(
            "an expression is longer than {MAX_LENGTH} characters"
        )));
    }
    let value = parser.sum()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a [u8],
    position: usize,
    depth: usize,
    work: u64,
    names: &'a BTreeMap<String, Radical>,
}

type Parsed<T> = Result<T, ParseError>;

impl Parser<'_> {
    fn error(&self, message: impl Display) -> ParseError {
        ParseError {
            position: self.position,
            message: message.to_string(),
        }
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        match self.text.get(self.position) {
            None => self.error(format!("the expression ends where {wanted} should be")),
            Some(b'.') => self.error("a decimal point is not exact: write p/q"),
            Some(c) if c.is_ascii_graphic() => {
                self.error(format!("'{}' where {wanted} should be", *c as char))
            }
            Some(_) => self.error(format!("an unknown character where {wanted} should be")),
        }
    }

    /// The next byte that is not a space.
    fn peek(&mut self) -> Option<u8> {
        let blank = self.text[self.position..]
            .iter()
            .take_while(|c| c.is_ascii_whitespace());
        self.position += blank.count();
        self.text.get(self.position).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    fn take_while(&mut self, keep: impl Fn(&u8) -> bool) -> &str {
        let rest = &self.text[self.position..];
        let taken = &rest[..rest.iter().take_while(|c| keep(c)).count()];
        self.position += taken.len();
        std::str::from_utf8(taken).unwrap_or_default() // ASCII by the callers' `keep`
    }

    /// One level deeper; every recursion passes here.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("nesting deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn sum(&mut self) -> Parsed<Radical> {
        let mut total = self.product()?;
        loop {
            let negative = match self.peek() {
                Some(b'+') => false,
                Some(b'-') => true,
                _ => return Ok(total),
            };
            self.position += 1;
            let next = self.product()?;
            self.charge(words(&total) + words(&next) + refinement(&total, &next))?;
            total = if negative {
                Ring::sub(&total, &next)
            } else {
                Ring::add(&total, &next)
            };
            self.check_size(&total)?;
        }
    }

    fn product(&mut self) -> Parsed<Radical> {
        let mut value = self.factor()?;
        loop {
            let divide = match self.peek() {
                Some(b'*') => false,
                Some(b'/') => true,
                _ => return Ok(value),
            };
            self.position += 1;
            let start = self.position;
            let mut next = self.factor()?;
            if divide {
                next = self.inverse(&next, start)?;
            }
            value = self.times(&value, &next)?;
        }
    }

    fn factor(&mut self) -> Parsed<Radical> {
        if self.eat(b'-') {
            return Ok(Ring::neg(&self.nested(Self::factor)?));
        }
        self.power()
    }

    fn power(&mut self) -> Parsed<Radical> {
        let base = self.atom()?;
        if !self.eat(b'^') {
            return Ok(base);
        }
        let start = self.position;
        let exponent = self.nested(Self::exponent)?;
        self.raise(&base, &exponent).map_err(|e| ParseError {
            position: start,
            ..e
        })
    }

    fn exponent(&mut self) -> Parsed<Radical> {
        if self.eat(b'-') {
            return Ok(Ring::neg(&self.nested(Self::exponent)?));
        }
        self.power()
    }

    fn atom(&mut self) -> Parsed<Radical> {
        match self.peek() {
            Some(b'0'..=b'9') => self.integer(),
            Some(b'(') => self.parenthesis(),
            Some(c) if is_letter(&c) => self.name(),
            _ => Err(self.unexpected("a number, a name or '('")),
        }
    }

    fn parenthesis(&mut self) -> Parsed<Radical> {
        if !self.eat(b'(') {
            return Err(self.unexpected("'('"));
        }
        let value = self.nested(Self::sum)?;
        if !self.eat(b')') {
            return Err(self.unexpected("an operator or ')'"));
        }
        Ok(value)
    }

    fn integer(&mut self) -> Parsed<Radical> {
        let start = self.position;
        let digits = self.take_while(u8::is_ascii_digit);
        if digits.len() > MAX_DIGITS {
            let message = format!("an integer of more than {MAX_DIGITS} digits");
            return Err(ParseError {
                position: start,
                message,
            });
        }
        let value = digits.parse::<Integer>();
        value.map(Radical::from).map_err(|e| ParseError {
            position: start,
            message: e.to_string(),
        })
    }

    fn name(&mut self) -> Parsed<Radical> {
        let start = self.position;
        let name = self
            .take_while(|c| is_letter(c) || c.is_ascii_digit())
            .to_owned();
        if name == "sqrt" {
            let value = self.parenthesis()?;
            return self.root(&value, 2).map_err(|e| ParseError {
                position: start,
                ..e
            });
        }
        self.names.get(&name).cloned().ok_or_else(|| {
            let known: Vec<&str> = self.names.keys().map(String::as_str).collect();
            let known = if known.is_empty() {
                "none".into()
            } else {
                known.join(", ")
            };
            let message = format!("unknown name \"{name}\" (known: {known})");
            ParseError {
                position: start,
                message,
            }
        })
    }

    fn times(&mut self, a: &Radical, b: &Radical) -> Parsed<Radical> {
        let (terms_a, terms_b) = (a.terms().len() as u64, b.terms().len() as u64);
        self.charge(terms_a * words(b) + terms_b * words(a) + refinement(a, b))?;
        let value = Ring::mul(a, b);
        self.check_size(&value)?;
        Ok(value)
    }

    fn inverse(&mut self, value: &Radical, start: usize) -> Parsed<Radical> {
        let is_sum = value.terms().len() > 1;
        self.charge(if is_sum { MAX_WORK / 8 } else { words(value) })?;
        value.inv().map_err(|e| ParseError {
            position: start,
            message: sentence(e),
        })
    }

    fn root(&mut self, value: &Radical, k: u32) -> Parsed<Radical> {
        self.charge(64 * words(value))?;
        let root = value.root(k).map_err(|e| self.error(sentence(e)))?;
        self.check_size(&root)?;
        Ok(root)
    }

    /// `base^exponent` for a rational exponent: root first, then power, then inverse.
    fn raise(&mut self, base: &Radical, exponent: &Radical) -> Parsed<Radical> {
        let Some(exponent) = exponent.as_rational() else {
            return Err(self.error("an exponent is not rational"));
        };
        let part = |n: &Integer| n.clone().abs().to_u32().filter(|n| *n <= MAX_EXPONENT);
        let (Some(power), Some(root)) = (part(exponent.numer()), part(exponent.denom())) else {
            let message = format!("an exponent p/q with |p| or q above {MAX_EXPONENT}");
            return Err(self.error(message));
        };
        let value = if root == 1 {
            base.clone()
        } else {
            self.root(base, root)?
        };
        if u64::from(largest_bits(&value)) * u64::from(power) > u64::from(MAX_BITS) {
            return Err(self.error("an exponent makes the value too large"));
        }
        let mut result = Radical::one();
        for bit in (0..u32::BITS - power.leading_zeros()).rev() {
            result = self.times(&result, &result)?;
            if power >> bit & 1 == 1 {
                result = self.times(&result, &value)?;
            }
        }
        if exponent.cmp0().is_lt() {
            self.inverse(&result, self.position)
        } else {
            Ok(result)
        }
    }

    fn charge(&mut self, words: u64) -> Parsed<()> {
        self.work += words;
        if self.work > MAX_WORK {
            return Err(self.error("the expression takes too much work to evaluate exactly"));
        }
        Ok(())
    }

    fn check_size(&self, value: &Radical) -> Parsed<()> {
        if largest_bits(value) > MAX_BITS {
            return Err(self.error("an intermediate value is too large"));
        }
        let factors = value.terms().iter().flat_map(|t| t.monomial().factors());
        if factors
            .into_iter()
            .any(|f| *f.exponent().denom() > MAX_EXPONENT)
        {
            return Err(self.error(format!("a root of degree above {MAX_EXPONENT}")));
        }
        Ok(())
    }
}

fn is_letter(c: &u8) -> bool {
    c.is_ascii_alphabetic() || *c == b'_'
}

fn sentence(e: NoValue) -> String {
    match e {
        NoValue::Undecided(e) => e.0.to_string(),
        NoValue::Undefined(why) => format!("{why} is undefined"),
    }
}

fn integers(term: &Term) -> impl Iterator<Item = &Integer> {
    let (p, q) = (term.coefficient().numer(), term.coefficient().denom());
    [p, q]
        .into_iter()
        .chain(term.monomial().factors().iter().map(|f| f.base()))
}

/// Bits of the largest integer in the normal form.
fn largest_bits(value: &Radical) -> u32 {
    let all = value.terms().iter().flat_map(integers);
    all.map(|n| n.significant_bits()).max().unwrap_or(0)
}

/// Machine words of all terms.
fn words(value: &Radical) -> u64 {
    let all = value.terms().iter().flat_map(integers);
    1 + all
        .map(|n| u64::from(n.significant_bits()) / 64 + 1)
        .sum::<u64>()
}

/// Work of a coprime base for integers that trial division did not split.
fn refinement(a: &Radical, b: &Radical) -> u64 {
    let (large_a, large_b) = (a.large_bases().len() as u64, b.large_bases().len() as u64);
    if large_a * large_b == 0 {
        0
    } else {
        (large_a + large_b).pow(2) / 4
    }
}
