//! Numbers: a ladder of four small traits and the types that stand on it.
//!
//! `Ring -> Ordered -> Field -> Real`, eight required methods in all. Generic code calls the
//! by-reference methods (`a.add(&b)`); operators stay with the concrete types. The laws in each
//! trait's doc are the property tests of `tests/scalar_laws.rs`.
//!
//! Two kinds of "no" are kept apart: [`Undecided`] (this type cannot tell at its present precision;
//! more precision or an exact type may) and `Undefined` (there is no such number; no retry helps).

use std::cmp::Ordering;
use std::fmt::Debug;

pub mod ball;
pub mod dyadic;
pub mod float;
pub(crate) mod integer_rows;
pub mod jet;
pub mod radical;
pub mod rational;
pub mod relation;
pub mod retry;
pub mod text;
pub mod transcendental;

pub use ball::Ball;
pub use dyadic::Dyadic;
pub use jet::{Jet1, Jet2};
pub use radical::Radical;
pub use relation::Relation;
pub use rug::{Integer, Rational};
pub use transcendental::Transcendental;

/// This number type cannot tell at its present precision or cap; a retry with more may help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("undecided: {0}")]
pub struct Undecided(pub &'static str);

/// Why an operation gave no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// More precision may help.
    #[error(transparent)]
    Undecided(#[from] Undecided),
    /// There is no such number: division by zero, an even root of a negative number.
    #[error("undefined: {0}")]
    Undefined(&'static str),
}

/// A commutative ring with one.
///
/// Laws, wherever equality is decided: `add` and `mul` are associative and commutative, `mul`
/// distributes over `add`, `from_int` is a ring homomorphism, `a.sub(b) = a.add(&b.neg())`.
/// For enclosures "equal" reads "both sides enclose the exact value"; plain floats obey the laws
/// up to rounding and never decide a verdict.
pub trait Ring: Clone + Debug + Send + Sync {
    /// The integer `n`, exactly.
    fn from_int(n: i64) -> Self;
    /// `self + other`.
    fn add(&self, other: &Self) -> Self;
    /// `self - other`.
    fn sub(&self, other: &Self) -> Self;
    /// `self * other`.
    fn mul(&self, other: &Self) -> Self;
    /// `-self`.
    fn neg(&self) -> Self;

    /// 0.
    fn zero() -> Self {
        Self::from_int(0)
    }
    /// 1.
    fn one() -> Self {
        Self::from_int(1)
    }
    /// `self^2`.
    fn square(&self) -> Self {
        self.mul(self)
    }
    /// `self^k` by repeated squaring; `x.pow(0) = 1`.
    fn pow(&self, k: u32) -> Self {
        let mut result = Self::one();
        for bit in (0..u32::BITS - k.leading_zeros()).rev() {
            result = result.square();
            if k >> bit & 1 == 1 {
                result = result.mul(self);
            }
        }
        result
    }
    /// The sum of the items, added from left to right.
    fn sum<'a>(items: impl IntoIterator<Item = &'a Self>) -> Self
    where
        Self: 'a,
    {
        items
            .into_iter()
            .fold(Self::zero(), |total, x| total.add(x))
    }
    /// `sum_k a_k b_k` over the shorter of the two, from left to right.
    fn dot(a: &[Self], b: &[Self]) -> Self {
        Self::sum_of_products(a.iter().zip(b))
    }
    /// `sum a b` over the pairs, from left to right.
    fn sum_of_products<'a>(pairs: impl IntoIterator<Item = (&'a Self, &'a Self)>) -> Self
    where
        Self: 'a,
    {
        pairs
            .into_iter()
            .fold(Self::zero(), |total, (x, y)| total.add(&x.mul(y)))
    }
}

/// The strictly positive entries of a matrix-vector product, and where it is exactly 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired<S> {
    /// `(row, value)` with `value > 0`, ascending in `row`.
    pub active: Vec<(usize, S)>,
    /// Rows whose value is exactly 0, ascending.
    pub zero: Vec<usize>,
}

impl<S> Fired<S> {
    /// No rows.
    pub(crate) fn none() -> Self {
        Self {
            active: Vec::new(),
            zero: Vec::new(),
        }
    }
}

impl<S: Ring> Fired<S> {
    /// `sum_j weights_j z_j` over the positive entries.
    pub fn weighted(&self, weights: &[S]) -> S {
        S::sum_of_products(self.active.iter().map(|(j, z)| (&weights[*j], z)))
    }
}

/// An ordered ring.
///
/// Laws: exactly one of `a < 0`, `a = 0`, `a > 0`; the sign of a product is the product of the
/// signs; sums of positives are positive; `compare` is total and transitive. NaN and enclosures
/// that straddle 0 answer [`Undecided`]; an answer that is given is never wrong.
pub trait Ordered: Ring {
    /// `self` against 0.
    fn sign(&self) -> Result<Ordering, Undecided>;

    /// `self` against `other`.
    fn compare(&self, other: &Self) -> Result<Ordering, Undecided> {
        self.sub(other).sign()
    }
    /// `|self|`.
    fn abs(&self) -> Result<Self, Undecided> {
        Ok(if self.sign()?.is_lt() {
            self.neg()
        } else {
            self.clone()
        })
    }
    /// `relu(W x)` for each `x` in `xs`, as positive entries and exact zeros: the first layer of
    /// every network (the bias is a column of `rows`, `x' = (x, 1)`).
    ///
    /// The default multiplies out; [`Rational`] and [`Radical`] override it with integer inner
    /// loops over common denominators (test `integer_rows_vs_dot`).
    fn fire(rows: &[Vec<Self>], xs: &[Vec<Self>]) -> Result<Vec<Fired<Self>>, Undecided> {
        xs.iter().map(|x| fire_by_dot(rows, x)).collect()
    }
    /// `sum_j weights_j relu(row_j . x)` for each `x` in `xs`: a network with one hidden layer.
    ///
    /// The default is [`Self::fire`], multiplied by the weights; [`Radical`] overrides it with integer
    /// sums (test `integer_sums_vs_fire`).
    fn relu_sums(
        weights: &[Self],
        rows: &[Vec<Self>],
        xs: &[Vec<Self>],
    ) -> Result<Vec<Self>, Undecided> {
        let sums = Self::fire(rows, xs)?;
        Ok(sums.iter().map(|fired| fired.weighted(weights)).collect())
    }
}

/// [`Ordered::fire`] for one `x` as its definition says: dot product, then sign.
pub fn fire_by_dot<S: Ordered>(rows: &[Vec<S>], x: &[S]) -> Result<Fired<S>, Undecided> {
    let mut fired = Fired {
        active: Vec::new(),
        zero: Vec::new(),
    };
    for (j, row) in rows.iter().enumerate() {
        let z = S::dot(row, x);
        match z.sign()? {
            Ordering::Greater => fired.active.push((j, z)),
            Ordering::Equal => fired.zero.push(j),
            Ordering::Less => {}
        }
    }
    Ok(fired)
}

/// A field.
///
/// Laws: `a.mul(&a.inv()?) = 1`; `inv` of 0 is [`NoValue::Undefined`].
pub trait Field: Ring {
    /// `1 / self`.
    fn inv(&self) -> Result<Self, NoValue>;

    /// `self / other`.
    fn div(&self, other: &Self) -> Result<Self, NoValue> {
        Ok(self.mul(&other.inv()?))
    }
}

/// An ordered field with roots of non-negative numbers, as far as the type can express them.
///
/// Laws: for `a >= 0`, `r = a.root(k)?` has `r >= 0` and `r.pow(k) = a`; a root of a negative
/// number is [`NoValue::Undefined`] for every `k`, and so is a zeroth root.
pub trait Real: Field + Ordered {
    /// The non-negative `k`-th root, `k >= 1`.
    fn root(&self, k: u32) -> Result<Self, NoValue>;

    /// The square root.
    fn sqrt(&self) -> Result<Self, NoValue> {
        self.root(2)
    }
}
