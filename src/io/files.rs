//! Bounded reading: a text file of at most so many bytes, or one sentence.
//!
//! The bound holds while reading, so `/dev/zero` and growing files cost no more than `max_bytes`.
//! Tied to `the_bound_is_exact`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file could not be read as text.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot read {path:?}: {source}; {advice}", advice = super::advice(source.kind()))]
    System {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is longer than the caller allows.
    #[error(
        "cannot read {path:?}: it is longer than {max_bytes} bytes; split it or name another file"
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The bound.
        max_bytes: u64,
    },
    /// The bytes are not UTF-8.
    #[error(
        "cannot read {path:?}: byte {offset} is not UTF-8 text; check that this is the file you mean"
    )]
    NotText {
        /// The file.
        path: PathBuf,
        /// Position of the first bad byte, from 0.
        offset: usize,
    },
}

/// The text of `path`, if it is UTF-8 and has at most `max_bytes` bytes.
///
/// # Errors
/// [`ReadError`]; no more than `max_bytes + 1` bytes are ever held.
pub fn read_bounded(path: &Path, max_bytes: u64) -> Result<String, ReadError> {
    String::from_utf8(read_bytes(path, max_bytes)?).map_err(|error| ReadError::NotText {
        path: path.into(),
        offset: error.utf8_error().valid_up_to(),
    })
}

/// The bytes of `path`, if there are at most `max_bytes`.
///
/// # Errors
/// [`ReadError`]; no more than `max_bytes + 1` bytes are ever held.
pub fn read_bytes(path: &Path, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let system = |source| ReadError::System {
        path: path.into(),
        source,
    };
    let mut bytes = Vec::new();
    // One byte beyond the bound tells "exactly full" from "too long".
    let limit = max_bytes.saturating_add(1);
    File::open(path)
        .map_err(system)?
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(system)?;
    if bytes.len() as u64 > max_bytes {
        return Err(ReadError::TooLong {
            path: path.into(),
            max_bytes,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    fn file(contents: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x.json");
        fs::write(&path, contents).unwrap();
        (root, path)
    }

    proptest! {
        #[test]
        fn the_bound_is_exact(text in ".{0,40}", max_bytes in 0..80u64) {
            let (_root, path) = file(text.as_bytes());
            match read_bounded(&path, max_bytes) {
                Ok(read) => prop_assert!(read == text && text.len() as u64 <= max_bytes),
                Err(ReadError::TooLong { .. }) => prop_assert!(text.len() as u64 > max_bytes),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    #[test]
    fn sentences_say_what_where_and_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        let missing = read_bounded(&root.path().join("a\nb"), 9)
            .unwrap_err()
            .to_string();
        assert!(
            missing.starts_with("cannot read \"") && missing.contains("a\\nb"),
            "{missing}"
        );
        assert!(
            missing.ends_with("; check the spelling of the path"),
            "{missing}"
        );
        let directory = read_bounded(root.path(), 9).unwrap_err().to_string();
        assert!(
            directory.ends_with("; name a file instead of a directory"),
            "{directory}"
        );
        let (_root, path) = file(b"ab\xff");
        let binary = read_bounded(&path, 9).unwrap_err().to_string();
        assert!(binary.contains("byte 2 is not UTF-8"), "{binary}");
    }

    #[test]
    #[cfg(unix)]
    fn an_endless_file_is_too_long() {
        let error = read_bounded(Path::new("/dev/zero"), 1000).unwrap_err();
        assert!(
            matches!(
                error,
                ReadError::TooLong {
                    max_bytes: 1000,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn the_largest_bound_does_not_overflow() {
        let (_root, path) = file(b"x");
        assert_eq!(read_bounded(&path, u64::MAX).unwrap(), "x");
    }
}
