//! transformers 5.23: `transformers.optimization`.
//!
//! Each function here is a factor on the optimizer's rate at every step, so `last_epoch`, which is where a run resumes,
//! changes nothing.

use sched_core::{Beyond, Greedy, Phase, PlateauMode, Ramp, Schedule, ScheduleError, Shape, ThresholdMode};

use crate::declare::{
    ABOVE_0_BELOW_1, AT_LEAST_0, Context, Ignored, Params, PerGroup, Refusal, Scheduler, Translation, library, params,
    words,
};
use crate::shared::{Optimizer, TorchPlateau, followed, held_from, power_law};

library! {
    "transformers" | "huggingface" with Optimizer:
    get_constant_schedule | "constant",
    get_constant_schedule_with_warmup | "constant_with_warmup",
    get_linear_schedule_with_warmup | "linear",
    get_cosine_schedule_with_warmup | "cosine",
    get_cosine_with_hard_restarts_schedule_with_warmup | "cosine_with_restarts",
    get_polynomial_decay_schedule_with_warmup | "polynomial",
    get_inverse_sqrt_schedule | "inverse_sqrt",
    get_cosine_with_min_lr_schedule_with_warmup | "cosine_with_min_lr",
    get_cosine_with_min_lr_schedule_with_warmup_lr_rate | "cosine_warmup_with_min_lr",
    get_wsd_schedule | "warmup_stable_decay",
    get_reduce_on_plateau_schedule | "reduce_lr_on_plateau" | "reduce_on_plateau",
    get_greedy_schedule | "greedy",
    get_adafactor_schedule,
}

/// `lr t / warmup` up to `warmup`, then `rest` with its own clock.
fn after_warmup(lr: f64, warmup: u64, rest: Schedule) -> Result<Schedule, ScheduleError> {
    followed(Schedule::linear(0.0, lr, warmup)?, warmup, rest)
}

/// `waves` cosine waves from `from` over `to` in `steps` steps, at least one, and on for ever.
fn waves(from: f64, to: f64, steps: u64, waves: f64) -> Result<Schedule, ScheduleError> {
    if waves == 0.0 {
        return Schedule::constant(from);
    }
    let steps = steps.max(1) as f64 / (2.0 * waves.abs());
    Ramp { from, to, steps, shape: Shape::Cosine, beyond: Beyond::Mirror }.build()
}

params! {
    /// `lr`.
    struct get_constant_schedule {
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_constant_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::constant(Optimizer::lr(cx)?)?.into())
    }
}

params! {
    /// `lr min(1, t / W)`.
    struct get_constant_schedule_with_warmup {
        num_warmup_steps: u64,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_constant_schedule_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::linear(0.0, Optimizer::lr(cx)?, self.num_warmup_steps)?.into())
    }
}

params! {
    /// `lr (N - t) / (N - W)` from `W` on, then 0.
    struct get_linear_schedule_with_warmup {
        num_warmup_steps: u64,
        num_training_steps: u64,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_linear_schedule_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.num_warmup_steps);
        let decay = Schedule::linear(lr, 0.0, self.num_training_steps.saturating_sub(warmup))?;
        Ok(after_warmup(lr, warmup, decay)?.into())
    }
}

params! {
    /// `lr (1 + cos(2 pi num_cycles (t - W) / (N - W))) / 2`, which rises again past `N`.
    pub(super) struct get_cosine_schedule_with_warmup {
        num_warmup_steps: u64,
        num_training_steps: u64,
        num_cycles: f64 = 0.5,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_cosine_schedule_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.num_warmup_steps);
        let decay = waves(lr, 0.0, self.num_training_steps.saturating_sub(warmup), self.num_cycles)?;
        Ok(after_warmup(lr, warmup, decay)?.into())
    }
}

params! {
    /// `num_cycles` times half a cosine wave to 0; 0 from `N` on.
    struct get_cosine_with_hard_restarts_schedule_with_warmup {
        num_warmup_steps: u64,
        num_training_steps: u64,
        num_cycles: f64 where AT_LEAST_0 = 1.0,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_cosine_with_hard_restarts_schedule_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.num_warmup_steps);
        let rest = self.num_training_steps.saturating_sub(warmup).max(1);
        let cycle = match self.num_cycles {
            0.0 => Schedule::constant(lr)?,
            cycles => {
                Ramp { from: lr, to: 0.0, steps: rest as f64 / cycles, shape: Shape::Cosine, beyond: Beyond::Repeat }
                    .build()?
            }
        };
        Ok(after_warmup(lr, warmup, followed(cycle, rest, Schedule::constant(0.0)?)?)?.into())
    }
}

params! {
    /// `lr_end + (lr - lr_end) (1 - (t - W) / (N - W))^power`, `lr_end` scaled by group as `lr` is to the optimizer's own.
    struct get_polynomial_decay_schedule_with_warmup {
        num_warmup_steps: u64,
        num_training_steps: u64,
        lr_end: f64 where AT_LEAST_0 = 1e-7,
        power: f64 where AT_LEAST_0 = 1.0,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_polynomial_decay_schedule_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, lr_init, lr_end) = (Optimizer::lr(cx)?, Optimizer::default_lr(cx)?, self.lr_end);
        let (warmup, training) = (self.num_warmup_steps, self.num_training_steps);
        Self::lr_end.must(lr_init > lr_end, "be smaller than the optimizer's rate")?;
        Self::num_training_steps.must(training > 0 || warmup > 0, "be above 0")?;
        if warmup == training {
            return Ok(held_from(Schedule::linear(0.0, lr, warmup)?, warmup)?.into()); // transformers divides by N - W.
        }
        let rest = training.saturating_sub(warmup);
        // 0^0 is 1, so that the power 0 decays one step later.
        let steps = if self.power == 0.0 && rest > 0 { rest.saturating_add(1) } else { rest };
        let decay = Schedule::polynomial(lr, lr * (lr_end / lr_init), steps, self.power)?;
        Ok(after_warmup(lr, warmup, decay)?.into())
    }
}

params! {
    /// `lr / sqrt((t - W + timescale) / timescale)`; it starts at `lr` whatever the timescale, `W` or else 10000.
    struct get_inverse_sqrt_schedule {
        num_warmup_steps: u64,
        timescale: Option<f64>,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for get_inverse_sqrt_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.num_warmup_steps);
        let timescale = self.timescale.unwrap_or(if warmup > 0 { warmup as f64 } else { 1e4 });
        Self::timescale.must(timescale > 0.0 || (timescale == 0.0 && warmup > 0), "be above 0")?;
        if timescale == 0.0 {
            // transformers divides by it after the warmup.
            return Ok(held_from(Schedule::linear(0.0, lr, warmup)?, warmup)?.into());
        }
        Ok(after_warmup(lr, warmup, Schedule::inverse_sqrt(lr, timescale)?)?.into())
    }
}

params! {
    /// Where a cosine ends.
    struct Floor {
        min_lr: Option<f64> where AT_LEAST_0,
        min_lr_rate: Option<f64> where AT_LEAST_0,
    }
}

impl Floor {
    /// The lowest rate over the rate: `min_lr_rate`, or `min_lr` over the optimizer's own rate.
    fn rate(&self, cx: &Context<'_>) -> Result<f64, Refusal> {
        match (self.min_lr, self.min_lr_rate) {
            (Some(_), Some(_)) => Err(Self::min_lr.refused("not be given together with `min_lr_rate`")),
            (None, None) => Err(Self::min_lr.refused("be given, or else `min_lr_rate`")),
            (None, Some(rate)) => Ok(rate),
            (Some(min_lr), None) => {
                let lr = Optimizer::default_lr(cx)?;
                Optimizer::optimizer_lr.must(lr != 0.0, "not be 0 when `min_lr` is given")?;
                Ok(min_lr / lr)
            }
        }
    }
}

params! {
    /// A cosine down to `min_lr` instead of 0.
    struct get_cosine_with_min_lr_schedule_with_warmup {
        num_warmup_steps: u64,
        num_training_steps: u64,
        num_cycles: f64 = 0.5,
        _last_epoch: Ignored = -1,
        ..floor: Floor,
    }
}

impl Scheduler for get_cosine_with_min_lr_schedule_with_warmup {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.num_warmup_steps);
        let rest = self.num_training_steps.saturating_sub(warmup);
        let waves = waves(lr, lr * self.floor.rate(cx)?, rest, self.num_cycles)?;
        Ok(after_warmup(lr, warmup, waves)?.into())
    }
}

params! {
    /// The same, one step ahead: the warmup from `lr / W` or `lr warmup_lr_rate` up to `W - 1`, the end at `N - 1`.
    struct get_cosine_with_min_lr_schedule_with_warmup_lr_rate {
        num_warmup_steps: u64,
        num_training_steps: u64,
        num_cycles: f64 = 0.5,
        _last_epoch: Ignored = -1,
        warmup_lr_rate: Option<f64> where AT_LEAST_0,
        ..floor: Floor,
    }
}

impl Scheduler for get_cosine_with_min_lr_schedule_with_warmup_lr_rate {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.num_warmup_steps);
        let rest = self.num_training_steps.saturating_sub(warmup);
        let ramp = match self.warmup_lr_rate {
            None => Schedule::linear(0.0, lr, warmup)?.advance(1.0)?,
            // Of a single step it is the start.
            Some(start) => Schedule::linear(lr * start, lr, warmup.saturating_sub(1).max(1))?,
        };
        let waves = waves(lr, lr * self.floor.rate(cx)?, rest, self.num_cycles)?;
        Ok(followed(ramp, warmup, waves.advance(1.0)?)?.into())
    }
}

params! {
    /// From `lr min_lr_ratio` to `lr` over `W`, `lr` for `S`, to `lr min_lr_ratio` over `D`; `S` is `N - W - D` unless given.
    ///
    /// If that is negative, the decay begins during the warmup and is seen from `W` on.
    struct get_wsd_schedule {
        num_warmup_steps: u64,
        num_decay_steps: u64,
        num_training_steps: Option<u64>,
        num_stable_steps: Option<u64>,
        warmup_type: Curve = "linear",
        decay_type: Curve = "cosine",
        min_lr_ratio: f64 where AT_LEAST_0 = 0.0,
        num_cycles: f64 = 0.5,
        _last_epoch: Ignored = -1,
    }
}

/// The way up or down.
#[derive(Clone, Copy)]
enum Curve {
    Linear,
    Cosine,
    OneMinusSqrt,
}

words! { Curve { "linear" => Self::Linear, "cosine" => Self::Cosine, "1-sqrt" => Self::OneMinusSqrt } }

impl Scheduler for get_wsd_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup, decay) = (Optimizer::lr(cx)?, self.num_warmup_steps, self.num_decay_steps);
        let decay_start = match (self.num_stable_steps, self.num_training_steps) {
            (Some(stable), _) => i128::from(warmup) + i128::from(stable),
            (None, Some(training)) => i128::from(training) - i128::from(decay),
            (None, None) => return Err(Self::num_training_steps.refused("be given, or else `num_stable_steps`")),
        };
        let warmup_shape = match self.warmup_type {
            Curve::Linear => Shape::Linear,
            Curve::Cosine => Shape::Cosine,
            Curve::OneMinusSqrt => Shape::Polynomial(0.5),
        };
        let floor = lr * self.min_lr_ratio;
        let decay = match self.decay_type {
            Curve::Linear => Schedule::linear(lr, floor, decay)?,
            Curve::Cosine => followed(waves(lr, floor, decay, self.num_cycles)?, decay, Schedule::constant(floor)?)?,
            Curve::OneMinusSqrt => Ramp::new(lr, floor, decay).shape(Shape::OneMinusSqrt).build()?,
        };
        let stable_end = u64::try_from(decay_start).unwrap_or(0).max(warmup);
        let begun = i128::from(stable_end) - decay_start;
        let ramp = Ramp::new(floor, lr, warmup).shape(warmup_shape).build()?;
        let phases = vec![
            Phase { start: 0, schedule: ramp },
            Phase { start: warmup, schedule: Schedule::constant(lr)? },
            Phase { start: stable_end, schedule: if begun > 0 { decay.advance(begun as f64)? } else { decay } },
        ];
        Ok(Schedule::sequence(phases)?.into())
    }
}

params! {
    /// See [`TorchPlateau`].
    struct get_reduce_on_plateau_schedule {
        ..plateau: TorchPlateau,
    }
}

impl Scheduler for get_reduce_on_plateau_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Translation::from(Schedule::constant(Optimizer::lr(cx)?)?).with_feedback(self.plateau.build()?))
    }
}

params! {
    /// `GreedyLR`; several groups start again each on its own.
    struct get_greedy_schedule {
        mode: PlateauMode = "min",
        factor: f64 where ABOVE_0_BELOW_1 = 0.95,
        patience: u64 = 10,
        threshold: f64 where AT_LEAST_0 = 1e-6,
        threshold_mode: ThresholdMode = "abs",
        cooldown: u64 = 0,
        warmup: u64 = 0,
        min_lr: PerGroup<f64> where AT_LEAST_0 = 1e-3,
        max_lr: PerGroup<f64> where AT_LEAST_0 = 1.0,
        eps: f64 where AT_LEAST_0 = 1e-8,
        _verbose: Ignored = false,
        smooth: bool = false,
        window_size: u64 = 50,
        reset_start: u64 = 500,
    }
}

impl Scheduler for get_greedy_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let greedy = Greedy::new()
            .mode(self.mode)
            .factor(self.factor)
            .patience(self.patience)
            .threshold(self.threshold, self.threshold_mode)
            .cooldown(self.cooldown)
            .warmup(self.warmup)
            .min_lr(*self.min_lr)
            .max_lr(*self.max_lr)
            .eps(self.eps)
            .window(if self.smooth { self.window_size } else { 1 })
            .reset_start(self.reset_start)
            .build()
            .map_err(|error| error.renamed(&[("window", "window_size")]))?;
        Ok(Translation::from(Schedule::constant(Optimizer::lr(cx)?)?).with_feedback(greedy))
    }
}

params! {
    /// What the proxy reports: `initial_lr`, then `min(1e-2, 1 / sqrt(t))`, with `warmup_init` `min(1e-6 t, 1 / sqrt(t))`.
    ///
    /// Without `relative_step` the proxy overwrites the optimizer's rate with its own, which then always is `initial_lr`.
    struct get_adafactor_schedule {
        relative_step: bool = true,
        scale_parameter: bool = true,
        warmup_init: bool = false,
        initial_lr: f64 where AT_LEAST_0 = 0.0,
    }
}

impl Scheduler for get_adafactor_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (relative, warmup) = (self.relative_step, self.warmup_init);
        let given = Optimizer::read(cx)?.optimizer_lr.is_some();
        Optimizer::optimizer_lr.must(!(given && relative), "not be given together with `relative_step`")?;
        Self::warmup_init.must(relative || !warmup, "not be true without `relative_step`")?;
        let scale = "be false: otherwise the rate follows the size of the weights, which no schedule knows";
        Self::scale_parameter.must(!self.scale_parameter, scale)?;
        let initial = Schedule::constant(self.initial_lr)?;
        if !relative {
            return Ok(initial.into());
        }
        let bound = if warmup { power_law(1e-6, 1.0, 1.0)? } else { Schedule::constant(1e-2)? };
        Ok(followed(initial, 1, bound.min(power_law(1.0, 1.0, -0.5)?)?)?.into())
    }
}
