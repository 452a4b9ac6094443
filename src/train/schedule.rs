//! When a run is measured, and which phase an epoch belongs to.
//!
//! Measured: at the start, after `2^k` and `3 2^k` epochs, after every sixtieth of the run, at the end
//! of every phase. That is about a hundred times, close together where curves are steep.

use super::options::{Options, Phase};
use std::collections::BTreeSet;

/// Equal parts of a run.
const PARTS: u64 = 60;

/// The numbers of finished epochs at which a run is measured, ascending; 0 and the last among them.
pub fn measured(options: &Options) -> BTreeSet<u64> {
    let total = options.epochs();
    let powers = (0..62).flat_map(|k| [1 << k, 3 << k]);
    let parts = (0..=PARTS).map(|k| (u128::from(total) * u128::from(k) / u128::from(PARTS)) as u64);
    let ends = options.phases.iter().scan(0_u64, |end, phase| {
        *end = end.saturating_add(phase.epochs);
        Some(*end)
    });
    let all = powers.chain(parts).chain(ends);
    all.filter(|&epoch| epoch <= total).collect()
}

/// The phase of an epoch (from 0), with its place; `None` from the end of the run on.
pub fn phase_of(options: &Options, epoch: u64) -> Option<(usize, &Phase)> {
    let mut end = 0_u64;
    options.phases.iter().enumerate().find(|(_, phase)| {
        end = end.saturating_add(phase.epochs);
        epoch < end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(epochs: &[u64]) -> Options {
        let phase = |&epochs| Phase {
            epochs,
            ..Phase::default()
        };
        Options {
            phases: epochs.iter().map(phase).collect(),
            ..Options::default()
        }
    }

    #[test]
    fn about_a_hundred_measurements() {
        for epochs in [&[100_000][..], &[200_000, 400_000], &[1_000, 100_000]] {
            let options = run(epochs);
            let at = measured(&options);
            assert!((80..110).contains(&at.len()), "{}", at.len());
            let needed = [0, 1, epochs[0], options.epochs()];
            assert!(needed.iter().all(|epoch| at.contains(epoch)));
        }
        assert_eq!(measured(&run(&[3])), BTreeSet::from([0, 1, 2, 3]));
        assert_eq!(measured(&run(&[1])), BTreeSet::from([0, 1]));
    }

    #[test]
    fn phases_follow_each_other() {
        let options = run(&[2, 0, 3]);
        let phases: Vec<_> = (0..6)
            .map(|e| phase_of(&options, e).map(|(k, _)| k))
            .collect();
        assert_eq!(phases, [Some(0), Some(0), Some(2), Some(2), Some(2), None]);
        assert_eq!(phase_of(&options, u64::MAX), None);
    }
}
