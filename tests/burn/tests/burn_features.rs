//! What burn offers around a scheduler works with ours: parameter groups, custom training loops, the learning-rate metric,
//! configuration files, gradient accumulation, and moving from burn 0.21 to 0.22.

mod common;

use burn_0_22::lr_scheduler::LrScheduler as _;
use burn_0_22::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn_0_22::module::ParamGroup;
use burn_0_22::tensor::Device;
use common::*;
use sched_burn::SchedulerRecord;
use sched_burn::prelude::*;

mod parameter_groups {
    use common::v0_22::learner::{Job, Log, Logged, Mlp, taken};

    use super::*;

    fn of_the_output_layer() -> Schedule {
        Schedule::step(1e-2, 4, 0.5).unwrap()
    }

    /// One schedule for the output layer, another one for everything else, and the logs of both.
    fn groups(output: Schedule) -> (ModuleLrScheduler, [Log; 2]) {
        let (rest, rest_rates) = Logged::new(Scheduler::new(schedule()));
        let (output, output_rates) = Logged::new(Scheduler::new(output));
        let scheduler = ModuleLrScheduler::from(rest).with_group(ParamGroup::from_predicate("output"), output);
        (scheduler, [rest_rates, output_rates])
    }

    #[test]
    fn each_has_a_rate_of_its_own_saved_and_restored() {
        let directory = tempfile::tempdir().unwrap();
        let (scheduler, logs) = groups(of_the_output_layer());
        let (whole, _) = Job::default().train(directory.path(), scheduler);
        let whole_rates = logs.map(|log| taken(&log));
        assert_eq!(whole_rates, [rates(&schedule(), 0..UPDATES), rates(&of_the_output_layer(), 0..UPDATES)]);

        let (scheduler, logs) = groups(of_the_output_layer());
        let (resumed, _) = Job { checkpoint: Some(STOP), ..Job::default() }.train(directory.path(), scheduler);
        let rest = STOPPED_AT as usize..;
        assert_eq!(logs.map(|log| taken(&log)), whole_rates.map(|rates| rates[rest.clone()].to_vec()));
        assert_eq!(resumed.bits(), whole.bits());
    }

    #[test]
    fn the_rate_reaches_its_own_parameters_and_no_others() {
        let directory = tempfile::tempdir().unwrap();
        let (scheduler, _) = groups(Schedule::constant(0.0).unwrap());
        let (trained, _) = Job::default().train(directory.path(), scheduler);
        let untrained = Mlp::new(&Device::flex());
        let hidden = untrained.hidden_bits().len();
        assert_eq!(trained.bits()[hidden..], untrained.bits()[hidden..]);
        assert_ne!(trained.hidden_bits(), untrained.hidden_bits());
    }

    #[test]
    fn a_group_that_was_not_saved_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        Job { epochs: STOP, ..Job::default() }.run(directory.path(), Scheduler::new(schedule()));
        let (scheduler, _) = groups(of_the_output_layer());
        let job = Job { checkpoint: Some(STOP), ..Job::default() };
        let message = panic_message(|| job.train(directory.path(), scheduler));
        assert_says(&message, &["the record holds nothing", "expected the state of a `sched_burn::Scheduler`"]);
    }
}

/// The epochs and batches of the task, starting at an epoch.
fn batches(epochs: std::ops::Range<usize>) -> impl Iterator<Item = Vec<usize>> {
    epochs.flat_map(|_| (0..ITERATIONS).map(|batch| (batch * BATCH..(batch + 1) * BATCH).collect()))
}

mod loop_0_21 {
    use burn_0_21::optim::{AdamConfig, GradientsParams, Optimizer};
    use burn_0_21::prelude::*;
    use burn_0_21::record::Recorder as _;
    use common::learner_0_21::{Batch, Cpu, Job, Mlp, Recorder};

    use super::*;

    #[test]
    fn a_loop_of_ones_own_is_what_the_learner_does_and_resumes() {
        let directory = tempfile::tempdir().unwrap();
        let learned = Job::default().run(directory.path(), Scheduler::new(schedule()));

        let device = Default::default();
        let file = |name: &str| directory.path().join(name);
        let train = |epochs,
                     mut model: Mlp<Cpu>,
                     optimizer: &mut dyn FnMut(f64, Mlp<Cpu>, GradientsParams) -> Mlp<Cpu>,
                     scheduler: &mut Scheduler| {
            for items in batches(epochs) {
                let gradients = model.loss(Batch::new(&items, &device)).loss.backward();
                let gradients = GradientsParams::from_grads(gradients, &model);
                model = optimizer(scheduler.step(), model, gradients);
            }
            model
        };

        let mut optimizer = AdamConfig::new().init::<Cpu, Mlp<Cpu>>();
        let mut scheduler = Scheduler::new(schedule());
        let mut update = |lr, model, gradients| optimizer.step(lr, model, gradients);
        let model = train(0..STOP, Mlp::new(&device), &mut update, &mut scheduler);
        let recorder = Recorder::new();
        recorder.record(model.into_record(), file("model")).unwrap();
        burn_0_21::record::Recorder::<Cpu>::record(&recorder, optimizer.to_record(), file("optimizer")).unwrap();
        scheduler.save(file("scheduler.mpk")).unwrap();

        let model = Mlp::new(&device).load_record(recorder.load(file("model"), &device).unwrap());
        let optimizer = AdamConfig::new().init::<Cpu, Mlp<Cpu>>();
        let mut optimizer = optimizer.load_record(recorder.load(file("optimizer"), &device).unwrap());
        let mut scheduler = Scheduler::new(schedule());
        scheduler.load(file("scheduler.mpk")).unwrap();
        let mut update = |lr, model, gradients| optimizer.step(lr, model, gradients);
        let model = train(STOP..EPOCHS, model, &mut update, &mut scheduler);
        assert_eq!(model.bits(), learned.parameters);
    }
}

mod loop_0_22 {
    use burn_0_22::module::Module;
    use burn_0_22::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
    use common::v0_22::learner::{Batch, Job, Mlp};

    use super::*;

    #[test]
    fn a_loop_of_ones_own_is_what_the_learner_does_and_resumes() {
        let directory = tempfile::tempdir().unwrap();
        let learned = Job::default().run(directory.path(), Scheduler::new(schedule()));

        let device = Device::flex().autodiff();
        let file = |name: &str| directory.path().join(name);
        let train = |epochs, mut model: Mlp, optimizer: &mut ModuleOptimizer, scheduler: &mut Scheduler| {
            for items in batches(epochs) {
                let gradients = model.loss(Batch::new(&items, &device)).loss.backward();
                let gradients = GradientsParams::from_grads(gradients, &model);
                model = optimizer.step(scheduler.step(), model, gradients);
            }
            model
        };

        let mut optimizer = AdamConfig::new().init();
        let mut scheduler = Scheduler::new(schedule());
        let model = train(0..STOP, Mlp::new(&device), &mut optimizer, &mut scheduler);
        let record = model.into_record();
        optimizer.save(file("optimizer.bpk")).unwrap();
        scheduler.save(file("scheduler.mpk")).unwrap();

        let model = Mlp::new(&device).load_record(record);
        let mut optimizer = AdamConfig::new().init().load(file("optimizer.bpk")).unwrap();
        let mut scheduler = Scheduler::new(schedule());
        scheduler.load(file("scheduler.mpk")).unwrap();
        let model = train(STOP..EPOCHS, model, &mut optimizer, &mut scheduler);
        assert_eq!(model.bits(), learned.parameters);
    }
}

#[test]
fn the_metric_shows_the_rates() {
    let directory = tempfile::tempdir().unwrap();
    let old = learner_0_21::Job::default().run(directory.path(), Scheduler::new(schedule()));
    assert_eq!(old.shown, rates(&schedule(), 0..UPDATES));
    let directory = tempfile::tempdir().unwrap();
    let new = v0_22::learner::Job::default().run(directory.path(), Scheduler::new(schedule()));
    assert_eq!(new.shown, rates(&schedule(), 0..UPDATES));
}

/// A schedule in a user's configuration, on the given version of burn.
macro_rules! configuration {
    ($module:ident, $burn:ident) => {
        mod $module {
            use burn::config::Config;
            use $burn as burn;

            use super::*;

            #[derive(Config, Debug)]
            struct TrainingConfig {
                #[config(default = 64)]
                batch_size: usize,
                schedule: Schedule,
                momentum: Option<Schedule>,
            }

            #[test]
            fn a_file_keeps_the_schedule() {
                let directory = tempfile::tempdir().unwrap();
                let path = directory.path().join("training.json");
                let config =
                    TrainingConfig::new(schedule()).with_momentum(Some(Schedule::constant(0.1 + 0.2).unwrap()));
                config.save(&path).unwrap();
                let loaded = TrainingConfig::load(&path).unwrap();
                assert_eq!(loaded.schedule, config.schedule);
                assert_eq!(loaded.momentum, config.momentum);
                assert_eq!(loaded.batch_size, 64);
            }

            #[test]
            fn a_file_with_an_impossible_schedule_is_refused() {
                let directory = tempfile::tempdir().unwrap();
                let path = directory.path().join("training.json");
                std::fs::write(&path, r#"{"schedule": {"constant": -0.1}, "momentum": null, "batch_size": 64}"#)
                    .unwrap();
                let error = TrainingConfig::load(&path).unwrap_err().to_string();
                assert_says(&error, &["-0.1", "must be 0 or more"]);
            }
        }
    };
}

configuration!(configuration_0_21, burn_0_21);
configuration!(configuration_0_22, burn_0_22);

mod accumulation {
    use common::learner_0_21::Cpu;

    use super::*;

    fn ndarray() -> Device {
        #[expect(deprecated, reason = "the backend that both burns have")]
        Device::ndarray()
    }

    /// The training on burn 0.21, and the rates of its optimizer updates.
    fn old(accumulation: usize, scheduler: impl burn_0_21::lr_scheduler::LrScheduler + 'static) -> (Outcome, Vec<f64>) {
        let directory = tempfile::tempdir().unwrap();
        let job = learner_0_21::Job { accumulation: Some(accumulation), ..Default::default() };
        job.run_on::<Cpu, _>(directory.path(), scheduler)
    }

    fn new(accumulation: usize) -> Outcome {
        let directory = tempfile::tempdir().unwrap();
        let job = v0_22::learner::Job {
            device: ndarray(),
            accumulation: Some(accumulation),
            ..v0_22::learner::Job::default()
        };
        job.run(directory.path(), Scheduler::new(schedule()))
    }

    fn per_update(accumulation: usize) -> PerUpdate {
        let scheduler = PerUpdate::new(Scheduler::new(schedule())).accumulation(accumulation as u64).unwrap();
        scheduler.iterations_per_epoch(ITERATIONS as u64).unwrap()
    }

    #[test]
    fn update_for_update_the_rates_are_those_of_0_22() {
        for accumulation in [1, 2, 3, 5, 7] {
            let (_, old) = old(accumulation, per_update(accumulation));
            let new = new(accumulation).rates;
            // 0.21 drops the gradients that are left over at the end of an epoch; 0.22 uses them for one more update.
            assert_eq!(old.len(), EPOCHS * (ITERATIONS / accumulation), "accumulation {accumulation}");
            assert_eq!(new.len(), EPOCHS * ITERATIONS.div_ceil(accumulation), "accumulation {accumulation}");
            assert_eq!(old, new[..old.len()], "accumulation {accumulation}");
            assert_eq!(new, rates(&schedule(), 0..new.len() as u64), "accumulation {accumulation}");
        }
    }

    #[test]
    fn without_leftovers_both_burns_train_the_same_model() {
        for accumulation in [1, ITERATIONS] {
            let (old, _) = old(accumulation, per_update(accumulation));
            assert_eq!(old.parameters, new(accumulation).parameters, "accumulation {accumulation}");
        }
    }

    #[test]
    fn without_the_adapter_0_21_runs_ahead() {
        let (_, updates) = old(2, Scheduler::new(schedule()));
        assert_eq!(updates[..4], [1, 3, 6, 8].map(|step| schedule().at(step)));
    }

    #[test]
    fn a_training_with_leftovers_resumes() {
        let directory = tempfile::tempdir().unwrap();
        let job = || learner_0_21::Job { accumulation: Some(2), ..Default::default() };
        let (whole, updates) = job().run_on::<Cpu, _>(directory.path(), per_update(2));
        let resumed = learner_0_21::Job { checkpoint: Some(STOP), ..job() };
        let (resumed, rest) = resumed.run_on::<Cpu, _>(directory.path(), per_update(2));
        assert_eq!(rest, updates[STOP * (ITERATIONS / 2)..]);
        assert_eq!(resumed.parameters, whole.parameters);
    }
}

mod from_0_21_to_0_22 {
    use burn_0_21::backend::NdArray;
    use sched_burn::PerUpdateRecord;

    use super::*;

    /// burn 0.21's checkpoint of a stopped training.
    fn checkpoint<R: burn_0_21::record::Record<NdArray>>(
        scheduler: impl burn_0_21::lr_scheduler::LrScheduler + 'static,
    ) -> R {
        let directory = tempfile::tempdir().unwrap();
        learner_0_21::Job { epochs: STOP, ..Default::default() }.run(directory.path(), scheduler);
        let path = directory.path().join("checkpoint").join(format!("scheduler-{STOP}"));
        learner_0_21::load(&learner_0_21::Recorder::new(), &path).unwrap()
    }

    /// Trains the rest on burn 0.22 from the state, and resumes once more from burn 0.22's own checkpoint.
    fn assert_goes_on(state: &SchedulerState) {
        let message = Scheduler::from_state(state).unwrap().to_msgpack().unwrap();
        let scheduler = Scheduler::from_msgpack(&message).unwrap();
        assert_eq!(scheduler.to_record().scalar::<u64>("position"), Some(STOPPED_AT));

        let directory = tempfile::tempdir().unwrap();
        let job = v0_22::learner::Job { epochs: EPOCHS - STOP, ..Default::default() };
        let rest = job.run(directory.path(), scheduler);
        assert_eq!(rest.rates, rates(&schedule(), STOPPED_AT..UPDATES));

        let job = v0_22::learner::Job { epochs: EPOCHS - STOP, checkpoint: Some(1), ..Default::default() };
        let resumed = job.run(directory.path(), Scheduler::new(schedule()));
        assert_eq!(resumed.rates, rest.rates[ITERATIONS..]);
    }

    #[test]
    fn a_scheduler_goes_on() {
        let SchedulerRecord(state) = checkpoint(Scheduler::new(schedule()));
        assert_goes_on(&state);
    }

    #[test]
    fn a_per_update_scheduler_goes_on() {
        let record: PerUpdateRecord = checkpoint(PerUpdate::new(Scheduler::new(schedule())));
        assert_goes_on(record.state());
    }
}
