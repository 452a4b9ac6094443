//! Witnesses from JSON text, read strictly: what the check does not read may not stand there.
//!
//! A field that is ignored, or a name given twice, would let the text say one thing to a person and
//! another to the check. Unknown fields are found by writing the witness again and comparing, which
//! also covers the places where the parser by itself would pass over them.
//! Tied to `nothing_is_passed_over`.

use super::Witness;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Text that is not a witness.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or a field is missing, unknown, repeated or of the wrong kind.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A field that no check would look at.
    #[error("{0} is not part of the format")]
    Unread(String),
}

impl Witness {
    /// The witness that `text` says, all of it.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        let witness: Self = serde_json::from_str(text)?;
        let (said, read) = (serde_json::from_str(text)?, serde_json::to_value(&witness)?);
        match unread(&said, &read, String::new()) {
            Some(path) => Err(ReadError::Unread(path)),
            None => Ok(witness),
        }
    }
}

/// The path of the first field of `said` that is not in `read`; empty ones may be left out there.
fn unread(said: &Value, read: &Value, path: String) -> Option<String> {
    match (said, read) {
        (Value::Object(said), Value::Object(read)) => said.iter().find_map(|(key, said)| {
            let path = format!("{path}.{key}");
            match read.get(key) {
                Some(read) => unread(said, read, path),
                None => (!is_empty(said)).then_some(path),
            }
        }),
        (Value::Array(said), Value::Array(read)) => {
            let mut pairs = said.iter().zip(read).enumerate();
            pairs.find_map(|(i, (said, read))| unread(said, read, format!("{path}[{i}]")))
        }
        _ => None,
    }
}

/// What a field with a default may be written as.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Named texts; a name given twice is refused.
pub(super) fn distinct_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = BTreeMap<String, String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map from names to exact expressions")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut names = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, String>()? {
                if names.contains_key(&name) {
                    return Err(A::Error::custom(format!(
                        "the name {name:?} is given twice"
                    )));
                }
                names.insert(name, value);
            }
            Ok(names)
        }
    }
    deserializer.deserialize_map(Names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITNESS: &str = r#"{"schema": "flatproof.witness/1", "case": "c", "purpose": "certificate",
        "says": "s", "members": [{"name": "m", "parameters": {"a": "1"},
        "data": {"points": ["++"], "labels": ["1"]},
        "network": {"architecture": "MLP-Bias", "hidden": [],
            "first": [{"scale": "1", "direction": ["1", "1", "1"]}], "last": ["1/3"]},
        "facts": [{"fact": "interpolates"}, {"fact": "compare", "left": "a", "is": "=", "right": "1"}]}]}"#;

    #[test]
    fn nothing_is_passed_over() {
        let witness = Witness::from_json(WITNESS).unwrap();
        let again = serde_json::to_string(&witness).unwrap();
        assert_eq!(Witness::from_json(&again).unwrap(), witness);

        // each place an object stands: an unknown field, then a repeated one
        let opening = WITNESS.match_indices('{').map(|(at, _)| at + 1);
        for at in opening {
            let (head, tail) = WITNESS.split_at(at);
            let first = tail.split(',').next().unwrap().trim_end_matches(['}', ']']);
            let extra = [r#""more": 7"#, r#""more": ["1"]"#, first];
            for extra in extra {
                let text = format!("{head}{extra}, {tail}");
                if !first.starts_with(r#""a""#) || extra == first {
                    assert!(Witness::from_json(&text).is_err(), "{text}");
                }
            }
        }
        let named =
            Witness::from_json(&WITNESS.replace(r#"{"a": "1"}"#, r#"{"a": "1", "b": "2"}"#));
        assert!(named.is_ok(), "parameters may have any name");
    }
}
