//! The bulk path: many rates at once, with the bits of the definition.
//!
//! Where consecutive rates are alike, a curve is a loop without branches, which the processor runs several steps at a time;
//! everything else is evaluated one by one.

use super::growth::Growth;
use super::pointwise::{Block, Combination};
use crate::exact::{EXACT, Precision, Real};
use crate::schedule::{
    Beyond, Exponential, Node, Phase, PowerLaw, Progress, Ramp, Repeat, Schedule, Shape, Steps, WavePart, halves,
    power_of_halves,
};

/// How many rates are computed before the next look at what they are.
const BLOCK: usize = 128;

impl Schedule {
    /// The rates of the updates `first`, `first + 1`, ... into a slice: the same bits as [`at`](Self::at), faster. Past the last
    /// step there is, 2^64 - 1, they are its rate.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 4)?;
    /// let mut rates = [0.0; 3];
    /// schedule.sample(2, &mut rates);
    /// assert_eq!(rates, [0.5, 0.25, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    pub fn sample(&self, first: u64, rates: &mut [f64]) {
        let room = usize::try_from(u64::MAX - first).unwrap_or(usize::MAX);
        let (rates, past) = rates.split_at_mut(room.saturating_add(1).min(rates.len()));
        self.fill(first, rates);
        if !past.is_empty() {
            past.fill(self.at(u64::MAX)); // there are no later steps
        }
    }

    fn fill(&self, first: u64, rates: &mut [f64]) {
        match self.node() {
            Node::Constant(lr) => rates.fill(*lr),
            Node::Ramp(ramp) => ramp.fill(self, first, rates),
            Node::Exponential(exponential) => exponential.fill(self, first, rates),
            Node::PowerLaw(law) => law.fill(self, first, rates),
            Node::Steps(steps) => steps.fill(first, rates),
            Node::Sequence(phases) => fill_phases(phases, first, rates),
            Node::Repeat(repeat) => repeat.fill(self, first, rates),
            Node::Product(of) => fill_combined(Combination::Product, of, self, first, rates),
            Node::Sum(of) => fill_combined(Combination::Sum, of, self, first, rates),
            Node::Average(of) => fill_combined(Combination::Average, of, self, first, rates),
            Node::Min(of) => fill_combined(Combination::Min, of, self, first, rates),
            Node::Max(of) => fill_combined(Combination::Max, of, self, first, rates),
            Node::Clamp { min, max, of } => {
                of.fill(first, rates);
                rates.iter_mut().for_each(|rate| *rate = rate.max(*min).min(*max));
            }
            Node::Every { n, of } => runs(first, rates, |step, rates| {
                let run = run_length(n - step % n, rates);
                rates[..run].fill(of.at(step / n));
                run
            }),
            Node::Delay { steps, of } => runs(first, rates, |step, rates| {
                if step < *steps {
                    let run = run_length(steps - step, rates);
                    rates[..run].fill(of.at(0));
                    return run;
                }
                of.fill(step - steps, rates);
                rates.len()
            }),
            Node::Stretch { k, of } => of.fill_slowed(first, *k, rates, |step| self.at(step)),
            Node::Complement { .. } | Node::Advance { .. } | Node::Warp { .. } => {
                self.one_by_one(first, rates);
            }
        }
    }

    /// The rates at the times `first / k`, `(first + 1) / k`, ..., which `at` computes one by one.
    fn fill_slowed(&self, first: u64, k: f64, rates: &mut [f64], at: impl Fn(u64) -> f64) {
        runs(first, rates, |step, rates| {
            let run = rates.len().min(BLOCK);
            let filled = match self.node() {
                Node::Ramp(ramp) => ramp.fill_slowed(step, k, &mut rates[..run]),
                _ => false,
            };
            if !filled {
                one_by_one(step, &mut rates[..run], &at);
            }
            run
        });
    }

    fn one_by_one(&self, first: u64, rates: &mut [f64]) {
        one_by_one(first, rates, |step| self.at(step));
    }
}

fn one_by_one(first: u64, rates: &mut [f64], at: impl Fn(u64) -> f64) {
    for (offset, rate) in (0..).zip(rates) {
        *rate = at(first.saturating_add(offset));
    }
}

/// Fills a slice run by run; `run` fills the beginning of what is left and says how much.
fn runs(first: u64, mut rates: &mut [f64], mut run: impl FnMut(u64, &mut [f64]) -> usize) {
    let mut step = first;
    while !rates.is_empty() {
        let filled = run(step, rates);
        step = step.saturating_add(filled as u64);
        rates = &mut rates[filled..];
    }
}

/// How many rates a run of this many steps fills: one at least.
fn run_length(steps: u64, rates: &[f64]) -> usize {
    usize::try_from(steps).unwrap_or(usize::MAX).min(rates.len()).max(1)
}

impl Steps {
    fn fill(&self, first: u64, rates: &mut [f64]) {
        runs(first, rates, |step, rates| {
            let passed = self.milestones.partition_point(|milestone| milestone.step <= step);
            let run = self.milestones.get(passed).map_or(rates.len(), |next| run_length(next.step - step, rates));
            rates[..run].fill(self.at(step));
            run
        });
    }
}

fn fill_phases(phases: &[Phase], first: u64, rates: &mut [f64]) {
    runs(first, rates, |step, rates| {
        let started = phases.partition_point(|phase| phase.start <= step);
        let run = phases.get(started).map_or(rates.len(), |next| run_length(next.start - step, rates));
        // The first phase starts at 0, so at least one has started.
        let phase = &phases[started.saturating_sub(1)];
        phase.schedule.fill(step - phase.start, &mut rates[..run]);
        run
    });
}

#[inline(always)] // for each combination, so that there is nothing left to choose inside the loops
fn fill_combined(combination: Combination, of: &[Schedule], whole: &Schedule, first: u64, rates: &mut [f64]) {
    const BLOCK: usize = 64;
    runs(first, rates, |step, rates| {
        let run = rates.len().min(BLOCK);
        let mut block = Block::start(combination);
        let is_easy = of.iter().all(|child| {
            let mut parts = [1.0; BLOCK];
            child.fill(step, &mut parts[..run]);
            block.add(combination, &parts)
        });
        if is_easy {
            block.end(combination, of.len(), &mut rates[..run]);
        } else {
            whole.one_by_one(step, &mut rates[..run]);
        }
        run
    });
}

impl Repeat {
    fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        runs(first, rates, |step, rates| {
            if self.is_magnified() {
                whole.one_by_one(step, rates);
                return rates.len();
            }
            let (cycle, run) = if self.growth == 1.0 {
                let (cycle, local) = (step / self.period, step % self.period);
                let run = run_length(self.period - local, rates);
                if self.limit.is_none_or(|limit| cycle < limit) {
                    self.of.fill(local, &mut rates[..run]);
                }
                (cycle, run)
            } else {
                let cycle = self.cycle(Real::from_step(step));
                let next = self.start_of(cycle.index.saturating_add(1)).ceil_step();
                let run = run_length(next.saturating_sub(step), rates);
                let at = |step| self.of.eval(self.local(cycle, Real::from_step(step)), Precision::Single).value();
                match cycle.start.whole_step() {
                    Some(start) if cycle.stretch.lo == 0.0 => {
                        let at = |since| at(since + start);
                        self.of.fill_slowed(step - start, cycle.stretch.hi, &mut rates[..run], at);
                    }
                    _ => one_by_one(step, &mut rates[..run], at),
                }
                (cycle.index, run)
            };
            if self.limit.is_some_and(|limit| cycle >= limit) {
                rates.fill(whole.at(step));
                return rates.len();
            }
            if self.is_scaled(cycle) {
                let scale = self.scale(cycle, Precision::Single);
                rates[..run].iter_mut().for_each(|rate| *rate = scale.apply(Real::from(*rate)).value());
            }
            run
        });
    }
}

/// A rate for each step from a whole number on, with nothing that keeps the processor from computing several at once: a count
/// in 32 bits becomes an `f64` in one operation. Steps are exact up to 2^53.
#[inline(always)]
fn fill_with(first: f64, rates: &mut [f64], mut at: impl FnMut(f64) -> f64) {
    for (offset, rate) in (0_i32..).zip(rates) {
        *rate = at(first + f64::from(offset));
    }
}

/// With the part of the wave as a constant, so that there is nothing left to choose inside a loop.
macro_rules! in_part {
    ($part:expr, $constant:ident => $result:expr) => {
        in_part!(@ $part, $constant => $result; true true, true false, false false, false true)
    };
    (@ $part:expr, $constant:ident => $result:expr; $($early:literal $near_end:literal),*) => {
        match $part {
            $(WavePart { early: $early, near_end: $near_end } => {
                const $constant: WavePart = WavePart { early: $early, near_end: $near_end };
                $result
            })*
        }
    };
}

impl Ramp {
    fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        let growth = if self.shape == Shape::Geometric { self.growth() } else { None };
        let growth = growth.as_ref().map(Growth::table);
        runs(first, rates, |step, rates| {
            let done = step as f64;
            if self.beyond == Beyond::Hold && done < EXACT && self.is_over(self.steps - done) {
                rates.fill(self.to);
                return rates.len();
            }
            // Well inside the ramp, at whole steps that an `f64` holds.
            let end = libm::floor(self.steps.min(EXACT)) - 1.0;
            if step == 0 || done >= end {
                whole.one_by_one(step, &mut rates[..1]);
                return 1;
            }
            let run = run_length((end - done) as u64, rates).min(BLOCK);
            let block = &mut rates[..run];
            let filled = match &growth {
                Some(growth) => growth.fill(step, block) && self.keep_within(block),
                None => {
                    let steps = self.steps;
                    self.fill_inside(done, block, |t| Progress {
                        done: Real::from(t),
                        rest: Real::from(steps - t),
                        steps,
                    })
                }
            };
            if !filled {
                whole.one_by_one(step, block);
            }
            run
        });
    }

    /// The rates at the times `first / k`, `(first + 1) / k`, ..., if all are well inside the ramp.
    fn fill_slowed(&self, first: u64, k: f64, rates: &mut [f64]) -> bool {
        let steps = self.steps;
        let at = |t: f64| {
            let done = Real::from(t).over(k);
            Progress { done, rest: done.left_of(steps), steps }
        };
        let (first, last) = (first as f64, first as f64 + rates.len() as f64);
        first > 0.0 && last < EXACT && at(last).rest.hi > 1.0 && self.fill_inside(first, rates, at)
    }

    /// The rates well inside the ramp, where `at` says, perhaps with what is left rounded; `false` if that takes more care.
    #[inline(always)] // for each clock
    fn fill_inside(&self, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) -> bool {
        let ends = [at(first), at(first + (rates.len() - 1) as f64)];
        let shape = self.shape.simplest();
        // Each shape by its name, so that there is nothing left to choose inside the loops.
        match shape {
            Shape::Linear => self.fill_quick(first, rates, at, |at| Shape::Linear.quick_weights(at)),
            Shape::OneMinusSqrt => self.fill_quick(first, rates, at, |at| Shape::OneMinusSqrt.quick_weights(at)),
            Shape::OneMinusSquare => self.fill_quick(first, rates, at, |at| Shape::OneMinusSquare.quick_weights(at)),
            Shape::Rex => self.fill_quick(first, rates, at, |at| Shape::Rex.quick_weights(at)),
            Shape::Cosine => match ends.map(WavePart::at) {
                // All rates are in one part of the wave: three times as fast.
                [part, last] if part == last => in_part!(part, PART => {
                    self.fill_weights(first, rates, |t| PART.weights(at(t)));
                }),
                _ => self.fill_quick(first, rates, at, |at| Shape::Cosine.quick_weights(at)),
            },
            Shape::Polynomial(k) | Shape::OneMinusPower(k) if ends.iter().all(|at| at.is_far_from_ends()) => {
                let falls = matches!(shape, Shape::Polynomial(_));
                match halves(k) {
                    Some(1) => self.fill_power::<1>(falls, first, rates, at),
                    Some(3) => self.fill_power::<3>(falls, first, rates, at),
                    Some(4) => self.fill_power::<4>(falls, first, rates, at),
                    Some(5) => self.fill_power::<5>(falls, first, rates, at),
                    Some(6) => self.fill_power::<6>(falls, first, rates, at),
                    Some(7) => self.fill_power::<7>(falls, first, rates, at),
                    Some(8) => self.fill_power::<8>(falls, first, rates, at),
                    Some(_) => return false,
                    None => return self.fill_slow(first, rates, at),
                }
            }
            Shape::Geometric | Shape::Polynomial(_) | Shape::OneMinusPower(_) => return false,
            _ => return self.fill_slow(first, rates, at),
        }
        self.keep_within(rates)
    }

    /// `false` if a rate may be too small for 53 bits. A ramp only falls or only rises, so the ends are its smallest rates, but
    /// for rounding.
    fn keep_within(&self, rates: &mut [f64]) -> bool {
        rates.iter_mut().for_each(|rate| *rate = self.within(*rate));
        [rates.first(), rates.last()].into_iter().flatten().all(|rate| *rate >= 2.0 * f64::MIN_POSITIVE)
    }

    #[inline(always)]
    fn fill_quick(
        &self,
        first: f64,
        rates: &mut [f64],
        at: impl Fn(f64) -> Progress,
        weights: impl Fn(Progress) -> Option<(f64, f64)>,
    ) {
        self.fill_weights(first, rates, |t| weights(at(t)).unwrap_or_default());
    }

    #[inline(always)]
    fn fill_weights(&self, first: f64, rates: &mut [f64], weights: impl Fn(f64) -> (f64, f64)) {
        let Self { from, to, .. } = *self;
        fill_with(first, rates, |t| {
            let (s, rest) = weights(t);
            from * s + to * rest
        });
    }

    #[inline(always)]
    fn fill_power<const HALVES: u32>(&self, falls: bool, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) {
        let (from, to, steps) = (self.from, self.to, self.steps);
        if falls {
            let part = |t| at(t).done.left_of(steps);
            fill_powers::<HALVES>(first, rates, steps, part, |power, rest| from * power + to * rest);
        } else {
            fill_powers::<HALVES>(first, rates, steps, |t| at(t).done, |power, rest| from * rest + to * power);
        }
    }

    /// The rates by weights that take many operations.
    #[inline(always)]
    fn fill_slow(&self, first: f64, rates: &mut [f64], at: impl Fn(f64) -> Progress) -> bool {
        let weights = self.shape.weights(Precision::Single);
        let mut complete = true;
        fill_with(first, rates, |t| {
            let done = at(t).done;
            let rate = self.join_slow(&weights, Progress { done, rest: done.left_of(self.steps), steps: self.steps });
            complete &= rate.is_some();
            rate.unwrap_or_default()
        });
        complete
    }
}

/// For each step the rate of `(part / steps)^(HALVES / 2)` and what is left to 1.
#[inline(always)]
fn fill_powers<const HALVES: u32>(
    first: f64,
    rates: &mut [f64],
    steps: f64,
    part: impl Fn(f64) -> Real,
    rate: impl Fn(f64, f64) -> f64,
) {
    let finish = |power: Real| rate(power.value(), power.rest_to_one());
    if HALVES.is_multiple_of(2) {
        return fill_with(first, rates, |t| finish(power_of_halves(part(t).over(steps), || Real::ONE, HALVES)));
    }
    // The roots first, because they alone are computed one by one.
    fill_with(first, rates, |t| part(t).hi / steps);
    rates.iter_mut().for_each(|rate| *rate = libm::sqrt(*rate));
    for (i, rate) in (0_i32..).zip(rates) {
        let base = part(first + f64::from(i)).over(steps);
        *rate = finish(power_of_halves(base, || base.sqrt_near(*rate), HALVES));
    }
}

impl Exponential {
    fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        let growth = self.growth();
        let growth = growth.as_ref().map(Growth::table);
        runs(first, rates, |step, rates| {
            let run = rates.len().min(BLOCK);
            let block = &mut rates[..run];
            if !growth.as_ref().is_some_and(|growth| growth.fill(step, block)) {
                whole.one_by_one(step, block);
            }
            run
        });
    }
}

impl PowerLaw {
    fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        runs(first, rates, |step, rates| {
            let run = rates.len().min(BLOCK);
            let block = &mut rates[..run];
            let t = step as f64 + self.offset;
            let last = t + (run - 1) as f64;
            // The power only falls, so if both ends are normal numbers, all are.
            let normal = |t| self.quick_power(t).is_normal();
            if self.is_quick(step as f64 + run as f64) && normal(t) && normal(last) {
                fill_with(t, block, |t| (self.scale * self.quick_power(t)).min(f64::MAX));
            } else {
                whole.one_by_one(step, block);
            }
            run
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shape::*;
    use crate::schedule::LONGEST;

    /// Bulk and one by one, over many blocks.
    fn same(schedule: &Schedule, first: u64) {
        let mut rates = [f64::NAN; 700];
        schedule.sample(first, &mut rates);
        for (step, rate) in (first..).zip(rates) {
            assert_eq!(rate.to_bits(), schedule.at(step).to_bits(), "step {step} of {schedule}");
        }
    }

    #[test]
    fn exponentials_in_bulk_have_the_same_bits() {
        for initial in [0.0, 0.1, 1e-300, 1e300, 5e-324] {
            for gamma in [0.0, 1e-9, 0.5, 0.9, 0.999, 1.0_f64.next_down(), 1.0, 1.01, 1e9] {
                let exponential = Schedule::exponential(initial, gamma).unwrap();
                for first in [0, 13, 6900, 70_000, (1 << 53) - 350, u64::MAX - 701] {
                    same(&exponential, first);
                }
            }
        }
    }

    #[test]
    fn power_laws_in_bulk_have_the_same_bits() {
        for (scale, power) in [(0.1, -0.5), (0.1, -1.0), (1e-308, -0.5), (f64::MAX, -1.0), (0.1, 0.3)] {
            for (offset, time_scale) in [(0.0, 1.0), (1.0, 4000.0), (0.3, 7.0), (9e15, 1e-9), (LONGEST, 1e19)] {
                let law = PowerLaw { scale, offset, time_scale, power };
                let law = Schedule::try_from(Node::PowerLaw(law)).unwrap();
                for first in [0, 500, (1 << 53) - 350, u64::MAX - 701] {
                    same(&law, first);
                }
            }
        }
    }

    #[test]
    fn ramps_in_bulk_have_the_same_bits() {
        for shape in [Linear, Cosine, OneMinusSqrt, OneMinusSquare, Rex, Polynomial(2.0), Polynomial(0.9)] {
            for (from, to) in [(0.1, 0.0), (0.0, 0.1), (0.1, 0.03), (1e-306, 0.0), (0.0, 3e-308), (f64::MAX, f64::MAX)]
            {
                for steps in [0.7, 2.0, 1000.0, 2500.5, 2e6, LONGEST] {
                    for beyond in [Beyond::Hold, Beyond::Mirror, Beyond::Repeat] {
                        let ramp = Ramp { from, to, steps, shape, beyond }.build().unwrap();
                        for first in [0, 500, 999_900, 1_999_500, (1 << 53) - 350, u64::MAX - 701] {
                            same(&ramp, first);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_shape_in_bulk_has_the_same_bits_at_any_pace() {
        let halves = (0..18).map(|halves| f64::from(halves) / 2.0);
        let shapes =
            [Linear, Cosine, OneMinusSqrt, OneMinusSquare, Rex, ExpHalf, ExpRatio(0.1), Geometric, CosinePower(0.7)];
        let shapes = shapes.into_iter().chain([Polynomial(0.9), OneMinusPower(0.3), Tanh { lb: -7.0, ub: 3.0 }]);
        let shapes = shapes.chain(halves.clone().map(Polynomial)).chain(halves.skip(1).map(OneMinusPower));
        for shape in shapes {
            for (from, to) in [(0.1, 1e-9), (1e-300, 0.3)] {
                let ramp = Ramp { from, to, steps: 900.7, shape, beyond: Beyond::Hold }.build().unwrap();
                let growing = Repeat::new(ramp.clone(), 900).growth(3.0).build().unwrap();
                let slow = ramp.clone().stretch(2.7).unwrap();
                for first in [0, 500, 2000, 4000] {
                    [&ramp, &growing, &slow].into_iter().for_each(|schedule| same(schedule, first));
                }
            }
        }
    }
}
