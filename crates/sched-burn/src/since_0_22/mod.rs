//! Every burn since 0.22: written once, mounted by the module of each version, whose `burn` it uses.
#![allow(clippy::duplicate_mod, reason = "each version mounts it")]

mod average;
mod groups;
mod lr_scheduler;
mod scheduled_optimizer;
#[cfg(feature = "train")]
pub mod train;

use super::burn;
use super::burn_pack;
