//! What a case file may claim, as text and as a tree.
//!
//! ```text
//! claim     = (assertion ("and" assertion)* "implies")? assertion
//! assertion = "not"? ( "admissible" | "interpolates" | "flattest" | "memorising"
//!           | "near_flattest_abs" "(" sum ")" | "near_flattest_rel" "(" sum ")"
//!           | "equivalent" "(" network ")" "on" ("train" | "cube")
//!           | ("lambda_max" | "lambda_min") relation sum
//!           | "logistic_trace" "(" sum "," sum ")" relation sum
//!           | "for" index ("=" sum ".." sum)? ":" sum relation sum
//!           | sum relation sum )
//! ```

use super::read::{Misread, Place, Read, inside};
use crate::io::suggest;
use crate::population::equivalent::On;
use crate::scalar::Relation;
use crate::scalar::text::parser::Parsed;
use crate::scalar::text::syntax::{Comparison, Node};
use crate::scalar::text::{Expression, ParseError, Parser, Trouble};

/// A claim of a case file.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// As written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// What has to hold for the claim to say anything.
    pub hypotheses: Vec<Assertion>,
    /// What is claimed.
    pub conclusion: Assertion,
}

/// Something about the network, or its negation.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    /// Whether it is denied.
    pub negated: bool,
    /// What is asserted.
    pub property: Property,
}

/// What can be asserted of a network on its data.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// No kink at a training input.
    Admissible,
    /// `f(x_i) = y_i` for all i.
    Interpolates,
    /// Interpolates, and no interpolating theta of this architecture and width is less sharp.
    Flattest,
    /// Interpolates, with a trace of at most the infimum plus kappa.
    NearFlattestAbs(Side),
    /// Interpolates, with a trace of at most 1 + kappa times the infimum.
    NearFlattestRel(Side),
    /// Definition 4.2.
    Memorising,
    /// The same function as another network of the file.
    Equivalent {
        /// The other's name.
        other: String,
        /// Where they are compared.
        on: On,
    },
    /// The largest eigenvalue of the Hessian compares so.
    LambdaMax(Relation, Side),
    /// The least of the n eigenvalues of `(2/n) J J^T` compares so.
    LambdaMin(Relation, Side),
    /// With the last layer times `ln odds` the trace of the Hessian of the logistic loss, labels smoothed by
    /// p, compares so with a factor times `(1/n) sum ||grad f(x_i)||^2` (Lemma A.13).
    LogisticTrace {
        /// The smoothing.
        p: Side,
        /// The odds.
        odds: Side,
        /// The relation.
        is: Relation,
        /// The factor.
        factor: Side,
    },
    /// Two expressions compare so.
    Compare(Side, Relation, Side),
    /// They do for every value of an index.
    ForAll {
        /// The index.
        index: String,
        /// Its first and last value, if not its own.
        range: Option<(Side, Side)>,
        /// Left side.
        left: Side,
        /// The relation.
        is: Relation,
        /// Right side.
        right: Side,
    },
}

/// An expression with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// As written.
    pub text: String,
    /// Its tree.
    pub tree: Expression,
}

/// The properties that claims name.
pub const PREDICATES: [&str; 8] = [
    "admissible",
    "interpolates",
    "flattest",
    "memorising",
    "near_flattest_abs",
    "near_flattest_rel",
    "equivalent",
    "logistic_trace",
];

impl Claim {
    /// Reads a claim that stands in quotes at `place`.
    pub fn parse(text: &str, place: Place) -> Read<Self> {
        let parsed = Parser::whole(text, claim);
        let (hypotheses, conclusion) = parsed.map_err(|error| better(text, place, error))?;
        Ok(Self {
            text: text.into(),
            place,
            hypotheses,
            conclusion,
        })
    }

    /// As written, on one line.
    pub fn line(&self) -> String {
        one_line(&self.text)
    }

    /// The names of other networks it speaks of.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        let all = self.hypotheses.iter().chain([&self.conclusion]);
        all.filter_map(|assertion| match &assertion.property {
            Property::Equivalent { other, .. } => Some(other.as_str()),
            _ => None,
        })
    }
}

/// A lone word where a relation should follow is a slip of a predicate.
fn better(text: &str, place: Place, error: ParseError) -> Misread {
    let mut words = text.split_whitespace().filter(|word| *word != "not");
    let word = words.next().unwrap_or_default();
    let name = word.split('(').next().unwrap_or_default();
    let alone = words.next().is_none() && !PREDICATES.contains(&name);
    let near = suggest(name, PREDICATES).filter(|_| alone);
    let Some((near, position)) = near.zip(text.find(word)) else {
        return inside(place, text, error);
    };
    let message = format!("unknown property \"{name}\"; did you mean \"{near}\"?");
    inside(
        place,
        text,
        ParseError::new(Trouble::Syntax, position, message),
    )
}

fn claim(parser: &mut Parser) -> Parsed<(Vec<Assertion>, Assertion)> {
    let mut all = vec![assertion(parser)?];
    while parser.eat_word("and") {
        all.push(assertion(parser)?);
    }
    if parser.eat_word("implies") {
        return Ok((all, assertion(parser)?));
    }
    if all.len() > 1 {
        return Err(parser.unexpected("\"implies\" (claims without it are written one by one)"));
    }
    Ok((Vec::new(), all.swap_remove(0)))
}

fn assertion(parser: &mut Parser) -> Parsed<Assertion> {
    let negated = parser.eat_word("not");
    let property = property(parser)?;
    Ok(Assertion { negated, property })
}

fn property(parser: &mut Parser) -> Parsed<Property> {
    for (word, property) in [
        ("admissible", Property::Admissible),
        ("interpolates", Property::Interpolates),
        ("flattest", Property::Flattest),
        ("memorising", Property::Memorising),
    ] {
        if parser.eat_word(word) {
            return Ok(property);
        }
    }
    if parser.eat_word("near_flattest_abs") {
        return Ok(Property::NearFlattestAbs(kappa(parser)?));
    }
    if parser.eat_word("near_flattest_rel") {
        return Ok(Property::NearFlattestRel(kappa(parser)?));
    }
    if parser.eat_word("equivalent") {
        return equivalent(parser);
    }
    if parser.eat_word("for") {
        return for_all(parser);
    }
    if parser.eat_word("logistic_trace") {
        return logistic_trace(parser);
    }
    let (left, is, right) = comparison(parser)?;
    Ok(match &left.tree.node {
        Node::Name(name, indices) if indices.is_empty() && name == "lambda_max" => {
            Property::LambdaMax(is, right)
        }
        Node::Name(name, indices) if indices.is_empty() && name == "lambda_min" => {
            Property::LambdaMin(is, right)
        }
        _ => Property::Compare(left, is, right),
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn side(parser: &mut Parser) -> Parsed<Side> {
    parser.peek();
    let start = parser.position();
    let tree = parser.sum()?;
    let text = one_line(parser.since(start));
    Ok(Side { text, tree })
}

fn kappa(parser: &mut Parser) -> Parsed<Side> {
    parser.expect("(", "'(' and kappa")?;
    let kappa = side(parser)?;
    parser.expect(")", "')'")?;
    Ok(kappa)
}

fn equivalent(parser: &mut Parser) -> Parsed<Property> {
    parser.expect("(", "'(' and the name of another network")?;
    let other = parser.name()?;
    parser.expect(")", "')'")?;
    if !parser.eat_word("on") {
        return Err(parser.unexpected("\"on train\" or \"on cube\""));
    }
    let on = match parser.name()?.as_str() {
        "train" => On::Train,
        "cube" => On::Cube,
        _ => {
            let message = "networks are compared \"on train\" or \"on cube\"";
            return Err(ParseError::new(
                Trouble::Syntax,
                parser.position(),
                message.into(),
            ));
        }
    };
    Ok(Property::Equivalent { other, on })
}

fn logistic_trace(parser: &mut Parser) -> Parsed<Property> {
    parser.expect("(", "'(' and the smoothing p")?;
    let p = side(parser)?;
    parser.expect(",", "',' and the odds")?;
    let odds = side(parser)?;
    parser.expect(")", "')'")?;
    let is = parser.relation();
    let is = is.ok_or_else(|| parser.unexpected("one of < <= = != >= >"))?;
    let factor = side(parser)?;
    Ok(Property::LogisticTrace {
        p,
        odds,
        is,
        factor,
    })
}

fn for_all(parser: &mut Parser) -> Parsed<Property> {
    let index = parser.name()?;
    let range = if parser.eat("=") {
        let from = side(parser)?;
        parser.expect("..", "\"..\" and the last value of the index")?;
        Some((from, side(parser)?))
    } else {
        None
    };
    parser.expect(":", "':'")?;
    let (left, is, right) = comparison(parser)?;
    Ok(Property::ForAll {
        index,
        range,
        left,
        is,
        right,
    })
}

fn comparison(parser: &mut Parser) -> Parsed<(Side, Relation, Side)> {
    let left = side(parser)?;
    let is = parser.relation().ok_or_else(|| {
        parser.unexpected("one of < <= = != >= >, or a property such as \"interpolates\",")
    })?;
    Ok((left, is, side(parser)?))
}

impl Side {
    /// The comparison of two sides.
    pub fn compare(&self, is: Relation, right: &Self) -> Comparison {
        Comparison {
            left: self.tree.clone(),
            is,
            right: right.tree.clone(),
        }
    }
}
