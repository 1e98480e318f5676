//! Warmup, stable, decay.

use alloc::vec;

use crate::schedule::{Given, Phase, Ramp, Schedule, ScheduleError, Shape, StepCount, rate};

/// Warmup-stable-decay, the trapezoid: up to a peak, along it, and down.
///
/// The rate is `initial` at 0, `max_lr` from `warmup_steps` until `warmup_steps + stable_steps`, then
/// `max_lr * s(u / decay_steps) + eta_min (1 - s(u / decay_steps))` with `u` counted from there and `s` the shape of the
/// decay, and `eta_min` in the end. Defaults: no warmup, a linear one if there is one, [`Shape::OneMinusSqrt`] for the decay,
/// which is `s(p) = 1 - sqrt(p)`, and `eta_min = 0`.
///
/// Hu et al. 2024, MiniCPM, arXiv 2404.06395; Hägele et al. 2024, arXiv 2405.18392.
///
/// ```
/// use sched_core::{Shape, Wsd};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let wsd = Wsd::new(1e-3, 800, 100).warmup(0.0, 100).decay_shape(Shape::Linear).eta_min(1e-4).build()?;
/// assert_eq!([0, 100, 899, 900, 1000].map(|t| wsd.at(t)), [0.0, 1e-3, 1e-3, 1e-3, 1e-4]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a builder does nothing until `build`"]
pub struct Wsd {
    max_lr: f64,
    stable_steps: Given,
    decay_steps: Given,
    initial: f64,
    warmup_steps: Given,
    warmup_shape: Shape,
    decay_shape: Shape,
    eta_min: f64,
}

impl Wsd {
    /// `max_lr` for `stable_steps`, then a decay over `decay_steps`.
    pub fn new(max_lr: f64, stable_steps: impl StepCount, decay_steps: impl StepCount) -> Self {
        Self {
            max_lr,
            stable_steps: Given::new(stable_steps),
            decay_steps: Given::new(decay_steps),
            initial: 0.0,
            warmup_steps: Given::new(0),
            warmup_shape: Shape::Linear,
            decay_shape: Shape::OneMinusSqrt,
            eta_min: 0.0,
        }
    }

    /// Starts with a warmup from `initial` over `warmup_steps`.
    pub fn warmup(mut self, initial: f64, warmup_steps: impl StepCount) -> Self {
        self.initial = initial;
        self.warmup_steps = Given::new(warmup_steps);
        self
    }

    /// Sets the shape of the warmup; linear by default.
    pub fn warmup_shape(mut self, warmup_shape: Shape) -> Self {
        self.warmup_shape = warmup_shape;
        self
    }

    /// Sets the shape of the decay; [`Shape::OneMinusSqrt`] by default.
    pub fn decay_shape(mut self, decay_shape: Shape) -> Self {
        self.decay_shape = decay_shape;
        self
    }

    /// Sets the last rate; 0 by default.
    pub fn eta_min(mut self, eta_min: f64) -> Self {
        self.eta_min = eta_min;
        self
    }

    /// The schedule.
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, a count is negative, or a shape is out of range or cannot reach 0.
    pub fn build(self) -> Result<Schedule, ScheduleError> {
        let renamed = |from, to| move |error: ScheduleError| error.renamed(&[("from", from), ("to", to)]);
        rate("max_lr", self.max_lr)?;
        rate("initial", self.initial)?;
        let stable = self.warmup_steps.get("warmup_steps")?;
        let decay = stable.saturating_add(self.stable_steps.get("stable_steps")?);
        let decay_steps = self.decay_steps.get("decay_steps")?;
        let mut phases = vec![];
        if stable > 0 {
            let ramp = Ramp::new(self.initial, self.max_lr, stable).shape(self.warmup_shape).build();
            phases.push(Phase { start: 0, schedule: ramp.map_err(renamed("initial", "max_lr"))? });
        }
        phases.push(Phase { start: stable, schedule: Schedule::constant(self.max_lr)? });
        let ramp = Ramp::new(self.max_lr, self.eta_min, decay_steps).shape(self.decay_shape).build();
        phases.push(Phase { start: decay, schedule: ramp.map_err(renamed("max_lr", "eta_min"))? });
        Schedule::sequence(phases)
    }
}
