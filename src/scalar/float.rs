//! `f32` and `f64` as scalars: speed, never a verdict.
//!
//! The laws of the ladder hold up to rounding only, and `sign` is that of the rounded value. NaN has
//! no sign ([`Undecided`]). `exp` and `ln` come with [`Transcendental`].
//! Tied to the exact types by `tests/scalar_laws.rs`: on small integers floats are exact, so the laws
//! hold with `==`.

use super::{Field, NoValue, Ordered, Real, Ring, Transcendental, Undecided};
use std::cmp::Ordering;

macro_rules! float_scalar {
    ($float:ident) => {
        impl Ring for $float {
            /// Rounded to nearest where `n` has more bits than the format.
            fn from_int(n: i64) -> Self {
                n as $float
            }
            fn add(&self, other: &Self) -> Self {
                self + other
            }
            fn sub(&self, other: &Self) -> Self {
                self - other
            }
            fn mul(&self, other: &Self) -> Self {
                self * other
            }
            fn neg(&self) -> Self {
                -self
            }
        }

        impl Ordered for $float {
            fn sign(&self) -> Result<Ordering, Undecided> {
                self.partial_cmp(&0.0).ok_or(Undecided("not a number"))
            }
            // `sub` would underflow or give `inf - inf`.
            fn compare(&self, other: &Self) -> Result<Ordering, Undecided> {
                self.partial_cmp(other).ok_or(Undecided("not a number"))
            }
        }

        impl Field for $float {
            fn inv(&self) -> Result<Self, NoValue> {
                Field::div(&(1.0 as $float), self)
            }
            fn div(&self, other: &Self) -> Result<Self, NoValue> {
                match other.sign()? {
                    Ordering::Equal => Err(NoValue::Undefined("division by zero")),
                    _ => Ok(self / other),
                }
            }
        }

        impl Real for $float {
            fn root(&self, k: u32) -> Result<Self, NoValue> {
                if self.sign()?.is_lt() {
                    return Err(NoValue::Undefined("a root of a negative number"));
                }
                match k {
                    0 => Err(NoValue::Undefined("a root of order zero")),
                    1 => Ok(*self),
                    2 => Ok($float::sqrt(*self)),
                    3 => Ok(self.cbrt()),
                    _ => Ok(self.powf(1.0 / k as $float)),
                }
            }
        }

        impl Transcendental for $float {
            fn exp(&self) -> Self {
                $float::exp(*self)
            }
            fn ln(&self) -> Result<Self, NoValue> {
                match self.sign()? {
                    Ordering::Greater => Ok($float::ln(*self)),
                    _ => Err(NoValue::Undefined(
                        "the logarithm of a number that is not positive",
                    )),
                }
            }
        }
    };
}

float_scalar!(f32);
float_scalar!(f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_undecided_and_zero_is_undefined() {
        assert!(f64::NAN.sign().is_err());
        assert!(Ordered::compare(&1.0f32, &f32::NAN).is_err());
        assert!(matches!(f64::NAN.root(2), Err(NoValue::Undecided(_))));
        assert!(matches!(Field::inv(&f32::NAN), Err(NoValue::Undecided(_))));
        assert_eq!((-0.0f64).sign(), Ok(Ordering::Equal));
        assert!(matches!(Field::inv(&-0.0f64), Err(NoValue::Undefined(_))));
        assert!(matches!((-1.0f64).root(3), Err(NoValue::Undefined(_))));
        assert!(matches!(
            Transcendental::ln(&0.0f64),
            Err(NoValue::Undefined(_))
        ));
    }

    #[test]
    fn roots_of_powers_of_two_are_exact() {
        assert_eq!(16.0f64.root(4), Ok(2.0));
        assert_eq!(Real::sqrt(&9.0f32), Ok(3.0));
        assert_eq!(27.0f32.root(3), Ok(3.0));
    }
}
