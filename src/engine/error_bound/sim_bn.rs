//! One step on one sample with batch norm by the formulas of [`crate::engine::sim_bn`], with bounds.
//!
//! ```text
//! q_j = (1/n) sum_k h_jk x'_k,   a_j^2 = (1/n) sum_k h_jk^2,   u_j = h_ji / a_j,   slope = gamma v / a,   pull = u / a
//! f   = sum_j gamma_j v_j u_j
//! ||grad f||^2 = sum_{firing} (gamma^2 + v^2) u^2 + slope^2 ||x'_i - pull q||^2
//! theta~:  w~ = w + p (x'_i - pull q),   z~_k = w~ . x'_k = z_k + p (x'_k . x'_i) - p pull (x'_k . q),   p = s slope
//!          gamma~ = gamma + s u v,   v~ = v + s u gamma
//! W1''  = keep W1' - eta e slope~ (x'_i - pull~ q~),   gamma' = keep gamma - eta e u~ v~,   v' likewise
//! ```
//!
//! The sums are those of any order: look-ups in tables of signed sums are covered as well as products.
//! The exact values are those of [`super::step()`]; only the rounding differs. Neurons that do not fire
//! at the sample have gradient 0. Rung 6, `sim_bn_vs_exact_step`.

use super::near::{Near, Sum, U, dot, up};
use super::pass::{Weights, inputs};
use super::smooth::at_output;
use super::step::{ascent, project};
use crate::engine::model::{Model, Samples};
use crate::engine::step::Rule;

/// One neuron at one point.
struct Neuron {
    z: Vec<Near>,
    q: Vec<Near>,
    gamma: Near,
    last: Near,
    a: Near,
    u: Near,
    slope: Near,
    pull: Near,
}

impl Neuron {
    /// From its pre-activations at all inputs `x`, at the sample `i`.
    fn new(x: &[Vec<Near>], i: usize, z: Vec<Near>, gamma: Near, last: Near) -> Self {
        let h: Vec<Near> = z.iter().map(|z| z.max(0.0)).collect();
        let squares: Vec<Near> = h.iter().map(|h| h.mul(h)).collect();
        let n = Near::new(x.len() as f32);
        // divided by n, or times the rounded 1/n
        let mean = |sum: Sum| {
            sum.round()
                .div(&n)
                .either(&sum.round().mul(&Near::ONE.div(&n)))
        };
        let mut sum = Sum::default();
        squares.iter().for_each(|square| sum.add(square));
        let a = mean(sum).sqrt();
        let entry = |k: usize| {
            let mut sum = Sum::default();
            h.iter().zip(x).for_each(|(h, x)| sum.add_product(h, &x[k]));
            mean(sum)
        };
        let fires = match z[i].sign() {
            Some(true) => Near::ONE,
            Some(false) => Near::ZERO,
            None => Near::UNKNOWN,
        };
        let u = if fires == Near::ZERO {
            fires
        } else {
            h[i].div(&a).mul(&fires)
        };
        Self {
            q: (0..x[i].len()).map(entry).collect(),
            slope: if fires == Near::ZERO {
                fires
            } else {
                gamma.mul(&last).div(&a).mul(&fires)
            },
            pull: if fires == Near::ZERO {
                fires
            } else {
                u.div(&a)
            },
            z,
            gamma,
            last,
            a,
            u,
        }
    }

    /// `||grad f||^2`, this neuron's part.
    fn square(&self, x: &[Near]) -> Near {
        let outer = dot(&[self.gamma, self.last], &[self.gamma, self.last]);
        let outer = outer.mul(&self.u.mul(&self.u));
        let pull = self.pull.neg();
        let row = |(x, q): (&Near, &Near)| dot(&[*x, pull], &[Near::ONE, *q]);
        let row: Vec<Near> = x.iter().zip(&self.q).map(row).collect();
        outer.add(&self.slope.mul(&self.slope).mul(&dot(&row, &row)))
    }

    /// At theta~ = theta + s grad f.
    ///
    /// The pre-activations `z~_k` come from the moved row, or from `z_k` in the Gram space, or they are
    /// `z_k` itself where none moves by more than `2^-24 a`.
    fn moved(&self, x: &[Vec<Near>], w: &[Near], i: usize, s: &Near) -> Self {
        let p = s.mul(&self.slope);
        let along = [Near::ONE, p, p.neg().mul(&self.pull)];
        let row = |k: usize| dot(&along, &[w[k], x[i][k], self.q[k]]);
        let row: Vec<Near> = (0..w.len()).map(row).collect();
        let z = |k: usize| {
            let gram = [self.z[k], dot(&x[k], &x[i]), dot(&x[k], &self.q)];
            let mut z = dot(&row, &x[k]).either(&dot(&along, &gram));
            z.computed = up(z.computed + 1.01 * U * self.a.magnitude()); // 1.01 for the rounding of the test
            z
        };
        let su = s.mul(&self.u);
        let gamma = dot(&[self.gamma, su], &[Near::ONE, self.last]);
        let last = dot(&[self.last, su], &[Near::ONE, self.gamma]);
        Self::new(x, i, (0..x.len()).map(z).collect(), gamma, last)
    }
}

/// `f`.
fn output(neurons: &[Neuron]) -> Near {
    let mut f = Sum::default();
    for neuron in neurons {
        f.add_product(&neuron.gamma.mul(&neuron.last), &neuron.u);
    }
    f.round()
}

/// theta' of one step of `rule` from `model` at sample `i` of `train` with label `y`.
pub fn sim_bn_step(model: &Model, train: &Samples, i: usize, y: f32, rule: &Rule) -> Weights {
    let (mut theta, x) = (Weights::of(model), inputs(train));
    let here = |(j, w): (usize, &Vec<Near>)| {
        let z = x.iter().map(|x| dot(w, x)).collect();
        Neuron::new(&x, i, z, theta.gamma[j], theta.last[j])
    };
    let mut neurons: Vec<Neuron> = theta.first.iter().enumerate().map(here).collect();
    let mut e = at_output(rule.loss, &output(&neurons), y).slope;
    let mut square = Sum::default();
    neurons
        .iter()
        .for_each(|neuron| square.add(&neuron.square(&x[i])));
    let s = ascent(rule, &e, &square.round().sqrt());
    if s != Near::ZERO {
        let rows = neurons.iter().zip(&theta.first);
        neurons = rows.map(|(neuron, w)| neuron.moved(&x, w, i, &s)).collect();
        e = at_output(rule.loss, &output(&neurons), y).slope;
    }
    let eta = Near::new(rule.eta);
    let keep = Near::ONE.sub(&eta.mul(&Near::new(rule.weight_decay)));
    let rate = eta.mul(&e);
    for (j, at) in neurons.iter().enumerate() {
        let p = rate.neg().mul(&at.slope);
        let along = [keep, p, p.neg().mul(&at.pull)];
        for (k, w) in theta.first[j].iter_mut().enumerate() {
            *w = dot(&along, &[*w, x[i][k], at.q[k]]);
        }
        let ru = rate.neg().mul(&at.u);
        let outer = |w: &mut Near, other: &Near| *w = dot(&[keep, ru], &[*w, *other]);
        outer(&mut theta.gamma[j], &at.last);
        outer(&mut theta.last[j], &at.gamma);
    }
    project(&mut theta, rule);
    theta
}
