//! Steps that touch the active neurons only, found by lists of those that can be: for few active neurons.
//!
//! Every step starts from `W1'` itself. The outcome depends on the active neurons alone, whatever the lists.
//!
//! | file | holds |
//! |---|---|
//! | `candidates` | which neurons can be active at a sample |
//! | `step` | the step |

mod candidates;
mod step;
#[cfg(test)]
mod tests;

pub use candidates::{front, numbers_of};
pub use step::Lists;
