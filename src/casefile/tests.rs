//! Case files as their writers meet them.
