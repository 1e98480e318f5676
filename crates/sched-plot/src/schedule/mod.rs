//! The picture of schedules: what it shows, as an image, in the terminal and as a page.

mod html;
mod image;
mod plot;
mod sample;
mod terminal;

pub use plot::SchedulePlot;
pub use sample::sample;
