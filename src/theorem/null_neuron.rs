//! A null neuron (ours): appending a batch-norm neuron with `gamma_j = W2_j = 0` and any first-layer row
//! that is alive and smooth on the training set changes neither f, anywhere, nor the trace.
//!
//! Its part of f is `W2 gamma zhat = 0`; its part of `||grad f||^2` is `(gamma^2 + W2^2) zhat^2 + (gamma W2)^2
//! (...) = 0`. With only one of the two 0, f is unchanged but `Tr` grows by `2 (gamma^2 + W2^2)`. Checked by
//! the closed form and, on the smaller instances, by second derivatives (jets).

use super::bn_instances::random_scene;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::data::Dataset;
use crate::network::{Network, SimBn};
use crate::scalar::{Radical, Ring};
use crate::search::generate::{between, small};
use crate::sharpness::{closed_form, definition};
use rand_chacha::ChaCha8Rng;

/// The case.
pub static CASE: Case = Case {
    id: "null-neuron",
    aliases: &[],
    title: "a null neuron changes nothing and has a free row",
    kind: Kind::Identity,
    place: "ours; Section 5",
    printed: "A 2-MLP-Sim-BN neuron with gamma_j = W2_j = 0 changes neither f nor Tr, whatever its \
              first-layer row.",
    hypotheses: "Any data, any interpolating theta; the row alive on the training set (a_j > 0) and no \
                 pre-activation 0 there, since otherwise theta is outside the domain.",
    construction: "Every term of f and of ||grad f||^2 that belongs to the neuron has a factor gamma_j or W2_j.",
    remark: "So no clause of the form \"for all j\" about first-layer rows can follow from the loss, the trace, \
             or the norms of gamma and W2, as soon as there is a spare neuron (lemma-a.1, lemma-a.2, theorem-3.2).",
    repairs: &[],
    control: "gamma_j = 0 alone, with W2_j = 10^-30",
    file: file!(),
    coq: None,
    hunt: None,
    judge,
};

/// A network, its data, and a row for one more neuron.
struct Instance {
    data: Dataset<Radical>,
    net: SimBn<Radical>,
    row: Vec<Radical>,
    probes: Vec<Vec<Radical>>,
    by_definition: bool,
}

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let weight = match form {
        Form::Stated => "0",
        Form::Control => "1/10^30",
    };
    let mut rng = run.rng("null-neuron");
    let count = run.pick(20, 300, 3000);
    let definition = run.pick(4, 40, 200);
    let instances = (0..count).map(|k| instance(&mut rng, k < definition));
    tally.all("random networks", instances.collect(), |instance| {
        check(&instance, weight)
    });
    tally.finish("f and Tr are unchanged by a neuron with gamma = W2 = 0 and a random row")
}

fn instance(rng: &mut ChaCha8Rng, by_definition: bool) -> Instance {
    let (data, net) = random_scene(rng);
    let d = data.dim();
    let mut vector = |count| -> Vec<Radical> {
        (0..count)
            .map(|_| Radical::from_rational(small(rng)))
            .collect()
    };
    let row = loop {
        let row = vector(d + 1);
        let candidate = append(&net, &row, Radical::zero());
        if Network::SimBn(candidate).admissible(&data.x).is_ok() {
            break row;
        }
    };
    let mut probes = vec![vector(d), vector(d)];
    let far = Radical::from_int(between(rng, 10, 1_000_000));
    probes.push(probes[0].iter().map(|x| x.mul(&far)).collect());
    Instance {
        data,
        net,
        row,
        probes,
        by_definition,
    }
}

/// The network with one more neuron, `gamma = 0` and this `W2`.
fn append(net: &SimBn<Radical>, row: &[Radical], last: Radical) -> SimBn<Radical> {
    let mut net = net.clone();
    net.first.push(row.to_vec());
    net.gamma.push(Radical::zero());
    net.last.push(last);
    net
}

fn check(instance: &Instance, weight: &str) -> Result<Finding, Finding> {
    let Instance {
        data,
        net,
        row,
        probes,
        by_definition,
    } = instance;
    let weight =
        crate::scalar::text::parse(weight).map_err(|e| Finding::Undecided(e.to_string()))?;
    let before = Network::SimBn(net.clone());
    let after = Network::SimBn(append(net, row, weight));
    let inputs: Vec<Vec<Radical>> = data.x.iter().chain(probes).cloned().collect();
    let (f, g) = (
        before.outputs(&data.x, &inputs)?,
        after.outputs(&data.x, &inputs)?,
    );
    let traces = [&before, &after].map(|net| closed_form::trace(net, &data.x));
    let [t, u] = traces;
    let (t, u) = (t?, u?);
    if *by_definition {
        let jets = [&before, &after].map(|net| definition::mse_trace(net, data));
        let [a, b] = jets;
        if a? != t || b? != u {
            return Err(Finding::Undecided(
                "closed form and definition disagree".into(),
            ));
        }
    }
    let moved = (0..inputs.len()).find(|i| f[*i] != g[*i]);
    Ok(Finding::from_check(moved.is_none() && t == u, || {
        let trace = |value: &Radical| Fact::Trace {
            is: Relation::Equal,
            value: value.to_string(),
        };
        let member = |name: &str, network: &Network<Radical>, value: &Radical| {
            let member = Member::new(name).data(data).network(network);
            member.fact(Fact::Interpolates).fact(trace(value))
        };
        let mut members = vec![
            member("without the neuron", &before, &t),
            member("with the neuron", &after, &u),
        ];
        let says = match moved {
            Some(i) => {
                let (at, value) = (&inputs[i], f[i].to_string());
                members[1].facts.push(Fact::Prediction {
                    at: at.iter().map(|x| x.to_string()).collect(),
                    is: Relation::Different,
                    value,
                });
                format!(
                    "f changes from {} to {} at an input",
                    f[i].approx(8),
                    g[i].approx(8)
                )
            }
            None => {
                let (left, right) = (t.to_string(), u.to_string());
                let is = Relation::Different;
                members.push(Member::new("the two traces").fact(Fact::Compare { left, is, right }));
                format!(
                    "n = {}, m = {}: the neuron changes Tr by {}, from about {}",
                    data.len(),
                    net.first.len(),
                    u.sub(&t).approx(4),
                    t.approx(8)
                )
            }
        };
        Witness::refutation("null-neuron", says, members)
    }))
}
