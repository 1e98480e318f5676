//! Trains on in burn where a PyTorch checkpoint stopped, beside what PyTorch did next.
//!
//! The checkpoint gives the model's parameters, the optimizer's moments and the scheduler. What depends on burn is in one file for
//! each version, `v0_22.rs` and `v0_21.rs`; neither needs the other.

mod checkpoint;
mod run;
mod v0_21;
mod v0_22;

pub use run::{Run, Trained};

/// Trains on from the checkpoint of a run.
pub type Train = fn(&Run) -> anyhow::Result<Trained>;

/// The versions of burn.
pub const BURNS: [(&str, Train); 2] = [("burn 0.22", v0_22::train), ("burn 0.21", v0_21::train)];
