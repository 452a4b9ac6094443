//! Deciding facts about second derivatives by their definition: the trace of the Hessian by jets,
//! and the label-smoothed logistic loss, exactly where it is rational and by enclosures elsewhere.

use super::Scene;
use super::holds::{Failure, ensure};
use crate::certificate::Relation;
use crate::network::Refusal;
use crate::network::odds::printed_derivatives;
use crate::scalar::retry::decide;
use crate::scalar::{Ball, NoValue, Ordered, Radical, Ring, Transcendental};
use crate::sharpness::closed_form::squared_gradients;
use crate::sharpness::definition::{logistic_trace, mse_trace};
use std::cmp::Ordering;

/// The most parameters of a network whose Hessian is taken by its definition.
const MAX_PARAMETERS: usize = 2_000;
/// Bits of the first and of the last enclosure tried.
const BITS: (u32, u32) = (128, 8_192);

impl Scene {
    pub(super) fn hessian_trace(&self) -> Result<Radical, Failure> {
        self.is_small()?;
        Ok(mse_trace(self.network()?, self.data()?)?)
    }

    pub(super) fn logistic_derivative(
        &self,
        order: u32,
        p: &str,
        odds: &str,
        label: bool,
    ) -> Result<Radical, Failure> {
        let (p, odds) = self.smoothing_and_odds(p, odds)?;
        let (first, second) = printed_derivatives(&p, &odds, label)?;
        match order {
            1 => Ok(first),
            2 => Ok(second),
            _ => Err("the order of the derivative is 1 or 2".into()),
        }
    }

    pub(super) fn logistic_trace(
        &self,
        p: &str,
        odds: &str,
        is: Relation,
        value: &str,
    ) -> Result<(), Failure> {
        self.is_small()?;
        self.interpolates()?;
        let (p, odds) = self.smoothing_and_odds(p, odds)?;
        let factor = self.number(value)?;
        let labels = self.signs()?;
        let attempt = |bits| self.logistic_order(&p, &odds, &labels, &factor, bits);
        let order = decide(BITS.0, BITS.1, attempt)?;
        ensure(is.admits(order), || {
            format!("the trace {is} {value} times the mean squared gradient is false")
        })
    }

    /// The trace of the logistic loss against `factor (1/n) sum ||grad f||^2`, at `bits`.
    fn logistic_order(
        &self,
        p: &Radical,
        odds: &Radical,
        labels: &[bool],
        factor: &Radical,
        bits: u32,
    ) -> Result<Ordering, Refusal> {
        let (Some(net), Some(data)) = (&self.network, &self.data) else {
            return Err(NoValue::Undefined("a trace without a network").into());
        };
        let ball = |q: &Radical| q.ball(bits);
        let net = net.map(ball, ball).scaled(&ball(odds).ln()?);
        let x = data.map(ball).x;
        let trace = logistic_trace(&net, &x, labels, &ball(p))?;
        let total = Ball::sum(&squared_gradients(&net, &x)?);
        // n Tr against factor sum ||grad f||^2
        let n = Ball::from_int(x.len() as i64);
        Ok(trace.mul(&n).compare(&ball(factor).mul(&total))?)
    }

    fn smoothing_and_odds(&self, p: &str, odds: &str) -> Result<(Radical, Radical), Failure> {
        let (p, odds) = (self.number(p)?, self.number(odds)?);
        let (zero, one) = (Radical::zero(), Radical::one());
        ensure(zero < p && p < one, || {
            "the smoothing is not in (0, 1)".into()
        })?;
        ensure(zero < odds, || "the odds are not positive".into())?;
        Ok((p, odds))
    }

    /// The labels 1 and -1 as `true` and `false`.
    fn signs(&self) -> Result<Vec<bool>, Failure> {
        let (plus, minus) = (Radical::one(), Radical::from_int(-1));
        let sign = |y: &Radical| match y {
            y if *y == plus => Ok(true),
            y if *y == minus => Ok(false),
            _ => Err("a label is neither 1 nor -1".into()),
        };
        self.data()?.y.iter().map(sign).collect()
    }

    fn is_small(&self) -> Result<(), Failure> {
        let count = self.network()?.parameter_count();
        ensure(count <= MAX_PARAMETERS, || {
            format!("{count} parameters are too many for the Hessian by its definition")
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::certificate::{Fact, Member, Relation, Witness, check};
    use crate::data::Dataset;
    use crate::network::{Network, NoBias};
    use crate::scalar::{Radical, Ring};

    /// One input 1 with label `y`, one neuron with weights 1 and `a`.
    fn holds(a: i64, y: i64, fact: Fact) -> bool {
        let int = Radical::from_int;
        let data = Dataset {
            x: vec![vec![int(1)]],
            y: vec![int(y)],
        };
        let net = Network::NoBias(NoBias {
            first: vec![vec![int(1)]],
            last: vec![int(a)],
        });
        let member = Member::new("one neuron")
            .data(&data)
            .network(&net)
            .fact(fact);
        check(&Witness::refutation("test", "test", vec![member])).is_ok()
    }

    #[test]
    fn the_trace_needs_no_interpolation() {
        // L = (a w - y)^2: Tr = 2 (a^2 + w^2), whatever y is.
        let trace = |value: &str| Fact::HessianTrace {
            is: Relation::Equal,
            value: value.into(),
        };
        assert!(holds(3, 0, trace("20")));
        assert!(!holds(3, 0, trace("20 + 1/10^30")));
    }

    #[test]
    fn logistic_facts_are_exact_or_enclosed() {
        let derivative = |order, odds: &str, value: &str| Fact::LogisticDerivative {
            order,
            p: "1/4".into(),
            odds: odds.into(),
            label: true,
            is: Relation::Equal,
            value: value.into(),
        };
        assert!(holds(1, 1, derivative(1, "1/3", "0")));
        assert!(!holds(1, 1, derivative(1, "3", "0")));
        assert!(holds(1, 1, derivative(2, "3", "3/16")));
        assert!(!holds(1, 1, derivative(3, "3", "0")));
        assert!(!holds(1, 1, derivative(1, "-3", "0")));

        let trace = |is, value: &str| Fact::LogisticTrace {
            p: "1/4".into(),
            odds: "1/3".into(),
            is,
            value: value.into(),
        };
        // Without a bias Tr Hess f = 0, so the factor is l'' = 3/16.
        assert!(holds(1, 1, trace(Relation::Less, "3/16 + 1/10^30")));
        assert!(holds(1, 1, trace(Relation::Greater, "3/16 - 1/10^30")));
        assert!(
            !holds(1, 1, trace(Relation::Equal, "3/16")),
            "enclosures cannot prove an equality"
        );
        assert!(!holds(2, 1, trace(Relation::Less, "1")), "a misfit");
        assert!(!holds(0, 0, trace(Relation::Less, "1")), "label 0");
    }
}
