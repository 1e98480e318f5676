//! burn 0.22: resuming, parameter groups, rates that follow a metric.

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
#[path = "since_0_22/resume.rs"]
mod resume;

use burn_0_22 as burn;
use common::v0_22::{deep, follow as training, learner};
use common::{learner_0_21, schedule};
use learner::Job;
use sched_burn::{Scheduler, train_0_22 as train};

/// The backend that burn 0.21 shares.
#[expect(deprecated, reason = "burn 0.22 still has it, and people still use it")]
fn ndarray() -> burn::tensor::Device {
    burn::tensor::Device::ndarray()
}

#[test]
fn every_epoch_is_a_good_one_to_stop_after_on_ndarray() {
    resume::assert_every_epoch_is_a_good_one_to_stop_after(&ndarray());
}

#[test]
fn both_burns_train_the_same_model() {
    let directory = tempfile::tempdir().unwrap();
    let new = Job { device: ndarray(), ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
    let directory = tempfile::tempdir().unwrap();
    let old = learner_0_21::Job::default().run(directory.path(), Scheduler::new(schedule()));
    assert_eq!(new, old);
}
