//! The training run itself: what a user of burn and sched writes.

use std::io::{self, IsTerminal};
use std::path::Path;

use burn::optim::AdamConfig;
use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder};
use burn::tensor::backend::AutodiffBackend;
use burn::train::checkpoint::KeepLastNCheckpoints;
use burn::train::metric::{AccuracyMetric, LearningRateMetric, LossMetric};
use burn::train::{Interrupter, Learner};
use mnist_shared::{Job, Trial, on_interrupt};
use sched_burn::train_0_21::{find_lr, newest_checkpoint, supervised_training};
use sched_burn::{AtomicRecorder, CheckpointError, Checkpoints, RangeCurve, Scheduler};

use super::loader::Loader;
use super::metrics::Metrics;
use super::model::Cnn;
use super::progress::Quarterly;

/// A crash leaves the old checkpoint or the new one.
type Recorder = AtomicRecorder<NamedMpkFileRecorder<FullPrecisionSettings>>;

pub(super) fn train<B: AutodiffBackend>(job: &Job) -> Result<Option<String>, String> {
    let device = B::Device::default();
    let model = model::<B>(&device, job.settings.seed);

    let interrupter = Interrupter::new();
    let stop = interrupter.clone();
    on_interrupt(move || stop.stop(Some("interrupted by a signal")))?;

    let train = Loader::new(job.train.clone(), device.clone());
    let valid = Loader::new(job.valid.clone(), device);
    let mut training = supervised_training(&job.feed, &job.directory, train, valid)
        .metrics((LossMetric::new(), AccuracyMetric::new()))
        .metric_train_numeric(LearningRateMetric::new())
        .with_metric_logger(Metrics::new(job.log.clone()))
        .with_file_checkpointer(Recorder::default())
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(2))
        .with_interrupter(interrupter.clone());
    if let Some(epoch) = job.resume_from {
        training = training.checkpoint(epoch);
    }
    // On a terminal, burn shows its full-screen display.
    if !io::stdout().is_terminal() {
        training = training.renderer(Quarterly::new());
    }
    let result = training.launch(Learner::new(model, AdamConfig::new().init(), job.scheduler.clone()));
    drop(result.renderer);
    Ok(interrupter.get_message())
}

/// The newest epoch to resume, for which the weights of the model do not matter.
pub(super) fn newest<B: AutodiffBackend>(
    directory: &Path,
    scheduler: &Scheduler,
) -> Result<Checkpoints, CheckpointError> {
    let model = model::<B>(&B::Device::default(), 0);
    let optimizer = AdamConfig::new().init::<B, Cnn<B>>();
    newest_checkpoint(directory, &Recorder::default(), &model, &optimizer, scheduler)
}

pub(super) fn find<B: AutodiffBackend>(trial: &Trial) -> Result<RangeCurve, String> {
    let device = B::Device::default();
    let model = model::<B>(&device, trial.settings.seed);
    let loader = Loader::new(trial.supply(), device);
    find_lr(&model, &AdamConfig::new().init(), &*loader, &trial.test).map_err(|error| error.to_string())
}

/// With the weights that follow from the seed.
fn model<B: AutodiffBackend>(device: &B::Device, seed: u64) -> Cnn<B> {
    B::seed(device, seed);
    Cnn::new(device)
}
