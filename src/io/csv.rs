//! Records as CSV and back: a line of field names, then one line per record.
//!
//! Columns are the fields of the record, in their order. An f64 is written in the shortest form that
//! reads back as the same f64 (`NaN`, `inf` included), a missing value as nothing.
//! Tied to `written_vs_read`.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// CSV that cannot be read or records that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} CSV: {source}; every line needs the columns of the first one")]
pub struct CsvError {
    what: &'static str,
    source: csv::Error,
}

/// The records as text; no record, no text.
///
/// # Errors
/// [`CsvError`] if a record holds a list or a map.
pub fn to_csv<T: Serialize>(records: &[T]) -> Result<String, CsvError> {
    let what = "write";
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        let written = writer.serialize(record);
        written.map_err(|source| CsvError { what, source })?;
    }
    let bytes = writer.into_inner().expect("writing to memory succeeds");
    Ok(String::from_utf8(bytes).expect("only text was written"))
}

/// The records of a text.
///
/// # Errors
/// [`CsvError`] with the line, if a column is missing or a field does not parse.
pub fn from_csv<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, CsvError> {
    let what = "read";
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.deserialize().collect::<Result<Vec<T>, _>>();
    records.map_err(|source| CsvError { what, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Point {
        epoch: u64,
        loss: f64,
        accuracy: Option<f64>,
    }

    proptest! {
        #[test]
        fn written_vs_read(rows in prop::collection::vec(any::<(u64, f64, Option<f64>)>(), 0..20)) {
            let points: Vec<Point> =
                rows.into_iter().map(|(epoch, loss, accuracy)| Point { epoch, loss, accuracy }).collect();
            let text = to_csv(&points).unwrap();
            let read: Vec<Point> = from_csv(&text).unwrap();
            prop_assert_eq!(read.len(), points.len());
            for (a, b) in points.iter().zip(&read) {
                prop_assert_eq!(a.epoch, b.epoch);
                prop_assert_eq!(a.loss.to_bits(), b.loss.to_bits());
                prop_assert_eq!(a.accuracy.map(f64::to_bits), b.accuracy.map(f64::to_bits));
            }
        }
    }

    #[test]
    fn layout() {
        let point = Point {
            epoch: 7,
            loss: 0.1,
            accuracy: None,
        };
        assert_eq!(to_csv(&[point]).unwrap(), "epoch,loss,accuracy\n7,0.1,\n");
        assert_eq!(to_csv::<Point>(&[]).unwrap(), "");
        assert!(from_csv::<Point>("").unwrap().is_empty());
    }

    #[test]
    fn bad_text_names_its_line() {
        let read = |text| from_csv::<Point>(text).unwrap_err().to_string();
        let error = read("epoch,loss,accuracy\n1,2,3\n1,x,3\n");
        assert!(
            error.starts_with("cannot read CSV") && error.contains("line: 3"),
            "{error}"
        );
        assert!(read("epoch,loss\n1,2\n1\n").contains("line: 3"));
        assert!(read("epoch\n1\n").contains("missing field"));
    }
}
