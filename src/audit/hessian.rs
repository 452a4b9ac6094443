//! The trace of the Hessian of the training loss and its distance to the lower bounds.
//!
//! Enclosures first; where they cannot tell a gap from 0 the same sums over radicals decide it, which is
//! affordable when it matters: a network that sits on its bound is a simple one. Tests:
//! `a_generaliser_has_gap_zero`, `audit_trace_vs_definition`.

use super::bound;
use super::number::{Number, Sign};
use super::objective::{Objective, SquaredError, gauss_newton, trace};
use super::points::{Lifted, Point, normalised};
use super::work::Work;
use super::{Gap, Sharpness};
use crate::network::Network;
use crate::scalar::{Dyadic, NoValue, Ordered, Radical, Ring};
use crate::sharpness::bound::Bounded;

/// The most samples for which a tie is decided over radicals.
const MAX_SAMPLES: usize = 128;
/// The most active pairs of batch norm for which a tie is decided over radicals.
const MAX_PAIRS: usize = 512;

/// A trace, its Gauss-Newton part and the two bounds over one scalar.
struct Sums<S> {
    trace: S,
    gauss_newton: S,
    of_interpolators: Option<S>,
    at_outputs: Option<S>,
}

/// The sharpness at an admissible theta.
pub(super) fn sharpness(work: &Work) -> Result<Sharpness, NoValue> {
    let enclosed = sums(work, work.objective.as_ref(), &work.enclosed, work.bits)?;
    let mut sharpness = Sharpness {
        trace: (&enclosed.trace).into(),
        gauss_newton: (&enclosed.gauss_newton).into(),
        interpolators: gap(&enclosed.trace, enclosed.of_interpolators.as_ref()),
        outputs: gap(&enclosed.gauss_newton, enclosed.at_outputs.as_ref()),
    };
    if let Some((points, objective)) = &work.rational {
        sharpness.trace = (&trace(points, objective)?).into();
        sharpness.gauss_newton = (&gauss_newton(points, objective)?).into();
    }
    let undecided = |gap: &Option<Gap>| matches!(gap, Some(gap) if gap.sign == Sign::Undecided);
    if undecided(&sharpness.interpolators) || undecided(&sharpness.outputs) {
        let exact = exact_sums(work)?;
        let exact_gap = |of: fn(&Sums<Radical>) -> (&Radical, Option<&Radical>)| {
            let (value, least) = of(exact.as_ref()?);
            gap(value, least)
        };
        if let Some(gap) = exact_gap(|s| (&s.trace, s.of_interpolators.as_ref())) {
            sharpness.interpolators = Some(gap);
        }
        if let Some(gap) = exact_gap(|s| (&s.gauss_newton, s.at_outputs.as_ref())) {
            sharpness.outputs = Some(gap);
        }
    }
    if let (Some(gap), Some(bound)) = (&mut sharpness.interpolators, short_bound(work)?) {
        gap.bound = (&bound).into();
    }
    Ok(sharpness)
}

/// `value - least`.
fn gap<S: Ordered>(value: &S, least: Option<&S>) -> Option<Gap>
where
    for<'a> Number: From<&'a S>,
{
    let least = least?;
    let gap = value.sub(least);
    Some(Gap {
        bound: least.into(),
        sign: gap.sign().ok().into(),
        gap: (&gap).into(),
    })
}

fn sums<S: Lifted>(
    work: &Work,
    objective: &dyn Objective<S>,
    points: &[Point<S>],
    bits: u32,
) -> Result<Sums<S>, NoValue> {
    let scene = &work.scene;
    let bounded: Option<Bounded<S>> = bound::bounded(scene, bits);
    let (mut of_interpolators, mut at_outputs) = (None, None);
    if let Some(bounded) = &bounded {
        let value = bound::of_interpolators(scene, objective, bounded, bits);
        of_interpolators = Some(value?);
        at_outputs = Some(bound::at_outputs(scene, objective, bounded, points, bits)?);
    } else if let (Some((Network::SimBn(net), _)), true) = (scene.relu(), work.squared_error) {
        of_interpolators = bound::complete_bound(scene).map(S::from_int);
        at_outputs = Some(S::lift(&bound::batch_norm_mass(net), bits));
    }
    Ok(Sums {
        trace: trace(points, objective)?,
        gauss_newton: gauss_newton(points, objective)?,
        of_interpolators,
        at_outputs,
    })
}

/// The sums over radicals; `None` where they would cost too much or the loss is transcendental.
fn exact_sums(work: &Work) -> Result<Option<Sums<Radical>>, NoValue> {
    let scene = &work.scene;
    let pairs = || {
        let layers = scene.relu().map(|(_, layers)| layers.iter().flatten());
        layers.map_or(0, |fired| fired.map(|h| h.active.len()).sum::<usize>())
    };
    let affordable = match scene.relu() {
        Some((Network::SimBn(_), _)) => pairs() <= MAX_PAIRS,
        relu => relu.is_some() && scene.len() <= MAX_SAMPLES,
    };
    if !affordable || !work.squared_error {
        return Ok(None);
    }
    let radical = |x: &Dyadic| Radical::lift(x, 0);
    let points = match &work.exact {
        Some(points) => Some(points.iter().map(|p| p.map(radical)).collect()),
        None => normalised::<Radical>(scene, 0)?,
    };
    let Some(points): Option<Vec<Point<Radical>>> = points else {
        return Ok(None);
    };
    let y = scene.y.iter().map(radical).collect();
    sums(work, &SquaredError { y }, &points, 0).map(Some)
}

/// The bound for interpolators where it is one term: all samples alike, squared error.
fn short_bound(work: &Work) -> Result<Option<Radical>, NoValue> {
    let scene = &work.scene;
    let (Some(bounded), true) = (bound::bounded::<Radical>(scene, 0), work.squared_error) else {
        return Ok(bound::complete_bound(scene)
            .filter(|_| work.squared_error)
            .map(Radical::from_int));
    };
    if !bound::uniform(scene) {
        return Ok(None);
    }
    let x: Vec<Radical> = scene.x[0].iter().map(|x| Radical::lift(x, 0)).collect();
    let gradient = bounded.least_squared_gradient(&x, &Radical::lift(&scene.y[0], 0))?;
    Ok(Some(Radical::from_int(2).mul(&gradient))) // l'' = 2
}
