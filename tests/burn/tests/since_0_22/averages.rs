//! Averages of the weights: with PyTorch's numbers after every update, through checkpoints, and only of what is averaged.

use std::path::Path;

use sched_burn::prelude::*;

use super::burn::module::{Module, ParamGroup};
use super::burn::optim::{GradientsParams, ModuleOptimizer};
use super::burn::store::ModuleRecord;
use super::burn::tensor::Device;
use super::burn::train::Learner;
use super::common::torch_trainings::{STEPS, SWA, Trained, assert_trains_as_torch, byol, swalr, torch_ema};
use super::common::*;
use super::hyper_parameters::{Loop, adamw, device, scheduled, sgd};
use super::learner::{Batch, Job, Mlp};

fn average(training: &Loop) -> Result<Mlp, AverageError> {
    training.optimizer.averaged(training.model.clone())
}

/// Makes this many updates; returns the bits of the averages after each.
fn averages(training: &mut Loop, updates: usize) -> Trained {
    let update = |_| {
        training.run(1);
        average(training).unwrap().bits()
    };
    (0..updates).map(update).collect()
}

/// Asserts that the averages are PyTorch's, and the weights as without an average.
fn assert_averages_as_torch(
    name: &str,
    schedule: Schedule,
    optimizer: ScheduledOptimizer<impl super::burn::optim::Optimizer>,
) {
    let scheduler = Scheduler::new(schedule);
    let weights = Loop::new(scheduler.clone(), sgd(0.9)).run(STEPS);
    assert_trains_as_torch(name, &averages(&mut Loop::new(scheduler.clone(), optimizer.clone()), STEPS), &weights);
    assert_eq!(Loop::new(scheduler, optimizer).run(STEPS), weights);
}

fn averaged() -> ScheduledOptimizer<super::burn::optim::Sgd> {
    ScheduledOptimizer::constant(sgd(0.9))
}

#[test]
fn an_ema_is_pytorchs() {
    assert_averages_as_torch("average, EMA", Schedule::constant(0.1).unwrap(), averaged().ema(torch_ema));
}

#[test]
fn an_ema_whose_decay_follows_a_schedule_is_byols() {
    assert_averages_as_torch("average, BYOL", Schedule::constant(0.1).unwrap(), averaged().ema(byol()));
}

#[test]
fn stochastic_weight_averaging_is_pytorchs() {
    let (start, every) = SWA;
    assert_averages_as_torch("average, SWA", swalr(), averaged().swa(start, every).unwrap());
}

/// Beside hyper-parameters that follow curves.
fn both() -> ScheduledOptimizer<super::burn::optim::AdamW> {
    scheduled().ema(Schedule::linear(0.5, 1.0, UPDATES).unwrap())
}

#[test]
fn every_update_is_a_good_one_to_stop_after() {
    let training = || Loop::new(Scheduler::new(schedule()), both());
    let whole = averages(&mut training(), UPDATES as usize);
    for stop in 1..UPDATES as usize {
        let mut stopped = training();
        let first = averages(&mut stopped, stop);
        let second = averages(&mut stopped.hand_over(both()), UPDATES as usize - stop);
        assert!([first, second].concat() == whole, "stopped after update {stop}");
    }
}

/// The average in the checkpoint of the last epoch, read as after a training that has ended.
fn learn(directory: &Path, checkpoint: Option<usize>) -> Vec<u32> {
    let learner = Learner::new(Mlp::new(&device()), both().into(), Scheduler::new(schedule()));
    Job { checkpoint, ..Job::default() }.train_model(directory, ITERATIONS, learner);
    let file = |name: &str| directory.join("checkpoint").join(format!("{name}-{EPOCHS}.bpk"));
    let model = Mlp::new(&Device::flex()).load_record(ModuleRecord::load(file("model")).unwrap());
    ModuleOptimizer::from(both()).load(file("optim")).unwrap().averaged(model).unwrap().bits()
}

#[test]
fn every_epoch_is_a_good_one_to_stop_after() {
    let directory = tempfile::tempdir().unwrap();
    let whole = learn(directory.path(), None);
    for stop in 1..EPOCHS {
        assert_eq!(learn(directory.path(), Some(stop)), whole, "stopped after epoch {stop}");
    }
}

#[test]
fn what_is_not_averaged_stays_the_model() {
    let output = ParamGroup::from_predicate("output");
    let optimizer = ModuleOptimizer::from(sgd(0.9)).with_group(output, averaged().ema(byol()), None);
    let mut training = Loop::new(Scheduler::new(schedule()), optimizer);
    training.run(3);
    let average = average(&training).unwrap();
    assert_eq!(average.hidden_bits(), training.model.hidden_bits());
    assert_ne!(average.bits(), training.model.bits());
}

#[test]
fn an_average_trains_on_as_the_model_does() {
    let mut training = Loop::new(Scheduler::new(schedule()), both());
    training.run(2);
    for device in [device(), device().gradient_checkpointing()] {
        let model =
            training.optimizer.averaged(Mlp::new(&device).load_record(training.model.clone().into_record())).unwrap();
        let items: Vec<usize> = (0..BATCH).collect();
        // burn refuses to mix two strategies of gradient checkpointing.
        let loss = model.loss(Batch::new(&items, &device)).loss;
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let trained = ModuleOptimizer::from(adamw(0.9, 0.1)).step(0.1, model.clone(), gradients);
        assert!(trained.bits().iter().zip(model.bits()).all(|(trained, average)| *trained != average));
        assert_eq!(model.valid().bits(), model.bits());
    }
}

#[test]
fn a_record_of_another_model_or_without_an_average_is_refused() {
    let mut training = Loop::new(Scheduler::new(schedule()), averaged());
    training.run(1);
    assert_eq!(average(&training).unwrap_err(), AverageError::Missing);

    let mut training = Loop::new(Scheduler::new(schedule()), both());
    assert_eq!(average(&training).unwrap_err(), AverageError::Missing);
    training.run(1);
    let error = training.optimizer.averaged(Mlp::new(&device())).unwrap_err();
    assert_eq!(error, AverageError::OtherModel { averages: 4, found: 0 });
    assert_says(&error.to_string(), &["another model", "load its own record"]);
}
