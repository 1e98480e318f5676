//! Schedules made of schedules.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use crate::schedule::{Node, Phase, Schedule, ScheduleError, at_least_one};

/// Combinators. All of them fail if the nesting gets deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
impl Schedule {
    /// Phases with absolute starts, each on its own clock. The first starts at 0; starts do not go backwards; a phase that
    /// starts where the next one does is skipped. For phases that follow each other by length, see [`then`](Self::then).
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
    /// There is no phase, the first does not start at 0, a start is before the one before it, or the nesting is too deep.
    pub fn sequence(phases: Vec<Phase>) -> Result<Self, ScheduleError> {
        Node::Sequence(phases).try_into()
    }

    /// This schedule to its end, then `next`, whose clock begins there.
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
    /// This schedule never ends; then use [`then_at`](Self::then_at).
    pub fn then(self, next: Schedule) -> Result<Self, ScheduleError> {
        match self.horizon() {
            Some(end) => self.then_at(end, next),
            None => Err(ScheduleError::NeverEnds { schedule: self.to_string() }),
        }
    }

    /// This schedule up to step `start` (not included), then `next`, whose clock begins at `start`.
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
    /// This is a sequence, and `start` lies before the start of its last phase.
    pub fn then_at(self, start: u64, next: Schedule) -> Result<Self, ScheduleError> {
        let mut phases = into_phases(self);
        // A sequence in a sequence is the same as one sequence.
        for phase in into_phases(next) {
            phases.push(Phase { start: start.saturating_add(phase.start), schedule: phase.schedule });
        }
        Self::sequence(phases)
    }

    /// The product with another schedule, one of which is a factor.
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

    /// The sum with another schedule.
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

    /// The smaller of this and another schedule.
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

    /// The larger of this and another schedule.
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

    /// This schedule, but not below `min` and not above `max`.
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
    /// A bound is negative or not finite, or `max` is below `min`.
    pub fn clamp(self, min: f64, max: f64) -> Result<Self, ScheduleError> {
        Node::Clamp { min, max, of: self }.try_into()
    }

    /// A staircase: evaluated at `floor(t / n)`, so a schedule that counts epochs takes `n` steps for each.
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
    /// `n` is 0.
    pub fn every(self, n: u64) -> Result<Self, ScheduleError> {
        Node::Every { n, of: self }.try_into()
    }

    /// Slower by `k`, smoothly: evaluated at `t / k`, so a schedule that counts epochs moves on within them.
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
    /// `k` is not between 1e-9 and 2^64.
    pub fn stretch(self, k: f64) -> Result<Self, ScheduleError> {
        Node::Stretch { k, of: self }.try_into()
    }

    /// The first value for `steps` steps, then this schedule.
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
    /// The nesting is too deep.
    pub fn delay(self, steps: u64) -> Result<Self, ScheduleError> {
        Node::Delay { steps, of: self }.try_into()
    }

    /// 0 before `step`, then this schedule, whose clock begins there: for a part of the model that is frozen at first.
    ///
    /// Its value at step `step + t` is the one that this schedule has at `t`. [`delay`](Self::delay) waits with the first
    /// value instead of 0.
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
    /// The nesting is too deep.
    pub fn frozen_until(self, step: u64) -> Result<Self, ScheduleError> {
        if step == 0 {
            return Ok(self);
        }
        let mut phases = vec![Phase { start: 0, schedule: Self::constant(0.0)? }];
        // What would start past the last step is never reached.
        let reached = |phase: Phase| Some(Phase { start: step.checked_add(phase.start)?, ..phase });
        phases.extend(into_phases(self).into_iter().map_while(reached));
        Self::sequence(phases)
    }

    /// A head start: evaluated at `t + by`, where `by` need not be whole.
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
    /// `by` is not between 0 and 2^64.
    pub fn advance(self, by: f64) -> Result<Self, ScheduleError> {
        Node::Advance { by, of: self }.try_into()
    }

    /// Bends time up to `steps`: evaluated at `steps * (t / steps)^power`; timm's `k_decay`.
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
    /// `steps` is not between 1e-9 and 2^64, or `power` is not above 0.
    pub fn warp(self, steps: f64, power: f64) -> Result<Self, ScheduleError> {
        Node::Warp { steps, power, of: self }.try_into()
    }

    /// For a schedule that counts epochs: a staircase with `steps_per_epoch` steps per stair, PyTorch's way of calling
    /// `scheduler.step()` once per epoch. The same as [`every`](Self::every).
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
    /// `steps_per_epoch` is 0.
    pub fn per_epoch(self, steps_per_epoch: u64) -> Result<Self, ScheduleError> {
        at_least_one("steps_per_epoch", steps_per_epoch)?;
        self.every(steps_per_epoch)
    }
}

fn into_phases(schedule: Schedule) -> Vec<Phase> {
    match schedule.node() {
        Node::Sequence(phases) => phases.clone(),
        _ => vec![Phase { start: 0, schedule }],
    }
}
