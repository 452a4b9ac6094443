//! The memorising networks of Proposition 4.1 (Wen, Li, Ma 2023) for samples of P_xor(d):
//! Theorem 4.1's network at D = 2 with `w_i = x_i` and a threshold t between d - 2 and d,
//!
//! ```text
//! z_i(x) = sqrt(R) (x_i.x - t) / (d - t),    W2_i = y_i / sqrt(R),    R = sqrt(d + 1),
//! ```
//!
//! so that neuron i fires at `x_i` alone, since `x_i.x <= d - 2` at every other vertex.
//! As printed there is one neuron per sample; at a repeated input two of them fire, and `f = 2 y`.
//! [`repaired`] has one neuron per distinct input and lets each spare one fire at a single unseen
//! vertex, with its label: the 0-1 error is `max(1 - n/2^d, 0)` even with repeats.
//! Tied to the tests `error_vs_enumeration` and `trace_vs_definition`.

use super::theorem_4_1::{self, pad};
use crate::data::{Dataset, xor};
use crate::network::Bias;
use crate::scalar::{NoValue, Radical, Rational, Ring};
use std::collections::BTreeSet;

/// As printed, with threshold `t < d`: one neuron per sample.
///
/// # Errors
/// [`NoValue::Undefined`] at `t = d`.
pub fn printed(data: &Dataset<Rational>, t: &Rational) -> Result<Bias<Radical>, NoValue> {
    let d = Rational::from(data.dim() as u64);
    let steepness = crate::scalar::Field::inv(&d.sub(t))?; // v_i = x_i / (d - t)
    let steepen = |x: &Vec<Rational>| x.iter().map(|x| x.mul(&steepness)).collect();
    let v: Vec<Vec<Rational>> = data.x.iter().map(steepen).collect();
    theorem_4_1::printed(data, &v, 2)
}

/// `data.len()` neurons: one per distinct input (threshold d - 1), then one per unseen vertex as
/// long as they last, then dead ones. `data` are labelled points of {-1,1}^d.
///
/// # Errors
/// None that points of the cube can reach.
pub fn repaired(data: &Dataset<Rational>) -> Result<Bias<Radical>, NoValue> {
    let (n, d) = (data.len(), data.dim());
    let seen: BTreeSet<&Vec<Rational>> = data.x.iter().collect();
    let of = |x: &&Vec<Rational>| data.x.iter().position(|other| other == *x);
    let distinct = Dataset {
        x: seen.iter().map(|x| (*x).clone()).collect(),
        y: seen
            .iter()
            .filter_map(of)
            .map(|i| data.y[i].clone())
            .collect(),
    };
    let mut net = theorem_4_1::repaired(&distinct, &distinct.x, 2)?;
    for x in vertices(d)
        .filter(|x| !seen.contains(x))
        .take(n - seen.len())
    {
        net.last.push(Radical::from_rational(xor::label(&x)));
        net.first.push(isolating_row(&x));
    }
    Ok(pad(net, n))
}

/// `(x, 1 - d)`: 1 at the vertex x, at most -1 at every other.
fn isolating_row(x: &[Rational]) -> Vec<Radical> {
    let bias = Radical::from_int(1 - x.len() as i64);
    let weights = x.iter().cloned().map(Radical::from_rational);
    weights.chain([bias]).collect()
}

/// The vertices of {-1,1}^d; past d = 63, only those that are 1 from the 64th coordinate on.
fn vertices(d: usize) -> impl Iterator<Item = Vec<Rational>> {
    let free = d.min(63);
    let vertex = move |bits: u64| {
        let mut x: Vec<Rational> = xor::point(bits, free);
        x.resize(d, Rational::one());
        x
    };
    (0..1u64 << free).map(vertex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::population::exact::zero_one_error;
    use crate::sharpness::definition;
    use proptest::prelude::*;

    fn sample(seed: u64, d: usize, n: usize) -> Dataset<Rational> {
        xor::sample(d, n, &mut crate::search::rng(seed, "proposition-4.1")).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// The error by asking every vertex one by one.
        #[test]
        fn error_vs_enumeration(seed in any::<u64>(), d in 2usize..5, n in 1usize..20) {
            let data = sample(seed, d, n);
            let net = Network::Bias(repaired(&data).unwrap());
            let radicals = data.map(|q| Radical::from_rational(q.clone()));
            let right = vertices(d).filter(|x| {
                let at: Vec<Radical> = x.iter().cloned().map(Radical::from_rational).collect();
                let f = net.outputs(&radicals.x, &[at]).unwrap().remove(0);
                Ring::mul(&Radical::from_rational(xor::label(x)), &f) > Radical::zero()
            });
            let right = right.count();
            prop_assert_eq!(right, n.min(1 << d));
            let error = zero_one_error(&net, &radicals.x).unwrap();
            prop_assert_eq!(error, Rational::from(((1 << d) - right, 1 << d)));
            prop_assert!(net.is_memorising(&radicals.x).unwrap());
        }

        #[test]
        fn trace_vs_definition(seed in any::<u64>(), d in 2usize..4, n in 1usize..4) {
            let data = sample(seed, d, n);
            let net = Network::Bias(repaired(&data).unwrap());
            let radicals = data.map(|q| Radical::from_rational(q.clone()));
            let by_jets = definition::mse_trace(&net, &radicals).unwrap();
            let four_roots = |d: u64| Ring::mul(&Radical::from_int(4), &Radical::root_of(&(d + 1).into(), 2).unwrap());
            prop_assert_eq!(&by_jets, &four_roots(d as u64));
            prop_assert_ne!(&by_jets, &four_roots(d as u64 + 1));
        }
    }

    #[test]
    fn the_threshold_may_not_be_d() {
        let data = sample(0, 3, 2);
        assert!(printed(&data, &Rational::from(3)).is_err());
        assert!(printed(&data, &Rational::from(2)).is_ok());
    }
}
