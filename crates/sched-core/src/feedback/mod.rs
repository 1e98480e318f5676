//! Rules that follow a metric and multiply the rate of a schedule.

#[cfg(test)]
pub(crate) mod any;
mod early_stopping;
mod follow;
mod greedy;
mod greedy_builder;
mod kind;
mod metric;
mod observation;
mod plateau;
mod plateau_builder;
mod rule;
mod written;

pub use early_stopping::EarlyStopping;
pub use greedy::Greedy;
pub use greedy_builder::GreedyBuilder;
pub use kind::Feedback;
pub use metric::{NonFinite, PlateauMode, ThresholdMode};
pub use observation::{Observation, ObserveError};
pub use plateau::Plateau;
pub use plateau_builder::PlateauBuilder;
pub use rule::{Custom, Rule, Seen};
