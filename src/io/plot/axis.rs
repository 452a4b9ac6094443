//! Axes: what has a place on them, how far they reach, and their ticks.
//!
//! A linear axis places v at v, a logarithmic one at log10 v. Ticks of a linear axis are the
//! multiples of 1, 2 or 5 times a power of ten that make at most `MOST`; those of a logarithmic one
//! are powers of ten, every k-th if there are many, with 2 and 5 times them below two decades; below
//! one decade they are the linear ones. Tied to `ticks_are_inside_and_few`.

/// At most this many labelled ticks.
const MOST: usize = 7;
/// Beyond this, differences overflow: such values have no place.
const HUGE: f64 = 1e300;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm; only positive values have a place.
    Log,
}

impl Scale {
    /// Where `v` belongs, before stretching to pixels; `None` if it has no place.
    pub fn place(self, v: f64) -> Option<f64> {
        match self {
            Self::Linear => (v.abs() <= HUGE).then_some(v),
            Self::Log => (0.0 < v && v <= HUGE).then(|| v.log10()),
        }
    }

    fn back(self, at: f64) -> f64 {
        match self {
            Self::Linear => at,
            Self::Log => 10f64.powf(at),
        }
    }
}

/// One axis of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// From and to; without it, what the data need. One with no place or no extent is ignored.
    pub range: Option<(f64, f64)>,
}

impl Axis {
    /// An axis that fits itself to the data.
    pub fn new(label: &str, scale: Scale) -> Self {
        Self {
            label: label.to_owned(),
            scale,
            range: None,
        }
    }

    /// From and to: its own range, or the least that holds the values and a little more. Never empty.
    pub fn reach(&self, values: impl Iterator<Item = f64>) -> (f64, f64) {
        if let Some((low, high)) = self.range
            && let (Some(a), Some(b)) = (self.scale.place(low), self.scale.place(high))
            && a < b
        {
            return (low, high);
        }
        let places = values.filter_map(|v| self.scale.place(v));
        let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| {
            (low.min(at), high.max(at))
        });
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        // one value, or values that f64 can hardly tell apart: make room around them
        let least = if self.scale == Scale::Log {
            0.2
        } else {
            1e-9_f64.max(low.abs() * 1e-9)
        };
        let room = if high - low < least {
            least.max(low.abs() * 0.05)
        } else {
            (high - low) * 0.04
        };
        (self.scale.back(low - room), self.scale.back(high + room))
    }
}

/// An axis stretched over pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ruler {
    scale: Scale,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Ruler {
    /// `low` at pixel `from`, `high` at `to`; both as [`Axis::reach`] gives them.
    pub(super) fn new(scale: Scale, (low, high): (f64, f64), from: f64, to: f64) -> Self {
        let place = |v: f64| scale.place(v).unwrap_or(0.0);
        Self {
            scale,
            low: place(low),
            high: place(high),
            from,
            to,
        }
    }

    /// The pixel of `v`, at most a million pixels away.
    pub(super) fn pixel(&self, v: f64) -> Option<f64> {
        let part = (self.scale.place(v)? - self.low) / (self.high - self.low);
        let pixel = self.from + part * (self.to - self.from);
        pixel.is_finite().then(|| pixel.clamp(-1e6, 1e6))
    }

    /// The ticks, from low to high.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let span = self.high - self.low;
        match self.scale {
            Scale::Linear => evenly(self.low, self.high),
            Scale::Log if span < 1.0 => {
                let inside = evenly(self.scale.back(self.low), self.scale.back(self.high));
                inside.into_iter().filter(|tick| tick.value > 0.0).collect()
            }
            Scale::Log => decades(self.low, self.high),
        }
    }
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    /// Empty for a minor tick.
    pub(super) label: String,
}

/// Multiples of 1, 2 or 5 times a power of ten.
fn evenly(low: f64, high: f64) -> Vec<Tick> {
    let Some((step, power)) = step(high - low) else {
        return Vec::new();
    };
    // an end that is a multiple but for rounding is one
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = ((last - first) as usize).min(MOST); // 0 if negative
    if last < first {
        return Vec::new();
    }
    let plain = power >= -4 && low.abs().max(high.abs()) < 1e5;
    let tick = |k: usize| {
        let multiple = first + k as f64;
        let value = if power < 0 {
            multiple * (step * 10f64.powi(-power)).round() / 10f64.powi(-power) // 0.3, not 0.30000000000000004
        } else {
            multiple * step
        };
        let label = if plain {
            format!("{value:.*}", usize::try_from(-power).unwrap_or(0))
        } else {
            scientific(value, power)
        };
        Tick {
            value,
            label: label.replace('-', "−"),
        }
    };
    (0..=count).map(tick).collect()
}

/// The least of 1, 2, 5 times a power of ten that divides `span` into fewer than `MOST` parts, and
/// the power.
fn step(span: f64) -> Option<(f64, i32)> {
    let rough = span / (MOST - 1) as f64;
    if !(rough.is_normal() && rough > 0.0) {
        return None;
    }
    let power = rough.log10().floor();
    let unit = 10f64.powf(power);
    let digit = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|digit| digit * unit >= rough);
    let (digit, power) = digit.map_or((1.0, power + 1.0), |digit| (digit, power));
    Some((digit * 10f64.powf(power), power as i32))
}

/// Powers of ten between the logarithms `low` and `high`, with minor ticks.
fn decades(low: f64, high: f64) -> Vec<Tick> {
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    let every = (((high - low) / MOST as f64).ceil() as i32).max(1);
    let close = high - low < 2.0; // so few powers that 2 and 5 times them are named too
    let plain = low >= -3.1 && high <= 3.9;
    let mut ticks = Vec::new();
    for power in first..=last {
        let unit = 10f64.powi(power);
        let named = power.rem_euclid(every) == 0;
        let parts = if every == 1 { 9 } else { 1 };
        for part in 1..=parts {
            let value = unit * f64::from(part);
            let shown = named && (part == 1 || close && matches!(part, 2 | 5));
            let label = match (shown, plain) {
                (false, _) => String::new(),
                (true, true) if power < 0 => format!("{value:.*}", power.unsigned_abs() as usize),
                (true, true) => format!("{value}"),
                (true, false) if part == 1 => format!("10{}", raised(power)),
                (true, false) => format!("{part}×10{}", raised(power)),
            };
            let at = value.log10();
            if (low..=high).contains(&at) && (every == 1 || named) {
                ticks.push(Tick { value, label });
            }
        }
    }
    ticks
}

/// `a×10ᵇ` with as many digits as a step of `10^power` needs.
fn scientific(value: f64, power: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    let digits = usize::try_from(exponent - power).unwrap_or(0);
    let text = format!("{value:.digits$e}"); // the exponent of rounding 9.99 up is its own
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{mantissa}×10{}", raised(exponent.parse().unwrap_or(0)))
}

/// An integer as superscript.
pub(super) fn raised(power: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    };
    power.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: Scale, low: f64, high: f64) -> Vec<String> {
        let ticks = Ruler::new(scale, (low, high), 0.0, 100.0).ticks();
        let named = ticks.into_iter().map(|tick| tick.label);
        named.filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn known_ticks() {
        let linear = |low, high| labels(Scale::Linear, low, high);
        assert_eq!(linear(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(linear(-1.0, 1.0), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(linear(0.0, 25.0), ["0", "5", "10", "15", "20", "25"]);
        assert_eq!(linear(0.0, 4e5), ["0", "1×10⁵", "2×10⁵", "3×10⁵", "4×10⁵"]);
        assert_eq!(
            labels(Scale::Log, 0.01, 100.0),
            ["0.01", "0.1", "1", "10", "100"]
        );
        assert_eq!(labels(Scale::Log, 1.0, 1e6).last().unwrap(), "10⁶");
        assert_eq!(labels(Scale::Log, 15.0, 220.0), ["20", "50", "100", "200"]);
        assert_eq!(
            labels(Scale::Log, 20.0, 80.0),
            ["20", "30", "40", "50", "60", "70", "80"]
        );
    }

    #[test]
    fn no_data_and_one_value() {
        for scale in [Scale::Linear, Scale::Log] {
            let axis = Axis::new("", scale);
            for values in [
                vec![],
                vec![f64::NAN],
                vec![3.0],
                vec![3.0, 3.0],
                vec![0.0],
                vec![-1e308],
            ] {
                let (low, high) = axis.reach(values.iter().copied());
                assert!(low < high, "{scale:?} {values:?}");
            }
        }
        let backwards = Axis {
            range: Some((2.0, 1.0)),
            ..Axis::default()
        };
        assert!(backwards.reach([0.0, 10.0].into_iter()).1 > 9.0);
    }

    proptest! {
        #[test]
        fn ticks_are_inside_and_few(a in prop::num::f64::ANY, b in prop::num::f64::ANY, log: bool) {
            let scale = if log { Scale::Log } else { Scale::Linear };
            let (low, high) = Axis::new("", scale).reach([a, b].into_iter());
            prop_assert!(low < high);
            let ruler = Ruler::new(scale, (low, high), 0.0, 100.0);
            let ticks = ruler.ticks();
            prop_assert!(ticks.iter().filter(|tick| !tick.label.is_empty()).count() <= MOST + 1);
            prop_assert!(ticks.len() < 100);
            for tick in ticks {
                let pixel = ruler.pixel(tick.value).unwrap();
                prop_assert!((-1e-6..=100.0 + 1e-6).contains(&pixel), "{} at {}", tick.label, pixel);
            }
        }
    }
}
