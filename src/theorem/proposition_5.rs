//! Propositions 5.1 and 5.2 (Wen, Li, Ma 2023): for P_xor with layer norm, eps small enough and any n,
//! the minimal sharpness is 2; a memorising network with 0-1 error `max(1 - n/2^d, 0)` and a network
//! with error 0 both attain it.
//!
//! "Any n" counts indices, so inputs may repeat. Nets: [`crate::construction::proposition_5`].

use super::claims::Claim;
use super::hunt::Quarry;
use super::hunt::draw::{simpler_xor, xor_samples};
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::construction::proposition_5::{generaliser, memoriser, with_spares};
use crate::data::{Dataset, xor};
use crate::network::{Network, SimLn};
use crate::scalar::{Radical, Rational, Ring};
use crate::search::{generate, shrink};
use rand_chacha::ChaCha8Rng;
use rug::Integer;
use std::collections::BTreeSet;

/// Proposition 5.1 as an existence claim.
pub static CASE: Case = Case {
    id: "proposition-5.1",
    aliases: &[],
    title: "a flattest memorising network of P_xor with layer norm",
    kind: Kind::Existence,
    place: "Section 5",
    printed: "For P_xor, eps small enough and any n: the minimal sharpness is 2, and some width-n memorising \
              2-MLP-Sim-LN attains it with 0-1 population error max(1 - n/2^d, 0).",
    hypotheses: "d >= 2, eps < sqrt(d + 1), n >= 1 i.i.d. samples, repeats possible.",
    construction: "One neuron per distinct input. With k distinct inputs, n - k neurons are left; each is dead \
                   on the training set and alive at one unseen vertex with the right sign.",
    remark: "Counting indices, n/2^d needs the spare neurons: one neuron per distinct input alone has error \
             1 - k/2^d.",
    repairs: &[],
    control: "eps = 3 sqrt(d + 1) rounded up, where the least sharpness is below 2",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-5.1",
            draw: Instance::draw,
            judge: |i| exists(i.with_small_eps()?, Form::Stated),
            simpler: Instance::simpler,
        }
        .hunt(search)
    }),
    judge: judge_memoriser,
};

/// Proposition 5.1's printed network.
pub static PRINTED: Case = Case {
    id: "proposition-5.1-printed",
    aliases: &[],
    title: "the printed memorising network of P_xor with layer norm",
    kind: Kind::Construction,
    place: "Appendix A, proof of Proposition 5.1",
    printed: "W1_i = 2 eps x_i/delta, b_i = 2 eps (-d + delta)/delta, W2_i = y_i, one neuron per sample: memorising, \
              flattest, 0-1 error max(1 - n/2^d, 0).",
    hypotheses: "d >= 2, eps < sqrt(d + 1), 0 < delta < 2, n >= 1 i.i.d. samples, repeats possible.",
    construction: "As printed.",
    remark: "Where an input occurs k times, k equal neurons fire there and f = sqrt(k) y. Without repeats the \
             network is as claimed.",
    repairs: &["proposition-5.1"],
    control: "delta = 2, where neighbours on the cube sit on a kink",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-5.1-printed",
            draw: Instance::draw,
            judge: |i| is_as_printed(i.with_small_eps()?, Form::Stated),
            simpler: Instance::simpler,
        }
        .hunt(search)
    }),
    judge: judge_printed,
};

/// Proposition 5.2.
pub static GENERALISER: Case = Case {
    id: "proposition-5.2",
    aliases: &[],
    title: "a flattest generalising network of P_xor with layer norm",
    kind: Kind::Existence,
    place: "Section 5",
    printed: "For P_xor, eps small enough and any n: the four neurons 2 eps (s, t, 0, ..., 0), bias -2 eps, W2 = s t \
              have sharpness 2, the least possible, and 0-1 population error 0.",
    hypotheses: "d >= 2, eps < sqrt(d + 1), n >= 1 i.i.d. samples, repeats possible.",
    construction: "As printed; one neuron is active at every input, with height 2 eps.",
    remark: "",
    repairs: &[],
    control: "one W2 changes its sign",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "proposition-5.2",
            draw: Instance::draw,
            judge: |i| generalises(i.with_small_eps()?, Form::Stated),
            simpler: Instance::simpler,
        }
        .hunt(search)
    }),
    judge: judge_generaliser,
};

/// A P_xor sample and an eps below sqrt(d + 1).
#[derive(Clone)]
struct Instance {
    data: Dataset<Rational>,
    eps: Rational,
}

impl Instance {
    fn draw(rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self) {
        let data = xor_samples(rng, attempt);
        let eps = small_eps(rng);
        ("samples of P_xor", Self { data, eps })
    }

    fn simpler(&self) -> Vec<Self> {
        let with = |(data, eps)| Self { data, eps };
        let samples = simpler_xor(&self.data).into_iter();
        let samples = samples.map(|data| (data, self.eps.clone()));
        let epsilons = shrink::rational(&self.eps).into_iter();
        let epsilons = epsilons.map(|eps| (self.data.clone(), eps));
        samples.chain(epsilons).map(with).collect()
    }

    /// Vacuous unless `0 < eps < sqrt(d + 1)`.
    fn with_small_eps(&self) -> Result<&Self, Finding> {
        let is_small = self.eps > 0 && Ring::square(&self.eps) < self.data.dim() as u64 + 1;
        let no = || Finding::Vacuous("eps is not below sqrt(d + 1)".into());
        is_small.then_some(self).ok_or_else(no)
    }

    fn name(&self) -> String {
        let (d, n) = (self.data.dim(), self.data.len());
        let distinct = self.data.distinct().map_or(0, |distinct| distinct.len());
        let repeats = if distinct < n {
            format!(", {distinct} of them distinct")
        } else {
            String::new()
        };
        format!("P_xor, d = {d}, n = {n}{repeats}, eps = {}", self.eps)
    }

    /// `max(1 - n/2^d, 0)`.
    fn error(&self) -> Rational {
        let cube = Integer::from(1) << self.data.dim() as u32;
        let right = Rational::from((Integer::from(self.data.len()), cube));
        (Rational::from(1) - right).max(Rational::new())
    }

    fn claim(
        &self,
        case: &'static str,
        net: SimLn<Radical>,
        memorising: bool,
        error: Rational,
        decide: impl Fn(&Claim) -> Result<Finding, Finding>,
    ) -> Result<Finding, Finding> {
        let data = self.data.map(|q| Radical::from_rational(q.clone()));
        let network = Network::SimLn(net);
        let instance = self.name();
        decide(&Claim {
            case,
            instance,
            data: &data,
            network: &network,
            memorising,
            error: Some(error),
        })
    }

    /// The memoriser of the distinct inputs, its spare neurons alive at unseen vertices.
    fn spared(&self, eps: &Rational) -> Option<SimLn<Radical>> {
        let distinct = self.data.distinct()?;
        let seen: BTreeSet<&Vec<Rational>> = distinct.x.iter().collect();
        let d = self.data.dim();
        let spare = self.data.len() - distinct.len();
        let vertices = xor::cube(d.min(xor::MAX_CUBE)).ok()?;
        // beyond MAX_CUBE coordinates the last ones stay -1: still distinct vertices
        let unseen = vertices
            .map(|bits| xor::point::<Rational>(bits, d))
            .filter(|u| !seen.contains(u));
        let alive: Vec<_> = unseen.take(spare).collect();
        let net = memoriser(&distinct, eps, &Rational::from(1));
        Some(with_spares(net, &alive, self.data.len()))
    }
}

/// A rational eps with `0 < eps < sqrt 3 <= sqrt(d + 1)`.
fn small_eps(rng: &mut ChaCha8Rng) -> Rational {
    Rational::from((1 + generate::below(rng, 20) as i64, 12))
}

/// Every small n at small d, where repeats are common, then larger samples.
fn instances(run: &Run, stream: &str) -> Vec<Instance> {
    let mut rng = run.rng(stream);
    let mut sizes: Vec<(usize, usize)> =
        (2..=4).flat_map(|d| (1..=9).map(move |n| (d, n))).collect();
    sizes.extend([(2, 20), (3, 40), (10, 30), (30, 1), (30, 2), (30, 3)]);
    sizes.extend(run.pick(
        vec![(30, 20)],
        vec![(30, 100), (20, 200)],
        vec![(30, 100), (64, 100), (30, 500)],
    ));
    let draw = |(d, n)| {
        Some(Instance {
            data: xor::sample(d, n, &mut rng).ok()?,
            eps: small_eps(&mut rng),
        })
    };
    sizes.into_iter().filter_map(draw).collect()
}

fn judge_memoriser(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    tally.all("P_xor samples", instances(run, "proposition-5.1"), |i| {
        exists(&i, form)
    });
    tally.finish("a memorising network of width n has sharpness 2, the least possible, and the printed error")
}

fn exists(i: &Instance, form: Form) -> Result<Finding, Finding> {
    let no = || Finding::Undecided("no spare vertices at this d".into());
    match form {
        Form::Stated => {
            let net = i.spared(&i.eps).ok_or_else(no)?;
            i.claim("proposition-5.1", net, true, i.error(), |c| {
                c.of_existence()
            })
        }
        Form::Control => {
            let large = Rational::from(3 * (1 + (i.data.dim() as f64 + 1.0).sqrt() as i64));
            let net = i.spared(&large).ok_or_else(no)?;
            i.claim("proposition-5.1", net, true, i.error(), |c| {
                c.of_construction()
            })
        }
    }
}

fn judge_printed(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    let repeated = xor::point::<Rational>(3, 2);
    let twice = Dataset {
        x: vec![repeated.clone(), repeated],
        y: vec![Rational::from(1), Rational::from(1)],
    };
    let twice = Instance {
        data: twice,
        eps: Rational::from(1),
    };
    let judge = |i: Instance| is_as_printed(&i, form);
    if form == Form::Stated {
        tally.all("one input twice", vec![twice], judge);
    }
    let (repeats, distinct): (Vec<_>, Vec<_>) = instances(run, "proposition-5.1-printed")
        .into_iter()
        .partition(|i| i.data.distinct().is_none_or(|d| d.len() < i.data.len()));
    tally.all("distinct samples", distinct, judge);
    if form == Form::Stated {
        tally.all("repeated samples", repeats, judge);
    }
    tally.finish("memorising, flattest, and of the printed error")
}

fn is_as_printed(i: &Instance, form: Form) -> Result<Finding, Finding> {
    let delta = match form {
        Form::Stated => Rational::from(1),
        Form::Control => Rational::from(2),
    };
    let net = memoriser(&i.data, &i.eps, &delta);
    i.claim("proposition-5.1-printed", net, true, i.error(), |c| {
        c.of_construction()
    })
}

fn judge_generaliser(run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical"]);
    tally.all("P_xor samples", instances(run, "proposition-5.2"), |i| {
        generalises(&i, form)
    });
    tally.finish("the four neurons have sharpness 2, the least possible, and error 0")
}

fn generalises(i: &Instance, form: Form) -> Result<Finding, Finding> {
    let mut net = generaliser(i.data.dim(), &i.eps);
    let zero = Rational::new();
    match form {
        Form::Stated => i.claim("proposition-5.2", net, false, zero, |c| c.of_existence()),
        Form::Control => {
            net.last[3] = net.last[3].neg();
            i.claim("proposition-5.2", net, false, zero, |c| c.of_construction())
        }
    }
}
