//! The points of a network with its loss, and what follows from both: residuals, exact signs, remarks.
//!
//! An output is correct iff `y f(x) > 0`. Its sign comes from its enclosure; where that straddles 0, from
//! the exact numerator with layer norm, from radicals with batch norm, from more bits or an exact
//! cancellation with softplus. Tests: `audit_vs_rational_network`, `audit_trace_vs_definition`,
//! `signs_of_outputs_that_cancel`.

use super::objective::{LabelSmoothed, Objective, SquaredError};
use super::points::{self, Point};
use super::scene::{Function, Scene};
use super::{Accuracy, Refused, Residual, Sharpness, batch_norm, patterns, softplus};
use crate::engine::{Loss, Model, Samples};
use crate::network::loss::Logistic;
use crate::network::{Kink, Network};
use crate::scalar::{Ball, Dyadic, NoValue, Ordered, Rational};
use std::cmp::Ordering;

/// Bits of the enclosures.
pub(super) const BITS: u32 = 256;
/// Bits of the enclosures with softplus, every neuron of which costs exponentials.
const SOFTPLUS_BITS: u32 = 128;
/// The most bits for the sign of one output.
const MAX_BITS: u32 = 4096;

/// What the parts of an audit share.
pub(super) struct Work<'a> {
    /// Model and samples.
    pub scene: Scene<'a>,
    /// Whether the loss is the squared error.
    pub squared_error: bool,
    /// The points, where they are dyadic.
    pub exact: Option<Vec<Point<Dyadic>>>,
    /// The points and the squared error over rationals, where the points are dyadic.
    pub rational: Option<(Vec<Point<Rational>>, SquaredError<Rational>)>,
    /// The points in any case.
    pub enclosed: Vec<Point<Ball>>,
    /// The loss.
    pub objective: Box<dyn Objective<Ball>>,
    /// The precision of `enclosed`.
    pub bits: u32,
}

impl<'a> Work<'a> {
    pub fn new(model: &'a Model, samples: &Samples, loss: Loss) -> Result<Self, Refused> {
        let scene = Scene::new(model, samples)?;
        let bits = match scene.function {
            Function::Relu { .. } => BITS,
            Function::Softplus { .. } => SOFTPLUS_BITS,
        };
        let exact = points::exact(&scene)?;
        let enclosed = points::enclosed(&scene, exact.as_deref(), bits)?;
        let objective: Box<dyn Objective<Ball>> = match loss {
            Loss::SquaredError => Box::new(SquaredError {
                y: scene.y.iter().map(|y| y.to_ball(bits)).collect(),
            }),
            Loss::Logistic { p } => Box::new(LabelSmoothed {
                logistic: smoothed(p, bits)?,
                labels: scene.y.iter().map(is_positive).collect(),
            }),
        };
        let squared_error = loss == Loss::SquaredError;
        let rational = exact.as_ref().filter(|_| squared_error).map(|points| {
            let y = scene.y.iter().map(Dyadic::to_rational).collect();
            let points = points.iter().map(|p| p.map(Dyadic::to_rational));
            (points.collect(), SquaredError { y })
        });
        Ok(Self {
            scene,
            squared_error,
            exact,
            rational,
            enclosed,
            objective,
            bits,
        })
    }

    /// `f(x_i) - y_i`, of the logistic loss `l_i'(f(x_i))`.
    pub fn residuals(&self) -> Result<Vec<Ball>, NoValue> {
        let residual = |(i, p): (usize, &Point<Ball>)| self.objective.residual(i, &p.output);
        self.enclosed.iter().enumerate().map(residual).collect()
    }

    pub fn largest(&self, residuals: &[Ball]) -> Residual {
        if let Some((points, objective)) = &self.rational {
            let size = |(p, y): (&Point<Rational>, &Rational)| Rational::from(&p.output - y).abs();
            let sizes: Vec<Rational> = points.iter().zip(&objective.y).map(size).collect();
            let largest = candidates(&sizes);
            return Residual {
                size: (&sizes[largest[0]]).into(),
                samples: largest.iter().map(|i| i + 1).collect(),
            };
        }
        let size = |r: &Ball| r.abs().unwrap_or_else(|_| r.clone()); // of an enclosure always decided
        let sizes: Vec<Ball> = residuals.iter().map(size).collect();
        let largest = candidates(&sizes);
        let hull = largest.iter().map(|&i| sizes[i].clone());
        Residual {
            size: (&hull
                .reduce(|a, b| a.max(&b))
                .unwrap_or_else(|| Ball::whole(64)))
                .into(),
            samples: largest.iter().map(|i| i + 1).collect(),
        }
    }

    /// `f(x_i)` against 0, `None` where that is beyond the bits tried.
    pub fn output_sign(&self, i: usize) -> Option<Ordering> {
        if let Some(points) = &self.exact {
            return points[i].output.sign().ok();
        }
        if let Ok(sign) = self.enclosed[i].output.sign() {
            return Some(sign);
        }
        match &self.scene.function {
            Function::Softplus {
                pre_activations,
                last,
            } => softplus::sign(&pre_activations[i], last, self.bits, MAX_BITS),
            Function::Relu { net, activations } => match net.as_ref() {
                Network::SimLn(net) => activations[0][i].weighted(&net.last).sign().ok(),
                Network::SimBn(net) => batch_norm::output_sign(net, &activations[0], i),
                _ => None, // exact above
            },
        }
    }

    /// Whether every residual is 0.
    pub fn interpolates(&self, residuals: &[Ball]) -> Option<bool> {
        if let Some((points, objective)) = &self.rational {
            let zero = |(i, p): (usize, &Point<Rational>)| objective.y[i] == p.output;
            return Some(points.iter().enumerate().all(zero));
        }
        let signs: Vec<_> = residuals.iter().map(|r| r.sign().ok()).collect();
        if signs.iter().flatten().any(|sign| sign.is_ne()) {
            return Some(false);
        }
        signs.iter().all(Option::is_some).then_some(true)
    }

    pub fn accuracy(&self) -> Accuracy {
        let mut accuracy = Accuracy {
            correct: 0,
            errors: Vec::new(),
            zero_outputs: Vec::new(),
            undecided: Vec::new(),
        };
        for (i, y) in self.scene.y.iter().enumerate() {
            let label = y.sign().ok();
            match self.output_sign(i) {
                None => accuracy.undecided.push(i + 1),
                sign if sign == label && sign.is_some_and(|s| s.is_ne()) => accuracy.correct += 1,
                sign => {
                    accuracy.errors.push(i + 1);
                    if sign.is_some_and(|s| s.is_eq()) {
                        accuracy.zero_outputs.push(i + 1);
                    }
                }
            }
        }
        accuracy
    }

    pub fn remarks(
        &self,
        kinks: &[Kink],
        interpolates: Option<bool>,
        sharpness: Option<&Sharpness>,
    ) -> Vec<String> {
        let mut remarks = Vec::new();
        let mut say = |holds: bool, sentence: &str| {
            if holds {
                remarks.push(sentence.to_owned());
            }
        };
        let bound = sharpness.is_some_and(|s| s.interpolators.is_some());
        say(
            bound && interpolates == Some(false),
            "The network does not interpolate, so its trace may lie below the bound, which holds for \
             interpolating networks.",
        );
        say(
            sharpness.is_some() && !bound,
            "No lower bound for interpolating networks is known here.",
        );
        say(
            !kinks.is_empty(),
            "The loss has no Hessian at a kink, so the sharpness is refused.",
        );
        let dead = |kink: &Kink| matches!(kink, Kink::ZeroNormaliser { .. });
        say(
            kinks.iter().any(dead),
            "Batch norm is not defined where a neuron is dead on the training set; the outputs are those \
             without such neurons, as in training.",
        );
        say(
            self.contradictory(),
            "An input comes with two labels, so nothing interpolates the training set.",
        );
        let softplus = matches!(self.scene.function, Function::Softplus { .. });
        say(
            softplus,
            "Every softplus neuron fires everywhere, so there are no patterns.",
        );
        remarks
    }

    /// Whether some input has two labels.
    fn contradictory(&self) -> bool {
        let inputs = patterns::inputs(&self.scene);
        let mut first = vec![None; inputs.len()];
        let y = &self.scene.y;
        inputs
            .iter()
            .enumerate()
            .any(|(i, &input)| y[*first[input].get_or_insert(i)] != y[i])
    }
}

fn is_positive(y: &Dyadic) -> bool {
    y.sign().is_ok_and(|sign| sign.is_gt())
}

fn smoothed(p: f32, bits: u32) -> Result<Logistic<Ball>, Refused> {
    let inside = Dyadic::from_f32(p).filter(|_| 0.0 < p && p < 1.0);
    let p = inside.ok_or(Refused::Smoothing(p))?;
    Ok(Logistic::new(p.to_ball(bits))?)
}

/// The indices that may hold the largest number; all of them where they are equal. Not empty unless
/// `sizes` is.
fn candidates<S: Ordered>(sizes: &[S]) -> Vec<usize> {
    let mut best = 0;
    for i in 1..sizes.len() {
        if sizes[i]
            .compare(&sizes[best])
            .is_ok_and(|order| order.is_gt())
        {
            best = i;
        }
    }
    let smaller = |i: usize| {
        sizes[best]
            .compare(&sizes[i])
            .is_ok_and(|order| order.is_gt())
    };
    (0..sizes.len()).filter(|&i| !smaller(i)).collect()
}
