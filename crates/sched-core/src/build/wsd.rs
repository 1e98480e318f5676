//! Warmup, stable, decay.

use alloc::vec;

use crate::schedule::{Phase, Ramp, Schedule, ScheduleError, Shape};

/// Warmup-stable-decay, the trapezoid: up to a peak, stay, cool down.
///
/// The rate is `start` at 0, `peak` from `warmup_steps` until `warmup_steps + stable_steps`, then on its way to `floor`,
/// which it has from `warmup_steps + stable_steps + decay_steps` on. Defaults: no warmup (`start = 0` when there is one
/// without a start of its own), linear warmup shape, [`Shape::OneMinusSqrt`] cooldown, `floor = 0`.
///
/// Hu et al. 2024, MiniCPM, arXiv 2404.06395; Hägele et al. 2024, arXiv 2405.18392.
///
/// ```
/// use sched_core::{Shape, Wsd};
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let wsd = Wsd::new(1e-3, 800, 100).warmup(0.0, 100).cooldown(Shape::Linear).floor(1e-4).build()?;
/// assert_eq!([0, 100, 899, 900, 1000].map(|t| wsd.at(t)), [0.0, 1e-3, 1e-3, 1e-3, 1e-4]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a builder does nothing until `build`"]
pub struct Wsd {
    peak: f64,
    stable_steps: u64,
    decay_steps: u64,
    start: f64,
    warmup_steps: u64,
    warmup_shape: Shape,
    cooldown: Shape,
    floor: f64,
}

impl Wsd {
    /// `peak` for `stable_steps`, then a cooldown over `decay_steps`.
    pub fn new(peak: f64, stable_steps: u64, decay_steps: u64) -> Self {
        Self {
            peak,
            stable_steps,
            decay_steps,
            start: 0.0,
            warmup_steps: 0,
            warmup_shape: Shape::Linear,
            cooldown: Shape::OneMinusSqrt,
            floor: 0.0,
        }
    }

    /// Begins with a warmup from `start` over `warmup_steps`.
    pub fn warmup(mut self, start: f64, warmup_steps: u64) -> Self {
        self.start = start;
        self.warmup_steps = warmup_steps;
        self
    }

    /// Warms up along another shape than a line.
    pub fn warmup_shape(mut self, shape: Shape) -> Self {
        self.warmup_shape = shape;
        self
    }

    /// Cools down along another shape than `1 - sqrt(p)`.
    pub fn cooldown(mut self, shape: Shape) -> Self {
        self.cooldown = shape;
        self
    }

    /// Ends at this rate.
    pub fn floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// The schedule.
    ///
    /// # Errors
    ///
    /// A rate is negative or not finite, or a shape cannot have these ends.
    pub fn build(self) -> Result<Schedule, ScheduleError> {
        let decay = self.warmup_steps.saturating_add(self.stable_steps);
        let mut phases = vec![];
        if self.warmup_steps > 0 {
            let ramp = Ramp::new(self.start, self.peak, self.warmup_steps).shape(self.warmup_shape);
            phases.push(Phase { start: 0, schedule: ramp.build()? });
        }
        phases.push(Phase { start: self.warmup_steps, schedule: Schedule::constant(self.peak)? });
        let ramp = Ramp::new(self.peak, self.floor, self.decay_steps).shape(self.cooldown);
        phases.push(Phase { start: decay, schedule: ramp.build()? });
        Schedule::sequence(phases)
    }
}
