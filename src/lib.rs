//! flatproof checks theory about flat minima and generalisation in exact or rigorously enclosed
//! arithmetic: the statements and constructions of a paper run on concrete instances and end in a
//! verdict with a witness that can be checked again.
//!
//! The theory is that of Wen, Li, Ma, "Sharpness Minimization Algorithms Do Not Only Minimize
//! Sharpness To Achieve Better Generalization" (arXiv 2307.11007v2, 2023): two-layer ReLU networks
//! on 2-parity XOR, and what the trace of the Hessian says about their error. Where the paper prints
//! the zero-one loss as `Pr(y f(x) > 0)`, which is the accuracy, we read `Pr(y f(x) <= 0)`.
//!
//! # Reading order
//!
//! | module | holds |
//! |---|---|
//! | [`scalar`] | numbers: rationals, real radicals with exact sign, enclosures, floats, jets |
//! | [`linalg`] | exact elimination, linear programs, characteristic polynomials |
//! | [`data`] | labelled samples, P_xor, complete training sets, extreme points with witnesses |
//! | [`network`] | the paper's architectures over any scalar; kinks; losses |
//! | [`sharpness`] | the trace of the Hessian by definition and in closed form; lower bounds; spectra |
//! | [`construction`] | the paper's networks and our counterexamples |
//! | [`population`] | exact errors over the whole cube |
//! | [`certificate`] | witnesses as text and their check: the part to trust |
//! | [`search`] | seeded instances |
//! | [`theorem`] | one file per statement; the index that drives everything |
//! | [`io`], [`cli`] | files and people; the verbs of the program |
//!
//! # From the paper's symbols to names here
//!
//! | paper | here |
//! |---|---|
//! | theta = (W1, b1, gamma, W2) | [`network::Network`]; rows `(W1_j, b_j)` are `first`, the last layer is `last` |
//! | (x_i, y_i), i in \[n\] | [`data::Dataset`], counted from 0 |
//! | P_xor(d) | [`data::xor`] |
//! | Condition 1, complete training set | [`data::complete::CompleteSet`] |
//! | L, Tr Hess L | [`network::loss`], [`sharpness::definition::mse_trace`] |
//! | Lemma 4.1 | [`sharpness::closed_form::trace`] |
//! | Eqs. 2-3, Lemma A.12 | [`sharpness::bound::Bounded`] |
//! | Definition 4.2, memorising | [`network::Network::is_memorising`] |
//! | "differentiable at theta" | [`network::Network::admissible`], refused with a [`network::Kink`] |
//! | Lemma/Theorem/Proposition x.y | `theorem::x_y`, as `flatproof explain x.y` |
//!
//! # Example
//!
//! The memorising network of Theorem 4.1 on one sample, exactly at the lower bound:
//!
//! ```
//! use flatproof::data::Dataset;
//! use flatproof::network::{Bias, Network};
//! use flatproof::scalar::Radical;
//! use flatproof::scalar::text::parse;
//! use flatproof::sharpness::{bound::Bounded, closed_form::trace};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let numbers = |texts: &[&str]| texts.iter().map(|t| parse(t)).collect::<Result<Vec<_>, _>>();
//! // x = (1, 1, 1), y = -1, so R = 2; neuron u (x, -2) with u = sqrt(R), W2 = -1/sqrt(R)
//! let data = Dataset { x: vec![numbers(&["1", "1", "1"])?], y: numbers(&["-1"])? };
//! let net: Network<Radical> = Network::Bias(Bias {
//!     first: vec![numbers(&["sqrt(2)", "sqrt(2)", "sqrt(2)", "-2*sqrt(2)"])?],
//!     hidden: vec![],
//!     last: numbers(&["-1/sqrt(2)"])?,
//! });
//! assert_eq!(net.outputs(&data.x, &data.x)?, data.y);
//! assert_eq!(trace(&net, &data.x)?, parse("8")?); // (4/n) R |y|
//! assert_eq!(trace(&net, &data.x)?, Bounded::Bias { depth: 2 }.least_trace(&data)?);
//! # Ok(())
//! # }
//! ```

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
