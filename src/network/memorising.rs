//! Definition 4.2 of Wen, Li, Ma 2023: in every hidden layer there is an injection from the
//! training inputs to the neurons such that the activation at `x_i` is non-zero at exactly its own
//! neuron. (Inputs, not samples: repeated samples share a neuron. Interpolation is a fact of its
//! own.)

use super::{Network, Refusal};
use crate::scalar::{Fired, Real};

impl<S: Real + PartialEq> Network<S> {
    /// Whether every hidden layer is one-hot on the training inputs, with distinct neurons for
    /// distinct inputs.
    pub fn is_memorising(&self, train: &[Vec<S>]) -> Result<bool, Refusal> {
        let layers = self.activations(train)?;
        Ok(layers
            .iter()
            .all(|fired| is_one_hot_injection(train, fired)))
    }
}

fn is_one_hot_injection<S: PartialEq>(train: &[Vec<S>], fired: &[Fired<S>]) -> bool {
    let mut owner: Vec<Option<&Vec<S>>> = Vec::new();
    train.iter().zip(fired).all(|(x, h)| {
        let [(neuron, _)] = h.active.as_slice() else {
            return false;
        };
        if owner.len() <= *neuron {
            owner.resize(neuron + 1, None);
        }
        *owner[*neuron].get_or_insert(x) == x
    })
}
