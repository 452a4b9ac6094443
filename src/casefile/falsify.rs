//! The search that `[falsify]` of a case file asks for: other values of the parameters, other seeds of
//! the data, labels 0 and repeated samples, and, for claims with hypotheses, perturbed networks.
//!
//! The first attempts are the file's own choices. A claim without `implies` is about the network as the
//! file builds it; a claim with it is about every network that meets its hypotheses, so the network at
//! hand is perturbed by the families of [`crate::search::perturb`] and the hypotheses are decided anew.
//! Tied to `searches_find_what_is_there`.

use super::check::{Part, refutation};
use super::domain::Domain;
use super::frame::{Built, Frame, Stop};
use super::{CaseFile, Choice};
use crate::data::Dataset;
use crate::network::Network;
use crate::scalar::text::{Expression, Trouble};
use crate::scalar::{Radical, Rational};
use crate::search::generate::{below, between, choose, one_in, rational};
use crate::search::perturb::{DataFamily, Family, simpler as simpler_networks};
use crate::search::{rng, shrink};
use crate::theorem::{Finding, Hunted, Search, Space, hunt};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A point of the search.
#[derive(Clone, Debug)]
struct Instance {
    choice: Choice,
    /// Added to the seed of the data.
    shift: u64,
    /// Changes of the data, each with a seed of its own.
    data: Vec<(DataFamily, u64)>,
    /// Perturbations of the network, likewise.
    network: Vec<(Family, u64)>,
    /// The network itself, once it is made simpler.
    explicit: Option<Box<Network<Radical>>>,
}

/// Searches for a choice, a training set and, for claims with hypotheses, a network that refute a claim.
///
/// # Errors
/// [`Stop`] where the file itself is wrong.
pub fn falsify(file: &CaseFile, case: &str, search: &Search) -> Built<Hunted> {
    let (own, _) = file.choices()?;
    // one choice in full, so that an error of the file is told and not searched
    if let Some(choice) = own.first() {
        super::check::judged(file, case, choice)?;
    }
    Ok(hunt(&CaseSpace { file, case, own }, search))
}

struct CaseSpace<'a> {
    file: &'a CaseFile,
    case: &'a str,
    own: Vec<Choice>,
}

impl Space for CaseSpace<'_> {
    type Instance = Option<Instance>;

    fn name(&self) -> &str {
        self.case
    }

    fn draw(&self, rng: &mut ChaCha8Rng, attempt: usize) -> (&'static str, Self::Instance) {
        let Some(own) = self.own.get(attempt % self.own.len().max(1)) else {
            return ("as given", None);
        };
        let mut instance = Instance {
            choice: own.clone(),
            shift: 0,
            data: Vec::new(),
            network: Vec::new(),
            explicit: None,
        };
        if attempt < self.own.len() {
            return ("as given", Some(instance));
        }
        let form = &self.file.search;
        let mut family = "as given";
        if !form.domains.is_empty() && !one_in(rng, 4) {
            family = "other parameters";
            match self.other_choice(rng, attempt, own) {
                Some(choice) => instance.choice = choice,
                None => return (family, None),
            }
        }
        if self.file.data.is_drawn() {
            family = if family == "as given" {
                "other seeds"
            } else {
                family
            };
            instance.shift = 1 + below(rng, 1 << 16) as u64;
        }
        if let Some(change) = choose(rng, &form.vary).filter(|_| one_in(rng, 2)) {
            family = change.name();
            instance.data.push((*change, rng.next_u64()));
        }
        let universal = self
            .file
            .claims
            .iter()
            .any(|claim| !claim.hypotheses.is_empty());
        if universal && !one_in(rng, 8) {
            for _ in 0..=below(rng, 2) {
                let change = Family::ALL[below(rng, Family::ALL.len())];
                family = change.name();
                instance.network.push((change, rng.next_u64()));
            }
        }
        (family, Some(instance))
    }

    fn judge(&self, instance: &Self::Instance) -> Result<Finding, Finding> {
        let vacuous = |why: &str| Finding::Vacuous(why.into());
        let instance = instance
            .as_ref()
            .ok_or_else(|| vacuous("no values satisfy `where`"))?;
        let built = self.build(instance).map_err(finding)?;
        let (choice, frame) = built.ok_or_else(|| vacuous("the change does not apply"))?;
        let perturbed = !instance.network.is_empty() || instance.explicit.is_some();
        let part = if perturbed {
            Part::Universal
        } else {
            Part::All
        };
        refutation(self.file, self.case, &choice, &frame, part).map_err(finding)
    }

    fn simpler(&self, instance: &Self::Instance) -> Vec<Self::Instance> {
        let Some(instance) = instance else {
            return Vec::new();
        };
        let mut simpler = Vec::new();
        if instance.explicit.is_none() {
            simpler.extend(without_one(instance));
            simpler.extend(self.simpler_choices(instance));
            simpler.extend(smaller_seeds(instance));
        }
        let perturbed = !instance.network.is_empty() || instance.explicit.is_some();
        if perturbed && let Ok(Some((_, frame))) = self.build(instance) {
            let explicit = |net| Instance {
                explicit: Some(Box::new(net)),
                ..instance.clone()
            };
            let nets = frame.scene.network.iter().flat_map(simpler_networks);
            simpler.extend(nets.map(explicit));
        }
        simpler.into_iter().map(Some).collect()
    }
}

impl CaseSpace<'_> {
    /// The data and the network of an instance, and its parameters, of which n follows the data;
    /// `None` if a change does not apply or leaves what `where` allows.
    fn build(&self, instance: &Instance) -> Built<Option<(Choice, Frame)>> {
        let mut choice = instance.choice.clone();
        let mut frame = self.file.build_data(&instance.choice, instance.shift)?;
        for (family, seed) in &instance.data {
            let Ok(data) = frame.rational_data() else {
                return Ok(None);
            };
            let Some(changed) = family.apply(&mut rng(*seed, "data"), &data) else {
                return Ok(None);
            };
            if let Some((_, n)) = choice.iter_mut().find(|(name, _)| name == "n") {
                *n = Radical::from(changed.len() as i64);
            }
            if !self.file.admits(&choice)? {
                return Ok(None);
            }
            frame = self.file.with_data(&choice, lifted(&changed))?;
        }
        if let Some(network) = &instance.explicit {
            frame.scene.network = Some((**network).clone());
            return Ok(Some((choice, frame)));
        }
        self.file.build_network(&mut frame)?;
        for (family, seed) in &instance.network {
            let (Some(network), Some(data)) = (&frame.scene.network, &frame.scene.data) else {
                return Ok(None);
            };
            let Some(changed) = family.apply(&mut rng(*seed, "network"), network, data) else {
                return Ok(None);
            };
            frame.scene.network = Some(changed);
        }
        Ok(Some((choice, frame)))
    }

    /// New values for the parameters that have a domain, within `where`.
    fn other_choice(&self, rng: &mut ChaCha8Rng, attempt: usize, own: &Choice) -> Option<Choice> {
        const DRAWS: usize = 100;
        (0..DRAWS).find_map(|_| {
            let mut choice = Choice::new();
            for (name, value) in own {
                let domain = self
                    .file
                    .search
                    .domains
                    .iter()
                    .find(|(other, _)| other == name);
                let value = match domain {
                    Some((_, domain)) => self.value(rng, attempt, domain, &choice)?,
                    None => value.clone(),
                };
                choice.push((name.clone(), value));
            }
            self.file.admits(&choice).ok()?.then_some(choice)
        })
    }

    /// A value of a domain: near its start in early attempts.
    fn value(
        &self,
        rng: &mut ChaCha8Rng,
        attempt: usize,
        domain: &Domain,
        before: &Choice,
    ) -> Option<Radical> {
        let frame = self.file.frame(before).ok()?;
        match domain {
            Domain::Integers(from, to) => {
                let mut evaluator = frame.evaluator();
                let (from, to) = (evaluator.integer(from).ok()?, evaluator.integer(to).ok()?);
                let reach = to.min(from.saturating_add(2 + attempt as i64 / 16));
                (from <= to).then(|| Radical::from(between(rng, from, reach)))
            }
            Domain::Rationals(None) => Some(Radical::from_rational(rational(rng))),
            Domain::Rationals(Some((from, to))) => {
                let end = |tree| frame.evaluator().value(tree).ok();
                let (from, to) = (end(from)?, end(to)?);
                let share = Rational::from((between(rng, 0, 12), 12));
                let span = crate::scalar::Ring::sub(&to, &from);
                let step = crate::scalar::Ring::mul(&span, &Radical::from_rational(share));
                Some(crate::scalar::Ring::add(&from, &step))
            }
        }
    }

    /// One parameter with a simpler value: from its domain, or an earlier one of its list.
    fn simpler_choices(&self, instance: &Instance) -> Vec<Instance> {
        let mut simpler = Vec::new();
        for (place, (name, value)) in instance.choice.iter().enumerate() {
            let Some(value) = value.as_rational() else {
                continue;
            };
            let in_domain = self
                .file
                .search
                .domains
                .iter()
                .find(|(other, _)| other == name);
            let values = match in_domain {
                Some((_, domain)) => {
                    let before = instance.choice[..place].to_vec();
                    let mut values = shrink::rational(&value);
                    values.push(Rational::from(&value - 1));
                    values.retain(|v| self.contains(domain, v, &before));
                    values
                }
                None => {
                    let listed = self.own.iter().map(|choice| &choice[place].1);
                    listed.filter_map(Radical::as_rational).collect()
                }
            };
            for simple in values {
                if shrink::weight(&simple) >= shrink::weight(&value) {
                    continue;
                }
                let mut choice = instance.choice.clone();
                choice[place].1 = Radical::from_rational(simple);
                if self.file.admits(&choice).unwrap_or(false) {
                    simpler.push(Instance {
                        choice,
                        ..instance.clone()
                    });
                }
            }
        }
        simpler
    }

    fn contains(&self, domain: &Domain, value: &Rational, before: &Choice) -> bool {
        let Ok(frame) = self.file.frame(before) else {
            return false;
        };
        let within = |from: &Expression, to: &Expression| {
            let end = |tree| frame.evaluator().value(tree).ok();
            let value = Radical::from_rational(value.clone());
            end(from)
                .zip(end(to))
                .is_some_and(|(from, to)| from <= value && value <= to)
        };
        match domain {
            Domain::Integers(from, to) => *value.denom() == 1 && within(from, to),
            Domain::Rationals(None) => true,
            Domain::Rationals(Some((from, to))) => within(from, to),
        }
    }
}

/// The instance with one change fewer.
fn without_one(instance: &Instance) -> Vec<Instance> {
    let data = (0..instance.data.len()).map(|place| {
        let mut fewer = instance.clone();
        fewer.data.remove(place);
        fewer
    });
    let network = (0..instance.network.len()).map(|place| {
        let mut fewer = instance.clone();
        fewer.network.remove(place);
        fewer
    });
    data.chain(network).collect()
}

/// The instance at the file's own seed, or at a few others near it.
fn smaller_seeds(instance: &Instance) -> impl Iterator<Item = Instance> {
    let shifts = (0..instance.shift.min(12)).collect::<Vec<_>>();
    let instance = instance.clone();
    shifts.into_iter().map(move |shift| Instance {
        shift,
        ..instance.clone()
    })
}

fn lifted(data: &Dataset<Rational>) -> Dataset<Radical> {
    data.map(|q| Radical::from_rational(q.clone()))
}

/// A formula without a value is no counterexample.
fn finding(stop: Stop) -> Finding {
    match stop.trouble {
        Trouble::Undefined => Finding::Vacuous(stop.to_string()),
        _ => Finding::Undecided(stop.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::check;
    use crate::theorem::Verdict;

    /// The generaliser with batch norm, in any dimension, and one claim.
    fn generaliser(claim: &str) -> CaseFile {
        let text = format!(
            r#"
            flatproof = 1
            claims = [{claim:?}]
            [parameters]
            d = 4
            [let]
            s = [1, 1, -1, -1]
            t = [1, -1, 1, -1]
            [data]
            kind = "complete"
            d = "d"
            set = "smallest"
            [network]
            architecture = "2-MLP-Sim-BN"
            width = 4
            W1 = "if(k = 1, s[j], k = 2, t[j], 0)"
            b1 = -1
            gamma = 1
            W2 = "s[j]*t[j]/2"
            [falsify]
            d = "3..5"
            "#
        );
        CaseFile::read(&text, None).unwrap()
    }

    /// The memoriser of Theorem 4.1 on random points of the sphere.
    fn memoriser(vary: &str) -> CaseFile {
        let text = format!(
            r#"
            flatproof = 1
            claims = ["interpolates", "flattest"]
            where = "n <= 8"
            [parameters]
            n = 3
            d = 2
            [data]
            kind = "random"
            d = "d"
            n = "n"
            inputs = "sphere"
            outputs = "nonzero"
            [network]
            construction = "theorem-4.1-printed"
            depth = 2
            [falsify]
            n = "1..8"
            vary = [{vary}]
            "#
        );
        CaseFile::read(&text, None).unwrap()
    }

    fn found(file: &CaseFile) -> Hunted {
        let found = falsify(file, "test", &Search::new(3, 100)).unwrap();
        assert_eq!(found, falsify(file, "test", &Search::new(3, 100)).unwrap());
        if let Some(witness) = &found.witness {
            assert!(check(witness).is_ok());
        }
        found
    }

    #[test]
    fn searches_find_what_is_there() {
        let minimal = "interpolates and sum(j: abs(gamma[j]*W2[j])) = 2 implies";
        // Lemma A.1: "for every j" fails at a null neuron, for active neurons it holds
        let every = format!("{minimal} sum(j: sum(k = 3..d: W1[j,k]^2)) = 0");
        let hunted = found(&generaliser(&every));
        assert_eq!(hunted.verdict(), Verdict::Refuted);
        assert!(
            hunted.reason().starts_with("d = 3: "),
            "{}",
            hunted.reason()
        );
        let active = format!("{minimal} sum(j: abs(gamma[j]*W2[j])*sum(k = 3..d: W1[j,k]^2)) = 0");
        let hunted = found(&generaliser(&active));
        assert_eq!(hunted.verdict(), Verdict::Undecided);
        assert!(
            hunted
                .tried
                .iter()
                .any(|(family, _)| family == "null neuron")
        );
        assert!(hunted.instances() > hunted.vacuous);
    }

    #[test]
    fn data_vary_only_as_the_file_says() {
        assert_eq!(found(&memoriser("")).verdict(), Verdict::Undecided);
        let zero = found(&memoriser("\"zero label\""));
        assert!(
            zero.reason().starts_with("n = 1, d = 2: the trace is 2"),
            "{}",
            zero.reason()
        );
        let twice = found(&memoriser("\"contradicting labels\""));
        assert_eq!(twice.verdict(), Verdict::Undecided); // no separators: no network to judge
    }
}
