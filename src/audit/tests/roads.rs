//! Every number by a second road.

use super::*;
use crate::audit::objective::{SquaredError, gauss_newton, loss, trace};
use crate::audit::points::{Point, normalised};
use crate::network::loss::{Logistic, mean_squared_error, softplus};
use crate::scalar::{Field, Jet2, Ordered, Ring};
use crate::sharpness::definition;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Un-normalised networks: every number of the audit against the same over rationals, by definition.
    #[test]
    fn audit_vs_rational_network((d, m, n) in sizes(), kind in 0usize..4, weights in wild()) {
        let (architecture, depth) = [
            (Architecture::NoBias, 2),
            (Architecture::Bias, 2),
            (Architecture::Bias, 3),
            (Architecture::Bias, 4),
        ][kind];
        let (model, samples) = scene_of(architecture, Activation::Relu, (d, m, n, depth), &weights);
        let found = audit(&model, &samples, Loss::SquaredError).unwrap();
        let data = rational_data(&Scene::new(&model, &samples).unwrap());
        let net = model.network(|w| Rational::from_f32(w).unwrap()).unwrap();
        let outputs = net.outputs(&data.x, &data.x).unwrap();
        let mse = mean_squared_error(&outputs, &data.y).unwrap();
        let work = Work::new(&model, &samples, Loss::SquaredError).unwrap();
        let (points, objective) = work.rational.as_ref().unwrap();
        prop_assert_eq!(&loss(points, objective).unwrap(), &mse);
        prop_assert_eq!(&found.training_loss, &Number::from(&mse));
        let mut other = samples.clone(); // negative control: another label is another loss
        other.y[0] = if samples.y[0] == 0.0 { 1.0 } else { -2.0 * samples.y[0] };
        let work = Work::new(&model, &other, Loss::SquaredError).unwrap();
        let (_, moved) = work.rational.as_ref().unwrap();
        let same = outputs[0].clone() * 2u32 == Rational::from(&moved.y[0] + &objective.y[0]);
        prop_assert_eq!(loss(points, moved).unwrap() == mse, same);
        prop_assert_eq!(found.interpolates, Some(mse == 0));
        prop_assert_eq!(found.kinks.count, net.kinks(&data.x).unwrap().len());
        match definition::mse_trace(&net, &data) {
            Ok(expected) => {
                let sharpness = found.sharpness.unwrap();
                prop_assert_eq!(&trace(points, objective).unwrap(), &expected);
                prop_assert_eq!(&sharpness.trace, &Number::from(&expected));
                prop_assert_eq!(&sharpness.gauss_newton, &sharpness.trace); // Tr Hess f = 0
                prop_assert_ne!(sharpness.outputs.unwrap().sign, Sign::Negative);
            }
            Err(refusal) => {
                prop_assert!(matches!(refusal, Refusal::Kink(_)));
                prop_assert_eq!(&found.sharpness, &None);
            }
        }
        let wrong: Vec<usize> =
            (0..n).filter(|&i| Rational::from(&outputs[i] * &data.y[i]) <= 0).map(|i| i + 1).collect();
        prop_assert_eq!(&found.accuracy.errors, &wrong);
        let size = |i: usize| Rational::from(&outputs[i] - &data.y[i]).abs();
        let largest = (0..n).map(size).max().unwrap();
        prop_assert_eq!(&found.residual.size, &Number::from(&largest));
        for i in 0..n {
            prop_assert_eq!(found.residual.samples.contains(&(i + 1)), size(i) == largest);
        }
    }

    /// Normalised networks, exactly: outputs, the full trace and its Gauss-Newton part by second-order
    /// jets; then the enclosures hold the exact numbers.
    #[test]
    fn audit_trace_vs_definition((d, m, n) in sizes(), batch: bool, weights in simple()) {
        let architecture = if batch { Architecture::SimBn } else { Architecture::SimLn };
        let (model, samples) = scene_of(architecture, Activation::Relu, (d, m, n, 2), &weights);
        let scene = Scene::new(&model, &samples).unwrap();
        let (data, net) = (radical_data(&scene), model.network(radical).unwrap());
        let found = audit(&model, &samples, Loss::SquaredError).unwrap();
        prop_assert_eq!(found.sharpness.is_none(), !net.kinks(&data.x).unwrap().is_empty());
        let Ok(expected) = definition::mse_trace(&net, &data) else { return Ok(()) };
        let points: Vec<Point<Radical>> = normalised(&scene, 0).unwrap().unwrap();
        let outputs: Vec<Radical> = points.iter().map(|p| p.output.clone()).collect();
        prop_assert_eq!(&outputs, &net.outputs(&data.x, &data.x).unwrap());
        let objective = SquaredError { y: data.y.clone() };
        prop_assert_eq!(&trace(&points, &objective).unwrap(), &expected);
        let flat = vec![(Radical::zero(), Radical::from_int(2)); n];
        let squares = definition::trace_from_derivatives(&net, &data.x, &flat).unwrap();
        prop_assert_eq!(&gauss_newton(&points, &objective).unwrap(), &squares);

        let work = Work::new(&model, &samples, Loss::SquaredError).unwrap();
        let (balls, objective) = (&work.enclosed, work.objective.as_ref());
        let holds = |ball: Ball, exact: &Radical| {
            let (lo, hi) = exact.enclose(BITS);
            let exact = Ball::from_bounds(lo, hi);
            ball.intersects(&exact) && !ball.intersects(&exact.add(&tiny()))
        };
        let mse = mean_squared_error(&outputs, &data.y).unwrap();
        prop_assert!(holds(loss(balls, objective).unwrap(), &mse));
        prop_assert!(holds(trace(balls, objective).unwrap(), &expected));
        prop_assert!(holds(gauss_newton(balls, objective).unwrap(), &squares));
        prop_assert_eq!(found.interpolates.unwrap_or(mse == Radical::zero()), mse == Radical::zero());
        let sharpness = found.sharpness.unwrap();
        if let Some(gap) = sharpness.outputs {
            prop_assert!(matches!(gap.sign, Sign::Zero | Sign::Positive));
        }
        let wrong = |i: &usize| outputs[*i].mul(&data.y[*i]).sign().unwrap().is_le();
        let wrong: Vec<usize> = (0..n).filter(wrong).map(|i| i + 1).collect();
        prop_assert_eq!(&found.accuracy.errors, &wrong);
    }

    /// The logistic loss, all architectures: enclosures by second-order jets over enclosures.
    #[test]
    fn logistic_trace_vs_definition((d, m, n) in sizes(), kind in 0usize..5, weights in simple()) {
        let (architecture, depth) = [
            (Architecture::NoBias, 2),
            (Architecture::Bias, 2),
            (Architecture::Bias, 3),
            (Architecture::SimBn, 2),
            (Architecture::SimLn, 2),
        ][kind];
        let (model, samples) = scene_of(architecture, Activation::Relu, (d, m, n, depth), &weights);
        let work = Work::new(&model, &samples, Loss::Logistic { p: 0.25 }).unwrap();
        let (data, net) = (ball_data(&work.scene), model.network(ball).unwrap());
        let labels: Vec<bool> = samples.y.iter().map(|y| *y > 0.0).collect();
        let expected = definition::logistic_trace(&net, &data.x, &labels, &ball(0.25));
        let Ok(expected) = expected else { return Ok(()) };
        let found = trace(&work.enclosed, work.objective.as_ref()).unwrap();
        prop_assert!(found.intersects(&expected));
        prop_assert!(!found.intersects(&expected.add(&tiny())));
        let audit = audit(&model, &samples, Loss::Logistic { p: 0.25 }).unwrap();
        if let Some(gap) = audit.sharpness.unwrap().outputs {
            prop_assert_ne!(gap.sign, Sign::Negative);
        }
    }

    /// Softplus by jets along every parameter of the formula itself.
    #[test]
    fn softplus_vs_jets((d, m, n) in sizes(), bias: bool, logistic: bool, weights in simple()) {
        let architecture = if bias { Architecture::Bias } else { Architecture::NoBias };
        let (model, samples) = scene_of(architecture, Activation::Softplus, (d, m, n, 2), &weights);
        let rule = if logistic { Loss::Logistic { p: 0.25 } } else { Loss::SquaredError };
        let work = Work::new(&model, &samples, rule).unwrap();
        let columns = model.shape.columns();
        let mut expected = Ball::zero();
        for p in 0..m * (columns + 1) {
            let at = |index: usize, w: f32| match index == p {
                true => Jet2::variable(ball(w)),
                false => Jet2::constant(ball(w)),
            };
            for i in 0..n {
                let mut f = Jet2::<Ball>::zero();
                for j in 0..m {
                    let products = samples.x.row(i).iter().enumerate().map(|(k, x)| {
                        at(j * columns + k, model.first.row(j)[k]).mul(&Jet2::constant(ball(*x)))
                    });
                    let z = products.fold(Jet2::zero(), |sum, term| sum.add(&term));
                    let last = at(m * columns + j, model.last.row(0)[j]);
                    f = f.add(&last.mul(&softplus(&z).unwrap()));
                }
                let term = match logistic {
                    false => f.sub(&Jet2::constant(ball(samples.y[i]))).square(),
                    true => {
                        let loss = Logistic::new(Jet2::constant(ball(0.25))).unwrap();
                        loss.printed(&f, samples.y[i] > 0.0).unwrap()
                    }
                };
                expected = expected.add(&term.second);
            }
        }
        let expected = expected.div(&Ball::from_int(n as i64)).unwrap();
        let found = trace(&work.enclosed, work.objective.as_ref()).unwrap();
        prop_assert!(found.intersects(&expected));
        prop_assert!(!found.intersects(&expected.add(&tiny())));
    }
}
