//! Hyper-parameters follow curves on burn 0.21: with PyTorch's parameters after every update, through checkpoints of every
//! recorder and with rates for parts of the model, and nothing that no hyper-parameter can be reaches an optimizer. And averages
//! of the weights, in the same way.

mod common;

use std::path::{Path, PathBuf};

use burn::backend::NdArray;
use burn::module::Module;
use burn::optim::adaptor::OptimizerAdaptor;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamW, AdamWConfig, GradientsParams, Optimizer, Sgd, SgdConfig};
use burn::record::{BinGzFileRecorder, FileRecorder, FullPrecisionSettings as Full, PrettyJsonFileRecorder, Record};
use burn_0_21 as burn;
use common::learner_0_21::{Batch, Cpu, Job, Mlp, Recorder};
use common::torch_trainings::{
    STEPS, SWA, Trained, assert_trains_as_torch, byol, cosine, one_cycle, swalr, torch_ema, weight_decay,
};
use common::*;
use sched_burn::prelude::*;
use sched_burn::train_0_21::newest_checkpoint;

fn sgd(momentum: f64) -> Sgd<NdArray> {
    SgdConfig::new().with_momentum(Some(MomentumConfig { momentum, dampening: 0.0, nesterov: false })).build()
}

fn adamw(beta_1: f64, weight_decay: f64) -> AdamW {
    let config = AdamWConfig::new().with_beta_1(beta_1 as f32).with_beta_2(0.95).with_epsilon(1e-8);
    config.with_weight_decay(weight_decay as f32).build()
}

/// Makes this many updates in a plain loop; returns the bits of the parameters after each.
fn run(
    model: &mut Mlp<Cpu>,
    scheduler: &mut Scheduler,
    optimizer: &mut impl Optimizer<Mlp<Cpu>, Cpu>,
    updates: usize,
) -> Trained {
    let items: Vec<usize> = (0..BATCH).collect();
    let update = |_| {
        let loss = model.loss(Batch::new(&items, &Default::default())).loss;
        let gradients = GradientsParams::from_grads(loss.backward(), model);
        *model = optimizer.step(scheduler.step(), model.clone(), gradients);
        model.bits()
    };
    (0..updates).map(update).collect()
}

fn trained(mut scheduler: Scheduler, mut optimizer: impl Optimizer<Mlp<Cpu>, Cpu>) -> Trained {
    run(&mut Mlp::new(&Default::default()), &mut scheduler, &mut optimizer, STEPS)
}

#[test]
fn sgd_with_the_momentum_of_one_cycle_is_pytorchs() {
    let (scheduler, optimizer) = Scheduler::cycle_momentum(&one_cycle(0.1), 0.85, 0.95, sgd).unwrap();
    let constant = trained(scheduler.clone(), OptimizerAdaptor::from(sgd(0.9)));
    assert_trains_as_torch("sgd, OneCycleLR", &trained(scheduler, OptimizerAdaptor::from(optimizer)), &constant);
}

#[test]
fn adamw_with_a_cosine_of_weight_decay_is_pytorchs() {
    let optimizer = ScheduledOptimizer::new([("weight_decay", weight_decay())], |[decay]| adamw(0.9, decay));
    let constant = trained(Scheduler::new(cosine()), OptimizerAdaptor::from(adamw(0.9, 0.1)));
    let trained = trained(Scheduler::new(cosine()), OptimizerAdaptor::from(optimizer));
    assert_trains_as_torch("adamw, weight decay", &trained, &constant);
}

/// The first beta and the weight decay change at every update of the training.
fn scheduled() -> ScheduledOptimizer<AdamW> {
    let beta_1 = Schedule::linear(0.95, 0.5, UPDATES).unwrap();
    let weight_decay = Schedule::cosine_annealing(0.0, 2.0, UPDATES).unwrap();
    ScheduledOptimizer::new([("beta_1", beta_1), ("weight_decay", weight_decay)], |[beta_1, weight_decay]| {
        adamw(beta_1, weight_decay)
    })
}

fn learn<R, O>(directory: &Path, job: Job<R>, optimizer: O) -> Vec<u32>
where
    R: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static,
    O: Optimizer<Mlp<Cpu>, Cpu> + 'static,
{
    let model = Mlp::<Cpu>::new(&Default::default());
    job.train_model(directory, ITERATIONS, None, model, optimizer, Scheduler::new(schedule())).0.bits()
}

fn assert_every_epoch_is_a_good_one_to_stop_after<R, O>(recorder: R, optimizer: impl Fn() -> O)
where
    R: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static,
    O: Optimizer<Mlp<Cpu>, Cpu> + 'static,
{
    let directory = tempfile::tempdir().unwrap();
    let job = |checkpoint| Job { recorder: recorder.clone(), epochs: EPOCHS, checkpoint, accumulation: None };
    let whole = learn(directory.path(), job(None), optimizer());
    for stop in 1..EPOCHS {
        let resumed = learn(directory.path(), job(Some(stop)), optimizer());
        assert_eq!(resumed, whole, "stopped after epoch {stop}, {recorder:?}");
    }
    let (model, scheduler) = (Mlp::<Cpu>::new(&Default::default()), Scheduler::new(schedule()));
    let found = newest_checkpoint(directory.path(), &recorder, &model, &optimizer(), &scheduler).unwrap();
    assert_eq!((found.newest, found.skipped.len()), (Some(EPOCHS), 0));
}

#[test]
fn every_epoch_is_a_good_one_to_stop_after() {
    let optimizer = || OptimizerAdaptor::from(scheduled());
    assert_every_epoch_is_a_good_one_to_stop_after(Recorder::new(), optimizer);
    assert_every_epoch_is_a_good_one_to_stop_after(BinGzFileRecorder::<Full>::new(), optimizer);
    assert_every_epoch_is_a_good_one_to_stop_after(PrettyJsonFileRecorder::<Full>::new(), optimizer);
}

/// A grouped optimizer makes an update in several calls.
#[test]
fn it_goes_with_rates_for_parts_of_the_model() {
    let grouped = |factor| GroupedOptimizer::new(OptimizerAdaptor::from(scheduled())).group("output", factor).unwrap();
    assert_every_epoch_is_a_good_one_to_stop_after(Recorder::new(), || grouped(0.5));
    let [grouped, alone] = [learned(grouped(1.0)), learned(OptimizerAdaptor::from(scheduled()))];
    assert_eq!(grouped, alone);
}

/// Whether a record that the first optimizer saves after an update loads into the second.
fn loads<R, F, T>(recorder: R, mut from: F, into: T) -> bool
where
    R: FileRecorder<Cpu>,
    F: Optimizer<Mlp<Cpu>, Cpu>,
    T: Optimizer<Mlp<Cpu>, Cpu>,
{
    run(&mut Mlp::new(&Default::default()), &mut Scheduler::new(schedule()), &mut from, 1);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("optimizer");
    recorder.record(from.to_record(), path.clone()).unwrap();
    let loaded: Result<T::Record, _> = recorder.load(path, &Default::default());
    loaded.map(|record| into.load_record(record)).is_ok()
}

#[test]
fn it_and_the_plain_optimizer_refuse_each_others_records() {
    fn assert_refuses<R: FileRecorder<Cpu>>(recorder: impl Fn() -> R) {
        let momentum = || ScheduledOptimizer::new([("momentum", Schedule::constant(0.9).unwrap())], |[m]| sgd(m));
        let (sgd, momentum) = (|| OptimizerAdaptor::from(sgd(0.9)), || OptimizerAdaptor::from(momentum()));
        assert!(loads(recorder(), sgd(), sgd()) && loads(recorder(), momentum(), momentum()));
        assert!(!loads(recorder(), sgd(), momentum()) && !loads(recorder(), momentum(), sgd()));
        let adamw = || OptimizerAdaptor::from(adamw(0.9, 0.1));
        let scheduled = || OptimizerAdaptor::from(scheduled());
        assert!(loads(recorder(), adamw(), adamw()) && loads(recorder(), scheduled(), scheduled()));
        assert!(!loads(recorder(), adamw(), scheduled()) && !loads(recorder(), scheduled(), adamw()));
    }
    // Not through a binary recorder, whose files have no names: it reads the wrong numbers and panics.
    assert_refuses(Recorder::new);
    assert_refuses(PrettyJsonFileRecorder::<Full>::new);
}

#[test]
fn constant_curves_are_the_optimizer_itself() {
    let constant = |value| Schedule::constant(value).unwrap();
    let curves = [("beta_1", constant(0.9)), ("weight_decay", constant(0.1))];
    let scheduled = ScheduledOptimizer::new(curves, |[beta_1, weight_decay]| adamw(beta_1, weight_decay));
    let ours = learned(OptimizerAdaptor::from(scheduled));
    assert_eq!(ours, learned(OptimizerAdaptor::from(adamw(0.9, 0.1))));
}

fn learned(optimizer: impl Optimizer<Mlp<Cpu>, Cpu> + 'static) -> Vec<u32> {
    learn(tempfile::tempdir().unwrap().path(), Job::default(), optimizer)
}

#[test]
fn a_bad_value_never_reaches_the_optimizer() {
    let weight_decay = |step: u64| if step == 3 { f64::NAN } else { 0.5 };
    let optimizer = ScheduledOptimizer::new([("weight_decay", weight_decay)], |[decay]| {
        assert_eq!(decay, 0.5);
        adamw(0.9, decay)
    });
    let (mut model, mut optimizer) = (Mlp::new(&Default::default()), OptimizerAdaptor::from(optimizer));
    let mut scheduler = Scheduler::new(schedule());
    let before = run(&mut model, &mut scheduler, &mut optimizer, 3).pop().unwrap();
    let message = panic_message(|| run(&mut model, &mut scheduler, &mut optimizer, 1));
    assert_says(&message, &["`weight_decay`", "is NaN at step 3"]);
    assert_eq!(model.bits(), before);
}

type Adaptor<O> = OptimizerAdaptor<O, Mlp<Cpu>, Cpu>;

fn load<T: Record<Cpu>>(recorder: &impl FileRecorder<Cpu>, stem: PathBuf) -> T {
    recorder.load(stem, &Default::default()).unwrap()
}

/// Asserts that the averages are PyTorch's after every update, and the weights as without an average.
fn assert_averages_as_torch(name: &str, schedule: Schedule, optimizer: ScheduledOptimizer<Sgd<NdArray>>) {
    let (mut model, mut scheduler) = (Mlp::new(&Default::default()), Scheduler::new(schedule));
    let weights = trained(scheduler.clone(), Adaptor::from(sgd(0.9)));
    let mut optimizer = Adaptor::from(optimizer);
    let (trained, averages): (Trained, Trained) = (0..STEPS)
        .map(|_| {
            let bits = run(&mut model, &mut scheduler, &mut optimizer, 1).pop().unwrap();
            (bits, optimizer.averaged(model.clone()).unwrap().bits())
        })
        .unzip();
    assert_trains_as_torch(name, &averages, &weights);
    assert_eq!(trained, weights);
}

#[test]
fn averages_are_pytorchs() {
    let (averaged, constant) = (ScheduledOptimizer::constant(sgd(0.9)), Schedule::constant(0.1).unwrap());
    assert_averages_as_torch("average, EMA", constant.clone(), averaged.clone().ema(torch_ema));
    assert_averages_as_torch("average, BYOL", constant, averaged.clone().ema(byol()));
    assert_averages_as_torch("average, SWA", swalr(), averaged.swa(SWA.0, SWA.1).unwrap());
}

/// Asserts that the average in the last checkpoint is the same, wherever the training stopped and resumed.
fn assert_average_resumes<R: FileRecorder<Cpu> + FileRecorder<NdArray> + 'static>(recorder: R) {
    let optimizer = || Adaptor::from(scheduled().ema(Schedule::linear(0.5, 1.0, UPDATES).unwrap()));
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join("checkpoint").join(format!("{name}-{EPOCHS}"));
    let average = |checkpoint| {
        learn(
            directory.path(),
            Job { recorder: recorder.clone(), epochs: EPOCHS, checkpoint, accumulation: None },
            optimizer(),
        );
        let optimizer = optimizer().load_record(load(&recorder, file("optim")));
        let model = Mlp::new(&Default::default());
        let refused = optimizer.averaged(model.clone()).unwrap_err();
        assert_eq!(refused, AverageError::OtherModel { averages: 4, found: 0 });
        optimizer.averaged(model.load_record(load(&recorder, file("model")))).unwrap().bits()
    };
    let whole = average(None);
    for stop in 1..EPOCHS {
        assert_eq!(average(Some(stop)), whole, "stopped after epoch {stop}, {recorder:?}");
    }
}

#[test]
fn averages_resume_with_every_recorder() {
    assert_average_resumes(Recorder::new());
    assert_average_resumes(BinGzFileRecorder::<Full>::new());
    assert_average_resumes(PrettyJsonFileRecorder::<Full>::new());
}

#[test]
fn a_record_without_an_average_is_refused() {
    let mut optimizer = Adaptor::from(scheduled());
    let mut model = Mlp::new(&Default::default());
    run(&mut model, &mut Scheduler::new(schedule()), &mut optimizer, 1);
    assert_eq!(optimizer.averaged(model).unwrap_err(), AverageError::Missing);
}
