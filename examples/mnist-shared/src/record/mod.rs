//! What a run leaves for people to read: a line per epoch, CSV files and a picture.

mod history;
mod log;
mod plot;

pub(crate) use history::{History, Rows};
pub use log::{Reading, RunLog, Split, layer_rate};
pub(crate) use plot::draw;
