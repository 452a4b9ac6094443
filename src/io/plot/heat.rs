//! A heat map: coloured cells with their numbers, names of rows and columns, and the colour scale.
//!
//! colour = (value - least) / (greatest - least) along the colours; a cell without a number is grey.
//! Tied to `heat_maps_print_their_numbers`.

use super::canvas::{Anchor, Area, Canvas, Type};
use super::chart::TITLE;
use super::{Heat, colour, font};

const CELL: f64 = 30.0;
const SIZE: f64 = 10.5;
const BAR: f64 = 12.0;
/// Left of the cells, for the label of the rows.
const LABEL: f64 = 20.0;
/// Right of the cells, for the colour scale.
const SCALE: f64 = 92.0;
const BELOW: f64 = 42.0;

fn names_width(heat: &Heat) -> f64 {
    let widths = heat.rows.iter().map(|name| font::width(name, SIZE, false));
    widths.fold(0.0, f64::max) + 8.0
}

fn head(heat: &Heat) -> f64 {
    if heat.title.is_empty() { 6.0 } else { TITLE }
}

/// Height of the whole panel.
pub(super) fn height(heat: &Heat) -> f64 {
    head(heat) + CELL * heat.rows.len() as f64 + BELOW
}

/// The least and the greatest number, and a positive distance even if they agree.
fn reach(heat: &Heat) -> (f64, f64) {
    let all = heat
        .values
        .iter()
        .flatten()
        .copied()
        .filter(|v| v.is_finite());
    let found = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
        (a.min(v), b.max(v))
    });
    let (low, high) = heat.range.unwrap_or(found);
    if low < high && (high - low).is_finite() {
        (low, high)
    } else if low.is_finite() {
        (low, low + 1.0)
    } else {
        (0.0, 1.0)
    }
}

/// Draws the map into `area`, from its top.
pub(super) fn draw(canvas: &mut Canvas, heat: &Heat, area: Area) {
    let bold = Type {
        bold: true,
        ..Type::new(12.0, Anchor::Start)
    };
    canvas.text((area.x, area.y + 13.0), &heat.title, bold);
    let left = area.x + LABEL + names_width(heat);
    let cells = Area {
        x: left,
        y: area.y + head(heat),
        w: (area.right() - SCALE - left).max(1.0),
        h: CELL * heat.rows.len() as f64,
    };
    let width = cells.w / heat.columns.len().max(1) as f64;
    let (low, high) = reach(heat);
    for (i, name) in heat.rows.iter().enumerate() {
        let top = cells.y + CELL * i as f64;
        canvas.text(
            (left - 6.0, top + CELL / 2.0 + 3.8),
            name,
            Type::new(SIZE, Anchor::End),
        );
        for k in 0..heat.columns.len() {
            let value = heat.values.get(i).and_then(|row| row.get(k)).copied();
            let cell = Area {
                x: left + width * k as f64,
                y: top,
                w: width,
                h: CELL,
            };
            draw_cell(canvas, heat, value.unwrap_or(f64::NAN), cell, (low, high));
        }
    }
    for (k, name) in heat.columns.iter().enumerate() {
        let middle = left + width * (k as f64 + 0.5);
        canvas.text(
            (middle, cells.bottom() + 15.0),
            name,
            Type::new(SIZE, Anchor::Middle),
        );
    }
    canvas.frame(cells, colour::INK);
    let label = Type::new(11.0, Anchor::Middle);
    canvas.text(
        (left + cells.w / 2.0, cells.bottom() + 33.0),
        &heat.x_label,
        label,
    );
    let upright = Type {
        upright: true,
        ..label
    };
    canvas.text(
        (area.x + 13.0, cells.y + cells.h / 2.0),
        &heat.y_label,
        upright,
    );
    draw_scale(canvas, heat, cells, (low, high));
}

fn draw_cell(canvas: &mut Canvas, heat: &Heat, value: f64, cell: Area, (low, high): (f64, f64)) {
    if !value.is_finite() {
        return canvas.fill(cell, colour::NOTHING);
    }
    let (fill, ink) = colour::heat((value - low) / (high - low));
    canvas.fill(cell, &fill);
    let text = format!("{value:.*}", heat.decimals);
    let size = (SIZE * (cell.w - 4.0) / font::width(&text, SIZE, false)).min(SIZE);
    if size >= 5.0 {
        let look = Type {
            colour: ink,
            ..Type::new(size, Anchor::Middle)
        };
        canvas.text(
            (cell.x + cell.w / 2.0, cell.y + CELL / 2.0 + 3.8),
            &text,
            look,
        );
    }
}

fn draw_scale(canvas: &mut Canvas, heat: &Heat, cells: Area, (low, high): (f64, f64)) {
    const STEPS: usize = 32;
    let left = cells.right() + 18.0;
    let step = cells.h / STEPS as f64;
    for k in 0..STEPS {
        let (fill, _) = colour::heat((k as f64 + 0.5) / STEPS as f64);
        let piece = Area {
            x: left,
            y: cells.bottom() - step * (k + 1) as f64,
            w: BAR,
            h: step + 0.3, // no hairline between pieces
        };
        canvas.fill(piece, &fill);
    }
    let small = Type::new(SIZE, Anchor::Start);
    for (value, y) in [(high, cells.y + 8.0), (low, cells.bottom())] {
        canvas.text(
            (left + BAR + 4.0, y),
            &format!("{value:.*}", heat.decimals),
            small,
        );
    }
    let upright = Type {
        upright: true,
        ..Type::new(SIZE, Anchor::Middle)
    };
    canvas.text(
        (left + BAR + 16.0, cells.y + cells.h / 2.0),
        &heat.value_label,
        upright,
    );
}
