//! One of the schedulers that share an optimizer, and what each of its calls does to the rate there.

use sched_core::{Schedule, ScheduleError};

use super::progress::TorchProgress;
use super::rule::{Alone, Group, Raised, Resume, Rule};
use crate::declare::{Context, FRESH, Refusal};
use crate::shared::Optimizer;

/// A scheduler that is not made of others, at work in a composite.
pub(super) struct Leaf {
    pub(super) id: usize,
    pub(super) rule: Box<dyn Rule>,
    pub(super) alone: Alone,
    pub(super) momentum: Option<Schedule>,
    /// PyTorch's `last_epoch`, and `_step_count`.
    pub(super) epoch: i64,
    pub(super) calls: u64,
    /// The rate after its last call.
    pub(super) last_lr: f64,
}

impl Leaf {
    pub(super) fn construct(rule: Box<dyn Rule>, cx: &Context<'_>, group: &mut Group) -> Result<Self, Refusal> {
        no_resume(cx)?;
        rule.check(cx)?;
        rule.announce(group);
        let base = match group.initial_lr {
            Some(initial_lr) => initial_lr,
            None => {
                group.lr = Optimizer::lr(cx)?;
                *group.initial_lr.insert(group.lr)
            }
        };
        group.leaves += 1;
        let (alone, momentum) = (Alone::new(&*rule, base)?, rule.momentum()?);
        let mut this = Self { id: group.leaves, rule, alone, momentum, epoch: 0, calls: 0, last_lr: group.lr };
        this.begin(group);
        this.last_lr = group.lr;
        this.rule.settle(group);
        Ok(this)
    }

    /// One that has been at work for a while.
    pub(super) fn resume(
        rule: Box<dyn Rule>,
        cx: &Context<'_>,
        progress: &TorchProgress,
        group: &mut Group,
    ) -> Result<Self, Refusal> {
        rule.check(cx)?;
        group.leaves += 1;
        let base = of_group(&progress.base_lrs, cx)?;
        let mut alone = Alone::new(&*rule, base)?;
        if progress.head_start > 0.0 {
            alone.curve = alone.curve.advance(progress.head_start)?;
        }
        let momentum = rule.momentum()?;
        let (epoch, calls, last_lr) = (progress.last_epoch, progress.step_count, group.lr);
        Ok(Self { id: group.leaves, rule, alone, momentum, epoch, calls, last_lr })
    }

    /// Takes over what the last one constructed has left in the optimizer.
    pub(super) fn share(&mut self, group: &Group) -> Result<(), ScheduleError> {
        self.rule.adopt(group);
        self.alone = Alone::new(&*self.rule, self.alone.base)?;
        self.momentum = self.rule.momentum()?;
        Ok(())
    }

    /// The time on its curve.
    pub(super) fn clock(&self) -> u64 {
        if self.rule.counts_calls() { self.calls.saturating_sub(1) } else { u64::try_from(self.epoch).unwrap_or(0) }
    }

    /// The constructor's call.
    pub(super) fn begin(&mut self, group: &mut Group) {
        (self.epoch, self.calls) = (0, 1);
        let lr = if self.rule.sets(0) { self.alone.curve.at(0) } else { self.rule.first(&self.alone, group.lr) };
        self.leave(lr, group);
    }

    pub(super) fn step(&mut self, group: &mut Group) -> Result<(), Raised> {
        (self.epoch, self.calls) = (self.epoch.saturating_add(1), self.calls.saturating_add(1));
        let epoch = self.clock();
        let before = epoch.checked_sub(1);
        if before.is_some_and(|before| self.rule.next_error(before) == Some(epoch)) {
            return Err(Raised);
        }
        let lr = match before {
            _ if self.rule.sets(epoch) => self.alone.curve.at(epoch),
            Some(before) => self.onward(before, group.lr),
            None => self.rule.late(&self.alone, group.lr)?,
        };
        self.leave(lr, group);
        Ok(())
    }

    /// From the rate at an epoch to the one at the next.
    fn onward(&self, epoch: u64, lr: f64) -> f64 {
        let Some(target) = self.rule.target() else { return lr * self.rule.ratio(epoch + 1) };
        match (self.alone.weight.at(epoch), self.alone.weight.at(epoch + 1)) {
            (0.0, after) => lr + (self.alone.base - target) * after,
            (before, after) => target + (lr - target) * (after / before),
        }
    }

    /// The call at a milestone: epoch 0 again.
    pub(super) fn restart(&mut self, group: &mut Group) -> Result<(), Raised> {
        self.epoch = 0;
        let lr = self.rule.restart(&self.alone, group.lr)?;
        self.leave(lr, group);
        Ok(())
    }

    fn leave(&mut self, lr: f64, group: &mut Group) {
        (group.lr, self.last_lr) = (lr, lr);
        group.momentum = self.momentum.as_ref().map(|momentum| momentum.at(self.clock())).or(group.momentum);
    }

    /// Whether it sets the rate from now on, whatever it was.
    pub(super) fn sets(&self) -> bool {
        self.rule.sets(self.clock())
    }

    /// In how many steps it does something to the rate.
    pub(super) fn next_change(&self) -> Option<u64> {
        self.rule.next_change(self.clock()).map(|next| next - self.clock())
    }

    /// In how many steps it raises an error.
    pub(super) fn next_error(&self) -> Option<u64> {
        self.rule.next_error(self.clock()).map(|next| next - self.clock())
    }

    /// In how many steps it rises to its own base.
    pub(super) fn until_rise(&self) -> Option<u64> {
        self.rule.until_rise(self.clock())
    }

    pub(super) fn skip(&mut self, steps: u64) {
        self.epoch = self.epoch.saturating_add_unsigned(steps);
        self.calls = self.calls.saturating_add(steps);
    }

    /// A curve of its own clock, from now on.
    pub(super) fn advanced(&self, schedule: Schedule) -> Result<Schedule, ScheduleError> {
        match self.clock() {
            0 => Ok(schedule),
            clock => schedule.advance(clock as f64),
        }
    }

    /// Its course from a rate; `None` if there is none that leads through it.
    pub(super) fn course_from(&self, lr: f64) -> Result<Option<Schedule>, ScheduleError> {
        if close(self.alone.curve.at(self.clock()), lr) {
            return self.advanced(self.alone.curve.clone()).map(Some);
        }
        let target = self.rule.target().unwrap_or(0.0);
        let start = target + (lr - target) / self.alone.weight.at(self.clock());
        if !(start.is_finite() && start >= 0.0) {
            return Ok(None);
        }
        self.advanced(self.rule.curve(start)?).map(Some)
    }
}

/// Equal but for the rounding of some multiplications.
pub(super) fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-13 * b.abs()
}

/// PyTorch's composites do not go on from a `last_epoch`: it moves some of their clocks and not the others.
pub(super) fn no_resume(cx: &Context<'_>) -> Result<(), Refusal> {
    Resume::_last_epoch.follow(&FRESH, &cx.get::<i64>(Resume::_last_epoch)?)
}

/// The element of this parameter group.
fn of_group(rates: &[f64], cx: &Context<'_>) -> Result<f64, Refusal> {
    rates.get(cx.group()).copied().ok_or(Optimizer::optimizer_lr.missing())
}
