//! The paper's figures from finished runs: one column per run, loss above accuracy above sharpness.
//!
//! A baseline stands beside its 1-SAM run with the same range of y. The epoch axis is logarithmic, as
//! are the epochs of the measurements; epoch 0 has no place on it. Several seeds give the median as a
//! line and the least to the greatest as a band. Sharpness is drawn with the lower bound of its
//! architecture. Everything drawn was measured in f32 and yields no verdict. Tied to
//! `series_vs_measurements`.
//!
//! | file | holds |
//! |---|---|
//! | [`bound`] | the dashed line under the sharpness |
//! | [`neurons`] | Fig. 2b: the largest first-layer neurons |
//! | [`sweep`] | accuracy and sharpness against the scale of the first layer |
//! | [`table_1`] | Table 1 |
//! | `spread` | several seeds as one curve |

pub mod bound;
pub mod neurons;
mod spread;
pub mod sweep;
pub mod table_1;

use super::Job;
use crate::engine::Loss;
use crate::io::plot::{Axis, Chart, Figure, Level, Panel, Scale, Series, Style};
use crate::train::{Distribution, Measurement, Options, Phase};
use spread::spread;

/// A finished run as the figures see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Which run.
    pub job: Job,
    /// What was measured, by rising epoch.
    pub measurements: Vec<Measurement>,
}

/// What one number of a measurement is called and how it is drawn.
struct Line {
    name: &'static str,
    colour: usize,
    style: Style,
    of: fn(&Measurement) -> f64,
}

const fn line(
    name: &'static str,
    colour: usize,
    style: Style,
    of: fn(&Measurement) -> f64,
) -> Line {
    Line {
        name,
        colour,
        style,
        of,
    }
}

const LOSS: [Line; 2] = [
    line("training", 0, Style::Line, |m| m.loss),
    line("test", 1, Style::Dashed, |m| m.test_loss),
];
const ACCURACY: [Line; 2] = [
    line("training", 0, Style::Line, |m| m.train_accuracy),
    line("test", 1, Style::Dashed, |m| m.test_accuracy),
];
const SHARPNESS: [Line; 1] = [line("trace of the Hessian", 2, Style::Line, |m| {
    m.sharpness
})];

/// The number of a panel's figure: 4 of `4b`.
pub fn number_of(panel: &str) -> &str {
    panel.trim_end_matches(|c: char| c.is_ascii_alphabetic())
}

/// The figure with this number (such as `4`) from all its runs among `curves`; `None` if there is none.
pub fn figure(number: &str, curves: &[Curve]) -> Option<Figure> {
    let wanted = curves
        .iter()
        .filter(|curve| number_of(&curve.job.figure) == number);
    let runs = by_name(wanted);
    (!runs.is_empty()).then(|| side_by_side(&format!("Figure {number}"), &runs))
}

/// Runs of one name together, in the order in which the names first appear.
fn by_name<'a>(curves: impl Iterator<Item = &'a Curve>) -> Vec<Vec<&'a Curve>> {
    let mut runs: Vec<Vec<&Curve>> = Vec::new();
    for curve in curves {
        match runs
            .iter_mut()
            .find(|run| run[0].job.figure == curve.job.figure)
        {
            Some(run) => run.push(curve),
            None => runs.push(vec![curve]),
        }
    }
    runs
}

/// One column per run; the seeds of a run are one entry. A run without seeds is left out.
pub fn side_by_side(title: &str, runs: &[Vec<&Curve>]) -> Figure {
    let runs: Vec<&[&Curve]> = runs
        .iter()
        .map(Vec::as_slice)
        .filter(|run| !run.is_empty())
        .collect();
    let with_labels = runs
        .iter()
        .any(|run| run[0].job.options.distribution == Distribution::Xor);
    let mut panels: Vec<Panel> = runs.iter().map(|run| loss_chart(run)).collect();
    if with_labels {
        panels.extend(runs.iter().map(|run| accuracy_chart(run)));
    }
    panels.extend(runs.iter().map(|run| sharpness_chart(run)));
    Figure {
        title: title.to_owned(),
        note: note(&runs),
        columns: runs.len(),
        panels,
    }
}

fn chart(run: &[&Curve], y: Axis, lines: &[Line]) -> Chart {
    let series = lines.iter().map(|line| {
        let (points, band) = spread(run, line.of);
        Series {
            name: line.name.to_owned(),
            colour: line.colour,
            style: line.style,
            points,
            band,
        }
    });
    Chart {
        title: String::new(),
        x: Axis::new("", Scale::Log),
        y,
        series: series.collect(),
        levels: Vec::new(),
        marks: phase_ends(&run[0].job.options),
    }
}

/// The epochs at which a phase ends and another begins.
fn phase_ends(options: &Options) -> Vec<f64> {
    let ends = options.phases.iter().scan(0.0, |end, phase| {
        *end += phase.epochs as f64;
        Some(*end)
    });
    ends.take(options.phases.len().saturating_sub(1)).collect()
}

fn loss_chart(run: &[&Curve]) -> Panel {
    let job = &run[0].job;
    let y = match job.options.loss {
        Loss::SquaredError => Axis::new("mean squared error", Scale::Log),
        Loss::Logistic { .. } => Axis::new("logistic loss", Scale::Linear), // its minimum is not 0
    };
    Panel::Chart(Chart {
        title: format!("{}: {}", job.figure, job.title),
        ..chart(run, y, &LOSS)
    })
}

fn accuracy_chart(run: &[&Curve]) -> Panel {
    if run[0].job.options.distribution != Distribution::Xor {
        return Panel::Blank;
    }
    let y = Axis {
        range: Some((0.4, 1.02)),
        ..Axis::new("accuracy", Scale::Linear)
    };
    Panel::Chart(chart(run, y, &ACCURACY))
}

fn sharpness_chart(run: &[&Curve]) -> Panel {
    let bounds = run.iter().filter_map(|curve| bound::of(&curve.job.options));
    let least = bounds.min_by(|a, b| a.value.total_cmp(&b.value));
    let level = least.map(|bound| Level {
        name: format!("{} = {:.3}", bound.name, bound.value),
        y: bound.value,
    });
    Panel::Chart(Chart {
        x: Axis::new("epoch", Scale::Log),
        levels: level.into_iter().collect(),
        ..chart(run, Axis::new("sharpness", Scale::Log), &SHARPNESS)
    })
}

/// What the runs are, how to read the curves.
fn note(runs: &[&[&Curve]]) -> String {
    let Some(first) = runs.first() else {
        return String::new();
    };
    let options = &first[0].job.options;
    let mut note = format!(
        "d = {}, n = {}, m = {}.",
        options.input_dim, options.samples, options.width
    );
    for run in runs {
        let job = &run[0].job;
        let phases: Vec<String> = job.options.phases.iter().map(phase_in_words).collect();
        note.push_str(&format!(" {}: {}.", job.figure, phases.join("; then ")));
    }
    let seeds = runs.iter().map(|run| run.len()).max().unwrap_or(0);
    if seeds > 1 {
        note.push_str(&format!(
            " Lines: median of {seeds} seeds; bands: least to greatest."
        ));
    }
    if runs.iter().any(|run| run[0].job.options.phases.len() > 1) {
        note.push_str(" Dotted: the end of a phase.");
    }
    note.push_str(
        " All curves are measured in f32. Bounds hold at interpolating parameters; short of them the \
         trace may be smaller.",
    );
    note
}

fn phase_in_words(phase: &Phase) -> String {
    let mut words = format!(
        "η = {}, ρ = {}, batch {}",
        phase.eta, phase.rho, phase.batch
    );
    if phase.weight_decay != 0.0 {
        words.push_str(&format!(", weight decay {}", phase.weight_decay));
    }
    if let Some(norm) = phase.project {
        words.push_str(&format!(", first layer at norm {norm}"));
    }
    words.push_str(&format!(", {} epochs", phase.epochs));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::table_2;
    use crate::io::csv::{from_csv, to_csv};

    /// A curve that no run has made.
    pub(super) fn synthetic(figure: &str, seed: u64, last: f64) -> Curve {
        let job = table_2::row(figure).unwrap().seeded(seed).scaled(0.01);
        let total = job.options.epochs();
        let at = |epoch: u64| {
            let part = epoch as f64 / total as f64;
            Measurement {
                epoch,
                loss: 1.0 / (1.0 + epoch as f64),
                train_accuracy: 0.5 + 0.5 * part,
                test_loss: 2.0 / (2.0 + epoch as f64),
                test_accuracy: 0.5 + (last - 0.5) * part,
                sharpness: 300.0 - 270.0 * part + seed as f64,
            }
        };
        let measurements = crate::train::schedule::measured(&job.options)
            .into_iter()
            .map(at)
            .collect();
        Curve { job, measurements }
    }

    fn charts(figure: &Figure) -> Vec<&Chart> {
        let panels = figure.panels.iter();
        panels
            .filter_map(|panel| match panel {
                Panel::Chart(chart) => Some(chart),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn every_figure_of_the_paper() {
        let rows = table_2::rows();
        let curves: Vec<Curve> = rows
            .iter()
            .map(|row| synthetic(&row.figure, 1, 0.9))
            .collect();
        let mut columns = 0;
        for number in ["1", "2", "4", "5", "6", "7", "8", "9", "10", "11"] {
            let figure = figure(number, &curves).unwrap();
            let quantities = if number == "7" { 2 } else { 3 };
            assert_eq!(figure.panels.len(), quantities * figure.columns, "{number}");
            assert!(roxmltree::Document::parse(&figure.svg()).is_ok());
            columns += figure.columns;
        }
        assert_eq!(columns, rows.len());
        assert_eq!(figure("3", &curves), None);
        assert_eq!(figure("1", &curves[2..]), None);
    }

    #[test]
    fn series_vs_measurements() {
        let curve = synthetic("4b", 1, 0.7);
        let figure = figure("4", std::slice::from_ref(&curve)).unwrap();
        let all = charts(&figure);
        let text = to_csv(&curve.measurements).unwrap();
        let read: Vec<Measurement> = from_csv(&text).unwrap();
        assert_eq!(read, curve.measurements);
        let drawn = |chart: &Chart, k: usize| chart.series[k].points.clone();
        let expected = |of: fn(&Measurement) -> f64| -> Vec<(f64, f64)> {
            read.iter().map(|m| (m.epoch as f64, of(m))).collect()
        };
        assert_eq!(drawn(all[0], 0), expected(|m| m.loss));
        assert_eq!(drawn(all[0], 1), expected(|m| m.test_loss));
        assert_eq!(drawn(all[1], 0), expected(|m| m.train_accuracy));
        assert_eq!(drawn(all[1], 1), expected(|m| m.test_accuracy));
        assert_eq!(drawn(all[2], 0), expected(|m| m.sharpness));
        assert!(all.iter().all(|chart| chart.marks == [2000.0]));
        assert!(
            all.iter()
                .all(|chart| chart.series.iter().all(|s| s.band.is_empty()))
        );
    }

    #[test]
    fn seeds_make_a_band() {
        let curves: Vec<Curve> = [1, 2, 5]
            .iter()
            .map(|&seed| synthetic("1b", seed, 1.0))
            .collect();
        let figure = figure("1", &curves).unwrap();
        let sharpness = &charts(&figure)[2].series[0];
        let end = curves[1].measurements.last().unwrap().sharpness;
        assert_eq!(sharpness.points.last().unwrap().1, end);
        assert_eq!(sharpness.band.last(), Some(&(end - 1.0, end + 3.0)));
        assert!(figure.note.contains("median of 3 seeds"));
    }

    #[test]
    fn baseline_stands_left() {
        let curves = [
            synthetic("4a", 1, 1.0),
            synthetic("4b", 1, 0.6),
            synthetic("4b", 2, 0.6),
        ];
        let figure = figure("4", &curves).unwrap();
        assert_eq!(figure.columns, 2);
        let titles: Vec<&str> = charts(&figure).iter().map(|chart| &*chart.title).collect();
        assert!(titles[0].starts_with("4a: ") && titles[1].starts_with("4b: "));
        assert_eq!(titles[2..], [""; 4]);
        let level = &charts(&figure)[5].levels[0];
        assert_eq!(level.name, "bound 4√(d+1) = 22.271");
    }
}
