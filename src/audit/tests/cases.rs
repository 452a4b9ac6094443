//! Networks worked by hand, and those that are refused.

use super::*;
use crate::audit::softplus;
use crate::scalar::Dyadic;

/// The four-neuron generaliser on {-1,1}^3, R = 2, as two copies with `|W2| = 1/2`, `z = 1`: on the bound.
fn generaliser() -> (Model, Samples) {
    let rows: Vec<[f32; 4]> = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
        .iter()
        .flat_map(|&(s, t)| [[s, t, 0.0, -1.0]; 2])
        .collect();
    let rows: Vec<&[f32]> = rows.iter().map(|row| row.as_slice()).collect();
    let last = [0.5, 0.5, -0.5, -0.5, -0.5, -0.5, 0.5, 0.5];
    let sign = |p: usize, k: usize| if p >> k & 1 == 1 { 1.0 } else { -1.0 };
    let x: Vec<[f32; 3]> = (0..8)
        .map(|p| [sign(p, 0), sign(p, 1), sign(p, 2)])
        .collect();
    let y: Vec<f32> = x.iter().map(|x| x[0] * x[1]).collect();
    let x: Vec<&[f32]> = x.iter().map(|x| x.as_slice()).collect();
    biased(&rows, &last, &x, &y)
}

#[test]
fn a_generaliser_has_gap_zero() {
    let (mut model, samples) = generaliser();
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(found.interpolates, Some(true));
    assert_eq!(found.accuracy.correct, 8);
    let sharpness = found.sharpness.unwrap();
    assert_eq!(sharpness.trace.exact.as_deref(), Some("8")); // 4 R
    for gap in [sharpness.interpolators.unwrap(), sharpness.outputs.unwrap()] {
        assert_eq!(gap.sign, Sign::Zero);
        assert_eq!(gap.bound.exact.as_deref(), Some("8"));
        assert_eq!(gap.gap.lo, gap.gap.hi);
    }
    let [layer] = found.patterns.as_slice() else {
        panic!("one hidden layer")
    };
    assert_eq!((layer.one_label.neurons, layer.active_pairs), (8, 16));
    assert_eq!(
        layer.one_label.mass.as_ref().unwrap().exact.as_deref(),
        Some("1")
    );
    assert!(found.remarks.is_empty(), "{:?}", found.remarks);

    // one unit in the last place is seen: no interpolation, and above its own bound
    model.last.row_mut(0)[0] = f32::from_bits(0.5f32.to_bits() + 1);
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(found.interpolates, Some(false));
    let sharpness = found.sharpness.unwrap();
    assert_eq!(sharpness.outputs.unwrap().sign, Sign::Positive);
    assert_eq!(sharpness.interpolators.unwrap().sign, Sign::Positive);
    // smaller outputs: below the bound for interpolators, which the remark explains
    model.last.row_mut(0)[0] = f32::from_bits(0.5f32.to_bits() - 1);
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(
        found.sharpness.unwrap().interpolators.unwrap().sign,
        Sign::Negative
    );
    assert!(found.remarks[0].contains("does not interpolate"));
}

/// f = relu(2^-149) at a label 0: the loss is 2^-298, which f64 holds and f32 does not; f's sign is known.
#[test]
fn subnormal_weights_count() {
    let tiny = f32::from_bits(1); // 2^-149
    let (model, samples) = biased(&[&[0.0, 2.0, tiny]], &[1.0], &[&[3.0, 0.0]], &[0.0]);
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(found.interpolates, Some(false));
    assert_eq!(found.accuracy.errors, [1]); // y = 0 has no sign
    assert!(found.accuracy.zero_outputs.is_empty());
    assert!(found.training_loss.lo.contains("e-90"));
    let sharpness = found.sharpness.unwrap();
    assert_eq!(
        sharpness.interpolators.unwrap().bound.exact.as_deref(),
        Some("0")
    );
    assert_eq!(sharpness.outputs.unwrap().sign, Sign::Positive);
}

/// Two neurons that cancel at every input: f = 0 exactly, where every f64 evaluation may differ.
#[test]
fn signs_of_outputs_that_cancel() {
    for architecture in [Architecture::SimLn, Architecture::SimBn] {
        let (plain, samples) = biased(
            &[&[0.3, 1.1], &[0.3, 1.1], &[-0.7, 1.3]],
            &[0.7, -0.7, 0.0],
            &[&[1.0], &[-1.0]],
            &[1.0, -1.0],
        );
        let mut shape = plain.shape;
        shape.architecture = architecture;
        let mut model = Model::zeros(shape);
        (model.first, model.last) = (plain.first, plain.last);
        if architecture == Architecture::SimBn {
            model.gamma = Matrix::vector(&[0.2, 0.2, 0.2]);
        }
        let found = audit(&model, &samples, Loss::SquaredError).unwrap();
        assert_eq!(found.accuracy.zero_outputs, [1, 2]);
        assert_eq!(found.training_loss.approximate(), 1.0);
        model.last.row_mut(0)[2] = 1e-30;
        let found = audit(&model, &samples, Loss::SquaredError).unwrap();
        assert_eq!(
            (found.accuracy.zero_outputs, found.accuracy.errors),
            (vec![], vec![2])
        );
    }
}

/// The four-neuron net of Proposition 5.2 at eps = 1/4: sharpness 2, exactly on the bound of Lemma A.12.
#[test]
fn a_layer_norm_generaliser_has_gap_zero() {
    let (plain, samples) = generaliser();
    let rows = [0, 2, 4, 6]; // one copy of each
    let shape = crate::engine::Shape {
        architecture: Architecture::SimLn,
        width: 4,
        eps: 0.25,
        ..plain.shape
    };
    let mut model = Model::zeros(shape);
    model.first = Matrix::from_fn(4, 4, |j, k| 0.5 * plain.first.row(rows[j])[k]);
    model.last = Matrix::vector(&[1.0, -1.0, -1.0, 1.0]);
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(found.interpolates, Some(true));
    let sharpness = found.sharpness.unwrap();
    assert_eq!(sharpness.trace.exact.as_deref(), Some("2"));
    assert_eq!(sharpness.interpolators.unwrap().sign, Sign::Zero);
    assert_eq!(sharpness.outputs.unwrap().sign, Sign::Zero);
    // one active neuron per input: the scale of W2 costs nothing, but then the net does not interpolate
    model.last.row_mut(0)[0] = 1.0 + f32::EPSILON;
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(found.interpolates, Some(false));
    assert_eq!(
        found.sharpness.unwrap().interpolators.unwrap().sign,
        Sign::Zero
    );
    // a neuron that reaches into other quadrants leaves the bound
    model.first.row_mut(0)[3] = 0.25;
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(
        found.sharpness.unwrap().outputs.unwrap().sign,
        Sign::Positive
    );
}

#[test]
fn kinks_are_listed_and_refused() {
    let (model, samples) = biased(&[&[1.0, 1.0, -2.0]], &[1.0], &[&[1.0, 1.0]], &[0.0]);
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert_eq!(found.kinks.count, 1);
    let sentence = "the pre-activation of neuron 1 in hidden layer 1 is 0 at training input 1";
    assert_eq!(found.kinks.first, [sentence]);
    assert_eq!(found.sharpness, None);
    assert_eq!(found.training_loss.exact.as_deref(), Some("0"));
    assert_eq!(found.accuracy.zero_outputs, [1]);
    // not quite a kink: 2^-149 is no 0
    let mut near = model.clone();
    near.first.row_mut(0)[0] = 1.0 + f32::EPSILON;
    let found = audit(&near, &samples, Loss::SquaredError).unwrap();
    assert!(found.kinks.count == 0 && found.sharpness.is_some());
    // ||h|| = eps, and a dead batch-norm neuron
    let norm = |w: f32| {
        let size = (1, 1, 1, 2);
        let (model, _) = scene_of(Architecture::SimLn, Activation::Relu, size, &[w]);
        let samples = Samples::new(&model.shape, &[vec![0.0]], vec![1.0]);
        audit(&model, &samples, Loss::SquaredError).unwrap()
    };
    assert_eq!(
        norm(0.75).kinks.first,
        ["the hidden norm equals eps at training input 1"]
    );
    assert_eq!(norm(0.5).kinks.count, 0);
    let size = (1, 2, 2, 2);
    let weights = [1.0, 2.0, 0.0, -1.0]; // neuron 1 fires at 1 and -1, neuron 2 nowhere
    let (mut model, _) = scene_of(Architecture::SimBn, Activation::Relu, size, &weights);
    model.last = Matrix::vector(&[1.0, 1.0]);
    let samples = Samples::new(&model.shape, &[vec![1.0], vec![-1.0]], vec![1.0, 1.0]);
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    let sentence = "neuron 2 is dead on the training set, so its normaliser is 0";
    assert_eq!(
        (found.kinks.first, found.sharpness),
        (vec![sentence.to_owned()], None)
    );
    assert!(found.remarks.iter().any(|r| r.contains("as in training")));
    assert_eq!(found.accuracy.correct, 2);
}

#[test]
fn odd_models_are_refused() {
    let (model, samples) = biased(&[&[1.0, 2.0]], &[1.0], &[&[1.0]], &[1.0]);
    let refused = |model: &Model, samples: &Samples, loss| audit(model, samples, loss).unwrap_err();
    let mut bad = model.clone();
    bad.first.row_mut(0)[1] = f32::NAN;
    let sentence = refused(&bad, &samples, Loss::SquaredError).to_string();
    assert_eq!(
        sentence,
        "a first-layer weight of neuron 1 is NaN, which is no number to audit"
    );
    let mut bad = model.clone();
    bad.last.row_mut(0)[0] = f32::INFINITY;
    assert!(matches!(
        refused(&bad, &samples, Loss::SquaredError),
        Refused::NotFinite { .. }
    ));
    let mut bad = model.clone();
    bad.last = Matrix::vector(&[1.0, 1.0]);
    assert!(matches!(
        refused(&bad, &samples, Loss::SquaredError),
        Refused::Malformed(_)
    ));
    let mut bad = model.clone();
    bad.shape.activation = Activation::Softplus;
    bad.shape.architecture = Architecture::SimLn;
    assert_eq!(
        refused(&bad, &samples, Loss::SquaredError),
        Refused::Unknown
    );
    let none = Samples::new(&model.shape, &[], vec![]);
    assert!(matches!(
        refused(&model, &none, Loss::SquaredError),
        Refused::Malformed(_)
    ));
    let mut bad = samples.clone();
    bad.x.row_mut(0)[1] = 2.0;
    let sentence = refused(&model, &bad, Loss::SquaredError).to_string();
    assert_eq!(sentence, "the bias coordinate of input 1 is not 1");
    for p in [0.0, 1.0, -1.0, f32::NAN] {
        let loss = Loss::Logistic { p };
        assert!(matches!(
            refused(&model, &samples, loss),
            Refused::Smoothing(_)
        ));
    }
}

#[test]
fn contradictions_and_memorisers_are_named() {
    let (model, samples) = biased(
        &[&[1.0, 0.0, -0.5], &[-1.0, 0.0, -0.5], &[0.0, 0.0, -1.0]],
        &[1.0, -1.0, 5.0],
        &[&[1.0, 1.0], &[1.0, 1.0], &[-1.0, 1.0]],
        &[1.0, -1.0, -1.0],
    );
    let found = audit(&model, &samples, Loss::SquaredError).unwrap();
    assert!(found.remarks.iter().any(|r| r.contains("two labels")));
    let layer = &found.patterns[0];
    assert_eq!(
        (
            layer.one_input.neurons,
            layer.dead.neurons,
            layer.mixed.neurons
        ),
        (2, 1, 0)
    );
    assert_eq!(
        layer.one_input.mass.as_ref().unwrap().exact.as_deref(),
        Some("1/2")
    );
    assert_eq!(found.accuracy.errors, [2]);
}

#[test]
fn exact_zeros_of_softplus() {
    let at = |z: &[f32], w: &[f32]| {
        let exact = |x: &[f32]| {
            x.iter()
                .map(|&x| Dyadic::from_f32(x).unwrap())
                .collect::<Vec<_>>()
        };
        softplus::sign(&exact(z), &exact(w), 64, 512)
    };
    // softplus(1) - softplus(-1) = 1, softplus(2) - softplus(-2) = 2
    assert_eq!(
        at(&[1.0, -1.0, 2.0, -2.0], &[2.0, -2.0, -1.0, 1.0]),
        Some(std::cmp::Ordering::Equal)
    );
    assert_eq!(
        at(&[1.0, -1.0], &[2.0, -2.0]),
        Some(std::cmp::Ordering::Greater)
    );
    assert_eq!(
        at(&[1.0, 1.0], &[2.0, -2.0]),
        Some(std::cmp::Ordering::Equal)
    );
    assert_eq!(
        at(&[1.0, 1.0 + f32::EPSILON], &[2.0, -2.0]),
        Some(std::cmp::Ordering::Less)
    );
}

#[test]
fn complete_sets_are_seen() {
    let (model, samples) = generaliser();
    let mut shape = model.shape;
    shape.architecture = Architecture::SimBn;
    let mut net = Model::zeros(shape);
    net.first = Matrix::from_fn(8, 4, |j, k| model.first.row(j)[k]);
    net.gamma = Matrix::vector(&[0.5; 8]);
    net.last = Matrix::vector(&[1.0, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0].map(|w: f32| w * 0.5));
    let found = audit(&net, &samples, Loss::SquaredError).unwrap();
    let sharpness = found.sharpness.unwrap();
    assert_eq!(
        sharpness.interpolators.unwrap().bound.exact.as_deref(),
        Some("8")
    );
    assert_eq!(sharpness.outputs.unwrap().bound.exact.as_deref(), Some("8"));
    // without one point the set is not complete
    let x: Vec<Vec<f32>> = (1..8).map(|i| samples.x.row(i)[..3].to_vec()).collect();
    let fewer = Samples::new(&shape, &x, samples.y[1..].to_vec());
    let found = audit(&net, &fewer, Loss::SquaredError).unwrap();
    assert_eq!(found.sharpness.unwrap().interpolators, None);
    assert!(found.remarks.iter().any(|r| r.contains("No lower bound")));
}

#[test]
fn audits_come_back_from_json_and_print() {
    let (model, samples) = generaliser();
    for loss in [Loss::SquaredError, Loss::Logistic { p: 0.25 }] {
        let found = audit(&model, &samples, loss).unwrap();
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Audit>(&json).unwrap(), found);
        let table = found.to_string();
        assert!(
            table.contains("trace of the Hessian") && table.contains("8 of 8"),
            "{table}"
        );
        assert!(table.lines().all(|line| line.chars().count() <= 100));
    }
}
