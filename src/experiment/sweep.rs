//! Experiments of our own, as data like Table 2.
//!
//! * `init-scale`: does the start decide Scenario II? (W1, b1) scaled by [`SCALES`] at the start, 1-SAM
//!   as in the architecture's own figure. Bias: all of Fig. 4b; the others: the first
//!   [`SHORT`] epochs of Figs. 1b, 2a, 6a.
//! * `full-batch-sam`: full-batch SAM, which leans to a small greatest eigenvalue, against 1-SAM, which
//!   leans to a small trace, with the rates, radii and number of epochs of the architecture's own figure
//!   (first phase), hence with a hundredth of the steps; for the biased network also with as many steps
//!   (`-steps`), both sides at [`SHORT`] epochs of 1-SAM.

use super::job::Job;
use super::table_2;
use crate::train::Options;

/// Factors of the first layer at the start.
pub const SCALES: [f32; 7] = [0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 1.5];
/// Epochs of the architectures that are not swept at full length.
pub const SHORT: u64 = 20_000;

/// Each architecture's name and its 1-SAM figure.
const FIGURES: [(&str, &str); 4] = [
    ("no-bias", "1b"),
    ("bias", "4b"),
    ("sim-bn", "2a"),
    ("sim-ln", "6a"),
];

fn figures() -> impl Iterator<Item = (&'static str, Options)> {
    let named = |&(name, figure)| Some((name, table_2::row(figure)?.options));
    FIGURES.iter().filter_map(named)
}

/// The first phase alone, for so many epochs.
fn first_phase(options: &Options, epochs: u64) -> Options {
    let mut options = options.clone();
    options.phases.truncate(1);
    options.phases[0].epochs = epochs;
    options
}

/// Initialisation scale against architecture, with seed 1.
pub fn init_scale() -> Vec<Job> {
    let point = |name: &str, options: &Options, init_scale: f32| {
        let options = match name {
            "bias" => options.clone(),
            _ => first_phase(options, SHORT),
        };
        Job::new(
            format!("init-scale-{name}-{init_scale}"),
            format!("{name}, 1-SAM, first layer from {init_scale} times its draw"),
            Options {
                init_scale,
                ..options
            },
        )
    };
    figures()
        .flat_map(|(name, options)| SCALES.map(|scale| point(name, &options, scale)))
        .collect()
}

/// Full-batch SAM beside 1-SAM, with seed 1.
pub fn full_batch_sam() -> Vec<Job> {
    let mut jobs = Vec::new();
    for (name, options) in figures() {
        let options = first_phase(&options, 100_000);
        jobs.push(named(name, "full", full_batch(&options, 1)));
        jobs.push(named(name, "one", options));
    }
    for (name, options) in figures().filter(|(name, _)| *name == "bias") {
        let options = first_phase(&options, SHORT);
        let name = format!("{name}-steps");
        let as_many = full_batch(&options, options.samples as u64);
        jobs.push(named(&name, "full", as_many));
        jobs.push(named(&name, "one", options));
    }
    jobs
}

/// The same with all samples in every step and `factor` times as many epochs.
fn full_batch(options: &Options, factor: u64) -> Options {
    let mut options = options.clone();
    for phase in &mut options.phases {
        phase.batch = options.samples;
        phase.epochs *= factor;
    }
    options
}

fn named(name: &str, side: &str, options: Options) -> Job {
    let figure = format!("full-batch-sam-{name}-{side}");
    let sam = if side == "full" {
        "full-batch SAM"
    } else {
        "1-SAM"
    };
    Job::new(figure, format!("{name}, {sam}"), options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn points_can_be_run_and_have_names_of_their_own() {
        let jobs = [init_scale(), full_batch_sam()].concat();
        assert_eq!(jobs.len(), 4 * 7 + 10);
        let names: BTreeSet<String> = jobs.iter().map(Job::name).collect();
        assert_eq!(names.len(), jobs.len());
        for job in &jobs {
            assert_eq!(job.options.check(), Ok(()), "{}", job.figure);
        }
    }

    #[test]
    fn sides_differ_in_what_they_say() {
        let jobs = full_batch_sam();
        for pair in jobs.chunks(2) {
            let (full, one) = (&pair[0], &pair[1]);
            assert_eq!(full.options.phases[0].batch, 100);
            assert_eq!(one.options.phases[0].batch, 1);
            let factor = if full.figure.contains("steps") {
                1
            } else {
                100
            };
            assert_eq!(one.steps(), factor * full.steps(), "{}", full.figure);
            assert_eq!(full_batch(&one.options, 100 / factor), full.options);
        }
    }

    #[test]
    fn scale_one_is_the_figure() {
        let find = |name: &str| init_scale().into_iter().find(|job| job.figure == name);
        let bias = find("init-scale-bias-1").unwrap();
        assert_eq!(bias.options, table_2::row("4b").unwrap().options);
        let small = find("init-scale-bias-0.01").unwrap();
        assert_eq!(small.options.init_scale, 0.01);
    }
}
