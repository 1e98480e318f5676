//! The rate at a step, many rates at once, and what the structure tells of the steps ahead.

mod fit;
mod horizon;
mod powers;
mod rate;
mod sample;
mod seam;
mod whole;

pub use fit::HorizonMismatch;

pub(crate) use powers::Powers;
