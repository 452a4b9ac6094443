//! What is known of the least trace over all interpolating thetas of a network's architecture and width
//! on its data: a lower bound, and the trace of a network that comes as close as any we know.
//!
//! Lower bounds: per sample (Wen, Li, Ma 2023, Eqs. 2-3, Lemma A.12), and 8 for batch norm on complete
//! training sets. Candidates: the memorisers and generalisers of the paper in their repaired forms, and the
//! network itself with its neurons `balanced`. A candidate is used as evidence only after its trace has
//! been computed and its facts re-checked. Tied to `candidates_attain_their_bounds`.

use super::frame::Frame;
use crate::certificate::{Fact, Member, Relation, Scene, Witness, check};
use crate::construction::no_bias_memoriser::{self, AtZero};
use crate::construction::{proposition_4_2, proposition_5, theorem_4_1, theorem_5_1};
use crate::data::{Dataset, xor};
use crate::network::{Bias, Network, NoBias, SimLn};
use crate::scalar::{Field, Radical, Rational, Real, Ring};
use std::collections::BTreeMap;

/// Bounds on the least trace.
#[derive(Default)]
pub struct Infimum {
    /// No interpolating theta has a smaller trace, and the fact that says so.
    pub lower: Option<(Radical, Fact)>,
    /// The infimum is at most this.
    pub upper: Option<(Radical, Evidence)>,
}

/// Why the infimum is at most a number.
pub enum Evidence {
    /// A network with this trace.
    Network(Box<Member>),
    /// The fact of the lower bound says that it is the infimum.
    Same,
}

impl Infimum {
    /// What is known for the network of a frame, which has one.
    pub fn of(frame: &Frame) -> Self {
        let scene = &frame.scene;
        let (Some(net), Some(data)) = (&scene.network, &scene.data) else {
            return Self::default();
        };
        if let Network::SimBn(net) = net {
            return batch_norm(data, net.first.len());
        }
        let lower = scene.lower_bound().ok();
        let lower = lower.map(|bound| {
            let value = bound.to_string();
            (
                bound,
                Fact::LeastTrace {
                    is: Relation::Equal,
                    value,
                },
            )
        });
        Self {
            lower,
            upper: candidate(frame, net, data),
        }
    }
}

/// 8 on complete training sets, the infimum from width 4 on.
fn batch_norm(data: &Dataset<Radical>, width: usize) -> Infimum {
    let member = Member::new("data").data(data).fact(Fact::CompleteSet);
    if check(&Witness::certificate("", "", vec![member])).is_err() {
        return Infimum::default();
    }
    let eight = || Radical::from_int(8);
    Infimum {
        lower: Some((eight(), Fact::CompleteSet)),
        upper: (width >= 4).then(|| (eight(), Evidence::Same)),
    }
}

/// The least sharp of our networks of the same architecture and width that interpolate the data.
fn candidate(
    frame: &Frame,
    net: &Network<Radical>,
    data: &Dataset<Radical>,
) -> Option<(Radical, Evidence)> {
    let width = net.architecture().width();
    let distinct = frame.rational_data().ok().and_then(|data| data.distinct());
    let papers = distinct.map_or(Vec::new(), |distinct| match net {
        Network::Bias(net) if is_rectangular(net) => bias(net, &distinct, width),
        Network::SimLn(net) => layer_norm(net, &distinct, width),
        Network::NoBias(_) if width == distinct.len() => {
            let memoriser = no_bias_memoriser::memoriser(&distinct, AtZero::Dead);
            let memoriser = memoriser.ok().flatten();
            memoriser.into_iter().map(Network::NoBias).collect()
        }
        _ => Vec::new(),
    });
    let candidates = papers.into_iter().chain(balanced(net, data));
    let traced = candidates.filter_map(|net| {
        let scene = Scene::new(BTreeMap::new(), Some(data.clone()), Some(net));
        let interpolates = scene.misfit().ok()?.is_none();
        let trace = scene.sharpness().ok()?.clone();
        interpolates.then_some((trace, scene.network?))
    });
    let (trace, net) = traced.min_by(|(a, _), (b, _)| a.cmp(b))?;
    let value = trace.to_string();
    let member = Member::new("another network of this architecture and width")
        .data(data)
        .network(&net)
        .fact(Fact::Trace {
            is: Relation::Equal,
            value,
        });
    Some((trace, Evidence::Network(Box::new(member))))
}

/// The two-layer network with every neuron rescaled to its least cost, the same function on the data:
///
/// ```text
/// W1'_j c, W2_j / c,   c^4 = W2_j^2 A_j / B_j,   A_j = sum ||x'_i||^2, B_j = sum z_ij^2 over its samples.
/// ```
///
/// Dead neurons stay as they are; one with `W2_j = 0` dies if there are biases. `None` for other
/// architectures and where such a root is out of reach.
fn balanced(net: &Network<Radical>, data: &Dataset<Radical>) -> Option<Network<Radical>> {
    let (has_bias, lifted) = match net {
        Network::NoBias(_) => (false, data.x.clone()),
        Network::Bias(net) if net.depth() == 2 => (true, data.with_bias()),
        _ => return None,
    };
    let zeros = || vec![Radical::zero(); net.last().len()];
    let (mut a, mut b) = (zeros(), zeros());
    let layers = net.activations(&data.x).ok()?;
    for (x, fired) in lifted.iter().zip(layers.first()?) {
        let radius = Radical::dot(x, x);
        for (j, z) in &fired.active {
            a[*j] = a[*j].add(&radius);
            b[*j] = b[*j].add(&z.square());
        }
    }
    let (mut first, mut last) = (net.first_layer().to_vec(), net.last().to_vec());
    for (j, (row, weight)) in first.iter_mut().zip(&mut last).enumerate() {
        let silent = *weight == Radical::zero();
        if silent && has_bias {
            *row = theorem_4_1::dead_row(row.len());
        } else if !silent && b[j] != Radical::zero() {
            let c = weight.square().mul(&a[j]).div(&b[j]).ok()?.root(4).ok()?;
            row.iter_mut().for_each(|w| *w = w.mul(&c));
            *weight = weight.div(&c).ok()?;
        }
    }
    Some(match net {
        Network::NoBias(_) => Network::NoBias(NoBias { first, last }),
        _ => Network::Bias(Bias {
            first,
            hidden: vec![],
            last,
        }),
    })
}

/// All hidden layers of one width, as the candidates have.
fn is_rectangular(net: &Bias<Radical>) -> bool {
    net.hidden
        .iter()
        .all(|layer| layer.height() == net.first.len())
}

fn bias(net: &Bias<Radical>, data: &Dataset<Rational>, width: usize) -> Vec<Network<Radical>> {
    let mut candidates = Vec::new();
    if net.depth() == 2
        && is_xor(data)
        && let Ok(Some(generaliser)) = proposition_4_2::flattest(data, width)
    {
        candidates.push(Network::Bias(generaliser));
    }
    if width >= data.len()
        && let Ok(v) = theorem_4_1::separators(&data.x)
        && let Ok(memoriser) = theorem_4_1::dead_at_zero_labels(data, &v, net.depth() as u32)
    {
        candidates.push(Network::Bias(theorem_4_1::pad(memoriser, width)));
    }
    candidates
}

fn layer_norm(
    net: &SimLn<Radical>,
    data: &Dataset<Rational>,
    width: usize,
) -> Vec<Network<Radical>> {
    let Some(eps) = net.eps.as_rational() else {
        return Vec::new();
    };
    let mut candidates = Vec::new();
    if is_xor(data) && width >= 4 {
        candidates.push(proposition_5::generaliser(data.dim(), &eps));
    }
    if width >= data.len()
        && let Ok(v) = theorem_4_1::separators(&data.x)
        && let Ok(memoriser) = theorem_5_1::dead_at_zero_labels(data, &v, &eps)
    {
        candidates.push(memoriser);
    }
    let padded = |mut net: SimLn<Radical>| {
        let mut dead = vec![Radical::zero(); data.dim()];
        dead.push(Radical::from_int(-1));
        net.first.resize(width, dead);
        net.last.resize(width, Radical::zero());
        Network::SimLn(net)
    };
    candidates.into_iter().map(padded).collect()
}

/// Labelled points of P_xor.
fn is_xor(data: &Dataset<Rational>) -> bool {
    data.dim() >= 2
        && data.x.iter().flatten().all(|x| *x == 1 || *x == -1)
        && data.x.iter().zip(&data.y).all(|(x, y)| xor::label(x) == *y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharpness::bound::Bounded;
    use crate::sharpness::closed_form::trace;

    /// A memoriser with one neuron out of balance is above the bound, and balanced it attains it.
    #[test]
    fn balanced_vs_bound() {
        let rational = |p: i64, q: i64| Rational::from((p, q));
        let data = Dataset {
            x: vec![vec![rational(3, 1)], vec![rational(-1, 2)]],
            y: vec![rational(-2, 1), rational(1, 3)],
        };
        let v = theorem_4_1::separators(&data.x).unwrap();
        let mut net = theorem_4_1::repaired(&data, &v, 2).unwrap();
        let data = data.map(|q| Radical::from_rational(q.clone()));
        let least = Bounded::Bias { depth: 2 }.least_trace(&data).unwrap();
        let two = Radical::from_int(2);
        net.first[0].iter_mut().for_each(|w| *w = w.mul(&two));
        net.last[0] = net.last[0].div(&two).unwrap();
        let net = Network::Bias(net);
        assert!(trace(&net, &data.x).unwrap() > least);
        let again = balanced(&net, &data).unwrap();
        assert_eq!(trace(&again, &data.x).unwrap(), least);
    }
}
