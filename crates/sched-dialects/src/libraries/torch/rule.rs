//! What a scheduler that is not made of others does: alone, and call by call to a rate that others change too.

use sched_core::{Milestone, Node, OneCycle, Schedule, ScheduleError, Steps};

use crate::declare::{AT_LEAST_MINUS_1, Context, Ignored, Params, Refusal, Scheduler, Translation, params};
use crate::shared::Optimizer;

params! {
    /// PyTorch's way to resume: the schedule is the same, and continues at step `last_epoch + 1`. PyTorch had `verbose` until
    /// 2.6.
    pub(crate) struct Resume {
        _last_epoch: i64 where AT_LEAST_MINUS_1 = -1,
        _verbose: Ignored = false,
    }
}

/// PyTorch raises an error here.
pub(crate) struct Raised;

/// The optimizer's parameter group, where the constructors leave values that later ones read.
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

/// The momentums that a cycle swings between; `base` may be the higher one.
#[derive(Clone, Copy)]
pub(crate) struct Swing {
    pub(crate) base: f64,
    pub(crate) max: f64,
}

/// A scheduler's course when nothing else changes the rate.
pub(crate) struct Alone {
    /// The `initial_lr` that its constructor found.
    pub(crate) base: f64,
    pub(crate) curve: Schedule,
    /// The fraction that is left of the distance to its target, or of the rate.
    pub(crate) weight: Schedule,
}

impl Alone {
    pub(crate) fn new(rule: &dyn Rule, base: f64) -> Result<Self, ScheduleError> {
        Ok(Self { base, curve: rule.curve(base)?, weight: rule.weight()? })
    }
}

/// A scheduler that is not made of others. An epoch is PyTorch's `last_epoch`.
pub(crate) trait Rule {
    /// `Ok` if PyTorch accepts the parameters together; the range of each is checked already.
    fn check(&self, _: &Context<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// The whole course, alone, from the optimizer's rate `base`.
    fn curve(&self, base: f64) -> Result<Schedule, ScheduleError>;

    /// Whether the rates are parameters, so that `base` is not used.
    fn has_own_rates(&self) -> bool {
        false
    }

    /// The momentum, if it changes that too.
    fn momentum(&self) -> Result<Option<Schedule>, ScheduleError> {
        Ok(None)
    }

    /// Whether the call that leads to this epoch sets the rate regardless of what it was.
    fn sets(&self, _epoch: u64) -> bool {
        false
    }

    /// The rate that each call moves the optimizer's towards; `None` if calls multiply the rate.
    fn target(&self) -> Option<f64> {
        None
    }

    /// The fraction that is left of the distance to `target`, or of the rate.
    fn weight(&self) -> Result<Schedule, ScheduleError> {
        self.curve(1.0)
    }

    /// What the call that leads to this epoch, above 0, multiplies the rate by.
    fn ratio(&self, _epoch: u64) -> f64 {
        1.0
    }

    /// [`ratio`](Self::ratio) as a schedule; `None` if it changes more than `limit` times.
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

    /// The next epoch at which it changes the rate.
    fn next_change(&self, epoch: u64) -> Option<u64>;

    /// The next epoch at which PyTorch raises an error.
    fn next_error(&self, _epoch: u64) -> Option<u64> {
        None
    }

    /// After how many epochs its calls repeat; `None` if they never do, or it comes to rest.
    fn period(&self) -> Option<u64> {
        None
    }

    /// In how many steps it begins to rise back to its own base, whatever rate it started from.
    fn until_rise(&self, _epoch: u64) -> Option<u64> {
        None
    }

    /// Whether its clock is the number of its calls instead of the epoch.
    fn counts_calls(&self) -> bool {
        false
    }

    /// The rate after the constructor's call.
    fn first(&self, alone: &Alone, lr: f64) -> f64 {
        if self.target().is_some() { lr } else { lr * alone.weight.at(0) }
    }

    /// The rate after a later call that leads to epoch 0 again: some multiply by what would have changed since epoch -1.
    fn late(&self, alone: &Alone, lr: f64) -> Result<f64, Raised> {
        Ok(self.first(alone, lr))
    }

    /// The rate when `SequentialLR` restarts it: epoch 0 by the closed form, or by an ordinary call if it has none.
    fn restart(&self, alone: &Alone, _lr: f64) -> Result<f64, Raised> {
        Ok(alone.curve.at(0))
    }

    /// What the constructor writes into the parameter group before its call.
    fn announce(&self, _: &mut Group) {}

    /// What the constructor changes there after its call.
    fn settle(&self, _: &mut Group) {}

    /// Reads what the scheduler constructed last has written there.
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
