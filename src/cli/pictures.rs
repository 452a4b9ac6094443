//! The figures of finished runs, and Table 1: where runs and theory cases meet.
//!
//! | below `--out/figures` | is |
//! |---|---|
//! | `figure-4.svg`, `.png`, `.csv` | a figure of the paper, from the panels that were run |
//! | `figure-2b.*` | the neurons of the first Sim-BN run |
//! | `table-1.*` | Table 1, if one of its rows was run |
//! | `init-scale.*`, `init-scale-bias.*` | where the start leads, and how |
//! | `full-batch-sam-bias.*` | full-batch SAM beside 1-SAM |

use super::Unusable;
use crate::engine::Architecture;
use crate::experiment::figures::sweep::{Point, by_scale, phase_diagram};
use crate::experiment::figures::table_1::{Answer, Row, Table1};
use crate::experiment::figures::{Curve, bound, figure, neurons, number_of, side_by_side};
use crate::experiment::{Job, Record, Runner, checkpoint};
use crate::io::plot::Figure;
use crate::io::write_atomic;
use crate::theorem::{Form, Run, Size, Verdict, find};
use crate::train::Measurement;
use std::path::{Path, PathBuf};

/// What was drawn.
pub(super) struct Pictures {
    /// The files.
    pub(super) paths: Vec<PathBuf>,
    /// Table 1, if one of its rows was run.
    pub(super) table_1: Option<Table1>,
}

/// Draws everything the runs allow; a record belongs to the job of its place.
pub(super) fn draw(runner: &Runner, jobs: &[Job], runs: &[Record]) -> Result<Pictures, Unusable> {
    let folder = runner.out.join("figures");
    let curves: Vec<Curve> = jobs
        .iter()
        .zip(runs)
        .map(|(job, run)| Curve {
            job: job.clone(),
            measurements: run.curve.clone(),
        })
        .collect();
    let mut figures: Vec<(String, Figure)> = Vec::new();
    for number in distinct(curves.iter().map(|curve| number_of(&curve.job.figure))) {
        let of_the_paper = number.bytes().all(|c| c.is_ascii_digit());
        if let Some(figure) = figure(number, &curves).filter(|_| of_the_paper) {
            figures.push((format!("figure-{number}"), figure));
        }
    }
    if let Some(job) = jobs.iter().find(|job| job.figure == "2a") {
        let saved = checkpoint::read(&runner.checkpoint(job)).map_err(Unusable::from_error)?;
        let figure = neurons::neurons(&saved.model).figure("Figure 2b");
        figures.push(("figure-2b".into(), figure));
    }
    figures.extend(init_scale(&curves, runs));
    figures.extend(full_batch_sam(&curves));
    let table_1 = table_1(runs);
    let mut paths = Vec::new();
    if let Some(table) = &table_1 {
        figures.push(("table-1".into(), table.figure()));
        let path = folder.join("table-1.csv");
        write_atomic(&path, table.csv()).map_err(Unusable::from_error)?;
        paths.push(path);
    }
    for (stem, figure) in figures {
        paths.extend(save(&folder, &stem, &figure)?);
    }
    Ok(Pictures { paths, table_1 })
}

fn save(folder: &Path, stem: &str, figure: &Figure) -> Result<Vec<PathBuf>, Unusable> {
    figure
        .save(&folder.join(stem))
        .map_err(Unusable::from_error)
}

/// Each name once, in the order of its first appearance.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

/// The architecture of a point such as `init-scale-sim-ln-0.1`.
fn group_of(point: &str) -> Option<&str> {
    point
        .strip_prefix("init-scale-")?
        .rsplit_once('-')
        .map(|(group, _)| group)
}

/// The phase diagram, and one figure per architecture.
fn init_scale(curves: &[Curve], runs: &[Record]) -> Vec<(String, Figure)> {
    let point = |run: &Record| {
        let line = bound::of(&run.options)?;
        let at_end = |of: fn(&Measurement) -> f64| run.last.as_ref().map_or(f64::NAN, of);
        Some(Point {
            group: group_of(&run.figure)?.into(),
            scale: run.options.init_scale.into(),
            accuracy: at_end(|last| last.test_accuracy),
            gap: at_end(|last| last.sharpness) - line.value,
        })
    };
    let points: Vec<Point> = runs.iter().filter_map(point).collect();
    let mut figures = Vec::new();
    if !points.is_empty() {
        let title = "Where the scale of the first layer leads";
        figures.push(("init-scale".into(), phase_diagram(title, &points)));
    }
    let groups = curves
        .iter()
        .filter_map(|curve| group_of(&curve.job.figure));
    for group in distinct(groups) {
        let own = |curve: &&Curve| group_of(&curve.job.figure) == Some(group);
        let own: Vec<Curve> = curves.iter().filter(own).cloned().collect();
        let title = format!("{group}: the scale of the first layer");
        figures.push((format!("init-scale-{group}"), by_scale(&title, &own)));
    }
    figures
}

/// One figure per comparison, full-batch SAM on the left.
fn full_batch_sam(curves: &[Curve]) -> Vec<(String, Figure)> {
    let pair = |curve: &'_ Curve| -> Option<String> {
        let rest = curve.job.figure.strip_prefix("full-batch-sam-")?;
        rest.rsplit_once('-').map(|(pair, _)| pair.to_owned())
    };
    let pairs: Vec<String> = curves.iter().filter_map(pair).collect();
    let compared = |name: &str| {
        let side = |side: &str| -> Vec<&Curve> {
            let figure = format!("full-batch-sam-{name}-{side}");
            curves
                .iter()
                .filter(|curve| curve.job.figure == figure)
                .collect()
        };
        let title = format!("{name}: full-batch SAM and 1-SAM");
        let figure = side_by_side(&title, &[side("full"), side("one")]);
        (format!("full-batch-sam-{name}"), figure)
    };
    distinct(pairs.iter().map(String::as_str))
        .into_iter()
        .map(compared)
        .collect()
}

/// Table 1 from the runs of its rows; none if there is no such run.
fn table_1(runs: &[Record]) -> Option<Table1> {
    use Architecture::{Bias, NoBias, SimBn, SimLn};
    let figures = [(NoBias, "1b"), (Bias, "4b"), (SimBn, "2a"), (SimLn, "6a")];
    if !runs
        .iter()
        .any(|run| figures.iter().any(|(_, figure)| run.figure == *figure))
    {
        return None;
    }
    let row = |(architecture, figure): (Architecture, &str)| {
        let own = runs.iter().filter(|run| run.figure == figure);
        Row {
            architecture,
            checked: checked(architecture),
            figure: figure.into(),
            // a run that diverged does not generalise
            accuracies: own
                .map(|run| run.last.map_or(0.0, |m| m.test_accuracy))
                .collect(),
        }
    };
    let rows = figures.map(row).into();
    Some(Table1 { rows })
}

/// What the theory cases say about "all flattest models generalise": judged here and now, on their
/// small instances.
fn checked(architecture: Architecture) -> Answer {
    // a case, its verdict that answers no, and why
    let (id, says_no, why) = match architecture {
        Architecture::NoBias => {
            let (_, verdict) = judged("dead-neuron");
            let words =
                format!("not judged: theorem-3.1 is asymptotic; see dead-neuron ({verdict})");
            return Answer { holds: None, words };
        }
        Architecture::Bias => (
            "proposition-4.1",
            Verdict::Verified,
            "a flattest net memorises",
        ),
        Architecture::SimBn => (
            "theorem-3.2",
            Verdict::Refuted,
            "near-flattest nets may err",
        ),
        Architecture::SimLn => (
            "proposition-5.1",
            Verdict::Verified,
            "a flattest net memorises",
        ),
    };
    let (found, verdict) = judged(id);
    match found {
        Some(found) if found == says_no => Answer {
            holds: Some(false),
            words: format!("no: {why} ({id} {verdict})"),
        },
        _ => Answer {
            holds: None,
            words: format!("undecided ({id} {verdict})"),
        },
    }
}

/// The verdict of a case on its small instances, and in words.
fn judged(id: &str) -> (Option<Verdict>, String) {
    let found = find(id).map(|case| (case.judge)(&Run::new(1, Size::Small), Form::Stated).verdict);
    (
        found,
        found.map_or("unknown".into(), |verdict| verdict.to_string()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_column_is_judged() {
        use Architecture::{Bias, NoBias, SimBn, SimLn};
        for architecture in [Bias, SimBn, SimLn] {
            assert_eq!(checked(architecture).holds, Some(false), "{architecture:?}");
        }
        let open = checked(NoBias);
        assert_eq!(open.holds, None);
        assert!(
            open.words.contains("dead-neuron (verified)"),
            "{}",
            open.words
        );
    }

    #[test]
    fn groups_of_points() {
        assert_eq!(group_of("init-scale-sim-ln-0.1"), Some("sim-ln"));
        assert_eq!(group_of("init-scale-bias-1"), Some("bias"));
        assert_eq!(group_of("4b"), None);
    }
}
