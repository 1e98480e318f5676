//! The training run itself: what a user of burn and sched writes.

use std::io::{self, IsTerminal};

use burn::optim::AdamConfig;
use burn::tensor::Device;
use burn::train::checkpoint::KeepLastNCheckpoints;
use burn::train::metric::{AccuracyMetric, LearningRateMetric, LossMetric};
use burn::train::{Interrupter, Learner, SupervisedTraining};
use mnist_shared::{Ending, Job, on_interrupt};

use super::loader::Loader;
use super::metrics::Metrics;
use super::model::Cnn;
use super::progress::Quarterly;

pub(super) fn train(job: &Job, device: &Device) -> Result<Ending, String> {
    device.seed(job.settings.seed);
    let model = Cnn::new(&device.clone().autodiff());

    let interrupter = Interrupter::new();
    let stop = interrupter.clone();
    on_interrupt(move || stop.stop(Some("interrupted by a signal")))?;

    let train = Loader::new(job.train_feed(), device.clone());
    let valid = Loader::new(job.valid_feed(), device.clone());
    let mut training = SupervisedTraining::new(&job.directory, train, valid)
        .metrics((LossMetric::new(), AccuracyMetric::new()))
        .metric_train_numeric(LearningRateMetric::new())
        .with_metric_logger(Metrics::new(job.log.clone()))
        .with_default_checkpointers()
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(2))
        .with_interrupter(interrupter)
        .num_epochs(job.settings.epochs);
    if let Some(epoch) = job.resume_from {
        training = training.checkpoint(epoch);
    }
    // On a terminal, burn shows its full-screen display.
    if !io::stdout().is_terminal() {
        training = training.renderer(Box::new(Quarterly::new()));
    }
    let result = training.launch(Learner::new(model, AdamConfig::new().init(), job.scheduler.clone()));
    if let Some(error) = result.error {
        return Err(error.to_string());
    }
    Ok(match result.interrupted {
        Some(interruption) => Ending::Stopped { reason: interruption.reason.unwrap_or_default() },
        None => Ending::Done,
    })
}
