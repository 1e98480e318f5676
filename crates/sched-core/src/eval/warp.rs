//! Bent time: `steps * (t / steps)^power`.

use super::runs::BLOCK;
use crate::exact::{EXACT, Precision, Real, nearest};

#[derive(Clone, Copy)]
pub(super) struct Warp {
    pub(super) steps: f64,
    pub(super) power: f64,
}

impl Warp {
    /// The time, exact at both ends: near `steps` as what is left, near 0 as what is done.
    pub(super) fn bend(self, t: Real, precision: Precision) -> Real {
        let rest = t.left_of(self.steps);
        if rest.value() <= 0.0 || t.value() == 0.0 {
            return t;
        }
        let parts = if self.is_square() && Real::is_moderate(t.hi) {
            self.square(t)
        } else {
            self.parts(self.log(t, precision), precision)
        };
        self.join(t, parts, precision)
    }

    /// Whether no logarithm is needed, which halves the time in bulk: 64 ns a rate of Eden without.
    fn is_square(self) -> bool {
        self.power == 2.0
    }

    /// The time that is done and what is left, of a moderate time.
    #[inline(always)]
    fn square(self, t: Real) -> (Real, Real) {
        let done = t.over(self.steps).mul(t);
        let left = t.left_of(self.steps).over(self.steps).mul(t.plus(self.steps));
        (done, left)
    }

    /// The logarithm of the part that is done.
    #[inline(always)] // once for each precision
    fn log(self, t: Real, precision: Precision) -> Real {
        let rest = t.left_of(self.steps);
        t.over(self.steps).ln_of_part(rest.over(self.steps), precision).exponent(self.power, precision)
    }

    /// The time that is done and what is left.
    #[inline(always)] // once for each precision
    fn parts(self, log: Real, precision: Precision) -> (Real, Real) {
        let ((near_one, twos), left) = log.exp_and_rest(precision);
        (near_one.scaled_by_twos(twos, precision).times(self.steps), left.times(self.steps))
    }

    fn join(self, t: Real, (done, left): (Real, Real), precision: Precision) -> Real {
        let bent = if done < left { done } else { left.left_of(self.steps) };
        // 9 sqrt(4/9) is 6, and not a little less: what starts there must have started.
        let scale = done.min(left).hi;
        if precision == Precision::Double {
            let whole = bent.round();
            return if (bent - whole).value().abs() <= 1e-28 * scale { whole } else { bent };
        }
        let off = (bent.hi - nearest(bent.hi)) + bent.lo;
        if off.abs() <= 1e-15 * scale { self.bend(t, Precision::Double) } else { bent }
    }

    /// The bulk path: many times at once; `false` where a number may be extreme.
    pub(super) fn fill(self, first: u64, bent: &mut [Real]) -> bool {
        let (first, last) = (first as f64, first as f64 + (bent.len() - 1) as f64);
        let is_quick = |t| self.log(Real::from(t), Precision::Single).hi > -600.0;
        if !(first > 0.0 && last < self.steps.min(EXACT) - 1.0 && is_quick(first) && is_quick(last)) {
            return false;
        }
        let times = || (0_i32..).map(|offset| Real::from(first + f64::from(offset)));
        if self.is_square() {
            for (t, bent) in times().zip(bent) {
                *bent = self.join(t, self.square(t), Precision::Single);
            }
            return true;
        }
        let mut parts = [(Real::ONE, Real::ONE); BLOCK];
        let parts = &mut parts[..bent.len()];
        for (t, (log, _)) in times().zip(&mut *parts) {
            *log = self.log(t, Precision::Quick);
        }
        for part in &mut *parts {
            *part = self.parts(part.0, Precision::Quick);
        }
        for ((t, parts), bent) in times().zip(parts).zip(bent) {
            *bent = self.join(t, *parts, Precision::Single);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::Schedule;

    #[test]
    fn warp_is_exact_at_its_seams() {
        let ramp = Schedule::linear(1.0, 0.0, 10).unwrap();
        let warped = ramp.warp(10.0, 2.0).unwrap();
        assert_eq!(warped.at(0), 1.0);
        assert_eq!(warped.at(5), 0.75);
        assert!((warped.at(9) / 0.19 - 1.0).abs() < 1e-15);
        assert_eq!(warped.at(10), 0.0);
    }
}
