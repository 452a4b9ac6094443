//! The links of Lemma A.1's proof on one neuron: `alpha^2 = 4 (sum_i y_i z_i)^2 / (n sum_i z_i^2) <= 1`, and at
//! equality one quadrant and no tail. Rational throughout. Tests `links_are_strict`,
//! `two_points_of_a_label_vs_the_others`.

use crate::certificate::{Fact, Member, Relation, Witness};
use crate::data::Dataset;
use crate::data::complete::CompleteSet;
use crate::network::{Network, SimBn};
use crate::scalar::{Radical, Rational, Ring};
use crate::theorem::Finding;
use crate::theorem::bn_instances::{describe, exact, is_positive};
use std::cmp::Ordering;

/// All rows with first entries in -2..=2, tail in -1..=1 and bias in -3..=3. `d <= 4`.
pub(super) fn grid(d: usize) -> Vec<Vec<Rational>> {
    let mut rows: Vec<Vec<i64>> = vec![vec![]];
    for k in 0..=d {
        let reach = match k {
            _ if k == d => 3,
            0 | 1 => 2,
            _ => 1,
        };
        let extend = |row: &Vec<i64>| {
            let row = row.clone();
            (-reach..=reach).map(move |w| row.iter().copied().chain([w]).collect())
        };
        rows = rows.iter().flat_map(extend).collect();
    }
    rows.into_iter()
        .map(|row| row.into_iter().map(Rational::from).collect())
        .collect()
}

/// `4 (sum y z)^2` against `n sum z^2`: alpha against 1. `None` if the neuron is dead.
fn against_one(data: &Dataset<Rational>, row: &[Rational]) -> Option<Ordering> {
    let (mut signed, mut squares) = (Rational::new(), Rational::new());
    for (x, y) in data.with_bias().iter().zip(&data.y) {
        let z: Rational = Ring::dot(row, x);
        if z > 0 {
            signed += z.mul(y);
            squares += Ring::square(&z);
        }
    }
    let n = Rational::from(data.len());
    let alive = squares > 0;
    let above: Rational = Rational::from(signed.square_ref()) * 4;
    alive.then(|| above.cmp(&(squares * n)))
}

/// alpha <= 1, and alpha = 1 only for a neuron without a tail that is positive in one quadrant.
pub(super) fn alignment_of(
    case: &str,
    set: &CompleteSet,
    data: &Dataset<Rational>,
    row: &[Rational],
) -> Result<Finding, Finding> {
    let Some(order) = against_one(data, row) else {
        return Ok(Finding::Vacuous(
            "a dead neuron is outside the domain".into(),
        ));
    };
    let tail = row[2..row.len() - 1].iter().any(|w| !w.is_zero());
    let positive = data.x.iter().filter(|x| is_positive(row, x)).count();
    let one_quadrant = positive == set.suffixes().len() && {
        let mut prefixes = data
            .x
            .iter()
            .filter(|x| is_positive(row, x))
            .map(|x| &x[..2]);
        let first = prefixes.next();
        prefixes.all(|p| Some(p) == first)
    };
    let holds = match order {
        Ordering::Less => true,
        Ordering::Equal => !tail && one_quadrant,
        Ordering::Greater => false,
    };
    Ok(Finding::from_check(holds, || {
        let net = SimBn {
            first: vec![row.iter().cloned().map(Radical::from_rational).collect()],
            gamma: vec![Radical::one()],
            last: vec![Radical::one()],
        };
        let is = match order {
            Ordering::Greater => Relation::Greater,
            _ => Relation::Equal,
        };
        let (neuron, value) = (0, "1".to_string());
        let mut member = Member::new(describe(set))
            .data(&exact(data))
            .network(&Network::SimBn(net))
            .fact(Fact::CompleteSet)
            .fact(Fact::Alignment { neuron, is, value });
        if tail {
            let (is, value) = (Relation::Greater, "0".into());
            member = member.fact(Fact::TailSquared { neuron, is, value });
        }
        let says = format!(
            "{}: a neuron with alpha {is} 1, positive at {positive} training points, {} tail",
            describe(set),
            if tail { "with a" } else { "without" }
        );
        Witness::refutation(case, says, vec![member])
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// On the grid alpha = 1 occurs, and a slightly tilted neuron is strictly below.
    #[test]
    fn links_are_strict() {
        let set = CompleteSet::all(3).unwrap();
        let data = set.training_set();
        let orders = grid(3)
            .into_iter()
            .filter_map(|row| against_one(&data, &row));
        assert!(orders.filter(|order| order.is_eq()).count() > 8);
        let row = |e: i64| [1_000_000, 1_000_000, e, -1_000_000].map(Rational::from);
        assert_eq!(against_one(&data, &row(0)), Some(Ordering::Equal));
        assert_eq!(against_one(&data, &row(1)), Some(Ordering::Less));
    }

    proptest! {
        /// The link for width 3: positive at both points of a label, at least as much on the other.
        #[test]
        fn two_points_of_a_label_vs_the_others(w in prop::array::uniform3(-20i64..20)) {
            let relu = |s: i64, t: i64| (w[0] * s + w[1] * t + w[2]).max(0);
            let [a, b, c, d] = [relu(1, 1), relu(1, -1), relu(-1, 1), relu(-1, -1)];
            prop_assert!(a == 0 || d == 0 || a + d <= b + c);
            prop_assert!(b == 0 || c == 0 || b + c <= a + d);
        }
    }
}
