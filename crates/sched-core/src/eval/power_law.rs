//! The rate on a power law.

use crate::exact::{EXACT, Precision, Real};
use crate::schedule::PowerLaw;

impl PowerLaw {
    pub(super) fn eval(&self, t: Real, precision: Precision) -> Real {
        if precision == Precision::Single
            && let Some(step) = t.whole_step()
            && let Some(rate) = self.quick(step as f64)
        {
            return Real::from(rate);
        }
        let x = (t + Real::from(self.offset)).over(self.time_scale);
        if x.hi > 0.0 {
            let exponent = x.ln(precision).exponent(self.power);
            return Real::from(self.scale).times_exp(exponent, precision).saturated();
        }
        // 0 to a power is 0, 1 or more than any rate.
        match self.power {
            _ if self.scale == 0.0 => Real::ZERO,
            power if power > 0.0 => Real::ZERO,
            power if power < 0.0 => Real::MAX,
            _ => Real::from(self.scale),
        }
    }

    /// To 53 bits, by few operations; `None` where it takes more.
    fn quick(&self, step: f64) -> Option<f64> {
        if !self.is_quick(step) {
            return None;
        }
        let y = self.quick_power(step + self.offset);
        y.is_normal().then(|| (self.scale * y).min(f64::MAX))
    }

    /// Whether the sum of a step and the offset is exact, and the power is one that takes few operations.
    pub(super) fn is_quick(&self, step: f64) -> bool {
        (self.power == -0.5 || self.power == -1.0)
            && step + self.offset < EXACT
            && libm::floor(self.offset) == self.offset
    }

    /// `(t / time_scale)^power`, for the quick ones.
    #[inline(always)]
    pub(super) fn quick_power(&self, t: f64) -> f64 {
        let x = t / self.time_scale;
        if self.power == -0.5 { 1.0 / libm::sqrt(x) } else { 1.0 / x }
    }
}
