//! The rate on a power law.

use super::runs::{BLOCK, fill_with};
use crate::exact::{EXACT, Precision, Real};
use crate::schedule::PowerLaw;

impl PowerLaw {
    pub(super) fn eval(&self, t: Real, precision: Precision) -> Real {
        if precision == Precision::Single {
            if let Some(rate) = t.whole_step().and_then(|step| self.quick(step as f64)) {
                return Real::from(rate);
            }
        }
        let x = (t + Real::from(self.offset)).over(self.time_scale);
        if x.hi > 0.0 {
            return Real::from(self.scale).times_exp(self.log(x, precision), precision).saturated();
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

    /// The logarithm of the power of a time.
    #[inline(always)] // once for each precision
    fn log(&self, x: Real, precision: Precision) -> Real {
        x.ln(precision).exponent(self.power, precision)
    }

    /// The bulk path; `false` where a number may be extreme.
    pub(super) fn fill_block(&self, first: u64, rates: &mut [f64]) -> bool {
        let first = first as f64;
        let last = first + (rates.len() - 1) as f64;
        // Where the sum stops being exact, one formula ends and the other begins.
        if last >= EXACT || self.is_quick(first) != self.is_quick(last) {
            return false;
        }
        if self.is_quick(last) {
            // The power only falls, so if both ends are normal numbers, all are.
            let ends = [first, last].map(|step| self.quick_power(step + self.offset));
            let normal = ends.iter().all(|power| power.is_normal());
            if normal {
                fill_with(first + self.offset, rates, |t| (self.scale * self.quick_power(t)).min(f64::MAX));
            }
            return normal;
        }
        let at = |step: f64| Real::sum(step, self.offset);
        let times = (0_i32..).map(|offset| at(first + f64::from(offset)));
        self.fill_shifted(at(first), at(last), times, rates)
    }

    /// The bulk path for rising times that need not be whole; `false` where a number may be extreme.
    pub(super) fn fill_at(&self, times: &[Real], rates: &mut [f64]) -> bool {
        let at = |t: &Real| *t + Real::from(self.offset);
        match (times.first(), times.last()) {
            (Some(first), Some(last)) if !self.is_quick(0.0) => {
                self.fill_shifted(at(first), at(last), times.iter().map(at), rates)
            }
            _ => false,
        }
    }

    /// The same for times to which the offset has been added.
    #[inline(always)] // for each kind of times
    fn fill_shifted(&self, first: Real, last: Real, times: impl Iterator<Item = Real>, rates: &mut [f64]) -> bool {
        let x = |t: Real| t.over(self.time_scale);
        // Between two moderate ends all is moderate.
        let moderate = |t| Real::is_moderate(x(t).hi) && self.log(x(t), Precision::Single).hi.abs() < 300.0;
        if x(first).hi <= 0.0 || !Real::is_moderate(self.scale) || !moderate(first) || !moderate(last) {
            return false;
        }
        let (mantissa, twos) = Real::from(self.scale).mantissa();
        let mut logs = [Real::ONE; BLOCK];
        for (t, log) in times.zip(&mut logs[..rates.len()]) {
            *log = self.log(x(t), Precision::Quick);
        }
        for (log, rate) in logs.iter().zip(rates) {
            let ((near_one, more), _) = log.exp_and_rest(Precision::Quick);
            *rate = mantissa.mul(near_one).quick_times_power_of_two(twos + more).value();
        }
        true
    }
}
