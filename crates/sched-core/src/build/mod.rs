//! Schedules by their usual names: each constructor returns a tree of nodes.

mod combine;
mod cyclic;
mod decay;
mod one_cycle;
mod piecewise;
mod ramp;
mod repeat;
mod warmup;
mod wsd;

pub use cyclic::{Cyclic, CyclicMode};
pub use one_cycle::{Anneal, OneCycle};
pub use wsd::Wsd;
