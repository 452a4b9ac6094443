//! The exact facts a witness may state. Expressions are texts of [`crate::scalar::text`] over the
//! member's parameters. Indices in these fields count from 0; sentences for people count samples,
//! neurons, coordinates, layers and facts from 1, as the paper does.

use super::record::NetworkRecord;
use serde::{Deserialize, Serialize};

pub use crate::population::equivalent::On;
pub use crate::scalar::Relation;

/// Files from before the relation was written say nothing and mean this.
fn equal() -> Relation {
    Relation::Equal
}

/// One exact fact about a member's data and network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// Two expressions in the language of [`super::scene`] compare so.
    Compare {
        /// Left side.
        left: String,
        /// The relation.
        is: Relation,
        /// Right side.
        right: String,
    },
    /// The comparison holds for every value of an index.
    ForAll {
        /// The index; by itself `i`, `j` and `k` run over samples, neurons and coordinates.
        index: String,
        /// Its first value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Its last value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// Left side, in the index.
        left: String,
        /// The relation.
        is: Relation,
        /// Right side, in the index.
        right: String,
    },
    /// No kink at any training input.
    Admissible,
    /// A pre-activation is exactly 0 at a training input.
    ZeroPreActivation {
        /// Hidden layer, 0 for the first.
        layer: usize,
        /// Neuron of that layer.
        neuron: usize,
        /// Training input.
        sample: usize,
    },
    /// Layer norm: the hidden norm equals eps at a training input.
    NormIsEps {
        /// Training input.
        sample: usize,
    },
    /// Batch norm: the neuron is dead on the training set, so the network is outside its domain.
    ZeroNormaliser {
        /// The neuron.
        neuron: usize,
    },
    /// `f(x_i) = y_i` at every training input.
    Interpolates,
    /// `f(x_i) != y_i`, with the exact output.
    Misfit {
        /// Training input.
        sample: usize,
        /// `f(x_i)`.
        output: String,
    },
    /// `f(at)` compares so.
    Prediction {
        /// The input, exact expressions.
        at: Vec<String>,
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// The network is admissible and interpolates, and its trace of the Hessian compares so.
    Trace {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// The trace of the Hessian of the MSE at an admissible theta, interpolating or not, by its
    /// definition (second-order jets along every parameter), compares so.
    HessianTrace {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// A derivative of the label-smoothed logistic loss `l(a, b)` in `a`, at `a = ln odds`, compares
    /// so.
    LogisticDerivative {
        /// 1 or 2.
        order: u32,
        /// The smoothing, in (0, 1).
        p: String,
        /// `e^a > 0`.
        odds: String,
        /// `b`.
        label: bool,
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// The network interpolates labels -1 and 1. With its last layer multiplied by `ln odds`, hence
    /// with the outputs `y_i ln odds`, it is admissible and the trace of the Hessian of the mean
    /// logistic loss (labels `b = (y+1)/2`) compares so with `value (1/n) sum_i ||grad f(x_i)||^2`.
    /// Decided by enclosures, so an equality of irrational numbers stays undecided.
    LogisticTrace {
        /// The smoothing, in (0, 1).
        p: String,
        /// `odds > 0`.
        odds: String,
        /// The relation.
        is: Relation,
        /// The factor.
        value: String,
    },
    /// `||grad f(x_i)||^2` at an admissible theta compares so.
    SquaredGradient {
        /// Training input.
        sample: usize,
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// The trace of an admissible, interpolating theta against the architecture's lower bound on
    /// this data (`=`: flattest).
    TraceAgainstBound {
        /// `=` or `>`.
        is: Relation,
    },
    /// The network is admissible and interpolates, and so many of the n eigenvalues of `(2/n) J J^T`
    /// (the Hessian's but for zeros) compare so.
    Eigenvalues {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
        /// How many, with multiplicity.
        count: usize,
    },
    /// The architecture's lower bound on the trace on this data compares so.
    LeastTrace {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// Definition 4.2 holds or fails.
    Memorising {
        /// Which.
        holds: bool,
    },
    /// The 0-1 error over all of {-1,1}^d with y = x1 x2, f = 0 counted as an error, compares so.
    PopulationError {
        /// The relation; `=` where none is given.
        #[serde(default = "equal")]
        is: Relation,
        /// The other side.
        value: String,
    },
    /// The network and another are the same function there.
    SameFunction {
        /// At the training inputs, or on all of {-1,1}^d.
        on: On,
        /// The other network.
        other: NetworkRecord,
    },
    /// The network and another differ at a point.
    Differs {
        /// What the point belongs to: the training inputs, or {-1,1}^d.
        on: On,
        /// The other network.
        other: NetworkRecord,
        /// The point, exact expressions.
        at: Vec<String>,
    },
    /// No `2-MLP-Bias` network of this width has `y f > 0` on all of {-1,1}^d, d >= 2: all signs and
    /// active sets on the four quadrants are gone through, each refuted by multipliers.
    QuadrantsOutOfReach {
        /// The width.
        width: usize,
    },
    /// `w . x_i > w . x_j` for every j != i.
    Separator {
        /// i.
        sample: usize,
        /// w.
        w: Vec<String>,
    },
    /// `x_i` is the convex combination of the others with these weights.
    Combination {
        /// i.
        sample: usize,
        /// Weights, 0 at i.
        weights: Vec<String>,
    },
    /// The data is a complete training set of P_xor (Condition 1), so every interpolating
    /// batch-norm network has `sum |gamma_j W2_j| >= 2`, `||gamma||^2 + ||W2||^2 >= 4` and trace
    /// >= 8, and these are infima for width >= 4.
    CompleteSet,
    /// The data is a complete training set, and the least `sum |gamma_j W2_j|` over all
    /// interpolating batch-norm networks of the network's width compares so (3 for width 3, 2
    /// above; false for widths 1 and 2, where nothing interpolates).
    LeastCoefficientSum {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// Batch norm: `alpha_j = (2/n) |sum_i y_i relu(z_ij)| / a_j` compares so.
    Alignment {
        /// j.
        neuron: usize,
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// Batch norm: `sum_j |gamma_j W2_j| (1 - alpha_j)` compares so.
    MisalignedMass {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// Batch norm: `sum_j |gamma_j W2_j|` compares so.
    CoefficientSum {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// Batch norm: every `|gamma_j W2_j|` that is not 0 compares so.
    ActiveCoefficients {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// Batch norm: the largest `relu(z_j) / a_j` over all neurons and {-1,1}^d, d <= 16, compares so.
    LargestActivation {
        /// The relation.
        is: Relation,
        /// The other side, at least 0.
        value: String,
    },
    /// Batch norm: `||gamma||^2 + ||W2||^2` compares so.
    NormSum {
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// `||W1_j[3:d]||^2` compares so.
    TailSquared {
        /// j.
        neuron: usize,
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
    /// `||W1_j[3:d]||^2 / ||W1_j||^2` compares so.
    RelativeTailSquared {
        /// j.
        neuron: usize,
        /// The relation.
        is: Relation,
        /// The other side.
        value: String,
    },
}
