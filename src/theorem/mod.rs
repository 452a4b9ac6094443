//! The statements, one file each, and the index that drives the program, the tests and the report.
//!
//! A [`Case`] is data: what is printed, what was found, and one function that judges it. The
//! function tries instances, hands every [`Finding`] to a [`Tally`], and the tally computes the
//! verdict; no file types one. Judged as [`Form::Control`] the same function runs a deliberately
//! false variant, which must come out refuted (test `negative_controls_are_refuted`).

use crate::certificate::Witness;
use serde::Serialize;
use std::fmt;

mod bn_instances;
mod bn_memoriser;
mod bn_near_minimum;
mod bn_stability;
mod bound_bias;
mod bound_depth;
mod claims;
mod condition_2;
mod dead_neuron;
mod extreme_inputs;
mod face_theorem;
mod hunt;
mod interpolants;
mod judge;
mod lemma_4_1;
mod lemma_a_1;
mod lemma_a_12;
mod lemma_a_13;
mod lemma_a_1_printed;
mod lemma_a_2;
mod lemma_a_26;
mod lemma_a_27;
mod lemma_a_3;
mod ln_half_spaces;
mod near_minimal;
mod no_bias_cube;
mod no_bias_memoriser;
mod null_neuron;
mod proposition_4_1;
mod proposition_4_2;
mod proposition_5;
mod proposition_a_1;
mod proposition_a_2;
mod smoothing;
mod theorem_3_2;
mod theorem_3_2_repaired;
mod theorem_4_1;
mod theorem_4_1_printed;
mod theorem_5_1;
mod theorem_a_2;
mod three_notions;

pub use hunt::{Hunted, Search, Space, falsify, hunt};
pub use judge::{Finding, Run, Size, Tally};

/// What a case can end in, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every instance tried passed an exact or rigorously enclosed check.
    Verified,
    /// An exact witness contradicts the printed words.
    Refuted,
    /// The hypothesis, or the argmin quantified over, is empty on every instance tried.
    Vacuous,
    /// The budget ran out or precision did not suffice.
    Undecided,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Verified => "verified",
            Self::Refuted => "refuted",
            Self::Vacuous => "vacuous",
            Self::Undecided => "undecided",
        })
    }
}

/// What kind of claim a case makes, hence what decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Verified on instances, refuted by one.
    Identity,
    /// Verified on instances, refuted by one.
    Inequality,
    /// "Every interpolating theta ...".
    Universal,
    /// "There is a net ...": refuted on an instance only by a proof that none does.
    Existence,
    /// A formula for a net, judged by itself.
    Construction,
    /// "There is kappa > 0 ...": refuted by a family witness.
    Limit,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Identity => "identity",
            Self::Inequality => "inequality",
            Self::Universal => "universal",
            Self::Existence => "existence",
            Self::Construction => "construction",
            Self::Limit => "limit",
        })
    }
}

/// Which form of a case is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As stated.
    Stated,
    /// The negative control: a deliberately false variant that must be refuted.
    Control,
}

/// One statement.
pub struct Case {
    /// The id, lower case.
    pub id: &'static str,
    /// Other ids it answers to.
    pub aliases: &'static [&'static str],
    /// A few words.
    pub title: &'static str,
    /// What kind of claim it is.
    pub kind: Kind,
    /// Where in the paper, or "ours".
    pub place: &'static str,
    /// The statement as printed, in our words.
    pub printed: &'static str,
    /// Its hypotheses, as literally as they are checked.
    pub hypotheses: &'static str,
    /// The construction or the argument it rests on.
    pub construction: &'static str,
    /// What goes wrong, if something does, and why: prose beside the computed verdict.
    pub remark: &'static str,
    /// The ids of its repaired forms.
    pub repairs: &'static [&'static str],
    /// The false variant of the negative control, in words.
    pub control: &'static str,
    /// Its Rust file.
    pub file: &'static str,
    /// Its Coq file, once there is one.
    pub coq: Option<&'static str>,
    /// Searches for an instance on which it fails; `None`: among its own ([`falsify`]).
    pub hunt: Option<fn(&Search) -> Hunted>,
    /// Judges it.
    pub judge: fn(&Run, Form) -> Outcome,
}

/// What judging a case gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Computed from the findings.
    pub verdict: Verdict,
    /// One sentence.
    pub reason: String,
    /// Instances tried.
    pub instances: u64,
    /// Instances per family, in the order tried.
    pub families: Vec<(String, u64)>,
    /// The number types that decided.
    pub scalars: Vec<&'static str>,
    /// The refutation, if refuted.
    pub witness: Option<Witness>,
    /// The evidence for an existence claim, if verified.
    pub certificate: Option<Witness>,
}

impl Outcome {
    /// How far the verdict reaches, computed: `checked` (exact, on the instances tried) or `open`.
    pub fn status(&self) -> &'static str {
        match self.verdict {
            Verdict::Verified | Verdict::Refuted | Verdict::Vacuous => "checked",
            Verdict::Undecided => "open",
        }
    }
}

/// Every case, in the order of the paper.
pub fn index() -> Vec<&'static Case> {
    vec![
        // Section 4
        &condition_2::PRINTED,
        &lemma_4_1::CASE,
        &theorem_a_2::CASE,
        &theorem_a_2::REPAIRED,
        &lemma_a_13::CASE,
        &lemma_a_13::REPAIRED,
        &lemma_a_26::CASE,
        &lemma_a_27::CASE,
        // Section 5
        &lemma_a_1::CASE,
        &lemma_a_1_printed::CASE,
        &lemma_a_1::REPAIRED,
        &lemma_a_2::CASE,
        &theorem_3_2_repaired::lemma_a_2::CASE,
        &lemma_a_3::CASE,
        &lemma_a_3::REPAIRED,
        &theorem_3_2::CASE,
        &theorem_3_2_repaired::exact::CASE,
        &theorem_3_2_repaired::bounded::CASE,
        &theorem_3_2_repaired::active::CASE,
        &theorem_3_2_repaired::width_4::CASE,
        // Section 6
        &bound_bias::CASE,
        &bound_bias::REPAIRED,
        &bound_depth::CASE,
        &theorem_4_1::CASE,
        &theorem_4_1_printed::CASE,
        &theorem_4_1::REPAIRED,
        &proposition_4_1::CASE,
        &proposition_4_1::PRINTED,
        &proposition_4_2::CASE,
        &proposition_4_2::PRINTED,
        &proposition_4_2::REPAIRED,
        &proposition_a_1::CASE,
        &proposition_a_1::PRINTED,
        &proposition_a_1::REPAIRED,
        &proposition_a_2::PRINTED,
        &proposition_a_2::REPAIRED,
        // Section 7
        &lemma_a_12::CASE,
        &theorem_5_1::CASE,
        &theorem_5_1::PRINTED,
        &theorem_5_1::REPAIRED,
        &proposition_5::CASE,
        &proposition_5::PRINTED,
        &proposition_5::GENERALISER,
        // ours
        &face_theorem::CASE,
        &face_theorem::REPAIRED,
        &three_notions::CASE,
        &three_notions::REPAIRED,
        &no_bias_cube::CASE,
        &no_bias_memoriser::CASE,
        &no_bias_memoriser::REPAIRED,
        &bn_memoriser::CASE,
        &bn_near_minimum::CASE,
        &ln_half_spaces::CASE,
        &null_neuron::CASE,
        &dead_neuron::CASE,
    ]
}

/// The case of that id or alias, whatever the letters' case.
pub fn find(id: &str) -> Option<&'static Case> {
    let wanted = id.to_ascii_lowercase();
    let answers = |case: &&Case| case.id == wanted || case.aliases.contains(&wanted.as_str());
    index().into_iter().find(answers)
}

/// Statements of the paper that are not covered, and why.
pub const NOT_COVERED: &[(&str, &str)] = &[
    (
        "lemma-a.7 to lemma-a.10, lemma-a.14 to lemma-a.23, lemma-a.25",
        "standard concentration and covering lemmas",
    ),
    (
        "lemma-a.5, lemma-a.6, lemma-a.11, lemma-3.1, lemma-a.4, lemma-a.24",
        "need the solver over hyperplane cells, which is not built yet",
    ),
    (
        "theorem-3.1, theorem-a.1",
        "asymptotic; instances need the same solver",
    ),
    (
        "proposition-a.2 (population error)",
        "asymptotic; its printed construction is judged as proposition-a.2-printed",
    ),
];
