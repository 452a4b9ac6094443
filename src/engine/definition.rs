//! A training step in f64 from its definition, by one jet per parameter: what the steppers are held
//! against. Also the random models and samples of those tests.

use super::model::{Activation, Architecture, Model, Samples, Shape};
use super::{Isa, Loss, Rule, Stepper};
use crate::network::Network;
use crate::scalar::{Jet1, Ring, Transcendental};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A relu network of these sizes.
pub fn shape(architecture: Architecture, input_dim: usize, width: usize, depth: usize) -> Shape {
    Shape {
        architecture,
        activation: Activation::Relu,
        input_dim,
        width,
        depth,
        eps: 1e-3,
    }
}

/// Plain 1-SAM on the squared error.
pub fn rule() -> Rule {
    Rule {
        loss: Loss::SquaredError,
        eta: 0.01,
        rho: 0.1,
        normalised: true,
        weight_decay: 0.0,
        batch: 1,
        project: None,
    }
}

/// Weights uniform in `(-1, 1)`, about `1/sqrt(width)` behind the first layer.
pub fn random_model(shape: Shape, seed: u64) -> Model {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut model = Model::zeros(shape);
    let scale = 1.0 / (shape.width as f32).sqrt();
    for (part, w) in model.parts_mut().enumerate() {
        let scale = if part == 0 { 1.0 } else { scale };
        for j in 0..w.rows() {
            for w in w.row_mut(j) {
                *w = scale * rng.random_range(-1.0..1.0);
            }
        }
    }
    model
}

/// `n` inputs uniform in the cube, labels +-1.
pub fn random_samples(shape: &Shape, n: usize, seed: u64) -> Samples {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut x = vec![vec![0.0f32; shape.input_dim]; n];
    for x in x.iter_mut().flatten() {
        *x = rng.random_range(-1.0..1.0);
    }
    let y = (0..n).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 });
    Samples::new(shape, &x, y.collect())
}

/// All parameters in order.
pub fn flat(model: &Model) -> Vec<f64> {
    let rows = model.parts().flat_map(|w| (0..w.rows()).map(|j| w.row(j)));
    rows.flatten().map(|&w| f64::from(w)).collect()
}

/// The rows of the samples without the bias coordinate.
fn inputs(samples: &Samples, d: usize) -> Vec<Vec<f64>> {
    let row = |i: usize| {
        samples.x.row(i)[..d]
            .iter()
            .map(|&x| f64::from(x))
            .collect()
    };
    (0..samples.len()).map(row).collect()
}

/// `f(x_i)` and its gradient at the parameters `theta`.
fn output(net: &Network<f64>, theta: &[f64], x: &[Vec<f64>], i: usize) -> (f64, Vec<f64>) {
    let constants = |rows: &[Vec<f64>]| -> Vec<Vec<Jet1<f64>>> {
        let row = |row: &Vec<f64>| row.iter().map(|&x| Jet1::constant(x)).collect();
        rows.iter().map(row).collect()
    };
    let (train, at) = (constants(x), constants(&x[i..=i]));
    let along = |k: usize| {
        let mut next = 0;
        let parameter = |_: &f64| {
            next += 1;
            let w = theta[next - 1];
            if next - 1 == k {
                Jet1::variable(w)
            } else {
                Jet1::constant(w)
            }
        };
        let net = net.map(parameter, |&c| Jet1::constant(c));
        net.outputs(&train, &at).unwrap().remove(0)
    };
    let jets: Vec<Jet1<f64>> = (0..theta.len()).map(along).collect();
    (jets[0].value, jets.iter().map(|jet| jet.first).collect())
}

/// `l'(f) grad f` for the sample `i` with label `y`.
fn gradient(
    net: &Network<f64>,
    theta: &[f64],
    x: &[Vec<f64>],
    (i, y): (usize, f64),
    loss: Loss,
) -> Vec<f64> {
    let (f, gradient) = output(net, theta, x, i);
    let e = match loss {
        Loss::SquaredError => 2.0 * (f - y),
        Loss::Logistic { p } => {
            let q = if y > 0.0 { p } else { 1.0 - p };
            1.0 / (1.0 + Transcendental::exp(&-f)) - f64::from(q)
        }
    };
    gradient.iter().map(|g| e * g).collect()
}

fn norm(v: &[f64]) -> f64 {
    Ring::sum(&v.iter().map(|v| v * v).collect::<Vec<_>>()).sqrt()
}

/// The parameters after the steps of `order`, one sample each.
pub fn steps(
    model: &Model,
    samples: &Samples,
    order: &[u32],
    labels: &[f32],
    rule: &Rule,
) -> Vec<f64> {
    let net = model.network(f64::from).unwrap();
    let x = inputs(samples, model.shape.input_dim);
    let first = model.first.rows() * model.first.columns();
    let [eta, rho, decay] = [rule.eta, rule.rho, rule.weight_decay].map(f64::from);
    let mut theta = flat(model);
    for (&i, &y) in order.iter().zip(labels) {
        let at = (i as usize, f64::from(y));
        let g = gradient(&net, &theta, &x, at, rule.loss);
        let scale = match (norm(&g), rule.normalised) {
            (0.0, true) => 0.0,
            (norm, true) => rho / norm,
            (_, false) => rho,
        };
        let there: Vec<f64> = theta.iter().zip(&g).map(|(t, g)| t + scale * g).collect();
        let g = gradient(&net, &there, &x, at, rule.loss);
        for (t, g) in theta.iter_mut().zip(&g) {
            *t = (1.0 - eta * decay) * *t - eta * g;
        }
        if let Some(target) = rule.project {
            let scale = f64::from(target) / norm(&theta[..first]);
            theta[..first].iter_mut().for_each(|w| *w *= scale);
        }
    }
    theta
}

/// Runs `stepper` for the whole of `order`.
pub fn run(
    stepper: &mut dyn Stepper,
    model: &Model,
    samples: &Samples,
    order: &[u32],
    rule: &Rule,
) -> Model {
    let labels: Vec<f32> = order.iter().map(|&i| samples.y[i as usize]).collect();
    let mut model = model.clone();
    stepper.run(&mut model, samples, order, &labels, rule);
    model
}

/// The largest difference between the parameters of `model` and `theta`.
pub fn distance(model: &Model, theta: &[f64]) -> f64 {
    let pairs = flat(model).into_iter().zip(theta);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The instruction sets of this machine.
pub fn sets() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}
