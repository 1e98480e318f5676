//! The rate at a step, many rates at once, and what the structure tells of the steps ahead.

mod fit;
mod horizon;
mod powers;
mod rate;
mod rate_error;
mod sample;
mod seam;
mod whole;

pub use fit::HorizonMismatch;
pub use rate_error::RateError;

pub(crate) use powers::Powers;
