//! A network as a list of the neurons of its first hidden layer, and back (test
//! `neurons_vs_network`): perturbations add, drop and change neurons, whatever the architecture.

use crate::network::{Bias, Layer, Network, NoBias, SimBn, SimLn};
use crate::scalar::{Radical, Ring};

/// One neuron of the first hidden layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron {
    /// `(W1_j, b_j)`, or `W1_j` without bias.
    pub row: Vec<Radical>,
    /// `gamma_j` of batch norm.
    pub gamma: Option<Radical>,
    /// What it gives to the next layer: `W2_j` alone at depth 2, else column j of `W_2`.
    pub out: Vec<Radical>,
}

impl Neuron {
    /// A neuron for this network that gives out 0 (gamma = 0).
    pub fn silent(net: &Network<Radical>, row: Vec<Radical>) -> Self {
        let outputs = match net {
            Network::Bias(net) => net.hidden.first().map_or(1, Layer::height),
            _ => 1,
        };
        Self {
            row,
            gamma: matches!(net, Network::SimBn(_)).then(Radical::zero),
            out: vec![Radical::zero(); outputs],
        }
    }
    /// The row times `t`.
    pub fn scale_row(&mut self, t: &Radical) {
        self.row.iter_mut().for_each(|w| *w = w.mul(t));
    }
    /// The outputs times `t`.
    pub fn scale_out(&mut self, t: &Radical) {
        self.out.iter_mut().for_each(|w| *w = w.mul(t));
    }
}

/// The neurons of the first hidden layer, in order. Structured layers are written out.
pub fn neurons(net: &Network<Radical>) -> Vec<Neuron> {
    let (first, last) = match net {
        Network::NoBias(NoBias { first, last })
        | Network::Bias(Bias { first, last, .. })
        | Network::SimBn(SimBn { first, last, .. })
        | Network::SimLn(SimLn { first, last, .. }) => (first, last),
    };
    let column = |j: usize| match net {
        Network::Bias(Bias { hidden, .. }) if !hidden.is_empty() => (0..hidden[0].height())
            .map(|i| hidden[0].entry(i, j).clone())
            .collect(),
        _ => last.get(j).cloned().into_iter().collect(),
    };
    let gamma = |j: usize| match net {
        Network::SimBn(net) => net.gamma.get(j).cloned(),
        _ => None,
    };
    let neuron = |(j, row): (usize, &Vec<Radical>)| Neuron {
        row: row.clone(),
        gamma: gamma(j),
        out: column(j),
    };
    first.iter().enumerate().map(neuron).collect()
}

/// The network with these neurons in its first hidden layer; the later layers stay.
pub fn with_neurons(net: &Network<Radical>, neurons: Vec<Neuron>) -> Network<Radical> {
    let first = neurons.iter().map(|neuron| neuron.row.clone()).collect();
    let outputs = |i: usize| -> Vec<Radical> {
        let entry = |neuron: &Neuron| neuron.out.get(i).cloned().unwrap_or_else(Radical::zero);
        neurons.iter().map(entry).collect()
    };
    match net {
        Network::NoBias(_) => Network::NoBias(NoBias {
            first,
            last: outputs(0),
        }),
        Network::Bias(Bias { hidden, last, .. }) => match hidden.split_first() {
            None => Network::Bias(Bias {
                first,
                hidden: Vec::new(),
                last: outputs(0),
            }),
            Some((next, rest)) => {
                let next = Layer::Dense((0..next.height()).map(outputs).collect());
                Network::Bias(Bias {
                    first,
                    hidden: [next].into_iter().chain(rest.iter().cloned()).collect(),
                    last: last.clone(),
                })
            }
        },
        Network::SimBn(_) => {
            let gamma = |neuron: &Neuron| neuron.gamma.clone().unwrap_or_else(Radical::zero);
            Network::SimBn(SimBn {
                first,
                gamma: neurons.iter().map(gamma).collect(),
                last: outputs(0),
            })
        }
        Network::SimLn(SimLn { eps, .. }) => Network::SimLn(SimLn {
            first,
            last: outputs(0),
            eps: eps.clone(),
        }),
    }
}
