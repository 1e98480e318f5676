//! NeMo 3.0: `nemo.core.optim.lr_scheduler`, stepped after each update.
//!
//! Most begin with a warmup in which update `t` has `(t + 1) / (W + 1)` up to and including `W`, and are at `min_lr` past
//! `max_steps`.

mod policy;

use sched_core::{Node, PowerLaw, Ramp, Schedule, Shape};

use self::policy::{Floor, Hold, Policy, share};
use crate::declare::{
    ABOVE_0, AT_LEAST_0, BETWEEN_0_AND_1, Context, Ignored, PerGroup, Refusal, Scheduler, Translation, library, params,
};
use crate::shared::{Optimizer, followed, polynomial_cycles, power_law};

library! {
    "nemo" | "nemo_toolkit" with Optimizer:
    WarmupPolicy,
    WarmupHoldPolicy,
    CosineAnnealing,
    NoamAnnealing,
    NoamHoldAnnealing,
    WarmupAnnealing,
    InverseSquareRootAnnealing,
    SquareAnnealing,
    SquareRootAnnealing,
    PolynomialDecayAnnealing,
    PolynomialHoldDecayAnnealing,
    T5InverseSquareRootAnnealing,
    WarmupHoldAnnealOneMinusSquareRoot,
    WarmupHoldAnnealLinear,
}

/// The rate of the first group, which some of these give to all.
fn first(cx: &Context<'_>) -> Result<f64, Refusal> {
    Optimizer::default_lr(cx)
}

params! {
    /// The warmup, then constant.
    struct WarmupPolicy {
        ..floor: Floor,
        ..policy: Policy,
    }
}

impl Scheduler for WarmupPolicy {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        self.policy.around(lr, self.floor.min_lr, 0, (0, Schedule::constant(lr)?))
    }
}

params! {
    /// The warmup, then constant.
    struct WarmupHoldPolicy {
        ..floor: Floor,
        ..hold: Hold,
        ..policy: Policy,
    }
}

impl Scheduler for WarmupHoldPolicy {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        self.policy.around(lr, self.floor.min_lr, self.hold.end(&self.policy)?, (0, Schedule::constant(lr)?))
    }
}

params! {
    /// A cosine to `min_lr`. With `constant_steps`, Megatron's: the warmup is `t / W`, the cosine ends that much earlier, and every
    /// group has the first one's rate.
    struct CosineAnnealing {
        constant_steps: Option<u64>,
        constant_ratio: Option<f64> where BETWEEN_0_AND_1,
        ..floor: Floor,
        ..policy: Policy,
    }
}

impl Scheduler for CosineAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let constant = self.constant_steps.unwrap_or_else(|| share(self.constant_ratio, self.policy.max_steps));
        let (warmup, left) = (self.policy.warmup()?, self.policy.left()?);
        if constant == 0 {
            let lr = Optimizer::lr(cx)?;
            let min_lr = self.floor.below(lr)?;
            return self.policy.around(lr, min_lr, 0, (warmup, Schedule::cosine_annealing(lr, min_lr, left)?));
        }
        let lr = first(cx)?;
        let min_lr = self.floor.below(lr)?;
        let steps = left.saturating_sub(constant);
        Self::constant_steps.must(steps > 0, "leave some steps between the warmup and the constant end")?;
        let down = Schedule::cosine_annealing(lr, min_lr, steps)?;
        let all = if warmup == 0 { down } else { followed(Schedule::linear(0.0, lr, warmup)?, warmup, down)? };
        Ok(all.into())
    }
}

params! {
    /// `lr d_model^-0.5 min(s^-0.5, s W^-1.5)` with `s = max(1, t)`, and at least `min_lr` after the warmup. `max_steps` only serves
    /// `warmup_ratio`.
    struct NoamAnnealing {
        d_model: f64 where ABOVE_0,
        warmup_steps: Option<u64>,
        warmup_ratio: Option<f64> where BETWEEN_0_AND_1,
        max_steps: Option<u64>,
        _last_epoch: Ignored = -1,
        ..floor: Floor,
    }
}

impl Scheduler for NoamAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let both = self.warmup_steps.is_some() && self.warmup_ratio.is_some();
        Self::warmup_ratio.must(!both, "not be given beside `warmup_steps`")?;
        Self::max_steps
            .must(self.warmup_ratio.is_none() || self.max_steps.is_some(), "be given with `warmup_ratio`")?;
        let warmup = self.warmup_steps.unwrap_or_else(|| share(self.warmup_ratio, self.max_steps.unwrap_or(0)));
        let scale = Optimizer::lr(cx)? / libm::sqrt(self.d_model);
        let start = (warmup + 1).max(1);
        let law = PowerLaw { scale, offset: start as f64, time_scale: 1.0, power: -0.5 };
        let floor = Schedule::constant(self.floor.min_lr)?;
        let tail = Schedule::try_from(Node::PowerLaw(law))?.max(floor)?;
        if warmup == 0 {
            // Update 0 counts as 1, which is past the warmup.
            return Ok(followed(Schedule::constant(tail.at(0))?, 1, tail)?.into());
        }
        let peak = scale / libm::sqrt(warmup as f64);
        let rise =
            followed(Schedule::constant(peak / warmup as f64)?, 1, Schedule::linear(0.0, peak, warmup)?.advance(1.0)?)?;
        Ok(followed(rise, start, tail)?.into())
    }
}

params! {
    /// `lr (W / (t - hold))^decay_rate` after the hold.
    struct NoamHoldAnnealing {
        decay_rate: f64 where AT_LEAST_0 = 0.5,
        ..floor: Floor,
        ..hold: Hold,
        ..policy: Policy,
    }
}

impl Scheduler for NoamHoldAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, warmup) = (Optimizer::lr(cx)?, self.policy.warmup()?);
        Policy::warmup_steps.must(warmup > 0, "be above 0")?;
        let hold = self.hold.end(&self.policy)?;
        let main = power_law(lr, warmup as f64, -self.decay_rate)?.max(Schedule::constant(self.floor.min_lr)?)?;
        self.policy.around(lr, self.floor.min_lr, hold, (hold.max(warmup), main))
    }
}

params! {
    /// A line to `min_lr`; after the warmup every group has the first one's rate.
    struct WarmupAnnealing {
        ..floor: Floor,
        ..policy: Policy,
    }
}

impl Scheduler for WarmupAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let main = Schedule::linear(first(cx)?, self.floor.min_lr, self.policy.left()?)?;
        self.policy.around(Optimizer::lr(cx)?, self.floor.min_lr, 0, (self.policy.warmup()?, main))
    }
}

params! {
    /// `lr sqrt((W + 1) / (t + 1))`.
    struct InverseSquareRootAnnealing {
        ..floor: Floor,
        ..policy: Policy,
    }
}

impl Scheduler for InverseSquareRootAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lr, scale) = (Optimizer::lr(cx)?, self.policy.warmup()? as f64 + 1.0);
        let law = PowerLaw { scale: lr, offset: 1.0, time_scale: scale, power: -0.5 };
        self.policy.around(lr, self.floor.min_lr, 0, (0, Node::PowerLaw(law).try_into()?))
    }
}

params! {
    /// `lr ((R - s) / R)^2`, at least `min_lr`, with `s` updates of `R` after the warmup.
    struct SquareAnnealing {
        min_lr: f64 where AT_LEAST_0 = 1e-5,
        ..policy: Policy,
    }
}

impl Scheduler for SquareAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        Self::min_lr.must(self.min_lr <= lr, "not be above the optimizer's rate")?;
        let main = Ramp::new(lr, 0.0, self.policy.left()?).shape(Shape::Polynomial(2.0)).build()?;
        let main = main.max(Schedule::constant(self.min_lr)?)?;
        self.policy.around(lr, self.min_lr, 0, (self.policy.warmup()?, main))
    }
}

params! {
    /// `lr sqrt((N - t) / N)`, at least `min_lr`; `t` counts from the start, so that the rate drops after the warmup.
    struct SquareRootAnnealing {
        ..floor: Floor,
        ..policy: Policy,
    }
}

impl Scheduler for SquareRootAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let min_lr = self.floor.below(lr)?;
        let main = Ramp::new(lr, 0.0, self.policy.max_steps).shape(Shape::Polynomial(0.5)).build()?;
        self.policy.around(lr, min_lr, 0, (0, main.max(Schedule::constant(min_lr)?)?))
    }
}

params! {
    struct Power {
        power: f64 where AT_LEAST_0 = 1.0,
        cycle: bool = false,
    }
}

params! {
    /// `min_lr + (lr - min_lr) (1 - s / R)^power`. A second cycle would begin past the end.
    struct PolynomialDecayAnnealing {
        ..power: Power,
        ..floor: Floor,
        ..policy: Policy,
    }
}

impl Scheduler for PolynomialDecayAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let min_lr = self.floor.below(lr)?;
        let main = Ramp::new(lr, min_lr, self.policy.left()?).shape(Shape::Polynomial(self.power.power)).build()?;
        self.policy.around(lr, min_lr, 0, (self.policy.warmup()?, main))
    }
}

params! {
    /// The same after a hold. Without one it is counted from the start, so that cycles begin before the end.
    struct PolynomialHoldDecayAnnealing {
        ..power: Power,
        ..floor: Floor,
        ..hold: Hold,
        ..policy: Policy,
    }
}

impl Scheduler for PolynomialHoldDecayAnnealing {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let min_lr = self.floor.below(lr)?;
        let hold = self.hold.end(&self.policy)?;
        let steps = self.policy.max_steps.saturating_sub(hold.max(self.policy.warmup()?));
        let main = if self.power.cycle && hold == 0 && steps > 0 {
            polynomial_cycles(lr, min_lr, steps, self.power.power)?
        } else {
            Ramp::new(lr, min_lr, steps).shape(Shape::Polynomial(self.power.power)).build()?
        };
        self.policy.around(lr, min_lr, hold, (hold, main))
    }
}

params! {
    /// `1 / sqrt(max(t, constant_steps))`, whatever the optimizer's rate.
    struct T5InverseSquareRootAnnealing {
        constant_steps: u64 where ABOVE_0,
        max_steps: u64 where ABOVE_0,
        min_lr: f64 where AT_LEAST_0 = 0.0,
        _optimizer_lrs: PerGroup<Ignored>,
        _last_epoch: Ignored = -1,
    }
}

impl Scheduler for T5InverseSquareRootAnnealing {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let start = self.constant_steps + 1;
        let law = PowerLaw { scale: 1.0, offset: start as f64, time_scale: 1.0, power: -0.5 };
        let first = Schedule::constant(1.0 / libm::sqrt(self.constant_steps as f64))?;
        let all = first.then_at(start, Node::PowerLaw(law).try_into()?)?;
        let end = (self.max_steps + 1).max(start);
        Ok(if end == start { Schedule::constant(all.at(0))? } else { all }
            .then_at(end, Schedule::constant(self.min_lr)?)?
            .into())
    }
}

params! {
    /// `lr (1 - sqrt(p))` after the hold, at least `min_lr`.
    struct WarmupHoldAnnealOneMinusSquareRoot {
        ..floor: Floor,
        ..hold: Hold,
        ..policy: Policy,
    }
}

impl Scheduler for WarmupHoldAnnealOneMinusSquareRoot {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let (min_lr, hold) = (self.floor.min_lr, self.hold.end(&self.policy)?);
        let main = Ramp::new(lr, 0.0, self.policy.max_steps.saturating_sub(hold)).shape(Shape::OneMinusSqrt).build()?;
        self.policy.around(lr, min_lr, hold, (hold, main.max(Schedule::constant(min_lr)?)?))
    }
}

params! {
    /// A line to `min_lr` after the hold.
    struct WarmupHoldAnnealLinear {
        ..floor: Floor,
        ..hold: Hold,
        ..policy: Policy,
    }
}

impl Scheduler for WarmupHoldAnnealLinear {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let lr = Optimizer::lr(cx)?;
        let (min_lr, hold) = (self.floor.min_lr, self.hold.end(&self.policy)?);
        let main = Schedule::linear(lr, min_lr, self.policy.max_steps.saturating_sub(hold))?;
        self.policy.around(lr, min_lr, hold, (hold, main))
    }
}
