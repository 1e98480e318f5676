//! Schedules that begin with a warmup.

use alloc::vec;

use crate::schedule::{
    Node, Phase, PowerLaw, Ramp, Schedule, ScheduleError, Shape, StepCount, at_least_one, finite, rate, whole, within,
};

/// Warmup.
impl Schedule {
    /// A straight line from `initial` to this schedule's first value over `warmup_steps`, then this schedule.
    ///
    /// `initial + (self(0) - initial) t / warmup_steps` before `warmup_steps`, `self(t - warmup_steps)` from there on: `initial`
    /// at 0, this schedule's first value at `warmup_steps`. `initial = 0` wastes the first update; a peak over `warmup_steps`
    /// does not.
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
    /// `initial` is negative or not finite, `warmup_steps` is negative, or the nesting is too deep.
    pub fn warmup(self, initial: f64, warmup_steps: impl StepCount) -> Result<Self, ScheduleError> {
        self.warmup_with(initial, warmup_steps, Shape::Linear)
    }

    /// [`warmup`](Self::warmup) along another [`Shape`] `s`: `initial * s(p) + self(0) (1 - s(p))` with `p = t / warmup_steps`.
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
    /// `initial` is negative or not finite, `warmup_steps` is negative, the shape is geometric and one of its ends is 0,
    /// or the nesting is too deep.
    pub fn warmup_with(self, initial: f64, warmup_steps: impl StepCount, shape: Shape) -> Result<Self, ScheduleError> {
        let warmup_steps = whole("warmup_steps", warmup_steps)?;
        let warmup = Ramp::new(initial, self.at(0), warmup_steps).shape(shape).build();
        warmup.map_err(|error| error.renamed(&[("from", "initial"), ("to", "at(0)")]))?.then_at(warmup_steps, self)
    }

    /// Noam: `factor * model_size^-0.5 * min(s^-0.5, s * warmup_steps^-1.5)` with `s = t + 1`.
    ///
    /// A linear warmup from `t = 0` to the peak `factor / sqrt(model_size * warmup_steps)` at `t = warmup_steps - 1`, then
    /// the inverse square root; it never ends. `factor` is 0 or more, `model_size` and `warmup_steps` are 1 or more. This
    /// counts as burn does; Paddle has `s = t`. Vaswani et al. 2017, arXiv 1706.03762.
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
    /// `factor` is negative or not finite, or a count is below 1.
    pub fn noam(factor: f64, model_size: impl StepCount, warmup_steps: impl StepCount) -> Result<Self, ScheduleError> {
        rate("factor", factor)?;
        let model_size = whole("model_size", model_size)?;
        at_least_one("model_size", model_size)?;
        let warmup_steps = whole("warmup_steps", warmup_steps)?;
        at_least_one("warmup_steps", warmup_steps)?;
        let warmup = warmup_steps as f64;
        let peak = factor / libm::sqrt(model_size as f64 * warmup);
        let decay = Node::PowerLaw(PowerLaw { scale: peak, offset: warmup, time_scale: warmup, power: -0.5 });
        Schedule::try_from(decay)?.warmup(peak / warmup, warmup_steps - 1)
    }

    /// Tri-stage: a linear warmup, a hold, an exponential decay, then the last rate.
    ///
    /// `max_lr (init_lr_scale + (1 - init_lr_scale) t / warmup_steps)`, then `max_lr` from `warmup_steps` on for `hold_steps`, then
    /// `max_lr * final_lr_scale^(u / decay_steps)` with `u` counted from there, and `max_lr * final_lr_scale` from the end
    /// of the decay on. `max_lr` and `final_lr_scale` are above 0, `init_lr_scale` is 0 or more. fairseq's `tri_stage`.
    /// Park et al. 2019, SpecAugment, arXiv 1904.08779.
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
    /// A number is out of range or not finite, or a count is negative.
    pub fn tri_stage(
        max_lr: f64,
        warmup_steps: impl StepCount,
        hold_steps: impl StepCount,
        decay_steps: impl StepCount,
        init_lr_scale: f64,
        final_lr_scale: f64,
    ) -> Result<Self, ScheduleError> {
        within("max_lr", max_lr, max_lr > 0.0, "above 0")?;
        rate("init_lr_scale", init_lr_scale)?;
        within("final_lr_scale", final_lr_scale, final_lr_scale > 0.0, "above 0")?;
        let hold = whole("warmup_steps", warmup_steps)?;
        let decay = hold.saturating_add(whole("hold_steps", hold_steps)?);
        let (first, last) = (max_lr * init_lr_scale, max_lr * final_lr_scale);
        finite("max_lr * init_lr_scale", first)?;
        within("max_lr * final_lr_scale", last, last > 0.0, "above 0")?;
        let fall = Ramp::new(max_lr, last, whole("decay_steps", decay_steps)?).shape(Shape::Geometric).build()?;
        Schedule::sequence(vec![
            Phase { start: 0, schedule: Schedule::linear(first, max_lr, hold)? },
            Phase { start: hold, schedule: Schedule::constant(max_lr)? },
            Phase { start: decay, schedule: fall },
        ])
    }
}
