//! The `[network]` of a case file: an architecture with its weights as formulas, or a construction of
//! the paper by name.

use super::data::{check_work, unknown};
use super::frame::{Built, Frame, Stop};
use super::named::{self, Named};
use super::read::{Entries, Formula, Place, Read, Section};
use crate::network::{Bias, Layer, Network, NoBias, SimBn, SimLn};
use crate::scalar::{Radical, Ring};
use std::collections::BTreeMap;

/// The widest network.
pub const MAX_WIDTH: usize = 20_000;
/// The deepest network.
pub const MAX_DEPTH: usize = 64;

/// Where a network comes from.
#[derive(Clone, Debug)]
pub struct NetworkForm {
    kind: Kind,
    place: Place,
}

#[derive(Clone, Debug)]
enum Kind {
    Weights(Box<Weights>),
    Named {
        named: &'static Named,
        arguments: BTreeMap<&'static str, Formula>,
    },
}

#[derive(Clone, Debug)]
struct Weights {
    architecture: Architecture,
    width: Formula,
    depth: Option<Formula>,
    first: Entries,
    bias: Option<Entries>,
    hidden: Option<Entries>,
    last: Entries,
    gamma: Option<Entries>,
    eps: Option<Formula>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Architecture {
    NoBias,
    Bias,
    DeepBias,
    SimBn,
    SimLn,
}

/// The architectures, in the order of the enum, each with its keys beside [`COMMON`].
pub const ARCHITECTURES: &[(&str, &[&str])] = &[
    ("2-MLP-No-Bias", &["W2"]),
    ("2-MLP-Bias", &["b1", "W2"]),
    ("MLP-Bias", &["b1", "depth", "W", "WD"]),
    ("2-MLP-Sim-BN", &["b1", "gamma", "W2"]),
    ("2-MLP-Sim-LN", &["b1", "W2", "eps"]),
];

/// The keys of every architecture.
pub const COMMON: [&str; 3] = ["architecture", "width", "W1"];

impl Architecture {
    fn read(section: &Section) -> Read<Self> {
        let example = "architecture = \"2-MLP-Bias\"";
        let Some((text, place)) = section.text("architecture")? else {
            let keys = ARCHITECTURES.iter().flat_map(|(_, keys)| *keys);
            let keys = keys.chain(&COMMON).chain(&["construction"]);
            section.only(&keys.copied().collect::<Vec<_>>())?;
            return Err(section.missing("architecture", example));
        };
        Ok(match text {
            "2-MLP-No-Bias" => Self::NoBias,
            "2-MLP-Bias" => Self::Bias,
            "MLP-Bias" => Self::DeepBias,
            "2-MLP-Sim-BN" => Self::SimBn,
            "2-MLP-Sim-LN" => Self::SimLn,
            other => {
                let names: Vec<&str> = ARCHITECTURES.iter().map(|(name, _)| *name).collect();
                return Err(unknown("architecture", other, &names, place));
            }
        })
    }

    /// The keys beside [`COMMON`].
    fn keys(self) -> &'static [&'static str] {
        ARCHITECTURES[self as usize].1
    }
}

impl NetworkForm {
    /// Reads `[network]` or one of the other networks.
    pub fn read(section: &Section) -> Read<Self> {
        let place = section.place;
        if let Some((name, at)) = section.text("construction")? {
            let names: Vec<&str> = named::ALL.iter().map(|named| named.name).collect();
            let named = named::ALL.iter().find(|named| named.name == name);
            let named = named.ok_or_else(|| unknown("construction", name, &names, at))?;
            let keys = named.arguments.iter().map(|(key, _)| *key);
            let known: Vec<&str> = ["construction"].into_iter().chain(keys).collect();
            section.only(&known)?;
            let mut arguments = BTreeMap::new();
            for (key, example) in named.arguments {
                let formula = section.formula(key)?;
                let formula = formula.ok_or_else(|| section.missing(key, example))?;
                arguments.insert(*key, formula);
            }
            let kind = Kind::Named { named, arguments };
            return Ok(Self { kind, place });
        }
        let architecture = Architecture::read(section)?;
        let known: Vec<&str> = COMMON.iter().chain(architecture.keys()).copied().collect();
        section.only(&known)?;
        let has = |key: &str| architecture.keys().contains(&key);
        let need = |key: &str, example: &str| {
            section
                .entries(key)?
                .ok_or_else(|| section.missing(key, example))
        };
        let if_has = |key: &str, example: &str| match has(key) {
            true => need(key, example).map(Some),
            false => Ok(None),
        };
        let number = |key: &str, example: &str| match has(key) {
            true => section
                .formula(key)?
                .ok_or_else(|| section.missing(key, example))
                .map(Some),
            false => Ok(None),
        };
        let width = section.formula("width")?;
        let last = if has("WD") { "WD" } else { "W2" };
        let weights = Weights {
            architecture,
            width: width.ok_or_else(|| section.missing("width", "width = \"n\""))?,
            depth: number("depth", "depth = 3")?,
            first: need("W1", "W1 = \"x[j,k]\"")?,
            bias: if_has("b1", "b1 = \"1 - d\"")?,
            hidden: section.entries("W")?,
            last: need(last, "W2 = \"y[j]\"")?,
            gamma: if_has("gamma", "gamma = \"1\"")?,
            eps: number("eps", "eps = \"1/1000\"")?,
        };
        let kind = Kind::Weights(Box::new(weights));
        Ok(Self { kind, place })
    }

    /// The network at this choice of parameters and data.
    pub fn build(&self, frame: &mut Frame) -> Built<Network<Radical>> {
        let net = match &self.kind {
            Kind::Weights(weights) => weights.build(frame, self.place)?,
            Kind::Named { named, arguments } => {
                let mut values = BTreeMap::new();
                for (key, formula) in arguments {
                    values.insert(*key, (frame.value(formula, &[])?, formula.place));
                }
                (named.build)(
                    frame,
                    &named::Arguments {
                        values,
                        place: self.place,
                    },
                )?
            }
        };
        let (d, found) = (frame.scene.data.as_ref().map_or(0, |data| data.dim()), &net);
        let input = found.architecture().input_dim();
        if input != d {
            let message =
                format!("the network takes inputs of dimension {input}, the data has d = {d}");
            return Err(Stop::wrong(self.place, message));
        }
        Ok(net)
    }
}

impl Weights {
    fn build(&self, frame: &mut Frame, place: Place) -> Built<Network<Radical>> {
        let m = frame.count(&self.width, "width", 1, MAX_WIDTH)?;
        frame.width = Some(m);
        let d = frame.scene.data.as_ref().map_or(0, |data| data.dim());
        check_work(place, &[m, d + 1])?;
        check_work(
            place,
            &[m, frame.scene.data.as_ref().map_or(0, |data| data.len())],
        )?;
        let neurons = |frame: &Frame, entries: &Entries| frame.vector(entries, "j", m, &[]);
        let mut first = frame.matrix(&self.first, ("j", m), ("k", d), &[])?;
        if let Some(bias) = &self.bias {
            let bias = neurons(frame, bias)?;
            first.iter_mut().zip(bias).for_each(|(row, b)| row.push(b));
        }
        let last = neurons(frame, &self.last)?;
        Ok(match self.architecture {
            Architecture::NoBias => Network::NoBias(NoBias { first, last }),
            Architecture::Bias => Network::Bias(Bias {
                first,
                hidden: vec![],
                last,
            }),
            Architecture::DeepBias => {
                let hidden = self.hidden(frame, m, place)?;
                Network::Bias(Bias {
                    first,
                    hidden,
                    last,
                })
            }
            Architecture::SimBn => {
                let gamma = self.gamma.as_ref().map(|gamma| neurons(frame, gamma));
                let gamma = gamma.transpose()?.unwrap_or_default();
                Network::SimBn(SimBn { first, gamma, last })
            }
            Architecture::SimLn => {
                let (eps, at) = match &self.eps {
                    Some(eps) => (frame.value(eps, &[])?, eps.place),
                    None => (Radical::zero(), place),
                };
                if eps <= Radical::zero() {
                    return Err(Stop::wrong(at, format!("eps = {eps} should be positive")));
                }
                Network::SimLn(SimLn { first, last, eps })
            }
        })
    }

    /// `W_2 .. W_{D-1}`, each m x m, by a formula in `l`, `j` and `k` or a list of such.
    fn hidden(&self, frame: &Frame, m: usize, place: Place) -> Built<Vec<Layer<Radical>>> {
        let Some(depth) = &self.depth else {
            return Ok(Vec::new());
        };
        let depth = frame.count(depth, "depth", 2, MAX_DEPTH)?;
        let Some(entries) = self.hidden.as_ref().filter(|_| depth > 2) else {
            if depth == 2 {
                return Ok(Vec::new());
            }
            let message = "depth > 2 needs the key \"W\", for example W = \"if(j = k, 1, -1)\"";
            return Err(Stop::wrong(place, message));
        };
        check_work(place, &[m, m, depth - 2])?;
        let layer = |l: usize| {
            let bound = [("l", l as i64)];
            let item = frame.item(entries, l - 2, depth - 2, "l")?;
            let rows = frame.matrix(item, ("j", m), ("k", m), &bound)?;
            Ok(structured(rows))
        };
        (2..depth).map(layer).collect()
    }
}

/// The layer with its structure recognised: constant off the diagonal, or dense.
fn structured(rows: Vec<Vec<Radical>>) -> Layer<Radical> {
    let off_diagonal = || {
        let entries = |(j, row): (usize, &Vec<Radical>)| {
            let others = row.iter().enumerate().filter(move |(k, _)| *k != j);
            others.map(|(_, entry)| entry.clone()).collect::<Vec<_>>()
        };
        rows.iter().enumerate().flat_map(entries)
    };
    let mut entries = off_diagonal();
    match entries.next() {
        Some(off) if entries.all(|entry| entry == off) => Layer::Diagonal {
            diagonal: rows
                .iter()
                .enumerate()
                .map(|(j, row)| row[j].clone())
                .collect(),
            off,
        },
        _ => Layer::Dense(rows),
    }
}
