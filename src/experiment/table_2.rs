//! Table 2 of the paper as data: every row of every figure, phases as printed (Appendix B).
//!
//! Printed: learning rate, perturbation radius, batch, weight decay, epochs; width 500; XOR with d = 30,
//! n = 100; the ball with d = 10, n = 100. Where the paper is silent the defaults of
//! [`crate::train::Options`] stand. Tied to `rows_vs_printed`.

use super::job::Job;
use crate::engine::{Activation, Architecture, Loss};
use crate::train::{Distribution, Options, Phase};

/// The label smoothing 0.2 of Figs. 8 to 10. In the loss as printed p weighs the label itself, so that
/// p = 0.2 pulls outputs away from their labels (`theorem-a.2`): the right label has weight 0.8 here.
const LOGISTIC: Loss = Loss::Logistic { p: 0.8 };

/// A phase of stochastic gradient descent with weight decay.
fn decay(eta: f32, batch: usize, weight_decay: f32, epochs: u64) -> Phase {
    Phase {
        eta,
        rho: 0.0,
        batch,
        weight_decay,
        epochs,
        ..Phase::default()
    }
}

/// A phase of 1-SAM.
fn sam(eta: f32, rho: f32, epochs: u64) -> Phase {
    Phase {
        eta,
        rho,
        epochs,
        ..Phase::default()
    }
}

/// A phase of 1-SAM with (W1, b1) on the sphere of radius 10.
fn projected(rho: f32) -> Phase {
    Phase {
        project: Some(10.0),
        ..sam(0.01, rho, 500)
    }
}

fn run(architecture: Architecture, phases: impl Into<Vec<Phase>>) -> Options {
    Options {
        architecture,
        phases: phases.into(),
        ..Options::default()
    }
}

fn softplus(phases: impl Into<Vec<Phase>>) -> Options {
    let activation = Activation::Softplus;
    Options {
        activation,
        ..run(Architecture::Bias, phases)
    }
}

fn ball(architecture: Architecture) -> Options {
    let distribution = Distribution::Ball;
    Options {
        distribution,
        input_dim: 10,
        ..run(architecture, [sam(0.01, 0.2, 100_000)])
    }
}

fn logistic(architecture: Architecture, phases: impl Into<Vec<Phase>>) -> Options {
    Options {
        loss: LOGISTIC,
        ..run(architecture, phases)
    }
}

fn small_start(options: Options) -> Options {
    Options {
        init_scale: 0.01,
        ..options
    }
}

fn three_layers(phase: Phase) -> Options {
    Options {
        depth: 3,
        ..run(Architecture::Bias, [phase])
    }
}

/// Every row, in the order of the figures, with seed 1.
pub fn rows() -> Vec<Job> {
    use Architecture::{Bias, NoBias, SimBn, SimLn};
    let row = |figure: &str, title: &str, options| Job::new(figure, title, options);
    let gd = decay(0.01, 100, 0.05, 100_000);
    vec![
        row(
            "1a",
            "no bias, gradient descent with weight decay",
            run(NoBias, [gd]),
        ),
        row(
            "1b",
            "no bias, 1-SAM",
            run(NoBias, [sam(0.01, 0.05, 100_000)]),
        ),
        row(
            "2a",
            "Sim-BN, 1-SAM",
            run(SimBn, [sam(0.005, 0.1, 100_000), sam(0.003, 1.0, 100_000)]),
        ),
        row(
            "4a",
            "bias, gradient descent with weight decay",
            run(Bias, [gd]),
        ),
        row(
            "4b",
            "bias, 1-SAM",
            run(Bias, [sam(0.01, 0.05, 200_000), sam(0.01, 0.1, 400_000)]),
        ),
        row(
            "5a",
            "bias, softplus, SGD with weight decay",
            softplus([decay(0.001, 1, 0.05, 100_000)]),
        ),
        row(
            "5b",
            "bias, softplus, 1-SAM",
            softplus([
                sam(0.0005, 0.05, 100_000),
                sam(0.001, 0.1, 100_000),
                sam(0.005, 1.0, 5_000),
            ]),
        ),
        row(
            "6a",
            "Sim-LN, 1-SAM, first layer from 1/100",
            small_start(run(SimLn, [sam(0.1, 0.1, 100_000)])),
        ),
        row(
            "6b",
            "Sim-LN, 1-SAM, first layer projected to norm 10",
            run(SimLn, [0.1, 0.5, 1.0].map(projected)),
        ),
        row("7a", "ball, no bias, 1-SAM", ball(NoBias)),
        row("7b", "ball, bias, 1-SAM", ball(Bias)),
        row(
            "8a",
            "no bias, logistic, SGD with weight decay",
            logistic(NoBias, [decay(0.1, 10, 0.01, 100_000)]),
        ),
        row(
            "8b",
            "no bias, logistic, 1-SAM",
            logistic(NoBias, [sam(0.1, 0.2, 100_000)]),
        ),
        row(
            "9a",
            "bias, logistic, SGD with weight decay",
            logistic(Bias, [decay(0.01, 1, 0.05, 100_000)]),
        ),
        row(
            "9b",
            "bias, logistic, 1-SAM",
            logistic(Bias, [sam(0.1, 0.2, 100_000)]),
        ),
        row(
            "10a",
            "Sim-BN, logistic, 1-SAM",
            logistic(SimBn, [sam(0.1, 0.2, 40_000)]),
        ),
        row(
            "10b",
            "Sim-LN, logistic, 1-SAM, first layer from 1/100",
            small_start(logistic(
                SimLn,
                [sam(1.0, 0.5, 1_000), sam(1.0, 1.0, 100_000)],
            )),
        ),
        row(
            "11a",
            "three layers, bias, SGD with weight decay",
            three_layers(decay(0.01, 1, 0.05, 100_000)),
        ),
        row(
            "11b",
            "three layers, bias, 1-SAM",
            three_layers(sam(0.01, 0.05, 100_000)),
        ),
    ]
}

/// The row of a figure's panel.
pub fn row(figure: &str) -> Option<Job> {
    rows().into_iter().find(|row| row.figure == figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// figure; eta; rho; batch; weight decay; epochs, of each phase, as the paper prints them.
    const PRINTED: &str = "\
1a   0.01                 0            100  0.05  1e5
1b   0.01                 0.05         1    0     1e5
2a   0.005;0.003          0.1;1        1    0     1e5;1e5
4a   0.01                 0            100  0.05  1e5
4b   0.01;0.01            0.05;0.1     1    0     2e5;4e5
5a   0.001                0            1    0.05  1e5
5b   0.0005;0.001;0.005   0.05;0.1;1   1    0     1e5;1e5;5e3
6a   0.1                  0.1          1    0     1e5
6b   0.01;0.01;0.01       0.1;0.5;1    1    0     5e2;5e2;5e2
7a   0.01                 0.2          1    0     1e5
7b   0.01                 0.2          1    0     1e5
8a   0.1                  0            10   0.01  1e5
8b   0.1                  0.2          1    0     1e5
9a   0.01                 0            1    0.05  1e5
9b   0.1                  0.2          1    0     1e5
10a  0.1                  0.2          1    0     4e4
10b  1;1                  0.5;1        1    0     1e3;1e5
11a  0.01                 0            1    0.05  1e5
11b  0.01                 0.05         1    0     1e5";

    #[test]
    fn rows_vs_printed() {
        let rows = rows();
        assert_eq!(rows.len(), PRINTED.lines().count());
        for (row, line) in rows.iter().zip(PRINTED.lines()) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let list = |k: usize| -> Vec<f32> {
                fields[k]
                    .split(';')
                    .map(|field| field.parse().unwrap())
                    .collect()
            };
            assert_eq!(row.figure, fields[0]);
            let phases = &row.options.phases;
            let column = |of: fn(&Phase) -> f32| phases.iter().map(of).collect::<Vec<_>>();
            assert_eq!(column(|p| p.eta), list(1), "{line}");
            assert_eq!(column(|p| p.rho), list(2), "{line}");
            assert_eq!(column(|p| p.epochs as f32), list(5), "{line}");
            let (batch, weight_decay) = (list(3)[0], list(4)[0]);
            assert!(phases.iter().all(|p| p.batch as f32 == batch), "{line}");
            assert!(
                phases.iter().all(|p| p.weight_decay == weight_decay),
                "{line}"
            );
            assert!(phases.iter().all(|p| p.normalised), "{line}");
        }
    }

    #[test]
    fn every_row_can_be_run() {
        for row in rows() {
            assert_eq!(row.options.check(), Ok(()), "{}", row.figure);
            assert_eq!((row.options.width, row.options.samples), (500, 100));
            let ball = row.options.distribution == Distribution::Ball;
            assert_eq!(row.options.input_dim, if ball { 10 } else { 30 });
            assert_eq!(row.options.loss == LOGISTIC, row.title.contains("logistic"));
            assert_eq!(row.options.init_scale != 1.0, row.title.contains("1/100"));
            assert_eq!(row.options.depth == 3, row.title.contains("three layers"));
            assert_eq!(super::row(&row.figure), Some(row));
        }
        assert_eq!(row("3a"), None);
    }
}
