//! The `flatproof` program.
fn main() {}
