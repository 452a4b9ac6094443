//! Our side of the peers' comparison: writes the scene that all sides start from, then runs on demand.
//!
//! ```text
//! cargo bench --bench peers -- --scene scene.json [--epochs 20000]
//! ```
//!
//! Scenes: Fig. 4b's network and data (bias, d = 30, m = 500, n = 100, seed 1) and Fig. 2a's (Sim-BN, the
//! same sizes), each at the start and after some epochs of 1-SAM, a tenth as many for Sim-BN; the sample
//! order of [`EPOCHS`] epochs, and where our steps lead: after one epoch of 1-SAM and, for Fig. 4b, after
//! [`CHECKED`] full-batch gradient steps. Each side must arrive there too before it is timed. Then for
//! every line on standard input one JSON object with microseconds per step.

use flatproof::engine::{Isa, Model, Rule, Samples, Stepper, stepper};
use flatproof::experiment::table_2;
use flatproof::train::order::Order;
use flatproof::train::{Data, Options, init};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

/// Epochs of 1-SAM per timing.
const EPOCHS: u64 = 20;
/// Full-batch steps per timing.
const FULL_STEPS: usize = 200;
/// Full-batch steps after which all sides are compared.
const CHECKED: usize = 20;

/// What one architecture's steps run on.
struct Scene {
    options: Options,
    train: Samples,
    orders: Vec<Order>,
    starts: [(&'static str, Model); 2],
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        arguments
            .iter()
            .position(|a| a == name)
            .and_then(|k| arguments.get(k + 1))
    };
    let Some(path) = value("--scene") else {
        println!("peers: give --scene FILE, or run benches/peers/run.py, which does");
        return Ok(());
    };
    let epochs = value("--epochs").map_or(Ok(20_000), |text| text.parse())?;
    let bias = Scene::new("4b", epochs)?;
    let sim_bn = Scene::new("2a", epochs / 10)?;
    let mut scenes = bias.json();
    scenes["sim_bn"] = sim_bn.json();
    std::fs::write(path, serde_json::to_string(&scenes)?)?;
    println!(
        "{}",
        json!({ "ready": "flatproof", "version": env!("CARGO_PKG_VERSION") })
    );
    for line in std::io::stdin().lock().lines() {
        line?;
        let mut times = serde_json::Map::new();
        bias.time_sam("1-SAM", &mut times);
        bias.time_full_batch(&mut times);
        sim_bn.time_sam("Sim-BN", &mut times);
        println!("{}", Value::Object(times));
        std::io::stdout().flush()?;
    }
    Ok(())
}

impl Scene {
    /// The first phase of a figure, and the network after so many epochs of it.
    fn new(figure: &str, epochs: u64) -> Result<Self, Box<dyn Error>> {
        let options = table_2::row(figure).ok_or("no such figure")?.options;
        let train = Data::draw(&options).train;
        let draw = |epoch| {
            let mut order = Order::default();
            order.draw(&options, &train.y, epoch);
            order
        };
        let orders: Vec<Order> = (0..EPOCHS).map(draw).collect();
        let early = init::network(&options);
        let mut late = early.clone();
        let rule = options.rule(&options.phases[0]);
        let mut step = stepper(Isa::best(), &options.shape(), &rule, train.len());
        for epoch in 0..epochs {
            let order = draw(epoch);
            step.run(&mut late, &train, &order.samples, &order.labels, &rule);
        }
        Ok(Self {
            options,
            train,
            orders,
            starts: [("early", early), ("late", late)],
        })
    }

    fn sam(&self) -> Rule {
        self.options.rule(&self.options.phases[0])
    }
    fn full_batch(&self) -> Rule {
        Rule {
            rho: 0.0,
            batch: self.train.len(),
            ..self.sam()
        }
    }
    fn stepper(&self, rule: &Rule) -> Box<dyn Stepper> {
        stepper(Isa::best(), &self.options.shape(), rule, self.train.len())
    }

    fn one_sam(&self, model: &mut Model, step: &mut dyn Stepper, epochs: usize) {
        let rule = self.sam();
        for order in &self.orders[..epochs] {
            step.run(model, &self.train, &order.samples, &order.labels, &rule);
        }
    }
    fn descend(&self, model: &mut Model, step: &mut dyn Stepper, steps: usize) {
        let rule = self.full_batch();
        let n = self.train.len();
        let order: Vec<u32> = (0..steps * n).map(|t| (t % n) as u32).collect();
        let labels: Vec<f32> = order.iter().map(|&i| self.train.y[i as usize]).collect();
        step.run(model, &self.train, &order, &labels, &rule);
    }

    /// Microseconds per step of 1-SAM.
    fn time_sam(&self, kind: &str, times: &mut serde_json::Map<String, Value>) {
        for (name, start) in &self.starts {
            let mut step = self.stepper(&self.sam());
            let mut model = start.clone();
            self.one_sam(&mut model, &mut *step, self.orders.len()); // as in the middle of a run
            let mut model = start.clone();
            let clock = Instant::now();
            self.one_sam(&mut model, &mut *step, self.orders.len());
            let steps = self.orders.len() * self.train.len();
            let us = clock.elapsed().as_secs_f64() * 1e6 / steps as f64;
            times.insert(format!("{kind} {name}"), json!(us));
        }
    }

    /// Microseconds per full-batch step.
    fn time_full_batch(&self, times: &mut serde_json::Map<String, Value>) {
        for (name, start) in &self.starts {
            let mut step = self.stepper(&self.full_batch());
            let mut model = start.clone();
            let clock = Instant::now();
            self.descend(&mut model, &mut *step, FULL_STEPS);
            let us = clock.elapsed().as_secs_f64() * 1e6 / FULL_STEPS as f64;
            times.insert(format!("full batch {name}"), json!(us));
        }
    }

    fn json(&self) -> Value {
        let rule = self.sam();
        let starts: serde_json::Map<String, Value> = self
            .starts
            .iter()
            .map(|(name, start)| {
                let mut sam = start.clone();
                self.one_sam(&mut sam, &mut *self.stepper(&rule), 1);
                let mut descended = start.clone();
                self.descend(
                    &mut descended,
                    &mut *self.stepper(&self.full_batch()),
                    CHECKED,
                );
                let ends = json!({ "1-SAM": weights(&sam), "full batch": weights(&descended) });
                (
                    (*name).to_owned(),
                    json!({ "start": weights(start), "end": ends }),
                )
            })
            .collect();
        let rows = |i| self.train.x.row(i);
        let order: Vec<u32> = self
            .orders
            .iter()
            .flat_map(|order| order.samples.clone())
            .collect();
        json!({
            "eta": rule.eta, "rho": rule.rho, "full_steps": FULL_STEPS, "checked": CHECKED,
            "x": (0..self.train.len()).map(rows).collect::<Vec<_>>(), "y": self.train.y,
            "order": order, "starts": starts,
        })
    }
}

/// `[W1', a]`; with batch norm `[W1', gamma, v]`.
fn weights(model: &Model) -> Value {
    let rows: Vec<&[f32]> = (0..model.first.rows())
        .map(|j| model.first.row(j))
        .collect();
    match model.gamma.columns() {
        0 => json!([rows, model.last.row(0)]),
        _ => json!([rows, model.gamma.row(0), model.last.row(0)]),
    }
}
