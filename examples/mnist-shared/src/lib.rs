//! What the MNIST examples share: everything that does not depend on burn's version.
//!
//! An example is an [`Example`]: its names, and functions that train a [`Job`] and run a [`Trial`] with its version of burn.

mod args;
mod command;
mod error;
mod example;
mod images;
mod job;
mod process;
mod record;
mod schedule;
mod settings;
mod terminal;
mod trial;

pub use example::{Ending, Example};
pub use images::{Batch, CLASSES, Data, Epoch, Image, SIDE, Samples, Supply};
pub use job::{Job, NewestCheckpoint};
pub use process::{catch, on_interrupt};
pub use record::{Reading, RunLog, Split, layer_rate};
pub use settings::Settings;
pub use terminal::keep_interrupt_key;
pub use trial::Trial;
