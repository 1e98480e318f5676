//! The rate at a step.

use crate::node::{Beyond, Exponential, Node, Phase, PowerLaw, Ramp, Repeat, Steps};
use crate::real::Real;
use crate::schedule::Schedule;
use crate::shape::{Progress, Shape, geometric};

impl Node {
    pub(crate) fn at(&self, step: u64) -> f64 {
        self.eval(Real::from_step(step))
    }

    fn eval(&self, t: Real) -> f64 {
        match self {
            Self::Constant(lr) => *lr,
            Self::Ramp(ramp) => ramp.eval(t),
            Self::Exponential(exponential) => exponential.eval(t),
            Self::PowerLaw(law) => law.eval(t),
            Self::Steps(steps) => steps.eval(t),
            Self::Sequence(phases) => sequence(phases, t),
            Self::Repeat(repeat) => repeat.eval(t),
            Self::Product(of) => product(of, t),
            Self::Sum(of) => saturate(sum(of, t).value()),
            Self::Average(of) => average(of, t),
            Self::Min(of) => of.iter().map(|child| child.eval(t)).fold(f64::MAX, f64::min),
            Self::Max(of) => of.iter().map(|child| child.eval(t)).fold(0.0, f64::max),
            Self::Clamp { min, max, of } => of.eval(t).clamp(*min, *max),
            Self::Complement { whole, of } => (whole - of.eval(t)).max(0.0),
            Self::Every { n, of } => of.eval(Real::from_step(t.floor_step() / n)),
            Self::Stretch { k, of } => of.eval(soon(t.over(*k))),
            Self::Delay { steps, of } => {
                let rest = t - Real::from_step(*steps);
                of.eval(if rest.value() > 0.0 { rest } else { Real::ZERO })
            }
            Self::Advance { by, of } => of.eval(soon(t + Real::from(*by))),
            Self::Warp { steps, power, of } => of.eval(warp(*steps, *power, t)),
        }
    }
}

impl Schedule {
    fn eval(&self, t: Real) -> f64 {
        self.node().eval(t)
    }
}

/// Keeps time below 1e30, far past every step, where its arithmetic cannot overflow.
fn soon(t: Real) -> Real {
    if t.hi < Real::NEVER.hi { t } else { Real::NEVER }
}

/// Rates are finite: what is too large is the largest.
fn saturate(rate: f64) -> f64 {
    rate.min(f64::MAX)
}

impl Ramp {
    fn eval(&self, t: Real) -> f64 {
        let Some(at) = self.progress(t) else {
            return self.to;
        };
        if at.done.value() == 0.0 && !matches!(self.shape, Shape::Tanh { .. }) {
            return self.from;
        }
        let rate = if self.shape == Shape::Geometric {
            geometric(self.from, self.to, at)
        } else {
            let (from, to) = self.shape.weights(at);
            self.from * from + self.to * to
        };
        // Rounding must not leave the range between the ends.
        rate.max(self.from.min(self.to)).min(self.from.max(self.to))
    }

    /// Where on the ramp, or `None` at its end.
    fn progress(&self, t: Real) -> Option<Progress> {
        let steps = self.steps;
        let rest = Real::from(steps) - t;
        if !self.is_over(rest) {
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
        (!self.is_over(rest)).then_some(Progress { done, rest, steps: self.steps })
    }

    /// Whether nothing is left; a length such as 0.3 * 100 - 1 is rounded, and so may be missed by its last bit.
    fn is_over(&self, rest: Real) -> bool {
        let rest = rest.value();
        rest <= 0.0 || (rest < 1.0 && rest <= self.steps * f64::EPSILON)
    }
}

impl Exponential {
    fn eval(&self, t: Real) -> f64 {
        let x = if self.decay_steps == 1.0 { t } else { t.over(self.decay_steps) };
        scaled_power(self.initial, |part| x.times(part).exponent_of(self.gamma))
    }
}

impl PowerLaw {
    fn eval(&self, t: Real) -> f64 {
        let x = (t + Real::from(self.offset)).over(self.time_scale);
        scaled_power(self.scale, |part| x.powf(self.power * part))
    }
}

/// `scale * power(1)`, also where the power alone is too large or too small for an `f64`; `power(1/2)` is its root.
fn scaled_power(scale: f64, power: impl Fn(f64) -> f64) -> f64 {
    if scale == 0.0 {
        return 0.0;
    }
    let y = power(1.0);
    if y.is_normal() {
        return saturate(scale * y);
    }
    let root = power(0.5);
    saturate(scale * root * root)
}

impl Steps {
    fn eval(&self, t: Real) -> f64 {
        let step = t.floor_step();
        let passed = self.milestones.partition_point(|milestone| milestone.step <= step);
        if passed == 0 { self.initial } else { self.milestones[passed - 1].value }
    }
}

fn sequence(phases: &[Phase], t: Real) -> f64 {
    let step = t.floor_step();
    let active = phases.partition_point(|phase| phase.start <= step);
    // The first phase starts at 0, so at least one has started.
    let phase = &phases[active.saturating_sub(1)];
    phase.schedule.eval(t - Real::from_step(phase.start))
}

impl Repeat {
    fn eval(&self, t: Real) -> f64 {
        let (cycle, mut local) = self.locate(t);
        let mut cycle = cycle;
        if let Some(limit) = self.limit
            && cycle >= limit
        {
            cycle = limit - 1;
            local = Real::from_step(self.period);
        }
        let rate = self.of.eval(local);
        if self.cycle_scale == 1.0 || rate <= self.floor {
            return rate;
        }
        let scale = libm::pow(self.cycle_scale, cycle as f64);
        saturate(self.floor + (rate - self.floor) * scale.min(f64::MAX))
    }

    /// The cycle, and the child's time in it.
    fn locate(&self, t: Real) -> (u64, Real) {
        if self.growth == 1.0 {
            // Whole steps, so that the division is exact.
            if t.lo == 0.0 && t.hi < crate::real::EXACT && libm::floor(t.hi) == t.hi {
                let step = t.hi as u64;
                return (step / self.period, Real::from_step(step % self.period));
            }
            let (cycle, local) = t.div_floor(self.period as f64);
            return (cycle.floor_step(), local);
        }
        let period = self.period as f64;
        let estimate = libm::log1p(t.hi * (self.growth - 1.0) / period) / libm::log(self.growth);
        // Shrinking cycles come to an end; what is past it is past any limit.
        let mut cycle = if estimate.is_finite() { estimate.max(0.0) as u64 } else { self.last_cycle() };
        cycle = cycle.min(self.last_cycle());
        // The logarithm may be off by a cycle at a boundary; the boundaries decide.
        for _ in 0..64 {
            if cycle > 0 && (self.start_of(cycle) - t).value() > 0.0 {
                cycle -= 1;
            } else if cycle < self.last_cycle() && (self.start_of(cycle + 1) - t).value() <= 0.0 {
                cycle += 1;
            } else {
                break;
            }
        }
        let local = t - self.start_of(cycle);
        let local = if local.value() > 0.0 { local } else { Real::ZERO };
        (cycle, local.div(Real::from(self.growth).powi(cycle)))
    }

    /// With a limit, one past the last cycle, which stands for all that come after.
    fn last_cycle(&self) -> u64 {
        self.limit.unwrap_or(u64::MAX)
    }

    /// The first step of a cycle: `period * (growth^cycle - 1) / (growth - 1)`.
    pub(crate) fn start_of(&self, cycle: u64) -> Real {
        let period = Real::from_step(self.period);
        if self.growth == 1.0 {
            return if cycle as f64 * period.hi < 1e25 { period.times(cycle as f64) } else { Real::NEVER };
        }
        if cycle as f64 * libm::log2(self.growth) > 80.0 {
            return Real::NEVER;
        }
        let growth = Real::from(self.growth);
        let sum = (growth.powi(cycle) - Real::ONE).div(growth - Real::ONE);
        let start = period.mul(sum);
        let whole = libm::round(start.value());
        if (start.value() - whole).abs() <= 1e-12 * whole && whole < crate::real::EXACT {
            Real::from(whole)
        } else {
            start
        }
    }
}

fn product(of: &[Schedule], t: Real) -> f64 {
    let mut product = 1.0;
    for child in of {
        product *= child.eval(t);
        if !f64::is_normal(product) {
            return wide_product(of, t);
        }
    }
    product
}

/// The product where a part of it is too large or too small for an `f64`: powers of two are counted apart.
fn wide_product(of: &[Schedule], t: Real) -> f64 {
    let mut mantissa = 1.0;
    let mut exponent: i32 = 0;
    for child in of {
        let (m, e) = libm::frexp(mantissa * libm::frexp(child.eval(t)).0);
        exponent = exponent.saturating_add(e).saturating_add(libm::frexp(child.eval(t)).1);
        mantissa = m;
    }
    saturate(libm::ldexp(mantissa, exponent))
}

fn sum(of: &[Schedule], t: Real) -> Real {
    let mut sum = Real::ZERO;
    for child in of {
        let rate = child.eval(t);
        if sum.hi + rate > f64::MAX {
            return Real::from(f64::MAX);
        }
        sum = sum + Real::from(rate);
    }
    sum
}

fn average(of: &[Schedule], t: Real) -> f64 {
    let count = of.len() as f64;
    let total = sum(of, t);
    if total.hi < 1e290 {
        return total.over(count).value();
    }
    of.iter().map(|child| child.eval(t) / count).sum::<f64>().min(f64::MAX)
}

/// `steps * (t / steps)^power`, exact at both ends: near `steps` as what is left, near 0 as what is done.
fn warp(steps: f64, power: f64, t: Real) -> Real {
    let rest = (Real::from(steps) - t).value();
    if rest <= 0.0 {
        return t;
    }
    let done = t.over(steps).powf(power);
    if done < 0.5 {
        Real::from(done).times(steps)
    } else {
        let left = -libm::expm1(power * libm::log1p(-rest / steps));
        Real::from(steps) - Real::from(left).times(steps)
    }
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
