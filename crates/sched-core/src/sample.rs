//! Many rates at once.

use crate::node::{Node, Phase, Ramp, Repeat};
use crate::real::EXACT;
use crate::schedule::Schedule;
use crate::shape::{Shape, cosine};

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
        self.node().sample(first, rates);
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
            Self::Sequence(phases) => sequence(phases, first, rates),
            Self::Repeat(repeat) if repeat.growth == 1.0 && repeat.cycle_scale == 1.0 => repeat.sample(first, rates),
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
                    rates[..run].fill(self.at(step));
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

impl Ramp {
    fn sample(&self, first: u64, rates: &mut [f64]) {
        // Well inside the ramp, at whole steps that an `f64` holds, the common shapes are a plain loop.
        let end = libm::floor(self.steps.min(EXACT)) - 1.0;
        let inside = if first >= 1 && end > first as f64 { run_length((end - first as f64) as u64, rates) } else { 0 };
        let inside = match self.shape {
            Shape::Linear => {
                self.fill(first, &mut rates[..inside], |done, rest| (rest / self.steps, done / self.steps))
            }
            Shape::Cosine => self.fill(first, &mut rates[..inside], |done, rest| cosine(done, rest, self.steps)),
            _ => 0,
        };
        let node = Node::Ramp(*self);
        one_by_one(&node, first.saturating_add(inside as u64), &mut rates[inside..]);
        for (offset, rate) in (0..).zip(&mut rates[..inside]) {
            if *rate < f64::MIN_POSITIVE {
                *rate = node.at(first + offset); // too small for the plain loop
            }
        }
    }

    /// What [`at`](Schedule::at) does, with nothing that keeps the processor from computing several rates at once.
    fn fill(&self, first: u64, rates: &mut [f64], weights: impl Fn(f64, f64) -> (f64, f64)) -> usize {
        let (low, high) = self.bounds();
        // A counter in `f64`, exact up to 2^53, keeps the loop free of conversions.
        let mut step = first as f64;
        for rate in rates.iter_mut() {
            let (from, to) = weights(step, self.steps - step);
            *rate = (self.from * from + self.to * to).max(low).min(high);
            step += 1.0;
        }
        rates.len()
    }
}
