//! What gives names their meaning, and what keeps evaluation within its limits.

use super::syntax::Expression;
use super::{Evaluator, MAX_DEPTH, MAX_WORK, ParseError, Trouble};
use crate::scalar::NoValue;
use crate::scalar::radical::Radical;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Where the names of an expression get their meaning.
pub trait Scope {
    /// The value of `name` or `name[indices]`; `None` if there is no such name.
    fn value(&self, name: &str, indices: &[i64], meter: &Meter) -> Option<Result<Radical, Fault>>;

    /// The first and last value of an index that is bound without a range.
    fn range(&self, _index: &str) -> Option<(i64, i64)> {
        None
    }

    /// A function other than the built-in ones; `None` if there is no such function.
    fn call(
        &self,
        _function: &str,
        _arguments: &[Expression],
        _evaluator: &mut Evaluator,
    ) -> Option<Result<Radical, Fault>> {
        None
    }

    /// The names there are, for the message about one that is not.
    fn known(&self) -> Vec<String>;

    /// The name that a slip was meant to be.
    fn nearest<'n>(&self, _slip: &str, _names: Vec<&'n str>) -> Option<&'n str> {
        None
    }

    /// Why a name of the language has no value here: how it is written, or what is missing.
    fn why_not(&self, _name: &str) -> Option<String> {
        None
    }
}

/// Names with values, without indices.
impl Scope for BTreeMap<String, Radical> {
    fn value(&self, name: &str, indices: &[i64], _meter: &Meter) -> Option<Result<Radical, Fault>> {
        self.get(name)
            .filter(|_| indices.is_empty())
            .map(|value| Ok(value.clone()))
    }
    fn known(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

/// Why a name or a function of a [`Scope`] has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// Which kind of trouble.
    pub trouble: Trouble,
    /// One sentence without its full stop.
    pub message: String,
    /// Byte offset into the expression, if it is about a part of it.
    pub position: Option<usize>,
}

impl Fault {
    /// A fault.
    pub fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            trouble,
            message,
            position: None,
        }
    }
}

impl From<NoValue> for Fault {
    fn from(no: NoValue) -> Self {
        match no {
            NoValue::Undecided(no) => Self::new(Trouble::Undecided, no.0),
            NoValue::Undefined(why) => Self::new(Trouble::Undefined, format!("{why} is undefined")),
        }
    }
}

impl From<ParseError> for Fault {
    fn from(error: ParseError) -> Self {
        Self {
            position: Some(error.position),
            ..Self::new(error.trouble, error.message)
        }
    }
}

/// Counts work, in machine words touched, down to 0.
#[derive(Debug)]
pub struct Meter {
    left: Cell<u64>,
    depth: Cell<usize>,
}

impl Meter {
    /// Allows so much work.
    pub fn new(work: u64) -> Self {
        Self {
            left: Cell::new(work),
            depth: Cell::new(0),
        }
    }

    pub(super) fn charge(&self, work: u64) -> Result<(), Fault> {
        let left = self.left.get().checked_sub(work);
        self.left.set(left.unwrap_or(0));
        let fault = || {
            let message = "the expression takes too much work to evaluate exactly";
            Fault::new(Trouble::Limit, message)
        };
        left.map(|_| ()).ok_or_else(fault)
    }

    /// One definition deeper: definitions may use one another, but not for ever.
    pub fn nested<T>(&self, evaluate: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth.get() == MAX_DEPTH {
            let message = format!("definitions that use one another deeper than {MAX_DEPTH}");
            return Err(Fault::new(Trouble::Limit, message));
        }
        self.depth.set(self.depth.get() + 1);
        let value = evaluate();
        self.depth.set(self.depth.get() - 1);
        value
    }
}

impl Default for Meter {
    /// What one expression is allowed.
    fn default() -> Self {
        Self::new(MAX_WORK)
    }
}
