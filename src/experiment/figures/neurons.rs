//! Fig. 2b: what the first layer learned, neuron by neuron and coordinate by coordinate.
//!
//! Norms are those of the weights alone, without the bias:
//!
//! ```text
//! row j:     ||(W1)_j||, its first two entries, the norm of the others
//! column k:  sqrt(sum_j (W1)_jk^2)
//! ```
//!
//! Computed in f64 from the f32 weights. Tied to `table_vs_weights`.

use crate::engine::Model;
use crate::io::plot::{Field, Figure, Grid, Panel};

/// Neurons shown one by one.
const SHOWN: usize = 4;

/// A row of the first layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron {
    /// Its index, from 0.
    pub index: usize,
    /// The norm of the row.
    pub norm: f64,
    /// Its entries 1 and 2.
    pub first_two: [f64; 2],
    /// The norm of its other entries.
    pub others: f64,
}

/// The rows and columns of a first layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Neurons {
    /// All neurons, the largest norm first.
    pub sorted: Vec<Neuron>,
    /// The norms of the columns.
    pub columns: Vec<f64>,
}

/// The first layer of a network, `d >= 2`.
pub fn neurons(model: &Model) -> Neurons {
    let d = model.shape.input_dim;
    let row =
        |j: usize| -> Vec<f64> { model.first.row(j)[..d].iter().map(|&w| w.into()).collect() };
    let mut sorted: Vec<Neuron> = (0..model.first.rows())
        .map(|index| {
            let row = row(index);
            Neuron {
                index,
                norm: norm(row.iter().copied()),
                first_two: [row[0], row.get(1).copied().unwrap_or(0.0)],
                others: norm(row.iter().copied().skip(2)),
            }
        })
        .collect();
    sorted.sort_by(|a, b| b.norm.total_cmp(&a.norm).then(a.index.cmp(&b.index)));
    let column = |k: usize| norm((0..model.first.rows()).map(|j| row(j)[k]));
    Neurons {
        sorted,
        columns: (0..d).map(column).collect(),
    }
}

fn norm(entries: impl Iterator<Item = f64>) -> f64 {
    entries.map(|w| w * w).sum::<f64>().sqrt()
}

impl Neurons {
    /// The two tables of Fig. 2b.
    pub fn figure(&self, title: &str) -> Figure {
        Figure {
            title: title.to_owned(),
            note:
                "W1 without the bias. Printed: four neurons near ±x[1] ± x[2], the others at most \
                   0.03 in norm; columns 1 and 2 at 42.5, the others at most 5.65."
                    .to_owned(),
            columns: 2,
            panels: vec![
                Panel::Grid(self.rows_grid()),
                Panel::Grid(self.columns_grid()),
            ],
        }
    }

    fn rows_grid(&self) -> Grid {
        let mut rows: Vec<Vec<Field>> = self.sorted.iter().take(SHOWN).map(neuron_row).collect();
        let rest = self.sorted.get(SHOWN..).unwrap_or_default();
        if let Some(next) = rest.first() {
            rows.push(vec![
                format!("{} others", rest.len()).into(),
                format!("≤ {:.3}", next.norm).into(),
            ]);
        }
        Grid {
            title: "Rows of the first layer".to_owned(),
            heading: ["neuron", "‖W1‖", "w[1]", "w[2]", "norm of w[3..d]"]
                .map(String::from)
                .into(),
            rows,
        }
    }

    fn columns_grid(&self) -> Grid {
        let (two, others) = self.columns.split_at(self.columns.len().min(2));
        let largest = others.iter().copied().fold(0.0, f64::max);
        let together = |columns: &[f64]| norm(columns.iter().copied());
        let mut rows: Vec<(String, f64)> = Vec::new();
        for (k, &column) in two.iter().enumerate() {
            rows.push(((k + 1).to_string(), column));
        }
        rows.push(("1 and 2 together".to_owned(), together(two)));
        rows.push(("largest of 3..d".to_owned(), largest));
        rows.push(("3..d together".to_owned(), together(others)));
        let row = |(name, norm): (String, f64)| vec![name.into(), format!("{norm:.3}").into()];
        Grid {
            title: "Columns of the first layer".to_owned(),
            heading: ["column", "norm"].map(String::from).into(),
            rows: rows.into_iter().map(row).collect(),
        }
    }
}

fn neuron_row(neuron: &Neuron) -> Vec<Field> {
    let [a, b] = neuron.first_two;
    let numbers = [neuron.norm, a, b, neuron.others]
        .map(|v| Field::from(format!("{v:.2}").replace('-', "−")));
    let name = Field::from((neuron.index + 1).to_string());
    std::iter::once(name).chain(numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Matrix;
    use crate::experiment::table_2;

    fn model() -> Model {
        let mut shape = table_2::row("2a").unwrap().options.shape();
        (shape.width, shape.input_dim) = (6, 4);
        let mut model = Model::zeros(shape);
        // rows (w, bias 9)
        let rows: [[f32; 5]; 6] = [
            [0.0, 0.0, 0.02, 0.0, 9.0],
            [-3.0, 4.0, 0.0, 0.0, 9.0],
            [6.0, 8.0, 0.0, 0.0, 9.0],
            [1.0, 1.0, 1.0, 1.0, 9.0],
            [0.0, 0.0, 0.0, 0.01, 9.0],
            [5.0, -12.0, 0.0, 0.0, 9.0],
        ];
        model.first = Matrix::from_fn(6, 5, |j, k| rows[j][k]);
        model
    }

    #[test]
    fn table_vs_weights() {
        let found = neurons(&model());
        let order: Vec<usize> = found.sorted.iter().map(|n| n.index).collect();
        assert_eq!(order, [5, 2, 1, 3, 0, 4]);
        let norms: Vec<f64> = found.sorted.iter().take(4).map(|n| n.norm).collect();
        assert_eq!(norms, [13.0, 10.0, 5.0, 2.0]);
        assert_eq!(found.sorted[0].first_two, [5.0, -12.0]);
        assert!((found.sorted[3].others - 2_f64.sqrt()).abs() < 1e-15);
        assert_eq!(found.columns.len(), 4);
        assert_eq!(found.columns[0], (9.0_f64 + 36.0 + 1.0 + 25.0).sqrt());
        // rows and columns have the same total
        let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
        let rows = squares(&mut found.sorted.iter().map(|n| n.norm));
        assert!((rows - squares(&mut found.columns.iter().copied())).abs() < 1e-9);
    }

    #[test]
    fn says_what_the_largest_look_like() {
        let svg = neurons(&model()).figure("Figure 2b").svg();
        for text in [
            ">−12.00<",
            ">13.00<",
            ">2 others<",
            ">≤ 0.020<",
            ">1 and 2 together<",
        ] {
            assert!(svg.contains(text), "{text}");
        }
    }
}
