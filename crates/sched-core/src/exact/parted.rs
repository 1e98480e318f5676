//! Numbers in two parts of 26 bits and more: their products take half the operations that those of a [`Real`] take.

use super::real::{Real, split};

/// `upper + lower`, with 26 bits in `upper`: products of two upper parts are exact.
///
/// Each operation keeps about 76 bits, for numbers that are neither very small nor very large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parted {
    pub(crate) upper: f64,
    pub(crate) lower: f64,
}

impl Parted {
    pub(crate) const ONE: Self = Self { upper: 1.0, lower: 0.0 };

    /// `part / whole`.
    #[inline(always)]
    pub(crate) fn quotient(part: Real, whole: f64) -> Self {
        let (whole_upper, whole_lower) = split(whole);
        let (upper, _) = split(part.hi / whole);
        let left = ((part.hi - upper * whole_upper) - upper * whole_lower) + part.lo;
        Self { upper, lower: left * (1.0 / whole) }
    }

    #[inline(always)]
    pub(crate) fn mul(self, other: Self) -> Self {
        let large = self.upper * other.upper;
        let small = self.upper * other.lower + self.lower * other.upper + self.lower * other.lower;
        let (upper, _) = split(large + small);
        Self { upper, lower: (large - upper) + small }
    }

    /// The square root, from the one that an `f64` has.
    #[inline(always)]
    pub(crate) fn sqrt_near(self, root: f64) -> Self {
        let (upper, _) = split(root);
        let left = (self.upper - upper * upper) + self.lower;
        Self { upper, lower: left / (upper + root) }
    }

    #[inline(always)]
    pub(crate) fn value(self) -> f64 {
        self.upper + self.lower
    }

    /// `1 - self`, for `self` between 0 and 1.
    #[inline(always)]
    pub(crate) fn rest_to_one(self) -> f64 {
        (1.0 - self.upper) - self.lower
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_keep_76_bits() {
        let base = Parted::quotient(Real::from(3.0), 7.0);
        let cube = base.mul(base).mul(base);
        let root = base.sqrt_near(libm::sqrt(base.value()));
        // References: 70 digits, split into the nearest `f64` and what is left.
        for (power, hi, lo) in [
            (base, 0.428_571_428_571_428_55, 2.379_049_338_482_478_2e-17),
            (root, 0.654_653_670_707_977_2, -5.393_082_914_272_119e-17),
            (cube.mul(cube).mul(base), 0.002_655_599_039_758_701, 2.116_773_475_908_268_5e-19),
            (cube.mul(root), 0.051_532_504_691_298_49, 1.884_409_521_954_571_5e-18),
        ] {
            let error = (Real::sum(power.upper, power.lower) - Real { hi, lo }).value() / hi;
            assert!(error.abs() < 2.0_f64.powi(-74), "{power:?}: {error:e}");
        }
    }
}
