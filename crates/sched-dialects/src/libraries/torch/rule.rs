//! What a scheduler that is not made of others does: alone, and call by call to a rate that others change too.

use sched_core::{Milestone, Node, OneCycle, Schedule, ScheduleError, Steps};

use crate::declare::{AT_LEAST_MINUS_1, Context, Params, Refusal, Scheduler, Translation, params};
use crate::shared::Optimizer;

params! {
    /// A way of resuming: the schedule is the same, and goes on from step `last_epoch + 1`.
    pub(crate) struct Resume {
        _last_epoch: i64 where AT_LEAST_MINUS_1 = -1,
    }
}

/// PyTorch raises an error here.
pub(crate) struct Raised;

/// What the constructors leave in the optimizer's parameter group for each other to find.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) leaves: usize,
    pub(crate) lr: f64,
    pub(crate) initial_lr: Option<f64>,
    pub(crate) momentum: Option<f64>,
    pub(crate) one_cycle: Option<OneCycle>,
    pub(crate) swing: Option<Swing>,
    pub(crate) swa_lr: Option<f64>,
}

/// The momentums that a cycle goes between, in no order.
#[derive(Clone, Copy)]
pub(crate) struct Swing {
    pub(crate) base: f64,
    pub(crate) max: f64,
}

/// A scheduler's course if it has the optimizer for itself.
pub(crate) struct Alone {
    /// The `initial_lr` that its constructor has found.
    pub(crate) base: f64,
    pub(crate) curve: Schedule,
    /// What is left of the distance from `target`, from 1 at the start.
    pub(crate) weight: Schedule,
}

impl Alone {
    pub(crate) fn new(rule: &dyn Rule, base: f64) -> Result<Self, ScheduleError> {
        Ok(Self { base, curve: rule.curve(base)?, weight: rule.weight()? })
    }
}

/// A scheduler that is not made of others. An epoch is PyTorch's `last_epoch`.
pub(crate) trait Rule {
    /// `Ok` if PyTorch accepts the parameters, beyond the range of each.
    fn check(&self, _: &Context<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// The whole course from `base`, the optimizer's rate.
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError>;

    /// Whether `base` does not matter.
    fn has_own_rates(&self) -> bool {
        false
    }

    /// The momentum, where it is driven.
    fn momentum(&self) -> Result<Option<Schedule>, ScheduleError> {
        Ok(None)
    }

    /// Whether a call that leads to this epoch sets the rate, whatever it was.
    fn sets(&self, _epoch: u64) -> bool {
        false
    }

    /// The rate that it draws the optimizer's to, by a part of the distance; one that has none multiplies the rate.
    fn target(&self) -> Option<f64> {
        None
    }

    /// What is left of the distance from `target`, or of the rate.
    fn weight(&self) -> Result<Schedule, ScheduleError> {
        self.curve(1.0)
    }

    /// What the rate is multiplied by at an epoch after the first.
    fn ratio(&self, _epoch: u64) -> f64 {
        1.0
    }

    /// [`ratio`](Self::ratio) as a schedule, as long as it has no more than `limit` changes.
    fn ratios(&self, limit: usize) -> Result<Option<Schedule>, ScheduleError> {
        let mut milestones = Vec::new();
        let mut epoch = 0;
        while let Some(next) = self.next_change(epoch) {
            milestones.push(Milestone { step: next, value: self.ratio(next) });
            let after = next.saturating_add(1);
            if self.next_change(next) != Some(after) {
                milestones.push(Milestone { step: after, value: 1.0 });
            }
            if milestones.len() > limit {
                return Ok(None);
            }
            epoch = next;
        }
        if milestones.is_empty() {
            return Schedule::constant(1.0).map(Some);
        }
        Node::Steps(Steps { initial: 1.0, milestones }).try_into().map(Some)
    }

    /// The next epoch at which it does something to the rate.
    fn next_change(&self, epoch: u64) -> Option<u64>;

    /// The next epoch at which PyTorch raises an error.
    fn next_error(&self, _epoch: u64) -> Option<u64> {
        None
    }

    /// After how many epochs it does the same again; `None` if it does not, or comes to an end.
    fn period(&self) -> Option<u64> {
        None
    }

    /// In how many steps it begins to rise to its own base, wherever the rate came from.
    fn until_rise(&self, _epoch: u64) -> Option<u64> {
        None
    }

    /// Whether it counts its calls, not the epochs.
    fn counts_calls(&self) -> bool {
        false
    }

    /// The rate after the constructor's call.
    fn first(&self, alone: &Alone, lr: f64) -> f64 {
        if self.target().is_some() { lr } else { lr * alone.weight.at(0) }
    }

    /// The rate after a call that leads to epoch 0 without being the constructor's: some multiply by what has changed since
    /// epoch -1.
    fn late(&self, alone: &Alone, lr: f64) -> Result<f64, Raised> {
        Ok(self.first(alone, lr))
    }

    /// The rate at epoch 0 by the closed form, or by the ordinary rule if there is none.
    fn restart(&self, alone: &Alone, _lr: f64) -> Result<f64, Raised> {
        Ok(alone.curve.at(0))
    }

    /// What the constructor leaves in the optimizer before its call.
    fn announce(&self, _: &mut Group) {}

    /// What the constructor does there after it.
    fn settle(&self, _: &mut Group) {}

    /// Takes over what the last one constructed has left there.
    fn adopt(&mut self, _: &Group) {}
}

/// Alone with the optimizer.
impl<R: Rule + Params> Scheduler for R {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        self.check(cx)?;
        let base = if self.has_own_rates() { 0.0 } else { Optimizer::lr(cx)? };
        Ok(Translation { momentum: self.momentum()?, ..self.curve(base)?.into() })
    }
}
