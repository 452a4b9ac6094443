//! Checkpoints: weights as safetensors, which any tool reads, and beside them what resuming needs.
//!
//! | tensor | shape | is |
//! |---|---|---|
//! | `first.weight`, `first.bias` | m x d, m | W1, b1 (no bias without bias) |
//! | `hidden.k.weight`, k = 2 .. D - 1 | m x m | W_k |
//! | `gamma` | m | gamma, Sim-BN only |
//! | `last.weight` | 1 x m | W_D |
//!
//! The metadata have one key, `flatproof`: the JSON of [`Meta`]. No time is in the file, so equal runs
//! have equal bytes (test `bytes_are_those_of_the_run`). A reader sees a whole file or the one before it.

use crate::engine::{Architecture, Matrix, Model};
use crate::io::{ReadError, WriteError, read_bytes, write_atomic};
use crate::train::{Options, Refused, State};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The version of the metadata.
pub const SCHEMA: &str = "flatproof.checkpoint/1";
const KEY: &str = "flatproof";
/// No network within the limits needs more.
const MAX_BYTES: u64 = 1 << 27;

/// What stands beside the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of this crate.
    pub version: String,
    /// The run.
    pub options: Options,
    /// Whether the plain stepper was used.
    pub plain: bool,
    /// How far it is.
    pub state: State,
}

/// A network as it was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What stands beside the weights.
    pub meta: Meta,
    /// The weights.
    pub model: Model,
}

/// A checkpoint could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It is cut short, or not a checkpoint of this program.
    #[error("{path:?} is not a whole checkpoint: {why}; delete it or name another folder")]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// The bytes of a checkpoint.
///
/// # Errors
/// The sentence of a library that could not write it down.
pub fn to_bytes(model: &Model, meta: &Meta) -> Result<Vec<u8>, String> {
    let parts = tensors(model);
    let views = parts
        .iter()
        .map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            view.map(|view| (name.as_str(), view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    let meta = serde_json::to_string(meta).map_err(|error| error.to_string())?;
    let meta = HashMap::from([(KEY.to_owned(), meta)]);
    safetensors::serialize(views, Some(meta)).map_err(|error| error.to_string())
}

/// Saves a checkpoint, whole or not at all.
///
/// # Errors
/// [`CheckpointError`]; the old file then still stands.
pub fn save(path: &Path, model: &Model, meta: &Meta) -> Result<(), CheckpointError> {
    let bytes = to_bytes(model, meta).map_err(|why| broken(path, why))?;
    Ok(write_atomic(path, bytes)?)
}

/// Reads a checkpoint; its options are within the limits, its weights of their shape.
///
/// # Errors
/// [`CheckpointError`] with what is wrong.
pub fn read(path: &Path) -> Result<Checkpoint, CheckpointError> {
    from_bytes(&read_bytes(path, MAX_BYTES)?).map_err(|why| broken(path, why))
}

/// A checkpoint from its bytes.
///
/// # Errors
/// What is wrong with them.
pub fn from_bytes(bytes: &[u8]) -> Result<Checkpoint, String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let meta = header.metadata().as_ref().and_then(|meta| meta.get(KEY));
    let meta = meta.ok_or("it has no metadata of this program")?;
    let meta: Meta = serde_json::from_str(meta).map_err(|error| error.to_string())?;
    if meta.schema != SCHEMA {
        return Err(format!("its version is {:?}, not {SCHEMA:?}", meta.schema));
    }
    meta.options.check().map_err(|Refused(why)| why)?;
    let saved = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut model = Model::zeros(meta.options.shape());
    let expected = tensors(&model);
    if saved.len() != expected.len() {
        let (found, due) = (saved.len(), expected.len());
        return Err(format!("it holds {found} tensors, not {due}"));
    }
    let mut weights = HashMap::new();
    for (name, shape, _) in expected {
        let view = saved.tensor(&name).map_err(|error| error.to_string())?;
        if view.dtype() != Dtype::F32 || view.shape() != shape {
            return Err(format!(
                "the tensor {name} is not of shape {shape:?} in f32"
            ));
        }
        let number = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        weights.insert(name, view.data().chunks_exact(4).map(number).collect());
    }
    fill(&mut model, &weights);
    Ok(Checkpoint { meta, model })
}

fn broken(path: &Path, why: String) -> CheckpointError {
    CheckpointError::Broken {
        path: path.into(),
        why,
    }
}

/// Name, shape and bytes of every tensor.
fn tensors(model: &Model) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let (m, d) = (model.shape.width, model.shape.input_dim);
    let mut all = vec![(
        "first.weight".to_owned(),
        vec![m, d],
        bytes((0..m).flat_map(|j| &model.first.row(j)[..d])),
    )];
    if model.shape.architecture != Architecture::NoBias {
        let bias = (0..m).map(|j| &model.first.row(j)[d]);
        all.push(("first.bias".to_owned(), vec![m], bytes(bias)));
    }
    for (k, hidden) in model.hidden.iter().enumerate() {
        let rows = (0..m).flat_map(|j| hidden.row(j));
        all.push((hidden_name(k), vec![m, m], bytes(rows)));
    }
    if model.gamma.columns() > 0 {
        all.push(("gamma".to_owned(), vec![m], bytes(model.gamma.row(0))));
    }
    let last = bytes(model.last.row(0));
    all.push(("last.weight".to_owned(), vec![1, m], last));
    all
}

fn hidden_name(k: usize) -> String {
    format!("hidden.{}.weight", k + 2)
}

/// Little endian; every NaN as one, since its bits may differ between instruction sets.
fn bytes<'a>(weights: impl IntoIterator<Item = &'a f32>) -> Vec<u8> {
    let canonical = |w: &f32| if w.is_nan() { f32::NAN } else { *w };
    let four = |w| canonical(w).to_le_bytes();
    weights.into_iter().flat_map(four).collect()
}

/// Fills every part from [`tensors`]' names, whose shapes have been checked.
fn fill(model: &mut Model, weights: &HashMap<String, Vec<f32>>) {
    let empty = Vec::new();
    let named = |name: &str| weights.get(name).unwrap_or(&empty);
    let (m, d) = (model.shape.width, model.shape.input_dim);
    for j in 0..m {
        let row = model.first.row_mut(j);
        row[..d].copy_from_slice(&named("first.weight")[j * d..(j + 1) * d]);
        if let Some(bias) = row.get_mut(d) {
            *bias = named("first.bias")[j];
        }
    }
    for (k, hidden) in model.hidden.iter_mut().enumerate() {
        for j in 0..m {
            let row = &named(&hidden_name(k))[j * m..(j + 1) * m];
            hidden.row_mut(j).copy_from_slice(row);
        }
    }
    let copy = |part: &mut Matrix, name: &str| part.row_mut(0).copy_from_slice(named(name));
    copy(&mut model.gamma, "gamma");
    copy(&mut model.last, "last.weight");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Isa;
    use crate::train::{Machine, Trainer};

    fn options(architecture: Architecture, depth: usize) -> Options {
        Options {
            architecture,
            depth,
            width: 5,
            input_dim: 4,
            samples: 6,
            test_samples: 10,
            curve_samples: 10,
            ..Options::default()
        }
    }

    fn saved(options: Options) -> (Trainer, Meta) {
        let isa = Isa::Portable;
        let mut trainer = Trainer::new(options, Machine { isa, plain: true }).unwrap();
        for _ in 0..3 {
            trainer.advance();
        }
        let meta = Meta {
            schema: SCHEMA.into(),
            version: "0".into(),
            options: trainer.options().clone(),
            plain: true,
            state: trainer.state().clone(),
        };
        (trainer, meta)
    }

    #[test]
    fn round_trip_for_every_architecture() {
        use Architecture::{Bias, NoBias, SimBn, SimLn};
        for (architecture, depth) in [(NoBias, 2), (Bias, 2), (Bias, 4), (SimBn, 2), (SimLn, 2)] {
            let (trainer, meta) = saved(options(architecture, depth));
            let bytes = to_bytes(trainer.model(), &meta).unwrap();
            let back = from_bytes(&bytes).unwrap();
            assert_eq!(&back.model, trainer.model());
            assert_eq!(back.meta, meta);
        }
    }

    #[test]
    fn bytes_are_those_of_the_run() {
        let bytes = |seed| {
            let (trainer, meta) = saved(Options {
                seed,
                ..options(Architecture::SimBn, 2)
            });
            to_bytes(trainer.model(), &meta).unwrap()
        };
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }

    #[test]
    fn every_cut_is_noticed() {
        let (trainer, meta) = saved(options(Architecture::Bias, 3));
        let bytes = to_bytes(trainer.model(), &meta).unwrap();
        for length in 0..bytes.len() {
            assert!(from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn shapes_and_versions_are_checked() {
        let (trainer, meta) = saved(options(Architecture::Bias, 2));
        let refusal =
            |meta: &Meta| from_bytes(&to_bytes(trainer.model(), meta).unwrap()).unwrap_err();
        let mut other = meta.clone();
        other.options.width = 6;
        assert!(
            refusal(&other).contains("is not of shape [6, 4]"),
            "{}",
            refusal(&other)
        );
        other.options.width = usize::MAX;
        assert!(refusal(&other).contains("the width must be"));
        other = meta.clone();
        other.options.depth = 3;
        assert!(refusal(&other).contains("3 tensors, not 4"));
        other = meta;
        other.schema = "flatproof.checkpoint/2".into();
        assert!(refusal(&other).contains("its version is"));
    }
}
