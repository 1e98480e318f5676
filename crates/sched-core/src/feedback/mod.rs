//! Rules that follow a metric and multiply the rate of a schedule.

mod greedy;
mod kind;
mod metric;
mod plateau;
mod rule;

pub use greedy::Greedy;
pub use kind::{Feedback, Observation, ObserveError};
pub use metric::{NonFinite, PlateauMode, ThresholdMode};
pub use plateau::Plateau;
pub use rule::{Custom, Rule, Seen};
