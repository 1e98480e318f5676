//! A training on wgpu, by software if there is no GPU, that is stopped and resumed goes on as if it had never stopped, on
//! both burns.
#![cfg(feature = "wgpu")]

mod common;

use common::{EPOCHS, ITERATIONS, STOP, UPDATES, learner_0_21, learner_0_22, rates, schedule};
use sched_burn::prelude::*;

#[test]
fn burn_0_21_resumes() {
    use burn_0_21::backend::{Autodiff, Wgpu};

    let directory = tempfile::tempdir().unwrap();
    let run = |epochs, checkpoint| {
        let job = learner_0_21::Job { epochs, checkpoint, ..Default::default() };
        job.run_on::<Autodiff<Wgpu>, _>(directory.path(), Scheduler::new(schedule())).0
    };
    let whole = run(EPOCHS, None);
    assert_eq!(whole.rates, rates(&schedule(), 0..UPDATES));
    run(STOP, None);
    let resumed = run(EPOCHS, Some(STOP));
    assert_eq!(resumed.rates, whole.rates[STOP * ITERATIONS..]);
    assert_eq!(resumed.parameters, whole.parameters);
}

#[test]
fn burn_0_22_resumes() {
    use burn_0_22::tensor::{Device, DeviceKind};

    let directory = tempfile::tempdir().unwrap();
    let run = |epochs, checkpoint| {
        let device = Device::wgpu(DeviceKind::DefaultDevice);
        let job = learner_0_22::Job { device, epochs, checkpoint, accumulation: None };
        job.run(directory.path(), Scheduler::new(schedule()))
    };
    let whole = run(EPOCHS, None);
    assert_eq!(whole.rates, rates(&schedule(), 0..UPDATES));
    run(STOP, None);
    let resumed = run(EPOCHS, Some(STOP));
    assert_eq!(resumed.rates, whole.rates[STOP * ITERATIONS..]);
    assert_eq!(resumed.parameters, whole.parameters);
}
