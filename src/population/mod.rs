//! Population quantities of P_xor, exactly (Wen, Li, Ma 2023, Section 2): the 0-1 error of a network, and
//! widths at which no network has error 0.

pub mod exact;
pub mod quadrants;
