//! Everything that defines a run, with the defaults where the paper is silent.
//!
//! Two runs with equal [`Options`] have equal bits; what does not matter for them (instruction set,
//! threads, folders) is not here. Limits are checked before anything is allocated
//! (test `refusals_say_what_and_why`).

use crate::engine::{Activation, Architecture, Loss, Rule, Shape};
use serde::{Deserialize, Serialize};

/// Largest `d`.
pub const MAX_DIM: usize = 1024;
/// Largest `m`.
pub const MAX_WIDTH: usize = 4096;
/// Largest `D`.
pub const MAX_DEPTH: usize = 8;
/// Largest `n`.
pub const MAX_SAMPLES: usize = 4096;
/// Largest test set.
pub const MAX_TEST: usize = 1_000_000;
/// Most parameters of a network.
pub const MAX_PARAMETERS: usize = 1 << 24;
/// Most numbers in a test set.
pub const MAX_TEST_NUMBERS: usize = 1 << 26;
/// Most epochs of a run, all phases together.
pub const MAX_EPOCHS: u64 = 1_000_000_000;
/// Most phases of a run.
pub const MAX_PHASES: usize = 64;

/// Options that make no run: one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Where samples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// `P_xor(d)`: uniform on `{-1,1}^d`, `y = x[1] x[2]`.
    Xor,
    /// Uniform in the ball of radius `sqrt(d)`, `y = |x[1]| - |x[2]|` (Appendix B.2).
    Ball,
}

/// How an epoch draws its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// Each sample once, in random order.
    Permutation,
    /// `n` independent draws.
    Iid,
}

/// A stretch of a run with one rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Learning rate.
    pub eta: f32,
    /// Radius of SAM; 0 is (stochastic) gradient descent.
    pub rho: f32,
    /// The perturbation is `rho g/||g||` rather than `rho g`.
    pub normalised: bool,
    /// Samples per step.
    pub batch: usize,
    /// Coupled weight decay on all parameters.
    pub weight_decay: f32,
    /// The norm to which (W1, b1) is rescaled after every step.
    pub project: Option<f32>,
    /// Passes over the training set.
    pub epochs: u64,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The architecture.
    pub architecture: Architecture,
    /// The nonlinearity.
    pub activation: Activation,
    /// `D`.
    pub depth: usize,
    /// `m`.
    pub width: usize,
    /// `d`.
    pub input_dim: usize,
    /// `n`.
    pub samples: usize,
    /// Where samples come from.
    pub distribution: Distribution,
    /// The loss.
    pub loss: Loss,
    /// eps of layer norm.
    pub eps: f32,
    /// (W1, b1) starts at so many times its draw.
    pub init_scale: f32,
    /// Every `gamma_j` of batch norm at the start.
    pub gamma: f32,
    /// How an epoch draws its samples.
    pub sampling: Sampling,
    /// sigma: each step sees `y + sigma` or `y - sigma`, by a fair coin per sample.
    pub label_noise: f32,
    /// Size of the test set, used whole at the end of the run.
    pub test_samples: usize,
    /// Its first so many points are used along the run.
    pub curve_samples: usize,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// What is done, one after the other.
    pub phases: Vec<Phase>,
}

impl Default for Phase {
    /// 1-SAM as in Fig. 1b.
    fn default() -> Self {
        Self {
            eta: 0.01,
            rho: 0.05,
            normalised: true,
            batch: 1,
            weight_decay: 0.0,
            project: None,
            epochs: 100_000,
        }
    }
}

impl Default for Options {
    /// A biased network on XOR, trained by 1-SAM: the first phase of Fig. 4b, halved.
    fn default() -> Self {
        Self {
            architecture: Architecture::Bias,
            activation: Activation::Relu,
            depth: 2,
            width: 500,
            input_dim: 30,
            samples: 100,
            distribution: Distribution::Xor,
            loss: Loss::SquaredError,
            eps: 1e-3,
            init_scale: 1.0,
            gamma: 0.2,
            sampling: Sampling::Permutation,
            label_noise: 0.0,
            test_samples: 100_000,
            curve_samples: 10_000,
            seed: 1,
            phases: vec![Phase::default()],
        }
    }
}

impl Options {
    /// The network's sizes and kind.
    pub fn shape(&self) -> Shape {
        Shape {
            architecture: self.architecture,
            activation: self.activation,
            input_dim: self.input_dim,
            width: self.width,
            depth: self.depth,
            eps: self.eps,
        }
    }

    /// The numbers of a phase's steps.
    pub fn rule(&self, phase: &Phase) -> Rule {
        Rule {
            loss: self.loss,
            eta: phase.eta,
            rho: phase.rho,
            normalised: phase.normalised,
            weight_decay: phase.weight_decay,
            batch: phase.batch,
            project: phase.project,
        }
    }

    /// Epochs of all phases.
    pub fn epochs(&self) -> u64 {
        let epochs = self.phases.iter().map(|phase| phase.epochs);
        epochs.fold(0, u64::saturating_add)
    }

    /// The same run with every phase `scale` times as long, at least one epoch each.
    pub fn scaled(mut self, scale: f64) -> Self {
        for phase in &mut self.phases {
            // the cast saturates, and the limits are checked later
            phase.epochs = ((phase.epochs as f64 * scale).round() as u64).max(1);
        }
        self
    }

    /// The least d for the labels, `m`, `d`, `n`, depth, epochs and their products within the limits; numbers finite
    /// and in range; combinations that exist.
    ///
    /// # Errors
    /// [`Refused`] with the first that is not.
    pub fn check(&self) -> Result<(), Refused> {
        self.check_sizes()?;
        self.check_numbers()?;
        self.check_combinations()?;
        self.phases
            .iter()
            .try_for_each(|phase| self.check_phase(phase))
    }

    fn check_sizes(&self) -> Result<(), Refused> {
        within("the dimension d", self.input_dim, 2, MAX_DIM)?;
        within("the width", self.width, 1, MAX_WIDTH)?;
        within("the depth", self.depth, 2, MAX_DEPTH)?;
        within("the number of samples n", self.samples, 1, MAX_SAMPLES)?;
        within("the test set", self.test_samples, 1, MAX_TEST)?;
        within(
            "the test set along the run",
            self.curve_samples,
            1,
            self.test_samples,
        )?;
        within("the number of phases", self.phases.len(), 1, MAX_PHASES)?;
        let (m, columns) = (self.width, self.input_dim + 1);
        let parameters = m * columns + (self.depth - 2) * m * m + 2 * m; // at most 2^27
        within("the number of parameters", parameters, 1, MAX_PARAMETERS)?;
        let numbers = self.test_samples * columns;
        within("the test set's numbers", numbers, 1, MAX_TEST_NUMBERS)?;
        let epochs = self.epochs();
        if !(1..=MAX_EPOCHS).contains(&epochs) {
            return refuse(format!(
                "the number of epochs must be 1 to {MAX_EPOCHS}, not {epochs}"
            ));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), Refused> {
        positive("eps of layer norm", self.eps)?;
        positive("the scale of the first layer", self.init_scale)?;
        if !(self.gamma.is_finite() && self.gamma != 0.0) {
            return refuse(format!(
                "gamma must be finite and not 0, not {}",
                self.gamma
            ));
        }
        at_least_0("the label noise", self.label_noise)?;
        match self.loss {
            Loss::Logistic { p } if !(p > 0.0 && p < 1.0) => refuse(format!(
                "the label smoothing p must lie between 0 and 1, not at {p}"
            )),
            _ => Ok(()),
        }
    }

    fn check_combinations(&self) -> Result<(), Refused> {
        let normalised = matches!(self.architecture, Architecture::SimBn | Architecture::SimLn);
        if self.depth > 2 && self.architecture != Architecture::Bias {
            return refuse("only the biased network has a depth above 2".into());
        }
        if self.activation == Activation::Softplus && (normalised || self.depth > 2) {
            return refuse("softplus needs two layers without normalisation".into());
        }
        if self.label_noise > 0.0 && self.loss != Loss::SquaredError {
            return refuse(
                "label noise needs the squared error: the logistic loss sees signs only".into(),
            );
        }
        Ok(())
    }

    fn check_phase(&self, phase: &Phase) -> Result<(), Refused> {
        positive("the learning rate eta", phase.eta)?;
        at_least_0("the radius rho", phase.rho)?;
        at_least_0("the weight decay", phase.weight_decay)?;
        within("the batch", phase.batch, 1, self.samples)?;
        phase
            .project
            .map_or(Ok(()), |norm| positive("the norm to project to", norm))
    }
}

fn refuse(sentence: String) -> Result<(), Refused> {
    Err(Refused(sentence))
}

fn within(what: &str, value: usize, min: usize, max: usize) -> Result<(), Refused> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    refuse(format!("{what} must be {min} to {max}, not {value}"))
}

fn positive(what: &str, value: f32) -> Result<(), Refused> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    refuse(format!("{what} must be positive and finite, not {value}"))
}

fn at_least_0(what: &str, value: f32) -> Result<(), Refused> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    refuse(format!("{what} must be at least 0 and finite, not {value}"))
}

#[cfg(test)]
mod tests;
