//! The network, its data, and what is computed of them, for any number type.
//!
//! With `x' = (x, 1)`, `z_ij = W1'_j . x'_i`, `A_i` the neurons with `z_ij > 0`,
//! `r_i = sum_{A_i} W2_j z_ij - y_i`, computed from one forward pass:
//!
//! ```text
//! n L           = sum_i r_i^2
//! n dL/dW1'_j   = W2_j sum_{i: j in A_i} 2 r_i x'_i
//! n dL/dW2_j    = sum_{i: j in A_i} 2 r_i z_ij
//! n Tr          = 2 sum_i (R_i^2 sum_{A_i} W2_j^2 + sum_{A_i} z_ij^2),  R_i^2 = ||x'_i||^2
//! ```
//!
//! The factor `n` stays, so that a ring is enough and integers can do it. No `z_ij` is 0 and f is
//! linear in each parameter, so Tr is the trace of the Hessian also where f does not interpolate.

use flatproof::data::{Dataset, xor};
use flatproof::network::{Bias, Network, loss::mean_squared_error};
use flatproof::scalar::{Fired, Ordered, Rational, Ring, fire_by_dot};
use flatproof::search::rng;
use flatproof::sharpness::{closed_form::trace, gradient::gradients};
use rand::Rng;

pub const WIDTH: usize = 500;
pub const D: usize = 30;
pub const N: usize = 100;

/// A two-layer net at `x' = (x, 1)` and the labels: rows of W1' and of x' have `D + 1` entries.
#[derive(Clone)]
pub struct Instance<S> {
    pub first: Vec<Vec<S>>,
    pub last: Vec<S>,
    pub x: Vec<Vec<S>>,
    pub y: Vec<S>,
}

/// `n L`, `n grad L` in the parameters' order, `n Tr`.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation<S> {
    pub loss: S,
    pub gradient: Vec<S>,
    pub trace: S,
}

impl<S> Evaluation<S> {
    pub fn numbers(&self) -> impl Iterator<Item = &S> {
        [&self.loss, &self.trace].into_iter().chain(&self.gradient)
    }
}

impl<S: Ring> Instance<S> {
    pub fn map<T>(&self, f: impl Fn(&S) -> T) -> Instance<T> {
        let row = |row: &Vec<S>| row.iter().map(&f).collect::<Vec<T>>();
        Instance {
            first: self.first.iter().map(row).collect(),
            last: row(&self.last),
            x: self.x.iter().map(row).collect(),
            y: row(&self.y),
        }
    }

    /// Everything after the first layer, for any number type.
    pub fn evaluate(&self, fired: &[Fired<S>]) -> Evaluation<S> {
        let (mut loss, mut weights, mut heights) = (S::zero(), S::zero(), S::zero());
        let mut pull = vec![vec![S::zero(); D + 1]; WIDTH]; // sum_i 2 r_i x'_i
        let mut by_last = vec![S::zero(); WIDTH];
        for ((x, y), h) in self.x.iter().zip(&self.y).zip(fired) {
            let (last, z): (Vec<S>, Vec<S>) = h
                .active
                .iter()
                .map(|(j, z)| (self.last[*j].clone(), z.clone()))
                .unzip();
            let r = S::dot(&last, &z).sub(y);
            loss = loss.add(&r.square());
            weights = weights.add(&S::dot(x, x).mul(&S::dot(&last, &last)));
            heights = heights.add(&S::dot(&z, &z));
            let twice = r.add(&r);
            let step: Vec<S> = x.iter().map(|x| twice.mul(x)).collect();
            for (j, z) in &h.active {
                by_last[*j] = by_last[*j].add(&twice.mul(z));
                for (total, step) in pull[*j].iter_mut().zip(&step) {
                    *total = total.add(step);
                }
            }
        }
        let by_first = pull
            .iter()
            .zip(&self.last)
            .flat_map(|(row, w)| row.iter().map(|v| w.mul(v)));
        let sum = weights.add(&heights);
        Evaluation {
            loss,
            gradient: by_first.chain(by_last).collect(),
            trace: sum.add(&sum),
        }
    }
}

impl<S: Ordered> Instance<S> {
    /// By the number type's own first layer.
    pub fn run(&self) -> Evaluation<S> {
        let fired = S::fire(&self.first, &self.x).expect("no sign is in doubt");
        self.evaluate(&fired)
    }
}

/// The first layer by dot products, as its definition says.
pub fn fire_naive(at: &Instance<Rational>) -> Vec<Fired<Rational>> {
    let fire = |x: &Vec<Rational>| fire_by_dot(&at.first, x);
    let fired: Result<_, _> = at.x.iter().map(fire).collect();
    fired.expect("rational signs are decided")
}

/// The reference.
pub fn run_naive(at: &Instance<Rational>) -> Evaluation<Rational> {
    at.evaluate(&fire_naive(at))
}

/// Weights uniform in `[-1, 1) / sqrt(fan-in)`, rounded to f32, hence dyadic; inputs from P_xor.
pub fn instance() -> Instance<Rational> {
    let mut rng = rng(1, "bench/exact");
    let mut weight = |fan_in: usize| {
        let unit = (rng.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0;
        Rational::from_f32(unit / (fan_in as f32).sqrt()).expect("finite")
    };
    let first = (0..WIDTH)
        .map(|_| (0..=D).map(|_| weight(D)).collect())
        .collect();
    let last = (0..WIDTH).map(|_| weight(WIDTH)).collect();
    let data = xor::sample(D, N, &mut rng).expect("2 <= d");
    Instance {
        first,
        last,
        x: data.with_bias(),
        y: data.y,
    }
}

/// The library's road to the same numbers: outputs, the Jacobian, the closed form of the trace.
pub fn by_library(at: &Instance<Rational>) -> Evaluation<Rational> {
    let network = Network::Bias(Bias {
        first: at.first.clone(),
        hidden: vec![],
        last: at.last.clone(),
    });
    let x: Vec<Vec<Rational>> = at.x.iter().map(|x| x[..D].to_vec()).collect();
    let data = Dataset { x, y: at.y.clone() };
    let n = Rational::from(N);
    let f = network.outputs(&data.x, &data.x).expect("values exist");
    let loss = mean_squared_error(&f, &data.y).expect("n > 0") * &n;
    let mut gradient = vec![Rational::new(); WIDTH * (D + 2)];
    for (row, (f, y)) in gradients(&network, &data.x)
        .expect("no kink")
        .iter()
        .zip(f.iter().zip(&data.y))
    {
        for (k, v) in row {
            gradient[*k] += Rational::from(f - y) * v * 2;
        }
    }
    Evaluation {
        loss,
        gradient,
        trace: trace(&network, &data.x).expect("no kink") * n,
    }
}
