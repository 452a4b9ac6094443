//! Several seeds as one curve: the median, and from the least to the greatest.
//!
//! Only epochs at which every seed was measured count. Where a number of any seed is not finite the
//! curve has a gap. Tied to `median_and_ends`.

use super::Curve;
use crate::train::Measurement;
use std::collections::BTreeMap;

/// `(epoch, median)` and `(least, greatest)`; no band for a single seed.
type Spread = (Vec<(f64, f64)>, Vec<(f64, f64)>);

/// The curve of `of` over the seeds of a run.
pub(super) fn spread(run: &[&Curve], of: fn(&Measurement) -> f64) -> Spread {
    let mut at: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for curve in run {
        for measurement in &curve.measurements {
            at.entry(measurement.epoch)
                .or_default()
                .push(of(measurement));
        }
    }
    let whole = at
        .into_iter()
        .filter(|(_, values)| values.len() == run.len());
    let (points, band): Spread = whole
        .map(|(epoch, values)| {
            let (least, median, greatest) = summary(&values);
            ((epoch as f64, median), (least, greatest))
        })
        .unzip();
    let band = if run.len() > 1 { band } else { Vec::new() };
    (points, band)
}

/// Least, median and greatest; NaN if there is none or one is not finite.
pub(super) fn summary(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (Some(&least), Some(&greatest)) = (sorted.first(), sorted.last()) else {
        return (f64::NAN, f64::NAN, f64::NAN);
    };
    if sorted.iter().any(|value| !value.is_finite()) {
        return (f64::NAN, f64::NAN, f64::NAN);
    }
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    let median = if low == high {
        low
    } else {
        low / 2.0 + high / 2.0
    };
    (least, median, greatest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_ends() {
        assert_eq!(summary(&[3.0, 1.0, 2.0]), (1.0, 2.0, 3.0));
        assert_eq!(summary(&[4.0, 1.0]), (1.0, 2.5, 4.0));
        assert_eq!(summary(&[0.3]), (0.3, 0.3, 0.3));
        assert!(summary(&[]).1.is_nan());
        assert!(summary(&[1.0, f64::NAN]).0.is_nan());
        assert!(summary(&[1.0, f64::INFINITY]).2.is_nan());
    }

    #[test]
    fn only_epochs_of_all_seeds() {
        let whole = super::super::tests::synthetic("1a", 1, 1.0);
        let mut short = whole.clone();
        short.measurements.truncate(4);
        let (points, band) = spread(&[&whole, &short], |m| m.loss);
        assert_eq!((points.len(), band.len()), (4, 4));
        assert_eq!(
            spread(&[&whole], |m| m.loss).0.len(),
            whole.measurements.len()
        );
        assert_eq!(spread(&[], |m| m.loss), (vec![], vec![]));
    }
}
