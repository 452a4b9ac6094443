//! Theorem A.2 (Wen, Li, Ma 2023, Appendix A): label-smoothed logistic loss in place of MSE.
//!
//! With `gamma_p = ln((1-p)/p)` as printed: if `{x_i, gamma_p (2 b_i - 1)}` can be interpolated, the
//! minimisers of the logistic loss are those of MSE on that set; and at any smooth f that interpolates
//! it, `Tr = (1/(p(1-p))) (1/n) sum ||grad f(x_i)||^2`.
//!
//! **How it is decided exactly.** Instances are networks F, exact, with `F(x_i) = y_i = 2 b_i - 1`; the
//! network judged is `gamma F`, the last layer of F times gamma. At its outputs `l'` and `l''` are
//! rational in `e^gamma`, and the trace of the Hessian, by jets and the chain rule, is a polynomial of
//! degree 2 in gamma over the field of F. By Hermite and Lindemann gamma = ln t is transcendental for
//! algebraic t > 0 other than 1, so the stated equality holds iff the two polynomials are equal, iff
//! they agree at any number of degree above 2 over that field: the fifth root of a prime serves (F has
//! square roots only). The same trace from the printed loss over enclosures, at gamma itself, must lie
//! within one part in 10^20 (test `exact_vs_enclosure`).

use super::smoothing::{self, BITS, CONTROL_IN_WORDS, Claim, boundary_p, compare_losses, random_p};
use super::{Case, Finding, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::data::Dataset;
use crate::network::{Network, NoBias, Refusal};
use crate::scalar::retry::decide;
use crate::scalar::{Ball, Field, NoValue, Ordered, Radical, Rational, Ring, Transcendental};
use crate::search::generate::{below, one_in};
use crate::search::networks::{self, Kind as Architecture};
use crate::sharpness::closed_form::squared_gradients;
use crate::sharpness::definition::{logistic_trace, trace_from_derivatives};
use rand::Rng;

mod hunt;

/// As printed.
pub static CASE: Case = Case {
    id: "theorem-a.2",
    aliases: &[],
    title: "label-smoothed logistic loss in place of MSE",
    kind: Kind::Universal,
    place: "Appendix A",
    printed: "Let gamma_p = ln((1-p)/p). If {x_i, gamma_p (2 b_i - 1)} can be interpolated, the \
              minimisers of the logistic loss with smoothing p are those of MSE on that set. At any \
              smooth f that interpolates it, Tr Hess = (1/(p(1-p))) (1/n) sum ||grad f(x_i)||^2.",
    hypotheses: "p in (0, 1); the four architectures, the biased one at depth 2 and 3; repeated samples.",
    construction: "Pointwise, by Lemma A.13; the gradient of the loss vanishes at the minimum.",
    remark: "The sign of gamma_p is wrong unless p = 1/2: an interpolator of the printed set has slope \
             +-(1 - 2p) at every sample, and its negative has the smaller loss. The factor is p(1-p), not \
             its reciprocal. Without normalisation the trace at the printed set is p(1-p) (1/n) sum \
             ||grad f||^2 all the same, since Tr Hess f = 0; for BN and LN even that fails there, as \
             l' Tr Hess f stays.",
    repairs: &["theorem-a.2-repaired"],
    control: CONTROL_IN_WORDS,
    file: file!(),
    coq: None,
    hunt: Some(|search| hunt::PRINTED.hunt(search)),
    judge: |run, form| judge(run, &CASE, smoothing::PRINTED.in_form(form)),
};

/// With `gamma_p = ln(p/(1-p))` and the factor `p(1-p)`.
pub static REPAIRED: Case = Case {
    id: "theorem-a.2-repaired",
    title: "the same with gamma_p = ln(p/(1-p)) and the factor p(1-p)",
    printed: "Let gamma_p = ln(p/(1-p)). If {x_i, gamma_p (2 b_i - 1)} can be interpolated, the \
              minimisers of the logistic loss with smoothing p are those of MSE on that set. At any \
              smooth f that interpolates it, Tr Hess = p(1-p) (1/n) sum ||grad f(x_i)||^2.",
    remark: "Each term of the loss is at least its minimum, attained at gamma_p (2 b_i - 1) only; if all \
             can be attained at once, minimisers are the interpolators. There l' = 0 and l'' = p(1-p).",
    repairs: &[],
    judge: |run, form| judge(run, &REPAIRED, smoothing::REPAIRED.in_form(form)),
    hunt: Some(|search| hunt::REPAIRED.hunt(search)),
    ..CASE
};

/// An exact network and its training set with labels 1 and -1.
#[derive(Clone, Debug)]
struct Instance {
    p: Radical,
    net: Network<Radical>,
    data: Dataset<Radical>,
}

fn judge(run: &Run, case: &Case, claim: Claim) -> Outcome {
    let mut tally = Tally::new(run, &["Radical", "Ball"]);
    let check = |it: Instance| check(case, &claim, &it);
    let smallest_at = |p| {
        let (net, data) = smallest(1);
        Instance { p, net, data }
    };
    let boundary = boundary_p().into_iter().map(smallest_at);
    tally.all("one neuron, one sample", boundary.collect(), check);
    let rng = &mut run.rng(case.id);
    let mut random = Vec::new();
    for k in 0..run.pick(1, 25, 300) {
        for kind in Architecture::ALL {
            let p = if k % 4 == 0 {
                let boundary = boundary_p();
                boundary[below(rng, boundary.len())].clone()
            } else {
                random_p(rng)
            };
            random.extend(interpolating(rng, kind, p));
        }
    }
    tally.all("random interpolating networks", random, check);
    let both_labels = |p| {
        let (net, mut data) = smallest(2);
        data.y[1] = Radical::from_int(-1);
        Instance { p, net, data }
    };
    let contradicting = boundary_p().into_iter().take(1).map(both_labels);
    tally.all("contradicting labels", contradicting.collect(), check);
    tally.finish("minimisers coincide and the trace formula holds exactly, for every architecture")
}

/// `f(x) = relu(x)` at the inputs 1, label 1, `n` times.
fn smallest(n: usize) -> (Network<Radical>, Dataset<Radical>) {
    let one = Radical::one;
    let net = Network::NoBias(NoBias {
        first: vec![vec![one()]],
        last: vec![one()],
    });
    let data = Dataset {
        x: vec![vec![one()]; n],
        y: vec![one(); n],
    };
    (net, data)
}

/// A random network that interpolates random signs on up to three inputs, some of them repeated.
fn interpolating(rng: &mut impl Rng, kind: Architecture, p: Radical) -> Option<Instance> {
    let (d, n) = (1 + below(rng, 3), 1 + below(rng, 3));
    let mut x = networks::inputs(rng, n, d);
    x.sort();
    x.dedup();
    let sign = |rng: &mut _| Rational::from(if one_in(rng, 2) { 1 } else { -1 });
    let mut y: Vec<Rational> = x.iter().map(|_| sign(rng)).collect();
    let net = networks::interpolating(rng, kind, &x, &y)?;
    // every sample twice leaves the normalisers of batch norm alone, one sample twice does not
    let twins = match kind {
        Architecture::SimBn => x.len(),
        _ => 1,
    };
    x.extend_from_within(..twins);
    y.extend_from_within(..twins);
    let data = Dataset { x, y }.map(|q| Radical::from_rational(q.clone()));
    Some(Instance { p, net, data })
}

fn check(case: &Case, claim: &Claim, it: &Instance) -> Result<Finding, Finding> {
    let Instance { p, net, data } = it;
    let outputs = net.outputs(&data.x, &data.x)?;
    if outputs != data.y {
        return Ok(if contradicts_itself(data) {
            Finding::Vacuous("an input has both labels, so the set cannot be interpolated".into())
        } else {
            Finding::Undecided("an instance does not interpolate".into())
        });
    }
    let at = [claim.at_minimiser(p, false)?, claim.at_minimiser(p, true)?];
    let labels: Vec<bool> = data.y.iter().map(|y| y.signum().is_gt()).collect();
    let derivatives: Vec<(Radical, Radical)> = labels
        .iter()
        .map(|b| &at[usize::from(*b)])
        .map(|at| (at.slope.clone(), at.curvature.clone()))
        .collect();
    let zero = Radical::zero();
    let wrong_slope = labels
        .iter()
        .copied()
        .find(|b| at[usize::from(*b)].slope != zero);
    let scaled = net.scaled(&stand_in(&at[1].odds)?);
    let trace = trace_from_derivatives(&scaled, &data.x, &derivatives)?;
    let n = Radical::from_int(data.len() as i64);
    let mean = Radical::sum(&squared_gradients(&scaled, &data.x)?).div(&n)?;
    let factor = claim.curvature(p)?;
    let wrong_trace = trace != factor.mul(&mean);
    if wrong_slope.is_none() && !wrong_trace {
        agrees_with_enclosures(it, claim, &labels)?;
        return Ok(Finding::Holds);
    }
    let mut says = format!(
        "p = {p}, {}, n = {}, outputs +-ln({})",
        net.architecture().name(),
        data.len(),
        at[1].odds
    );
    let mut member = Member::new("the network, its last layer to be multiplied by ln(odds)")
        .parameter("p", p)
        .data(data)
        .network(net)
        .fact(Fact::Interpolates);
    if let Some(b) = wrong_slope {
        let slope = &at[usize::from(b)].slope;
        let repaired = smoothing::REPAIRED.at_minimiser(p, b)?;
        says += &format!(
            ": MSE on the stated targets is 0, but the slope of the logistic loss is {slope}, not 0 (it is \
             {} at ln({}))",
            repaired.slope, repaired.odds
        );
        member = member.fact(claim.derivative_fact(1, b, Relation::Different, 0));
    }
    if wrong_trace {
        says += &format!(
            "; the trace is not {} = {factor} times (1/n) sum ||grad f||^2",
            claim.curvature
        );
        let trace_fact = |is: Relation, value: String| Fact::LogisticTrace {
            p: "p".into(),
            odds: claim.odds.into(),
            is,
            value,
        };
        member = member.fact(trace_fact(Relation::Different, claim.curvature.into()));
        let found = &at[1].curvature;
        if trace == found.mul(&mean) {
            says += &format!(" but {found} times that sum");
            let near = |sign: &str| format!("({found})*(1{sign}1/10^20)");
            member = member
                .fact(trace_fact(Relation::Greater, near("-")))
                .fact(trace_fact(Relation::Less, near("+")));
        }
    }
    Ok(Finding::Fails(Box::new(Witness::refutation(
        case.id,
        says,
        vec![member],
    ))))
}

/// Whether some input has two labels.
fn contradicts_itself(data: &Dataset<Radical>) -> bool {
    let samples = || data.x.iter().zip(&data.y);
    samples().any(|(x, y)| samples().any(|(u, v)| x == u && y != v))
}

/// A number of degree 5 in place of `ln t`, or `ln 1 = 0` itself.
fn stand_in(odds: &Radical) -> Result<Radical, NoValue> {
    const PRIME: i64 = 1_000_003;
    if *odds == Radical::one() {
        Ok(Radical::zero())
    } else {
        Radical::root_of(&Rational::from(PRIME), 5)
    }
}

/// From the printed loss over enclosures at gamma itself: the trace is the stated one to one part in
/// 10^20, and twice or half the stated logits have a larger loss.
fn agrees_with_enclosures(it: &Instance, claim: &Claim, labels: &[bool]) -> Result<(), Finding> {
    let odds = [
        claim.at_minimiser(&it.p, false)?,
        claim.at_minimiser(&it.p, true)?,
    ]
    .map(|at| at.odds);
    let factor = claim.curvature(&it.p)?;
    let within = decide(BITS.0, BITS.1, |bits| {
        let [low, trace, high] = enclosed_trace(it, &odds[1], &factor, labels, bits)?;
        Ok::<bool, Refusal>(low.compare(&trace)?.is_lt() && trace.compare(&high)?.is_lt())
    })?;
    let mut above = true;
    for (b, t) in [false, true].into_iter().zip(&odds) {
        for u in [t.mul(&Radical::from_int(2)), t.div(&Radical::from_int(2))?] {
            above &= compare_losses(&it.p, b, &u, t)?.is_gt();
        }
    }
    if within && above {
        Ok(())
    } else {
        let why = format!("p = {}: the exact road and the enclosures disagree", it.p);
        Err(Finding::Undecided(why))
    }
}

/// The trace at `ln(odds) F`, from the printed loss, between `factor (1/n) sum ||grad f||^2` times
/// `1 -+ 10^-20`.
fn enclosed_trace(
    it: &Instance,
    odds: &Radical,
    factor: &Radical,
    labels: &[bool],
    bits: u32,
) -> Result<[Ball; 3], Refusal> {
    let ball = |q: &Radical| q.ball(bits);
    let net = it.net.map(ball, ball).scaled(&ball(odds).ln()?);
    let x = it.data.map(ball).x;
    let trace = logistic_trace(&net, &x, labels, &ball(&it.p))?;
    let n = Ball::from_int(x.len() as i64);
    let total = Ball::sum(&squared_gradients(&net, &x)?);
    let stated = ball(factor).mul(&total).div(&n)?;
    let tiny = Ball::from_rational(&Ring::pow(&Rational::from((1, 10)), 20), bits).mul(&stated);
    Ok([stated.sub(&tiny), trace, stated.add(&tiny)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::rng;

    /// The polynomial identity against the printed loss at gamma, for every architecture; with the
    /// printed sign of gamma the normalised ones differ by `l' Tr Hess f`.
    #[test]
    fn exact_vs_enclosure() {
        let rng = &mut rng(2, "exact_vs_enclosure");
        let p: Radical = "1/5".parse().unwrap();
        let (wrong_sign, factor) = ("4".parse().unwrap(), "4/25".parse().unwrap());
        for kind in Architecture::ALL {
            let mut differs = false;
            let drawn: Vec<Instance> = (0..12)
                .filter_map(|_| interpolating(rng, kind, p.clone()))
                .collect();
            assert!(drawn.len() >= 4, "{kind:?}");
            for it in drawn {
                let labels: Vec<bool> = it.data.y.iter().map(|y| y.signum().is_gt()).collect();
                assert!(agrees_with_enclosures(&it, &smoothing::REPAIRED, &labels).is_ok());
                let [low, trace, high] =
                    enclosed_trace(&it, &wrong_sign, &factor, &labels, 256).unwrap();
                differs |= !(low.compare(&trace).unwrap().is_lt()
                    && trace.compare(&high).unwrap().is_lt());
            }
            let normalised = matches!(kind, Architecture::SimBn | Architecture::SimLn);
            assert_eq!(differs, normalised, "{kind:?}");
        }
    }

    #[test]
    fn one_half_fails_by_the_factor_alone() {
        let (net, data) = smallest(1);
        let p = "1/2".parse().unwrap();
        let it = Instance { p, net, data };
        let Ok(Finding::Fails(witness)) = check(&CASE, &smoothing::PRINTED, &it) else {
            panic!("1/4 is not 4");
        };
        assert_eq!(witness.members[0].facts.len(), 4, "{witness:?}");
        let by_trace = |fact: &Fact| matches!(fact, Fact::LogisticTrace { .. });
        assert!(witness.members[0].facts[1..].iter().all(by_trace));
    }
}
