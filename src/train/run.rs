//! The loop: one call of a stepper per epoch, a measurement where the schedule wants one.
//!
//! ```text
//! epoch e (from 0): order, labels = Order(seed, e);   theta <- Stepper::run(theta, order, labels, rule of e's phase)
//! ```
//!
//! What comes next depends on [`State`] and the network alone, so a run that is stopped after an epoch
//! and resumed has the bits of one that was not (test `resumed_vs_uninterrupted`).

use super::data::Data;
use super::init;
use super::measure::{At, Measurement, measure};
use super::options::{Options, Refused};
use super::order::Order;
use super::schedule::{measured, phase_of};
use crate::engine::{Architecture, Isa, Matrix, Model, Plain, Samples, Stepper, stepper};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a run is computed; the bits do not depend on the instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The instruction set.
    pub isa: Isa,
    /// The plain stepper for every architecture, instead of the fastest there is. It rounds
    /// otherwise, so its runs differ.
    pub plain: bool,
}

/// How far a run is, beside its network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Finished epochs.
    pub epoch: u64,
    /// The number of epochs after which a parameter or a measured number was found not finite.
    pub diverged: Option<u64>,
    /// The sum over steps of the number of batch-norm neurons that were left out, their `a_j` being 0;
    /// none without batch norm.
    pub left_out: Option<u64>,
    /// What was measured, ascending in epochs.
    pub measurements: Vec<Measurement>,
}

/// A run under way.
pub struct Trainer {
    options: Options,
    machine: Machine,
    data: Data,
    schedule: BTreeSet<u64>,
    model: Model,
    state: State,
    order: Order,
    /// With the place of its phase.
    stepper: Option<(usize, Box<dyn Stepper>)>,
}

impl Trainer {
    /// A run at its start, measured once.
    ///
    /// # Errors
    /// [`Refused`] by [`Options::check`], before anything is allocated.
    pub fn new(options: Options, machine: Machine) -> Result<Self, Refused> {
        options.check()?;
        let model = init::network(&options);
        let state = State {
            left_out: normalises(&options).then_some(0),
            ..State::default()
        };
        let mut trainer = Self::with(options, machine, model, state);
        trainer.measure();
        Ok(trainer)
    }

    /// A run as [`Self::model`] and [`Self::state`] left it.
    ///
    /// # Errors
    /// [`Refused`] by [`Options::check`], or if the network or the state is not one of this run.
    pub fn resume(
        options: Options,
        machine: Machine,
        model: Model,
        state: State,
    ) -> Result<Self, Refused> {
        options.check()?;
        let epochs = state.measurements.iter().map(|m| m.epoch);
        let due = measured(&options);
        let due = due.into_iter().filter(|&epoch| {
            epoch <= state.epoch && state.diverged.is_none_or(|diverged| epoch < diverged)
        });
        let sizes = |model: &Model| -> Vec<(usize, usize)> {
            model.parts().map(|w| (w.rows(), w.columns())).collect()
        };
        let same_shape = model.shape == options.shape()
            && sizes(&model) == sizes(&Model::zeros(options.shape()));
        let counted = state.left_out.is_some() == normalises(&options);
        if !same_shape || !counted || state.epoch > options.epochs() || !epochs.eq(due) {
            return Err(Refused("the saved state is not one of this run".into()));
        }
        Ok(Self::with(options, machine, model, state))
    }

    fn with(options: Options, machine: Machine, model: Model, state: State) -> Self {
        Self {
            data: Data::draw(&options),
            schedule: measured(&options),
            order: Order::default(),
            stepper: None,
            options,
            machine,
            model,
            state,
        }
    }

    /// Trains one epoch; false if the run is over already.
    pub fn advance(&mut self) -> bool {
        let Some((place, phase)) = phase_of(&self.options, self.state.epoch) else {
            return false;
        };
        if self.state.diverged.is_some() {
            return false;
        }
        let rule = self.options.rule(phase);
        if self.stepper.as_ref().is_none_or(|(at, _)| *at != place) {
            let Machine { isa, plain } = self.machine;
            let stepper = if plain {
                Box::new(Plain::new(isa))
            } else {
                stepper(isa, &self.model.shape, &rule, self.data.train.len())
            };
            self.stepper = Some((place, stepper));
        }
        let train = &self.data.train;
        self.order.draw(&self.options, &train.y, self.state.epoch);
        if let Some((_, stepper)) = &mut self.stepper {
            let Order { samples, labels } = &self.order;
            let before = stepper.left_out();
            stepper.run(&mut self.model, train, samples, labels, &rule);
            if let Some(left_out) = &mut self.state.left_out {
                *left_out = left_out.saturating_add(stepper.left_out() - before);
            }
        }
        self.state.epoch += 1;
        if !is_finite(&self.model.last) {
            self.state.diverged = Some(self.state.epoch);
        } else if self.schedule.contains(&self.state.epoch) {
            self.measure();
        }
        true
    }

    /// Adds a measurement, or finds that the run has diverged.
    fn measure(&mut self) {
        let finite = self.model.parts().all(is_finite);
        let measurement = self.measured_on(&self.data.curve);
        if finite && measurement.is_finite() {
            self.state.measurements.push(measurement);
        } else {
            self.state.diverged = Some(self.state.epoch);
        }
    }

    fn measured_on(&self, test: &Samples) -> Measurement {
        let at = At {
            epoch: self.state.epoch,
            train: &self.data.train,
            test,
        };
        measure(self.machine.isa, &self.model, at, self.options.loss)
    }

    /// A measurement now, on the whole test set.
    pub fn full_measurement(&self) -> Measurement {
        self.measured_on(&self.data.test)
    }

    /// What is run.
    pub fn options(&self) -> &Options {
        &self.options
    }
    /// The network as it is now.
    pub fn model(&self) -> &Model {
        &self.model
    }
    /// How far the run is.
    pub fn state(&self) -> &State {
        &self.state
    }
    /// Training and test samples.
    pub fn data(&self) -> &Data {
        &self.data
    }
}

/// Whether neurons can be left out of steps.
fn normalises(options: &Options) -> bool {
    options.architecture == Architecture::SimBn
}

fn is_finite(matrix: &Matrix) -> bool {
    (0..matrix.rows()).all(|i| matrix.row(i).iter().all(|w| w.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::super::options::{Phase, Sampling};
    use super::*;
    use crate::engine::{Activation, Loss};

    fn options(architecture: Architecture) -> Options {
        let phase = |rho, batch| Phase {
            rho,
            batch,
            epochs: 6,
            ..Phase::default()
        };
        Options {
            architecture,
            width: 7,
            input_dim: 6,
            samples: 10,
            test_samples: 30,
            curve_samples: 20,
            phases: vec![phase(0.05, 1), phase(0.1, 4)],
            ..Options::default()
        }
    }

    fn machine(isa: Isa) -> Machine {
        Machine { isa, plain: false }
    }

    fn trained(options: &Options, isa: Isa) -> (Model, State) {
        let mut trainer = Trainer::new(options.clone(), machine(isa)).unwrap();
        while trainer.advance() {}
        (trainer.model, trainer.state)
    }

    /// Every kind of run, a few epochs long.
    fn kinds() -> Vec<Options> {
        use Architecture::{Bias, NoBias, SimBn, SimLn};
        let logistic = Loss::Logistic { p: 0.2 };
        let mut kinds = [NoBias, Bias, SimBn, SimLn].map(options).to_vec();
        kinds.push(Options {
            loss: logistic,
            ..options(Bias)
        });
        kinds.push(Options {
            activation: Activation::Softplus,
            ..options(Bias)
        });
        kinds.push(Options {
            depth: 3,
            ..options(Bias)
        });
        kinds.push(Options {
            label_noise: 0.1,
            ..options(NoBias)
        });
        kinds.push(Options {
            sampling: Sampling::Iid,
            ..options(Bias)
        });
        kinds
    }

    #[test]
    fn portable_vs_others() {
        for options in kinds() {
            let expected = trained(&options, Isa::Portable);
            assert_eq!(expected.1.epoch, 12, "{:?}", expected.1.diverged);
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                assert_eq!(trained(&options, isa), expected, "{isa:?} {options:?}");
            }
            let other = Options { seed: 2, ..options };
            assert_ne!(trained(&other, Isa::Portable).0, expected.0);
        }
    }

    #[test]
    fn resumed_vs_uninterrupted() {
        for options in kinds() {
            let whole = trained(&options, Isa::best());
            for stop in [1, 5, 6, 7, 12] {
                let mut trainer = Trainer::new(options.clone(), machine(Isa::best())).unwrap();
                while trainer.state.epoch < stop && trainer.advance() {}
                let (model, state) = (trainer.model.clone(), trainer.state.clone());
                let resumed = Trainer::resume(options.clone(), machine(Isa::best()), model, state);
                let mut resumed = resumed.unwrap();
                while resumed.advance() {}
                assert_eq!((resumed.model, resumed.state), whole);
            }
        }
    }

    /// A run from a network whose neuron 2 is 0 at every sample, stopped after `stop` epochs and resumed.
    fn with_dead_neuron(options: &Options, plain: bool, stop: u64) -> State {
        let isa = Isa::best();
        let machine = Machine { isa, plain };
        let mut trainer = Trainer::new(options.clone(), machine).unwrap();
        let dead = trainer.model.first.row_mut(2);
        dead.copy_from_slice(&[0.1, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0]);
        while trainer.state.epoch < stop && trainer.advance() {}
        let Trainer { model, state, .. } = trainer;
        let mut trainer = Trainer::resume(options.clone(), machine, model, state).unwrap();
        while trainer.advance() {}
        trainer.state
    }

    #[test]
    fn left_out_neurons_are_counted_resumed_vs_uninterrupted() {
        let options = options(Architecture::SimBn);
        // six epochs of ten steps by the fast stepper, six of three by the plain one
        for (stop, plain) in [0, 1, 6, 8, 12]
            .into_iter()
            .flat_map(|s| [(s, false), (s, true)])
        {
            let state = with_dead_neuron(&options, plain, stop);
            assert_eq!(state.left_out, Some(6 * 10 + 6 * 3), "{stop} {plain}");
        }
        assert_eq!(trained(&options, Isa::best()).1.left_out, Some(0));
        for options in kinds() {
            let counted = options.architecture == Architecture::SimBn;
            assert_eq!(trained(&options, Isa::best()).1.left_out.is_some(), counted);
        }
    }

    #[test]
    fn foreign_states_are_refused() {
        let options = options(Architecture::Bias);
        let (model, state) = trained(&options, Isa::Portable);
        let resume = |model: &Model, state: &State| {
            let machine = machine(Isa::Portable);
            Trainer::resume(options.clone(), machine, model.clone(), state.clone()).is_ok()
        };
        assert!(resume(&model, &state));
        let beyond = State {
            epoch: 13,
            ..state.clone()
        };
        let gap = State {
            measurements: state.measurements[1..].to_vec(),
            ..state.clone()
        };
        let counted = State {
            left_out: Some(0),
            ..state.clone()
        };
        for other in [beyond, gap, counted] {
            assert!(!resume(&model, &other), "{other:?}");
        }
        let mut narrow = model.clone();
        narrow.first = Matrix::zeros(6, 7);
        assert!(!resume(&narrow, &state));
    }

    #[test]
    fn no_radius_is_gradient_descent() {
        let with = |normalised| {
            let mut options = options(Architecture::Bias);
            for phase in &mut options.phases {
                (phase.rho, phase.normalised) = (0.0, normalised);
            }
            trained(&options, Isa::best()).0
        };
        assert_eq!(with(true), with(false));
        assert_ne!(
            with(true),
            trained(&options(Architecture::Bias), Isa::best()).0
        );
    }

    #[test]
    fn projection_keeps_the_norm() {
        let mut options = options(Architecture::SimLn);
        for phase in &mut options.phases {
            phase.project = Some(3.0);
        }
        let (model, _) = trained(&options, Isa::best());
        let squares = (0..7).flat_map(|j| model.first.row(j));
        let norm = squares.map(|w| f64::from(*w).powi(2)).sum::<f64>().sqrt();
        assert!((norm - 3.0).abs() < 1e-5, "{norm}");
    }

    #[test]
    fn noise_changes_the_run_but_not_its_data() {
        let quiet = options(Architecture::Bias);
        let noisy = Options {
            label_noise: 0.1,
            ..quiet.clone()
        };
        assert_ne!(
            trained(&quiet, Isa::best()).0,
            trained(&noisy, Isa::best()).0
        );
        assert_eq!(Data::draw(&quiet), Data::draw(&noisy));
    }

    #[test]
    fn divergence_is_found() {
        for (eta, architecture) in [(1e6, Architecture::Bias), (1e30, Architecture::SimLn)] {
            let mut wild = options(architecture);
            wild.phases[0].eta = eta;
            let (_, state) = trained(&wild, Isa::best());
            let diverged = state.diverged.unwrap();
            assert_eq!(state.epoch, diverged);
            assert!(
                state
                    .measurements
                    .iter()
                    .all(|m| m.is_finite() && m.epoch < diverged)
            );
        }
    }

    #[test]
    fn training_learns() {
        let mut options = options(Architecture::Bias);
        options.width = 40;
        options.phases[0].epochs = 400;
        let (_, state) = trained(&options, Isa::best());
        let (first, last) = (state.measurements[0], state.measurements.last().unwrap());
        assert!(
            last.loss < 0.1 * first.loss && last.train_accuracy == 1.0,
            "{last:?}"
        );
    }
}
