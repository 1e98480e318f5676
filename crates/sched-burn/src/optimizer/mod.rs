//! Optimizers whose hyper-parameters follow curves; burn's version nowhere in it.

mod average;
mod cycle;
#[cfg(feature = "dialects")]
mod group;
mod hyper_parameter;
mod scheduled_optimizer;

pub use average::{AverageError, WeightAverage};
pub use cycle::MomentumCycle;
pub use hyper_parameter::{HyperParameter, HyperParameterError};
pub use scheduled_optimizer::{ScheduledOptimizer, ScheduledState};
