//! Parts of a model have their own rates: layer-wise decay reaches each layer and no other, groups keep their schedules and
//! plateaus through a checkpoint, and a frozen group is left alone until its start.

use sched_burn::prelude::*;

use super::burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use super::burn::lr_scheduler::{LrScheduler as _, LrSchedulerRecord};
use super::burn::module::{ParamGroup, ParamId};
use super::burn::optim::{AdamConfig, ModuleOptimizer, SgdConfig};
use super::burn::tensor::Device;
use super::burn::train::Learner;
use super::common::*;
use super::deep::Deep;
use super::learner::{Job, Log, Logged, taken};

const DECAY: f64 = 0.75;

fn sgd() -> ModuleOptimizer {
    SgdConfig::new().init()
}

fn deep() -> Deep {
    Deep::new(&Device::flex().autodiff())
}

/// The embedding and every block.
fn layers() -> LayerDecay {
    LayerDecay::new(DECAY).layer(["embed"]).blocks("blocks", BLOCKS)
}

/// Why the deep model cannot have these layers.
fn refused(decay: LayerDecay) -> GroupError {
    decay.scheduler(&Scheduler::new(Schedule::constant(0.1).unwrap()), &deep()).err().expect("an error")
}

/// The parts after a single update, each as its bits.
fn after_one_update(scheduler: impl Into<ModuleLrScheduler>) -> Vec<Vec<u32>> {
    let directory = tempfile::tempdir().unwrap();
    let job = Job { epochs: 1, ..Job::default() };
    job.train_model(directory.path(), 1, Learner::new(deep(), sgd(), scheduler)).0.bits()
}

/// Trains the deep model with Adam; returns the bits of its parts.
fn train(directory: &std::path::Path, job: Job, scheduler: impl Into<ModuleLrScheduler>) -> Vec<Vec<u32>> {
    let learner = Learner::new(deep(), AdamConfig::new().init(), scheduler);
    job.train_model(directory, ITERATIONS, learner).0.bits()
}

#[test]
fn each_layer_is_updated_at_its_own_rate_and_no_other() {
    let rate = 0.3;
    let decayed =
        after_one_update(layers().scheduler(&Scheduler::new(Schedule::constant(rate).unwrap()), &deep()).unwrap());
    // The first gradients are the same at every rate, so a layer is where it would be if the whole model had its rate.
    for (depth, part) in decayed.iter().enumerate() {
        let of_this_layer = rate * DECAY.powi((BLOCKS + 1 - depth) as i32);
        assert_eq!(
            *part,
            after_one_update(Scheduler::new(Schedule::constant(of_this_layer).unwrap()))[depth],
            "layer {depth}"
        );
    }
}

#[test]
fn the_rates_are_those_of_beit() {
    // `layer_decay ** (num_layers + 1 - i)` for 11 blocks; the embedding is layer 0, block `i` layer `i + 1`.
    let expected = [
        0.03167635202407837,
        0.04223513603210449,
        0.056313514709472656,
        0.07508468627929688,
        0.1001129150390625,
        0.13348388671875,
        0.177978515625,
        0.2373046875,
        0.31640625,
        0.421875,
        0.5625,
        0.75,
        1.0,
    ];
    let mut scheduler = layers().scheduler(&Scheduler::new(Schedule::constant(1.0).unwrap()), &deep()).unwrap();
    let rates = scheduler.step();
    let other = ParamId::new();
    let found = parts().into_iter().map(|part| rates.lr_from_param(other, Some(&format!("{part}.weight"))));
    assert_eq!(found.collect::<Vec<f64>>(), expected);
    assert_eq!(layers().factors().unwrap(), expected[..BLOCKS + 1]);
}

#[test]
fn layers_can_be_several_parts_and_floored_or_frozen() {
    let decay = LayerDecay::new(0.5).layer(["embed", "blocks.10"]).layers(["blocks.0", "blocks.1"]);
    let mut scheduler =
        decay.clone().min_scale(0.3).scheduler(&Scheduler::new(Schedule::constant(1.0).unwrap()), &deep()).unwrap();
    let rates_of = |scheduler: &mut ModuleLrScheduler| {
        let rates = scheduler.step();
        let rate = |path| rates.lr_from_param(ParamId::new(), Some(path));
        ["embed.bias", "blocks.10.weight", "blocks.0.weight", "blocks.1.weight", "blocks.2.weight", "head"].map(rate)
    };
    assert_eq!(rates_of(&mut scheduler), [0.3, 0.3, 0.3, 0.5, 1.0, 1.0]);
    let mut scheduler =
        decay.no_opt_scale(0.2).scheduler(&Scheduler::new(Schedule::constant(1.0).unwrap()), &deep()).unwrap();
    assert_eq!(rates_of(&mut scheduler), [0.0, 0.0, 0.25, 0.5, 1.0, 1.0]);
}

#[test]
fn a_decayed_training_resumes_after_every_epoch() {
    let scheduler = || layers().scheduler(&Scheduler::new(schedule()), &deep()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let whole = train(directory.path(), Job::default(), scheduler());
    for stop in 1..EPOCHS {
        let job = Job { checkpoint: Some(stop), ..Job::default() };
        assert_eq!(train(directory.path(), job, scheduler()), whole, "stopped after epoch {stop}");
    }
}

#[test]
fn another_decay_is_refused_on_resume() {
    let directory = tempfile::tempdir().unwrap();
    let scheduler = |decay: LayerDecay| decay.scheduler(&Scheduler::new(schedule()), &deep()).unwrap();
    train(directory.path(), Job { epochs: STOP, ..Job::default() }, scheduler(layers()));
    let another = LayerDecay::new(0.5).layer(["embed"]).blocks("blocks", BLOCKS);
    let job = Job { checkpoint: Some(STOP), ..Job::default() };
    let message = panic_message(|| train(directory.path(), job, scheduler(another)));
    assert_says(&message, &["cannot resume", "the saved schedule is", "OnMismatch::KeepConfigured"]);
}

#[test]
fn a_closure_is_multiplied_too() {
    let closure = Scheduler::new(|step: u64| (step + 1) as f64);
    let mut scheduler = layers().scheduler(&closure, &deep()).unwrap();
    scheduler.step();
    let rates = scheduler.step();
    assert_eq!(rates.lr_from_param(ParamId::new(), Some("blocks.10.weight")), 2.0 * DECAY);
    assert_eq!(rates.base(), 2.0);
}

#[test]
fn layers_that_make_no_sense_are_refused() {
    for decay in [0.0, -0.5, 1.5, f64::NAN] {
        let error = refused(LayerDecay::new(decay).layer(["embed"]));
        assert!(matches!(error, GroupError::Schedule(_)), "{error}");
        assert_says(&error.to_string(), &["`decay`"]);
    }
    assert_says(&refused(LayerDecay::new(0.5)).to_string(), &["`layers` is empty"]);
    let nameless = refused(LayerDecay::new(0.5).layer(["embed"]).layer([""; 0]));
    assert_eq!(nameless, GroupError::NamelessLayer { layer: 1 });
    let twice = refused(LayerDecay::new(0.5).layers(["embed", "blocks.1", "embed"]));
    assert_eq!(twice, GroupError::TwoLayers { path: "embed".to_owned(), first: 0, second: 2 });
    let no_path = refused(LayerDecay::new(0.5).layers(["blocks.*"]));
    assert_eq!(no_path, GroupError::NotAPath { path: "blocks.*".to_owned() });
}

#[test]
fn a_layer_that_the_model_does_not_have_is_refused_with_the_paths_that_there_are() {
    let paths: Vec<String> =
        parts().iter().flat_map(|part| ["weight", "bias"].map(|leaf| format!("{part}.{leaf}"))).collect();
    let error = refused(LayerDecay::new(0.5).layer(["embedding"]).blocks("blocks", BLOCKS + 1));
    let groups = vec!["embedding".to_owned(), format!("blocks.{BLOCKS}")];
    assert_eq!(error, GroupError::Unmatched { groups, parameters: paths });
    assert_says(&error.to_string(), &["`embedding`, `blocks.11`", "`embed.weight`", "`blocks.10.bias`", "`head.bias`"]);
    // The larger part comes later and takes everything.
    let error = refused(LayerDecay::new(0.5).layers(["blocks.1", "blocks"]));
    assert!(matches!(error, GroupError::Unmatched { groups, .. } if groups == ["blocks.1"]));
    LayerDecay::new(0.5)
        .layers(["blocks", "blocks.1"])
        .scheduler(&Scheduler::new(Schedule::constant(0.1).unwrap()), &deep())
        .unwrap();
}

/// Every group has a plateau; that of the head is more patient. In this order: everything else, the embedding on a
/// tenth of the schedule, and the head on its own schedule.
fn groups() -> (ModuleLrScheduler, [Log; 3]) {
    let [rest, embed, head] = group_schedulers().map(Logged::new);
    let scheduler = ModuleLrScheduler::new(rest.0)
        .with_group(ParamGroup::from_regex(r"^embed\.").unwrap(), embed.0)
        .with_group(ParamGroup::from_regex(r"^head\.").unwrap(), head.0);
    (scheduler, [rest.1, embed.1, head.1])
}

fn of_the_head() -> Schedule {
    Schedule::step(1e-2, 4, 0.5).unwrap()
}

fn group_schedulers() -> [Scheduler; 3] {
    let plateau = |patience| Plateau::new().factor(0.5).patience(patience).build().unwrap();
    let rest = Scheduler::new(schedule()).with_plateau(plateau(1));
    let embed = rest.scaled(Factor::new(0.1).unwrap()).unwrap();
    [rest, embed, Scheduler::new(of_the_head()).with_plateau(plateau(3))]
}

#[test]
fn each_group_has_a_schedule_a_factor_and_a_plateau_saved_and_restored() {
    let directory = tempfile::tempdir().unwrap();
    let (scheduler, logs) = groups();
    train(directory.path(), Job { epochs: STOP, ..Job::default() }, scheduler);
    let of_the_embedding = schedule().scaled(Factor::new(0.1).unwrap()).unwrap();
    let schedules = [schedule(), of_the_embedding, of_the_head()];
    for (log, schedule) in logs.iter().zip(&schedules) {
        assert_eq!(taken(log), rates(schedule, 0..STOPPED_AT));
    }

    // Between the two runs, each group observes different metrics in the checkpoint: with a patience of 1, two metrics
    // without improvement halve the rate of the first; those of the embedding improve; the head is still patient.
    let path = directory.path().join("checkpoint/scheduler-2.bpk");
    let record = LrSchedulerRecord::load(&path).unwrap();
    let metrics = [[0.5, 0.6, 0.7], [0.5, 0.4, 0.3], [0.5, 0.6, 0.7]];
    let mut observed = LrSchedulerRecord::new();
    let mut plateaus = vec![];
    for (group, (mut scheduler, metrics)) in group_schedulers().into_iter().zip(metrics).enumerate() {
        scheduler.load_record(record.record(&group.to_string()));
        assert_eq!(scheduler.position(), STOPPED_AT);
        for metric in metrics {
            scheduler.observe(metric).unwrap();
        }
        plateaus.push(scheduler.plateau().cloned());
        observed = observed.with_record(&group.to_string(), scheduler.to_record());
    }
    observed.save(path).unwrap();

    let (scheduler, logs) = groups();
    train(directory.path(), Job { checkpoint: Some(STOP), ..Job::default() }, scheduler);
    for ((log, schedule), multiplier) in logs.iter().zip(&schedules).zip([0.5, 1.0, 1.0]) {
        let expected: Vec<f64> =
            rates(schedule, STOPPED_AT..UPDATES).into_iter().map(|rate| rate * multiplier).collect();
        assert_eq!(taken(log), expected);
    }
    let record = LrSchedulerRecord::load(directory.path().join("checkpoint/scheduler-6.bpk")).unwrap();
    for (group, (mut ended, plateau)) in group_schedulers().into_iter().zip(plateaus).enumerate() {
        ended.load_record(record.record(&group.to_string()));
        assert_eq!(ended.plateau(), plateau.as_ref(), "group {group}");
    }
}

#[test]
fn a_group_with_rates_of_its_own_resumes_after_every_epoch() {
    let directory = tempfile::tempdir().unwrap();
    let whole = train(directory.path(), Job::default(), groups().0);
    for stop in 1..EPOCHS {
        let job = Job { checkpoint: Some(stop), ..Job::default() };
        assert_eq!(train(directory.path(), job, groups().0), whole, "stopped after epoch {stop}");
    }
}

/// In the middle of an epoch.
const START: u64 = STOPPED_AT + 3;

/// The first blocks are frozen until their start.
fn frozen_at_first() -> (ModuleLrScheduler, Log) {
    let (frozen, log) = Logged::new(Scheduler::new(of_the_head().frozen_until(START).unwrap()));
    let group = ParamGroup::from_regex(r"^blocks\.[0-4]\.").unwrap();
    (ModuleLrScheduler::new(Scheduler::new(schedule())).with_group(group, frozen), log)
}

#[test]
fn a_frozen_group_is_unchanged_until_its_start_and_then_trained() {
    let directory = tempfile::tempdir().unwrap();
    let untrained = deep().bits();
    let (scheduler, log) = frozen_at_first();
    let stopped = train(directory.path(), Job { epochs: STOP, ..Job::default() }, scheduler);
    for (depth, (part, before)) in stopped.iter().zip(&untrained).enumerate() {
        assert_eq!(part == before, (1..=5).contains(&depth), "layer {depth}");
    }
    assert_eq!(taken(&log), [0.0; STOPPED_AT as usize]);

    let (scheduler, log) = frozen_at_first();
    let ended = train(directory.path(), Job { checkpoint: Some(STOP), ..Job::default() }, scheduler);
    assert!(ended.iter().zip(&stopped).all(|(part, before)| part != before));
    let expected = [vec![0.0; (START - STOPPED_AT) as usize], rates(&of_the_head(), 0..UPDATES - START)].concat();
    assert_eq!(taken(&log), expected);

    let directory = tempfile::tempdir().unwrap();
    assert_eq!(train(directory.path(), Job::default(), frozen_at_first().0), ended);
}
