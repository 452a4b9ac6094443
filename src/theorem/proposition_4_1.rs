//! Proposition 4.1 (Wen, Li, Ma 2023): for n samples of P_xor, any n, some width-n `2-MLP-Bias` is
//! memorising, flattest, and has 0-1 error `max(1 - n/2^d, 0)`; and its printed network.
//!
//! Flattest: the trace equals the least trace, which is compared with the paper's `4 sqrt(d+1)`. The
//! error is exact over all 2^d vertices. Every sample of d = 2 with n <= 3 is tried, random ones up
//! to n > 2^d, and d = 30, n = 100.
//! Tied to `construction::proposition_4_1::tests`.

use super::claims::{Claim, number};
use super::extreme_inputs::xor_sample;
use super::hunt::Quarry;
use super::hunt::draw::{simpler_xor, xor_samples};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::proposition_4_1::{printed, repaired};
use crate::data::{Dataset, xor};
use crate::network::Network;
use crate::scalar::{Integer, Radical, Rational, Real, Ring};
use crate::search::generate::below;
use crate::sharpness::bound::Bounded;

/// The statement.
pub static CASE: Case = Case {
    id: "proposition-4.1",
    aliases: &[],
    title: "P_xor: a memorising flattest network with 0-1 error max(1 - n/2^d, 0)",
    kind: Kind::Existence,
    place: "Section 4.2",
    printed: "For P_xor and any number n of samples there is a two-layer network with bias of width n \
              that is memorising, has the least sharpness, 4 sqrt(d+1), and is wrong on a fraction \
              max(1 - n/2^d, 0) of {-1,1}^d (f = 0 counts as wrong).",
    hypotheses: "n >= 1 draws from P_xor(d), d >= 2, repeats allowed, n possibly above 2^d.",
    construction: "One neuron per distinct sample, positive at it alone; each spare neuron is positive at \
                   one unseen vertex, where it gives the right sign at no cost; what is left is dead.",
    remark: "True for every n, though not by the printed network where samples repeat.",
    repairs: &[],
    control: "least sharpness below 4 sqrt(d+1) by one part in 10^30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-4.1",
            draw: |rng, attempt| ("samples of P_xor", xor_samples(rng, attempt)),
            judge: |data| exists(data, Form::Stated),
            simpler: simpler_xor,
        }
        .hunt(search)
    }),
    judge: |run, form| {
        let mut tally = Tally::new(run, &["Radical"]);
        for (family, samples) in samples(run) {
            tally.all(family, samples, |data| exists(&data, form));
        }
        tally.finish("a memorising flattest network of width n has error max(1 - n/2^d, 0)")
    },
};

/// The network as printed.
pub static PRINTED: Case = Case {
    id: "proposition-4.1-printed",
    title: "the memorising network printed for proposition-4.1",
    kind: Kind::Construction,
    printed: "Theorem 4.1's network at D = 2 with w_i = x_i, one neuron per sample, and a threshold \
              between d - 2 and d, is memorising, has the least sharpness and 0-1 error \
              max(1 - n/2^d, 0), for any n.",
    construction: "W1_i = sqrt(R) x_i / (d - t), b_i = -sqrt(R) t / (d - t), W2_i = y_i / sqrt(R), with \
                   t = d - 1, and within 10^-12 of either end.",
    remark: "True for distinct samples. Where an input repeats, two equal neurons fire and f = 2y.",
    repairs: &["proposition-4.1"],
    control: "for distinct samples, a threshold below d - 2 by one part in 10^30",
    judge: judge_printed,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-4.1-printed",
            draw: |rng, attempt| ("samples of P_xor", xor_samples(rng, attempt)),
            judge: |data| does_it(data, Form::Stated),
            simpler: simpler_xor,
        }
        .hunt(search)
    }),
    ..CASE
};

/// Families of samples, the smallest first.
fn samples(run: &Run) -> Vec<(&'static str, Vec<Dataset<Rational>>)> {
    let rng = &mut run.rng("proposition-4.1");
    let mut small = |count: usize, d: usize| -> Vec<_> {
        let sizes = (0..count)
            .map(|_| 1 + below(rng, (1 << d) + 4))
            .collect::<Vec<_>>();
        sizes.into_iter().map(|n| xor_sample(rng, d, n)).collect()
    };
    let longest = run.pick(2, 3, 4);
    let mut all = vec![
        (
            "every sample of d = 2",
            (1..=longest).flat_map(every_sample).collect(),
        ),
        ("d = 2, n up to 2^d + 4", small(run.pick(3, 20, 100), 2)),
        ("d = 3, n up to 2^d + 4", small(run.pick(3, 20, 100), 3)),
        ("d = 5, n up to 2^d + 4", small(run.pick(1, 8, 40), 5)),
        ("d = 8, n up to 2^d + 4", small(run.pick(0, 1, 4), 8)),
    ];
    let paper = (0..run.pick(1, 3, 10)).map(|_| xor_sample(rng, 30, run.pick(10, 100, 100)));
    all.push(("d = 30, n = 100", paper.collect()));
    let mut repeating = xor_sample(rng, 30, run.pick(5, 50, 50));
    repeating.x.extend_from_within(..);
    repeating.y.extend_from_within(..);
    all.push(("d = 30, every sample twice", vec![repeating]));
    all
}

/// All `4^n` samples of size n from P_xor(2).
fn every_sample(n: u32) -> impl Iterator<Item = Dataset<Rational>> {
    let sample = move |code: u64| {
        let points = (0..n).map(|i| code >> (2 * i) & 3);
        xor::labelled(points, 2)
    };
    (0..4u64.pow(n)).map(sample)
}

fn name(data: &Dataset<Rational>) -> String {
    format!("d = {}, n = {}", data.dim(), data.len())
}

/// `max(1 - n/2^d, 0)`.
fn claimed_error(data: &Dataset<Rational>) -> Rational {
    let cube = Integer::from(1) << data.dim() as u32;
    let missing = Integer::from(&cube - data.len() as u64).max(Integer::new());
    Rational::from((missing, cube))
}

fn exists(data: &Dataset<Rational>, form: Form) -> Result<Finding, Finding> {
    let network = Network::Bias(repaired(data)?);
    let radicals = data.map(|q| Radical::from_rational(q.clone()));
    let claimed = claimed_sharpness(data.dim(), form)?;
    let least = Bounded::Bias { depth: 2 }.least_trace(&radicals)?;
    if least != claimed {
        return Ok(no_such_sharpness(data, &network, &least, &claimed));
    }
    let claim = Claim {
        case: CASE.id,
        instance: name(data),
        data: &radicals,
        network: &network,
        memorising: true,
        error: Some(claimed_error(data)),
    };
    claim.of_existence()
}

/// `4 sqrt(d+1)`, for the control less by one part in 10^30.
fn claimed_sharpness(d: usize, form: Form) -> Result<Radical, Finding> {
    let root = Radical::from_int(d as i64 + 1).sqrt()?;
    let four = match form {
        Form::Stated => Rational::from(4),
        Form::Control => Rational::from(4) * (Rational::from(1) - tiny()),
    };
    Ok(Radical::from_rational(four).mul(&root))
}

/// `10^-30`.
fn tiny() -> Rational {
    Rational::from(10).pow(30).recip()
}

/// The bound of every interpolating network is not the sharpness claimed.
fn no_such_sharpness(
    data: &Dataset<Rational>,
    network: &Network<Radical>,
    least: &Radical,
    claimed: &Radical,
) -> Finding {
    let says = format!(
        "{}: no interpolating network has a trace below {}, but {} is claimed",
        name(data),
        number(least),
        number(claimed)
    );
    let member = Member::new(name(data))
        .data(&data.map(|q| Radical::from_rational(q.clone())))
        .network(network)
        .fact(Fact::LeastTrace {
            is: Relation::Greater,
            value: claimed.to_string(),
        });
    Finding::Fails(Box::new(Witness::refutation(CASE.id, says, vec![member])))
}

fn judge_printed(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    for (family, samples) in samples(run) {
        tally.all(family, samples, |data| does_it(&data, form));
    }
    tally.finish("the printed network is memorising and flattest with error max(1 - n/2^d, 0)")
}

fn does_it(data: &Dataset<Rational>, form: Form) -> Result<Finding, Finding> {
    let d = Rational::from(data.dim() as u64);
    let below_d = |by: Rational| d.clone() - by;
    let repeats = data
        .distinct()
        .is_none_or(|distinct| distinct.len() < data.len());
    let thresholds = match form {
        Form::Stated => {
            let near = Rational::from(10).pow(12).recip();
            vec![Rational::from(1), near.clone(), Rational::from(2) - near]
        }
        Form::Control if repeats => {
            return Err(Finding::Vacuous("an input repeats".into()));
        }
        Form::Control => {
            vec![Rational::from(2) + tiny()]
        }
    };
    let radicals = data.map(|q| Radical::from_rational(q.clone()));
    for t in thresholds.into_iter().map(below_d) {
        let claim = Claim {
            case: PRINTED.id,
            instance: format!("{}, threshold {t}", name(data)),
            data: &radicals,
            network: &Network::Bias(printed(data, &t)?),
            memorising: true,
            error: Some(claimed_error(data)),
        };
        match claim.of_construction()? {
            Finding::Holds => {}
            Finding::Fails(mut witness) => {
                if repeats {
                    witness.says += " (an input repeats, and each of its equal neurons fires)";
                }
                return Ok(Finding::Fails(witness));
            }
            other => return Ok(other),
        }
    }
    Ok(Finding::Holds)
}
