//! A training that is stopped and resumed continues as if it had never stopped, with every policy, with a plateau.

use sched_burn::prelude::*;

use super::burn::lr_scheduler::{LrScheduler as _, LrSchedulerRecord};
use super::burn::tensor::Device;
use super::common::*;
use super::learner::Job;

pub(crate) fn assert_every_epoch_is_a_good_one_to_stop_after(device: &Device) {
    let directory = tempfile::tempdir().unwrap();
    let job = Job { device: device.clone(), ..Job::default() };
    let whole = job.run(directory.path(), Scheduler::new(schedule()));
    assert_eq!(whole.rates, rates(&schedule(), 0..UPDATES));
    for stop in 1..EPOCHS {
        let job = Job { device: device.clone(), checkpoint: Some(stop), ..Job::default() };
        let resumed = job.run(directory.path(), Scheduler::new(schedule()));
        assert_eq!(resumed.rates, whole.rates[stop * ITERATIONS..], "stopped after epoch {stop}");
        assert_eq!(resumed.parameters, whole.parameters, "stopped after epoch {stop}");
    }
}

#[test]
fn every_epoch_is_a_good_one_to_stop_after_on_flex() {
    assert_every_epoch_is_a_good_one_to_stop_after(&Device::flex());
}

#[test]
fn stopped_and_resumed_is_one_training() {
    let directory = tempfile::tempdir().unwrap();
    let first = Job { epochs: STOP, ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
    let second = Job { checkpoint: Some(STOP), ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
    let directory = tempfile::tempdir().unwrap();
    let whole = Job::default().run(directory.path(), Scheduler::new(schedule()));
    assert_eq!([first.rates, second.rates].concat(), whole.rates);
    assert_eq!(second.parameters, whole.parameters);
}

/// Trains with one schedule and resumes with another under a policy; returns the rates after the resume.
fn resume_with_another(policy: OnMismatch) -> Vec<f64> {
    let directory = tempfile::tempdir().unwrap();
    Job { epochs: STOP, ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
    let scheduler = Scheduler::new(another()).on_mismatch(policy);
    Job { checkpoint: Some(STOP), ..Job::default() }.run(directory.path(), scheduler).rates
}

/// Twice as long as [`schedule`].
fn another() -> Schedule {
    Schedule::linear(0.01, 0.0, 54).unwrap()
}

#[test]
fn refuse_panics_and_names_both_schedules() {
    let message = panic_message(|| resume_with_another(OnMismatch::Refuse));
    assert_says(
        &message,
        &["cannot resume", &schedule().to_string(), &another().to_string(), "at step 10", "OnMismatch::KeepConfigured"],
    );
}

#[test]
fn keep_configured_goes_on_at_the_saved_position() {
    assert_eq!(resume_with_another(OnMismatch::KeepConfigured), rates(&another(), STOPPED_AT..UPDATES));
}

#[test]
fn take_saved_goes_on_as_saved() {
    assert_eq!(resume_with_another(OnMismatch::TakeSaved), rates(&schedule(), STOPPED_AT..UPDATES));
}

#[test]
fn keep_progress_goes_on_at_the_same_part_of_the_way() {
    let start = 2 * STOPPED_AT; // of 54 steps instead of 27
    assert_eq!(resume_with_another(OnMismatch::KeepProgress), rates(&another(), start..start + UPDATES - STOPPED_AT));
}

#[test]
fn a_plateau_survives() {
    let directory = tempfile::tempdir().unwrap();
    let plateau = Plateau::new().factor(0.5).patience(1).cooldown(3).build().unwrap();
    let scheduler = || Scheduler::new(schedule()).with_plateau(plateau.clone());
    Job { epochs: STOP, ..Job::default() }.run(directory.path(), scheduler());

    // Between the two runs, observe three metrics in the checkpoint: the best, and two that are no better.
    // burn keeps the record of the only parameter group under `0`.
    let path = directory.path().join("checkpoint/scheduler-2.bpk");
    let mut observing = scheduler();
    observing.load_record(LrSchedulerRecord::load(&path).unwrap().record("0"));
    for metric in [0.5, 0.6, 0.7] {
        observing.observe(metric).unwrap();
    }
    LrSchedulerRecord::new().with_record("0", observing.to_record()).save(path).unwrap();

    let resumed = Job { checkpoint: Some(STOP), ..Job::default() }.run(directory.path(), scheduler());
    let halved: Vec<f64> = rates(&schedule(), STOPPED_AT..UPDATES).into_iter().map(|rate| rate * 0.5).collect();
    assert_eq!(resumed.rates, halved);

    let record = LrSchedulerRecord::load(directory.path().join("checkpoint/scheduler-6.bpk")).unwrap().record("0");
    assert_eq!(record.scalar::<u64>("position"), Some(UPDATES));
    assert_eq!(record.scalar::<f64>("plateau.best"), Some(0.5));
    let mut ended = scheduler();
    ended.load_record(record);
    assert_eq!(ended.plateau(), observing.plateau());
}
