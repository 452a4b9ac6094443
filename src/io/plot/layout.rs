//! The grid: sizes of rows and columns, title above, note below.
//!
//! Charts of one row share their frame's top, and their range of y if label and scale agree: what
//! stands side by side can be compared. Tied to `panels_do_not_overlap`.

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Type};
use super::{Chart, Figure, Panel, chart, colour, grid, heat};
use crate::io::wrap;

const WIDTH: f64 = 450.0;
const FRAME_HEIGHT: f64 = 190.0;
const MARGIN: f64 = 14.0;
const GAP: f64 = 12.0;
const NOTE_SIZE: f64 = 9.5;
const NOTE_ROW: f64 = 13.0;

fn frame_width(column: f64) -> f64 {
    column - chart::LEFT - chart::RIGHT
}

/// The figure as SVG.
pub(super) fn draw(figure: &Figure) -> String {
    let columns = figure.columns.clamp(1, figure.panels.len().max(1));
    let width = figure
        .panels
        .iter()
        .fold(WIDTH, |width, panel| match panel {
            Panel::Grid(panel) => width.max(grid::width(panel)),
            _ => width,
        });
    let width = width.min(2.0 * WIDTH);
    let rows: Vec<&[Panel]> = figure.panels.chunks(columns).collect();
    let heads: Vec<f64> = rows.iter().map(|row| head(row, width)).collect();
    let heights: Vec<f64> = rows
        .iter()
        .zip(&heads)
        .map(|(row, head)| height(row, *head))
        .collect();
    let title = if figure.title.is_empty() { 0.0 } else { 28.0 };
    let page = 2.0 * MARGIN + columns as f64 * width + (columns - 1) as f64 * GAP;
    let letters = (page - 2.0 * MARGIN) / (0.56 * NOTE_SIZE); // 0.53 em is usual for prose
    let note = wrap(&figure.note, letters as usize);
    let foot = NOTE_ROW * note.len() as f64;
    let body: f64 = heights.iter().map(|height| height + GAP).sum();
    let total = 2.0 * MARGIN + title + body + foot;
    let mut canvas = Canvas::new(page, total, &figure.title);
    let bold = Type {
        bold: true,
        ..Type::new(15.0, Anchor::Start)
    };
    canvas.text((MARGIN, MARGIN + 15.0), &figure.title, bold);
    let mut y = MARGIN + title;
    for ((row, head), height) in rows.iter().zip(&heads).zip(&heights) {
        for (k, panel) in row.iter().enumerate() {
            let area = Area {
                x: MARGIN + k as f64 * (width + GAP),
                y,
                w: width,
                h: *height,
            };
            draw_panel(&mut canvas, panel, area, *head, row);
        }
        y += height + GAP;
    }
    for (k, line) in note.iter().enumerate() {
        let small = Type {
            colour: colour::FAINT,
            ..Type::new(NOTE_SIZE, Anchor::Start)
        };
        canvas.text((MARGIN, y + NOTE_ROW * k as f64 + 8.0), line, small);
    }
    canvas.finish()
}

/// Height above the frames of a row's charts.
fn head(row: &[Panel], width: f64) -> f64 {
    let heads = row.iter().map(|panel| match panel {
        Panel::Chart(panel) => chart::head(panel, frame_width(width)),
        _ => 0.0,
    });
    heads.fold(0.0, f64::max)
}

fn height(row: &[Panel], head: f64) -> f64 {
    let heights = row.iter().map(|panel| match panel {
        Panel::Chart(panel) => head + FRAME_HEIGHT + chart::foot(panel),
        Panel::Grid(panel) => grid::height(panel),
        Panel::Heat(panel) => heat::height(panel),
        Panel::Blank => 0.0,
    });
    heights.fold(0.0, f64::max)
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, area: Area, head: f64, row: &[Panel]) {
    match panel {
        Panel::Chart(panel) => {
            let frame = Area {
                x: area.x + chart::LEFT,
                y: area.y + head,
                w: frame_width(area.w),
                h: FRAME_HEIGHT,
            };
            chart::draw(canvas, panel, frame, shared_reach(panel, row));
        }
        Panel::Grid(panel) => grid::draw(canvas, panel, area),
        Panel::Heat(panel) => heat::draw(canvas, panel, area),
        Panel::Blank => {}
    }
}

/// The range of y over all charts of the row that show the same.
fn shared_reach(chart: &Chart, row: &[Panel]) -> (f64, f64) {
    let same = |other: &Axis| other.label == chart.y.label && other.scale == chart.y.scale;
    let alike = row.iter().filter_map(|panel| match panel {
        Panel::Chart(other) if same(&other.y) => Some(other),
        _ => None,
    });
    chart.y.reach(alike.flat_map(chart::heights))
}
