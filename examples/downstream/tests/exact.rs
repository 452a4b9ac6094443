//! What the crate claims, checked exactly: no tolerance anywhere.

use cube_memoriser::memorise;
use flatproof::strategies::{
    Datasets, Inputs, Instances, Kind, Labels, Options, datasets, interpolating,
};
use flatproof::{Dataset, Kink, Network, Radical, Rational, Refusal, lower_bound, sharpness};
use proptest::prelude::*;

/// Distinct points of the cube, labels other than 0.
fn points() -> Instances<Datasets> {
    let options = Options {
        inputs: Inputs::Cube,
        labels: Labels::Nonzero,
        ..Options::default()
    };
    datasets(1..=5, 2..=4, options)
}

proptest! {
    #[test]
    fn every_network_interpolates_and_is_flattest(data in points()) {
        let net = memorise(&data, data.dim() as i64 - 1)?;
        prop_assert!(net.interpolates(&data)?);
        prop_assert!(net.is_memorising(&data.x)?);
        prop_assert_eq!(sharpness(&net, &data)?, lower_bound(&net, &data)?);
    }

    /// Not so with the two layers out of balance: the same function, strictly sharper.
    #[test]
    fn out_of_balance_it_is_sharper(data in points()) {
        let Network::Bias(mut net) = memorise(&data, data.dim() as i64 - 1)? else {
            return Err(TestCaseError::fail("another architecture"));
        };
        let two = Radical::from(2);
        net.first[0].iter_mut().for_each(|w| *w = &*w * &two);
        net.last[0] = &net.last[0] * Radical::from(Rational::from((1, 2)));
        let net = Network::Bias(net);
        prop_assert!(net.interpolates(&data)?);
        prop_assert!(sharpness(&net, &data)? > lower_bound(&net, &data)?);
    }

    /// And no network that interpolates is flatter, memorising or not.
    #[test]
    fn the_bound_is_a_bound((net, data) in interpolating(Kind::Bias(2), points())) {
        prop_assert!(sharpness(&net, &data)? >= lower_bound(&net, &data)?);
    }
}

/// One threshold lower, neighbours on the cube sit on the kink of each other's neurons: there is no
/// Hessian, and none is reported.
#[test]
fn a_kink_is_refused() {
    let data: Dataset = Dataset::new([[1, 1, 1], [1, 1, -1]], [1, -1]).unwrap();
    let net: Network = memorise(&data, 1).unwrap();
    let kink = Kink::PreActivation {
        layer: 0,
        neuron: 1,
        sample: 0,
    };
    assert_eq!(net.kinks(&data.x).unwrap()[0], kink);
    assert_eq!(sharpness(&net, &data), Err(Refusal::Kink(kink)));
}

/// A label 0 has no flattest memoriser, and the builder says so instead of dividing by 0.
#[test]
fn a_label_0_is_refused() {
    let data: Dataset = Dataset::new([[1, 1, 1]], [0]).unwrap();
    assert!(matches!(memorise(&data, 2), Err(Refusal::NoValue(_))));
}
