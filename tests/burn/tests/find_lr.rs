//! The learning-rate finder on burn 0.21 and 0.22, with models that train: it leaves no trace, uses the rates of the
//! test, stops where the loss diverges, restarts a short loader, and finds a useful rate.

mod common;

use common::*;
use sched_burn::{FindLrError, NoSuggestion, RangeCurve, RangeEnd, RangeTest, Scheduler, write_csv};

/// A range in which the model of these tests learns nothing at first, then well, then diverges.
fn wide() -> RangeTest {
    RangeTest::new(1e-5, 1e3, 60).beta(0.8)
}

/// Rates too small to change a parameter.
fn idle(steps: u64) -> RangeTest {
    RangeTest::new(1e-30, 1e-29, steps)
}

fn losses(curve: &RangeCurve) -> Vec<f64> {
    curve.points().iter().map(|point| point.loss).collect()
}

mod on_0_21 {
    use burn::data::dataloader::DataLoader;
    use burn::module::{AutodiffModule, Module, Param};
    use burn::nn::loss::CrossEntropyLossConfig;
    use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
    use burn::optim::adaptor::OptimizerAdaptor;
    use burn::optim::{Adam, AdamConfig, Optimizer};
    use burn::record::{FullPrecisionSettings, Record};
    use burn::tensor::backend::{AutodiffBackend, Backend};
    use burn::tensor::{Int, Tensor};
    use burn::train::{ClassificationOutput, TrainOutput, TrainStep};
    use burn_0_21 as burn;
    use sched_burn::train_0_21::{find_lr, find_lr_with};

    use super::learner_0_21::{Batch, Cpu, Mlp, loader};
    use super::*;

    /// A model in the middle of a training.
    #[derive(Clone)]
    pub(super) struct Training<M: AutodiffModule<Cpu> = Mlp<Cpu>> {
        pub(super) model: M,
        optimizer: OptimizerAdaptor<Adam, M, Cpu>,
    }

    impl<M: AutodiffModule<Cpu> + TrainStep<Input = Batch<Cpu>>> Training<M> {
        pub(super) fn new(model: M) -> Self {
            let training = Self { model, optimizer: AdamConfig::new().init() };
            training.epoch(1e-2)
        }

        pub(super) fn epoch(mut self, lr: f64) -> Self {
            for batch in loader(ITERATIONS * BATCH).iter() {
                let TrainOutput { grads, .. } = TrainStep::step(&self.model, batch);
                self.model = self.optimizer.step(lr, self.model, grads);
            }
            self
        }

        /// The records of model and optimizer, as JSON values, which sort their keys.
        pub(super) fn records(&self) -> [serde_json::Value; 2] {
            let model = self.model.clone().into_record().into_item::<FullPrecisionSettings>();
            let optimizer = Optimizer::<M, Cpu>::to_record(&self.optimizer).into_item::<FullPrecisionSettings>();
            [serde_json::to_value(model).unwrap(), serde_json::to_value(optimizer).unwrap()]
        }
    }

    impl Training {
        pub(super) fn find(&self, items: usize, test: &RangeTest) -> Result<RangeCurve, FindLrError> {
            find_lr(&self.model, &self.optimizer, &*loader(items), test)
        }

        pub(super) fn find_by(&self, test: &RangeTest) -> (RangeCurve, Vec<u64>) {
            let mut steps = Vec::new();
            let loss = |output: burn::train::RegressionOutput<Cpu>| 2.0 * f64::from(output.loss.into_scalar());
            let loader = loader(BATCH);
            let curve =
                find_lr_with(&self.model, &self.optimizer, &*loader, test, loss, |point| steps.push(point.step));
            (curve.unwrap(), steps)
        }

        pub(super) fn loss(&self) -> f64 {
            let all: Vec<usize> = (0..ITERATIONS * BATCH).collect();
            f64::from(self.model.loss(Batch::new(&all, &Default::default())).loss.into_scalar())
        }
    }

    pub(super) fn training() -> Training {
        Training::new(Mlp::new(&Default::default()))
    }

    /// A classifier with running statistics (batch norm) and a frozen layer.
    #[derive(Module, Debug)]
    pub(super) struct Normed<B: Backend> {
        frozen: Linear<B>,
        norm: BatchNorm<B>,
        output: Linear<B>,
        scale: Param<Tensor<B, 1>>,
    }

    pub(super) fn normed_training() -> Training<Normed<Cpu>> {
        Training::new(Normed::new())
    }

    impl Normed<Cpu> {
        fn new() -> Self {
            let device = Default::default();
            Self {
                frozen: LinearConfig::new(INPUTS, HIDDEN).init(&device).no_grad(),
                norm: BatchNormConfig::new(HIDDEN).init(&device),
                output: LinearConfig::new(HIDDEN, 2).init(&device),
                scale: Param::from_tensor(Tensor::ones([1], &device)),
            }
        }
    }

    impl<B: AutodiffBackend> TrainStep for Normed<B> {
        type Input = Batch<B>;
        type Output = ClassificationOutput<B>;

        fn step(&self, batch: Batch<B>) -> TrainOutput<ClassificationOutput<B>> {
            let (inputs, targets) = batch.into_parts();
            let hidden = self.norm.forward(self.frozen.forward(inputs)).tanh();
            let output = self.output.forward(hidden) * self.scale.val().unsqueeze();
            let targets: Tensor<B, 1, Int> = targets.greater_elem(0.0).int().squeeze_dim(1);
            let loss = CrossEntropyLossConfig::new().init(&output.device()).forward(output.clone(), targets.clone());
            TrainOutput::new(self, loss.backward(), ClassificationOutput::new(loss, output, targets))
        }
    }

    impl Training<Normed<Cpu>> {
        pub(super) fn find(&self, test: &RangeTest) -> RangeCurve {
            let loader: std::sync::Arc<dyn DataLoader<Cpu, Batch<Cpu>>> = loader(ITERATIONS * BATCH);
            find_lr(&self.model, &self.optimizer, &*loader, test).unwrap()
        }

        /// The losses of an epoch at the rates of a test, in a custom training loop.
        pub(super) fn losses(mut self, test: &RangeTest) -> Vec<f64> {
            let mut scheduler = Scheduler::new(test.schedule().unwrap());
            let mut losses = Vec::new();
            for batch in loader(ITERATIONS * BATCH).iter() {
                let TrainOutput { grads, item } = TrainStep::step(&self.model, batch);
                losses.push(f64::from(item.loss.into_scalar()));
                self.model = self.optimizer.step(scheduler.step(), self.model, grads);
            }
            losses
        }
    }
}

mod on_0_22 {
    use std::sync::Arc;

    use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
    use burn::data::dataset::DatasetError;
    use burn::module::{Module, Param};
    use burn::nn::loss::CrossEntropyLossConfig;
    use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
    use burn::optim::{AdamConfig, ModuleOptimizer};
    use burn::tensor::{Device, Int, Tensor};
    use burn::train::{ClassificationOutput, TrainOutput, TrainStep};
    use burn_0_22 as burn;
    use sched_burn::train_0_22::{find_lr, find_lr_with};

    use super::v0_22::learner::{Batch, Mlp, loader};
    use super::*;

    #[expect(deprecated, reason = "its arithmetic is the same as on burn 0.21")]
    fn ndarray() -> Device {
        Device::ndarray().autodiff()
    }

    /// A model in the middle of a training.
    #[derive(Clone)]
    pub(super) struct Training<M: Module = Mlp> {
        pub(super) model: M,
        optimizer: ModuleOptimizer,
        device: Device,
    }

    impl<M: Module + TrainStep<Input = Batch>> Training<M> {
        pub(super) fn new(model: impl FnOnce(&Device) -> M, device: Device) -> Self {
            let training = Self { model: model(&device), optimizer: AdamConfig::new().init(), device };
            training.epoch(1e-2)
        }

        fn loader(&self, items: usize) -> Arc<dyn DataLoader<Batch>> {
            loader(items).to_device(&self.device)
        }

        pub(super) fn epoch(mut self, lr: f64) -> Self {
            for batch in self.loader(ITERATIONS * BATCH).iter() {
                let TrainOutput { grads, .. } = TrainStep::step(&self.model, batch.unwrap());
                self.model = self.optimizer.step(lr, self.model, grads);
            }
            self
        }

        /// The records of model and optimizer. The record of the validation model has up-to-date running statistics;
        /// that of the training model is one update behind.
        pub(super) fn records(&self) -> [Vec<u8>; 2] {
            let model = self.model.valid().into_record().into_bytes().unwrap();
            let optimizer = self.optimizer.to_record().into_bytes().unwrap();
            [model.to_vec(), optimizer.to_vec()]
        }
    }

    impl Training {
        pub(super) fn find(&self, items: usize, test: &RangeTest) -> Result<RangeCurve, FindLrError> {
            find_lr(&self.model, &self.optimizer, &*loader(items), test)
        }

        pub(super) fn find_by(&self, test: &RangeTest) -> (RangeCurve, Vec<u64>) {
            let mut steps = Vec::new();
            let loss = |output: burn::train::RegressionOutput| 2.0 * output.loss.into_scalar::<f64>();
            let loader = loader(BATCH);
            let curve =
                find_lr_with(&self.model, &self.optimizer, &*loader, test, loss, |point| steps.push(point.step));
            (curve.unwrap(), steps)
        }

        pub(super) fn find_in_broken_loader(&self) -> FindLrError {
            find_lr(&self.model, &self.optimizer, &BrokenLoader, &wide()).unwrap_err()
        }

        pub(super) fn loss(&self) -> f64 {
            let all: Vec<usize> = (0..ITERATIONS * BATCH).collect();
            self.model.loss(Batch::new(&all, &self.device)).loss.into_scalar::<f64>()
        }
    }

    pub(super) fn training() -> Training {
        Training::new(Mlp::new, ndarray())
    }

    pub(super) fn training_on_flex() -> Training {
        Training::new(Mlp::new, Device::flex().autodiff())
    }

    pub(super) fn normed_training() -> Training<Normed> {
        Training::new(Normed::new, ndarray())
    }

    /// One batch, then a failure.
    struct BrokenLoader;

    struct BrokenIterator {
        batches: usize,
    }

    impl Iterator for BrokenIterator {
        type Item = Result<Batch, DatasetError>;

        fn next(&mut self) -> Option<Self::Item> {
            self.batches += 1;
            let broken = Err(DatasetError::new(std::io::Error::other("the disk is gone")));
            Some(if self.batches > 1 { broken } else { Ok(Batch::new(&[0, 1], &ndarray())) })
        }
    }

    impl DataLoaderIterator<Batch> for BrokenIterator {
        fn progress(&self) -> Progress {
            Progress::new(self.batches, 9, None)
        }
    }

    impl DataLoader<Batch> for BrokenLoader {
        fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
            Box::new(BrokenIterator { batches: 0 })
        }

        fn num_items(&self) -> usize {
            9
        }

        fn to_device(&self, _: &Device) -> Arc<dyn DataLoader<Batch>> {
            Arc::new(Self)
        }

        fn slice(&self, _: usize, _: usize) -> Arc<dyn DataLoader<Batch>> {
            Arc::new(Self)
        }
    }

    /// A classifier with running statistics (batch norm) and a frozen layer.
    #[derive(Module, Debug)]
    pub(super) struct Normed {
        frozen: Linear,
        norm: BatchNorm,
        output: Linear,
        scale: Param<Tensor<1>>,
    }

    impl Normed {
        fn new(device: &Device) -> Self {
            Self {
                frozen: LinearConfig::new(INPUTS, HIDDEN).init(device).no_grad(),
                norm: BatchNormConfig::new(HIDDEN).init(device),
                output: LinearConfig::new(HIDDEN, 2).init(device),
                scale: Param::from_tensor(Tensor::ones([1], device)),
            }
        }
    }

    impl TrainStep for Normed {
        type Input = Batch;
        type Output = ClassificationOutput;

        fn step(&self, batch: Batch) -> TrainOutput<ClassificationOutput> {
            let (inputs, targets) = batch.into_parts();
            let hidden = self.norm.forward(self.frozen.forward(inputs)).tanh();
            let output = self.output.forward(hidden) * self.scale.val().unsqueeze();
            let targets: Tensor<1, Int> = targets.greater_elem(0.0).int().squeeze_dim(1);
            let loss = CrossEntropyLossConfig::new().init(&output.device()).forward(output.clone(), targets.clone());
            TrainOutput::new(self, loss.backward(), ClassificationOutput::new(loss, output, targets))
        }
    }

    impl Training<Normed> {
        pub(super) fn find(&self, test: &RangeTest) -> RangeCurve {
            find_lr(&self.model, &self.optimizer, &*loader(ITERATIONS * BATCH), test).unwrap()
        }

        /// The losses of an epoch at the rates of a test, in a custom training loop.
        pub(super) fn losses(mut self, test: &RangeTest) -> Vec<f64> {
            let mut scheduler = Scheduler::new(test.schedule().unwrap());
            let mut losses = Vec::new();
            for batch in self.loader(ITERATIONS * BATCH).iter() {
                let TrainOutput { grads, item } = TrainStep::step(&self.model, batch.unwrap());
                losses.push(item.loss.into_scalar::<f64>());
                self.model = self.optimizer.step(scheduler.step(), self.model, grads);
            }
            losses
        }
    }
}

#[test]
fn model_and_optimizer_are_bit_identical_before_and_after() {
    let (old, new) = (on_0_21::training(), on_0_22::training());
    let (old_before, new_before) = (old.records(), new.records());
    assert_eq!(old.find(ITERATIONS * BATCH, &wide()).unwrap().end(), RangeEnd::Diverged);
    assert_eq!(new.find(ITERATIONS * BATCH, &wide()).unwrap().end(), RangeEnd::Diverged);
    assert!(old.records() == old_before, "burn 0.21");
    assert!(new.records() == new_before, "burn 0.22");
    // The records do distinguish two trainings.
    assert!(old.clone().epoch(1e-3).records() != old_before);
    assert!(new.clone().epoch(1e-3).records() != new_before);
    // And the training continues as if there had been no test.
    assert_eq!(old.epoch(1e-2).model.bits(), on_0_21::training().epoch(1e-2).model.bits());
    assert_eq!(new.epoch(1e-2).model.bits(), on_0_22::training().epoch(1e-2).model.bits());
}

#[test]
fn running_statistics_are_not_touched() {
    let old = on_0_21::normed_training();
    let new = on_0_22::normed_training();
    let (old_before, new_before) = (old.records(), new.records());
    // They change with every batch, at any rate.
    assert!(old.find(&wide()).points().len() > 20);
    assert!(new.find(&wide()).points().len() > 20);
    assert!(old.records() == old_before, "burn 0.21");
    assert!(new.records() == new_before, "burn 0.22");
    assert!(old.epoch(1e-30).records()[0] != old_before[0]);
    assert!(new.epoch(1e-30).records()[0] != new_before[0]);
}

#[test]
fn no_trace_is_left_on_flex_either() {
    let training = on_0_22::training_on_flex();
    let before = training.records();
    assert_eq!(training.find(ITERATIONS * BATCH, &wide()).unwrap().end(), RangeEnd::Diverged);
    assert!(training.records() == before);
}

/// Frozen layers stay frozen, running statistics are updated, and the optimizer continues from its state.
#[test]
fn a_test_is_a_training_at_its_rates() {
    let test = RangeTest::new(1e-2, 1.0, ITERATIONS as u64).never_diverge();
    let old = on_0_21::normed_training();
    assert_eq!(losses(&old.find(&test)), old.losses(&test));
    let new = on_0_22::normed_training();
    assert_eq!(losses(&new.find(&test)), new.losses(&test));
}

#[test]
fn both_burns_find_the_same_curve() {
    let old = on_0_21::training().find(ITERATIONS * BATCH, &wide()).unwrap();
    let new = on_0_22::training().find(ITERATIONS * BATCH, &wide()).unwrap();
    assert_eq!(old, new);
}

#[test]
fn the_rates_are_those_of_the_test_and_it_stops_where_the_loss_diverges() {
    let curve = on_0_22::training().find(ITERATIONS * BATCH, &wide()).unwrap();
    let schedule = wide().schedule().unwrap();
    let taken: Vec<f64> = curve.points().iter().map(|point| point.lr).collect();
    assert_eq!(taken, rates(&schedule, 0..taken.len() as u64));
    assert_eq!(curve.end(), RangeEnd::Diverged);
    let mut best = f64::MAX;
    let past_best = curve.points().iter().map(|point| {
        best = best.min(point.smoothed);
        point.smoothed > 4.0 * best
    });
    let past_best: Vec<bool> = past_best.collect();
    assert!(past_best.len() < 60);
    assert_eq!(past_best.iter().position(|&past| past), Some(past_best.len() - 1));
    let whole = on_0_22::training().find(ITERATIONS * BATCH, &wide().never_diverge()).unwrap();
    assert_eq!((whole.end(), whole.points().len()), (RangeEnd::Completed, 60));
}

#[test]
fn a_short_loader_starts_again() {
    let whole = on_0_22::training().find(ITERATIONS * BATCH, &idle(5)).unwrap();
    let [a, b] = losses(&whole)[..2] else { panic!("five losses expected") };
    assert!(a != b);
    let (old, new) = (on_0_21::training(), on_0_22::training());
    assert_eq!(losses(&old.find(2 * BATCH, &idle(5)).unwrap()), [a, b, a, b, a]);
    assert_eq!(losses(&new.find(2 * BATCH, &idle(5)).unwrap()), [a, b, a, b, a]);
}

#[test]
fn what_cannot_be_tested_is_an_error() {
    let (old, new) = (on_0_21::training(), on_0_22::training());
    let invalid = RangeTest::new(1.0, 0.5, 10);
    for (empty, invalid) in
        [(old.find(0, &wide()), old.find(BATCH, &invalid)), (new.find(0, &wide()), new.find(BATCH, &invalid))]
    {
        let empty = empty.unwrap_err();
        assert!(matches!(empty, FindLrError::EmptyLoader));
        assert_says(&empty.to_string(), &["no batches", "at least one"]);
        assert_says(&invalid.unwrap_err().to_string(), &["`max_lr` is 0.5", "greater than `min_lr`"]);
    }
    let broken = new.find_in_broken_loader();
    assert!(matches!(broken, FindLrError::Batch { step: 1, .. }));
    assert_says(&broken.to_string(), &["batch of step 1", "the disk is gone"]);
}

#[test]
fn any_output_will_do_and_every_step_is_reported() {
    let test = idle(3);
    let (old, old_steps) = on_0_21::training().find_by(&test);
    let (new, new_steps) = on_0_22::training().find_by(&test);
    let [loss, ..] = losses(&on_0_22::training().find(BATCH, &test).unwrap())[..] else { panic!("losses expected") };
    assert_eq!(losses(&old), [2.0 * loss; 3]);
    assert_eq!(losses(&new), [2.0 * loss; 3]);
    assert_eq!((old_steps, new_steps), (vec![0, 1, 2], vec![0, 1, 2]));
}

#[test]
fn a_suggested_rate_trains_better_than_a_hundredth_of_it() {
    // One batch, repeatedly: with different batches of four items, the slope would depend on the luck of the draw.
    let curve = on_0_22::training().find(BATCH, &wide()).unwrap();
    for (name, suggestion) in curve.suggestions().named() {
        let lr = suggestion.as_ref().unwrap_or_else(|none| panic!("{name}: {none}")).lr;
        let (mut at, mut far_below) = (on_0_22::training(), on_0_22::training());
        let (mut old_at, mut old_far_below) = (on_0_21::training(), on_0_21::training());
        for _ in 0..EPOCHS {
            (at, far_below) = (at.epoch(lr), far_below.epoch(lr / 100.0));
            (old_at, old_far_below) = (old_at.epoch(lr), old_far_below.epoch(lr / 100.0));
        }
        assert!(at.loss() < 0.9 * far_below.loss(), "{name}, {lr}: {} and {}", at.loss(), far_below.loss());
        assert!(old_at.loss() < 0.9 * old_far_below.loss(), "{name}, {lr}, burn 0.21");
    }
}

#[test]
fn where_nothing_can_be_learned_nothing_is_suggested() {
    let curve = on_0_22::training().find(BATCH, &idle(20)).unwrap();
    assert_eq!(curve.suggest_steepest(), Err(NoSuggestion::NeverFell));
    assert_eq!(curve.suggest_valley(), Err(NoSuggestion::NeverFell));
    assert!(matches!(curve.suggest_minimum(), Err(NoSuggestion::MinimumAtStart { .. })));
}

#[test]
fn a_curve_is_written_as_csv_to_the_last_bit() {
    let curve = on_0_22::training().find(ITERATIONS * BATCH, &wide()).unwrap();
    let mut file = Vec::new();
    write_csv(&curve, &mut file).unwrap();
    let text = String::from_utf8(file).unwrap();
    let (header, lines) = text.split_once('\n').unwrap();
    assert_eq!(header, "step,lr,loss,smoothed");
    let read: Vec<Vec<f64>> =
        lines.lines().map(|line| line.split(',').map(|number| number.parse().unwrap()).collect()).collect();
    let written: Vec<Vec<f64>> =
        curve.points().iter().map(|point| vec![point.step as f64, point.lr, point.loss, point.smoothed]).collect();
    assert_eq!(read, written);
}
