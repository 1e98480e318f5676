//! Many rates at once.

use crate::exact::EXACT;
use crate::schedule::{Beyond, CosinePart, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, Shape, cosine, cosine_part};

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
        match self.powers() {
            Some(powers) => runs(first, rates, |step, rates| {
                powers.sample(step, rates).unwrap_or_else(|| {
                    let run = rates.len().min(BLOCK);
                    rates[..run].iter_mut().zip(0..).for_each(|(rate, offset)| *rate = self.at(step + offset));
                    run
                })
            }),
            None => self.node().sample(first, rates),
        }
        if !past.is_empty() {
            past.fill(self.at(u64::MAX)); // there are no later steps
        }
    }
}

impl Node {
    fn sample(&self, first: u64, rates: &mut [f64]) {
        match self {
            Self::Constant(lr) => rates.fill(*lr),
            Self::Ramp(ramp) => ramp.sample(first, rates),
            Self::PowerLaw(law) => law.sample(first, rates),
            Self::Sequence(phases) => sequence(phases, first, rates),
            Self::Repeat(repeat) if repeat.is_plain() => repeat.sample(first, rates),
            Self::Every { n, of } => {
                runs(first, rates, |step, rates| {
                    let run = run_length(n - step % n, rates);
                    rates[..run].fill(of.at(step / n));
                    run
                });
            }
            Self::Delay { steps, of } => {
                runs(first, rates, |step, rates| {
                    if step < *steps {
                        let run = run_length(steps - step, rates);
                        rates[..run].fill(of.at(0));
                        return run;
                    }
                    of.sample(step - steps, rates);
                    rates.len()
                });
            }
            Self::Steps(steps) => {
                runs(first, rates, |step, rates| {
                    let passed = steps.milestones.partition_point(|milestone| milestone.step <= step);
                    let run = match steps.milestones.get(passed) {
                        Some(next) => run_length(next.step - step, rates),
                        None => rates.len(),
                    };
                    rates[..run].fill(steps.at(step));
                    run
                });
            }
            _ => one_by_one(self, first, rates),
        }
    }
}

fn one_by_one(node: &Node, first: u64, rates: &mut [f64]) {
    for (offset, rate) in (0..).zip(rates) {
        *rate = node.at(first.saturating_add(offset));
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

fn sequence(phases: &[Phase], first: u64, rates: &mut [f64]) {
    runs(first, rates, |step, rates| {
        let active = phases.partition_point(|phase| phase.start <= step);
        let run = match phases.get(active) {
            Some(next) => run_length(next.start - step, rates),
            None => rates.len(),
        };
        // The first phase starts at 0, so at least one has started.
        let phase = &phases[active.saturating_sub(1)];
        phase.schedule.sample(step - phase.start, &mut rates[..run]);
        run
    });
}

impl Repeat {
    fn sample(&self, first: u64, rates: &mut [f64]) {
        runs(first, rates, |step, rates| {
            let (cycle, local) = (step / self.period, step % self.period);
            if self.limit.is_some_and(|limit| cycle >= limit) {
                rates.fill(self.of.at(self.period));
                return rates.len();
            }
            let run = run_length(self.period - local, rates);
            self.of.sample(local, &mut rates[..run]);
            run
        });
    }
}

/// How many rates are computed before the next look at what they are.
const BLOCK: usize = 128;

/// A rate for each step from a whole number on, with nothing that keeps the processor from computing several at once: a count
/// in 32 bits becomes an `f64` in one operation. Steps are exact up to 2^53.
#[inline(always)]
fn fill(first: f64, rates: &mut [f64], at: impl Fn(f64) -> f64) {
    for (offset, rate) in (0_i32..).zip(rates) {
        *rate = at(first + f64::from(offset));
    }
}

impl Ramp {
    fn sample(&self, first: u64, rates: &mut [f64]) {
        let node = Node::Ramp(*self);
        runs(first, rates, |step, rates| {
            let done = step as f64;
            if self.beyond == Beyond::Hold && done < EXACT && self.is_over(self.steps - done) {
                rates.fill(self.to);
                return rates.len();
            }
            if !self.shape.is_plain() {
                one_by_one(&node, step, rates);
                return rates.len();
            }
            // Well inside the ramp, at whole steps that an `f64` holds, the common shapes are a plain loop.
            let end = libm::floor(self.steps.min(EXACT)) - 1.0;
            if step == 0 || done >= end {
                one_by_one(&node, step, &mut rates[..1]);
                return 1;
            }
            let run = run_length((end - done) as u64, rates).min(BLOCK);
            let block = &mut rates[..run];
            self.fill(done, block);
            // A ramp only falls or only rises, so the ends of the block are its smallest rates, but for rounding.
            if block[0].min(block[run - 1]) < 2.0 * f64::MIN_POSITIVE {
                one_by_one(&node, step, block); // perhaps too small for the plain loop
            }
            run
        });
    }

    /// What [`at`](Schedule::at) does inside the ramp, for the plain shapes.
    fn fill(&self, first: f64, rates: &mut [f64]) {
        let Self { from, to, steps, shape, .. } = *self;
        match shape {
            // An end at 0 adds nothing.
            Shape::Linear if to == 0.0 => fill(first, rates, |done| from * ((steps - done) / steps)),
            Shape::Linear if from == 0.0 => fill(first, rates, |done| to * (done / steps)),
            Shape::Linear => self.fill_with(first, rates, |done, rest| (rest / steps, done / steps)),
            Shape::Cosine => self.fill_cosine(first, rates),
            _ => self.fill_with(first, rates, |done, rest| shape.plain(done, rest, steps).unwrap_or_default()),
        }
    }

    /// Where all rates are in one part of the wave, the loop need not choose the formula at every step.
    fn fill_cosine(&self, first: f64, rates: &mut [f64]) {
        let steps = self.steps;
        let part_at = |done| cosine_part(done, steps - done, steps);
        let part = part_at(first);
        if part != part_at(first + (rates.len() - 1) as f64) {
            return self.fill_with(first, rates, |done, rest| cosine(done, rest, steps));
        }
        // Written out, because only with constants there is nothing left to choose.
        match part {
            CosinePart { early: true, near_end: true } => self.fill_part::<true, true>(first, rates),
            CosinePart { early: true, near_end: false } => self.fill_part::<true, false>(first, rates),
            CosinePart { early: false, near_end: false } => self.fill_part::<false, false>(first, rates),
            CosinePart { early: false, near_end: true } => self.fill_part::<false, true>(first, rates),
        }
    }

    fn fill_part<const EARLY: bool, const NEAR_END: bool>(&self, first: f64, rates: &mut [f64]) {
        let part = CosinePart { early: EARLY, near_end: NEAR_END };
        self.fill_with(first, rates, |done, rest| part.weights(done, rest, self.steps));
    }

    #[inline(always)]
    fn fill_with(&self, first: f64, rates: &mut [f64], weights: impl Fn(f64, f64) -> (f64, f64)) {
        let (low, high) = self.bounds();
        fill(first, rates, |done| {
            let (from, to) = weights(done, self.steps - done);
            let rate = self.from * from + self.to * to;
            // One operation each, where `max` and `min` would look for NaN.
            let rate = if rate < low { low } else { rate };
            if rate > high { high } else { rate }
        });
    }
}

impl PowerLaw {
    fn sample(&self, first: u64, rates: &mut [f64]) {
        let node = Node::PowerLaw(*self);
        runs(first, rates, |step, rates| {
            let run = rates.len().min(BLOCK);
            let block = &mut rates[..run];
            let t = step as f64 + self.offset;
            // The power only falls, so if both ends are normal numbers, all are.
            let last = t + (run - 1) as f64;
            if self.is_plain(step as f64 + run as f64) && self.plain(t).is_normal() && self.plain(last).is_normal() {
                fill(t, block, |t| (self.scale * self.plain(t)).min(f64::MAX));
            } else {
                one_by_one(&node, step, block);
            }
            run
        });
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::rate::Precision;
    use super::*;
    use crate::Shape::*;
    use crate::exact::Real;
    use crate::schedule::LONGEST;

    /// Bulk, one by one, and with 106 bits of time, over many blocks.
    fn same(schedule: &Schedule, first: u64) {
        let mut rates = vec![f64::NAN; 700];
        schedule.sample(first, &mut rates);
        for (step, rate) in (first..).zip(rates) {
            assert_eq!(rate.to_bits(), schedule.at(step).to_bits(), "step {step} of {schedule}");
            let precise = schedule.eval(Real::from_step(step), Precision::Single).value();
            assert_eq!(rate.to_bits(), precise.to_bits(), "step {step} of {schedule}");
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
        for shape in [Linear, Cosine, OneMinusSqrt, OneMinusSquare, Rex, Polynomial(2.0)] {
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
}
