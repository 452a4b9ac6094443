//! Our side of the peers' comparison: writes the scene that all sides start from, then runs on demand.
//!
//! ```text
//! cargo bench --bench peers -- --scene scene.json [--epochs 20000]
//! ```
//!
//! Scene: Fig. 4b's network and data (bias, d = 30, m = 500, n = 100, seed 1) at the start and after
//! some epochs of 1-SAM, the sample order of [`EPOCHS`] epochs, and where our steps lead: after one epoch of
//! 1-SAM and after [`CHECKED`] full-batch gradient steps. Each side must arrive there too before it is
//! timed. Then for every line on standard input one JSON object with microseconds per step.

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

/// What both kinds of step run on.
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
    let scene = Scene::new(epochs)?;
    std::fs::write(path, serde_json::to_string(&scene.json())?)?;
    println!(
        "{}",
        json!({ "ready": "flatproof", "version": env!("CARGO_PKG_VERSION") })
    );
    for line in std::io::stdin().lock().lines() {
        line?;
        println!("{}", scene.times());
        std::io::stdout().flush()?;
    }
    Ok(())
}

impl Scene {
    fn new(epochs: u64) -> Result<Self, Box<dyn Error>> {
        let options = table_2::row("4b").ok_or("no figure 4b")?.options;
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

    /// Microseconds per step of everything.
    fn times(&self) -> Value {
        let mut times = serde_json::Map::new();
        let mut add = |name: String, seconds: f64, steps: usize| {
            times.insert(name, json!(seconds * 1e6 / steps as f64));
        };
        for (name, start) in &self.starts {
            let mut step = self.stepper(&self.sam());
            let mut model = start.clone();
            self.one_sam(&mut model, &mut *step, 1); // caches and scratch
            let mut model = start.clone();
            let clock = Instant::now();
            self.one_sam(&mut model, &mut *step, self.orders.len());
            let steps = self.orders.len() * self.train.len();
            add(
                format!("1-SAM {name}"),
                clock.elapsed().as_secs_f64(),
                steps,
            );
            let mut step = self.stepper(&self.full_batch());
            let mut model = start.clone();
            let clock = Instant::now();
            self.descend(&mut model, &mut *step, FULL_STEPS);
            add(
                format!("full batch {name}"),
                clock.elapsed().as_secs_f64(),
                FULL_STEPS,
            );
        }
        Value::Object(times)
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

/// `[W1', a]`.
fn weights(model: &Model) -> Value {
    let rows: Vec<&[f32]> = (0..model.first.rows())
        .map(|j| model.first.row(j))
        .collect();
    json!([rows, model.last.row(0)])
}
