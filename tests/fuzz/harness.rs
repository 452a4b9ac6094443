//! What must hold for any bytes that come in as a file: an answer, not a panic, and what is read is
//! written so that it reads the same. One harness, two drivers: `fuzz/` and the tests beside it.

use flatproof::casefile::{self, CaseFile};
use flatproof::certificate::{self, Witness};
use std::time::{Duration, Instant};

/// The bytes of a witness file.
pub fn witness(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(witness) = Witness::from_json(text) else {
        return;
    };
    let again = serde_json::to_string(&witness).expect("a witness is plain text");
    assert_eq!(Witness::from_json(&again).ok().as_ref(), Some(&witness));
    if let Ok(facts) = certificate::check(&witness) {
        assert!(facts > 0, "a witness without facts passed");
    }
}

/// The bytes of a case file that names no other file; choices of parameters that would begin after a
/// moment stay undecided.
pub fn case_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(file) = CaseFile::read(text, None) else {
        return;
    };
    let deadline = Instant::now() + Duration::from_millis(100);
    if let Ok((reports, _)) = casefile::check(&file, "fuzz", Some(deadline), || {}) {
        for report in reports {
            assert_eq!(report.claims.len(), file.claims.len());
        }
    }
}
