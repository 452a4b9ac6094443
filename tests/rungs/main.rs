//! How the exact core and the f32 engine are tied, rung by rung:
//!
//! | rung | file |
//! |---|---|
//! | 2. what f32 computes lies within its bound of the exact result | `enclosed.rs` |
//! | 3. the order of operations is contract: every instruction set gives the same bits | `order.rs` |
//!
//! Rung 4, definition against formula, is `tests/sharpness.rs`.

mod corpus;
mod enclosed;
mod naive;
mod order;
mod tally;
