//! The learning-rate range test: which rates to try, and which to choose.

mod curve;
mod suggestions;
mod test;

pub use curve::{RangeCurve, RangeEnd, RangePoint};
pub use suggestions::{NoSuggestion, Suggestion, Suggestions};
pub use test::{Growth, RangeRecorder, RangeTest};
