//! What a training on burn 0.21 shows and writes down, as on later versions.

mod common;

use std::path::Path;

use burn::optim::AdamConfig;
use burn::train::logger::FileMetricLogger;
use burn::train::metric::LossMetric;
use burn::train::{Learner, SupervisedTraining};
use burn_0_21 as burn;
use common::follow_0_21::Run;
use common::learner_0_21::{Cpu, Log, Mlp, Quiet, loader};
use common::printed::assert_each_pass_is_a_line;
use common::*;
use sched_burn::JsonLines;
use sched_burn::prelude::*;
use sched_burn::train_0_21::{EpochLines, ScalarLogger};
use serde_json::json;

/// Iterations per update.
const ACCUMULATION: usize = 5;

fn train(directory: &Path, scheduler: Scheduler, rates: LearningRates) {
    let log = ScalarLogger::new(JsonLines::open(directory.join("log.jsonl")).unwrap())
        .with_steps_of(&rates)
        .batches_per_step(ACCUMULATION);
    let scheduler = PerUpdate::new(scheduler).accumulation(ACCUMULATION).unwrap();
    let model: Mlp<Cpu> = Mlp::new(&Default::default());
    let result = SupervisedTraining::new(directory, loader(ITERATIONS * BATCH), loader(BATCH))
        .metrics((LossMetric::new(),))
        .with_metric_logger(FileMetricLogger::new(directory))
        .with_metric_logger(log)
        .metric_train(rates)
        .renderer(Quiet { shown: Log::default() })
        .with_application_logger(None)
        .grads_accumulation(ACCUMULATION)
        .num_epochs(EPOCHS)
        .launch(Learner::new(model, AdamConfig::new().init(), scheduler));
    drop(result.renderer);
}

#[test]
fn every_update_is_shown_with_rate_and_momentum() {
    let directory = tempfile::tempdir().unwrap();
    let mut scheduler = Scheduler::new(Schedule::linear(0.1, 0.0, 10).unwrap());
    let momentum = HyperParameter::new("momentum", Schedule::constant(0.9).unwrap());
    let rates = LearningRates::new().with_group("model", &mut scheduler, &[momentum]);
    train(directory.path(), scheduler, rates);
    for epoch in 1..=EPOCHS {
        let step = epoch - 1;
        let lr = 0.1 * ((10 - step) as f64 / 10.0);
        let line = json!({ "step": step, "lr/model": lr, "momentum/model": 0.9 });
        assert_eq!(logged_rates(directory.path(), epoch), [line], "epoch {epoch}");
    }

    let mut expected = vec![];
    for epoch in 1..=EPOCHS {
        let step = epoch - 1;
        let losses = burns_losses(directory.path(), "train", epoch);
        expected.extend(losses.iter().map(|loss| json!({ "step": step, "split": "train", "Loss": loss })));
        // All batches are of the same size.
        let mean = losses.iter().map(|loss| loss * BATCH as f64).sum::<f64>() / (ITERATIONS * BATCH) as f64;
        let loss_of = |split, loss| json!({ "step": step, "split": split, "epoch": epoch as f64, "epoch/Loss": loss });
        expected.extend([loss_of("train", mean), loss_of("valid", burns_losses(directory.path(), "valid", epoch)[0])]);
    }
    let mut others = logged(&directory.path().join("log.jsonl"));
    others.retain(|line| line.get("lr/model").is_none());
    assert_eq!(others, expected);
}

#[test]
fn off_a_terminal_each_pass_is_a_line() {
    assert_each_pass_is_a_line(|feed, scheduler, printed| {
        let directory = tempfile::tempdir().unwrap();
        let run = Run { feed, directory: directory.path(), checkpoint: None };
        run.train(scheduler, |training| training.renderer(EpochLines::new(printed)));
    });
}
