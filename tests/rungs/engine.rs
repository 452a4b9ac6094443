//! Rungs 1 and 2 for the engine: bit-equal where every partial sum is a small integer, within the bound
//! elsewhere; outputs, mean loss, gradient and its norm, sharpness, on every architecture.

use crate::corpus::{self, Flavour, KINDS, below, instance, rng};
use crate::exact::{Exact, gauss_newton};
use crate::tally::{Tally, exactly};
use flatproof::engine::batch::{loss_and_gradient, outputs, sharpness};
use flatproof::engine::error_bound::gradient::norm;
use flatproof::engine::error_bound::{Near, Pass};
use flatproof::engine::reference::{self, parameters};
use flatproof::engine::{Isa, Loss, Model, Samples};
use flatproof::scalar::{Ball, Rational, Real, Ring};
use rand_chacha::rand_core::Rng;

/// Squared error or logistic.
pub fn loss(rng: &mut impl Rng) -> Loss {
    match below(rng, 3) {
        0 => Loss::Logistic {
            p: [0.2, 0.5, 0.9][below(rng, 3)],
        },
        _ => Loss::SquaredError,
    }
}

/// A batch of up to `n` samples, some of them twice, with labels.
pub fn batch(rng: &mut impl Rng, n: usize) -> (Vec<u32>, Vec<f32>) {
    let size = 1 + below(rng, n);
    let indices = (0..size).map(|_| below(rng, n) as u32).collect();
    let labels = (0..size).map(|_| below(rng, 3) as f32 - 1.0).collect();
    (indices, labels)
}

/// Outputs, loss, gradient and its norm, sharpness against the exact roads.
#[test]
fn engine_vs_enclosure() {
    let mut rng = rng(23);
    let mut by_kind = [(); KINDS.len()].map(|()| [Tally::default(); 4]);
    for _ in 0..900 {
        let (net, data) = instance(&mut rng);
        let loss = loss(&mut rng);
        let (indices, labels) = batch(&mut rng, data.len());
        let batch = (&indices[..], &labels[..]);
        let exact = Exact::new(&net, &data, exactly);
        let Ok((f, rows)) = exact.outputs_and_gradients() else {
            continue; // a kink: `reference_vs_enclosure` goes there
        };
        let Ok((mean, g)) = exact.loss_and_gradient(loss, batch) else {
            continue;
        };
        let what = format!("{loss:?}, batch {batch:?} of {net:?} at {data:?}");
        let kind = KINDS.iter().position(|(a, f, depth)| {
            (*a, *f, *depth)
                == (
                    net.shape.architecture,
                    net.shape.activation,
                    net.shape.depth,
                )
        });
        let [by_output, by_loss, by_gradient, by_trace] =
            &mut by_kind[kind.expect("of the corpus")];

        let pass = Pass::of(&net, &data);
        let computed = outputs(Isa::best(), &net, &data, &data);
        for i in 0..data.len() {
            by_output.check(&pass.outputs[i], computed[i], &f[i], &what);
        }
        let mut gradient = Model::zeros(net.shape);
        let value = loss_and_gradient(Isa::best(), &net, &data, batch, loss, &mut gradient);
        by_loss.check(&pass.loss(loss, batch), value, &mean, &what);
        let bound = pass.gradient(loss, batch);
        let computed = parameters(&gradient);
        for (p, near) in bound.entries().enumerate() {
            by_gradient.check(near, computed[p], &g[p], &what);
        }
        check_norm(by_gradient, &norm(&bound), &computed, &g, &what);

        if loss == Loss::SquaredError {
            let exact = gauss_newton(&rows);
            let near = pass.sharpness(loss, &data.y).gauss_newton;
            let trace = sharpness(Isa::best(), &net, &data, loss).gauss_newton;
            by_trace.check(&near, trace, &exact, &what);
        }
    }
    for (kind, tallies) in KINDS.iter().zip(by_kind) {
        for (name, tally) in ["outputs", "loss", "gradient", "trace"].iter().zip(tallies) {
            tally.is_sharp(&format!("{kind:?} {name}"), 100.0);
        }
    }
}

/// `||g||` as the plain stepper computes it, up to the order of the sum.
fn check_norm(tally: &mut Tally, near: &Near, computed: &[f32], exact: &[Ball], what: &str) {
    let square: f32 = computed.iter().map(|g| g * g).sum();
    if let Ok(norm) = Ball::dot(exact, exact).sqrt() {
        tally.check(near, square.sqrt(), &norm, what);
    }
}

/// At kinks and with dead neurons too: small networks against jets, with `relu'(0) = 0`; the full
/// trace, whose second part is not 0.
#[test]
fn engine_vs_jets() {
    let mut rng = rng(24);
    let (mut by_gradient, mut by_trace) = (Tally::default(), Tally::default());
    let mut kinks = 0;
    for round in 0..420 {
        let kind = KINDS[round % KINDS.len()];
        let sizes = [1 + below(&mut rng, 2), 1 + below(&mut rng, 3)];
        let flavour = corpus::flavour(&mut rng);
        let net = corpus::network(&mut rng, kind, sizes, flavour);
        let n = 1 + below(&mut rng, 3);
        let data = corpus::samples(&mut rng, &net.shape, n, flavour);
        let loss = loss(&mut rng);
        let (indices, labels) = batch(&mut rng, n);
        let batch = (&indices[..], &labels[..]);
        let what = format!("{loss:?}, batch {batch:?} of {net:?} at {data:?}");
        let pass = Pass::of(&net, &data);
        let (certified, all) = pass.certified();
        kinks += usize::from(certified < all);
        if let Ok((_, g)) = reference::loss_and_gradient(&net, &data, batch, loss, exactly) {
            let mut gradient = Model::zeros(net.shape);
            loss_and_gradient(Isa::best(), &net, &data, batch, loss, &mut gradient);
            let computed = parameters(&gradient);
            for (p, near) in pass.gradient(loss, batch).entries().enumerate() {
                by_gradient.check(near, computed[p], &g[p], &what);
            }
        }
        if let Ok(trace) = reference::sharpness(&net, &data, loss, exactly) {
            let computed = sharpness(Isa::best(), &net, &data, loss).full;
            let near = pass.sharpness(loss, &data.y).full;
            by_trace.check(&near, computed, &trace, &what);
        }
    }
    assert!(kinks > 20, "{kinks}");
    by_gradient.is_sharp("gradient, kinks allowed", 25.0);
    by_trace.is_sharp("full trace", 25.0);
}

/// Rung 1: integer weights and inputs +-1 keep every partial sum an exact f32. The numbers that are sums
/// of products are then those of rational arithmetic, bit for bit, whatever the width.
#[test]
fn engine_vs_rational_on_integers() {
    let mut rng = rng(25);
    let mut compared = 0;
    for round in 0..600 {
        let kind = KINDS[round % 4]; // no normaliser
        let [d, m] = [1 + below(&mut rng, 8), 1 + below(&mut rng, 40)];
        let net = corpus::network(
            &mut rng,
            kind,
            [d, m.min(if kind.2 > 2 { 9 } else { 40 })],
            Flavour::Integers,
        );
        let n = 1 << below(&mut rng, 4); // dividing by it is exact
        let mut data = corpus::samples(&mut rng, &net.shape, n, Flavour::Integers);
        signs(&mut rng, &mut data, d);
        let q = |x: f32| Rational::from_f32(x).expect("finite");
        let exact = net.network(q).expect("relu");
        let x: Vec<Vec<Rational>> = (0..n)
            .map(|i| data.x.row(i)[..d].iter().map(|&x| q(x)).collect())
            .collect();
        let f = exact.outputs(&x, &x).expect("fits");
        for isa in Isa::ALL {
            assert_eq!(
                outputs(isa, &net, &data, &data)
                    .into_iter()
                    .map(q)
                    .collect::<Vec<_>>(),
                f
            );
        }
        let by_reference = reference::outputs(&net, &data, &data, |x| x).expect("finite");
        assert_eq!(by_reference.into_iter().map(q).collect::<Vec<_>>(), f);

        let indices: Vec<u32> = (0..n as u32).collect();
        let batch = (&indices[..], &data.y[..]);
        let mut gradient = Model::zeros(net.shape);
        let loss = Loss::SquaredError;
        let value = loss_and_gradient(Isa::best(), &net, &data, batch, loss, &mut gradient);
        let Ok(rows) = flatproof::sharpness::gradient::gradients(&exact, &x) else {
            continue; // a kink
        };
        compared += 1;
        let over_n = |total: Rational| total / Rational::from(n as u64);
        let errors: Vec<Rational> = f
            .iter()
            .zip(&data.y)
            .map(|(f, y)| f.clone() - q(*y))
            .collect();
        let squares = errors.iter().map(|e| e.clone().square()).sum::<Rational>();
        assert_eq!(q(value), over_n(squares));
        let mut g = vec![Rational::new(); parameters(&net).len()];
        let mut trace = Rational::new();
        for (row, e) in rows.iter().zip(&errors) {
            for (p, v) in row {
                g[*p] += Rational::from(2) * e * v;
                trace += Rational::from(2) * v.clone().square();
            }
        }
        let computed: Vec<Rational> = parameters(&gradient).into_iter().map(q).collect();
        assert_eq!(computed, g.into_iter().map(over_n).collect::<Vec<_>>());
        let by_engine = sharpness(Isa::best(), &net, &data, loss).gauss_newton;
        assert_eq!(
            Rational::from_f64(by_engine).expect("finite"),
            over_n(trace)
        );
    }
    assert!(compared > 40, "{compared}");
}

/// Inputs +-1.
fn signs(rng: &mut impl Rng, data: &mut Samples, d: usize) {
    for i in 0..data.len() {
        for x in &mut data.x.row_mut(i)[..d] {
            *x = below(rng, 2) as f32 * 2.0 - 1.0;
        }
    }
}
