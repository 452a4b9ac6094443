//! The numbers of a figure's curves, for other programs.
//!
//! One line per point: the panel (its place in the grid from 1, its title, what y is), the curve, the
//! point, its band. Tied to `csv_vs_series`.

use super::{Figure, Panel};
use crate::io::csv::to_csv;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Point {
    panel: usize,
    title: String,
    quantity: String,
    curve: String,
    x: f64,
    y: f64,
    least: Option<f64>,
    greatest: Option<f64>,
}

/// All curves of all charts.
pub(super) fn csv(figure: &Figure) -> String {
    let mut points = Vec::new();
    for (panel, chart) in figure.panels.iter().enumerate() {
        let Panel::Chart(chart) = chart else {
            continue;
        };
        for series in &chart.series {
            for (k, &(x, y)) in series.points.iter().enumerate() {
                let band = series.band.get(k);
                points.push(Point {
                    panel: panel + 1,
                    title: chart.title.clone(),
                    quantity: chart.y.label.clone(),
                    curve: series.name.clone(),
                    x,
                    y,
                    least: band.map(|band| band.0),
                    greatest: band.map(|band| band.1),
                });
            }
        }
    }
    to_csv(&points).expect("the records are flat")
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Chart, Scale, Series};
    use super::*;
    use crate::io::csv::from_csv;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn csv_vs_series(points in prop::collection::vec(any::<(f64, f64)>(), 1..20), band: bool, name in "[a-z ,\"\n]{0,9}") {
            let series = Series {
                name,
                band: if band { points.clone() } else { Vec::new() },
                points,
                ..Series::default()
            };
            let chart = Chart {
                y: Axis::new("loss", Scale::Log),
                series: vec![series.clone(), series.clone()],
                ..Chart::default()
            };
            let figure = Figure { title: String::new(), note: String::new(), columns: 1, panels: vec![Panel::Blank, Panel::Chart(chart)] };
            let read: Vec<Point> = from_csv(&figure.csv()).unwrap();
            prop_assert_eq!(read.len(), 2 * series.points.len());
            let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
            for (k, point) in read.iter().enumerate() {
                let (x, y) = series.points[k % series.points.len()];
                prop_assert!(same(point.x, x) && same(point.y, y));
                prop_assert_eq!((point.panel, &*point.quantity, &point.curve), (2, "loss", &series.name));
                prop_assert_eq!(point.least.map(f64::to_bits), band.then_some(x.to_bits()));
                prop_assert_eq!(point.greatest.map(f64::to_bits), band.then_some(y.to_bits()));
            }
        }
    }
}
