//! Schedulers that multiply the rate.

use sched_core::{Milestone, Node, Ramp, Repeat, Schedule, ScheduleError, Shape, Steps};

use super::epochs::Epochs;
use super::rule::{Alone, Raised, Resume, Rule};
use crate::declare::{BETWEEN_0_AND_1, Context, Refusal, params};
use crate::shared::held_from;

/// A ramp whose length is not whole, up to the last epoch in it.
fn until_last(ramp: Ramp) -> Result<Schedule, ScheduleError> {
    held_from(ramp.build()?, ramp.steps as u64 + 1)
}

params! {
    /// `lr * gamma^floor(t / step_size)`; the rate changes at epochs that are multiples of `step_size`, as every fifth is of 2.5.
    pub(super) struct StepLR {
        step_size: Epochs,
        gamma: f64 = 0.1,
        .._resume: Resume,
    }
}

impl StepLR {
    fn period(&self) -> u64 {
        self.step_size.least_whole_multiple()
    }
}

impl Rule for StepLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        if self.period() == 0 { Schedule::constant(base) } else { Schedule::step(base, self.period(), self.gamma) }
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if epoch.is_multiple_of(self.period()) { self.gamma } else { 1.0 }
    }

    fn ratios(&self, _: usize) -> Result<Option<Schedule>, ScheduleError> {
        let once = Steps { initial: self.gamma, milestones: [Milestone { step: 1, value: 1.0 }].into() };
        Repeat::new(Node::Steps(once).try_into()?, self.period()).build().map(Some)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let next = epoch.checked_add(1)?;
        if self.gamma == 1.0 { None } else { next.checked_next_multiple_of(self.period()) }
    }

    fn next_error(&self, epoch: u64) -> Option<u64> {
        (self.period() == 0).then(|| epoch.saturating_add(1))
    }

    fn period(&self) -> Option<u64> {
        Some(self.period())
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.period() == 0 { Err(Raised) } else { Ok(alone.curve.at(0)) }
    }
}

params! {
    /// `lr * gamma^(number of milestones <= t)`, in any order, each as often as it is given. No epoch gets to a milestone that
    /// is not whole.
    pub(super) struct MultiStepLR {
        milestones: Vec<Epochs>,
        gamma: f64 = 0.1,
        .._resume: Resume,
    }
}

impl MultiStepLR {
    fn whole(&self) -> impl Iterator<Item = u64> {
        self.milestones.iter().filter_map(|milestone| milestone.whole())
    }
}

impl Rule for MultiStepLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        let mut milestones: Vec<u64> = self.whole().collect();
        if milestones.is_empty() {
            return Schedule::constant(base);
        }
        milestones.sort_unstable();
        Schedule::multi_step(base, &milestones, self.gamma)
    }

    fn ratio(&self, epoch: u64) -> f64 {
        let count = self.whole().filter(|milestone| *milestone == epoch).count();
        libm::pow(self.gamma, count as f64)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        self.whole().filter(|milestone| self.gamma != 1.0 && *milestone > epoch).min()
    }
}

params! {
    /// `lr * factor` before `total_iters`, `lr` from there on; `lr * factor` throughout if `total_iters` or `factor` is 0, or
    /// `total_iters` is not whole, so that no epoch is equal to it.
    pub(super) struct ConstantLR {
        factor: f64 where BETWEEN_0_AND_1 = 1.0 / 3.0,
        total_iters: Epochs = 5,
        .._resume: Resume,
    }
}

impl Rule for ConstantLR {
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        match self.total_iters.whole() {
            Some(total @ 1..) if self.factor > 0.0 => {
                Schedule::piecewise_constant(base * self.factor, &[(total, base)])
            }
            _ => Schedule::constant(base * self.factor),
        }
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if Some(epoch) == self.total_iters.whole() && self.factor > 0.0 { 1.0 / self.factor } else { 1.0 }
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        self.total_iters.whole().filter(|total| self.factor != 1.0 && epoch < *total)
    }

    fn next_error(&self, epoch: u64) -> Option<u64> {
        self.total_iters.whole().filter(|total| self.factor == 0.0 && epoch < *total)
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        Ok(if self.total_iters == Epochs::Whole(0) { alone.base } else { alone.curve.at(0) })
    }
}

params! {
    /// From `lr * start_factor` to `lr * end_factor` at `total_iters`; the first throughout if `total_iters` is 0. If it is not
    /// whole, the rate of the last epoch before it holds.
    pub(super) struct LinearLR {
        start_factor: f64 = 1.0 / 3.0,
        end_factor: f64 where BETWEEN_0_AND_1 = 1.0,
        total_iters: Epochs = 5,
        .._resume: Resume,
    }
}

impl Rule for LinearLR {
    fn check(&self, _: &Context<'_>) -> Result<(), Refusal> {
        Self::start_factor.must(self.start_factor > 0.0 && self.start_factor <= 1.0, "be above 0 and at most 1")
    }

    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError> {
        let (start, end) = (base * self.start_factor, base * self.end_factor);
        match self.total_iters {
            Epochs::Whole(0) => Schedule::constant(start),
            Epochs::Whole(total) => Schedule::linear(start, end, total),
            Epochs::Fraction(total) => until_last(Ramp { steps: total, ..Ramp::new(start, end, 0) }),
        }
    }

    fn ratio(&self, epoch: u64) -> f64 {
        if epoch > self.total_iters.last() {
            return 1.0;
        }
        let left = |done: u64| match self.total_iters {
            Epochs::Whole(total) => (total - done) as f64,
            Epochs::Fraction(total) => total - done as f64,
        };
        let weighted = |done: u64| self.start_factor * left(done) + self.end_factor * done as f64;
        weighted(epoch) / weighted(epoch - 1)
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let is_moving = self.start_factor != self.end_factor && epoch < self.total_iters.last();
        if is_moving { epoch.checked_add(1) } else { None }
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.total_iters == Epochs::Whole(0) { Err(Raised) } else { Ok(alone.curve.at(0)) }
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
    /// `lr * (1 - t / total_iters)^power`, then 0; `lr` throughout if `total_iters` or `power` is 0. If `total_iters` is not
    /// whole, the rate of the last epoch before it holds.
    pub(super) struct PolynomialLR {
        total_iters: Epochs = 5,
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
        match self.total_iters {
            _ if self.power == 0.0 => Schedule::constant(base),
            Epochs::Whole(0) => Schedule::constant(base),
            Epochs::Whole(total) => Schedule::polynomial(base, 0.0, total, self.power),
            Epochs::Fraction(total) => {
                until_last(Ramp { steps: total, ..Ramp::new(base, 0.0, 0).shape(Shape::Polynomial(self.power)) })
            }
        }
    }

    fn ratio(&self, epoch: u64) -> f64 {
        match self.total_iters {
            total if epoch > total.last() => 1.0,
            Epochs::Whole(total) => self.step((total - epoch) as f64),
            Epochs::Fraction(total) => self.step(total - epoch as f64),
        }
    }

    fn next_change(&self, epoch: u64) -> Option<u64> {
        let is_moving = self.power != 0.0 && epoch < self.total_iters.last();
        if is_moving { epoch.checked_add(1) } else { None }
    }

    fn late(&self, _: &Alone, lr: f64) -> Result<f64, Raised> {
        if self.total_iters == Epochs::Whole(0) { Err(Raised) } else { Ok(lr * self.step(self.total_iters.value())) }
    }

    fn restart(&self, alone: &Alone, _: f64) -> Result<f64, Raised> {
        if self.total_iters == Epochs::Whole(0) { Err(Raised) } else { Ok(alone.curve.at(0)) }
    }
}
