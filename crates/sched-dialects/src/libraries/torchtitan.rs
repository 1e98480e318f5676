//! torchtitan 0.3: `build_lr_schedulers`, by the names of its configuration's `lr_scheduler`.

use sched_core::{Beyond, Ramp, Schedule, Shape};

use crate::declare::{ABOVE_0, BETWEEN_0_AND_1, Context, Refusal, Scheduler, Translation, library, params, words};
use crate::shared::{Optimizer, followed};

library! {
    "torchtitan" with Optimizer:
    lr_scheduler,
}

enum Decay {
    Linear,
    Sqrt,
    Cosine,
}

words! { Decay { "linear" => Self::Linear, "sqrt" => Self::Sqrt, "cosine" => Self::Cosine } }

params! {
    /// Up over `warmup_steps`, where update `t` has `(t + 1) / W`; then stable; then down to `min_lr_factor` over the last
    /// `decay_ratio` of `N` updates, or over all that is left. Laid out over `N + 1`, so that the last update is one short of the
    /// floor. Past the end the curve goes on: the cosine up again, the others down to 0.
    struct lr_scheduler {
        training_steps: u64 where ABOVE_0,
        warmup_steps: u64 = 200,
        total_steps: Option<u64> where ABOVE_0,
        decay_ratio: Option<f64> where BETWEEN_0_AND_1,
        decay_type: Decay = "linear",
        min_lr_factor: f64 where BETWEEN_0_AND_1 = 0.0,
    }
}

impl Scheduler for lr_scheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let total = self.total_steps.unwrap_or(self.training_steps);
        let warmup = self.warmup_steps.min(total);
        let left = total - warmup;
        let decay = self.decay_ratio.map_or(left, |ratio| (ratio * total as f64).round_ties_even() as u64).min(left);
        let floor = lr * self.min_lr_factor;
        // How many times as long the curve would take to 0.
        let more = 1.0 / (1.0 - self.min_lr_factor);
        let (shape, beyond, more) = match self.decay_type {
            Decay::Linear => (Shape::Linear, Beyond::Hold, more),
            Decay::Sqrt => (Shape::OneMinusSqrt, Beyond::Hold, more * more),
            Decay::Cosine => (Shape::Cosine, Beyond::Mirror, 1.0),
        };
        let mut after = Schedule::constant(lr)?;
        if decay > 0 {
            let mut down = Ramp::new(lr, floor, decay).shape(shape).beyond(beyond).build()?.advance(1.0)?;
            let steps = decay as f64 * more;
            // A longer one is flat.
            if more > 1.0 && steps < 1e18 {
                let on = Ramp { steps, ..Ramp::new(lr, 0.0, 0) }.shape(shape).build()?;
                down = followed(down, decay, on.advance(decay as f64 + 1.0)?)?;
            }
            after = followed(after, total + 1 - decay - warmup, down)?;
        }
        let rise = if warmup > 0 { Schedule::linear(0.0, lr, warmup)?.advance(1.0)? } else { Schedule::constant(lr)? };
        Ok(followed(rise, warmup, after)?.into())
    }
}
