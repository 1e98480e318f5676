//! The rate follows a metric inside burn 0.21's Learner: as with PyTorch's plateau, with complete metrics, saved with
//! the epoch that they belong to, and with an error if there is nothing to follow; also when counting optimizer
//! updates.

mod common;
mod follow;

use burn_0_21 as burn;
use common::follow_0_21 as training;
use common::learner_0_21::Job;
use common::*;
use follow::*;
use sched_burn::prelude::*;
use sched_burn::{Feed, Watch};
use training::Run;

#[test]
fn optimizer_updates_can_be_counted_as_well() {
    let train = |checkpoint: Option<usize>, directory: &std::path::Path| {
        let feed = Feed::new(LONG).without_horizon_guard();
        let scheduler = PerUpdate::new(scheduler(&feed)).accumulation(2).unwrap();
        let scheduler = scheduler.iterations_per_epoch(ITERATIONS as u64).unwrap();
        let run = Run { feed: &feed, directory, checkpoint };
        let outcome = run.train(scheduler, |training| training.grads_accumulation(2));
        let losses = feed.values(&Watch::valid("Loss"));
        (outcome, losses.iter().map(|value| value.1.unwrap()).collect::<Vec<f64>>())
    };
    let directory = tempfile::tempdir().unwrap();
    let (whole, losses) = train(None, directory.path());
    let multipliers = torch().multipliers(&losses);
    assert!(multipliers.last() < Some(&1.0), "{multipliers:?}");
    let epochs = multipliers.iter().enumerate();
    // Two updates per epoch, of two batches each; the fifth batch prepares no update and gets the rate of the next one.
    let expected: Vec<f64> = epochs
        .flat_map(|(epoch, multiplier)| {
            [0, 0, 1, 1, 2].map(|update| long_schedule().at((2 * epoch + update) as u64) * multiplier)
        })
        .collect();
    assert_eq!(whole.rates, expected);
    let (resumed, _) = train(Some(7), directory.path());
    assert_eq!(resumed.rates, whole.rates[7 * ITERATIONS..]);
}
