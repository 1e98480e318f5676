//! The bulk path: many rates at once, with the bits of the definition.
//!
//! Where consecutive rates are alike, a curve is a loop without branches, which the processor runs several steps at a time;
//! everything else is evaluated one by one.

use super::growth::MANY;
use super::pointwise::{Block, Combination};
use super::rate::{Use, sane};
use super::runs::{BLOCK, one_by_one, run_length, runs};
use super::sample_stairs::fill_stairs;
use super::warp::Warp;
use crate::exact::{EXACT, Precision, Real};
use crate::schedule::{Exponential, Node, Phase, PowerLaw, Repeat, Schedule};

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
            Node::Every { n, of } => {
                fill_stairs(*n, first, rates, |step| of.at(step), |first, rates| of.fill(first, rates));
            }
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
            Node::Warp { steps, power, of } => runs(first, rates, |step, rates| {
                let run = rates.len().min(BLOCK);
                let (block, mut times) = (&mut rates[..run], [Real::ONE; BLOCK]);
                let times = &mut times[..run];
                if (Warp { steps: *steps, power: *power }).fill(step, times) {
                    of.fill_at(times, block);
                } else {
                    self.one_by_one(step, block);
                }
                run
            }),
            Node::Advance { by, of } => {
                let last = first as f64 + rates.len() as f64 + by;
                match Real::from(*by).whole_step() {
                    Some(by) if last < EXACT => of.fill(first + by, rates),
                    _ => self.one_by_one(first, rates),
                }
            }
            Node::Complement { .. } => self.one_by_one(first, rates),
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

    /// The rates at a block of rising times.
    fn fill_at(&self, times: &mut [Real], rates: &mut [f64]) {
        times.iter_mut().for_each(|t| *t = sane(*t));
        if matches!(self.node(), Node::PowerLaw(law) if law.fill_at(times, rates)) {
            return;
        }
        for (t, rate) in times.iter().zip(rates) {
            *rate = self.eval(*t, Use::Rate).value();
        }
    }

    pub(super) fn one_by_one(&self, first: u64, rates: &mut [f64]) {
        one_by_one(first, rates, |step| self.at(step));
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
    let (mut block, mut parts) = (Block::new(), [1.0; BLOCK]);
    runs(first, rates, |step, rates| {
        let run = rates.len().min(BLOCK);
        let rates = &mut rates[..run];
        let is_easy = of.iter().enumerate().all(|(i, child)| {
            if i == 0 {
                return block.start(combination, |parts| child.fill(step, &mut parts[..run]));
            }
            child.fill(step, &mut parts[..run]);
            block.add(combination, &parts)
        });
        if is_easy {
            block.end(combination, of.len(), rates);
        } else {
            whole.one_by_one(step, rates);
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
                let at = |step| self.of.eval(self.local(cycle, Real::from_step(step)), Use::Rate).value();
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
                self.scale(cycle, Precision::Single).apply_all(&mut rates[..run]);
            }
            run
        });
    }
}

impl Exponential {
    fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        let Some(growth) = self.growth() else {
            return whole.one_by_one(first, rates);
        };
        growth.tabulated(|table| {
            runs(first, rates, |step, rates| {
                let run = rates.len().min(MANY);
                if !table.fill(step, &mut rates[..run]) {
                    whole.one_by_one(step, &mut rates[..run]);
                }
                run
            });
        });
    }
}

impl PowerLaw {
    fn fill(&self, whole: &Schedule, first: u64, rates: &mut [f64]) {
        runs(first, rates, |step, rates| {
            let run = rates.len().min(BLOCK);
            if !self.fill_block(step, &mut rates[..run]) {
                whole.one_by_one(step, &mut rates[..run]);
            }
            run
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shape::*;
    use crate::schedule::{Beyond, LONGEST, Ramp};

    /// Bulk and one by one, over many blocks.
    fn same(schedule: &Schedule, first: u64) {
        let mut rates = [f64::NAN; 1300];
        schedule.sample(first, &mut rates);
        for (step, rate) in (first..).zip(rates) {
            assert_eq!(rate.to_bits(), schedule.at(step).to_bits(), "step {step} of {schedule}");
        }
    }

    #[test]
    fn exponentials_in_bulk_have_the_same_bits() {
        for initial in [0.0, 0.1, 1e80, 1e-300, 1e300, 5e-324] {
            for gamma in [0.0, 1e-9, 0.5, 0.9, 0.999, 1.0_f64.next_down(), 1.0, 1.01, 1e9] {
                let exponential = Schedule::exponential(initial, gamma).unwrap();
                for first in [0, 13, 6900, 70_000, (1 << 53) - 350, u64::MAX - 1301] {
                    same(&exponential, first);
                }
            }
        }
    }

    #[test]
    fn power_laws_in_bulk_have_the_same_bits() {
        for (scale, power) in [(0.1, -0.5), (0.1, -1.0), (1e-308, -0.5), (f64::MAX, -1.0), (0.1, 0.3)] {
            // With 300, the sum with a step stops being exact inside a block.
            let offsets = [(0.0, 1.0), (1.0, 4000.0), (300.0, 40.0), (0.3, 7.0), (9e15, 1e-9), (LONGEST, 1e19)];
            for (offset, time_scale) in offsets {
                let law = PowerLaw { scale, offset, time_scale, power };
                let law = Schedule::try_from(Node::PowerLaw(law)).unwrap();
                for first in [0, 500, (1 << 53) - 350, u64::MAX - 1301] {
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
                        for first in [0, 500, 999_900, 1_999_500, (1 << 53) - 350, u64::MAX - 1301] {
                            same(&ramp, first);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn lowered_cycles_in_bulk_have_the_same_bits() {
        for (from, to) in [(0.1, 1e-3), (1.0, 0.0), (3e281, 1e279), (1e-240, 1e-260), (1e-300, 1e-306)] {
            for cycle_scale in [0.0, 1e-9, 0.5, 0.9, 3.0] {
                for floor in [0.0, 1e-3, 0.05, 1e-200, 1e280] {
                    let ramp = Schedule::linear(from, to, 300).unwrap();
                    let repeat = Repeat::new(ramp, 300).cycle_scale(cycle_scale).floor(floor).build().unwrap();
                    for first in [0, 1 << 20, (1 << 53) - 350] {
                        same(&repeat, first);
                    }
                }
            }
        }
    }

    #[test]
    fn bent_time_in_bulk_has_the_same_bits() {
        let law = |scale, offset, power| PowerLaw { scale, offset, time_scale: 3.7, power };
        let laws = [
            law(0.1, 0.3, -0.5),
            law(0.1, 2.0, -0.5),
            law(0.1, 0.0, 1.5),
            law(1e-300, 1e-9, -0.25),
            law(0.1, 1e3, 1e9),
        ];
        let laws = laws.map(|law| Schedule::try_from(Node::PowerLaw(law)));
        let others = [Schedule::exponential(0.1, 0.99), Schedule::cosine_annealing(0.1, 0.0, 900)];
        for curve in laws.into_iter().chain(others) {
            for (steps, power) in [(900.0, 2.0), (1e4 / 3.0, 0.3), (LONGEST, 2.0), (1e18, 40.0)] {
                let bent = curve.clone().unwrap().warp(steps, power).unwrap();
                for first in [0, 500, 1 << 40, (1 << 53) - 350, u64::MAX - 1301] {
                    same(&bent, first);
                }
            }
        }
    }

    #[test]
    fn a_head_start_in_bulk_has_the_same_bits() {
        let curves =
            [Schedule::exponential(0.1, 0.99), Schedule::cosine_annealing(0.1, 0.0, 900), Schedule::step(0.1, 30, 0.9)];
        for curve in curves {
            for by in [1.0, 0.75, 500.0, 9e15, LONGEST] {
                let ahead = curve.clone().unwrap().advance(by).unwrap();
                for first in [0, 500, (1 << 53) - 350, u64::MAX - 1301] {
                    same(&ahead, first);
                }
            }
        }
    }

    #[test]
    fn every_shape_in_bulk_has_the_same_bits_at_any_pace() {
        let halves = (0..18).map(|halves| f64::from(halves) / 2.0);
        let shapes = [
            Linear,
            Cosine,
            OneMinusSqrt,
            OneMinusSquare,
            Rex,
            ExpHalf,
            ExpRatio(0.1),
            Logarithmic(900.7),
            Geometric,
            CosinePower(0.7),
        ];
        let shapes = shapes.into_iter().chain([Polynomial(0.9), OneMinusPower(0.3), Tanh { lb: -7.0, ub: 3.0 }]);
        let shapes = shapes.chain(halves.clone().map(Polynomial)).chain(halves.skip(1).map(OneMinusPower));
        for shape in shapes {
            for (from, to, steps) in [(0.1, 1e-9, 900.7), (1e-300, 0.3, 900.7), (0.1, 0.0, 900.0)] {
                if to == 0.0 && shape == Geometric {
                    continue;
                }
                let ramp = Ramp { from, to, steps, shape, beyond: Beyond::Hold }.build().unwrap();
                let growing = |growth| Repeat::new(ramp.clone(), 900).growth(growth).build().unwrap();
                let slow = |k| ramp.clone().stretch(k).unwrap();
                let paces = [growing(2.0), growing(3.0), slow(0.25), slow(2.7), slow(4.0)];
                for first in [0, 500, 2000, 4000] {
                    [&ramp].into_iter().chain(&paces).for_each(|schedule| same(schedule, first));
                }
            }
        }
    }
}
