//! How the rate follows a metric, on any version of burn: `burn`, `training` and `Job` are those of the parent module.

use std::sync::{Arc, Mutex};

use super::Job;
use super::burn::train::checkpoint::{CheckpointingAction, CheckpointingStrategy};
use super::burn::train::logger::MetricLogger;
use super::burn::train::metric::store::{Aggregate, Direction, EpochSummary, EventStoreClient, MetricsUpdate, Split};
use super::burn::train::metric::{MetricDefinition, NumericEntry};
use super::burn::train::{EarlyStoppingStrategy, Interrupter, MetricEarlyStoppingStrategy, StoppingCondition};
use super::common::torch_plateau::TorchPlateau;
use super::common::*;
use super::training::{Run, Scripted, validation_loss};
use sched_burn::prelude::*;
use sched_burn::{Feed, FeedError, Rule, Seen, Watch};

pub(crate) const LONG: usize = 12;

/// Warmup and cosine over all epochs.
pub(crate) fn long_schedule() -> Schedule {
    Schedule::cosine_annealing(3e-2, 1e-4, 50).unwrap().warmup(1e-3, 7).unwrap()
}

pub(crate) fn plateau() -> Plateau {
    Plateau::new().factor(0.5).patience(1).threshold(0.4, ThresholdMode::Relative).cooldown(1).build().unwrap()
}

pub(crate) fn torch() -> TorchPlateau {
    TorchPlateau::new(0.5, 1, 0.4, 1)
}

/// The schedule's rates, each times its epoch's multiplier.
pub(crate) fn expected(multipliers: &[f64]) -> Vec<f64> {
    let epochs = multipliers.iter().enumerate();
    let steps = epochs.flat_map(|(epoch, multiplier)| {
        (0..ITERATIONS).map(move |step| long_schedule().at((epoch * ITERATIONS + step) as u64) * multiplier)
    });
    steps.collect()
}

pub(crate) fn scheduler(feed: &Feed) -> Scheduler {
    feed.reduce_on_plateau(Watch::valid("Loss"), long_schedule(), plateau())
}

#[test]
fn it_is_torchs_plateau_times_the_schedule() {
    let directory = tempfile::tempdir().unwrap();
    let feed = Feed::new(LONG);
    let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
    let outcome = run.train(scheduler(&feed), |training| training);

    let values = feed.values(&Watch::valid("Loss"));
    let losses: Vec<f64> = (1..=LONG).map(|epoch| validation_loss(directory.path(), epoch)).collect();
    assert_eq!(values, (1..=LONG).zip(losses.iter().copied().map(Some)).collect::<Vec<_>>());
    let multipliers = torch().multipliers(&losses);
    assert!(multipliers.last() < Some(&0.3), "at least two reductions: {multipliers:?}");
    assert_eq!(outcome.rates, expected(&multipliers));
}

/// Saves only after odd epochs, and also asks burn for the metric, as a checkpointing strategy may.
struct OddEpochs;

impl CheckpointingStrategy for OddEpochs {
    fn checkpointing(&mut self, epoch: usize, store: &EventStoreClient) -> Vec<CheckpointingAction> {
        store.find_metric("Loss", epoch, Aggregate::Mean, &Split::Valid);
        if epoch % 2 == 1 { vec![CheckpointingAction::Save] } else { Vec::new() }
    }
}

/// Never stops, but asks.
#[derive(Clone)]
struct Asking;

impl EarlyStoppingStrategy for Asking {
    fn should_stop(&mut self, epoch: usize, store: &EventStoreClient) -> bool {
        store.find_metric("Loss", epoch, Aggregate::Mean, &Split::Valid).is_some_and(f64::is_nan)
    }
}

#[test]
fn every_epoch_is_a_good_one_to_stop_after() {
    for (odd_only, early_stopping) in [(false, false), (false, true), (true, false), (true, true)] {
        let directory = tempfile::tempdir().unwrap();
        let train = |checkpoint| {
            let feed = Feed::new(LONG);
            let run = Run { feed: &feed, directory: directory.path(), checkpoint };
            run.train(scheduler(&feed), |mut training| {
                if odd_only {
                    training = training.with_checkpointing_strategy(OddEpochs);
                }
                if early_stopping { training.early_stopping(Asking) } else { training }
            })
        };
        let whole = train(None);
        let last = if odd_only { LONG - 1 } else { LONG };
        let (multiplier, state) = Run::saved(directory.path(), last);
        assert!(multiplier < 0.3, "{state}");
        for stop in (1..LONG).filter(|epoch| !odd_only || epoch % 2 == 1) {
            let resumed = train(Some(stop));
            assert_eq!(resumed.rates, whole.rates[stop * ITERATIONS..], "stopped after epoch {stop}");
            assert_eq!(resumed.parameters, whole.parameters, "stopped after epoch {stop}");
            assert_eq!(Run::saved(directory.path(), last).1, state, "stopped after epoch {stop}");
        }
    }
}

#[test]
fn burns_default_checkpoints_will_do() {
    let train = |directory: &std::path::Path, epochs, checkpoint| {
        let feed = Feed::new(epochs).without_horizon_guard();
        let run = Run { feed: &feed, directory, checkpoint };
        let training = run.checkpointed();
        run.launch(training, scheduler(&feed))
    };
    let directory = tempfile::tempdir().unwrap();
    let whole = train(directory.path(), LONG, None);
    for stop in [1, 7, LONG - 1] {
        let directory = tempfile::tempdir().unwrap();
        let first = train(directory.path(), stop, None);
        let second = train(directory.path(), LONG, Some(stop));
        assert_eq!([first.rates, second.rates].concat(), whole.rates, "stopped after epoch {stop}");
        assert_eq!(second.parameters, whole.parameters, "stopped after epoch {stop}");
    }
}

#[test]
fn a_feed_serves_one_training_after_the_other() {
    let feed = Feed::new(5).without_files().without_horizon_guard();
    let plateau = Plateau::new().factor(0.5).patience(0).build().unwrap();
    let scheduler = feed.reduce_on_plateau(Watch::valid("Scripted"), Schedule::constant(0.1).unwrap(), plateau);
    for _ in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
        let training = run.training().metric_valid_numeric(Scripted::new(&[1.0, 2.0, 3.0, 0.5, 0.6], 0));
        let outcome = run.launch(training, scheduler.clone());
        assert_eq!(by_epoch(&outcome), [0.1, 0.1, 0.05, 0.025, 0.025]);
    }
}

#[test]
fn without_checkpoints_the_rates_are_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let train = |checkpoints| {
        let feed = Feed::new(LONG);
        let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
        if checkpoints {
            return run.train(scheduler(&feed), |training| training);
        }
        let training = run.training();
        run.launch(training, scheduler(&feed))
    };
    assert_eq!(train(false), train(true));
}

/// Trains without checkpoints, under a scripted metric.
fn scripted(script: &[f64], scheduler: impl FnOnce(&Feed) -> Scheduler) -> (Feed, Outcome) {
    let directory = tempfile::tempdir().unwrap();
    let feed = Feed::new(script.len()).without_files().without_horizon_guard();
    let scheduler = scheduler(&feed);
    let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
    let training = run.training().metric_valid_numeric(Scripted::new(script, 0));
    let outcome = run.launch(training, scheduler);
    (feed, outcome)
}

/// The rate of each epoch under a constant schedule, which must be the same in all steps of the epoch.
fn by_epoch(outcome: &Outcome) -> Vec<f64> {
    let epochs = outcome.rates.chunks(ITERATIONS);
    epochs
        .map(|rates| {
            assert!(rates.iter().all(|rate| rate == &rates[0]), "{rates:?}");
            rates[0]
        })
        .collect()
}

#[test]
fn a_greedy_rule_raises_too() {
    let greedy = Greedy::new().factor(0.5).patience(0).threshold(0.0, ThresholdMode::Absolute).min_lr(1e-4).max_lr(1.0);
    let greedy = greedy.build().unwrap();
    let script = [3.0, 2.0, 2.5, 1.0, 0.5];
    let (_, outcome) = scripted(&script, |feed| {
        Scheduler::new(Schedule::constant(0.01).unwrap())
            .with_greedy(greedy)
            .follow(feed, Watch::valid("Scripted"))
            .unwrap()
    });
    // Better, better, worse, better: doubled, doubled, halved, doubled.
    assert_eq!(by_epoch(&outcome), [0.01, 0.02, 0.04, 0.02, 0.04]);
}

#[test]
fn a_metric_of_the_training_split_can_be_followed() {
    let directory = tempfile::tempdir().unwrap();
    let train = |checkpoint| {
        let feed = Feed::new(LONG);
        let scheduler = feed.reduce_on_plateau(Watch::train("Loss"), long_schedule(), plateau());
        let run = Run { feed: &feed, directory: directory.path(), checkpoint };
        let outcome = run.train(scheduler, |training| training);
        let losses: Vec<f64> = feed.values(&Watch::train("Loss")).iter().map(|value| value.1.unwrap()).collect();
        (outcome, losses)
    };
    let (whole, losses) = train(None);
    let multipliers = torch().multipliers(&losses);
    assert!(multipliers.last() < Some(&1.0), "{multipliers:?}");
    assert_eq!(whole.rates, expected(&multipliers));
    let (resumed, _) = train(Some(5));
    assert_eq!(resumed.rates, whole.rates[5 * ITERATIONS..]);
}

/// Divides the rate by one more than the number of metrics so far, as a custom rule may.
struct OneOver;

impl Rule for OneOver {
    fn name(&self) -> &str {
        "one over"
    }

    fn memory(&self) -> Vec<f64> {
        vec![0.0]
    }

    fn observe(&self, _: &Seen, memory: &mut [f64]) -> f64 {
        memory[0] += 1.0;
        1.0 / (1.0 + memory[0])
    }
}

#[test]
fn a_rule_of_ones_own_is_saved_and_restored() {
    let directory = tempfile::tempdir().unwrap();
    let train = |checkpoint| {
        let feed = Feed::new(5).without_horizon_guard();
        let scheduler = Scheduler::new(Schedule::constant(0.06).unwrap())
            .with_rule(OneOver)
            .unwrap()
            .follow(&feed, Watch::valid("Loss"))
            .unwrap();
        let run = Run { feed: &feed, directory: directory.path(), checkpoint };
        by_epoch(&run.train(scheduler, |training| training))
    };
    assert_eq!(train(None), [1.0, 2.0, 3.0, 4.0, 5.0].map(|epoch| 0.06 * (1.0 / epoch)));
    for stop in 1..5 {
        assert_eq!(train(Some(stop)), [1.0, 2.0, 3.0, 4.0, 5.0].map(|epoch| 0.06 * (1.0 / epoch))[stop..]);
    }
}

/// Stops the training during a validation.
struct Stopping {
    interrupter: Interrupter,
    epoch: usize,
}

impl MetricLogger for Stopping {
    fn log(&mut self, _: MetricsUpdate, epoch: usize, split: &Split) {
        if *split == Split::Valid && epoch == self.epoch {
            self.interrupter.stop(Some("enough"));
        }
    }

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        Err("nothing is kept here".to_owned())
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, _: EpochSummary) {}
}

#[test]
fn a_training_that_is_interrupted_while_it_validates_ends_and_leaves_nobody_waiting() {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for epoch in 1..4 {
            let directory = tempfile::tempdir().unwrap();
            let warnings = Arc::new(Mutex::new(Vec::new()));
            let sink = warnings.clone();
            let feed =
                Feed::new(4).without_horizon_guard().on_warning(move |text| sink.lock().unwrap().push(text.to_owned()));
            let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
            let interrupter = Interrupter::new();
            let stopping = Stopping { interrupter: interrupter.clone(), epoch };
            let outcome = run.train(scheduler(&feed), |training| {
                training.with_metric_logger(stopping).with_interrupter(interrupter)
            });
            for warning in warnings.lock().unwrap().iter() {
                assert_says(warning, &["validation was interrupted", "the checkpoint before"]);
            }
            sender.send((epoch, outcome.rates.len())).unwrap();
        }
    });
    for epoch in 1..4 {
        let (stopped, steps) = receiver.recv_timeout(std::time::Duration::from_secs(120)).expect("the training ends");
        assert_eq!(stopped, epoch);
        assert!(steps <= epoch * ITERATIONS + 1, "{steps} steps");
    }
}

mod not_a_number {
    use super::*;

    const SCRIPT: [f64; 5] = [1.0, f64::NAN, f64::INFINITY, 0.5, 0.4];

    fn train(non_finite: NonFinite) -> (Feed, Outcome) {
        let plateau = Plateau::new().factor(0.5).patience(1).non_finite(non_finite).build().unwrap();
        scripted(&SCRIPT, |feed| {
            feed.reduce_on_plateau(Watch::valid("Scripted"), Schedule::constant(0.1).unwrap(), plateau)
        })
    }

    #[test]
    fn counts_as_bad() {
        assert_eq!(by_epoch(&train(NonFinite::CountAsBad).1), [0.1, 0.1, 0.1, 0.05, 0.05]);
    }

    #[test]
    fn is_ignored() {
        assert_eq!(by_epoch(&train(NonFinite::Ignore).1), [0.1; 5]);
    }

    #[test]
    fn stops_the_training_with_an_error() {
        let message = panic_message(|| train(NonFinite::Error));
        assert_says(&message, &["`Scripted` (valid)", "epoch 2", "NaN", "NonFinite::Ignore"]);
    }
}

#[test]
fn before_its_start_step_nothing_is_observed() {
    let plateau = Plateau::new().factor(0.5).patience(0).start_step(3 * ITERATIONS as u64).build().unwrap();
    let (_, outcome) = scripted(&[1.0, 2.0, 3.0, 3.0, 3.0], |feed| {
        feed.reduce_on_plateau(Watch::valid("Scripted"), Schedule::constant(0.1).unwrap(), plateau)
    });
    // The third epoch's metric is the first that counts, and therefore the best.
    assert_eq!(by_epoch(&outcome), [0.1, 0.1, 0.1, 0.1, 0.05]);
}

mod errors {
    use super::*;

    fn message(watch: Watch) -> String {
        panic_message(|| {
            scripted(&[1.0; 3], |feed| feed.reduce_on_plateau(watch, Schedule::constant(0.1).unwrap(), plateau()))
        })
    }

    #[test]
    fn a_metric_that_is_not_registered() {
        let said = message(Watch::valid("Accuracy"));
        assert_says(&said, &["`Accuracy` (valid)", "no such metric is registered", "`Loss`", "`Scripted`"]);
    }

    #[test]
    fn a_metric_of_the_other_split() {
        let said = message(Watch::train("Scripted"));
        assert_says(&said, &["`Scripted` (train)", "epoch 1 had no value", "metric_train_numeric"]);
    }

    #[test]
    fn a_scheduler_without_a_rule() {
        let error =
            Scheduler::new(Schedule::constant(0.1).unwrap()).follow(&Feed::new(1), Watch::valid("Loss")).unwrap_err();
        assert_eq!(error, FeedError::NoRule { watch: Watch::valid("Loss") });
        assert_says(&error.to_string(), &["`Loss` (valid)", "with_plateau"]);
    }

    #[test]
    fn a_training_that_does_not_know_of_the_feed() {
        let directory = tempfile::tempdir().unwrap();
        let feed = Feed::new(3);
        let message = panic_message(|| Job::default().run(directory.path(), scheduler(&feed)));
        assert_says(&message, &["`Loss` (valid)", "supervised_training(&feed"]);
    }

    #[test]
    fn another_number_of_epochs_than_the_feeds() {
        for training in [2, 5] {
            let directory = tempfile::tempdir().unwrap();
            let feed = Feed::new(4);
            let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
            let message = panic_message(|| run.train(scheduler(&feed), |builder| builder.num_epochs(training)));
            assert_eq!(feed.error(), Some(FeedError::NumEpochs { feed: 4, training }));
            let expected = format!("`num_epochs({training})` contradicts `Feed::new(4)`");
            assert_says(&message, &[&expected, &format!("write `Feed::new({training})`")]);
        }
    }

    #[test]
    fn a_metric_that_panics_ends_the_training_and_leaves_nobody_waiting() {
        // The script is over in epoch 3, so the metric panics while its last batch is measured.
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let directory = tempfile::tempdir().unwrap();
            let feed = Feed::new(4);
            let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
            let message = panic_message(|| {
                run.train(scheduler(&feed), |training| training.metric_valid_numeric(Scripted::new(&[1.0, 1.0], 0)))
            });
            sender.send(message).unwrap();
        });
        receiver.recv_timeout(std::time::Duration::from_secs(120)).expect("the training ends");
    }
}

mod horizon {
    use super::*;

    fn warnings(schedule: Schedule, configure: impl FnOnce(Feed) -> Feed) -> Vec<String> {
        accumulating(1, schedule, configure).0
    }

    /// The warnings, and the number of steps.
    fn accumulating(batches: usize, schedule: Schedule, configure: impl FnOnce(Feed) -> Feed) -> (Vec<String>, usize) {
        let directory = tempfile::tempdir().unwrap();
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let sink = warnings.clone();
        let feed = Feed::new(3).on_warning(move |text| sink.lock().unwrap().push(text.to_owned()));
        let feed = configure(feed);
        let scheduler = feed.guard(Scheduler::new(schedule));
        let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
        let training = run.training().grads_accumulation(batches);
        let outcome = run.launch(training, scheduler);
        (warnings.lock().unwrap().clone(), outcome.rates.len())
    }

    fn cosine(steps: u64) -> Schedule {
        Schedule::cosine_annealing(1e-3, 1e-5, steps).unwrap()
    }

    #[test]
    fn a_schedule_longer_than_the_run_is_warned_of_once() {
        let warnings = warnings(cosine(10_000), |feed| feed);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert_says(&warnings[0], &["cosine 1e-3 -> 1e-5 over 10000", "15", "3 epochs of 5 steps"]);
    }

    #[test]
    fn one_that_fits_is_not() {
        assert_eq!(warnings(cosine(15), |feed| feed), [""; 0]);
    }

    /// burn 0.21 steps at every batch, later ones once for all that is accumulated, and some for what is left over at the end.
    #[test]
    fn it_counts_what_burn_counts() {
        for (batches, is_left_over) in [(2, true), (3, true), (5, false), (100, true)] {
            let (long, steps) = accumulating(batches, cosine(10_000), |feed| feed);
            if steps == 0 {
                continue; // burn 0.22 may drop what is left over, and then nothing is trained
            }
            assert_eq!(long.len(), 1, "{long:?}");
            if !is_left_over {
                assert_says(&long[0], &[&steps.to_string(), &format!("3 epochs of {} steps", steps / 3)]);
            }
            let (fitting, _) = accumulating(batches, cosine(steps as u64), |feed| feed);
            assert_eq!(fitting, [""; 0], "{batches}");
        }
    }

    #[test]
    fn it_is_off_by_one_call() {
        assert_eq!(warnings(cosine(10_000), Feed::without_horizon_guard), [""; 0]);
    }

    #[test]
    fn options_count_also_when_a_scheduler_follows_already() {
        let feed = Feed::new(3);
        let followed = scheduler(&feed);
        let warned = Arc::new(Mutex::new(0));
        let count = warned.clone();
        let feed = feed.steps_per_epoch(1).on_warning(move |_| *count.lock().unwrap() += 1);
        let directory = tempfile::tempdir().unwrap();
        let run = Run { feed: &feed, directory: directory.path(), checkpoint: None };
        let training = run.training();
        run.launch(training, followed);
        assert_eq!(*warned.lock().unwrap(), 1);
    }

    #[test]
    fn steps_may_be_said() {
        assert_eq!(warnings(cosine(10_000), |feed| feed.steps_per_epoch(3334)), [""; 0]);
    }
}

#[test]
fn burns_own_early_stopping_sees_the_right_epochs_after_a_resume() {
    let directory = tempfile::tempdir().unwrap();
    let script = [5.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0];
    let train = |checkpoint: Option<usize>| {
        let feed = Feed::new(script.len());
        let scheduler = Scheduler::new(Schedule::constant(0.01).unwrap())
            .with_plateau(plateau())
            .follow(&feed, Watch::valid("Scripted"))
            .unwrap();
        let run = Run { feed: &feed, directory: directory.path(), checkpoint };
        let metric = Scripted::new(&script, checkpoint.unwrap_or(0));
        let stopping = MetricEarlyStoppingStrategy::new(
            &metric,
            Aggregate::Mean,
            Direction::Lowest,
            Split::Valid,
            StoppingCondition::NoImprovementSince { n_epochs: 2 },
        );
        run.train(scheduler, |training| training.metric_valid_numeric(metric).early_stopping(stopping))
    };
    train(None);
    train(Some(2));
    let files = |split: &str| {
        let epochs = std::fs::read_dir(directory.path().join(split)).unwrap();
        let mut epochs: Vec<String> = epochs.map(|epoch| epoch.unwrap().file_name().into_string().unwrap()).collect();
        epochs.sort();
        epochs
    };
    assert_eq!(files("valid"), files("train"));
    assert!(files("valid").contains(&"epoch-3".to_owned()), "{:?}", files("valid"));
    let first = std::fs::read_to_string(directory.path().join("valid/epoch-1/Scripted.log")).unwrap();
    assert_eq!(first.lines().next(), Some("5,4"), "the resumed training did not write over it: {first}");
}
