//! The audit as a table for people: one line per number, then the remarks. Test: `report_by_hand`.

use super::{Audit, Gap, Kind, LayerPatterns, Number, Sign};
use crate::engine::Loss;
use crate::io::table::{Look, Table};
use std::fmt;

/// A table of 100 columns without colours.
impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let look = Look {
            width: crate::io::table::DEFAULT_WIDTH,
            colour: false,
        };
        let Self {
            architecture,
            depth,
            width,
            input_dim,
            samples,
            ..
        } = self;
        writeln!(
            f,
            "{architecture}, depth {depth}, width {width}, on {samples} samples of dimension {input_dim}"
        )?;
        writeln!(f)?;
        f.write_str(&self.numbers().render(look))?;
        for layer in &self.patterns {
            writeln!(f)?;
            f.write_str(&patterns(layer, self.samples).render(look))?;
        }
        for sentence in self.kinks.first.iter().chain(&self.remarks) {
            writeln!(f)?;
            let mut sentence = sentence.clone();
            if let Some(first) = sentence.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let stop = if sentence.ends_with('.') { "" } else { "." };
            for line in crate::io::wrap(&format!("{sentence}{stop}"), look.width) {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

impl Audit {
    fn numbers(&self) -> Table {
        let mut table = Table::new(["quantity", "arithmetic", "value"]);
        let mut row = |name: &str, number: &Number, note: String| {
            let value = format!("{number}{note}");
            table.row([
                name.into(),
                number.arithmetic.to_string().as_str().into(),
                value.as_str().into(),
            ]);
        };
        let loss = match self.loss {
            Loss::SquaredError => "training loss, squared error".to_owned(),
            Loss::Logistic { p } => format!("training loss, logistic with p = {p}"),
        };
        row(&loss, &self.training_loss, String::new());
        let at = format!(", at {}", list("sample", &self.residual.samples));
        row("largest residual", &self.residual.size, at);
        if let Some(sharpness) = &self.sharpness {
            row("trace of the Hessian", &sharpness.trace, String::new());
            row("Gauss-Newton part", &sharpness.gauss_newton, String::new());
            for (name, gap) in [
                ("for interpolators", &sharpness.interpolators),
                ("at the outputs", &sharpness.outputs),
            ] {
                if let Some(Gap { bound, gap, sign }) = gap {
                    row(&format!("lower bound {name}"), bound, String::new());
                    row(&format!("gap to the bound {name}"), gap, side(*sign).into());
                }
            }
        }
        let accuracy = &self.accuracy;
        let mut text = format!("{} of {}", accuracy.correct, self.samples);
        for (what, samples) in [
            ("wrong", &accuracy.errors),
            ("output 0", &accuracy.zero_outputs),
            ("undecided", &accuracy.undecided),
        ] {
            if !samples.is_empty() {
                text += &format!("; {what} at {}", list("sample", samples));
            }
        }
        let decided = "exact signs";
        table.row([
            "training accuracy".into(),
            decided.into(),
            text.as_str().into(),
        ]);
        let kinks = self.kinks.count.to_string();
        table.row(["kinks".into(), decided.into(), kinks.as_str().into()]);
        table
    }
}

fn side(sign: Sign) -> &'static str {
    match sign {
        Sign::Negative => ", below it",
        Sign::Zero => ", on it",
        Sign::Positive => ", above it",
        Sign::Undecided => ", side undecided",
    }
}

/// `sample 3`, `samples 3, 5 and 8`; the first ten.
fn list(what: &str, numbers: &[usize]) -> String {
    const MOST: usize = 10;
    let shown: Vec<String> = numbers.iter().take(MOST).map(usize::to_string).collect();
    match (shown.as_slice(), numbers.len()) {
        ([only], 1) => format!("{what} {only}"),
        ([rest @ .., last], n) if n <= MOST => format!("{what}s {} and {last}", rest.join(", ")),
        (shown, n) => format!("{what}s {} and {} more", shown.join(", "), n - shown.len()),
    }
}

fn patterns(layer: &LayerPatterns, samples: usize) -> Table {
    let title = format!("neurons of hidden layer {}", layer.layer);
    let mut table = Table::new([title.as_str(), "number", "mass"]);
    for (name, kind) in [
        ("dead", &layer.dead),
        ("active at one input (memorising)", &layer.one_input),
        ("active at several inputs of one label", &layer.one_label),
        ("active at both labels", &layer.mixed),
    ] {
        let Kind { neurons, mass } = kind;
        let mass = mass.as_ref().map_or("".into(), Number::brief);
        table.row([
            name.into(),
            neurons.to_string().as_str().into(),
            mass.as_str().into(),
        ]);
    }
    let pairs = layer.neurons * samples;
    let active = format!("{} of {pairs}", layer.active_pairs);
    table.row(["active pairs".into(), active.as_str().into()]);
    table
}
