//! Decays, by a formula or in steps.

use sched_core::{Node, PowerLaw, Ramp, Schedule};

use super::resume::Resume;
use crate::declare::{
    ABOVE_0, ABOVE_0_BELOW_1, AT_LEAST_0, BELOW_1, BETWEEN_0_AND_1, Context, Refusal, Scheduler, Translation, params,
};
use crate::shared::{polynomial_cycles, stairs};

params! {
    /// `learning_rate / sqrt(d_model) * min(t^-0.5, t warmup_steps^-1.5)`: 0 at step 0, the peak at `warmup_steps`.
    pub(super) struct NoamDecay {
        d_model: f64 where ABOVE_0,
        warmup_steps: f64 where ABOVE_0,
        learning_rate: f64 where AT_LEAST_0 = 1.0,
        .._resume: Resume,
    }
}

impl Scheduler for NoamDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let warmup_steps = self.warmup_steps;
        let peak = self.learning_rate / libm::sqrt(self.d_model * warmup_steps);
        let start = libm::ceil(warmup_steps);
        let rise = Ramp { steps: warmup_steps, ..Ramp::new(0.0, peak, 0) }.build()?;
        let fall = PowerLaw { scale: peak, offset: start, time_scale: warmup_steps, power: -0.5 };
        Ok(rise.then_at(start as u64, Node::PowerLaw(fall).try_into()?)?.into())
    }
}

params! {
    /// The value before the first boundary above `t`, else the last value; there may be more values than intervals.
    pub(super) struct PiecewiseDecay {
        boundaries: Vec<f64>,
        values: Vec<f64> where AT_LEAST_0,
        .._resume: Resume,
    }
}

impl Scheduler for PiecewiseDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let Self { boundaries, values, .. } = self;
        Self::boundaries.must(!boundaries.is_empty(), "have at least one element")?;
        Self::values.must(values.len() > boundaries.len(), "have more elements than `boundaries`")?;
        let rate = |t: f64| values[boundaries.iter().position(|boundary| t < *boundary).unwrap_or(values.len() - 1)];
        Ok(stairs(boundaries.iter().map(|boundary| libm::ceil(*boundary) as u64), rate)?.into())
    }
}

params! {
    /// `learning_rate * e^(-gamma t)`.
    pub(super) struct NaturalExpDecay {
        learning_rate: f64 where AT_LEAST_0,
        gamma: f64 where ABOVE_0,
        .._resume: Resume,
    }
}

impl Scheduler for NaturalExpDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        // Not `e^-gamma` per step, whose rounding error would grow with every step.
        let lr = Schedule::exponential_over(self.learning_rate, libm::exp(-1.0), 1.0 / self.gamma);
        Ok(lr.map_err(|error| error.renamed(&[("decay_steps", "1 / gamma")]))?.into())
    }
}

params! {
    /// `learning_rate / (1 + gamma t)`.
    pub(super) struct InverseTimeDecay {
        learning_rate: f64 where AT_LEAST_0,
        gamma: f64,
        .._resume: Resume,
    }
}

impl Scheduler for InverseTimeDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Self::gamma.must(self.gamma >= 0.0, "be 0 or more, or the rate grows without bound")?;
        Ok(Schedule::inverse_time(self.learning_rate, self.gamma, 1.0)?.into())
    }
}

params! {
    /// `end_lr + (learning_rate - end_lr) (1 - t / decay_steps)^power`, then `end_lr`; with `cycle`, see
    /// [`polynomial_cycles`].
    pub(super) struct PolynomialDecay {
        learning_rate: f64 where AT_LEAST_0,
        decay_steps: u64 where ABOVE_0,
        end_lr: f64 where AT_LEAST_0 = 1e-4,
        power: f64 where ABOVE_0 = 1.0,
        cycle: bool = false,
        .._resume: Resume,
    }
}

impl Scheduler for PolynomialDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let decay = if self.cycle { polynomial_cycles } else { Schedule::polynomial };
        Ok(decay(self.learning_rate, self.end_lr, self.decay_steps, self.power)?.into())
    }
}

params! {
    /// `learning_rate * gamma^t`.
    pub(super) struct ExponentialDecay {
        learning_rate: f64 where AT_LEAST_0,
        gamma: f64 where ABOVE_0_BELOW_1,
        .._resume: Resume,
    }
}

impl Scheduler for ExponentialDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::exponential(self.learning_rate, self.gamma)?.into())
    }
}

params! {
    /// `learning_rate * gamma^(number of milestones up to t)`.
    pub(super) struct MultiStepDecay {
        learning_rate: f64 where AT_LEAST_0,
        milestones: Vec<f64>,
        gamma: f64 where BELOW_1 = 0.1,
        .._resume: Resume,
    }
}

impl Scheduler for MultiStepDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        let Self { learning_rate, milestones, gamma, .. } = self;
        Self::milestones.must(milestones.windows(2).all(|pair| pair[0] < pair[1]), "be strictly increasing")?;
        Self::gamma.follow(&AT_LEAST_0, gamma)?;
        let passed = |t: f64| milestones.iter().filter(|milestone| **milestone <= t).count();
        let rate = |t: f64| learning_rate * libm::pow(*gamma, passed(t) as f64);
        Ok(stairs(milestones.iter().map(|milestone| libm::ceil(*milestone) as u64), rate)?.into())
    }
}

params! {
    /// `learning_rate * gamma^floor(t / step_size)`.
    pub(super) struct StepDecay {
        learning_rate: f64 where AT_LEAST_0,
        step_size: u64 where ABOVE_0,
        gamma: f64 where BELOW_1 = 0.1,
        .._resume: Resume,
    }
}

impl Scheduler for StepDecay {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Ok(Schedule::step(self.learning_rate, self.step_size, self.gamma)?.into())
    }
}

params! {
    /// `learning_rate` times a factor that goes from `start_factor` to `end_factor` in `total_steps`.
    pub(super) struct LinearLR {
        learning_rate: f64 where AT_LEAST_0,
        total_steps: u64 where ABOVE_0,
        start_factor: f64 = 1.0 / 3.0,
        end_factor: f64 where BETWEEN_0_AND_1 = 1.0,
        .._resume: Resume,
    }
}

impl Scheduler for LinearLR {
    fn translate(&self, _: &Context<'_>) -> Result<Translation, Refusal> {
        Self::start_factor.must(self.start_factor > 0.0 && self.start_factor <= 1.0, "be above 0 and at most 1")?;
        let at = |factor: f64| self.learning_rate * factor;
        Ok(Schedule::linear(at(self.start_factor), at(self.end_factor), self.total_steps)?.into())
    }
}
