//! Population quantities of P_xor, exactly (Wen, Ma, Li 2023, Section 2).

pub mod exact;
