//! Hyper-parameters follow curves: with PyTorch's parameters after every update, through checkpoints and in parameter
//! groups, and nothing that no hyper-parameter can be reaches an optimizer.

use std::path::Path;
use std::sync::{Arc, Mutex};

use sched_burn::prelude::*;

use super::burn::module::ParamGroup;
use super::burn::optim::momentum::MomentumConfig;
use super::burn::optim::{
    AdaGradConfig, AdafactorConfig, AdamConfig, AdamW, AdamWConfig, AdanConfig, GradientsParams, LambConfig,
    LionConfig, ModuleOptimizer, MuonConfig, RmsPropConfig, Sgd, SgdConfig,
};
use super::burn::tensor::Device;
use super::burn::train::Learner;
use super::common::torch_trainings::{STEPS, Trained, assert_trains_as_torch, cosine, cyclic, one_cycle, weight_decay};
use super::common::*;
use super::learner::{Batch, Job, Mlp};
use super::train;

pub(crate) fn sgd(momentum: f64) -> Sgd {
    SgdConfig::new().with_momentum(Some(MomentumConfig { momentum, dampening: 0.0, nesterov: false })).build()
}

pub(crate) fn adamw(beta_1: f64, weight_decay: f64) -> AdamW {
    let config = AdamWConfig::new().with_beta_1(beta_1 as f32).with_beta_2(0.95).with_epsilon(1e-8);
    config.with_weight_decay(weight_decay as f32).build()
}

pub(crate) fn device() -> Device {
    Device::flex().autodiff()
}

/// A training in a plain loop.
pub(crate) struct Loop {
    pub(crate) model: Mlp,
    pub(crate) scheduler: Scheduler,
    pub(crate) optimizer: ModuleOptimizer,
}

impl Loop {
    pub(crate) fn new(scheduler: Scheduler, optimizer: impl Into<ModuleOptimizer>) -> Self {
        Self { model: Mlp::new(&device()), scheduler, optimizer: optimizer.into() }
    }

    /// Makes this many updates; returns the bits of the parameters after each.
    pub(crate) fn run(&mut self, updates: usize) -> Trained {
        let items: Vec<usize> = (0..BATCH).collect();
        let update = |_| {
            let loss = self.model.loss(Batch::new(&items, &device())).loss;
            let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
            self.model = self.optimizer.step(self.scheduler.step(), self.model.clone(), gradients);
            self.model.bits()
        };
        (0..updates).map(update).collect()
    }

    /// The same training, with another optimizer that takes over the saved state of this one.
    pub(crate) fn hand_over(self, optimizer: impl Into<ModuleOptimizer>) -> Self {
        let optimizer = optimizer.into().from_bytes(self.optimizer.into_bytes().unwrap()).unwrap();
        Self { optimizer, ..self }
    }
}

fn trained(scheduler: Scheduler, optimizer: impl Into<ModuleOptimizer>) -> Trained {
    Loop::new(scheduler, optimizer).run(STEPS)
}

#[test]
fn sgd_with_the_momentum_of_one_cycle_is_pytorchs() {
    let (scheduler, optimizer) = Scheduler::cycle_momentum(&one_cycle(0.1), 0.85, 0.95, sgd).unwrap();
    let constant = trained(scheduler.clone(), sgd(0.9));
    assert_trains_as_torch("sgd, OneCycleLR", &trained(scheduler, optimizer), &constant);
}

#[test]
fn sgd_with_the_momentum_of_a_cyclic_rate_is_pytorchs() {
    let (scheduler, optimizer) = Scheduler::cycle_momentum(&cyclic(), 0.8, 0.9, sgd).unwrap();
    let constant = trained(scheduler.clone(), sgd(0.9));
    assert_trains_as_torch("sgd, CyclicLR", &trained(scheduler, optimizer), &constant);
}

#[test]
fn adamw_with_the_first_beta_of_one_cycle_is_pytorchs() {
    let (scheduler, optimizer) =
        Scheduler::cycle_momentum(&one_cycle(0.05), 0.85, 0.95, |beta_1| adamw(beta_1, 0.1)).unwrap();
    let constant = trained(scheduler.clone(), adamw(0.9, 0.1));
    assert_trains_as_torch("adamw, OneCycleLR", &trained(scheduler, optimizer), &constant);
}

#[test]
fn adamw_with_a_cosine_of_weight_decay_is_pytorchs() {
    let optimizer = ScheduledOptimizer::new([("weight_decay", weight_decay())], |[decay]| adamw(0.9, decay));
    let constant = trained(Scheduler::new(cosine()), adamw(0.9, 0.1));
    assert_trains_as_torch("adamw, weight decay", &trained(Scheduler::new(cosine()), optimizer), &constant);
}

/// The first beta and the weight decay change at every update of the training.
pub(crate) fn scheduled() -> ScheduledOptimizer<AdamW> {
    let beta_1 = Schedule::linear(0.95, 0.5, UPDATES).unwrap();
    let weight_decay = Schedule::cosine_annealing(0.0, 2.0, UPDATES).unwrap();
    ScheduledOptimizer::new([("beta_1", beta_1), ("weight_decay", weight_decay)], |[beta_1, weight_decay]| {
        adamw(beta_1, weight_decay)
    })
}

fn learn(directory: &Path, job: Job, optimizer: impl Into<ModuleOptimizer>) -> Vec<u32> {
    let learner = Learner::new(Mlp::new(&device()), optimizer.into(), Scheduler::new(schedule()));
    job.train_model(directory, ITERATIONS, learner).0.bits()
}

#[test]
fn every_epoch_is_a_good_one_to_stop_after() {
    let directory = tempfile::tempdir().unwrap();
    let whole = learn(directory.path(), Job::default(), scheduled());
    for stop in 1..EPOCHS {
        let job = Job { checkpoint: Some(stop), ..Job::default() };
        assert_eq!(learn(directory.path(), job, scheduled()), whole, "stopped after epoch {stop}");
    }
    let found = train::newest_checkpoint(directory.path(), &Mlp::new(&device()), &scheduled().into()).unwrap();
    assert_eq!((found.newest, found.skipped.len()), (Some(EPOCHS), 0));
}

#[test]
fn every_update_is_a_good_one_to_stop_after() {
    let training = || Loop::new(Scheduler::new(schedule()), scheduled());
    let whole = training().run(UPDATES as usize);
    for stop in 1..UPDATES as usize {
        let mut stopped = training();
        let first = stopped.run(stop);
        let second = stopped.hand_over(scheduled()).run(UPDATES as usize - stop);
        assert!([first, second].concat() == whole, "stopped after update {stop}");
    }
}

/// With `$optimizer` for the weights, wrapped or not, a training is the same, through a saved state, too.
macro_rules! assert_is_itself {
    ($($optimizer:expr),+ $(,)?) => {$({
        let name = stringify!($optimizer);
        let (weights, rest) = (|| ParamGroup::from_predicate("weight"), || ModuleOptimizer::from(sgd(0.9)));
        let curve = ("unused", Schedule::constant(0.5).unwrap());
        let wrapped = || {
            let optimizer = ScheduledOptimizer::new([curve.clone()], |_| $optimizer.build());
            rest().with_group(weights(), optimizer, None)
        };
        let plain = rest().with_group(weights(), $optimizer.build(), None);
        let whole = Loop::new(Scheduler::new(schedule()), plain).run(8);
        let mut first = Loop::new(Scheduler::new(schedule()), wrapped());
        let parameters = [first.run(4), first.hand_over(wrapped()).run(4)].concat();
        assert!(parameters == whole, "{name}");
    })+};
}

#[test]
fn any_optimizer_of_burn_can_be_wrapped() {
    assert_is_itself![
        AdaGradConfig::new(),
        AdafactorConfig::new(),
        AdamConfig::new().with_amsgrad(true),
        AdamWConfig::new(),
        AdanConfig::new(),
        LambConfig::new(),
        LionConfig::new(),
        MuonConfig::new(),
        RmsPropConfig::new(),
        SgdConfig::new(),
        SgdConfig::new().with_momentum(Some(MomentumConfig::new())),
    ];
}

#[test]
fn a_run_that_is_cut_in_two_is_one_run() {
    let directory = tempfile::tempdir().unwrap();
    let job = |epochs, checkpoint| Job { epochs, checkpoint, accumulation: Some(2), ..Job::default() };
    learn(directory.path(), job(STOP, None), scheduled());
    let resumed = learn(directory.path(), job(EPOCHS, Some(STOP)), scheduled());
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(resumed, learn(directory.path(), job(EPOCHS, None), scheduled()));
}

#[test]
fn every_parameter_has_the_values_of_every_update() {
    let built = Arc::new(Mutex::new(vec![]));
    let log = built.clone();
    let beta_1 = Schedule::linear(0.95, 0.5, UPDATES).unwrap();
    let optimizer = ScheduledOptimizer::new([("beta_1", beta_1.clone())], move |[beta_1]| {
        log.lock().unwrap().push(beta_1);
        adamw(beta_1, 0.1)
    });
    let directory = tempfile::tempdir().unwrap();
    learn(directory.path(), Job { accumulation: Some(2), ..Job::default() }, optimizer);
    // Five iterations are three updates, and there are four parameters.
    let updates = 3 * EPOCHS as u64;
    let expected: Vec<f64> = (0..updates).flat_map(|step| [beta_1.at(step); 4]).collect();
    assert_eq!(*built.lock().unwrap(), expected);
}

#[test]
fn constant_curves_are_the_optimizer_itself() {
    let constant = |value| Schedule::constant(value).unwrap();
    let curves = [("beta_1", constant(0.9)), ("weight_decay", constant(0.1))];
    let scheduled = ScheduledOptimizer::new(curves, |[beta_1, weight_decay]| adamw(beta_1, weight_decay));
    let [ours, plain] = [scheduled.into(), ModuleOptimizer::from(adamw(0.9, 0.1))].map(|optimizer| {
        let directory = tempfile::tempdir().unwrap();
        learn(directory.path(), Job::default(), optimizer)
    });
    assert_eq!(ours, plain);
}

#[test]
fn each_group_has_its_own_curves() {
    let output = || ParamGroup::from_predicate("output");
    let optimizer = ModuleOptimizer::from(sgd(0.9)).with_group(output(), scheduled(), None);
    let directory = tempfile::tempdir().unwrap();
    let whole = learn(directory.path(), Job::default(), optimizer.clone());
    let job = Job { checkpoint: Some(STOP), ..Job::default() };
    assert_eq!(learn(directory.path(), job, optimizer), whole);

    let constant = ModuleOptimizer::from(sgd(0.9)).with_group(output(), adamw(0.95, 0.0), None);
    let directory = tempfile::tempdir().unwrap();
    assert_ne!(learn(directory.path(), Job::default(), constant), whole);
}

#[test]
fn the_record_of_the_plain_optimizer_is_taken_over_at_the_step_that_is_given() {
    let scheduler = || Scheduler::new(schedule());
    // From 0.9 on, as the plain optimizer had it.
    let scheduled = || {
        let beta_1 = Schedule::constant(0.9).unwrap().then_at(10, Schedule::linear(0.9, 0.5, 10).unwrap()).unwrap();
        ScheduledOptimizer::new([("beta_1", beta_1)], |[beta_1]| adamw(beta_1, 0.1))
    };
    let whole = Loop::new(scheduler(), scheduled()).run(20);

    let mut plain = Loop::new(scheduler(), adamw(0.9, 0.1));
    let first = plain.run(10);
    let mut resumed = plain.hand_over(scheduled().from_step(10));
    assert_eq!([first, resumed.run(10)].concat(), whole);

    // And back: the plain optimizer goes on with its own values.
    let mut plain = resumed.hand_over(adamw(0.5, 0.1));
    let mut going_on = Loop::new(scheduler(), scheduled());
    going_on.run(20);
    assert_eq!(plain.run(5), going_on.run(5));
}

#[test]
fn the_record_of_the_plain_optimizer_is_refused_without_a_step() {
    let mut plain = Loop::new(Scheduler::new(schedule()), adamw(0.9, 0.1));
    plain.run(3);
    let mut resumed = plain.hand_over(scheduled());
    let message = panic_message(|| resumed.run(1));
    assert_says(&message, &["does not say at which step", "add `.from_step(n)`"]);
}

#[test]
fn a_bad_value_never_reaches_the_optimizer() {
    for bad in [f64::NAN, -0.5, f64::INFINITY] {
        let momentum = move |step: u64| if step == 3 { bad } else { 0.9 };
        let optimizer = ScheduledOptimizer::new([("momentum", momentum)], |[momentum]| {
            assert_eq!(momentum, 0.9);
            sgd(momentum)
        });
        let mut training = Loop::new(Scheduler::new(schedule()), optimizer);
        let before = training.run(3).pop().unwrap();
        let message = panic_message(|| training.run(1));
        assert_says(&message, &["`momentum`", &format!("is {bad} at step 3")]);
        assert_eq!(training.model.bits(), before);
    }
}
