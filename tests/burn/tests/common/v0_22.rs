//! The task on burn 0.22.

use burn_0_22 as burn;
use sched_burn::train_0_22::supervised_training;

/// Keeps the first block (burn 0.23 and later) or the second (before).
macro_rules! since_0_23 {
    ({ $($since:tt)* } else { $($before:tt)* }) => { $($before)* };
}

#[path = "since_0_22/deep.rs"]
pub(crate) mod deep;
#[path = "since_0_22/follow.rs"]
pub(crate) mod follow;
#[path = "since_0_22/learner.rs"]
pub(crate) mod learner;
