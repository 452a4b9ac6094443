//! PNG: the picture of an SVG, with our font and no other.
//!
//! Tied to `picture_vs_svg`.

use super::font;
use resvg::{render, tiny_skia, usvg};

/// Pixels per unit of the SVG.
const SCALE: f32 = 2.0;

/// There is no picture of a figure.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the figure as PNG: {0}; use the SVG")]
pub struct NoPicture(String);

/// The picture, [`SCALE`] pixels per unit.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, NoPicture> {
    let mut options = usvg::Options {
        font_family: font::NAME.to_owned(),
        ..usvg::Options::default()
    };
    for bold in [false, true] {
        let bytes = font::bytes(bold).to_vec();
        options.fontdb_mut().load_font_data(bytes);
    }
    let refuse = |why: &dyn ToString| NoPicture(why.to_string());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| refuse(&error))?;
    let size = tree.size().to_int_size();
    let size = size.scale_by(SCALE).ok_or_else(|| refuse(&"no size"))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| refuse(&"too many pixels"))?;
    let scale = tiny_skia::Transform::from_scale(SCALE, SCALE);
    render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| refuse(&error))
}
