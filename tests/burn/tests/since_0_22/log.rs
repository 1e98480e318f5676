//! What a training shows and writes down: every group's rate and hyper-parameters at each step.

use std::path::Path;

use sched_burn::prelude::*;
use serde_json::{Value, json};

use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::ParamGroup;
use super::burn::optim::AdamConfig;
use super::burn::tensor::Device;
use super::burn::train::{Learner, SupervisedTraining};
use super::common::*;
use super::learner::{Log, Mlp, Quiet, loader};

/// Iterations per update; five iterations are three updates.
const ACCUMULATION: usize = 2;
const UPDATES_PER_EPOCH: u64 = 3;

/// Trains two groups up to an epoch, perhaps from a checkpoint on.
fn train(directory: &Path, epochs: usize, checkpoint: Option<usize>) {
    let linear = |from, to| Schedule::linear(from, to, 10).unwrap();
    let mut hidden = Scheduler::new(linear(0.1, 0.0));
    let mut output = Scheduler::new(linear(0.2, 0.0)).with_plateau(Plateau::new().build().unwrap());
    let momentum = HyperParameter::new("momentum", linear(0.8, 0.9));
    let rates =
        LearningRates::new().with_group("hidden", &mut hidden, &[momentum]).with_group("output", &mut output, &[]);
    let scheduler = ModuleLrScheduler::new(hidden).with_group(ParamGroup::from_predicate("output"), output);
    let mut training = SupervisedTraining::new(directory, loader(ITERATIONS * BATCH), loader(BATCH))
        .metric_train(rates)
        .renderer(Box::new(Quiet { shown: Log::default() }))
        .with_application_logger(None)
        .with_default_checkpointers()
        .grads_accumulation(ACCUMULATION)
        .num_epochs(epochs);
    if let Some(checkpoint) = checkpoint {
        training = training.checkpoint(checkpoint);
    }
    let model = Mlp::new(&Device::flex().autodiff());
    let result = training.launch(Learner::new(model, AdamConfig::new().init(), scheduler));
    assert!(result.error.is_none(), "{:?}", result.error);
}

/// The lines for these steps, whose rates and momentum are linear over ten steps.
fn expected(steps: impl Iterator<Item = u64>) -> Vec<Value> {
    let line = |step: u64| {
        let left = (10 - step) as f64 / 10.0;
        json!({
            "step": step,
            "lr/hidden": 0.1 * left,
            "momentum/hidden": Schedule::linear(0.8, 0.9, 10).unwrap().at(step),
            "lr/output": 0.2 * left,
            "multiplier/output": 1.0,
        })
    };
    steps.map(line).collect()
}

#[test]
fn every_group_is_shown_at_every_step_also_after_a_resume() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), 1, None);
    train(directory.path(), 3, Some(1));
    for epoch in 1..=3 {
        let steps = (epoch as u64 - 1) * UPDATES_PER_EPOCH..epoch as u64 * UPDATES_PER_EPOCH;
        assert_eq!(logged_rates(directory.path(), epoch), expected(steps), "epoch {epoch}");
    }
}
