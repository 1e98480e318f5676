//! Schedulers that multiply the rate.

use sched_core::{Milestone, Node, Repeat, Schedule, ScheduleError, Steps};

use super::rule::{Alone, Raised, Resume, Rule};
use crate::declare::{BETWEEN_0_AND_1, Context, Refusal, params};

params! {
    /// `lr * gamma^floor(t / step_size)`.
    pub(super) struct StepLR {
        step_size: u64,
        gamma: f64 = 0.1,
        .._resume: Resume,
    }
}

impl Rule for StepLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        if self.step_size == 0 { Schedule::constant(base) } else { Schedule::step(base, self.step_size, self.gamma) }
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if epoch.is_multiple_of(self.step_size) { self.gamma } else { 1.0 }
    }

    fn ratios(&self, _: usize) -> Result<Option<Schedule>, ScheduleError> {
        let once = Steps { initial: self.gamma, milestones: [Milestone { step: 1, value: 1.0 }].into() };
        Repeat::new(Node::Steps(once).try_into()?, self.step_size).build().map(Some)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let next = epoch.checked_add(1)?;
        if self.gamma == 1.0 { None } else { next.checked_next_multiple_of(self.step_size) }
    }

    fn next_error(&self, epoch: u64) -> Option<u64> {
        (self.step_size == 0).then(|| epoch.saturating_add(1))
    }

    fn period(&self) -> Option<u64> {
        Some(self.step_size)
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.step_size == 0 { Err(Raised) } else { Ok(alone.curve.at(0)) }
    }
}

params! {
    /// `lr * gamma^(number of milestones <= t)`, in any order, each as often as it is given.
    pub(super) struct MultiStepLR {
        milestones: Vec<u64>,
        gamma: f64 = 0.1,
        .._resume: Resume,
    }
}

impl Rule for MultiStepLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        if self.milestones.is_empty() {
            return Schedule::constant(base);
        }
        let mut milestones = self.milestones.clone();
        milestones.sort_unstable();
        Schedule::multi_step(base, &milestones, self.gamma)
    }

    fn ratio(&self, epoch: u64) -> f64 {
        let count = self.milestones.iter().filter(|milestone| **milestone == epoch).count();
        libm::pow(self.gamma, count as f64)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let milestones = self.milestones.iter().copied();
        milestones.filter(|milestone| self.gamma != 1.0 && *milestone > epoch).min()
    }
}

params! {
    /// `lr * factor` before `total_iters`, `lr` from there on; `lr * factor` throughout if `total_iters` or `factor` is 0.
    pub(super) struct ConstantLR {
        factor: f64 where BETWEEN_0_AND_1 = 1.0 / 3.0,
        total_iters: u64 = 5,
        .._resume: Resume,
    }
}

impl Rule for ConstantLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        if self.factor == 0.0 || self.total_iters == 0 {
            return Schedule::constant(base * self.factor);
        }
        Schedule::piecewise_constant(base * self.factor, &[(self.total_iters, base)])
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if epoch == self.total_iters && self.factor > 0.0 { 1.0 / self.factor } else { 1.0 }
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        (self.factor != 1.0 && epoch < self.total_iters).then_some(self.total_iters)
    }

    fn next_error(&self, epoch: u64) -> Option<u64> {
        (self.factor == 0.0 && epoch < self.total_iters).then_some(self.total_iters)
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        Ok(if self.total_iters == 0 { alone.base } else { alone.curve.at(0) })
    }
}

params! {
    /// From `lr * start_factor` to `lr * end_factor` at `total_iters`; the first throughout if `total_iters` is 0.
    pub(super) struct LinearLR {
        start_factor: f64 = 1.0 / 3.0,
        end_factor: f64 where BETWEEN_0_AND_1 = 1.0,
        total_iters: u64 = 5,
        .._resume: Resume,
    }
}

impl Rule for LinearLR {
    fn check(&self, _: &Context<'_>) -> Result<(), Refusal> {
        Self::start_factor.must(self.start_factor > 0.0 && self.start_factor <= 1.0, "be above 0 and at most 1")
    }

    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        match self.total_iters {
            0 => Schedule::constant(base * self.start_factor),
            total => Schedule::linear(base * self.start_factor, base * self.end_factor, total),
        }
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if epoch > self.total_iters {
            return 1.0;
        }
        let weighted = |done: u64| self.start_factor * (self.total_iters - done) as f64 + self.end_factor * done as f64;
        weighted(epoch) / weighted(epoch - 1)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let is_moving = self.start_factor != self.end_factor && epoch < self.total_iters;
        if is_moving { epoch.checked_add(1) } else { None }
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.total_iters == 0 { Err(Raised) } else { Ok(alone.curve.at(0)) }
    }
}

params! {
    /// `lr * gamma^t`.
    pub(super) struct ExponentialLR {
        gamma: f64,
        .._resume: Resume,
    }
}

impl Rule for ExponentialLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        Schedule::exponential(base, self.gamma)
    }

    fn ratio(&self, _: u64) -> f64 {
        self.gamma
    }

    fn ratios(&self, _: usize) -> Result<Option<Schedule>, ScheduleError> {
        Schedule::constant(self.gamma).map(Some)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        if self.gamma == 1.0 { None } else { epoch.checked_add(1) }
    }

    fn period(&self) -> Option<u64> {
        Some(1)
    }

    fn late(&self, _: &Alone, lr: f64) -> Result<f64, Raised> {
        Ok(lr * self.gamma)
    }
}

params! {
    /// `lr * (1 - t / total_iters)^power`, then 0; `lr` throughout if `total_iters` or `power` is 0.
    pub(super) struct PolynomialLR {
        total_iters: u64 = 5,
        power: f64 = 1.0,
        .._resume: Resume,
    }
}

impl PolynomialLR {
    /// What a call multiplies the rate by when this many epochs are left after it.
    fn step(&self, left: f64) -> f64 {
        libm::pow(left / (left + 1.0), self.power)
    }
}

impl Rule for PolynomialLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        if self.total_iters == 0 || self.power == 0.0 {
            return Schedule::constant(base);
        }
        Schedule::polynomial(base, 0.0, self.total_iters, self.power)
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if epoch > self.total_iters { 1.0 } else { self.step((self.total_iters - epoch) as f64) }
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let is_moving = self.power != 0.0 && epoch < self.total_iters;
        if is_moving { epoch.checked_add(1) } else { None }
    }

    fn late(&self, _: &Alone, lr: f64) -> Result<f64, Raised> {
        if self.total_iters == 0 { Err(Raised) } else { Ok(lr * self.step(self.total_iters as f64)) }
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.total_iters == 0 { Err(Raised) } else { Ok(alone.curve.at(0)) }
    }
}
