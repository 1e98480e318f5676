//! burn 0.23, by the same tests as burn 0.22.

#[path = "since_0_22/averages.rs"]
mod averages;
#[path = "since_0_22/checkpoints.rs"]
mod checkpoints;
mod common;
mod follow;
#[path = "since_0_22/follow_in_groups.rs"]
mod follow_in_groups;
#[path = "since_0_22/groups.rs"]
mod groups;
#[path = "since_0_22/hyper_parameters.rs"]
mod hyper_parameters;
#[path = "since_0_22/log.rs"]
mod log;
#[path = "common/v0_23.rs"]
mod on;
#[path = "since_0_22/resume.rs"]
mod resume;

use burn_0_23 as burn;
use common::{STOP, UPDATES, rates, schedule};
use learner::Job;
use on::{deep, follow as training, learner};
use sched_burn::{Scheduler, train_0_23 as train};

#[test]
fn a_checkpoint_of_burn_0_22_resumes() {
    let directory = tempfile::tempdir().unwrap();
    let job = common::v0_22::learner::Job { epochs: STOP, ..Default::default() };
    let first = job.run(directory.path(), Scheduler::new(schedule()));
    let second = Job { checkpoint: Some(STOP), ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
    assert_eq!([first.rates, second.rates].concat(), rates(&schedule(), 0..UPDATES));
}
