//! The rate of a schedule that starts again.

use super::rate::Use;

use crate::exact::{Precision, Real};
use crate::schedule::{LONGEST, Repeat};

/// A cycle: which one, when it starts, and how much longer than the first it is.
#[derive(Clone, Copy)]
pub(super) struct Cycle {
    pub(super) index: u64,
    pub(super) start: Real,
    pub(super) stretch: Real,
}

/// What `cycle_scale` makes of the rates of a cycle.
pub(super) struct Scale {
    floor: Real,
    exponent: Real,
    /// `e^exponent`, to the bits that a rate needs.
    factor: Real,
    /// Whether it needs more.
    is_precise: bool,
}

impl Repeat {
    pub(super) fn eval(&self, t: Real, used: Use) -> Real {
        let (mut index, mut local) = self.locate(t);
        if let Some(limit) = self.limit.filter(|&limit| index >= limit) {
            index = limit - 1;
            local = Real::from_step(self.period);
        }
        if !self.is_scaled(index) {
            return self.of.eval(local, used);
        }
        // Small parts above the floor may be magnified.
        let of = if self.is_magnified() { Use::Difference } else { used };
        self.scale(index, used.precision()).apply(self.of.eval(local, of))
    }

    pub(super) fn is_scaled(&self, cycle: u64) -> bool {
        self.cycle_scale != 1.0 && cycle > 0
    }

    /// Whether what is above the floor may need more bits than an `f64` has.
    pub(super) fn is_magnified(&self) -> bool {
        self.cycle_scale > 1.0 && self.floor > 0.0
    }

    pub(super) fn scale(&self, cycle: u64, precision: Precision) -> Scale {
        let (floor, is_precise) = (Real::from(self.floor), precision == Precision::Double);
        let exponent = match self.cycle_scale {
            0.0 => Real::from(-3000.0), // e to this power is 0
            scale => Real::from(scale).ln(precision).exponent(cycle as f64, precision),
        };
        // The first powers as products of exact numbers, like those of an exponential.
        let factor = match cycle {
            ..1024 => Real::ONE.times_power(Real::from(self.cycle_scale), cycle),
            _ => Real::ONE.times_exp(exponent, Precision::Single),
        };
        Scale { floor, exponent, factor, is_precise }
    }

    /// The cycle, and the child's time in it.
    pub(super) fn locate(&self, t: Real) -> (u64, Real) {
        if self.growth == 1.0 {
            // Whole steps are divided as such; only what lies past the last step is not.
            if t < Real::from(LONGEST) {
                let step = t.floor_step();
                let local = Real::from_step(step % self.period) + (t - Real::from_step(step));
                return (step / self.period, local);
            }
            let (cycle, local) = t.div_floor(self.period as f64);
            return (cycle.floor_step(), local);
        }
        let cycle = self.cycle(t);
        (cycle.index, self.local(cycle, t))
    }

    /// The last cycle that has started, where cycles grow or shrink.
    pub(super) fn cycle(&self, t: Real) -> Cycle {
        // The boundaries decide: they are sums of the same numbers in another order.
        let near = self.cycle_near(t);
        let cycle = self.numbered(near);
        if cycle.start > t {
            self.numbered(near.saturating_sub(1))
        } else if near < self.last_cycle() && self.start_of(near + 1) <= t {
            self.numbered(near + 1)
        } else {
            cycle
        }
    }

    fn numbered(&self, index: u64) -> Cycle {
        let (stretch, sum) = self.power_and_sum(index);
        Cycle { index, start: self.after(sum), stretch }
    }

    /// The child's time in a cycle that has started.
    pub(super) fn local(&self, cycle: Cycle, t: Real) -> Real {
        let since = t - cycle.start;
        if since.value() <= 0.0 {
            return Real::ZERO;
        }
        // A cycle that has shrunk to nothing is over at once.
        let local = since.div(cycle.stretch);
        let period = Real::from_step(self.period);
        if local < period { local } else { period }
    }

    /// The last cycle that has started, or one beside it.
    ///
    /// Bit by bit from the highest, because where cycles hardly grow or have shrunk to nothing, no logarithm tells them apart.
    fn cycle_near(&self, t: Real) -> u64 {
        // For each bit that the cycle may have, `growth^(2^bit)` and the sum of all powers before it.
        let last = self.last_cycle();
        // Ones rather than zeros for the reason at `BLOCK` of the bulk path, which comes here too.
        let (mut powers, mut bits) = ([(Real::ONE, Real::ONE); u64::BITS as usize], 0);
        let (mut power, mut sum) = (Real::from(self.growth), Real::ONE);
        for entry in &mut powers[..(u64::BITS - last.leading_zeros()) as usize] {
            if self.after(sum) > t {
                break;
            }
            #[cfg(test)]
            super::cost::DOUBLINGS.with(super::cost::count);
            *entry = (power, sum);
            bits += 1;
            sum = sum + sum.mul(power);
            power = power.mul(power);
        }
        let (mut cycle, mut power, mut sum) = (0, Real::ONE, Real::ZERO);
        for (bit, (more, steps)) in powers[..bits].iter().enumerate().rev() {
            let (with_bit, next) = (cycle | 1_u64 << bit, sum + power.mul(*steps));
            if with_bit <= last && self.after(next) <= t {
                (cycle, power, sum) = (with_bit, power.mul(*more), next);
            }
        }
        cycle
    }

    /// With a limit, one past the last cycle, which stands for all that come after.
    fn last_cycle(&self) -> u64 {
        self.limit.unwrap_or(u64::MAX)
    }

    /// The first step of a cycle: `period * (growth^cycle - 1) / (growth - 1)`.
    pub(super) fn start_of(&self, cycle: u64) -> Real {
        let period = Real::from_step(self.period);
        if self.growth == 1.0 {
            return if cycle as f64 * period.hi < 1e25 { period.mul(Real::from_step(cycle)) } else { Real::NEVER };
        }
        if cycle as f64 * libm::log2(self.growth) > 80.0 {
            return Real::NEVER;
        }
        self.after(self.power_and_sum(cycle).1)
    }

    /// The time after cycles whose stretches add up to a sum.
    fn after(&self, sum: Real) -> Real {
        let time = Real::from_step(self.period).mul(sum);
        let whole = time.round();
        if (time - whole).value().abs() <= 1e-12 * whole.hi { whole } else { time }
    }

    /// `growth^cycle` and the sum of all powers before it, by doubling: nothing cancels, and whole numbers stay whole.
    fn power_and_sum(&self, cycle: u64) -> (Real, Real) {
        let growth = Real::from(self.growth);
        let (mut power, mut sum) = (Real::ONE, Real::ZERO);
        for bit in (0..u64::BITS - cycle.leading_zeros()).rev() {
            #[cfg(test)]
            super::cost::DOUBLINGS.with(super::cost::count);
            sum = sum + sum.mul(power);
            power = power.mul(power);
            if cycle >> bit & 1 == 1 {
                sum = sum + power;
                power = power.mul(growth);
            }
        }
        (power, sum)
    }
}

impl Scale {
    /// What is above the floor, lower or higher.
    #[inline]
    pub(super) fn apply(&self, rate: Real) -> Real {
        if rate <= self.floor {
            return rate;
        }
        let above = rate - self.floor;
        if self.is_precise || !self.is_moderate(above.hi) {
            return self.apply_exponent(above);
        }
        self.onto_floor(above)
    }

    /// [`apply`](Self::apply) to many rates, which the processor does several at a time unless one takes more care.
    pub(super) fn apply_all(&self, rates: &mut [f64]) {
        let floor = self.floor.hi;
        // Not `all`, which would branch for each.
        let is_quick = |quick, rate: &f64| quick & ((*rate <= floor) | self.is_moderate(rate - floor));
        if self.is_precise || !rates.iter().fold(true, is_quick) {
            return rates.iter_mut().for_each(|rate| *rate = self.apply(Real::from(*rate)).value());
        }
        for rate in rates {
            let scaled = self.onto_floor(Real::sum(*rate, -floor)).value();
            *rate = if *rate <= floor { *rate } else { scaled };
        }
    }

    /// Beside a floor that is no small number, what is lost of a very small one does not count.
    #[inline(always)]
    fn is_moderate(&self, above: f64) -> bool {
        let scaled = above * self.factor.hi;
        (scaled < 1e280) & (above < 1e280) & ((scaled >= 1e-250) | (self.floor.hi > 1e-150))
    }

    #[inline(always)]
    fn onto_floor(&self, above: Real) -> Real {
        let scaled = above.mul(self.factor);
        let sum = Real::sum(self.floor.hi, scaled.hi);
        Real::quick_sum(sum.hi, sum.lo + scaled.lo)
    }

    /// With the factor as a power of e, which may be too large or too small for a number.
    #[cold]
    fn apply_exponent(&self, above: Real) -> Real {
        (self.floor + above.times_exp(self.exponent, Precision::Double).saturated()).saturated()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use crate::schedule::Schedule;

    use super::*;

    #[test]
    fn restarts_with_integer_growth_start_on_the_right_step() {
        // Cycles of 1, 3, 9, ... start at (3^i - 1) / 2; a logarithm finds several of these one cycle early.
        let ramp = Schedule::linear(1.0, 0.0, 1).unwrap();
        let repeat = Repeat::new(ramp, 1).growth(3.0).build().unwrap();
        let mut start = 0u64;
        let mut length = 1u64;
        for _ in 0..40 {
            assert_eq!(repeat.at(start), 1.0, "start {start}");
            if start > 1 {
                assert!(repeat.at(start - 1) < 1.0, "before {start}");
            }
            start += length;
            length *= 3;
        }
    }

    #[test]
    fn decimal_growth_has_the_boundaries_that_a_person_expects() {
        // 1.1 is a little more than 11/10 in binary, yet the second cycle starts at 10 and the third at 21.
        let ramp = Schedule::linear(1.0, 0.0, 10).unwrap();
        let repeat = Repeat::new(ramp, 10).growth(1.1).build().unwrap();
        assert_eq!(repeat.at(10), 1.0);
        assert_eq!(repeat.at(21), 1.0);
        assert!((repeat.at(20) - 1.0 / 11.0).abs() < 1e-15);
    }

    #[test]
    fn shrinking_cycles_stop_at_their_limit() {
        let ramp = Schedule::linear(1.0, 0.25, 8).unwrap();
        let repeat = Repeat::new(ramp, 8).growth(0.5).limit(3).build().unwrap();
        let rates: Vec<f64> = (0..16).map(|t| repeat.at(t)).collect();
        let cycle = |n: usize| (0..n).map(move |i| 1.0 - 0.75 * i as f64 / n as f64);
        let expected: Vec<f64> = cycle(8).chain(cycle(4)).chain(cycle(2)).chain([0.25, 0.25]).collect();
        assert_eq!(rates, expected);
        assert_eq!(repeat.at(u64::MAX), 0.25);
    }
}
