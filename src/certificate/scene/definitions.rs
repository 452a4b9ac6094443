//! Definitions: names for expressions, `r = (d+1)^(1/4)` or `r[i] = sqrt(R[i])`, that later
//! expressions may use.

use super::Scene;
use crate::scalar::Radical;
use crate::scalar::text::Parser;
use crate::scalar::text::{Evaluator, Expression, Fault, Meter, ParseError, Scope, Trouble};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Between a message and the definition it is about.
const IN_DEFINITION: &str = ", in the definition of ";

/// A value by name and indices.
type Memo = RefCell<BTreeMap<(String, Vec<i64>), Result<Radical, Fault>>>;

/// Definitions by name.
#[derive(Default)]
pub struct Definitions {
    by_name: BTreeMap<String, (Vec<String>, Expression)>,
    known: Memo,
}

impl Definitions {
    /// Reads the head of a definition: `name` or `name[i, k]`, the indices distinct names.
    ///
    /// # Errors
    /// What is not such a head, and where.
    pub fn head(text: &str) -> Result<(String, Vec<String>), ParseError> {
        let mut parser = Parser::new(text)?;
        let name = parser.name()?;
        let mut indices: Vec<String> = Vec::new();
        if parser.eat("[") {
            loop {
                let position = parser.position();
                let index = parser.name()?;
                if indices.contains(&index) {
                    let message = format!("the index {index} stands twice");
                    return Err(ParseError::new(Trouble::Syntax, position, message));
                }
                indices.push(index);
                if !parser.eat(",") {
                    break;
                }
            }
            parser.expect("]", "',' or ']'")?;
        }
        parser.end()?;
        Ok((name, indices))
    }

    /// Adds a definition; false if the name is taken.
    pub fn add(&mut self, name: String, indices: Vec<String>, body: Expression) -> bool {
        let free = !self.by_name.contains_key(&name);
        if free {
            self.by_name.insert(name, (indices, body));
        }
        free
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.by_name.keys()
    }

    /// The names that `expression` uses, defined or not, in itself or through definitions.
    pub fn used_by(&self, expression: &Expression, used: &mut BTreeSet<String>) {
        let mut bodies = vec![expression]; // no recursion: the chain may be long
        while let Some(body) = bodies.pop() {
            body.each_name(&mut |name| {
                if used.insert(name.into()) {
                    bodies.extend(self.by_name.get(name).map(|(_, body)| body));
                }
            });
        }
    }

    /// Whether a name without indices is defined by itself, so that it has no value.
    pub fn is_circular(&self, name: &str) -> bool {
        let mut used = BTreeSet::new();
        match self.by_name.get(name) {
            Some((indices, body)) if indices.is_empty() => self.used_by(body, &mut used),
            _ => {}
        }
        used.contains(name)
    }

    /// The value of a defined name; `None` if it is not defined. Each is computed once.
    pub fn value(
        &self,
        scope: &dyn Scope,
        name: &str,
        indices: &[i64],
        meter: &Meter,
    ) -> Option<Result<Radical, Fault>> {
        let (names, body) = self.by_name.get(name)?;
        if names.len() != indices.len() {
            let message = match names.len() {
                0 => format!("{name} has no index"),
                _ => format!("write {name}[{}]", names.join(", ")),
            };
            return Some(Err(Fault::new(Trouble::Name, message)));
        }
        let key = (name.to_owned(), indices.to_vec());
        if let Some(known) = self.known.borrow().get(&key) {
            return Some(known.clone());
        }
        let bound: Vec<(&str, i64)> = names
            .iter()
            .map(String::as_str)
            .zip(indices.iter().copied())
            .collect();
        let value = meter.nested(|| {
            let value = Evaluator::new(scope, meter, &bound).value(body);
            // the innermost definition is the one to look at
            value.map_err(
                |ParseError {
                     trouble, message, ..
                 }| {
                    if message.contains(IN_DEFINITION) {
                        return Fault::new(trouble, message);
                    }
                    Fault::new(trouble, format!("{message}{IN_DEFINITION}{name}"))
                },
            )
        });
        self.known.borrow_mut().insert(key, value.clone());
        Some(value)
    }
}

impl Scene {
    /// Adds a definition from its texts; `head` is `name` or `name[i, k]`.
    ///
    /// # Errors
    /// What cannot be read, or a name given twice.
    pub fn define(&mut self, head: &str, body: &str) -> Result<(), ParseError> {
        let (name, indices) = Definitions::head(head)?;
        let body = Expression::parse(body)?;
        if self.parameters.contains_key(&name) || !self.definitions.add(name, indices, body) {
            let message = format!("{head} is given twice");
            return Err(ParseError::new(Trouble::Name, 0, message));
        }
        Ok(())
    }
}

/// The text of a table, `if(index = 1, first, index = 2, second)`: it has no value beyond its end.
pub fn table(index: &str, entries: impl IntoIterator<Item = String>) -> String {
    let branch = |(place, entry): (usize, String)| format!("{index} = {}, {entry}", place + 1);
    let branches: Vec<String> = entries.into_iter().enumerate().map(branch).collect();
    format!("if({})", branches.join(", "))
}
