//! optax 0.2.8: `optax.schedules`, `optax.contrib.reduce_on_plateau`.
//!
//! Every schedule is a function of the count alone. Lengths of 0 or less do not fail but mean "stay at the initial value",
//! also where the end value is another one; boundaries may lie before 0.

mod parts;

use sched_core::{NonFinite, Plateau, Schedule, ScheduleError, Shape, ThresholdMode};

use self::parts::{Scales, as_dict, begin_at, cosine, interpolate, join, joined, ramp};
use crate::declare::{
    ABOVE_0, ABOVE_0_BELOW_1, AT_LEAST_0, BETWEEN_0_AND_1, Context, Kwargs, Member, Refusal, Scheduler, Translation,
    library, params, words,
};
use crate::shared::{staircase, stairs};

library! {
    "optax" | "jax":
    constant_schedule,
    polynomial_schedule,
    linear_schedule,
    piecewise_constant_schedule,
    exponential_decay,
    cosine_decay_schedule,
    piecewise_interpolate_schedule,
    linear_onecycle_schedule,
    cosine_onecycle_schedule,
    warmup_constant_schedule,
    warmup_cosine_decay_schedule,
    warmup_exponential_decay_schedule,
    sgdr_schedule,
    join_schedules,
    reduce_on_plateau,
}

params! {
    /// `value`, for ever.
    struct constant_schedule {
        value: f64 where AT_LEAST_0,
    }
}

impl Scheduler for constant_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::constant(self.value)?.into())
    }
}

params! {
    /// `end + (init - end) (1 - (t - begin) / transition_steps)^power`, held before `begin` and from the end on.
    struct polynomial_schedule {
        init_value: f64 where AT_LEAST_0,
        end_value: f64,
        power: f64 where AT_LEAST_0,
        transition_steps: f64,
        transition_begin: i64 = 0,
    }
}

impl Scheduler for polynomial_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let end = if self.power == 0.0 { self.init_value } else { self.end_value }; // 0^0 is 1, at the end too
        let ramp = ramp(self.init_value, end, self.transition_steps, Shape::Polynomial(self.power))?;
        Ok(begin_at(self.transition_begin, ramp)?.into())
    }
}

params! {
    /// `init + (end - init) (t - begin) / transition_steps`, held before `begin` and from the end on.
    struct linear_schedule {
        init_value: f64 where AT_LEAST_0,
        end_value: f64,
        transition_steps: f64,
        transition_begin: i64 = 0,
    }
}

impl Scheduler for linear_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let ramp = ramp(self.init_value, self.end_value, self.transition_steps, Shape::Linear)?;
        Ok(begin_at(self.transition_begin, ramp)?.into())
    }
}

params! {
    /// `init` times the scales of all boundaries up to `t`.
    struct piecewise_constant_schedule {
        init_value: f64 where AT_LEAST_0,
        boundaries_and_scales: Option<Scales>,
    }
}

impl Scheduler for piecewise_constant_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let scales = Scales::checked(&self.boundaries_and_scales, Self::boundaries_and_scales)?;
        let rate = |t: f64| {
            let passed = scales.iter().take_while(|(boundary, _)| *boundary <= t);
            passed.fold(self.init_value, |rate, (_, scale)| rate * scale)
        };
        Ok(stairs(scales.iter().map(|(boundary, _)| libm::ceil(*boundary) as u64), rate)?.into())
    }
}

params! {
    /// `init` and its [`Decay`].
    struct exponential_decay {
        init_value: f64 where AT_LEAST_0,
        ..decay: Decay,
    }
}

impl Scheduler for exponential_decay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(self.decay.from(self.init_value)?.into())
    }
}

params! {
    /// `init * decay_rate^((t - begin) / transition_steps)`, as a staircase with the exponent rounded down; `end_value`
    /// bounds it from below, or from above where `decay_rate` is 1 or more. With `decay_rate = 0` it is `init`, bounded by
    /// nothing.
    struct Decay {
        transition_steps: f64,
        decay_rate: f64 where AT_LEAST_0,
        transition_begin: i64 = 0,
        staircase: bool = false,
        end_value: Option<f64>,
    }
}

impl Decay {
    fn from(&self, init: f64) -> Result<Schedule, ScheduleError> {
        let (steps, rate) = (self.transition_steps, self.decay_rate);
        if steps <= 0.0 || rate == 0.0 {
            return Schedule::constant(init);
        }
        let decay = if self.staircase {
            staircase(Schedule::exponential(init, rate)?, steps)?
        } else {
            Schedule::exponential_over(init, rate, steps)?
        };
        let decay = begin_at(self.transition_begin, decay)?;
        match self.end_value {
            None => Ok(decay),
            Some(end) if rate < 1.0 => decay.max(Schedule::constant(end.max(0.0))?),
            Some(end) => decay.min(Schedule::constant(end)?),
        }
    }
}

params! {
    /// A cosine to the power of `exponent`, from `init` to `alpha * init` at `decay_steps`.
    struct cosine_decay_schedule {
        init_value: f64 where AT_LEAST_0,
        decay_steps: f64 where ABOVE_0,
        alpha: f64 = 0.0,
        exponent: f64 where AT_LEAST_0 = 1.0,
    }
}

impl Scheduler for cosine_decay_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(cosine(self.init_value, self.init_value * self.alpha, self.decay_steps, self.exponent)?.into())
    }
}

params! {
    /// Ramps between `init` times the scales so far, one value at each boundary.
    struct piecewise_interpolate_schedule {
        interpolate_type: Interpolation,
        init_value: f64 where AT_LEAST_0,
        boundaries_and_scales: Option<Scales>,
    }
}

/// How to go from one boundary to the next.
struct Interpolation(Shape);

words! { Interpolation { "linear" => Self(Shape::Linear), "cosine" => Self(Shape::Cosine) } }

impl Scheduler for piecewise_interpolate_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let scales = Scales::checked(&self.boundaries_and_scales, Self::boundaries_and_scales)?;
        Ok(interpolate(self.init_value, scales, self.interpolate_type.0)?.into())
    }
}

params! {
    /// Straight lines from `peak / div` up to `peak` at `pct_start`, back down at `pct_final`, and on to
    /// `peak / div / final_div` at the end. The boundaries are `int(pct * transition_steps)`; of two at the same step the
    /// later one's scale replaces the other, so that a short cycle ends elsewhere.
    struct linear_onecycle_schedule {
        transition_steps: f64 where ABOVE_0,
        peak_value: f64 where AT_LEAST_0,
        pct_start: f64 = 0.3,
        pct_final: f64 = 0.85,
        div_factor: f64 where ABOVE_0 = 25.0,
        final_div_factor: f64 where ABOVE_0 = 1e4,
    }
}

impl Scheduler for linear_onecycle_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let boundary = |pct: f64| libm::trunc(pct * self.transition_steps);
        let scales = as_dict(&[
            (boundary(self.pct_start), self.div_factor),
            (boundary(self.pct_final), 1.0 / self.div_factor),
            (self.transition_steps, 1.0 / self.final_div_factor),
        ]);
        Ok(interpolate(self.peak_value / self.div_factor, &scales, Shape::Linear)?.into())
    }
}

params! {
    /// Cosines from `peak / div` up to `peak` at `int(pct_start * transition_steps)` and down to `peak / div / final_div`
    /// at the end; where both are the same step, the second scale replaces the first.
    struct cosine_onecycle_schedule {
        transition_steps: f64 where ABOVE_0,
        peak_value: f64 where AT_LEAST_0,
        pct_start: f64 = 0.3,
        div_factor: f64 where ABOVE_0 = 25.0,
        final_div_factor: f64 where ABOVE_0 = 1e4,
    }
}

impl Scheduler for cosine_onecycle_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let scales = as_dict(&[
            (libm::trunc(self.pct_start * self.transition_steps), self.div_factor),
            (libm::trunc(self.transition_steps), 1.0 / (self.div_factor * self.final_div_factor)),
        ]);
        Ok(interpolate(self.peak_value / self.div_factor, &scales, Shape::Cosine)?.into())
    }
}

params! {
    /// A straight line from `init` to `peak` over `warmup_steps`, then `peak`. Without a warmup it stays at `init`.
    struct warmup_constant_schedule {
        init_value: f64 where AT_LEAST_0,
        peak_value: f64,
        warmup_steps: f64,
    }
}

impl Scheduler for warmup_constant_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(ramp(self.init_value, self.peak_value, self.warmup_steps, Shape::Linear)?.into())
    }
}

params! {
    /// A straight line from `init` to `peak` over `warmup_steps`, then a cosine to the power of `exponent` to `end_value`
    /// at `decay_steps`, which includes the warmup.
    struct warmup_cosine_decay_schedule {
        init_value: f64 where AT_LEAST_0,
        peak_value: f64 where AT_LEAST_0,
        warmup_steps: f64,
        decay_steps: f64,
        end_value: f64 = 0.0,
        exponent: f64 where AT_LEAST_0 = 1.0,
    }
}

impl Scheduler for warmup_cosine_decay_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let steps = self.decay_steps - self.warmup_steps;
        Self::decay_steps.must(steps > 0.0, "be above `warmup_steps`, which it includes")?;
        let end = if self.peak_value == 0.0 { 0.0 } else { self.end_value };
        let warmup = ramp(self.init_value, self.peak_value, self.warmup_steps, Shape::Linear)?;
        let cosine = cosine(self.peak_value, end, steps, self.exponent)?;
        Ok(join(warmup, [(self.warmup_steps, cosine)])?.into())
    }
}

params! {
    /// A straight line from `init` to `peak` over `warmup_steps`, then the [`Decay`] from `peak` on its own clock.
    struct warmup_exponential_decay_schedule {
        init_value: f64 where AT_LEAST_0,
        peak_value: f64 where AT_LEAST_0,
        warmup_steps: f64,
        ..decay: Decay,
    }
}

impl Scheduler for warmup_exponential_decay_schedule {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup = ramp(self.init_value, self.peak_value, self.warmup_steps, Shape::Linear)?;
        Ok(join(warmup, [(self.warmup_steps, self.decay.from(self.peak_value)?)])?.into())
    }
}

params! {
    /// One [`warmup_cosine_decay_schedule`] after another, each for its own `decay_steps`; the last one holds its end.
    struct sgdr_schedule {
        cosine_kwargs: Vec<Kwargs>,
    }
}

impl Scheduler for sgdr_schedule {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (mut schedules, mut boundaries) = (Vec::new(), Vec::new());
        let mut step = 0.0;
        for kwargs in &self.cosine_kwargs {
            let (cycle, member) = cx.member_as::<warmup_cosine_decay_schedule>(kwargs)?;
            schedules.push(member.translate()?.lr);
            step += cycle.decay_steps;
            boundaries.push(step);
        }
        Ok(joined(schedules, &boundaries, Self::cosine_kwargs)?.into())
    }
}

params! {
    /// The first schedule, and each other one from its boundary on, on its own clock.
    struct join_schedules {
        schedules: Vec<Member>,
        boundaries: Vec<f64>,
    }
}

impl Scheduler for join_schedules {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let mut schedules = Vec::new();
        for member in &self.schedules {
            let Translation { lr, feedback, .. } = cx.member(member)?.translate()?;
            Self::schedules.must(feedback.is_none(), "be schedules, functions of the count alone")?;
            schedules.push(lr);
        }
        Ok(joined(schedules, &self.boundaries, Self::schedules)?.into())
    }
}

params! {
    /// Reduces at the `patience`-th observation that is not below `(1 - rtol) best - atol`, PyTorch one later. An
    /// observation is the mean of `accumulation_size` metrics. The scale, not the rate, has the lower bound.
    struct reduce_on_plateau {
        optimizer_lr: f64 where AT_LEAST_0,
        factor: f64 where ABOVE_0_BELOW_1 = 0.1,
        patience: i64 = 10,
        rtol: f64 where BETWEEN_0_AND_1 = 1e-4,
        atol: f64 where AT_LEAST_0 = 0.0,
        cooldown: i64 = 0,
        accumulation_size: i64 = 1,
        min_scale: f64 = 0.0,
    }
}

impl Scheduler for reduce_on_plateau {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Self::rtol.must(self.rtol > 0.0 || self.atol > 0.0, "be above 0 unless `atol` is")?;
        let rule = "not be 0, with which optax reduces whenever the metric improves";
        Self::patience.must(self.patience != 0, rule)?;
        Self::min_scale.must(self.min_scale <= 1.0, "be at most 1, above which optax raises the rate")?;
        let plateau = Plateau::new()
            .factor(self.factor)
            .patience(or_never(self.patience) - 1)
            .threshold(self.rtol, ThresholdMode::RelativeSigned)
            .margin(self.atol)
            .cooldown(self.cooldown.max(0).unsigned_abs())
            .non_finite(NonFinite::Compare)
            .accumulation(or_never(self.accumulation_size))
            .min_lr(self.optimizer_lr * self.min_scale.max(0.0))
            .eps(0.0)
            .build()?;
        Ok(Translation::from(Schedule::constant(self.optimizer_lr)?).with_feedback(plateau))
    }
}

/// A count that is compared with `==`, and so never reached if it is not above 0.
fn or_never(count: i64) -> u64 {
    if count > 0 { count.unsigned_abs() } else { u64::MAX }
}
