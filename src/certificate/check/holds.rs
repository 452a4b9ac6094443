//! Deciding one fact.

use crate::certificate::{Fact, Relation, Scene};
use crate::data::Dataset;
use crate::network::{Kink, Network, SimBn};
use crate::population::quadrants::out_of_reach;
use crate::scalar::text::syntax::Comparison;
use crate::scalar::text::{self, Evaluator, Expression, Meter};
use crate::scalar::{Fired, Ordered, Radical, Ring};
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::mean_twice;

/// Why a fact does not hold.
pub(super) type Failure = Box<dyn std::error::Error>;

/// `Ok` or the sentence.
pub(super) fn ensure(holds: bool, sentence: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(sentence().into())
    }
}

impl Scene {
    /// Decides one fact.
    pub(super) fn holds(&self, fact: &Fact) -> Result<(), Failure> {
        match fact {
            Fact::Compare { left, is, right } => {
                let order = self.number(left)?.compare(&self.number(right)?)?;
                ensure(is.admits(order), || format!("{left} {is} {right} is false"))
            }
            Fact::ForAll {
                index,
                from,
                to,
                left,
                is,
                right,
            } => self.for_all(index, [from, to], left, *is, right),
            Fact::Admissible => {
                self.network()?.admissible(&self.data()?.x)?;
                Ok(())
            }
            Fact::ZeroPreActivation {
                layer,
                neuron,
                sample,
            } => self.zero_pre_activation(*layer, *neuron, *sample),
            Fact::NormIsEps { sample } => self.norm_is_eps(*sample),
            Fact::ZeroNormaliser { neuron } => self.zero_normaliser(*neuron),
            Fact::Interpolates => self.interpolates(),
            Fact::Misfit { sample, output } => self.is_misfit(*sample, output),
            Fact::Prediction { at, is, value } => self.predicts(at, *is, value),
            Fact::Trace { is, value } => self.compare("the trace", &self.trace()?, *is, value),
            Fact::HessianTrace { is, value } => {
                let found = self.hessian_trace()?;
                self.compare("the trace of the Hessian", &found, *is, value)
            }
            Fact::LogisticDerivative {
                order,
                p,
                odds,
                label,
                is,
                value,
            } => {
                let found = self.logistic_derivative(*order, p, odds, *label)?;
                self.compare("the derivative", &found, *is, value)
            }
            Fact::LogisticTrace { p, odds, is, value } => self.logistic_trace(p, odds, *is, value),
            Fact::SquaredGradient { sample, is, value } => {
                let all = self.squared_gradients()?;
                let found = all.get(*sample).ok_or("there is no such sample")?;
                self.compare("the squared gradient", found, *is, value)
            }
            Fact::TraceAgainstBound { is } => {
                let bound = self.bounded()?.least_trace(self.data()?)?;
                self.compare("the trace", &self.trace()?, *is, &bound.to_string())
            }
            Fact::Eigenvalues { is, value, count } => self.eigenvalues(*is, value, *count),
            Fact::LeastTrace { is, value } => {
                let bound = self.bounded()?.least_trace(self.data()?)?;
                self.compare("the lower bound", &bound, *is, value)
            }
            Fact::Memorising { holds } => {
                let found = self.network()?.is_memorising(&self.data()?.x)?;
                ensure(found == *holds, || format!("memorising is {found}"))
            }
            Fact::PopulationError { is, value } => self.population_error(*is, value),
            Fact::SameFunction { on, other } => self.same_function(*on, other),
            Fact::Differs { on, other, at } => self.differs(*on, other, at),
            Fact::QuadrantsOutOfReach { width } => ensure(out_of_reach(*width), || {
                format!("no proof that width {width} is too narrow")
            }),
            Fact::Separator { sample, w } => self.separator(*sample, w),
            Fact::Combination { sample, weights } => self.combination(*sample, weights),
            Fact::CompleteSet => self.complete_set(),
            Fact::LeastCoefficientSum { is, value } => self.least_coefficient_sum(*is, value),
            Fact::CoefficientSum { is, value } => self.coefficient_sum(*is, value),
            Fact::Alignment { neuron, is, value } => self.alignment(*neuron, *is, value),
            Fact::MisalignedMass { is, value } => self.misaligned_mass(*is, value),
            Fact::ActiveCoefficients { is, value } => self.active_coefficients(*is, value),
            Fact::LargestActivation { is, value } => self.largest_activation(*is, value),
            Fact::NormSum { is, value } => self.norm_sum(*is, value),
            Fact::TailSquared { neuron, is, value } => {
                let (_, tail) = self.row_and_tail(*neuron)?;
                self.compare("||W1_j[3:d]||^2", &tail, *is, value)
            }
            Fact::RelativeTailSquared { neuron, is, value } => {
                self.relative_tail_squared(*neuron, *is, value)
            }
        }
    }

    pub(super) fn data(&self) -> Result<&Dataset<Radical>, Failure> {
        self.data
            .as_ref()
            .ok_or_else(|| "the fact needs data".into())
    }

    pub(super) fn network(&self) -> Result<&Network<Radical>, Failure> {
        self.network
            .as_ref()
            .ok_or_else(|| "the fact needs a network".into())
    }

    pub(super) fn batch_norm(&self) -> Result<&SimBn<Radical>, Failure> {
        match self.network()? {
            Network::SimBn(net) => Ok(net),
            _ => Err("the fact needs a batch-norm network".into()),
        }
    }

    fn for_all(
        &self,
        index: &str,
        range: [&Option<String>; 2],
        left: &str,
        is: Relation,
        right: &str,
    ) -> Result<(), Failure> {
        let range = match range {
            [Some(from), Some(to)] => {
                Some(Box::new((Expression::parse(from)?, Expression::parse(to)?)))
            }
            [None, None] => None,
            _ => return Err("a range has both ends or none".into()),
        };
        let comparison = Comparison {
            left: Expression::parse(left)?,
            is,
            right: Expression::parse(right)?,
        };
        let count = Expression::failures(index, range, comparison);
        let failures = Evaluator::new(self, &Meter::default(), &[]).value(&count)?;
        ensure(failures == Radical::zero(), || {
            format!("{left} {is} {right} fails for {failures} values of {index}")
        })
    }

    pub(super) fn number(&self, expression: &str) -> Result<Radical, Failure> {
        Ok(text::evaluate(expression, self)?)
    }

    pub(super) fn compare(
        &self,
        name: &str,
        found: &Radical,
        is: Relation,
        value: &str,
    ) -> Result<(), Failure> {
        let order = found.compare(&self.number(value)?)?;
        ensure(is.admits(order), || {
            format!("{name} is {found}, so \"{is} {value}\" is false")
        })
    }

    pub(super) fn interpolates(&self) -> Result<(), Failure> {
        let (outputs, data) = (self.outputs()?, self.data()?);
        match self.misfit()? {
            None => Ok(()),
            Some(sample) => {
                let (i, f, y) = (sample + 1, &outputs[sample], &data.y[sample]);
                Err(format!("f(x_{i}) = {f} but y_{i} = {y}").into())
            }
        }
    }

    fn is_misfit(&self, sample: usize, output: &str) -> Result<(), Failure> {
        let outputs = self.outputs()?;
        let found = outputs.get(sample).ok_or("there is no such sample")?;
        self.compare("the output", found, Relation::Equal, output)?;
        ensure(*found != self.data()?.y[sample], || {
            "the output is the label".into()
        })
    }

    /// An input of the network.
    pub(super) fn input(&self, at: &[String]) -> Result<Vec<Radical>, Failure> {
        ensure(at.len() == self.data()?.dim(), || {
            "the input has the wrong dimension".into()
        })?;
        at.iter().map(|x| self.number(x)).collect()
    }

    fn predicts(&self, at: &[String], is: Relation, value: &str) -> Result<(), Failure> {
        let at = self.input(at)?;
        let found = self.network()?.outputs(&self.data()?.x, &[at])?;
        self.compare("the prediction", &found[0], is, value)
    }

    /// The trace at an admissible, interpolating theta.
    fn trace(&self) -> Result<Radical, Failure> {
        self.interpolates()?;
        Ok(mean_twice(self.squared_gradients()?)?)
    }

    fn bounded(&self) -> Result<Bounded<Radical>, Failure> {
        Bounded::of(self.network()?).ok_or_else(|| "batch norm has no bound per sample".into())
    }

    fn fired(&self, layer: usize, sample: usize) -> Result<Fired<Radical>, Failure> {
        let x = self
            .data()?
            .x
            .get(sample)
            .ok_or("there is no such sample")?;
        let layers = self.network()?.activations(std::slice::from_ref(x))?;
        let fired = layers.get(layer).ok_or("there is no such layer")?;
        Ok(fired[0].clone())
    }

    fn zero_pre_activation(
        &self,
        layer: usize,
        neuron: usize,
        sample: usize,
    ) -> Result<(), Failure> {
        let zero = self.fired(layer, sample)?.zero.contains(&neuron);
        ensure(zero, || "that pre-activation is not 0".into())
    }

    fn norm_is_eps(&self, sample: usize) -> Result<(), Failure> {
        let Network::SimLn(net) = self.network()? else {
            return Err("the fact needs a layer-norm network".into());
        };
        let order = net.norm_against_eps(&self.fired(0, sample)?)?;
        ensure(order.is_eq(), || "the hidden norm is not eps".into())
    }

    fn zero_normaliser(&self, neuron: usize) -> Result<(), Failure> {
        self.batch_norm()?;
        let alive = (0..self.data()?.len())
            .map(|i| Ok(self.fired(0, i)?.active.iter().any(|(j, _)| *j == neuron)))
            .collect::<Result<Vec<bool>, Failure>>()?;
        let exists = neuron < self.network()?.architecture().width();
        ensure(exists && !alive.contains(&true), || {
            "that neuron is not dead".into()
        })
    }

    fn separator(&self, sample: usize, w: &[String]) -> Result<(), Failure> {
        let x = &self.data()?.x;
        let w = w
            .iter()
            .map(|v| self.number(v))
            .collect::<Result<Vec<_>, _>>()?;
        let own = x.get(sample).ok_or("there is no such sample")?;
        ensure(w.len() == own.len(), || "w has the wrong dimension".into())?;
        let top = Radical::dot(&w, own);
        let beaten = |j: usize| j == sample || Radical::dot(&w, &x[j]) < top;
        ensure((0..x.len()).all(beaten), || {
            "w does not separate the point".into()
        })
    }

    fn combination(&self, sample: usize, weights: &[String]) -> Result<(), Failure> {
        let x = &self.data()?.x;
        let own = x.get(sample).ok_or("there is no such sample")?;
        let weights = weights
            .iter()
            .map(|v| self.number(v))
            .collect::<Result<Vec<_>, _>>()?;
        let zero = Radical::zero();
        let convex = weights.len() == x.len()
            && weights.iter().all(|v| *v >= zero)
            && weights[sample] == zero
            && Radical::sum(&weights) == Radical::one();
        ensure(convex, || {
            "the weights are not a convex combination of the others".into()
        })?;
        let coordinate = |k: usize| {
            x.iter()
                .zip(&weights)
                .fold(Radical::zero(), |s, (x, v)| s.add(&x[k].mul(v)))
        };
        let meets = (0..own.len()).all(|k| coordinate(k) == own[k]);
        ensure(meets, || "the combination is not the point".into())
    }
}

/// Used by `Scene::zero_pre_activation` and its kin: a kink as the fact that states it.
impl From<&Kink> for Fact {
    fn from(kink: &Kink) -> Self {
        match *kink {
            Kink::PreActivation {
                layer,
                neuron,
                sample,
            } => Fact::ZeroPreActivation {
                layer,
                neuron,
                sample,
            },
            Kink::NormIsEps { sample } => Fact::NormIsEps { sample },
            Kink::ZeroNormaliser { neuron } => Fact::ZeroNormaliser { neuron },
        }
    }
}
