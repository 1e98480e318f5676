//! burn 0.23, by the same tests as burn 0.22.

mod common;
mod follow;
#[path = "since_0_22/follow_in_groups.rs"]
mod follow_in_groups;
#[path = "since_0_22/groups.rs"]
mod groups;
#[path = "common/v0_23.rs"]
mod on;
#[path = "since_0_22/resume.rs"]
mod resume;

use burn_0_23 as burn;
use learner::Job;
use on::{deep, follow as training, learner};
