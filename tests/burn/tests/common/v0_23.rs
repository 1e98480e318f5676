//! The task on burn 0.23.
#![allow(dead_code, reason = "other burns' tests take more of it")]
#![allow(clippy::duplicate_mod, reason = "burn 0.22 has the same files")]

use burn_0_23 as burn;
use sched_burn::train_0_23::supervised_training;

/// Keeps the first block (burn 0.23 and later) or the second (before).
macro_rules! since_0_23 {
    ({ $($since:tt)* } else { $($before:tt)* }) => { $($since)* };
}

#[path = "since_0_22/deep.rs"]
pub(crate) mod deep;
#[path = "since_0_22/follow.rs"]
pub(crate) mod follow;
#[path = "since_0_22/learner.rs"]
pub(crate) mod learner;
