//! Batch norm makes plain memorising sharp (ours; after Wen, Li, Ma 2023, Section 5): a memorising
//! 2-MLP-Sim-BN (Definition 4.2) on inputs `x` with labels `y_x`, x occurring `m_x` times among n samples, has
//!
//! ```text
//! Tr >= 4 sum_x |y_x| sqrt(m_x / n),     equality iff |gamma_j| = |W2_j| for every j:
//! ```
//!
//! `4 sqrt(n)` for n distinct inputs with labels +-1, above the generaliser's 8 iff n > 4. Proof: the neuron
//! of x is alive at x only, so `zhat = sqrt(n/m_x)` there, `|c_j| = |y_x| sqrt(m_x/n)`, its gradient in
//! (W1, b) is 0 (batch norm divides its scale out), and `Tr = 2 (||gamma||^2 + ||W2||^2) >= 4 sum |c_j|`.

use super::bn_instances::{complete_sets, describe, exact};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::relu_sum::{ReluSum, Term};
use crate::construction::sim_bn_generaliser::generaliser;
use crate::construction::sim_bn_interpolants::memoriser;
use crate::data::Dataset;
use crate::data::complete::CompleteSet;
use crate::data::extreme::extreme_point;
use crate::network::{Network, SimBn};
use crate::scalar::{Field, NoValue, Ordered, Radical, Rational, Real, Ring};
use crate::search::generate::{Inputs, Labels, Options, between, dataset, positive};
use crate::sharpness::closed_form::trace;
use rand_chacha::ChaCha8Rng;

/// The case.
pub static CASE: Case = Case {
    id: "bn-memoriser",
    aliases: &["t17"],
    title: "batch-norm memorisers have trace at least 4 sqrt(n)",
    kind: Kind::Universal,
    place: "ours; Section 5",
    printed: "Every memorising 2-MLP-Sim-BN on n distinct inputs with labels +-1 has Tr >= 4 sqrt(n), with \
              equality iff |gamma_j| = |W2_j| for all j; with labels y_x and multiplicities m_x, Tr >= 4 sum_x \
              |y_x| sqrt(m_x/n). On a complete set it is above the generaliser's infimum 8 iff n > 4.",
    hypotheses: "Any data without contradictions; theta admissible, interpolating and memorising; so the \
                 inputs are extreme points, and there is no spare neuron (it would be dead).",
    construction: "One neuron per input, alive there only.",
    remark: "With batch norm plain memorising is not flat; the near-dead neurons of theorem-3.2 play the part \
             that dead neurons play with bias.",
    repairs: &[],
    control: "the bound times 1 + 10^-30",
    file: file!(),
    coq: None,
    hunt: None,
    judge,
};

/// A memoriser and whether `|gamma_j| = |W2_j|` throughout.
struct Instance {
    data: Dataset<Rational>,
    net: SimBn<Radical>,
}

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let factor = match form {
        Form::Stated => "1",
        Form::Control => "(1 + 1/10^30)",
    };
    let mut rng = run.rng("bn-memoriser");
    for (family, inputs, repeats) in [
        ("cube, distinct", Inputs::Cube, false),
        ("cube, repeats", Inputs::Cube, true),
        ("sphere, any labels", Inputs::Sphere, true),
    ] {
        let labels = match inputs {
            Inputs::Cube => Labels::Signs,
            _ => Labels::Any,
        };
        let options = Options {
            inputs,
            labels,
            repeats,
            contradictions: false,
        };
        let mut instances = Vec::new();
        for k in 0..run.pick(4, 60, 600) {
            let n = if k < 6 {
                k + 1
            } else {
                between(&mut rng, 1, run.pick(8, 16, 40))
            };
            let d = between(&mut rng, 2, run.pick(4, 8, 30)) as usize;
            let data = dataset(&mut rng, n as usize, d, &options);
            instances.extend(instance(data, &mut rng, k % 3 == 2));
        }
        tally.all(family, instances, |instance| check(&instance, factor));
    }
    if form == Form::Stated {
        let sets = complete_sets(run, "bn-memoriser/sets", run.pick(3, 5, 6));
        tally.all("against the generaliser", sets, |set| {
            against_generaliser(&set)
        });
    }
    tally.finish(
        "Tr >= 4 sum |y| sqrt(m/n), equality iff balanced; on complete sets above 8 iff n > 4",
    )
}

/// A memoriser with random scales, splits of c unbalanced if asked for.
fn instance(data: Dataset<Rational>, rng: &mut ChaCha8Rng, unbalanced: bool) -> Option<Instance> {
    let mut distinct: Dataset<Rational> = Dataset {
        x: Vec::new(),
        y: Vec::new(),
    };
    for (x, y) in data.x.iter().zip(&data.y) {
        if !distinct.x.contains(x) {
            distinct.x.push(x.clone());
            distinct.y.push(y.clone());
        }
    }
    let term = |i: usize| neuron(&distinct, i);
    let terms = (0..distinct.len()).map(term).collect::<Option<Vec<_>>>()?;
    let Network::SimBn(mut net) = ReluSum { terms }.network(&data, &positive(rng)).ok()? else {
        return None;
    };
    if unbalanced {
        for (gamma, last) in net.gamma.iter_mut().zip(&mut net.last) {
            let tilt = Radical::from_rational(positive(rng));
            *gamma = gamma.mul(&tilt);
            *last = last.div(&tilt).ok()?;
        }
    }
    Some(Instance { data, net })
}

/// The neuron of input i: the separator that an exact linear program finds, 1 at `x_i` and negative at
/// the others. `None` if the input is not extreme.
fn neuron(distinct: &Dataset<Rational>, i: usize) -> Option<Term> {
    let (x, y) = (&distinct.x, distinct.y[i].clone());
    let w = extreme_point(x, i).ok()?.w;
    let own: Rational = Ring::dot(&w, &x[i]);
    let others = (0..x.len())
        .filter(|j| *j != i)
        .map(|j| Ring::dot(&w, &x[j]));
    let next: Rational = others.max().unwrap_or(Rational::from(&own - 1));
    // half-way between x_i and the next
    let gap = Rational::from(&own - &next) / 2;
    let row = w.iter().map(|w| Rational::from(w / &gap));
    let bias = Rational::from(1) - own / &gap;
    Some(Term {
        row: row.chain([bias]).collect(),
        weight: y,
    })
}

/// `4 sum_x |y_x| sqrt(m_x / n)`.
fn bound(data: &Dataset<Rational>) -> Result<Radical, NoValue> {
    let n = data.len();
    let mut total = Radical::zero();
    for i in 0..n {
        if data.x[..i].contains(&data.x[i]) {
            continue;
        }
        let times = data.x.iter().filter(|x| **x == data.x[i]).count();
        let share = Radical::root_of(&Rational::from((times, n)), 2)?;
        let label = Radical::from_rational(data.y[i].clone()).abs()?;
        total = total.add(&label.mul(&share));
    }
    Ok(total.mul(&Radical::from_int(4)))
}

fn check(Instance { data, net }: &Instance, factor: &str) -> Result<Finding, Finding> {
    let train = exact(data);
    let least = bound(data)?;
    let claimed = crate::scalar::text::parse(factor)
        .map_err(|e| Finding::Undecided(e.to_string()))?
        .mul(&least);
    let balanced = net
        .gamma
        .iter()
        .zip(&net.last)
        .all(|(g, w)| g.square() == w.square());
    let network = Network::SimBn(net.clone());
    let fits = network.outputs(&train.x, &train.x)? == train.y;
    if !(fits && network.is_memorising(&train.x)?) {
        return Err(Finding::Undecided(
            "the network tried does not memorise".into(),
        ));
    }
    let found = trace(&network, &train.x)?;
    let order = found.compare(&claimed)?;
    let holds = order.is_ge() && order.is_eq() == balanced;
    Ok(Finding::from_check(holds, || {
        let is = match order {
            std::cmp::Ordering::Less => Relation::Less,
            std::cmp::Ordering::Equal => Relation::Equal,
            std::cmp::Ordering::Greater => Relation::Greater,
        };
        let says = format!(
            "n = {}, d = {}: a memoriser, balanced: {balanced}, has Tr = ~{} {is} {factor} 4 sum |y| sqrt(m/n)",
            data.len(),
            data.dim(),
            found.approx(8)
        );
        let member = Member::new("a memoriser")
            .parameter("bound", &least)
            .data(&train)
            .network(&network)
            .fact(Fact::Memorising { holds: true })
            .fact(Fact::Trace {
                is,
                value: format!("{factor}*bound"),
            });
        Witness::refutation(CASE.id, says, vec![member])
    }))
}

/// On a complete set the memoriser's trace is `4 sqrt(n)`, the generaliser's, rows times 10^6, below
/// 8 + 10^-6: the memoriser is above it iff n > 4.
fn against_generaliser(set: &CompleteSet) -> Result<Finding, Finding> {
    let rational = set.training_set();
    let data = exact(&rational);
    let memorising = memoriser(&rational).network(&rational, &Rational::from(1))?;
    let million = Rational::from(1_000_000);
    let general = generaliser(set.d(), &[(); 4].map(|()| million.clone()))?;
    let [sharp, flat] = [&memorising, &general].map(|net| trace(net, &data.x));
    let (sharp, flat) = (sharp?, flat?);
    let root = Radical::from_int(data.len() as i64).sqrt()?;
    let exact_trace = sharp == Radical::from_int(4).mul(&root);
    let above = sharp.compare(&flat)?.is_gt() && data.len() > 4;
    let level = sharp == flat && data.len() == 4;
    Ok(Finding::from_check(exact_trace && (above || level), || {
        let member = |name: &str, net: &Network<Radical>, value: &Radical| {
            let (is, value) = (Relation::Equal, value.to_string());
            let member = Member::new(name).data(&data).network(net);
            member
                .fact(Fact::Interpolates)
                .fact(Fact::Trace { is, value })
        };
        let says = format!(
            "{}: the traces are {} and {}",
            describe(set),
            sharp.approx(8),
            flat.approx(8)
        );
        let members = vec![
            member("the memoriser", &memorising, &sharp),
            member("the generaliser", &general, &flat),
        ];
        Witness::refutation(CASE.id, says, members)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use crate::sharpness::definition::mse_trace;

    #[test]
    fn bound_vs_definition() {
        let options = Options {
            inputs: Inputs::Cube,
            labels: Labels::Signs,
            repeats: true,
            contradictions: false,
        };
        for n in 1..5 {
            let rng = &mut rng(7, "bound_vs_definition");
            let data = dataset(rng, n, 3, &options);
            let Instance { data, net } = instance(data, rng, false).unwrap();
            let by_jets = mse_trace(&Network::SimBn(net), &exact(&data)).unwrap();
            assert_eq!(by_jets, bound(&data).unwrap());
        }
    }
}
