//! Atomic writes: a reader sees the old file or the new one, never half of either.
//!
//! temporary name in the same directory -> fsync -> rename -> fsync of the directory. The rename is
//! atomic because both names are on one file system. Tied to `failure_keeps_the_old_file`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file could not be written; whatever stood at the path before is unchanged.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path:?}: {source}; {advice}", advice = super::advice(source.kind()))]
pub struct WriteError {
    /// The file that was to be written.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

/// Writes `contents` to `path` atomically, replacing what was there and making missing directories.
///
/// # Errors
/// [`WriteError`] if a directory cannot be made, the disk is full, or `path` is a directory or has
/// no file name. The old file then still stands and no temporary file is left.
pub fn write_atomic(path: &Path, contents: impl AsRef<[u8]>) -> Result<(), WriteError> {
    replace(path, contents.as_ref()).map_err(|source| WriteError {
        path: path.into(),
        source,
    })
}

fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    if path.file_name().is_none() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "the path has no file name",
        ));
    }
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(directory)?;
    let (temporary, file) = create_temporary(directory)?;
    let done = fill(file, contents).and_then(|()| fs::rename(&temporary, path));
    if done.is_err() {
        // The first error is the one to report, whether or not the clean-up works.
        let _ = fs::remove_file(&temporary);
        return done;
    }
    sync_directory(directory)
}

/// A new file in `directory` under a name that neither this process nor a crashed one holds.
fn create_temporary(directory: &Path) -> io::Result<(PathBuf, File)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = directory.join(format!(".flatproof-{}-{count}.tmp", process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            opened => return opened.map(|file| (name, file)),
        }
    }
}

fn fill(mut file: File, contents: &[u8]) -> io::Result<()> {
    file.write_all(contents)?;
    file.sync_all()
}

/// Makes the rename itself durable. Only Unix can open a directory for this.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(directory)?.sync_all()
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn makes_directories_and_replaces() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/witness.json");
        write_atomic(&path, "first").unwrap();
        write_atomic(&path, "second, longer").unwrap();
        write_atomic(&path, "3").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "3");
        assert_eq!(names(path.parent().unwrap()), ["witness.json"]);
    }

    #[test]
    fn failure_keeps_the_old_file() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("taken");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("old"), "old").unwrap();
        let error = write_atomic(&target, "new").unwrap_err().to_string();
        assert!(
            error.starts_with("cannot write \"") && error.contains("taken"),
            "{error}"
        );
        assert!(
            error.ends_with("; name a file instead of a directory"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(target.join("old")).unwrap(), "old");
        assert_eq!(names(root.path()), ["taken"], "no temporary file is left");
    }

    #[test]
    fn a_file_in_the_way_of_a_directory() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("out"), "").unwrap();
        for path in ["out/x.json", "out/deeper/x.json"] {
            let error = write_atomic(&root.path().join(path), "")
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("a file stands where a directory is needed"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_path_without_file_name() {
        for path in ["", "/", ".."] {
            let error = write_atomic(Path::new(path), "x").unwrap_err().to_string();
            assert!(error.contains("no file name"), "{error}");
        }
    }

    #[test]
    fn skips_the_leftovers_of_a_crash() {
        let root = tempfile::tempdir().unwrap();
        // Other tests of this process draw from the same counter: block far more names than they use.
        for count in 0..200 {
            let left = format!(".flatproof-{}-{count}.tmp", process::id());
            fs::write(root.path().join(left), "half").unwrap();
        }
        write_atomic(&root.path().join("x"), "whole").unwrap();
        assert_eq!(fs::read_to_string(root.path().join("x")).unwrap(), "whole");
        assert_eq!(
            names(root.path()).len(),
            201,
            "leftovers of others are not ours to delete"
        );
    }

    #[test]
    fn concurrent_writers_leave_one_whole_file() {
        let root = tempfile::tempdir().unwrap();
        let path = &root.path().join("x");
        let texts: Vec<String> = (0..8).map(|i| i.to_string().repeat(10_000)).collect();
        std::thread::scope(|scope| {
            for text in &texts {
                scope.spawn(move || write_atomic(path, text).unwrap());
            }
        });
        assert!(texts.contains(&fs::read_to_string(path).unwrap()));
        assert_eq!(names(root.path()), ["x"]);
    }
}
