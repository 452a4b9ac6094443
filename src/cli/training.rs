//! What the verbs that train share: the machine, checkpoints, and words for numbers.

use super::Unusable;
use crate::engine::Isa;
use crate::experiment::{Outcome, Record, Runner};
use crate::train::{Machine, Measurement};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::time::Duration;

/// The options they have in common.
#[derive(clap::Args)]
pub(super) struct Common {
    /// Where runs, curves and figures are written
    #[arg(long, value_name = "DIR", default_value = "flatproof-out")]
    pub(super) out: PathBuf,
    /// Go on from the checkpoints in --out, and take over runs that are over; without it runs start
    /// over
    #[arg(long)]
    resume: bool,
    /// Seconds between checkpoints; 0 means after every epoch
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    checkpoint_every: u32,
    /// The instruction set; the bits do not depend on it [default: the fastest here]
    #[arg(long, value_parser = named::<Isa>(&["portable", "avx2", "avx512"]))]
    isa: Option<Isa>,
    /// Use the plain stepper for everything; it rounds otherwise than the fast ones
    #[arg(long)]
    plain: bool,
}

impl Common {
    /// Who does the runs.
    pub(super) fn runner(&self) -> Result<Runner, Unusable> {
        let isa = self.isa.unwrap_or_else(Isa::best);
        if !isa.is_available() {
            let name = isa.name();
            return Err(Unusable(format!(
                "this machine has no {name}; leave out --isa for the fastest it has"
            )));
        }
        Ok(Runner {
            out: self.out.clone(),
            machine: Machine {
                isa,
                plain: self.plain,
            },
            resume: self.resume,
            interval: Duration::from_secs(self.checkpoint_every.into()),
        })
    }
}

/// One of some names, as the type that serde makes of it.
pub(super) fn named<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names)
        .try_map(|name| serde_json::from_value::<T>(serde_json::Value::String(name)))
}

/// A count such as `5000` or `2e5`.
pub(super) fn count(text: &str) -> Result<u64, String> {
    if let Ok(count) = text.parse() {
        return Ok(count);
    }
    let number = text.parse::<f64>().ok();
    let whole = number.filter(|t| t.fract() == 0.0 && (0.0..=1e15).contains(t));
    whole
        .map(|t| t as u64)
        .ok_or_else(|| "a whole number such as 5000 or 2e5 is needed".into())
}

/// A positive finite number.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    number
        .filter(|t| t.is_finite() && *t > 0.0)
        .ok_or_else(|| "a positive number is needed".into())
}

/// A measurement in one line.
pub(super) fn summary(m: &Measurement) -> String {
    format!(
        "loss {:.2e}, sharpness {:.4}, test accuracy {:.4}",
        m.loss, m.sharpness, m.test_accuracy
    )
}

/// How a run ended.
pub(super) fn ending(record: &Record) -> String {
    match record.outcome {
        Outcome::Finished => "finished".into(),
        Outcome::Diverged(epoch) => format!("diverged by epoch {epoch}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(count("0"), Ok(0));
        assert_eq!(count("2e5"), Ok(200_000));
        assert_eq!(count("18446744073709551615"), Ok(u64::MAX));
        for odd in ["", "-1", "0.5", "1e16", "NaN", "inf", "two"] {
            assert!(count(odd).is_err(), "{odd}");
        }
        assert_eq!(positive("0.01"), Ok(0.01));
        for odd in ["", "0", "-1", "NaN", "inf"] {
            assert!(positive(odd).is_err(), "{odd}");
        }
    }
}
