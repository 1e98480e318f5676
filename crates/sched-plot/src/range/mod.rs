//! The picture of a learning-rate range test: what it shows, as an image and in the terminal.

mod image;
mod plot;
mod terminal;

pub use plot::RangePlot;
