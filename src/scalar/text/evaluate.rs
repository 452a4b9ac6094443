//! From a syntax tree to its exact value, within limits.

use super::scope::{Fault, Meter, Scope};
use super::syntax::{Comparison, Condition, Expression, Fold, Node};
use super::{MAX_BITS, MAX_EXPONENT, MAX_VALUES, MAX_WORK, ParseError, Trouble};
use crate::scalar::radical::{Radical, Term};
use crate::scalar::{Field, NoValue, Ordered, Real, Ring};
use rug::Integer;
use std::cmp::Ordering;

/// What evaluating gives.
pub type Evaluated<T> = Result<T, ParseError>;

/// Evaluates expressions over a scope, with values for the indices that are bound.
pub struct Evaluator<'a> {
    scope: &'a dyn Scope,
    meter: &'a Meter,
    bound: Vec<(&'a str, i64)>,
}

impl<'a> Evaluator<'a> {
    /// Over `scope`, with values for the indices `bound`.
    pub fn new(scope: &'a dyn Scope, meter: &'a Meter, bound: &[(&'a str, i64)]) -> Self {
        Self {
            scope,
            meter,
            bound: bound.to_vec(),
        }
    }

    /// The exact value.
    pub fn value(&mut self, expression: &Expression) -> Evaluated<Radical> {
        let at = |fault: Fault| fault.at(expression.position);
        self.meter.charge(1).map_err(at)?;
        match &expression.node {
            Node::Integer(n) => Ok(Radical::from(n.clone())),
            Node::Name(name, indices) => self.named(expression.position, name, indices),
            Node::Call(function, arguments) => {
                self.called(expression.position, function, arguments)
            }
            Node::If(branches, otherwise) => {
                for (condition, value) in branches {
                    if self.holds(condition)? {
                        return self.value(value);
                    }
                }
                let otherwise = otherwise.as_ref().ok_or_else(|| {
                    let message = "no condition of this if holds and it has no last value";
                    at(Fault::new(Trouble::Undefined, message))
                })?;
                self.value(otherwise)
            }
            Node::Over {
                fold,
                index,
                range,
                body,
            } => self.over(expression.position, *fold, index, range.as_deref(), body),
            Node::Negative(inner) => Ok(Ring::neg(&self.value(inner)?)),
            Node::Sum(items) => self.sum(items),
            Node::Product(items) => self.product(items),
            Node::Power(base, exponent) => {
                let (base, exponent) = (self.value(base)?, self.value(exponent)?);
                self.raise(&base, &exponent).map_err(at)
            }
        }
    }

    /// The value as an integer that fits an index.
    pub fn integer(&mut self, expression: &Expression) -> Evaluated<i64> {
        let value = self.value(expression)?;
        let whole = value.as_rational().filter(|q| *q.denom() == 1);
        whole.and_then(|q| q.numer().to_i64()).ok_or_else(|| {
            let message = format!("{} is not an integer of a usable size", short(&value));
            ParseError::new(Trouble::Name, expression.position, message)
        })
    }

    /// Whether every comparison holds.
    pub fn holds(&mut self, condition: &Condition) -> Evaluated<bool> {
        for comparison in &condition.0 {
            if !self.compares(comparison)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn compares(&mut self, comparison: &Comparison) -> Evaluated<bool> {
        let (left, right) = (
            self.value(&comparison.left)?,
            self.value(&comparison.right)?,
        );
        let work = words(&left) + words(&right) + refinement(&left, &right);
        let order = self
            .meter
            .charge(work)
            .and_then(|()| compare(&left, &right));
        let order = order.map_err(|fault| fault.at(comparison.left.position))?;
        Ok(comparison.is.admits(order))
    }

    fn named(&mut self, position: usize, name: &str, indices: &[Expression]) -> Evaluated<Radical> {
        let bound = self.bound.iter().rev().find(|(index, _)| *index == name);
        if let (Some((_, value)), []) = (bound, indices) {
            return Ok(Radical::from_int(*value));
        }
        let indices: Vec<i64> = indices
            .iter()
            .map(|index| self.integer(index))
            .collect::<Result<_, _>>()?;
        match self.scope.value(name, &indices, self.meter) {
            Some(value) => value.map_err(|fault| fault.at(position)),
            None => Err(self.unknown(position, "name", name)),
        }
    }

    fn unknown(&self, position: usize, what: &str, name: &str) -> ParseError {
        let usage = FUNCTIONS.iter().find(|(known, _)| *known == name);
        let usage = usage.map(|(_, usage)| format!("write {usage}"));
        if let Some(why) = usage.or_else(|| self.scope.why_not(name)) {
            return ParseError::new(Trouble::Name, position, why);
        }
        let mut known = self.scope.known();
        known.extend(self.bound.iter().map(|(index, _)| index.to_string()));
        let functions = FUNCTIONS.iter().map(|(name, _)| *name);
        let near = known.iter().map(String::as_str).chain(functions);
        let hint = match self.scope.nearest(name, near.collect()) {
            Some(near) => format!("; did you mean \"{near}\"?"),
            None => String::new(),
        };
        let known = if known.is_empty() {
            "none".into()
        } else {
            known.join(", ")
        };
        let message = format!("unknown {what} \"{name}\"{hint} (known: {known})");
        ParseError::new(Trouble::Name, position, message)
    }

    fn called(
        &mut self,
        position: usize,
        function: &str,
        arguments: &[Expression],
    ) -> Evaluated<Radical> {
        let at = |fault: Fault| fault.at(position);
        let own = |name: &str| FUNCTIONS.iter().any(|(known, _)| *known == name);
        if !own(function) {
            let scope = self.scope;
            return match scope.call(function, arguments, self) {
                Some(value) => value.map_err(at),
                None => Err(self.unknown(position, "function", function)),
            };
        }
        let values: Vec<Radical> = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect::<Result<_, _>>()?;
        self.built_in(function, &values).map_err(at)
    }

    fn built_in(&mut self, function: &str, values: &[Radical]) -> Result<Radical, Fault> {
        for value in values {
            self.meter.charge(words(value))?;
        }
        match (function, values) {
            ("sqrt", [a]) => self.root(a, 2),
            ("abs", [a]) => Ok(a.abs().map_err(NoValue::from)?),
            ("sign", [a]) => Ok(Radical::from_int(a.signum() as i64)),
            ("relu", [a]) => Ok(a.max(&Radical::zero()).clone()),
            ("max", [first, rest @ ..]) => extreme(first, rest, Ordering::Greater),
            ("min", [first, rest @ ..]) => extreme(first, rest, Ordering::Less),
            ("floor", [a]) => Ok(Radical::from_rational(rational(a)?.floor())),
            ("mod", [a, b]) => {
                let (a, b) = (rational(a)?, rational(b)?);
                if b.is_zero() {
                    return Err(NoValue::Undefined("division by zero").into());
                }
                let whole = rug::Rational::from(&a / &b).floor();
                Ok(Radical::from_rational(a - whole * b)) // a - b floor(a / b)
            }
            _ => {
                let usage = FUNCTIONS.iter().find(|(name, _)| *name == function);
                let usage = usage.map_or("", |(_, usage)| usage);
                Err(Fault::new(Trouble::Name, format!("write {usage}")))
            }
        }
    }

    fn over(
        &mut self,
        position: usize,
        fold: Fold,
        index: &str,
        range: Option<&(Expression, Expression)>,
        body: &Expression,
    ) -> Evaluated<Radical> {
        let (from, to) = match range {
            Some((from, to)) => (self.integer(from)?, self.integer(to)?),
            None => self
                .scope
                .range(index)
                .ok_or_else(|| ParseError::new(Trouble::Name, position, no_range(index)))?,
        };
        if to.saturating_sub(from) >= MAX_VALUES {
            let message = format!("{index} = {from}..{to} has more than {MAX_VALUES} values");
            return Err(ParseError::new(Trouble::Limit, position, message));
        }
        let mut total: Option<Radical> = None;
        let mut value = from;
        while value <= to {
            let charged = self.meter.charge(16); // what it takes to bind the index
            charged.map_err(|fault| fault.at(position))?;
            let next = self.with(index, value, body)?;
            total = Some(match (total, fold) {
                (None, _) => next,
                (Some(total), Fold::Sum) => self
                    .plus(&total, &next, false)
                    .map_err(|fault| fault.at(position))?,
                (Some(total), Fold::Max) => total.max(next),
                (Some(total), Fold::Min) => total.min(next),
            });
            value += 1;
        }
        match (total, fold) {
            (Some(total), _) => Ok(total),
            (None, Fold::Sum) => Ok(Radical::zero()),
            (None, _) => {
                let message = "the largest or least of no values is undefined";
                Err(ParseError::new(
                    Trouble::Undefined,
                    position,
                    message.into(),
                ))
            }
        }
    }

    /// The value of `body` at `index = value`; the index's name may live shorter than the others'.
    fn with(&self, index: &str, value: i64, body: &Expression) -> Evaluated<Radical> {
        let bound: Vec<(&str, i64)> = self.bound.iter().copied().chain([(index, value)]).collect();
        Evaluator::new(self.scope, self.meter, &bound).value(body)
    }

    fn sum(&mut self, items: &[(bool, Expression)]) -> Evaluated<Radical> {
        let mut total = Radical::zero();
        for (negative, item) in items {
            let next = self.value(item)?;
            let sum = self.plus(&total, &next, *negative);
            total = sum.map_err(|fault| fault.at(item.position))?;
        }
        Ok(total)
    }

    fn plus(&self, a: &Radical, b: &Radical, negative: bool) -> Result<Radical, Fault> {
        self.meter.charge(words(a) + words(b) + refinement(a, b))?;
        let sum = if negative {
            Ring::sub(a, b)
        } else {
            Ring::add(a, b)
        };
        check_size(&sum)?;
        Ok(sum)
    }

    fn product(&mut self, items: &[(bool, Expression)]) -> Evaluated<Radical> {
        let mut value = Radical::one();
        for (divide, item) in items {
            let at = |fault: Fault| fault.at(item.position);
            let mut next = self.value(item)?;
            if *divide {
                next = self.inverse(&next).map_err(at)?;
            }
            value = self.times(&value, &next).map_err(at)?;
        }
        Ok(value)
    }

    fn times(&self, a: &Radical, b: &Radical) -> Result<Radical, Fault> {
        let (terms_a, terms_b) = (a.terms().len() as u64, b.terms().len() as u64);
        let work = terms_a * words(b) + terms_b * words(a) + refinement(a, b);
        self.meter.charge(work)?;
        let value = Ring::mul(a, b);
        check_size(&value)?;
        Ok(value)
    }

    fn inverse(&self, value: &Radical) -> Result<Radical, Fault> {
        let is_sum = value.terms().len() > 1;
        self.meter
            .charge(if is_sum { MAX_WORK / 8 } else { words(value) })?;
        Ok(value.inv()?)
    }

    fn root(&self, value: &Radical, k: u32) -> Result<Radical, Fault> {
        self.meter.charge(64 * words(value))?;
        let root = value.root(k)?;
        check_size(&root)?;
        Ok(root)
    }

    /// `base^exponent` for a rational exponent: root first, then power, then inverse.
    fn raise(&self, base: &Radical, exponent: &Radical) -> Result<Radical, Fault> {
        let limit = |message: &str| Fault::new(Trouble::Limit, message);
        let exponent = exponent
            .as_rational()
            .ok_or_else(|| limit("an exponent is not rational"))?;
        let part = |n: &Integer| n.clone().abs().to_u32().filter(|n| *n <= MAX_EXPONENT);
        let (Some(power), Some(root)) = (part(exponent.numer()), part(exponent.denom())) else {
            let message = format!("an exponent p/q with |p| or q above {MAX_EXPONENT}");
            return Err(limit(&message));
        };
        let value = if root == 1 {
            base.clone()
        } else {
            self.root(base, root)?
        };
        if u64::from(largest_bits(&value)) * u64::from(power) > u64::from(MAX_BITS) {
            return Err(limit("an exponent makes the value too large"));
        }
        let mut result = Radical::one();
        for bit in (0..u32::BITS - power.leading_zeros()).rev() {
            result = self.times(&result, &result)?;
            if power >> bit & 1 == 1 {
                result = self.times(&result, &value)?;
            }
        }
        if exponent.cmp0().is_lt() {
            self.inverse(&result)
        } else {
            Ok(result)
        }
    }
}

/// The built-in functions and how they are written; the last two are read by the grammar.
pub const FUNCTIONS: &[(&str, &str)] = &[
    ("sqrt", "sqrt(a)"),
    ("abs", "abs(a)"),
    ("sign", "sign(a)"),
    ("relu", "relu(a)"),
    ("max", "max(a, b, ...) or max(i: a)"),
    ("min", "min(a, b, ...) or min(i: a)"),
    ("floor", "floor(a)"),
    ("mod", "mod(a, b)"),
    ("sum", "sum(i: a) or sum(i = 1..n: a)"),
    ("if", "if(condition, a, b)"),
];

impl Fault {
    /// As an error of the expression, at `position` unless it knows better.
    fn at(self, position: usize) -> ParseError {
        ParseError::new(
            self.trouble,
            self.position.unwrap_or(position),
            self.message,
        )
    }
}

/// The message about an index that stands for no set of values.
pub fn no_range(index: &str) -> String {
    format!("the index {index} has no range of its own, as i, j and k have: write {index} = 1..n")
}

fn compare(a: &Radical, b: &Radical) -> Result<Ordering, Fault> {
    Ok(a.compare(b).map_err(NoValue::from)?)
}

fn extreme(first: &Radical, rest: &[Radical], side: Ordering) -> Result<Radical, Fault> {
    rest.iter().try_fold(first.clone(), |best, next| {
        Ok(if compare(next, &best)? == side {
            next.clone()
        } else {
            best
        })
    })
}

fn rational(a: &Radical) -> Result<rug::Rational, Fault> {
    a.as_rational().ok_or_else(|| {
        let message = format!("{} is not rational", short(a));
        Fault::new(Trouble::Undecided, message)
    })
}

/// A value for a message.
fn short(value: &Radical) -> String {
    let text = value.to_string();
    if text.len() <= 40 {
        text
    } else {
        value.approx(8)
    }
}

fn check_size(value: &Radical) -> Result<(), Fault> {
    if largest_bits(value) > MAX_BITS {
        return Err(Fault::new(
            Trouble::Limit,
            "an intermediate value is too large",
        ));
    }
    let factors = value.terms().iter().flat_map(|t| t.monomial().factors());
    if factors
        .into_iter()
        .any(|f| *f.exponent().denom() > MAX_EXPONENT)
    {
        let message = format!("a root of degree above {MAX_EXPONENT}");
        return Err(Fault::new(Trouble::Limit, message));
    }
    Ok(())
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
