//! The task on burn 0.21.

use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, Mutex};

use burn::backend::{Autodiff, NdArray};
use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::lr_scheduler::LrScheduler;
use burn::module::{AutodiffModule, Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams, MultiGradientsParams, Optimizer};
use burn::record::{FileRecorder, FullPrecisionSettings, NamedMpkFileRecorder, Record, RecorderError};
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Tensor, TensorData};
use burn::train::checkpoint::KeepLastNCheckpoints;
use burn::train::metric::{LearningRateMetric, MetricDefinition, NumericEntry};
use burn::train::renderer::{
    EvaluationName, EvaluationProgress, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining, ProgressType, TrainingProgress,
};
use burn::train::{
    ExecutionStrategy, InferenceStep, Learner, RegressionOutput, SupervisedTraining, TrainOutput, TrainStep,
    TrainingStrategy,
};
use burn_0_21 as burn;

use super::{BATCH, EPOCHS, HIDDEN, INPUTS, ITERATIONS, Outcome, item, numbers};

pub(crate) type Cpu = Autodiff<NdArray>;
pub(crate) type Recorder = NamedMpkFileRecorder<FullPrecisionSettings>;

/// Records on the CPU; a recorder alone leaves the backend open.
pub(crate) fn save(
    recorder: &impl FileRecorder<NdArray>,
    record: impl Record<NdArray>,
    path: &Path,
) -> Result<(), RecorderError> {
    recorder.record(record, path.to_owned())
}

/// Loads what [`save`] saved.
pub(crate) fn load<R: Record<NdArray>>(recorder: &impl FileRecorder<NdArray>, path: &Path) -> Result<R, RecorderError> {
    recorder.load(path.to_owned(), &Default::default())
}

#[derive(Module, Debug)]
pub(crate) struct Mlp<B: Backend> {
    hidden: Linear<B>,
    output: Linear<B>,
}

impl<B: Backend> Mlp<B> {
    /// The same weights every time; `B::seed` would be shared with the other tests.
    pub(crate) fn new(device: &B::Device) -> Self {
        let linear = |inputs, outputs| Linear {
            weight: Param::from_data(TensorData::new(numbers(inputs * outputs, 1), [inputs, outputs]), device),
            bias: Some(Param::from_data(TensorData::new(numbers(outputs, 2), [outputs]), device)),
        };
        Self { hidden: linear(INPUTS, HIDDEN), output: linear(HIDDEN, 1) }
    }

    pub(crate) fn loss(&self, batch: Batch<B>) -> RegressionOutput<B> {
        let output = self.output.forward(self.hidden.forward(batch.inputs).tanh());
        let loss = MseLoss::new().forward(output.clone(), batch.targets.clone(), Reduction::Mean);
        RegressionOutput::new(loss, output, batch.targets)
    }

    pub(crate) fn bits(&self) -> Vec<u32> {
        [bits_of(&self.hidden), bits_of(&self.output)].concat()
    }
}

pub(crate) fn bits_of<B: Backend>(linear: &Linear<B>) -> Vec<u32> {
    let values = |data: TensorData| data.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits);
    let bias = linear.bias.as_ref().unwrap().val().into_data();
    values(linear.weight.val().into_data()).chain(values(bias)).collect()
}

#[derive(Clone, Debug)]
pub(crate) struct Batch<B: Backend> {
    pub(crate) inputs: Tensor<B, 2>,
    pub(crate) targets: Tensor<B, 2>,
}

impl<B: Backend> Batch<B> {
    pub(crate) fn new(items: &[usize], device: &B::Device) -> Self {
        let (inputs, targets): (Vec<_>, Vec<_>) = items.iter().map(|&index| item(index)).unzip();
        Self {
            inputs: Tensor::from_data(TensorData::new(inputs.concat(), [items.len(), INPUTS]), device),
            targets: Tensor::from_data(TensorData::new(targets, [items.len(), 1]), device),
        }
    }

    /// Inputs and targets.
    pub(crate) fn into_parts(self) -> (Tensor<B, 2>, Tensor<B, 2>) {
        (self.inputs, self.targets)
    }
}

#[derive(Clone)]
struct TaskBatcher;

impl<B: Backend> Batcher<B, usize, Batch<B>> for TaskBatcher {
    fn batch(&self, items: Vec<usize>, device: &B::Device) -> Batch<B> {
        Batch::new(&items, device)
    }
}

pub(crate) fn loader<B: Backend>(items: usize) -> Arc<dyn DataLoader<B, Batch<B>>> {
    DataLoaderBuilder::new(TaskBatcher).batch_size(BATCH).build(InMemDataset::new((0..items).collect()))
}

impl<B: AutodiffBackend> TrainStep for Mlp<B> {
    type Input = Batch<B>;
    type Output = RegressionOutput<B>;

    fn step(&self, batch: Batch<B>) -> TrainOutput<RegressionOutput<B>> {
        let output = self.loss(batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl<B: Backend> InferenceStep for Mlp<B> {
    type Input = Batch<B>;
    type Output = RegressionOutput<B>;

    fn step(&self, batch: Batch<B>) -> RegressionOutput<B> {
        self.loss(batch)
    }
}

/// A list that a training appends to.
pub(crate) type Log = Arc<Mutex<Vec<f64>>>;

/// A scheduler that logs its rates.
#[derive(Clone)]
pub(crate) struct Logged<S> {
    pub(crate) scheduler: S,
    pub(crate) rates: Log,
}

impl<S: LrScheduler> LrScheduler for Logged<S> {
    type Record<B: Backend> = S::Record<B>;

    fn step(&mut self) -> f64 {
        let rate = self.scheduler.step();
        self.rates.lock().unwrap().push(rate);
        rate
    }

    fn to_record<B: Backend>(&self) -> Self::Record<B> {
        self.scheduler.to_record::<B>()
    }

    fn load_record<B: Backend>(self, record: Self::Record<B>) -> Self {
        Self { scheduler: self.scheduler.load_record::<B>(record), ..self }
    }
}

/// An optimizer that logs the rates of its updates.
#[derive(Clone)]
struct LoggedOptimizer<O> {
    optimizer: O,
    rates: Log,
}

impl<M: AutodiffModule<B>, B: AutodiffBackend, O: Optimizer<M, B>> Optimizer<M, B> for LoggedOptimizer<O> {
    type Record = O::Record;

    fn step(&mut self, lr: f64, module: M, grads: GradientsParams) -> M {
        self.rates.lock().unwrap().push(lr);
        self.optimizer.step(lr, module, grads)
    }

    fn step_multi(&mut self, lr: f64, module: M, grads: MultiGradientsParams) -> M {
        self.rates.lock().unwrap().push(lr);
        self.optimizer.step_multi(lr, module, grads)
    }

    fn to_record(&self) -> Self::Record {
        self.optimizer.to_record()
    }

    fn load_record(self, record: Self::Record) -> Self {
        Self { optimizer: self.optimizer.load_record(record), ..self }
    }
}

/// Shows nothing; logs the learning rates that it is asked to show.
pub(crate) struct Quiet {
    pub(crate) shown: Log,
}

impl MetricsRendererTraining for Quiet {
    fn update_train(&mut self, state: MetricState) {
        if let MetricState::Numeric(_, NumericEntry::Aggregated { aggregated_value: lr, .. }) = state {
            self.shown.lock().unwrap().push(lr);
        }
    }

    fn update_valid(&mut self, _: MetricState) {}

    fn render_train(&mut self, _: TrainingProgress, _: Vec<ProgressType>) {}

    fn render_valid(&mut self, _: TrainingProgress, _: Vec<ProgressType>) {}
}

impl MetricsRendererEvaluation for Quiet {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}

    fn render_test(&mut self, _: EvaluationProgress, _: Vec<ProgressType>) {}
}

impl MetricsRenderer for Quiet {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, _: MetricDefinition) {}
}

/// A training, or part of one.
pub(crate) struct Job<R> {
    pub(crate) recorder: R,
    /// The epoch to stop after.
    pub(crate) epochs: usize,
    /// The epoch to resume after.
    pub(crate) checkpoint: Option<usize>,
    /// Iterations per optimizer update.
    pub(crate) accumulation: Option<usize>,
}

impl Default for Job<Recorder> {
    fn default() -> Self {
        Self { recorder: Recorder::new(), epochs: EPOCHS, checkpoint: None, accumulation: None }
    }
}

impl<R> Job<R> {
    /// Trains in `directory` on the CPU.
    pub(crate) fn run<S: LrScheduler + 'static>(self, directory: &Path, scheduler: S) -> Outcome
    where
        R: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static,
    {
        self.run_on::<Cpu, S>(directory, scheduler).0
    }

    /// Trains in `directory`; also returns the rates of the optimizer's updates.
    pub(crate) fn run_on<B: AutodiffBackend, S: LrScheduler + 'static>(
        self,
        directory: &Path,
        scheduler: S,
    ) -> (Outcome, Vec<f64>)
    where
        R: FileRecorder<B> + FileRecorder<B::InnerBackend> + 'static,
    {
        let (rates, updates) = (Log::default(), Log::default());
        let scheduler = Logged { scheduler, rates: rates.clone() };
        let optimizer = LoggedOptimizer { optimizer: AdamConfig::new().init(), rates: updates.clone() };
        let model: Mlp<B> = Mlp::new(&Default::default());
        let (model, shown) = self.train_model(directory, ITERATIONS, None, model, optimizer, scheduler);
        let taken = |log: Log| std::mem::take(&mut *log.lock().unwrap());
        (Outcome { rates: taken(rates), shown, parameters: model.bits() }, taken(updates))
    }

    /// Trains any model with any optimizer, with `iterations` batches per epoch and optionally another execution
    /// strategy than burn's default; returns the model and the rates that were shown.
    pub(crate) fn train_model<B: AutodiffBackend, M, O, S>(
        self,
        directory: &Path,
        iterations: usize,
        strategy: Option<ExecutionStrategy<B>>,
        model: M,
        optimizer: O,
        scheduler: S,
    ) -> (M::InnerModule, Vec<f64>)
    where
        M: TrainStep<Input = Batch<B>, Output = RegressionOutput<B>> + AutodiffModule<B> + Display + 'static,
        M::InnerModule:
            InferenceStep<Input = Batch<B::InnerBackend>, Output = RegressionOutput<B::InnerBackend>> + 'static,
        O: Optimizer<M, B> + 'static,
        S: LrScheduler + 'static,
        R: FileRecorder<B> + FileRecorder<B::InnerBackend> + 'static,
    {
        let shown = Log::default();
        let mut training = SupervisedTraining::new(directory, loader(iterations * BATCH), loader(BATCH))
            .metric_train_numeric(LearningRateMetric::new())
            .renderer(Quiet { shown: shown.clone() })
            .with_application_logger(None)
            .with_checkpointing_strategy(KeepLastNCheckpoints::new(EPOCHS))
            .with_file_checkpointer(self.recorder)
            .num_epochs(self.epochs);
        if let Some(strategy) = strategy {
            training = training.with_training_strategy(TrainingStrategy::Default(strategy));
        }
        if let Some(checkpoint) = self.checkpoint {
            training = training.checkpoint(checkpoint);
        }
        if let Some(accumulation) = self.accumulation {
            training = training.grads_accumulation(accumulation);
        }
        let result = training.launch(Learner::new(model, optimizer, scheduler));
        drop(result.renderer);
        let shown = std::mem::take(&mut *shown.lock().unwrap());
        (result.model, shown)
    }
}
