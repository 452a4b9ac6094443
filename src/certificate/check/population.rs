//! Facts about {-1,1}^d with y = x1 x2, and about two networks (Wen, Li, Ma 2023, Section 2).

use super::holds::{Failure, ensure};
use crate::certificate::{NetworkRecord, On, Relation, Scene};
use crate::network::Network;
use crate::population::equivalent::{equivalent, is_vertex};
use crate::population::exact::zero_one_error;
use crate::scalar::Radical;

impl Scene {
    pub(super) fn population_error(&self, is: Relation, value: &str) -> Result<(), Failure> {
        let found = zero_one_error(self.network()?, &self.data()?.x)?;
        let found = Radical::from_rational(found);
        self.compare("the population error", &found, is, value)
    }

    pub(super) fn same_function(&self, on: On, other: &NetworkRecord) -> Result<(), Failure> {
        let (net, other) = (self.network()?, self.other(other)?);
        match equivalent(net, &other, &self.data()?.x, on)? {
            None => Ok(()),
            Some(difference) => Err(difference.to_string().into()),
        }
    }

    pub(super) fn differs(
        &self,
        on: On,
        other: &NetworkRecord,
        at: &[String],
    ) -> Result<(), Failure> {
        let (net, other, at) = (self.network()?, self.other(other)?, self.input(at)?);
        let train = &self.data()?.x;
        let belongs = match on {
            On::Train => train.contains(&at),
            On::Cube => is_vertex(&at),
        };
        ensure(belongs, || {
            "the point is not where the networks are compared".into()
        })?;
        let at = [at];
        let (f, g) = (net.outputs(train, &at)?, other.outputs(train, &at)?);
        ensure(f != g, || format!("both outputs are {}", f[0]))
    }

    fn other(&self, record: &NetworkRecord) -> Result<Network<Radical>, Failure> {
        Ok(super::read_network(record, self.data()?)?)
    }
}
