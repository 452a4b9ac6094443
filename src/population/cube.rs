//! The outputs of networks over all of {-1,1}^d, as few classes of vertices with equal outputs.
//!
//! A neuron that is positive on a single vertex at the most is *isolating*; the coordinates that the other
//! neurons look at (and the first two, which make the label) are *active*. Away from the isolated
//! vertices only the k active coordinates matter, so 2^k classes and the isolated vertices one by one
//! stand for the cube, whatever d is. Up to [`MAX_ACTIVE`] coordinates in all, none need be isolated.
//! Tests: `classes_vs_cube`, `isolated_vs_enumerated`.

use crate::network::{Network, Refusal};
use crate::scalar::{Ordered, Radical, Ring};
use rug::{Complete, Integer};
use std::collections::{BTreeMap, BTreeSet};

/// The most active coordinates that are enumerated.
pub const MAX_ACTIVE: usize = 16;
/// The most multiplications of the first layers.
const MAX_WORK: usize = 8_000_000_000;
/// How many vertices are evaluated at a time, to bound the memory.
const CHUNK: usize = 4096;

/// Why there is no exact value over the cube.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoError {
    /// The network has no value somewhere.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Too many classes.
    #[error(
        "exact values over the cube need at most {MAX_ACTIVE} coordinates with non-zero weights, \
         not counting neurons that are positive on a single vertex at the most"
    )]
    TooManyCoordinates,
    /// Too many weights or too many different roots for so many vertices.
    #[error(
        "too much work to evaluate so many weights and roots on every class of vertices of the cube"
    )]
    TooMuchWork,
    /// P_xor has two label coordinates.
    #[error("P_xor needs d >= 2")]
    TooFewCoordinates,
    /// Two networks that do not share their inputs.
    #[error("the networks have input dimensions {0} and {1}")]
    Dimensions(usize, usize),
}

/// A vertex of the cube: `true` is +1.
pub(super) type Vertex = Vec<bool>;

/// Vertices with the same label and the same outputs.
pub(super) struct Class {
    /// One of them.
    pub vertex: Vertex,
    /// How many they are.
    pub size: Integer,
    /// Each network's output.
    pub outputs: Vec<Radical>,
}

impl Class {
    /// The vertex as an input.
    pub fn point(&self) -> Vec<Radical> {
        point(&self.vertex)
    }
    /// `x1 x2`; d >= 2.
    pub fn label(&self) -> i64 {
        if self.vertex[0] == self.vertex[1] {
            1
        } else {
            -1
        }
    }
}

fn point(vertex: &Vertex) -> Vec<Radical> {
    let number = |plus: &bool| Radical::from_int(if *plus { 1 } else { -1 });
    vertex.iter().map(number).collect()
}

/// The cube in classes, with the outputs of the networks; `train` are the training inputs (batch norm
/// reads its statistics there).
pub(super) fn classes(
    nets: &[&Network<Radical>],
    train: &[Vec<Radical>],
) -> Result<Vec<Class>, NoError> {
    classes_up_to(MAX_ACTIVE, nets, train)
}

fn classes_up_to(
    max_active: usize,
    nets: &[&Network<Radical>],
    train: &[Vec<Radical>],
) -> Result<Vec<Class>, NoError> {
    let d = input_dim(nets, train)?;
    let neurons: Vec<Neuron> = nets.iter().flat_map(|net| first_layer(net)).collect();
    let mut active = active_coordinates(d, &neurons);
    let mut isolated = BTreeSet::new();
    if active.len() > max_active {
        let mut others = Vec::new();
        for neuron in neurons {
            match neuron.reach()? {
                Reach::Nothing => {}
                Reach::Vertex(vertex) => {
                    isolated.insert(vertex);
                }
                Reach::More => others.push(neuron),
            }
        }
        active = active_coordinates(d, &others);
    }
    if active.len() > max_active {
        return Err(NoError::TooManyCoordinates);
    }
    let width: usize = nets.iter().map(|net| net.architecture().width()).sum();
    let count = (1 << active.len()) + isolated.len();
    if count.saturating_mul(width).saturating_mul(d + 1) > MAX_WORK {
        return Err(NoError::TooMuchWork);
    }
    let (vertices, sizes) = partition(d, &active, isolated);
    Ok(evaluate(nets, train, vertices, sizes)?)
}

fn input_dim(nets: &[&Network<Radical>], train: &[Vec<Radical>]) -> Result<usize, NoError> {
    for net in nets {
        net.check_inputs(train).map_err(Refusal::from)?;
    }
    let mut dims = nets.iter().map(|net| net.architecture().input_dim());
    let d = dims.next().unwrap_or(0);
    match dims.find(|other| *other != d) {
        Some(other) => Err(NoError::Dimensions(d, other)),
        None => Ok(d),
    }
}

/// A neuron of the first layer, `relu(w . x + b)`.
struct Neuron<'a> {
    w: &'a [Radical],
    bias: Radical,
}

fn first_layer(net: &Network<Radical>) -> Vec<Neuron<'_>> {
    let has_bias = net.architecture().has_bias();
    let rows = net.first_layer().iter();
    rows.map(|row| match row.split_last() {
        Some((bias, w)) if has_bias => Neuron {
            w,
            bias: bias.clone(),
        },
        _ => Neuron {
            w: row,
            bias: Radical::zero(),
        },
    })
    .collect()
}

/// The coordinates with a non-zero weight, and the two that make the label.
fn active_coordinates(d: usize, neurons: &[Neuron]) -> Vec<usize> {
    let zero = Radical::zero();
    let looked_at = |k: usize| k < 2 || neurons.iter().any(|neuron| neuron.w[k] != zero);
    (0..d).filter(|k| looked_at(*k)).collect()
}

/// The vertices of the cube on which a neuron is positive.
enum Reach {
    Nothing,
    Vertex(Vertex),
    More,
}

impl Neuron<'_> {
    /// The best vertex has value `||w||_1 + b`, the second best `2 min |w_k|` less.
    fn reach(&self) -> Result<Reach, Refusal> {
        let sizes: Vec<Radical> = self.w.iter().map(Ordered::abs).collect::<Result<_, _>>()?;
        let best = Radical::sum(&sizes).add(&self.bias);
        if best.sign()?.is_le() {
            return Ok(Reach::Nothing);
        }
        let Some(least) = sizes.iter().min() else {
            return Ok(Reach::More);
        };
        let second = best.sub(&Radical::from_int(2).mul(least));
        if least.sign()?.is_eq() || second.sign()?.is_gt() {
            return Ok(Reach::More);
        }
        let zero = Radical::zero();
        Ok(Reach::Vertex(self.w.iter().map(|v| *v > zero).collect()))
    }
}

/// A vertex of each class, and the sizes of the classes: the isolated vertices one by one, and the rest
/// by its active coordinates.
fn partition(
    d: usize,
    active: &[usize],
    isolated: BTreeSet<Vertex>,
) -> (Vec<Vertex>, Vec<Integer>) {
    let pattern_of = |vertex: &Vertex| {
        let bit = |(i, k): (usize, &usize)| u64::from(vertex[*k]) << i;
        active.iter().enumerate().map(bit).sum::<u64>()
    };
    let mut taken: BTreeMap<u64, u64> = BTreeMap::new();
    for vertex in &isolated {
        *taken.entry(pattern_of(vertex)).or_default() += 1;
    }
    let whole = Integer::u_pow_u(2, (d - active.len()) as u32).complete();
    let (mut vertices, mut sizes) = (Vec::new(), Vec::new());
    for pattern in 0..1u64 << active.len() {
        let size = (&whole - taken.get(&pattern).copied().unwrap_or(0)).complete();
        // fewer isolated vertices than extensions: one of the first extensions is free
        let mut extensions = (0..).map(|extension| vertex(d, active, pattern, extension));
        if size > 0
            && let Some(free) = extensions.find(|vertex| !isolated.contains(vertex))
        {
            vertices.push(free);
            sizes.push(size);
        }
    }
    sizes.extend(isolated.iter().map(|_| Integer::from(1)));
    vertices.extend(isolated);
    (vertices, sizes)
}

/// The vertex with `pattern` on the active coordinates and `extension` on the others, lowest bits first.
fn vertex(d: usize, active: &[usize], pattern: u64, extension: u64) -> Vertex {
    let mut vertex = vec![false; d];
    let mut is_active = vec![false; d];
    for (i, k) in active.iter().enumerate() {
        vertex[*k] = pattern >> i & 1 == 1;
        is_active[*k] = true;
    }
    let others = (0..d).filter(|k| !is_active[*k]).take(64);
    for (i, k) in others.enumerate() {
        vertex[k] = extension >> i & 1 == 1;
    }
    vertex
}

fn evaluate(
    nets: &[&Network<Radical>],
    train: &[Vec<Radical>],
    vertices: Vec<Vertex>,
    sizes: Vec<Integer>,
) -> Result<Vec<Class>, Refusal> {
    let mut outputs = vec![Vec::with_capacity(nets.len()); vertices.len()];
    for (vertices, outputs) in vertices.chunks(CHUNK).zip(outputs.chunks_mut(CHUNK)) {
        let points: Vec<Vec<Radical>> = vertices.iter().map(point).collect();
        for net in nets {
            let found = net.outputs(train, &points)?;
            outputs.iter_mut().zip(found).for_each(|(o, f)| o.push(f));
        }
    }
    let class = |((vertex, size), outputs)| Class {
        vertex,
        size,
        outputs,
    };
    Ok(vertices
        .into_iter()
        .zip(sizes)
        .zip(outputs)
        .map(class)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::xor;
    use crate::network::Bias;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const D: usize = 5;

    /// Biased nets on {-1,1}^5 of vertex neurons w_k = +-s_k, b = height - ||w||_1, and of neurons that
    /// look at the first two coordinates.
    fn nets() -> impl Strategy<Value = Network<Radical>> {
        let vertex = (prop::collection::vec((any::<bool>(), 1i64..4), D), -1i64..3).prop_map(
            |(w, height)| {
                let bias = height - w.iter().map(|(_, s)| s).sum::<i64>();
                let w = w.iter().map(|(plus, s)| if *plus { *s } else { -s });
                w.chain([bias]).collect::<Vec<i64>>()
            },
        );
        let broad = (-2i64..3, -2i64..3, -2i64..3).prop_map(|(s, t, b)| vec![s, t, 0, 0, 0, b]);
        let neuron = (prop_oneof![2 => vertex, 1 => broad], -2i64..3);
        prop::collection::vec(neuron, 1..6).prop_map(|neurons| {
            let int = |n: &i64| Radical::from_int(*n);
            Network::Bias(Bias {
                first: neurons
                    .iter()
                    .map(|(row, _)| row.iter().map(int).collect())
                    .collect(),
                hidden: vec![],
                last: neurons.iter().map(|(_, a)| int(a)).collect(),
            })
        })
    }

    /// How many vertices have which label and outputs.
    fn distribution(classes: &[Class]) -> BTreeMap<(i64, Vec<Radical>), Integer> {
        let mut sizes = BTreeMap::new();
        for class in classes {
            *sizes
                .entry((class.label(), class.outputs.clone()))
                .or_default() += &class.size;
        }
        sizes
    }

    proptest! {
        #[test]
        fn classes_vs_cube(a in nets(), b in nets()) {
            let cube: Vec<Vec<Radical>> = (0..1 << D).map(|bits| xor::point(bits, D)).collect();
            let (of_a, of_b) = (a.outputs(&[], &cube).unwrap(), b.outputs(&[], &cube).unwrap());
            let mut expected: BTreeMap<(i64, Vec<Radical>), Integer> = BTreeMap::new();
            for ((bits, f), g) in (0..).zip(of_a).zip(of_b) {
                *expected.entry((xor::label_of_bits(bits), vec![f, g])).or_default() += 1;
            }
            for max_active in [2, MAX_ACTIVE] {
                let classes = classes_up_to(max_active, &[&a, &b], &[]).unwrap();
                prop_assert_eq!(distribution(&classes), expected.clone());
                for class in classes {
                    let at = [class.point()];
                    let outputs = [&a, &b].map(|net| net.outputs(&[], &at).unwrap().remove(0));
                    prop_assert_eq!(class.outputs, outputs.to_vec());
                }
            }
        }

        #[test]
        fn isolated_vs_enumerated(net in nets()) {
            let isolated = classes_up_to(2, &[&net], &[]).unwrap();
            let enumerated = classes_up_to(MAX_ACTIVE, &[&net], &[]).unwrap();
            prop_assert_eq!(distribution(&isolated), distribution(&enumerated));
        }
    }

    #[test]
    fn a_neuron_on_half_the_cube_is_not_isolated() {
        let int = Radical::from_int;
        let row = (0..20).map(|_| int(1)).chain([int(0)]).collect();
        let net = Network::Bias(Bias {
            first: vec![row],
            hidden: vec![],
            last: vec![int(1)],
        });
        let refused = classes(&[&net], &[]).err();
        assert_eq!(refused, Some(NoError::TooManyCoordinates));
    }
}
