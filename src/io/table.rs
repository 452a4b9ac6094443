//! Plain tables for terminals: aligned columns, the last one wrapped to the width.
//!
//! line = columns `0..k-1` padded to their widest cell, two spaces apart, then the last column
//! wrapped to what is left of the width; if that is less than it needs and than [`NARROWEST`], the
//! last column goes below its row. Words are never cut, so that a path can be copied; a word longer
//! than the room runs over. Colours only if [`Look`] says so. Width is counted in characters.
//! Tied to `wrapping_keeps_every_word`.

use std::env;
use std::io::{self, IsTerminal};

/// A last column that needs more room than this stays beside the others only if it has this much.
pub const NARROWEST: usize = 36;
/// The width when the environment names none.
pub const DEFAULT_WIDTH: usize = 100;
const GAP: &str = "  ";
/// Indentation of a last column below its row.
const BELOW: usize = 4;

/// How to draw: width in characters, and whether colours are welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Characters per line.
    pub width: usize,
    /// Whether ANSI colours may be used.
    pub colour: bool,
}

impl Look {
    /// For standard output: `COLUMNS` or [`DEFAULT_WIDTH`] wide; colours on a terminal unless
    /// `NO_COLOR` is set to anything but the empty string.
    pub fn of_stdout() -> Self {
        let variable = |name| env::var_os(name).and_then(|value| value.into_string().ok());
        Self::from_parts(
            variable("COLUMNS").as_deref(),
            env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            io::stdout().is_terminal(),
        )
    }

    fn from_parts(columns: Option<&str>, no_colour: bool, terminal: bool) -> Self {
        let width = columns
            .and_then(|text| text.parse().ok())
            .filter(|&width| width > 0);
        Self {
            width: width.unwrap_or(DEFAULT_WIDTH),
            colour: terminal && !no_colour,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Plain,
    Good,
    Bad,
    Doubtful,
}

/// The text of one cell, with an optional tone. Control characters become spaces, so that a cell
/// can neither break the table nor send commands to the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    fn new(text: &str, tone: Tone) -> Self {
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        Self {
            text: text.chars().map(printable).collect(),
            tone,
        }
    }
    /// Green where colours are welcome.
    pub fn good(text: &str) -> Self {
        Self::new(text, Tone::Good)
    }
    /// Red where colours are welcome.
    pub fn bad(text: &str) -> Self {
        Self::new(text, Tone::Bad)
    }
    /// Yellow where colours are welcome.
    pub fn doubtful(text: &str) -> Self {
        Self::new(text, Tone::Doubtful)
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// `part` of this cell in its tone.
    fn painted(&self, part: &str, look: Look) -> String {
        let code = match self.tone {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Doubtful => "33",
            Tone::Plain => return part.to_owned(),
        };
        if look.colour {
            format!("\x1b[{code}m{part}\x1b[0m")
        } else {
            part.to_owned()
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, Tone::Plain)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(&text, Tone::Plain)
    }
}

/// A table under construction: a heading, then rows.
#[derive(Clone, Debug)]
pub struct Table {
    columns: usize,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these column titles.
    pub fn new<const N: usize>(titles: [&str; N]) -> Self {
        Self {
            columns: N,
            rows: vec![titles.map(Cell::from).to_vec()],
        }
    }

    /// Appends a row. Missing cells are empty; cells beyond the last title are dropped.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut cells: Vec<Cell> = cells.into_iter().collect();
        cells.resize(self.columns, Cell::from(""));
        self.rows.push(cells);
    }

    /// The table as text: titles, a rule, rows; every line ends in a newline and in no space.
    pub fn render(&self, look: Look) -> String {
        let Some(last) = self.columns.checked_sub(1) else {
            return String::new();
        };
        let widths: Vec<usize> = (0..self.columns)
            .map(|k| {
                self.rows
                    .iter()
                    .map(|row| row[k].width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let indent: usize = widths[..last].iter().map(|width| width + GAP.len()).sum();
        let beside = look.width.saturating_sub(indent);
        let layout = if beside >= widths[last].min(NARROWEST) {
            Layout {
                indent,
                room: beside,
                below: false,
            }
        } else {
            Layout {
                indent: BELOW,
                room: look.width.saturating_sub(BELOW),
                below: true,
            }
        };
        let rule = indent + widths[last].min(beside);
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            push_row(&mut text, row, &widths[..last], layout, look);
            if index == 0 {
                text.push_str(&"-".repeat(rule));
                text.push('\n');
            }
        }
        text
    }
}

/// Where the last column goes: its indentation, its width, and whether it starts a line of its own.
#[derive(Clone, Copy)]
struct Layout {
    indent: usize,
    room: usize,
    below: bool,
}

/// One row: its first line carries all columns, or all but the last if that goes below; further
/// lines carry the rest of the last column.
fn push_row(text: &mut String, row: &[Cell], widths: &[usize], layout: Layout, look: Look) {
    let mut start = String::new();
    for (cell, width) in row.iter().zip(widths) {
        start.push_str(&cell.painted(&cell.text, look));
        start.push_str(&" ".repeat(width - cell.width()));
        start.push_str(GAP);
    }
    let last = &row[widths.len()];
    let lines = wrap(&last.text, layout.room);
    let mut lines = lines.iter().map(|line| last.painted(line, look));
    if !layout.below {
        start.extend(lines.next());
    }
    text.push_str(start.trim_end());
    text.push('\n');
    for line in lines {
        text.push_str(&" ".repeat(layout.indent));
        text.push_str(&line);
        text.push('\n');
    }
}

/// `text` broken between words into lines of at most `room` characters; a longer word gets a line
/// of its own. Runs of white space count as one space.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + length <= room => {
                line.push(' ');
                line.push_str(word);
                used += 1 + length;
            }
            _ => {
                lines.push(word.to_owned());
                used = length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Look = Look {
        width: 60,
        colour: false,
    };

    fn sample() -> Table {
        let mut table = Table::new(["id", "verdict", "reason"]);
        table.row([
            "theorem-4.1".into(),
            Cell::bad("refuted"),
            "the label 0 at sample 7 leaves a neuron dead".into(),
        ]);
        table.row(["a.2".into(), Cell::good("verified")]);
        table
    }

    #[test]
    fn columns_are_aligned_and_the_last_one_wraps() {
        let expected = "\
id           verdict   reason
------------------------------------------------------------
theorem-4.1  refuted   the label 0 at sample 7 leaves a
                       neuron dead
a.2          verified
";
        assert_eq!(sample().render(PLAIN), expected);
    }

    #[test]
    fn a_last_column_without_room_goes_below() {
        let expected = "\
id           verdict
    reason
----------------------------------------
theorem-4.1  refuted
    the label 0 at sample 7 leaves a
    neuron dead
a.2          verified
";
        let narrow = Look { width: 40, ..PLAIN };
        assert_eq!(sample().render(narrow), expected);
    }

    #[test]
    fn colours_change_nothing_but_colour() {
        let coloured = sample().render(Look {
            colour: true,
            ..PLAIN
        });
        assert!(coloured.contains("\x1b[31mrefuted\x1b[0m"));
        let stripped = ["\x1b[31m", "\x1b[32m", "\x1b[0m"]
            .iter()
            .fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(stripped, sample().render(PLAIN));
    }

    #[test]
    fn look_obeys_the_environment() {
        let look = |columns, no_colour, terminal| Look::from_parts(columns, no_colour, terminal);
        assert_eq!(
            look(None, false, true),
            Look {
                width: DEFAULT_WIDTH,
                colour: true
            }
        );
        assert!(!look(None, true, true).colour && !look(None, false, false).colour);
        assert_eq!(look(Some("72"), false, true).width, 72);
        for odd in ["", "0", "-3", "wide", "99999999999999999999999"] {
            assert_eq!(look(Some(odd), false, true).width, DEFAULT_WIDTH, "{odd}");
        }
    }

    #[test]
    fn cells_cannot_break_the_table_or_drive_the_terminal() {
        let mut table = Table::new(["a", "b"]);
        table.row(["x\n\x1b[2Jy".into(), "z\tw\r".into()]);
        let text = table.render(PLAIN);
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains('\x1b') && text.contains("z w"));
    }

    #[test]
    fn an_empty_heading_is_an_empty_table() {
        assert_eq!(Table::new([]).render(PLAIN), "");
    }

    proptest! {
        #[test]
        fn wrapping_keeps_every_word(text in "[a-zé ]{0,120}", room in 1..50usize) {
            let lines = wrap(&text, room);
            let words: Vec<&str> = lines.iter().flat_map(|l| l.split(' ')).collect();
            prop_assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
            for line in &lines {
                prop_assert!(line.chars().count() <= room || !line.contains(' '), "{}", line);
            }
        }

        #[test]
        fn rows_of_any_length_and_text(cells in prop::collection::vec(".{0,30}", 0..6), width in 0..90usize) {
            let mut table = Table::new(["a", "b", "c"]);
            table.row(cells.into_iter().map(Cell::from));
            let text = table.render(Look { width, colour: false });
            prop_assert!(text.lines().all(|line| line == line.trim_end()), "{}", text);
        }
    }
}
