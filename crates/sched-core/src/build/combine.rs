//! Schedules made of schedules.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use crate::schedule::{Node, Phase, Schedule, ScheduleError, StepCount, whole};

/// Combinators. Each fails if the result is nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
impl Schedule {
    /// Phases with absolute starts: from the start of a phase to that of the next, step `t` has its rate at `t - start`.
    ///
    /// The first phase starts at 0, the last one has no end. Starts are in order; a phase that starts where the next one does
    /// is skipped. To chain schedules by their lengths, see [`then`](Self::then).
    ///
    /// ```
    /// # use sched_core::{Phase, Schedule};
    /// let warmup = Phase { start: 0, schedule: Schedule::linear(0.0, 0.5, 10)? };
    /// let decay = Phase { start: 20, schedule: Schedule::linear(0.5, 0.0, 10)? };
    /// let schedule = Schedule::sequence(vec![warmup, decay])?;
    /// assert_eq!([0, 5, 10, 19, 20, 25, 30].map(|t| schedule.at(t)), [0.0, 0.25, 0.5, 0.5, 0.5, 0.25, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `phases` is empty, the first does not start at 0, the starts are out of order, or the nesting is too deep.
    pub fn sequence(phases: Vec<Phase>) -> Result<Self, ScheduleError> {
        Node::Sequence(phases).try_into().map_err(|error: ScheduleError| error.renamed(&[("sequence", "phases")]))
    }

    /// This schedule up to its [horizon](Self::horizon) `h`, then `next`, whose clock starts there: `next(t - h)`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(0.0, 1.0, 10)?.then(Schedule::linear(1.0, 0.0, 20)?)?;
    /// assert_eq!([0, 10, 20, 30].map(|t| schedule.at(t)), [0.0, 1.0, 0.5, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// This schedule never ends (use [`then_at`](Self::then_at)), or the nesting is too deep.
    pub fn then(self, next: Schedule) -> Result<Self, ScheduleError> {
        match self.horizon() {
            Some(end) => self.then_at(end, next),
            None => Err(ScheduleError::NeverEnds { schedule: self.to_string() }),
        }
    }

    /// This schedule before step `start`, then `next`, whose clock starts there: `next(t - start)`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::constant(0.1)?.then_at(5, Schedule::linear(0.1, 0.0, 10)?)?;
    /// assert_eq!([0, 4, 5, 10, 15].map(|t| schedule.at(t)), [0.1, 0.1, 0.1, 0.05, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `start` is negative or, if this is a sequence, before the start of its last phase, or the nesting is too deep.
    pub fn then_at(self, start: impl StepCount, next: Schedule) -> Result<Self, ScheduleError> {
        let start = whole("start", start)?;
        let mut phases = into_phases(self);
        let earliest = phases.last().map_or(0, |phase| phase.start);
        if start < earliest {
            return Err(ScheduleError::EarlyStart { field: "start", start, earliest });
        }
        // A sequence in a sequence is the same as one sequence.
        for phase in into_phases(next) {
            phases.push(Phase { start: start.saturating_add(phase.start), schedule: phase.schedule });
        }
        Self::sequence(phases)
    }

    /// The product with another schedule: `self(t) * factor(t)`. One of the two is usually a rate, the other a factor on it.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::constant(0.1)?.times(Schedule::linear(1.0, 0.0, 10)?)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [0.1, 0.05, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The nesting is too deep.
    pub fn times(self, factor: Schedule) -> Result<Self, ScheduleError> {
        Node::Product(vec![self, factor]).try_into()
    }

    /// The sum with another schedule: `self(t) + other(t)`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::constant(0.5)?.plus(Schedule::linear(1.0, 0.0, 10)?)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [1.5, 1.0, 0.5]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The nesting is too deep.
    pub fn plus(self, other: Schedule) -> Result<Self, ScheduleError> {
        Node::Sum(vec![self, other]).try_into()
    }

    /// The smaller of two schedules at each step: `min(self(t), other(t))`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::constant(0.5)?.min(Schedule::linear(1.0, 0.0, 10)?)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [0.5, 0.5, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The nesting is too deep.
    pub fn min(self, other: Schedule) -> Result<Self, ScheduleError> {
        Node::Min(vec![self, other]).try_into()
    }

    /// The larger of two schedules at each step: `max(self(t), other(t))`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::constant(0.5)?.max(Schedule::linear(1.0, 0.0, 10)?)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [1.0, 0.5, 0.5]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The nesting is too deep.
    pub fn max(self, other: Schedule) -> Result<Self, ScheduleError> {
        Node::Max(vec![self, other]).try_into()
    }

    /// This schedule, but nowhere below `min` or above `max`, which are 0 or more: `max(min, min(self(t), max))`.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 10)?.clamp(0.25, 0.75)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [0.75, 0.5, 0.25]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A bound is negative or not finite, `max` is below `min`, or the nesting is too deep.
    pub fn clamp(self, min: f64, max: f64) -> Result<Self, ScheduleError> {
        Node::Clamp { min, max, of: self }.try_into()
    }

    /// A staircase: this schedule at `floor(t / n)`, so that each of its steps takes `n`, 1 or more.
    ///
    /// For a schedule that counts epochs, [`per_epoch`](Self::per_epoch) is the same.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::exponential(0.1, 0.5)?.every(3)?;
    /// assert_eq!([0, 2, 3, 5, 6].map(|t| schedule.at(t)), [0.1, 0.1, 0.05, 0.05, 0.025]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `n` is below 1, or the nesting is too deep.
    pub fn every(self, n: impl StepCount) -> Result<Self, ScheduleError> {
        Node::Every { n: whole("n", n)?, of: self }.try_into()
    }

    /// Slower by `k`: this schedule at `t / k`, so that one that counts epochs also moves within an epoch.
    ///
    /// `k` is between 1e-9 and 2^64 and need not be whole.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 2)?.stretch(4.0)?;
    /// assert_eq!([0, 1, 4, 8].map(|t| schedule.at(t)), [1.0, 0.875, 0.5, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `k` is out of range, or the nesting is too deep.
    pub fn stretch(self, k: f64) -> Result<Self, ScheduleError> {
        Node::Stretch { k, of: self }.try_into()
    }

    /// Held back for `steps`: the first value until then, and this schedule at `t - steps` from there on.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 4)?.delay(10)?;
    /// assert_eq!([0, 10, 12, 14].map(|t| schedule.at(t)), [1.0, 1.0, 0.5, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `steps` is negative, or the nesting is too deep.
    pub fn delay(self, steps: impl StepCount) -> Result<Self, ScheduleError> {
        Node::Delay { steps: whole("steps", steps)?, of: self }.try_into()
    }

    /// 0 before `step`, then this schedule, whose clock starts there: for a part of the model that is frozen at first.
    ///
    /// Step `step + t` has this schedule's rate at `t`. [`delay`](Self::delay) waits at the first rate instead of 0.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 4)?.frozen_until(10)?;
    /// assert_eq!([0, 9, 10, 11, 14, 15].map(|t| schedule.at(t)), [0.0, 0.0, 1.0, 0.75, 0.0, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `step` is negative, or the nesting is too deep.
    pub fn frozen_until(self, step: impl StepCount) -> Result<Self, ScheduleError> {
        let step = whole("step", step)?;
        if step == 0 {
            return Ok(self);
        }
        let mut phases = vec![Phase { start: 0, schedule: Self::constant(0.0)? }];
        // A phase that would start past the last step is never reached.
        let reached = |phase: Phase| Some(Phase { start: step.checked_add(phase.start)?, ..phase });
        phases.extend(into_phases(self).into_iter().map_while(reached));
        Self::sequence(phases)
    }

    /// A head start: this schedule at `t + by`.
    ///
    /// `by` is between 0 and 2^64 and need not be whole.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 4)?.advance(1.0)?;
    /// assert_eq!([0, 1, 3].map(|t| schedule.at(t)), [0.75, 0.5, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `by` is out of range, or the nesting is too deep.
    pub fn advance(self, by: f64) -> Result<Self, ScheduleError> {
        Node::Advance { by, of: self }.try_into()
    }

    /// Bent time: this schedule at `steps * (t / steps)^power` up to `steps`, and unchanged from there on.
    ///
    /// `steps` is between 1e-9 and 2^64 and need not be whole. `power` is above 0; above 1 it slows the beginning down.
    /// timm's `k_decay`. Zhang and Li 2020, arXiv 2004.05909.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::linear(1.0, 0.0, 10)?.warp(10.0, 2.0)?;
    /// assert_eq!([0, 5, 10].map(|t| schedule.at(t)), [1.0, 0.75, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `steps` or `power` is out of range, or the nesting is too deep.
    pub fn warp(self, steps: f64, power: f64) -> Result<Self, ScheduleError> {
        Node::Warp { steps, power, of: self }.try_into()
    }

    /// A schedule that counts epochs, in steps: its rate at `floor(t / steps_per_epoch)`.
    ///
    /// What PyTorch does with one call of `scheduler.step()` per epoch. `steps_per_epoch` is 1 or more.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::step(0.1, 30, 0.1)?.per_epoch(500)?;
    /// assert_eq!(schedule.at(30 * 500 - 1), 0.1);
    /// assert!(schedule.at(30 * 500) < 0.011);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `steps_per_epoch` is below 1, or the nesting is too deep.
    pub fn per_epoch(self, steps_per_epoch: impl StepCount) -> Result<Self, ScheduleError> {
        self.every(steps_per_epoch).map_err(|error| error.renamed(&[("n", "steps_per_epoch")]))
    }
}

fn into_phases(schedule: Schedule) -> Vec<Phase> {
    match schedule.node() {
        Node::Sequence(phases) => phases.clone(),
        _ => vec![Phase { start: 0, schedule }],
    }
}
