//! Rung 2: what f32 computes lies within the bound of what is exact, for every architecture.

use crate::corpus::{Flavour, KINDS, instance, network, rng, samples};
use crate::naive::{Naive, ORDERS};
use crate::tally::{Tally, exactly};
use flatproof::engine::error_bound::{Forward, Near, Pass};
use flatproof::engine::{Activation, Architecture, Model, Samples};
use flatproof::scalar::Ball;

/// Any order of summation, fused or not, is inside; so is the exact value.
#[test]
fn any_order_vs_exact_outputs() {
    let (mut draw, mut tally, mut by_box) = (rng(21), Tally::default(), Tally::default());
    for round in 0..1500 {
        let (net, data) = instance(&mut draw);
        let Some(exact_net) = net
            .network(exactly)
            .filter(|_| net.shape.activation == Activation::Relu)
        else {
            continue;
        };
        let d = net.shape.input_dim;
        let x: Vec<_> = (0..data.len())
            .map(|i| data.x.row(i)[..d].iter().map(|&x| exactly(x)).collect())
            .collect();
        let Ok(exact) = exact_net.outputs(&x, &x) else {
            continue; // a dead batch-norm neuron
        };
        let pass = Pass::of(&net, &data);
        let mut naive = Naive {
            order: ORDERS[round % ORDERS.len()],
            fused: round % 3 == 0,
            rng: rng(round as u64),
        };
        let computed = naive.outputs(&net, &data);
        for (i, exact) in exact.iter().enumerate() {
            let what = format!("{:?} of {net:?} at {data:?}", naive.order);
            tally.check(&pass.outputs[i], computed[i], exact, &what);
        }
        by_box.check_box(&net, &pass, &data, &computed, &exact);
    }
    tally.is_sharp("outputs, any order", 10.0);
    by_box.is_sharp("outputs, bound of the box", 10.0);
}

impl Tally {
    /// The one bound for all inputs that are not larger than those of `data`.
    fn check_box(
        &mut self,
        net: &Model,
        pass: &Pass,
        data: &Samples,
        computed: &[f32],
        exact: &[Ball],
    ) {
        let rows = (0..data.len()).flat_map(|i| &data.x.row(i)[..net.shape.input_dim]);
        let reach = rows.fold(0.0f32, |reach, x| reach.max(x.abs()));
        let bound = Forward::new(pass, reach).sum;
        if net.shape.architecture == Architecture::SimLn {
            // the same sum is the output of the network without the norm
            let mut plain = net.clone();
            plain.shape.architecture = Architecture::Bias;
            assert_eq!(Forward::new(&Pass::of(&plain, data), reach).sum, bound);
            return;
        }
        for (f, exact) in computed.iter().zip(exact) {
            let box_of_f = Near {
                value: (*f).into(),
                exact: bound,
                computed: 0.0,
            };
            if f.is_finite() {
                self.check(&box_of_f, *f, exact, "box");
            } else {
                assert!(bound.is_infinite());
            }
        }
    }
}

/// At the paper's size the bounds say something: nearly all signs; outputs to 1e-3 at depth 2 and 1e-2
/// at depth 3. In any order of summation `gamma_500` cannot be avoided, and in a random network most
/// of the terms cancel.
#[test]
fn bounds_are_not_vacuous() {
    for kind in KINDS {
        let (_, activation, depth) = kind;
        if activation != Activation::Relu || depth > 3 {
            continue;
        }
        let mut rng = rng(22);
        let (n, m) = (if depth > 2 { 1 } else { 12 }, 500);
        let net = network(&mut rng, kind, [30, m], Flavour::Ordinary);
        let data = samples(&mut rng, &net.shape, n, Flavour::Ordinary);
        let pass = Pass::of(&net, &data);
        let (certified, all) = pass.certified();
        assert!(certified * 100 > all * 99, "{kind:?}: {certified} of {all}");
        let mut naive = Naive {
            order: ORDERS[0],
            fused: true,
            rng: rng.clone(),
        };
        let computed = naive.outputs(&net, &data);
        let mean = |x: &dyn Fn(usize) -> f64| (0..n).map(x).sum::<f64>() / n as f64;
        let size = mean(&|i| pass.outputs[i].value.powi(2)).sqrt();
        let bound = mean(&|i| pass.outputs[i].error());
        let error = mean(&|i| (f64::from(computed[i]) - pass.outputs[i].value).abs());
        eprintln!(
            "{kind:?}: {certified} of {all} signs, bound {:.1e} of |f|, {:.0} times the error, box {:.1e}",
            bound / size,
            bound / error,
            Forward::new(&pass, 1.0).sum / size,
        );
        let digits = if depth > 2 { 1e-2 } else { 1e-3 };
        assert!(bound < digits * size, "{kind:?}: {bound} of {size}");
    }
}
