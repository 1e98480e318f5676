//! timm 1.0: `timm.scheduler`.
//!
//! The rate of update 0 is the one that the constructor sets, which is not always the formula's.

mod cycles;

use sched_core::{NonFinite, Plateau, PlateauMode, Ramp, Schedule, ScheduleError, Shape, ThresholdMode, Value};

use self::cycles::Cycles;
use crate::declare::{
    ABOVE_0, ABOVE_0_BELOW_1, AT_LEAST_0, Context, FromValue, Ignored, Params, PerGroup, Refusal, Scheduler,
    Translation, library, one_of, params, words,
};
use crate::shared::{Optimizer, followed, power_law, staircase};

library! {
    "timm" | "pytorch_image_models" with Groups:
    CosineLRScheduler,
    TanhLRScheduler,
    PolyLRScheduler,
    StepLRScheduler,
    MultiStepLRScheduler,
    WSDLRScheduler,
    PlateauLRScheduler,
}

params! {
    /// What timm finds in the optimizer's parameter groups.
    struct Groups {
        param_group_lr_scale: PerGroup<Option<f64>> where AT_LEAST_0 = 1.0,
        .._optimizer: Optimizer,
    }
}

/// The parameter group's factor: every rate of these schedulers is proportional to it.
fn scale(cx: &Context<'_>) -> Result<f64, Refusal> {
    Ok(Groups::read(cx)?.param_group_lr_scale.unwrap_or(1.0))
}

params! {
    /// What every scheduler has.
    struct Common {
        warmup_t: u64 = 0,
        warmup_lr_init: f64 = 0.0,
        noise_range_t: Option<Ignored>,
        _noise_pct: Ignored = 0.67,
        _noise_std: Ignored = 1.0,
        _noise_seed: Ignored = 42,
        initialize: bool = true,
    }
}

impl Common {
    /// The warmup; `prefix`: whether the schedule's clock starts after it.
    fn warmup(&self, cx: &Context<'_>, prefix: bool) -> Result<Warmup, Refusal> {
        let noise = "be null: the noise comes from PyTorch's random generator, and a schedule has none";
        Self::noise_range_t.must(self.noise_range_t.is_none(), noise)?;
        Self::initialize.must(self.initialize, "be true: where the schedule starts is given as `optimizer_lr`")?;
        Self::warmup_lr_init.must(self.warmup_t == 0 || self.warmup_lr_init >= 0.0, "be 0 or more")?;
        let scale = scale(cx)?;
        Ok(Warmup { base: Optimizer::lr(cx)? * scale, init: self.warmup_lr_init * scale, steps: self.warmup_t, prefix })
    }
}

/// What comes before a schedule: a line from `init` over `steps`, or the optimizer's own rate at update 0.
struct Warmup {
    base: f64,
    init: f64,
    steps: u64,
    /// Whether the schedule's clock starts after the warmup. If not, it has run on meanwhile, and the rate jumps.
    prefix: bool,
}

impl Warmup {
    /// The warmup up to the optimizer's rate, then `main`.
    fn then(&self, main: Schedule) -> Result<Schedule, ScheduleError> {
        self.up_to(self.base, main)
    }

    fn up_to(&self, target: f64, main: Schedule) -> Result<Schedule, ScheduleError> {
        if self.steps == 0 {
            let first = Schedule::constant(self.base)?;
            return if main.at(0) == self.base { Ok(main) } else { followed(first, 1, main.advance(1.0)?) };
        }
        let main = if self.prefix { main } else { main.advance(self.steps as f64)? };
        followed(Schedule::linear(self.init, target, self.steps)?, self.steps, main)
    }

    /// The rate just before the schedule itself begins.
    fn last(&self) -> Result<f64, ScheduleError> {
        let before = self.steps.saturating_sub(1);
        Ok(if self.steps == 0 { self.base } else { Schedule::linear(self.init, self.base, self.steps)?.at(before) })
    }
}

params! {
    /// Cycles from a peak to `lr_min`, and `lr_min` after the last one.
    struct Cycling {
        t_initial: u64 where ABOVE_0,
        lr_min: f64 where AT_LEAST_0 = 0.0,
        cycle_mul: f64 where ABOVE_0 = 1.0,
        cycle_decay: f64 where AT_LEAST_0 = 1.0,
        cycle_limit: i64 = 1,
        warmup_prefix: bool = false,
        _t_in_epochs: Ignored = true,
        ..common: Common,
    }
}

impl Cycling {
    fn warmup(&self, cx: &Context<'_>) -> Result<Warmup, Refusal> {
        self.common.warmup(cx, self.warmup_prefix)
    }

    fn cycles(&self, cx: &Context<'_>, shape: Shape, k_decay: f64) -> Result<Cycles, Refusal> {
        Ok(Cycles {
            steps: self.t_initial,
            shape,
            k_decay,
            mul: self.cycle_mul,
            limit: self.cycle_limit.max(0).unsigned_abs(),
            decay: self.cycle_decay,
            lr_min: self.lr_min * scale(cx)?,
        })
    }
}

params! {
    /// `lr_min + (lr cycle_decay^i - lr_min) (1 + cos(pi (c / T_i)^k_decay)) / 2`, `c` steps into cycle `i`.
    struct CosineLRScheduler {
        k_decay: f64 = 1.0,
        ..cycling: Cycling,
    }
}

impl Scheduler for CosineLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup = self.cycling.warmup(cx)?;
        let main = self.cycling.cycles(cx, Shape::Cosine, self.k_decay)?.from(warmup.base)?;
        Ok(warmup.then(main)?.into())
    }
}

params! {
    /// As the cosine, with `(1 - c / T_i)^power` bent by `k_decay`.
    struct PolyLRScheduler {
        power: f64 where AT_LEAST_0 = 0.5,
        k_decay: f64 = 1.0,
        ..cycling: Cycling,
    }
}

impl Scheduler for PolyLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup = self.cycling.warmup(cx)?;
        let main = self.cycling.cycles(cx, Shape::Polynomial(self.power), self.k_decay)?.from(warmup.base)?;
        Ok(warmup.then(main)?.into())
    }
}

params! {
    /// As the cosine, with a hyperbolic tangent; without `warmup_prefix` the warmup ends where the curve is by then.
    struct TanhLRScheduler {
        lb: f64 = -7.0,
        ub: f64 = 3.0,
        ..cycling: Cycling,
    }
}

impl Scheduler for TanhLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (lb, ub) = (self.lb, self.ub);
        Self::lb.must(lb < ub, "be below `ub`")?;
        Cycling::cycle_limit.must(self.cycling.cycle_limit >= 0, "be 0 or more")?;
        let warmup = self.cycling.warmup(cx)?;
        let cycles = self.cycling.cycles(cx, Shape::Tanh { lb, ub }, 1.0)?;
        let ended = !warmup.prefix && cycles.end().is_some_and(|end| warmup.steps >= end);
        Common::warmup_t.must(!ended, "be over before the shrinking cycles are")?;
        let main = cycles.from(warmup.base)?;
        let target = if warmup.prefix { warmup.base } else { main.at(warmup.steps) };
        Ok(warmup.up_to(target, main)?.into())
    }
}

params! {
    /// `lr * decay_rate^floor(t / decay_t)`; `decay_t` need not be whole.
    struct StepLRScheduler {
        decay_t: f64,
        decay_rate: f64 where AT_LEAST_0 = 1.0,
        warmup_prefix: bool = true,
        _t_in_epochs: Ignored = true,
        ..common: Common,
    }
}

impl Scheduler for StepLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup = self.common.warmup(cx, self.warmup_prefix)?;
        Self::decay_t.must(self.decay_t >= 0.0, "not be negative")?;
        let main = if self.decay_t == 0.0 {
            Schedule::constant(warmup.last()?)? // timm divides by it.
        } else {
            staircase(Schedule::exponential(warmup.base, self.decay_rate)?, self.decay_t)?
        };
        Ok(warmup.then(main)?.into())
    }
}

params! {
    /// `lr * decay_rate^(number of milestones <= t + 1)`: each applies one step early, but never at update 0.
    struct MultiStepLRScheduler {
        decay_t: Vec<f64>,
        decay_rate: f64 where AT_LEAST_0 = 1.0,
        warmup_prefix: bool = true,
        _t_in_epochs: Ignored = true,
        ..common: Common,
    }
}

impl Scheduler for MultiStepLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup = self.common.warmup(cx, self.warmup_prefix)?;
        let early: Vec<u64> = self.decay_t.iter().map(|milestone| (libm::ceil(*milestone) - 1.0) as u64).collect();
        let main = if early.is_empty() {
            Schedule::constant(warmup.base)?
        } else {
            Schedule::multi_step(warmup.base, &early, self.decay_rate)
                .map_err(|error| error.renamed(&[("milestones", "decay_t")]))?
        };
        Ok(warmup.then(main)?.into())
    }
}

params! {
    /// `lr_min + (max(lr stable(t), lr_min) - lr_min) decay(p)`, `p` from 0 to 1 over the last `decay_t` of `t_initial`
    /// steps.
    struct WSDLRScheduler {
        t_initial: u64 where ABOVE_0,
        decay_t: u64,
        lr_min: f64 where AT_LEAST_0 = 0.0,
        stable_fn: Stable = "constant",
        stable_timescale: Option<f64>,
        stable_power: f64 where ABOVE_0 = 0.5,
        decay_fn: Decay = "1-sqrt",
        decay_power: f64 where ABOVE_0 = 0.5,
        decay_ratio: f64 where ABOVE_0_BELOW_1 = 0.1,
        _t_in_epochs: Ignored = true,
        ..common: Common,
    }
}

enum Stable {
    Constant,
    Rsqrt,
    Power,
}

words! { Stable { "constant" => Self::Constant, "rsqrt" => Self::Rsqrt, "power" => Self::Power } }

enum Decay {
    Linear,
    OneMinusSqrt,
    Cosine,
    Power,
    Exp,
    Code,
}

impl FromValue for Decay {
    fn expected(_: bool) -> String {
        one_of(&["linear", "1-sqrt", "cosine", "power", "exp"])
    }

    fn from_value(value: &Value, _: usize) -> Option<Self> {
        let Value::Text(word) = value else { return None };
        Some(match word.as_str() {
            "linear" => Self::Linear,
            "1-sqrt" => Self::OneMinusSqrt,
            "cosine" => Self::Cosine,
            "power" => Self::Power,
            "exp" => Self::Exp,
            code if code.contains("lambda") => Self::Code,
            _ => return None,
        })
    }
}

impl WSDLRScheduler {
    /// The exponent of `(1 + t / stable_timescale)^-power`; 0 for a constant.
    fn exponent(&self) -> f64 {
        match self.stable_fn {
            Stable::Constant => 0.0,
            Stable::Rsqrt => 0.5,
            Stable::Power => self.stable_power,
        }
    }

    fn shape(&self) -> Result<Shape, Refusal> {
        Ok(match self.decay_fn {
            Decay::Linear => Shape::Linear,
            Decay::OneMinusSqrt => Shape::OneMinusSqrt,
            Decay::Cosine => Shape::Cosine,
            Decay::Power => Shape::OneMinusPower(self.decay_power),
            Decay::Exp => Shape::ExpRatio(self.decay_ratio),
            Decay::Code => return Err(Self::decay_fn.code(
                "Scheduler::new(|step: u64| { let p = step.saturating_sub(900) as f64 / 100.0; 0.1 * (1.0 - p.min(1.0)) })",
            )),
        })
    }
}

impl Scheduler for WSDLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (t_initial, decay_t) = (self.t_initial, self.decay_t);
        Self::decay_t.must(decay_t > 0 && decay_t <= t_initial, "be above 0 and at most `t_initial`")?;
        let warmup = self.common.warmup(cx, true)?;
        let (shape, power) = (self.shape()?, self.exponent());
        let (base, lr_min, hold) = (warmup.base, self.lr_min * scale(cx)?, t_initial - decay_t);
        let timescale = self.stable_timescale.unwrap_or(warmup.steps as f64);
        Self::stable_timescale.must(power == 0.0 || timescale > 0.0, "be above 0; it is `warmup_t` unless given")?;
        let main = if power == 0.0 {
            let peak = base.max(lr_min);
            followed(Schedule::constant(peak)?, hold, Ramp::new(peak, lr_min, decay_t).shape(shape).build()?)?
        } else {
            let stable = power_law(base, timescale, -power)?.max(Schedule::constant(lr_min)?)?;
            let down = Ramp::new(1.0, 0.0, decay_t).shape(shape).build()?.delay(hold)?;
            stable.times(down)?.plus(Ramp::new(0.0, lr_min, decay_t).shape(shape).build()?.delay(hold)?)?
        };
        Ok(warmup.then(main)?.into())
    }
}

params! {
    /// PyTorch's plateau after a warmup, during which metrics do not count; `lr_min` is not scaled by group.
    struct PlateauLRScheduler {
        decay_rate: f64 = 0.1,
        patience_t: u64 = 10,
        threshold: f64 where AT_LEAST_0 = 1e-4,
        cooldown_t: u64 = 0,
        lr_min: PerGroup<f64> where AT_LEAST_0 = 0.0,
        mode: PlateauMode = "max",
        _noise_type: Ignored = "normal",
        ..common: Common,
    }
}

impl Scheduler for PlateauLRScheduler {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup = self.common.warmup(cx, true)?;
        let plateau = Plateau::new()
            .mode(self.mode)
            .factor(self.decay_rate)
            .patience(self.patience_t)
            .threshold(self.threshold, ThresholdMode::RelativeSigned)
            .cooldown(self.cooldown_t)
            .min_lr(*self.lr_min)
            .non_finite(NonFinite::Compare)
            .start_step(warmup.steps.saturating_add(1))
            .build()
            .map_err(|error| error.renamed(&[("factor", "decay_rate")]))?;
        Ok(Translation::from(warmup.then(Schedule::constant(warmup.base)?)?).with_feedback(plateau))
    }
}
