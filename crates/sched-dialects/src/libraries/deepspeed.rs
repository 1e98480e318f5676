//! DeepSpeed 0.19: `deepspeed.runtime.lr_schedules`, by the names of `scheduler.params` in its configuration.
//!
//! The constructor sets the rate of update 0 and the engine steps after the update, so that update `t` has the rate of
//! iteration `t - 1`: a warmup has its first rate twice.

use std::collections::BTreeSet;

use sched_core::{Ramp, Schedule, ScheduleError, Shape};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, Context, Params, PerGroup, Refusal, Scheduler, Translation, library, params, words,
};
use crate::shared::{Optimizer, followed, power_law, staircase, stairs};

library! {
    "deepspeed" with Optimizer:
    WarmupLR,
    WarmupDecayLR,
    WarmupCosineLR,
    OneCycle,
    LRRangeTest,
}

enum WarmupType {
    Log,
    Linear,
}

words! { WarmupType { "log" => Self::Log, "linear" => Self::Linear } }

params! {
    struct Warmup {
        warmup_num_steps: u64 where ABOVE_0 = 1000,
        warmup_type: WarmupType = "log",
    }
}

impl Warmup {
    /// Its length in iterations.
    fn steps(&self) -> u64 {
        self.warmup_num_steps.max(2)
    }

    /// From iteration 0 on; `min + (max - min) ln(i + 1) / ln(W)` reaches `max` one iteration before the end.
    fn rise(&self, min: f64, max: f64) -> Result<Schedule, ScheduleError> {
        let steps = self.steps();
        match self.warmup_type {
            WarmupType::Log => Ramp::new(min, max, steps - 1).shape(Shape::Logarithmic(steps as f64)).build(),
            WarmupType::Linear => Schedule::linear(min, max, steps),
        }
    }

    /// `first` at update 0, then the warmup, then `decay`.
    fn then(&self, first: f64, min: f64, max: f64, decay: Schedule) -> Result<Schedule, ScheduleError> {
        let iterations = followed(self.rise(min, max)?, self.steps(), decay)?;
        followed(Schedule::constant(first)?, 1, iterations)
    }
}

params! {
    /// From `warmup_min_lr` up to `warmup_max_lr`, or each group's own rate, and then constant.
    struct WarmupLR {
        warmup_min_lr: PerGroup<f64> where AT_LEAST_0 = 0.0,
        warmup_max_lr: PerGroup<Option<f64>> where AT_LEAST_0,
        ..warmup: Warmup,
    }
}

impl Scheduler for WarmupLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (min, max) = (*self.warmup_min_lr, self.warmup_max_lr.map_or_else(|| Optimizer::lr(cx), Ok)?);
        Ok(self.warmup.then(min, min, max, Schedule::constant(max)?)?.into())
    }
}

params! {
    /// The warmup, then a line down to `warmup_min_lr`, which it reaches `total_num_steps` iterations after the start.
    struct WarmupDecayLR {
        total_num_steps: u64,
        warmup_min_lr: PerGroup<f64> where AT_LEAST_0 = 0.0,
        warmup_max_lr: PerGroup<f64> where AT_LEAST_0 = 0.001,
        ..warmup: Warmup,
    }
}

impl Scheduler for WarmupDecayLR {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (min, max) = (*self.warmup_min_lr, *self.warmup_max_lr);
        // A warmup that is not over by then is followed by the end.
        let decay = Schedule::linear(max, min, self.total_num_steps.saturating_sub(self.warmup.steps()))?;
        Ok(self.warmup.then(min, min, max, decay)?.into())
    }
}

params! {
    /// Shares of the optimizer's rate: a warmup from `warmup_min_ratio`, then a cosine down to `cos_min_ratio`, one iteration
    /// ahead. Update 0 has the rate 0.
    struct WarmupCosineLR {
        total_num_steps: u64,
        warmup_min_ratio: f64 where AT_LEAST_0 = 0.0,
        cos_min_ratio: f64 where AT_LEAST_0 = 1e-4,
        ..warmup: Warmup,
    }
}

impl Scheduler for WarmupCosineLR {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let steps = self.total_num_steps.saturating_sub(self.warmup.steps()).max(1);
        let decay = Schedule::cosine_annealing(lr, lr * self.cos_min_ratio, steps)?.advance(1.0)?;
        Ok(self.warmup.then(0.0, lr * self.warmup_min_ratio, lr, decay)?.into())
    }
}

params! {
    /// Up from `cycle_min_lr` to `cycle_max_lr` and down again, smoothly or in stairs; then, where there is a
    /// `decay_step_size`, `cycle_min_lr / (1 + decay_lr_rate k / decay_step_size)` after `k` more updates. The momentum, of
    /// optimizers with betas, goes the other way, and grows in the end. Update 0 has the lower one.
    struct OneCycle {
        cycle_min_lr: PerGroup<f64> where AT_LEAST_0,
        cycle_max_lr: PerGroup<f64> where AT_LEAST_0,
        decay_lr_rate: f64 where AT_LEAST_0 = 0.0,
        cycle_first_step_size: u64 where ABOVE_0 = 2000,
        cycle_second_step_size: Option<u64> where ABOVE_0,
        cycle_first_stair_count: u64 = 0,
        cycle_second_stair_count: Option<u64>,
        decay_step_size: u64 = 0,
        cycle_momentum: bool = true,
        cycle_min_mom: f64 where AT_LEAST_0 = 0.8,
        cycle_max_mom: f64 where AT_LEAST_0 = 0.9,
        decay_mom_rate: f64 where AT_LEAST_0 = 0.0,
    }
}

impl OneCycle {
    /// Up and down; `from` and `to` are the values at the ends and in the middle.
    fn cycle(&self, from: f64, to: f64) -> Result<Schedule, ScheduleError> {
        let up = self.cycle_first_step_size;
        let down = self.cycle_second_step_size.unwrap_or(up);
        let count = self.cycle_first_stair_count;
        let rise = flight(from, to, up, count, |step| step * u128::from(count) / u128::from(up))?;
        let count = self.cycle_second_stair_count.unwrap_or(count);
        let fall = flight(to, from, down, count, |step| {
            u128::from(count) - (u128::from(down) - step) * u128::from(count) / u128::from(down)
        })?;
        followed(rise, up, fall)
    }

    /// The update at which the cycle is over.
    fn end(&self) -> u64 {
        let up = self.cycle_first_step_size;
        up.saturating_add(self.cycle_second_step_size.unwrap_or(up))
    }

    /// `value (1 + rate k / decay_step_size)^power`, from the end of the cycle on.
    fn decay(&self, value: f64, rate: f64, power: f64) -> Result<Schedule, ScheduleError> {
        if self.decay_step_size == 0 || rate == 0.0 {
            return Schedule::constant(value);
        }
        power_law(value, self.decay_step_size as f64 / rate, power)
    }

    fn momentum(&self) -> Result<Schedule, ScheduleError> {
        let (min, max) = (self.cycle_min_mom, self.cycle_max_mom);
        let after = self.decay(max, self.decay_mom_rate, 1.0)?;
        let all = followed(self.cycle(max, min)?, self.end(), after)?;
        followed(Schedule::constant(min)?, 1, all.advance(1.0)?)
    }
}

/// A straight flight from one value to another, of `count` stairs if that is not 0; `stair` is how many are passed.
fn flight(from: f64, to: f64, steps: u64, count: u64, stair: impl Fn(u128) -> u128) -> Result<Schedule, ScheduleError> {
    if count == 0 {
        return Schedule::linear(from, to, steps);
    }
    let height = |stair: u128| stair as f64 / count as f64;
    let value = |step: f64| {
        let done = height(stair(step as u128));
        from * (1.0 - done) + to * done
    };
    // The first step on a stair, and the first after it; of more stairs than steps, some are left out.
    let most = u128::from(count.min(steps));
    let edges = (0..=most).map(|stair| stair * u128::from(steps));
    let changes: BTreeSet<u64> =
        edges.flat_map(|edge| [edge.div_ceil(most), edge / most + 1]).map(|step| step as u64).collect();
    stairs(changes.into_iter().filter(|step| (1..=steps).contains(step)), value)
}

impl Scheduler for OneCycle {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (min, max) = (*self.cycle_min_lr, *self.cycle_max_lr);
        let lr = followed(self.cycle(min, max)?, self.end(), self.decay(min, self.decay_lr_rate, -1.0)?)?;
        let has_betas = Optimizer::read(cx)?.optimizer.is_none_or(|name| has_betas(&name));
        let momentum = (self.cycle_momentum && has_betas).then(|| self.momentum()).transpose()?;
        Ok(Translation { momentum, ..lr.into() })
    }
}

/// Whether DeepSpeed finds `betas` in the optimizer.
fn has_betas(optimizer: &str) -> bool {
    const WITHOUT: [&str; 8] = ["sgd", "rmsprop", "adagrad", "adadelta", "adafactor", "asgd", "rprop", "muon"];
    !WITHOUT.contains(&optimizer.to_ascii_lowercase().as_str())
}

params! {
    /// `lr_range_test_min_lr (1 + lr_range_test_step_rate t / lr_range_test_step_size)`, which never ends.
    struct LRRangeTest {
        lr_range_test_min_lr: PerGroup<f64> where AT_LEAST_0 = 1e-3,
        lr_range_test_step_size: u64 where ABOVE_0 = 2000,
        lr_range_test_step_rate: f64 where AT_LEAST_0 = 1.0,
        lr_range_test_staircase: bool = false,
    }
}

impl Scheduler for LRRangeTest {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (min, rate) = (*self.lr_range_test_min_lr, self.lr_range_test_step_rate);
        let size = self.lr_range_test_step_size as f64;
        if rate == 0.0 {
            return Ok(Schedule::constant(min)?.into());
        }
        let lr = if self.lr_range_test_staircase {
            staircase(power_law(min, 1.0 / rate, 1.0)?, size)?
        } else {
            power_law(min, size / rate, 1.0)?
        };
        Ok(lr.into())
    }
}
