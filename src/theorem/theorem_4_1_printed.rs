//! The network printed for Theorem 4.1 (Wen, Li, Ma 2023), judged by itself: unit `w_i`, one eps,
//! `W_k = diag(1/r_i)`. Is it smooth at the training inputs, interpolating, flattest, memorising?
//!
//! Decided over radicals at the printed formulas; at D = 2 on the second print too, which gives the
//! same network for non-zero labels. Whether the separators are as printed (one norm) is checked on
//! each instance. Tied to `construction::theorem_4_1::tests`.

use super::claims::Claim;
use super::hunt::Quarry;
use super::hunt::draw::{simpler_same_zeros, zeros_late};
use super::theorem_4_1::{Instance, instances};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::Fact;
use crate::construction::theorem_4_1::{common_norm, printed, printed_two_layers, unit_separators};
use crate::network::{Bias, Network};
use crate::scalar::{Radical, Rational, Ring};

/// The case.
pub static CASE: Case = Case {
    id: "theorem-4.1-printed",
    aliases: &[],
    title: "the memorising network printed for theorem-4.1",
    kind: Kind::Construction,
    place: "Section 4.2, Appendix A",
    printed: "W1_i = u_i w_i / eps, b_i = u_i (-w_i.x_i + eps) / eps, W_k = diag(1/r_i) for 2 <= k <= D-1, \
              W_D = (sign(y_i)/r_i), with r_i = (R_i/|y_i|)^{1/D} and u_i = |y_i| r_i^{D-1} (both 1 at \
              y_i = 0), is memorising and has the least sharpness for eps small enough. For D = 2 also \
              W1_i = sqrt(r |y_i|) w_i / eps, W2_i = sign(y_i) sqrt(|y_i| / r), r = R_i.",
    hypotheses: "For every i a unit vector w_i with w_i.x_i > w_i.x_j for all j != i (so no repeats); any \
                 real labels, 0 included; D >= 2; eps half the least gap of the w_i or less.",
    construction: "Unit separators: x_i / sqrt(d) on the cube, rational unit vectors elsewhere.",
    remark: "For D >= 3 and n >= 2 the zeros of W_k give every inactive neuron of layers 2 to D-1 a \
             pre-activation of exactly 0, whatever eps: a kink, and f is truly not differentiable there, \
             as a zero entry of W_k moved up by t adds t times a positive number and moved down adds \
             nothing. Entries -1 mend it and change no gradient. At label 0 the printed u_i = r_i = 1 keeps a neuron active with W_D = 0, which \
             costs sharpness for nothing (the second print of D = 2 has a zero row there: a kink). At D = 2 with non-zero labels the printed network does what \
             is said: it is the construction of theorem-4.1-repaired.",
    repairs: &["theorem-4.1-repaired"],
    control: "at D = 2 with non-zero labels, the last weight of W_D larger by one part in 10^30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: CASE.id,
            draw: |rng, attempt| {
                let (family, Instance { data, depth }) = Instance::draw(rng, attempt);
                let data = zeros_late(attempt, data);
                (family, Instance { data, depth })
            },
            judge: |instance| does_it(instance, Form::Stated),
            simpler: |instance| instance.simpler(simpler_same_zeros),
        }
        .hunt(search)
    }),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    // non-zero labels first: the defect that needs no odd label is the one to report
    for with_zero in [false, true] {
        for (family, mut instances) in instances(run) {
            instances.retain(|instance| has_zero_label(instance) == with_zero);
            tally.all(family, instances, |instance| does_it(&instance, form));
        }
    }
    tally.finish("the printed network is memorising and flattest")
}

fn has_zero_label(instance: &Instance) -> bool {
    instance.data.y.iter().any(Rational::is_zero)
}

fn does_it(instance: &Instance, form: Form) -> Result<Finding, Finding> {
    let Instance { data, depth } = instance;
    let has_zero = has_zero_label(instance);
    if form == Form::Control && (*depth > 2 || has_zero) {
        return Err(Finding::Vacuous("the control keeps to what holds".into()));
    }
    let v = unit_separators(&data.x)?;
    if common_norm(&v).is_none() {
        return Err(Finding::Undecided(
            "the separators found are not of one norm".into(),
        ));
    }
    let mut net = printed(data, &v, *depth)?;
    if form == Form::Control {
        make_last_weight_larger(&mut net);
    }
    let radicals = instance.radicals();
    let of = |net: Bias<Radical>| {
        let claim = Claim {
            case: CASE.id,
            instance: instance.name(),
            data: &radicals,
            network: &Network::Bias(net),
            memorising: true,
            error: None,
        };
        claim.of_construction()
    };
    let first = of(net)?;
    if *depth == 2 && form == Form::Stated && !has_zero && matches!(first, Finding::Holds) {
        return Ok(explained(of(printed_two_layers(data, &v)?)?));
    }
    Ok(explained(first))
}

/// Says which part of the formulas is at fault.
fn explained(finding: Finding) -> Finding {
    let Finding::Fails(mut witness) = finding else {
        return finding;
    };
    let facts = witness.members.iter().flat_map(|member| &member.facts);
    let is_kink = |fact: &Fact| matches!(fact, Fact::ZeroPreActivation { .. });
    witness.says += if facts.clone().any(is_kink) {
        " (the zeros off the diagonal of W_k, whatever eps)"
    } else {
        " (at label 0 the printed u_i = r_i = 1 keeps a neuron active)"
    };
    Finding::Fails(witness)
}

fn make_last_weight_larger(net: &mut Bias<Radical>) {
    let factor: Rational = Rational::from(1) + Rational::from(10u32).pow(30).recip();
    if let Some(weight) = net.last.last_mut() {
        *weight = Ring::mul(weight, &Radical::from_rational(factor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;
    use crate::theorem::extreme_inputs::xor_sample;

    /// On P_xor at d = 30 the printed network is right at D = 2 and sits on a kink above.
    #[test]
    fn right_at_depth_2_and_kinked_above() {
        let data = xor_sample(&mut rng(1, "printed"), 30, 20);
        for depth in 2..=5 {
            let data = data.clone();
            let finding = does_it(&Instance { data, depth }, Form::Stated).unwrap();
            match finding {
                Finding::Holds => assert_eq!(depth, 2),
                Finding::Fails(witness) => {
                    assert!(depth > 2);
                    let fact = &witness.members[0].facts[0];
                    assert!(matches!(fact, Fact::ZeroPreActivation { layer: 1, .. }));
                }
                other => panic!("D = {depth}: {other:?}"),
            }
        }
    }
}
