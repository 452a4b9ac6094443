//! The scope in which the formulas of a case file are evaluated: its parameters and definitions, then
//! data and network as they come to be, and the separators of the data's extreme points.

use super::read::{Entries, Formula, Misread, Place, inside};
use crate::certificate::scene::definitions::table;
use crate::certificate::{Fact, Member, Scene};
use crate::construction::theorem_4_1::{NoSeparators, separators, unit_separators};
use crate::data::Dataset;
use crate::scalar::text::{Evaluator, Expression, Fault, Meter, ParseError, Scope, Trouble};
use crate::scalar::{Radical, Rational};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Work allowed for one choice of the parameters, in machine words touched.
const MAX_WORK: u64 = 400_000_000;

/// The most coordinates of points whose separators are sought.
pub const MAX_SEPARATED: usize = 100_000;

/// The names that a case file knows beside those of the scene, each with indices `[i,k]`.
pub const SEPARATORS: [&str; 2] = ["separator", "unit_separator"];

/// Why a data set or network was not built: an error of the file, or a formula without a value here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{misread}")]
pub struct Stop {
    /// [`Trouble::Undefined`] and [`Trouble::Undecided`] speak of this choice of parameters, the rest
    /// of the file.
    pub trouble: Trouble,
    /// Where, and what.
    pub misread: Misread,
}

impl Stop {
    /// A fault at a place of the file; the fault's own position in a text does not count.
    pub fn new(place: Place, fault: impl Into<Fault>) -> Self {
        let fault = fault.into();
        Self {
            trouble: fault.trouble,
            misread: Misread::new(place, fault.message),
        }
    }

    /// Something the file has to say otherwise.
    pub fn wrong(place: Place, message: impl Into<String>) -> Self {
        Self::new(place, Fault::new(Trouble::Name, message))
    }

    /// An error of `text`, which starts at `place`.
    pub fn inside(place: Place, text: &str, error: ParseError) -> Self {
        Self {
            trouble: error.trouble,
            misread: inside(place, text, error),
        }
    }
}

impl From<NoSeparators> for Fault {
    fn from(no: NoSeparators) -> Self {
        let NoSeparators::NotExtreme {
            sample,
            combination,
        } = &no
        else {
            return Self::new(Trouble::Undecided, no.to_string());
        };
        let twin = combination.weights.iter().position(|weight| *weight == 1);
        let message = match twin {
            Some(twin) => format!(
                "inputs {} and {} are the same, so that nothing separates them",
                sample.min(&twin) + 1,
                sample.max(&twin) + 1
            ),
            None => no.to_string(),
        };
        Self::new(Trouble::Undefined, message)
    }
}

/// What building gives.
pub type Built<T> = Result<T, Stop>;

/// The rows of separating vectors, computed once.
type Vectors = OnceCell<Result<Vec<Vec<Rational>>, Fault>>;

/// A scene in the making.
pub struct Frame {
    /// What is there so far.
    pub scene: Scene,
    /// The width, before there is a network.
    pub width: Option<usize>,
    meter: Meter,
    separators: Vectors,
    unit_separators: Vectors,
}

impl Frame {
    /// A frame around a scene.
    pub fn new(scene: Scene) -> Self {
        Self {
            scene,
            width: None,
            meter: Meter::new(MAX_WORK),
            separators: OnceCell::new(),
            unit_separators: OnceCell::new(),
        }
    }

    /// The value of a formula, with values for some indices.
    pub fn value(&self, formula: &Formula, bound: &[(&str, i64)]) -> Built<Radical> {
        let value = Evaluator::new(self, &self.meter, bound).value(&formula.tree);
        value.map_err(|mut error| {
            let at: Vec<String> = bound
                .iter()
                .map(|(index, v)| format!("{index} = {v}"))
                .collect();
            if !at.is_empty() {
                error.message += &format!(", at {}", at.join(", "));
            }
            Stop::inside(formula.place, &formula.text, error)
        })
    }

    /// An evaluator over this frame.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self, &self.meter, &[])
    }

    /// The value as a count in `least..=most`.
    pub fn count(&self, formula: &Formula, what: &str, least: usize, most: usize) -> Built<usize> {
        let mut evaluator = Evaluator::new(self, &self.meter, &[]);
        let value = evaluator.integer(&formula.tree);
        let value = value.map_err(|error| Stop::inside(formula.place, &formula.text, error))?;
        let inside = usize::try_from(value)
            .ok()
            .filter(|v| (least..=most).contains(v));
        inside.ok_or_else(|| {
            let message = format!("{what} = {value} should lie in {least}..{most}");
            Stop::wrong(formula.place, message)
        })
    }

    /// Entry by entry of a vector: a formula in `index`, or a list of `count` formulas.
    pub fn vector(
        &self,
        entries: &Entries,
        index: &str,
        count: usize,
        bound: &[(&str, i64)],
    ) -> Built<Vec<Radical>> {
        (0..count)
            .map(|place| {
                let mut bound = bound.to_vec();
                bound.push((index, place as i64 + 1));
                match self.item(entries, place, count, index)? {
                    Entries::Formula(formula) => self.value(formula, &bound),
                    Entries::List(_, place) => Err(too_deep(*place)),
                }
            })
            .collect()
    }

    /// Row by row of a matrix: a formula in both indices, or a list of rows.
    pub fn matrix(
        &self,
        entries: &Entries,
        (row, rows): (&str, usize),
        (column, columns): (&str, usize),
        bound: &[(&str, i64)],
    ) -> Built<Vec<Vec<Radical>>> {
        (0..rows)
            .map(|place| {
                let mut bound = bound.to_vec();
                bound.push((row, place as i64 + 1));
                let item = self.item(entries, place, rows, row)?;
                self.vector(item, column, columns, &bound)
            })
            .collect()
    }

    /// The item of a list at `place`; a formula stands for all.
    pub fn item<'e>(
        &self,
        entries: &'e Entries,
        place: usize,
        count: usize,
        index: &str,
    ) -> Built<&'e Entries> {
        match entries {
            Entries::Formula(_) => Ok(entries),
            Entries::List(items, at) if items.len() != count => {
                let message = format!(
                    "the list has {} items, but {index} runs over 1..{count}: write {count} or a formula in {index}",
                    items.len()
                );
                Err(Stop::wrong(*at, message))
            }
            Entries::List(items, _) => Ok(&items[place]),
        }
    }

    /// The data over the rationals, which searches and named constructions need.
    pub fn rational_data(&self) -> Result<Dataset<Rational>, Fault> {
        let missing = || Fault::new(Trouble::Name, "there is no data yet");
        let data = self.scene.data.as_ref().ok_or_else(missing)?;
        let irrational = || {
            let message = "it needs rational inputs and labels, and some here are not";
            Fault::new(Trouble::Name, message)
        };
        let numbers = data.x.iter().flatten().chain(&data.y);
        let rational: Option<Vec<Rational>> = numbers.map(Radical::as_rational).collect();
        let mut rational = rational.ok_or_else(irrational)?.into_iter();
        let x = (0..data.len())
            .map(|_| rational.by_ref().take(data.dim()).collect())
            .collect();
        Ok(Dataset {
            x,
            y: rational.collect(),
        })
    }

    /// Gives a member of a witness the separators that its facts speak of, as definitions: a witness is
    /// read without searching again.
    pub fn add_separators(&self, member: &mut Member) {
        let mut used = BTreeSet::new();
        for fact in &member.facts {
            let (Fact::Compare { left, right, .. } | Fact::ForAll { left, right, .. }) = fact
            else {
                continue;
            };
            for tree in [left, right]
                .into_iter()
                .flat_map(|text| Expression::parse(text))
            {
                self.scene.definitions.used_by(&tree, &mut used);
            }
        }
        for (name, body) in self.separator_tables() {
            if used.contains(name) {
                member.definitions.insert(format!("{name}[i, k]"), body);
            }
        }
    }

    /// The separators that have been searched for, as texts in `i` and `k`.
    fn separator_tables(&self) -> Vec<(&'static str, String)> {
        let of = |cell: &Vectors| -> Option<String> {
            let rows = cell.get()?.as_ref().ok()?.iter();
            let row = |row: &Vec<Rational>| table("k", row.iter().map(Rational::to_string));
            Some(table("i", rows.map(row)))
        };
        let cells = [&self.separators, &self.unit_separators];
        let named = SEPARATORS.into_iter().zip(cells);
        named
            .filter_map(|(name, cell)| Some((name, of(cell)?)))
            .collect()
    }

    /// A vector for each input, which has to be an extreme point, with `v_i.(x_i - x_j) >= 2` for all
    /// j != i; all of one norm if `unit`.
    pub fn separators(&self, unit: bool) -> Result<&[Vec<Rational>], Fault> {
        type Find = fn(&[Vec<Rational>]) -> Result<Vec<Vec<Rational>>, NoSeparators>;
        let (cell, find): (&Vectors, Find) = if unit {
            (&self.unit_separators, unit_separators)
        } else {
            (&self.separators, separators)
        };
        let all = cell.get_or_init(|| {
            let data = self.rational_data()?;
            let entries = data.len().saturating_mul(data.dim());
            if entries > MAX_SEPARATED {
                let message =
                    format!("separators of {entries} coordinates, above the limit {MAX_SEPARATED}");
                return Err(Fault::new(Trouble::Limit, message));
            }
            Ok(find(&data.x)?)
        });
        all.as_deref().map_err(Fault::clone)
    }

    fn separator(&self, unit: bool, i: i64, k: i64) -> Result<Radical, Fault> {
        let all = self.separators(unit)?;
        let at = |index: i64| usize::try_from(index).ok()?.checked_sub(1);
        let found = at(i).and_then(|i| all.get(i)).zip(at(k));
        let found = found.and_then(|(row, k)| row.get(k));
        let found = found
            .ok_or_else(|| Fault::new(Trouble::Name, format!("there is no separator[{i}, {k}]")))?;
        Ok(Radical::from_rational(found.clone()))
    }
}

impl Scope for Frame {
    fn value(&self, name: &str, indices: &[i64], meter: &Meter) -> Option<Result<Radical, Fault>> {
        match (name, indices, self.width) {
            ("m", [], Some(width)) => Some(Ok(Radical::from(width as i64))),
            ("separator", [i, k], _) => Some(self.separator(false, *i, *k)),
            ("unit_separator", [i, k], _) => Some(self.separator(true, *i, *k)),
            _ => self.scene.value_in(self, name, indices, meter),
        }
    }

    fn range(&self, index: &str) -> Option<(i64, i64)> {
        match (index, self.width) {
            ("j", Some(width)) => Some((1, width as i64)),
            _ => self.scene.range(index),
        }
    }

    fn call(
        &self,
        function: &str,
        arguments: &[Expression],
        evaluator: &mut Evaluator,
    ) -> Option<Result<Radical, Fault>> {
        self.scene.call(function, arguments, evaluator)
    }

    fn known(&self) -> Vec<String> {
        let mut known = self.scene.known();
        known.extend(self.width.map(|_| "m".into()));
        if self.scene.data.is_some() {
            known.extend(SEPARATORS.map(String::from));
        }
        known
    }

    fn nearest<'n>(&self, slip: &str, names: Vec<&'n str>) -> Option<&'n str> {
        self.scene.nearest(slip, names)
    }

    fn why_not(&self, name: &str) -> Option<String> {
        match SEPARATORS.contains(&name) {
            true => Some(format!("write {name}[i,k]")),
            false => self.scene.why_not(name),
        }
    }
}

/// A list where a formula should be.
pub fn too_deep(place: Place) -> Stop {
    Stop::wrong(place, "a list where a formula should be")
}
