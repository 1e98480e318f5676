//! burn 0.21, and what only burn 0.21 has: backend generics, a `Record` for every recorder, one rate for all parameters.

mod atomic_recorder;
mod average;
mod grouped_optimizer;
mod lr_scheduler;
mod per_update;
mod read_back;
mod scheduled_optimizer;
#[cfg(feature = "train")]
pub mod train;

pub use atomic_recorder::AtomicRecorder;
pub use grouped_optimizer::GroupedOptimizer;
pub use lr_scheduler::SchedulerRecord;
pub use per_update::{PerUpdate, PerUpdateRecord};
pub use scheduled_optimizer::ScheduledItem;
