//! Table 1: does every flattest model generalise, and does SAM?
//!
//! One row per architecture. "As printed" is the paper's word. "As checked" is handed in by whoever
//! judged the theory cases, with its reason; nothing here decides it. "SAM, measured" is yes if every
//! seed has test accuracy at least [`GENERALISES`], no if none has, and else how many have.
//! Tied to `words_vs_accuracies`.

use super::spread::summary;
use crate::engine::Architecture;
use crate::io::csv::to_csv;
use crate::io::plot::{Field, Figure, Grid, Panel, Tone};
use crate::io::{Cell, Look, Table};
use serde::Serialize;

/// Test accuracy from which we say that a run generalises; the paper names no number.
pub const GENERALISES: f64 = 0.95;

/// What the paper prints: architecture, "all flattest generalise", "SAM generalises".
pub const PRINTED: [(Architecture, bool, bool); 4] = [
    (Architecture::NoBias, true, true),
    (Architecture::Bias, false, false),
    (Architecture::SimBn, true, true),
    (Architecture::SimLn, false, true),
];

/// An answer with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes, no, or neither.
    pub holds: Option<bool>,
    /// What to print.
    pub words: String,
}

/// One architecture.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The architecture.
    pub architecture: Architecture,
    /// What the exact cases say about "all flattest generalise".
    pub checked: Answer,
    /// The run whose accuracies these are, such as `1b`.
    pub figure: String,
    /// Test accuracy at the end, one per seed.
    pub accuracies: Vec<f64>,
}

/// Titles of the columns.
const HEADING: [&str; 6] = [
    "architecture",
    "all flattest generalise: printed",
    "checked",
    "SAM generalises: printed",
    "measured",
    "test accuracy",
];

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table1 {
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of the CSV.
#[derive(Debug, Serialize)]
struct Record {
    architecture: &'static str,
    flattest_printed: &'static str,
    flattest_checked: String,
    sam_printed: &'static str,
    sam_measured: String,
    run: String,
    seeds: usize,
    mean_accuracy: f64,
    least_accuracy: f64,
    greatest_accuracy: f64,
}

impl Row {
    fn printed(&self) -> (bool, bool) {
        let row = PRINTED.iter().find(|row| row.0 == self.architecture);
        row.map_or((false, false), |row| (row.1, row.2))
    }

    /// Whether SAM generalised in these runs.
    pub fn measured(&self) -> Answer {
        let all = self.accuracies.len();
        let good = self
            .accuracies
            .iter()
            .filter(|&&a| a >= GENERALISES)
            .count();
        let (holds, words) = match good {
            _ if all == 0 => (None, "not run".to_owned()),
            0 => (Some(false), "no".to_owned()),
            _ if good == all => (Some(true), "yes".to_owned()),
            _ => (None, format!("{good} of {all} seeds")),
        };
        Answer { holds, words }
    }

    fn mean(&self) -> f64 {
        self.accuracies.iter().sum::<f64>() / self.accuracies.len() as f64
    }

    /// `0.671 (0.630 to 0.702, 3 seeds, run 4b)`.
    fn accuracy_in_words(&self) -> String {
        let (least, _, greatest) = summary(&self.accuracies);
        match self.accuracies.len() {
            0 => String::new(),
            1 => format!("{:.4} (one seed, run {})", self.mean(), self.figure),
            seeds => format!(
                "{:.4} ({least:.4} to {greatest:.4}, {seeds} seeds, run {})",
                self.mean(),
                self.figure
            ),
        }
    }

    /// The cells, each with whether it is a yes.
    fn cells(&self) -> [(String, Option<Option<bool>>); 6] {
        let (flattest, sam) = self.printed();
        let measured = self.measured();
        [
            (name(self.architecture).to_owned(), None),
            (yes(flattest).to_owned(), Some(Some(flattest))),
            (self.checked.words.clone(), Some(self.checked.holds)),
            (yes(sam).to_owned(), Some(Some(sam))),
            (measured.words, Some(measured.holds)),
            (self.accuracy_in_words(), None),
        ]
    }
}

fn yes(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

fn name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::NoBias => "2-MLP-No-Bias",
        Architecture::Bias => "2-MLP-Bias",
        Architecture::SimBn => "2-MLP-Sim-BN",
        Architecture::SimLn => "2-MLP-Sim-LN",
    }
}

impl Table1 {
    /// For a terminal.
    pub fn text(&self, look: Look) -> String {
        let mut table = Table::new(HEADING);
        for row in &self.rows {
            table.row(row.cells().map(|(text, answer)| match answer {
                None => Cell::from(text),
                Some(Some(true)) => Cell::good(&text),
                Some(Some(false)) => Cell::bad(&text),
                Some(None) => Cell::doubtful(&text),
            }));
        }
        table.render(look)
    }

    /// For other programs; accuracies in full.
    pub fn csv(&self) -> String {
        let record = |row: &Row| {
            let (flattest, sam) = row.printed();
            let (least, _, greatest) = summary(&row.accuracies);
            Record {
                architecture: name(row.architecture),
                flattest_printed: yes(flattest),
                flattest_checked: row.checked.words.clone(),
                sam_printed: yes(sam),
                sam_measured: row.measured().words,
                run: row.figure.clone(),
                seeds: row.accuracies.len(),
                mean_accuracy: row.mean(),
                least_accuracy: least,
                greatest_accuracy: greatest,
            }
        };
        let records: Vec<Record> = self.rows.iter().map(record).collect();
        to_csv(&records).expect("the records are flat")
    }

    /// As a picture.
    pub fn figure(&self) -> Figure {
        let tone = |answer| match answer {
            None => Tone::Plain,
            Some(Some(true)) => Tone::Good,
            Some(Some(false)) => Tone::Bad,
            Some(None) => Tone::Doubtful,
        };
        let field = |(text, answer)| Field {
            text,
            tone: tone(answer),
        };
        let grid = Grid {
            title: String::new(),
            heading: HEADING.map(String::from).into(),
            rows: self
                .rows
                .iter()
                .map(|row| row.cells().map(field).into())
                .collect(),
        };
        Figure {
            title: "Table 1".to_owned(),
            note: format!(
                "Checked: by exact arithmetic. Measured: yes if every seed reaches test accuracy \
                 {GENERALISES}, no if none does; mean, least and greatest accuracy over seeds."
            ),
            columns: 1,
            panels: vec![Panel::Grid(grid)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(architecture: Architecture, accuracies: &[f64]) -> Row {
        Row {
            architecture,
            checked: Answer {
                holds: None,
                words: "refuted".to_owned(),
            },
            figure: "4b".to_owned(),
            accuracies: accuracies.to_vec(),
        }
    }

    #[test]
    fn words_vs_accuracies() {
        let words = |accuracies: &[f64]| row(Architecture::Bias, accuracies).measured().words;
        assert_eq!(words(&[1.0, 0.95]), "yes");
        assert_eq!(words(&[0.949, 0.63]), "no");
        assert_eq!(words(&[0.7, 0.99, 1.0]), "2 of 3 seeds");
        assert_eq!(words(&[f64::NAN]), "no");
        assert_eq!(words(&[]), "not run");
    }

    #[test]
    fn text_csv_and_picture_agree() {
        let table = Table1 {
            rows: vec![
                row(Architecture::NoBias, &[1.0, 0.999, 1.0]),
                row(Architecture::SimLn, &[]),
            ],
        };
        let look = Look {
            width: 200,
            colour: false,
        };
        let text = table.text(look);
        let svg = table.figure().svg();
        let cell = "0.9997 (0.9990 to 1.0000, 3 seeds, run 4b)";
        assert!(text.contains(cell) && svg.contains(cell), "{text}");
        assert!(text.contains("2-MLP-Sim-LN") && text.contains("not run"));
        let csv = table.csv();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 2);
        assert_eq!(&records[0][4], "yes");
        assert_eq!(records[0][8].parse::<f64>().unwrap(), 0.999);
    }

    #[test]
    fn the_printed_table() {
        let printed = |a| row(a, &[]).printed();
        assert_eq!(printed(Architecture::NoBias), (true, true));
        assert_eq!(printed(Architecture::Bias), (false, false));
        assert_eq!(printed(Architecture::SimBn), (true, true));
        assert_eq!(printed(Architecture::SimLn), (false, true));
    }
}
