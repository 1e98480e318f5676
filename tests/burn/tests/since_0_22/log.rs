//! What a training shows and writes down: every group's rate and hyper-parameters at each step.

use std::path::Path;

use sched_burn::prelude::*;
use serde_json::{Value, json};

use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::ParamGroup;
use super::burn::optim::AdamConfig;
use super::burn::tensor::Device;
use super::burn::train::logger::FileMetricLogger;
use super::burn::train::metric::LossMetric;
use super::burn::train::{Learner, SupervisedTraining};
use super::common::printed::assert_each_pass_is_a_line;
use super::common::*;
use super::learner::{Log, Mlp, Quiet, loader};
use super::train::{EpochLines, ScalarLogger};
use super::training::Run;
use sched_burn::JsonLines;

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
    let log = ScalarLogger::new(JsonLines::open(directory.join("log.jsonl")).unwrap())
        .with_steps_of(&rates)
        .batches_per_step(ACCUMULATION);
    let scheduler = ModuleLrScheduler::new(hidden).with_group(ParamGroup::from_predicate("output"), output);
    let mut training = SupervisedTraining::new(directory, loader(ITERATIONS * BATCH), loader(BATCH))
        .metrics((LossMetric::new(),))
        .with_metric_logger(FileMetricLogger::new(directory))
        .with_metric_logger(log)
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

#[test]
fn the_log_has_what_burns_files_have_with_the_steps_of_the_whole_training() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), 1, None);
    train(directory.path(), 3, Some(1));
    let mut expected = vec![];
    for epoch in 1..=3 {
        let first = (epoch as u64 - 1) * UPDATES_PER_EPOCH;
        let losses = burns_losses(directory.path(), "train", epoch);
        let (mean, losses) = losses.split_last().unwrap();
        assert_eq!(losses.len(), ITERATIONS);
        // The batches of the first update, of the second, and what is left over.
        for (step, loss) in [0, 0, 1, 1, 2].iter().zip(losses) {
            expected.push(json!({ "step": first + step, "split": "train", "Loss": loss }));
        }
        let last = first + UPDATES_PER_EPOCH - 1;
        let epoch_line =
            |split, loss| json!({ "step": last, "split": split, "epoch": epoch as f64, "epoch/Loss": loss });
        expected.push(epoch_line("train", mean));
        expected.push(epoch_line("valid", burns_losses(directory.path(), "valid", epoch).last().unwrap()));
    }
    let (rates, others): (Vec<_>, Vec<_>) =
        logged(&directory.path().join("log.jsonl")).into_iter().partition(|line| line.get("lr/hidden").is_some());
    assert_eq!(others, expected);
    let without_split = rates.into_iter().map(|mut line| {
        line.as_object_mut().unwrap().remove("split").unwrap();
        line
    });
    assert_eq!(without_split.collect::<Vec<_>>(), self::expected(0..3 * UPDATES_PER_EPOCH));
}

#[test]
fn off_a_terminal_each_pass_is_a_line() {
    assert_each_pass_is_a_line(|feed, scheduler, printed| {
        let directory = tempfile::tempdir().unwrap();
        let run = Run { feed, directory: directory.path(), checkpoint: None };
        run.train(scheduler, |training| training.renderer(Box::new(EpochLines::new(printed))));
    });
}
