//! Learning-rate schedules as data.
//!
//! A [`Schedule`] is a small expression tree: always valid, comparable, printable, and serde in and out. It is a pure
//! function of the step: [`Schedule::at`]`(t)` is the learning rate of optimizer update `t`, counted from 0. A
//! [`Scheduler`] is a position on a schedule, and its [`SchedulerState`] is all that a checkpoint needs.
//!
//! ```
//! use sched_core::{Schedule, Scheduler};
//!
//! # fn main() -> Result<(), sched_core::ScheduleError> {
//! let schedule = Schedule::cosine_annealing(1e-3, 1e-5, 9_500)?.warmup(0.0, 500)?;
//! assert_eq!(schedule.to_string(), "linear 0 -> 1e-3 over 500, then cosine 1e-3 -> 1e-5 over 9500");
//! assert_eq!(schedule.at(0), 0.0);
//! assert_eq!(schedule.at(500), 1e-3);
//! assert_eq!(schedule.at(10_000), 1e-5);
//! assert_eq!(schedule.at(u64::MAX), 1e-5);
//!
//! let mut scheduler = Scheduler::new(schedule);
//! assert_eq!(scheduler.step(), 0.0);
//! assert_eq!(scheduler.step(), 2e-6);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to find what
//!
//! | for | use |
//! |---|---|
//! | one curve | [`Schedule::cosine_annealing`], [`step`](Schedule::step), [`linear`](Schedule::linear) and the other constructors of [`Schedule`] |
//! | a curve with options | the builders [`OneCycle`], [`Cyclic`], [`Wsd`], [`Ramp`], [`Repeat`] |
//! | curves combined | [`warmup`](Schedule::warmup), [`then`](Schedule::then), [`times`](Schedule::times), [`repeat`](Schedule::repeat), [`per_epoch`](Schedule::per_epoch) and the like |
//! | any other curve | its tree: [`Node`] |
//! | epochs, percent, samples, tokens | [`Duration`] and [`Plan`], which turns them into steps |
//! | a rate that follows a metric | [`Plateau`], [`Greedy`], or your own [`Rule`] |
//! | an end when a metric stops improving | [`EarlyStopping`] |
//! | a schedule's length against the run's | [`Schedule::compare_horizon`] |
//! | which rate to start from | [`RangeTest`] and [`RangeCurve`] |
//!
//! [Every schedule](#every-schedule) is shown at the end of this page.
//!
//! # Conventions
//!
//! - Steps are whole optimizer updates, counted from 0. Parameters that count steps take any integer type ([`StepCount`]).
//! - Rates are finite and 0 or more. A rate that would exceed [`f64::MAX`] is [`f64::MAX`].
//! - Past its end a schedule holds its last value, unless [`Beyond`] says otherwise.
//! - All arithmetic is `f64` through the pure-Rust `libm`, so a schedule has the same bits on every platform.
//! - The crate is `no_std` and needs `alloc`.
//!
//! # Units
//!
//! A schedule knows only steps. A [`Plan`] holds what is known of a run, and turns each [`Duration`] into steps, in code and in
//! schedule files:
//!
//! ```
//! use sched_core::{Plan, Schedule};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let plan = Plan::new().epochs(90).steps_per_epoch(390);
//! let (warmup, decay) = (plan.steps("5 epochs".parse()?)?, plan.steps("85 epochs".parse()?)?);
//! let schedule = Schedule::cosine_annealing(0.1, 0.0, decay)?.warmup(0.0, warmup)?;
//! assert_eq!(schedule.at(1_950), 0.1);
//! # Ok(())
//! # }
//! ```
//!
#![doc = include_str!("gallery.md")]
#![no_std]

extern crate alloc;

#[cfg(test)]
extern crate std;

mod build;
mod eval;
mod exact;
mod feedback;
mod range;
mod run;
mod schedule;
mod units;

pub use build::{Anneal, Cyclic, CyclicMode, OneCycle, Wsd};
pub use eval::{HorizonMismatch, RateError};
pub use feedback::{
    Custom, EarlyStopping, Feedback, Greedy, GreedyBuilder, NonFinite, Observation, ObserveError, Plateau,
    PlateauBuilder, PlateauMode, Rule, Seen, ThresholdMode,
};
pub use range::{
    Growth, NoSuggestion, RangeCurve, RangeEnd, RangePoint, RangeRecorder, RangeTest, Suggestion, Suggestions,
};
pub use run::{Curve, Factor, LoadError, OnMismatch, STATE_KIND, STATE_VERSION, Scheduler, SchedulerState};
pub use schedule::{
    Beyond, Exponential, MAX_DEPTH, Milestone, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape,
    StepCount, Steps,
};
pub use units::{Duration, DurationError, Interval, Plan, PlanError, Rounding, Unit, UnitsError, Value, ValueError};

/// Text from a file, made safe to show in a message, for code built on this crate.
pub mod show {
    pub use crate::schedule::{Line, line, nearest, passage, safe_error as error};
}

/// The checks that parameters share, for code built on this crate to refuse bad numbers in the same words.
///
/// ```
/// use sched_core::{Schedule, ScheduleError, check};
///
/// fn halfway(lr: f64) -> Result<Schedule, ScheduleError> {
///     check::rate("lr", lr)?; // half of it would be named otherwise
///     Schedule::constant(lr / 2.0)
/// }
///
/// assert_eq!(halfway(-1.0).unwrap_err().to_string(), "`lr` is -1, but must be 0 or more");
/// ```
pub mod check {
    pub use crate::schedule::{at_least_one, finite, rate, whole, within};
}
