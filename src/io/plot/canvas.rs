//! SVG elements, written as they come.
//!
//! Numbers are rounded to 0.01 px and written without trailing zeros; a number that is not finite is
//! written as 0, so that no path is broken (what should not be drawn is left out before). Text is
//! escaped, and control characters, which XML 1.0 cannot hold, become spaces. Tied to `numbers` and
//! `text_is_escaped`.

use super::{colour, font};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

impl Area {
    pub(super) fn right(&self) -> f64 {
        self.x + self.w
    }
    pub(super) fn bottom(&self) -> f64 {
        self.y + self.h
    }
}

/// Which end of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Type<'a> {
    pub(super) size: f64,
    pub(super) anchor: Anchor,
    pub(super) colour: &'a str,
    pub(super) bold: bool,
    /// Read upwards.
    pub(super) upright: bool,
}

impl Type<'_> {
    pub(super) fn new(size: f64, anchor: Anchor) -> Self {
        Self {
            size,
            anchor,
            colour: colour::INK,
            bold: false,
            upright: false,
        }
    }
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pen<'a> {
    pub(super) colour: &'a str,
    pub(super) width: f64,
    /// Lengths of dashes and gaps; empty for a full line.
    pub(super) dash: &'a str,
}

impl<'a> Pen<'a> {
    pub(super) fn new(colour: &'a str, width: f64) -> Self {
        Self {
            colour,
            width,
            dash: "",
        }
    }
}

/// `value` rounded to 0.01, in as few characters as that takes.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// The data of a path.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace(pub(super) String);

impl Trace {
    pub(super) fn start(&mut self, (x, y): (f64, f64)) {
        self.push('M', x, y);
    }
    pub(super) fn to(&mut self, (x, y): (f64, f64)) {
        self.push('L', x, y);
    }
    fn push(&mut self, command: char, x: f64, y: f64) {
        self.0.push(command);
        self.0.push_str(&number(x));
        self.0.push(' ');
        self.0.push_str(&number(y));
    }
    pub(super) fn segment(from: (f64, f64), to: (f64, f64)) -> Self {
        let mut trace = Self::default();
        trace.start(from);
        trace.to(to);
        trace
    }
}

/// A drawing under way.
pub(super) struct Canvas {
    writer: Writer<Vec<u8>>,
    clips: usize,
}

impl Canvas {
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut canvas = Self {
            writer: Writer::new_with_indent(Vec::new(), b' ', 1),
            clips: 0,
        };
        let (w, h) = (number(width), number(height));
        let view = format!("0 0 {w} {h}");
        canvas.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("role", "img"),
                ("width", &w),
                ("height", &h),
                ("viewBox", &view),
                ("font-family", font::FAMILY),
            ],
        );
        canvas.element("title", &[], Some(title));
        let page = Area {
            x: 0.0,
            y: 0.0,
            w: width,
            h: height,
        };
        canvas.fill(page, "#ffffff");
        canvas
    }

    fn put(&mut self, event: Event<'_>) {
        self.writer
            .write_event(event)
            .expect("writing to memory succeeds");
    }
    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.put(Event::Start(start));
    }
    fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }
    fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: Option<&str>) {
        let Some(text) = text else {
            let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
            return self.put(Event::Empty(start));
        };
        self.open(name, attributes);
        self.put(Event::Text(BytesText::new(&printable(text))));
        self.close(name);
    }

    fn rectangle(&mut self, area: Area, more: &[(&str, &str)]) {
        let [x, y, w, h] = [area.x, area.y, area.w, area.h].map(number);
        let mut all = vec![("x", &*x), ("y", &y), ("width", &w), ("height", &h)];
        all.extend_from_slice(more);
        self.element("rect", &all, None);
    }
    /// A filled rectangle.
    pub(super) fn fill(&mut self, area: Area, colour: &str) {
        self.rectangle(area, &[("fill", colour)]);
    }
    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, area: Area, colour: &str) {
        self.rectangle(area, &[("fill", "none"), ("stroke", colour)]);
    }

    /// A path along its line.
    pub(super) fn stroke(&mut self, trace: &Trace, pen: Pen<'_>) {
        if trace.0.is_empty() {
            return;
        }
        let width = number(pen.width);
        let mut all = vec![
            ("d", trace.0.as_str()),
            ("fill", "none"),
            ("stroke", pen.colour),
            ("stroke-width", &width),
            ("stroke-linejoin", "round"),
        ];
        if !pen.dash.is_empty() {
            all.push(("stroke-dasharray", pen.dash));
        }
        self.element("path", &all, None);
    }
    /// The inside of a path, mostly transparent.
    pub(super) fn shade(&mut self, trace: &Trace, colour: &str) {
        if !trace.0.is_empty() {
            let all = [("d", &*trace.0), ("fill", colour), ("fill-opacity", "0.2")];
            self.element("path", &all, None);
        }
    }
    /// A filled circle.
    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: &str) {
        let [x, y, r] = [x, y, radius].map(number);
        let all = [("cx", &*x), ("cy", &y), ("r", &r), ("fill", colour)];
        self.element("circle", &all, None);
    }

    /// A line of text whose base line passes through the point.
    pub(super) fn text(&mut self, (x, y): (f64, f64), text: &str, look: Type<'_>) {
        if text.is_empty() {
            return;
        }
        let [x, y, size] = [x, y, look.size].map(number);
        let turn = format!("rotate(-90 {x} {y})");
        let mut all = vec![
            ("x", &*x),
            ("y", &y),
            ("font-size", &size),
            ("fill", look.colour),
        ];
        match look.anchor {
            Anchor::Start => {}
            Anchor::Middle => all.push(("text-anchor", "middle")),
            Anchor::End => all.push(("text-anchor", "end")),
        }
        if look.bold {
            all.push(("font-weight", "bold"));
        }
        if look.upright {
            all.push(("transform", &turn));
        }
        self.element("text", &all, Some(text));
    }

    /// What `draw` draws, inside `area` only.
    pub(super) fn clipped(&mut self, area: Area, draw: impl FnOnce(&mut Self)) {
        let id = format!("inside-{}", self.clips);
        self.clips += 1;
        self.open("clipPath", &[("id", &id)]);
        self.rectangle(area, &[]);
        self.close("clipPath");
        self.open("g", &[("clip-path", &format!("url(#{id})"))]);
        draw(self);
        self.close("g");
    }

    pub(super) fn finish(mut self) -> String {
        self.close("svg");
        let mut text = String::from_utf8(self.writer.into_inner()).expect("only text was written");
        text.push('\n');
        text
    }
}

/// `text` without what XML 1.0 cannot hold.
fn printable(text: &str) -> String {
    let forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.replace(forbidden, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let written = [
            1.0,
            1.5,
            1.256,
            -0.001,
            0.0,
            -2.10,
            1e5,
            f64::NAN,
            f64::INFINITY,
        ];
        let expected = ["1", "1.5", "1.26", "0", "0", "-2.1", "100000", "0", "0"];
        assert_eq!(written.map(number), expected);
    }

    #[test]
    fn text_is_escaped() {
        let mut canvas = Canvas::new(10.0, 10.0, "a<b & \u{1b}[2J\u{ffff}");
        canvas.text((0.0, 0.0), "<svg>\"&\0", Type::new(9.0, Anchor::End));
        let text = canvas.finish();
        let document = roxmltree::Document::parse(&text).unwrap();
        let texts: Vec<_> = document.descendants().filter_map(|n| n.text()).collect();
        assert!(
            texts.contains(&"a<b &  [2J ") && texts.contains(&"<svg>\"& "),
            "{texts:?}"
        );
    }
}
