//! What the verbs that run cases share: threads, time, and the folder their evidence goes to.

use super::{Format, Unusable};
use crate::certificate::Witness;
use crate::io::{Cell, write_atomic};
use crate::theorem::Verdict;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The options they have in common.
#[derive(clap::Args)]
pub(super) struct Common {
    /// Where witnesses and certificates are written
    #[arg(long, value_name = "DIR", default_value = "flatproof-out")]
    pub(super) out: PathBuf,
    /// Threads, at most 1024; 0 means one per core
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=1024))]
    jobs: u16,
    /// Give up after so many seconds; what is left is undecided
    #[arg(long, value_name = "SECONDS")]
    budget: Option<u64>,
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

impl Common {
    /// The threads to work on.
    pub(super) fn pool(&self) -> Result<rayon::ThreadPool, Unusable> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.into());
        pool.build().map_err(Unusable::from_error)
    }

    /// The end of the budget from now; none if it lies beyond the clock.
    pub(super) fn deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(Duration::from_secs(self.budget?))
    }
}

/// Makes the folders below `out`, whose name must be UTF-8.
pub(super) fn make_folders(out: &Path, names: &[&str]) -> Result<(), Unusable> {
    if out.to_str().is_none() {
        return Err(Unusable(format!(
            "the folder {out:?} is not UTF-8, which JSON needs; choose another --out"
        )));
    }
    for name in names {
        let path = out.join(name);
        std::fs::create_dir_all(&path).map_err(|error| {
            Unusable(format!(
                "cannot make the folder {path:?}: {error}; choose another --out"
            ))
        })?;
    }
    Ok(())
}

/// Saves a witness at `path`; without one, removes that of an earlier run unless `keep`.
pub(super) fn save(
    path: PathBuf,
    witness: Option<&Witness>,
    keep: bool,
) -> Result<Option<PathBuf>, Unusable> {
    let Some(witness) = witness else {
        if !keep {
            let _ = std::fs::remove_file(&path);
        }
        return Ok(None);
    };
    let text = serde_json::to_string_pretty(witness).map_err(Unusable::from_error)?;
    write_atomic(&path, text).map_err(Unusable::from_error)?;
    Ok(Some(path))
}

/// A verdict in its colour.
pub(super) fn verdict_cell(verdict: Verdict) -> Cell {
    let text = verdict.to_string();
    match verdict {
        Verdict::Verified => Cell::good(&text),
        Verdict::Refuted => Cell::bad(&text),
        Verdict::Vacuous | Verdict::Undecided => Cell::doubtful(&text),
    }
}
