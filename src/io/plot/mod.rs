//! Figures: plain data in, SVG and PNG out, and the numbers as CSV.
//!
//! A [`Figure`] is a grid of panels: charts, tables, heat maps. [`Figure::svg`] gives the same bytes
//! for the same figure; [`Figure::save`] also writes the PNG of that SVG, drawn with a font that is
//! part of the program. What has no place on an axis (NaN, infinite, not positive on a
//! logarithmic axis) is a gap. Long series are thinned to what the eye can tell apart.
//!
//! The lay-out is our own, on an XML writer: the plotting crates round to whole pixels, guess the
//! width of text and know neither legends beside the axes nor tables, and their bytes are not
//! promised. Tied to `same_figure_same_bytes` and `path_vs_data`.
//!
//! | file | holds |
//! |---|---|
//! | [`axis`] | scales, ranges, ticks |
//! | `layout`, `chart`, `heat`, `grid` | where panels stand, how each kind is drawn |
//! | `thin` | long series |
//! | `data` | the numbers as CSV |
//! | `canvas`, `font`, `colour` | SVG elements, text widths, colours |
//! | `raster` | PNG |

pub mod axis;
mod canvas;
mod chart;
mod colour;
mod data;
mod font;
mod grid;
mod heat;
mod layout;
mod raster;
#[cfg(test)]
mod tests;
mod thin;

pub use axis::{Axis, Scale};
pub use raster::NoPicture;

use super::{WriteError, write_atomic};
use std::path::{Path, PathBuf};

/// A grid of panels.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Above everything; may be empty.
    pub title: String,
    /// Below everything, in small print, wrapped; may be empty.
    pub note: String,
    /// Panels per row of the grid; 0 counts as 1.
    pub columns: usize,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
}

/// One field of the grid.
#[derive(Clone, Debug, PartialEq)]
pub enum Panel {
    /// Curves over two axes.
    Chart(Chart),
    /// Text in rows and columns.
    Grid(Grid),
    /// A matrix of numbers as colours.
    Heat(Heat),
    /// Nothing.
    Blank,
}

/// Curves over two axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Above the panel; may be empty.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// The curves, the first drawn first.
    pub series: Vec<Series>,
    /// Values to compare with, across the whole panel.
    pub levels: Vec<Level>,
    /// Values of x to mark, such as the ends of phases.
    pub marks: Vec<f64>,
}

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// In the legend; an empty name is left out of it.
    pub name: String,
    /// Which colour of the palette, from 0; it repeats after eight.
    pub colour: usize,
    /// How it is drawn.
    pub style: Style,
    /// `(x, y)`, in the order in which they are joined.
    pub points: Vec<(f64, f64)>,
    /// `(least, greatest)` at each point; empty without a band.
    pub band: Vec<(f64, f64)>,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// A line; its band is shaded.
    #[default]
    Line,
    /// A broken line; its band is shaded.
    Dashed,
    /// Dots joined by a thin line; its band is error bars.
    Dots,
}

/// A horizontal line with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// In the legend.
    pub name: String,
    /// Where.
    pub y: f64,
}

/// Text in rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Above the panel; may be empty.
    pub title: String,
    /// The titles of the columns.
    pub heading: Vec<String>,
    /// The rows; missing cells are empty, cells beyond the heading are dropped.
    pub rows: Vec<Vec<Field>>,
}

/// One cell of a [`Grid`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// What it says.
    pub text: String,
    /// Its background.
    pub tone: Tone,
}

/// The background of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// None.
    #[default]
    Plain,
    /// For a yes.
    Good,
    /// For a no.
    Bad,
    /// For neither.
    Doubtful,
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        Self {
            text,
            tone: Tone::Plain,
        }
    }
}

/// A matrix of numbers as colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Above the panel; may be empty.
    pub title: String,
    /// What the columns are.
    pub x_label: String,
    /// What the rows are.
    pub y_label: String,
    /// What the numbers are.
    pub value_label: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names of the rows, from the top.
    pub rows: Vec<String>,
    /// One row of numbers per name of a row; missing ones and NaN are left grey.
    pub values: Vec<Vec<f64>>,
    /// The numbers at the two ends of the colours; without them the least and the greatest.
    pub range: Option<(f64, f64)>,
    /// Decimals of the numbers printed in the cells.
    pub decimals: usize,
}

/// A figure could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no PNG of it.
    #[error(transparent)]
    NoPicture(#[from] NoPicture),
}

impl Figure {
    /// The figure as SVG 1.1: one XML document, the same bytes for the same figure.
    pub fn svg(&self) -> String {
        layout::draw(self)
    }

    /// The picture of [`Figure::svg`] as PNG, two pixels per unit of the SVG.
    ///
    /// # Errors
    /// [`NoPicture`] if the figure is too large for memory.
    pub fn png(&self) -> Result<Vec<u8>, NoPicture> {
        raster::png(&self.svg())
    }

    /// The numbers of every curve as CSV: panel, curve, x, y, band; empty without charts.
    pub fn csv(&self) -> String {
        data::csv(self)
    }

    /// Writes `stem.svg`, `stem.png` and, if there are curves, `stem.csv`, each atomically; returns
    /// their paths.
    ///
    /// # Errors
    /// [`SaveError`] as of [`write_atomic`] and [`Figure::png`].
    pub fn save(&self, stem: &Path) -> Result<Vec<PathBuf>, SaveError> {
        let named = |extension: &str| {
            let mut name = stem.as_os_str().to_owned(); // a stem may hold dots
            name.push(extension);
            PathBuf::from(name)
        };
        let svg = self.svg();
        let mut files = vec![(named(".png"), raster::png(&svg)?)];
        files.push((named(".svg"), svg.into_bytes()));
        let csv = self.csv();
        if !csv.is_empty() {
            files.push((named(".csv"), csv.into_bytes()));
        }
        for (path, contents) in &files {
            write_atomic(path, contents)?;
        }
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }
}
