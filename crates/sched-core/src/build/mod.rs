//! Schedules by their usual names: each constructor returns a tree of nodes.
//!
//! A constructor checks what it computes with; what it passes on unchanged is checked by the node that takes it, whose error
//! is then renamed after the constructor's own parameter.

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
