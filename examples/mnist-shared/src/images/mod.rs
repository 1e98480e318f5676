//! The images to train on: where they come from, and their order.

mod digits;
mod load;
mod samples;

pub(crate) use load::{Download, load};
pub use samples::{Batch, CLASSES, Data, Epoch, Image, SIDE, Samples, Supply};
