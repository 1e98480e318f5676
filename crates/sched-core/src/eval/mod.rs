//! The rate at a step, many rates at once, and what the structure tells of the steps ahead.

#[cfg(test)]
mod cost;
mod extent;
mod fit;
mod growth;
mod horizon;
#[cfg(test)]
mod laws;
mod pointwise;
mod power_law;
mod ramp;
mod rate;
mod rate_error;
mod repeat;
mod runs;
mod sample;
mod sample_ramp;
mod sample_stairs;
mod seam;
mod warp;

pub use fit::HorizonMismatch;
pub use rate_error::RateError;
