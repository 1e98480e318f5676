//! A training on burn 0.21, with a feed.

use std::path::Path;
use std::sync::{Arc, Mutex};

use burn::lr_scheduler::LrScheduler;
use burn::optim::adaptor::OptimizerAdaptor;
use burn::optim::{Adam, AdamConfig};
use burn::tensor::backend::AutodiffBackend;
use burn::train::checkpoint::KeepLastNCheckpoints;
use burn::train::metric::state::{FormatOptions, NumericMetricState};
use burn::train::metric::{LossMetric, Metric, MetricMetadata, MetricName, Numeric, NumericEntry, SerializedEntry};
use burn::train::{Learner, LearningComponentsMarker, SupervisedTraining};
use burn_0_21 as burn;
use sched_burn::train_0_21::supervised_training;
use sched_burn::{Feed, SchedulerRecord};

use super::learner_0_21::{Batch, Cpu, Log, Logged, Mlp, Quiet, Recorder, load, loader};
use super::{BATCH, ITERATIONS, Outcome};

pub(crate) type Components<B, S> = LearningComponentsMarker<B, Logged<S>, Mlp<B>, OptimizerAdaptor<Adam, Mlp<B>, B>>;

/// On the CPU by default.
pub(crate) type Training<S, B = Cpu> = SupervisedTraining<Components<B, S>>;

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

    fn update(&mut self, (): &(), _: &MetricMetadata) -> SerializedEntry {
        self.state.update(self.values[self.epoch], BATCH, FormatOptions::new(self.name()))
    }

    fn clear(&mut self) {
        self.epoch += 1;
        self.state.reset();
    }
}

impl Numeric for Scripted {
    fn value(&self) -> NumericEntry {
        self.state.current_value()
    }

    fn running_value(&self) -> NumericEntry {
        self.state.running_value()
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
    pub(crate) fn train<S: LrScheduler + 'static>(
        self,
        scheduler: S,
        configure: impl FnOnce(Training<S>) -> Training<S>,
    ) -> Outcome {
        let training = self.checkpointed();
        self.launch(configure(training.with_checkpointing_strategy(KeepLastNCheckpoints::new(100))), scheduler)
    }

    /// A training with checkpoints, by burn's default strategy.
    pub(crate) fn checkpointed<S: LrScheduler + 'static>(&self) -> Training<S> {
        self.training().with_file_checkpointer(Recorder::new())
    }

    /// A training without checkpoints.
    pub(crate) fn training<S: LrScheduler + 'static>(&self) -> Training<S> {
        self.training_on::<Cpu, S>()
    }

    pub(crate) fn training_on<B: AutodiffBackend, S: LrScheduler + 'static>(&self) -> Training<S, B> {
        supervised_training(self.feed, self.directory, loader(ITERATIONS * BATCH), loader(2 * BATCH))
            .metrics((LossMetric::new(),))
            .renderer(Quiet { shown: Log::default() })
            .with_application_logger(None)
    }

    pub(crate) fn launch<S: LrScheduler + 'static, B: AutodiffBackend>(
        self,
        training: Training<S, B>,
        scheduler: S,
    ) -> Outcome {
        let rates = Log::default();
        let scheduler = Logged { scheduler, rates: rates.clone() };
        let training = match self.checkpoint {
            Some(epoch) => training.checkpoint(epoch),
            None => training,
        };
        let model: Mlp<B> = Mlp::new(&Default::default());
        let result = training.launch(Learner::new(model, AdamConfig::new().init(), scheduler));
        let parameters = result.model.bits();
        let rates = std::mem::take(&mut *Mutex::lock(&rates).unwrap());
        Outcome { rates, shown: Vec::new(), parameters }
    }

    /// The scheduler's part of a checkpoint: the rule's multiplier, and everything as text.
    pub(crate) fn saved(directory: &Path, epoch: usize) -> (f64, String) {
        let path = directory.join("checkpoint").join(format!("scheduler-{epoch}"));
        let SchedulerRecord(state) = load(&Recorder::new(), &path).unwrap();
        (state.feedback.as_ref().unwrap().multiplier(), format!("{state:?}"))
    }
}

/// The loss of a model on the validation items, computed as burn's metric does: the mean over batches, weighted by size.
pub(crate) fn validation_loss(directory: &Path, epoch: usize) -> f64 {
    use burn::backend::NdArray;
    use burn::module::Module;

    let device = Default::default();
    let path = directory.join("checkpoint").join(format!("model-{epoch}"));
    let model = Mlp::<NdArray>::new(&device).load_record(load(&Recorder::new(), &path).unwrap());
    let losses = [0, 1].map(|batch| {
        let items: Vec<usize> = (batch * BATCH..(batch + 1) * BATCH).collect();
        f64::from(model.loss(Batch::new(&items, &device)).loss.into_scalar()) * BATCH as f64
    });
    losses.iter().sum::<f64>() / (2 * BATCH) as f64
}
