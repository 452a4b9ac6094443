//! `flatproof train`: one training run, by the name of a figure or by hand.

use super::training::{Common, count, ending, named, positive, summary};
use super::workspace::make_folders;
use super::{Ended, Format, Status, Unusable, reproduce, to_json};
use crate::engine::{Activation, Architecture, Loss};
use crate::experiment::{Job, Outcome, Record};
use crate::io::Progress;
use crate::train::{Distribution, Options as Run, Phase, Sampling, options};

#[derive(clap::Args)]
#[command(after_help = "Example: flatproof train --figure 4b --scale 0.01\n\
    Example: flatproof train --architecture sim-ln --init-scale 0.01 --eta 0.1 --rho 0.1 --epochs 2000\n\
    Example: flatproof train --rho 0.05,0.1 --epochs 2e5,4e5 --resume   # (long)\n\n\
    Options of phases take lists: one value per phase, or one for all.\n\
    Below --out: runs/NAME.safetensors (weights, and all that --resume needs), runs/NAME.json (the \
    record, also what --format json prints), curves/NAME.csv.\n\
    Limits: d 2 to 1024, width to 4096, depth 2 to 8, n to 4096, 2^24 parameters, 1e9 epochs.\n\n\
    Exit codes: 0 finished, 1 diverged, 2 unusable input")]
pub(super) struct Options {
    /// A panel of the paper's figures, such as 4b, or a point of a sweep; options below change it
    #[arg(long)]
    figure: Option<String>,
    /// Lengthen or shorten every phase
    #[arg(long, value_parser = positive, default_value_t = 1.0)]
    scale: f64,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    phases: PhaseOptions,
    #[command(flatten)]
    common: Common,
    /// Text for people or JSON for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(clap::Args)]
struct NetworkOptions {
    /// The architecture [default: bias]
    #[arg(long, value_parser = named::<Architecture>(&["no-bias", "bias", "sim-bn", "sim-ln"]))]
    architecture: Option<Architecture>,
    /// The nonlinearity [default: relu]
    #[arg(long, value_parser = named::<Activation>(&["relu", "softplus"]))]
    activation: Option<Activation>,
    /// Layers [default: 2]
    #[arg(long)]
    depth: Option<usize>,
    /// Hidden neurons per layer [default: 500]
    #[arg(long)]
    width: Option<usize>,
    /// eps of layer norm [default: 0.001]
    #[arg(long)]
    eps: Option<f32>,
    /// Factor of the first layer at the start [default: 1]
    #[arg(long)]
    init_scale: Option<f32>,
    /// gamma of batch norm at the start [default: 0.2]
    #[arg(long, allow_negative_numbers = true)]
    gamma: Option<f32>,
}

#[derive(clap::Args)]
struct DataOptions {
    /// Where samples come from [default: xor]
    #[arg(long, value_parser = named::<Distribution>(&["xor", "ball"]))]
    data: Option<Distribution>,
    /// Dimension of the inputs [default: 30]
    #[arg(long)]
    dim: Option<usize>,
    /// Training samples [default: 100]
    #[arg(long)]
    samples: Option<usize>,
    /// Test samples, for the end of the run [default: 100000]
    #[arg(long)]
    test_samples: Option<usize>,
    /// Test samples along the run [default: 10000]
    #[arg(long)]
    curve_samples: Option<usize>,
    /// mse, or logistic:P with label smoothing P, the weight of the wrong label [default: mse]
    #[arg(long, value_parser = loss)]
    loss: Option<Loss>,
    /// Each step sees y + SIGMA or y - SIGMA, by a fair coin [default: 0]
    #[arg(long, value_name = "SIGMA")]
    label_noise: Option<f32>,
    /// One permutation per epoch, or draws with replacement [default: permutation]
    #[arg(long, value_parser = named::<Sampling>(&["permutation", "iid"]))]
    sampling: Option<Sampling>,
    /// Seed of data, initialisation and order [default: 1]
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(clap::Args)]
struct PhaseOptions {
    /// Learning rate [default: 0.01]
    #[arg(long, value_delimiter = ',')]
    eta: Vec<f32>,
    /// Radius of SAM; 0 is gradient descent [default: 0.05]
    #[arg(long, value_delimiter = ',')]
    rho: Vec<f32>,
    /// Samples per step [default: 1]
    #[arg(long, value_delimiter = ',')]
    batch: Vec<usize>,
    /// Coupled weight decay [default: 0]
    #[arg(long, value_delimiter = ',')]
    weight_decay: Vec<f32>,
    /// Norm to which the first layer is rescaled after every step
    #[arg(long, value_name = "NORM", value_delimiter = ',')]
    project: Vec<f32>,
    /// Passes over the training set [default: 1e5]
    #[arg(long, value_delimiter = ',', value_parser = count)]
    epochs: Vec<u64>,
    /// SAM steps to theta + rho g rather than theta + rho g/|g|
    #[arg(long)]
    unnormalised: bool,
}

pub(super) fn run(options: &Options) -> Result<Ended, Unusable> {
    let job = options.job()?;
    job.options.check().map_err(Unusable::from_error)?;
    let runner = options.common.runner()?;
    make_folders(&runner.out, &["runs", "curves"])?;
    let progress = Progress::with_time_left(job.options.epochs());
    let watch = |trainer: &crate::train::Trainer| {
        let (done, state) = (progress.done(), trainer.state());
        progress.steps(state.epoch.saturating_sub(done));
        let last = state.measurements.last();
        if let Some(last) = last.filter(|last| last.epoch == state.epoch) {
            progress.message(&summary(last));
        }
    };
    let record = runner.run(&job, watch).map_err(Unusable::from_error)?;
    drop(progress);
    let text = match options.format {
        Format::Json => to_json(&record)?,
        Format::Text => text(&record, &runner.out),
    };
    let status = match record.outcome {
        Outcome::Finished => Status::AsExpected,
        Outcome::Diverged(_) => Status::Otherwise,
    };
    Ok(Ended { status, text })
}

impl Options {
    /// The run that is asked for.
    fn job(&self) -> Result<Job, Unusable> {
        let mut job = match &self.figure {
            Some(name) => one_figure(name)?,
            None => Job::new("run", "a run by hand", Run::default()),
        };
        self.network.apply(&mut job.options);
        self.data.apply(&mut job.options);
        self.phases.apply(&mut job.options)?;
        Ok(job.scaled(self.scale))
    }
}

/// The one run of that name.
fn one_figure(name: &str) -> Result<Job, Unusable> {
    let mut jobs = reproduce::named(name)?;
    match jobs.len() {
        1 => Ok(jobs.remove(0)),
        count => {
            let first = &jobs[0].figure;
            Err(Unusable(format!(
                "{name:?} names {count} runs; name one of them, such as {first:?}, or use \
                 `flatproof reproduce`"
            )))
        }
    }
}

/// `slot = given`, if given.
fn set<T: Copy>(slot: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *slot = given;
    }
}

impl NetworkOptions {
    fn apply(&self, run: &mut Run) {
        set(&mut run.architecture, self.architecture);
        set(&mut run.activation, self.activation);
        set(&mut run.depth, self.depth);
        set(&mut run.width, self.width);
        set(&mut run.eps, self.eps);
        set(&mut run.init_scale, self.init_scale);
        set(&mut run.gamma, self.gamma);
    }
}

impl DataOptions {
    fn apply(&self, run: &mut Run) {
        set(&mut run.distribution, self.data);
        set(&mut run.input_dim, self.dim);
        set(&mut run.samples, self.samples);
        set(&mut run.test_samples, self.test_samples);
        // along the run never more than there are
        run.curve_samples = run.curve_samples.min(run.test_samples);
        set(&mut run.curve_samples, self.curve_samples);
        set(&mut run.loss, self.loss);
        set(&mut run.label_noise, self.label_noise);
        set(&mut run.sampling, self.sampling);
        set(&mut run.seed, self.seed);
    }
}

impl PhaseOptions {
    fn apply(&self, run: &mut Run) -> Result<(), Unusable> {
        let lengths = [
            self.eta.len(),
            self.rho.len(),
            self.batch.len(),
            self.weight_decay.len(),
            self.project.len(),
            self.epochs.len(),
        ];
        let count = lengths.into_iter().max().unwrap_or(0);
        if count > options::MAX_PHASES {
            return Err(Unusable(format!(
                "a run has at most {} phases, not {count}",
                options::MAX_PHASES
            )));
        }
        if count > 1 && run.phases.len() != count {
            run.phases = vec![run.phases.first().copied().unwrap_or_default(); count];
        }
        let count = run.phases.len();
        let mut each = |set: &dyn Fn(&mut Phase, usize)| {
            run.phases
                .iter_mut()
                .enumerate()
                .for_each(|(k, phase)| set(phase, k));
        };
        let list = |name: &str, length: usize| match length {
            0 => Ok(false),
            length if length == 1 || length == count => Ok(true),
            length => Err(Unusable(format!(
                "--{name} has {length} values for {count} phases; give one for all or one for each"
            ))),
        };
        fn at<T: Copy>(values: &[T], k: usize) -> T {
            values[k.min(values.len() - 1)]
        }
        if list("eta", self.eta.len())? {
            each(&|phase, k| phase.eta = at(&self.eta, k));
        }
        if list("rho", self.rho.len())? {
            each(&|phase, k| phase.rho = at(&self.rho, k));
        }
        if list("batch", self.batch.len())? {
            each(&|phase, k| phase.batch = at(&self.batch, k));
        }
        if list("weight-decay", self.weight_decay.len())? {
            each(&|phase, k| phase.weight_decay = at(&self.weight_decay, k));
        }
        if list("project", self.project.len())? {
            each(&|phase, k| phase.project = Some(at(&self.project, k)));
        }
        if list("epochs", self.epochs.len())? {
            each(&|phase, k| phase.epochs = at(&self.epochs, k));
        }
        if self.unnormalised {
            each(&|phase, _| phase.normalised = false);
        }
        Ok(())
    }
}

/// `mse` or `logistic:P`, P the weight of the wrong label.
fn loss(text: &str) -> Result<Loss, String> {
    if text == "mse" {
        return Ok(Loss::SquaredError);
    }
    let p = text.strip_prefix("logistic:").and_then(|p| p.parse().ok());
    // the right label has the weight 1 - P, which the loss as printed calls p
    p.map(|p: f32| Loss::Logistic { p: 1.0 - p })
        .ok_or_else(|| "mse or logistic:P is needed, such as logistic:0.2".into())
}

fn text(record: &Record, out: &std::path::Path) -> String {
    let mut text = format!("{}: {}, {}", record.name, record.title, ending(record));
    let epochs = record.options.epochs();
    text += &format!(
        "; {epochs} epochs, {:.1} s, {:.0} steps a second\n",
        record.seconds, record.steps_per_second
    );
    if let Some(last) = &record.last {
        text += &format!(
            "At the end: {}, on {} fresh points; training accuracy {:.4}\n",
            summary(last),
            record.options.test_samples,
            last.train_accuracy
        );
    }
    if let Some(best) = &record.best {
        text += &format!(
            "Best test accuracy along the run: {:.4} at epoch {}\n",
            best.test_accuracy, best.epoch
        );
    }
    if let Some(count @ 1..) = record.left_out {
        text += &format!(
            "Neurons that were 0 on the whole training set, whose a_j is 0, were left out of steps {count} \
             times in all\n"
        );
    }
    let out = out.display();
    let name = &record.name;
    let audited = match &record.not_audited {
        None => "(with the exact audit)".into(),
        Some(why) => format!("(without an audit: {why})"),
    };
    text += &format!(
        "All in f32: never a verdict. Weights, record {audited} and curve: \
         {out}/runs/{name}.safetensors, {out}/runs/{name}.json, {out}/curves/{name}.csv\n"
    );
    text
}
