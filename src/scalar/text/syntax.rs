//! Syntax trees of expressions; [`super::parser`] makes them.

use super::{ParseError, Parser};
use crate::scalar::Relation;
use rug::Integer;

/// An expression, and where it starts in its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Byte offset of what an error about it should point at.
    pub position: usize,
    /// What it is.
    pub node: Node,
}

/// What an expression is. Sums and products are lists, so that only nesting is deep.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// An integer.
    Integer(Integer),
    /// `name` or `name[i, k]`.
    Name(String, Vec<Expression>),
    /// `name(a, b)`.
    Call(String, Vec<Expression>),
    /// `if(condition, value, condition, value, ..., otherwise)`; `otherwise` may be left out.
    If(Vec<(Condition, Expression)>, Option<Box<Expression>>),
    /// `sum(i: body)`, `max(k = 3..d: body)`.
    Over {
        /// What is done with the values.
        fold: Fold,
        /// The name of the index.
        index: String,
        /// From and to, both included; none means all values the index has.
        range: Option<Box<(Expression, Expression)>>,
        /// The expression in the index.
        body: Box<Expression>,
    },
    /// `-a`.
    Negative(Box<Expression>),
    /// `a + b - c`, each with whether it is subtracted.
    Sum(Vec<(bool, Expression)>),
    /// `a * b / c`, each with whether it divides.
    Product(Vec<(bool, Expression)>),
    /// `a^b`.
    Power(Box<Expression>, Box<Expression>),
}

/// What is done with the values an index gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum, 0 of none.
    Sum,
    /// The largest.
    Max,
    /// The least.
    Min,
}

/// `a < b and c = d`: comparisons that all have to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(pub Vec<Comparison>);

/// `left relation right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Left side.
    pub left: Expression,
    /// The relation.
    pub is: Relation,
    /// Right side.
    pub right: Expression,
}

impl Expression {
    /// The tree of a whole text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Parser::whole(text, Parser::sum)
    }

    /// Visits every name and function in it.
    pub fn each_name(&self, visit: &mut impl FnMut(&str)) {
        match &self.node {
            Node::Integer(_) => {}
            Node::Name(name, items) | Node::Call(name, items) => {
                visit(name);
                items.iter().for_each(|item| item.each_name(visit));
            }
            Node::If(branches, otherwise) => {
                for (condition, value) in branches {
                    for comparison in &condition.0 {
                        comparison.left.each_name(visit);
                        comparison.right.each_name(visit);
                    }
                    value.each_name(visit);
                }
                if let Some(value) = otherwise {
                    value.each_name(visit);
                }
            }
            Node::Over { range, body, .. } => {
                if let Some(range) = range {
                    range.0.each_name(visit);
                    range.1.each_name(visit);
                }
                body.each_name(visit);
            }
            Node::Negative(inner) => inner.each_name(visit),
            Node::Sum(items) | Node::Product(items) => {
                items.iter().for_each(|(_, item)| item.each_name(visit));
            }
            Node::Power(base, exponent) => {
                base.each_name(visit);
                exponent.each_name(visit);
            }
        }
    }

    /// For how many values of `index` the comparison fails: `sum(index: if(comparison, 0, 1))`.
    pub fn failures(index: &str, range: Option<Box<(Self, Self)>>, comparison: Comparison) -> Self {
        let position = comparison.left.position;
        let integer = |n: u32| Self {
            position,
            node: Node::Integer(n.into()),
        };
        let branches = vec![(Condition(vec![comparison]), integer(0))];
        let body = Self {
            position,
            node: Node::If(branches, Some(Box::new(integer(1)))),
        };
        let node = Node::Over {
            fold: Fold::Sum,
            index: index.into(),
            range,
            body: Box::new(body),
        };
        Self { position, node }
    }
}

impl Condition {
    /// The tree of a whole text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Parser::whole(text, Parser::condition)
    }
}
