//! Files and people, no mathematics: what every verb uses to read, to write and to report.
//!
//! Every error is one sentence that says what failed, where, and what to do. Paths stand in quotes
//! with control characters escaped, so that a sentence is always one line.
//! Tied to the tests in each file; nothing here is from the paper.

use std::io::ErrorKind;

pub mod atomic;
pub mod csv;
pub mod files;
pub mod junit;
pub mod plot;
pub mod progress;
mod suggest;
pub mod table;

pub use atomic::{WriteError, write_atomic};
pub use files::{ReadError, read_bounded, read_bytes};
pub use progress::Progress;
pub use suggest::suggest;
pub use table::{Cell, Look, Table, wrap};

/// What a user can do about a failed file operation.
fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "check the spelling of the path",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "change the permissions or name another path"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space or name another path",
        ErrorKind::IsADirectory => "name a file instead of a directory",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a directory is needed: move it or name another path"
        }
        _ => "name another path",
    }
}
