//! What the statements on memorising and flattest networks (Wen, Li, Ma 2023, Sections 6 and 7)
//! claim of one network on one training set, each decided exactly.
//!
//! Always: no kink, `f(x_i) = y_i`, and the trace of the Hessian equals the least trace of
//! [`Bounded`], which no interpolating, admissible theta of any width undercuts: flattest. On top,
//! where a statement says so: memorising (Definition 4.2), and the 0-1 population error.
//!
//! A *construction* that falls short is refuted by the fact that shows it; an *existence* claim is
//! not, since another network may do.

use super::Finding;
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::data::Dataset;
use crate::network::{Network, Refusal};
use crate::population::exact::{NoError, zero_one_error};
use crate::scalar::{Radical, Rational};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::{mean_twice, squared_gradients_at};

/// One network, its training set, and what is claimed beyond "interpolating and flattest".
pub(super) struct Claim<'a> {
    /// The case's id.
    pub case: &'static str,
    /// Which instance, as in `d = 2, n = 3, D = 2`.
    pub instance: String,
    /// The training set.
    pub data: &'a Dataset<Radical>,
    /// The network.
    pub network: &'a Network<Radical>,
    /// Whether it is claimed to be memorising.
    pub memorising: bool,
    /// The 0-1 population error on P_xor claimed of it.
    pub error: Option<Rational>,
}

/// How a network falls short of a claim: a sentence and the fact that shows it.
struct Shortfall {
    sentence: String,
    fact: Fact,
}

impl Claim<'_> {
    /// The finding on a construction: what is claimed of it holds or fails.
    pub fn of_construction(&self) -> Result<Finding, Finding> {
        Ok(match self.shortfall()? {
            None => Finding::Holds,
            Some(Shortfall { sentence, fact }) => {
                let says = format!("{}: {sentence}", self.instance);
                let member = self.member().fact(fact);
                Finding::Fails(Box::new(Witness::refutation(self.case, says, vec![member])))
            }
        })
    }

    /// The finding on an existence claim for which this network is the candidate.
    pub fn of_existence(&self) -> Result<Finding, Finding> {
        if let Some(Shortfall { sentence, .. }) = self.shortfall()? {
            let why = format!("{}: the network tried fails: {sentence}", self.instance);
            return Ok(Finding::Undecided(why));
        }
        let mut says = format!("{}: interpolating, flattest", self.instance);
        let mut member = self
            .member()
            .fact(Fact::Admissible)
            .fact(Fact::Interpolates)
            .fact(Fact::TraceAgainstBound {
                is: Relation::Equal,
            });
        if self.memorising {
            says += ", memorising";
            member = member.fact(Fact::Memorising { holds: true });
        }
        if let Some(error) = &self.error {
            says += &format!(", population error {error}");
            member = member.fact(Fact::PopulationError {
                is: Relation::Equal,
                value: error.to_string(),
            });
        }
        let certificate = Witness::certificate(self.case, says, vec![member]);
        Ok(Finding::Exists(Box::new(certificate)))
    }

    fn member(&self) -> Member {
        Member::new(&self.instance)
            .data(self.data)
            .network(self.network)
    }

    /// The first claim that fails, from "smooth" to "population error".
    fn shortfall(&self) -> Result<Option<Shortfall>, Finding> {
        let found = |sentence: String, fact: Fact| Ok(Some(Shortfall { sentence, fact }));
        let (net, data) = (self.network, self.data);
        let activations = match net.admissible(&data.x) {
            Ok(activations) => activations,
            Err(Refusal::Kink(kink)) => return found(format!("kink: {kink}"), (&kink).into()),
            Err(refusal) => return Err(refusal.into()),
        };
        let outputs = net.outputs(&data.x, &data.x)?;
        if let Some(sample) = (0..data.len()).find(|i| outputs[*i] != data.y[*i]) {
            let (i, f, y) = (sample + 1, &outputs[sample], &data.y[sample]);
            let sentence = format!("f(x_{i}) = {f} but y_{i} = {y}");
            let output = f.to_string();
            return found(sentence, Fact::Misfit { sample, output });
        }
        let trace = mean_twice(&squared_gradients_at(net, &data.x, &activations)?)?;
        let bound = Bounded::of(net).ok_or_else(no_bound)?.least_trace(data)?;
        if trace != bound {
            let sentence = format!(
                "the trace is {}, the least possible {}",
                number(&trace),
                number(&bound)
            );
            // the bound holds for every theta, so the trace can only be above it
            let is = Relation::Greater;
            return found(sentence, Fact::TraceAgainstBound { is });
        }
        if self.memorising && !net.is_memorising(&data.x)? {
            let fact = Fact::Memorising { holds: false };
            return found("the network is not memorising".into(), fact);
        }
        let Some(claimed) = &self.error else {
            return Ok(None);
        };
        let error = population_error(net, &data.x)?;
        if error != *claimed {
            let sentence = format!("the population error is {error}, not {claimed}");
            let (is, value) = (Relation::Equal, error.to_string());
            return found(sentence, Fact::PopulationError { is, value });
        }
        Ok(None)
    }
}

fn no_bound() -> Finding {
    Finding::Undecided("batch norm has no bound per sample".into())
}

fn population_error(net: &Network<Radical>, train: &[Vec<Radical>]) -> Result<Rational, Finding> {
    zero_one_error(net, train).map_err(|no| match no {
        NoError::Refusal(refusal) => refusal.into(),
        other => Finding::Undecided(other.to_string()),
    })
}

/// An exact number for a sentence, with its approximation if it is long to read.
pub(super) fn number(value: &Radical) -> String {
    match value.as_rational() {
        Some(rational) => rational.to_string(),
        None => format!("{value} ({})", value.approx(8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Bias;
    use crate::scalar::Ring;

    /// One input 0 with label 1 (so R = 1), one neuron of height z and weight a: f = a z,
    /// `||grad f||^2 = a^2 + z^2`, least 2.
    fn finding(z: i64, a: i64, claim: impl FnOnce(&mut Claim)) -> Finding {
        let data = Dataset {
            x: vec![vec![Radical::zero(); 2]],
            y: vec![Radical::one()],
        };
        let int = Radical::from_int;
        let network = Network::Bias(Bias {
            first: vec![vec![int(0), int(0), int(z)]],
            hidden: vec![],
            last: vec![Ring::mul(
                &int(a),
                &Radical::from_rational(Rational::from((1, 2))),
            )],
        });
        let mut it = Claim {
            case: "test",
            instance: "test".into(),
            data: &data,
            network: &network,
            memorising: true,
            error: None,
        };
        claim(&mut it);
        it.of_construction().unwrap()
    }

    fn fact(finding: Finding) -> Fact {
        match finding {
            Finding::Fails(witness) => {
                crate::certificate::check(&witness).unwrap();
                witness.members[0].facts[0].clone()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_claim_can_fail_and_its_fact_re_checks() {
        assert!(matches!(finding(1, 2, |_| {}), Finding::Holds));
        let kink = fact(finding(0, 2, |_| {}));
        assert!(matches!(kink, Fact::ZeroPreActivation { .. }));
        assert!(matches!(fact(finding(1, 1, |_| {})), Fact::Misfit { .. }));
        let above = fact(finding(2, 1, |_| {}));
        assert!(matches!(above, Fact::TraceAgainstBound { .. }));
        // f = 1 everywhere is right on half of the square
        let half = Rational::from((1, 2));
        let right = finding(1, 2, |claim| claim.error = Some(half));
        assert!(matches!(right, Finding::Holds));
        let wrong = finding(1, 2, |claim| claim.error = Some(Rational::new()));
        assert!(matches!(fact(wrong), Fact::PopulationError { .. }));
    }
}
