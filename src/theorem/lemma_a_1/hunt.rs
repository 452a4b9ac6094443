//! The hunts of Lemma A.1 (Wen, Li, Ma 2023, Appendix A), as printed and repaired: the same draws of a perturbed
//! generaliser, judged by either reading.

use super::{Reading, judge_on};
use crate::scalar::Rational;
use crate::theorem::Finding;
use crate::theorem::hunt::Quarry;
use crate::theorem::hunt::batch_norm::Scene;

/// "Every j", minimum 2.
pub(super) const PRINTED: Quarry<Scene> = Quarry {
    case: Reading::PRINTED.case,
    draw: Scene::draw,
    judge: |scene| judge(scene, &Reading::PRINTED),
    simpler: Scene::simpler,
};

/// The j with `gamma_j W2_j != 0`.
pub(super) const REPAIRED: Quarry<Scene> = Quarry {
    case: Reading::REPAIRED.case,
    judge: |scene| judge(scene, &Reading::REPAIRED),
    ..PRINTED
};

/// The network at t = 1.
fn judge(scene: &Scene, reading: &Reading) -> Result<Finding, Finding> {
    let trial = scene.at(0)?;
    judge_on(
        &trial.set,
        &trial.data,
        trial.net,
        reading,
        &Rational::new(),
    )
}
