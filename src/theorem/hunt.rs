//! Falsification: instances at random over all the words of a statement allow, the first few that fail
//! made as simple as they get, the simplest kept.
//!
//! A [`Quarry`] says how a case's instances are drawn, judged and simplified; [`hunt`] does the
//! rest, for these and for every other [`Space`].
//! Attempt k draws from its own stream, so the same seed finds the same witness on any number of
//! threads. A failure counts only if its witness passes [`crate::certificate::check()`], before and
//! after simplifying. What a hunt can say is "refuted", by a witness, or "undecided": finding nothing
//! verifies nothing. Tests `driver::tests` and `tests/falsify.rs`.

pub(super) mod batch_norm;
pub(super) mod draw;
mod driver;
mod own_labels;

pub(super) use driver::Quarry;
pub use driver::{Hunted, Search, Space, falsify, hunt};
pub(super) use own_labels::OwnLabels;
