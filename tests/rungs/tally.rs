//! How good a bound is: every check of a bound, and the worst it met.

use flatproof::engine::error_bound::Near;
use flatproof::scalar::Ball;
use rug::Float;

/// Bits in which the dot product of two rows of f32 is exact.
pub const BITS: u32 = 700;

/// An f32, ready for exact arithmetic.
pub fn exactly(x: f32) -> Ball {
    Ball::from_f32(x).with_bits(BITS)
}

/// What was checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Numbers with a bound.
    pub bounded: usize,
    /// Numbers without: the bound is infinite.
    pub unbounded: usize,
    /// The largest error, in units of its bound.
    pub worst: f64,
}

impl Tally {
    /// Both readings of `near`: `computed` by f32, `exact` as an enclosure.
    pub fn check(&mut self, near: &Near, computed: impl Into<f64>, exact: &Ball, what: &str) {
        let computed: f64 = computed.into();
        if !near.error().is_finite() {
            self.unbounded += 1;
            return;
        }
        let off = |x: &Float, r: f64| Float::with_val(BITS + 64, x - near.value).abs() <= r;
        assert!(
            off(exact.lo(), near.exact) && off(exact.hi(), near.exact),
            "{what}: exact {exact} outside {near:?}"
        );
        assert!(
            off(&Float::with_val(64, computed), near.computed),
            "{what}: f32 {computed:e} outside {near:?}"
        );
        self.bounded += 1;
        let error = Float::with_val(BITS + 64, exact.lo() - computed).abs();
        if near.error() > 0.0 {
            self.worst = self.worst.max(error.to_f64() / near.error());
        } else {
            assert!(error == 0, "{what}");
        }
    }

    /// The bounds met most numbers, and one of them would break if it were `factor` times smaller.
    pub fn is_sharp(&self, what: &str, factor: f64) {
        eprintln!("{what}: {self:?}");
        assert!(self.bounded > self.unbounded, "{what}: {self:?}");
        assert!(
            self.worst * factor > 1.0,
            "{what}: never near the bound, {self:?}"
        );
    }
}
