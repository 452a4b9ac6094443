//! The `[data]` of a case file: samples of P_xor, the cube, complete training sets, random data,
//! explicit points, formulas, CSV.

use super::csv;
use super::frame::{Built, Frame, Stop};
use super::read::{Entries, Formula, Item, Misread, Place, Read, Section};
use crate::data::complete::CompleteSet;
use crate::data::{Dataset, xor};
use crate::scalar::{Radical, Ring};
use crate::search::generate::{Inputs, Labels, Options, dataset};
use crate::search::rng;
use std::path::{Path, PathBuf};

/// The largest input dimension.
pub const MAX_D: usize = 4_096;
/// The most samples.
pub const MAX_N: usize = 20_000;
/// The most numbers in the inputs, or in one layer's weights.
pub const MAX_ENTRIES: usize = 2_000_000;

/// Where the training set comes from.
#[derive(Clone, Debug)]
pub struct DataForm {
    kind: Kind,
    /// Labels instead of those that come with the points.
    labels: Option<Entries>,
    place: Place,
}

#[derive(Clone, Debug)]
enum Kind {
    Xor {
        d: Formula,
        n: Formula,
        seed: Option<Formula>,
    },
    Cube {
        d: Formula,
    },
    Complete {
        d: Formula,
        set: SetForm,
    },
    Random {
        d: Formula,
        n: Formula,
        seed: Option<Formula>,
        options: Options,
    },
    Points(Vec<PointForm>),
    Formula {
        d: Formula,
        n: Formula,
        x: Entries,
    },
    Csv {
        path: PathBuf,
        place: Place,
    },
}

#[derive(Clone, Debug)]
enum SetForm {
    Smallest,
    All,
    Suffixes(Vec<u64>),
    Random {
        size: Formula,
        seed: Option<Formula>,
    },
}

#[derive(Clone, Debug)]
enum PointForm {
    Signs(Vec<i64>),
    Coordinates(Vec<Formula>),
}

/// The kinds of data, each with the keys it takes beside [`COMMON`].
pub const KINDS: &[(&str, &[&str])] = &[
    ("xor", &["d", "n", "seed"]),
    ("cube", &["d"]),
    ("complete", &["d", "set", "size", "seed"]),
    (
        "random",
        &[
            "d",
            "n",
            "seed",
            "inputs",
            "outputs",
            "repeats",
            "contradictions",
        ],
    ),
    ("points", &["points"]),
    ("formula", &["d", "n", "x"]),
    ("csv", &["file"]),
];

/// The keys of every kind of data.
pub const COMMON: [&str; 2] = ["kind", "labels"];

impl DataForm {
    /// Reads `[data]`; paths are taken from `folder`.
    pub fn read(section: &Section, folder: Option<&Path>) -> Read<Self> {
        let example = "kind = \"xor\"";
        let Some((kind, at)) = section.text("kind")? else {
            let keys = KINDS.iter().flat_map(|(_, keys)| *keys).chain(&COMMON);
            section.only(&keys.copied().collect::<Vec<_>>())?;
            return Err(section.missing("kind", example));
        };
        let need = |key: &str, example: &str| {
            section
                .formula(key)?
                .ok_or_else(|| section.missing(key, example))
        };
        let d = || need("d", "d = 4");
        let n = || need("n", "n = 8");
        let seed = || section.formula("seed");
        let Some((_, keys)) = KINDS.iter().find(|(known, _)| *known == kind) else {
            let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            return Err(unknown("kind of data", kind, &kinds, at));
        };
        let known: Vec<&str> = COMMON.iter().chain(*keys).copied().collect();
        section.only(&known)?;
        let kind = match kind {
            "xor" => Kind::Xor {
                d: d()?,
                n: n()?,
                seed: seed()?,
            },
            "cube" => Kind::Cube { d: d()? },
            "complete" => Kind::Complete {
                d: d()?,
                set: SetForm::read(section)?,
            },
            "random" => Kind::Random {
                d: d()?,
                n: n()?,
                seed: seed()?,
                options: options(section)?,
            },
            "points" => Kind::Points(points(section)?),
            "formula" => {
                let x = section.entries("x")?;
                let x = x.ok_or_else(|| section.missing("x", "x = \"if(k = i, 1, 0)\""))?;
                Kind::Formula {
                    d: d()?,
                    n: n()?,
                    x,
                }
            }
            _ => {
                let (path, place) = csv::path(section, folder)?;
                Kind::Csv { path, place }
            }
        };
        let labels = section.entries("labels")?;
        let own = matches!(kind, Kind::Points(_) | Kind::Formula { .. });
        if own && labels.is_none() {
            return Err(section.missing("labels", "labels = \"x[i,1]*x[i,2]\""));
        }
        Ok(Self {
            kind,
            labels,
            place: section.place,
        })
    }

    /// Whether other seeds give other data.
    pub fn is_drawn(&self) -> bool {
        let random = |set: &SetForm| matches!(set, SetForm::Random { .. });
        match &self.kind {
            Kind::Xor { .. } | Kind::Random { .. } => true,
            Kind::Complete { set, .. } => random(set),
            _ => false,
        }
    }

    /// The training set; `shift` is added to every seed.
    pub fn build(&self, frame: &mut Frame, shift: u64) -> Built<()> {
        let mut data = self.points(frame, shift)?;
        check_work(self.place, &[data.len(), data.dim()])?;
        if let Some(labels) = &self.labels {
            // labels may speak of the inputs
            data.y.resize(data.len(), Radical::zero());
            let n = data.len();
            frame.scene.data = Some(data.clone());
            data.y = frame.vector(labels, "i", n, &[])?;
        }
        frame.scene.data = Some(data);
        Ok(())
    }

    fn points(&self, frame: &Frame, shift: u64) -> Built<Dataset<Radical>> {
        let wrong = |error: &dyn std::fmt::Display| Stop::wrong(self.place, error.to_string());
        let count =
            |formula: &Formula, what: &str, most: usize| frame.count(formula, what, 1, most);
        let seed = |seed: &Option<Formula>| -> Built<u64> {
            let own = match seed {
                Some(seed) => frame.count(seed, "seed", 0, u32::MAX as usize)?,
                None => 1,
            };
            Ok((own as u64).wrapping_add(shift))
        };
        let rational = |data: Dataset<crate::scalar::Rational>| {
            data.map(|q| Radical::from_rational(q.clone()))
        };
        match &self.kind {
            Kind::Xor { d, n, seed: s } => {
                let (d, n) = (count(d, "d", MAX_D)?, count(n, "n", MAX_N)?);
                check_work(self.place, &[n, d])?;
                let sample = xor::sample(d, n, &mut rng(seed(s)?, "xor"));
                sample.map(rational).map_err(|e| wrong(&e))
            }
            Kind::Cube { d } => {
                let cube = xor::full_cube(count(d, "d", MAX_D)?);
                cube.map(rational)
                    .map_err(|error| Stop::wrong(d.place, error.to_string()))
            }
            Kind::Complete { d, set } => {
                let d = count(d, "d", MAX_D)?;
                let set = match set {
                    SetForm::Smallest => CompleteSet::smallest(d).map_err(|e| wrong(&e))?,
                    SetForm::All => CompleteSet::all(d).map_err(|e| wrong(&e))?,
                    SetForm::Suffixes(s) => CompleteSet::new(d, s).map_err(|e| wrong(&e))?,
                    SetForm::Random { size, seed: s } => {
                        let size = count(size, "size", MAX_N)?;
                        let rng = &mut rng(seed(s)?, "complete");
                        CompleteSet::random(d, size, rng).map_err(|e| wrong(&e))?
                    }
                };
                Ok(rational(set.training_set()))
            }
            Kind::Random {
                d,
                n,
                seed: s,
                options,
            } => {
                let (d, n) = (count(d, "d", MAX_D)?, count(n, "n", MAX_N)?);
                check_work(self.place, &[n, d])?;
                let data = dataset(&mut rng(seed(s)?, "random"), n, d, options);
                if data.len() < n {
                    let message = format!("there are only {} distinct inputs", data.len());
                    return Err(Stop::wrong(self.place, message));
                }
                Ok(rational(data))
            }
            Kind::Points(points) => {
                let x = points.iter().map(|point| point.build(frame));
                let x: Vec<Vec<Radical>> = x.collect::<Built<_>>()?;
                let d = x.first().map_or(0, Vec::len);
                if d == 0 || x.iter().any(|point| point.len() != d) {
                    let message = "the points need one number of coordinates, at least 1";
                    return Err(Stop::wrong(self.place, message));
                }
                Ok(Dataset { x, y: Vec::new() })
            }
            Kind::Formula { d, n, x } => {
                let (d, n) = (count(d, "d", MAX_D)?, count(n, "n", MAX_N)?);
                check_work(self.place, &[n, d])?;
                let x = frame.matrix(x, ("i", n), ("k", d), &[])?;
                Ok(Dataset { x, y: Vec::new() })
            }
            Kind::Csv { path, place } => {
                csv::samples(path).map_err(|what| Stop::wrong(*place, what))
            }
        }
    }
}

impl SetForm {
    fn read(section: &Section) -> Read<Self> {
        if let Some(size) = section.formula("size")? {
            let seed = section.formula("seed")?;
            return Ok(Self::Random { size, seed });
        }
        let Some(texts) = section.texts("set")? else {
            return Err(section.missing("set", "set = \"smallest\", \"all\" or [\"++\", \"+-\"]"));
        };
        match texts.as_slice() {
            [("smallest", _)] => Ok(Self::Smallest),
            [("all", _)] => Ok(Self::All),
            suffixes => {
                let bits = |(text, place): &(&str, Place)| -> Read<u64> {
                    let signs = signs(text, *place)?;
                    if signs.len() > 62 {
                        return Err(Misread::new(*place, "more than 62 signs"));
                    }
                    let bit = |(k, sign): (usize, &i64)| u64::from(*sign == 1) << k;
                    Ok(signs.iter().enumerate().map(bit).sum())
                };
                suffixes
                    .iter()
                    .map(bits)
                    .collect::<Read<_>>()
                    .map(Self::Suffixes)
            }
        }
    }
}

impl PointForm {
    fn build(&self, frame: &Frame) -> Built<Vec<Radical>> {
        match self {
            Self::Signs(signs) => Ok(signs.iter().map(|s| Radical::from_int(*s)).collect()),
            Self::Coordinates(entries) => entries.iter().map(|e| frame.value(e, &[])).collect(),
        }
    }
}

/// The error that a word is not one of `known`.
pub fn unknown(what: &str, word: &str, known: &[&str], place: Place) -> Misread {
    let near = crate::io::suggest(word, known.iter().copied());
    let hint = near.map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
    let known = match known {
        [] => "none".into(),
        known => known.join(", "),
    };
    let message = format!("unknown {what} \"{word}\"{hint} (known: {known})");
    Misread::new(place, message)
}

/// Refuses sizes whose product is past [`MAX_ENTRIES`].
pub fn check_work(place: Place, sizes: &[usize]) -> Built<()> {
    let work = sizes
        .iter()
        .fold(1usize, |work, size| work.saturating_mul(*size));
    if work <= MAX_ENTRIES {
        return Ok(());
    }
    let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
    let message = format!(
        "{} = {work} entries are more than {MAX_ENTRIES}: make it smaller",
        sizes.join(" * ")
    );
    Err(Stop::wrong(place, message))
}

fn signs(text: &str, place: Place) -> Read<Vec<i64>> {
    let sign = |c: char| match c {
        '+' => Ok(1),
        '-' => Ok(-1),
        _ => Err(Misread::new(
            place,
            "a point of signs is written with + and -",
        )),
    };
    text.chars().map(sign).collect()
}

fn points(section: &Section) -> Read<Vec<PointForm>> {
    let example = "points = [\"++-\", [1, \"1/2\", -1]]";
    let missing = || section.missing("points", example);
    let items = section.items("points")?.ok_or_else(missing)?;
    let point = |item: Item| match item {
        Item::Text(text, place) => signs(text, place).map(PointForm::Signs),
        Item::List(coordinates) => Ok(PointForm::Coordinates(coordinates)),
    };
    let points: Vec<PointForm> = items.into_iter().map(point).collect::<Read<_>>()?;
    if points.is_empty() || points.len() > MAX_N {
        return Err(missing());
    }
    Ok(points)
}

fn options(section: &Section) -> Read<Options> {
    let mut options = Options {
        repeats: section.flag("repeats")?,
        contradictions: section.flag("contradictions")?,
        ..Options::default()
    };
    if let Some((text, place)) = section.text("inputs")? {
        options.inputs = match text {
            "any" => Inputs::Any,
            "cube" => Inputs::Cube,
            "sphere" => Inputs::Sphere,
            other => {
                return Err(unknown(
                    "kind of inputs",
                    other,
                    &["any", "cube", "sphere"],
                    place,
                ));
            }
        };
    }
    if let Some((text, place)) = section.text("outputs")? {
        options.labels = match text {
            "any" => Labels::Any,
            "nonzero" => Labels::Nonzero,
            "signs" => Labels::Signs,
            other => {
                return Err(unknown(
                    "kind of labels",
                    other,
                    &["any", "nonzero", "signs"],
                    place,
                ));
            }
        };
    }
    Ok(options)
}
