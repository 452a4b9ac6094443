//! Colours that people with any kind of colour vision can tell apart.
//!
//! Curves: the eight colours of Okabe and Ito (2008), black last but one and yellow, which is too
//! light for a line, darkened. Heat maps: straight lines between five colours whose lightness rises
//! from dark blue to yellow. Tied to `lightness_rises`.

/// Of axes and text.
pub(super) const INK: &str = "#222222";
/// Of ticks, small print and marks.
pub(super) const FAINT: &str = "#666666";
/// Of grid lines.
pub(super) const RULE: &str = "#e3e3e3";
/// Of cells without a number.
pub(super) const NOTHING: &str = "#cccccc";

const CURVES: [&str; 8] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#b8a900",
];

/// The colour of curve `k`.
pub(super) fn curve(k: usize) -> &'static str {
    CURVES[k % CURVES.len()]
}

type Rgb = [f64; 3];
const HEAT: [Rgb; 5] = [
    [26.0, 32.0, 90.0],
    [62.0, 84.0, 140.0],
    [112.0, 130.0, 130.0],
    [182.0, 176.0, 96.0],
    [253.0, 231.0, 76.0],
];

fn mix(part: f64) -> Rgb {
    let at = part.clamp(0.0, 1.0) * (HEAT.len() - 1) as f64;
    let k = (at as usize).min(HEAT.len() - 2);
    let t = at - k as f64;
    std::array::from_fn(|c| HEAT[k][c] + t * (HEAT[k + 1][c] - HEAT[k][c]))
}

/// Perceived lightness between 0 and 255 (ITU-R BT.601 luma).
fn luma([r, g, b]: Rgb) -> f64 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// The colour of a cell, `part` of the way from the least to the greatest, and a colour for text on it.
pub(super) fn heat(part: f64) -> (String, &'static str) {
    let colour = mix(part);
    let [r, g, b] = colour.map(|c| c.round() as u8);
    let text = if luma(colour) > 120.0 { INK } else { "#ffffff" };
    (format!("#{r:02x}{g:02x}{b:02x}"), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_rises() {
        let steps: Vec<f64> = (0..=100).map(|k| luma(mix(f64::from(k) / 100.0))).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn ends_and_beyond() {
        assert_eq!(heat(0.0), ("#1a205a".to_owned(), "#ffffff"));
        assert_eq!(heat(1.0), ("#fde74c".to_owned(), INK));
        assert_eq!(heat(7.0), heat(1.0));
        assert_eq!(heat(-7.0), heat(0.0));
    }
}
