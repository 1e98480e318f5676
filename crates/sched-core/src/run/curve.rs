//! What a scheduler runs: a schedule, or a function from step to rate.

use alloc::sync::Arc;

use crate::eval::RateError;
use crate::schedule::Schedule;

/// What a [`Scheduler`](crate::Scheduler) can run: a [`Schedule`], or a closure from step to rate.
///
/// ```
/// use sched_core::{Schedule, Scheduler};
///
/// let constant = Scheduler::new(Schedule::constant(1e-3)?);
/// assert_eq!(constant.peek(), 1e-3);
///
/// let custom = Scheduler::new(|step: u64| 0.1 * 0.95_f64.powi((step / 30) as i32));
/// assert_eq!(custom.at(29), 0.1);
/// assert_eq!(custom.at(30), 0.095);
/// # Ok::<(), sched_core::ScheduleError>(())
/// ```
///
/// A constructor's `Result` and a plain number are neither; the compiler's message says what to write instead:
///
/// ```compile_fail,E0277
/// # use sched_core::{Schedule, Scheduler};
/// Scheduler::new(Schedule::linear(1.0, 0.0, 10)); // a `Result`: add `?`
/// ```
///
/// ```compile_fail,E0277
/// # use sched_core::{Schedule, Scheduler};
/// Scheduler::new(1e-3); // a number: write `Schedule::constant(1e-3)?`
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a schedule nor a function from step to rate",
    label = "expected a `Schedule`, or a closure `|step: u64| -> f64`",
    note = "if this is the `Result` of a constructor or a builder, add `?`: `Schedule::linear(1.0, 0.0, 10)?`",
    note = "if this is a constant rate, write `Schedule::constant(rate)?`, which checks it",
    note = "if this is a builder such as `Ramp` or `OneCycle`, build the schedule first: `.build()?` or `.lr()?`"
)]
pub trait Curve {
    /// The rate of optimizer update `step`, counted from 0: finite and 0 or more, and dependent on nothing but the step.
    fn at(&self, step: u64) -> f64;

    /// The curve as data, which a scheduler then runs and saves instead; `None` for code.
    fn to_schedule(&self) -> Option<Schedule> {
        None
    }
}

impl Curve for Schedule {
    fn at(&self, step: u64) -> f64 {
        Schedule::at(self, step)
    }

    fn to_schedule(&self) -> Option<Schedule> {
        Some(self.clone())
    }
}

impl<F: Fn(u64) -> f64> Curve for F {
    fn at(&self, step: u64) -> f64 {
        self(step)
    }
}

/// A curve by what can be done with it.
#[derive(Clone)]
pub(crate) enum Source {
    /// Valid at every step, so that any number of rates can be computed ahead.
    Schedule(Arc<Schedule>),
    /// May return anything, may look at the step that it is called with, and may panic past the end of a run: it is called
    /// step by step and checked each time.
    Function(Arc<dyn Curve + Send + Sync>),
}

impl Source {
    pub(crate) fn new(curve: impl Curve + Send + Sync + 'static) -> Self {
        match curve.to_schedule() {
            Some(schedule) => schedule.into(),
            None => Self::Function(Arc::new(curve)),
        }
    }

    pub(crate) fn at(&self, step: u64) -> Result<f64, RateError> {
        match self {
            Self::Schedule(schedule) => Ok(schedule.at(step)),
            Self::Function(function) => RateError::check(step, function.at(step)),
        }
    }

    pub(crate) fn schedule(&self) -> Option<&Schedule> {
        match self {
            Self::Schedule(schedule) => Some(schedule),
            Self::Function(_) => None,
        }
    }
}

impl From<Schedule> for Source {
    fn from(schedule: Schedule) -> Self {
        Self::Schedule(Arc::new(schedule))
    }
}
