//! `[falsify]` of a case file: what a search may change beside the network.

use super::data::unknown;
use super::read::{Misread, Place, Read, Section, inside};
use crate::scalar::text::Expression;
use crate::scalar::text::Parser;
use crate::search::perturb::DataFamily;

/// What a search may change beside the network.
#[derive(Clone, Debug, Default)]
pub struct SearchForm {
    /// Parameters with the values they may take.
    pub domains: Vec<(String, Domain)>,
    /// Changes of the training set.
    pub vary: Vec<DataFamily>,
}

/// Values a searched parameter may take.
#[derive(Clone, Debug)]
pub enum Domain {
    /// `a..b`.
    Integers(Expression, Expression),
    /// `rationals` or `rationals a..b`.
    Rationals(Option<(Expression, Expression)>),
}

impl SearchForm {
    /// Reads `[falsify]`: names of parameters with their domains, and `vary`.
    pub fn read(section: &Section, parameters: &[String]) -> Read<Self> {
        let known = parameters.iter().map(String::as_str).chain(["vary"]);
        section.only(&known.collect::<Vec<_>>())?;
        let mut form = Self::default();
        for name in parameters {
            if let Some((text, place)) = section.text(name)? {
                form.domains.push((name.clone(), domain(text, place)?));
            }
        }
        for (text, place) in section.texts("vary")?.unwrap_or_default() {
            let family = DataFamily::ALL
                .into_iter()
                .find(|family| family.name() == text);
            let names = DataFamily::ALL.map(DataFamily::name);
            form.vary
                .push(family.ok_or_else(|| unknown("change", text, &names, place))?);
        }
        Ok(form)
    }
}

fn domain(text: &str, place: Place) -> Read<Domain> {
    let range = |parser: &mut Parser| {
        let from = parser.sum()?;
        parser.expect("..", "\"..\" and the last value")?;
        Ok((from, parser.sum()?))
    };
    let parsed = Parser::whole(text, |parser| {
        if !parser.eat_word("rationals") {
            let (from, to) = range(parser)?;
            return Ok(Domain::Integers(from, to));
        }
        let bounded = parser.peek().is_some();
        let ends = bounded.then(|| range(parser)).transpose()?;
        Ok(Domain::Rationals(ends))
    });
    parsed.map_err(|error| {
        let hint = "; write \"2..12\", \"rationals\" or \"rationals 0..1\"";
        let misread = inside(place, text, error);
        Misread::new(misread.place, misread.message + hint)
    })
}
