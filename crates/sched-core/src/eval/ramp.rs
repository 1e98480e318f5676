//! The rate on a ramp.

use super::growth::Growth;
use crate::exact::{Precision, Real};
use crate::schedule::{Beyond, Progress, Ramp, Shape, Weight, Weights};

impl Ramp {
    pub(super) fn eval(&self, t: Real, precision: Precision) -> Real {
        let Some(at) = self.progress(t) else {
            return Real::from(self.to);
        };
        if at.done.value() == 0.0 && !matches!(self.shape, Shape::Tanh { .. }) {
            return Real::from(self.from);
        }
        let quick = if precision == Precision::Single { self.quick(at) } else { None };
        match quick {
            Some(rate) => Real::from(rate),
            None => self.mix(at).clamp(self.from.min(self.to), self.from.max(self.to)),
        }
    }

    /// The rate to 53 bits; `None` where it has fewer, or its weights do.
    fn quick(&self, at: Progress) -> Option<f64> {
        if self.shape == Shape::Geometric {
            return self.growth()?.at(at.done).map(|rate| self.within(rate));
        }
        match self.shape.quick_weights(at) {
            Some(weights) => self.join(weights),
            None => self.join_slow(&self.shape.simplest().weights(Precision::Single), at),
        }
    }

    /// The rate by weights that take many operations; `None` where it has fewer than 53 bits, or its weights do.
    #[inline(always)]
    pub(super) fn join_slow(&self, weights: &Weights, at: Progress) -> Option<f64> {
        let (p, q) = at.parts();
        let (s, rest) = weights.at(p, q);
        let value = |(weight, twos): Weight| (twos > -1000).then(|| weight.times_power_of_two(twos).value());
        self.join((value(s)?, value(rest)?))
    }

    /// The rate to about 100 bits.
    fn mix(&self, at: Progress) -> Real {
        let (p, q) = at.parts();
        let (from, to) = (Real::from(self.from), Real::from(self.to));
        if self.shape == Shape::Geometric {
            let log_ratio = to.ln(Precision::Double) - from.ln(Precision::Double);
            return from.times_exp(p.mul(log_ratio), Precision::Double);
        }
        let of = |rate: Real, (weight, twos): Weight| {
            let (rate, more) = rate.mantissa();
            weight.mul(rate).times_power_of_two(twos + more)
        };
        let (s, rest) = self.shape.simplest().weights(Precision::Double).at(p, q);
        (of(from, s) + of(to, rest)).saturated()
    }

    /// The rate between the ends by their weights; `None` where it is too small to be as precise as an `f64` can be.
    #[inline(always)]
    pub(super) fn join(&self, (from, to): (f64, f64)) -> Option<f64> {
        let rate = self.from * from + self.to * to;
        (rate >= f64::MIN_POSITIVE).then(|| self.within(rate))
    }

    /// Keeps rounding from leaving the ends. One operation each, where `max` and `min` would look for NaN.
    #[inline(always)]
    pub(super) fn within(&self, rate: f64) -> f64 {
        let (low, high) = if self.from < self.to { (self.from, self.to) } else { (self.to, self.from) };
        let rate = if rate < low { low } else { rate };
        if rate > high { high } else { rate }
    }

    /// What a geometric ramp is a part of.
    pub(super) fn growth(&self) -> Option<Growth> {
        let ln = |rate| Real::from(rate).ln(Precision::Single);
        Growth::new(self.from, (ln(self.to) - ln(self.from)).over(self.steps), None)
    }

    /// Where on the ramp, or `None` at its end.
    fn progress(&self, t: Real) -> Option<Progress> {
        let steps = self.steps;
        let rest = t.left_of(steps);
        if !self.is_over(rest.value()) {
            return Some(Progress { done: t, rest, steps });
        }
        if steps == 0.0 {
            return None;
        }
        match self.beyond {
            Beyond::Hold => None,
            Beyond::Repeat => {
                let (_, done) = t.div_floor(steps);
                self.or_end(done)
            }
            Beyond::Mirror => {
                let (_, done) = t.div_floor(2.0 * steps);
                let rest = done.left_of(steps);
                if rest.value() > 0.0 { self.or_end(done) } else { self.or_end(Real::from(steps) + rest) }
            }
        }
    }

    fn or_end(&self, done: Real) -> Option<Progress> {
        let rest = done.left_of(self.steps);
        (!self.is_over(rest.value())).then_some(Progress { done, rest, steps: self.steps })
    }

    /// Whether nothing is left; a length such as 0.3 * 100 - 1 is rounded, and so may be missed by its last bit.
    pub(super) fn is_over(&self, rest: f64) -> bool {
        rest <= 0.0 || (rest < 1.0 && rest <= self.steps * f64::EPSILON)
    }
}
