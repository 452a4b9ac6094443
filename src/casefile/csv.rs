//! Training sets from CSV: one sample a line, the label last.

use super::data::{MAX_D, MAX_N};
use super::read::{Misread, Read, Section};
use crate::data::Dataset;
use crate::io::read_bounded;
use crate::scalar::Radical;
use std::path::{Path, PathBuf};

/// The longest CSV file, in bytes.
const MAX_CSV: u64 = 64 << 20;

/// The file that `[data]` names, in the folder of the case file.
pub fn path(section: &Section, folder: Option<&Path>) -> Read<PathBuf> {
    let missing = || section.missing("file", "file = \"samples.csv\"");
    let (file, place) = section.text("file")?.ok_or_else(missing)?;
    let no_folder = || Misread::new(place, "a case that is not a file cannot name other files");
    Ok(folder.ok_or_else(no_folder)?.join(file))
}

/// One sample a line, the label last; `#` starts a comment. Decimals are read as written, `0.1` as 1/10.
pub fn samples(path: &Path) -> Result<Dataset<Radical>, String> {
    let text = read_bounded(path, MAX_CSV).map_err(|e| e.to_string())?;
    let mut data = Dataset {
        x: Vec::new(),
        y: Vec::new(),
    };
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    for (number, line) in lines {
        let at = |what: String| format!("{path:?}, line {}: {what}", number + 1);
        let cell = |cell: &str| number_of(cell.trim()).map_err(at);
        let mut cells: Vec<Radical> = line.split(',').map(cell).collect::<Result<_, _>>()?;
        let label = cells.pop().filter(|_| !cells.is_empty());
        let label = label.ok_or_else(|| at("coordinates and then a label are expected".into()))?;
        if data.dim() != 0 && cells.len() != data.dim() {
            return Err(at(format!(
                "{} coordinates instead of {}",
                cells.len(),
                data.dim()
            )));
        }
        if data.len() == MAX_N || cells.len() > MAX_D {
            return Err(at(format!(
                "more than {MAX_N} samples or {MAX_D} coordinates"
            )));
        }
        data.x.push(cells);
        data.y.push(label);
    }
    if data.is_empty() {
        return Err(format!("{path:?} holds no samples"));
    }
    Ok(data)
}

/// An exact expression, or a decimal as the fraction it abbreviates.
fn number_of(cell: &str) -> Result<Radical, String> {
    let Some((whole, fraction)) = cell.split_once('.') else {
        return crate::scalar::text::parse(cell).map_err(|e| e.to_string());
    };
    let digits = fraction.len();
    if digits > 1000 || !fraction.bytes().all(|c| c.is_ascii_digit()) {
        return Err(format!(
            "{cell:?} is no decimal number of at most 1000 digits"
        ));
    }
    let (sign, whole) = match whole.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", whole),
    };
    let text = format!("{sign}{whole}{fraction}/10^{digits}");
    crate::scalar::text::parse(&text).map_err(|_| format!("{cell:?} is no number"))
}
