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
//!
//! # Features
//!
//! - `dialects`: the schedulers of eleven other libraries, by their own names and parameters.

#![no_std]

extern crate alloc;

#[cfg(test)]
extern crate std;

mod ahead;
mod checksum;
mod combine;
mod curve;
mod custom;
mod cyclic;
mod decay;
#[cfg(feature = "dialects")]
pub mod dialect;
mod display;
mod duration;
mod elementary;
mod error;
mod eval;
mod factor;
mod feedback;
mod field;
mod greedy;
mod horizon;
mod horizon_mismatch;
mod metric;
mod node;
mod one_cycle;
mod piecewise;
mod plan;
mod plateau;
mod powers;
mod range_curve;
mod range_test;
mod read_state;
mod read_value;
mod real;
mod repeat;
mod sample;
mod schedule;
mod scheduler;
mod seam;
mod shape;
mod state;
mod suggest;
mod units;
mod value;
mod warmup;
mod whole;
mod wsd;

pub use curve::Curve;
pub use custom::{Custom, Rule, Seen};
pub use cyclic::{Cyclic, CyclicMode};
pub use duration::{Duration, DurationError, Unit};
pub use error::ScheduleError;
pub use factor::Factor;
pub use feedback::{Feedback, Observation, ObserveError};
pub use greedy::Greedy;
pub use horizon_mismatch::HorizonMismatch;
pub use metric::{NonFinite, PlateauMode, ThresholdMode};
pub use node::{Beyond, Exponential, MAX_DEPTH, Milestone, Node, Phase, PowerLaw, Ramp, Repeat, Steps};
pub use one_cycle::{Anneal, OneCycle};
pub use plan::{Plan, PlanError};
pub use plateau::Plateau;
pub use range_curve::{RangeCurve, RangeEnd, RangePoint};
pub use range_test::{Growth, RangeRecorder, RangeTest};
pub use schedule::Schedule;
pub use scheduler::Scheduler;
pub use shape::Shape;
pub use state::{LoadError, OnMismatch, STATE_KIND, STATE_VERSION, SchedulerState};
pub use suggest::{NoSuggestion, Suggestion, Suggestions};
pub use units::UnitsError;
pub use value::Value;
pub use wsd::Wsd;
