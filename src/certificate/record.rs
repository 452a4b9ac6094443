//! Data and networks as text: exact expressions, `+-` strings for points of the cube, neurons as a
//! rational direction times one scale where that fits.

use crate::data::{Dataset, Malformed};
use crate::network::{Layer, Network};
use crate::scalar::text::{self, ParseError};
use crate::scalar::{Field, Radical, Ring};
use serde::{Deserialize, Serialize};

/// Numbers as text.
type Texts = Vec<String>;

/// A training set as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRecord {
    /// One entry per sample.
    pub points: Vec<PointRecord>,
    /// One label per sample.
    pub labels: Texts,
}

/// A point as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PointRecord {
    /// A point of {-1,1}^d: `+` and `-`.
    Signs(String),
    /// Coordinates.
    Coordinates(Texts),
}

/// `scale * direction`, or `row` where a row has no common scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RowRecord {
    /// `scale * direction`, the direction rational.
    Scaled {
        /// The common factor.
        scale: String,
        /// The rational direction (the bias last, where the layer has one).
        direction: Texts,
    },
    /// Entry by entry.
    Plain(Texts),
}

/// A hidden matrix as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LayerRecord {
    /// Constant off the diagonal.
    Diagonal {
        /// The diagonal.
        diagonal: Texts,
        /// Every other entry.
        off: String,
    },
    /// Rows in full.
    Dense(Vec<Texts>),
}

/// A network as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "architecture", deny_unknown_fields)]
pub enum NetworkRecord {
    /// `2-MLP-No-Bias`.
    #[serde(rename = "2-MLP-No-Bias")]
    NoBias {
        /// W1.
        first: Vec<RowRecord>,
        /// W2.
        last: Texts,
    },
    /// `MLP-Bias` of any depth; rows of the first layer end with the bias.
    #[serde(rename = "MLP-Bias")]
    Bias {
        /// (W1, b1).
        first: Vec<RowRecord>,
        /// W_2 .. W_{D-1}.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hidden: Vec<LayerRecord>,
        /// W_D.
        last: Texts,
    },
    /// `2-MLP-Sim-BN`.
    #[serde(rename = "2-MLP-Sim-BN")]
    SimBn {
        /// (W1, b1).
        first: Vec<RowRecord>,
        /// gamma.
        gamma: Texts,
        /// W2.
        last: Texts,
    },
    /// `2-MLP-Sim-LN`.
    #[serde(rename = "2-MLP-Sim-LN")]
    SimLn {
        /// (W1, b1).
        first: Vec<RowRecord>,
        /// W2.
        last: Texts,
        /// eps.
        eps: String,
    },
}

/// Why a record is not data or a network.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A number that does not parse.
    #[error("{0}")]
    Text(#[from] ParseError),
    /// Rows, labels or layers that do not fit together.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

fn texts(numbers: &[Radical]) -> Texts {
    numbers.iter().map(Radical::to_string).collect()
}

fn numbers(texts: &[String]) -> Result<Vec<Radical>, RecordError> {
    texts.iter().map(|t| Ok(text::parse(t)?)).collect()
}

impl DataRecord {
    /// The record of a training set.
    pub fn of(data: &Dataset<Radical>) -> Self {
        Self {
            points: data.x.iter().map(|x| PointRecord::of(x)).collect(),
            labels: texts(&data.y),
        }
    }

    /// The training set: at least one sample, d >= 1, all of one dimension.
    pub fn read(&self) -> Result<Dataset<Radical>, RecordError> {
        let x: Vec<Vec<Radical>> = self
            .points
            .iter()
            .map(PointRecord::read)
            .collect::<Result<_, _>>()?;
        Ok(Dataset::new(x, numbers(&self.labels)?)?)
    }
}

impl PointRecord {
    fn of(x: &[Radical]) -> Self {
        let (plus, minus) = (Radical::one(), Radical::from_int(-1));
        if x.iter().all(|v| *v == plus || *v == minus) {
            Self::Signs(
                x.iter()
                    .map(|v| if *v == plus { '+' } else { '-' })
                    .collect(),
            )
        } else {
            Self::Coordinates(texts(x))
        }
    }

    fn read(&self) -> Result<Vec<Radical>, RecordError> {
        let sign = |c: char| match c {
            '+' => Ok(Radical::one()),
            '-' => Ok(Radical::from_int(-1)),
            other => {
                let sentence = format!("a point of signs holds {other:?}, not + or -");
                Err(Malformed(sentence).into())
            }
        };
        match self {
            Self::Signs(signs) => signs.chars().map(sign).collect(),
            Self::Coordinates(texts) => numbers(texts),
        }
    }
}

impl RowRecord {
    fn of(row: &[Radical]) -> Self {
        Self::scaled(row).unwrap_or_else(|| Self::Plain(texts(row)))
    }

    /// `scale * direction` with the first irrational entry's radical as the scale.
    fn scaled(row: &[Radical]) -> Option<Self> {
        let scale = match row.iter().find(|v| v.as_rational().is_none()) {
            None => Radical::one(),
            Some(v) => v.clone(),
        };
        let inverse = scale.inv().ok()?;
        let ratio = |v: &Radical| Some(v.mul(&inverse).as_rational()?.to_string());
        let direction = row.iter().map(ratio).collect::<Option<Texts>>()?;
        Some(Self::Scaled {
            scale: scale.to_string(),
            direction,
        })
    }

    fn read(&self) -> Result<Vec<Radical>, RecordError> {
        match self {
            Self::Plain(row) => numbers(row),
            Self::Scaled { scale, direction } => {
                let scale = text::parse(scale)?;
                Ok(numbers(direction)?.iter().map(|v| scale.mul(v)).collect())
            }
        }
    }
}

impl LayerRecord {
    fn of(layer: &Layer<Radical>) -> Self {
        match layer {
            Layer::Dense(rows) => Self::Dense(rows.iter().map(|row| texts(row)).collect()),
            Layer::Diagonal { diagonal, off } => Self::Diagonal {
                diagonal: texts(diagonal),
                off: off.to_string(),
            },
        }
    }

    fn read(&self) -> Result<Layer<Radical>, RecordError> {
        Ok(match self {
            Self::Diagonal { diagonal, off } => Layer::Diagonal {
                diagonal: numbers(diagonal)?,
                off: text::parse(off)?,
            },
            Self::Dense(rows) => Layer::Dense(read_all(rows, |row| numbers(row))?),
        })
    }
}

impl NetworkRecord {
    /// The record of a network.
    pub fn of(network: &Network<Radical>) -> Self {
        let rows = |rows: &[Vec<Radical>]| rows.iter().map(|row| RowRecord::of(row)).collect();
        match network {
            Network::NoBias(net) => Self::NoBias {
                first: rows(&net.first),
                last: texts(&net.last),
            },
            Network::Bias(net) => Self::Bias {
                first: rows(&net.first),
                hidden: net.hidden.iter().map(LayerRecord::of).collect(),
                last: texts(&net.last),
            },
            Network::SimBn(net) => Self::SimBn {
                first: rows(&net.first),
                gamma: texts(&net.gamma),
                last: texts(&net.last),
            },
            Network::SimLn(net) => Self::SimLn {
                first: rows(&net.first),
                last: texts(&net.last),
                eps: net.eps.to_string(),
            },
        }
    }

    /// The network for inputs of dimension `d`: width >= 1, all sizes fitting, eps > 0.
    pub fn read(&self, d: usize) -> Result<Network<Radical>, RecordError> {
        let first_layer = |rows: &[RowRecord]| read_all(rows, RowRecord::read);
        let net = match self {
            Self::NoBias { first, last } => Network::no_bias(first_layer(first)?, numbers(last)?),
            Self::Bias {
                first,
                hidden,
                last,
            } => Network::deep_bias(
                first_layer(first)?,
                read_all(hidden, LayerRecord::read)?,
                numbers(last)?,
            ),
            Self::SimBn { first, gamma, last } => {
                Network::sim_bn(first_layer(first)?, numbers(gamma)?, numbers(last)?)
            }
            Self::SimLn { first, last, eps } => {
                Network::sim_ln(first_layer(first)?, numbers(last)?, text::parse(eps)?)
            }
        }?;
        let reads = net.architecture().input_dim();
        if reads != d {
            let sentence = format!("it reads {reads} coordinates, the data has {d}");
            return Err(Malformed(sentence).into());
        }
        Ok(net)
    }
}

fn read_all<T, U>(
    records: &[T],
    read: impl Fn(&T) -> Result<U, RecordError>,
) -> Result<Vec<U>, RecordError> {
    records.iter().map(read).collect()
}
