//! The picture of a learning-rate range test: what it shows.

mod plot;
mod text;

pub use plot::RangePlot;
