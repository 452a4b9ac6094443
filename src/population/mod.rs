//! Population quantities of P_xor, exactly (Wen, Li, Ma 2023, Section 2): errors of a network over the
//! whole cube, equality of networks there, and widths at which no network has error 0.

mod cube;
pub mod equivalent;
pub mod exact;
pub mod quadrants;
