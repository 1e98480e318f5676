//! Epochs, percent, samples and tokens, turned into steps.

mod duration;
mod file;
mod interval;
mod params;
mod plan;
mod read_value;
mod rounding;
mod steps;
mod value;
mod value_error;
mod walk;

pub use duration::{Duration, DurationError, Unit};
pub use file::UnitsError;
pub use interval::Interval;
pub use plan::{Plan, PlanError};
pub use rounding::Rounding;
pub use value::Value;
pub use value_error::ValueError;
