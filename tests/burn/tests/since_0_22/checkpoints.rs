//! The newest whole checkpoint, whatever is damaged.

use std::path::Path;

use sched_burn::prelude::*;
use sched_burn::{CheckpointError, Checkpoints};

use super::burn::lr_scheduler::{LrScheduler as _, LrSchedulerRecord};
use super::burn::optim::AdamConfig;
use super::burn::tensor::Device;
use super::common::damage::{self, Burn, Flips};
use super::common::*;
use super::learner::{Job, Mlp};
use super::train;

fn newest(directory: &Path) -> Checkpoints {
    let model = Mlp::new(&Device::flex().autodiff());
    train::newest_checkpoint(directory, &model, &AdamConfig::new().init()).unwrap()
}

fn burn() -> Burn {
    Burn {
        extension: "bpk",
        run: |directory, epochs, checkpoint| {
            Job { epochs, checkpoint, ..Job::default() }.run(directory, Scheduler::new(schedule()))
        },
        newest,
        write_scheduler: |directory, epoch, scheduler| train::write_scheduler(directory, epoch, scheduler),
    }
}

#[test]
fn lost_files_are_found() {
    damage::assert_lost_files_are_found(burn());
}

#[test]
fn files_of_two_runs_are_found() {
    damage::assert_files_of_two_runs_are_found(burn());
}

#[test]
fn it_falls_back_and_resumes_exactly() {
    damage::assert_falls_back_and_resumes_exactly(burn());
}

#[test]
fn a_lost_scheduler_is_bridged() {
    damage::assert_a_lost_scheduler_is_bridged(burn());
}

#[test]
fn flipped_bits_are_found_or_harmless() {
    for Flips { stem, bytes, found, unseen } in damage::flip_bits(burn()) {
        // After the header come names, shapes, places and scalars, then the tensors, which have no checksum.
        let size = u32::from_le_bytes(bytes[6..10].try_into().unwrap()) as usize;
        let in_structure = |indices: &[usize]| indices.iter().filter(|&&index| index < 10 + size).count();
        assert!(in_structure(&found) > 2 * in_structure(&unseen), "{stem}: found in {found:?}, not in {unseen:?}");
        assert_eq!(in_structure(&found), found.len(), "{stem}: {found:?}");
    }
}

#[test]
fn the_state_of_every_parameter_group_is_checked() {
    let trained = burn().train();
    let path = trained.path("scheduler", EPOCHS);
    let good = Scheduler::new(schedule()).to_record();
    let bad = good.clone().with_scalar("state.0003", 0_u64);
    let groups = |groups: &[&LrSchedulerRecord]| {
        let record = groups.iter().enumerate().fold(LrSchedulerRecord::new(), |record, (index, &group)| {
            record.with_record(&index.to_string(), group.clone())
        });
        record.save(&path).unwrap();
        trained.newest().newest
    };
    // A group at a constant rate of burn's own has nothing to save.
    let constant = LrSchedulerRecord::new();
    assert_eq!(groups(&[&good, &constant, &good]), Some(EPOCHS));
    assert_eq!(groups(&[&good, &constant, &bad]), Some(EPOCHS - 1));
    assert_eq!(groups(&[&bad, &constant, &good]), Some(EPOCHS - 1));
    assert_eq!(groups(&[&constant]), Some(EPOCHS - 1));
}

#[test]
fn the_files_of_another_model_or_optimizer_are_no_checkpoint() {
    let trained = burn().train();
    for (stem, other, reason) in
        [("model", "optim", "Missing tensors"), ("optim", "scheduler", "the optimizer restores only a part of it")]
    {
        let path = trained.path(stem, EPOCHS);
        let kept = std::fs::read(&path).unwrap();
        std::fs::copy(trained.path(other, EPOCHS), &path).unwrap();
        let line = trained.newest().skipped[0].to_string();
        assert_says(&line, &[reason]);
        std::fs::write(path, kept).unwrap();
    }
}

#[test]
fn a_folder_that_cannot_be_listed_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(newest(directory.path()), Checkpoints::default());
    std::fs::write(directory.path().join("checkpoint"), "").unwrap();
    let model = Mlp::new(&Device::flex().autodiff());
    let error = train::newest_checkpoint(directory.path(), &model, &AdamConfig::new().init()).unwrap_err();
    assert!(matches!(error, CheckpointError::List { .. }), "{error}");
}
