//! `MLP-Bias` of any depth D >= 2, bias in the first layer only (Wen, Li, Ma 2023, Section 3); D = 2
//! is `2-MLP-Bias`:
//!
#![doc = flatproof_math::tex!(r"f(x) = W_D \operatorname{relu}\bigl(W_{D-1} \cdots W_2 \operatorname{relu}(W_1 x + b_1)\bigr)")]
//!
//! Layers 2 .. D-1 of the paper's constructions are n x n and nearly diagonal, so a [`Layer`] may
//! be stored as a diagonal with one constant off it (test `diagonal_vs_dense`).

use super::{Activations, Architecture, Refusal, fire_with_bias, lifted, map_rows};
use crate::scalar::{Fired, Real, Ring, Undecided};
use rayon::prelude::*;
use std::cmp::Ordering;

/// A hidden weight matrix `W_k`, 2 <= k <= D-1.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer<S> {
    /// Rows in full.
    Dense(Vec<Vec<S>>),
    /// The square matrix with `diagonal` on the diagonal and `off` everywhere else.
    Diagonal {
        /// The diagonal entries.
        diagonal: Vec<S>,
        /// Every other entry.
        off: S,
    },
}

impl<S> Layer<S> {
    /// The number of rows: the width of the layer it leads to.
    pub fn height(&self) -> usize {
        match self {
            Self::Dense(rows) => rows.len(),
            Self::Diagonal { diagonal, .. } => diagonal.len(),
        }
    }
    /// Entry `(row, column)`.
    pub fn entry(&self, row: usize, column: usize) -> &S {
        match self {
            Self::Dense(rows) => &rows[row][column],
            Self::Diagonal { diagonal, .. } if row == column => &diagonal[row],
            Self::Diagonal { off, .. } => off,
        }
    }
}

impl<S: Clone> Layer<S> {
    /// The matrix written out.
    pub fn to_rows(&self) -> Vec<Vec<S>> {
        match self {
            Self::Dense(rows) => rows.clone(),
            Self::Diagonal { diagonal, .. } => {
                let n = diagonal.len();
                let row = |i| (0..n).map(|j| self.entry(i, j).clone()).collect();
                (0..n).map(row).collect()
            }
        }
    }
}

impl<S: Real> Layer<S> {
    /// `relu(W h)` for a sparse non-negative `h`.
    pub fn fire(&self, h: &Fired<S>) -> Result<Fired<S>, Undecided> {
        let mut fired = Fired {
            active: Vec::new(),
            zero: Vec::new(),
        };
        let mut push = |j: usize, z: S, sign: Ordering| match sign {
            Ordering::Greater => fired.active.push((j, z)),
            Ordering::Equal => fired.zero.push(j),
            Ordering::Less => {}
        };
        match self {
            Self::Dense(rows) => {
                for (j, row) in rows.iter().enumerate() {
                    let z = h.weighted(row);
                    let sign = z.sign()?;
                    push(j, z, sign);
                }
            }
            Self::Diagonal { diagonal, off } => {
                // z_j = off * sum(h) + (diagonal_j - off) h_j, and h_j = 0 for most j
                let shared = off.mul(&h.active.iter().fold(S::zero(), |s, (_, z)| s.add(z)));
                let shared_sign = shared.sign()?;
                let mut active = h.active.iter().peekable();
                for (j, weight) in diagonal.iter().enumerate() {
                    match active.next_if(|(i, _)| *i == j) {
                        Some((_, h_j)) => {
                            let z = shared.add(&weight.sub(off).mul(h_j));
                            let sign = z.sign()?;
                            push(j, z, sign);
                        }
                        None => push(j, shared.clone(), shared_sign),
                    }
                }
            }
        }
        Ok(fired)
    }
}

/// A network with bias in the first layer, of depth `hidden.len() + 2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bias<S> {
    /// `W1' = (W1, b1)`, rows of `d + 1` entries.
    pub first: Vec<Vec<S>>,
    /// `W_2 .. W_{D-1}`.
    pub hidden: Vec<Layer<S>>,
    /// `W_D`, one entry per neuron of the last hidden layer.
    pub last: Vec<S>,
}

impl<S> Bias<S> {
    /// `D`.
    pub fn depth(&self) -> usize {
        self.hidden.len() + 2
    }
}

impl<S: Ring> Bias<S> {
    /// The same network over another number type, parameters in order, layers written out.
    pub fn map<T>(&self, f: &mut impl FnMut(&S) -> T) -> Bias<T> {
        Bias {
            first: map_rows(&self.first, f),
            hidden: self
                .hidden
                .iter()
                .map(|w| Layer::Dense(map_rows(&w.to_rows(), f)))
                .collect(),
            last: self.last.iter().map(f).collect(),
        }
    }
}

impl<S: Real> Architecture<S> for Bias<S> {
    fn name(&self) -> &'static str {
        if self.hidden.is_empty() {
            "2-MLP-Bias"
        } else {
            "MLP-Bias"
        }
    }
    fn first_layer(&self) -> &[Vec<S>] {
        &self.first
    }
    fn activations(&self, x: &[Vec<S>]) -> Result<Activations<S>, Refusal> {
        let mut layers = vec![fire_with_bias(&self.first, x)?];
        for w in &self.hidden {
            let below = &layers[layers.len() - 1];
            let fire = below.par_iter().map(|h| w.fire(h));
            layers.push(fire.collect::<Result<_, _>>()?);
        }
        Ok(layers)
    }
    fn outputs(&self, _train: &[Vec<S>], at: &[Vec<S>]) -> Result<Vec<S>, Refusal> {
        if self.hidden.is_empty() {
            return Ok(S::relu_sums(&self.last, &self.first, &lifted(at))?);
        }
        let layers = self.activations(at)?;
        Ok(layers[layers.len() - 1]
            .iter()
            .map(|h| h.weighted(&self.last))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::scalar::Rational;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn diagonal_vs_dense(
            entries in prop::collection::vec((-3i64..4, 0i64..3), 1..7),
            off in -2i64..3,
        ) {
            let diagonal = entries.iter().map(|(w, _)| Rational::from(*w)).collect();
            let layer = Layer::Diagonal { diagonal, off: Rational::from(off) };
            let h = Fired {
                active: entries.iter().enumerate().filter(|(_, (_, h))| *h > 0)
                    .map(|(j, (_, h))| (j, Rational::from(*h))).collect(),
                zero: vec![],
            };
            prop_assert_eq!(layer.fire(&h), Layer::Dense(layer.to_rows()).fire(&h));
        }
    }

    #[test]
    fn parameter_count_vs_parameters() {
        let one = || Rational::from(1);
        let dense = Layer::Dense(vec![vec![one(); 3]; 2]);
        let diagonal = Layer::Diagonal {
            diagonal: vec![one(); 2],
            off: one(),
        };
        for hidden in [vec![], vec![dense.clone()], vec![dense, diagonal]] {
            let net = Network::Bias(Bias {
                first: vec![vec![one(); 5]; 3],
                last: vec![one(); hidden.last().map_or(3, Layer::height)],
                hidden,
            });
            assert_eq!(net.parameter_count(), net.parameters().len());
        }
    }
}
