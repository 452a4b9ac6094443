//! The scale of the first layer at the start: where it leads, and how.
//!
//! [`phase_diagram`]: final test accuracy, and final sharpness above the bound, against the scale;
//! one column per architecture, dots at the median of the seeds, bars from the least to the greatest.
//! [`by_scale`]: accuracy and sharpness along the runs, one colour per scale. Runs that diverged are
//! named below the figure, not drawn. Tied to `dots_vs_points`.

use super::spread::{spread, summary};
use super::{Curve, by_name};
use crate::io::plot::{Axis, Chart, Figure, Panel, Scale, Series, Style};
use crate::train::Measurement;

/// The end of one run of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What the column is called, such as the architecture.
    pub group: String,
    /// The scale of (W1, b1) at the start.
    pub scale: f64,
    /// Test accuracy at the end.
    pub accuracy: f64,
    /// Sharpness less its lower bound at the end.
    pub gap: f64,
}

/// Accuracy and gap against the scale.
pub fn phase_diagram(title: &str, points: &[Point]) -> Figure {
    let mut groups: Vec<&str> = Vec::new();
    for point in points {
        if !groups.contains(&&*point.group) {
            groups.push(&point.group);
        }
    }
    let accuracy = Axis {
        range: Some((0.4, 1.02)),
        ..Axis::new("test accuracy", Scale::Linear)
    };
    let gap = Axis::new("sharpness above the bound", Scale::Linear);
    let panel = |group: &str, k: usize| {
        let of = |point: &Point| if k == 0 { point.accuracy } else { point.gap };
        Panel::Chart(Chart {
            title: if k == 0 {
                group.to_owned()
            } else {
                String::new()
            },
            x: Axis::new(
                if k == 0 {
                    ""
                } else {
                    "scale of the first layer"
                },
                Scale::Log,
            ),
            y: [&accuracy, &gap][k].clone(),
            series: vec![dots(
                points.iter().filter(|point| point.group == group),
                of,
                [0, 2][k],
            )],
            ..Chart::default()
        })
    };
    let both = [0, 1].into_iter();
    Figure {
        title: title.to_owned(),
        note: note(points),
        columns: groups.len(),
        panels: both
            .flat_map(|k| groups.iter().map(move |group| (*group, k)))
            .map(|(group, k)| panel(group, k))
            .collect(),
    }
}

/// Medians with error bars, by rising scale.
fn dots<'a>(
    points: impl Iterator<Item = &'a Point>,
    of: impl Fn(&Point) -> f64,
    colour: usize,
) -> Series {
    let mut at: Vec<(f64, Vec<f64>)> = Vec::new();
    for point in points.filter(|point| converged(point)) {
        match at.iter_mut().find(|(scale, _)| *scale == point.scale) {
            Some((_, values)) => values.push(of(point)),
            None => at.push((point.scale, vec![of(point)])),
        }
    }
    at.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (points, band) = at
        .iter()
        .map(|(scale, values)| {
            let (least, median, greatest) = summary(values);
            ((*scale, median), (least, greatest))
        })
        .unzip();
    Series {
        name: String::new(),
        colour,
        style: Style::Dots,
        points,
        band,
    }
}

fn converged(point: &Point) -> bool {
    point.accuracy.is_finite() && point.gap.is_finite()
}

fn note(points: &[Point]) -> String {
    let mut note = "Dots: median over seeds; bars: least to greatest.".to_owned();
    let mut diverged: Vec<(String, usize)> = Vec::new();
    for point in points.iter().filter(|point| !converged(point)) {
        let name = format!("{} at {}", point.group, point.scale);
        match diverged.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => diverged.push((name, 1)),
        }
    }
    if !diverged.is_empty() {
        let list: Vec<String> = diverged
            .iter()
            .map(|(name, count)| format!("{name} ({count})"))
            .collect();
        note.push_str(&format!(" Diverged and left out: {}.", list.join(", ")));
    }
    note
}

/// Test accuracy and sharpness along the runs of one architecture, one colour per run name, with the
/// scale as its name.
pub fn by_scale(title: &str, curves: &[Curve]) -> Figure {
    let mut runs = by_name(curves.iter());
    runs.sort_by(|a, b| {
        a[0].job
            .options
            .init_scale
            .total_cmp(&b[0].job.options.init_scale)
    });
    let moved = |run: &Vec<&Curve>| run.iter().any(|curve| curve.measurements.len() > 1);
    let (runs, gone): (Vec<_>, Vec<_>) = runs.into_iter().partition(moved);
    let mut note = "Lines: median over seeds; bands: least to greatest.".to_owned();
    for run in gone {
        let scale = run[0].job.options.init_scale;
        note.push_str(&format!(" Scale {scale} diverged at once."));
    }
    let chart = |label: &str, scale, range, of: fn(&Measurement) -> f64| {
        let series = runs.iter().enumerate().map(|(colour, run)| {
            let (points, band) = spread(run, of);
            Series {
                name: format!("scale {}", run[0].job.options.init_scale),
                colour,
                style: Style::Line,
                points,
                band,
            }
        });
        Panel::Chart(Chart {
            x: Axis::new("epoch", Scale::Log),
            y: Axis {
                range,
                ..Axis::new(label, scale)
            },
            series: series.collect(),
            ..Chart::default()
        })
    };
    Figure {
        title: title.to_owned(),
        note,
        columns: 2,
        panels: vec![
            chart("test accuracy", Scale::Linear, Some((0.4, 1.02)), |m| {
                m.test_accuracy
            }),
            chart("sharpness", Scale::Log, None, |m| m.sharpness),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::synthetic;
    use super::*;

    fn point(group: &str, scale: f64, accuracy: f64) -> Point {
        Point {
            group: group.to_owned(),
            scale,
            accuracy,
            gap: 10.0 * scale - 0.05,
        }
    }

    #[test]
    fn dots_vs_points() {
        let points = [
            point("bias", 1.0, 0.6),
            point("bias", 0.1, 0.99),
            point("bias", 1.0, 0.7),
            point("bias", 1.0, 0.72),
            point("layer norm", 1.0, 0.98),
            point("bias", 1.5, f64::NAN),
        ];
        let figure = phase_diagram("scale", &points);
        assert_eq!((figure.columns, figure.panels.len()), (2, 4));
        let Panel::Chart(accuracy) = &figure.panels[0] else {
            panic!("a chart");
        };
        assert_eq!(accuracy.series[0].points, [(0.1, 0.99), (1.0, 0.7)]);
        assert_eq!(accuracy.series[0].band, [(0.99, 0.99), (0.6, 0.72)]);
        let Panel::Chart(gap) = &figure.panels[3] else {
            panic!("a chart");
        };
        assert_eq!(gap.series[0].points, [(1.0, 9.95)]);
        assert!(
            figure.note.ends_with("left out: bias at 1.5 (1)."),
            "{}",
            figure.note
        );
        assert!(roxmltree::Document::parse(&figure.svg()).is_ok());
        assert!(roxmltree::Document::parse(&phase_diagram("", &[]).svg()).is_ok());
    }

    #[test]
    fn one_colour_per_scale() {
        let curve = |scale: f32, seed| {
            let mut curve = synthetic("4b", seed, 0.8);
            curve.job.options.init_scale = scale;
            curve.job.figure = format!("bias-{scale}");
            curve
        };
        let mut gone = curve(1.5, 1);
        gone.measurements.truncate(1);
        let curves = [curve(1.0, 1), curve(0.1, 1), curve(1.0, 2), gone];
        let figure = by_scale("bias", &curves);
        assert!(figure.note.ends_with("Scale 1.5 diverged at once."));
        let Panel::Chart(chart) = &figure.panels[0] else {
            panic!("a chart");
        };
        let names: Vec<&str> = chart.series.iter().map(|s| &*s.name).collect();
        assert_eq!(names, ["scale 0.1", "scale 1"]);
        assert_eq!(
            (chart.series[0].band.len(), chart.series[1].band.is_empty()),
            (0, false)
        );
    }
}
