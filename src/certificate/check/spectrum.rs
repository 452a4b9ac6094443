//! Deciding facts about the eigenvalues of the Hessian at an interpolating theta.

use super::Scene;
use super::holds::{Failure, ensure};
use crate::certificate::Relation;
use crate::sharpness::spectrum::eigenvalues;

impl Scene {
    pub(super) fn eigenvalues(
        &self,
        is: Relation,
        value: &str,
        count: usize,
    ) -> Result<(), Failure> {
        self.interpolates()?;
        let counts = eigenvalues(self.network()?, &self.data()?.x, &self.number(value)?)?;
        let found = is.select([counts.below, counts.at, counts.above]);
        ensure(found == count, || {
            format!("{found} eigenvalues are {is} {value}, not {count}")
        })
    }
}
