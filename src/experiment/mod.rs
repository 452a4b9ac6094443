//! The paper's experiments, and ours, as data; runs that can be stopped and resumed; their records.
//!
//! | file | holds |
//! |---|---|
//! | [`table_2`] | every row of the paper's Table 2 |
//! | [`job`] | one run of an experiment |
//! | [`figures`] | the paper's figures and tables from finished runs |
//!
//! Nothing here yields a verdict.

pub mod figures;
pub mod job;
pub mod table_2;

pub use job::Job;
