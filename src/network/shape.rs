//! Networks whose parts fit together: constructors that refuse others, and the check that everything
//! that evaluates a network makes again.
//!
//! The fields of a network are public, so anything can be put there; the answer is then
//! [`Refusal::Malformed`](super::Refusal::Malformed), never a panic (test `odd_shapes_are_refused`). Width 0
//! evaluates, to 0; the constructors refuse it.

use super::{Bias, Layer, Network, NoBias, SimBn, SimLn};
use crate::data::{Malformed, entries, rows};
use crate::scalar::Real;

impl<S> Layer<S> {
    /// A hidden matrix from its rows.
    ///
    /// ```
    /// use flatproof::{Radical, network::Layer};
    /// let w: Layer<Radical> = Layer::dense([[1, -1], [-1, 1]]);
    /// assert_eq!(w.height(), 2);
    /// ```
    pub fn dense<R>(matrix: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator,
        R::Item: Into<S>,
    {
        Self::Dense(rows(matrix))
    }

    /// Whether the matrix has `below` columns in every row.
    fn fits(&self, below: usize) -> bool {
        match self {
            Self::Dense(rows) => rows.iter().all(|row| row.len() == below),
            Self::Diagonal { diagonal, .. } => diagonal.len() == below,
        }
    }
}

/// Constructors, from integers, rationals or radicals (`Into<S>`). Each takes the first layer as rows
/// `W1_j`, the bias `b_j` last where the architecture has one.
///
/// # Errors
/// A [`Malformed`] sentence when sizes do not fit or the width is 0.
impl<S: Real> Network<S> {
    /// `f(x) = W2 relu(W1 x)`.
    ///
    /// ```
    /// use flatproof::Network;
    /// let net: Network = Network::no_bias([[1, 2], [-1, 0]], [1, -1])?;
    /// assert!(Network::<flatproof::Radical>::no_bias([[1, 2], [-1, 0]], [1]).is_err());
    /// # Ok::<(), flatproof::Malformed>(())
    /// ```
    pub fn no_bias<R, W>(
        first: impl IntoIterator<Item = R>,
        last: impl IntoIterator<Item = W>,
    ) -> Result<Self, Malformed>
    where
        R: IntoIterator,
        R::Item: Into<S>,
        W: Into<S>,
    {
        let (first, last) = (rows(first), entries(last));
        Self::NoBias(NoBias { first, last }).well_formed()
    }

    /// `f(x) = W2 relu(W1 x + b1)`.
    ///
    /// ```
    /// use flatproof::{Network, Rational};
    /// let half = Rational::from((1, 2));
    /// let net: Network = Network::bias([[1, 1, -1], [1, -1, 0]], [half.clone(), half])?;
    /// # Ok::<(), flatproof::Malformed>(())
    /// ```
    pub fn bias<R, W>(
        first: impl IntoIterator<Item = R>,
        last: impl IntoIterator<Item = W>,
    ) -> Result<Self, Malformed>
    where
        R: IntoIterator,
        R::Item: Into<S>,
        W: Into<S>,
    {
        Self::deep_bias(first, [], last)
    }

    /// `f(x) = W_D relu(W_{D-1} .. W_2 relu(W1 x + b1))`, `hidden` being `W_2 .. W_{D-1}`.
    ///
    /// ```
    /// use flatproof::{Network, network::Layer};
    /// let net: Network =
    ///     Network::deep_bias([[1, 1, -1], [1, -1, 0]], [Layer::dense([[1, -1]])], [3])?;
    /// # Ok::<(), flatproof::Malformed>(())
    /// ```
    pub fn deep_bias<R, W>(
        first: impl IntoIterator<Item = R>,
        hidden: impl IntoIterator<Item = Layer<S>>,
        last: impl IntoIterator<Item = W>,
    ) -> Result<Self, Malformed>
    where
        R: IntoIterator,
        R::Item: Into<S>,
        W: Into<S>,
    {
        let (first, last) = (rows(first), entries(last));
        let hidden = hidden.into_iter().collect();
        Self::Bias(Bias {
            first,
            hidden,
            last,
        })
        .well_formed()
    }

    /// `f(x) = sum_j W2_j gamma_j relu(W1_j x + b_j) / a_j`, simplified batch norm.
    ///
    /// ```
    /// use flatproof::Network;
    /// let net: Network = Network::sim_bn([[1, 1, 0], [-1, -1, 0]], [1, 1], [1, -1])?;
    /// # Ok::<(), flatproof::Malformed>(())
    /// ```
    pub fn sim_bn<R, G, W>(
        first: impl IntoIterator<Item = R>,
        gamma: impl IntoIterator<Item = G>,
        last: impl IntoIterator<Item = W>,
    ) -> Result<Self, Malformed>
    where
        R: IntoIterator,
        R::Item: Into<S>,
        G: Into<S>,
        W: Into<S>,
    {
        let (first, gamma, last) = (rows(first), entries(gamma), entries(last));
        Self::SimBn(SimBn { first, gamma, last }).well_formed()
    }

    /// `f(x) = W2 h / max(||h||, eps)`, `h = relu(W1 x + b1)`, simplified layer norm; `eps > 0`.
    ///
    /// ```
    /// use flatproof::{Network, Rational};
    /// let eps = Rational::from((1, 100));
    /// let net: Network = Network::sim_ln([[1, 1, 0], [-1, -1, 0]], [1, -1], eps)?;
    /// assert!(Network::<flatproof::Radical>::sim_ln([[1, 1, 0]], [1], 0).is_err());
    /// # Ok::<(), flatproof::Malformed>(())
    /// ```
    pub fn sim_ln<R, W>(
        first: impl IntoIterator<Item = R>,
        last: impl IntoIterator<Item = W>,
        eps: impl Into<S>,
    ) -> Result<Self, Malformed>
    where
        R: IntoIterator,
        R::Item: Into<S>,
        W: Into<S>,
    {
        let (first, last, eps) = (rows(first), entries(last), eps.into());
        Self::SimLn(SimLn { first, last, eps }).well_formed()
    }

    /// The network, if its layers fit together and none is empty.
    fn well_formed(self) -> Result<Self, Malformed> {
        self.check()?;
        let hidden: &[Layer<S>] = match &self {
            Self::Bias(net) => &net.hidden,
            _ => &[],
        };
        let empty = self.first_layer().is_empty() || hidden.iter().any(|w| w.height() == 0);
        ensure(!empty, || "the network has width 0".into())?;
        Ok(self)
    }
}

impl<S: Real> Network<S> {
    /// Whether the layers fit together and eps of layer norm is positive.
    ///
    /// # Errors
    /// One sentence that names the layer; neurons and layers count from 1.
    pub fn check(&self) -> Result<(), Malformed> {
        let first = self.first_layer();
        let (m, columns) = (first.len(), first.first().map_or(0, Vec::len));
        if let Some(j) = first.iter().position(|row| row.len() != columns) {
            return Err(Malformed(format!(
                "neuron {} has {} weights, neuron 1 has {columns}",
                j + 1,
                first[j].len()
            )));
        }
        match self {
            Self::NoBias(net) => one_each("W2", &net.last, m),
            Self::Bias(net) => {
                ensure(m == 0 || columns > 0, no_room_for_the_bias)?;
                let mut below = m;
                for (k, layer) in net.hidden.iter().enumerate() {
                    ensure(layer.fits(below), || {
                        format!("W{} does not fit the {below} neurons below it", k + 2)
                    })?;
                    below = layer.height();
                }
                one_each(&format!("W{}", net.depth()), &net.last, below)
            }
            Self::SimBn(net) => {
                ensure(m == 0 || columns > 0, no_room_for_the_bias)?;
                one_each("gamma", &net.gamma, m)?;
                one_each("W2", &net.last, m)
            }
            Self::SimLn(net) => {
                ensure(m == 0 || columns > 0, no_room_for_the_bias)?;
                let positive = net.eps.sign().is_ok_and(|sign| sign.is_gt());
                ensure(positive, || "eps must be positive".into())?;
                one_each("W2", &net.last, m)
            }
        }
    }

    /// [`Self::check`], and every input has as many coordinates as the network reads.
    ///
    /// # Errors
    /// As [`Self::check`]; inputs count from 1.
    pub fn check_inputs(&self, x: &[Vec<S>]) -> Result<(), Malformed> {
        self.check()?;
        if self.first_layer().is_empty() {
            return Ok(());
        }
        let d = self.architecture().input_dim();
        match x.iter().position(|x| x.len() != d) {
            None => Ok(()),
            Some(i) => Err(Malformed(format!(
                "the network reads {d} coordinates, input {} has {}",
                i + 1,
                x[i].len()
            ))),
        }
    }
}

fn no_room_for_the_bias() -> String {
    "a neuron has no bias: its row is (W1_j, b_j)".into()
}

fn ensure(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), Malformed> {
    if holds {
        Ok(())
    } else {
        Err(Malformed(sentence()))
    }
}

fn one_each<S>(name: &str, entries: &[S], neurons: usize) -> Result<(), Malformed> {
    ensure(entries.len() == neurons, || {
        format!("{name} has {} entries for {neurons} neurons", entries.len())
    })
}
