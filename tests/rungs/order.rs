//! Rung 3: portable == AVX2 == AVX-512, bit for bit, operation by operation.
//!
//! Bits are compared after one normalisation: every NaN counts as the same, since Rust does not fix
//! the payload of a NaN.

use crate::corpus::{any, below, chunk, instance, other_sets, rng};
use crate::engine::loss;
use crate::training::rule;
use flatproof::engine::batch::{loss_and_gradient, outputs, sharpness};
use flatproof::engine::reference::parameters;
use flatproof::engine::simd::{Chunk, Isa, Kernel, Lanes};
use flatproof::engine::{Model, Plain, Stepper, stepper};
use rand_chacha::rand_core::Rng;

const ROUNDS: usize = 20_000;

/// An f32 up to the payload of a NaN.
fn bits(x: f32) -> u32 {
    if x.is_nan() {
        f32::NAN.to_bits()
    } else {
        x.to_bits()
    }
}

/// What one operation gave, with its name.
type Results = Vec<(&'static str, Vec<u32>)>;

/// Every operation of [`Lanes`] that is defined for all operands.
struct Everywhere([Chunk; 3]);

impl Kernel for Everywhere {
    type Output = Results;
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) -> Results {
        let [a, b, c] = [l.load(&self.0[0]), l.load(&self.0[1]), l.load(&self.0[2])];
        let wide = |v: L::V| {
            let mut to = Chunk::default();
            l.store(v, &mut to);
            to.0.map(bits).to_vec()
        };
        let m = l.gt(a, b);
        vec![
            ("splat", wide(l.splat(self.0[0].0[3]))),
            ("load, store", wide(a)),
            ("add", wide(l.add(a, b))),
            ("sub", wide(l.sub(a, b))),
            ("mul", wide(l.mul(a, b))),
            ("div", wide(l.div(a, b))),
            ("mul_add", wide(l.mul_add(a, b, c))),
            ("sqrt", wide(l.sqrt(a))),
            ("gt, bits", vec![u32::from(l.bits(m))]),
            ("select", wide(l.select(m, b, c))),
            ("keep", wide(l.keep(m, c))),
            ("relu", wide(l.relu(a))),
            ("round", wide(l.round(a))),
            ("sum", vec![bits(l.sum(a))]),
            ("sums", {
                let rows = [a, b, c, l.add(a, b), l.mul(b, c), l.sub(c, a), l.relu(b)];
                wide(l.sums(std::array::from_fn(|i| rows[i % 7])))
            }),
            ("pack", {
                let (m, mut to) = (l.bits(m), [0.0; 16]);
                l.pack(c, m, &mut to);
                to[..m.count_ones() as usize]
                    .iter()
                    .map(|&x| bits(x))
                    .collect()
            }),
            ("transpose", {
                let rows = [a, b, c, l.add(a, b), l.mul(b, c)];
                let square = l.transpose(std::array::from_fn(|i| rows[i % 5]));
                square.into_iter().flat_map(wide).collect()
            }),
            ("transpose", {
                let mut rows = [a; 16];
                for (i, row) in rows.iter_mut().enumerate() {
                    let scale = l.splat(i as f32 + 1.0);
                    *row = l.mul_add(if i % 2 == 0 { b } else { c }, scale, a);
                }
                l.transpose(rows).into_iter().flat_map(wide).collect()
            }),
        ]
    }
}

/// The operations with a domain: `2^k` for `k` in the first chunk, mantissa and exponent of the second.
struct InDomain([Chunk; 2]);

impl Kernel for InDomain {
    type Output = [[u32; 16]; 3];
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) -> Self::Output {
        let power = l.power_of_two(l.load(&self.0[0]));
        let (mantissa, exponent) = l.mantissa_exponent(l.load(&self.0[1]));
        [power, mantissa, exponent].map(|v| {
            let mut to = Chunk::default();
            l.store(v, &mut to);
            to.0.map(bits)
        })
    }
}

/// Random operands; every other round the second is close to the first, so that comparisons tie and
/// sums cancel.
fn operands(rng: &mut impl Rng) -> [Chunk; 3] {
    let [a, mut b, c] = [(); 3].map(|()| chunk(|| any(rng)));
    if below(rng, 2) == 0 {
        for (b, a) in b.0.iter_mut().zip(a.0) {
            *b = [a, -a, a.next_up(), 1.0 / a][below(rng, 4)];
        }
    }
    [a, b, c]
}

#[test]
fn portable_vs_other_sets_on_every_operation() {
    for isa in other_sets("every operation") {
        let mut rng = rng(31);
        for _ in 0..ROUNDS {
            let operands = operands(&mut rng);
            let portable = Isa::Portable.run(Everywhere(operands));
            let other = isa.run(Everywhere(operands));
            for (left, right) in portable.iter().zip(&other) {
                assert_eq!(left, right, "{} of {operands:?}", isa.name());
            }
            assert_eq!(portable.len(), other.len());
        }
    }
}

#[test]
fn portable_vs_other_sets_on_exponents() {
    for isa in other_sets("exponents") {
        let mut rng = rng(32);
        for _ in 0..ROUNDS {
            let integers = chunk(|| below(&mut rng, 254) as f32 - 126.0);
            let normal = chunk(|| {
                let x = any(&mut rng).abs();
                if x.is_normal() { x } else { f32::MIN_POSITIVE }
            });
            let operands = [integers, normal];
            let portable = Isa::Portable.run(InDomain(operands));
            assert_eq!(portable, isa.run(InDomain(operands)), "{operands:?}");
        }
    }
}

/// The kernels: outputs, loss and gradient, sharpness, and some steps of the plain and the fastest stepper.
#[test]
fn portable_vs_other_sets_on_kernels() {
    for isa in other_sets("kernels") {
        let mut rng = rng(34);
        for _ in 0..150 {
            let (net, data) = instance(&mut rng);
            let n = data.len();
            let size = 1 + below(&mut rng, n);
            let order: Vec<u32> = (0..5 * size).map(|_| below(&mut rng, n) as u32).collect();
            let labels: Vec<f32> = order.iter().map(|&i| data.y[i as usize]).collect();
            let loss = loss(&mut rng);
            let rule = rule(&mut rng, loss, size);
            let run = |isa| {
                let mut gradient = Model::zeros(net.shape);
                let batch = (&order[..], &labels[..]);
                let mut all = outputs(isa, &net, &data, &data);
                all.push(loss_and_gradient(
                    isa,
                    &net,
                    &data,
                    batch,
                    loss,
                    &mut gradient,
                ));
                all.extend(parameters(&gradient));
                let trace = sharpness(isa, &net, &data, loss);
                let plain: Box<dyn Stepper> = Box::new(Plain::new(isa));
                for mut stepper in [plain, stepper(isa, &net.shape, &rule, n)] {
                    let mut net = net.clone();
                    stepper.run(&mut net, &data, &order, &labels, &rule);
                    all.extend(parameters(&net));
                }
                let all: Vec<u32> = all.into_iter().map(bits).collect();
                let nan_or = |x: f64| if x.is_nan() { u64::MAX } else { x.to_bits() };
                (all, nan_or(trace.gauss_newton), nan_or(trace.full))
            };
            let what = format!("{} {rule:?} {net:?} {data:?}", isa.name());
            assert_eq!(run(Isa::Portable), run(isa), "{what}");
        }
    }
}

/// The meaning of the portable set, from f64 and from the definition: what the sets are equal to.
#[test]
fn portable_vs_definition() {
    let mut rng = rng(33);
    for _ in 0..ROUNDS {
        let operands = operands(&mut rng);
        let results = Isa::Portable.run(Everywhere(operands));
        let named = |name| &results.iter().find(|(n, _)| *n == name).unwrap().1;
        let [a, b, c] = operands.map(|chunk| chunk.0);
        for l in 0..16 {
            let (a64, b64) = (f64::from(a[l]), f64::from(b[l]));
            // f64 has more than twice the bits of f32, so rounding twice is rounding once
            assert_eq!(named("add")[l], bits((a64 + b64) as f32));
            assert_eq!(named("sub")[l], bits((a64 - b64) as f32));
            assert_eq!(named("mul")[l], bits((a64 * b64) as f32));
            assert_eq!(named("div")[l], bits((a64 / b64) as f32));
            assert_eq!(named("sqrt")[l], bits(a64.sqrt() as f32));
            assert_eq!(named("gt, bits")[0] >> l & 1 == 1, a64 > b64);
            assert_eq!(
                named("select")[l],
                bits(if a[l] > b[l] { b[l] } else { c[l] })
            );
            assert_eq!(named("keep")[l], bits(if a[l] > b[l] { c[l] } else { 0.0 }));
            assert_eq!(named("relu")[l], bits(if a[l] > 0.0 { a[l] } else { 0.0 }));
            assert_eq!(named("round")[l], bits(a64.round_ties_even() as f32));
        }
        let domain = InDomain([
            chunk(|| below(&mut rng, 254) as f32 - 126.0),
            chunk(|| any(&mut rng).abs().clamp(f32::MIN_POSITIVE, f32::MAX)),
        ]);
        let [k, x] = domain.0.map(|chunk| chunk.0);
        let [power, mantissa, exponent] = Isa::Portable.run(domain);
        for l in 0..16 {
            assert_eq!(power[l], bits((f64::from(k[l])).exp2() as f32));
            let [m, e] = [mantissa[l], exponent[l]].map(|b| f64::from(f32::from_bits(b)));
            if !x[l].is_nan() {
                assert!((1.0..2.0).contains(&m));
                assert_eq!(m * e.exp2(), f64::from(x[l]));
            }
        }
    }
}

/// Negative control: bits see what `==` does not, and one unit in the last place.
#[test]
fn bits_tell_apart() {
    assert_ne!(bits(0.0), bits(-0.0));
    assert_ne!(bits(1.0), bits(1.0f32.next_up()));
    assert_eq!(bits(f32::NAN), bits(-f32::NAN));
    let ones = Chunk([1.0; 16]);
    let mut changed = ones;
    changed.0[11] = 1.0f32.next_up();
    let run = |a| Isa::best().run(Everywhere([a, ones, ones]));
    assert_ne!(run(ones), run(changed));
}
