//! A training on burn 0.22 and later, with a feed.

use std::path::Path;
use std::sync::Arc;

use super::burn;
use super::burn::lr_scheduler::LrSchedulerRecord;
use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::module::Module;
use super::burn::optim::AdamConfig;
use super::burn::tensor::{Device, TensorReadError};
use super::burn::train::checkpoint::KeepLastNCheckpoints;
use super::burn::train::metric::state::{FormatOptions, NumericMetricState};
use super::burn::train::metric::{
    LossMetric, Metric, MetricMetadata, MetricName, Numeric, NumericEntry, SerializedEntry,
};
use super::burn::train::{Learner, LearningResult, SupervisedTraining};
use super::learner::{Batch, Log, Logged, Mlp, Quiet, loader, taken};
use super::supervised_training;
use crate::common::{BATCH, ITERATIONS, Outcome};
use sched_burn::Feed;

pub(crate) type Training = SupervisedTraining<Mlp>;

/// A metric with a scripted value for each epoch.
#[derive(Clone)]
pub(crate) struct Scripted {
    values: Arc<[f64]>,
    epoch: usize,
    state: NumericMetricState,
}

impl Scripted {
    /// Begins after `epoch` epochs.
    pub(crate) fn new(values: &[f64], epoch: usize) -> Self {
        Self { values: values.into(), epoch, state: NumericMetricState::new() }
    }
}

impl Metric for Scripted {
    type Input = ();

    fn name(&self) -> MetricName {
        Arc::new("Scripted".to_owned())
    }

    fn update(&mut self, (): &(), _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        self.state.update(self.values[self.epoch], BATCH);
        Ok(self.state.compute_update(FormatOptions::new(self.name())))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.state.compute_final(FormatOptions::new(self.name())))
    }

    fn clear(&mut self) {
        self.epoch += 1;
        self.state.reset();
    }
}

impl Numeric for Scripted {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}

/// A training, or the rest of one.
pub(crate) struct Run<'a> {
    pub(crate) feed: &'a Feed,
    pub(crate) directory: &'a Path,
    pub(crate) checkpoint: Option<usize>,
}

impl Run<'_> {
    /// Trains with the loss as a metric, a checkpoint after every epoch, and further configuration.
    pub(crate) fn train<S: burn::lr_scheduler::LrScheduler + Clone + 'static>(
        self,
        scheduler: S,
        configure: impl FnOnce(Training) -> Training,
    ) -> Outcome {
        let training = self.checkpointed();
        self.launch(configure(training.with_checkpointing_strategy(KeepLastNCheckpoints::new(100))), scheduler)
    }

    /// A training with checkpoints, by burn's default strategy.
    pub(crate) fn checkpointed(&self) -> Training {
        self.training().with_default_checkpointers()
    }

    /// A training without checkpoints.
    pub(crate) fn training(&self) -> Training {
        supervised_training(self.feed, self.directory, loader(ITERATIONS * BATCH), loader(2 * BATCH))
            .metrics((LossMetric::new(),))
            .renderer(Box::new(Quiet { shown: Log::default() }))
            .with_application_logger(None)
    }

    /// Trains, and panics if there is an error.
    pub(crate) fn launch<S: burn::lr_scheduler::LrScheduler + Clone + 'static>(
        self,
        training: Training,
        scheduler: S,
    ) -> Outcome {
        let (scheduler, rates) = Logged::new(scheduler);
        let result = self.launch_groups(training, scheduler);
        if let Some(error) = result.error {
            panic!("{error}");
        }
        Outcome { rates: taken(&rates), shown: Vec::new(), parameters: result.model.bits() }
    }

    pub(crate) fn launch_groups(
        self,
        training: Training,
        scheduler: impl Into<ModuleLrScheduler>,
    ) -> LearningResult<Mlp> {
        self.launch_on(&Device::flex(), training, scheduler)
    }

    /// Trains, with the initial weights on a device.
    pub(crate) fn launch_on(
        self,
        device: &Device,
        training: Training,
        scheduler: impl Into<ModuleLrScheduler>,
    ) -> LearningResult<Mlp> {
        let training = match self.checkpoint {
            Some(epoch) => training.checkpoint(epoch),
            None => training,
        };
        let model = Mlp::new(&device.clone().autodiff());
        training.launch(Learner::new(model, AdamConfig::new().init(), scheduler))
    }

    /// The scheduler's part of a checkpoint: the rule's multiplier, and everything as text.
    pub(crate) fn saved(directory: &Path, epoch: usize) -> (f64, String) {
        let record = Self::record(directory, epoch, 0);
        (record.scalar("feedback.multiplier").unwrap(), format!("{record:?}"))
    }

    /// A group's scheduler in a checkpoint; group 0 is all other parameters.
    pub(crate) fn record(directory: &Path, epoch: usize, group: usize) -> LrSchedulerRecord {
        let path = directory.join("checkpoint").join(format!("scheduler-{epoch}.bpk"));
        LrSchedulerRecord::load(path).unwrap().record(&group.to_string())
    }
}

/// The loss of a model on the validation items, computed as burn's metric does: the mean over batches, weighted by size.
pub(crate) fn validation_loss(directory: &Path, epoch: usize) -> f64 {
    let device = Device::flex();
    let path = directory.join("checkpoint").join(format!("model-{epoch}.bpk"));
    let record = burn::store::ModuleRecord::load(path).unwrap();
    let model = Mlp::new(&device).load_record(record);
    let losses = [0, 1].map(|batch| {
        let items: Vec<usize> = (batch * BATCH..(batch + 1) * BATCH).collect();
        f64::from(model.loss(Batch::new(&items, &device)).loss.into_scalar::<f32>()) * BATCH as f64
    });
    losses.iter().sum::<f64>() / (2 * BATCH) as f64
}
