//! How the exact core and the f32 engine are tied, rung by rung:
//!
//! | rung | file |
//! |---|---|
//! | 1. bit-equal where every partial sum is an exact f32 | `engine.rs` |
//! | 2. what f32 computes lies within its bound of the exact result | `enclosed.rs`, `engine.rs` |
//! | 3. the order of operations is contract: every instruction set gives the same bits | `order.rs` |
//! | 6. one training step lies within its bound of the exact step | `training.rs` |
//!
//! Rung 4, definition against formula, is `tests/sharpness.rs`.

mod corpus;
mod enclosed;
mod engine;
mod exact;
mod naive;
mod order;
mod tally;
mod training;
