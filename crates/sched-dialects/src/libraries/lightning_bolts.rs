//! Lightning Bolts 0.7: `pl_bolts.optimizers.lr_scheduler`.

use sched_core::{Beyond, Ramp, Schedule, Shape};

use crate::declare::{AT_LEAST_0, Context, Ignored, Refusal, Scheduler, Translation, library, params};
use crate::shared::{Optimizer, followed};

library! {
    "lightning_bolts" | "pl_bolts" with Optimizer:
    LinearWarmupCosineAnnealingLR,
}

params! {
    /// A line from `warmup_start_lr` to the rate over `warmup_epochs - 1` steps, the rate once more, then a cosine to `eta_min`
    /// at `max_epochs`, which rises again past it. The warmup's first rate is there without a warmup, too.
    struct LinearWarmupCosineAnnealingLR {
        warmup_epochs: u64,
        max_epochs: u64,
        warmup_start_lr: f64 where AT_LEAST_0 = 0.0,
        eta_min: f64 where AT_LEAST_0 = 0.0,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for LinearWarmupCosineAnnealingLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, start, end, warmup) = (Optimizer::lr(cx)?, self.warmup_start_lr, self.eta_min, self.warmup_epochs);
        // A cosine of a negative length is that of a positive one. Of none, Bolts raises, and the rate before holds.
        let steps = warmup.abs_diff(self.max_epochs) as f64;
        let wave = |from, to| match steps {
            0.0 => Schedule::constant(from),
            _ => Ramp { from, to, steps, shape: Shape::Cosine, beyond: Beyond::Mirror }.build(),
        };
        let lr = match warmup {
            0 if self.max_epochs == 0 => Schedule::constant(start)?,
            // Without a warmup the cosine goes down from the first rate all the same, and up to the optimizer's.
            0 => followed(wave(start, end)?, self.max_epochs, wave(end, lr)?)?,
            1 => followed(Schedule::constant(start)?, 1, wave(lr, end)?)?,
            _ => followed(Schedule::linear(start, lr, warmup - 1)?, warmup, wave(lr, end)?)?,
        };
        Ok(lr.into())
    }
}
