//! Experiments by name: a panel (`4b`), a figure (`4`, `figure-4`), a sweep (`init-scale`) or a part of
//! one (`init-scale-bias`).

use super::job::Job;
use super::{sweep, table_2};

/// Names of the experiments of our own.
pub const SWEEPS: [&str; 2] = ["init-scale", "full-batch-sam"];

/// Everything that has a name.
pub fn all() -> Vec<Job> {
    [
        table_2::rows(),
        sweep::init_scale(),
        sweep::full_batch_sam(),
    ]
    .concat()
}

/// What can be named as a whole.
pub fn names() -> Vec<String> {
    let panels = table_2::rows().into_iter().map(|job| job.figure);
    let sweeps = SWEEPS.map(String::from);
    panels.chain(sweeps).collect()
}

/// The jobs of a name, with seed 1; empty if there is none of that name.
pub fn named(name: &str) -> Vec<Job> {
    let name = name.to_lowercase();
    let short = ["figure-", "figure", "fig-", "fig"].iter();
    let name = short
        .filter_map(|prefix| name.strip_prefix(prefix))
        .next()
        .unwrap_or(&name);
    let belongs = |job: &Job| {
        let rest = job.figure.strip_prefix(name);
        let panel = |rest: &str| {
            let whole_figure = !name.is_empty() && name.bytes().all(|c| c.is_ascii_digit());
            whole_figure && matches!(rest, "a" | "b")
        };
        let of_sweep = SWEEPS.iter().any(|sweep| name.starts_with(sweep));
        let part = |rest: &str| of_sweep && rest.starts_with('-');
        rest.is_some_and(|rest| rest.is_empty() || panel(rest) || part(rest))
    };
    all().into_iter().filter(belongs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_what_they_say() {
        let figures =
            |name: &str| -> Vec<String> { named(name).into_iter().map(|job| job.figure).collect() };
        assert_eq!(figures("4b"), ["4b"]);
        assert_eq!(figures("Figure-4B"), ["4b"]);
        assert_eq!(figures("fig4"), ["4a", "4b"]);
        assert_eq!(figures("1"), ["1a", "1b"]);
        assert_eq!(figures("10"), ["10a", "10b"]);
        assert_eq!(figures("init-scale").len(), 28);
        assert_eq!(figures("init-scale-bias").len(), 7);
        assert_eq!(figures("init-scale-bias-0.1"), ["init-scale-bias-0.1"]);
        assert_eq!(figures("full-batch-sam").len(), 10);
        for none in ["", "4c", "b", "init", "figure-", "12", "-"] {
            assert_eq!(figures(none), [""; 0], "{none}");
        }
        for name in names() {
            assert!(!named(&name).is_empty(), "{name}");
        }
    }
}
