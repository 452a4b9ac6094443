//! A table: a bold heading, a rule, rows, cells with a tint for yes, no or neither.
//!
//! Columns are as wide as their widest cell; if that is more than there is, all shrink alike and
//! the type with them. Tied to `tables_hold_every_cell`.

use super::canvas::{Anchor, Area, Canvas, Pen, Trace, Type};
use super::chart::TITLE;
use super::{Field, Grid, Tone, colour, font};

const ROW: f64 = 24.0;
const SIZE: f64 = 11.5;
/// Between the text of two columns.
const GAP: f64 = 22.0;

fn tint(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some("#d5e8f4"),
        Tone::Bad => Some("#f8ddc8"),
        Tone::Doubtful => Some("#f3eebb"),
    }
}

/// Height of the whole panel.
pub(super) fn height(grid: &Grid) -> f64 {
    let title = if grid.title.is_empty() { 0.0 } else { TITLE };
    title + ROW * (grid.rows.len() + 1) as f64 + 6.0
}

/// The columns' widths in full, gaps included.
fn widths(grid: &Grid) -> Vec<f64> {
    let column = |k: usize| {
        let cells = grid.rows.iter().filter_map(|row| row.get(k));
        let widths = cells.map(|cell| font::width(&cell.text, SIZE, false));
        let heading = font::width(&grid.heading[k], SIZE, true);
        widths.fold(heading, f64::max) + GAP
    };
    (0..grid.heading.len()).map(column).collect()
}

/// The width the panel would like.
pub(super) fn width(grid: &Grid) -> f64 {
    widths(grid)
        .iter()
        .sum::<f64>()
        .max(font::width(&grid.title, 12.0, true))
}

/// Draws the table into `area`, from its top.
pub(super) fn draw(canvas: &mut Canvas, grid: &Grid, area: Area) {
    let mut y = area.y;
    if !grid.title.is_empty() {
        let look = Type {
            bold: true,
            ..Type::new(12.0, Anchor::Start)
        };
        canvas.text((area.x, y + 13.0), &grid.title, look);
        y += TITLE;
    }
    let widths = widths(grid);
    let shrink = (area.w / widths.iter().sum::<f64>().max(1.0)).min(1.0);
    let lefts: Vec<f64> = widths
        .iter()
        .scan(area.x, |x, w| Some(std::mem::replace(x, *x + w * shrink)))
        .collect();
    let right = area.x + widths.iter().sum::<f64>() * shrink;
    let rule = |canvas: &mut Canvas, y: f64, width: f64| {
        let pen = Pen::new(colour::INK, width);
        canvas.stroke(&Trace::segment((area.x, y), (right, y)), pen);
    };
    let heading: Vec<Field> = grid
        .heading
        .iter()
        .map(|text| Field::from(&**text))
        .collect();
    rule(canvas, y, 1.2);
    for (k, row) in std::iter::once(&heading).chain(&grid.rows).enumerate() {
        for ((cell, left), width) in row.iter().zip(&lefts).zip(&widths) {
            let field = Area {
                x: *left,
                y,
                w: width * shrink,
                h: ROW,
            };
            if let Some(colour) = tint(cell.tone) {
                canvas.fill(field, colour);
            }
            let look = Type {
                bold: k == 0,
                ..Type::new(SIZE * shrink, Anchor::Start)
            };
            canvas.text(
                (left + GAP / 2.0 * shrink, y + ROW / 2.0 + 4.0),
                &cell.text,
                look,
            );
        }
        y += ROW;
        if k == 0 {
            rule(canvas, y, 0.8);
        }
    }
    rule(canvas, y, 1.2);
}
