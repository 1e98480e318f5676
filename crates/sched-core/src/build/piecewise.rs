//! Rates given at points in time.

use alloc::vec::Vec;

use crate::schedule::{
    Milestone, Node, Phase, Ramp, Schedule, ScheduleError, Shape, StepCount, Steps, ordered, rates, whole,
};

/// Piecewise schedules, from lists of steps and rates.
impl Schedule {
    /// A rate that jumps at milestones: `initial`, then the rate of the last milestone `(step, rate)` with `step <= t`.
    ///
    /// `initial` before the first milestone, each rate from its step on, the last one to the end of the run. Steps are in
    /// order; of several milestones at one step the last counts. Paddle's `PiecewiseDecay`; Keras's
    /// `PiecewiseConstantDecay` changes one step later.
    ///
    /// ```
    /// # use sched_core::Schedule;
    /// let schedule = Schedule::piecewise_constant(0.1, &[(100, 0.05), (200, 0.01)])?;
    /// assert_eq!([0, 99, 100, 200, 300].map(|t| schedule.at(t)), [0.1, 0.1, 0.05, 0.01, 0.01]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `milestones` is empty or out of order, a step is negative, or a rate is negative or not finite.
    pub fn piecewise_constant(initial: f64, milestones: &[(impl StepCount, f64)]) -> Result<Self, ScheduleError> {
        rates("milestones", milestones.iter().map(|&(_, rate)| rate))?;
        let milestones = with_counts("milestones", milestones)?;
        let milestones = milestones.into_iter().map(|(step, value)| Milestone { step, value }).collect();
        Node::Steps(Steps { initial, milestones }).try_into()
    }

    /// A rate at each knot `(step, rate)`, and a ramp of this [`Shape`] `s` from one knot to the next.
    ///
    /// From `(a, from)` to `(b, to)` it is `from * s(p) + to * (1 - s(p))` with `p = (t - a) / (b - a)`. The first rate before the first knot, the last one after the last. Steps are in order; two knots at one step make a
    /// jump to the second. ignite's `PiecewiseLinear`; optax's `piecewise_interpolate_schedule`.
    ///
    /// ```
    /// # use sched_core::{Schedule, Shape};
    /// let schedule = Schedule::piecewise(&[(10, 0.0), (20, 1.0), (40, 0.5)], Shape::Linear)?;
    /// assert_eq!([0, 10, 15, 20, 30, 40, 50].map(|t| schedule.at(t)), [0.0, 0.0, 0.5, 1.0, 0.75, 0.5, 0.5]);
    /// # Ok::<(), sched_core::ScheduleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `knots` is empty or out of order, a step is negative, a rate is negative or not finite, or a parameter of the shape
    /// is out of range, or the shape is geometric and a rate is 0.
    pub fn piecewise(knots: &[(impl StepCount, f64)], shape: Shape) -> Result<Self, ScheduleError> {
        rates("knots", knots.iter().map(|&(_, rate)| rate))?;
        let knots = with_counts("knots", knots)?;
        ordered("knots", knots.iter().map(|&(step, _)| step))?;
        let Some((&(first, value), &(last, end))) = knots.first().zip(knots.last()) else {
            return Err(ScheduleError::Empty { field: "knots" });
        };
        let mut phases = Vec::with_capacity(knots.len() + 1);
        if first > 0 {
            phases.push(Phase { start: 0, schedule: Schedule::constant(value)? });
        }
        for pair in knots.windows(2) {
            let ((start, from), (stop, to)) = (pair[0], pair[1]);
            let ramp = Ramp::new(from, to, stop - start).shape(shape).build();
            let ramp = ramp.map_err(|error| error.renamed(&[("from", "knots"), ("to", "knots")]))?;
            phases.push(Phase { start, schedule: ramp });
        }
        phases.push(Phase { start: last, schedule: Schedule::constant(end)? });
        Schedule::sequence(phases)
    }
}

fn with_counts(field: &'static str, points: &[(impl StepCount, f64)]) -> Result<Vec<(u64, f64)>, ScheduleError> {
    points.iter().map(|&(step, rate)| Ok((whole(field, step)?, rate))).collect()
}
