//! Anything that has a rate at every step.

use crate::schedule::Schedule;

/// Anything that has a rate at every step: a [`Schedule`], a plain `f64`, a closure.
///
/// ```
/// use sched_core::{Curve, Scheduler};
///
/// let constant = Scheduler::new(1e-3);
/// assert_eq!(constant.peek(), 1e-3);
///
/// let custom = Scheduler::new(|step: u64| 0.1 * 0.95_f64.powi((step / 30) as i32));
/// assert_eq!(custom.at(29), 0.1);
/// assert_eq!(custom.at(30), 0.095);
/// ```
pub trait Curve {
    /// The rate of optimizer update `step`, counted from 0. It must depend on nothing but the step.
    fn at(&self, step: u64) -> f64;

    /// The rates of the updates `first`, `first + 1`, ... into a slice: those of [`at`](Self::at), perhaps faster.
    fn sample(&self, first: u64, rates: &mut [f64]) {
        for (offset, rate) in (0..).zip(rates) {
            *rate = self.at(first.saturating_add(offset));
        }
    }

    /// The curve as data, for a state that describes itself; `None` for code.
    fn to_schedule(&self) -> Option<Schedule> {
        None
    }
}

impl Curve for Schedule {
    fn at(&self, step: u64) -> f64 {
        Schedule::at(self, step)
    }

    fn sample(&self, first: u64, rates: &mut [f64]) {
        Schedule::sample(self, first, rates);
    }

    fn to_schedule(&self) -> Option<Schedule> {
        Some(self.clone())
    }
}

/// The rate itself, at every step.
impl Curve for f64 {
    fn at(&self, _step: u64) -> f64 {
        *self
    }

    fn to_schedule(&self) -> Option<Schedule> {
        Schedule::constant(*self).ok()
    }
}

impl<F: Fn(u64) -> f64> Curve for F {
    fn at(&self, step: u64) -> f64 {
        self(step)
    }
}
