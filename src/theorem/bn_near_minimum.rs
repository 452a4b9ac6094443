//! What near-minimal sharpness does say about a batch-norm network (ours; after Wen, Li, Ma 2023,
//! Section 5): on a complete training set, for an interpolating, admissible theta
//!
//! ```text
//! Tr <= 8 + kappa   implies   sum_j |c_j| (1 - alpha_j) <= kappa / 4,      alpha_j <= 1,
//! c_j = gamma_j W2_j,   alpha_j = (2/n) |sum_i y_i relu(z_ij)| / a_j.
//! ```
//!
//! Proof: `Tr >= 2 (||gamma||^2 + ||W2||^2) >= 4 sum |c_j|` (Lemma A.3), and interpolation gives
//! `1 = (1/n) sum y f = sum_j c_j (1/n) sum_i y_i zhat_ij`, so `sum |c_j| alpha_j >= 2`. On the four points
//! of a suffix Lemma A.27 bounds `(sum y zhat)^2` by `sum zhat^2`; Cauchy-Schwarz over the suffixes gives
//! `alpha_j <= 1`. Checked at `kappa = Tr - 8`, the least that the hypothesis allows.

use super::bn_instances::{Instance, complete_sets, describe, interpolants};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::sim_bn_interpolants::three;
use crate::data::complete::CompleteSet;
use crate::network::Network;
use crate::scalar::{Integer, Ordered, Radical, Rational, Ring};
use crate::sharpness::alignment::{alignments, misaligned_mass};
use crate::sharpness::closed_form::trace;
use rug::ops::Pow;

/// The case.
pub static CASE: Case = Case {
    id: "bn-near-minimum",
    aliases: &["t19"],
    title: "near-minimal sharpness aligns the neurons that count",
    kind: Kind::Inequality,
    place: "ours; Section 5",
    printed: "On a complete training set, every interpolating 2-MLP-Sim-BN with Tr <= 8 + kappa has \
              sum_j |gamma_j W2_j| (1 - alpha_j) <= kappa/4, where alpha_j = (2/n) |sum_i y_i zhat_ij| <= 1.",
    hypotheses: "Training set {-1,1}^2 x S with S - S spanning (Condition 1), labels x1 x2; theta admissible \
                 and interpolating; any width.",
    construction: "Tr >= 4 sum |c_j| and sum |c_j| alpha_j >= 2.",
    remark: "This is what is left of Theorem 3.2 without further hypotheses: a neuron may be far from \
             aligned, but then its coefficient is small. It does not bound the prediction, since a neuron \
             of small coefficient may be large off the training set.",
    repairs: &[],
    control: "kappa/4 replaced by (1 - 10^-30) kappa/4",
    file: file!(),
    coq: None,
    hunt: None,
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let slack = match form {
        Form::Stated => "0",
        Form::Control => "1/10^30",
    };
    let check = |instance: Instance| check(&instance, slack);
    if let (Form::Control, Ok(set)) = (form, CompleteSet::smallest(2)) {
        tally.all(
            "a constant neuron, rows times 10^30",
            vec![far_scaled(set)],
            check,
        );
    }
    let mut rng = run.rng("bn-near-minimum");
    for _ in 0..run.pick(1, 4, 20) {
        for set in complete_sets(run, "bn-near-minimum/sets", run.pick(4, 6, 8)) {
            for instance in interpolants(&set, &mut rng) {
                tally.all(instance.family, vec![instance], check);
            }
        }
    }
    tally.finish("sum |c_j| (1 - alpha_j) <= (Tr - 8)/4 and alpha_j <= 1")
}

/// Width 3 on four points: Tr = 12 + G 10^-60, sum |c| (1 - alpha) = 1.
fn far_scaled(set: CompleteSet) -> Instance {
    Instance {
        family: "width 3",
        sum: three(set.d(), 1),
        set,
        scale: Rational::from(Integer::from(10).pow(30)),
    }
}

/// `slack` = "0" for the statement.
fn check(instance: &Instance, slack: &str) -> Result<Finding, Finding> {
    let (data, net) = instance.scene()?;
    let alphas = alignments(&net, &data)?;
    let mass = misaligned_mass(&net, &data)?;
    let network = Network::SimBn(net);
    if network.outputs(&data.x, &data.x)? != data.y {
        return Err(Finding::Undecided(format!(
            "{} does not interpolate",
            instance.family
        )));
    }
    let kappa = trace(&network, &data.x)?.sub(&Radical::from_int(8));
    let factor = crate::scalar::text::parse(&format!("(1 - {slack})/4"))
        .map_err(|e| Finding::Undecided(e.to_string()))?;
    let bounded = mass.compare(&factor.mul(&kappa))?.is_le();
    let one = Radical::one();
    let beyond = alphas.iter().position(|alpha| *alpha > one);
    let witness = || {
        let (set, m) = (describe(&instance.set), alphas.len());
        let says = match beyond {
            Some(j) => format!(
                "{set}, m = {m}: alpha_{} = {} > 1",
                j + 1,
                alphas[j].approx(8)
            ),
            None => format!(
                "{set}, m = {m}: Tr = 8 + kappa with kappa = {}, but sum |c_j| (1 - alpha_j) = {} is above \
                 (1 - {slack}) kappa/4",
                kappa.approx(8),
                mass.approx(8)
            ),
        };
        let mut member = Member::new(format!("{set}, m = {m}"))
            .parameter("kappa", &kappa)
            .data(&data)
            .network(&network)
            .fact(Fact::CompleteSet)
            .fact(Fact::Interpolates)
            .fact(Fact::Trace {
                is: Relation::Equal,
                value: "8 + kappa".into(),
            });
        let is = Relation::Greater;
        member = match beyond {
            Some(neuron) => member.fact(Fact::Alignment {
                neuron,
                is,
                value: "1".into(),
            }),
            None => member.fact(Fact::MisalignedMass {
                is,
                value: format!("(1 - {slack})*kappa/4"),
            }),
        };
        Witness::refutation("bn-near-minimum", says, vec![member])
    };
    Ok(Finding::from_check(bounded && beyond.is_none(), witness))
}
