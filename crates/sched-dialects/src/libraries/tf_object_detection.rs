//! TensorFlow's object detection API: the learning rates of `optimizer.proto`, by their names there.
//!
//! Update `t` has the rate of `global_step` `t`. TensorFlow computes in single precision.

use sched_core::{Schedule, Value};

use crate::declare::{ABOVE_0, AT_LEAST_0, Context, FromValue, Refusal, Scheduler, Translation, library, params};
use crate::shared::followed;

library! {
    "tf_object_detection" | "object_detection":
    constant_learning_rate,
    exponential_decay_learning_rate,
    manual_step_learning_rate,
    cosine_decay_learning_rate,
}

params! {
    /// `learning_rate`.
    struct constant_learning_rate {
        learning_rate: f64 where AT_LEAST_0 = 0.002,
    }
}

impl Scheduler for constant_learning_rate {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::constant(self.learning_rate)?.into())
    }
}

params! {
    /// `burnin_learning_rate`, or the initial one if that is 0, for `burnin_steps`; then
    /// `initial_learning_rate decay_factor^(t / decay_steps)`, by default in stairs; never below `min_learning_rate`.
    struct exponential_decay_learning_rate {
        initial_learning_rate: f64 where AT_LEAST_0 = 0.002,
        decay_steps: u64 where ABOVE_0 = 4_000_000,
        decay_factor: f64 where AT_LEAST_0 = 0.95,
        staircase: bool = true,
        burnin_learning_rate: f64 where AT_LEAST_0 = 0.0,
        burnin_steps: u64 = 0,
        min_learning_rate: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for exponential_decay_learning_rate {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, steps) = (self.initial_learning_rate, self.decay_steps);
        let decay = if self.staircase {
            Schedule::step(lr, steps, self.decay_factor)?
        } else {
            Schedule::exponential_over(lr, self.decay_factor, steps as f64)?
        };
        let burnin = if self.burnin_learning_rate == 0.0 { lr } else { self.burnin_learning_rate };
        let all = followed(Schedule::constant(burnin)?, self.burnin_steps, decay)?;
        Ok(match self.min_learning_rate {
            0.0 => all,
            min => all.max(Schedule::constant(min)?)?,
        }
        .into())
    }
}

/// An element of a `schedule`.
struct LearningRateSchedule {
    step: u64,
    learning_rate: f64,
}

impl FromValue for LearningRateSchedule {
    fn expected(many: bool) -> String {
        let fields = "`step`, a whole number above 0, and `learning_rate`, 0 or more";
        if many { format!("maps of {fields}") } else { format!("a map of {fields}") }
    }

    fn from_value(value: &Value, group: usize) -> Option<Self> {
        let Value::Map(fields) = value else { return None };
        let mut this = Self { step: 0, learning_rate: 0.002 };
        for (name, value) in fields {
            match name.as_str() {
                "step" => this.step = u64::from_value(value, group)?,
                "learning_rate" => this.learning_rate = f64::from_value(value, group)?,
                _ => return None,
            }
        }
        (this.step > 0 && this.learning_rate >= 0.0).then_some(this)
    }
}

params! {
    /// The rate of the last `step` so far, at first the initial one; `warmup` is a line to the first of them.
    struct manual_step_learning_rate {
        initial_learning_rate: f64 where AT_LEAST_0 = 0.002,
        schedule: Vec<LearningRateSchedule> = [0; 0],
        warmup: bool = false,
    }
}

impl Scheduler for manual_step_learning_rate {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let initial = self.initial_learning_rate;
        Self::schedule.must(self.schedule.is_sorted_by(|a, b| a.step < b.step), "be in rising order of `step`")?;
        let Some(first) = self.schedule.first() else { return Ok(Schedule::constant(initial)?.into()) };
        let milestones: Vec<_> = self.schedule.iter().map(|next| (next.step, next.learning_rate)).collect();
        let stairs = Schedule::piecewise_constant(initial, &milestones)?;
        Ok(if self.warmup {
            let rise = Schedule::linear(initial, first.learning_rate, first.step)?;
            rise.then_at(first.step, stairs.advance(first.step as f64)?)?
        } else {
            stairs
        }
        .into())
    }
}

params! {
    /// A line from `warmup_learning_rate` to `learning_rate_base`, which holds, then a cosine to 0 at `total_steps`.
    struct cosine_decay_learning_rate {
        learning_rate_base: f64 where AT_LEAST_0 = 0.002,
        total_steps: u64 where ABOVE_0 = 4_000_000,
        warmup_learning_rate: f64 where AT_LEAST_0 = 0.0002,
        warmup_steps: u64 = 10_000,
        hold_base_rate_steps: u64 = 0,
    }
}

impl Scheduler for cosine_decay_learning_rate {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, start, warmup, hold) =
            (self.learning_rate_base, self.warmup_learning_rate, self.warmup_steps, self.hold_base_rate_steps);
        Self::warmup_learning_rate.must(warmup == 0 || start <= lr, "be at most `learning_rate_base`")?;
        Self::total_steps.must(self.total_steps >= warmup, "be at least `warmup_steps`")?;
        let rest = self.total_steps - warmup;
        Self::total_steps.must(rest > 0 || hold > 0, "be above `warmup_steps`, as TensorFlow divides by the rest")?;
        let decay = if rest > hold {
            followed(Schedule::constant(lr)?, hold, Schedule::cosine_annealing(lr, 0.0, rest - hold)?)?
        } else {
            followed(Schedule::constant(lr)?, rest.saturating_add(1), Schedule::constant(0.0)?)?
        };
        Ok(followed(Schedule::linear(start, lr, warmup)?, warmup, decay)?.into())
    }
}
