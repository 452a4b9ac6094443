//! From text to a syntax tree. The grammar is in the module's documentation.

use super::syntax::{Comparison, Condition, Expression, Fold, Node};
use super::{MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, ParseError, Trouble};
use crate::scalar::Relation;
use rug::Integer;
use std::fmt::Display;

/// What parsing a part gives.
pub type Parsed<T> = Result<T, ParseError>;

/// Reads a text from left to right. Formats built on expressions (claims of case files) use its parts.
pub struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// At the start of `text`.
    pub fn new(text: &'a str) -> Parsed<Self> {
        let parser = Self {
            text,
            position: 0,
            depth: 0,
        };
        if text.len() > MAX_LENGTH {
            let message = format!("an expression is longer than {MAX_LENGTH} characters");
            return Err(ParseError::new(Trouble::Limit, 0, message));
        }
        Ok(parser)
    }

    /// Reads `text` to its end by `part`.
    pub fn whole<T>(text: &'a str, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let mut parser = Self::new(text)?;
        let value = part(&mut parser)?;
        parser.end()?;
        Ok(value)
    }

    /// The offset of the next byte.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The text from `start` to here.
    pub fn since(&self, start: usize) -> &'a str {
        self.text[start..self.position].trim()
    }

    /// Fails unless nothing is left.
    pub fn end(&mut self) -> Parsed<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("an operator or the end")),
        }
    }

    fn error(&self, message: impl Display) -> ParseError {
        ParseError::new(Trouble::Syntax, self.position, message.to_string())
    }

    /// An error that says what should be here.
    pub fn unexpected(&self, wanted: &str) -> ParseError {
        match self.text.as_bytes().get(self.position) {
            None => self.error(format!("the expression ends where {wanted} should be")),
            Some(b'.') => self.error("a decimal point is not exact: write p/q"),
            Some(b'=') if self.is_after("=") => self.error("write = instead of =="),
            Some(b'*') if self.is_after("*") => self.error("write ^ instead of **"),
            Some(c) if c.is_ascii_graphic() => {
                self.error(format!("'{}' where {wanted} should be", *c as char))
            }
            Some(_) => self.error(format!("an unknown character where {wanted} should be")),
        }
    }

    fn is_after(&self, token: &str) -> bool {
        self.text[..self.position].ends_with(token)
    }

    /// The next byte that is not a space.
    pub fn peek(&mut self) -> Option<u8> {
        let blank = self.text.as_bytes()[self.position..]
            .iter()
            .take_while(|c| c.is_ascii_whitespace());
        self.position += blank.count();
        self.text.as_bytes().get(self.position).copied()
    }

    /// Takes `token` if it comes next.
    pub fn eat(&mut self, token: &str) -> bool {
        self.peek();
        let found = self.text.as_bytes()[self.position..].starts_with(token.as_bytes());
        self.position += if found { token.len() } else { 0 };
        found
    }

    /// Takes `token` or says that it should be there.
    pub fn expect(&mut self, token: &str, wanted: &str) -> Parsed<()> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.unexpected(wanted))
        }
    }

    /// Takes the word if it comes next as a whole word.
    pub fn eat_word(&mut self, word: &str) -> bool {
        self.peek();
        let start = self.position;
        let found = self.take_while(is_word) == word;
        if !found {
            self.position = start;
        }
        found
    }

    fn take_while(&mut self, keep: impl Fn(&u8) -> bool) -> &'a str {
        let rest = &self.text.as_bytes()[self.position..];
        let start = self.position;
        self.position += rest.iter().take_while(|c| keep(c)).count();
        self.text.get(start..self.position).unwrap_or_default() // ASCII by the callers' `keep`
    }

    /// One level deeper; every recursion passes here.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            let message = format!("nesting deeper than {MAX_DEPTH}");
            return Err(ParseError::new(Trouble::Limit, self.position, message));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// `comparison (and comparison)*`.
    pub fn condition(&mut self) -> Parsed<Condition> {
        let left = self.sum()?;
        self.condition_from(left)
    }

    /// The rest of a condition whose first side has been read.
    pub fn condition_from(&mut self, left: Expression) -> Parsed<Condition> {
        let mut all = vec![self.comparison_from(left)?];
        while self.eat_word("and") {
            all.push(self.comparison()?);
        }
        let end = self.position;
        if self.eat_word("or") {
            let message = "there is no \"or\": give each condition a branch of its own";
            return Err(ParseError::new(Trouble::Syntax, end, message.into()));
        }
        Ok(Condition(all))
    }

    /// `sum relation sum`.
    pub fn comparison(&mut self) -> Parsed<Comparison> {
        let left = self.sum()?;
        self.comparison_from(left)
    }

    fn comparison_from(&mut self, left: Expression) -> Parsed<Comparison> {
        let is = self
            .relation()
            .ok_or_else(|| self.unexpected("one of < <= = != >= >"))?;
        let right = self.sum()?;
        Ok(Comparison { left, is, right })
    }

    /// A relation, if one comes next.
    pub fn relation(&mut self) -> Option<Relation> {
        let relations = [
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("!=", Relation::Different),
            ("<", Relation::Less),
            (">", Relation::Greater),
            ("=", Relation::Equal),
        ];
        relations
            .into_iter()
            .find_map(|(token, relation)| self.eat(token).then_some(relation))
    }

    /// `product ((+ | -) product)*`.
    pub fn sum(&mut self) -> Parsed<Expression> {
        let first = self.product()?;
        let position = first.position;
        let mut items = vec![(false, first)];
        loop {
            let negative = match self.peek() {
                Some(b'+') => false,
                Some(b'-') => true,
                _ => break,
            };
            self.position += 1;
            items.push((negative, self.product()?));
        }
        Ok(collected(items, position, Node::Sum))
    }

    fn product(&mut self) -> Parsed<Expression> {
        let first = self.factor()?;
        let position = first.position;
        let mut items = vec![(false, first)];
        loop {
            let divide = match self.peek() {
                Some(b'*') => false,
                Some(b'/') => true,
                _ => break,
            };
            self.position += 1;
            let start = self.position;
            let factor = self.factor()?;
            items.push((
                divide,
                Expression {
                    position: start,
                    ..factor
                },
            ));
        }
        Ok(collected(items, position, Node::Product))
    }

    fn factor(&mut self) -> Parsed<Expression> {
        self.signed(Self::factor)
    }

    /// `- again | power`.
    fn signed(&mut self, again: fn(&mut Self) -> Parsed<Expression>) -> Parsed<Expression> {
        self.peek();
        let position = self.position;
        if self.eat("-") {
            let node = Node::Negative(Box::new(self.nested(again)?));
            return Ok(Expression { position, node });
        }
        self.power()
    }

    fn power(&mut self) -> Parsed<Expression> {
        let base = self.atom()?;
        if !self.eat("^") {
            return Ok(base);
        }
        let position = self.position;
        let exponent = self.nested(Self::exponent)?;
        let node = Node::Power(Box::new(base), Box::new(exponent));
        Ok(Expression { position, node })
    }

    fn exponent(&mut self) -> Parsed<Expression> {
        self.signed(Self::exponent)
    }

    fn atom(&mut self) -> Parsed<Expression> {
        match self.peek() {
            Some(b'0'..=b'9') => self.integer(),
            Some(b'(') => {
                self.position += 1;
                let value = self.nested(Self::sum)?;
                self.expect(")", "an operator or ')'")?;
                Ok(value)
            }
            Some(c) if is_letter(&c) => self.name_or_call(),
            _ => Err(self.unexpected("a number, a name or '('")),
        }
    }

    fn integer(&mut self) -> Parsed<Expression> {
        let position = self.position;
        let digits = self.take_while(u8::is_ascii_digit);
        if digits.len() > MAX_DIGITS {
            let message = format!("an integer of more than {MAX_DIGITS} digits");
            return Err(ParseError::new(Trouble::Limit, position, message));
        }
        let value = digits.parse::<Integer>();
        let value = value.map_err(|e| ParseError::new(Trouble::Syntax, position, e.to_string()))?;
        let node = Node::Integer(value);
        Ok(Expression { position, node })
    }

    /// A name: a letter or `_`, then letters, digits and `_`.
    pub fn name(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(c) if is_letter(&c) => Ok(self.take_while(is_word).to_owned()),
            _ => Err(self.unexpected("a name")),
        }
    }

    fn name_or_call(&mut self) -> Parsed<Expression> {
        self.peek();
        let position = self.position;
        let name = self.name()?;
        let node = match (name.as_str(), self.peek()) {
            ("if", Some(b'(')) => self.inside(Self::branches)?,
            ("sum", Some(b'(')) => self.inside(|p| p.over(Fold::Sum))?,
            ("max" | "min", Some(b'(')) if self.binds() => {
                let fold = if name == "max" { Fold::Max } else { Fold::Min };
                self.inside(|p| p.over(fold))?
            }
            (_, Some(b'(')) => {
                let arguments = self.inside(Self::list)?;
                Node::Call(name, arguments)
            }
            (_, Some(b'[')) => {
                self.position += 1;
                let indices = self.nested(Self::list)?;
                self.expect("]", "an operator, ',' or ']'")?;
                Node::Name(name, indices)
            }
            _ => Node::Name(name, Vec::new()),
        };
        Ok(Expression { position, node })
    }

    /// `( part )`.
    fn inside<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.position += 1;
        let value = self.nested(part)?;
        self.expect(")", "an operator, ',' or ')'")?;
        Ok(value)
    }

    /// Whether `(name :` or `(name =` comes next: an index is bound.
    fn binds(&mut self) -> bool {
        let start = self.position;
        self.position += 1;
        let bound = self.name().is_ok() && matches!(self.peek(), Some(b':' | b'='));
        self.position = start;
        bound
    }

    fn list(&mut self) -> Parsed<Vec<Expression>> {
        let mut items = vec![self.sum()?];
        while self.eat(",") {
            items.push(self.sum()?);
        }
        Ok(items)
    }

    fn branches(&mut self) -> Parsed<Node> {
        let mut branches = Vec::new();
        loop {
            let first = self.sum()?;
            if !branches.is_empty() && self.peek() == Some(b')') {
                return Ok(Node::If(branches, Some(Box::new(first))));
            }
            let condition = self.condition_from(first)?;
            self.expect(",", "',' and a value")?;
            branches.push((condition, self.sum()?));
            if !self.eat(",") {
                return Ok(Node::If(branches, None));
            }
        }
    }

    /// `index [= from .. to] : body`.
    fn over(&mut self, fold: Fold) -> Parsed<Node> {
        let (index, range) = self.binder()?;
        Ok(Node::Over {
            fold,
            index,
            range: range.map(Box::new),
            body: Box::new(self.sum()?),
        })
    }

    /// `index [= from .. to] :`.
    pub fn binder(&mut self) -> Parsed<(String, Option<(Expression, Expression)>)> {
        let index = self.name()?;
        let range = if self.eat("=") {
            let from = self.sum()?;
            self.expect("..", "\"..\" and the last value of the index")?;
            Some((from, self.sum()?))
        } else {
            None
        };
        self.expect(":", "':'")?;
        Ok((index, range))
    }
}

/// One item alone stays itself.
fn collected(
    mut items: Vec<(bool, Expression)>,
    position: usize,
    node: fn(Vec<(bool, Expression)>) -> Node,
) -> Expression {
    if items.len() == 1 {
        items.swap_remove(0).1
    } else {
        Expression {
            position,
            node: node(items),
        }
    }
}

fn is_letter(c: &u8) -> bool {
    c.is_ascii_alphabetic() || *c == b'_'
}

fn is_word(c: &u8) -> bool {
    is_letter(c) || c.is_ascii_digit()
}
