//! The training run itself: what a user of burn and sched writes.

use std::io::{self, IsTerminal};
use std::path::Path;

use burn::optim::AdamConfig;
use burn::record::{FullPrecisionSettings, NamedMpkFileRecorder};
use burn::tensor::backend::AutodiffBackend;
use burn::train::checkpoint::KeepLastNCheckpoints;
use burn::train::metric::{AccuracyMetric, LearningRateMetric, LossMetric};
use burn::train::renderer::tui::TuiMetricsRendererWrapper;
use burn::train::{Interrupter, Learner};
use mnist_shared::{Ending, Job, Trial, keep_interrupt_key, on_interrupt};
use sched_burn::train_0_21::{EpochLines, find_lr, newest_checkpoint, supervised_training};
use sched_burn::{AtomicRecorder, CheckpointError, Checkpoints, RangeCurve, Scheduler};

use super::loader::Loader;
use super::metrics::Metrics;
use super::model::Cnn;

/// A crash leaves the old checkpoint or the new one.
type Recorder = AtomicRecorder<NamedMpkFileRecorder<FullPrecisionSettings>>;

pub(super) fn train<B: AutodiffBackend>(job: &Job) -> Result<Ending, String> {
    let device = B::Device::default();
    let model = model::<B>(&device, job.settings.seed);

    // burn's display resets the interrupter that it is given, so it has one of its own. Training batches pass its requests on,
    // so that an epoch whose batches have all been trained is validated and saved.
    let (interrupter, requested) = (Interrupter::new(), Interrupter::new());
    let request = requested.clone();
    on_interrupt(move || request.stop(None))?;
    let (request, stop) = (requested.clone(), interrupter.clone());
    let supply = job.train_supply().before_batch(move || {
        keep_interrupt_key();
        if request.should_stop() {
            stop.stop(None);
        }
    });

    let train = Loader::new(supply, device.clone());
    let valid = Loader::new(job.valid_supply(), device);
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
    training = if io::stdout().is_terminal() {
        training.renderer(TuiMetricsRendererWrapper::new(requested, job.resume_from))
    } else {
        // The log prints a line per epoch.
        training.renderer(EpochLines::new(io::sink()))
    };
    let result = training.launch(Learner::new(model, AdamConfig::new().init(), job.scheduler.clone()));
    drop(result.renderer);
    match interrupter.get_message() {
        // burn stops training when a checkpoint cannot be written.
        Some(error) => Err(error),
        None if interrupter.should_stop() => Ok(Ending::Stopped),
        None => Ok(Ending::Done),
    }
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
