//! The learning-rate range test: which rates to try, and which to choose.
//!
//! Each file builds on those before it: test, recorder, curve, suggestions.

mod curve;
mod recorder;
mod suggestions;
mod test;

pub use curve::RangeCurve;
pub use recorder::{RangeEnd, RangePoint, RangeRecorder};
pub use suggestions::{NoSuggestion, Suggestion, Suggestions};
pub use test::{Growth, RangeTest};
