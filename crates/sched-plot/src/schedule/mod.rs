//! The picture of schedules: what it shows.

mod phases;
mod plot;
mod sample;
mod text;

pub use plot::SchedulePlot;
pub use sample::sample;
