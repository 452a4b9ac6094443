//! The parts of a case file beside data and networks: version, parameters, conditions, definitions, claims.

use super::claim::Claim;
use super::read::{Entries, Misread, Place, Read, Section, Values, inside};
use super::{Definition, MAX_DEFINITIONS, RESERVED, VERSION};
use crate::certificate::scene::definitions::{Definitions, table};
use crate::scalar::text::syntax::Condition;

pub(super) fn version(top: &Section) -> Read<()> {
    let example = "flatproof = 1 (the version of the format)";
    let formula = top.formula("flatproof")?;
    let formula = formula.ok_or_else(|| top.missing("flatproof", example))?;
    if formula.text == VERSION.to_string() {
        return Ok(());
    }
    let message = format!(
        "version {} of the format is not known: write {example}",
        formula.text
    );
    Err(Misread::new(formula.place, message))
}

pub(super) fn parameters(top: &Section) -> Read<Vec<(String, Vec<Values>)>> {
    let Some(section) = top.section("parameters")? else {
        return Ok(Vec::new());
    };
    let one = |(name, place): (&str, Place)| {
        section.at_top(name, place)?;
        let is_name = matches!(Definitions::head(name), Ok((_, indices)) if indices.is_empty());
        if !is_name || RESERVED.contains(&name) {
            return Err(Misread::new(
                place,
                format!("{name:?} cannot be a parameter's name: choose another"),
            ));
        }
        let values = section.values(name)?;
        if values.is_empty() {
            return Err(Misread::new(place, format!("{name} has no value")));
        }
        Ok((name.to_owned(), values))
    };
    section.keys().into_iter().map(one).collect()
}

pub(super) fn conditions(top: &Section) -> Read<Vec<(Condition, String, Place)>> {
    let texts = top.texts("where")?.unwrap_or_default();
    let one = |(text, place): (&str, Place)| {
        let condition = Condition::parse(text).map_err(|error| inside(place, text, error))?;
        Ok((condition, text.to_owned(), place))
    };
    texts.into_iter().map(one).collect()
}

pub(super) fn definitions(top: &Section) -> Read<Vec<Definition>> {
    let Some(section) = top.section("let")? else {
        return Ok(Vec::new());
    };
    let mut definitions = Vec::new();
    for (head, place) in section.keys() {
        if definitions.len() == MAX_DEFINITIONS {
            let message = format!("more than {MAX_DEFINITIONS} definitions");
            return Err(Misread::new(place, message));
        }
        let Some(entries) = section.entries(head)? else {
            continue;
        };
        section.at_top(head, place)?;
        let head_error = |error| inside(place, head, error);
        let (name, indices) = Definitions::head(head).map_err(head_error)?;
        let rank = rank(&entries);
        let (head, body) = match &entries {
            Entries::Formula(formula) => (head.to_owned(), formula.text.clone()),
            Entries::List(..) if indices.is_empty() && rank <= 2 => {
                let indices = ["i", "j"];
                let head = format!("{name}[{}]", indices[..rank].join(", "));
                (head, table_text(&entries, &indices))
            }
            Entries::List(_, at) => {
                let message =
                    format!("a list stands for {name} without indices and has at most two levels");
                return Err(Misread::new(*at, message));
            }
        };
        definitions.push(Definition { head, body, place });
    }
    Ok(definitions)
}

fn rank(entries: &Entries) -> usize {
    match entries {
        Entries::Formula(_) => 0,
        Entries::List(items, _) => 1 + items.iter().map(rank).max().unwrap_or(0),
    }
}

/// A list as a formula in its indices.
fn table_text(entries: &Entries, indices: &[&str]) -> String {
    match (entries, indices) {
        (Entries::List(items, _), [first, rest @ ..]) => {
            table(first, items.iter().map(|item| table_text(item, rest)))
        }
        (Entries::Formula(formula), _) => formula.text.clone(),
        (Entries::List(..), []) => "0".into(), // deeper than the rank: cannot be
    }
}

/// `claims = ["..."]` or a table of labels and claims.
pub(super) fn claims(top: &Section) -> Read<Vec<Claim>> {
    let missing = || {
        top.missing(
            "claims",
            "claims = [\"interpolates\"], before the first [table]",
        )
    };
    let texts = match top.is_table("claims") {
        false => top.texts("claims")?.ok_or_else(missing)?,
        true => {
            let section = top.section("claims")?.ok_or_else(missing)?;
            let mut texts = Vec::new();
            for (label, _) in section.keys() {
                texts.extend(section.texts(label)?.unwrap_or_default());
            }
            texts
        }
    };
    if texts.is_empty() {
        return Err(missing());
    }
    texts
        .into_iter()
        .map(|(text, place)| Claim::parse(text, place))
        .collect()
}
