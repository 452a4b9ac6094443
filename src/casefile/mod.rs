//! Case files: a construction of one's own, in TOML, and what is claimed of it. The format is described
//! in `docs/case-files.md`.
//!
//! | file | holds |
//! |---|---|
//! | [`read`] | TOML with places, for errors that name line and column |
//! | [`frame`] | the scope of formulas: parameters, definitions, data, network |
//! | `parts` | version, parameters, conditions, definitions |
//! | [`data`], [`mod@csv`], [`network`], [`named`] | the training set; the weights; constructions by name |
//! | [`claim`] | the language of claims |
//! | [`decide`], `flatness`, [`infimum`] | one claim at one choice of parameters, with the facts that show it |
//! | [`mod@check`] | all claims at all choices |
//! | [`domain`], [`mod@falsify`] | a search for choices, data and networks that refute a claim |
//!
//! The expressions are those of [`crate::scalar::text`] over [`crate::certificate::scene`], so that what
//! is found stands in a witness in the words of the claim and is decided again from its text.

pub mod check;
pub mod claim;
pub mod csv;
pub mod data;
pub mod decide;
pub mod domain;
pub mod falsify;
mod flatness;
pub mod frame;
pub mod infimum;
pub mod named;
pub mod network;
mod parts;
pub mod read;
#[cfg(test)]
mod tests;

pub use check::{ChoiceReport, ClaimReport, check, check_choices};
pub use claim::Claim;
pub use falsify::falsify;
pub use frame::{Built, Frame, Stop};
pub use read::{Misread, Place};

use crate::certificate::Scene;
use crate::certificate::scene::definitions::Definitions;
use crate::data::Dataset;
use crate::scalar::Radical;
use crate::scalar::text::syntax::Condition;
use data::DataForm;
use domain::SearchForm;
use network::NetworkForm;
use read::{Read, Section, Values, inside};
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

/// The keys of a file, the last ones tables.
pub const KEYS: [&str; 10] = [
    "flatproof",
    "title",
    "where",
    "claims",
    "parameters",
    "let",
    "data",
    "network",
    "networks",
    "falsify",
];
/// The version of the format.
pub const VERSION: i64 = 1;
/// The longest case file, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;
/// The most definitions of one file.
pub const MAX_DEFINITIONS: usize = 1_000;
/// The most choices of parameters of one file.
pub const MAX_CHOICES: usize = 10_000;

/// Names that mean something already.
pub const RESERVED: &[&str] = &[
    "x",
    "y",
    "R",
    "W1",
    "b1",
    "W",
    "W2",
    "WD",
    "gamma",
    "a",
    "h",
    "f",
    "i",
    "j",
    "k",
    "l",
    "if",
    "sum",
    "sharpness",
    "lower_bound",
    "population_error",
    "population_mse",
    "population_deviation",
    "squared_gradient",
    "gram",
    "multiplicity",
    "logistic_trace",
    "prediction",
    "separator",
    "unit_separator",
    "lambda_max",
    "lambda_min",
    "not",
    "and",
    "for",
    "on",
    "implies",
];

/// A case file.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// A line about it.
    pub title: String,
    /// The parameters in the order of the file, with their values.
    pub parameters: Vec<(String, Vec<Values>)>,
    conditions: Vec<(Condition, String, Place)>,
    definitions: Vec<Definition>,
    /// The training set.
    pub data: DataForm,
    /// The network the claims are about.
    pub network: NetworkForm,
    others: BTreeMap<String, NetworkForm>,
    search: SearchForm,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// `name[indices] = body`.
#[derive(Clone, Debug)]
struct Definition {
    head: String,
    body: String,
    place: Place,
}

/// One value for each parameter, in the order of the file.
pub type Choice = Vec<(String, Radical)>;

impl CaseFile {
    /// Reads a case file; files it names are looked for in `folder`.
    ///
    /// # Errors
    /// [`Misread`]: line, column, what was expected.
    pub fn read(text: &str, folder: Option<&Path>) -> Read<Self> {
        let table = DeTable::parse(text).map_err(|error| Section::broken(text, &error))?;
        let top = Section::whole(text, table.get_ref());
        top.only(&KEYS)?;
        parts::version(&top)?;
        let sections =
            |key: &str, example: &str| top.section(key)?.ok_or_else(|| top.missing(key, example));
        let mut file = Self {
            title: top.text("title")?.map_or("", |(text, _)| text).into(),
            parameters: parts::parameters(&top)?,
            conditions: parts::conditions(&top)?,
            definitions: parts::definitions(&top)?,
            data: DataForm::read(&sections("data", "[data] kind = \"xor\"")?, folder)?,
            network: NetworkForm::read(&sections(
                "network",
                "[network] architecture = \"2-MLP-Bias\"",
            )?)?,
            others: BTreeMap::new(),
            search: SearchForm::default(),
            claims: parts::claims(&top)?,
        };
        if let Some(others) = top.section("networks")? {
            for (name, place) in others.keys() {
                others.at_top(name, place)?;
                if let Some(section) = others.section(name)? {
                    file.others
                        .insert(name.into(), NetworkForm::read(&section)?);
                }
            }
        }
        if let Some(section) = top.section("falsify")? {
            let names: Vec<String> = file
                .parameters
                .iter()
                .map(|(name, _)| name.clone())
                .collect();
            file.search = SearchForm::read(&section, &names)?;
        }
        file.names_fit()?;
        Ok(file)
    }

    /// Parameters and definitions have names of their own, and claims speak of networks there are.
    fn names_fit(&self) -> Read<()> {
        for claim in &self.claims {
            for other in claim.others() {
                if !self.others.contains_key(other) {
                    let known: Vec<&str> = self.others.keys().map(String::as_str).collect();
                    return Err(data::unknown("network", other, &known, claim.place));
                }
            }
        }
        let scene = self.scene(&Vec::new())?;
        for Definition { head, place, .. } in &self.definitions {
            if scene.definitions.is_circular(head) {
                let message = format!("{head} is defined by itself, directly or through others");
                return Err(Misread::new(*place, message));
            }
        }
        Ok(())
    }

    /// The definitions, head and body.
    fn definition_texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.definitions
            .iter()
            .map(|d| (d.head.as_str(), d.body.as_str()))
    }

    /// A scene with a choice of parameters and the definitions.
    fn scene(&self, choice: &Choice) -> Read<Scene> {
        let mut scene = Scene::new(choice.iter().cloned().collect(), None, None);
        for Definition { head, body, place } in &self.definitions {
            let taken = |name: &str| {
                RESERVED.contains(&name) || self.parameters.iter().any(|(other, _)| other == name)
            };
            let (name, _) = Definitions::head(head).map_err(|error| inside(*place, head, error))?;
            if taken(&name) {
                let message = format!("the name {name} has a meaning already: choose another");
                return Err(Misread::new(*place, message));
            }
            scene
                .define(head, body)
                .map_err(|error| inside(*place, head, error))?;
        }
        Ok(scene)
    }

    /// All choices of the parameters for which the conditions hold, and how many were left out.
    ///
    /// # Errors
    /// A value without meaning, or more than [`MAX_CHOICES`].
    pub fn choices(&self) -> Built<(Vec<Choice>, usize)> {
        let mut choices = vec![Choice::new()];
        for (name, values) in &self.parameters {
            let mut longer = Vec::new();
            for choice in &choices {
                let frame = self.frame(choice)?;
                for value in values {
                    for value in expand(&frame, value)? {
                        let mut choice = choice.clone();
                        choice.push((name.clone(), value));
                        longer.push(choice);
                        if longer.len() > MAX_CHOICES {
                            let message =
                                format!("more than {MAX_CHOICES} choices of the parameters");
                            return Err(Stop::wrong(values[0].place(), message));
                        }
                    }
                }
            }
            choices = longer;
        }
        let all = choices.len();
        let mut kept = Vec::new();
        for choice in choices {
            if self.admits(&choice)? {
                kept.push(choice);
            }
        }
        let left_out = all - kept.len();
        Ok((kept, left_out))
    }

    /// Whether a choice satisfies every condition under `where`.
    pub fn admits(&self, choice: &Choice) -> Built<bool> {
        let frame = self.frame(choice)?;
        for (condition, text, place) in &self.conditions {
            let holds = frame.evaluator().holds(condition);
            if !holds.map_err(|error| Stop::inside(*place, text, error))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn frame(&self, choice: &Choice) -> Built<Frame> {
        let scene = self
            .scene(choice)
            .map_err(|misread| Stop::wrong(misread.place, misread.message))?;
        Ok(Frame::new(scene))
    }

    /// The data at a choice of the parameters, `shift` added to its seed, in a frame without network.
    pub fn build_data(&self, choice: &Choice, shift: u64) -> Built<Frame> {
        let mut frame = self.frame(choice)?;
        self.data.build(&mut frame, shift)?;
        Ok(frame)
    }

    /// A frame with other data than the file's.
    fn with_data(&self, choice: &Choice, data: Dataset<Radical>) -> Built<Frame> {
        let mut frame = self.frame(choice)?;
        frame.scene.data = Some(data);
        Ok(frame)
    }

    /// Adds the network to a frame with data.
    pub fn build_network(&self, frame: &mut Frame) -> Built<()> {
        let network = self.network.build(frame)?;
        frame.scene.network = Some(network);
        frame.width = None;
        self.parameters_fit(frame)
    }

    /// Another network of the file, on the same data.
    fn build_other(
        &self,
        name: &str,
        choice: &Choice,
        frame: &Frame,
    ) -> Built<crate::network::Network> {
        let mut other = self.frame(choice)?;
        other.scene.data.clone_from(&frame.scene.data);
        self.others[name].build(&mut other)
    }

    /// A parameter named like a size has its value.
    fn parameters_fit(&self, frame: &Frame) -> Built<()> {
        for (name, values) in &self.parameters {
            let (Some(chosen), Some(Ok(found))) =
                (frame.scene.parameters.get(name), frame.scene.quantity(name))
            else {
                continue;
            };
            if *chosen != found {
                let message = format!(
                    "the parameter {name} is {chosen}, but {name} = {found} here: \
                     give it that value or another name"
                );
                return Err(Stop::wrong(values[0].place(), message));
            }
        }
        Ok(())
    }
}

impl Values {
    fn place(&self) -> Place {
        match self {
            Self::One(formula) => formula.place,
            Self::Range { place, .. } => *place,
        }
    }
}

fn expand(frame: &Frame, values: &Values) -> Built<Vec<Radical>> {
    match values {
        Values::One(formula) => Ok(vec![frame.value(formula, &[])?]),
        Values::Range {
            text,
            from,
            to,
            place,
        } => {
            let mut evaluator = frame.evaluator();
            let mut end = |tree| {
                let end = evaluator.integer(tree);
                end.map_err(|error| Stop::inside(*place, text, error))
            };
            let (from, to) = (end(from)?, end(to)?);
            if to.saturating_sub(from) >= MAX_CHOICES as i64 {
                let message = format!("more than {MAX_CHOICES} values");
                return Err(Stop::wrong(*place, message));
            }
            Ok((from..=to).map(Radical::from).collect())
        }
    }
}
