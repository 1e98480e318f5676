//! The picture of a learning-rate range test: what it shows.

mod plot;
mod words;

pub use plot::RangePlot;
