//! flatproof checks theory about flat minima and generalisation in exact or rigorously enclosed
//! arithmetic: the statements and constructions of a paper run on concrete instances and end in a
//! verdict with a witness that can be checked again.
//!
//! The theory is that of Wen, Li, Ma, "Sharpness Minimization Algorithms Do Not Only Minimize
//! Sharpness To Achieve Better Generalization" (arXiv 2307.11007v2, 2023): two-layer ReLU networks
//! on 2-parity XOR, and what the trace of the Hessian says about their error. Where the paper prints
//! the zero-one loss as `Pr(y f(x) > 0)`, which is the accuracy, we read `Pr(y f(x) <= 0)`.
//!
//! # Exact sharpness in your own tests
//!
//! The sharpness of a network `f` with parameters `theta` on `n` samples is the trace of the Hessian of its loss,
//!
#![doc = flatproof_math::tex!(
    r"\operatorname{Tr} \nabla^2_\theta L(\theta), \qquad
    L(\theta) = \frac{1}{n} \sum_{i=1}^n \bigl( f_\theta(x_i) - y_i \bigr)^2 ,"
)]
//!
//! exactly, where it exists:
//!
//! ```
//! use flatproof::{Dataset, Network, Radical, lower_bound, sharpness};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The memorising network of Theorem 4.1 on x = (1, 1, 1), y = -1: with R^2 = |x|^2 + 1 = 4 the
//! // neuron is sqrt(R) (x, 1 - R^2/2) up to scale, here u (1, 1, 1, -2) with u = sqrt(2), W2 = -1/u.
//! let data: Dataset = Dataset::new([[1, 1, 1]], [-1])?;
//! let u: Radical = "sqrt(2)".parse()?;
//! let first = [[1, 1, 1, -2].map(|w| &u * Radical::from(w))];
//! let net = Network::bias(first, ["-1/sqrt(2)".parse::<Radical>()?])?;
//!
//! assert!(net.interpolates(&data)?);
//! assert!(net.kinks(&data.x)?.is_empty());
//! assert_eq!(sharpness(&net, &data)?, 8.into()); // (4/n) R |y|
//! assert_eq!(sharpness(&net, &data)?, lower_bound(&net, &data)?); // flattest
//! # Ok(())
//! # }
//! ```
//!
//! | you want | call |
//! |---|---|
//! | samples, a network | [`Dataset::new`]; [`Network::no_bias`], [`bias`](Network::bias), [`deep_bias`](Network::deep_bias), [`sim_bn`](Network::sim_bn), [`sim_ln`](Network::sim_ln) |
//! | numbers | [`Radical`], from integers, [`Rational`]s and text such as `"3/2*31^(1/4)"` |
//! | outputs; does it interpolate | [`Network::outputs`], [`Network::interpolates`] |
//! | where it is not differentiable | [`Network::kinks`] |
//! | the exact sharpness, and its lower bound | [`sharpness()`], [`lower_bound()`] |
//! | is it memorising (Definition 4.2) | [`Network::is_memorising`] |
//! | the error on all of {-1,1}^d | [`zero_one_error`] |
//! | to check a saved witness | [`Witness::from_json`], [`certificate::check()`] |
//! | to run a case of the paper | [`theorem::index`], which gives a [`Verdict`] |
//!
//! Nothing here panics on odd sizes, and nothing rounds: an answer is exact or it is a [`Refusal`].
//!
//! # Reading order
//!
//! | module | holds |
//! |---|---|
//! | [`scalar`] | numbers: rationals, real radicals with exact sign, enclosures, floats, jets |
//! | [`linalg`] | exact elimination, linear programs, characteristic polynomials |
//! | [`data`] | labelled samples, P_xor, complete training sets, extreme points with witnesses |
//! | [`network`] | the paper's architectures over any scalar; kinks; losses |
//! | [`mod@sharpness`] | the trace of the Hessian by definition and in closed form; lower bounds; spectra |
//! | [`construction`] | the paper's networks and our counterexamples |
//! | [`population`] | exact errors over the whole cube |
//! | [`certificate`] | witnesses as text and their check: the part to trust |
//! | [`search`] | seeded instances |
//! | [`theorem`] | one file per statement; the index that drives everything |
//! | [`casefile`] | the constructions and claims of users, from text to verdict |
//! | [`engine`] | networks in f32, fast |
//! | [`audit`] | a trained f32 network against its training set, exactly |
//! | [`train`], [`experiment`] | training; the paper's experiments and ours |
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

pub mod audit;
pub mod casefile;
pub mod certificate;
pub mod cli;
pub mod construction;
pub mod data;
pub mod engine;
pub mod experiment;
pub mod io;
pub mod linalg;
pub mod network;
pub mod population;
pub mod scalar;
pub mod search;
pub mod sharpness;
#[cfg(feature = "proptest")]
pub mod strategies;
pub mod theorem;
pub mod train;

pub use certificate::Witness;
pub use data::{Dataset, Malformed};
pub use network::{Kink, Network, Refusal};
pub use population::exact::zero_one_error;
pub use scalar::{Radical, Rational};
pub use sharpness::bound::{NoBound, lower_bound};
pub use sharpness::sharpness;
pub use theorem::Verdict;

/// The examples of the README, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
