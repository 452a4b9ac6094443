//! Constructions of the paper by name, for a case file that does not want to write out their weights.
//! Each is a function of the data and of some numbers; the files of `examples/cases/` spell out the
//! same networks as formulas (test `files_vs_constructions`).

use super::data::check_work;
use super::frame::{Built, Frame, Stop};
use super::network::{MAX_DEPTH, MAX_WIDTH};
use super::read::Place;
use crate::construction::{
    condition_2, lemma_a_1, proposition_4_1, proposition_4_2, proposition_5, sim_bn_generaliser,
    theorem_4_1, theorem_5_1,
};
use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::text::Fault;
use crate::scalar::{NoValue, Radical, Rational};
use std::collections::BTreeMap;

/// A construction by name.
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// The numbers it needs: a key, and an example for who leaves it out.
    pub arguments: &'static [(&'static str, &'static str)],
    /// The network.
    pub build: fn(&Frame, &Arguments) -> Built<Network<Radical>>,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The numbers given to a construction, with their places.
pub struct Arguments {
    /// By key.
    pub values: BTreeMap<&'static str, (Radical, Place)>,
    /// Where the construction stands.
    pub place: Place,
}

impl Arguments {
    fn rational(&self, key: &str) -> Built<Rational> {
        let missing = || Stop::wrong(self.place, format!("it needs {key}"));
        let (value, place) = self.values.get(key).ok_or_else(missing)?;
        let rational = value.as_rational();
        rational.ok_or_else(|| Stop::wrong(*place, format!("{key} should be rational")))
    }

    /// A rational above 0.
    fn positive(&self, key: &str) -> Built<Rational> {
        let value = self.rational(key)?;
        if value.cmp0().is_gt() {
            return Ok(value);
        }
        Err(Stop::wrong(
            self.place,
            format!("{key} = {value} should be positive"),
        ))
    }

    fn count(&self, key: &str, least: usize, most: usize) -> Built<usize> {
        let value = self.rational(key)?;
        let whole = Some(&value)
            .filter(|v| *v.denom() == 1)
            .and_then(|v| v.numer().to_usize());
        whole.filter(|v| (least..=most).contains(v)).ok_or_else(|| {
            let message = format!("{key} = {value} is no integer in {least}..{most}");
            Stop::wrong(self.place, message)
        })
    }

    /// A network, or why there is none.
    fn built<T>(&self, network: Result<T, NoValue>) -> Built<T> {
        network.map_err(|no| self.stop(no))
    }

    fn stop(&self, fault: impl Into<Fault>) -> Stop {
        Stop::new(self.place, fault)
    }

    /// The data, over the rationals, small enough for a neuron per sample.
    fn data(&self, frame: &Frame) -> Built<Dataset<Rational>> {
        let (n, d) = (
            frame.scene.data.as_ref().map_or(0, Dataset::len),
            dim(frame),
        );
        check_work(self.place, &[n, n.max(d + 1)])?;
        frame.rational_data().map_err(|fault| self.stop(fault))
    }

    /// The data and separators of its inputs, which have to be extreme points.
    fn separated<'f>(
        &self,
        frame: &'f Frame,
        unit: bool,
    ) -> Built<(Dataset<Rational>, &'f [Vec<Rational>])> {
        let data = self.data(frame)?;
        let separators = frame.separators(unit);
        Ok((data, separators.map_err(|no| self.stop(no))?))
    }
}

const DEPTH: (&str, &str) = ("depth", "depth = 2");
const WIDTH: (&str, &str) = ("width", "width = \"n\"");
const EPS: (&str, &str) = ("eps", "eps = \"1/1000\"");
const DELTA: (&str, &str) = ("delta", "delta = \"1/2\"");

/// All of them.
pub static ALL: &[Named] = &[
    Named {
        name: "condition-2",
        arguments: &[("e", "e = \"1/2\"")],
        build: |frame, given| {
            let e = Radical::from_rational(given.rational("e")?);
            let net = given.built(condition_2::width_4(dim(frame), &e))?;
            Ok(Network::NoBias(net))
        },
    },
    Named {
        name: "theorem-4.1-printed",
        arguments: &[DEPTH],
        build: |frame, given| {
            let depth = given.count("depth", 2, MAX_DEPTH)? as u32;
            let (data, v) = given.separated(frame, true)?;
            given
                .built(theorem_4_1::printed(&data, v, depth))
                .map(Network::Bias)
        },
    },
    Named {
        name: "theorem-4.1-repaired",
        arguments: &[DEPTH],
        build: |frame, given| {
            let depth = given.count("depth", 2, MAX_DEPTH)? as u32;
            let (data, v) = given.separated(frame, false)?;
            given
                .built(theorem_4_1::dead_at_zero_labels(&data, v, depth))
                .map(Network::Bias)
        },
    },
    Named {
        name: "proposition-4.1-printed",
        arguments: &[("threshold", "threshold = \"d - 1\"")],
        build: |frame, given| {
            let (data, t) = (given.data(frame)?, given.rational("threshold")?);
            given
                .built(proposition_4_1::printed(&data, &t))
                .map(Network::Bias)
        },
    },
    Named {
        name: "proposition-4.1-repaired",
        arguments: &[],
        build: |frame, given| {
            let data = given.data(frame)?;
            on_cube(&data, given)?;
            given
                .built(proposition_4_1::repaired(&data))
                .map(Network::Bias)
        },
    },
    Named {
        name: "proposition-4.2-printed",
        arguments: &[WIDTH],
        build: |frame, given| {
            let (d, width) = (dim(frame), wide(frame, given)?);
            given
                .built(proposition_4_2::printed(d, width))
                .map(Network::Bias)
        },
    },
    Named {
        name: "proposition-4.2-repaired",
        arguments: &[WIDTH],
        build: |frame, given| {
            let (d, width) = (dim(frame), wide(frame, given)?);
            given
                .built(proposition_4_2::repaired(d, width))
                .map(Network::Bias)
        },
    },
    Named {
        name: "theorem-5.1-printed",
        arguments: &[EPS],
        build: |frame, given| {
            let eps = given.positive("eps")?;
            let (data, v) = given.separated(frame, true)?;
            given
                .built(theorem_5_1::printed(&data, v, &eps))
                .map(Network::SimLn)
        },
    },
    Named {
        name: "theorem-5.1-repaired",
        arguments: &[EPS],
        build: |frame, given| {
            let eps = given.positive("eps")?;
            let (data, v) = given.separated(frame, false)?;
            given
                .built(theorem_5_1::dead_at_zero_labels(&data, v, &eps))
                .map(Network::SimLn)
        },
    },
    Named {
        name: "proposition-5.1",
        arguments: &[EPS, DELTA],
        build: |frame, given| {
            let (eps, delta) = (given.positive("eps")?, given.positive("delta")?);
            let data = given.data(frame)?;
            Ok(Network::SimLn(proposition_5::memoriser(
                &data, &eps, &delta,
            )))
        },
    },
    Named {
        name: "proposition-5.2",
        arguments: &[EPS],
        build: |frame, given| {
            let eps = given.positive("eps")?;
            two(frame, given)?;
            Ok(Network::SimLn(proposition_5::generaliser(dim(frame), &eps)))
        },
    },
    Named {
        name: "lemma-a.1-printed",
        arguments: &[WIDTH],
        build: |frame, given| {
            two(frame, given)?;
            let width = wide(frame, given)?;
            Ok(lemma_a_1::network(
                dim(frame),
                width,
                lemma_a_1::Text::Printed,
            ))
        },
    },
    Named {
        name: "batch-norm-generaliser",
        arguments: &[("scale", "scale = 10")],
        build: |frame, given| {
            two(frame, given)?;
            let t = given.positive("scale")?;
            let scales = [t.clone(), t.clone(), t.clone(), t];
            given.built(sim_bn_generaliser::generaliser(dim(frame), &scales))
        },
    },
];

fn dim(frame: &Frame) -> usize {
    frame.scene.data.as_ref().map_or(0, Dataset::dim)
}

/// The generalisers look at two coordinates.
fn two(frame: &Frame, given: &Arguments) -> Built<()> {
    if dim(frame) >= 2 {
        return Ok(());
    }
    Err(Stop::wrong(given.place, "it needs d >= 2"))
}

/// A width of at least the four neurons of the generalisers.
fn wide(frame: &Frame, given: &Arguments) -> Built<usize> {
    let width = given.count("width", 4, MAX_WIDTH)?;
    let samples = frame.scene.data.as_ref().map_or(0, Dataset::len);
    check_work(given.place, &[width, dim(frame) + 1])?;
    check_work(given.place, &[width, samples])?;
    Ok(width)
}

fn on_cube(data: &Dataset<Rational>, given: &Arguments) -> Built<()> {
    if data.x.iter().flatten().all(|x| *x == 1 || *x == -1) && data.dim() >= 2 {
        return Ok(());
    }
    Err(Stop::wrong(
        given.place,
        "it needs inputs in {-1,1}^d, d >= 2",
    ))
}
