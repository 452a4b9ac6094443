//! Samples from a CSV file: one a line, the label last, exact numbers or decimals, which are read as
//! the fractions they abbreviate (`0.1` as 1/10). Tied to `cells_vs_fractions`.

use super::data::{MAX_D, MAX_N};
use super::read::{Misread, Place, Read, Section};
use crate::data::Dataset;
use crate::io::read_bounded;
use crate::scalar::Radical;
use crate::scalar::text::parse;
use std::path::{Path, PathBuf};

/// The longest CSV file, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// The most digits behind a decimal point, and the largest exponent of 10.
const MAX_SHIFT: u64 = 1000;

/// The file that `[data]` names, in the folder of the case file, and where it names it.
pub fn path(section: &Section, folder: Option<&Path>) -> Read<(PathBuf, Place)> {
    let missing = || section.missing("file", "file = \"samples.csv\"");
    let (file, place) = section.text("file")?.ok_or_else(missing)?;
    let no_folder = || Misread::new(place, "a case that is not a file cannot name other files");
    Ok((folder.ok_or_else(no_folder)?.join(file), place))
}

/// One sample a line, the label last; a line with `#` first is a comment.
pub fn samples(path: &Path) -> Result<Dataset<Radical>, String> {
    let text = read_bounded(path, MAX_BYTES).map_err(|e| e.to_string())?;
    let mut data = Dataset {
        x: Vec::new(),
        y: Vec::new(),
    };
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    for (place, line) in lines {
        let at = |what: String| format!("{path:?}, line {}: {what}", place + 1);
        let cell = |cell: &str| number(cell.trim()).map_err(at);
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

/// An exact expression, or a decimal such as `-0.25` or `1.5e-3`.
fn number(cell: &str) -> Result<Radical, String> {
    let Some((mantissa, exponent)) = decimal(cell) else {
        return parse(cell).map_err(|error| format!("{cell:?} is no number: {error}"));
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.strip_prefix('+').unwrap_or(whole);
    let exponent: i64 = exponent
        .map_or(Ok(0), str::parse)
        .map_err(|_| format!("{cell:?} is no number"))?;
    let shift = exponent.saturating_sub(fraction.len() as i64);
    if shift.unsigned_abs() > MAX_SHIFT {
        return Err(format!("{cell:?} has more than {MAX_SHIFT} digits"));
    }
    parse(&format!("{whole}{fraction}*10^{shift}")).map_err(|_| format!("{cell:?} is no number"))
}

/// Mantissa and exponent of a decimal with a point or an exponent.
fn decimal(cell: &str) -> Option<(&str, Option<&str>)> {
    let (mantissa, exponent) = match cell.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (cell, None),
    };
    let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let is_decimal = digits.bytes().any(|c| c.is_ascii_digit())
        && digits.bytes().all(|c| c.is_ascii_digit() || c == b'.')
        && digits.matches('.').count() <= 1;
    (is_decimal && (exponent.is_some() || mantissa.contains('.'))).then_some((mantissa, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_vs_fractions() {
        for (cell, fraction) in [
            ("0.1", "1/10"),
            ("-0.25", "-1/4"),
            ("+1.50", "3/2"),
            (".5", "1/2"),
            ("2.", "2"),
            ("1e3", "1000"),
            ("-1.5E-3", "-3/2000"),
            ("2e+1", "20"),
            ("1/3", "1/3"),
            ("sqrt(2)", "sqrt(2)"),
            ("-0.0", "0"),
        ] {
            assert_eq!(number(cell).unwrap(), parse(fraction).unwrap(), "{cell}");
        }
        for cell in [
            "", ".", "-", "1.2.3", "1e", "1e5000", "nan", "inf", "0x1", "1 2", "e5", "1e1.5",
        ] {
            assert!(number(cell).is_err(), "{cell}");
        }
    }
}
