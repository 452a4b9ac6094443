//! Three notions of flatness disagree (ours): trace, largest eigenvalue and least eigenvalue of the Gram matrix.
//!
//! At an interpolating theta the Hessian is `(2/n) J^T J`, with the non-zero eigenvalues of `(2/n) J J^T`. On n
//! distinct samples of P_xor, `R = sqrt(d+1)`:
//!
//! | network | eigenvalues |
//! |---|---|
//! | bias, memoriser | `4R/n`, n times |
//! | bias, generaliser | the same sum; some above and some below `4R/n` if a quadrant holds two samples |
//! | bias, generaliser, full cube | `(R + 3/R)/2` 4 times, `1/(2R)` 4 (d-2) times, rest 0 |
//! | LN, memoriser | `2/n`, n times |
//! | LN, generaliser | `(2/n)` times the number of samples in each quadrant, rest 0 |
//!
//! Any interpolating network with bias has a trace of at least `4R`, hence an eigenvalue of at least `4R/n`.
//! Eigenvalues are counted exactly around the claimed values ([`crate::sharpness::spectrum`]).

use super::hunt::Quarry;
use super::{Case, Finding, Form, Kind, Outcome, Run, Tally};
use crate::certificate::{Fact, Member, Relation, Witness};
use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::construction::three_notions as construction;
use crate::data::{Dataset, xor};
use crate::network::Network;
use crate::scalar::{Field, NoValue, Radical, Rational, Ring};
use crate::sharpness::closed_form::trace;
use crate::sharpness::spectrum::{counts_around, hessian_gram};
use instances::{Drawn, balanced_sample, distinct_sample, interpolator, with_counts};

mod instances;

/// With "balanced classes" read as the two labels.
pub static CASE: Case = Case {
    id: "three-notions",
    aliases: &["t9"],
    title: "trace, largest eigenvalue and least eigenvalue disagree on what is flat",
    kind: Kind::Universal,
    place: "ours",
    printed: "On n distinct samples of P_xor with bias every interpolating network has lambda_max >= 4R/n; the \
              memoriser has n equal eigenvalues 4R/n; the four-neuron generaliser has the same trace but, if some \
              quadrant holds two samples, a strictly larger lambda_max and a strictly smaller least eigenvalue of \
              the Gram matrix; full cube: (R + 3/R)/2 four times, 1/(2R) 4(d-2) times, the rest 0. With LN: 2/n n \
              times against 1/2 four times for balanced classes.",
    hypotheses: "Distinct samples, R = sqrt(d+1), an admissible interpolating theta; LN: as many labels 1 as -1.",
    construction: "Gradients of samples on different neurons are orthogonal; two samples on one neuron have the \
                   product (x.x' + 1)/R + R.",
    remark: "The LN generaliser has an eigenvalue (2/n) n_q for each of the four quadrants, n_q its number of samples. \
             Balanced labels do not make these 1/2, balanced quadrants do. The other clauses stand.",
    repairs: &["three-notions-repaired"],
    control: "every claimed value of a memoriser multiplied by 1 + 10^-30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "three-notions",
            draw: Drawn::draw,
            judge: |drawn| drawn.judge("three-notions", Balance::Labels),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| judge("three-notions", Balance::Labels, run, form),
};

/// With balanced quadrants.
pub static REPAIRED: Case = Case {
    id: "three-notions-repaired",
    aliases: &[],
    title: "trace, largest eigenvalue and least eigenvalue disagree, balanced quadrants",
    kind: Kind::Universal,
    place: "ours",
    printed: "As three-notions, with LN eigenvalues 1/2 four times where every quadrant holds n/4 samples.",
    hypotheses: "Distinct samples, R = sqrt(d+1), an admissible interpolating theta; LN: n/4 samples per quadrant.",
    construction: "As three-notions.",
    remark: "With n equal eigenvalues and the least trace the memoriser is below every interpolating network in every \
             increasing Schur-convex function of the spectrum: the k largest eigenvalues sum to at least k/n of the \
             trace. That step is by hand; the counts are checked. Repeated samples break the equality, since equal \
             rows of J make one eigenvalue of several.",
    repairs: &[],
    control: "every claimed value of a memoriser multiplied by 1 + 10^-30",
    file: file!(),
    coq: None,
    hunt: Some(|search| {
        Quarry {
            case: "three-notions-repaired",
            draw: Drawn::draw,
            judge: |drawn| drawn.judge("three-notions-repaired", Balance::Quadrants),
            simpler: Drawn::simpler,
        }
        .hunt(search)
    }),
    judge: |run, form| judge("three-notions-repaired", Balance::Quadrants, run, form),
};

/// What the LN clause asks of the samples.
#[derive(Clone, Copy, PartialEq)]
enum Balance {
    Labels,
    Quadrants,
}

/// How many eigenvalues are claimed.
#[derive(Clone, Copy)]
enum Count {
    Exactly(usize),
    Some,
}

/// "So many eigenvalues are `is` value".
struct Claimed {
    is: Relation,
    value: Radical,
    count: Count,
}

/// The case, and the factor of the memorisers' claimed values.
struct Judge {
    case: &'static str,
    factor: Radical,
}

fn judge(case: &'static str, balance: Balance, run: &Run, form: Form) -> Outcome {
    let mut tally = Tally::new(run, &["Radical", "Rational"]);
    let tiny = Radical::from_rational(Ring::pow(&Rational::from(10), 30).recip());
    let factor = match form {
        Form::Stated => Radical::one(),
        Form::Control => Radical::one().add(&tiny),
    };
    let it = Judge { case, factor };
    let cubes = (2..=run.pick(4, 6, 7)).filter_map(|d| xor::full_cube(d).ok());
    tally.all("full cubes, bias", cubes.collect(), |data| {
        it.full_cube(&data)
    });
    let mut rng = run.rng("three-notions/samples");
    let count = run.pick(6, 40, 300);
    let mut samples: Vec<_> = (0..count)
        .filter_map(|_| distinct_sample(&mut rng))
        .collect();
    let large = run.pick(vec![], vec![30], vec![30, 100]);
    let large = large
        .into_iter()
        .filter_map(|n| xor::sample(30, n, &mut rng).ok()?.distinct());
    samples.extend(large);
    tally.all("distinct samples, bias", samples, |data| it.bias(&data));
    let mut rng = run.rng("three-notions/interpolators");
    let any = (0..run.pick(8, 60, 600)).filter_map(|_| interpolator(&mut rng));
    tally.all(
        "any interpolating networks",
        any.collect(),
        |(data, net)| it.any_interpolator(&data, &net),
    );
    let mut rng = run.rng("three-notions/balanced");
    let mut balanced = vec![];
    if balance == Balance::Labels {
        balanced.extend(with_counts(3, [2, 2, 1, 1], &mut rng));
    }
    balanced.extend(xor::full_cube(3).ok());
    for _ in 0..run.pick(6, 40, 300) {
        balanced.extend(balanced_sample(balance, &mut rng));
    }
    tally.all("balanced samples, LN", balanced, |data| {
        it.layer_norm(&data)
    });
    tally.finish("every eigenvalue is counted where it is claimed")
}

impl Balance {
    /// Of a sample with at least the four eigenvalues that the clause names.
    fn holds(self, data: &Dataset<Rational>) -> bool {
        let counts = quadrant_counts(data); // labels 1, -1, -1, 1
        let balanced = match self {
            Self::Labels => counts[0] + counts[3] == counts[1] + counts[2],
            Self::Quadrants => counts.iter().all(|count| *count == counts[0]),
        };
        balanced && data.len() >= 4
    }
}

impl Judge {
    fn stated(case: &'static str) -> Self {
        let factor = Radical::one();
        Self { case, factor }
    }

    /// Every clause on a distinct sample; vacuous on others.
    fn samples(&self, data: &Dataset<Rational>, balance: Balance) -> Result<Finding, Finding> {
        let distinct = data.distinct().filter(|distinct| distinct == data);
        let data = distinct.ok_or_else(|| Finding::Vacuous("a sample repeats".into()))?;
        let finding = self.bias(&data)?;
        self.then(finding, || match balance.holds(&data) {
            true => self.layer_norm(&data),
            false => Ok(Finding::Holds),
        })
    }

    /// The whole spectrum of both networks with bias.
    fn full_cube(&self, data: &Dataset<Rational>) -> Result<Finding, Finding> {
        let (n, d) = (data.len(), data.dim());
        let (radius, inverse) = radius(d)?;
        let half = Radical::from_rational(Rational::from((1, 2)));
        let top = radius.add(&inverse.mul(&Radical::from_int(3))).mul(&half); // (R + 3/R)/2
        let low = inverse.mul(&half); // 1/(2R)
        let exactly = |value, count| Claimed {
            is: Relation::Equal,
            value,
            count: Count::Exactly(count),
        };
        let claimed = [
            exactly(top, 4),
            exactly(low, 4 * (d - 2)),
            exactly(Radical::zero(), n - 4 * (d - 1)),
        ];
        let generaliser = construction::bias_generaliser(d)?;
        let finding = self.spectrum("generaliser", data, &generaliser, &claimed)?;
        self.then(finding, || self.bias(data))
    }

    /// `4R/n` n times against the same sum, spread where two samples share a quadrant.
    fn bias(&self, data: &Dataset<Rational>) -> Result<Finding, Finding> {
        let (n, d) = (data.len(), data.dim());
        let memoriser = construction::bias_memoriser(data)?;
        let generaliser = construction::bias_generaliser(d)?;
        let x = exact(data).x;
        let (left, right) = (trace(&memoriser, &x)?, trace(&generaliser, &x)?);
        if left != right {
            let says = format!("{}: the traces are {left} and {right}", name(data));
            let fact = |value: &Radical| Fact::Trace {
                is: Relation::Equal,
                value: value.to_string(),
            };
            let members = vec![
                member("memoriser", data, &memoriser).fact(fact(&left)),
                member("generaliser", data, &generaliser).fact(fact(&right)),
            ];
            return Ok(Finding::Fails(Box::new(Witness::refutation(
                self.case, says, members,
            ))));
        }
        let level = equal_share(n, d)?;
        let claimed = [self.memoriser_claim(level.clone(), n)];
        let finding = self.spectrum("memoriser", data, &memoriser, &claimed)?;
        let spread = [Relation::Greater, Relation::Less].map(|is| Claimed {
            is,
            value: level.clone(),
            count: Count::Some,
        });
        let shared = quadrant_counts(data).iter().any(|count| *count >= 2);
        self.then(finding, || match shared {
            true => self.spectrum("generaliser", data, &generaliser, &spread),
            false => Ok(Finding::Holds),
        })
    }

    /// `lambda_max >= 4R/n`.
    fn any_interpolator(
        &self,
        data: &Dataset<Rational>,
        net: &Network<Radical>,
    ) -> Result<Finding, Finding> {
        let claimed = [Claimed {
            is: Relation::AtLeast,
            value: equal_share(data.len(), data.dim())?,
            count: Count::Some,
        }];
        self.spectrum("interpolating network", data, net, &claimed)
    }

    /// `2/n` n times against `1/2` four times and 0.
    fn layer_norm(&self, data: &Dataset<Rational>) -> Result<Finding, Finding> {
        let (n, d) = (data.len(), data.dim());
        let eps = Rational::from((1, 1000));
        let rational = |p: usize, q: usize| Radical::from_rational(Rational::from((p, q)));
        let generaliser = construction::norm_generaliser(d, &eps);
        let exactly = |value, count| Claimed {
            is: Relation::Equal,
            value,
            count: Count::Exactly(count),
        };
        let claimed = [exactly(rational(1, 2), 4), exactly(Radical::zero(), n - 4)];
        let finding = self.spectrum("LN generaliser", data, &generaliser, &claimed)?;
        let memoriser = construction::norm_memoriser(data, &eps);
        let claimed = [self.memoriser_claim(rational(2, n), n)];
        self.then(finding, || {
            self.spectrum("LN memoriser", data, &memoriser, &claimed)
        })
    }

    fn memoriser_claim(&self, value: Radical, n: usize) -> Claimed {
        Claimed {
            is: Relation::Equal,
            value: value.mul(&self.factor),
            count: Count::Exactly(n),
        }
    }

    /// `next` unless `finding` already fails.
    fn then(
        &self,
        finding: Finding,
        next: impl FnOnce() -> Result<Finding, Finding>,
    ) -> Result<Finding, Finding> {
        match finding {
            Finding::Holds => next(),
            finding => Ok(finding),
        }
    }

    /// Whether the network interpolates and its eigenvalues are as claimed.
    fn spectrum(
        &self,
        which: &str,
        data: &Dataset<Rational>,
        net: &Network<Radical>,
        claimed: &[Claimed],
    ) -> Result<Finding, Finding> {
        let samples = exact(data);
        let matrix = hessian_gram(net, &samples.x)?;
        if net.outputs(&samples.x, &samples.x)? != samples.y {
            return Ok(Finding::Undecided(format!(
                "{}: no interpolation",
                name(data)
            )));
        }
        for Claimed { is, value, count } in claimed {
            let counts = counts_around(&matrix, value)?;
            let found = is.select([counts.below, counts.at, counts.above]);
            let holds = match count {
                Count::Exactly(count) => found == *count,
                Count::Some => found > 0,
            };
            if !holds {
                let wanted = match count {
                    Count::Exactly(count) => count.to_string(),
                    Count::Some => "some".into(),
                };
                let says = format!(
                    "{}: {found} eigenvalues of the {which} are {is} {value}, not {wanted}; samples per quadrant {:?}",
                    name(data),
                    quadrant_counts(data)
                );
                let fact = Fact::Eigenvalues {
                    is: *is,
                    value: value.to_string(),
                    count: found,
                };
                let member = member(which, data, net).fact(fact);
                let witness = Witness::refutation(self.case, says, vec![member]);
                return Ok(Finding::Fails(Box::new(witness)));
            }
        }
        Ok(Finding::Holds)
    }
}

/// R and 1/R.
fn radius(d: usize) -> Result<(Radical, Radical), NoValue> {
    let radius = Radical::root_of(&Rational::from(d + 1), 2)?;
    let inverse = radius.inv()?;
    Ok((radius, inverse))
}

/// `4R/n`.
fn equal_share(n: usize, d: usize) -> Result<Radical, NoValue> {
    let share = Radical::from_rational(Rational::from((4, n)));
    Ok(radius(d)?.0.mul(&share))
}

fn exact(data: &Dataset<Rational>) -> Dataset<Radical> {
    data.map(|q| Radical::from_rational(q.clone()))
}

fn name(data: &Dataset<Rational>) -> String {
    format!("d = {}, n = {}", data.dim(), data.len())
}

fn member(which: &str, data: &Dataset<Rational>, net: &Network<Radical>) -> Member {
    let name = format!("{which}, {}", name(data));
    Member::new(name).data(&exact(data)).network(net)
}

/// The numbers of samples in (1,1), (1,-1), (-1,1), (-1,-1).
fn quadrant_counts(data: &Dataset<Rational>) -> [usize; 4] {
    QUADRANTS.map(|(s, t)| data.x.iter().filter(|x| x[0] == s && x[1] == t).count())
}
