//! The audit against the generic networks and the definition of sharpness.

mod cases;
mod roads;

use super::scene::Scene;
use super::work::{BITS, Work};
use super::*;
use crate::data::Dataset;
use crate::engine::{Activation, Architecture, Matrix, Shape};
use crate::scalar::{Ball, Dyadic, Radical, Rational};
use proptest::prelude::*;

/// A model and samples of some architecture from a list of weights, taken in turn.
fn scene_of(
    architecture: Architecture,
    activation: Activation,
    (d, m, n, depth): (usize, usize, usize, usize),
    weights: &[f32],
) -> (Model, Samples) {
    let shape = Shape {
        architecture,
        activation,
        input_dim: d,
        width: m,
        depth,
        eps: 0.75,
    };
    let mut weights = weights.iter().copied().cycle();
    let mut model = Model::zeros(shape);
    for part in model.parts_mut() {
        for j in 0..part.rows() {
            part.row_mut(j).fill_with(|| weights.next().unwrap());
        }
    }
    let x: Vec<Vec<f32>> = (0..n).map(|_| weights.by_ref().take(d).collect()).collect();
    let samples = Samples::new(&shape, &x, weights.take(n).collect());
    (model, samples)
}

/// Weights of few bits, so that roots stay small, with some zeros and repeats.
fn simple() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec((-9i8..10).prop_map(|k| f32::from(k) / 4.0), 61)
}

/// Any weights, subnormal ones too.
fn wild() -> impl Strategy<Value = Vec<f32>> {
    let tiny = (-9i16..10).prop_map(|k| f32::from(k) * 1e-44);
    prop::collection::vec(
        prop_oneof![4 => -2f32..2.0, 1 => tiny, 1 => -1e20f32..1e20],
        61,
    )
}

fn sizes() -> impl Strategy<Value = (usize, usize, usize)> {
    (1usize..4, 1usize..4, 1usize..4)
}

fn rational_data(scene: &Scene) -> Dataset<Rational> {
    let row = |x: &Vec<Dyadic>| x.iter().map(Dyadic::to_rational).collect();
    Dataset {
        x: scene.x.iter().map(row).collect(),
        y: scene.y.iter().map(Dyadic::to_rational).collect(),
    }
}

fn radical_data(scene: &Scene) -> Dataset<Radical> {
    rational_data(scene).map(|x| Radical::from_rational(x.clone()))
}

fn ball_data(scene: &Scene) -> Dataset<Ball> {
    rational_data(scene).map(|x| Ball::from_rational(x, BITS))
}

fn radical(w: f32) -> Radical {
    Radical::from_rational(Rational::from_f32(w).unwrap())
}

fn ball(w: f32) -> Ball {
    Ball::from_f32(w).with_bits(BITS)
}

/// What a wrong formula would be off by, at the least.
fn tiny() -> Ball {
    Ball::from_rational(&(Rational::from(1) >> 80), BITS)
}

fn biased(first: &[&[f32]], last: &[f32], x: &[&[f32]], y: &[f32]) -> (Model, Samples) {
    let d = first[0].len() - 1;
    let zeros = vec![0.0; 1];
    let size = (d, first.len(), x.len(), 2);
    let (mut model, _) = scene_of(Architecture::Bias, Activation::Relu, size, &zeros);
    model.first = Matrix::from_fn(first.len(), d + 1, |j, k| first[j][k]);
    model.last = Matrix::vector(last);
    let x: Vec<Vec<f32>> = x.iter().map(|x| x.to_vec()).collect();
    let samples = Samples::new(&model.shape, &x, y.to_vec());
    (model, samples)
}
