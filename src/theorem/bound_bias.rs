//! The lower bound of Scenario II (Wen, Li, Ma 2023, Eqs. 2-4): at every interpolating, admissible
//! theta of `2-MLP-Bias`, with `z_i = W1 x_i + b1` and `R_i^2 = ||x_i||^2 + 1`,
//!
//! ```text
//! ||grad f(x_i)||^2 = ||W2 (.) 1[z_i > 0]||^2 R_i^2 + ||relu(z_i)||^2 >= 2 R_i |y_i|,
//! equality iff W2 (.) 1[z_i > 0] = relu(z_i) / R_i                          (as printed)
//!          iff W2 (.) 1[z_i > 0] = s relu(z_i) / R_i, s in {-1,1}, s y_i = |y_i|   (repaired)
//! ```
//!
//! hence `Tr >= (4/n) sum_i R_i |y_i|`, which is `4 sqrt(d+1)` on P_xor. The left side is the inner
//! product of the gradient with itself, the middle is computed here, and the inequality is decided on
//! squares, `q^2 >= 4 R^2 y^2`. At `y = 0` either sign says that no neuron is active.
//! Test `slack_vs_sum_of_squares`.

use super::hunt::Quarry;
use super::interpolants::{
    Drawn, Interpolant, aligned, attained, lift, on_xor, radius, random, smallest, tiny,
};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Relation};
use crate::network::Network;
use crate::scalar::{Field, NoValue, Ordered, Radical, Rational, Real, Ring};
use crate::sharpness::bound::Bounded;
use crate::sharpness::gradient::{gradients, inner};
use std::cmp::Ordering;

/// The bound with its equality case as printed.
pub static CASE: Case = Case {
    id: "bound-bias",
    aliases: &[],
    title: "lower bound on the sharpness with bias, and when it is attained",
    kind: Kind::Inequality,
    place: "Section 4.2, Eqs. 2-4",
    printed: "At every interpolating theta of the two-layer network with bias, ||grad f(x_i)||^2 = \
              ||W2 (.) 1[z_i > 0]||^2 R_i^2 + ||relu(z_i)||^2 >= 2 R_i |y_i|, with equality iff \
              W2 (.) 1[z_i > 0] = relu(z_i)/R_i. Hence Tr >= (4/n) sum_i R_i |y_i|, which is \
              4 sqrt(d+1) for P_xor.",
    hypotheses: "theta admissible and interpolating; any width, inputs and labels, 0 and negative ones \
                 included.",
    construction: "a^2 R^2 + z^2 >= 2 R |a z| for each active neuron, and sum a z = y.",
    remark: "The identity and the inequality hold. The equality case misses the sign of the label: with \
             y_i < 0 it is W2 (.) 1[z_i > 0] = -relu(z_i)/R_i, which the paper's own memorising \
             network has.",
    repairs: &["bound-bias-repaired"],
    control: "the factor 2 of the inequality made larger by one part in 10^30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "bound-bias",
            draw: |rng, attempt| Drawn::draw(rng, attempt, 2),
            judge: |it| check_it(&it.interpolant()?, &Claimed::stated("bound-bias", false)),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| {
        let factor = match form {
            Form::Stated => Rational::from(1),
            Form::Control => Rational::from(1) + tiny(),
        };
        judge(
            run,
            &Claimed {
                case: "bound-bias",
                factor,
                strict: false,
                signed: false,
            },
        )
    },
};

/// The bound with the sign of the label in its equality case.
pub static REPAIRED: Case = Case {
    id: "bound-bias-repaired",
    title: "lower bound on the sharpness with bias, attained by the label's sign",
    printed: "As bound-bias, with equality iff W2 (.) 1[z_i > 0] = s relu(z_i)/R_i for a sign s with \
              s y_i = |y_i| (for y_i = 0, iff no neuron is active).",
    remark: "Proof: q - 2 R |y| = sum over active j of (a_j R - s z_j)^2, as s sum a_j z_j = |y|.",
    repairs: &[],
    control: "the inequality strict",
    judge: |run, form| {
        let (factor, strict) = (Rational::from(1), form == Form::Control);
        judge(
            run,
            &Claimed {
                case: "bound-bias-repaired",
                factor,
                strict,
                signed: true,
            },
        )
    },
    hunt: Some(|search| {
        Quarry {
            case: "bound-bias-repaired",
            draw: |rng, attempt| Drawn::draw(rng, attempt, 2),
            judge: |it| {
                let claimed = Claimed::stated("bound-bias-repaired", true);
                check_it(&it.interpolant()?, &claimed)
            },
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    ..CASE
};

/// What is claimed of every sample.
struct Claimed {
    case: &'static str,
    /// Of `2 R |y|`.
    factor: Rational,
    /// `>` in place of `>=`.
    strict: bool,
    /// Whether the equality case has the label's sign.
    signed: bool,
}

impl Claimed {
    fn stated(case: &'static str, signed: bool) -> Self {
        Self {
            case,
            factor: Rational::from(1),
            strict: false,
            signed,
        }
    }
}

fn judge(run: &Run, claimed: &Claimed) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let check = |it: Interpolant| check_it(&it, claimed);
    tally.all("one neuron, one input", smallest(), check);
    tally.all(
        "aligned with the label at one input",
        aligned(run, false),
        check,
    );
    tally.all("aligned up to 10^-30", aligned(run, true), check);
    tally.all("memorising networks", attained(run, "bound-bias", 2), check);
    tally.all("random networks", random(run, "bound-bias", 2), check);
    tally.all("P_xor", on_xor(run), |it: Interpolant| {
        match check_xor(&it, claimed)? {
            Finding::Holds => check_it(&it, claimed),
            other => Ok(other),
        }
    });
    tally.finish("identity, inequality and equality case hold at every sample")
}

/// The printed value of the bound on P_xor.
fn check_xor(it: &Interpolant, claimed: &Claimed) -> Result<Finding, Finding> {
    let least = Bounded::Bias { depth: 2 }.least_trace(&it.data)?;
    let printed = Radical::from_int(it.data.dim() as i64 + 1).sqrt()?;
    let printed = Radical::from_int(4).mul(&printed);
    if least == printed {
        return Ok(Finding::Holds);
    }
    let says = format!("the bound is {least}, not {printed}");
    let fact = Fact::LeastTrace {
        is: Relation::Different,
        value: printed.to_string(),
    };
    Ok(it.refutes(claimed.case, &says, vec![fact]))
}

fn check_it(it: &Interpolant, claimed: &Claimed) -> Result<Finding, Finding> {
    let net = Network::Bias(it.net.clone());
    let activations = net.admissible(&it.data.x)?;
    let gradients = gradients(&net, &it.data.x)?;
    for (sample, gradient) in gradients.iter().enumerate() {
        let at = Sample {
            it,
            sample,
            active: &activations[0][sample].active,
            q: inner(gradient, gradient),
        };
        match at.check(claimed)? {
            Finding::Holds => {}
            other => return Ok(other),
        }
    }
    Ok(Finding::Holds)
}

/// One sample of an interpolant: its active neurons and `q = ||grad f(x)||^2`.
struct Sample<'a> {
    it: &'a Interpolant,
    sample: usize,
    active: &'a [(usize, Radical)],
    q: Radical,
}

impl Sample<'_> {
    fn x(&self) -> &[Radical] {
        &self.it.data.x[self.sample]
    }
    fn y(&self) -> &Radical {
        &self.it.data.y[self.sample]
    }
    fn weight(&self, j: usize) -> &Radical {
        &self.it.net.last[j]
    }

    /// Identity, inequality, equality case, in this order.
    fn check(&self, claimed: &Claimed) -> Result<Finding, Finding> {
        let (i, q) = (self.sample + 1, &self.q);
        let printed = self.printed_form();
        if *q != printed {
            let says = format!("||grad f(x_{i})||^2 = {q}, but Eq. 2 gives {printed}");
            return Ok(self.refutes(claimed, says, Relation::Different, &printed, vec![]));
        }
        let order = self.order(&claimed.factor);
        let bound = self.bound(&claimed.factor)?;
        if order.is_lt() || (claimed.strict && order.is_eq()) {
            let (is, word) = match order {
                Ordering::Less => (Relation::Less, "below"),
                _ => (Relation::Equal, "equal to"),
            };
            let says = format!("||grad f(x_{i})||^2 = {q} is {word} {bound}");
            return Ok(self.refutes(claimed, says, is, &bound, vec![]));
        }
        let aligned = self.is_aligned(claimed.signed)?;
        if claimed.factor != 1 || order.is_eq() == aligned {
            return Ok(Finding::Holds);
        }
        self.equality_case_fails(claimed, order, &bound)
    }

    /// `||W2 (.) 1[z > 0]||^2 R^2 + ||relu(z)||^2`.
    fn printed_form(&self) -> Radical {
        let radius2 = Radical::dot(self.x(), self.x()).add(&Radical::one());
        let sum = |part: &dyn Fn(&(usize, Radical)) -> Radical| {
            let parts: Vec<Radical> = self.active.iter().map(part).collect();
            Radical::sum(&parts)
        };
        let weights = sum(&|(j, _)| self.weight(*j).square());
        weights.mul(&radius2).add(&sum(&|(_, z)| z.square()))
    }

    /// `factor * 2 R |y|`.
    fn bound(&self, factor: &Rational) -> Result<Radical, NoValue> {
        let size = self.y().abs()?;
        Ok(radius(self.x())?
            .mul(&size)
            .mul(&lift(&(Rational::from(2) * factor))))
    }

    /// `q` against `factor * 2 R |y|`, by squares.
    fn order(&self, factor: &Rational) -> Ordering {
        let radius2 = Radical::dot(self.x(), self.x()).add(&Radical::one());
        let twice = Radical::from_int(2).mul(self.y()).mul(&lift(factor));
        self.q.square().cmp(&twice.square().mul(&radius2))
    }

    /// Whether `W2_j R = s z_j` for every active j: s = 1, or if `signed` some s with `s y = |y|`.
    fn is_aligned(&self, signed: bool) -> Result<bool, NoValue> {
        let radius = radius(self.x())?;
        let by = |s: i64| {
            let s = Radical::from_int(s);
            self.active
                .iter()
                .all(|(j, z)| self.weight(*j).mul(&radius) == s.mul(z))
        };
        let sign = self.y().signum();
        Ok(match (signed, sign) {
            (false, _) | (true, Ordering::Greater) => by(1),
            (true, Ordering::Less) => by(-1),
            (true, Ordering::Equal) => by(1) || by(-1),
        })
    }

    /// The exact weights beside what the equality case asks of them.
    fn equality_case_fails(
        &self,
        claimed: &Claimed,
        order: Ordering,
        bound: &Radical,
    ) -> Result<Finding, Finding> {
        let (i, y, zero) = (self.sample + 1, self.y(), Radical::zero());
        if order.is_gt() {
            let says = format!(
                "W2 (.) 1[z > 0] is as the equality case asks at x_{i}, but ||grad f||^2 = {} is above \
                 {bound}",
                self.q
            );
            return Ok(self.refutes(claimed, says, Relation::Greater, bound, vec![]));
        }
        let radius = radius(self.x())?;
        let (mut facts, mut weights) = (Vec::new(), Vec::new());
        for (j, z) in self.active {
            let (found, asked) = (self.weight(*j), z.div(&radius)?);
            let j = j + 1;
            weights.push(format!("W2_{j} = {found} where relu(z_{j})/R = {asked}"));
            let is = if *found == asked {
                Relation::Equal
            } else {
                Relation::Different
            };
            facts.push(Fact::Compare {
                left: found.to_string(),
                is,
                right: asked.to_string(),
            });
        }
        if *y < zero {
            // W2 (.) 1[z > 0] = relu(z)/R would make f(x) = ||relu(z)||^2/R >= 0
            let at = self.x().iter().map(Radical::to_string).collect();
            facts.push(Fact::Prediction {
                at,
                is: Relation::Less,
                value: "0".into(),
            });
        }
        let says = format!(
            "y_{i} = {y}, ||grad f(x_{i})||^2 = {} = 2 R |y|, yet {}: the equality case needs the \
             sign of y",
            self.q,
            weights.join(", ")
        );
        Ok(self.refutes(claimed, says, Relation::Equal, bound, facts))
    }

    /// A refutation by `q is value` and more facts.
    fn refutes(
        &self,
        claimed: &Claimed,
        says: String,
        is: Relation,
        value: &Radical,
        more: Vec<Fact>,
    ) -> Finding {
        let value = value.to_string();
        let mut facts = vec![Fact::SquaredGradient {
            sample: self.sample,
            is,
            value,
        }];
        facts.extend(more);
        self.it.refutes(claimed.case, &says, facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theorem::Size;

    /// `q - 2 R |y| = sum_j (W2_j R - s z_j)^2`: the proof of the repaired form, as an identity.
    #[test]
    fn slack_vs_sum_of_squares() {
        let run = Run::new(4, Size::Small);
        let (mut tight, mut slack) = (0, 0);
        let all = [
            smallest(),
            aligned(&run, false),
            aligned(&run, true),
            random(&run, "t", 2),
        ];
        for it in all.into_iter().flatten() {
            let net = Network::Bias(it.net.clone());
            let Ok(activations) = net.admissible(&it.data.x) else {
                continue;
            };
            for (i, gradient) in gradients(&net, &it.data.x).unwrap().iter().enumerate() {
                let (x, y) = (&it.data.x[i], &it.data.y[i]);
                let s = Radical::from_int(if *y < Radical::zero() { -1 } else { 1 });
                let radius = radius(x).unwrap();
                let square = |(j, z): &(usize, Radical)| {
                    it.net.last[*j].mul(&radius).sub(&s.mul(z)).square()
                };
                let squares: Vec<Radical> = activations[0][i].active.iter().map(square).collect();
                let twice = Radical::from_int(2).mul(&radius).mul(&s.mul(y));
                let left = inner(gradient, gradient).sub(&twice);
                assert_eq!(left, Radical::sum(&squares));
                tight += usize::from(left == Radical::zero());
                slack += usize::from(left > Radical::zero());
            }
        }
        assert!(tight > 5 && slack > 5, "{tight} {slack}");
    }
}
