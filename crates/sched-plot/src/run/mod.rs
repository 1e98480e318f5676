//! A training as it runs: what was measured, and the plan ahead.

mod plot;

pub use plot::RunPlot;
