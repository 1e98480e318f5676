//! Learning-rate schedules as data.
//!
//! A [`Schedule`] is a small expression tree: always valid, comparable, printable, and serde in and out. It is a pure
//! function of the step: [`Schedule::at`]`(t)` is the learning rate of optimizer update `t`, counted from 0. A
//! [`Scheduler`] is a position on such a curve, and its [`SchedulerState`] is all that a checkpoint needs.
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
//! # The algebra
//!
//! Every named schedule is built from the nodes of [`Node`]; the constructors on [`Schedule`] and the builders
//! [`OneCycle`], [`Cyclic`], [`Wsd`], [`Ramp`] and [`Repeat`] return trees of them.
//!
//! # Conventions
//!
//! - Steps are whole optimizer updates counted from 0, as `u64`; a schedule is defined for all of them.
//! - Rates are finite and not negative. Past its end a schedule holds its last value unless told otherwise
//!   ([`Beyond`]). A value that would exceed [`f64::MAX`] is [`f64::MAX`].
//! - All arithmetic is `f64` through the pure-Rust `libm`, so a schedule has the same bits on every platform.
//! - The crate is `no_std` and needs `alloc`.
//!
//! # Units
//!
//! A step is all that a schedule knows. A [`Plan`] turns what people think in ([`Duration`]: epochs, percent of the run,
//! samples, tokens) into steps, in code and in schedule files.
//!
//! # Finding a rate
//!
//! A [`RangeTest`] says which rates to train some mini-batches with; from their losses comes a [`RangeCurve`], which suggests a
//! rate in three ways.

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
    Custom, Feedback, Greedy, GreedyBuilder, NonFinite, Observation, ObserveError, Plateau, PlateauBuilder,
    PlateauMode, Rule, Seen, ThresholdMode,
};
pub use range::{
    Growth, NoSuggestion, RangeCurve, RangeEnd, RangePoint, RangeRecorder, RangeTest, Suggestion, Suggestions,
};
pub use run::{Curve, Factor, LoadError, OnMismatch, STATE_KIND, STATE_VERSION, Scheduler, SchedulerState};
pub use schedule::{
    Beyond, Exponential, MAX_DEPTH, Milestone, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, ScheduleError, Shape,
    Steps,
};
pub use units::{Duration, DurationError, Plan, PlanError, Unit, UnitsError, Value};
