//! Limits, scaling and JSON of the options.

use super::*;
use proptest::prelude::*;

#[test]
fn refusals_say_what_and_why() {
    type Change = fn(&mut Options);
    let table: &[(Change, &str)] = &[
        (
            |o| o.input_dim = 1,
            "the dimension d must be 2 to 1024, not 1",
        ),
        (|o| o.width = 0, "the width must be 1 to 4096, not 0"),
        (|o| o.width = usize::MAX, "the width must be"),
        (|o| o.depth = 9, "the depth must be 2 to 8, not 9"),
        (|o| o.samples = 5000, "the number of samples n must be"),
        (|o| o.test_samples = 0, "the test set must be"),
        (
            |o| o.curve_samples = 200_000,
            "along the run must be 1 to 100000",
        ),
        (
            |o| o.phases.clear(),
            "the number of phases must be 1 to 64, not 0",
        ),
        (
            |o| (o.width, o.depth) = (4096, 4),
            "the number of parameters",
        ),
        (
            |o| (o.test_samples, o.input_dim) = (1_000_000, 100),
            "the test set's numbers",
        ),
        (
            |o| o.phases[0].epochs = 0,
            "the number of epochs must be 1 to",
        ),
        (
            |o| {
                o.phases = vec![
                    Phase {
                        epochs: u64::MAX,
                        ..Phase::default()
                    };
                    2
                ]
            },
            "the number of epochs",
        ),
        (|o| o.eps = 0.0, "eps of layer norm must be positive"),
        (
            |o| o.init_scale = f32::NAN,
            "must be positive and finite, not NaN",
        ),
        (|o| o.gamma = 0.0, "gamma must be finite and not 0"),
        (
            |o| o.label_noise = -1.0,
            "the label noise must be at least 0",
        ),
        (
            |o| o.loss = Loss::Logistic { p: 1.0 },
            "the label smoothing p",
        ),
        (
            |o| (o.architecture, o.depth) = (Architecture::SimLn, 3),
            "only the biased",
        ),
        (
            |o| (o.architecture, o.activation) = (Architecture::SimBn, Activation::Softplus),
            "softplus needs",
        ),
        (
            |o| (o.label_noise, o.loss) = (0.1, Loss::Logistic { p: 0.2 }),
            "label noise needs",
        ),
        (
            |o| o.phases[0].eta = 0.0,
            "the learning rate eta must be positive",
        ),
        (|o| o.phases[0].rho = f32::INFINITY, "the radius rho"),
        (|o| o.phases[0].weight_decay = -0.1, "the weight decay"),
        (
            |o| o.phases[0].batch = 101,
            "the batch must be 1 to 100, not 101",
        ),
        (
            |o| o.phases[0].project = Some(0.0),
            "the norm to project to",
        ),
    ];
    assert_eq!(Options::default().check(), Ok(()));
    for (change, needle) in table {
        let mut options = Options::default();
        change(&mut options);
        let Refused(sentence) = options.check().unwrap_err();
        assert!(sentence.contains(needle), "{sentence}");
    }
}

#[test]
fn scaling_keeps_at_least_one_epoch() {
    let epochs = |scale| Options::default().scaled(scale).epochs();
    assert_eq!((epochs(1.0), epochs(0.01), epochs(0.0)), (100_000, 1000, 1));
    assert_eq!(epochs(f64::INFINITY), u64::MAX);
    assert!(Options::default().scaled(f64::INFINITY).check().is_err());
}

proptest! {
    #[test]
    fn round_trip_through_json(bits in prop::array::uniform4(0..0x7f80_0000_u32), seed: u64) {
        let [eps, scale, eta, norm] = bits.map(f32::from_bits);
        let phase = Phase { eta, project: Some(norm), ..Phase::default() };
        let options = Options { eps, init_scale: scale, seed, phases: vec![phase; 2], ..Options::default() };
        let text = serde_json::to_string(&options).unwrap();
        prop_assert_eq!(serde_json::from_str::<Options>(&text).unwrap(), options);
    }
}
