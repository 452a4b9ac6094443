//! The families against Lemma A.2 as members of a witness: at a set, an eps and a kappa the parameters are
//! chosen so that `F <= inf F + kappa` while a clause is off by more than eps; the facts give F and the
//! violation in closed form where there is one. Test `every_family_refutes` in the parent.

use crate::certificate::{Fact, Member, Relation};
use crate::construction::relu_sum::{ReluSum, Term};
use crate::construction::sim_bn_interpolants::{share, tilted, tilted_three};
use crate::construction::theorem_3_2_leaning::width_5;
use crate::construction::theorem_3_2_pairs::{generaliser, nearest, one_pair};
use crate::data::complete::CompleteSet;
use crate::data::xor;
use crate::scalar::{Radical, Rational};
use crate::theorem::Finding;
use crate::theorem::bn_instances::{describe, exact};

/// A family of networks in kappa.
pub(super) struct Family {
    pub(super) name: &'static str,
    /// Whether it needs an unseen point.
    pub(super) unseen: bool,
    build: fn(&CompleteSet, &Rational, &Rational) -> Option<Built>,
}

/// One network and what is said of it.
struct Built {
    sum: ReluSum,
    /// Factor of the rows.
    scale: Rational,
    /// inf F at this width.
    infimum: i64,
    parameters: Vec<(&'static str, Rational)>,
    facts: Vec<Fact>,
}

pub(super) const FAMILIES: [Family; 5] = [
    Family {
        name: "tilted, width 4",
        unseen: false,
        build: tilted_4,
    },
    Family {
        name: "near-dead pair, width 6",
        unseen: true,
        build: pair,
    },
    Family {
        name: "leaning, width 5",
        unseen: true,
        build: lean,
    },
    Family {
        name: "null neuron, width 5",
        unseen: false,
        build: null,
    },
    Family {
        name: "tilted, width 3",
        unseen: false,
        build: tilted_3,
    },
];

impl Family {
    /// The member at this set, eps and kappa < 1; `None` where the family needs another S.
    pub(super) fn member(
        &self,
        set: &CompleteSet,
        eps: &Rational,
        kappa: &Rational,
    ) -> Result<Option<Member>, Finding> {
        if set.d() == 2 {
            return Ok(None);
        }
        let Some(built) = (self.build)(set, eps, kappa) else {
            return Ok(None);
        };
        let data = set.training_set();
        let net = built.sum.network(&data, &built.scale)?;
        let name = format!("{}; {}, kappa = {kappa}", self.name, describe(set));
        let real = |q: &Rational| Radical::from_rational(q.clone());
        let mut member = Member::new(name)
            .parameter("kappa", &real(kappa))
            .parameter("eps", &real(eps))
            .data(&exact(&data))
            .network(&net);
        for (name, value) in &built.parameters {
            member = member.parameter(name, &real(value));
        }
        let infimum = built.infimum;
        member = member
            .fact(Fact::CompleteSet)
            .fact(Fact::Interpolates)
            // F >= 2 sum |gamma_j W2_j|
            .fact(Fact::LeastCoefficientSum {
                is: Relation::Equal,
                value: format!("{infimum}/2"),
            })
            .fact(norms(Relation::AtMost, &format!("{infimum} + kappa")));
        Ok(Some(built.facts.into_iter().fold(member, Member::fact)))
    }
}

fn norms(is: Relation, value: &str) -> Fact {
    Fact::NormSum {
        is,
        value: value.into(),
    }
}

/// `||W1_j[3:d]||^2 = value > eps^2`.
fn tail(neuron: usize, value: &str) -> [Fact; 2] {
    let fact = |is, value: String| Fact::TailSquared { neuron, is, value };
    [
        fact(Relation::Equal, value.into()),
        fact(Relation::Greater, "eps^2".into()),
    ]
}

/// Rows `T (s, t, e, 0, ...)` with `T e = 2 eps`.
fn tilted_4(set: &CompleteSet, eps: &Rational, kappa: &Rational) -> Option<Built> {
    let e = Rational::from(kappa / 8);
    let scale = Rational::from(eps * 2) / &e;
    let closed = "4*sqrt(p*((2 + e)^2 + 2*e^2) + (1 - p)*(2 - e)^2)/(2 - e)";
    let facts = [norms(Relation::Equal, closed)]
        .into_iter()
        .chain(tail(0, "(T*e)^2"));
    Some(Built {
        sum: tilted(set.d(), &e),
        infimum: 4,
        facts: facts.collect(),
        parameters: vec![("e", e), ("T", scale.clone()), ("p", share(set)?)],
        scale,
    })
}

/// The same at width 3, where neuron 1 has the row `T (1, -1, e, 0, ...)`.
fn tilted_3(set: &CompleteSet, eps: &Rational, kappa: &Rational) -> Option<Built> {
    let e = Rational::from(kappa / 16);
    let scale = Rational::from(eps * 2) / &e;
    Some(Built {
        sum: tilted_three(set.d(), &e),
        infimum: 6,
        facts: tail(1, "(T*e)^2").into(),
        parameters: vec![("e", e), ("T", scale.clone())],
        scale,
    })
}

/// The generaliser and a neuron with `gamma = W2 = 0` and row `2 eps (0, 0, 1, 0, ...)`, bias `4 eps`.
fn null(set: &CompleteSet, eps: &Rational, _: &Rational) -> Option<Built> {
    let d = set.d();
    let mut sum = generaliser(d);
    let mut row = vec![Rational::new(); d + 1];
    *row.get_mut(2)? = Rational::from(1);
    row[d] = Rational::from(2);
    sum.terms.push(Term {
        row,
        weight: Rational::new(),
    });
    let scale = Rational::from(eps * 2);
    let facts = [norms(Relation::Equal, "4")]
        .into_iter()
        .chain(tail(4, "T^2"));
    Some(Built {
        sum,
        infimum: 4,
        facts: facts.collect(),
        parameters: vec![("T", scale.clone())],
        scale,
    })
}

/// `x1 x2 - f(at) > eps` with f in closed form; `at = (1, 1, sigma)`, where x1 x2 = 1.
fn wrong_at(set: &CompleteSet, sigma: u64, value: &str) -> Vec<Fact> {
    let at: Vec<Rational> = xor::point(sigma << 2 | 3, set.d());
    let at: Vec<String> = at.iter().map(ToString::to_string).collect();
    let fact = |is, value: &str| Fact::Prediction {
        at: at.clone(),
        is,
        value: value.into(),
    };
    vec![
        fact(Relation::Equal, value),
        fact(Relation::Less, "1 - eps"),
    ]
}

/// The last unseen suffix at the largest distance, and that distance.
fn farthest(set: &CompleteSet) -> Option<(u64, usize)> {
    let unseen = set.unseen().ok()?;
    let suffixes = unseen.iter().map(|u| u >> 2);
    suffixes
        .map(|s| (s, nearest(set, s).1))
        .max_by_key(|(_, k)| *k)
}

/// `F = 4 + 4 s delta / sqrt(n)`, `f = 1 - s (2k + delta)`: s = max(1, eps), `delta = kappa / (4 s)`.
fn pair(set: &CompleteSet, eps: &Rational, kappa: &Rational) -> Option<Built> {
    let (sigma, k) = farthest(set)?;
    let strength = if *eps > 1 {
        eps.clone()
    } else {
        Rational::from(1)
    };
    let delta = Rational::from(kappa / 4) / &strength;
    let mut facts = vec![norms(Relation::Equal, "4 + 4*s*delta/sqrt(n)")];
    facts.extend(wrong_at(set, sigma, "1 - s*(2*k + delta)"));
    Some(Built {
        sum: one_pair(set, (1, 1), sigma, &delta, &strength),
        scale: Rational::from(1),
        infimum: 4,
        parameters: vec![
            ("s", strength),
            ("delta", delta),
            ("k", Rational::from(k)),
            ("n", Rational::from(4 * set.suffixes().len())),
        ],
        facts,
    })
}

/// `f = 1 - eta (2k - delta) / delta`: `delta = eta / s` with `s = 2 + eps`, eta small enough for kappa.
fn lean(set: &CompleteSet, eps: &Rational, kappa: &Rational) -> Option<Built> {
    let (sigma, k) = farthest(set)?;
    let strength = Rational::from(eps + 2);
    let data = set.training_set();
    let limit = Radical::from_rational(Rational::from(kappa * 2) + 8); // 4 sum |c| = 2 F
    let mut eta = Rational::from(kappa / (set.d() as u64 * 16));
    // F - 4 falls linearly in eta
    for _ in 0..20 {
        let delta = Rational::from(&eta / &strength);
        let sum = width_5(set, sigma, &eta, &delta);
        if sum.price(&data).ok()? <= limit {
            return Some(Built {
                sum,
                scale: Rational::from(1),
                infimum: 4,
                parameters: vec![("eta", eta), ("delta", delta), ("k", Rational::from(k))],
                facts: wrong_at(set, sigma, "1 - eta*(2*k - delta)/delta"),
            });
        }
        eta /= 8;
    }
    None
}
