//! Operators and `num-traits` for concrete code; generic code calls the methods of
//! [`Ring`] by reference.

use super::Radical;
use crate::scalar::{Field, NoValue, Ring};
use num_traits::{Inv, One, Pow, Zero};
use rug::{Integer, Rational};
use std::ops;

/// One binary operator on values and references.
macro_rules! binary {
    ($($operator:ident $method:ident),*) => {$(
        impl ops::$operator<&Radical> for &Radical {
            type Output = Radical;
            fn $method(self, other: &Radical) -> Radical {
                Ring::$method(self, other)
            }
        }
        impl ops::$operator<Radical> for &Radical {
            type Output = Radical;
            fn $method(self, other: Radical) -> Radical {
                Ring::$method(self, &other)
            }
        }
        impl ops::$operator<&Radical> for Radical {
            type Output = Radical;
            fn $method(self, other: &Radical) -> Radical {
                Ring::$method(&self, other)
            }
        }
        impl ops::$operator<Radical> for Radical {
            type Output = Radical;
            fn $method(self, other: Radical) -> Radical {
                Ring::$method(&self, &other)
            }
        }
    )*};
}
binary!(Add add, Sub sub, Mul mul);

impl ops::Neg for &Radical {
    type Output = Radical;
    fn neg(self) -> Radical {
        Ring::neg(self)
    }
}

impl ops::Neg for Radical {
    type Output = Radical;
    fn neg(self) -> Radical {
        Ring::neg(&self)
    }
}

impl From<i64> for Radical {
    fn from(n: i64) -> Self {
        Self::from_int(n)
    }
}

/// So that integer literals convert.
impl From<i32> for Radical {
    fn from(n: i32) -> Self {
        Self::from_int(i64::from(n))
    }
}

impl From<Integer> for Radical {
    fn from(n: Integer) -> Self {
        Self::from_rational(Rational::from(n))
    }
}

impl From<Rational> for Radical {
    fn from(q: Rational) -> Self {
        Self::from_rational(q)
    }
}

impl Zero for Radical {
    fn zero() -> Self {
        Self::from_int(0)
    }
    fn is_zero(&self) -> bool {
        self.terms().is_empty()
    }
}

impl One for Radical {
    fn one() -> Self {
        Self::from_int(1)
    }
}

impl Inv for &Radical {
    type Output = Result<Radical, NoValue>;
    fn inv(self) -> Self::Output {
        Field::inv(self)
    }
}

impl Pow<u32> for &Radical {
    type Output = Radical;
    fn pow(self, k: u32) -> Radical {
        Ring::pow(self, k)
    }
}
