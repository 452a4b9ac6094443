//! Lemma A.1 (Wen, Li, Ma 2023, Appendix A): a batch-norm network that interpolates a complete training set
//! with the least `sum_j |gamma_j W2_j|`, printed as 2, is said to be perfect and to have `W1_j[3:d] = 0` for
//! every j.
//!
//! | width | least sum | conclusion |
//! |---|---|---|
//! | 1, 2 | nothing interpolates | vacuous |
//! | 3 | 3 | holds |
//! | 4 | 2 | holds |
//! | 5 and more | 2 | fails for "every j" (null neurons), holds for the j with `gamma_j W2_j != 0` |
//!
//! Proof for the table's second column: [`least_coefficient_sum`]. At the minimum every neuron with c_j != 0
//! (but the constant one of width 3) has alpha_j = 1, that is equality in Lemma A.27 on every suffix and in
//! Cauchy-Schwarz over the suffixes: it is positive in one quadrant only, with one value there. The
//! quadrant is the same for all suffixes: positive at (1,1,s) only forces `w_1 + w_2 > 0`, at
//! (-1,-1,s') only `w_1 + w_2 < 0`, and likewise for the other label. So `w[3:d]` is orthogonal to S - S, which
//! spans. Then f depends on x1, x2 only, so it is x1 x2. The links are checked on neurons
//! ([`alignment_of`]), the conclusion on networks ([`judge_network`]), widths 1 and 2 by `square`.

use super::bn_instances::{
    Instance, aligned_four, alive_row, complete_sets, describe, interpolants, power_of_ten,
    split_copies, with_null_neurons,
};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::lemma_a_1::{Text, network};
use crate::construction::relu_sum::{ReluSum, Term};
use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::construction::sim_bn_interpolants::{aligned, three, tilted};
use crate::data::Dataset;
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::network::{Network, SimBn};
use crate::scalar::{Ordered, Radical, Rational, Ring};
use crate::search::generate::positive;
use crate::sharpness::alignment::least_coefficient_sum;
use neurons::alignment_of;

mod hunt;
mod neurons;
mod square;

/// The case as printed.
pub static CASE: Case = Case {
    id: "lemma-a.1",
    aliases: &[],
    title: "least sum |gamma_j W2_j| means perfect and tail-free",
    kind: Kind::Universal,
    place: "Appendix A",
    printed: "If a 2-MLP-Sim-BN interpolates a complete training set with sum_j |gamma_j W2_j| minimal among \
              the interpolating parameters (the minimum is 2), then f is perfect on {-1,1}^d and \
              ||W1_j[3:d]|| = 0 for every j.",
    hypotheses: "Training set {-1,1}^2 x S with S - S spanning (Condition 1), labels x1 x2; any width m.",
    construction: "Lemma A.27 on the four points of each suffix, then Cauchy-Schwarz over the suffixes.",
    remark: "The printed minimum 2 holds exactly for m >= 4. For m <= 2 no network interpolates. For m = 3 the \
             minimum is 3: one label, say +1, has a single neuron of its sign, which is then at least 1 at both \
             + points of every suffix, hence on average at the - points, so its |c| >= 1, and it takes nothing off \
             the 2 that the other neurons need. \"Every j\" fails from m = 5 on: a null neuron (gamma_j = \
             W2_j = 0) costs nothing and has a free row.",
    repairs: &["lemma-a.1-repaired"],
    control: "width 4, \"minimal\" replaced by \"within 1 + 10^-30 of minimal\"",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunt::PRINTED.hunt(search)),
    judge: |run, form| judge(run, form, &Reading::PRINTED),
};

/// The widths and the neurons put right.
pub static REPAIRED: Case = Case {
    id: "lemma-a.1-repaired",
    aliases: &[],
    title: "least sum |gamma_j W2_j|, widths and active neurons put right",
    kind: Kind::Universal,
    place: "ours; Appendix A",
    printed: "Let m >= 3. The least sum_j |gamma_j W2_j| over the interpolating 2-MLP-Sim-BN of width m is 3 for \
              m = 3 and 2 for m >= 4, and is attained. Any network that attains it is perfect on {-1,1}^d and has \
              ||W1_j[3:d]|| = 0 for every j with gamma_j W2_j != 0.",
    hypotheses: "Training set {-1,1}^2 x S with S - S spanning (Condition 1), labels x1 x2.",
    construction: "The printed minimiser with W2_j = s t / 2 and b_k = 1 for the spare neurons.",
    remark: "Proof: alpha_j = 1 where c_j != 0 forces one quadrant, the same for all suffixes, and one value there; \
             S - S spans. At m = 3 the single neuron of its sign is constant on the training set.",
    repairs: &[],
    control: "width 4, \"minimal\" replaced by \"within 1 + 10^-30 of minimal\"",
    file: file!(),
    coq: None,
    hunt: Some(|search| hunt::REPAIRED.hunt(search)),
    judge: |run, form| judge(run, form, &Reading::REPAIRED),
};

/// One reading of the statement.
struct Reading {
    case: &'static str,
    /// The minimum claimed at a width that can interpolate.
    minimum: fn(usize) -> Option<i64>,
    /// Whether the row clause speaks of neurons with `gamma_j W2_j = 0` too.
    every_neuron: bool,
}

impl Reading {
    const PRINTED: Self = Self {
        case: "lemma-a.1",
        minimum: |m| least_coefficient_sum(m).map(|_| 2),
        every_neuron: true,
    };
    const REPAIRED: Self = Self {
        case: "lemma-a.1-repaired",
        minimum: least_coefficient_sum,
        every_neuron: false,
    };
}

fn judge(run: &Run, form: Form, reading: &Reading) -> Outcome {
    let mut tally = Tally::new(run, &["Rational", "Radical"]);
    let sets = complete_sets(run, &format!("{}/sets", reading.case), run.pick(4, 6, 8));
    if form == Form::Control {
        let sets = sets.into_iter().filter(|set| set.d() > 2).collect();
        tally.all("tilted, e = 10^-31", sets, |set: CompleteSet| {
            let sum = tilted(set.d(), &power_of_ten(31));
            judge_network(&instance("tilted", set, sum), reading, &power_of_ten(30))
        });
        return tally.finish("every near-minimal network tried is perfect and tail-free");
    }
    if reading.every_neuron {
        tally.all("d = 3, widths 5 and 3", vec![()], |()| smallest(reading));
    }
    for m in 1..=2 {
        tally.all(&format!("width {m}"), vec![m], |m| {
            Ok(nothing_interpolates(m))
        });
    }
    let mut rng = run.rng(&format!("{}/networks", reading.case));
    for _ in 0..run.pick(1, 4, 20) {
        for set in &sets {
            for instance in minimisers(set, &mut rng) {
                let width = format!("minimal, width {}", instance.sum.width().min(5));
                let width = if instance.sum.width() < 5 {
                    width
                } else {
                    format!("{width} or more")
                };
                let zero = Rational::new();
                tally.all(&width, vec![instance], |i| {
                    judge_network(&i, reading, &zero)
                });
            }
            for instance in interpolants(set, &mut rng) {
                let zero = Rational::new();
                tally.all("interpolating", vec![instance], |i| {
                    judge_network(&i, reading, &zero)
                });
            }
        }
    }
    for set in &sets {
        let data = set.training_set();
        let random = (0..run.pick(20, 400, 4000)).map(|_| alive_row(&data, &mut rng));
        let rows = if set.d() <= 4 {
            neurons::grid(set.d())
        } else {
            Vec::new()
        };
        let rows: Vec<_> = rows.into_iter().chain(random).collect();
        tally.all("alignment of a neuron", rows, |row| {
            alignment_of(reading.case, set, &data, &row)
        });
    }
    if !reading.every_neuron {
        tally.all("attained", sets, |set| attained(&set, reading.case));
    }
    tally.finish(
        "no network is below the least sum, and those that attain it are perfect and tail-free",
    )
}

fn instance(family: &'static str, set: CompleteSet, sum: ReluSum) -> Instance {
    Instance {
        family,
        set,
        sum,
        scale: Rational::from(1),
    }
}

/// Networks that attain the least sum of their width: 3, 4 and more.
fn minimisers(set: &CompleteSet, rng: &mut rand_chacha::ChaCha8Rng) -> Vec<Instance> {
    let d = set.d();
    let of = |family, sum| instance(family, set.clone(), sum);
    // the extremes of the bias: -|first - second|, where two quadrants sit on the kink
    let (first, second) = (positive(rng), positive(rng));
    let bias = Rational::from(&second - &first).abs() * -1;
    let edge = QUADRANTS
        .iter()
        .filter_map(|q| aligned(d, *q, &first, &second, &bias));
    let edge = ReluSum {
        terms: edge.collect(),
    };
    vec![
        of("width 3", three(d, 1)),
        of("width 3", three(d, -1)),
        of("aligned", aligned_four(d, rng)),
        of("aligned, at the kink", edge),
        of("split copies", split_copies(d, 1, rng)),
        of("null neurons", with_null_neurons(set, rng)),
    ]
}

/// The first refutation: at d = 3 the null neuron of width 5 and the minimum of width 3.
fn smallest(reading: &Reading) -> Result<Finding, Finding> {
    let set = CompleteSet::smallest(3).map_err(|e| Finding::Undecided(e.to_string()))?;
    let ones = Rational::from(1);
    let mut terms: Vec<Term> = QUADRANTS
        .iter()
        .filter_map(|q| aligned(3, *q, &ones, &ones, &Rational::from(-1)))
        .collect();
    let row = [0, 0, 1, 2].map(Rational::from).to_vec();
    terms.push(Term {
        row,
        weight: Rational::new(),
    });
    let zero = Rational::new();
    let five = instance("null neuron", set.clone(), ReluSum { terms });
    let found = [five, instance("width 3", set, three(3, 1))]
        .map(|instance| judge_network(&instance, reading, &zero));
    let [five, three] = found;
    let (Finding::Fails(mut witness), Finding::Fails(other)) = (five?, three?) else {
        return Err(Finding::Undecided(
            "the smallest instances do not fail".into(),
        ));
    };
    witness.says = "d = 3, S = {1, -1}: a width-5 net attains the printed minimum sum |gamma_j W2_j| = 2 with \
                    ||W1_5[3:d]|| = 1 at a null neuron (gamma_5 = W2_5 = 0), so \"for every j\" fails from m = 5 on; \
                    and at m = 3 the minimum is 3, not 2 (it is 2 for m >= 4; for m <= 2 no net interpolates)"
        .into();
    witness.members.extend(other.members);
    Ok(Finding::Fails(witness))
}

fn nothing_interpolates(m: usize) -> Finding {
    match square::interpolates(m) {
        (tried, false) => Finding::Vacuous(format!(
            "no width-{m} network interpolates the four points of a suffix: none of {tried} activation patterns \
             is feasible"
        )),
        (_, true) => Finding::Undecided(format!("a width-{m} pattern is feasible on one suffix")),
    }
}

/// On an interpolating network: its sum is not below the claimed minimum, that minimum is the least one
/// of its width, and, if it is within a factor `1 + near` of minimal, the conclusion holds.
fn judge_network(
    instance: &Instance,
    reading: &Reading,
    near: &Rational,
) -> Result<Finding, Finding> {
    let (data, net) = instance.scene()?;
    judge_on(&instance.set, &data, net, reading, near)
}

/// [`judge_network`] on the training set of a complete set.
fn judge_on(
    set: &CompleteSet,
    data: &Dataset<Radical>,
    net: SimBn<Radical>,
    reading: &Reading,
    near: &Rational,
) -> Result<Finding, Finding> {
    let m = net.first.len();
    let (Some(least), Some(claimed)) = (least_coefficient_sum(m), (reading.minimum)(m)) else {
        return Err(Finding::Undecided(format!("width {m} interpolates")));
    };
    let coefficients = net.coefficients();
    let sizes: Vec<Radical> = coefficients
        .iter()
        .map(Ordered::abs)
        .collect::<Result<_, _>>()?;
    let sum = Radical::sum(&sizes);
    let network = Network::SimBn(net.clone());
    if network.outputs(&data.x, &data.x)? != data.y {
        return Err(Finding::Undecided(
            "the network tried does not interpolate".into(),
        ));
    }
    let name = format!("{}, m = {m}", describe(set));
    let member = Member::new(&name).data(data).network(&network);
    let member = member.fact(Fact::CompleteSet).fact(Fact::Interpolates);
    let fails = |says: String, facts: Vec<Fact>| {
        let member = facts.into_iter().fold(member.clone(), Member::fact);
        Ok(Finding::Fails(Box::new(Witness::refutation(
            reading.case,
            says,
            vec![member],
        ))))
    };
    let sum_is = |is, value: String| Fact::CoefficientSum { is, value };
    let minimum = Radical::from_int(claimed);
    if sum < minimum {
        let says = format!(
            "{name}: interpolates with sum |gamma_j W2_j| = {} < {claimed}",
            sum.approx(8)
        );
        return fails(says, vec![sum_is(Relation::Less, claimed.to_string())]);
    }
    let limit = Radical::from_rational(Rational::from(least) * (Rational::from(1) + near));
    if sum > limit {
        return Ok(Finding::Holds); // not minimal: only the bound speaks
    }
    if claimed != least {
        let says =
            format!("{name}: the least sum |gamma_j W2_j| is {least}, attained, not {claimed}");
        let least = |is| Fact::LeastCoefficientSum {
            is,
            value: least.to_string(),
        };
        return fails(
            says,
            vec![
                least(Relation::Equal),
                sum_is(Relation::Equal, sum.to_string()),
            ],
        );
    }
    let bound = sum_is(Relation::AtMost, limit.to_string());
    if let Some(j) = tail(&net, &coefficients, reading.every_neuron) {
        let says = format!(
            "{name}: sum |gamma_j W2_j| = {} but W1_{}[3:d] is not 0 (gamma_j W2_j = {})",
            sum.approx(8),
            j + 1,
            coefficients[j].approx(8)
        );
        let tail = Fact::TailSquared {
            neuron: j,
            is: Relation::Greater,
            value: "0".into(),
        };
        return fails(says, vec![bound, tail]);
    }
    let d = set.d();
    let cube = xor::full_cube(d).map_err(|e| Finding::Undecided(e.to_string()))?;
    let cube = super::bn_instances::exact(&cube);
    let outputs = network.outputs(&data.x, &cube.x)?;
    match (0..cube.len()).find(|i| outputs[*i] != cube.y[*i]) {
        None => Ok(Finding::Holds),
        Some(i) => {
            let says = format!(
                "{name}: minimal, but f = {} where y = {}",
                outputs[i].approx(8),
                cube.y[i]
            );
            let at = cube.x[i].iter().map(ToString::to_string).collect();
            let (is, value) = (Relation::Different, cube.y[i].to_string());
            fails(says, vec![bound, Fact::Prediction { at, is, value }])
        }
    }
}

/// A neuron with `W1_j[3:d] != 0`, among those the clause speaks of.
fn tail(net: &SimBn<Radical>, coefficients: &[Radical], every_neuron: bool) -> Option<usize> {
    let zero = Radical::zero();
    (0..net.first.len()).find(|j| {
        let row = &net.first[*j];
        let tail = row.get(2..row.len() - 1).unwrap_or_default();
        (every_neuron || coefficients[*j] != zero) && tail.iter().any(|w| *w != zero)
    })
}

/// The corrected printed network attains 2 and is perfect: widths 4 and 6.
fn attained(set: &CompleteSet, case: &str) -> Result<Finding, Finding> {
    let data = super::bn_instances::exact(&set.training_set());
    let value = |v: &str| v.to_string();
    let member = |m: usize| {
        Member::new(format!("{}, m = {m}", describe(set)))
            .data(&data)
            .network(&network(set.d(), m, Text::Corrected))
            .fact(Fact::CompleteSet)
            .fact(Fact::Interpolates)
            .fact(Fact::CoefficientSum {
                is: Relation::Equal,
                value: value("2"),
            })
            .fact(Fact::LeastCoefficientSum {
                is: Relation::Equal,
                value: value("2"),
            })
            .fact(Fact::PopulationError {
                is: Relation::Equal,
                value: value("0"),
            })
    };
    let says = format!(
        "{}: the corrected network attains 2 and is perfect",
        describe(set)
    );
    let certificate = Witness::certificate(case, says, vec![member(4), member(6)]);
    match crate::certificate::check(&certificate) {
        Ok(_) => Ok(Finding::Exists(Box::new(certificate))),
        Err(discrepancy) => Err(Finding::Undecided(discrepancy.to_string())),
    }
}
