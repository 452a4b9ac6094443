//! Gradient and training step over enclosures: the exact road, by `sharpness::gradient`; softplus, which
//! the exact core has not, by its own two lines.

use flatproof::engine::{Activation, Loss, Model, Rule, Samples};
use flatproof::network::loss::{Logistic, sigmoid, softplus};
use flatproof::network::{Network, Refusal};
use flatproof::scalar::{Ball, Field, Real, Ring};
use flatproof::sharpness::gradient::gradients;

/// A network over enclosures.
#[derive(Clone)]
pub struct Exact {
    net: Network<Ball>,
    activation: Activation,
    lift: fn(f32) -> Ball,
    x: Vec<Vec<Ball>>,
}

impl Exact {
    /// The network `model` at the training set `train`.
    pub fn new(model: &Model, train: &Samples, lift: fn(f32) -> Ball) -> Self {
        let mut parameters = model.clone();
        parameters.shape.activation = Activation::Relu; // a container only, with softplus
        let d = model.shape.input_dim;
        let row = |i: usize| train.x.row(i)[..d].iter().map(|&x| lift(x)).collect();
        Self {
            net: parameters.network(lift).expect("relu"),
            activation: model.shape.activation,
            lift,
            x: (0..train.len()).map(row).collect(),
        }
    }

    /// All parameters, in the order of [`Model::parts`].
    pub fn parameters(&self) -> Vec<Ball> {
        self.net.parameters()
    }

    /// `f` and its gradient at every training input; refuses kinks.
    pub fn outputs_and_gradients(&self) -> Result<(Vec<Ball>, Vec<Vec<Ball>>), Refusal> {
        if self.activation == Activation::Softplus {
            return self.softplus();
        }
        let zeros = vec![Ball::zero(); self.net.parameter_count()];
        let dense = |gradient: Vec<(usize, Ball)>| {
            let mut all = zeros.clone();
            gradient.into_iter().for_each(|(p, g)| all[p] = g);
            all
        };
        let rows = gradients(&self.net, &self.x)?.into_iter().map(dense);
        Ok((self.net.outputs(&self.x, &self.x)?, rows.collect()))
    }

    /// `f = sum_j w_j softplus(z_j)`, `df/dW_j = w_j sigma(z_j) x'`, `df/dw_j = softplus(z_j)`.
    fn softplus(&self) -> Result<(Vec<Ball>, Vec<Vec<Ball>>), Refusal> {
        let (mut outputs, mut rows) = (Vec::new(), Vec::new());
        for x in &self.x {
            let mut x = x.clone();
            if matches!(self.net, Network::Bias(_)) {
                x.push(Ball::one());
            }
            let (mut row, mut h) = (Vec::new(), Vec::new());
            for (w, last) in self.net.first_layer().iter().zip(self.net.last()) {
                let z = Ball::dot(w, &x);
                let slope = last.mul(&sigmoid(&z)?);
                row.extend(x.iter().map(|x| slope.mul(x)));
                h.push(softplus(&z)?);
            }
            outputs.push(Ball::dot(self.net.last(), &h));
            row.extend(h);
            rows.push(row);
        }
        Ok((outputs, rows))
    }

    /// The mean loss of a batch and its gradient; refuses kinks at any training input.
    pub fn loss_and_gradient(
        &self,
        loss: Loss,
        (batch, labels): (&[u32], &[f32]),
    ) -> Result<(Ball, Vec<Ball>), Refusal> {
        let (outputs, rows) = self.outputs_and_gradients()?;
        let n = Ball::from_int(batch.len() as i64);
        let mut mean = Ball::zero();
        let mut gradient = vec![Ball::zero(); self.net.parameter_count()];
        for (&i, &y) in batch.iter().zip(labels) {
            let (f, y) = (&outputs[i as usize], (self.lift)(y));
            let (value, slope) = match loss {
                Loss::SquaredError => {
                    let r = f.sub(&y);
                    (r.square(), r.add(&r))
                }
                Loss::Logistic { p } => {
                    let (l, b) = (Logistic::new((self.lift)(p))?, y.lo() > &0.0);
                    (l.value(f, b)?, l.slope(f, b)?)
                }
            };
            mean = mean.add(&value.div(&n)?);
            let c = slope.div(&n)?;
            for (total, g) in gradient.iter_mut().zip(&rows[i as usize]) {
                *total = total.add(&c.mul(g));
            }
        }
        Ok((mean, gradient))
    }

    /// The network with every parameter `w` replaced by `a w + b g`.
    fn moved(&self, a: &Ball, b: &Ball, g: &[Ball]) -> Self {
        let mut g = g.iter();
        let along = |w: &Ball| a.mul(w).add(&b.mul(g.next().expect("as many")));
        Self {
            net: self.net.map(along, Ball::clone),
            ..self.clone()
        }
    }

    /// One step as [`flatproof::engine::step`] defines it, and `||g||`; refuses kinks at theta and at theta~, and a
    /// gradient that may be 0.
    pub fn step(&self, batch: (&[u32], &[f32]), rule: &Rule) -> Result<(Self, Ball), Refusal> {
        let lift = self.lift;
        let (_, mut g) = self.loss_and_gradient(rule.loss, batch)?;
        let norm = Ball::dot(&g, &g).sqrt()?;
        if rule.rho != 0.0 && norm.hi() > &0.0 {
            let t = match rule.normalised {
                true => lift(rule.rho).div(&norm)?,
                false => lift(rule.rho),
            };
            let there = self.moved(&Ball::one(), &t, &g);
            g = there.loss_and_gradient(rule.loss, batch)?.1;
        }
        let keep = Ball::one().sub(&lift(rule.eta).mul(&lift(rule.weight_decay)));
        let mut next = self.moved(&keep, &lift(rule.eta).neg(), &g);
        if let Some(target) = rule.project {
            let first: Vec<Ball> = next.net.first_layer().concat();
            let factor = lift(target).div(&Ball::dot(&first, &first).sqrt()?)?;
            let mut left = first.len();
            let scaled = |w: &Ball| {
                let scale = left > 0;
                left = left.saturating_sub(1);
                if scale { factor.mul(w) } else { w.clone() }
            };
            next.net = next.net.map(scaled, Ball::clone);
        }
        Ok((next, norm))
    }
}

/// `(2/n) sum_i ||grad f_i||^2`, `n > 0`.
pub fn gauss_newton(rows: &[Vec<Ball>]) -> Ball {
    let squares: Vec<Ball> = rows.iter().map(|g| Ball::dot(g, g)).collect();
    let n = Ball::from_int(rows.len() as i64);
    let sum = Ball::from_int(2).mul(&Ball::sum(&squares));
    sum.div(&n).expect("n > 0")
}
