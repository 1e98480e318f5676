//! Rates given at points in time.

use alloc::vec::Vec;

use crate::schedule::{Milestone, Node, Phase, Ramp, Schedule, ScheduleError, Shape, Steps, ordered};

/// Piecewise.
impl Schedule {
    /// `initial`, then each value from its step on; paddle's `PiecewiseDecay`.
    ///
    /// Steps are in order; of several values at one step the last counts. keras's `PiecewiseConstantDecay` changes one
    /// step later.
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
    /// There is no value, the steps are out of order, or a rate is negative or not finite.
    pub fn piecewise_constant(initial: f64, milestones: &[(u64, f64)]) -> Result<Self, ScheduleError> {
        let milestones = milestones.iter().map(|&(step, value)| Milestone { step, value }).collect();
        Node::Steps(Steps { initial, milestones }).try_into()
    }

    /// A value at each knot, and a ramp of this shape in between.
    ///
    /// The first value holds before the first knot, the last one after the last. Steps are in order; two knots at one
    /// step make a jump, to the second. ignite's `PiecewiseLinear`; optax's `piecewise_interpolate_schedule`.
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
    /// There is no knot, the steps are out of order, a rate is negative or not finite, or the shape is geometric and a
    /// rate is 0.
    pub fn piecewise(knots: &[(u64, f64)], shape: Shape) -> Result<Self, ScheduleError> {
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
            phases.push(Phase { start, schedule: Ramp::new(from, to, stop - start).shape(shape).build()? });
        }
        phases.push(Phase { start: last, schedule: Schedule::constant(end)? });
        Schedule::sequence(phases)
    }
}
