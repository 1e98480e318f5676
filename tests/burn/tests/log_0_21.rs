//! What a training on burn 0.21 shows and writes down, as on later versions.

mod common;

use std::path::Path;

use burn::optim::AdamConfig;
use burn::train::{Learner, SupervisedTraining};
use burn_0_21 as burn;
use common::learner_0_21::{Cpu, Log, Mlp, Quiet, loader};
use common::*;
use sched_burn::prelude::*;
use serde_json::json;

/// Iterations per update.
const ACCUMULATION: usize = 5;

fn train(directory: &Path, scheduler: Scheduler, rates: LearningRates) {
    let scheduler = PerUpdate::new(scheduler).accumulation(ACCUMULATION).unwrap();
    let model: Mlp<Cpu> = Mlp::new(&Default::default());
    let result = SupervisedTraining::new(directory, loader(ITERATIONS * BATCH), loader(BATCH))
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
}
