//! What the policies share: the warmup, the hold after it, the floor and the end of the run.

use sched_core::{Schedule, ScheduleError};

use crate::declare::{ABOVE_0, AT_LEAST_0, BETWEEN_0_AND_1, Ignored, Refusal, Translation, params};

params! {
    pub(super) struct Policy {
        warmup_steps: Option<u64>,
        warmup_ratio: Option<f64> where BETWEEN_0_AND_1,
        max_steps: u64 where ABOVE_0,
        _last_epoch: Ignored = -1,
    }
}

impl Policy {
    pub(super) fn warmup(&self) -> Result<u64, Refusal> {
        let both = self.warmup_steps.is_some() && self.warmup_ratio.is_some();
        Self::warmup_ratio.must(!both, "not be given beside `warmup_steps`")?;
        Ok(self.warmup_steps.unwrap_or_else(|| share(self.warmup_ratio, self.max_steps)))
    }

    /// The updates after the warmup.
    pub(super) fn left(&self) -> Result<u64, Refusal> {
        Ok(self.max_steps.saturating_sub(self.warmup()?))
    }

    /// The warmup to `lr`, `lr` until `hold`, `main`, whose clock begins at `clock`, and `min_lr` past the end.
    pub(super) fn around(
        &self,
        lr: f64,
        min_lr: f64,
        hold: u64,
        (clock, main): (u64, Schedule),
    ) -> Result<Translation, Refusal> {
        let warmup = self.warmup()?;
        let mut begun = 0;
        let mut all: Option<Schedule> = None;
        let mut then = |start: u64, next: Schedule| -> Result<(), ScheduleError> {
            all = Some(match all.take() {
                Some(before) if start > 0 => before.then_at(start, next)?,
                _ => next,
            });
            Ok(())
        };
        if warmup > 0 {
            begun = warmup + 1;
            then(0, Schedule::linear(0.0, lr, warmup + 1)?.advance(1.0)?)?;
        }
        // Neither looks at the end of the run.
        if hold > begun {
            then(begun, Schedule::constant(lr)?)?;
            begun = hold;
        }
        if self.max_steps >= begun {
            then(begun, main.advance(begun.saturating_sub(clock) as f64)?)?;
        }
        let last = Schedule::constant(min_lr)?;
        then((self.max_steps + 1).max(begun), last)?;
        Ok(all.unwrap_or(Schedule::constant(min_lr)?).into())
    }
}

/// A share of the run, rounded down.
pub(super) fn share(ratio: Option<f64>, of: u64) -> u64 {
    (ratio.unwrap_or(0.0) * of as f64) as u64
}

params! {
    pub(super) struct Floor {
        min_lr: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Floor {
    /// NeMo refuses a floor above the rate.
    pub(super) fn below(&self, lr: f64) -> Result<f64, Refusal> {
        Self::min_lr.must(self.min_lr <= lr, "not be above the optimizer's rate")?;
        Ok(self.min_lr)
    }
}

params! {
    pub(super) struct Hold {
        hold_steps: Option<u64>,
        hold_ratio: Option<f64> where BETWEEN_0_AND_1,
    }
}

impl Hold {
    /// Where the hold ends; 0 without one.
    pub(super) fn end(&self, policy: &Policy) -> Result<u64, Refusal> {
        Self::hold_ratio
            .must(self.hold_steps.is_none() || self.hold_ratio.is_none(), "not be given beside `hold_steps`")?;
        let steps = self.hold_steps.or(self.hold_ratio.map(|ratio| share(Some(ratio), policy.max_steps)));
        Ok(match steps {
            Some(steps) => policy.warmup()?.saturating_add(steps),
            None => 0,
        })
    }
}
