//! A schedule as data: its nodes and shapes, in words, and read from files.

#[cfg(test)]
pub(crate) mod any;
mod digits;
mod display;
mod error;
mod integer;
mod line;
mod node;
mod reading;
mod shape;
mod words;

pub use error::{ScheduleError, at_least_one, finite, rate, within};
pub use integer::{StepCount, whole};
pub(crate) use line::safe_message;
pub use line::{Line, error as safe_error, line, passage};
pub use node::{Beyond, Exponential, MAX_DEPTH, Milestone, Node, Phase, PowerLaw, Ramp, Repeat, Schedule, Steps};
pub use shape::Shape;
pub use words::nearest;

pub(crate) use digits::{Rounded, Short};
pub(crate) use error::{LONGEST, ordered, rates, span};
pub(crate) use integer::Given;
pub(crate) use reading::{count, number};
pub(crate) use shape::{Progress, WavePart, Weight, Weights, halves};
pub(crate) use words::plain_reader;
