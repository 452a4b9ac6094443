//! The families against Theorem 3.2 as members of a witness: for a complete set, an unseen point and
//! a kappa, the parameter is made small until `Tr <= inf Tr + kappa`, and the facts say what fails.
//! Test `every_family_refutes` in the parent.

use crate::certificate::{Fact, Member, Relation};
use crate::construction::relu_sum::{ReluSum, Term};
use crate::construction::theorem_3_2_absorbed::{self as absorbed, Reach, point};
use crate::construction::theorem_3_2_leaning as leaning;
use crate::construction::theorem_3_2_pairs::{self as pairs, Plan};
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::scalar::{Integer, Radical, Rational};
use crate::theorem::Finding;
use crate::theorem::near_minimal::NearMinimal;
use rug::ops::Pow;

/// An unseen point: the quadrant (x1, x2) and the suffix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) q: (i64, i64),
    pub(super) sigma: u64,
}

/// What a member of a family violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violates {
    /// The value clause at the site, with `y f <= 0`.
    At(Option<(i64, i64)>),
    /// The value clause, with `y f <= 0`, at this share 1/k of the unseen points.
    Share(u32),
    /// The row clause at this neuron, with ratio 1; f is perfect.
    Row(usize),
}

/// A family of networks in a parameter t that tends to 0.
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) violates: Violates,
    /// The network at t, `None` where the family needs a different S.
    build: fn(&CompleteSet, Site, &Rational) -> Option<ReluSum>,
}

/// One member to be built: `kappa = 10^-digits`.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) set: CompleteSet,
    pub(super) site: Site,
    pub(super) digits: u32,
}

/// Every family; the width-6 family of d = 4 is [`smallest_dimension`].
pub(super) const FAMILIES: [Family; 10] = [
    Family {
        name: "leaning on a neuron of every quadrant, width 3",
        violates: Violates::Row(0),
        build: |set, _, t| width_3(set.d(), t),
    },
    Family {
        name: "null neuron, width 5",
        violates: Violates::Row(4),
        build: |set, _, _| null_neuron(set.d()),
    },
    Family {
        name: "leaning generalisers, width 5",
        violates: Violates::At(Some((1, 1))),
        build: |set, site, t| Some(leaning::width_5(set, site.sigma, t, &t.square_ref().into())),
    },
    Family {
        name: "absorbed, width 5",
        violates: Violates::At(None),
        build: |set, Site { q, sigma }, t| {
            absorbed::one_face(set, q, sigma, &t.square_ref().into(), &t.recip_ref().into())
        },
    },
    Family {
        name: "one pair, width 6",
        violates: Violates::At(None),
        build: |set, Site { q, sigma }, t| {
            let (delta, strength) = (t.square_ref().into(), t.recip_ref().into());
            Some(pairs::one_pair(set, q, sigma, &delta, &strength))
        },
    },
    Family {
        name: "Hamming ball, width 5: every unseen point of label +1",
        violates: Violates::Share(2),
        build: |set, _, t| hamming_ball(set, t, Reach::Positive),
    },
    Family {
        name: "Hamming ball, width 7: every unseen point",
        violates: Violates::Share(1),
        build: |set, _, t| hamming_ball(set, t, Reach::All),
    },
    Family {
        name: "absorbed cover: every unseen point",
        violates: Violates::Share(1),
        build: |set, _, t| absorbed::every_point(set, &t.square_ref().into()),
    },
    Family {
        name: "pairs over a cover: every unseen point",
        violates: Violates::Share(1),
        build: |set, _, t| pairs::every_point(set, &t.square_ref().into(), Plan::Cover).ok(),
    },
    Family {
        name: "one pair per point, width 4 + 2U: every unseen point",
        violates: Violates::Share(1),
        build: |set, _, t| pairs::every_point(set, &t.square_ref().into(), Plan::Pairs).ok(),
    },
];

/// `h = t x3`, `alpha = 2t`.
fn width_3(d: usize, t: &Rational) -> Option<ReluSum> {
    let mut tail = vec![Rational::new(); d.saturating_sub(2)];
    *tail.first_mut()? = t.clone();
    Some(leaning::width_3(&Rational::from(t * 2), &tail))
}

/// The generaliser and a neuron with `gamma = W2 = 0` and row `(0, 0, 1, 0, ..., 0)`, bias 2.
fn null_neuron(d: usize) -> Option<ReluSum> {
    let mut sum = pairs::generaliser(d);
    let mut row = vec![Rational::new(); d + 1];
    *row[..d].get_mut(2)? = Rational::from(1);
    row[d] = Rational::from(2);
    sum.terms.push(Term {
        row,
        weight: Rational::new(),
    });
    Some(sum)
}

fn hamming_ball(set: &CompleteSet, t: &Rational, reach: Reach) -> Option<ReluSum> {
    let ball = CompleteSet::smallest(set.d()).ok()?;
    (ball == *set).then(|| absorbed::hamming_ball(set, t, &t.square_ref().into(), reach))?
}

/// `10^-digits`.
pub(super) fn power_of_ten(digits: u32) -> Rational {
    Rational::from((Integer::from(1), Integer::from(10).pow(digits)))
}

impl Family {
    /// The member at this set, site and kappa; `None` where the family needs a different S.
    pub(super) fn member(&self, instance: &Instance) -> Result<Option<Member>, Finding> {
        let Instance { set, site, digits } = instance;
        let build = |t: &Rational| (self.build)(set, *site, t);
        let Some(near) = NearMinimal::first(set, &power_of_ten(*digits), 10, build)? else {
            return Ok(None);
        };
        let (d, size, width) = (set.d(), set.suffixes().len(), near.sum.width());
        let name = self.name;
        let name = format!("{name}; d = {d}, |S| = {size}, m = {width}, kappa = 10^-{digits}");
        let member = near.member(name);
        let error = |value: Rational| Fact::PopulationError {
            is: Relation::Equal,
            value: value.to_string(),
        };
        Ok(Some(match self.violates {
            Violates::At(q) => {
                let u = point(q.unwrap_or(site.q), site.sigma);
                near.prediction(member, &xor::point(u, d), &Rational::new())
            }
            Violates::Share(k) => {
                let unseen = (1u64 << d) - near.data.len() as u64;
                member.fact(error(Rational::from((unseen / u64::from(k), 1u64 << d))))
            }
            Violates::Row(neuron) => {
                let row = Fact::RelativeTailSquared {
                    neuron,
                    is: Relation::Equal,
                    value: "1".into(),
                };
                member.fact(error(Rational::new())).fact(row)
            }
        }))
    }
}

/// The width-6 family of d = 4 at kappa = 10^-digits: `c = kappa/16`, `R = 3 10^ceil(digits/2)`,
/// `delta = c kappa`, so `Tr - 8 < kappa` and `f(1,1,-1,-1) = 1 - sqrt(12) (2 + delta)/kappa`.
pub(super) fn smallest_dimension(digits: u32) -> Result<Member, Finding> {
    let kappa = power_of_ten(digits);
    let c = Rational::from(&kappa / 16);
    let r = power_of_ten(digits.div_ceil(2)).recip() * 3;
    let delta = Rational::from(&c * &kappa);
    let net = pairs::smallest_dimension(&c, &r, &delta)?;
    let set = CompleteSet::smallest(4).expect("4 is in range");
    let data = set
        .training_set()
        .map(|q| Radical::from_rational(q.clone()));
    let parameters = [("kappa", kappa), ("c", c), ("R", r), ("delta", delta)];
    let member = Member::new(format!("d = 4, |S| = 3, m = 6, kappa = 10^-{digits}"));
    let member = parameters
        .into_iter()
        .fold(member, |member, (name, value)| {
            member.parameter(name, &Radical::from_rational(value))
        });
    let at = ["1", "1", "-1", "-1"].map(String::from).to_vec();
    let prediction = |is, value: &str| Fact::Prediction {
        at: at.clone(),
        is,
        value: value.into(),
    };
    let compare = |left: &str, right: &str| Fact::Compare {
        left: left.into(),
        is: Relation::AtMost,
        right: right.into(),
    };
    Ok(member
        .data(&data)
        .network(&net)
        .fact(Fact::LeastCoefficientSum {
            is: Relation::Equal,
            value: "2".into(),
        })
        .fact(Fact::Interpolates)
        .fact(Fact::Trace {
            is: Relation::Equal,
            value: "8 + 8*c + 32/(9*R^2)".into(),
        })
        .fact(compare("8 + 8*c + 32/(9*R^2)", "8*(1 + kappa)"))
        .fact(prediction(
            Relation::Equal,
            "1 - c*sqrt(12)*(2 + delta)/delta",
        ))
        .fact(prediction(Relation::Less, "-6/kappa"))
        .fact(Fact::RelativeTailSquared {
            neuron: 4,
            is: Relation::Equal,
            value: "5/7".into(),
        }))
}
