//! Any bytes as a witness file.
#![no_main]

#[path = "../../tests/fuzz/harness.rs"]
#[allow(dead_code)] // each target drives one function of it
mod harness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| harness::witness(bytes));
