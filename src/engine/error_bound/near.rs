//! One number in two readings: what exact arithmetic gives, and what f32 gives in whatever order.
//!
//! A [`Near`] is a centre `c` with two radii. The exact value `x` and every value `x^` that f32 can
//! compute obey
//!
//! ```text
//! |x - c| <= exact        |x^ - c| <= computed        hence   |x^ - x| <= exact + computed
//! ```
//!
//! With `u = 2^-24` and `gamma_k = k u / (1 - k u)` (Higham 2002, Lemma 3.1), rounding to nearest is
//!
//! ```text
//! fl(a + b) = (a + b)(1 + t)        |t| <= u: sums that underflow are exact
//! fl(a b)   = a b (1 + t) + s       |s| <= 2^-150, half of the least denormal; likewise fl(a/b), fma
//! k roundings in a row:  (1 + t_1)...(1 + t_k) = 1 + T,   |T| <= gamma_k
//! ```
//!
//! A [`Sum`] of `k` products, fused or not, in any order and over any tree: each product meets at
//! most `k` roundings (its own, and at most `k - 1` additions), and so does its `s`, which at most
//! doubles it while `gamma_k <= 1`:
//!
//! ```text
//! |x^ - sum t_i| <= gamma_k sum |t_i| + k 2^-149
//! ```
//!
//! Adding an exact 0 rounds nothing, so such terms (padding, inactive neurons) are not counted. If
//! `(1 + gamma_k) sum |t_i|` exceeds the largest f32 a partial sum may overflow: then there is no
//! bound, [`Near::UNKNOWN`].
//!
//! The radii are computed in f64 and must err upwards. Every expression given to `up` is made of at
//! most eight additions, products, quotients and roots of numbers that are not negative, so it falls
//! short by a factor of at most `(1 + 2^-53)^8`, and by at most `2^-1060` through underflow; `up`
//! makes good for both. Centres are rounded to nearest, and what that loses is in both radii.

/// `u`, the unit roundoff of f32.
pub const U: f64 = 1.0 / 16_777_216.0;
/// `2^-53`, the unit roundoff of f64.
const HALF_EPSILON: f64 = f64::EPSILON / 2.0;
/// More than f64 can lose by underflow, even after a division by 2^-126.
const F64_UNDERFLOW: f64 = 1e-270;
/// The largest f32.
const LARGEST: f64 = f32::MAX as f64;

/// An upper bound of the expression that rounds to `x`; infinite for NaN.
pub(super) fn up(x: f64) -> f64 {
    let above = x * (1.0 + 16.0 * f64::EPSILON) + f64::MIN_POSITIVE;
    if above.is_nan() { f64::INFINITY } else { above }
}

/// `gamma_k = k u / (1 - k u)`; infinite where it would exceed 1.
pub fn gamma(k: usize) -> f64 {
    let ku = k as f64 * U;
    if ku <= 0.5 {
        up(ku / (1.0 - ku))
    } else {
        f64::INFINITY
    }
}

/// A centre, how far the exact value is from it at most, and how far the computed one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// `c`.
    pub value: f64,
    /// `>= |x - c|`.
    pub exact: f64,
    /// `>= |x^ - c|`.
    pub computed: f64,
}

impl Near {
    /// 0.
    pub const ZERO: Self = Self::point(0.0);
    /// 1.
    pub const ONE: Self = Self::point(1.0);
    /// A number between 0 and 1: the slope of relu where its sign is not certified.
    pub const SLOPE: Self = Self::hull(0.5, 0.5);
    /// `2^-149`: the least denormal, twice what the underflow of one product can lose.
    pub(super) const UNDERFLOW: f64 = f32::from_bits(1) as f64;
    /// Nothing is known.
    pub const UNKNOWN: Self = Self::hull(0.0, f64::INFINITY);

    const fn hull(value: f64, radius: f64) -> Self {
        Self {
            value,
            exact: radius,
            computed: radius,
        }
    }
    const fn point(value: f64) -> Self {
        Self::hull(value, 0.0)
    }

    /// A number that f32 has; [`Self::UNKNOWN`] for NaN and infinities.
    pub fn new(x: f32) -> Self {
        if x.is_finite() {
            Self::point(x.into())
        } else {
            Self::UNKNOWN
        }
    }

    /// `>= |x^ - x|`; infinite where there is no bound.
    pub fn error(&self) -> f64 {
        up(self.exact + self.computed)
    }
    /// `>= max(|x|, |x^|)`.
    pub fn magnitude(&self) -> f64 {
        up(self.value.abs() + self.exact.max(self.computed))
    }
    /// Whether both readings are the same number.
    fn is_point(&self, x: f64) -> bool {
        self.value == x && self.exact == 0.0 && self.computed == 0.0
    }
    /// The sign of both readings where it is certified: `Some(true)` if positive, `Some(false)` if
    /// negative.
    pub fn sign(&self) -> Option<bool> {
        let certified = self.value.abs() > self.exact.max(self.computed);
        certified.then_some(self.value > 0.0)
    }

    /// `self + other`.
    pub fn add(&self, other: &Self) -> Self {
        let mut sum = Sum::default();
        sum.add(self);
        sum.add(other);
        sum.round()
    }
    /// `-self`.
    pub fn neg(&self) -> Self {
        Self {
            value: -self.value,
            ..*self
        }
    }
    /// `self - other`.
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }
    /// `self * other`.
    pub fn mul(&self, other: &Self) -> Self {
        let mut sum = Sum::default();
        sum.add_product(self, other);
        sum.round()
    }
    /// `self / other`, or `self * fl(1 / other)`: two roundings, two underflows.
    pub fn div(&self, other: &Self) -> Self {
        let least = other.value.abs() - other.exact.max(other.computed);
        let least = least * (1.0 - 4.0 * f64::EPSILON);
        if least.is_nan() || least < f64::from(f32::MIN_POSITIVE) {
            return Self::UNKNOWN; // perhaps 0, or 1/other may overflow
        }
        if self.is_point(0.0) {
            return Self::ZERO;
        }
        let value = self.value / other.value;
        let size = up(value.abs());
        // x/y - c/d = ((x - c) - (c/d)(y - d)) / y
        let radius =
            |x: f64, y: f64| up((x + size * y) / least + HALF_EPSILON * size + F64_UNDERFLOW);
        let computed = radius(self.computed, other.computed);
        let lost = gamma(2) * (size + computed) + Self::UNDERFLOW * (1.0 + self.magnitude());
        Self {
            value,
            exact: radius(self.exact, other.exact),
            computed: up(computed + lost),
        }
        .checked()
    }
    /// The square root of a number that is not negative, whatever the radii say.
    pub fn sqrt(&self) -> Self {
        if self.is_point(0.0) {
            return Self::ZERO;
        }
        let value = self.value.max(0.0).sqrt();
        // |sqrt x - sqrt y| <= |x - y| / sqrt y, and <= sqrt |x - y|
        let root = |r: f64| up((r / value).min(r.sqrt()) + HALF_EPSILON * value);
        let computed = root(self.computed.max(-self.value));
        Self {
            value,
            exact: root(self.exact.max(-self.value)),
            computed: up(computed + U * (value + computed)),
        }
        .checked()
    }
    /// `max(self, floor)`, which rounds nothing.
    pub fn max(&self, floor: f32) -> Self {
        let floor = f64::from(floor);
        // |max(x, t) - max(c, t)| <= |x - c|, and <= max(x - t, 0) if c <= t
        let value = self.value.max(floor);
        let short = (value - self.value) * (1.0 - 4.0 * f64::EPSILON);
        let radius = |r: f64| if r <= short { 0.0 } else { up(r - short) };
        Self {
            value,
            exact: radius(self.exact),
            computed: radius(self.computed),
        }
    }

    /// The same number computed in one of two ways: the exact value is that of either, the computed
    /// one may be either's.
    pub fn either(&self, other: &Self) -> Self {
        let shifted = up((self.value - other.value).abs() + other.computed);
        Self {
            computed: self.computed.max(shifted),
            ..*self
        }
    }

    /// [`Self::UNKNOWN`] unless it fits f32.
    fn checked(self) -> Self {
        if self.magnitude() <= LARGEST {
            self
        } else {
            Self::UNKNOWN
        }
    }
}

/// A sum in any order, rounded when it is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    value: f64,
    exact: f64,
    computed: f64,
    /// `>= sum |t^_i|` over the terms as f32 has them, before any rounding.
    mass: f64,
    /// Terms that are not exact zeros.
    terms: usize,
    /// Whether a term is a product.
    products: bool,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, x: &Near) {
        if x.is_point(0.0) {
            return;
        }
        self.terms += 1;
        self.value += x.value;
        let lost = HALF_EPSILON * self.value.abs();
        self.exact = up(self.exact + x.exact + lost);
        self.computed = up(self.computed + x.computed + lost);
        self.mass = up(self.mass + x.value.abs() + x.computed);
    }

    /// Adds `x y`, fused or not.
    pub fn add_product(&mut self, x: &Near, y: &Near) {
        if x.is_point(0.0) && y.exact.is_finite() || y.is_point(0.0) && x.exact.is_finite() {
            return;
        }
        if x.is_point(1.0) {
            return self.add(y);
        }
        if y.is_point(1.0) {
            return self.add(x);
        }
        self.terms += 1;
        self.products = true;
        let (a, b) = (x.value.abs(), y.value.abs());
        let product = x.value * y.value;
        self.value += product;
        let lost = up(HALF_EPSILON * (self.value.abs() + product.abs()));
        // x y - a b = a (y - b) + b (x - a) + (x - a)(y - b)
        let spread = |r: f64, s: f64| up(a * s + b * r + r * s);
        let computed = spread(x.computed, y.computed);
        self.exact = up(self.exact + spread(x.exact, y.exact) + lost);
        self.computed = up(self.computed + computed + Near::UNDERFLOW + lost);
        self.mass = up(self.mass + a * b + computed);
    }

    /// The sum as it is read: `gamma_k sum |t_i|` for the roundings.
    pub fn round(&self) -> Near {
        let roundings = if self.products {
            self.terms
        } else {
            self.terms.saturating_sub(1)
        };
        let gamma = gamma(roundings);
        if up(self.mass * (1.0 + gamma)) > LARGEST {
            return Near::UNKNOWN; // also where the mass is infinite
        }
        if self.terms == 0 {
            return Near::ZERO;
        }
        Near {
            value: self.value,
            exact: self.exact,
            computed: up(self.computed + gamma * self.mass),
        }
        .checked()
    }
}

/// `sum_k a_k b_k`, in any order.
pub fn dot(a: &[Near], b: &[Near]) -> Near {
    let mut sum = Sum::default();
    for (a, b) in a.iter().zip(b) {
        sum.add_product(a, b);
    }
    sum.round()
}
