//! The rate at a step.

use super::whole::active;
use crate::exact::Real;
use crate::schedule::{
    Beyond, Exponential, LONGEST, Node, Phase, PowerLaw, Progress, Ramp, Repeat, Schedule, Shape, log_of,
};

/// How many bits of a rate are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Those of an `f64`, fast.
    Single,
    /// About twice as many, because the rate is to be subtracted from something.
    Double,
}

impl Node {
    /// The rate: finite and not negative.
    pub(crate) fn eval(&self, t: Real, precision: Precision) -> Real {
        match self {
            Self::Constant(lr) => Real::from(*lr),
            Self::Ramp(ramp) => ramp.eval(t, precision),
            Self::Exponential(exponential) => exponential.eval(t, precision),
            Self::PowerLaw(law) => law.eval(t, precision),
            Self::Steps(steps) => Real::from(steps.at(t.floor_step())),
            Self::Sequence(phases) => sequence(phases, t, precision),
            Self::Repeat(repeat) => repeat.eval(t, precision),
            Self::Product(of) => product(of, t, precision),
            Self::Sum(of) => sum(of, t, precision),
            Self::Average(of) => average(of, t, precision),
            Self::Min(of) => of.iter().map(|child| child.eval(t, precision)).fold(Real::MAX, smaller),
            Self::Max(of) => of.iter().map(|child| child.eval(t, precision)).fold(Real::ZERO, larger),
            Self::Clamp { min, max, of } => clamp(of.eval(t, precision), *min, *max),
            Self::Complement { whole, of } => larger(Real::from(*whole) - of.eval(t, Precision::Double), Real::ZERO),
            Self::Every { n, of } => of.eval(Real::from_step(t.floor_step() / n), precision),
            Self::Stretch { k, of } => of.eval(sane(t.over(*k)), precision),
            Self::Delay { steps, of } => of.eval(larger(t - Real::from_step(*steps), Real::ZERO), precision),
            Self::Advance { by, of } => of.eval(sane(t + Real::from(*by)), precision),
            Self::Warp { steps, power, of } => of.eval(sane(warp(*steps, *power, t)), precision),
        }
    }
}

impl Schedule {
    pub(crate) fn eval(&self, t: Real, precision: Precision) -> Real {
        if precision == Precision::Single
            && let Some(powers) = self.powers()
            && let Some(step) = t.whole_step()
            && let Some(rate) = powers.at(step)
        {
            return Real::from(rate);
        }
        self.node().eval(t, precision)
    }
}

/// Keeps time where its arithmetic cannot overflow or underflow: below 1e30, far past every step, and 0 or above 1e-200.
fn sane(t: Real) -> Real {
    if t.hi < 1e-200 {
        Real::ZERO
    } else if t.hi < Real::NEVER.hi {
        t
    } else {
        Real::NEVER
    }
}

fn smaller(a: Real, b: Real) -> Real {
    if b < a { b } else { a }
}

fn larger(a: Real, b: Real) -> Real {
    if b > a { b } else { a }
}

fn clamp(rate: Real, min: f64, max: f64) -> Real {
    smaller(larger(rate, Real::from(min)), Real::from(max))
}

impl Ramp {
    fn eval(&self, t: Real, precision: Precision) -> Real {
        let Some(at) = self.progress(t) else {
            return Real::from(self.to);
        };
        if at.done.value() == 0.0 && !matches!(self.shape, Shape::Tanh { .. }) {
            return Real::from(self.from);
        }
        if precision == Precision::Single
            && let Some(weights) = self.shape.quick(at)
            && let Some(rate) = self.mix(weights)
        {
            return Real::from(rate);
        }
        let (low, high) = self.bounds();
        clamp(self.shape.mix(self.from, self.to, at), low, high)
    }

    /// The rate between the ends by their weights; `None` where it is too small to be as precise as an `f64` can be.
    pub(crate) fn mix(&self, (from, to): (f64, f64)) -> Option<f64> {
        let rate = self.from * from + self.to * to;
        let (low, high) = self.bounds();
        (rate >= f64::MIN_POSITIVE).then(|| rate.max(low).min(high))
    }

    /// The smaller and the larger end, which rounding must not leave.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    /// Where on the ramp, or `None` at its end.
    fn progress(&self, t: Real) -> Option<Progress> {
        let steps = self.steps;
        let rest = Real::from(steps) - t;
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
                let rest = Real::from(steps) - done;
                if rest.value() > 0.0 { self.or_end(done) } else { self.or_end(Real::from(steps) + rest) }
            }
        }
    }

    fn or_end(&self, done: Real) -> Option<Progress> {
        let rest = Real::from(self.steps) - done;
        (!self.is_over(rest.value())).then_some(Progress { done, rest, steps: self.steps })
    }

    /// Whether nothing is left; a length such as 0.3 * 100 - 1 is rounded, and so may be missed by its last bit.
    pub(crate) fn is_over(&self, rest: f64) -> bool {
        rest <= 0.0 || (rest < 1.0 && rest <= self.steps * f64::EPSILON)
    }
}

impl Exponential {
    fn eval(&self, t: Real, precision: Precision) -> Real {
        let x = if self.decay_steps == 1.0 { t } else { t.over(self.decay_steps) };
        if precision == Precision::Double && self.gamma > 0.0 {
            return scaled_exp(self.initial, x.mul_exponent(Real::from(self.gamma).ln()));
        }
        scaled_power(self.initial, |part| x.times(part).exponent_of(self.gamma))
    }
}

impl PowerLaw {
    fn eval(&self, t: Real, precision: Precision) -> Real {
        let x = (t + Real::from(self.offset)).over(self.time_scale);
        if precision == Precision::Double && x.hi > 0.0 {
            return scaled_exp(self.scale, x.ln().exponent(self.power));
        }
        scaled_power(self.scale, |part| x.powf(self.power * part))
    }
}

/// `scale * power(1)`, also where the power alone is too large or too small for an `f64`; `power(1/2)` is its root.
fn scaled_power(scale: f64, power: impl Fn(f64) -> f64) -> Real {
    if scale == 0.0 {
        return Real::ZERO;
    }
    let y = power(1.0);
    if y.is_normal() {
        return Real::from(scale * y).saturated();
    }
    let root = power(0.5);
    Real::from(scale * root * root).saturated()
}

/// `scale * e^exponent`.
fn scaled_exp(scale: f64, exponent: Real) -> Real {
    Real::from(scale).times_exp(exponent).saturated()
}

fn sequence(phases: &[Phase], t: Real, precision: Precision) -> Real {
    let step = t.floor_step();
    let phase = active(phases, step);
    phase.schedule.eval(t - Real::from_step(phase.start), precision)
}

impl Repeat {
    fn eval(&self, t: Real, precision: Precision) -> Real {
        let (mut cycle, mut local) = self.locate(t);
        if let Some(limit) = self.limit
            && cycle >= limit
        {
            cycle = limit - 1;
            local = Real::from_step(self.period);
        }
        if self.cycle_scale == 1.0 || cycle == 0 {
            return self.of.eval(local, precision);
        }
        // Small parts above the floor may be magnified.
        let magnified = self.cycle_scale > 1.0 && self.floor > 0.0;
        let precision = if magnified { Precision::Double } else { precision };
        let rate = self.of.eval(local, precision);
        let floor = Real::from(self.floor);
        if rate <= floor || self.cycle_scale == 0.0 {
            return smaller(rate, floor);
        }
        let exponent = Real::from(self.cycle_scale).ln().exponent(cycle as f64);
        (floor + (rate - floor).times_exp(exponent).saturated()).saturated()
    }

    /// The cycle, and the child's time in it.
    pub(crate) fn locate(&self, t: Real) -> (u64, Real) {
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
        let cycle = if self.growth > 1.0 { self.growing_cycle(t) } else { self.shrinking_cycle(t) };
        let since = t - self.start_of(cycle);
        if since.value() <= 0.0 {
            return (cycle, Real::ZERO);
        }
        // A cycle that has shrunk to nothing is over at once.
        let local = since.div(self.power_and_sum(cycle).0);
        let period = Real::from_step(self.period);
        (cycle, if local < period { local } else { period })
    }

    fn growing_cycle(&self, t: Real) -> u64 {
        let estimate = libm::log1p(t.hi * (self.growth - 1.0) / self.period as f64) / libm::log(self.growth);
        let mut cycle = (estimate as u64).min(self.last_cycle());
        // The logarithm may be off by a cycle at a boundary, and by some more where cycles hardly grow; boundaries decide.
        for _ in 0..64 {
            if cycle > 0 && self.start_of(cycle) > t {
                cycle -= 1;
            } else if cycle < self.last_cycle() && self.start_of(cycle + 1) <= t {
                cycle += 1;
            } else {
                break;
            }
        }
        cycle
    }

    /// By bisection: where cycles have shrunk to less than a step, no logarithm tells them apart.
    fn shrinking_cycle(&self, t: Real) -> u64 {
        let (mut started, mut end) = (0, self.last_cycle());
        if self.start_of(end) <= t {
            return end;
        }
        while end - started > 1 {
            let middle = started + (end - started) / 2;
            if self.start_of(middle) <= t {
                started = middle;
            } else {
                end = middle;
            }
        }
        started
    }

    /// With a limit, one past the last cycle, which stands for all that come after.
    fn last_cycle(&self) -> u64 {
        self.limit.unwrap_or(u64::MAX)
    }

    /// The first step of a cycle: `period * (growth^cycle - 1) / (growth - 1)`.
    pub(crate) fn start_of(&self, cycle: u64) -> Real {
        let period = Real::from_step(self.period);
        if self.growth == 1.0 {
            return if cycle as f64 * period.hi < 1e25 { period.mul(Real::from_step(cycle)) } else { Real::NEVER };
        }
        if cycle as f64 * libm::log2(self.growth) > 80.0 {
            return Real::NEVER;
        }
        let start = period.mul(self.power_and_sum(cycle).1);
        let whole = start.round();
        if (start - whole).value().abs() <= 1e-12 * whole.hi { whole } else { start }
    }

    /// `growth^cycle` and the sum of all powers before it, by doubling: nothing cancels, and whole numbers stay whole.
    fn power_and_sum(&self, cycle: u64) -> (Real, Real) {
        let growth = Real::from(self.growth);
        let (mut power, mut sum) = (Real::ONE, Real::ZERO);
        for bit in (0..u64::BITS - cycle.leading_zeros()).rev() {
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

/// Powers of two are counted apart, so that no part of the product is too large or too small.
fn product(of: &[Schedule], t: Real, precision: Precision) -> Real {
    let mut product = Real::ONE;
    let mut twos: i32 = 0;
    for child in of {
        let (rate, more) = child.eval(t, precision).mantissa();
        let (mantissa, carry) = product.mul(rate).mantissa();
        product = mantissa;
        twos = twos.saturating_add(more).saturating_add(carry);
    }
    product.times_power_of_two(twos).saturated()
}

fn sum(of: &[Schedule], t: Real, precision: Precision) -> Real {
    let mut sum = Real::ZERO;
    for child in of {
        let rate = child.eval(t, precision);
        if sum.hi + rate.hi > f64::MAX {
            return Real::MAX;
        }
        sum = sum + rate;
    }
    sum
}

fn average(of: &[Schedule], t: Real, precision: Precision) -> Real {
    let count = of.len() as f64;
    let total = sum(of, t, precision);
    if total.hi < 1e290 {
        return total.over(count);
    }
    // Powers of two are taken out, so that the sum of the largest rates is no larger than they are.
    let down = libm::ldexp(1.0, -64);
    let scaled = of.iter().map(|child| child.eval(t, precision).scaled(down)).fold(Real::ZERO, |sum, rate| sum + rate);
    scaled.over(count).scaled(1.0 / down).saturated()
}

/// `steps * (t / steps)^power`, exact at both ends: near `steps` as what is left, near 0 as what is done.
fn warp(steps: f64, power: f64, t: Real) -> Real {
    let rest = Real::from(steps) - t;
    if rest.value() <= 0.0 || t.value() == 0.0 {
        return t;
    }
    let ((near_one, twos), left) = log_of(t.over(steps), rest.over(steps)).exponent(power).exp_and_rest();
    let (done, left) = (near_one.times_power_of_two(twos).times(steps), left.times(steps));
    let bent = if done < left { done } else { Real::from(steps) - left };
    // 9 sqrt(4/9) is 6, and not a little less: what starts there must have started.
    let whole = bent.round();
    if (bent - whole).value().abs() <= 1e-28 * smaller(done, left).hi { whole } else { bent }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    fn constant(lr: f64) -> Schedule {
        Schedule::constant(lr).unwrap()
    }

    fn of(node: Node) -> Schedule {
        node.try_into().unwrap()
    }

    #[test]
    fn a_product_survives_what_its_parts_do_not() {
        let rates = [1e300, 1e300, 1e-300, 1e-300, 0.5];
        let product = of(Node::Product(rates.iter().map(|&lr| constant(lr)).collect()));
        assert!((product.at(0) - 0.5).abs() < 1e-15);
        assert_eq!(of(Node::Product(vec![constant(1e300), constant(1e300)])).at(0), f64::MAX);
        assert_eq!(of(Node::Product(vec![constant(0.0), constant(1e300)])).at(0), 0.0);
    }

    #[test]
    fn sums_and_averages_of_huge_rates_stay_finite() {
        let huge = vec![constant(1.5e308), constant(1.5e308)];
        assert_eq!(of(Node::Sum(huge.clone())).at(0), f64::MAX);
        assert_eq!(of(Node::Average(huge)).at(0), 1.5e308);
    }

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

    #[test]
    fn warp_is_exact_at_its_seams() {
        let ramp = Schedule::linear(1.0, 0.0, 10).unwrap();
        let warped = of(Node::Warp { steps: 10.0, power: 2.0, of: ramp });
        assert_eq!(warped.at(0), 1.0);
        assert_eq!(warped.at(5), 0.75);
        assert!((warped.at(9) / 0.19 - 1.0).abs() < 1e-15);
        assert_eq!(warped.at(10), 0.0);
    }
}
