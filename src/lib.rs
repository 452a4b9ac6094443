//! flatproof checks theory about flat minima and generalisation in exact or rigorously enclosed
//! arithmetic.

pub mod certificate;
pub mod cli;
pub mod construction;
pub mod data;
pub mod io;
pub mod linalg;
pub mod network;
pub mod population;
pub mod scalar;
pub mod search;
pub mod sharpness;
pub mod theorem;

/// The examples of the README, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
