//! keras 3.15: `keras.optimizers.schedules`, `keras.callbacks.ReduceLROnPlateau`.

use sched_core::{NonFinite, Phase, Plateau, PlateauMode, Ramp, Repeat, Schedule, ScheduleError, Shape, ThresholdMode};

use crate::declare::{
    ABOVE_0, AT_LEAST_0, BELOW_1, Context, Ignored, Refusal, Scheduler, Translation, library, params,
};
use crate::shared::{between, from_boundary, polynomial_cycles, staircase, stairs};

library! {
    "keras" | "tensorflow" | "tf" | "tf_keras":
    ExponentialDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
    InverseTimeDecay,
    CosineDecay,
    CosineDecayRestarts,
    ReduceLROnPlateau,
}

params! {
    /// `initial * decay_rate^(t / decay_steps)`, as a staircase with the exponent rounded down.
    struct ExponentialDecay {
        initial_learning_rate: f64 where AT_LEAST_0,
        decay_steps: f64 where ABOVE_0,
        decay_rate: f64 where AT_LEAST_0,
        staircase: bool = false,
        _name: Ignored = "ExponentialDecay",
    }
}

impl Scheduler for ExponentialDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let decay = |steps| Schedule::exponential_over(self.initial_learning_rate, self.decay_rate, steps);
        Ok(decay_over(self.decay_steps, self.staircase, decay)?.into())
    }
}

params! {
    /// `initial / (1 + decay_rate t / decay_steps)`, as a staircase with the quotient rounded down.
    struct InverseTimeDecay {
        initial_learning_rate: f64 where AT_LEAST_0,
        decay_steps: f64 where ABOVE_0,
        decay_rate: f64 where AT_LEAST_0,
        staircase: bool = false,
        _name: Ignored = "InverseTimeDecay",
    }
}

impl Scheduler for InverseTimeDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let decay = |steps| Schedule::inverse_time(self.initial_learning_rate, self.decay_rate, steps);
        Ok(decay_over(self.decay_steps, self.staircase, decay)?.into())
    }
}

/// A decay whose unit of time is `steps`, smooth or as a staircase.
fn decay_over(
    steps: f64,
    is_staircase: bool,
    decay: impl Fn(f64) -> Result<Schedule, ScheduleError>,
) -> Result<Schedule, ScheduleError> {
    if is_staircase { staircase(decay(1.0)?, steps) } else { decay(steps) }
}

params! {
    /// The value of the interval in which `t` lies; a boundary itself belongs to the interval before it. Boundaries are
    /// cast to whole steps, towards 0. Where they go backwards, keras adds up the values of all intervals that hold `t`.
    struct PiecewiseConstantDecay {
        boundaries: Vec<f64>,
        values: Vec<f64> where AT_LEAST_0,
        _name: Ignored = "PiecewiseConstant",
    }
}

impl Scheduler for PiecewiseConstantDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let values = &self.values;
        let boundaries: Vec<f64> = self.boundaries.iter().copied().map(libm::trunc).collect();
        Self::values.must(values.len() == boundaries.len() + 1, "have one element more than `boundaries`")?;
        Self::boundaries.must(!boundaries.is_empty(), "have at least one element")?;
        let bounds = |i: usize| {
            let low = if i == 0 { f64::NEG_INFINITY } else { boundaries[i - 1] };
            (low, boundaries.get(i).copied().unwrap_or(f64::INFINITY))
        };
        let rate = |t: f64| {
            let holds = |i: &usize| bounds(*i).0 < t && t <= bounds(*i).1;
            (0..values.len()).filter(holds).map(|i| values[i]).sum()
        };
        Ok(stairs(boundaries.iter().map(|boundary| (boundary + 1.0) as u64), rate)?.into())
    }
}

params! {
    /// `end + (initial - end) (1 - t / decay_steps)^power`, then `end`; with `cycle`, see [`polynomial_cycles`].
    struct PolynomialDecay {
        initial_learning_rate: f64 where AT_LEAST_0,
        decay_steps: f64 where ABOVE_0,
        end_learning_rate: f64 where AT_LEAST_0 = 1e-4,
        power: f64 where AT_LEAST_0 = 1.0,
        cycle: bool = false,
        _name: Ignored = "PolynomialDecay",
    }
}

impl Scheduler for PolynomialDecay {
    fn translate(&self, cx: &Context<'_>) -> Result<Translation, Refusal> {
        let (initial, end, steps) = (self.initial_learning_rate, self.end_learning_rate, self.decay_steps);
        let lr = if self.cycle {
            polynomial_cycles(initial, end, cx.get(Self::decay_steps)?, self.power)
        } else if self.power == 0.0 {
            Schedule::constant(initial) // 0^0 is 1, at the end too
        } else {
            Ramp { steps, ..Ramp::new(initial, end, 0).shape(Shape::Polynomial(self.power)) }.build()
        };
        Ok(lr?.into())
    }
}

params! {
    /// A cosine from the initial rate to `alpha` times it over `decay_steps`; or, with a `warmup_target`, a straight line
    /// to that over `warmup_steps`, and the cosine from there, so that the whole takes `warmup_steps + decay_steps`.
    struct CosineDecay {
        initial_learning_rate: f64 where AT_LEAST_0,
        decay_steps: f64 where ABOVE_0,
        alpha: f64 where AT_LEAST_0 = 0.0,
        _name: Ignored = "CosineDecay",
        warmup_target: Option<f64> where AT_LEAST_0,
        warmup_steps: f64 = 0,
    }
}

impl Scheduler for CosineDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (initial, steps) = (self.initial_learning_rate, self.decay_steps);
        let cosine = |from: f64| Ramp { steps, ..Ramp::new(from, from * self.alpha, 0).shape(Shape::Cosine) }.build();
        let Some(target) = self.warmup_target else {
            return Ok(cosine(initial)?.into());
        };
        let warmup = Ramp { steps: self.warmup_steps.max(0.0), ..Ramp::new(initial, target, 0) }.build()?;
        let phases = [Phase { start: 0, schedule: warmup }, from_boundary(self.warmup_steps, cosine(target)?)?];
        Ok(Schedule::sequence(phases.into())?.into())
    }
}

params! {
    /// Cosines to `alpha` times the initial rate; cycle `i` is `first_decay_steps * t_mul^i` long, and the part of its peak
    /// above that floor is `m_mul^i` of the first one's. With `t_mul` below 1 the cycles come to an end, where keras has
    /// NaN.
    struct CosineDecayRestarts {
        initial_learning_rate: f64 where AT_LEAST_0,
        first_decay_steps: u64 where ABOVE_0,
        t_mul: f64 where ABOVE_0 = 2.0,
        m_mul: f64 where AT_LEAST_0 = 1.0,
        alpha: f64 where AT_LEAST_0 = 0.0,
        _name: Ignored = "SGDRDecay",
    }
}

impl Scheduler for CosineDecayRestarts {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let (initial, period, growth) = (self.initial_learning_rate, self.first_decay_steps, self.t_mul);
        let wave = Ramp::new(1.0, 0.0, period).shape(Shape::Cosine).build()?;
        let waves = Repeat::new(wave, period).growth(growth).cycle_scale(self.m_mul);
        let waves = if growth < 1.0 { waves.limit(u64::MAX) } else { waves }.build()?;
        let lr = between(initial, initial * self.alpha, waves)?;
        if growth >= 1.0 {
            return Ok(lr.into());
        }
        let last = libm::ceil(period as f64 / (1.0 - growth)) as u64 - 1;
        let held = Schedule::constant(lr.at(last))?;
        Ok(lr.then_at(last, held)?.into())
    }
}

params! {
    /// Reduces at the `patience`-th bad epoch, PyTorch one later; 0 is as 1. In the last epoch of a cooldown the count
    /// begins again, so a cooldown of 1 is none. `min_delta` is absolute.
    struct ReduceLROnPlateau {
        optimizer_lr: f64 where AT_LEAST_0,
        monitor: String = "val_loss",
        factor: f64 where BELOW_1 = 0.1,
        patience: i64 = 10,
        _verbose: Ignored = 0,
        mode: String = "auto",
        min_delta: f64 = 1e-4,
        cooldown: i64 = 0,
        min_lr: f64 = 0.0,
    }
}

impl Scheduler for ReduceLROnPlateau {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let one_less = |count: i64| count.max(1).unsigned_abs() - 1;
        let plateau = Plateau::new()
            .mode(self.plateau_mode()?)
            .factor(self.factor.max(0.0))
            .patience(one_less(self.patience))
            .threshold(self.min_delta.abs(), ThresholdMode::AbsoluteFromMetric)
            .cooldown(one_less(self.cooldown))
            .min_lr(self.min_lr.max(0.0))
            .eps(0.0)
            .non_finite(NonFinite::CompareFirst)
            .build()?;
        Ok(Translation::from(Schedule::constant(self.optimizer_lr)?).with_feedback(plateau))
    }
}

impl ReduceLROnPlateau {
    /// A mode that keras does not know is `auto`, which asks the model for its metrics: of those only the usual names are
    /// known here.
    fn plateau_mode(&self) -> Result<PlateauMode, Refusal> {
        let metric = self.monitor.strip_prefix("val_").unwrap_or(&self.monitor);
        match self.mode.as_str() {
            "min" => Ok(PlateauMode::Min),
            "max" => Ok(PlateauMode::Max),
            _ if metric == "loss" => Ok(PlateauMode::Min),
            _ if metric == "acc" || metric.ends_with("accuracy") => Ok(PlateauMode::Max),
            _ => Err(Self::mode
                .refused("be `min` or `max`, because only keras's model knows which way this `monitor` is better")),
        }
    }
}
