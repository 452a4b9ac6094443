//! The lower bound at depth D (Wen, Li, Ma 2023, Section 4.2): at every interpolating, admissible theta
//! of `MLP-Bias`, `||grad f(x_i)||^2 >= D |y_i|^{2(D-1)/D} R_i^{2/D}`, `R_i^2 = ||x_i||^2 + 1`.
//!
//! Proof: `||grad f||^2 = sum_k ||h_{k-1}||^2 ||delta_k||^2` is at least D times the geometric mean of its
//! terms, and `||h_k|| ||delta_k|| >= |h_k . delta_k| = |y|`, with `h_0 = x'` and `delta_D = 1` left over.
//! Checked without roots, as `(||grad f||^2 / D)^D >= R^2 |y|^{2(D-1)}`, at nets whose labels are their
//! outputs and at nets that attain it. Test `without_roots_vs_with_roots`.

use super::hunt::Quarry;
use super::interpolants::{Drawn, Interpolant, attained, lift, random, tiny};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Relation};
use crate::network::Network;
use crate::scalar::{NoValue, Radical, Rational, Ring};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::squared_gradients;
use std::cmp::Ordering;

/// The case.
pub static CASE: Case = Case {
    id: "bound-depth",
    aliases: &[],
    title: "lower bound on the sharpness with bias, any depth",
    kind: Kind::Inequality,
    place: "Section 4.2",
    printed: "At every interpolating theta of the depth-D network with bias, ||grad f(x_i)||^2 >= \
              D |y_i|^{2(D-1)/D} R_i^{2/D}, with R_i^2 = ||x_i||^2 + 1.",
    hypotheses: "theta admissible and interpolating, D >= 2; any widths, inputs and labels, 0 included.",
    construction: "AM-GM over the D layers, then Cauchy-Schwarz in each.",
    remark: "",
    repairs: &[],
    control: "the factor D made larger by one part in 10^30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "bound-depth",
            draw: |rng, attempt| Drawn::draw(rng, attempt, 5),
            judge: |it| check(&it.interpolant()?, &Rational::from(1)),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge,
};

fn judge(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let factor = match form {
        Form::Stated => Rational::from(1),
        Form::Control => Rational::from(1) + tiny(),
    };
    let check = |it: Interpolant| check(&it, &factor);
    let depths = || 2..=run.pick(4, 6, 9);
    for depth in depths() {
        tally.all("nets that attain it", attained(run, CASE.id, depth), check);
    }
    for depth in depths() {
        tally.all("random nets", random(run, CASE.id, depth), check);
    }
    tally.finish("||grad f(x_i)||^2 is at least the printed bound at every sample")
}

/// `||grad f||^2` against `factor` times the bound, without roots.
fn order(
    q: &Radical,
    x: &[Radical],
    y: &Radical,
    depth: u32,
    factor: &Rational,
) -> Result<Ordering, NoValue> {
    let share = Ring::mul(q, &lift(&Rational::from((1, depth)))).pow(depth); // (q / D)^D
    let radius2 = Radical::dot(x, x).add(&Radical::one());
    let least = Ring::mul(&radius2, &y.pow(2 * (depth - 1))); // R^2 |y|^{2(D-1)}
    Ok(share.cmp(&Ring::mul(&least, &lift(factor).pow(depth))))
}

fn check(it: &Interpolant, factor: &Rational) -> Result<Finding, Finding> {
    let (data, depth) = (&it.data, it.net.depth() as u32);
    let squares = squared_gradients(&Network::Bias(it.net.clone()), &data.x)?;
    for (sample, q) in squares.iter().enumerate() {
        let (x, y) = (&data.x[sample], &data.y[sample]);
        if order(q, x, y, depth, factor)?.is_ge() {
            continue;
        }
        let least = Bounded::Bias { depth }.least_squared_gradient(x, y)?;
        let value = Ring::mul(&least, &lift(factor)).to_string();
        let i = sample + 1;
        let says = format!("||grad f(x_{i})||^2 = {q} is below {value}");
        let fact = Fact::SquaredGradient {
            sample,
            is: Relation::Less,
            value,
        };
        return Ok(it.refutes(CASE.id, &says, vec![fact]));
    }
    Ok(Finding::Holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Ordered;
    use crate::theorem::Size;

    /// The comparison without roots is that of `||grad f||^2` with the bound itself.
    #[test]
    fn without_roots_vs_with_roots() {
        let run = Run::new(5, Size::Small);
        let (mut equal, mut greater) = (0, 0);
        for depth in 2..5 {
            for it in attained(&run, "t", depth)
                .into_iter()
                .chain(random(&run, "t", depth))
            {
                let net = Network::Bias(it.net.clone());
                let Ok(squares) = squared_gradients(&net, &it.data.x) else {
                    continue;
                };
                for (i, q) in squares.iter().enumerate() {
                    let (x, y) = (&it.data.x[i], &it.data.y[i]);
                    // a root of a sum of radicals may have no expression
                    let bound = Bounded::Bias { depth }.least_squared_gradient(x, y);
                    let Ok(least) = bound else { continue };
                    let without = order(q, x, y, depth, &Rational::from(1)).unwrap();
                    assert_eq!(without, q.compare(&least).unwrap());
                    equal += usize::from(without.is_eq());
                    greater += usize::from(without.is_gt());
                }
            }
        }
        assert!(equal > 10 && greater > 10, "{equal} {greater}");
    }
}
