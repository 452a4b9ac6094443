//! Negative controls: copies of the files' networks and data with one thing changed by a little lose claims that
//! were verified.

use super::{ALL, Checked};
use flatproof::Network;
use flatproof::casefile::Frame;
use flatproof::casefile::decide::Judge;
use flatproof::scalar::{Radical, Rational, Ring};
use flatproof::theorem::Verdict;
use rayon::prelude::*;

/// `10^-30`.
fn tiny() -> Radical {
    Radical::from_rational(Ring::pow(&Rational::from(10), 30).recip())
}

/// The weight of the first neuron in the last layer larger by `10^-30`.
fn heavier(frame: &mut Frame) {
    let last = match frame.scene.network.as_mut().unwrap() {
        Network::NoBias(net) => &mut net.last,
        Network::Bias(net) => &mut net.last,
        Network::SimBn(net) => &mut net.last,
        Network::SimLn(net) => &mut net.last,
    };
    last[0] = last[0].add(&tiny());
}

/// The label of the first sample larger by `10^-30`.
fn lifted(frame: &mut Frame) {
    let y = &mut frame.scene.data.as_mut().unwrap().y;
    y[0] = y[0].add(&tiny());
}

/// The label of the first sample with the other sign, 1 if it is 0.
fn flipped(frame: &mut Frame) {
    let y = &mut frame.scene.data.as_mut().unwrap().y;
    y[0] = match y[0] == Radical::zero() {
        true => Radical::one(),
        false => y[0].neg(),
    };
}

/// Whether a claim that was verified at some choice is refuted there after the change.
fn is_noticed(checked: &Checked, change: fn(&mut Frame)) -> bool {
    let (choices, _) = checked.file.choices().unwrap();
    choices
        .iter()
        .zip(&checked.reports)
        .any(|(choice, report)| {
            let Ok(mut frame) = checked.file.build_data(choice, 0) else {
                return false;
            };
            if checked.file.build_network(&mut frame).is_err() {
                return false;
            }
            change(&mut frame);
            let judge = Judge::new(&checked.file, choice, &frame);
            let claims = checked.file.claims.iter().zip(&report.claims);
            let mut verified = claims.filter(|(_, report)| report.verdict == Verdict::Verified);
            verified.any(|(claim, _)| judge.decide(claim).unwrap().verdict == Verdict::Refuted)
        })
}

#[test]
fn a_heavier_neuron_is_noticed() {
    let missed: Vec<&str> = ALL
        .par_iter()
        .filter(|checked| !is_noticed(checked, heavier))
        .map(|checked| checked.stem.as_str())
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn a_changed_label_is_noticed() {
    for change in [lifted, flipped] {
        let missed: Vec<&str> = ALL
            .par_iter()
            .filter(|checked| !is_noticed(checked, change))
            .map(|checked| checked.stem.as_str())
            .collect();
        // f = 1 there, whatever the labels
        assert_eq!(missed, ["lemma-a.1-printed"]);
    }
}
