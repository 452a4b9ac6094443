//! The font of all figures, DejaVu Sans, and how wide its text is.
//!
//! width = size / units per em x the sum of the advance widths; no kerning, which differs by less
//! than the slack of the lay-out. Tied to `widths`.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// The name by which an SVG asks for the font; other viewers fall back to their own.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";
/// The family as the font file calls itself.
pub(super) const NAME: &str = "DejaVu Sans";

/// The font file.
pub(super) fn bytes(bold: bool) -> &'static [u8] {
    if bold {
        dejavu::sans::bold()
    } else {
        dejavu::sans::regular()
    }
}

/// The width of `text` at `size` pixels per em.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    // A character is about 0.6 em wide where the font knows none.
    let guess = || 0.6 * size * text.chars().count() as f64;
    let Ok(font) = FontRef::new(bytes(bold)) else {
        return guess();
    };
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let characters = font.charmap();
    let advance = |c: char| {
        let glyph = characters.map(c).unwrap_or_default(); // glyph 0 stands for all unknown ones
        f64::from(metrics.advance_width(glyph).unwrap_or(0.0))
    };
    text.chars().map(advance).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths() {
        // "0" is 1303 of 2048 units wide
        assert!((width("0", 2048.0, false) - 1303.0).abs() < 0.5);
        assert!((width("000", 10.0, false) - 3.0 * width("0", 10.0, false)).abs() < 1e-4);
        assert!(width("0", 10.0, true) > width("0", 10.0, false));
        assert_eq!(width("", 10.0, false), 0.0);
    }

    #[test]
    fn knows_the_signs_we_use() {
        let font = FontRef::new(bytes(false)).unwrap();
        for sign in "√γηρθ±×−≥≤⁻⁰¹²³⁴⁵⁶⁷⁸⁹–…‖·".chars() {
            assert!(
                font.charmap().map(sign).is_some_and(|g| g.to_u32() > 0),
                "{sign}"
            );
        }
    }
}
