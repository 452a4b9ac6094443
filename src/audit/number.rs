//! Numbers as the audit reports them: exactly where that is short, in decimal always, and with the
//! arithmetic that produced them.

use crate::scalar::{Ball, Radical, Rational};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// Significant digits of the decimal bounds.
pub const DIGITS: usize = 20;
/// Exact numbers longer than this are given by their bounds alone.
const SHORT: usize = 60;
/// Bits behind the decimal bounds of an exact number.
const BITS: u32 = 128;

/// What produced a number. Its text, in JSON as well: `exact rational`, `exact radical`,
/// `enclosure of 256 bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Arithmetic {
    /// Integers and powers of two, no rounding.
    ExactRational,
    /// Rationals and roots of them, no rounding.
    ExactRadical,
    /// Intervals whose ends are rounded outward.
    Enclosure {
        /// The precision of the ends.
        bits: u32,
    },
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExactRational => f.write_str("exact rational"),
            Self::ExactRadical => f.write_str("exact radical"),
            Self::Enclosure { bits } => write!(f, "enclosure of {bits} bits"),
        }
    }
}

impl From<Arithmetic> for String {
    fn from(arithmetic: Arithmetic) -> Self {
        arithmetic.to_string()
    }
}

impl TryFrom<String> for Arithmetic {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bits = || text.strip_prefix("enclosure of ")?.strip_suffix(" bits");
        match text.as_str() {
            "exact rational" => Ok(Self::ExactRational),
            "exact radical" => Ok(Self::ExactRadical),
            _ => match bits().map(str::parse) {
                Some(Ok(bits)) => Ok(Self::Enclosure { bits }),
                _ => Err(format!("no arithmetic is called {text:?}")),
            },
        }
    }
}

/// A real number between two decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// The number itself, such as `89/4` or `4*31^(1/2)`, where it is known and short; enclosures know it
    /// when their ends meet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exact: Option<String>,
    /// A decimal at most the number, of [`DIGITS`] digits; `-inf` where nothing is known.
    pub lo: String,
    /// A decimal at least the number; `inf` where nothing is known.
    pub hi: String,
    /// What produced it.
    pub arithmetic: Arithmetic,
}

impl Number {
    /// Somewhere between the bounds, for plots; NaN if they are no finite numbers.
    pub fn approximate(&self) -> f64 {
        let end = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
        let mid = end(&self.lo) / 2.0 + end(&self.hi) / 2.0;
        if mid.is_finite() { mid } else { f64::NAN }
    }

    /// The number itself if it has at most 12 characters, else about 6 digits: for tables.
    pub fn brief(&self) -> String {
        match &self.exact {
            Some(exact) if exact.len() <= 12 => exact.clone(),
            _ => format!("{:.6}", self.approximate()),
        }
    }

    fn new(exact: Option<String>, ball: &Ball, arithmetic: Arithmetic) -> Self {
        let [lo, hi] = ball.decimals(DIGITS);
        Self {
            exact: exact.filter(|text| text.len() <= SHORT),
            lo,
            hi,
            arithmetic,
        }
    }
}

impl From<&Rational> for Number {
    fn from(x: &Rational) -> Self {
        let ball = Ball::from_rational(x, BITS);
        Self::new(Some(x.to_string()), &ball, Arithmetic::ExactRational)
    }
}

impl From<&Radical> for Number {
    fn from(x: &Radical) -> Self {
        match x.as_rational() {
            Some(x) => Self::from(&x),
            None => {
                let (lo, hi) = x.enclose(BITS);
                let ball = Ball::from_bounds(lo, hi);
                Self::new(Some(x.to_string()), &ball, Arithmetic::ExactRadical)
            }
        }
    }
}

impl From<&Ball> for Number {
    fn from(x: &Ball) -> Self {
        let point = x.width().is_zero().then(|| x.lo().to_rational());
        let exact = point.flatten().map(|x| x.to_string());
        Self::new(exact, x, Arithmetic::Enclosure { bits: x.bits() })
    }
}

/// The number itself, or `[lo, hi]`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.exact {
            Some(exact) => f.write_str(exact),
            None => write!(f, "[{}, {}]", self.lo, self.hi),
        }
    }
}

/// The sign of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Below 0.
    Negative,
    /// Exactly 0.
    Zero,
    /// Above 0.
    Positive,
    /// Neither the enclosures nor an exact way of affordable size tell.
    Undecided,
}

impl From<Option<Ordering>> for Sign {
    fn from(order: Option<Ordering>) -> Self {
        match order {
            Some(Ordering::Less) => Self::Negative,
            Some(Ordering::Equal) => Self::Zero,
            Some(Ordering::Greater) => Self::Positive,
            None => Self::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_side() {
        let third = Number::from(&Rational::from((-1, 3)));
        assert_eq!(third.exact.as_deref(), Some("-1/3"));
        assert_eq!(third.lo, "-0.33333333333333333334");
        assert_eq!(third.hi, "-0.33333333333333333333");
        let long = Rational::from((1, 3)) >> 300;
        let long = Number::from(&long);
        assert_eq!(long.exact, None);
        assert_eq!(long.arithmetic, Arithmetic::ExactRational);
        assert!(long.approximate() > 0.0);
        let root: Radical = "4*sqrt(31)".parse().unwrap();
        let root = Number::from(&root);
        assert_eq!(root.exact.as_deref(), Some("4*31^(1/2)"));
        assert!(root.lo.starts_with("22.2710574513") && root.lo < root.hi);
        assert!(Number::from(&Ball::whole(64)).approximate().is_nan());
    }

    #[test]
    fn arithmetic_as_text() {
        for arithmetic in [
            Arithmetic::ExactRational,
            Arithmetic::ExactRadical,
            Arithmetic::Enclosure { bits: 256 },
        ] {
            let text = serde_json::to_string(&arithmetic).unwrap();
            assert_eq!(
                serde_json::from_str::<Arithmetic>(&text).unwrap(),
                arithmetic
            );
        }
        assert!(serde_json::from_str::<Arithmetic>("\"enclosure of x bits\"").is_err());
        assert!(serde_json::from_str::<Arithmetic>("\"f32\"").is_err());
    }
}
