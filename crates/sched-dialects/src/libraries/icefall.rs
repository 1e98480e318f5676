//! icefall: the schedulers of the Zipformer recipes' `optim.py`.
//!
//! `train.py` sets the rate before each update, so that update `t` has batch number `t + 1`; epochs count from 0.

use sched_core::{Ramp, Schedule, ScheduleError};

use crate::declare::{
    ABOVE_0, BETWEEN_0_AND_1, Context, Ignored, Params, Refusal, Scheduler, Translation, library, params,
};
use crate::shared::Optimizer;

library! {
    "icefall" with Run:
    Eden,
    Eden2,
}

params! {
    /// The optimizer, and what the run knows.
    struct Run {
        steps_per_epoch: Option<u64> where ABOVE_0,
        .._optimizer: Optimizer,
    }
}

params! {
    /// A line from `warmup_start` to 1 at batch number `warmup_batches`, a factor on the decay.
    struct Warmup {
        warmup_batches: f64 = 500.0,
        warmup_start: f64 where BETWEEN_0_AND_1 = 0.5,
        _verbose: Ignored = false,
    }
}

impl Warmup {
    /// The rates of a decay that counts batches, at each update.
    fn of(&self, decay: Schedule) -> Result<Schedule, ScheduleError> {
        // The first batch has number 1.
        if self.warmup_batches <= 1.0 {
            return decay.advance(1.0);
        }
        let rise = Ramp { steps: self.warmup_batches, ..Ramp::new(self.warmup_start, 1.0, 0) };
        decay.times(rise.build()?)?.advance(1.0)
    }
}

params! {
    /// `lr (1 + (b / lr_batches)^2)^-1/4 (1 + (e / lr_epochs)^2)^-1/4` in batch `b` of epoch `e`.
    struct Eden {
        lr_batches: f64 where ABOVE_0,
        lr_epochs: f64 where ABOVE_0,
        ..warmup: Warmup,
    }
}

impl Scheduler for Eden {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let steps_per_epoch = Run::read(cx)?.steps_per_epoch.ok_or(Run::steps_per_epoch.missing())?;
        let batches = decay(Optimizer::lr(cx)?, self.lr_batches, 0.25, "lr_batches")?;
        let epochs = decay(1.0, self.lr_epochs, 0.25, "lr_epochs")?.per_epoch(steps_per_epoch)?;
        Ok(self.warmup.of(batches)?.times(epochs)?.into())
    }
}

params! {
    /// `lr (1 + (b / lr_batches)^2)^-1/2` in batch `b`.
    struct Eden2 {
        lr_batches: f64 where ABOVE_0,
        ..warmup: Warmup,
    }
}

impl Scheduler for Eden2 {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(self.warmup.of(decay(Optimizer::lr(cx)?, self.lr_batches, 0.5, "lr_batches")?)?.into())
    }
}

/// Eden, by the name of its time scale.
fn decay(lr: f64, time_scale: f64, power: f64, name: &'static str) -> Result<Schedule, ScheduleError> {
    let names = &[("initial", "optimizer_lr"), ("time_scale", name)];
    Schedule::eden(lr, time_scale, power).map_err(|error| error.renamed(names))
}
