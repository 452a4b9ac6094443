//! The paper's experiments, and ours, as data; runs that can be stopped and resumed; their records.
//!
//! | file | holds |
//! |---|---|
//! | [`table_2`] | every row of the paper's Table 2 |
//! | [`sweep`] | experiments of our own |
//! | [`select`] | both by name |
//! | [`job`], [`runner`] | one run, from start to record |
//! | [`checkpoint`], [`record`] | its files |
//! | [`figures`] | figures and Table 1 from finished runs |
//!
//! Nothing here yields a verdict.

pub mod checkpoint;
pub mod figures;
pub mod job;
pub mod record;
pub mod runner;
pub mod select;
pub mod sweep;
pub mod table_2;

pub use job::Job;
pub use record::{Outcome, Record};
pub use runner::{Failure, Runner};
