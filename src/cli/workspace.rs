//! What the verbs that run cases share: threads, time, and the folder their evidence goes to.

use super::Unusable;
use crate::certificate::Witness;
use crate::io::{Cell, write_atomic};
use crate::theorem::Verdict;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Threads that work on cases; 0 means one per core.
pub(super) fn pool(jobs: u16) -> Result<rayon::ThreadPool, Unusable> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.into());
    pool.build().map_err(Unusable::from_error)
}

/// The end of a budget of so many seconds from now; none if it lies beyond the clock.
pub(super) fn deadline(budget: Option<u64>) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(budget?))
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
