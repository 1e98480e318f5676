//! The training run itself: what a user of burn and sched writes.

use std::io::{self, IsTerminal};
use std::path::Path;

use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::AdamConfig;
use burn::tensor::Device;
use burn::train::checkpoint::KeepLastNCheckpoints;
use burn::train::metric::{AccuracyMetric, LearningRateMetric, LossMetric};
use burn::train::renderer::MetricsRenderer;
use burn::train::renderer::tui::TuiMetricsRendererWrapper;
use burn::train::{Interrupter, Learner};
use mnist_shared::{Ending, Job, Trial, keep_interrupt_key, on_interrupt};
use sched_burn::train_0_22::{EpochLines, find_lr, newest_checkpoint, supervised_training};
use sched_burn::{CheckpointError, Checkpoints, GroupError, LayerDecay, RangeCurve};

use super::loader::Loader;
use super::metrics::Metrics;
use super::model::Cnn;
use super::rate::LayerRate;

pub(super) fn train(job: &Job, device: &Device) -> Result<Ending, String> {
    let model = model(device, job.settings.seed);
    let scheduler = scheduler(job, &model).map_err(|error| error.to_string())?;

    // burn's display resets the interrupter that it is given, errors included, so it has one of its own. Training batches pass
    // its requests on, so that an epoch whose batches have all been trained is validated and saved.
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
    let renderer: Box<dyn MetricsRenderer> = if io::stdout().is_terminal() {
        Box::new(TuiMetricsRendererWrapper::new(requested, job.resume_from))
    } else {
        // The log prints a line per epoch.
        Box::new(EpochLines::new(io::sink()))
    };

    let train = Loader::new(supply, device.clone());
    let valid = Loader::new(job.valid_supply(), device.clone());
    let mut training = supervised_training(&job.feed, &job.directory, train, valid)
        .metrics((LossMetric::new(), AccuracyMetric::new()))
        .metric_train_numeric(LearningRateMetric::new())
        .with_metric_logger(Metrics::new(job.log.clone()))
        .with_default_checkpointers()
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(2))
        .with_interrupter(interrupter)
        .renderer(renderer);
    if let Some((_last, others)) = job.layers.split_last() {
        for layer in others {
            training = training.metric_train_numeric(LayerRate::new(layer));
        }
    }
    if let Some(epoch) = job.resume_from {
        training = training.checkpoint(epoch);
    }
    let result = training.launch(Learner::new(model, AdamConfig::new().init(), scheduler));
    if let Some(error) = result.error {
        return Err(error.to_string());
    }
    Ok(if result.interrupted.is_some() { Ending::Stopped } else { Ending::Done })
}

/// One for the whole model, or one for each layer.
fn scheduler(job: &Job, model: &Cnn) -> Result<ModuleLrScheduler, GroupError> {
    match (job.settings.layer_decay, job.layers.split_last()) {
        (Some(decay), Some((_last, others))) => {
            LayerDecay::new(decay).layers(others.iter().copied()).scheduler(&job.scheduler, model)
        }
        _ => Ok(job.scheduler.clone().into()),
    }
}

/// The newest epoch to resume, for which the weights of the model do not matter.
pub(super) fn newest(directory: &Path, device: &Device) -> Result<Checkpoints, CheckpointError> {
    newest_checkpoint(directory, &model(device, 0), &AdamConfig::new().init())
}

pub(super) fn find(trial: &Trial, device: &Device) -> Result<RangeCurve, String> {
    let model = model(device, trial.settings.seed);
    let loader = Loader::new(trial.supply(), device.clone());
    find_lr(&model, &AdamConfig::new().init(), &*loader, &trial.test).map_err(|error| error.to_string())
}

/// With the weights that follow from the seed.
fn model(device: &Device, seed: u64) -> Cnn {
    device.seed(seed);
    Cnn::new(&device.clone().autodiff())
}
