//! A schedule as data: its nodes and shapes, in words, and read from files.

mod display;
mod error;
mod node;
mod reading;
mod shape;

pub use error::ScheduleError;
pub use node::{Beyond, Exponential, MAX_DEPTH, Milestone, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, Steps};

pub use shape::Shape;

pub(crate) use display::{Rounded, Short};
pub(crate) use error::{LONGEST, at_least_one, finite, ordered, rate, span, within};
pub(crate) use reading::{count, number};
pub(crate) use shape::{Progress, WavePart, Weight, halves, log_of, power_of_halves};
