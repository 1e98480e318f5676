//! A position on a curve, and its state in a checkpoint.

mod ahead;
mod checksum;
mod curve;
mod factor;
#[cfg(test)]
mod laws;
mod read_state;
mod scheduler;
#[cfg(test)]
mod scheduler_laws;
mod state;

pub use curve::Curve;
pub use factor::Factor;
pub use scheduler::Scheduler;
pub use state::{LoadError, OnMismatch, STATE_KIND, STATE_VERSION, SchedulerState};
