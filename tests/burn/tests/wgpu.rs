//! On wgpu, in software if there is no GPU: a training that is stopped and resumed continues as if it had never
//! stopped, on burn 0.21 and 0.22; and burn 0.22's own data-parallel training has the same rate on every worker. Its
//! gradients are not synchronised, which needs several GPUs. That of burn 0.21 needs collective operations from every
//! backend in the program, and the backends of the other tests have none.
#![cfg(feature = "wgpu")]

mod common;

use common::scripted::{SCRIPT, expected, scheduler};
use common::{EPOCHS, ITERATIONS, STOP, UPDATES, learner_0_21, rates, schedule, v0_22};
use sched_burn::Feed;
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
        let job = v0_22::learner::Job { device, epochs, checkpoint, accumulation: None };
        job.run(directory.path(), Scheduler::new(schedule()))
    };
    let whole = run(EPOCHS, None);
    assert_eq!(whole.rates, rates(&schedule(), 0..UPDATES));
    run(STOP, None);
    let resumed = run(EPOCHS, Some(STOP));
    assert_eq!(resumed.rates, whole.rates[STOP * ITERATIONS..]);
    assert_eq!(resumed.parameters, whole.parameters);
}

/// Among the rates of two workers, in any order, each must occur twice.
fn assert_same_on_both(mut rates: Vec<f64>, steps_per_epoch: usize) {
    let mut twice = expected(steps_per_epoch).repeat(2);
    twice.sort_by(f64::total_cmp);
    rates.sort_by(f64::total_cmp);
    assert_eq!(rates, twice);
}

#[test]
fn burn_0_22_is_data_parallel() {
    use burn_0_22::tensor::distributed::{DistributedConfig, DistributedContext, ReduceOperation};
    use burn_0_22::tensor::{Device, DeviceKind};
    use burn_0_22::train::{ExecutionStrategy, TrainingStrategy};

    let directory = tempfile::tempdir().unwrap();
    let feed = Feed::new(SCRIPT.len()).without_horizon_guard();
    let run = v0_22::follow::Run { feed: &feed, directory: directory.path(), checkpoint: None };
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    let context = DistributedContext::init(vec![], DistributedConfig { all_reduce_op: ReduceOperation::Mean });
    let strategy =
        ExecutionStrategy::DistributedDataParallel { devices: vec![device.clone(), device.clone()], context };
    let training = run
        .training()
        .metric_valid_numeric(v0_22::follow::Scripted::new(&SCRIPT, 0))
        .with_training_strategy(TrainingStrategy::Default(strategy));
    let (scheduler, rates) = v0_22::learner::Logged::new(scheduler(&feed));
    let result = run.launch_on(&device, training, scheduler);
    assert!(result.error.is_none(), "{:?}", result.error);
    assert_same_on_both(v0_22::learner::taken(&rates), 3);
}
