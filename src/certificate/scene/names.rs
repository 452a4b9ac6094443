//! The names of [`Scene`]'s language, and what each reads.

use super::{Scene, entry, out_of_range};
use crate::network::Network;
use crate::population::exact::{NoError, largest_deviation, mean_squared_error, zero_one_error};
use crate::scalar::text::syntax::Node;
use crate::scalar::text::{Evaluator, Expression, Fault, Meter, Scope, Trouble};
use crate::scalar::{Radical, Real, Ring};
use crate::sharpness::spectrum::eigenvalues;

/// A number of a network over the cube; the training inputs come second.
type OverCube = fn(&Network<Radical>, &[Vec<Radical>]) -> Result<Radical, NoError>;

impl Scene {
    /// The value of a name, definitions evaluated over `scope`, which may know more than the scene.
    pub fn value_in(
        &self,
        scope: &dyn Scope,
        name: &str,
        indices: &[i64],
        meter: &Meter,
    ) -> Option<Result<Radical, Fault>> {
        if let Some(value) = self.parameters.get(name).filter(|_| indices.is_empty()) {
            return Some(Ok(value.clone()));
        }
        if let Some(value) = self.definitions.value(scope, name, indices, meter) {
            return Some(value);
        }
        if indices.is_empty() {
            self.quantity(name)
        } else {
            self.indexed(name, indices)
        }
    }

    /// A number that the whole scene has.
    pub fn quantity(&self, name: &str) -> Option<Result<Radical, Fault>> {
        let count = |n: usize| Some(Ok(Radical::from_int(n as i64)));
        let over_cube = |of: OverCube| {
            let (net, data) = self.both()?;
            Ok(of(net, &data.x)?)
        };
        match (name, &self.data, &self.network) {
            ("n", Some(data), _) => count(data.len()),
            ("d", Some(data), _) => count(data.dim()),
            ("m", _, Some(net)) => count(net.architecture().width()),
            ("D", _, Some(Network::Bias(net))) => count(net.depth()),
            ("D", _, Some(_)) => count(2),
            ("eps", _, Some(Network::SimLn(net))) => Some(Ok(net.eps.clone())),
            ("sharpness", _, Some(_)) => Some(self.sharpness().cloned()),
            ("lower_bound", _, Some(_)) => Some(self.lower_bound()),
            ("population_error", _, Some(_)) => Some(over_cube(|net, train| {
                zero_one_error(net, train).map(Radical::from_rational)
            })),
            ("population_mse", _, Some(_)) => Some(over_cube(mean_squared_error)),
            ("population_deviation", _, Some(_)) => Some(over_cube(|net, train| {
                largest_deviation(net, train).map(|(deviation, _)| deviation)
            })),
            _ => None,
        }
    }

    /// An entry of the data or of the network.
    fn indexed(&self, name: &str, indices: &[i64]) -> Option<Result<Radical, Fault>> {
        let data = self.data.as_ref();
        let found = match (name, indices) {
            ("x", [i, k]) => entry(&data?.x, *i, "x")
                .and_then(|x| entry(x, *k, "x[i]"))
                .cloned(),
            ("y", [i]) => entry(&data?.y, *i, "y").cloned(),
            ("R", [i]) => entry(&data?.x, *i, "R").and_then(|x| {
                let square = Radical::dot(x, x).add(&Radical::one());
                Ok(square.sqrt()?)
            }),
            ("f", [i]) => self.outputs().and_then(|f| entry(f, *i, "f").cloned()),
            ("squared_gradient", [i]) => {
                let all = self.squared_gradients();
                all.and_then(|q| entry(q, *i, "squared_gradient").cloned())
            }
            ("gram", [i, l]) => self.gram().and_then(|rows| {
                let row = entry(rows, *i, "gram")?;
                entry(row, *l, "gram[i]").cloned()
            }),
            ("h", [i, j]) => self.activation(*i, *j, 1),
            ("h", [i, j, layer]) => self.activation(*i, *j, *layer),
            ("a", [j]) => return self.normaliser(*j),
            _ => return self.weight(name, indices),
        };
        Some(found)
    }

    fn weight(&self, name: &str, indices: &[i64]) -> Option<Result<Radical, Fault>> {
        let net = self.network.as_ref()?;
        let (first, last, has_bias) = match net {
            Network::NoBias(net) => (&net.first, &net.last, false),
            Network::Bias(net) => (&net.first, &net.last, true),
            Network::SimBn(net) => (&net.first, &net.last, true),
            Network::SimLn(net) => (&net.first, &net.last, true),
        };
        let d = net.architecture().input_dim();
        let found = match (name, indices, net) {
            ("W1", [j, k], _) => {
                entry(first, *j, "W1").and_then(|row| entry(&row[..d], *k, "W1[j]"))
            }
            ("b1", [j], _) if has_bias => entry(first, *j, "b1").map(|row| &row[d]),
            ("W2" | "WD", [j], _) => entry(last, *j, name),
            ("gamma", [j], Network::SimBn(net)) => entry(&net.gamma, *j, name),
            ("W", [l, j, k], Network::Bias(net)) => {
                let Ok(layer) = entry(&net.hidden, l - 1, "the hidden matrices from 2") else {
                    return Some(Err(out_of_range(
                        "the hidden matrices from 2",
                        *l,
                        net.depth() - 1,
                    )));
                };
                let below = match l {
                    2 => net.first.len(),
                    _ => net.hidden[*l as usize - 3].height(),
                };
                let inside = |index: i64, count: usize| (1..=count as i64).contains(&index);
                if inside(*j, layer.height()) && inside(*k, below) {
                    Ok(layer.entry(*j as usize - 1, *k as usize - 1))
                } else {
                    Err(out_of_range(
                        "W[l]",
                        (*j).max(*k),
                        layer.height().max(below),
                    ))
                }
            }
            _ => return None,
        };
        Some(found.cloned())
    }

    /// `prediction(v)` for a vector `v[k]`, or of d numbers.
    fn prediction(
        &self,
        arguments: &[Expression],
        evaluator: &mut Evaluator,
    ) -> Result<Radical, Fault> {
        let (net, data) = self.both()?;
        let at: Vec<Radical> = match arguments {
            [
                Expression {
                    position,
                    node: Node::Name(name, indices),
                },
            ] if indices.is_empty() => {
                let component = |k: usize| {
                    let index = Expression {
                        position: *position,
                        node: Node::Integer(k.into()),
                    };
                    let node = Node::Name(name.clone(), vec![index]);
                    evaluator.value(&Expression {
                        position: *position,
                        node,
                    })
                };
                (1..=data.dim()).map(component).collect::<Result<_, _>>()?
            }
            numbers => numbers
                .iter()
                .map(|v| evaluator.value(v))
                .collect::<Result<_, _>>()?,
        };
        if at.len() != data.dim() {
            let sentence = format!(
                "prediction needs d = {} numbers, not {}",
                data.dim(),
                at.len()
            );
            return Err(Fault::new(Trouble::Name, sentence));
        }
        let outputs = net.outputs(&data.x, &[at])?;
        outputs
            .into_iter()
            .next()
            .ok_or_else(|| Fault::new(Trouble::Undefined, "no output"))
    }
}

impl Scene {
    /// How many of the n eigenvalues of `(2/n) J J^T`, the Hessian's where theta interpolates, are equal
    /// to a number.
    fn multiplicity(
        &self,
        arguments: &[Expression],
        evaluator: &mut Evaluator,
    ) -> Result<Radical, Fault> {
        let (net, data) = self.both()?;
        let [value] = arguments else {
            return Err(Fault::new(Trouble::Name, "write multiplicity(a)"));
        };
        let value = evaluator.value(value)?;
        let counts = eigenvalues(net, &data.x, &value)?;
        Ok(Radical::from_int(counts.at as i64))
    }
}

impl Scope for Scene {
    fn value(&self, name: &str, indices: &[i64], meter: &Meter) -> Option<Result<Radical, Fault>> {
        self.value_in(self, name, indices, meter)
    }

    /// `i` runs over the samples, `j` over the neurons of the first layer, `k` over the coordinates.
    fn range(&self, index: &str) -> Option<(i64, i64)> {
        let last = match index {
            "i" => self.data.as_ref()?.len(),
            "j" => self.network.as_ref()?.architecture().width(),
            "k" => self.data.as_ref()?.dim(),
            _ => return None,
        };
        Some((1, last as i64))
    }

    fn call(
        &self,
        function: &str,
        arguments: &[Expression],
        evaluator: &mut Evaluator,
    ) -> Option<Result<Radical, Fault>> {
        match function {
            "prediction" => Some(self.prediction(arguments, evaluator)),
            "multiplicity" => Some(self.multiplicity(arguments, evaluator)),
            _ => None,
        }
    }

    fn known(&self) -> Vec<String> {
        let there = |needs: &Needs| match needs {
            Needs::Data => self.data.is_some(),
            Needs::Network => self.network.is_some(),
        };
        let names = NAMES.iter().filter(|(_, _, needs)| there(needs));
        let names = names.map(|(name, _, _)| name.to_string());
        let named = self.parameters.keys().cloned();
        let defined = self.definitions.names().cloned();
        named.chain(defined).chain(names).collect()
    }

    fn nearest<'n>(&self, slip: &str, names: Vec<&'n str>) -> Option<&'n str> {
        crate::io::suggest(slip, names)
    }

    fn why_not(&self, name: &str) -> Option<String> {
        if self.parameters.contains_key(name) {
            return Some(format!("{name} has no index"));
        }
        if INDICES.contains(&name) {
            return Some(format!(
                "the index {name} has no value here: bind it, as in \"for {name}: ...\" or sum({name}: ...)"
            ));
        }
        let (_, usage, needs) = NAMES.iter().find(|(known, _, _)| *known == name)?;
        let missing = |what: &str| Some(format!("there is no {what} yet, so {name} has no value"));
        match (needs, &self.data, &self.network) {
            (Needs::Data, None, _) => missing("data"),
            (Needs::Network, _, None) => missing("network"),
            (Needs::Network, _, Some(net)) if !has(net, name) => {
                Some(format!("this network has no {name}"))
            }
            _ => Some(format!("write {usage}")),
        }
    }
}

/// Samples, neurons, coordinates, layers.
pub const INDICES: [&str; 4] = ["i", "j", "k", "l"];

/// What a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The training set.
    Data,
    /// The network.
    Network,
}

/// The names of the language: how each is written, and what it needs.
pub const NAMES: &[(&str, &str, Needs)] = &[
    ("n", "n", Needs::Data),
    ("d", "d", Needs::Data),
    ("x", "x[i,k]", Needs::Data),
    ("y", "y[i]", Needs::Data),
    ("R", "R[i]", Needs::Data),
    ("m", "m", Needs::Network),
    ("D", "D", Needs::Network),
    ("W1", "W1[j,k]", Needs::Network),
    ("b1", "b1[j]", Needs::Network),
    ("W", "W[l,j,k]", Needs::Network),
    ("W2", "W2[j]", Needs::Network),
    ("WD", "WD[j]", Needs::Network),
    ("gamma", "gamma[j]", Needs::Network),
    ("a", "a[j]", Needs::Network),
    ("eps", "eps", Needs::Network),
    ("h", "h[i,j] or h[i,j,l]", Needs::Network),
    ("f", "f[i]", Needs::Network),
    (
        "prediction",
        "prediction(v) for a defined v[k], or prediction(a, b, ...) of d numbers",
        Needs::Network,
    ),
    ("squared_gradient", "squared_gradient[i]", Needs::Network),
    ("gram", "gram[i,l]", Needs::Network),
    ("multiplicity", "multiplicity(a)", Needs::Network),
    ("sharpness", "sharpness", Needs::Network),
    ("lower_bound", "lower_bound", Needs::Network),
    ("population_error", "population_error", Needs::Network),
    ("population_mse", "population_mse", Needs::Network),
    (
        "population_deviation",
        "population_deviation",
        Needs::Network,
    ),
];

/// Whether networks of this architecture have such a thing.
fn has(net: &Network<Radical>, name: &str) -> bool {
    match name {
        "b1" => !matches!(net, Network::NoBias(_)),
        "W" => matches!(net, Network::Bias(_)),
        "gamma" | "a" => matches!(net, Network::SimBn(_)),
        "eps" => matches!(net, Network::SimLn(_)),
        _ => true,
    }
}
