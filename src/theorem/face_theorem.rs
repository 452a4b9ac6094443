//! The face theorem (ours): on inputs of one norm, an interpolating, admissible `2-MLP-Bias` has
//!
//! ```text
//! Tr - (4/n) R sum_i |y_i| = (2/n) sum_i sum_{j active at i} (a_j R - s_i z_j(x_i))^2,   s_i = sign(y_i)
//! ```
//!
//! so it is flattest iff at every training point each active neuron has `sign(a_j) = s_i` and `z_j = |a_j| R`:
//! its active points form an exposed face with labels of one sign, and the masses `a_j^2 R` over a point sum to
//! `|y_i|`. Conversely such fractional covers are flattest. The identity needs `s_i = +-1` at `y_i = 0`.

use super::claims::Claim;
use super::hunt::Quarry;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::face_cover::{FaceNeuron, network, row_of_direction};
use crate::data::Dataset;
use crate::network::{Bias, Network};
use crate::scalar::{Ordered, Radical, Rational, Ring};
use crate::search::generate::Labels;
use crate::sharpness::bound::Bounded;
use crate::sharpness::closed_form::trace;
use conditions::{excess, faces_are_exposed, masses_cover, radius, size};
use drawn::Drawn;
use instances::{Cover, Instance, radius_squared, random_network, random_points, smallest};

mod conditions;
mod drawn;
mod instances;

const HYPOTHESES: &str =
    "Inputs of one norm, any labels (0 too), any width, an admissible theta that interpolates.";

/// With `s_i = sign(y_i)`.
pub static CASE: Case = Case {
    id: "face-theorem",
    aliases: &["t8"],
    title: "flattest networks with bias are covers by exposed faces",
    kind: Kind::Identity,
    place: "ours",
    printed: "Tr - (4/n) R sum |y_i| = (2/n) sum_i sum_{j active at i} (a_j R - s_i z_j(x_i))^2 with \
              s_i = sign(y_i), sign(0) = 0; hence flattest iff every active neuron has sign(a_j) = s_i and \
              z_j(x_i) = |a_j| R, that is iff the neurons are a fractional cover by exposed faces with labels of \
              one sign and masses a_j^2 R that sum to |y_i|; a flattest memoriser exists iff no label is 0; f is \
              linear in the masses.",
    hypotheses: HYPOTHESES,
    construction: "Expand the square: the cross terms sum to -2 R s_i f(x_i).",
    remark: "At y_i = 0 the sign 0 drops the terms z_j(x_i)^2 that the trace has. Any sign +-1 there keeps them, \
             since the cross terms cancel. Nothing else changes: a point of label 0 has no active neuron in a \
             flattest network.",
    repairs: &["face-theorem-repaired"],
    control: "2/n replaced by (2/n)(1 + 10^-30)",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "face-theorem",
            draw: Drawn::draw,
            judge: |drawn| drawn.judge(&Judge::stated("face-theorem", &[0])),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| judge("face-theorem", &[0], run, form),
};

/// With `s_i = +-1` at label 0.
pub static REPAIRED: Case = Case {
    id: "face-theorem-repaired",
    aliases: &[],
    title: "flattest networks with bias are covers by exposed faces, any sign at label 0",
    kind: Kind::Identity,
    place: "ours",
    printed: "As face-theorem, with s_i in {-1, 1} such that s_i y_i = |y_i| (either sign at y_i = 0) in the \
              identity.",
    hypotheses: HYPOTHESES,
    construction: "As face-theorem.",
    remark: "Both signs are tried at label 0. Points of one norm are extreme, so memorising fails at label 0 only: \
             the point's own neuron costs something there, and the bound is 0.",
    repairs: &[],
    control: "2/n replaced by (2/n)(1 + 10^-30)",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "face-theorem-repaired",
            draw: Drawn::draw,
            judge: |drawn| drawn.judge(&Judge::stated("face-theorem-repaired", &[1, -1])),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| judge("face-theorem-repaired", &[1, -1], run, form),
};

/// What is being judged: the case, the signs tried at label 0, the factor of the right side.
struct Judge {
    case: &'static str,
    zero_signs: &'static [i64],
    factor: Radical,
}

fn judge(case: &'static str, zero_signs: &'static [i64], run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical", "Rational"]);
    let tiny = Radical::from_rational(Ring::pow(&Rational::from(10), 30).recip());
    let factor = match form {
        Form::Stated => Radical::one(),
        Form::Control => Radical::one().add(&tiny),
    };
    let it = Judge {
        case,
        zero_signs,
        factor,
    };
    tally.all("one point, one neuron", smallest(), |instance| {
        it.identity(&instance)
    });
    let mut rng = run.rng("face-theorem/networks");
    let count = run.pick(40, 600, 10_000);
    let random: Vec<Instance> = (0..count)
        .filter_map(|_| random_network(&mut rng))
        .collect();
    tally.all("identity, random networks", random, |instance| {
        it.both(&instance)
    });
    let mut rng = run.rng("face-theorem/covers");
    let count = run.pick(20, 200, 3_000);
    let covers: Vec<Cover> = (0..count).map(|_| Cover::random(&mut rng)).collect();
    tally.all("covers by exposed faces", covers, |cover| it.cover(&cover));
    let mut rng = run.rng("face-theorem/memorisers");
    let sets = (0..run.pick(20, 200, 2_000)).map(|_| random_points(Labels::Any, &mut rng));
    tally.all("memorisers", sets.collect(), |data| it.memoriser(&data));
    tally.finish("identity, equality case, faces, covers, memorisers and linearity hold")
}

impl Judge {
    fn stated(case: &'static str, zero_signs: &'static [i64]) -> Self {
        let factor = Radical::one();
        Self {
            case,
            zero_signs,
            factor,
        }
    }

    /// `Tr - bound` against the right side.
    fn identity(&self, instance: &Instance) -> Result<Finding, Finding> {
        let (net, data) = (bias(&instance.network)?, &instance.data);
        let fired = &instance.network.admissible(&data.x)?[0];
        let trace = trace(&instance.network, &data.x)?;
        let bound = Bounded::Bias { depth: 2 }.least_trace(data)?;
        let radius = radius(data)?;
        for zero_sign in self.zero_signs {
            let right = self
                .factor
                .mul(&excess(net, data, fired, &radius, *zero_sign)?);
            if trace.sub(&bound) != right {
                let says = format!(
                    "{}: the trace is {trace}, (4/n) R sum |y_i| is {bound}, the sum of squares {right}",
                    name(instance)
                );
                let member = member(instance)
                    .fact(Fact::Trace {
                        is: Relation::Equal,
                        value: trace.to_string(),
                    })
                    .fact(Fact::LeastTrace {
                        is: Relation::Equal,
                        value: bound.to_string(),
                    })
                    .fact(Fact::Compare {
                        left: format!("{trace} - ({bound})"),
                        is: Relation::Different,
                        right: right.to_string(),
                    });
                let witness = Witness::refutation(self.case, says, vec![member]);
                return Ok(Finding::Fails(Box::new(witness)));
            }
        }
        Ok(Finding::Holds)
    }

    /// The identity, and flattest iff the condition on active neurons.
    fn both(&self, instance: &Instance) -> Result<Finding, Finding> {
        match self.identity(instance)? {
            Finding::Holds => self.equality_case(instance),
            finding => Ok(finding),
        }
    }

    /// Flattest iff each active neuron has `sign(a_j) = sign(y_i)` and `z_j(x_i) = |a_j| R`; then its active
    /// points are an exposed face of one label sign and the masses sum to `|y_i|`.
    fn equality_case(&self, instance: &Instance) -> Result<Finding, Finding> {
        let (net, data) = (bias(&instance.network)?, &instance.data);
        let fired = &instance.network.admissible(&data.x)?[0];
        let radius = radius(data)?;
        let bound = Bounded::Bias { depth: 2 }.least_trace(data)?;
        let flattest = trace(&instance.network, &data.x)? == bound;
        let matched = fired.iter().zip(&data.y).all(|(h, y)| {
            h.active.iter().all(|(j, z)| {
                let a = &net.last[*j];
                a.signum() == y.signum() && *z == size(a).mul(&radius)
            })
        });
        let is = if flattest {
            Relation::Equal
        } else {
            Relation::Greater
        };
        let fail = |says: &str| {
            let member = member(instance).fact(Fact::TraceAgainstBound { is });
            let says = format!("{}: {says}", name(instance));
            Ok(Finding::Fails(Box::new(Witness::refutation(
                self.case,
                says,
                vec![member],
            ))))
        };
        if flattest != matched {
            return fail("flattest and matched heights are not the same");
        }
        if flattest && !faces_are_exposed(instance, net, fired) {
            return fail("flattest, but some active set is no exposed face of one sign");
        }
        if flattest && !masses_cover(net, data, fired, &radius) {
            return fail("flattest, but the masses do not sum to the labels");
        }
        Ok(Finding::Holds)
    }

    /// A cover is flattest, satisfies everything above, and predicts linearly in its masses.
    fn cover(&self, cover: &Cover) -> Result<Finding, Finding> {
        let instance = cover.instance()?;
        let claim = Claim {
            case: self.case,
            instance: name(&instance),
            data: &instance.data,
            network: &instance.network,
            memorising: false,
            error: None,
        };
        match claim.of_construction()? {
            Finding::Holds => {}
            finding => return Ok(finding),
        }
        match self.both(&instance)? {
            Finding::Holds => self.is_linear(cover, &instance),
            finding => Ok(finding),
        }
    }

    /// The prediction at masses `(m + 2 m')/3` is that mix of the predictions.
    fn is_linear(&self, cover: &Cover, instance: &Instance) -> Result<Finding, Finding> {
        let third = Rational::from((1, 3));
        let mixed = |(n, other): (&FaceNeuron, &Rational)| {
            n.mass.add(&other.mul(&Rational::from(2))).mul(&third)
        };
        let masses: Vec<Rational> = cover
            .neurons
            .iter()
            .zip(&cover.other_masses)
            .map(mixed)
            .collect();
        let at = |masses: &[Rational]| -> Result<Radical, Finding> {
            let with = |(n, m): (&FaceNeuron, &Rational)| FaceNeuron {
                mass: m.clone(),
                ..n.clone()
            };
            let neurons: Vec<FaceNeuron> = cover.neurons.iter().zip(masses).map(with).collect();
            let net = Network::Bias(network(&neurons, &radius_squared(&cover.points))?);
            let x: Vec<Radical> = cover
                .unseen
                .iter()
                .cloned()
                .map(Radical::from_rational)
                .collect();
            Ok(net.outputs(&instance.data.x, &[x])?.remove(0))
        };
        let own: Vec<Rational> = cover.neurons.iter().map(|n| n.mass.clone()).collect();
        let (f, g, h) = (at(&own)?, at(&cover.other_masses)?, at(&masses)?);
        let third = Radical::from_rational(third);
        let mix = f.add(&g.mul(&Radical::from_int(2))).mul(&third);
        Ok(Finding::from_check(h.compare(&mix)?.is_eq(), || {
            let fact = Fact::Compare {
                left: h.to_string(),
                is: Relation::Different,
                right: mix.to_string(),
            };
            let says = format!(
                "{}: the prediction {h} is not the mix {mix}",
                name(instance)
            );
            Witness::refutation(
                self.case,
                says,
                vec![Member::new(name(instance)).fact(fact)],
            )
        }))
    }

    /// One neuron per point: flattest and memorising iff no label is 0.
    fn memoriser(&self, data: &Dataset<Rational>) -> Result<Finding, Finding> {
        let one = |(x, y): (&Vec<Rational>, &Rational)| FaceNeuron {
            row: row_of_direction(&data.x, x).0,
            sign: if y.cmp0().is_lt() { -1 } else { 1 },
            mass: y.clone().abs(),
        };
        let neurons: Vec<FaceNeuron> = data.x.iter().zip(&data.y).map(one).collect();
        let mut net = network(&neurons, &radius_squared(&data.x))?;
        let no_zero = data.y.iter().all(|y| !y.is_zero());
        for (j, neuron) in neurons.iter().enumerate().filter(|(_, n)| n.mass.is_zero()) {
            // a memoriser is active there, so the weight is 0
            net.first[j] = neuron
                .row
                .iter()
                .cloned()
                .map(Radical::from_rational)
                .collect();
        }
        let exact = data.map(|q| Radical::from_rational(q.clone()));
        let instance = Instance {
            points: data.x.clone(),
            network: Network::Bias(net),
            data: exact,
        };
        if !no_zero {
            return self.is_above(&instance);
        }
        let claim = Claim {
            case: self.case,
            instance: name(&instance),
            data: &instance.data,
            network: &instance.network,
            memorising: true,
            error: None,
        };
        claim.of_construction()
    }

    /// A memorising network at a label 0 is above the bound.
    fn is_above(&self, instance: &Instance) -> Result<Finding, Finding> {
        let least = Bounded::Bias { depth: 2 }.least_trace(&instance.data)?;
        if !instance.network.is_memorising(&instance.data.x)? {
            let why = format!("{}: the network tried is not memorising", name(instance));
            return Ok(Finding::Undecided(why));
        }
        let above = trace(&instance.network, &instance.data.x)? > least;
        Ok(Finding::from_check(above, || {
            let says = format!("{}: a flattest memoriser at label 0", name(instance));
            let is = Relation::Equal;
            let member = member(instance)
                .fact(Fact::Memorising { holds: true })
                .fact(Fact::TraceAgainstBound { is });
            Witness::refutation(self.case, says, vec![member])
        }))
    }
}

fn bias(network: &Network<Radical>) -> Result<&Bias<Radical>, Finding> {
    match network {
        Network::Bias(net) => Ok(net),
        _ => Err(Finding::Undecided("a network with bias is needed".into())),
    }
}

fn member(instance: &Instance) -> Member {
    Member::new(name(instance))
        .data(&instance.data)
        .network(&instance.network)
}

fn name(instance: &Instance) -> String {
    let net = instance.network.architecture();
    format!(
        "n = {}, d = {}, width {}",
        instance.data.len(),
        instance.data.dim(),
        net.width()
    )
}
