//! A figure in the terminal.

mod canvas;
mod chart;
mod screen;

pub(crate) use chart::{initial, letter};
pub use screen::Screen;
