//! What must hold for any bytes that come in as a file: an answer, not a panic, and what is read is
//! written so that it reads the same. One harness, two drivers: `fuzz/` and the tests beside it.

use flatproof::certificate::{Witness, check};

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
    if let Ok(facts) = check(&witness) {
        assert!(facts > 0, "a witness without facts passed");
    }
}
