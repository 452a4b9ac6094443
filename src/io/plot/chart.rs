//! A chart: title, legend, frame, grid lines, marks, bands, curves, levels.
//!
//! The legend stands between the title and the frame, so that it hides no curve, and wraps to the
//! width of the frame. Tied to `path_vs_data`.

use super::axis::{Ruler, Tick};
use super::canvas::{Anchor, Area, Canvas, Pen, Trace, Type};
use super::thin::thin;
use super::{Chart, Series, Style, colour, font};

/// Space left of the frame for tick labels and the axis's name.
pub(super) const LEFT: f64 = 78.0;
/// Space right of the frame.
pub(super) const RIGHT: f64 = 14.0;
/// Height of a title.
pub(super) const TITLE: f64 = 22.0;
const LEGEND_ROW: f64 = 16.0;
const LEGEND_GAP: f64 = 16.0;
/// Length of the piece of line beside a name.
const SAMPLE: f64 = 22.0;
const SMALL: f64 = 10.5;
const LEVEL_DASH: &str = "6 3";
const DASH: &str = "5 3";

/// One entry of the legend.
struct Entry<'a> {
    name: &'a str,
    pen: Pen<'a>,
    dot: bool,
}

fn pen(series: &Series) -> Pen<'static> {
    let colour = colour::curve(series.colour);
    match series.style {
        Style::Line => Pen::new(colour, 1.5),
        Style::Dashed => Pen {
            dash: DASH,
            ..Pen::new(colour, 1.5)
        },
        Style::Dots => Pen::new(colour, 1.0),
    }
}

fn level_pen() -> Pen<'static> {
    Pen {
        dash: LEVEL_DASH,
        ..Pen::new(colour::INK, 1.2)
    }
}

/// The legend in rows that fit into `width`.
fn legend(chart: &Chart, width: f64) -> Vec<Vec<(f64, Entry<'_>)>> {
    let curves = chart.series.iter().map(|series| Entry {
        name: &series.name,
        pen: pen(series),
        dot: series.style == Style::Dots,
    });
    let levels = chart.levels.iter().map(|level| Entry {
        name: &level.name,
        pen: level_pen(),
        dot: false,
    });
    let mut rows: Vec<Vec<(f64, Entry<'_>)>> = Vec::new();
    let mut x = 0.0;
    for entry in curves.chain(levels).filter(|entry| !entry.name.is_empty()) {
        let needs = SAMPLE + 5.0 + font::width(entry.name, SMALL, false);
        if rows.is_empty() || x + needs > width {
            rows.push(Vec::new());
            x = 0.0;
        }
        if let Some(row) = rows.last_mut() {
            row.push((x, entry));
        }
        x += needs + LEGEND_GAP;
    }
    rows
}

/// Height of title and legend over a frame `width` wide.
pub(super) fn head(chart: &Chart, width: f64) -> f64 {
    let title = if chart.title.is_empty() { 0.0 } else { TITLE };
    title + LEGEND_ROW * legend(chart, width).len() as f64 + 4.0
}

/// Height below the frame.
pub(super) fn foot(chart: &Chart) -> f64 {
    if chart.x.label.is_empty() { 22.0 } else { 38.0 }
}

/// All y values that the axis should hold.
pub(super) fn heights(chart: &Chart) -> impl Iterator<Item = f64> {
    let curves = chart.series.iter().flat_map(|series| {
        let ends = series.band.iter().flat_map(|&(low, high)| [low, high]);
        series.points.iter().map(|&(_, y)| y).chain(ends)
    });
    curves.chain(chart.levels.iter().map(|level| level.y))
}

/// Draws `chart`, its frame at `frame` and its head above that.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, frame: Area, y_reach: (f64, f64)) {
    let rows = legend(chart, frame.w);
    let legend_top = frame.y - 4.0 - LEGEND_ROW * rows.len() as f64;
    let title = Type {
        bold: true,
        ..Type::new(12.0, Anchor::Start)
    };
    canvas.text((frame.x, legend_top - 7.0), &chart.title, title);
    for (k, row) in rows.iter().enumerate() {
        let y = legend_top + LEGEND_ROW * (k as f64 + 0.5);
        for (x, entry) in row {
            draw_entry(canvas, entry, (frame.x + x, y));
        }
    }
    let abscissae = chart
        .series
        .iter()
        .flat_map(|s| s.points.iter().map(|&(x, _)| x));
    let x_reach = chart.x.reach(abscissae.chain(chart.marks.iter().copied()));
    let x = Ruler::new(chart.x.scale, x_reach, frame.x, frame.right());
    let y = Ruler::new(chart.y.scale, y_reach, frame.bottom(), frame.y);
    draw_ticks(canvas, chart, frame, &x, &y);
    canvas.clipped(frame, |canvas| {
        let marks = chart.marks.iter().filter_map(|&mark| x.pixel(mark));
        for at in marks {
            let line = Trace::segment((at, frame.y), (at, frame.bottom()));
            let pen = Pen {
                dash: "2 2",
                ..Pen::new(colour::FAINT, 1.0)
            };
            canvas.stroke(&line, pen);
        }
        for series in &chart.series {
            draw_series(canvas, series, &x, &y);
        }
        for at in chart.levels.iter().filter_map(|level| y.pixel(level.y)) {
            canvas.stroke(
                &Trace::segment((frame.x, at), (frame.right(), at)),
                level_pen(),
            );
        }
    });
    canvas.frame(frame, colour::INK);
}

fn draw_entry(canvas: &mut Canvas, entry: &Entry<'_>, (x, y): (f64, f64)) {
    canvas.stroke(&Trace::segment((x, y), (x + SAMPLE, y)), entry.pen);
    if entry.dot {
        canvas.dot((x + SAMPLE / 2.0, y), 3.0, entry.pen.colour);
    }
    let text = Type::new(SMALL, Anchor::Start);
    canvas.text((x + SAMPLE + 5.0, y + 3.8), entry.name, text);
}

fn draw_ticks(canvas: &mut Canvas, chart: &Chart, frame: Area, x: &Ruler, y: &Ruler) {
    let (left, bottom) = (frame.x, frame.bottom());
    let length = |tick: &Tick| if tick.label.is_empty() { 2.5 } else { 5.0 };
    let tick_pen = Pen::new(colour::INK, 1.0);
    let grid_pen = Pen::new(colour::RULE, 1.0);
    for tick in y.ticks() {
        let Some(at) = y.pixel(tick.value) else {
            continue;
        };
        if !tick.label.is_empty() {
            canvas.stroke(&Trace::segment((left, at), (frame.right(), at)), grid_pen);
        }
        canvas.stroke(
            &Trace::segment((left - length(&tick), at), (left, at)),
            tick_pen,
        );
        canvas.text(
            (left - 8.0, at + 3.8),
            &tick.label,
            Type::new(SMALL, Anchor::End),
        );
    }
    for tick in x.ticks() {
        let Some(at) = x.pixel(tick.value) else {
            continue;
        };
        if !tick.label.is_empty() {
            canvas.stroke(&Trace::segment((at, frame.y), (at, bottom)), grid_pen);
        }
        canvas.stroke(
            &Trace::segment((at, bottom), (at, bottom + length(&tick))),
            tick_pen,
        );
        canvas.text(
            (at, bottom + 16.0),
            &tick.label,
            Type::new(SMALL, Anchor::Middle),
        );
    }
    let name = Type::new(11.0, Anchor::Middle);
    canvas.text((left + frame.w / 2.0, bottom + 31.0), &chart.x.label, name);
    let upright = Type {
        upright: true,
        ..name
    };
    canvas.text(
        (left - LEFT + 13.0, frame.y + frame.h / 2.0),
        &chart.y.label,
        upright,
    );
}

fn draw_series(canvas: &mut Canvas, series: &Series, x: &Ruler, y: &Ruler) {
    let colour = colour::curve(series.colour);
    let spot = |&(a, b): &(f64, f64)| Some((x.pixel(a)?, y.pixel(b)?));
    let pixels: Vec<_> = series.points.iter().map(spot).collect();
    let ends = |(&(a, _), &(low, high)): (&(f64, f64), &(f64, f64))| {
        Some((x.pixel(a)?, y.pixel(low)?, y.pixel(high)?))
    };
    let band: Vec<_> = series.points.iter().zip(&series.band).map(ends).collect();
    if series.style == Style::Dots {
        for (at, low, high) in band.into_iter().flatten() {
            let mut bar = Trace::segment((at, low), (at, high));
            for end in [low, high] {
                bar.start((at - 3.0, end));
                bar.to((at + 3.0, end));
            }
            canvas.stroke(&bar, Pen::new(colour, 1.2));
        }
    } else {
        shade(canvas, &band, colour);
    }
    let (trace, alone) = joined(&pixels);
    canvas.stroke(&trace, pen(series));
    let dots = if series.style == Style::Dots {
        pixels.into_iter().flatten().collect()
    } else {
        alone
    };
    for dot in dots {
        canvas.dot(dot, 3.0, colour);
    }
}

/// The path through the points, broken at gaps, and the points that have no neighbour.
fn joined(pixels: &[Option<(f64, f64)>]) -> (Trace, Vec<(f64, f64)>) {
    let kept: Vec<_> = thin(pixels).into_iter().map(|k| pixels[k]).collect();
    let (mut trace, mut alone) = (Trace::default(), Vec::new());
    for run in kept.split(Option::is_none) {
        let run: Vec<_> = run.iter().copied().flatten().collect();
        match run[..] {
            [] => {}
            [only] => alone.push(only),
            [first, ref rest @ ..] => {
                trace.start(first);
                rest.iter().for_each(|&point| trace.to(point));
            }
        }
    }
    (trace, alone)
}

/// The area between the lower and the upper ends, broken at gaps.
fn shade(canvas: &mut Canvas, band: &[Option<(f64, f64, f64)>], colour: &str) {
    let lower: Vec<_> = band.iter().map(|b| b.map(|(x, low, _)| (x, low))).collect();
    let upper: Vec<_> = band
        .iter()
        .map(|b| b.map(|(x, _, high)| (x, high)))
        .collect();
    let mut kept = thin(&lower);
    kept.extend(thin(&upper));
    kept.sort_unstable();
    kept.dedup();
    let mut trace = Trace::default();
    let kept: Vec<_> = kept.into_iter().map(|k| band[k]).collect();
    for run in kept.split(Option::is_none) {
        let run: Vec<_> = run.iter().copied().flatten().collect();
        let Some(&(x, low, _)) = run.first() else {
            continue;
        };
        trace.start((x, low));
        run[1..].iter().for_each(|&(x, low, _)| trace.to((x, low)));
        run.iter()
            .rev()
            .for_each(|&(x, _, high)| trace.to((x, high)));
        trace.0.push('Z');
    }
    canvas.shade(&trace, colour);
}
