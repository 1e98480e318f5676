//! What the MNIST examples share: everything that does not depend on burn's version.
//!
//! An example is an [`Example`]: its names, and functions that train a [`Job`] and find a rate in a [`Trial`] with its burn.

mod args;
mod digits;
mod error;
mod example;
mod history;
mod job;
mod log;
mod plot;
mod samples;
mod settings;
mod throttle;
mod trial;

pub use example::{Ending, Example, catch, on_interrupt};
pub use job::Job;
pub use log::{Reading, RunLog, Split, layer_rate};
pub use samples::{Batch, CLASSES, Data, Epoch, Image, SIDE, Samples, Supply};
pub use settings::Settings;
pub use throttle::Throttle;
pub use trial::Trial;
