//! From TOML to formulas with places: line and column go with every value, so that an error names
//! both, and an unknown key its nearest neighbour.

use crate::io::suggest;
use crate::scalar::text::Parser;
use crate::scalar::text::{Expression, ParseError};
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where something stands, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// Whether a text starts here that stands in the file as it is, without escapes, so that one can
    /// point into it.
    verbatim: bool,
}

impl Place {
    /// The first character of a file.
    const START: Self = Self {
        line: 1,
        column: 1,
        verbatim: true,
    };

    /// The place behind `text`, which starts here.
    fn after(self, text: &str) -> Self {
        let last = text.rsplit('\n').next().unwrap_or_default();
        let lines = text.matches('\n').count();
        let before = if lines == 0 { self.column } else { 1 };
        Self {
            line: self.line + lines,
            column: before + last.chars().count(),
            verbatim: self.verbatim,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A case file that cannot be used: where, and one sentence that says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Misread {
    /// Where.
    pub place: Place,
    /// What is wrong and what to write.
    pub message: String,
}

impl Misread {
    /// An error at a place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { place, message }
    }
}

/// What reading gives.
pub type Read<T> = Result<T, Misread>;

/// An expression, its text and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    /// As written.
    pub text: String,
    /// Its tree.
    pub tree: Expression,
    /// Where it stands.
    pub place: Place,
}

impl Formula {
    fn parse(text: &str, place: Place) -> Read<Self> {
        let tree = Expression::parse(text).map_err(|error| inside(place, text, error))?;
        let text = text.to_owned();
        Ok(Self { text, tree, place })
    }
}

/// An error of `text`, which starts at `place`.
pub fn inside(place: Place, text: &str, error: ParseError) -> Misread {
    let at = match text.get(..error.position) {
        Some(before) if place.verbatim => place.after(before),
        _ => place,
    };
    Misread::new(at, error.message)
}

/// A formula in some indices, or a list with one such thing for each value of the first index.
#[derive(Clone, Debug, PartialEq)]
pub enum Entries {
    /// A formula in all indices.
    Formula(Formula),
    /// One item for each value of the first index.
    List(Vec<Entries>, Place),
}

/// An item of a list.
pub enum Item<'a> {
    /// A text and its place.
    Text(&'a str, Place),
    /// A list of formulas.
    List(Vec<Formula>),
}

/// Values of a parameter: one formula, or a range of integers.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// One value.
    One(Formula),
    /// `from..to`, both included.
    Range {
        /// As written.
        text: String,
        /// The first value.
        from: Expression,
        /// The last value.
        to: Expression,
        /// Where it stands.
        place: Place,
    },
}

/// The keys of a file that stand above its first table.
pub const TOP: [&str; 4] = ["flatproof", "title", "where", "claims"];

/// A table of the file with its name, for messages.
pub struct Section<'a> {
    source: &'a str,
    name: String,
    table: &'a DeTable<'a>,
    /// Where it starts.
    pub place: Place,
}

impl<'a> Section<'a> {
    /// The whole file, once `DeTable::parse` has read it.
    pub fn whole(source: &'a str, table: &'a DeTable<'a>) -> Self {
        Self {
            source,
            name: String::new(),
            table,
            place: Place::START,
        }
    }

    /// An error of the TOML itself.
    pub fn broken(source: &str, error: &toml::de::Error) -> Misread {
        let place = place_of(source, error.span().unwrap_or_default());
        Misread::new(place, error.message().replace('\n', ", "))
    }

    /// Refuses a key that is not among `known`.
    pub fn only(&self, known: &[&str]) -> Read<()> {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                self.at_top(name, self.at(key.span()))?;
                let hint = suggest(name, known.iter().copied())
                    .map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
                let message = format!(
                    "{} has no key \"{name}\"{hint} (known: {})",
                    self.title(),
                    known.join(", ")
                );
                return Err(Misread::new(self.at(key.span()), message));
            }
        }
        Ok(())
    }

    /// Refuses a key of the whole file that stands in a table, as it does after the table's head.
    pub fn at_top(&self, key: &str, place: Place) -> Read<()> {
        if self.name.is_empty() || !TOP.contains(&key) {
            return Ok(());
        }
        let message = format!(
            "{key} belongs to {} here, since it stands after its head: move it above the first [table]",
            self.title()
        );
        Err(Misread::new(place, message))
    }

    fn title(&self) -> String {
        if self.name.is_empty() {
            "the file".into()
        } else {
            format!("[{}]", self.name)
        }
    }

    fn at(&self, span: Range<usize>) -> Place {
        place_of(self.source, span)
    }

    fn at_text(&self, span: Range<usize>, text: &str) -> Place {
        place_of_text(self.source, span, text)
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// The error that `key` is missing.
    pub fn missing(&self, key: &str, example: &str) -> Misread {
        let message = format!(
            "{} needs the key \"{key}\", for example {example}",
            self.title()
        );
        Misread::new(self.place, message)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Misread {
        let message = match value.get_ref() {
            DeValue::Float(_) => "a decimal point is not exact: write \"p/q\" in quotes".into(),
            other => format!("{key} should be {wanted}, not {}", kind(other)),
        };
        Misread::new(self.at(value.span()), message)
    }

    /// A text.
    pub fn text(&self, key: &str) -> Read<Option<(&'a str, Place)>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_str() {
            Some(text) => Ok(Some((text, self.at_text(value.span(), text)))),
            None => Err(self.wrong(key, value, "a text in quotes")),
        }
    }

    /// `true` or `false`, false if it is not there.
    pub fn flag(&self, key: &str) -> Read<bool> {
        let Some(value) = self.get(key) else {
            return Ok(false);
        };
        let flag = value.get_ref().as_bool();
        flag.ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// Whether a table stands under the key.
    pub fn is_table(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|value| value.get_ref().is_table())
    }

    /// A table below this one.
    pub fn section(&self, key: &str) -> Read<Option<Self>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong(key, value, "a table"));
        };
        let name = if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        };
        let (source, place) = (self.source, self.at(value.span()));
        Ok(Some(Self {
            source,
            name,
            table,
            place,
        }))
    }

    /// The keys in the order of the file, with their places.
    pub fn keys(&self) -> Vec<(&'a str, Place)> {
        let mut keys: Vec<_> = self.table.keys().collect();
        keys.sort_by_key(|key| key.span().start);
        keys.iter()
            .map(|key| {
                let name = key.get_ref().as_ref();
                (name, self.at_text(key.span(), name))
            })
            .collect()
    }

    /// A formula: an integer or a text.
    pub fn formula(&self, key: &str) -> Read<Option<Formula>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        self.formula_of(key, value).map(Some)
    }

    fn formula_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Read<Formula> {
        match value.get_ref() {
            DeValue::String(text) => Formula::parse(text, self.at_text(value.span(), text)),
            DeValue::Integer(number) if number.radix() == 10 => {
                let text = number.as_str().replace('_', "");
                Formula::parse(&text, self.at_text(value.span(), &text))
            }
            _ => Err(self.wrong(key, value, "an integer or a formula in quotes")),
        }
    }

    /// A formula or nested lists of them.
    pub fn entries(&self, key: &str) -> Read<Option<Entries>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        self.entries_of(key, value).map(Some)
    }

    fn entries_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Read<Entries> {
        match value.get_ref() {
            DeValue::Array(items) => {
                let items = items.iter().map(|item| self.entries_of(key, item));
                let items = items.collect::<Read<Vec<_>>>()?;
                Ok(Entries::List(items, self.at(value.span())))
            }
            _ => Ok(Entries::Formula(self.formula_of(key, value)?)),
        }
    }

    /// The items of a list, each with its place; a text alone is a list of one.
    pub fn texts(&self, key: &str) -> Read<Option<Vec<(&'a str, Place)>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let one = |value: &'a Spanned<DeValue<'a>>| match value.get_ref().as_str() {
            Some(text) => Ok((text, self.at_text(value.span(), text))),
            None => Err(self.wrong(key, value, "a text in quotes or a list of such")),
        };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(one).collect::<Read<_>>().map(Some),
            _ => Ok(Some(vec![one(value)?])),
        }
    }

    /// The items of a list, each a text or a list of formulas.
    pub fn items(&self, key: &str) -> Read<Option<Vec<Item<'a>>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let Some(items) = value.get_ref().as_array() else {
            return Err(self.wrong(key, value, "a list"));
        };
        let one = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::String(text) => Ok(Item::Text(text, self.at_text(item.span(), text))),
            DeValue::Array(entries) => {
                let entries = entries.iter().map(|entry| self.formula_of(key, entry));
                entries.collect::<Read<_>>().map(Item::List)
            }
            _ => Err(self.wrong(key, item, "signs in quotes or a list of numbers")),
        };
        items.iter().map(one).collect::<Read<Vec<_>>>().map(Some)
    }

    /// The values of a parameter: a formula, `"a..b"`, or a list of these.
    pub fn values(&self, key: &str) -> Read<Vec<Values>> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|v| self.values_of(key, v)).collect(),
            _ => Ok(vec![self.values_of(key, value)?]),
        }
    }

    fn values_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Read<Values> {
        if let Some(text) = value.get_ref().as_str().filter(|text| text.contains("..")) {
            let place = self.at_text(value.span(), text);
            let range = Parser::whole(text, |parser| {
                let from = parser.sum()?;
                parser.expect("..", "\"..\" and the last value")?;
                Ok((from, parser.sum()?))
            });
            let (from, to) = range.map_err(|error| inside(place, text, error))?;
            return Ok(Values::Range {
                text: text.into(),
                from,
                to,
                place,
            });
        }
        Ok(Values::One(self.formula_of(key, value)?))
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn place_of(source: &str, span: Range<usize>) -> Place {
    let before = source.get(..span.start.min(source.len())).unwrap_or(source);
    let verbatim = false;
    Place {
        verbatim,
        ..Place::START.after(before)
    }
}

/// Where `text` starts in the value at `span`: behind its quotes. If it stands there in escapes, where
/// the value starts.
fn place_of_text(source: &str, span: Range<usize>, text: &str) -> Place {
    let place = place_of(source, span.clone());
    let raw = source.get(span).unwrap_or_default();
    raw.find(text).map_or(place, |quotes| Place {
        verbatim: true,
        ..place.after(&raw[..quotes])
    })
}
