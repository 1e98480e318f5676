//! Schedules that begin with a warmup.

use alloc::vec;

use crate::schedule::{Node, Phase, PowerLaw, Ramp, Schedule, ScheduleError, Shape, at_least_one, rate, within};

/// Warmup.
impl Schedule {
    /// A straight line from `start` to this schedule's first value over `warmup_steps`, then this schedule.
    ///
    /// `start` at 0, this schedule's first value at `warmup_steps` itself, where its own clock begins at 0. The start is
    /// explicit: 0 wastes the first update, `peak / warmup_steps` does not.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::cosine_annealing(0.1, 0.0, 100)?.warmup(0.02, 4)?;
    /// assert_eq!([0, 2, 4, 54, 104].map(|t| schedule.at(t)), [0.02, 0.060000000000000005, 0.1, 0.05, 0.0]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `start` is negative or not finite, or the nesting is too deep.
    pub fn warmup(self, start: f64, warmup_steps: u64) -> Result<Self, ScheduleError> {
        self.warmup_with(start, warmup_steps, Shape::Linear)
    }

    /// [`warmup`](Self::warmup) along another [`Shape`].
    ///
    /// ```
    /// # use sched_core::{Schedule, Shape};
    /// let schedule = Schedule::constant(0.1)?.warmup_with(0.0, 4, Shape::Cosine)?;
    /// assert_eq!([0, 2, 4].map(|t| schedule.at(t)), [0.0, 0.05, 0.1]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `start` is negative or not finite, the shape is geometric and an end is 0, or the nesting is too deep.
    pub fn warmup_with(self, start: f64, warmup_steps: u64, shape: Shape) -> Result<Self, ScheduleError> {
        rate("start", start)?;
        Ramp::new(start, self.at(0), warmup_steps).shape(shape).build()?.then_at(warmup_steps, self)
    }

    /// Noam: `factor * model_size^-0.5 * min(s^-0.5, s * warmup_steps^-1.5)` with `s = t + 1`.
    ///
    /// A linear warmup up to `t = warmup_steps - 1`, where the peak `factor / sqrt(model_size * warmup_steps)` is, then
    /// the inverse square root, for ever. `model_size` and `warmup_steps` are 1 or more. This is burn's count; paddle's
    /// has `s = t`. Vaswani et al. 2017, arXiv 1706.03762.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let noam = Schedule::noam(1.0, 4, 100)?;
    /// assert_eq!([0, 99, 399].map(|t| noam.at(t)), [0.0005, 0.05, 0.025]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `factor` is negative or not finite, or a count is 0.
    pub fn noam(factor: f64, model_size: u64, warmup_steps: u64) -> Result<Self, ScheduleError> {
        rate("factor", factor)?;
        at_least_one("model_size", model_size)?;
        at_least_one("warmup_steps", warmup_steps)?;
        let warmup = warmup_steps as f64;
        let peak = factor / libm::sqrt(model_size as f64 * warmup);
        let decay = Node::PowerLaw(PowerLaw { scale: peak, offset: warmup, time_scale: warmup, power: -0.5 });
        Schedule::try_from(decay)?.warmup(peak / warmup, warmup_steps - 1)
    }

    /// Tri-stage: linear warmup, hold, exponential decay, then the last rate; fairseq's `tri_stage`.
    ///
    /// `init_lr_scale * peak` at 0, `peak` from `warmup_steps` until `warmup_steps + hold_steps`, then
    /// `peak * final_lr_scale^(u / decay_steps)`, and `final_lr_scale * peak` from the end on. `init_lr_scale` is 0 or
    /// more, `final_lr_scale` above 0. Park et al. 2019, SpecAugment, arXiv 1904.08779.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let tri_stage = Schedule::tri_stage(1.0, 10, 20, 30, 0.5, 0.25)?;
    /// assert_eq!([0, 10, 30, 45, 60, 61].map(|t| tri_stage.at(t)), [0.5, 1.0, 1.0, 0.5, 0.25, 0.25]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number is out of its range or not finite, or `peak` is 0.
    pub fn tri_stage(
        peak: f64,
        warmup_steps: u64,
        hold_steps: u64,
        decay_steps: u64,
        init_lr_scale: f64,
        final_lr_scale: f64,
    ) -> Result<Self, ScheduleError> {
        within("peak", peak, peak > 0.0, "above 0")?;
        rate("init_lr_scale", init_lr_scale)?;
        within("final_lr_scale", final_lr_scale, final_lr_scale > 0.0, "above 0")?;
        let hold = warmup_steps;
        let decay = hold.saturating_add(hold_steps);
        Schedule::sequence(vec![
            Phase { start: 0, schedule: Schedule::linear(peak * init_lr_scale, peak, warmup_steps)? },
            Phase { start: hold, schedule: Schedule::constant(peak)? },
            Phase {
                start: decay,
                schedule: Ramp::new(peak, peak * final_lr_scale, decay_steps).shape(Shape::Geometric).build()?,
            },
        ])
    }
}
