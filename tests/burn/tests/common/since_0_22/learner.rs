//! The task on burn 0.22 and later.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::burn;
use super::burn::data::dataloader::batcher::Batcher;
use super::burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use super::burn::data::dataset::InMemDataset;
use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use super::burn::module::{Module, Param};
use super::burn::nn::Linear;
use super::burn::nn::loss::{MseLoss, Reduction};
use super::burn::optim::AdamConfig;
use super::burn::tensor::{Device, Tensor, TensorData};
use super::burn::train::checkpoint::KeepLastNCheckpoints;
use super::burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use super::burn::train::metric::{LearningRateMetric, MetricDefinition, NumericEntry};
use super::burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};
use super::burn::train::{
    InferenceStep, Learner, LearnerModel, RegressionOutput, SupervisedTraining, TrainOutput, TrainStep,
};
use crate::common::{BATCH, EPOCHS, HIDDEN, INPUTS, ITERATIONS, Outcome, item, numbers};

#[derive(Module, Debug)]
pub(crate) struct Mlp {
    hidden: Linear,
    output: Linear,
}

impl Mlp {
    /// The same weights every time, and the same as on burn 0.21.
    pub(crate) fn new(device: &Device) -> Self {
        let linear = |inputs, outputs| Linear {
            weight: Param::from_data(TensorData::new(numbers(inputs * outputs, 1), [inputs, outputs]), device),
            bias: Some(Param::from_data(TensorData::new(numbers(outputs, 2), [outputs]), device)),
        };
        Self { hidden: linear(INPUTS, HIDDEN), output: linear(HIDDEN, 1) }
    }

    pub(crate) fn loss(&self, batch: Batch) -> RegressionOutput {
        let output = self.output.forward(self.hidden.forward(batch.inputs).tanh());
        let loss = MseLoss::new().forward(output.clone(), batch.targets.clone(), Reduction::Mean);
        RegressionOutput::new(loss, output, batch.targets)
    }

    pub(crate) fn bits(&self) -> Vec<u32> {
        [self.hidden_bits(), bits_of(&self.output)].concat()
    }

    pub(crate) fn hidden_bits(&self) -> Vec<u32> {
        bits_of(&self.hidden)
    }
}

pub(crate) fn bits_of(linear: &Linear) -> Vec<u32> {
    let values = |data: TensorData| data.try_to_vec::<f32>().unwrap().into_iter().map(f32::to_bits);
    let bias = linear.bias.as_ref().unwrap().val().into_data();
    values(linear.weight.val().into_data()).chain(values(bias)).collect()
}

#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) inputs: Tensor<2>,
    pub(crate) targets: Tensor<2>,
}

impl Batch {
    pub(crate) fn new(items: &[usize], device: &Device) -> Self {
        let (inputs, targets): (Vec<_>, Vec<_>) = items.iter().map(|&index| item(index)).unzip();
        Self {
            inputs: Tensor::from_data(TensorData::new(inputs.concat(), [items.len(), INPUTS]), device),
            targets: Tensor::from_data(TensorData::new(targets, [items.len(), 1]), device),
        }
    }

    /// Inputs and targets.
    pub(crate) fn into_parts(self) -> (Tensor<2>, Tensor<2>) {
        (self.inputs, self.targets)
    }
}

struct TaskBatcher;

impl Batcher<usize, Batch> for TaskBatcher {
    fn batch(&self, items: Vec<usize>, device: &Device) -> Batch {
        Batch::new(&items, device)
    }
}

pub(crate) fn loader(items: usize) -> Arc<dyn DataLoader<Batch>> {
    DataLoaderBuilder::new(TaskBatcher).batch_size(BATCH).build(InMemDataset::new((0..items).collect()))
}

impl TrainStep for Mlp {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> TrainOutput<RegressionOutput> {
        let output = self.loss(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Mlp {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> RegressionOutput {
        self.loss(batch)
    }
}

/// A list that a training appends to.
pub(crate) type Log = Arc<Mutex<Vec<f64>>>;

pub(crate) fn taken(log: &Log) -> Vec<f64> {
    std::mem::take(&mut *log.lock().unwrap())
}

/// A scheduler that logs its rates.
#[derive(Clone)]
pub(crate) struct Logged<S> {
    scheduler: S,
    rates: Log,
}

impl<S> Logged<S> {
    pub(crate) fn new(scheduler: S) -> (Self, Log) {
        let rates = Log::default();
        (Self { scheduler, rates: rates.clone() }, rates)
    }
}

impl<S: LrScheduler + Clone + 'static> LrScheduler for Logged<S> {
    fn step(&mut self) -> f64 {
        let rate = self.scheduler.step();
        self.rates.lock().unwrap().push(rate);
        rate
    }

    fn to_record(&self) -> LrSchedulerRecord {
        self.scheduler.to_record()
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        self.scheduler.load_record(record);
    }
}

/// Shows nothing; logs the learning rates that it is asked to show.
pub(crate) struct Quiet {
    pub(crate) shown: Log,
}

impl MetricsRendererTraining for Quiet {
    fn update_train(&mut self, state: MetricState) {
        if let MetricState::Numeric(_, Some(NumericEntry::Aggregated { aggregated_value: lr, .. })) = state {
            self.shown.lock().unwrap().push(lr);
        }
    }

    fn update_valid(&mut self, _: MetricState) {}
}

impl MetricsRendererEvaluation for Quiet {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl TrainingProgressLogger for Quiet {
    fn start(&mut self, _: usize, _: usize, _: Option<usize>, _: Option<&str>) {}
    fn update_epoch(&mut self, _: usize) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _: String) {}

    since_0_23! {
        {
            fn start_split(&mut self, _: &str, _: &burn::data::dataloader::Progress) {}
            fn update_split(&mut self, _: &burn::data::dataloader::Progress) {}
            fn end_split(&mut self, _: &burn::data::dataloader::Progress) {}
        } else {
            fn start_split(&mut self, _: &str, _: usize) {}
            fn update_split(&mut self, _: usize) {}
            fn end_split(&mut self) {}
        }
    }
}

impl EvaluationProgressLogger for Quiet {
    fn start_global_progress(&mut self, _: usize) {}
    fn end_global_progress(&mut self) {}
    fn log_event_evaluation(&mut self, _: String) {}

    since_0_23! {
        {
            fn start_test(&mut self, _: &str, _: &burn::data::dataloader::Progress) {}
            fn update_test_progress(&mut self, _: &burn::data::dataloader::Progress) {}
            fn end_test(&mut self, _: &burn::data::dataloader::Progress) {}
        } else {
            fn start_test(&mut self, _: &str, _: usize) {}
            fn update_test_progress(&mut self, _: usize) {}
            fn end_test(&mut self) {}
        }
    }
}

impl MetricsRenderer for Quiet {
    fn manual_close(&mut self) {}
    fn register_metric(&mut self, _: MetricDefinition) {}
}

/// A training, or part of one.
pub(crate) struct Job {
    pub(crate) device: Device,
    /// The epoch to stop after.
    pub(crate) epochs: usize,
    /// The epoch to resume after.
    pub(crate) checkpoint: Option<usize>,
    /// Iterations per optimizer update.
    pub(crate) accumulation: Option<usize>,
}

impl Default for Job {
    fn default() -> Self {
        Self { device: Device::flex(), epochs: EPOCHS, checkpoint: None, accumulation: None }
    }
}

impl Job {
    /// Trains in `directory`.
    pub(crate) fn run<S: LrScheduler + Clone + 'static>(self, directory: &Path, scheduler: S) -> Outcome {
        let (scheduler, rates) = Logged::new(scheduler);
        let (model, shown) = self.train(directory, scheduler);
        Outcome { rates: taken(&rates), shown, parameters: model.bits() }
    }

    /// Trains in `directory` and returns the model and the rates that were shown.
    pub(crate) fn train(self, directory: &Path, scheduler: impl Into<ModuleLrScheduler>) -> (Mlp, Vec<f64>) {
        let model = Mlp::new(&self.device.clone().autodiff());
        self.train_model(directory, ITERATIONS, Learner::new(model, AdamConfig::new().init(), scheduler))
    }

    /// Trains any model, with `iterations` batches per epoch.
    pub(crate) fn train_model<M>(self, directory: &Path, iterations: usize, learner: Learner<M>) -> (M, Vec<f64>)
    where
        M: LearnerModel + TrainStep<Input = Batch, Output = RegressionOutput>,
        M: InferenceStep<Input = Batch, Output = RegressionOutput>,
    {
        let shown = Log::default();
        let mut training = SupervisedTraining::new(directory, loader(iterations * BATCH), loader(BATCH))
            .metric_train_numeric(LearningRateMetric::new())
            .renderer(Box::new(Quiet { shown: shown.clone() }))
            .with_application_logger(None)
            .with_checkpointing_strategy(KeepLastNCheckpoints::new(EPOCHS))
            .with_default_checkpointers()
            .num_epochs(self.epochs);
        if let Some(checkpoint) = self.checkpoint {
            training = training.checkpoint(checkpoint);
        }
        if let Some(accumulation) = self.accumulation {
            training = training.grads_accumulation(accumulation);
        }
        let result = training.launch(learner);
        assert!(result.error.is_none(), "{:?}", result.error);
        (result.model, taken(&shown))
    }
}
